//! Events that were not taken lately, and why: for the live page's sentence, and the page that lists the last of them.
//!
//! Of every way in: requests, sources, the simulator. Bounded, and of this process alone; `/metrics` counts for ever.

use app::domain::Moment;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Rejections that are listed: a screen's worth.
const LISTED: usize = 20;
/// Reasons that are told apart within a minute; a sender of random fields makes no more.
const REASONS: usize = 32;
/// What further ones are counted as.
const OTHER: &str = "other reasons";
/// How far back is "lately".
const MINUTES: i64 = 60;

/// See the module. Cheap to clone: all see the same.
#[derive(Debug, Clone, Default)]
pub struct Rejections(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    last: VecDeque<Rejected>,
    /// By minutes since 1970, how many for which reason.
    minutes: BTreeMap<i64, BTreeMap<String, u64>>,
}

/// Why so many events were rejected at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    pub at: Moment,
    /// Persons' numbers masked.
    pub why: String,
    pub events: u64,
}

/// The last hour in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lately {
    pub events: u64,
    /// The most frequent reason, and how many it is of.
    pub why: String,
    pub of: u64,
}

impl Rejections {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes why so many events were rejected. Reasons come with persons' numbers masked.
    pub fn note(&self, now: Moment, why: &str, events: u64) {
        if events == 0 {
            return;
        }
        let mut kept = self.kept();
        match kept.last.back_mut() {
            Some(last) if last.why == why => {
                last.at = now;
                last.events += events;
            }
            Some(_) | None => {
                if kept.last.len() == LISTED {
                    kept.last.pop_front();
                }
                kept.last.push_back(Rejected { at: now, why: why.to_owned(), events });
            }
        }
        let minute = minute(now);
        kept.minutes.retain(|at, _| (minute - MINUTES..=minute).contains(at));
        let reasons = kept.minutes.entry(minute).or_default();
        let why = if reasons.len() < REASONS || reasons.contains_key(why) { why } else { OTHER };
        *reasons.entry(why.to_owned()).or_default() += events;
    }

    /// What was rejected in the last hour; `None` where nothing was.
    #[must_use]
    pub fn lately(&self, now: Moment) -> Option<Lately> {
        let kept = self.kept();
        let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
        for (why, events) in kept.minutes.range(minute(now) - MINUTES + 1..).flat_map(|(_, reasons)| reasons) {
            *reasons.entry(why).or_default() += events;
        }
        let events = reasons.values().sum();
        let (why, of) = reasons.into_iter().max_by_key(|(_, events)| *events)?;
        Some(Lately { events, why: why.to_owned(), of })
    }

    /// The last ones, newest first; what is told twice in a row is one of them.
    #[must_use]
    pub fn last(&self) -> Vec<Rejected> {
        self.kept().last.iter().rev().cloned().collect()
    }
}

fn minute(at: Moment) -> i64 {
    at.secs().div_euclid(60)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Moment {
        Moment::from_secs(1_700_000_000 + 60 * minutes)
    }

    #[test]
    fn the_hour_is_told_by_its_most_frequent_reason_and_passes() {
        let rejections = Rejections::default();
        assert_eq!(rejections.lately(at(0)), None);
        rejections.note(at(0), "data.call_id: missing", 3);
        rejections.note(at(1), "time: in the future", 9);
        rejections.note(at(30), "data.call_id: missing", 7);
        rejections.note(at(30), "data.call_id: missing", 1);
        let told = |minutes| rejections.lately(at(minutes)).map(|l| (l.events, l.why, l.of));
        assert_eq!(told(30), Some((20, "data.call_id: missing".to_owned(), 11)));
        assert_eq!(told(60), Some((17, "time: in the future".to_owned(), 9)));
        assert_eq!(told(89), Some((8, "data.call_id: missing".to_owned(), 8)));
        assert_eq!(told(90), None);
        let last: Vec<(u64, String)> = rejections.last().into_iter().map(|r| (r.events, r.why)).collect();
        assert_eq!(last[0], (8, "data.call_id: missing".to_owned()), "told twice in a row is one");
        assert_eq!(last.len(), 3);
    }

    #[test]
    fn a_sender_of_ever_other_reasons_is_bounded() {
        let rejections = Rejections::default();
        (0..10_000).for_each(|n| rejections.note(at(0), &format!("data.x{n}: none"), 1));
        let lately = rejections.lately(at(0)).unwrap();
        assert_eq!((lately.events, lately.why.as_str(), lately.of), (10_000, OTHER, 10_000 - REASONS as u64));
        assert_eq!(rejections.last().len(), LISTED);
    }
}
