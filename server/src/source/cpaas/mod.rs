//! `[[source.twilio]]`, `[[source.telnyx]]`, `[[source.plivo]]`, `[[source.vonage]]`: calls that a provider places and takes for
//! others, by what it posts of each.
//!
//! A post → the provider's own file (whether it signed it, what it says) → `tale` → the moments of one call. Nothing is
//! remembered: each post names its call and its moment, so that posts come late, twice or in any order, and merge. None tells
//! whether an agent was on the line but where the provider itself rings one; none knows of queues.

mod account;
mod form;
pub mod plivo;
mod tale;
pub mod telnyx;
#[cfg(test)]
mod tests;
pub mod twilio;
pub mod vonage;

pub use account::{Account, AccountTable, ConfigError};

use super::feed::WayIn;
use super::webhook::{Contents, Hook, Hooks, Message, Told, Unsigned};
use super::{Needs, Site, Source};
use crate::telemetry::{Reading, counters};
use account::Asks;
use app::domain::parse::{FieldError, ParseError, Rejected};
use app::domain::{CannotTell, Event, Moment, SourceId};
use std::fmt::Debug;
use std::marker::PhantomData;
use tokio::task::JoinHandle;

/// What no provider knows of its calls.
const UNTOLD: CannotTell = CannotTell::AGENT.and(CannotTell::QUEUE);

counters! {
    /// What posts tell of.
    struct Counters {}
    by "meaning": "ringside_cpaas_calls", "Posts of a provider, by what they tell of calls" {
        started: "started";
        progressed: "progressed";
        answered: "answered";
        answered_by: "answered_by";
        bridged: "bridged";
        ended: "ended";
        /// Of an agent's own line, a recording, digits that were dialled.
        nothing: "nothing";
        /// A word that this version does not know.
        unknown: "unknown";
    }
}

/// What a post tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    Started,
    Progressed,
    Answered,
    AnsweredBy,
    Bridged,
    Ended,
    Nothing,
    Unknown,
}

/// What a post says.
#[derive(Debug)]
pub struct Post {
    pub meaning: Meaning,
    pub events: Vec<Event>,
}

impl Post {
    const NOTHING: Self = Self { meaning: Meaning::Nothing, events: Vec::new() };
    const UNKNOWN: Self = Self { meaning: Meaning::Unknown, events: Vec::new() };
}

/// Who listens, and when.
#[derive(Debug, Clone, Copy)]
pub struct Ears<'a> {
    pub account: &'a Account,
    pub source: &'a SourceId,
    /// What stands behind the `?` of the address.
    pub query: Option<&'a str>,
    /// When it came: of moments that the provider does not tell.
    pub now: Moment,
}

/// What is a provider's own.
pub trait Provider: Debug + Send + Sync + 'static {
    const ASKS: Asks;
    /// A post in parts.
    type Body;
    /// What signs, made ready.
    type Key: Send + Sync;

    /// # Errors
    /// What a key must be.
    fn key(text: &str) -> Result<Self::Key, String>;

    /// # Errors
    /// Why nobody knows that it is from there.
    fn is_signed(account: &Account, keys: &[Self::Key], message: &Message<'_>, now: Moment) -> Result<(), Unsigned>;

    /// # Errors
    /// If it can't be read as a whole.
    fn body(text: &str) -> Result<Self::Body, String>;

    /// # Errors
    /// The first field that is missing, or is what it can't be.
    fn read(body: &Self::Body, ears: &Ears<'_>) -> Result<Post, FieldError>;

    /// The whole as it may be shown, once numbers are hidden in it.
    fn shown(body: &Self::Body) -> String;
}

/// A provider, as the file has its accounts.
#[derive(Debug)]
pub struct Cpaas<P>(PhantomData<P>);

impl<P: Provider> Source for Cpaas<P> {
    const KIND: &'static str = P::ASKS.kind;
    const NAMED_BY: &'static str = "name";
    type Table = AccountTable;
    type Config = Account;

    fn checked(table: AccountTable, site: Site) -> Result<Account, String> {
        let account = table.checked(P::ASKS, site).map_err(|error| error.to_string())?;
        keys::<P>(&account)?;
        Ok(account)
    }

    fn name(config: &Account) -> &str {
        &config.name
    }

    fn start(config: Account, needs: Needs) -> Result<JoinHandle<()>, String> {
        Self::open(config, &needs.hooks, &needs.way_in)
    }
}

fn keys<P: Provider>(account: &Account) -> Result<Vec<P::Key>, String> {
    let key = |text: &str| P::key(text).map_err(|why| format!("`source.{}.keys`: each {why}", P::ASKS.kind));
    account.keys.iter().map(|secret| key(secret.reveal())).collect()
}

impl<P: Provider> Cpaas<P> {
    /// Opens an account's address.
    ///
    /// # Errors
    /// If that is another source's, or a key is none.
    pub fn open(account: Account, hooks: &Hooks, way_in: &WayIn) -> Result<JoinHandle<()>, String> {
        let name = account.name.clone();
        hooks.open(&name, P::ASKS.kind, Posts::<P>::new(account)?, way_in)
    }
}

/// What is looked for in each post of an account, and what it means.
pub struct Posts<P: Provider> {
    account: Account,
    keys: Vec<P::Key>,
    source: SourceId,
    counters: Counters,
}

impl<P: Provider> Debug for Posts<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Posts").field("source", &self.source).finish_non_exhaustive()
    }
}

impl<P: Provider> Posts<P> {
    /// # Errors
    /// If a key is none.
    pub fn new(account: Account) -> Result<Self, String> {
        let source = SourceId::trusted(format!("{}/{}", P::ASKS.kind, account.name));
        Ok(Self { keys: keys::<P>(&account)?, account, source, counters: Counters::default() })
    }

    fn count(&self, meaning: Meaning) {
        let counters = &self.counters;
        let count = match meaning {
            Meaning::Started => &counters.started,
            Meaning::Progressed => &counters.progressed,
            Meaning::Answered => &counters.answered,
            Meaning::AnsweredBy => &counters.answered_by,
            Meaning::Bridged => &counters.bridged,
            Meaning::Ended => &counters.ended,
            Meaning::Nothing => &counters.nothing,
            Meaning::Unknown => &counters.unknown,
        };
        count.add(1);
    }
}

impl<P: Provider> Hook for Posts<P> {
    fn is_signed(&self, message: &Message<'_>, now: Moment) -> Result<(), Unsigned> {
        P::is_signed(&self.account, &self.keys, message, now)
    }

    fn read<'b>(&self, body: &'b str, query: Option<&str>, now: Moment) -> Result<Contents<'b>, String> {
        let body = P::body(body)?;
        let shown = P::shown(&body);
        let ears = Ears { account: &self.account, source: &self.source, query, now };
        let events = match P::read(&body, &ears) {
            Ok(Post { meaning, events }) => {
                self.count(meaning);
                events.into_iter().map(Ok).collect()
            }
            Err(error) => vec![Err(Rejected { id: None, error: ParseError::Field(error) })],
        };
        let told = |event| Told { text: shown.clone().into(), event, unknown: Vec::new() };
        Ok(Contents { told: events.into_iter().map(told).collect(), shown: shown.into() })
    }

    fn readings(&self) -> Vec<Reading> {
        self.counters.readings()
    }
}

fn wrong(place: &str, what: &str) -> FieldError {
    FieldError { place: place.to_owned(), what: what.to_owned() }
}
