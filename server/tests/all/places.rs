//! Sources with coarse clocks tell of many calls at one instant: each of them is kept once, where it is filed, whatever was
//! committed together, and whenever the server restarted.
#![allow(clippy::unwrap_used)]

use crate::floor::place::{Kind, Place, on_every_store};
use crate::floor::{Floor, event};
use app::domain::{Dimension, Event, Fact, Moment, Span};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::json;
use server::law::grain::Grain;
use server::store::any;
use server::tools::rebuild;
use server::tools::verify::{Verdict, verify};

const BASE: i64 = 1_795_262_400;

/// A whole call by its name, begun so many microseconds after the base.
fn record(name: &str, micros: i64) -> Event {
    let started = Moment::from_micros(BASE * 1_000_000 + micros);
    let ended = started + Span::secs(20);
    let data = json!({ "call_id": name, "direction": "outbound", "campaign": "spring", "route": "north",
        "from": "+12025550142", "to": "+34911234567", "by": "human", "outcome": "completed",
        "started_at": started.to_rfc3339(), "answered_at": (started + Span::secs(4)).to_rfc3339(),
        "ended_at": ended.to_rfc3339() });
    event(name, &ended.to_rfc3339(), "call.record", data)
}

/// Each call has one row, near the instant it began at, and counts once in every sum.
async fn each_is_kept_once(floor: &mut Floor, calls: usize) -> Result<(), TestCaseError> {
    let mut db = floor.database().await;
    let doubled = "select realm, call_id, count(*) from calls group by realm, call_id having count(*) > 1";
    prop_assert_eq!(db.rows(doubled).await, Vec::<Vec<_>>::new());
    prop_assert_eq!(db.number("select count(*) from calls").await, i64::try_from(calls).unwrap());
    // A microsecond holds 1,024; one more for the calls of instants beside it.
    let most = i64::try_from(calls).unwrap() / 1_024 + 1;
    for row in db.rows("select id, started_at from calls").await {
        let later = row[0].number().div_euclid(1_024) - row[1].number();
        prop_assert!((0..=most).contains(&later), "filed {later} µs after it began");
    }
    let attempts = floor.sum(Dimension::Total, Grain::SiteDay, "").await[Fact::Attempts];
    prop_assert_eq!(attempts, i64::try_from(calls).unwrap());
    let verdict = proof(floor).await;
    prop_assert_eq!((verdict.different, verdict.counted.calls), (0, calls as u64), "{:?}", verdict.differences);
    Ok(())
}

async fn proof(floor: &Floor) -> Verdict {
    let mut store = any::audit(&floor.place.database()).await.unwrap();
    verify(&mut store, || floor.clock.now(), 10, &mut |_, _| {}).await.unwrap()
}

on_every_store! {
    two_calls_a_second_for_hours_are_each_kept_once
    calls_that_stand_in_several_rows_are_named_and_made_one
    a_call_of_another_country_than_its_number_is_named_and_put_right
}

async fn two_calls_a_second_for_hours_are_each_kept_once(place: Place) {
    let mut floor = Floor::open_at(place, Moment::from_secs(BASE + 6_000), chrono_tz::UTC).await;
    let events: Vec<Event> = (0..9_000).map(|n| record(&format!("c-{n}"), n / 2 * 1_000_000)).collect();
    for part in events.chunks(3_000) {
        assert_eq!(floor.submit(part.to_vec()).await.accepted, part.len() as u64);
    }
    each_is_kept_once(&mut floor, 9_000).await.unwrap();
    floor.restart().await;
    assert_eq!(floor.submit(events[..3_000].to_vec()).await.duplicate, 3_000);
    each_is_kept_once(&mut floor, 9_000).await.unwrap();
}

/// As an older version left them: one whose second row is the same, and one of which only the second heard the end.
async fn calls_that_stand_in_several_rows_are_named_and_made_one(place: Place) {
    let mut floor = Floor::open_at(place, Moment::from_secs(BASE + 6_000), chrono_tz::UTC).await;
    let events: Vec<Event> = (0..40).map(|n| record(&format!("c-{n}"), n / 2 * 1_000_000)).collect();
    floor.submit(events.clone()).await;
    floor.wait(Span::minutes(1)).await;
    let before = floor.sum(Dimension::Campaign, Grain::Hour, "spring").await;
    floor.stop().await;
    let mut db = floor.database().await;
    db.run("create temporary table twins as select * from calls where call_id in ('c-3', 'c-7')").await;
    db.run("update twins set id = id + 500").await;
    db.run("insert into calls select * from twins").await;
    db.run("update calls set ended_at = null where call_id = 'c-7' and id not in (select id from twins)").await;
    let verdict = proof(&floor).await;
    let named: Vec<&str> = verdict.doubled.iter().map(|name| name.call_id.as_str()).collect();
    assert_eq!((verdict.doubles, named, verdict.counted.calls), (2, vec!["c-3", "c-7"], 42));
    assert!(verdict.different > 0 && !verdict.is_sound(), "they are counted twice");

    let mut store = rebuild::open(&floor.place.database()).await.unwrap();
    let rebuilt = rebuild::rebuild(&mut store, None, floor.clock.now(), &mut |_, _| {}).await.unwrap();
    drop(store);
    assert_eq!(rebuilt.united, 2);
    floor.restart().await;
    each_is_kept_once(&mut floor, 40).await.unwrap();
    assert_eq!(floor.sum(Dimension::Campaign, Grain::Hour, "spring").await, before);
    assert_eq!(floor.submit(events).await.duplicate, 40);
    floor.wait(Span::minutes(1)).await;
    assert!(proof(&floor).await.is_sound());
    assert_eq!(floor.database().await.number("select count(*) from rejudgements").await, 0, "judged again, and done");
}

/// As an older version left them of which two numbers were told for one instant.
async fn a_call_of_another_country_than_its_number_is_named_and_put_right(place: Place) {
    let mut floor = Floor::open_at(place, Moment::from_secs(BASE + 6_000), chrono_tz::UTC).await;
    floor.submit((0..20).map(|n| record(&format!("c-{n}"), n * 1_000_000)).collect()).await;
    floor.wait(Span::minutes(1)).await;
    let before = floor.sum(Dimension::Country, Grain::Hour, "ES").await;
    floor.stop().await;
    floor.database().await.run("update calls set placed_in = 'FR' where call_id = 'c-5'").await;
    let verdict = proof(&floor).await;
    let named: Vec<&str> = verdict.misplaced.iter().map(|name| name.call_id.as_str()).collect();
    assert_eq!((verdict.misplaces, named), (1, vec!["c-5"]));
    let mut store = rebuild::open(&floor.place.database()).await.unwrap();
    let rebuilt = rebuild::rebuild(&mut store, None, floor.clock.now(), &mut |_, _| {}).await.unwrap();
    drop(store);
    assert_eq!((rebuilt.placed, rebuilt.united), (1, 0));
    assert!(proof(&floor).await.is_sound());
    floor.restart().await;
    assert_eq!(floor.sum(Dimension::Country, Grain::Hour, "ES").await, before);
}

/// New calls of one commit: at so many instants one after another from one on, so many at each.
#[derive(Debug, Clone)]
struct Commit {
    from: i64,
    instants: i64,
    at_each: usize,
    then_restart: bool,
}

/// Few here and there, thousands at one instant, and more instants than one would remember.
fn commit() -> impl Strategy<Value = Commit> {
    let shape = prop_oneof![
        6 => (1..40i64, 1..4usize),
        2 => (1..3i64, 1_000..1_300usize),
        1 => Just((4_200, 2)),
    ];
    (0..60i64, shape, prop::bool::weighted(0.3)).prop_map(|(from, (instants, at_each), then_restart)| Commit {
        from,
        instants,
        at_each,
        then_restart,
    })
}

/// The clock's step in microseconds, and commits.
fn stream() -> impl Strategy<Value = (i64, Vec<Commit>)> {
    (prop::sample::select(vec![1_000_000, 1_000, 1]), prop::collection::vec(commit(), 2..7))
}

async fn story(kind: Kind, step: i64, commits: Vec<Commit>) -> Result<(), TestCaseError> {
    let Some(place) = Place::make(kind).await else { return Ok(()) };
    let mut floor = Floor::open_at(place, Moment::from_secs(BASE + 6_000), chrono_tz::UTC).await;
    let mut calls = 0;
    for Commit { from, instants, at_each, then_restart } in commits {
        let mut events = Vec::new();
        for at in from..from + instants {
            for _ in 0..at_each {
                events.push(record(&format!("c-{calls}"), at * step));
                calls += 1;
            }
        }
        prop_assert_eq!(floor.submit(events.clone()).await.accepted, events.len() as u64);
        if then_restart {
            floor.restart().await;
            prop_assert_eq!(floor.submit(events.clone()).await.duplicate, events.len() as u64);
        }
    }
    each_is_kept_once(&mut floor, calls).await
}

fn however_coarse_the_clock(kind: Kind, step: i64, commits: Vec<Commit>) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(story(kind, step, commits))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5, max_shrink_iters: 40, ..ProptestConfig::default() })]
    #[test]
    fn however_coarse_the_clock_on_sqlite((step, commits) in stream()) {
        however_coarse_the_clock(Kind::Sqlite, step, commits)?;
    }

    #[test]
    fn however_coarse_the_clock_on_timescale((step, commits) in stream()) {
        however_coarse_the_clock(Kind::Timescale, step, commits)?;
    }

    #[test]
    fn however_coarse_the_clock_on_postgres((step, commits) in stream()) {
        however_coarse_the_clock(Kind::Postgres, step, commits)?;
    }
}
