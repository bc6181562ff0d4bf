//! Names that a sender brings and did not bring before: of campaigns, routes, trunks, components and agents.
//!
//! A floor has its names, and gets a few new ones a day. Who makes them up by the thousand (a dialer that tells calls' ids as
//! campaigns, a stolen key) makes work for everybody who watches: rows, cards and baselines for each. So a sender has room
//! for [`Limits::new_names`](super::limits::Limits::new_names) at once, and then for ten a second; it is told to come
//! again later, and nothing is lost. Known is what came since this server started.

use app::domain::{Moment, Span};
use foldhash::fast::RandomState;
use smol_str::SmolStr;
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;
use std::sync::{Mutex, PoisonError};

/// How soon there is room for one more.
const EVERY: Span = Span::millis(100);
/// Names remembered of one sender: more than there is room for in the lists of a floor. Beyond, all are forgotten.
const MOST_KNOWN: usize = 200_000;

/// There is no room for another new name yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRoom;

#[derive(Debug)]
struct Known {
    /// Hashes: two names of one hash are one here, which lets one more in.
    names: HashSet<u64, RandomState>,
    /// When there would be room for all again.
    empty_at: Moment,
}

#[derive(Debug)]
pub struct Newcomers {
    most: u32,
    hasher: RandomState,
    of: Mutex<HashMap<SmolStr, Known>>,
}

impl Newcomers {
    #[must_use]
    pub fn new(most: u32) -> Self {
        Self { most, hasher: RandomState::default(), of: Mutex::default() }
    }

    /// Takes in what a sender names, each with what it is the name of. Senders are keys of the configuration, so few.
    ///
    /// # Errors
    /// If one of them is new, and there is no room: none of them is taken in.
    pub fn take<'n>(
        &self,
        sender: &str,
        names: impl Iterator<Item = (&'static str, &'n str)>,
        now: Moment,
    ) -> Result<(), NoRoom> {
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        if !of.contains_key(sender) {
            of.insert(sender.into(), Known { names: HashSet::default(), empty_at: now });
        }
        let Some(known) = of.get_mut(sender) else { return Ok(()) };
        let mut new =
            names.map(|name| self.hasher.hash_one(name)).filter(|name| !known.names.contains(name)).peekable();
        if new.peek().is_none() {
            return Ok(());
        }
        // A clock that is set back makes nobody wait for longer than all names take.
        known.empty_at = known.empty_at.max(now).min(now + so_many(self.most));
        if known.empty_at - now > so_many(self.most.saturating_sub(1)) {
            return Err(NoRoom);
        }
        // An event names a handful of things: those beyond the last place are counted, and make the next wait longer.
        let new: Vec<u64> = new.collect();
        known.empty_at = known.empty_at + so_many(u32::try_from(new.len()).unwrap_or(u32::MAX));
        if known.names.len() >= MOST_KNOWN {
            known.names.clear();
        }
        known.names.extend(new);
        Ok(())
    }
}

/// How long it takes until there is room for so many.
fn so_many(names: u32) -> Span {
    Span::millis(EVERY.as_millis().saturating_mul(names.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_has_room_for_so_many_at_once_and_then_as_time_goes_by() {
        let newcomers = Newcomers::new(3);
        let began = Moment::from_secs(1_000_000);
        let take = |sender: &str, name: &str, after: i64| {
            newcomers.take(sender, [("campaign", name)].into_iter(), began + Span::millis(after))
        };
        for name in ["a", "b", "c"] {
            assert_eq!(take("dialer", name, 0), Ok(()));
        }
        assert_eq!(take("dialer", "d", 0), Err(NoRoom));
        assert_eq!(take("dialer", "a", 0), Ok(()), "known");
        assert_eq!(take("other", "d", 0), Ok(()), "of another sender");
        let route = newcomers.take("dialer", [("route", "a")].into_iter(), began);
        assert_eq!(route, Err(NoRoom), "another thing of that name");
        assert_eq!((take("dialer", "d", 100), take("dialer", "e", 199)), (Ok(()), Err(NoRoom)));
        assert_eq!(["e", "f", "g", "h"].map(|name| take("dialer", name, 400).is_ok()), [true, true, true, false]);
    }

    #[test]
    fn a_clock_that_is_set_back_makes_nobody_wait_for_days() {
        let newcomers = Newcomers::new(1);
        let now = Moment::from_secs(1_000_000);
        let take = |name: &str, now: Moment| newcomers.take("dialer", [("campaign", name)].into_iter(), now);
        assert_eq!((take("a", now), take("b", now)), (Ok(()), Err(NoRoom)));
        let before = now - Span::days(2);
        assert_eq!(take("b", before), Err(NoRoom));
        assert_eq!(take("b", before + EVERY), Ok(()));
    }
}
