//! A board with far more names than a floor has: what it shows stays as large, and what it does a tick as much, as with few.

#![allow(clippy::unwrap_used)]

use super::{Board, BoardConfig};
use crate::aggregate::change::{ByKind, Change, FactChange, LIVE_GRAIN, RunSums, Sample, SumKey};
use app::domain::{Campaign, CampaignId, Did, Dimension, Fact, Moment, Number, Route, RouteId, SourceId, Span, Tally};
use app::view::Keyed;
use app::view::monitor::MAX_CARDS;
use app::view::panel::MAX_ROWS;
use std::sync::atomic::Ordering;

const START: Moment = Moment::from_secs(1_700_000_000);

fn campaign(n: usize) -> CampaignId {
    CampaignId::trusted(format!("campaign-{n:05}"))
}

/// Campaigns that dial, each with calls, and workers of which the last is offline.
fn floor(campaigns: usize, workers: usize) -> Board {
    let mut change = Change { newest_event: Some(START), ..Change::default() };
    for n in 0..campaigns {
        let told = serde_json::json!({ "campaign": campaign(n), "status": "active" });
        let told = Campaign::told_by(&serde_json::from_value(told).unwrap(), START - Span::hours(2));
        change.campaigns.push((campaign(n), told));
        let mut tally = Tally::default();
        [(Fact::Attempts, 3), (Fact::Resolved, 2)].iter().for_each(|(fact, n)| tally.add(*fact, *n));
        let of = SumKey { campaign: campaign(n), dimension: Dimension::Campaign, key: campaign(n).to_smol() };
        change.facts.push(FactChange { bucket: START.floor(LIVE_GRAIN), of, tally });
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

/// How many campaigns' rows a tick makes within a bucket of ten seconds, one of them having had a call.
fn rows_of_a_tick(board: &mut Board) -> u64 {
    board.advance(START);
    board.advance(START + Span::millis(250));
    let before = board.rows.campaigns.made();
    let mut tally = Tally::default();
    tally.add(Fact::Attempts, 1);
    let of = SumKey { campaign: campaign(7), dimension: Dimension::Campaign, key: campaign(7).to_smol() };
    let facts = vec![FactChange { bucket: START.floor(LIVE_GRAIN), of, tally }];
    board.apply(&Change { facts, ..Change::default() });
    board.advance(START + Span::millis(500));
    board.rows.campaigns.made() - before
}

#[test]
fn a_tick_makes_the_rows_of_campaigns_that_moved_and_no_others() {
    assert_eq!((rows_of_a_tick(&mut floor(20, 0)), rows_of_a_tick(&mut floor(20_000, 0))), (1, 1));
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
    assert!(board.knows(&campaign(0)) && board.routes.contains_key(&route) && board.dids.contains_key(number.reveal()));
    let gone = ByKind { campaigns: vec![campaign(0)], routes: vec![route.clone()], dids: vec![number.clone()] };
    board.apply(&Change { gone, ..Change::default() });
    assert!(!board.knows(&campaign(0)) && board.knows(&campaign(1)));
    assert!(!board.routes.contains_key(&route) && !board.dids.contains_key(number.reveal()));
}
