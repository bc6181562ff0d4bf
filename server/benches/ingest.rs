//! Calls a second through `Ingest` into SQLite, durable and with all sums, beside the fastest bulk insert of the same rows
//! that we know of: multi-row statements in large transactions, not synced, without any sums.
//!
//! `cargo bench -p server --bench ingest -- [calls]`. HTTP and JSON are not in it.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use app::domain::call::Call;
use app::domain::event::{CallRecord, Data};
use app::domain::outcome::{AnsweredBy, Direction, HungUpBy, Mode, Outcome};
use app::domain::{AgentId, CallId, CampaignId, Event, EventId, Moment, Number, RouteId, SourceId, Span};
use server::aggregate::contribute::Judgement;
use server::clock::Clock;
use server::ingest::{Opened, StoreConfig, open};
use server::store::any::Database;
use server::store::sqlite;
use server::store::write::{CallWrite, Commit, Kept, WriteStore};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const DIDS: u64 = 5_000;
const CAMPAIGNS: u64 = 50;
const ROUTES: u64 = 8;
const AGENTS: u64 = 500;
/// Events of one request.
const BATCH: usize = 1_000;
/// Requests in flight.
const CLIENTS: usize = 16;
/// Rows of one transaction of the bulk insert.
const BULK: usize = 20_000;
/// Calls that the made-up floor starts a second.
const PACE: u64 = 2_000;

/// A cheap generator with a fixed seed: the same calls in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

fn record(n: u64, dice: &mut Dice, begin: Moment) -> Event {
    let start = begin + Span::millis((n * 1_000 / PACE) as i64);
    let after = |ms: u64| Some(start + Span::millis(ms as i64));
    let answered = dice.roll(100) < 30;
    let live = dice.roll(100) < 70;
    let ring = 1_000 + dice.roll(3_000);
    let pick = ring + 2_000 + dice.roll(20_000);
    let end = pick + 5_000 + dice.roll(120_000);
    let campaign = dice.roll(CAMPAIGNS);
    let far = ["+12025550", "+44207946", "+34911234", "+65912345"][dice.roll(4) as usize];
    let body = CallRecord {
        call_id: CallId::trusted(format!("{:016x}{n:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))),
        started_at: start,
        realm: None,
        direction: Some(Direction::Outbound),
        campaign: Some(CampaignId::trusted(format!("campaign-{campaign}"))),
        mode: Some(Mode::Predictive),
        route: Some(RouteId::trusted(format!("route-{}", dice.roll(ROUTES)))),
        from: Some(Number::trusted(format!(
            "+1303555{:04}",
            campaign * DIDS / CAMPAIGNS + dice.roll(DIDS / CAMPAIGNS)
        ))),
        to: Some(Number::trusted(format!("{far}{:03}", dice.roll(1_000)))),
        country: None,
        list: None,
        attempt: Some(1 + dice.roll(3) as u32),
        room: None,
        by: answered.then_some(if live { AnsweredBy::Human } else { AnsweredBy::Machine }),
        queue: None,
        agent: (answered && live).then(|| {
            AgentId::trusted(format!("agent-{}", campaign * AGENTS / CAMPAIGNS + dice.roll(AGENTS / CAMPAIGNS)))
        }),
        transfer_kind: None,
        transfer_target: None,
        outcome: Some(if answered { Outcome::Completed } else { Outcome::NoAnswer }),
        sip_code: app::domain::event::SipCode::new(if answered { 200 } else { 480 }).ok(),
        sip_reason: None,
        q850: None,
        hung_up_by: Some(HungUpBy::Person),
        r#final: None,
        right_party: None,
        wrap_ms: (answered && live).then_some(8_000),
        hold_ms: None,
        disposition: None,
        recording_url: None,
        metadata: None,
        progress_at: after(ring),
        answered_at: if answered { after(pick) } else { None },
        greeted_at: if answered && live { after(pick + 900) } else { None },
        queued_at: None,
        bridged_at: if answered && live { after(pick + 1_200) } else { None },
        transferred_at: None,
        ended_at: after(end),
    };
    let time = body.ended_at.unwrap_or(start);
    Event {
        id: EventId::trusted(format!("e{n}")),
        source: SourceId::trusted("bench"),
        time,
        data: Data::CallRecord(body),
    }
}

async fn through_ingest(folder: &Path, events: &[Event], clock: Clock) -> Duration {
    let stop = CancellationToken::new();
    let database = Database::Sqlite(folder.join("ingest.db"));
    let config = StoreConfig { database, zone: chrono_tz::UTC, keep_calls: Span::days(90) };
    let Opened { ingest, mut changes, writer, counters, .. } = open(config, clock, stop.clone()).await.unwrap();
    let told = tokio::spawn(async move {
        let mut facts = 0usize;
        while let Some(change) = changes.recv().await {
            facts += change.facts.len();
        }
        facts
    });
    let mut batches: Vec<Vec<Event>> = events.chunks(BATCH).map(<[Event]>::to_vec).collect();
    batches.reverse();
    let batches = std::sync::Arc::new(std::sync::Mutex::new(batches));
    let began = Instant::now();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (ingest, batches) = (ingest.clone(), std::sync::Arc::clone(&batches));
            tokio::spawn(async move {
                loop {
                    let Some(batch) = batches.lock().unwrap().pop() else { break };
                    ingest.submit(batch).await.unwrap();
                }
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    let took = began.elapsed();
    stop.cancel();
    writer.await.unwrap();
    println!(
        "  commits {}, mean {:.1} ms, accepted {}, facts told {}",
        counters.commits.get(),
        counters.commit_micros.get() as f64 / 1e3 / counters.commits.get() as f64,
        counters.accepted.get(),
        told.await.unwrap(),
    );
    println!("  folds {}", counters.folds.get());
    took
}

async fn bulk(folder: &Path, events: &[Event]) -> Duration {
    let (mut store, _) = sqlite::open(&folder.join("bulk.db"), chrono_tz::UTC).await.unwrap();
    store.unsynced().await.unwrap();
    let mut calls: Vec<_> = events
        .iter()
        .map(|event| {
            let (name, call) = Call::told_by(event).unwrap();
            let filed_at = call.start().unwrap();
            (name, Kept { id: None, filed_at, call: Box::new(call), judgement: Judgement::default(), due: None })
        })
        .collect();
    let began = Instant::now();
    for part in calls.chunks_mut(BULK) {
        let calls = part.iter_mut().map(|(name, kept)| CallWrite { name, kept }).collect();
        store.commit(&mut Commit { calls, ..Commit::default() }).await.unwrap();
    }
    began.elapsed()
}

fn main() {
    let calls: u64 = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(200_000);
    let begin = Moment::parse("2026-11-21T12:00:00Z").unwrap();
    let mut dice = Dice(88_172_645_463_325_252);
    let events: Vec<Event> = (0..calls).map(|n| record(n, &mut dice, begin)).collect();
    let clock = Clock::by_hand(begin + Span::secs((calls / PACE) as i64) + Span::minutes(5));
    let began = Instant::now();
    let placed = events.iter().filter(|event| server::ingest::country::told_by(event).get().is_some()).count();
    println!("placing a number: {:.2} µs", began.elapsed().as_secs_f64() * 1e6 / placed as f64);
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for round in 1..=3 {
        let here = folder.path().join(round.to_string());
        std::fs::create_dir_all(&here).unwrap();
        let bare = runtime.block_on(bulk(&here, &events));
        let whole = runtime.block_on(through_ingest(&here, &events, clock.clone()));
        let rate = |took: Duration| calls as f64 / took.as_secs_f64();
        println!(
            "round {round}: bulk insert {:.0} calls/s, ingest {:.0} calls/s, share {:.2}",
            rate(bare),
            rate(whole),
            rate(whole) / rate(bare)
        );
    }
}
