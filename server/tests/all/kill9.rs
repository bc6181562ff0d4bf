//! `kill -9` at random moments under load, many times: all that was acknowledged is there, nothing is counted twice, and
//! the sums are those of a recount.
//!
//! The child is this very program, told by its environment to ingest until it is killed. It says what was acknowledged on
//! its standard output; after each kill it sends again what was not.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::panic)]

use crate::floor::place::{Kind, Place, database};
use crate::floor::{event, recount};
use app::domain::{CampaignScope, Event, Fact, Moment, Span};
use serde_json::json;
use server::clock::Clock;
use server::ingest::{Ingest, Refusal, StoreConfig, open};
use server::law::grain::Grain;
use server::store::any;
use server::store::read::{Reader, SumQuery};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const LANES: u64 = 4;
/// Calls that each batch begins; the next batch ends them.
const CALLS: u64 = 10;
const CHILD: &str = "RINGSIDE_KILL9_DATABASE";
const FROM: &str = "RINGSIDE_KILL9_FROM";
const BEGIN: &str = "2026-11-21T12:00:00Z";

/// What a lane sends as its `n`th batch: beginnings, and the ends of the calls begun before.
fn batch(lane: u64, n: u64) -> Vec<Event> {
    let at = |n: u64, secs: i64| (Moment::parse(BEGIN).unwrap() + Span::secs((n % 1_800) as i64 + secs)).to_rfc3339();
    let name = |n: u64, call: u64| format!("lane-{lane}-{n}-{call}");
    let mut events = Vec::new();
    for call in 0..CALLS {
        let did = format!("+1202555{:04}", (n * 7 + call * 31 + lane) % 300);
        let data = json!({ "call_id": name(n, call), "direction": "outbound", "from": did, "to": "+442079460018",
            "campaign": format!("campaign-{}", n % 5), "route": "north", "mode": "predictive" });
        events.push(event("s", &at(n, 0), "call.started", data));
        events.push(event("a", &at(n, 6), "call.answered", json!({ "call_id": name(n, call), "by": "human" })));
        if let Some(before) = n.checked_sub(1) {
            let data = json!({ "call_id": name(before, call), "outcome": "completed", "hung_up_by": "person" });
            events.push(event("e", &at(before, 7 + (call % 3) as i64), "call.ended", data));
        }
    }
    events
}

fn config(address: &str) -> StoreConfig {
    StoreConfig { database: database(address), zone: chrono_tz::UTC, keep_calls: Span::days(90) }
}

/// Not a test of its own: the child that is killed.
#[test]
fn child_ingests_until_killed() {
    let Ok(address) = std::env::var(CHILD) else { return };
    let from: Vec<u64> = std::env::var(FROM).unwrap().split(',').map(|n| n.parse().unwrap()).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let clock = Clock::by_hand(Moment::parse(BEGIN).unwrap() + Span::hours(1));
        let mut opened = open(config(&address), clock, CancellationToken::new()).await.unwrap();
        tokio::spawn(async move { while opened.changes.recv().await.is_some() {} });
        let lanes: Vec<_> =
            (0..LANES).map(|lane| tokio::spawn(ingest(opened.ingest.clone(), lane, from[lane as usize]))).collect();
        for lane in lanes {
            lane.await.unwrap();
        }
    });
}

async fn ingest(ingest: Ingest, lane: u64, from: u64) {
    for n in from.. {
        let receipt = loop {
            match ingest.submit(batch(lane, n)).await {
                Ok(receipt) => break receipt,
                // Until the database has noticed that the one before is dead.
                Err(Refusal::StandingBy { .. }) => tokio::time::sleep(Duration::from_millis(20)).await,
                Err(other) => panic!("{other}"),
            }
        };
        assert!(receipt.rejected.is_empty());
        let line = format!("acknowledged {lane} {n}\n");
        // One write a line: the reader must never see half of one from us while we live.
        std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
    }
}

fn spawn(address: &str, next: &BTreeMap<u64, u64>) -> Child {
    let from: Vec<String> = (0..LANES).map(|lane| next[&lane].to_string()).collect();
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill9::child_ingests_until_killed", "--nocapture"])
        .env(CHILD, address)
        .env(FROM, from.join(","))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Lets the child live for a while after it has begun to acknowledge, kills it, and notes what it had acknowledged.
fn live_and_die(address: &str, next: &mut BTreeMap<u64, u64>, lives: Duration) {
    let mut child = spawn(address, next);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut killer = None;
    let mut child = Some(child);
    for line in lines.map_while(Result::ok) {
        let Some(said) = line.split("acknowledged ").nth(1) else { continue };
        let (lane, n) = said.split_once(' ').unwrap();
        next.insert(lane.parse().unwrap(), n.parse::<u64>().unwrap() + 1);
        if let Some(mut child) = child.take() {
            killer = Some(std::thread::spawn(move || {
                // The moment of the kill is what this test is about; nothing waits for the pause to be long enough.
                std::thread::park_timeout(lives);
                child.kill().unwrap();
                child.wait().unwrap();
            }));
        }
    }
    killer.unwrap().join().unwrap();
}

#[test]
fn what_was_acknowledged_survives_kill_9_and_is_counted_once() {
    acknowledged_survives(Kind::Sqlite, 20);
}

#[test]
fn and_so_on_timescale() {
    acknowledged_survives(Kind::Timescale, 8);
}

#[test]
fn and_so_on_postgres() {
    acknowledged_survives(Kind::Postgres, 8);
}

fn acknowledged_survives(kind: Kind, kills: usize) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let Some(place) = runtime.block_on(Place::make(kind)) else { return };
    let address = place.address();
    let mut next: BTreeMap<u64, u64> = (0..LANES).map(|lane| (lane, 0)).collect();
    let mut random = std::time::UNIX_EPOCH.elapsed().unwrap().subsec_nanos();
    for _ in 0..kills {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        live_and_die(&address, &mut next, Duration::from_micros(u64::from(random >> 8) % 250_000));
        runtime.block_on(acknowledged_is_there(&place, &next));
    }
    let calls = runtime.block_on(async {
        let (_writer, reader) = any::open(&place.database(), chrono_tz::UTC).await.unwrap();
        recount(&reader, &mut place.look().await, chrono_tz::UTC).await
    });
    let acknowledged: u64 = next.values().map(|n| n * CALLS).sum();
    println!("{acknowledged} calls acknowledged, {calls} kept, over {kills} kills");
    assert!(calls as u64 >= acknowledged && calls as u64 <= acknowledged + LANES * CALLS);
}

async fn acknowledged_is_there(place: &Place, next: &BTreeMap<u64, u64>) {
    let (_writer, reader) = any::open(&place.database(), chrono_tz::UTC).await.unwrap();
    let mut db = place.look().await;
    for (lane, next) in next {
        for (column, batches) in [("started_at", *next), ("answered_at", *next), ("ended_at", next.saturating_sub(1))] {
            let kept = db
                .number(&format!(
                    "select count(*) from calls where call_id like 'lane-{lane}-%' and {column} is not null"
                ))
                .await;
            let acknowledged = (batches * CALLS) as i64;
            assert!((acknowledged..=acknowledged + CALLS as i64).contains(&kept), "{column} of lane {lane}");
        }
    }
    let counted = db.rows("select count(*), count(answered_at), count(ended_at) from calls").await;
    let query = SumQuery {
        dimension: app::domain::Dimension::Total,
        key: None,
        scope: CampaignScope::All,
        from: Moment::from_secs(0),
        to: Moment::from_secs(4_000_000_000),
        grain: Grain::SiteDay,
    };
    let total = reader.sums(&query).await.unwrap().pop().unwrap().1;
    let sums = [total[Fact::Attempts], total[Fact::Answered], total[Fact::Ended]];
    assert_eq!(sums, [0, 1, 2].map(|at| counted[0][at].number()));
}
