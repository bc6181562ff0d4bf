//! What each client holds at a time: connections, answers, viewers and their topics, replays, bodies.
//!
//! A client has an entry here only while it holds something, so there are no more of them than there are connections.

use super::limits::{Limit, Limits};
use super::proxies::Client;
use crate::kit::quiet::Quiet;
use crate::telemetry::{Reading, Value};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What is counted by client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Connection,
    Answer,
    Viewer,
    Replay,
    Body,
}

impl Kind {
    const fn limit(self) -> Limit {
        match self {
            Self::Connection => Limit::ConnectionsPerClient,
            Self::Answer => Limit::AnswersPerClient,
            Self::Viewer => Limit::ViewersPerClient,
            Self::Replay => Limit::ReplaysPerClient,
            Self::Body => Limit::BodiesPerClient,
        }
    }
}

/// Bytes of bodies that were read and wait for their answer, of one client and of all: beyond, a body keeps its place among
/// those that are being read, and others are turned away by their number.
const MOST_WAITING: u64 = 64 << 20;
const MOST_WAITING_OF_ALL: u64 = 256 << 20;
/// What a body counts at least: what is kept beside its bytes.
const LEAST_WAITING: u64 = 16 << 10;

/// Answers of one client that are being made at once; its others wait for their turn. Enough for all cores where some of
/// them wait for the store, and few enough that somebody else's is among the next.
const TURNS: usize = 4;

/// What one client holds.
#[derive(Debug)]
struct Holds {
    of: HashMap<Kind, u32>,
    turns: Arc<Semaphore>,
    /// Bytes of its bodies that were read and wait for their answer.
    waiting: u64,
    /// Its viewers by what they watch.
    topics: HashMap<String, u32>,
}

impl Default for Holds {
    fn default() -> Self {
        Self { of: HashMap::new(), turns: Arc::new(Semaphore::new(TURNS)), waiting: 0, topics: HashMap::new() }
    }
}

/// A limit was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is {most}", .limit.name())]
pub struct Reached {
    pub limit: Limit,
    pub most: u32,
}

#[derive(Debug)]
pub struct Clients {
    limits: Limits,
    held: Mutex<HashMap<Client, Holds>>,
    answers: AtomicU64,
    /// Bytes that wait, of all clients.
    waiting: AtomicU64,
    reached: [AtomicU64; Limit::ALL.len()],
    said: Quiet,
}

/// Held by what was let in, for as long as it lasts.
#[derive(Debug)]
pub struct Held {
    by: Client,
    kind: Kind,
    topic: Option<String>,
    /// Of a body that was read: the bytes that it counts.
    waiting: u64,
    turns: Arc<Semaphore>,
    of: Arc<Clients>,
}

impl Clients {
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            held: Mutex::default(),
            answers: AtomicU64::new(0),
            waiting: AtomicU64::new(0),
            reached: std::array::from_fn(|_| AtomicU64::new(0)),
            said: Quiet::default(),
        }
    }

    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// # Errors
    /// If the client has as many as it may.
    pub fn take(self: &Arc<Self>, by: Client, kind: Kind) -> Result<Held, Reached> {
        self.enter(by, kind, None)
    }

    /// A viewer of a topic, by the topic's name.
    ///
    /// # Errors
    /// If the client has as many viewers as it may, or watches as many different topics.
    pub fn watch(self: &Arc<Self>, by: Client, topic: String) -> Result<Held, Reached> {
        self.enter(by, Kind::Viewer, Some(topic))
    }

    fn enter(self: &Arc<Self>, by: Client, kind: Kind, topic: Option<String>) -> Result<Held, Reached> {
        let by = by.counted();
        let full = |limit: Limit, n: usize| (n >= self.limits.most(limit) as usize).then_some(limit);
        let mut held = self.held();
        let holds = held.get(&by);
        let count = holds.and_then(|holds| holds.of.get(&kind)).copied().unwrap_or_default() as usize;
        let answering = usize::try_from(self.answers.load(Relaxed)).unwrap_or(usize::MAX);
        let crowded = (kind == Kind::Answer).then(|| full(Limit::Answers, answering)).flatten();
        let scattered = topic.as_ref().and_then(|topic| {
            let topics = &holds?.topics;
            (!topics.contains_key(topic)).then(|| full(Limit::TopicsPerClient, topics.len())).flatten()
        });
        if let Some(limit) = full(kind.limit(), count).or(crowded).or(scattered) {
            drop(held);
            return Err(self.reached(limit, by));
        }
        let holds = held.entry(by).or_default();
        *holds.of.entry(kind).or_default() += 1;
        if let Some(topic) = &topic {
            *holds.topics.entry(topic.clone()).or_default() += 1;
        }
        let turns = Arc::clone(&holds.turns);
        drop(held);
        if kind == Kind::Answer {
            self.answers.fetch_add(1, Relaxed);
        }
        Ok(Held { by, kind, topic, waiting: 0, turns, of: Arc::clone(self) })
    }

    /// Counts that a limit was reached, and says so now and then: who floods us must not flood the log.
    pub fn reached(&self, limit: Limit, by: Client) -> Reached {
        let most = self.limits.most(limit);
        if let Some(count) = self.reached.get(limit as usize) {
            count.fetch_add(1, Relaxed);
        }
        if let Some(unsaid) = self.said.turn() {
            tracing::warn!(limit = limit.name(), most, client = %by, unsaid, "a client has reached a limit");
        }
        Reached { limit, most }
    }

    /// Bytes of bodies that were read and wait for their answer.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> u64 {
        self.waiting.load(Relaxed)
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Client, Holds>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For `/metrics`.
    #[must_use]
    pub fn readings(&self) -> Vec<Reading> {
        let counts = Limit::ALL.iter().zip(&self.reached);
        #[allow(clippy::cast_precision_loss)] // at most one for each connection
        let clients = self.held().len() as f64;
        vec![
            Reading {
                name: "ringside_limits_reached",
                help: "Refused, or cut off, because a limit of `[limits]` was reached, by its name",
                value: Value::CounterBy("limit", counts.map(|(limit, n)| (limit.name(), n.load(Relaxed))).collect()),
            },
            Reading { name: "ringside_clients", help: "Clients that hold something", value: Value::Gauge(clients) },
        ]
    }
}

impl Held {
    /// Who holds it, as clients are counted.
    #[must_use]
    pub const fn by(&self) -> Client {
        self.by
    }

    /// Waits until it is one of the client's few at work, for as long as what is given lives.
    pub async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.turns).acquire_owned().await.ok()
    }

    /// A body was read to its end: a slow commit is no fault of who sent it, so that it gives back its place among those that
    /// are being read, and counts by its bytes. Whether it did: not where too many wait already.
    pub fn is_read(&mut self, bytes: usize) -> bool {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX).max(LEAST_WAITING);
        let mut held = self.of.held();
        let Some(holds) = held.get_mut(&self.by).filter(|_| self.kind == Kind::Body && self.waiting == 0) else {
            return false;
        };
        let fits = |waiting: u64, most: u64| waiting.saturating_add(bytes) <= most;
        if !fits(holds.waiting, MOST_WAITING) || !fits(self.of.waiting.load(Relaxed), MOST_WAITING_OF_ALL) {
            return false;
        }
        less(&mut holds.of, &self.kind);
        holds.waiting += bytes;
        self.of.waiting.fetch_add(bytes, Relaxed);
        self.waiting = bytes;
        true
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.kind == Kind::Answer {
            self.of.answers.fetch_sub(1, Relaxed);
        }
        let mut held = self.of.held();
        let Some(holds) = held.get_mut(&self.by) else { return };
        if self.waiting > 0 {
            holds.waiting -= self.waiting;
            self.of.waiting.fetch_sub(self.waiting, Relaxed);
        } else {
            less(&mut holds.of, &self.kind);
        }
        if let Some(topic) = &self.topic {
            less(&mut holds.topics, topic);
        }
        if holds.of.is_empty() && holds.waiting == 0 {
            held.remove(&self.by);
        }
    }
}

/// One less of it; of none left, nothing.
fn less<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, u32>, of: &K) {
    if let Some(count) = counts.get_mut(of) {
        *count -= 1;
        if *count == 0 {
            counts.remove(of);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn client(n: u8) -> Client {
        Client::at([10, 0, 0, n].into())
    }

    #[test]
    fn each_client_has_its_own_room_and_what_is_let_go_is_free_again() {
        let clients =
            Arc::new(Clients::new(Limits { viewers_per_client: 2, topics_per_client: 1, ..Limits::default() }));
        let first = clients.watch(client(1), "live".to_owned()).unwrap();
        let other = clients.watch(client(1), "daily".to_owned()).unwrap_err();
        assert_eq!(other.limit, Limit::TopicsPerClient);
        let _second = clients.watch(client(1), "live".to_owned()).unwrap();
        assert_eq!(clients.watch(client(1), "live".to_owned()).unwrap_err().limit, Limit::ViewersPerClient);
        assert!(clients.watch(client(2), "daily".to_owned()).is_ok(), "others have room");
        drop(first);
        assert!(clients.watch(client(1), "live".to_owned()).is_ok());
    }

    #[test]
    fn a_body_that_was_read_gives_its_place_back_and_counts_by_its_bytes() {
        let clients = Arc::new(Clients::new(Limits { bodies_per_client: 1, ..Limits::default() }));
        let body = || clients.take(client(1), Kind::Body);
        let mut waiting = Vec::new();
        for _ in 0..8 {
            let mut one = body().unwrap();
            assert!(body().is_err(), "one is being read");
            assert!(one.is_read(8 << 20) && !one.is_read(1));
            waiting.push(one);
        }
        let mut ninth = body().unwrap();
        assert!(!ninth.is_read(1), "64 MiB wait: it keeps its place");
        assert!(body().is_err());
        waiting.pop();
        assert!(ninth.is_read(1) && body().is_ok());
        assert_eq!(clients.waiting(), 7 * (8 << 20) + LEAST_WAITING);
        drop((waiting, ninth));
        assert!(clients.held().is_empty() && clients.waiting() == 0);
    }

    #[tokio::test]
    async fn of_one_client_few_answers_are_made_at_once_and_another_client_does_not_wait() {
        let clients = Arc::new(Clients::new(Limits::default()));
        let one = |n| clients.take(client(n), Kind::Answer).unwrap();
        let held: Vec<Held> = (0..=TURNS).map(|_| one(1)).collect();
        let mut turns = Vec::new();
        for held in &held[..TURNS] {
            turns.push(held.turn().await);
        }
        let mut waits = std::pin::pin!(held[TURNS].turn());
        assert!(futures_util::poll!(&mut waits).is_pending());
        assert!(one(2).turn().await.is_some());
        turns.pop();
        assert!(waits.await.is_some());
    }

    #[test]
    fn who_holds_nothing_is_forgotten_and_each_refusal_is_counted() {
        let clients = Arc::new(Clients::new(Limits { bodies_per_client: 1, answers: 1, ..Limits::default() }));
        let held = (clients.take(client(1), Kind::Body).unwrap(), clients.take(client(2), Kind::Answer).unwrap());
        assert!(clients.take(client(1), Kind::Body).is_err());
        assert_eq!(clients.take(client(3), Kind::Answer).unwrap_err().limit, Limit::Answers);
        drop(held);
        assert!(clients.held().is_empty() && clients.take(client(3), Kind::Answer).is_ok());
        let counted = clients.readings().remove(0).value;
        let Value::CounterBy("limit", counts) = counted else { unreachable!() };
        assert!(counts.contains(&("bodies_per_client", 1)) && counts.contains(&("answers", 1)), "{counts:?}");
    }
}
