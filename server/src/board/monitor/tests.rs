//! The monitor as people would tell it: what is heard, and what the cards then say.

#![allow(clippy::unwrap_used)]

use crate::board::{Board, BoardConfig, Hears};
use crate::law::calls::{CallNow, Stands};
use crate::law::change::{AgentNow, Change, FactChange, Gauge, GaugeKey, LIVE_GRAIN, RunSums, Sample, SumKey};
use app::domain::control::{Action, Control, Controls, Phase};
use app::domain::event::{CampaignUpdated, HealthSample, Text};
use app::domain::outcome::{AgentStatus, CampaignStatus, ComponentKind, Disposition, Health};
use app::domain::{
    AgentId, CallId, CallName, Campaign, CampaignId, ComponentId, Dimension, Fact, Moment, Number, QueueId, RealmId,
    RouteId, SourceId, Span, Tally,
};
use app::kpi::{Band, Ratio};
use app::view::Keyed;
use app::view::monitor::{CampaignCard, MonitorFrame, PausedWhy};
use app::view::monitor_campaign::{CallState, CampaignFrame};

const START: Moment = Moment::from_secs(1_700_000_000);

fn told(campaign: &str, status: Option<CampaignStatus>, reason: Option<&str>) -> CampaignUpdated {
    CampaignUpdated {
        campaign: CampaignId::trusted(campaign),
        name: None,
        status,
        reason: reason.map(Text::clipped),
        mode: None,
        destination: None,
        destinations: Some(1_000),
        cac_limit: Some(1_000),
        cps_limit: None,
        rate_limited: None,
        started_at: None,
        max_attempts: None,
        limit: None,
    }
}

fn settings(bodies: &[(CampaignUpdated, Moment)]) -> Vec<(CampaignId, Campaign)> {
    let mut campaigns: std::collections::BTreeMap<CampaignId, Campaign> = Default::default();
    for (body, at) in bodies {
        campaigns.entry(body.campaign.clone()).or_default().merge(&Campaign::told_by(body, *at));
    }
    campaigns.into_iter().collect()
}

fn facts(campaign: &str, at: Moment, counts: &[(Fact, i64)]) -> FactChange {
    let mut tally = Tally::default();
    counts.iter().for_each(|(fact, n)| tally.add(*fact, *n));
    let of = SumKey { campaign: CampaignId::trusted(campaign), dimension: Dimension::Campaign, key: campaign.into() };
    FactChange { bucket: at.floor(LIVE_GRAIN), of, tally }
}

fn gauge(gauge: Gauge, campaign: &str, n: i64) -> (GaugeKey, i64) {
    let campaign = CampaignId::trusted(campaign);
    (GaugeKey { gauge, campaign, route: RouteId::none(), queue: QueueId::none(), second: START.floor(LIVE_GRAIN) }, n)
}

fn run(campaign: &str, counts: &[(Fact, i64)]) -> RunSums {
    let mut tally = Tally::default();
    counts.iter().for_each(|(fact, n)| tally.add(*fact, *n));
    RunSums { campaign: CampaignId::trusted(campaign), from: START - Span::days(3), tally }
}

fn board(change: &Change) -> Board {
    let mut board = Board::new(BoardConfig::default(), START);
    board.apply(change);
    board.tick(START);
    board
}

fn above(board: &Board) -> MonitorFrame {
    board.monitor(&board.gather())
}

fn within(board: &Board, campaign: &str) -> Option<CampaignFrame> {
    board.monitor_of(&CampaignId::trusted(campaign), &board.gather())
}

fn card(board: &Board, campaign: &str) -> CampaignCard {
    above(board).cards.rows.into_iter().find(|card| card.key() == campaign).unwrap()
}

use CampaignStatus::{Active, Ended, Paused};

#[test]
fn a_card_says_whether_a_dialer_can_be_asked_for_it() {
    let campaigns = settings(&[(told("heard", Some(Active), None), START), (told("deaf", Some(Active), None), START)]);
    let hears = Hears::by(|campaign| campaign.as_str() == "heard");
    let mut board = Board::new(BoardConfig { hears, ..BoardConfig::default() }, START);
    board.apply(&Change { campaigns, ..Change::default() });
    board.tick(START);
    assert!(card(&board, "heard").hears && !card(&board, "deaf").hears);
}

#[test]
fn active_and_paused_campaigns_have_cards_and_so_have_those_that_only_call() {
    let campaigns = settings(&[
        (told("active", Some(Active), None), START),
        (told("paused", Some(Paused), None), START),
        (told("ended", Some(Ended), None), START),
        (told("asleep", None, None), START),
        (told("calling", None, None), START),
    ]);
    let gauges = vec![
        gauge(Gauge::Active, "active", 5),
        gauge(Gauge::Active, "calling", 2),
        gauge(Gauge::Active, "ended", 3),
        gauge(Gauge::Active, "", 1),
    ];
    let board = board(&Change { campaigns, gauges, ..Change::default() });
    let frame = above(&board);
    let keys: Vec<String> = frame.cards.rows.iter().map(Keyed::key).collect();
    assert_eq!(keys, ["active", "calling", "paused"], "the busiest first");
    let untold = Change { gauges: vec![gauge(Gauge::Active, "untold", 4)], ..Change::default() };
    let mut other = Board::new(BoardConfig::default(), START);
    other.apply(&untold);
    other.tick(START);
    let told_of: Vec<String> = above(&other).cards.rows.iter().map(Keyed::key).collect();
    assert_eq!(told_of, ["untold"], "also one that nobody told of but by its calls");
    assert_eq!(above(&other).totals.active_elsewhere, 0);
    let totals = frame.totals;
    assert_eq!((totals.active_campaigns, totals.paused_campaigns), (2, 1));
    assert_eq!((totals.active_calls, totals.active_elsewhere), (11, 4));
    assert_eq!(totals.cac, Ratio::new(7, 3_000));
    assert_eq!(within(&board, "ended").unwrap().card.status, Some(Ended), "who follows a link sees it still");
    assert!(within(&board, "nobody").is_none() && within(&board, "").is_none());
}

#[test]
fn cac_utilisation_changes_its_band_at_the_exact_boundaries() {
    for (active, band) in [(499, Band::Ok), (500, Band::Warn), (800, Band::Warn), (801, Band::Critical)] {
        let campaigns = settings(&[(told("c", Some(Active), None), START)]);
        let board = board(&Change { campaigns, gauges: vec![gauge(Gauge::Active, "c", active)], ..Change::default() });
        let frame = above(&board);
        assert_eq!((frame.cards.rows[0].cac_band, frame.totals.cac_band), (band, band), "{active} of 1,000");
    }
}

#[test]
fn the_worst_card_comes_first_and_places_change_every_ten_seconds() {
    let campaigns = settings(&[(told("a", Some(Active), None), START), (told("b", Some(Active), None), START)]);
    let mut board = board(&Change { campaigns, gauges: vec![gauge(Gauge::Active, "a", 9)], ..Change::default() });
    board.apply(&Change { gauges: vec![gauge(Gauge::Active, "b", 900)], ..Change::default() });
    board.tick(START + Span::secs(1));
    let first = |board: &Board| above(board).cards.rows[0].key();
    assert_eq!(first(&board), "a", "nothing jumps at once");
    board.tick(START + Span::secs(10));
    assert_eq!(first(&board), "b", "the busier before the other");
    assert_eq!(card(&board, "b").since, None, "not yet for half a minute");
    board.tick(START + Span::secs(31));
    assert_eq!(card(&board, "b").since, Some(START + Span::secs(31)));
}

#[test]
fn the_worker_card_tells_the_last_answer_and_not_the_last_poll() {
    let poll = |secs, status| health("w", status, START - Span::secs(secs));
    let polls =
        [poll(600, Health::Healthy), poll(20, Health::Offline), poll(10, Health::Offline), poll(0, Health::Offline)];
    let worker = above(&board(&Change { health: polls.to_vec(), ..Change::default() })).worker;
    assert_eq!((worker.status, worker.at), (Some(Health::Offline), Some(START - Span::secs(600))));
}

#[test]
fn a_pause_is_told_with_since_when_and_why() {
    let at = |minute: i64| START - Span::minutes(60 - minute);
    let campaigns = settings(&[
        (told("c", Some(Paused), Some("operator")), at(1)),
        (told("c", Some(Active), None), at(2)),
        (told("c", Some(Paused), None), at(3)),
        (told("c", Some(Paused), Some("Schedule")), at(4)),
        (told("old", Some(Paused), Some("operator")), at(1)),
        (told("old", Some(Active), None), at(2)),
        (told("old", Some(Paused), None), at(3)),
    ]);
    let mut board = board(&Change { campaigns, ..Change::default() });
    let paused = card(&board, "c").paused.unwrap();
    assert_eq!((paused.since, paused.why), (Some(at(3)), PausedWhy::Schedule));
    let chip = card(&board, "c").diagnosis.unwrap();
    assert_eq!((chip.problem.as_str(), chip.band), ("schedule", Band::Warn));
    let old = card(&board, "old");
    assert_eq!(old.paused.unwrap().why, PausedWhy::Unknown, "the reason of an earlier pause is none for this");
    assert_eq!(old.diagnosis, None);
    assert_eq!((board.problem_list().paused, above(&board).totals.paused_campaigns), (2, 2), "one count on all pages");
    let asked = Control {
        request: "r".into(),
        action: Action::Pause,
        phase: Phase::Done,
        by: "floor lead".into(),
        asked_at: at(3),
        confirmed_at: Some(at(3)),
        draining: None,
        undo_until: None,
        why: None,
    };
    board.asked(std::sync::Arc::new(Controls::from([(CampaignId::trusted("old"), asked)])));
    let paused = card(&board, "old").paused.unwrap();
    assert_eq!((paused.why, paused.by.as_deref()), (PausedWhy::Operator, Some("floor lead")));
}

#[test]
fn the_window_campaign_adds_what_is_told_after_it_was_read() {
    let campaigns = settings(&[(told("c", Some(Active), None), START)]);
    let runs = vec![run("c", &[(Fact::DestinationsCompleted, 100), (Fact::DestinationsFailed, 50)])];
    let mut board = board(&Change { campaigns, runs, ..Change::default() });
    let more =
        |at, n| facts("c", at, &[(Fact::DestinationsCompleted, n), (Fact::FirstAttempts, n), (Fact::Attempts, n)]);
    let late = START - Span::days(2);
    let change =
        Change { facts: vec![more(START, 20), more(late, 3), more(START - Span::days(4), 500)], ..Change::default() };
    board.apply(&change);
    board.tick(START + Span::secs(1));
    let card = card(&board, "c");
    assert_eq!((card.completed, card.failed, card.pending), (123, 50, Some(827)), "before its start is not of it");
    assert_eq!((card.first_attempts, card.first_attempts_hour), (Some(23), Some(20)));
    assert_eq!(card.progress(), Ratio::new(173, 1_000));
}

#[test]
fn without_an_attempt_ever_sent_the_list_is_not_known() {
    let campaigns = settings(&[(told("c", Some(Active), None), START)]);
    let board = board(&Change { campaigns, runs: vec![run("c", &[(Fact::Attempts, 9)])], ..Change::default() });
    let card = card(&board, "c");
    assert_eq!((card.first_attempts, card.penetration().value()), (None, None));
}

#[test]
fn the_end_is_foreseen_by_the_last_quarter_hour_and_not_while_paused() {
    let change = |status| Change {
        campaigns: settings(&[(told("c", Some(status), None), START)]),
        runs: vec![run("c", &[(Fact::DestinationsCompleted, 400)])],
        facts: vec![facts("c", START, &[(Fact::DestinationsCompleted, 100), (Fact::DestinationsFailed, 20)])],
        ..Change::default()
    };
    // 1,000 less 400: the sums were read as of this commit, its facts are in them.
    let active = within(&board(&change(Active)), "c").unwrap();
    assert_eq!((active.progress.done_15m, active.card.pending), (120, Some(600)));
    let eta = active.progress.eta.unwrap();
    assert_eq!(eta.at, (START + Span::minutes(75)).floor(Span::minutes(1)));
    assert!(eta.earliest < eta.at && eta.latest.unwrap() > eta.at);
    assert_eq!(within(&board(&change(Paused)), "c").unwrap().progress.eta, None);
    let mut rests = board(&change(Active));
    rests.tick(START + Span::minutes(16));
    assert_eq!(within(&rests, "c").unwrap().progress.eta, None, "nothing has been done for a quarter of an hour");
}

fn call(id: &str, ago: i64, stands: Stands) -> CallNow {
    CallNow {
        name: CallName { realm: RealmId::trusted("r"), call_id: CallId::trusted(id) },
        campaign: CampaignId::trusted("c"),
        start: START - Span::secs(ago),
        number: Some(Number::trusted("+442079460018")),
        agent: None,
        list: None,
        queue: None,
        disposition: None,
        answered: None,
        stands,
    }
}

#[test]
fn a_campaign_lists_its_calls_with_masked_numbers_and_counts_the_rest() {
    let over = Stands::Over { ended: START, became: Disposition::Busy };
    let change = Change {
        campaigns: settings(&[(told("c", Some(Active), None), START)]),
        gauges: vec![gauge(Gauge::Active, "c", 2), gauge(Gauge::Over, "c", 5)],
        calls: vec![
            call("long", 900, Stands::Up(CallState::Connected)),
            call("new", 1, Stands::Up(CallState::Dialing)),
            call("over", 20, over),
        ],
        ..Change::default()
    };
    let frame = within(&board(&change), "c").unwrap();
    let shown: Vec<&str> = frame.calls.rows.iter().map(|row| row.call_id.as_str()).collect();
    assert_eq!((shown, frame.calls.more), (vec!["new", "over", "long"], 4));
    assert!(!serde_json::to_string(&frame).unwrap().contains("2079460018"));
}

#[test]
fn every_ended_call_is_in_exactly_one_disposition() {
    let counts = [
        (Fact::Ended, 30),
        (Fact::Connected, 12),
        (Fact::Completed, 7),
        (Fact::EndedBusy, 4),
        (Fact::EndedNoAnswer, 6),
        (Fact::EndedFailed, 5),
        (Fact::EndedCancelled, 2),
        (Fact::EndedCongestion, 1),
        (Fact::Lost, 3),
        (Fact::Abandoned, 2),
    ];
    let campaigns = settings(&[(told("c", Some(Active), None), START)]);
    let frame = within(&board(&Change { campaigns, runs: vec![run("c", &counts)], ..Change::default() }), "c").unwrap();
    let calls: Vec<i64> = frame.dispositions.rows.iter().map(|row| row.calls).collect();
    assert_eq!((calls, frame.figures.ended, frame.figures.lost), (vec![7, 5, 4, 6, 5, 2, 1], 30, 3));
    assert_eq!(frame.figures.abandoned, 2, "said beside those that were answered without an agent");
}

fn health(component: &str, status: Health, at: Moment) -> Sample<HealthSample> {
    let body = HealthSample {
        component: ComponentId::trusted(component),
        kind: ComponentKind::DialerWorker,
        status,
        latency_ms: Some(6.0),
        detail: None,
        link: None,
    };
    Sample { at, source: SourceId::trusted("s"), body }
}

#[test]
fn a_worker_that_is_offline_is_told_with_what_that_means() {
    let campaigns = settings(&[(told("c", Some(Active), None), START), (told("p", Some(Paused), None), START)]);
    let with = |samples: &[Sample<HealthSample>]| {
        board(&Change { campaigns: campaigns.clone(), health: samples.to_vec(), ..Change::default() })
    };
    let none = above(&with(&[]));
    assert_eq!((none.worker.status, none.worker.band), (None, Band::None));
    let well = above(&with(&[health("w", Health::Healthy, START)])).worker;
    assert_eq!((well.status, well.latency_us, well.warning), (Some(Health::Healthy), Some(6_000), None));
    let one_of_two = with(&[health("v", Health::Healthy, START), health("w", Health::Offline, START)]);
    let frame = above(&one_of_two);
    assert_eq!((frame.worker.status, frame.worker.offline, frame.worker.workers), (Some(Health::Offline), 1, 2));
    assert!(frame.worker.warning.unwrap().starts_with("1 of 2"));
    assert_eq!(card(&one_of_two, "c").diagnosis, None, "the other goes on");
    let mut silent = with(&[health("w", Health::Healthy, START - Span::secs(10)), health("w", Health::Healthy, START)]);
    silent.tick(START + Span::secs(31));
    let frame = above(&silent);
    assert!(frame.worker.warning.unwrap().contains("do not progress"));
    let clause = &frame.status.clauses[0];
    assert!(clause.subject.starts_with("w is silent since"), "{}", clause.subject);
    assert_eq!(clause.text, "dialing has stopped, 1 campaign");
    assert_eq!(frame.status.clauses.len(), 1, "said once, not for each campaign");
    let listed = silent.problem_list();
    let explained: Vec<&str> = listed.rows[0].explains.iter().map(|row| row.id.as_str()).collect();
    assert_eq!((listed.rows.len(), explained, listed.paused), (1, vec!["c"], 1));
    assert_eq!(card(&silent, "c").diagnosis.unwrap().problem, "worker");
    assert_eq!(card(&silent, "p").diagnosis, None);
}

#[test]
fn the_sentence_names_the_worst_campaign_with_its_figures() {
    let now = |agent: &str, state| AgentNow {
        agent: AgentId::trusted(agent),
        campaign: CampaignId::trusted("a"),
        state,
        since: START,
        reason: None,
    };
    let mut change = Change {
        campaigns: settings(&[(told("a", Some(Active), None), START), (told("b", Some(Active), None), START)]),
        ..Change::default()
    };
    change.agents = vec![
        now("1", AgentStatus::Break),
        now("2", AgentStatus::Break),
        now("3", AgentStatus::Break),
        now("4", AgentStatus::OnCall),
    ];
    let frame = above(&board(&change));
    let clause = &frame.status.clauses[0];
    assert_eq!(clause.subject, "a: staffing problem");
    assert_eq!(clause.text, "ready 0 of 4, on break 3");
    assert_eq!(clause.campaign.as_ref().unwrap().as_str(), "a");
    assert_eq!(frame.status.band, Band::Warn);
}

/// Facts of a campaign and of one of its queues.
fn of_queue(campaign: &str, queue: &str, counts: &[(Fact, i64)]) -> [FactChange; 2] {
    let own = facts(campaign, START, counts);
    let of = SumKey { dimension: Dimension::Queue, key: queue.into(), ..own.of.clone() };
    [FactChange { of, ..own.clone() }, own]
}

#[test]
fn who_only_takes_calls_is_an_inbound_campaign_and_not_one_that_does_not_dial() {
    let long_ago = START - Span::hours(1);
    let told = |campaign| CampaignUpdated { destinations: None, ..told(campaign, Some(Active), None) };
    let campaigns = settings(&[(told("helpline"), long_ago), (told("both"), long_ago)]);
    let counts = [
        (Fact::Inbound, 200),
        (Fact::InboundAnswered, 198),
        (Fact::InboundRingMs, 198 * 2_000),
        (Fact::InboundWaitMs, 198 * 8_000),
        (Fact::Queued, 200),
        (Fact::QueueAbandoned, 2),
        (Fact::Waited, 190),
        (Fact::WaitMs, 190 * 9_000),
    ];
    let mut changed: Vec<FactChange> = of_queue("helpline", "q-help", &counts).into();
    changed.extend(of_queue("both", "q-both", &counts));
    let earlier = facts("both", START - Span::minutes(20), &[(Fact::Attempts, 50)]);
    changed.push(earlier);
    let waiting = (GaugeKey { queue: QueueId::trusted("q-help"), ..gauge(Gauge::Waiting, "helpline", 3).0 }, 3);
    let board = board(&Change { campaigns, facts: changed, gauges: vec![waiting], ..Change::default() });
    let inbound = card(&board, "helpline");
    assert!(!inbound.dials && inbound.diagnosis.is_none(), "{:?}", inbound.diagnosis);
    let callers = inbound.inbound.unwrap();
    assert_eq!((callers.waiting, callers.answered, callers.answered_band), (3, Ratio::new(198, 200), Band::Ok));
    assert_eq!((callers.queue_abandoned, callers.queue_band), (Ratio::new(2, 200), Band::Ok));
    assert_eq!((callers.asa, callers.asa_band), (Ratio::new(198 * 10_000, 198), Band::Ok));
    let both = card(&board, "both");
    assert!(both.dials && both.inbound.is_some());
    assert_eq!(both.diagnosis.unwrap().problem, "idle", "it did dial, and does no more");
    let queues = within(&board, "helpline").unwrap().queues.rows;
    assert_eq!(queues.len(), 1);
    let queue = &queues[0];
    assert_eq!((queue.queue.as_str(), queue.waiting, queue.queued), ("q-help", 3, 200));
    assert_eq!(
        (queue.abandoned, queue.wait),
        (Ratio::new(2, 200), Ratio::new(190 * 9_000, 190)),
        "of whom it is known"
    );
}

#[test]
fn callers_who_give_up_are_a_problem_of_their_campaign_and_the_floors_rate_stands_under_it() {
    let campaigns =
        settings(&[(CampaignUpdated { destinations: None, ..told("helpline", Some(Active), None) }, START)]);
    let counts = [(Fact::Inbound, 400), (Fact::InboundAnswered, 300), (Fact::Queued, 400), (Fact::QueueAbandoned, 100)];
    let mut changed: Vec<FactChange> = of_queue("helpline", "q", &counts).into();
    let own = changed[1].clone();
    let of = SumKey { dimension: Dimension::Total, key: "".into(), ..own.of.clone() };
    changed.push(FactChange { of, ..own });
    let mut board = board(&Change { campaigns, facts: changed, events: 1, ..Change::default() });
    for secs in 1..120 {
        board.apply(&Change { events: 1, ..Change::default() });
        board.tick(START + Span::secs(secs));
    }
    let chip = card(&board, "helpline").diagnosis.unwrap();
    assert_eq!((chip.problem.as_str(), chip.band), ("queue", Band::Critical), "{chip:?}");
    assert!(chip.figures.iter().any(|figure| figure.value.starts_with("25.0 % of 400")), "{chip:?}");
    let list = board.problem_list();
    let named: Vec<&str> = list.rows.iter().map(|row| row.subject.as_str()).collect();
    assert_eq!(named, ["helpline: queue problem"], "{list:?}");
    assert_eq!(list.rows[0].explains.len(), 2, "{list:?}");
}
