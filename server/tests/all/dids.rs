//! Which numbers are the floor's own follows from the calls as merged: a correction takes one away again.
#![allow(clippy::unwrap_used)]

use crate::floor::place::{Place, on_every_store};
use crate::floor::{Floor, event};
use app::domain::{Did, Dimension, Event, Fact, Moment, Number, Span};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::json;
use server::law::grain::Grain;
use server::store::any;
use server::store::read::{Dids, Reader};
use server::tools::rebuild;
use server::tools::verify::{Verdict, verify};

const BASE: i64 = 1_795_262_400;
const PERSON: &str = "+442079460018";
const OWN: &str = "+12025550142";

on_every_store! {
    a_number_that_corrections_take_away_is_none_of_the_floors
    a_busy_number_keeps_its_first_use_whatever_is_corrected
    numbers_as_an_older_version_left_them_are_named_and_put_right
    whatever_the_order_numbers_are_those_of_the_calls
}

fn at(secs: i64) -> String {
    Moment::from_secs(BASE + secs).to_rfc3339()
}

/// A caller's call, told to be outbound.
fn wrong_way(n: i64) -> Event {
    let data = json!({ "call_id": format!("c-{n}"), "direction": "outbound", "from": PERSON, "to": OWN });
    event(&format!("s-{n}"), &at(n), "call.started", data)
}

fn put_right(n: i64) -> Event {
    event(
        &format!("u-{n}"),
        &at(1_000 + n),
        "call.updated",
        json!({ "call_id": format!("c-{n}"), "direction": "inbound" }),
    )
}

async fn listed(floor: &mut Floor) -> Vec<(String, Option<i64>)> {
    let dids = floor.reader().settings(Dids::With).await.unwrap().dids;
    let first = |did: &Did| did.seen.first().map(|first| first.secs() - BASE);
    let mut listed: Vec<_> = dids.iter().map(|(n, did)| (n.reveal().to_owned(), first(did))).collect();
    listed.sort();
    listed
}

async fn provisioned(floor: &mut Floor, number: &str) -> i64 {
    floor.sum(Dimension::Did, Grain::SiteDay, number).await[Fact::DidsProvisioned]
}

async fn proof(floor: &Floor) -> Verdict {
    let mut store = any::audit(&floor.place.database()).await.unwrap();
    verify(&mut store, || floor.clock.now(), 10, &mut |_, _| {}).await.unwrap()
}

async fn a_number_that_corrections_take_away_is_none_of_the_floors(place: Place) {
    // More calls than first uses are listed of.
    const CALLS: i64 = 40;
    let mut floor = Floor::open_at(place, Moment::from_secs(BASE + 3_000), chrono_tz::UTC).await;
    floor.submit((0..CALLS).map(wrong_way).collect()).await;
    assert_eq!(listed(&mut floor).await, [(PERSON.to_owned(), Some(0))]);
    floor.submit((0..CALLS - 1).map(put_right).collect()).await;
    floor.wait(Span::secs(1)).await;
    assert_eq!(listed(&mut floor).await, [(OWN.to_owned(), Some(0)), (PERSON.to_owned(), Some(CALLS - 1))]);
    floor.restart().await;
    floor.submit(vec![put_right(CALLS - 1)]).await;
    floor.wait(Span::secs(1)).await;
    let mut boards = Vec::new();
    for change in floor.changes().await {
        boards.extend(change.dids.into_iter().map(|(number, did)| (number.reveal().to_owned(), did.is_known())));
    }
    assert_eq!(boards.last(), Some(&(PERSON.to_owned(), false)), "the pages are told so");
    for _ in 0..2 {
        assert_eq!(listed(&mut floor).await, [(OWN.to_owned(), Some(0))]);
        assert_eq!((provisioned(&mut floor, PERSON).await, provisioned(&mut floor, OWN).await), (0, 1));
        assert_eq!(provisioned(&mut floor, "").await, 0);
        assert!(proof(&floor).await.is_sound());
        floor.restart().await;
    }
    let told = event("d", &at(5), "did.updated", json!({ "did": PERSON, "status": "active" }));
    floor.submit(vec![told]).await;
    assert_eq!(listed(&mut floor).await, [(OWN.to_owned(), Some(0)), (PERSON.to_owned(), None)], "what is told stands");
}

async fn a_busy_number_keeps_its_first_use_whatever_is_corrected(place: Place) {
    let mut floor = Floor::open_at(place, Moment::from_secs(BASE + 9_000), chrono_tz::UTC).await;
    floor.submit((0..3_000).map(wrong_way).collect()).await;
    // The first are corrected while they are looked for, too.
    for part in (0..60).map(put_right).collect::<Vec<_>>().chunks(7) {
        floor.submit(part.to_vec()).await;
    }
    floor.wait(Span::secs(1)).await;
    let right = [(OWN.to_owned(), Some(0)), (PERSON.to_owned(), Some(60))];
    assert_eq!(listed(&mut floor).await, right);
    assert!(proof(&floor).await.is_sound());
    floor.stop().await;
    let mut store = rebuild::open(&floor.place.database()).await.unwrap();
    let rebuilt = rebuild::rebuild(&mut store, None, floor.clock.now(), &mut |_, _| {}).await.unwrap();
    drop(store);
    assert_eq!(rebuilt.numbers, 0);
    floor.restart().await;
    assert_eq!(listed(&mut floor).await, right);
    assert_eq!((provisioned(&mut floor, PERSON).await, provisioned(&mut floor, OWN).await), (1, 1));
}

async fn numbers_as_an_older_version_left_them_are_named_and_put_right(place: Place) {
    let mut floor = Floor::open_at(place, Moment::from_secs(BASE + 3_000), chrono_tz::UTC).await;
    floor.submit(vec![wrong_way(7), put_right(7)]).await;
    floor.wait(Span::secs(1)).await;
    floor.stop().await;
    // One instant a number, that nothing took away again.
    let settings = json!({ "statuses": [], "seen": at(7) });
    let insert = format!("insert into dids (did, settings) values ('{PERSON}', '{settings}')");
    floor.database().await.run(&insert).await;
    let verdict = proof(&floor).await;
    assert_eq!((verdict.misdates, verdict.misdated), (1, vec![(Number::trusted(PERSON), None)]));
    let mut store = rebuild::open(&floor.place.database()).await.unwrap();
    let rebuilt = rebuild::rebuild(&mut store, None, floor.clock.now(), &mut |_, _| {}).await.unwrap();
    drop(store);
    assert_eq!(rebuilt.numbers, 1);
    assert!(proof(&floor).await.is_sound());
    floor.restart().await;
    assert_eq!(listed(&mut floor).await, [(OWN.to_owned(), Some(7))]);
}

/// Calls of a few numbers, told and corrected in any order, some twice; the floor is restarted between some.
fn tellings() -> impl Strategy<Value = Vec<Event>> {
    let call = |n: usize| {
        let started = (0..600i64, prop::sample::select(vec!["outbound", "inbound"]), 0..4usize, 0..4usize);
        let corrected = prop::collection::vec((0..900i64, 0..4usize, 0..4usize), 0..3);
        (started, corrected).prop_map(move |((secs, direction, from, to), corrected)| {
            let numbers = [PERSON, OWN, "+34911234567", "+6591234567"];
            let id = format!("c-{n}");
            let data = json!({ "call_id": id, "direction": direction, "from": numbers[from], "to": numbers[to] });
            let mut all = vec![event(&format!("s-{n}"), &at(secs), "call.started", data)];
            for (place, (secs, what, number)) in corrected.into_iter().enumerate() {
                let data = match what {
                    0 => json!({ "call_id": id, "direction": "inbound" }),
                    1 => json!({ "call_id": id, "direction": "outbound" }),
                    2 => json!({ "call_id": id, "from": numbers[number] }),
                    _ => json!({ "call_id": id, "to": numbers[number] }),
                };
                all.push(event(&format!("u-{n}-{place}"), &at(secs), "call.updated", data));
            }
            all
        })
    };
    let calls = (1..40usize).prop_flat_map(move |n| (0..n).map(call).collect::<Vec<_>>());
    calls.prop_map(|calls| calls.concat()).prop_shuffle()
}

async fn they_are_those_of_the_calls_as_merged(
    place: Place,
    events: &[Event],
    cut: usize,
) -> Result<(), TestCaseError> {
    let mut floor = Floor::open_at(place, Moment::from_secs(BASE + 3_000), chrono_tz::UTC).await;
    let (before, after) = events.split_at(events.len() / 2);
    for part in before.chunks(cut) {
        prop_assert_eq!(floor.submit(part.to_vec()).await.rejected, vec![]);
    }
    floor.restart().await;
    for part in after.chunks(cut) {
        floor.submit(part.to_vec()).await;
    }
    floor.submit(events.to_vec()).await;
    floor.wait(Span::secs(10)).await;
    let mut first = std::collections::BTreeMap::<String, i64>::new();
    let mut calls = std::collections::BTreeMap::<_, app::domain::Call>::new();
    for (name, told) in events.iter().filter_map(app::domain::Call::told_by) {
        calls.entry(name).or_default().merge(&told);
    }
    for (did, start) in calls.values().filter_map(|call| call.did().zip(call.started_at)) {
        let start = start.secs() - BASE;
        first.entry(did.reveal().to_owned()).and_modify(|first| *first = start.min(*first)).or_insert(start);
    }
    let right: Vec<_> = first.into_iter().map(|(did, start)| (did, Some(start))).collect();
    prop_assert_eq!(listed(&mut floor).await, right.clone());
    for (did, _) in &right {
        prop_assert_eq!(provisioned(&mut floor, did).await, 1, "{}", did);
    }
    prop_assert!(proof(&floor).await.is_sound());
    floor.stop().await;
    Ok(())
}

async fn whatever_the_order_numbers_are_those_of_the_calls(place: Place) {
    let mut runner = TestRunner::new(Config { cases: 24, max_shrink_iters: 60, ..Config::default() });
    let kind = place.kind;
    tokio::task::block_in_place(|| {
        let runtime = tokio::runtime::Handle::current();
        let story = |(events, cut): (Vec<Event>, usize)| {
            runtime.block_on(async {
                let Some(place) = Place::make(kind).await else { return Ok(()) };
                they_are_those_of_the_calls_as_merged(place, &events, cut).await
            })
        };
        runner.run(&(tellings(), 1..30usize), story).unwrap();
    });
}
