//! What one event tells, made ready for the writer in the task of who brings it: the writer is one, they are many.

use super::call_cache::CacheVersion;
use super::country;
use crate::law::span::Stretch;
use crate::store::write::{CallLookup, FilingHint};
use app::domain::event::AgentState;
use app::domain::{Call, CallName, Data, Event, Moment, Number};

/// An event as the writer takes it. Small: what it tells lies behind a pointer, since it changes hands some times.
#[derive(Debug)]
pub enum Item {
    /// Told of a call.
    Call(CallUpdate),
    /// Told of an agent.
    Agent(Moment, Box<AgentState>),
    /// Anything else.
    Other(Box<Event>),
}

/// What an event tells of a call.
#[derive(Debug)]
pub struct CallUpdate {
    pub(super) name: CallName,
    /// The event's time.
    pub(super) at: Moment,
    pub(super) told: Box<Call>,
    /// Where its far end is, as far as the event itself says which number that is.
    pub(super) far: country::Found,
    /// Up to when the store was asked for the call, if it was: then it is among those found, or there was none.
    pub(super) sought: Option<CacheVersion>,
}

impl CallUpdate {
    /// The call it tells of, and where to look for it.
    pub(super) fn asked(&self) -> CallLookup<'_> {
        let moments = || self.told.moments();
        let reach = match (moments().min(), moments().max()) {
            (Some(from), Some(to)) => FilingHint::Near(Stretch { from, to }),
            (_, _) => FilingHint::Anywhere(Stretch { from: self.at, to: self.at }),
        };
        CallLookup { name: &self.name, reach }
    }
}

impl From<Event> for Item {
    fn from(event: Event) -> Self {
        if let Some((name, told)) = Call::told_by(&event) {
            let far = country::Found::told(&told);
            return Self::Call(CallUpdate { name, at: event.time, told: Box::new(told), far, sought: None });
        }
        if let Data::AgentState(body) = event.data {
            return Self::Agent(event.time, Box::new(body));
        }
        Self::Other(Box::new(event))
    }
}

impl Item {
    /// The two ends of a call, as far as they are told.
    pub(crate) fn ends(&self) -> [Option<Number>; 2] {
        match self {
            Self::Call(update) => [update.told.from.get().cloned(), update.told.to.get().cloned()],
            Self::Agent(..) | Self::Other(_) => [None, None],
        }
    }

    /// The call that it tells of, and what it tells, for tests that stand in for the writer.
    #[cfg(test)]
    pub(crate) fn told(&self) -> Option<(&CallName, &Call)> {
        match self {
            Self::Call(update) => Some((&update.name, &update.told)),
            Self::Agent(..) | Self::Other(_) => None,
        }
    }

    /// Every duration told, by its field's name.
    pub(super) fn durations(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let told = match self {
            Self::Call(update) => [("hold_ms", update.told.hold_ms.value()), ("wrap_ms", update.told.wrap_ms.value())],
            Self::Agent(..) | Self::Other(_) => [("hold_ms", None), ("wrap_ms", None)],
        };
        told.into_iter().filter_map(|(field, ms)| ms.map(|ms| (field, ms)))
    }

    /// Every moment told, the event's own included.
    pub(super) fn moments(&self) -> impl Iterator<Item = Moment> {
        let (own, call) = match self {
            Self::Call(update) => (update.at, Some(&update.told)),
            Self::Agent(at, _) => (*at, None),
            Self::Other(event) => (event.time, None),
        };
        call.into_iter().flat_map(|call| call.moments()).chain([own])
    }
}
