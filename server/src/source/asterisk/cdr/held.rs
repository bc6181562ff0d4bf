//! Records held back until the others of their call were seen.
//!
//! A call's records stand close to one another, but in no order that can be relied on: legs are written as they end. What
//! belongs together is told by the call's id, else by the channel's own, else by channels of the same name at the same time.

use super::leg::Leg;
use crate::source::asterisk::names::ChannelName;
use crate::source::joined::{Joined, Taken};
use smol_str::SmolStr;

/// Calls held back at once; the one heard of first is let go where there are more.
const MOST_CALLS: usize = 20_000;
/// Records of one call; one that never ends must not fill memory.
const MOST_LEGS: usize = 1_000;

#[derive(Debug, Default)]
pub struct Held(Joined<Vec<Leg>>);

impl Held {
    /// Adds a record, and lets a call go where there are too many, or too many records of one.
    pub fn add(&mut self, row: u64, leg: Leg) -> Option<Taken<Vec<Leg>>> {
        let place = self.0.join(row, &names(&leg), |legs| belong(legs, &leg), Vec::extend);
        let legs = self.0.get_mut(place)?;
        legs.push(leg);
        if legs.len() > MOST_LEGS {
            return self.0.take(place);
        }
        if self.0.len() > MOST_CALLS { self.0.take_first() } else { None }
    }

    /// The call heard of first among those that are left.
    pub fn rest(&mut self) -> Option<Taken<Vec<Leg>>> {
        self.0.take_first()
    }
}

/// By what a record's call is found.
fn names(leg: &Leg) -> Vec<SmolStr> {
    let ids = [&leg.linked, &leg.id].into_iter().filter(|id| !id.is_empty()).cloned();
    let channels = [&leg.channel, &leg.party].into_iter().filter(|_| leg.linked.is_empty());
    ids.chain(channels.filter_map(|channel| passing(channel))).collect()
}

/// A channel's name where each call has one of its own; both halves of a Local channel have one.
fn passing(channel: &str) -> Option<SmolStr> {
    let name = ChannelName::read(channel)?;
    // `DAHDI/1-1` is the line, whoever uses it.
    let lasting = matches!(name.tech, "DAHDI" | "Zap") && !name.resource.contains('/');
    (!lasting).then(|| SmolStr::new(channel.trim_end_matches(";1").trim_end_matches(";2")))
}

/// Whether a record is of the same call as others that share an id or a channel's name with it: names come again after a
/// restart of the PBX, at other times.
fn belong(legs: &[Leg], leg: &Leg) -> bool {
    legs.iter().any(|other| {
        let linked = !leg.linked.is_empty() && leg.linked == other.linked || !leg.id.is_empty() && leg.id == other.id;
        linked || (leg.start <= other.end && other.start <= leg.end)
    })
}
