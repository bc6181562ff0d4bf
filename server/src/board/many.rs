//! A board with far more names than a floor has: what it shows stays as large, and what it does a tick as much, as with few.

#![allow(clippy::unwrap_used)]

use super::{Board, BoardConfig};
use crate::law::change::{ByKind, Change, FactChange, LIVE_GRAIN, RunSums, Sample, SumKey};
use app::domain::{Campaign, CampaignId, Did, Dimension, Fact, Moment, Number, Route, RouteId, SourceId, Span, Tally};
use app::view::Keyed;
use app::view::monitor::MAX_CARDS;
use app::view::panel::MAX_ROWS;
use app::view::problems::{MAX_EXPLAINED, MAX_NAMED};
use smol_str::SmolStr;
use std::sync::atomic::Ordering;

const START: Moment = Moment::from_secs(1_700_000_000);

fn campaign(n: usize) -> CampaignId {
    CampaignId::trusted(format!("campaign-{n:05}"))
}

fn route(n: usize) -> RouteId {
    RouteId::trusted(format!("route-{n:05}"))
}

/// Campaigns that dial, each with calls and a route of its own, and workers of which the last is offline.
fn floor(campaigns: usize, workers: usize) -> Board {
    let mut change = Change { newest_event: Some(START), ..Change::default() };
    for n in 0..campaigns {
        let told = serde_json::json!({ "campaign": campaign(n), "status": "active" });
        let told = Campaign::told_by(&serde_json::from_value(told).unwrap(), START - Span::hours(2));
        change.campaigns.push((campaign(n), told));
        let mut tally = Tally::default();
        [(Fact::Attempts, 3), (Fact::Resolved, 2)].iter().for_each(|(fact, n)| tally.add(*fact, *n));
        let of = SumKey { campaign: campaign(n), dimension: Dimension::Campaign, key: campaign(n).to_smol() };
        change.facts.push(FactChange { bucket: START.floor(LIVE_GRAIN), of, tally: tally.clone() });
        let of = SumKey { campaign: campaign(n), dimension: Dimension::Route, key: route(n).to_smol() };
        change.facts.push(FactChange { bucket: START.floor(LIVE_GRAIN), of, tally });
        change.routes.push((route(n), Route::default()));
    }
    for n in 0..workers {
        let status = if n + 1 == workers { "offline" } else { "healthy" };
        let body = serde_json::json!({ "component": format!("w-{n:05}"), "kind": "dialer_worker", "status": status });
        let body = serde_json::from_value(body).unwrap();
        change.health.push(Sample { at: START, source: SourceId::trusted("watch"), body });
    }
    let mut board = Board::new(BoardConfig::default(), START);
    board.apply(&change);
    board
}

/// How often components are gone through in a second of ticks, with the monitor looked at.
fn looks(board: &mut Board) -> u64 {
    let before = board.samples().looks.load(Ordering::Relaxed);
    for quarter in 1..=4 {
        board.advance(START + Span::millis(250 * quarter));
    }
    drop(board.monitor(&board.gather()));
    board.samples().looks.load(Ordering::Relaxed) - before
}

#[test]
fn twenty_thousand_campaigns_and_thousands_of_components_cost_no_more_looks_than_a_few() {
    let (mut few, mut many) = (floor(20, 5), floor(20_000, 2_500));
    let of_few = looks(&mut few);
    assert_eq!((looks(&mut many), of_few < 20), (of_few, true), "{of_few}");
    let live = many.live();
    let abandon = live.panels.abandon.as_ref().unwrap();
    assert_eq!((abandon.rows.len(), abandon.more as usize), (MAX_ROWS, 20_000 - MAX_ROWS));
    let infra = live.panels.infra.as_ref().unwrap();
    assert_eq!(
        (infra.rows[0].key().as_str(), infra.rows.len(), infra.more as usize),
        ("w-02499", MAX_ROWS, 2_500 - MAX_ROWS)
    );
    let monitor = many.monitor(&many.gather());
    assert_eq!((monitor.cards.rows.len(), monitor.cards.more as usize), (MAX_CARDS, 20_000 - MAX_CARDS));
    assert_eq!((monitor.totals.active_campaigns, monitor.worker.workers, monitor.worker.offline), (20_000, 2_500, 1));
}

/// A call of the seventh campaign, by the seventh route.
fn call(at: Moment) -> Change {
    let sum = |dimension, key: SmolStr| {
        let mut tally = Tally::default();
        tally.add(Fact::Attempts, 1);
        let of = SumKey { campaign: campaign(7), dimension, key };
        FactChange { bucket: at.floor(LIVE_GRAIN), of, tally }
    };
    let facts = vec![sum(Dimension::Campaign, campaign(7).to_smol()), sum(Dimension::Route, route(7).to_smol())];
    Change { facts, newest_event: Some(at), events: 1, ..Change::default() }
}

/// How many rows of campaigns and of routes and how many cards were made so far.
fn made(board: &Board) -> [u64; 3] {
    [board.verdicts.rows.campaigns.made(), board.verdicts.rows.routes.made(), board.monitor.cards.made()]
}

/// How many are made while time goes on to so many quarters of a second, something being told at the begin or not.
fn made_until(board: &mut Board, quarters: i64, told: Option<&Change>) -> [u64; 3] {
    let (before, from) = (made(board), board.now());
    told.into_iter().for_each(|told| board.apply(told));
    (1..=quarters).for_each(|n| board.advance(from + Span::millis(250 * n)));
    let after = made(board);
    [after[0] - before[0], after[1] - before[1], after[2] - before[2]]
}

#[test]
fn only_what_moved_is_made_anew_and_a_minute_in_which_nothing_does_costs_nothing() {
    let mut of_each = Vec::new();
    for many in [20, 2_000] {
        let mut board = floor(many, 3);
        // Until the calls that it began with are older than the hour, and nothing waits to be judged.
        board.advance(START);
        board.turn_to(START + Span::minutes(70));
        board.apply(&Change { newest_event: Some(board.now()), events: 1, ..Change::default() });
        board.advance(board.now());
        let idle = made_until(&mut board, 4 * 60, None);
        let told = call(board.now());
        of_each.push((idle, made_until(&mut board, 4, Some(&told)), board.verdicts.rows.campaigns.iter().count()));
    }
    let (few, many) = (of_each[0], of_each[1]);
    assert_eq!((few.0, many.0), ([0; 3], [0; 3]), "nothing moved");
    assert_eq!((few.1, few.2, many.2), (many.1, 20, 2_000));
    assert!(few.1.iter().all(|made| (1..=2).contains(made)), "{few:?}");
}

#[test]
fn windows_that_move_on_make_the_rows_anew_of_which_a_sum_moves() {
    let mut board = floor(2_000, 0);
    board.advance(START);
    board.turn_to(START + Span::minutes(70));
    board.apply(&call(board.now()));
    board.advance(board.now());
    // The call passes from the last five minutes into the last quarter, and into the hour, while others are heard of.
    let [mut campaigns, mut routes, mut cards] = [0; 3];
    for _ in 0..16 {
        let heard = Change { newest_event: Some(board.now()), events: 1, ..Change::default() };
        let made = made_until(&mut board, 4 * 60, Some(&heard));
        (campaigns, routes, cards) = (campaigns + made[0], routes + made[1], cards + made[2]);
    }
    assert!((2..=4).contains(&campaigns) && (2..=4).contains(&cards), "{campaigns} {cards}");
    // Its route's row also tells of the last minute, bucket by bucket while it has calls of the last five.
    assert!((2..=34).contains(&routes), "{routes}");
}

#[test]
fn workers_that_are_offline_by_the_hundred_share_one_list_of_whom_that_hits() {
    let mut change = Change { newest_event: Some(START), events: 1, ..Change::default() };
    for n in 0..300 {
        let body =
            serde_json::json!({ "component": format!("w-{n:05}"), "kind": "dialer_worker", "status": "offline" });
        let body = serde_json::from_value(body).unwrap();
        change.health.push(Sample { at: START, source: SourceId::trusted("watch"), body });
    }
    let mut board = floor(500, 0);
    board.apply(&change);
    board.advance(START);
    let hit: Vec<_> = board.problems.all.iter().map(|problem| &problem.hit.campaigns).collect();
    assert_eq!((hit.len(), hit[0].len()), (300, 500));
    assert!(hit.windows(2).all(|two| std::sync::Arc::ptr_eq(two[0], two[1])));
    let first = &board.problems.all[0];
    assert_eq!(first.explains.len(), 500, "each campaign once");
}

#[test]
fn what_hits_more_than_can_be_named_counts_the_rest() {
    let body = serde_json::json!({ "component": "w-1", "kind": "dialer_worker", "status": "offline" });
    let body = serde_json::from_value(body).unwrap();
    let health = vec![Sample { at: START, source: SourceId::trusted("watch"), body }];
    let mut board = floor(20_000, 0);
    board.apply(&Change { newest_event: Some(START), events: 1, health, ..Change::default() });
    board.advance(START);
    let list = board.problem_list();
    let worker = &list.rows[0];
    assert_eq!((worker.campaigns.len(), worker.more_campaigns), (MAX_NAMED, 20_000 - 100));
    assert_eq!((worker.explains.len(), worker.more_explained), (MAX_EXPLAINED, 20_000 - 100));
    assert!(worker.text.contains("20,000 campaigns"), "{}", worker.text);
    let bytes = serde_json::to_vec(&list).unwrap().len();
    assert!(bytes < 100_000, "{bytes} bytes");
    // It concerns all of them all the same.
    assert_eq!(board.sentence().count_problems(Some(&campaign(19_999)).into()), 1);
}

#[test]
fn a_name_of_which_nothing_is_kept_is_forgotten() {
    let mut board = floor(3, 0);
    let (route, number) = (RouteId::trusted("north"), Number::trusted("+12025550142"));
    let own = serde_json::json!({ "did": number.reveal(), "status": "active" });
    let own = Did::told_by(&serde_json::from_value(own).unwrap(), START);
    let run = |n: usize| RunSums { campaign: campaign(n), from: START, tally: Tally::default() };
    board.apply(&Change {
        routes: vec![(route.clone(), Route::default())],
        dids: vec![(number.clone(), own)],
        runs: vec![run(0), run(1)],
        ..Change::default()
    });
    assert!(
        board.knows(&campaign(0))
            && board.floor.routes.contains_key(&route)
            && board.floor.dids.contains_key(number.reveal())
    );
    let gone = ByKind { campaigns: vec![campaign(0)], routes: vec![route.clone()], dids: vec![number.clone()] };
    board.apply(&Change { gone, ..Change::default() });
    assert!(!board.knows(&campaign(0)) && board.knows(&campaign(1)));
    assert!(!board.floor.routes.contains_key(&route) && !board.floor.dids.contains_key(number.reveal()));
}
