//! From parsed events to their account: chunks to the writer, a few in flight, and no reading ahead of them.
//!
//! Owns the pace of one body. A chunk goes off as soon as none is in flight, so that a slow stream is committed as it
//! comes; while some are, events gather into larger ones. Order between chunks does not matter: calls merge.

use super::answer::{BatchPosition, Outcome};
use crate::access::newcomers::{Newcomers, NoRoom};
use crate::ingest::{First, Item, Receipt, Refusal};
use crate::source::feed::Feed;
use crate::source::webhook::Told;
use crate::telemetry::Metrics;
use app::domain::event::SHOWN_METRICS;
use app::domain::mask::Numbers;
use app::domain::{Data, Event, Number, parse};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde_json::Value;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;

/// Events of one chunk: large enough that a commit's fixed cost is shared, small enough that one body's turn is short.
pub const CHUNK_EVENTS: usize = 1_000;
/// Text of one chunk's events, in bytes: bounds memory where events are large.
pub const CHUNK_BYTES: usize = 1 << 20;
/// Of an event's text so much is kept for who looks for a mistake in it; the feed keeps no more.
const PAYLOAD_BYTES: usize = 2_000;
/// Chunks of one body that may be with the writer at once: one is being committed while the next are queued.
pub const CHUNKS_IN_FLIGHT: usize = 8;

#[derive(Debug, Default)]
struct Chunk {
    items: Vec<Item>,
    places: Vec<BatchPosition>,
    bytes: usize,
    /// What its first event is shown as, on a server that never heard one.
    first: Option<First>,
    /// The beginning of its first event's text.
    payload: String,
}

impl Chunk {
    fn is_full(&self) -> bool {
        self.items.len() >= CHUNK_EVENTS || self.bytes >= CHUNK_BYTES
    }
}

/// A chunk's answer, its events' places, and what its first event is shown as.
type Settled = (Result<Receipt, Refusal>, Vec<BatchPosition>, Option<First>);
type Sent = Pin<Box<dyn Future<Output = Settled> + Send>>;

/// One body on its way in.
#[derive(Debug)]
pub struct Intake<'a> {
    feed: &'a Feed,
    metrics: &'a Metrics,
    outcome: Outcome,
    /// Events met so far: the next one's index.
    met: u64,
    gathering: Chunk,
    full: VecDeque<Chunk>,
    in_flight: FuturesUnordered<Sent>,
    refusal: Option<Stopped>,
    /// What its sender may name, and who that is.
    names: (&'a Newcomers, &'a str),
}

/// Why no more of a body is taken.
#[derive(Debug)]
pub enum Stopped {
    Refused(Refusal),
    /// Too much of what it names was never named before.
    NewNames,
}

impl<'a> Intake<'a> {
    #[must_use]
    pub fn new(feed: &'a Feed, metrics: &'a Metrics, names: (&'a Newcomers, &'a str)) -> Self {
        Self {
            names,
            feed,
            metrics,
            outcome: Outcome::default(),
            met: 0,
            gathering: Chunk::default(),
            full: VecDeque::new(),
            in_flight: FuturesUnordered::new(),
            refusal: None,
        }
    }

    /// Takes one event's text. Blank text is no event; nor is there another once no more is taken.
    pub fn take(&mut self, text: &[u8]) {
        if self.is_refused() || text.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        let read = std::str::from_utf8(text).map_or_else(
            |e| Err(parse::Rejected { id: None, error: parse::ParseError::NotJson(e.to_string()) }),
            |text| parse::event_noting(text, &mut |field| self.outcome.unknown(field)),
        );
        self.take_read(text, read);
    }

    /// Takes what a message of a source tells; nothing once no more is taken.
    pub fn take_told(&mut self, told: Told<'_>) {
        if self.is_refused() {
            return;
        }
        told.unknown.into_iter().for_each(|field| self.outcome.unknown(field));
        self.take_read(told.text.as_bytes(), told.event);
    }

    fn take_read(&mut self, text: &[u8], read: Result<Event, parse::Rejected>) {
        let index = self.met;
        self.met += 1;
        match read {
            Ok(event) => {
                let (newcomers, sender) = self.names;
                if newcomers.take(sender, event.data.names(), self.feed.clock().now()) == Err(NoRoom) {
                    self.refusal.get_or_insert(Stopped::NewNames);
                    return;
                }
                if let Data::CostUpdated(told) = &event.data {
                    self.outcome.cost(told);
                }
                if let Data::MetricSample(told) = &event.data
                    && !SHOWN_METRICS.contains(&told.name.get().as_str())
                {
                    self.outcome.unshown(told.name.get());
                }
                if matches!(&event.data, Data::CallRecord(record) if record.direction.is_none()) {
                    self.outcome.undirected();
                }
                if self.gathering.items.is_empty() {
                    self.gathering.first = self.feed.target().first().shown(&event);
                    self.gathering.payload = beginning(text);
                }
                let (id, item) = (event.id.clone(), Item::from(event));
                self.gathering.places.push(BatchPosition { index, id, ends: item.ends() });
                self.gathering.items.push(item);
                self.gathering.bytes += text.len();
                if self.gathering.is_full() {
                    self.full.push_back(std::mem::take(&mut self.gathering));
                }
            }
            Err(why) => {
                self.metrics.rejected(why.error.reason(), 1);
                self.feed.unreadable(&why.error.to_string(), &beginning(text));
                self.outcome.unreadable(index, &why, &told_numbers(text));
            }
        }
    }

    /// Whether more of the body may be read.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.full.is_empty() && self.refusal.is_none()
    }

    /// Text of what was taken and is not settled yet, in bytes; of a chunk with the writer as many as one may have.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let full: usize = self.full.iter().map(|chunk| chunk.bytes).sum();
        self.gathering.bytes + full + self.in_flight.len() * CHUNK_BYTES
    }

    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.in_flight.is_empty()
    }

    #[must_use]
    pub const fn is_refused(&self) -> bool {
        self.refusal.is_some()
    }

    /// Sends off what may go.
    pub fn pump(&mut self) {
        if self.refusal.is_some() {
            return;
        }
        while self.in_flight.len() < CHUNKS_IN_FLIGHT {
            let Some(chunk) = self.full.pop_front() else { break };
            self.send(chunk);
        }
        if self.in_flight.is_empty() && !self.gathering.items.is_empty() {
            let chunk = std::mem::take(&mut self.gathering);
            self.send(chunk);
        }
    }

    fn send(&mut self, chunk: Chunk) {
        let feed = self.feed.clone();
        let Chunk { items, places, bytes: _, first, payload } = chunk;
        feed.heard_payload(&payload);
        self.in_flight.push(Box::pin(async move { (feed.submit_items(items).await, places, first) }));
    }

    /// Waits for one chunk to be settled; at once where none is in flight.
    pub async fn settle_one(&mut self) {
        let Some((result, places, first)) = self.in_flight.next().await else { return };
        match result {
            Ok(receipt) => {
                self.feed.target().first().took(receipt.accepted, first.filter(|_| receipt.has_taken(0)));
                self.outcome.settled(receipt, &places);
            }
            Err(refusal) => {
                // Chunks that are still in flight are waited for; nothing new goes off.
                self.refusal.get_or_insert(Stopped::Refused(refusal));
            }
        }
    }

    /// Sends what is left, waits for all of it, and gives the account.
    /// Where a chunk was refused, what was taken before and after it stays, and is in the account.
    pub async fn finish(mut self) -> (Outcome, Option<Stopped>) {
        loop {
            self.pump();
            if self.in_flight.is_empty() {
                break;
            }
            self.settle_one().await;
        }
        (self.outcome, self.refusal)
    }
}

/// As much of an event's text as may be kept of it.
fn beginning(text: &[u8]) -> String {
    let cut = &text[..text.len().min(PAYLOAD_BYTES)];
    String::from_utf8_lossy(cut).trim().to_owned()
}

/// The numbers that an event tells though it can't be read, however they are written.
fn told_numbers(text: &[u8]) -> Numbers {
    let event: Value = serde_json::from_slice(text).unwrap_or_default();
    let ends = ["from", "to"].into_iter().filter_map(|end| event["data"][end].as_str());
    let digits = ends.map(|end| end.chars().filter(char::is_ascii_digit).collect::<String>());
    let numbers: Vec<Number> = digits.map(|digits| Number::trusted(format!("+{digits}"))).collect();
    Numbers::of(&numbers)
}
