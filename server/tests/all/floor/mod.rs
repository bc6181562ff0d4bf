//! A floor to test with: a store in a folder of its own, a clock by hand, and the recount that sums must equal.
#![allow(clippy::unwrap_used, dead_code)]

pub mod place;

use app::domain::{Call, CampaignScope, Dimension, Event, Facts, Moment, Span, Tally, parse};
use place::{Look, Place};
use server::clock::Clock;
use server::ingest::{Ingest, Opened, Receipt, StoreConfig, WriterStatus, open};
use server::law::change::{Change, SumKey};
use server::law::grain::Grain;
use server::store::any::Store;
use server::store::read::{CallCursor, CallQuery, Reader, SumQuery};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub struct Floor {
    pub clock: Clock,
    pub place: Arc<Place>,
    running: Option<Running>,
    pub initial: Change,
    pub zone: chrono_tz::Tz,
}

struct Running {
    ingest: Ingest,
    reader: Store,
    /// Asks for what was told since the last time.
    changes: mpsc::Sender<oneshot::Sender<Vec<Change>>>,
    writer: JoinHandle<()>,
    stop: CancellationToken,
}

impl Floor {
    pub async fn open(place: Place, now: &str) -> Self {
        Self::open_at(place, Moment::parse(now).unwrap(), chrono_tz::UTC).await
    }

    pub async fn open_at(place: Place, now: Moment, zone: chrono_tz::Tz) -> Self {
        let (clock, place) = (Clock::by_hand(now), Arc::new(place));
        let mut floor = Self { clock, place, running: None, initial: Change::default(), zone };
        floor.start().await;
        floor
    }

    /// The same store at the same time, for a site in another zone.
    pub async fn again(other: &Self, zone: chrono_tz::Tz) -> Self {
        let (clock, place) = (other.clock.clone(), Arc::clone(&other.place));
        let mut floor = Self { clock, place, running: None, initial: Change::default(), zone };
        floor.start().await;
        floor
    }

    async fn start(&mut self) {
        let stop = CancellationToken::new();
        let config = StoreConfig { database: self.place.database(), zone: self.zone, keep_calls: Span::days(90) };
        let opened = open(config, self.clock.clone(), stop.clone()).await.unwrap();
        let Opened { ingest, reader, changes: mut told, initial, writer, counters: _, mut status, veil: _ } = opened;
        // Who led before may have ended a moment ago.
        status.wait_for(|status| *status == WriterStatus::Leading).await.unwrap();
        let (changes, mut asked) = mpsc::channel::<oneshot::Sender<Vec<Change>>>(1);
        tokio::spawn(async move {
            let mut all = Vec::new();
            loop {
                tokio::select! {
                    biased;
                    Some(change) = told.recv() => all.push(change),
                    Some(reply) = asked.recv() => drop(reply.send(std::mem::take(&mut all))),
                    else => break,
                }
            }
        });
        self.initial = initial;
        self.running = Some(Running { ingest, reader, changes, writer, stop });
    }

    fn running(&mut self) -> &mut Running {
        self.running.as_mut().unwrap()
    }

    pub async fn restart(&mut self) {
        self.stop().await;
        self.start().await;
    }

    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop.cancel();
            running.writer.await.unwrap();
        }
    }

    pub fn ingest(&mut self) -> Ingest {
        self.running().ingest.clone()
    }

    pub fn reader(&mut self) -> Store {
        self.running().reader.clone()
    }

    pub async fn submit(&mut self, events: Vec<Event>) -> Receipt {
        self.ingest().submit(events).await.unwrap()
    }

    /// Moves the clock and lets it judge what it may.
    pub async fn wait(&mut self, span: Span) {
        self.clock.advance(span);
        self.ingest().settle().await.unwrap();
    }

    /// What the live state was told since the last time.
    pub async fn changes(&mut self) -> Vec<Change> {
        self.ingest().settle().await.unwrap();
        told(&self.running().changes).await
    }

    /// Stops, and returns all that the live state was told since the last time.
    pub async fn stop_telling(&mut self) -> Vec<Change> {
        let running = self.running.take().unwrap();
        running.stop.cancel();
        running.writer.await.unwrap();
        told(&running.changes).await
    }

    pub async fn sum(&mut self, dimension: Dimension, grain: Grain, key: &str) -> Facts {
        let query = SumQuery {
            dimension,
            key: Some(SmolStr::new(key)),
            scope: CampaignScope::All,
            from: Moment::from_secs(0),
            to: Moment::from_secs(4_000_000_000),
            grain,
        };
        self.reader().sums(&query).await.unwrap().pop().map(|(_, facts)| facts).unwrap_or_default()
    }

    /// A look by SQLite's own driver, into a floor that is kept there.
    pub async fn sqlite(&self) -> sqlx::sqlite::SqliteConnection {
        match self.place.look().await {
            Look::Sqlite(db) => db,
            Look::Postgres(_) => unreachable!("this floor is not kept in SQLite"),
        }
    }

    pub async fn database(&self) -> Look {
        self.place.look().await
    }

    /// See [`recount`].
    pub async fn assert_sums_equal_recount(&mut self) {
        let mut db = self.database().await;
        recount(&self.reader(), &mut db, self.zone).await;
    }
}

async fn told(changes: &mpsc::Sender<oneshot::Sender<Vec<Change>>>) -> Vec<Change> {
    let (reply, told) = oneshot::channel();
    changes.send(reply).await.unwrap();
    told.await.unwrap()
}

/// Every row of every grain equals what its calls contribute, recounted with arithmetic of its own. Returns the calls.
pub async fn recount(reader: &impl Reader, db: &mut Look, zone: chrono_tz::Tz) -> usize {
    let judged = judgements(db).await;
    let mut recount: BTreeMap<(i64, i64, i64, String, String), Facts> = BTreeMap::new();
    let (mut cursor, mut calls) = (None, 0);
    loop {
        let page = reader.calls(&CallQuery { limit: 700, cursor, ..CallQuery::default() }).await.unwrap();
        for filed in &page {
            let judgement = &judged[&(filed.name.realm.to_string(), filed.name.call_id.to_string())];
            add(&mut recount, &filed.call, judgement, zone);
        }
        calls += page.len();
        match page.last() {
            Some(last) => cursor = Some(CallCursor { filed_at: last.filed_at, name: last.name.clone() }),
            None => break,
        }
    }
    assert_eq!(calls, judged.len(), "pages hold each call once");
    recount.retain(|_, facts| !facts.is_zero());
    let mut kept: BTreeMap<(i64, i64, i64, String, String), Facts> = BTreeMap::new();
    for row in db.rows("select grain, dimension, bucket, campaign, block from rollups").await {
        let each = |key: &str, tally| {
            let key = (row[0].number(), row[1].number(), row[2].number(), row[3].text(), key.to_owned());
            *kept.entry(key).or_default() += &of_calls(tally);
        };
        server::store::tally::read_block(row[4].bytes(), each).unwrap();
    }
    let unfolded = match db {
        Look::Sqlite(_) => "select entries from journal",
        Look::Postgres(_) => "select entries from journal where id > (select folded from journal_mark)",
    };
    for row in db.rows(unfolded).await.iter().filter(|row| !row[0].bytes().is_empty()) {
        let each = |at: Moment, of: SumKey, tally| {
            let tally = of_calls(tally);
            for (code, from) in buckets(at, of.dimension, zone) {
                let key = (code, of.dimension as i64, from, of.campaign.to_string(), of.key.to_string());
                *kept.entry(key).or_default() += &tally;
            }
        };
        server::store::tally::read_entry(row[0].bytes(), |_| true, each).unwrap();
    }
    kept.retain(|_, facts| !facts.is_zero());
    for (key, facts) in &recount {
        assert_eq!(kept.get(key), Some(facts), "{key:?}");
    }
    assert_eq!(kept.len(), recount.len());
    calls
}

/// What is not of calls: agents' and components' time, and what happened to numbers.
fn of_calls(mut tally: Tally) -> Tally {
    tally.retain(|slot| slot.fact().is_none_or(|fact| fact.dated().is_a_calls()));
    tally
}

type Judged = BTreeMap<(String, String), server::law::contribute::Judgement>;

async fn judgements(db: &mut Look) -> Judged {
    let rows = db.rows("select realm, call_id, judged_at, campaign_mode, max_attempts from calls").await;
    rows.iter()
        .map(|row| {
            let judgement = server::law::contribute::Judgement {
                at: Moment::from_micros(row[2].number()),
                campaign_mode: row[3].optional_text().and_then(|word| app::domain::outcome::Mode::from_word(&word)),
                max_attempts: row[4].optional_number().map(|n| n as u32),
            };
            ((row[0].text(), row[1].text()), judgement)
        })
        .collect()
}

fn add(
    recount: &mut BTreeMap<(i64, i64, i64, String, String), Facts>,
    call: &Call,
    judgement: &server::law::contribute::Judgement,
    zone: chrono_tz::Tz,
) {
    for SumKey { campaign, dimension, key } in server::law::keys::keys(call) {
        for (moment, mut tally) in server::law::contribute::contribute(call, judgement) {
            if !dimension.is_fine() {
                tally.retain(|slot| !slot.is_pdd_bucket());
            }
            for (code, from) in buckets(moment, dimension, zone) {
                let key = (code, dimension as i64, from, campaign.to_string(), key.to_string());
                *recount.entry(key).or_default() += &tally;
            }
        }
    }
}

/// The buckets of a moment that are kept, by the number of their grain.
fn buckets(at: Moment, dimension: Dimension, zone: chrono_tz::Tz) -> Vec<(i64, i64)> {
    let coarse = matches!(dimension, Dimension::Did | Dimension::Agent | Dimension::SipCode | Dimension::Component);
    let five = (0, at.secs().div_euclid(300) * 300);
    let hour = (1, at.secs().div_euclid(3_600) * 3_600);
    let day = (2, server::law::span::site_day(zone, at).from.secs());
    if coarse { vec![hour, day] } else { vec![five, hour, day] }
}

/// An event as it comes over the wire.
pub fn event(id: &str, time: &str, kind: &str, data: serde_json::Value) -> Event {
    let json = serde_json::json!({
        "specversion": "1.0", "id": id, "source": "dialer", "type": kind, "time": time, "data": data,
    });
    parse::event(&json.to_string()).unwrap()
}

/// A whole call: answered by a person at 6 s, with an agent at 7 s, over at 30 s.
pub fn record(call: &str, started: &str) -> Event {
    let start = Moment::parse(started).unwrap();
    let at = |secs: i64| (start + Span::secs(secs)).to_rfc3339();
    let data = serde_json::json!({
        "call_id": call, "direction": "outbound", "campaign": "spring", "mode": "predictive", "route": "north",
        "from": "+12025550142", "to": "+34911234567", "attempt": 1, "agent": "ann", "by": "human", "outcome": "completed",
        "started_at": at(0), "progress_at": at(2), "answered_at": at(6), "bridged_at": at(7), "ended_at": at(30),
    });
    event(call, &at(30).replace("12:06:30", "12:06:00"), "call.record", data)
}
