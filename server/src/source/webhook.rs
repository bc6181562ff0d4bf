//! The base of a source that calls us: each of its messages is a request to `/hooks/<name>`, and is signed.
//!
//! Owns the list of names that are open, and what is counted and said of messages that were turned away. Whether a message
//! is signed, and what it says, is the source's own; how a body is read and answered is `http`'s.

use super::feed::{Counted, Feed, Identity, State, WayIn};
use crate::telemetry::{Reading, counters};
use app::domain::parse::{Rejected, UnknownField};
use app::domain::{Event, Moment};
use axum::http::HeaderMap;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinHandle;

/// A message has at most this many bytes: some thousand events. Until it is read nobody knows who sent it.
pub const MAX_BYTES: usize = 1 << 20;
/// A message that was signed longer ago than this, or will be, is no new one: somebody may have kept it.
pub const TOLERANCE_S: i64 = 5 * 60;

/// A name is a part of an address, and of a name on `/metrics`.
const LONGEST_NAME: usize = 64;

/// Whether a text can be the name of an address.
///
/// # Errors
/// What it must be.
pub fn is_a_name(text: &str) -> Result<(), String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(plain) {
        return Ok(());
    }
    Err(format!("must be 1 to {LONGEST_NAME} letters, digits, `-` or `_`: it is a part of an address, /hooks/NAME"))
}

counters! {
    /// What became of messages.
    struct Counters {}
    by "outcome": "ringside_webhook_messages", "Messages of a webhook, by what became of them" {
        read: "read";
        unsigned: "unsigned";
        stale: "stale";
        forged: "forged";
        unreadable: "unreadable";
    }
}

/// Why nobody knows that a message is from whom it should be. Nothing of what it says is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsigned {
    #[error("the header `{0}` is missing")]
    Missing(&'static str),
    #[error("`{0}` can't be read: {1}")]
    Unreadable(&'static str, &'static str),
    #[error("it was signed {ago_s} s ago, and may be {TOLERANCE_S} s old: is its clock right, and ours?")]
    Old { ago_s: i64 },
    #[error("it is signed {ahead_s} s ahead of our clock, and may be {TOLERANCE_S} s: is its clock right, and ours?")]
    Early { ahead_s: i64 },
    #[error("its token expired {ago_s} s ago: is its clock right, and ours?")]
    Expired { ago_s: i64 },
    #[error("its token is not valid for another {ahead_s} s: is its clock right, and ours?")]
    NotYetValid { ahead_s: i64 },
    #[error("no signature of it is by a key that is configured here, over the body as it was sent")]
    Forged,
}

impl Unsigned {
    /// Without what differs from one message to the next: so the same reason is one.
    #[must_use]
    pub fn in_short(&self) -> String {
        match self {
            Self::Missing(_) | Self::Unreadable(..) | Self::Forged => self.to_string(),
            Self::Old { .. } => format!("it was signed more than {TOLERANCE_S} s ago"),
            Self::Early { .. } => format!("it is signed more than {TOLERANCE_S} s ahead of our clock"),
            Self::Expired { .. } => "its token has expired".to_owned(),
            Self::NotYetValid { .. } => "its token is not valid yet".to_owned(),
        }
    }
}

/// A message as it came.
#[derive(Debug, Clone, Copy)]
pub struct Message<'b> {
    pub head: &'b HeaderMap,
    /// What stands behind the `?` of the address that it was sent to, as it was sent.
    pub query: Option<&'b str>,
    pub body: &'b [u8],
}

/// Of what a message tells one thing: its text, and what that is read as.
#[derive(Debug)]
pub struct Told<'b> {
    /// As it may be shown, once numbers are hidden in it: no person's name is in it.
    pub text: Cow<'b, str>,
    pub event: Result<Event, Rejected>,
    /// Fields that mean nothing here.
    pub unknown: Vec<UnknownField>,
}

/// What a message tells. Of many a message nothing: that somebody joined a room is no call.
#[derive(Debug)]
pub struct Contents<'b> {
    pub told: Vec<Told<'b>>,
    /// The whole of it as it may be shown, like [`Told::text`].
    pub shown: Cow<'b, str>,
}

/// The text of a header that must be there, once.
///
/// # Errors
/// If it is not, or is no text.
pub fn header<'h>(head: &'h HeaderMap, name: &'static str) -> Result<&'h str, Unsigned> {
    let mut all = head.get_all(name).iter();
    match (all.next(), all.next()) {
        (None, _) => Err(Unsigned::Missing(name)),
        (Some(value), None) => value.to_str().map_err(|_| Unsigned::Unreadable(name, "it is plain text")),
        (Some(_), Some(_)) => Err(Unsigned::Unreadable(name, "it is there more than once")),
    }
}

/// What a source that calls us does.
pub trait Hook: fmt::Debug + Send + Sync {
    /// Whether a message is from whom it should be, and new.
    ///
    /// # Errors
    /// Why that can't be known.
    fn is_signed(&self, message: &Message<'_>, now: Moment) -> Result<(), Unsigned>;

    /// What a signed message tells.
    ///
    /// # Errors
    /// If it can't be read as a whole.
    fn read<'b>(&self, body: &'b str, query: Option<&str>, now: Moment) -> Result<Contents<'b>, String>;

    /// What may be shown of a message that can't be read: nobody can tell who is named in it.
    fn unread<'b>(&self, body: &'b str) -> Cow<'b, str> {
        format!("{} bytes, which are not shown: who is named in them can't be told", body.len()).into()
    }

    /// Figures of its own trade.
    fn readings(&self) -> Vec<Reading> {
        Vec::new()
    }
}

/// A name that is open. Cheap to clone.
#[derive(Debug, Clone)]
pub struct OpenHook {
    hook: Arc<dyn Hook>,
    counters: Arc<Counters>,
    /// What comes by it.
    pub feed: Feed,
    /// As sources are named: `webhook/crm`.
    pub source: SmolStr,
}

impl OpenHook {
    /// What a message tells, if it is signed: nothing of another is looked at.
    ///
    /// # Errors
    /// Why it was turned away, which is counted and kept.
    pub fn open<'b>(&self, message: &Message<'b>) -> Result<Vec<Told<'b>>, TurnedAway> {
        let now = self.feed.clock().now();
        self.hook.is_signed(message, now).map_err(|why| {
            let count = match &why {
                Unsigned::Missing(_) | Unsigned::Unreadable(..) => &self.counters.unsigned,
                Unsigned::Old { .. }
                | Unsigned::Early { .. }
                | Unsigned::Expired { .. }
                | Unsigned::NotYetValid { .. } => &self.counters.stale,
                Unsigned::Forged => &self.counters.forged,
            };
            count.add(1);
            self.feed.refused(&why.to_string());
            TurnedAway::Unsigned(why)
        })?;
        let text = std::str::from_utf8(message.body).map_err(|error| error.to_string());
        let Contents { told, shown } =
            text.and_then(|text| self.hook.read(text, message.query, now)).map_err(|why| {
                self.counters.unreadable.add(1);
                let body = String::from_utf8_lossy(message.body);
                self.feed.unreadable(&format!("not JSON: {why}"), &self.hook.unread(&body));
                TurnedAway::NotJson(why)
            })?;
        self.counters.read.add(1);
        if told.is_empty() {
            // What tells something is noted as it is handed on.
            self.feed.heard_payload(&shown);
        }
        Ok(told)
    }
}

/// Why a whole message was turned away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TurnedAway {
    Unsigned(Unsigned),
    NotJson(String),
}

/// All names that are open. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Hooks(Arc<Mutex<BTreeMap<SmolStr, OpenHook>>>);

impl Hooks {
    fn all(&self) -> std::sync::MutexGuard<'_, BTreeMap<SmolStr, OpenHook>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[must_use]
    pub fn find(&self, name: &str) -> Option<OpenHook> {
        self.all().get(name).cloned()
    }

    /// Opens `/hooks/<name>` until the server stops.
    ///
    /// # Errors
    /// If it is another source's.
    pub fn open(
        &self,
        name: &str,
        kind: &'static str,
        hook: impl Hook + 'static,
        way_in: &WayIn,
    ) -> Result<JoinHandle<()>, String> {
        if self.all().contains_key(name) {
            return Err(format!("/hooks/{name} is another source's: give one of them another name"));
        }
        let source: SmolStr = format!("{kind}/{name}").into();
        let (hook, counters) = (Arc::<dyn Hook>::from(Box::new(hook) as Box<dyn Hook>), Arc::<Counters>::default());
        let (trade, read) = (Arc::clone(&hook), Arc::clone(&counters));
        let own = Box::new(move |_: Counted| -> Vec<Reading> {
            let mut readings = read.readings();
            readings.extend(trade.readings());
            readings
        });
        let feed = way_in.open(Identity { kind, name: source.to_string().into() }, Some(own));
        let ended = feed.clone();
        self.all().insert(name.into(), OpenHook { hook, counters, feed, source });
        Ok(tokio::spawn(async move {
            ended.stop().cancelled().await;
            ended.is(State::Ended(None));
        }))
    }
}
