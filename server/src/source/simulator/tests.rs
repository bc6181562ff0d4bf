//! Recounts what the simulator tells: the figures of a floor with nothing wrong, and of each scenario.
#![allow(clippy::unwrap_used, clippy::cast_precision_loss, clippy::print_stdout)]

use super::past::{Extent, Past};
use super::recount::{Floor, percent};
use super::{FloorPlan, Scenario, Switch, World};
use crate::law::change::FactChange;
use app::domain::control::Action;
use app::domain::outcome::{AgentStatus, CampaignStatus, Direction};
use app::domain::{Data, Dimension, Event, Fact, Facts, Moment, Span, parse};
use app::kpi::band::{self, Band};
use app::kpi::value::Ratio;
use chrono::{Datelike, Weekday};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

const START: i64 = 1_795_000_000;

fn start() -> Moment {
    Moment::from_secs(START)
}

fn world(seed: u64) -> World {
    World::new(seed, FloorPlan::demo(), start())
}

/// Runs the floor for so many minutes after a first twenty in which it fills.
fn after(minutes: i64, seed: u64) -> (World, Floor) {
    let mut world = world(seed);
    let mut floor = Floor::default();
    floor.take(&world.advance(start() + Span::minutes(20 + minutes)));
    (world, floor)
}

#[test]
fn the_same_seed_tells_the_same_whatever_the_steps() {
    let (mut one, mut other) = (world(11), world(11));
    let until = start() + Span::minutes(4);
    let at_once = one.advance(until);
    let mut in_steps = Vec::new();
    let mut at = start();
    while at < until {
        at = at + Span::millis(437);
        in_steps.extend(other.advance(at.min(until)));
    }
    assert_eq!(at_once, in_steps);
    assert_ne!(world(12).advance(until), at_once);
}

#[test]
fn every_event_reads_back_and_none_goes_back_in_time() {
    let mut world = world(3);
    for &scenario in Scenario::ALL {
        world.set(scenario, Switch::On, start() + Span::minutes(1));
    }
    let mut events = world.advance(start() + Span::minutes(6));
    for &scenario in Scenario::ALL {
        world.set(scenario, Switch::Off, start() + Span::minutes(6));
    }
    events.extend(world.advance(start() + Span::minutes(9)));
    let mut last = start();
    for event in &events {
        let json = serde_json::to_string(event).unwrap();
        assert_eq!(&parse::event(&json).unwrap(), event);
        assert!(event.time >= last, "{json}");
        last = event.time;
    }
    let ids: std::collections::HashSet<&str> = events.iter().map(|e: &Event| e.id.as_str()).collect();
    assert_eq!(ids.len(), events.len());
}

#[test]
fn a_floor_with_nothing_wrong_shows_nothing_red() {
    for seed in [1, 2, 3] {
        let (_, floor) = after(60, seed);
        let (from, to) = (start() + Span::minutes(20), start() + Span::minutes(80));
        let figures = floor.between(from, to);
        println!("{figures}");
        let minutes = figures.attempts as f64 / 60.0;
        assert!((380.0..460.0).contains(&minutes), "{minutes} calls a minute");
        for (campaign, c) in &figures.campaigns {
            let (share, limit) = (percent(c.abandoned, c.answered_live), 2.0);

            assert!(share < limit, "{campaign} abandons {share} %");
            let on_call = 100.0 * floor.share(campaign, AgentStatus::OnCall, from, to);
            assert!((80.0..90.0).contains(&on_call), "{campaign} is on call {on_call} %");
        }
        for (route, r) in &figures.routes {
            assert!(percent(r.faults, r.resolved) < 0.5, "{route}");
            assert!(r.resolved > 2_000, "{route} carries too few calls for a minute to tell anything");
        }
        assert!((0.60..0.75).contains(&figures.mean) && figures.peak < 0.82, "{} {}", figures.mean, figures.peak);
    }
}

/// The past as sums: at the live floor's pace, with its rates, and keys that add up.
#[test]
fn the_past_is_the_floor_as_it_goes_on() {
    let until = start().floor(Span::minutes(5));
    let plan = FloorPlan::demo().by_the_clock(30);
    let extent = Extent { until, opens: until, days: 8, zone: Tz::Europe__London };
    let mut sums: BTreeMap<(Moment, Dimension), Facts> = BTreeMap::new();
    let mut agents: BTreeMap<(Moment, String), i64> = BTreeMap::new();
    let mut hours: BTreeMap<i64, i64> = BTreeMap::new();
    for day in Past::of(5, plan.clone(), extent) {
        for FactChange { bucket, of, tally } in day.sums {
            assert!(bucket >= day.day && bucket < until);
            *sums.entry((day.day, of.dimension)).or_default() += &tally;
            if of.dimension == Dimension::Agent {
                let states = [Fact::AgentReadyMs, Fact::AgentOnCallMs, Fact::AgentWrapUpMs, Fact::AgentBreakMs];
                let ms: i64 = states.iter().map(|state| tally.get(*state)).sum();
                *agents.entry((day.day, of.key.to_string())).or_default() += ms;
            }
            if of.dimension == Dimension::Total {
                *hours.entry(bucket.secs() / 3_600 % 24).or_default() += tally.get(Fact::Attempts);
            }
        }
    }
    let days: Vec<Moment> = sums.keys().map(|(day, _)| *day).collect::<BTreeSet<_>>().into_iter().collect();
    assert_eq!(days.len(), 9);
    for day in &days[1..8] {
        let total = &sums[&(*day, Dimension::Total)];
        let calls = total[Fact::Attempts];
        println!("{} {calls} calls, {} abandoned", day.to_rfc3339(), total[Fact::Abandoned]);
        let weekend = matches!(day.to_utc().weekday(), Weekday::Sat | Weekday::Sun);
        let range = if weekend { 400_000..500_000 } else { 480_000..590_000 };
        assert!(range.contains(&calls), "{calls} calls from {}", day.to_rfc3339());
        for dimension in [Dimension::Campaign, Dimension::Route, Dimension::Country, Dimension::Did] {
            assert_eq!(sums[&(*day, dimension)][Fact::Attempts], calls, "{dimension:?}");
        }
        let share = |part: Fact, whole: Fact| total[part] as f64 / total[whole] as f64;
        let (abandoned, answered) = (share(Fact::Abandoned, Fact::AnsweredLive), share(Fact::Answered, Fact::Resolved));
        assert!((0.003..0.019).contains(&abandoned) && (0.30..0.38).contains(&answered), "{abandoned} {answered}");
        let on_call = share(Fact::AgentOnCallMs, Fact::TalkMs);
        assert!((0.98..1.15).contains(&on_call), "{on_call} of the time talked");
    }
    let longest = agents.values().max().copied().unwrap_or_default();
    assert!(longest <= 8 * 3_600_000 && longest > 7 * 3_600_000, "{longest} ms");
    let (least, most) = (hours.values().min().unwrap(), hours.values().max().unwrap());
    assert!(most * 10 > least * 11, "{hours:?}");
}

/// The same floor twice, once with the scenario on from minute 80: figures of the minutes after.
fn with(scenario: Scenario, minutes: i64) -> (World, Floor) {
    let mut world = world(1);
    let mut floor = Floor::default();
    floor.take(&world.advance(start() + Span::minutes(80)));
    world.set(scenario, Switch::On, start() + Span::minutes(80));
    floor.take(&world.advance(start() + Span::minutes(80 + minutes)));
    (world, floor)
}

#[test]
fn a_failing_route_shows_within_a_minute_and_only_there() {
    let (world, floor) = with(Scenario::RouteFails, 1);
    let failing = world.plan().route(world.plan().targets.failing_route).as_str();
    for (route, r) in &floor.between(start() + Span::minutes(76), start() + Span::minutes(81)).routes {
        let share = percent(r.faults, r.resolved);
        assert_eq!(share > 5.0, route == failing, "{route}: {share} %");
        assert!(route == failing || share < 1.0, "{route}: {share} %");
    }
}

#[test]
fn a_silent_route_stalls_within_a_minute_and_is_told_of_at_the_end() {
    let (mut world, mut floor) = with(Scenario::RouteSilent, 1);
    let silent = world.plan().route(world.plan().targets.silent_route).to_string();
    let to = start() + Span::minutes(81);
    for (route, r) in &floor.between(to - Span::minutes(1), to - Span::secs(10)).routes {
        let stalled = r.unheard >= 20 && r.unheard * 2 > r.attempts;
        assert_eq!(stalled, *route == silent, "{route}: {} of {}", r.unheard, r.attempts);
    }
    world.set(Scenario::RouteSilent, Switch::Off, to);
    floor.take(&world.advance(to + Span::minutes(3)));
    let open = floor.calls.values().filter(|c| c.ended_at.is_none()).count();
    assert!(open < 400, "{open} calls still up");
    assert_eq!(floor.between(to - Span::minutes(1), to).routes[&silent].unheard, 0);
}

#[test]
fn a_dry_list_connects_less_and_abandons_no_more() {
    let (world, floor) = with(Scenario::ListDry, 30);
    let dry = world.plan().campaigns[world.plan().targets.dry_campaign].id.as_str();
    let before = floor.between(start() + Span::minutes(20), start() + Span::minutes(80));
    let after = floor.between(start() + Span::minutes(50), start() + Span::minutes(110));
    for (campaign, c) in &after.campaigns {
        let was = &before.campaigns[campaign];
        let ratio = percent(c.answered_live, c.resolved) / percent(was.answered_live, was.resolved);
        assert_eq!(ratio < 0.8, campaign == dry, "{campaign}: {ratio}");
        let rise = percent(c.abandoned, c.answered_live) - percent(was.abandoned, was.answered_live);
        assert!(rise < 0.5 || campaign != dry, "{campaign}: abandons {rise} points more");
    }
}

#[test]
fn hot_pacing_abandons_and_connects_less() {
    let (world, floor) = with(Scenario::PacingHot, 30);
    let hot = world.plan().campaigns[world.plan().targets.hot_campaign].id.as_str();
    let at_ten = floor.between(start() + Span::minutes(30), start() + Span::minutes(90));
    let at_thirty = floor.between(start() + Span::minutes(50), start() + Span::minutes(110));
    println!("{at_ten}{at_thirty}");
    for (campaign, c) in &at_ten.campaigns {
        let share = percent(c.abandoned, c.answered_live);
        assert_eq!(share > 2.8, campaign == hot, "{campaign}: {share} %");
    }
    let (was, is) = (&at_ten.campaigns[hot], &at_thirty.campaigns[hot]);
    assert!(percent(is.answered_live, is.resolved) < 0.93 * percent(was.answered_live, was.resolved));
}

/// Whether what was abandoned in the last two or five minutes is surely too much, as a floor tells it then.
fn is_named(floor: &Floor, hot: &str, now: Moment) -> bool {
    [2, 5].into_iter().any(|minutes| {
        let lately = floor.between(now - Span::minutes(minutes), now);
        lately.campaigns.get(hot).is_some_and(|c| {
            let ratio = |n: u64| i64::try_from(n).unwrap();
            band::pacing(Ratio::new(ratio(c.abandoned), ratio(c.answered_live))) == Band::Critical
        })
    })
}

#[test]
fn hot_pacing_is_named_within_two_minutes_at_any_hour() {
    let midnight = start().floor(Span::days(1));
    let mut late = Vec::new();
    for hour in (1..24).step_by(3) {
        for seed in [1, 2] {
            let opened = midnight + Span::hours(hour);
            let mut world = World::new(seed, FloorPlan::demo().by_the_clock(30), opened);
            let hot = world.plan().campaigns[world.plan().targets.hot_campaign].id.to_string();
            let (mut floor, on) = (Floor::default(), opened + Span::minutes(30));
            floor.take(&world.advance(on));
            world.set(Scenario::PacingHot, Switch::On, on);
            let named = (1..=30).map(|step| on + Span::secs(10 * step)).find(|now| {
                floor.take(&world.advance(*now));
                is_named(&floor, &hot, *now)
            });
            let after = named.map(|at| at.since(on).as_secs());
            let lately = floor.between(on, on + Span::minutes(2)).campaigns.remove(&hot).unwrap();
            println!("{hour}:30, seed {seed}: {after:?} s; {} of {} in two", lately.abandoned, lately.answered_live);
            if after.is_none_or(|secs| secs > 120) {
                late.push((hour, seed, after));
            }
        }
    }
    assert_eq!(late, []);
}

#[test]
fn a_flagged_number_falls_alone() {
    let (world, floor) = with(Scenario::DidFlagged, 30);
    let flagged = world.plan().dids[world.plan().targets.flagged_did].number.reveal();
    let before = floor.between(start() + Span::minutes(20), start() + Span::minutes(80));
    let after = floor.between(start() + Span::minutes(50), start() + Span::minutes(110));
    for (did, d) in after.dids.iter().filter(|(_, d)| d.resolved >= 100) {
        let was = &before.dids[did];
        let fall = percent(was.answered, was.resolved) - percent(d.answered, d.resolved);
        assert_eq!(fall > 20.0, did == flagged, "{did}: {fall} points");
    }
}

#[test]
fn agents_walk_off_and_come_back() {
    let (mut world, mut floor) = with(Scenario::AgentsLeave, 20);
    let left = world.plan().campaigns[world.plan().targets.leaving_campaign].id.to_string();
    let at = start() + Span::minutes(100);
    let share = floor.share(&left, AgentStatus::OnCall, at - Span::minutes(60), at);
    assert!(share < 0.8, "{share}");
    assert!(floor.agents_in(&left, AgentStatus::Break) >= 11);
    world.set(Scenario::AgentsLeave, Switch::Off, at);
    floor.take(&world.advance(at + Span::minutes(5)));
    assert!(floor.agents_in(&left, AgentStatus::Break) <= 2);
}

#[test]
fn a_silent_worker_neither_dials_nor_says_so_until_it_is_back() {
    let (mut world, mut floor) = with(Scenario::WorkerSilent, 2);
    let to = start() + Span::minutes(82);
    assert_eq!(floor.between(start() + Span::minutes(80), to).attempts, 0);
    for (component, heard) in &floor.healths {
        assert_eq!(to.since(*heard) > Span::secs(30), component == "dialer-worker", "{component}");
    }
    world.set(Scenario::WorkerSilent, Switch::Off, to);
    floor.take(&world.advance(to));
    assert_eq!(floor.healths["dialer-worker"], to, "at once, and not with its next sample");
}

#[test]
fn a_schedule_pauses_one_campaign_and_lets_it_go_on() {
    let (mut world, mut floor) = with(Scenario::Schedule, 2);
    let blocked = world.plan().campaigns[world.plan().targets.scheduled_campaign].id.to_string();
    let (from, to) = (start() + Span::minutes(80), start() + Span::minutes(82));
    for (campaign, c) in &floor.between(from, to).campaigns {
        assert_eq!(c.attempts == 0, *campaign == blocked, "{campaign} dials {}", c.attempts);
    }
    world.set(Scenario::Schedule, Switch::Off, to);
    floor.take(&world.advance(to + Span::minutes(2)));
    assert!(floor.between(to, to + Span::minutes(2)).campaigns[&blocked].attempts > 20);
}

#[test]
fn memory_stays_bounded_over_a_long_day() {
    let mut world = world(9);
    world.set(Scenario::RouteSilent, Switch::On, start() + Span::minutes(1));
    for quarter in 1..=48 {
        drop(world.advance(start() + Span::minutes(15 * quarter)));
        let held = world.held();
        assert!(held < 30_000, "{held} things held after {} minutes", quarter * 15);
    }
}

#[test]
fn a_paused_campaign_dials_no_more_drains_and_goes_on_when_resumed() {
    let mut world = world(5);
    let at = |minutes| start() + Span::minutes(minutes);
    drop(world.advance(at(10)));
    let campaign = world.plan().campaigns[1].id.clone();
    let is_ours = |c: &Option<app::domain::CampaignId>| c.as_ref() == Some(&campaign);
    let status = |events: &[Event]| {
        events.iter().rev().find_map(|event| {
            let Data::CampaignUpdated(body) = &event.data else { return None };
            (body.campaign == campaign).then_some((body.status?, event.time))
        })
    };
    let dialled = |events: &[Event]| {
        let of = |event: &Event, ours: bool| matches!(&event.data, Data::CallStarted(body) if body.direction == Direction::Outbound && is_ours(&body.campaign) == ours);
        let count = |ours| events.iter().filter(|event| of(event, ours)).count();
        (count(true), count(false))
    };
    world.turn(&campaign, Action::Pause, at(10));
    let up = world.lines.values().filter(|line| line.path.campaign == 1).count();
    assert!(up > 0);
    let told = world.advance(at(20));
    assert_eq!(status(&told), Some((CampaignStatus::Paused, at(10))));
    let (ours, others) = dialled(&told);
    assert!(ours == 0 && others > 1_000, "{ours} and {others}");
    let callers = world.lines.values().filter(|line| line.path.campaign == 1 && line.attempt > 0).count();
    assert_eq!(callers, 0, "what was dialled before has drained");
    world.turn(&campaign, Action::Resume, at(20));
    let told = world.advance(at(25));
    assert_eq!(status(&told), Some((CampaignStatus::Active, at(20))));
    assert!(dialled(&told).0 > 0);
}

#[test]
fn an_agent_is_in_one_state_at_a_time() {
    let events = world(2026).advance(start() + Span::minutes(30));
    let mut last: std::collections::HashMap<String, Moment> = std::collections::HashMap::new();
    for event in events {
        let Data::AgentState(body) = event.data else { continue };
        let before = last.insert(body.agent.to_string(), event.time);
        assert!(before.is_none_or(|before| before < event.time), "{} twice at {}", body.agent, event.time.to_rfc3339());
    }
}

/// The hour that a demo opens with, and the two after it: nobody is to be alarmed by a floor with nothing wrong.
#[test]
fn the_demo_opens_calm_and_stays_so() {
    let mut world = world(super::drive::demo_opening(Tz::UTC, 0).seed);
    let mut floor = Floor::default();
    floor.take(&world.advance(start() + Span::minutes(190)));
    for minutes in (70..=190).step_by(20) {
        let (from, to) = (start() + Span::minutes(minutes - 60), start() + Span::minutes(minutes));
        for (campaign, c) in &floor.between(from, to).campaigns {
            let on_call = 100.0 * floor.share(campaign, AgentStatus::OnCall, from, to);
            assert!((80.5..89.5).contains(&on_call), "{campaign} is on call {on_call} % at minute {minutes}");
            let dropped = percent(c.abandoned, c.answered_live);
            assert!(dropped < 2.0, "{campaign} abandons {dropped} % at minute {minutes}");
        }
    }
}

/// The quietest hour of the week, and the hours in which shifts change.
#[test]
fn a_floor_by_the_clock_is_as_calm_at_night() {
    // A Sunday, at 02:00.
    let night = Moment::from_secs(1_795_312_800);
    let mut world = World::new(3, FloorPlan::demo().by_the_clock(30), night);
    let mut floor = Floor::default();
    floor.take(&world.advance(night + Span::minutes(200)));
    for minutes in (80..=200).step_by(30) {
        let (from, to) = (night + Span::minutes(minutes - 60), night + Span::minutes(minutes));
        let figures = floor.between(from, to);
        println!("{figures}");
        for (campaign, c) in &figures.campaigns {
            let dropped = percent(c.abandoned, c.answered_live);
            assert!(dropped < 2.0, "{campaign} abandons {dropped} % at minute {minutes}");
            let on_call = 100.0 * floor.share(campaign, AgentStatus::OnCall, from, to);
            assert!((80.0..90.0).contains(&on_call), "{campaign} is on call {on_call} % at minute {minutes}");
        }
    }
}
