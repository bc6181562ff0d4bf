//! Every figure of the daily and the trend frame, against SQL of this test's own over what the store keeps of calls, agents
//! and samples; on the days around both changes of the clocks, in every kind of store.
#![allow(clippy::unwrap_used)]

use crate::floor::place::{Place, on_every_store};
use crate::floor::{Floor, event};
use crate::recount::{Recount, Within};
use app::domain::{Fact, Moment, Span};
use app::view::daily::{DailyFrame, DayState};
use app::view::trend::TrendFrame;
use chrono_tz::America;
use serde_json::json;
use server::board::BoardConfig;
use server::figures::history::History;
use server::law::change::Change;
use server::live;
use server::store::any::Store;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

fn at(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

/// Chance with a fixed stream.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }
}

/// Whole calls of all kinds, one in some minutes from `from` to `to`.
fn calls(from: Moment, to: Moment, dice: &mut Dice, name: &str) -> Vec<app::domain::Event> {
    let mut events = Vec::new();
    let mut start = from;
    while start < to {
        let secs = |n: u64| (start + Span::millis(i64::try_from(n).unwrap())).to_rfc3339();
        let inbound = dice.below(4) == 0;
        let far = dice.of(&["+442079460018", "+34911234567", "+6591234567"]);
        let own = dice.of(&["+12025550142", "+12025550143", "+12025550144"]);
        let mut data = json!({
            "call_id": format!("{name}-{}", events.len()), "direction": if inbound { "inbound" } else { "outbound" },
            "campaign": dice.of(&["spring", "autumn"]), "mode": dice.of(&["predictive", "progressive", "preview"]),
            "route": dice.of(&["north", "south"]), "started_at": secs(0), "attempt": 1 + dice.below(3),
            "from": if inbound { far } else { own }, "to": if inbound { own } else { far },
        });
        let rings = 1_000 + dice.below(9_000);
        let answers = rings + dice.below(20_000);
        let ends = answers + dice.below(200_000);
        if dice.below(5) > 0 {
            data["progress_at"] = secs(rings).into();
        }
        if dice.below(3) > 0 {
            data["answered_at"] = secs(answers).into();
            data["by"] = dice.of(&["human", "human", "machine", "unknown"]).into();
            data["hung_up_by"] = dice.of(&["person", "dialer", "agent"]).into();
            if inbound && dice.below(2) == 0 {
                data["queued_at"] = secs(answers).into();
                data["queue"] = "sales".into();
            }
            if dice.below(3) > 0 {
                data["bridged_at"] = secs(answers + dice.below(5_000)).into();
                data["agent"] = dice.of(&["ann", "bob"]).into();
                data["wrap_ms"] = (dice.below(30_000)).into();
                data["hold_ms"] = (dice.below(9_000)).into();
                data["right_party"] = (dice.below(2) == 0).into();
            }
            if dice.below(6) == 0 {
                data["transferred_at"] = secs(answers + 6_000).into();
            }
        } else {
            data["sip_code"] = dice.of(&[486, 503, 480, 404, 408, 500, 603, 487]).into();
        }
        // Now and then a source sees less; what it can't is no data.
        if dice.below(7) == 0 {
            data["cannot_tell"] = json!([dice.of(&["agent", "queue", "progress"])]);
        }
        data["ended_at"] = secs(ends).into();
        events.push(event(&format!("{name}{start:?}"), &secs(ends), "call.record", data));
        start = start + Span::millis(60_000 + i64::try_from(dice.below(900_000)).unwrap());
    }
    events
}

/// What agents and components say from `from` to `to`.
fn others(from: Moment, to: Moment, dice: &mut Dice) -> Vec<app::domain::Event> {
    let mut events = Vec::new();
    let mut now = from;
    while now < to {
        let (agent, state) = (dice.of(&["ann", "bob"]), dice.of(&["ready", "on_call", "wrap_up", "break", "offline"]));
        let data = json!({ "agent": agent, "state": state, "campaign": "spring" });
        events.push(event(&format!("a{now:?}"), &now.to_rfc3339(), "agent.state", data));
        let status = dice.of(&["healthy", "healthy", "degraded", "offline"]);
        let data = json!({ "component": dice.of(&["db", "cache"]), "kind": "database", "status": status });
        let then = now + Span::millis(i64::try_from(dice.below(200_000)).unwrap());
        events.push(event(&format!("h{now:?}"), &then.to_rfc3339(), "health.sample", data));
        now = now + Span::secs(i64::try_from(200 + dice.below(1_500)).unwrap());
    }
    events
}

async fn history(floor: &mut Floor, zone: chrono_tz::Tz) -> (History<Store>, CancellationToken) {
    let stop = CancellationToken::new();
    let (_, changes) = mpsc::channel(1);
    let config = BoardConfig { zone, ..BoardConfig::default() };
    let (live, _) =
        live::start(config, floor.clock.clone(), &Change::default(), server::live::Hears::only(changes), stop.clone());
    (History::new(floor.reader(), zone, live, floor.clock.clone()), stop)
}

fn part(from: Moment, to: Moment) -> Within {
    Within { from, to, key: None }
}

/// Every figure of a day's frame.
async fn check_day(frame: &DailyFrame, sql: &mut Recount) {
    let day = &frame.day;
    let now = part(day.from, day.until);
    let before = part(day.before_from, day.before_until);
    for row in &frame.kpis.rows {
        // What agents did has one span on the whole page.
        let span = if row.kpi == "on_call_share" { part(day.from, day.agents_until) } else { now.clone() };
        let counts = sql.kpi(&row.kpi, &span).await;
        assert_eq!((row.part, row.whole), counts, "{} of {}", row.kpi, day.date);
        assert_eq!(
            (row.before.part, row.before.whole),
            sql.kpi(&row.kpi, &before).await,
            "{} before {}",
            row.kpi,
            day.date
        );
    }
    for (steps, length, reach, held) in [
        (&frame.steps, day.step_s, day.until, (day.steps_from, day.steps_to)),
        (&frame.before, day.before_step_s, day.before_to, (day.before_steps_from, day.before_steps_to)),
    ] {
        let mut volume = 0;
        for step in &steps.rows {
            let within = part(step.t, step.t + Span::secs(length));
            assert!(within.to <= reach);
            let figures = [
                (Fact::Attempts, step.attempts),
                (Fact::Resolved, step.resolved),
                (Fact::Answered, step.answered),
                (Fact::AnsweredLive, step.answered_live),
                (Fact::Abandoned, step.abandoned),
                (Fact::Failed, step.failed),
                (Fact::Inbound, step.inbound),
                (Fact::InboundAnswered, step.inbound_answered),
                (Fact::Queued, step.queued),
                (Fact::QueueAbandoned, step.queue_abandoned),
            ];
            sql.same(&figures, &within).await;
            assert_eq!((step.inbound_answered, step.judged_inbound), sql.kpi("inbound_answer_rate", &within).await);
            assert_eq!((step.queue_abandoned, step.judged_queued), sql.kpi("queue_abandon_rate", &within).await);
            volume += step.attempts;
        }
        let first = steps.rows.first().unwrap().t;
        assert_eq!(volume, sql.fact(Fact::Attempts, &part(first, held.1)).await, "no step is left out");
        assert_eq!(first, held.0);
    }
    for row in &frame.campaigns.rows {
        let within = now.of("campaign", row.campaign.as_str());
        let figures = [
            (Fact::Attempts, row.attempts),
            (Fact::Resolved, row.resolved),
            (Fact::Answered, row.answered),
            (Fact::AnsweredLive, row.answered_live),
            (Fact::Abandoned, row.abandoned),
            (Fact::Failed, row.failed),
            (Fact::Handled, row.handled),
            (Fact::Transferred, row.transferred),
            (Fact::Connected, row.connected),
            (Fact::RightParty, row.right_party),
            (Fact::Inbound, row.inbound),
            (Fact::InboundAnswered, row.inbound_answered),
            (Fact::Queued, row.queued),
            (Fact::QueueAbandoned, row.queue_abandoned),
        ];
        sql.same(&figures, &within).await;
        assert_eq!((row.handle_ms, row.handled), sql.kpi("aht", &within).await);
        assert_eq!((row.inbound_answered, row.judged_inbound), sql.kpi("inbound_answer_rate", &within).await);
        assert_eq!((row.queue_abandoned, row.judged_queued), sql.kpi("queue_abandon_rate", &within).await);
        let within = before.of("campaign", row.campaign.as_str());
        sql.same(&[(Fact::Attempts, row.before_attempts)], &within).await;
        for (kpi, ratio) in
            [("connect_rate", row.before_connect), ("abandon_rate", row.before_abandon), ("aht", row.before_aht)]
        {
            assert_eq!((ratio.part, ratio.whole), sql.kpi(kpi, &within).await, "{kpi}");
        }
    }
    for row in &frame.routes.rows {
        let within = now.of("route", row.route.as_str());
        let figures = [
            (Fact::Attempts, row.attempts),
            (Fact::Resolved, row.resolved),
            (Fact::Answered, row.answered),
            (Fact::Sip4xx, row.sip_4xx),
            (Fact::Sip5xx, row.sip_5xx),
            (Fact::Sip6xx, row.sip_6xx),
            (Fact::Timeouts, row.timeouts),
            (Fact::RouteFaults, row.route_faults),
            (Fact::UnjudgedFaults, row.unjudged_faults),
            (Fact::PddMs, row.pdd_ms),
            (Fact::Progressed, row.progressed),
            (Fact::ConnectedMs, row.connected_ms),
            (Fact::Connected, row.connected),
        ];
        sql.same(&figures, &within).await;
        let within = before.of("route", row.route.as_str());
        sql.same(&[(Fact::Attempts, row.before_attempts)], &within).await;
        for (kpi, ratio) in
            [("answer_rate", row.before_answer), ("route_fault_rate", row.before_faults), ("pdd", row.before_pdd)]
        {
            assert_eq!((ratio.part, ratio.whole), sql.kpi(kpi, &within).await, "{kpi}");
        }
    }
    let counted_to = if day.state == DayState::Over { day.to } else { frame.as_of };
    assert_eq!(day.agents_until, counted_to, "what agents did says how far it is counted");
    for row in &frame.agents.rows {
        let within = part(day.from, day.agents_until).of("agent", row.agent.as_str());
        let figures = [
            (Fact::Handled, row.handled),
            (Fact::TalkMs, row.talk_ms),
            (Fact::HoldMs, row.hold_ms),
            (Fact::WrapMs, row.wrap_ms),
            (Fact::Transferred, row.transferred),
            (Fact::Connected, row.connected),
            (Fact::RightParty, row.right_party),
            (Fact::AgentReadyMs, row.ready_ms),
            (Fact::AgentOnCallMs, row.on_call_ms),
            (Fact::AgentWrapUpMs, row.wrap_up_ms),
            (Fact::AgentBreakMs, row.break_ms),
        ];
        sql.same(&figures, &within).await;
    }
    assert_eq!((frame.kpis.rows.len(), frame.campaigns.rows.len(), frame.routes.rows.len()), (13, 2, 2));
    assert_eq!(frame.agents.rows.len(), 2);
}

/// Every figure of the trend frame.
async fn check_trend(frame: &TrendFrame, sql: &mut Recount) {
    for day in &frame.days.rows {
        let within = part(day.from, day.to.min(frame.span.until));
        let figures = [
            (Fact::Attempts, day.attempts),
            (Fact::Resolved, day.resolved),
            (Fact::Answered, day.answered),
            (Fact::AnsweredLive, day.answered_live),
            (Fact::Abandoned, day.abandoned),
            (Fact::Failed, day.failed),
            (Fact::RouteFaults, day.route_faults),
            (Fact::Inbound, day.inbound),
            (Fact::InboundAnswered, day.inbound_answered),
            (Fact::Handled, day.handled),
            (Fact::Connected, day.connected),
            (Fact::ConnectedMs, day.connected_ms),
            (Fact::RightParty, day.right_party),
            (Fact::DidsProvisioned, day.dids_provisioned),
            (Fact::DidsRetired, day.dids_retired),
            (Fact::ComponentObservedMs, day.observed_ms),
            (Fact::ComponentUpMs, day.up_ms),
        ];
        sql.same(&figures, &within).await;
        assert_eq!(day.handle_ms, sql.kpi("aht", &within).await.0);
        let so_far = part(day.from, day.to.min(frame.span.until));
        let telephony = sql.cost("telephony", &so_far).await;
        assert_eq!(
            day.telephony.as_ref().map(|m| m.micros),
            telephony.map(|micros| micros.round() as i64),
            "{}",
            day.date
        );
        let each =
            telephony.filter(|_| day.right_party > 0).map(|micros| (micros / day.right_party as f64).round() as i64);
        assert_eq!(day.cost_per_rpc.as_ref().map(|m| m.micros), each);
        let infrastructure = sql.cost("infrastructure", &so_far).await;
        let minutes = day.connected_ms as f64 / 60_000.0;
        let each = infrastructure.filter(|_| day.connected_ms > 0).map(|micros| (micros / minutes).round() as i64);
        assert_eq!(day.cost_per_minute.as_ref().map(|m| m.micros), each);
    }
    let so_far = |from: Moment, to: Moment| part(from, to.min(frame.span.until));
    let days: Vec<Within> = frame.days.rows.iter().map(|day| so_far(day.from, day.to)).collect();
    let weeks: Vec<Within> = frame.weeks.rows.iter().map(|week| so_far(week.from, week.to)).collect();
    for row in &frame.abandon.rows {
        for (i, day) in days.iter().enumerate() {
            let counts = (row.abandoned[i], row.answered_live[i]);
            assert_eq!(counts, sql.kpi("abandon_rate", &day.of("campaign", row.campaign.as_str())).await);
        }
        assert_eq!((row.part, row.whole), (row.abandoned.iter().sum(), row.answered_live.iter().sum()));
    }
    for row in &frame.aht.rows {
        for (i, week) in weeks.iter().enumerate() {
            let counts = (row.handle_ms[i], row.handled[i]);
            assert_eq!(counts, sql.kpi("aht", &week.of("campaign", row.campaign.as_str())).await);
        }
    }
    for row in &frame.routes.rows {
        for (i, week) in weeks.iter().enumerate() {
            let within = week.of("route", row.route.as_str());
            let figures = [
                (Fact::Resolved, row.resolved[i]),
                (Fact::Sip4xx, row.sip_4xx[i]),
                (Fact::Sip5xx, row.sip_5xx[i]),
                (Fact::Sip6xx, row.sip_6xx[i]),
                (Fact::Timeouts, row.timeouts[i]),
                (Fact::RouteFaults, row.route_faults[i]),
                (Fact::UnjudgedFaults, row.unjudged_faults[i]),
            ];
            sql.same(&figures, &within).await;
        }
    }
    for row in &frame.pdd.rows {
        for (i, day) in days.iter().enumerate() {
            let counts = (row.pdd_ms[i], row.progressed[i]);
            assert_eq!(counts, sql.kpi("pdd", &day.of("country", row.country.as_str())).await);
        }
    }
    for row in &frame.components.rows {
        for (i, day) in days.iter().enumerate() {
            let within = day.of("component", row.component.as_str());
            sql.same(&[(Fact::ComponentUpMs, row.up_ms[i]), (Fact::ComponentObservedMs, row.observed_ms[i])], &within)
                .await;
        }
    }
    assert_eq!((frame.abandon.rows.len(), frame.routes.rows.len(), frame.components.rows.len()), (2, 2, 2));
    assert_eq!(frame.pdd.rows.len(), 3);
    let telephony = frame.costs.rows.iter().filter(|row| row.kind.word() == "telephony");
    assert!(telephony.clone().count() > 0);
    for row in telephony {
        let during = sql.month(&row.month);
        let so_far = part(during.0, during.1.min(frame.span.until));
        assert_eq!(Some(row.so_far.micros), sql.cost("telephony", &so_far).await.map(|micros| micros.round() as i64));
        assert_eq!(row.whole, sql.fact(Fact::RightParty, &so_far).await);
    }
}

/// The three days around a change of New York's clocks, seen on the day of the change and on the day after.
struct Change3 {
    /// Midnights of the four days a week before and of the four days, by hand.
    midnights_before: [&'static str; 4],
    midnights: [&'static str; 4],
    dates: [&'static str; 3],
    /// A time on the day of the change, and the same time of day a week before.
    on_the_day: &'static str,
    same_before: &'static str,
    hours: i64,
}

async fn story(place: Place, change: Change3, months: &[(&'static str, &'static str, &'static str)]) {
    let zone = America::New_York;
    let mut dice = Dice(7);
    let begin = at(change.midnights_before[0]);
    let first_look = at(change.on_the_day);
    let mut floor = Floor::open_at(place, first_look, zone).await;
    let mut told = calls(begin, first_look - Span::secs(400), &mut dice, "a");
    told.extend(others(begin, first_look - Span::secs(400), &mut dice));
    for (month, _, _) in months {
        for (kind, amount) in [("telephony", "7210.50"), ("infrastructure", "931.07")] {
            let data = json!({ "month": month, "amount": amount, "currency": "USD", "kind": kind });
            told.push(event(&format!("{month}{kind}"), &begin.to_rfc3339(), "cost.updated", data));
        }
    }
    assert_eq!(floor.submit(told).await.rejected, vec![]);
    floor.wait(Span::secs(10)).await;
    // What came after the last whole five minutes is not so far.
    let just_now = calls(first_look, first_look + Span::secs(1), &mut dice, "n");
    assert_eq!(floor.submit(just_now).await.rejected, vec![]);
    floor.wait(Span::secs(240)).await;

    let (history, stop) = history(&mut floor, zone).await;
    let mut sql = Recount::of(&mut floor, months).await;
    let running = history.day(None).await.unwrap();
    assert_eq!((running.day.date.as_str(), running.day.state), (change.dates[1], DayState::Running));
    assert_eq!((running.day.from, running.day.to), (at(change.midnights[1]), at(change.midnights[2])));
    assert_eq!((running.day.to - running.day.from).as_secs(), change.hours * 3_600);
    assert_eq!((running.day.until, running.day.before_until), (first_look, at(change.same_before)));
    check_day(&running, &mut sql).await;
    check_trend(&history.trend(7).await.unwrap(), &mut sql).await;

    // The day after, with calls of the days before that come late.
    let second_look = at(change.midnights[2]) + Span::hours(15) + Span::minutes(35);
    floor.clock.set(second_look);
    let mut told = calls(first_look, second_look - Span::secs(400), &mut dice, "b");
    told.extend(others(first_look, second_look - Span::secs(400), &mut dice));
    assert_eq!(floor.submit(told).await.rejected, vec![]);
    floor.wait(Span::secs(10)).await;
    let late =
        calls(at(change.midnights[0]) + Span::hours(3), at(change.midnights[0]) + Span::hours(4), &mut dice, "c");
    floor.submit(late).await;
    floor.wait(Span::minutes(5)).await;
    let mut sql = Recount::of(&mut floor, months).await;
    for (i, date) in change.dates.iter().enumerate() {
        let frame = history.day(Some(date.parse().unwrap())).await.unwrap();
        assert_eq!((frame.day.from, frame.day.to), (at(change.midnights[i]), at(change.midnights[i + 1])), "{date}");
        assert_eq!(frame.day.before_from, at(change.midnights_before[i]));
        assert_eq!(frame.day.before_to, at(change.midnights_before[i + 1]));
        assert_eq!(frame.day.state, if i == 2 { DayState::Running } else { DayState::Over });
        assert_eq!(frame.day.step_s, 300);
        check_day(&frame, &mut sql).await;
    }
    for days in [7, 30] {
        let frame = history.trend(days).await.unwrap();
        assert_eq!(frame.days.rows.len(), days as usize);
        check_trend(&frame, &mut sql).await;
    }
    // The evening of the change's day came only afterwards; the day before it was filed as a whole afterwards.
    let frame = history.trend(7).await.unwrap();
    let revised: Vec<_> = frame.days.rows.iter().filter(|d| d.revised_at.is_some()).map(|d| d.date.as_str()).collect();
    assert_eq!(revised, [change.dates[1]]);
    assert!(frame.weeks.rows.iter().any(|week| week.revised_at.is_some()));
    stop.cancel();
}

on_every_store! {
    days_of_zones_with_half_hours_say_what_their_steps_hold
    every_figure_equals_a_recount_around_the_day_that_clocks_go_forward
    every_figure_equals_a_recount_around_the_day_that_clocks_go_back
}

/// Days that begin within an hour of UTC: where only hours are kept, the steps leave out the parts of an hour at both ends
/// and say so; all figures of the day count them.
async fn days_of_zones_with_half_hours_say_what_their_steps_hold(place: Place) {
    let zone = chrono_tz::Asia::Kathmandu;
    let (old, new) = (at("2026-03-09T18:15:00Z"), at("2026-03-30T18:15:00Z"));
    let now = new + Span::minutes(603);
    let mut dice = Dice(11);
    let mut floor = Floor::open_at(place, now, zone).await;
    let mut told = calls(old - Span::days(8), old + Span::days(2), &mut dice, "a");
    told.extend(others(old - Span::days(8), old + Span::days(2), &mut dice));
    told.extend(calls(new - Span::days(8), now - Span::secs(400), &mut dice, "b"));
    told.extend(others(new - Span::days(8), now - Span::secs(400), &mut dice));
    assert_eq!(floor.submit(told).await.rejected, vec![]);
    floor.wait(Span::secs(10)).await;
    let (history, stop) = history(&mut floor, zone).await;
    let mut sql = Recount::of(&mut floor, &[]).await;
    let (quarter, rest) = (Span::minutes(15), Span::minutes(45));

    let running = history.day(None).await.unwrap();
    check_day(&running, &mut sql).await;
    assert_eq!((running.day.steps_from, running.day.steps_to), (new, running.day.until), "five minutes hold all");
    assert!(running.day.agents_until > running.day.until, "looked at between two steps");

    let frame = history.day(Some("2026-03-10".parse().unwrap())).await.unwrap();
    assert_eq!((frame.day.from, frame.day.step_s), (old, 3_600));
    assert_eq!((frame.day.steps_from - old, frame.day.to - frame.day.steps_to), (rest, quarter));
    assert_eq!(frame.day.before_steps_from - frame.day.before_from, rest);
    check_day(&frame, &mut sql).await;
    let in_steps: i64 = frame.steps.rows.iter().map(|step| step.attempts).sum();
    let edges = [part(old, old + rest), part(frame.day.to - quarter, frame.day.to)];
    let mut outside = 0;
    for edge in &edges {
        outside += sql.fact(Fact::Attempts, edge).await;
    }
    assert!(outside > 0, "something to leave out");
    let all = frame.kpis.rows.iter().find(|row| row.kpi == "calls_per_minute").unwrap().part;
    assert_eq!(in_steps + outside, all, "the figures count what the steps leave out");
    stop.cancel();
}

async fn every_figure_equals_a_recount_around_the_day_that_clocks_go_forward(place: Place) {
    let change = Change3 {
        midnights_before: [
            "2026-02-28T05:00:00Z",
            "2026-03-01T05:00:00Z",
            "2026-03-02T05:00:00Z",
            "2026-03-03T05:00:00Z",
        ],
        midnights: ["2026-03-07T05:00:00Z", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z", "2026-03-10T04:00:00Z"],
        dates: ["2026-03-07", "2026-03-08", "2026-03-09"],
        on_the_day: "2026-03-08T18:25:00Z",
        same_before: "2026-03-01T19:25:00Z",
        hours: 23,
    };
    let months = [
        ("2026-02", "2026-02-01T05:00:00Z", "2026-03-01T05:00:00Z"),
        ("2026-03", "2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z"),
    ];
    story(place, change, &months).await;
}

async fn every_figure_equals_a_recount_around_the_day_that_clocks_go_back(place: Place) {
    let change = Change3 {
        midnights_before: [
            "2026-10-24T04:00:00Z",
            "2026-10-25T04:00:00Z",
            "2026-10-26T04:00:00Z",
            "2026-10-27T04:00:00Z",
        ],
        midnights: ["2026-10-31T04:00:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z", "2026-11-03T05:00:00Z"],
        dates: ["2026-10-31", "2026-11-01", "2026-11-02"],
        on_the_day: "2026-11-01T19:25:00Z",
        same_before: "2026-10-25T18:25:00Z",
        hours: 25,
    };
    let months = [
        ("2026-10", "2026-10-01T04:00:00Z", "2026-11-01T04:00:00Z"),
        ("2026-11", "2026-11-01T04:00:00Z", "2026-12-01T05:00:00Z"),
    ];
    story(place, change, &months).await;
}
