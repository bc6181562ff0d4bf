//! Which site days were revised: changed by late events after they were over.
//!
//! One mark a day, written when its first sums are committed and again when it is revised, at most once a minute. A day of
//! which nothing was known when it was over was filed afterwards, by an import say, and is not revised by that.

use crate::law::span::SiteDays;
use crate::store::write::DayMark;
use app::domain::facts::Dated;
use app::domain::{Moment, Span, Tally};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

/// What comes this soon after midnight is the day's own: calls, queues and verdicts under way then.
const GRACE: Span = Span::minutes(15);
/// A day that is revised all the time is marked this often.
const MARK_EVERY: Span = Span::minutes(1);

#[derive(Debug)]
pub(super) struct Days {
    days: SiteDays,
    known: BTreeMap<Moment, DayMark>,
    changed: BTreeSet<Moment>,
}

impl Days {
    pub(super) const fn new(zone: Tz) -> Self {
        Self { days: SiteDays::new(zone), known: BTreeMap::new(), changed: BTreeSet::new() }
    }

    pub(super) fn know(&mut self, marks: Vec<DayMark>) {
        self.changed.clear();
        self.known = marks.into_iter().map(|mark| (mark.day, mark)).collect();
    }

    /// Looks at what a commit at `now` changes.
    pub(super) fn see<'a>(&mut self, totals: impl Iterator<Item = (Moment, &'a Tally)>, now: Moment) {
        for (bucket, tally) in totals {
            let day = self.days.of(bucket);
            let mark = self.known.entry(day.from).or_insert_with(|| {
                self.changed.insert(day.from);
                DayMark { day: day.from, first_at: now, revised_at: None }
            });
            let over = mark.first_at < day.to && now > day.to + GRACE;
            let marked = mark.revised_at.is_some_and(|at| now.since(at) < MARK_EVERY);
            if over && !marked && tally.iter().any(|(slot, _)| slot.fact().is_some_and(|fact| revises(fact.dated()))) {
                mark.revised_at = Some(now);
                self.changed.insert(day.from);
            }
        }
    }

    pub(super) fn take_changes(&mut self) -> Vec<DayMark> {
        let changed = std::mem::take(&mut self.changed);
        changed.into_iter().filter_map(|day| self.known.get(&day).copied()).collect()
    }
}

/// Whether a fact of a past day tells of a late event. Time that passed over midnight is counted when it ends, and a lost
/// call is closed hours after its last moment: neither came late.
const fn revises(dated: Dated) -> bool {
    match dated {
        Dated::Started
        | Dated::Progress
        | Dated::Resolved
        | Dated::Answered
        | Dated::Queued
        | Dated::Ended
        | Dated::FirstMoment
        | Dated::Happened => true,
        Dated::Passing | Dated::LastMoment => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::domain::Fact;

    fn tally(fact: Fact) -> Tally {
        let mut tally = Tally::default();
        tally.add(fact, 1);
        tally
    }

    #[test]
    fn only_what_comes_late_revises_a_day_and_only_one_that_was_known() {
        let mut days = Days::new(Tz::UTC);
        let hour = |h: i64| Moment::from_secs(h * 3_600);
        let mut see = |bucket: i64, fact, now: Moment| {
            days.see([(hour(bucket), &tally(fact))].into_iter(), now);
            days.take_changes().into_iter().map(|m| (m.day, m.revised_at)).collect::<Vec<_>>()
        };
        assert_eq!(see(30, Fact::Attempts, hour(30)), [(hour(24), None)]);
        assert_eq!(see(31, Fact::Attempts, hour(48) + GRACE), [], "in time");
        assert_eq!(see(31, Fact::AgentReadyMs, hour(60)), []);
        assert_eq!(see(31, Fact::Lost, hour(60)), []);
        assert_eq!(see(31, Fact::Ended, hour(60)), [(hour(24), Some(hour(60)))]);
        assert_eq!(see(31, Fact::Ended, hour(60) + Span::secs(59)), []);
        assert_eq!(see(1, Fact::Attempts, hour(60)), [(hour(0), None)], "filed afterwards");
        assert_eq!(see(1, Fact::Attempts, hour(61)), []);
    }
}
