//! The board as people would tell it: what is heard, and what the panels then say.

#![allow(clippy::unwrap_used)]

use super::baseline::Baselines;
use super::over::Over;
use super::{Board, BoardConfig};
use crate::law::change::{AgentNow, Change, FactChange, Gauge, GaugeKey, LIVE_GRAIN, PeriodSums, Sample, SumKey};
use app::domain::event::{ChannelsSample, HealthSample, TrunkStatus};
use app::domain::outcome::{AgentStatus, ComponentKind, Health, TrunkHealth};
use app::domain::{
    AgentId, CampaignId, CampaignScope, ComponentId, Dimension, Fact, Moment, QueueId, RouteId, SourceId, Span, Tally,
    TrunkId, Window,
};
use app::kpi::band::Diagnosis;
use app::kpi::catalog::Present;
use app::kpi::{Band, Ratio};
use app::view::live::{Heard, LiveFrame};
use app::view::panel::MAX_ROWS;
use app::view::{Keyed, PanelId};
use smol_str::SmolStr;

const START: Moment = Moment::from_secs(1_700_000_000);

fn facts(dimension: Dimension, campaign: &str, key: &str, at: Moment, counts: &[(Fact, i64)]) -> FactChange {
    let mut tally = Tally::default();
    counts.iter().for_each(|(fact, n)| tally.add(*fact, *n));
    let of = SumKey { campaign: CampaignId::trusted(campaign), dimension, key: key.into() };
    FactChange { bucket: at.floor(LIVE_GRAIN), of, tally }
}

fn heard(facts: Vec<FactChange>) -> Change {
    Change { newest_event: Some(START), facts, ..Change::default() }
}

fn board(change: &Change) -> Board {
    let mut board = Board::new(BoardConfig::default(), START);
    board.apply(change);
    board
}

fn route<'a>(frame: &'a LiveFrame, key: &str) -> &'a app::view::live::RouteRow {
    frame.panels.routes.as_ref().unwrap().rows.iter().find(|r| r.key() == key).unwrap()
}

#[test]
fn before_anything_was_heard_nothing_is_judged() {
    let frame = Board::new(BoardConfig::default(), START).tick(START);
    assert_eq!((frame.status.band, frame.newest_event), (Band::None, None));
    assert!(frame.panels.routes.unwrap().rows.is_empty());
}

#[test]
fn a_failing_route_is_red_and_only_that() {
    let of = |route, faults| {
        facts(
            Dimension::Route,
            "c",
            route,
            START,
            &[(Fact::Resolved, 1_000), (Fact::Sip5xx, faults), (Fact::RouteFaults, faults)],
        )
    };
    let mut board = board(&Change { events: 1, ..heard(vec![of("alpha", 0), of("beta", 60), of("gamma", 50)]) });
    let frame = board.tick(START);
    assert_eq!(route(&frame, "beta").band, Band::Critical);
    assert_eq!(route(&frame, "gamma").band, Band::Warn, "exactly 5 % is yellow");
    assert_eq!(route(&frame, "alpha").band, Band::Ok);
    assert_eq!(frame.panels.routes.as_ref().unwrap().rows[0].key(), "beta", "worst first");
    let first = &frame.status.clauses[0];
    assert_eq!(
        (first.panel, first.key.as_str(), first.subject.as_str()),
        (PanelId::Routes, "beta", "Route beta is failing")
    );
    let said = "60 of 1,000 calls in the last minute, 6 % of 1,000 calls in 5 min, mostly 5xx since 22:13";
    assert!(first.text.starts_with(said), "{}", first.text);
    let later = board.tick(START + Span::secs(300));
    assert_eq!(route(&later, "beta").band, Band::None, "five minutes on nothing is left to judge");
}

#[test]
fn a_route_that_goes_silent_shows_before_any_call_has_ended() {
    let gauge = |gauge, route: &str, n| {
        let second = START - Span::secs(30);
        (
            GaugeKey {
                gauge,
                campaign: CampaignId::trusted("c"),
                route: RouteId::trusted(route),
                queue: QueueId::none(),
                second,
            },
            n,
        )
    };
    let change = Change {
        newest_event: Some(START),
        gauges: vec![
            gauge(Gauge::Started, "beta", 39),
            gauge(Gauge::Unheard, "beta", 20),
            gauge(Gauge::Started, "alpha", 40),
            gauge(Gauge::Unheard, "alpha", 20),
        ],
        ..Change::default()
    };
    let mut board = board(&change);
    let frame = board.tick(START);
    assert_eq!(route(&frame, "beta").stalled_band, Band::Critical);
    assert_eq!(route(&frame, "alpha").stalled_band, Band::Ok, "exactly half is not over half");
    assert_eq!(frame.status.clauses[0].subject, "Route beta is silent");
    let later = board.tick(START + Span::secs(31));
    assert_eq!(route(&later, "beta").stalled_band, Band::None, "the minute has passed");
}

#[test]
fn the_period_adds_what_is_told_after_it_was_read() {
    let mut tally = Tally::default();
    tally.add(Fact::AnsweredLive, 2_000);
    tally.add(Fact::Abandoned, 60);
    let campaign = CampaignId::trusted("solar");
    let period =
        PeriodSums { campaign: campaign.clone(), from: START - Span::days(3), to: START + Span::days(27), tally };
    let mut board = board(&Change { periods: vec![period], ..heard(vec![]) });
    let live = |n| {
        facts(
            Dimension::Campaign,
            "solar",
            "solar",
            START,
            &[(Fact::AnsweredLive, n), (Fact::Abandoned, n), (Fact::Resolved, n)],
        )
    };
    board.apply(&heard(vec![live(0)]));
    board.apply(&heard(vec![facts(Dimension::Campaign, "solar", "solar", START, &[(Fact::Resolved, 1)])]));
    let row = |frame: &LiveFrame| frame.panels.abandon.as_ref().unwrap().rows[0].clone();
    let at_limit = row(&board.tick(START));
    assert_eq!((at_limit.budget, at_limit.budget_band), (Some(0), Band::Warn));
    board.apply(&heard(vec![live(1)]));
    let over = row(&board.tick(START));
    assert_eq!((over.period_abandoned, over.period_live), (61, 2_001));
    assert_eq!((over.budget, over.budget_band), (Some(-33), Band::Critical));
    let said = &board.problem_list().rows[0];
    assert_eq!(said.subject, "solar is over its abandon limit");
    assert_eq!(said.text, "33 clean answers owed, 3.05 % in its period", "the hour's one call is too few to be told");
    let outside = facts(Dimension::Campaign, "solar", "solar", START - Span::days(4), &[(Fact::AnsweredLive, 500)]);
    board.apply(&heard(vec![outside]));
    assert_eq!(row(&board.tick(START)).period_live, 2_001, "calls of the period before are not of this one");
}

#[test]
fn a_falling_connect_rate_is_told_as_list_or_pacing() {
    let told = |abandoned| {
        facts(
            Dimension::Campaign,
            "c",
            "c",
            START,
            &[(Fact::Resolved, 40_000), (Fact::AnsweredLive, 8_000), (Fact::Abandoned, abandoned)],
        )
    };
    let baselines = || Baselines {
        connect: [(CampaignId::trusted("c"), Ratio::new(3_000, 10_000))].into(),
        abandon: [(CampaignId::trusted("c"), Ratio::new(1_000, 100_000))].into(),
        ..Baselines::default()
    };
    for (abandoned, expected) in [(119, Diagnosis::List), (120, Diagnosis::Pacing)] {
        let mut board = board(&heard(vec![told(abandoned)]));
        board.compare_with(baselines());
        let frame = board.tick(START);
        assert_eq!(frame.panels.connect.unwrap().rows[0].diagnosis, Some(expected));
    }
}

#[test]
fn a_number_is_judged_against_its_own_hours() {
    let did = |number: &str, answered| {
        facts(Dimension::Did, "c", number, START, &[(Fact::Resolved, 100), (Fact::Answered, answered)])
    };
    let mut board = board(&heard(vec![did("+12025550142", 19), did("+12025550143", 27), did("+12025550144", 28)]));
    let hours = |n: &str| (n.into(), Ratio::new(400, 1_000));
    board.compare_with(Baselines {
        dids: [hours("+12025550142"), hours("+12025550143"), hours("+12025550144")].into(),
        ..Baselines::default()
    });
    let rows = board.tick(START).panels.dids.unwrap().rows;
    let bands: Vec<_> = rows.iter().map(|r| r.band).collect();
    assert_eq!(bands, [Band::Critical, Band::Warn, Band::Ok], "−21, −13 and exactly −12 points");
}

#[test]
fn channels_are_red_above_85_per_cent_of_what_is_provisioned() {
    let sample_at = |secs, trunk: &str, active| Sample {
        at: START + Span::secs(secs),
        source: SourceId::trusted("pbx"),
        body: ChannelsSample { trunk: TrunkId::trusted(trunk), active, capacity: Some(100) },
    };
    let sample = |trunk: &str, active| sample_at(0, trunk, active);
    let mut board = board(&Change { channels: vec![sample("alpha", 90), sample("beta", 80)], ..heard(vec![]) });
    let head = board.tick(START).panels.channels.unwrap().head;
    assert_eq!((head.active, head.capacity, head.band), (170, Some(200), Band::Ok), "exactly 85 %");
    board.apply(&Change { channels: vec![sample("beta", 81)], ..Change::default() });
    let head = |board: &mut Board, secs| board.tick(START + Span::secs(secs)).panels.channels.unwrap().head;
    assert_eq!((head(&mut board, 0).active, head(&mut board, 29).band), (171, Band::Ok), "not yet for half a minute");
    let red = head(&mut board, 30);
    assert_eq!((red.band, red.peak, red.since), (Band::Critical, 171, Some(START + Span::secs(30))));
    let item = board.live().strip.rows.remove(0);
    assert_eq!(
        (item.part, item.whole, item.band),
        (171, Some(200), Band::Critical),
        "the strip says what the gauge says"
    );
    assert_eq!(
        board.present(Present::Channels, Dimension::Total, &CampaignScope::All)[0].band,
        Band::Critical,
        "and so does the API"
    );
    board.apply(&Change { channels: vec![sample_at(31, "beta", 71)], ..Change::default() });
    assert_eq!(head(&mut board, 31).band, Band::Critical, "161 of 200 is over 80 %");
    board.apply(&Change { channels: vec![sample_at(32, "beta", 70)], ..Change::default() });
    assert_eq!(head(&mut board, 32).band, Band::Ok);
}

fn channels(trunk: &str, active: u32, capacity: u32) -> Sample<ChannelsSample> {
    let body = ChannelsSample { trunk: TrunkId::trusted(trunk), active, capacity: Some(capacity) };
    Sample { at: START, source: SourceId::trusted("pbx"), body }
}

#[test]
fn of_two_trunks_of_a_route_the_worse_tells_and_their_channels_add_up() {
    let trunk = |name: &str, status| {
        let body = TrunkStatus { trunk: TrunkId::trusted(name), status, detail: None };
        Sample { at: START, source: SourceId::trusted("pbx"), body }
    };
    for bad in ["north-1", "north-2"] {
        let routes = ["north-1", "north-2"].map(|name| (TrunkId::trusted(name), RouteId::trusted("north")));
        let mut board = Board::new(BoardConfig { trunk_routes: routes.into(), ..BoardConfig::default() }, START);
        let state = |name| if name == bad { TrunkHealth::Unhealthy } else { TrunkHealth::Healthy };
        board.apply(&Change {
            trunks: ["north-1", "north-2"].map(|name| trunk(name, state(name))).into(),
            channels: vec![channels("north-1", 90, 100), channels("north-2", 10, 300)],
            ..heard(vec![])
        });
        let frame = board.tick(START);
        let north = route(&frame, "north");
        assert_eq!((north.trunk, north.band), (Some(TrunkHealth::Unhealthy), Band::Critical), "{bad}");
        let rows = board.present(Present::Channels, Dimension::Route, &CampaignScope::All);
        assert_eq!(rows.len(), 1, "one row a route");
        assert_eq!(
            (rows[0].key.as_str(), rows[0].ratio, rows[0].band),
            ("north", Some(Ratio::new(100, 400)), Band::Ok)
        );
    }
}

#[test]
fn of_many_trunks_the_fullest_are_shown_and_the_rest_counted() {
    let many = (0..MAX_ROWS + 5).map(|n| channels(&format!("trunk-{n:03}"), if n == 104 { 95 } else { 5 }, 100));
    let mut board = board(&Change { channels: many.collect(), ..heard(vec![]) });
    let frame = board.tick(START);
    let clause = &frame.status.clauses[0];
    let said = (clause.band, clause.key.as_str(), clause.text.as_str());
    assert_eq!(said, (Band::Critical, "trunk-104", "95 of 100 channels in use, 95 %"), "one full trunk is told of");
    assert_eq!(board.sentence().count_problems(Over::Floor), 1);
    let trunks = frame.panels.channels.unwrap().trunks;
    assert_eq!((trunks.rows.len(), trunks.more), (MAX_ROWS, 5));
    assert_eq!((trunks.rows[0].trunk.as_str(), trunks.rows[1].trunk.as_str()), ("trunk-104", "trunk-000"));
}

#[test]
fn what_was_taken_away_is_not_red_for_ever() {
    let source = SourceId::trusted("probe");
    let health = HealthSample::only(ComponentId::trusted("old-db"), ComponentKind::Database, Health::Offline);
    let trunk = TrunkStatus { trunk: TrunkId::trusted("old"), status: TrunkHealth::Unhealthy, detail: None };
    let mut board = board(&Change {
        health: vec![Sample { at: START, source: source.clone(), body: health }],
        trunks: vec![Sample { at: START, source, body: trunk }],
        ..heard(vec![])
    });
    let shown = |frame: LiveFrame| (frame.panels.infra.unwrap().rows.len(), frame.panels.routes.unwrap().rows.len());
    assert_eq!(shown(board.tick(START + Span::hours(24) - Span::millis(1))), (1, 1));
    board.turn_to(START + Span::hours(24));
    board.apply(&Change { events: 1, newest_event: Some(START + Span::hours(24)), ..Change::default() });
    let frame = board.tick(START + Span::hours(24));
    assert_eq!((frame.status.band, shown(frame)), (Band::TooFew, (0, 0)));
}

#[test]
fn open_agent_states_run_to_now() {
    let agent = |name: &str, state, since| AgentNow {
        agent: AgentId::trusted(name),
        campaign: CampaignId::trusted("c"),
        state,
        since,
        reason: None,
    };
    let change = Change {
        agents: vec![
            agent("a", AgentStatus::OnCall, START - Span::minutes(8)),
            agent("b", AgentStatus::Ready, START - Span::minutes(2)),
        ],
        ..heard(vec![])
    };
    let mut board = board(&change);
    let row = board.tick(START).panels.agents.unwrap().rows[0].clone();
    assert_eq!((row.on_call, row.ready, row.on_call_s, row.logged_in_s, row.band), (1, 1, 480, 600, Band::TooFew));
    let sums = board.sums().over(Dimension::Agent, Window::Minutes60, &CampaignScope::All, None).unwrap();
    assert_eq!(sums.rows.len(), 2);
}

#[test]
fn why_agents_are_on_a_break_is_told_most_first() {
    let agent = |name: &str, state, reason: Option<&str>| AgentNow {
        agent: AgentId::trusted(name),
        campaign: CampaignId::trusted("c"),
        state,
        since: START,
        reason: reason.map(SmolStr::new),
    };
    let change = Change {
        agents: vec![
            agent("a", AgentStatus::Break, Some("Training")),
            agent("b", AgentStatus::Break, Some("Lunch")),
            agent("c", AgentStatus::Break, Some("Lunch")),
            agent("d", AgentStatus::Break, None),
            agent("e", AgentStatus::WrapUp, Some("Lunch")),
        ],
        ..heard(vec![])
    };
    let row = board(&change).tick(START).panels.agents.unwrap().rows[0].clone();
    assert_eq!((row.on_break, row.breaks), (4, vec![("Lunch".into(), 2), ("Training".into(), 1)]));
}

#[test]
fn a_component_that_falls_silent_is_offline_after_three_intervals() {
    let sample = |at| Sample {
        at,
        source: SourceId::trusted("probe"),
        body: HealthSample {
            component: ComponentId::trusted("worker"),
            kind: ComponentKind::DialerWorker,
            status: Health::Healthy,
            latency_ms: Some(6.0),
            detail: None,
            link: None,
        },
    };
    let mut board = board(&Change { health: vec![sample(START - Span::secs(10)), sample(START)], ..heard(vec![]) });
    let row = |frame: LiveFrame| frame.panels.infra.unwrap().rows[0].clone();
    assert_eq!(row(board.tick(START + Span::secs(30))).status, Health::Healthy);
    // Nobody else is heard either: that is no silence of its own.
    let nobody = row(board.tick(START + Span::millis(30_001)));
    assert_eq!((nobody.status, nobody.heard), (Health::Healthy, Heard::InTime));
    board.apply(&Change { events: 1, newest_event: Some(START + Span::millis(30_001)), ..Change::default() });
    let silent = row(board.tick(START + Span::millis(30_001)));
    assert_eq!((silent.status, silent.heard, silent.band), (Health::Offline, Heard::Silent, Band::Critical));
    // What comes late then takes it not back.
    board.apply(&Change { events: 1, newest_event: Some(START + Span::secs(20)), ..Change::default() });
    assert_eq!(row(board.tick(START + Span::secs(33))).heard, Heard::Silent);
}

#[test]
fn rows_change_places_at_most_every_ten_seconds() {
    let of = |route, faults| {
        facts(Dimension::Route, "c", route, START, &[(Fact::Resolved, 100), (Fact::RouteFaults, faults)])
    };
    let mut board = board(&heard(vec![of("alpha", 16), of("beta", 0)]));
    let first = |frame: LiveFrame| frame.panels.routes.unwrap().rows[0].key();
    assert_eq!(first(board.tick(START)), "alpha");
    board.apply(&heard(vec![of("beta", 90)]));
    board.apply(&heard(vec![of("alpha", -16)]));
    assert_eq!(first(board.tick(START + Span::secs(9))), "alpha");
    assert_eq!(first(board.tick(START + Span::secs(10))), "beta");
}

#[test]
fn a_campaigns_frame_holds_that_campaign_only() {
    let of = |campaign: &str| {
        facts(Dimension::Campaign, campaign, campaign, START, &[(Fact::Resolved, 10), (Fact::Attempts, 10)])
    };
    let mut board = board(&heard(vec![of("a"), of("b")]));
    assert_eq!(board.tick(START).panels.abandon.unwrap().rows.len(), 2);
    let narrowed = board.of_campaigns(&[CampaignId::trusted("a")].into());
    assert_eq!(narrowed.panels.abandon.unwrap().rows.len(), 1);
}

#[test]
fn a_floor_that_falls_silent_says_so_and_shows_no_figure_of_now() {
    let channel = Sample {
        at: START,
        source: SourceId::trusted("pbx"),
        body: ChannelsSample { trunk: TrunkId::trusted("alpha"), active: 99, capacity: Some(100) },
    };
    let failing = facts(Dimension::Route, "c", "beta", START, &[(Fact::Resolved, 100), (Fact::RouteFaults, 50)]);
    let mut board = board(&Change { events: 9, channels: vec![channel], ..heard(vec![failing]) });
    let first = board.tick(START);
    assert_eq!((first.status.band, first.status.silent_since), (Band::Critical, None));
    let before = board.tick(START + Span::minutes(5));
    assert_eq!(before.status.silent_since, None, "what is usual is not known yet: five minutes");
    let silent = board.tick(START + Span::secs(301));
    assert_eq!((silent.status.band, silent.status.silent_since), (Band::None, Some(START)));
    assert_eq!(silent.status.clauses.len(), 1);
    assert_eq!(silent.status.clauses[0].subject, "Nothing heard since 22:13");
    assert!(silent.strip.rows.iter().all(|item| item.band == Band::None));
    assert_eq!((route(&silent, "beta").band, silent.panels.channels.unwrap().head.band), (Band::None, Band::None));
    assert_eq!(board.present(Present::ActiveCalls, Dimension::Total, &CampaignScope::All)[0].ratio, None);
    assert_eq!(board.monitor(&board.gather()).status.clauses[0].subject, "Nothing heard since 22:13");
    let of_campaign = board.of_campaigns(&[CampaignId::trusted("c")].into()).status;
    assert_eq!(of_campaign.clauses, silent.status.clauses, "a campaign's page says why as well");
    let later = board.tick(START + Span::days(2));
    assert!(later.status.clauses[0].subject.ends_with("Tue 14 Nov, 22:13"), "{}", later.status.clauses[0].subject);
    board.apply(&Change { events: 1, newest_event: Some(START + Span::days(2)), ..heard(vec![]) });
    let heard = board.tick(START + Span::days(2));
    assert_eq!((heard.status.band, heard.status.silent_since), (Band::TooFew, None));
}

#[test]
fn inbound_calls_alone_make_no_row_of_no_route() {
    let of = |route, counts: &[(Fact, i64)]| facts(Dimension::Route, "c", route, START, counts);
    let keys = |changes: Vec<FactChange>| -> Vec<String> {
        let frame = board(&Change { events: 1, ..heard(changes) }).tick(START);
        frame.panels.routes.unwrap().rows.iter().map(Keyed::key).collect()
    };
    let inbound = [(Fact::Inbound, 3), (Fact::InboundAnswered, 2), (Fact::Queued, 3), (Fact::Ended, 3)];
    assert_eq!(
        keys(vec![of("", &inbound), of("alpha", &inbound)]),
        ["alpha"],
        "one that is named is there all the same"
    );
    assert_eq!(
        keys(vec![of("", &inbound), of("", &[(Fact::Attempts, 1)])]),
        [""],
        "outbound calls that name none are said"
    );
}

#[test]
fn calls_of_no_direction_are_said_once_nobody_has_told_it_for_a_moment() {
    let undirected = |n| facts(Dimension::Total, "c", "", START, &[(Fact::Undirected, n)]);
    let mut board = board(&Change { events: 3, ..heard(vec![undirected(3)]) });
    assert_eq!(board.tick(START + Span::secs(1)).status.band, Band::TooFew, "the next word may tell it");
    let frame = board.tick(START + Span::secs(25));
    assert_eq!(frame.status.band, Band::Warn);
    let said = &frame.status.clauses[0];
    assert_eq!(said.subject, "3 calls of the last hour tell no direction");
    assert_eq!(said.href.as_deref(), Some("/troubleshooting#undirected"));
    board.apply(&heard(vec![undirected(-3)]));
    assert_eq!(board.tick(START + Span::secs(26)).status.band, Band::TooFew, "somebody has told it");
}

#[test]
fn a_field_that_is_misspelt_on_and_on_is_said() {
    let mut board = board(&Change { events: 1, ..heard(vec![]) });
    let why = "call.bridged: data.agnet is unknown; did you mean agent?";
    board.hear_of_misspelt(Some(super::Misspelt { why: why.into(), times: 12 }));
    let status = board.tick(START).status;
    let said = status.clauses.iter().find(|c| c.subject == "A field that is sent is ignored").unwrap();
    assert_eq!((said.text.as_str(), said.band), (format!("{why}, 12 times in the last hour").as_str(), Band::Warn));
    assert_eq!(said.href.as_deref(), Some("/troubleshooting#misspelt"));
}

#[test]
fn what_was_rejected_lately_is_said_also_where_nothing_else_is_heard() {
    let mut board = board(&Change { events: 1, ..heard(vec![]) });
    let rejected = |events, of| {
        let why = "data.call_id: missing".into();
        Some(super::Rejected { events, bodies: 0, requests: 0, why, of })
    };
    for (now, says) in [(START, "300 of them: data.call_id: missing"), (START + Span::hours(2), "300 of them")] {
        board.hear_of_rejected(rejected(312, 300));
        let status = board.tick(now).status;
        let said = status.clauses.iter().find(|c| c.subject == "312 events were rejected in the last hour").unwrap();
        assert!(said.text.starts_with(says) && said.band == Band::Warn, "{said:?}");
        assert_eq!(said.href.as_deref(), Some("/troubleshooting#rejected"));
    }
    let why = "no key was shown".into();
    board.hear_of_rejected(Some(super::Rejected { events: 1, bodies: 0, requests: 4, why, of: 4 }));
    let status = board.tick(START + Span::hours(2)).status;
    let subject = "1 event and 4 requests without a valid key were rejected in the last hour";
    let said = status.clauses.iter().find(|clause| clause.subject == subject).unwrap();
    assert_eq!(said.text, "4 of them: no key was shown");
    let (keys, later) =
        (Some(super::Rejected { events: 0, bodies: 0, requests: 4, why: "no key".into(), of: 4 }), Span::hours(2));
    board.hear_of_rejected(keys.clone());
    let names_keys =
        |board: &mut Board, at| board.tick(at).status.clauses.iter().any(|c| c.subject.contains("valid key"));
    assert!(names_keys(&mut board, START + later), "where nothing is heard, that may be why");
    let mut heard = Board::new(BoardConfig::default(), START);
    heard.apply(&Change { newest_event: Some(START), events: 1, ..Change::default() });
    heard.hear_of_rejected(keys);
    assert!(!names_keys(&mut heard, START), "whoever reaches the door says nothing of a floor that is heard");
    board.hear_of_rejected(None);
    assert!(board.tick(START + Span::hours(2) + Span::secs(1)).status.clauses.iter().all(|c| c.band != Band::Warn));
}

/// A dialer's worker tells that it is well.
fn beat(at: Moment) -> Sample<HealthSample> {
    Sample {
        at,
        source: SourceId::trusted("dialer"),
        body: HealthSample {
            component: ComponentId::trusted("worker"),
            kind: ComponentKind::DialerWorker,
            status: Health::Healthy,
            latency_ms: None,
            detail: None,
            link: None,
        },
    }
}

#[test]
fn a_floor_that_catches_up_is_not_judged_by_what_it_was() {
    let mut board = board(&Change::default());
    let now = START + Span::minutes(70);
    board.tick(now);
    let mut told = |secs| {
        let newest_event = Some(START + Span::secs(secs));
        board.apply(&Change {
            events: 1,
            newest_event,
            health: vec![beat(START + Span::secs(secs))],
            ..Change::default()
        });
        let frame = board.tick(now);
        let said = frame.status.clauses.first().map(|clause| clause.subject.clone());
        (frame.status.band, frame.status.silent_since, said)
    };
    for secs in [10, 20, 1_800, 3_899] {
        let past = Some(START + Span::secs(secs));
        assert_eq!(told(secs), (Band::None, past, Some("What is heard is of the past".to_owned())), "{secs}");
    }
    for secs in [4_080, 4_090, 4_100] {
        assert_eq!(told(secs), (Band::TooFew, None, None), "{secs}: late, and the others no less");
    }
    assert_eq!(told(4_190).0, Band::TooFew);
    let later = now + Span::secs(280);
    board.tick(later);
    board.apply(&Change { events: 1, newest_event: Some(later), ..Change::default() });
    assert_eq!(board.tick(later).status.band, Band::Critical, "all but the worker are heard of now");
}

#[test]
fn how_far_behind_is_told_and_what_whole_hours_mean() {
    let said = |behind: Span| {
        let mut board = board(&Change::default());
        let now = START + Span::hours(20);
        board.tick(now);
        let newest = now - behind;
        board.apply(&Change { events: 1, newest_event: Some(newest), health: vec![beat(newest)], ..Change::default() });
        board.tick(now).status.clauses[0].text.clone()
    };
    let five = said(Span::secs(18_002));
    assert!(five.starts_with("5 h behind") && five.contains("local time sent as UTC"), "{five}");
    let half = said(Span::secs(19_801));
    assert!(half.starts_with("5 h 30 min behind") && half.contains("local time"), "{half}");
    for other in [Span::minutes(47), Span::minutes(130), Span::hours(17)] {
        let said = said(other);
        assert!(said.contains(" behind") && !said.contains("local time"), "{said}");
    }
}

#[test]
fn a_board_ahead_of_the_clock_shows_nothing_of_now() {
    let mut board = board(&Change { events: 1, ..heard(vec![]) });
    assert_eq!(board.tick(START).status.band, Band::TooFew);
    assert_eq!(board.tick(START - Span::secs(5)).status.band, Band::TooFew, "a little is waited for");
    let ahead = board.tick(START - Span::hours(1)).status;
    assert_eq!((ahead.band, ahead.silent_since), (Band::None, Some(START)));
    assert_eq!(ahead.clauses[0].subject, "The clock was set back by 60 min");
    assert_eq!(board.tick(START).status.band, Band::TooFew);
}

#[test]
fn an_empty_server_is_not_silent() {
    let mut board = Board::new(BoardConfig::default(), START);
    let frame = board.tick(START + Span::hours(9));
    assert_eq!((frame.status.band, frame.status.silent_since, frame.status.clauses.len()), (Band::None, None, 0));
}

#[test]
fn the_code_of_most_faults_is_named_where_it_is_surely_of_this_route() {
    let of = |route, faults| {
        facts(
            Dimension::Route,
            "c",
            route,
            START,
            &[(Fact::Resolved, 100), (Fact::Sip5xx, faults), (Fact::RouteFaults, faults)],
        )
    };
    let code = |code: &str, n| facts(Dimension::SipCode, "c", code, START, &[(Fact::RouteFaults, n)]);
    let busy = facts(Dimension::SipCode, "c", "486", START, &[(Fact::Resolved, 900)]);
    let mut board = board(&heard(vec![of("beta", 50), of("gamma", 12), code("503", 50), code("500", 12), busy]));
    let frame = board.tick(START);
    assert_eq!(route(&frame, "beta").code, Some(503), "38 of its 50 at least");
    assert_eq!(route(&frame, "gamma").code, None, "all of its may be 500");
    assert!(frame.status.clauses[0].text.contains("mostly 503"), "{}", frame.status.clauses[0].text);
}

#[test]
fn what_a_server_finds_at_its_start_has_no_since_and_who_was_not_listened_to_is_not_silent() {
    let fails = facts(
        Dimension::Route,
        "c",
        "beta",
        START - Span::secs(50),
        &[(Fact::Resolved, 300), (Fact::RouteFaults, 200)],
    );
    let kept = Change {
        health: vec![beat(START - Span::minutes(2))],
        newest_event: Some(START - Span::secs(40)),
        ..heard(vec![fails])
    };
    let mut board = board(&kept);
    let subjects =
        |frame: &LiveFrame| -> Vec<String> { frame.status.clauses.iter().map(|c| c.subject.clone()).collect() };
    let first = board.tick(START);
    assert_eq!(subjects(&first), ["Route beta is failing"]);
    assert_eq!((route(&first, "beta").since, first.status.clauses[0].text.contains("since")), (None, false));
    assert_eq!(subjects(&board.tick(START + Span::secs(21))), ["Nothing heard since 22:12"]);
    board.apply(&Change { events: 1, newest_event: Some(START + Span::secs(25)), ..Change::default() });
    assert_eq!(subjects(&board.tick(START + Span::secs(25))), ["Route beta is failing"]);
    board.turn_to(START + Span::secs(181));
    board.apply(&Change { events: 1, newest_event: Some(START + Span::secs(181)), ..Change::default() });
    let silent = subjects(&board.tick(START + Span::secs(181)));
    assert!(silent.iter().any(|subject| subject.starts_with("worker is silent since")), "{silent:?}");
}

#[test]
fn a_route_that_fails_no_more_is_said_to_recover() {
    let of = |at, resolved, faults| {
        facts(Dimension::Route, "c", "beta", at, &[(Fact::Resolved, resolved), (Fact::RouteFaults, faults)])
    };
    let mut board = board(&Change { events: 1, ..heard(vec![of(START, 300, 200)]) });
    let text = |frame: LiveFrame| frame.status.clauses[0].text.clone();
    assert!(text(board.tick(START)).starts_with("200 of 300 calls in the last minute, 67 % of 300 calls in 5 min"));
    board.turn_to(START + Span::secs(90));
    board.apply(&Change { events: 1, ..heard(vec![of(START + Span::secs(80), 40, 0)]) });
    let frame = board.tick(START + Span::secs(90));
    assert_eq!(frame.status.clauses[0].subject, "Route beta failed");
    assert_eq!(
        text(frame),
        "59 % of 340 calls in 5 min, mostly faults since 22:13, recovering: 0 of 40 in the last minute"
    );
}

/// Of few calls nothing says that it recovers; and of none that failed nothing says that it is failing.
#[test]
fn a_route_whose_last_calls_are_few_and_well_is_not_said_to_be_failing() {
    let of = |at, resolved, faults| {
        facts(Dimension::Route, "c", "beta", at, &[(Fact::Resolved, resolved), (Fact::RouteFaults, faults)])
    };
    let said = |faults| {
        let mut board = board(&Change { events: 1, ..heard(vec![of(START, 300, faults)]) });
        board.turn_to(START + Span::secs(90));
        board.apply(&Change { events: 1, ..heard(vec![of(START + Span::secs(80), 15, 0)]) });
        let clause = board.tick(START + Span::secs(90)).status.clauses.remove(0);
        (clause.subject, clause.text)
    };
    let (subject, text) = said(200);
    assert_eq!(subject, "Route beta failed");
    assert!(text.ends_with("0 of 15 in the last minute") && !text.contains("recovering"), "{text}");
    assert_eq!(said(12).0, "Route beta showed faults", "a few of many");
}

#[test]
fn memory_and_disk_are_judged_beside_the_processor() {
    let source = SourceId::trusted("probe");
    let health = HealthSample::only(ComponentId::trusted("db"), ComponentKind::Database, Health::Healthy);
    let metric = |name: &str, value| Sample {
        at: START,
        source: source.clone(),
        body: serde_json::from_value(serde_json::json!({ "component": "db", "name": name, "value": value })).unwrap(),
    };
    let metrics = [("cpu", 0.2), ("memory", 0.4), ("disk", 0.962), ("net_in", 1.25e6)];
    let mut board = board(&Change {
        health: vec![Sample { at: START, source: source.clone(), body: health }],
        metrics: metrics.map(|(name, value)| metric(name, value)).into(),
        ..heard(vec![])
    });
    let frame = board.tick(START);
    let row = &frame.panels.infra.as_ref().unwrap().rows[0];
    assert_eq!(
        (row.disk, row.net_in, row.load_band, row.band),
        (Some(9_620), Some(1_250_000), Band::Critical, Band::Critical)
    );
    let clause = &frame.status.clauses[0];
    assert_eq!((clause.subject.as_str(), clause.text.as_str()), ("db is nearly full", "disk 96 %"));
}

#[test]
fn calls_a_minute_are_of_the_last_whole_minute_and_none_soon_after_dialing_stops() {
    let mut board = board(&Change { events: 1, ..heard(vec![]) });
    let mut pace = |secs: i64, calls: i64| {
        let now = START + Span::secs(secs);
        board.turn_to(now);
        let facts = vec![facts(Dimension::Total, "c", "", now, &[(Fact::Attempts, calls)])];
        board.apply(&Change { events: 1, newest_event: Some(now), ..heard(facts) });
        let item = board.tick(now).strip.rows.remove(3);
        (item.part, item.whole)
    };
    let dials: Vec<_> = (0..12).map(|n| pace(n * 10, 7)).collect();
    assert_eq!((dials[3], dials[11]), ((21, Some(1)), (42, Some(1))), "without the running ten seconds");
    assert_eq!([pace(139, 0), pace(169, 0), pace(170, 0)], [(35, Some(1)), (14, Some(1)), (7, Some(1))]);
    assert_eq!(pace(180, 0), (0, Some(1)), "70 s after the last of them");
}

#[test]
fn today_is_in_the_sentence_and_what_campaigns_rest_beside_it() {
    use app::view::daily::{DailyFrame, DayHead, DayKpi, DayState};
    let kpi = |kpi: &str, part, whole, band, against| DayKpi {
        kpi: kpi.into(),
        part,
        whole,
        unjudged: 0,
        band,
        before: Ratio::default(),
        against,
    };
    let day = DayHead {
        date: "2023-11-14".into(),
        from: START - Span::hours(12),
        to: START + Span::hours(1),
        until: START,
        state: DayState::Running,
        revised_at: None,
        agents_until: START,
        step_s: 300,
        steps_from: START - Span::hours(12),
        steps_to: START,
        before_date: "2023-11-07".into(),
        before_from: START,
        before_to: START,
        before_until: START,
        before_step_s: 300,
        before_steps_from: START,
        before_steps_to: START,
        before_revised_at: None,
    };
    let frame = DailyFrame {
        as_of: START,
        newest_event: None,
        site: app::view::live::Site { zone: "UTC".into(), utc_offset_s: 0 },
        day,
        kpis: app::view::Table::of(vec![
            kpi("queue_abandon_rate", 12, 107, Band::Critical, Band::None),
            kpi("answer_rate", 12, 107, Band::None, Band::Critical),
        ]),
        steps: Default::default(),
        before: Default::default(),
        campaigns: Default::default(),
        routes: Default::default(),
        agents: Default::default(),
        marks: Default::default(),
    };
    let mut board = board(&Change { events: 1, ..heard(vec![]) });
    board.hear_of_today(&frame);
    let status = board.tick(START).status;
    let clause = &status.clauses[0];
    let said = (clause.subject.as_str(), clause.text.as_str(), clause.href.as_deref());
    assert_eq!(said, ("Queue abandonment today", "11.2 %, 12 of 107", Some("/daily#kpi-queue_abandon_rate")));
    assert_eq!((status.band, status.differ), (Band::Critical, 1));
    assert_eq!(status.differing, ["answer_rate"], "by name");
    let mut behind = self::board(&Change { events: 1, newest_event: Some(START - Span::hours(1)), ..heard(vec![]) });
    behind.hear_of_today(&frame);
    behind.apply(&Change { events: 1, newest_event: Some(START), ..Change::default() });
    assert_eq!(behind.tick(START).status.band, Band::TooFew, "a day that was being caught up with");
    board.turn_to(START + Span::hours(1));
    board.apply(&Change { events: 1, newest_event: Some(START + Span::hours(1)), ..Change::default() });
    assert_eq!(board.tick(START + Span::hours(1)).status.clauses, [], "tomorrow it is another day");
}
