//! What was not taken lately, and why: for the live page's sentence, and the page that lists the last of it. Events, whole
//! bodies that could not be read as events, requests without a key that may send, and fields that were ignored.
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

/// What was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Untaken {
    Event,
    /// A whole body: nobody can tell how many events it was to be.
    Body,
    /// A whole request, for want of a key that may send.
    Request,
    /// A field that is there by another name, nearly: its event was taken without it.
    Misspelt,
    /// A field that there is not: as likely the sender's own as a mistake.
    Unknown,
}

impl Untaken {
    /// Whether something was lost that was to be an event.
    #[must_use]
    pub const fn is_rejected(self) -> bool {
        match self {
            Self::Event | Self::Body | Self::Request => true,
            Self::Misspelt | Self::Unknown => false,
        }
    }
}

/// What was not taken in the last hour, by reason. Cheap to clone: all see the same.
#[derive(Debug, Clone, Default)]
pub struct Rejections(Arc<Mutex<RejectionLog>>);

#[derive(Debug, Default)]
struct RejectionLog {
    rejected: VecDeque<Rejected>,
    ignored: VecDeque<Rejected>,
    /// By minutes since 1970, how many of what for which reason.
    minutes: BTreeMap<i64, BTreeMap<(Untaken, String), u64>>,
}

/// Why so many were not taken at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    pub at: Moment,
    pub what: Untaken,
    /// Persons' numbers masked.
    pub why: String,
    pub times: u64,
}

/// The last hour in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lately {
    pub events: u64,
    pub bodies: u64,
    pub requests: u64,
    /// The most frequent reason, and how many it is of.
    pub why: String,
    pub of: u64,
}

impl RejectionLog {
    /// How often what was not taken in the last hour, for which reason.
    fn hour(&self, now: Moment, wanted: impl Fn(Untaken) -> bool) -> BTreeMap<(Untaken, &str), u64> {
        let mut all = BTreeMap::new();
        for ((what, why), times) in self.minutes.range(minute(now) - MINUTES + 1..).flat_map(|(_, reasons)| reasons) {
            if wanted(*what) {
                *all.entry((*what, why.as_str())).or_default() += times;
            }
        }
        all
    }
}

impl Rejections {
    fn log(&self) -> MutexGuard<'_, RejectionLog> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes why so many were not taken. Reasons come with persons' numbers masked.
    pub fn note(&self, now: Moment, what: Untaken, why: &str, times: u64) {
        if times == 0 {
            return;
        }
        let mut log = self.log();
        let list = if what.is_rejected() { &mut log.rejected } else { &mut log.ignored };
        match list.iter().position(|one| one.what == what && one.why == why) {
            Some(at) => {
                if let Some(mut one) = list.remove(at) {
                    one.at = now;
                    one.times += times;
                    list.push_back(one);
                }
            }
            None => {
                // What is over goes first, then what was told least, of equals the oldest: the reason that the sentence
                // names is in the list.
                if list.len() == LISTED {
                    let least = list
                        .iter()
                        .enumerate()
                        .min_by_key(|(at, one)| (minute(one.at) > minute(now) - MINUTES, one.times, *at))
                        .map(|(at, _)| at);
                    list.remove(least.unwrap_or_default());
                }
                list.push_back(Rejected { at: now, what, why: why.to_owned(), times });
            }
        }
        let minute = minute(now);
        log.minutes.retain(|at, _| (minute - MINUTES..=minute).contains(at));
        let reasons = log.minutes.entry(minute).or_default();
        // Each kind has room of its own: ignored fields must not hide why events are rejected.
        let is_known = reasons.keys().filter(|(other, _)| other.is_rejected() == what.is_rejected()).count() < REASONS;
        let key = (what, why.to_owned());
        let key = if is_known || reasons.contains_key(&key) { key } else { (what, OTHER.to_owned()) };
        *reasons.entry(key).or_default() += times;
    }

    /// What was rejected in the last hour; `None` where nothing was.
    #[must_use]
    pub fn lately(&self, now: Moment) -> Option<Lately> {
        let log = self.log();
        let reasons = log.hour(now, Untaken::is_rejected);
        let of = |wanted| reasons.iter().filter(|((what, _), _)| *what == wanted).map(|(_, times)| times).sum();
        let (events, bodies, requests) = (of(Untaken::Event), of(Untaken::Body), of(Untaken::Request));
        let ((_, why), of) = reasons.into_iter().max_by_key(|(_, times)| *times)?;
        Some(Lately { events, bodies, requests, why: why.to_owned(), of })
    }

    /// The misspelt field that was ignored most often in the last hour, and how often, where that goes on: in more than one
    /// of its minutes. A sender's own field is no mistake.
    #[must_use]
    pub fn misspelt(&self, now: Moment) -> Option<(String, u64)> {
        let log = self.log();
        let minutes = log.minutes.range(minute(now) - MINUTES + 1..).map(|(_, reasons)| reasons);
        let with = minutes.filter(|reasons| reasons.keys().any(|(what, _)| *what == Untaken::Misspelt));
        if with.count() < 2 {
            return None;
        }
        let reasons = log.hour(now, |what| what == Untaken::Misspelt);
        let ((_, why), times) = reasons.into_iter().max_by_key(|(_, times)| *times)?;
        Some((why.to_owned(), times))
    }

    /// The last that were rejected, newest first, each reason once.
    #[must_use]
    pub fn last(&self) -> Vec<Rejected> {
        self.log().rejected.iter().rev().cloned().collect()
    }

    /// The last fields that were ignored, newest first, each once.
    #[must_use]
    pub fn ignored(&self) -> Vec<Rejected> {
        self.log().ignored.iter().rev().cloned().collect()
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
        rejections.note(at(0), Untaken::Event, "data.call_id: missing", 3);
        rejections.note(at(1), Untaken::Event, "time: in the future", 9);
        rejections.note(at(30), Untaken::Event, "data.call_id: missing", 7);
        rejections.note(at(30), Untaken::Event, "data.call_id: missing", 1);
        let told = |minutes| rejections.lately(at(minutes)).map(|l| (l.events, l.why, l.of));
        assert_eq!(told(30), Some((20, "data.call_id: missing".to_owned(), 11)));
        assert_eq!(told(60), Some((17, "time: in the future".to_owned(), 9)));
        assert_eq!(told(89), Some((8, "data.call_id: missing".to_owned(), 8)));
        assert_eq!(told(90), None);
        let last: Vec<(u64, String)> = rejections.last().into_iter().map(|r| (r.times, r.why)).collect();
        assert_eq!(last[0], (11, "data.call_id: missing".to_owned()), "each reason is one");
        assert_eq!(last.len(), 2);
    }

    #[test]
    fn a_sender_of_ever_other_reasons_is_bounded() {
        let rejections = Rejections::default();
        (0..10_000).for_each(|n| rejections.note(at(0), Untaken::Event, &format!("data.x{n}: none"), 1));
        let lately = rejections.lately(at(0)).unwrap();
        assert_eq!((lately.events, lately.why.as_str(), lately.of), (10_000, OTHER, 10_000 - REASONS as u64));
        assert_eq!(rejections.last().len(), LISTED);
    }

    #[test]
    fn the_reason_that_the_sentence_names_stays_in_the_list() {
        let rejections = Rejections::default();
        rejections.note(at(0), Untaken::Event, "data.to: no number", 3);
        (0..30).for_each(|n| rejections.note(at(1), Untaken::Event, &format!("data.x{n}: none"), 1));
        assert_eq!(rejections.lately(at(1)).unwrap().why, "data.to: no number");
        assert!(rejections.last().iter().any(|one| one.why == "data.to: no number"));
        // An hour later it is as any other.
        (30..60).for_each(|n| rejections.note(at(99), Untaken::Event, &format!("data.x{n}: none"), 1));
        assert!(rejections.last().iter().all(|one| one.why != "data.to: no number"));
    }

    #[test]
    fn bodies_that_could_not_be_read_are_no_events() {
        let rejections = Rejections::default();
        rejections.note(at(0), Untaken::Event, "data.call_id: missing", 1);
        rejections.note(at(0), Untaken::Body, "not JSON: EOF", 2);
        let lately = rejections.lately(at(0)).unwrap();
        assert_eq!((lately.events, lately.bodies, lately.why.as_str(), lately.of), (1, 2, "not JSON: EOF", 2));
        assert_eq!(rejections.last()[0].what, Untaken::Body);
        rejections.note(at(0), Untaken::Request, "no key was shown", 4);
        assert_eq!(rejections.lately(at(0)).map(|lately| (lately.requests, lately.of)), Some((4, 4)));
    }

    #[test]
    fn a_misspelt_field_that_goes_on_is_told_and_a_senders_own_is_listed() {
        let rejections = Rejections::default();
        for minute in 0..3 {
            rejections.note(at(minute), Untaken::Unknown, "call.ended: data.crm", 50);
            rejections.note(at(minute), Untaken::Misspelt, "call.bridged: data.agnet", 4);
        }
        assert_eq!(rejections.lately(at(2)), None, "their events were taken");
        assert_eq!(rejections.misspelt(at(2)), Some(("call.bridged: data.agnet".to_owned(), 12)));
        assert_eq!(rejections.misspelt(at(61)), None, "in one minute of the last hour");
        let listed: Vec<(u64, String)> = rejections.ignored().into_iter().map(|r| (r.times, r.why)).collect();
        assert_eq!(listed, [(12, "call.bridged: data.agnet".to_owned()), (150, "call.ended: data.crm".to_owned())]);
        assert!(rejections.last().is_empty());
    }
}
