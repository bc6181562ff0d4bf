//! Words of one call that lie more than a day apart: in whatever order they come, the call and its figures are the same.
#![allow(clippy::unwrap_used)]

use crate::floor::place::{Place, on_every_store};
use crate::floor::{Floor, event};
use app::domain::{Call, CallName, Dimension, Event, Fact, Moment, Span};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};
use server::ingest::Rejection;
use server::law::grain::Grain;
use server::store::read::Reader;
use std::collections::BTreeMap;

const BASE: i64 = 1_795_262_400;

on_every_store! {
    an_end_days_later_is_named_and_changes_no_figure
    words_over_two_days_make_the_same_call_in_any_order
}

fn told(id: &str, hour: i64, kind: &str, data: Value) -> Event {
    event(id, &Moment::from_secs(BASE + hour * 3_600).to_rfc3339(), kind, data)
}

async fn ended(floor: &mut Floor) -> [i64; 4] {
    let total = floor.sum(Dimension::Total, Grain::SiteDay, "").await;
    [Fact::Attempts, Fact::Answered, Fact::Ended, Fact::Lost].map(|fact| total[fact])
}

async fn an_end_days_later_is_named_and_changes_no_figure(place: Place) {
    let mut floor = Floor::open_at(place, Moment::from_secs(BASE + 60 * 3_600), chrono_tz::UTC).await;
    let call = |hour, kind: &str, more: Value| {
        let mut data = json!({ "call_id": "c" });
        data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        told(&format!("{kind}-{hour}"), hour, kind, data)
    };
    let start = call(0, "call.started", json!({ "direction": "outbound", "to": "+442079460018" }));
    let (answer, end) = (call(1, "call.answered", json!({})), call(2, "call.ended", json!({ "outcome": "completed" })));
    let late = call(30, "call.ended", json!({ "outcome": "completed" }));
    let receipt = floor.submit(vec![start.clone(), answer, end, late.clone()]).await;
    assert_eq!((receipt.accepted, receipt.rejected), (3, vec![(3, Rejection::AfterCall("ended_at"))]));
    assert_eq!(ended(&mut floor).await, [1, 1, 1, 0]);
    floor.restart().await;
    let receipt = floor.submit(vec![late, call(50, "call.progress", json!({}))]).await;
    let named = vec![(0, Rejection::AfterCall("ended_at")), (1, Rejection::FarFromCall("progress_at"))];
    assert_eq!((receipt.accepted, receipt.rejected), (0, named));
    assert_eq!(ended(&mut floor).await, [1, 1, 1, 0]);
    let spread = json!({ "call_id": "d", "direction": "outbound", "started_at": "2026-11-21T12:00:00Z",
        "ended_at": "2026-11-22T12:00:01Z" });
    let receipt = floor.submit(vec![told("d", 0, "call.record", spread)]).await;
    assert_eq!(receipt.rejected, [(0, Rejection::FarFromCall("started_at"))], "of itself");
    floor.wait(Span::secs(1)).await;
    floor.assert_sums_equal_recount().await;
}

/// Events of three calls, over less than two days.
fn words() -> impl Strategy<Value = Vec<Event>> {
    let kinds = ["call.started", "call.progress", "call.answered", "call.queued", "call.ended", "call.updated"];
    let hour = prop_oneof![2 => 0..3i64, 3 => 0..48i64];
    let one = (hour, 0..kinds.len(), prop::sample::select(vec!["busy", "completed", "failed"]), 0..3usize);
    let all = prop::collection::vec(one, 1..24).prop_map(move |told| {
        let word = |(n, (hour, kind, outcome, call)): (usize, (i64, usize, &str, usize))| {
            let mut data = json!({ "call_id": format!("c-{call}") });
            match kind {
                0 => data["direction"] = "outbound".into(),
                4 => data["outcome"] = outcome.into(),
                5 => data["campaign"] = outcome.into(),
                _ => {}
            }
            // A call.updated tells no moment, and may come when it will.
            self::told(&format!("e-{n}"), hour, kinds[kind], data)
        };
        told.into_iter().enumerate().map(word).collect::<Vec<_>>()
    });
    all.prop_shuffle()
}

async fn the_call_is_their_merge(place: Place, events: &[Event], cut: usize) -> Result<(), TestCaseError> {
    let mut floor = Floor::open_at(place, Moment::from_secs(BASE + 60 * 3_600), chrono_tz::UTC).await;
    for (n, part) in events.chunks(cut).enumerate() {
        floor.submit(part.to_vec()).await;
        if n % 3 == 1 {
            floor.restart().await;
        }
    }
    floor.submit(events.to_vec()).await;
    floor.wait(Span::secs(10)).await;
    let mut merged = BTreeMap::<CallName, Call>::new();
    for (name, told) in events.iter().filter_map(Call::told_by) {
        merged.entry(name).or_default().merge(&told);
    }
    for (name, call) in merged {
        let mut kept = floor.reader().call(&name).await.unwrap().unwrap().call;
        kept.placed_in = call.placed_in.clone();
        prop_assert_eq!(&kept, &call, "{:?}", name);
    }
    floor.assert_sums_equal_recount().await;
    floor.stop().await;
    Ok(())
}

async fn words_over_two_days_make_the_same_call_in_any_order(place: Place) {
    let mut runner = TestRunner::new(Config { cases: 32, max_shrink_iters: 100, ..Config::default() });
    let kind = place.kind;
    tokio::task::block_in_place(|| {
        let runtime = tokio::runtime::Handle::current();
        let story = |(events, cut): (Vec<Event>, usize)| {
            runtime.block_on(async {
                let Some(place) = Place::make(kind).await else { return Ok(()) };
                the_call_is_their_merge(place, &events, cut).await
            })
        };
        runner.run(&(words(), 1..9usize), story).unwrap();
    });
}
