//! What is known of each source that runs: for `/metrics`, and for who asks why one is silent.
//!
//! Texts of sources are kept as they came, cut short, and masked whenever they are shown: to mask each as it comes would cost the
//! way in more than all else that is done here.

use super::unescaped::{unescaped, without_sip_names};
use super::{Identity, Readings};
use crate::kit::mask::safe;
use crate::telemetry::{LabelledCounts, Reading, Value};
use app::domain::Moment;
use app::domain::mask::{Known, Rule, masked};
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

/// Payloads kept of a source: enough to see what its events look like.
const PAYLOADS: usize = 20;
/// Rejections kept of a source, the last: one mistake repeats itself.
const REJECTIONS: usize = 20;
/// As much of a payload is kept, in characters: an event is shorter.
const LONGEST_PAYLOAD: usize = 2_000;
/// Sources listed at most: a floor has some, a file with more is one that a program wrote wrongly.
pub const MOST_SOURCES: usize = 256;

/// How a source is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It has not been heard yet.
    Starting,
    /// It is there, and listened to.
    Well,
    /// It can't be reached, or says nothing: and why.
    Away(String),
    /// It will not be listened to any more, and why where that was not meant.
    Ended(Option<String>),
}

impl State {
    /// As the API tells it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Well => "well",
            Self::Away(_) => "away",
            Self::Ended(_) => "ended",
        }
    }

    /// Every word, for the API's description.
    pub const WORDS: [&'static str; 4] = ["starting", "well", "away", "ended"];

    fn why(&self) -> Option<&str> {
        match self {
            Self::Starting | Self::Well => None,
            Self::Away(why) => Some(why),
            Self::Ended(why) => why.as_deref(),
        }
    }
}

/// What a source said, masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Payload {
    pub at: Moment,
    pub payload: String,
}

/// What was not taken of it, masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RejectedEvent {
    pub at: Moment,
    pub why: String,
}

impl RejectedEvent {
    fn of((at, why): &(Moment, String)) -> Self {
        Self { at: *at, why: safe(why) }
    }
}

/// A source as the API lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceRow {
    pub kind: &'static str,
    pub name: String,
    pub state: &'static str,
    /// Why it is away, or has ended.
    pub why: Option<String>,
    /// Since when it is so.
    pub since: Option<Moment>,
    pub accepted: u64,
    pub duplicate: u64,
    pub rejected: u64,
    /// Requests, packets and the like that were turned away as a whole, unread: not signed, without a key, from elsewhere.
    pub refused: u64,
    /// Events given up because nobody could take them in time; they were told anew.
    pub dropped: u64,
    /// Times that a batch could not be taken at once.
    pub waits: u64,
    pub last_heard: Option<Moment>,
    /// When it was last that something was turned away unread, and why.
    pub last_refusal: Option<RejectedEvent>,
    /// The newest first.
    pub last_rejections: Vec<RejectedEvent>,
}

/// What a feed has counted so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    pub accepted: u64,
    pub duplicate: u64,
    pub rejected: u64,
    pub refused: u64,
    pub dropped: u64,
    pub waits: u64,
}

#[derive(Debug)]
struct Kept {
    state: State,
    since: Option<Moment>,
    heard: Option<Moment>,
    /// Apart from the rejections: whoever may not send must not push out what is told of those who may.
    refusal: Option<(Moment, String)>,
    /// The newest last, as in `payloads`.
    rejections: VecDeque<(Moment, String)>,
    payloads: VecDeque<(Moment, String)>,
}

/// One source's.
pub(super) struct Journal {
    identity: Identity,
    accepted: AtomicU64,
    duplicate: AtomicU64,
    rejected: AtomicU64,
    refused: AtomicU64,
    dropped: AtomicU64,
    waits: AtomicU64,
    kept: Mutex<Kept>,
    own: Option<Readings>,
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal").field("identity", &self.identity).finish_non_exhaustive()
    }
}

/// A text cut short at the end of a character.
fn short(text: &str) -> String {
    text.chars().take(LONGEST_PAYLOAD).collect()
}

/// A text without anything that could be a person's number, or names who an address is of.
fn shown(text: &str) -> String {
    masked(&without_sip_names(&unescaped(text)), Rule::Text, Known::default()).into_owned()
}

fn keep(list: &mut VecDeque<(Moment, String)>, most: usize, at: Moment, text: String) {
    list.push_back((at, text));
    while list.len() > most {
        list.pop_front();
    }
}

impl Journal {
    pub(super) fn new(identity: Identity, own: Option<Readings>) -> Self {
        let kept = Kept {
            state: State::Starting,
            since: None,
            heard: None,
            refusal: None,
            rejections: VecDeque::new(),
            payloads: VecDeque::new(),
        };
        let [accepted, duplicate, rejected, refused, dropped, waits] = [const { AtomicU64::new(0) }; 6];
        Self { identity, accepted, duplicate, rejected, refused, dropped, waits, kept: Mutex::new(kept), own }
    }

    pub(super) const fn identity(&self) -> &Identity {
        &self.identity
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is(&self, state: State, now: Moment) {
        let mut kept = self.kept();
        if kept.state.word() != state.word() {
            kept.since = Some(now);
        }
        kept.state = state;
    }

    pub(super) fn payload(&self, now: Moment, payload: &str) {
        let text = short(payload);
        let mut kept = self.kept();
        if kept.state == State::Starting {
            (kept.state, kept.since) = (State::Well, Some(now));
        }
        kept.heard = Some(now);
        keep(&mut kept.payloads, PAYLOADS, now, text);
    }

    pub(super) fn rejected(&self, now: Moment, why: &str, payload: Option<&str>) {
        self.rejected.fetch_add(1, Relaxed);
        keep(&mut self.kept().rejections, REJECTIONS, now, short(why));
        if let Some(payload) = payload {
            self.payload(now, payload);
        }
    }

    pub(super) fn refused(&self, now: Moment, why: &str) {
        self.refused.fetch_add(1, Relaxed);
        self.kept().refusal = Some((now, short(why)));
    }

    pub(super) fn taken(&self, accepted: u64, duplicate: u64) {
        self.accepted.fetch_add(accepted, Relaxed);
        self.duplicate.fetch_add(duplicate, Relaxed);
    }

    pub(super) fn waited(&self) {
        self.waits.fetch_add(1, Relaxed);
    }

    pub(super) fn dropped(&self, events: u64) {
        self.dropped.fetch_add(events, Relaxed);
    }

    pub(super) fn counted(&self) -> Counted {
        Counted {
            accepted: self.accepted.load(Relaxed),
            duplicate: self.duplicate.load(Relaxed),
            rejected: self.rejected.load(Relaxed),
            refused: self.refused.load(Relaxed),
            dropped: self.dropped.load(Relaxed),
            waits: self.waits.load(Relaxed),
        }
    }

    pub(super) fn row(&self) -> SourceRow {
        let Counted { accepted, duplicate, rejected, refused, dropped, waits } = self.counted();
        let kept = self.kept();
        SourceRow {
            kind: self.identity.kind,
            name: self.identity.name.to_string(),
            state: kept.state.word(),
            why: kept.state.why().map(safe),
            since: kept.since,
            accepted,
            duplicate,
            rejected,
            refused,
            dropped,
            waits,
            last_heard: kept.heard,
            last_refusal: kept.refusal.as_ref().map(RejectedEvent::of),
            last_rejections: kept.rejections.iter().rev().map(RejectedEvent::of).collect(),
        }
    }

    fn payloads(&self) -> Vec<Payload> {
        self.kept().payloads.iter().rev().map(|(at, text)| Payload { at: *at, payload: shown(text) }).collect()
    }

    /// What all sources count alike, then what is this one's own.
    fn readings(&self) -> Vec<Reading> {
        let Counted { accepted, duplicate, rejected, refused, dropped, waits } = self.counted();
        let mut readings = vec![
            Reading::counter("ringside_source_events_accepted", "Events of a source that were taken", accepted),
            Reading::counter(
                "ringside_source_events_duplicate",
                "Good events of a source that changed nothing",
                duplicate,
            ),
            Reading::counter("ringside_source_events_rejected", "Events of a source that were rejected", rejected),
            Reading::counter(
                "ringside_source_refused",
                "Requests and packets of a source that were turned away unread: not signed, without a key, from elsewhere",
                refused,
            ),
            Reading::counter(
                "ringside_source_events_dropped",
                "Events of a source given up because they could not be taken in time; they are told anew",
                dropped,
            ),
            Reading::counter("ringside_source_waits", "Times that a source's events could not be taken at once", waits),
        ];
        readings.extend(self.own.iter().flat_map(|own| own(self.counted())));
        readings
    }
}

/// All sources of this server. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Feeds(Arc<Mutex<Vec<Arc<Journal>>>>);

impl Feeds {
    fn all(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Journal>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new source; `own` are the figures of its trade.
    pub(super) fn add(&self, identity: Identity, own: Option<Readings>) -> Arc<Journal> {
        let journal = Arc::new(Journal::new(identity, own));
        let mut all = self.all();
        if all.len() < MOST_SOURCES {
            all.push(Arc::clone(&journal));
        } else {
            let source = &journal.identity.name;
            tracing::warn!(%source, "more than {MOST_SOURCES} sources: this one works, but is not listed");
        }
        journal
    }

    /// In the order in which they began.
    #[must_use]
    pub fn rows(&self) -> Vec<SourceRow> {
        self.all().iter().map(|journal| journal.row()).collect()
    }

    /// The last payloads of a source, the newest first; `None` where there is none of that name.
    #[must_use]
    pub fn payloads(&self, name: &str) -> Option<Vec<Payload>> {
        let all = self.all();
        let found = all.iter().find(|journal| journal.identity.name == name);
        found.map(|journal| journal.payloads())
    }

    /// Of all sources: a figure of one name once, by source.
    #[must_use]
    pub fn readings(&self) -> Vec<Reading> {
        let mut order = Vec::new();
        let mut by_name: BTreeMap<&'static str, (&'static str, LabelledCounts)> = BTreeMap::new();
        let all: Vec<Arc<Journal>> = self.all().clone();
        for journal in all {
            let source = ("source", journal.identity.name.to_string());
            for Reading { name, help, value } in journal.readings() {
                let (_, counts) = by_name.entry(name).or_insert_with(|| {
                    order.push(name);
                    (help, Vec::new())
                });
                match value {
                    Value::Counter(n) => counts.push((vec![source.clone()], n)),
                    Value::CounterBy(label, values) => counts.extend(
                        values.into_iter().map(|(value, n)| (vec![source.clone(), (label, value.to_owned())], n)),
                    ),
                    Value::Counters(values) => counts.extend(values.into_iter().map(|(mut labels, n)| {
                        labels.insert(0, source.clone());
                        (labels, n)
                    })),
                    // What sources have are counts: none gives anything else.
                    Value::Gauge(_) | Value::Histogram { .. } => {}
                }
            }
        }
        let reading = |name| by_name.remove(name).map(|(help, counts)| (name, help, counts));
        order
            .into_iter()
            .filter_map(reading)
            .map(|(name, help, counts)| Reading { name, help, value: Value::Counters(counts) })
            .collect()
    }
}
