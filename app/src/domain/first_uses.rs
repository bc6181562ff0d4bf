//! When a number came into use: the starts of the first calls that bear it.
//!
//! A correction may take a call's number away again, or move its start, so that the earliest start alone would not do: the
//! first few are kept, and how many calls have each. Whoever keeps calls adds what a call says now and takes away what it
//! said before, as with the facts; then the order in which they are told makes no difference.
//!
//! Of a busy number the later starts are not listed (`unlisted_from`). Where so many are corrected that none of the listed
//! is left, the first of the others has to be looked for among the calls: it is `in_doubt` until then.

use super::time::Moment;
use serde::{Deserialize, Serialize};

/// Starts listed of each number: corrections of more calls than these are rare, and cost a search each.
pub const STARTS: usize = 8;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Kept")]
pub struct FirstUses {
    /// Earliest first, and how many calls have each.
    starts: Vec<(Moment, u32)>,
    /// Of calls that start then or later it is not known which there are; all listed are earlier.
    unlisted_from: Option<Moment>,
    in_doubt: bool,
}

/// What is read: older versions kept one instant and took nothing away.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kept {
    Listed { starts: Vec<(Moment, u32)>, unlisted_from: Option<Moment>, in_doubt: bool },
    Earliest(Option<Moment>),
}

impl From<Kept> for FirstUses {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::Listed { starts, unlisted_from, in_doubt } => Self { starts, unlisted_from, in_doubt },
            Kept::Earliest(unlisted_from) => Self { unlisted_from, ..Self::default() },
        }
    }
}

impl FirstUses {
    /// The earliest start; `None` where no call bears the number.
    #[must_use]
    pub fn first(&self) -> Option<Moment> {
        self.starts.first().map(|(start, _)| *start).or(self.unlisted_from)
    }

    /// From when on starts are not listed.
    #[must_use]
    pub const fn unlisted_from(&self) -> Option<Moment> {
        self.unlisted_from
    }

    /// Whether the first use has to be looked for among the calls from `unlisted_from` on.
    #[must_use]
    pub const fn is_in_doubt(&self) -> bool {
        self.in_doubt
    }

    /// Whether a call that starts then is listed.
    #[must_use]
    pub fn lists(&self, start: Moment) -> bool {
        self.unlisted_from.is_none_or(|from| start < from)
    }

    /// A call that starts then bears the number.
    pub fn add(&mut self, start: Moment) {
        self.add_many(start, 1);
    }

    fn add_many(&mut self, start: Moment, calls: u32) {
        if !self.lists(start) {
            return;
        }
        match self.starts.binary_search_by_key(&start, |(at, _)| *at) {
            Ok(place) => self.starts[place].1 = self.starts[place].1.saturating_add(calls),
            Err(place) => self.starts.insert(place, (start, calls)),
        }
        if self.starts.len() > STARTS {
            self.unlisted_from = self.starts.pop().map(|(last, _)| last);
        }
    }

    /// A call that started then does not bear it any more, or never did.
    pub fn take(&mut self, start: Moment) {
        if let Ok(place) = self.starts.binary_search_by_key(&start, |(at, _)| *at) {
            self.starts[place].1 -= 1;
            if self.starts[place].1 == 0 {
                self.starts.remove(place);
            }
        }
        self.in_doubt = self.in_doubt || (self.starts.is_empty() && self.unlisted_from.is_some());
    }

    /// From then on starts are not listed.
    pub fn unlist(&mut self, from: Moment) {
        self.starts.retain(|(start, _)| *start < from);
        self.unlisted_from = Some(self.unlisted_from.map_or(from, |known| known.min(from)));
    }

    /// Takes in what a search among all calls has found, of those that were not listed.
    pub fn settle(&mut self, found: &Self) {
        self.in_doubt = false;
        let Some(from) = std::mem::replace(&mut self.unlisted_from, found.unlisted_from) else { return };
        let unlisted = found.starts.iter().filter(|(start, _)| *start >= from);
        unlisted.for_each(|(start, calls)| self.add_many(*start, *calls));
    }

    /// Ends a doubt that no search can: the calls of then are gone, and nobody corrects them any more.
    pub const fn leave_in_doubt(&mut self) {
        self.in_doubt = false;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(starts: &[i64]) -> FirstUses {
        let mut uses = FirstUses::default();
        starts.iter().for_each(|start| uses.add(Moment::from_secs(*start)));
        uses
    }

    proptest! {
        #[test]
        fn the_first_use_is_that_of_the_calls_there_are(
            steps in prop::collection::vec((0..30i64, any::<prop::sample::Index>(), prop::bool::weighted(0.6)), 0..120)
        ) {
            let (mut uses, mut calls) = (FirstUses::default(), Vec::new());
            for (start, which, comes) in steps {
                if comes || calls.is_empty() {
                    calls.push(start);
                    uses.add(Moment::from_secs(start));
                } else {
                    uses.take(Moment::from_secs(calls.swap_remove(which.index(calls.len()))));
                }
                if uses.is_in_doubt() {
                    uses.settle(&of(&calls));
                }
                prop_assert_eq!(uses.first(), calls.iter().min().map(|start| Moment::from_secs(*start)));
                prop_assert!(uses.starts.len() <= STARTS);
                let json = serde_json::to_string(&uses).unwrap();
                prop_assert_eq!(serde_json::from_str::<FirstUses>(&json).unwrap(), uses.clone());
            }
        }
    }

    #[test]
    fn what_an_older_version_kept_stands_until_a_correction_asks() {
        let at = Moment::from_secs(1_795_262_400);
        let mut uses: FirstUses = serde_json::from_str("\"2026-11-21T12:00:00Z\"").unwrap();
        assert_eq!((uses.first(), uses.is_in_doubt()), (Some(at), false));
        uses.add(Moment::from_secs(1_795_262_500));
        uses.take(Moment::from_secs(1_795_262_500));
        assert_eq!((uses.first(), uses.is_in_doubt()), (Some(at), true));
        uses.settle(&FirstUses::default());
        assert_eq!((uses.first(), uses.is_in_doubt()), (None, false));
        assert_eq!(serde_json::from_str::<FirstUses>("null").unwrap(), FirstUses::default());
    }
}
