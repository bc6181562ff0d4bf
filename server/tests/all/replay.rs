//! A past moment by replay equals what the live view showed, byte for byte, of a run in which nothing came late.
#![allow(clippy::unwrap_used)]

use crate::floor::Floor;
use crate::floor::place::{Place, on_every_store};
use app::domain::{Moment, Span};
use app::kpi::band::HELD;
use app::view::live::LiveFrame;
use serde_json::Value;
use server::board::{Board, BoardConfig};
use server::figures::baselines;
use server::figures::replay::Replay;
use server::source::simulator::{FloorPlan, Scenario, Switch, World};
use std::collections::BTreeMap;

const START: &str = "2026-11-20T12:00:00Z";
/// A live screen's cadence; the replay steps likewise.
const STEP: Span = Span::secs(10);
const MINUTES: i64 = 82;

/// Runs a floor with an outage and agents who leave, and keeps what the live board showed from the 65th minute on.
async fn run(floor: &mut Floor) -> BTreeMap<Moment, LiveFrame> {
    let start = Moment::parse(START).unwrap();
    let minute = |n| start + Span::minutes(n);
    let mut world = World::new(7, FloorPlan::scaled(0.12), start);
    let mut board = Board::new(BoardConfig::default(), start);
    board.apply(&floor.initial);
    let mut shown = BTreeMap::new();
    let mut now = start;
    while now < minute(MINUTES) {
        now = now + STEP;
        for (at, scenario, switch) in [
            (66, Scenario::RouteFails, Switch::On),
            (70, Scenario::AgentsLeave, Switch::On),
            (75, Scenario::RouteFails, Switch::Off),
            (76, Scenario::RouteSilent, Switch::On),
        ] {
            if now == minute(at) {
                world.set(scenario, switch, now);
            }
        }
        let events = world.advance(now);
        floor.clock.set(now);
        let receipt = floor.submit(events).await;
        assert!(receipt.rejected.is_empty(), "{:?}", receipt.rejected);
        for change in floor.changes().await {
            board.apply(&change);
        }
        if now.floor(Span::minutes(5)) == now {
            board.compare_with(baselines::read(&floor.reader(), chrono_tz::UTC, now).await.unwrap());
        }
        let frame = board.tick(now);
        if now >= minute(65) {
            shown.insert(now, frame);
        }
    }
    shown
}

/// Names the first lines in which two frames differ. A replay knows since when something has been so from where it began.
fn assert_same(replayed: &LiveFrame, live: &LiveFrame, at: Moment, began: Moment) {
    let text = |frame| {
        let mut value = serde_json::to_value(frame).unwrap();
        forget_since(&mut value, began);
        serde_json::to_string_pretty(&value).unwrap()
    };
    let (replayed, live) = (text(replayed), text(live));
    let differ: Vec<_> = replayed.lines().zip(live.lines()).enumerate().filter(|(_, (r, l))| r != l).take(12).collect();
    assert!(replayed == live, "at {}: replay and live differ: {differ:#?}", at.to_rfc3339());
}

fn forget_since(value: &mut Value, began: Moment) {
    match value {
        Value::Object(members) => {
            // Of what was so when it began a replay does not know since when, nor of what had to last a while longer to be said:
            // what is seen first is said at once.
            let is_before = |since: &Value| match since.as_str() {
                Some(since) => Moment::parse(since).is_ok_and(|since| since <= began + HELD),
                None => since.is_null(),
            };
            if members.get("since").is_some_and(is_before) {
                members["since"] = "before it began".into();
            }
            members.values_mut().for_each(|value| forget_since(value, began));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| forget_since(value, began)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

on_every_store! { a_past_moment_is_shown_as_it_was_and_goes_on_as_it_went }

async fn a_past_moment_is_shown_as_it_was_and_goes_on_as_it_went(place: Place) {
    let mut floor = Floor::open(place, START).await;
    let shown = run(&mut floor).await;
    let start = Moment::parse(START).unwrap();
    let open = |store, at| Replay::open(store, BoardConfig::default(), at);
    for minute in [67, 77] {
        let at = start + Span::minutes(minute) + Span::secs(30);
        let replay = open(floor.reader(), at).await.unwrap();
        assert_same(replay.frame(), &shown[&at], at, replay.began());
    }
    let mut at = start + Span::minutes(65);
    let mut replay = open(floor.reader(), at).await.unwrap();
    while at < start + Span::minutes(MINUTES) {
        at = at + STEP;
        replay.step(at).await.unwrap();
        assert_same(replay.frame(), &shown[&at], at, replay.began());
    }
    let red =
        shown.values().filter(|frame| frame.status.clauses.iter().any(|c| c.subject.contains("is failing"))).count();
    assert!(red > 30, "the outage was there to be shown: {red}");

    assert_eq!(open(floor.reader(), at).await.unwrap().calls_not_kept(), None);
    floor.database().await.run("delete from calls").await;
    let bare = open(floor.reader(), at).await.unwrap();
    assert!(bare.calls_not_kept() > Some(100), "it would look like a floor at rest: {:?}", bare.calls_not_kept());
}
