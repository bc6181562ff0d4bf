//! When a floor has gone silent: nothing was heard for three times as long as is usual there.
//!
//! Pure. What is usual is learnt from the floor's own gaps: the longest of each of the last minutes in which something was
//! heard. A floor that is asleep, cut off or closed then reads as "nothing heard", not as all well.

use crate::domain::{Moment, Span};
use std::collections::BTreeMap;

/// Silent after this many usual gaps…
const USUAL_GAPS: i64 = 3;
/// …but not sooner than this: pauses of seconds are no silence anywhere.
const SHORTEST: Span = Span::secs(60);
/// …and after this where nothing is known of what is usual.
pub const UNTIL_KNOWN: Span = Span::minutes(5);
/// What is usual is known from so many gaps over so long.
const ENOUGH_GAPS: u32 = 8;
const LEARNT_OVER: Span = Span::minutes(10);
/// A floor that is heard all the time is known sooner.
const OFTEN: u32 = 100;
const LEARNT_OF_OFTEN: Span = Span::secs(30);
/// A pause of fewer seconds is none, however often a floor is heard.
const PAUSE: Span = Span::secs(5);
/// Gaps are remembered for so long, and of a floor that is seldom heard so many in any case.
const REMEMBERED: Span = Span::hours(1);
const KEPT: usize = 8;
const MINUTE: Span = Span::minutes(1);

/// When something was heard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gaps {
    last: Option<Moment>,
    /// When something of now was heard last: what is read in of the past comes as its reader pleases, and teaches nothing.
    last_of_now: Option<Moment>,
    first_of_now: Option<Moment>,
    /// By the minute in which they ended, the longest.
    longest: BTreeMap<Moment, Span>,
    /// When something was heard again last after longer than was usual.
    broken: Option<Moment>,
    heard: u32,
    /// When listening began.
    first: Option<Moment>,
}

/// How a floor is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hearing {
    /// Nothing ever was.
    Never,
    /// Within what is usual.
    Heard,
    /// Nothing since then, for longer than `patience`; `usual` is `None` where that is not known yet.
    Silent { since: Moment, usual: Option<Span> },
}

impl Gaps {
    /// Of a floor last heard at `last`, of whose gaps nothing is known.
    #[must_use]
    pub fn since(last: Option<Moment>) -> Self {
        Self { last, last_of_now: last, ..Self::default() }
    }

    /// Something of the past was heard at `now`: a bulk of old events, a floor that catches up.
    pub fn hear_of_the_past(&mut self, now: Moment) {
        self.first.get_or_insert(now);
        self.last = Some(now);
    }

    /// Something of now was heard at `now`.
    pub fn hear(&mut self, now: Moment) {
        self.hear_of_the_past(now);
        self.first_of_now.get_or_insert(now);
        let before = self.last_of_now.replace(now);
        let Some(gap) = before.map(|before| now.since(before)).filter(|gap| *gap > Span::ZERO) else { return };
        self.heard = self.heard.saturating_add(1);
        // One long silence teaches nothing, nor does the time that a server was down or waited for its first sender; where they
        // come again and again they soon are usual.
        let most = self.usual().map_or(SHORTEST, |_| Span::millis(self.patience().as_millis() * 2));
        if gap > most && self.broken.replace(now).is_none_or(|before| now - before > REMEMBERED) {
            return;
        }
        let gap = gap.min(most);
        let longest = self.longest.entry(now.floor(MINUTE)).or_insert(gap);
        *longest = gap.max(*longest);
        let old = now - REMEMBERED;
        while self.longest.len() > KEPT && self.longest.first_key_value().is_some_and(|(at, _)| *at < old) {
            self.longest.pop_first();
        }
    }

    /// When something was heard last.
    #[must_use]
    pub const fn last(&self) -> Option<Moment> {
        self.last
    }

    /// The longest gap that is usual; `None` until enough is known.
    #[must_use]
    pub fn usual(&self) -> Option<Span> {
        let over = self.first_of_now.zip(self.last_of_now).map_or(Span::ZERO, |(first, last)| last - first);
        let heard_for = |times: u32, least: Span| self.heard >= times && over >= least;
        let is_known = heard_for(ENOUGH_GAPS, LEARNT_OVER) || heard_for(OFTEN, LEARNT_OF_OFTEN);
        is_known.then(|| self.longest.values().max().copied().unwrap_or(Span::ZERO))
    }

    /// For how long nothing may be heard: after a start, until something is, no longer than anywhere.
    #[must_use]
    pub fn patience(&self) -> Span {
        if self.first.is_none() {
            return SHORTEST;
        }
        let of_usual = |usual: Span| Span::millis(usual.as_millis().saturating_mul(USUAL_GAPS)).max(SHORTEST);
        self.usual().map_or(UNTIL_KNOWN, of_usual)
    }

    /// How long nothing has been heard of anybody, where that is longer than is usual: who is not heard of meanwhile may well
    /// be there.
    #[must_use]
    pub fn pause(&self, now: Moment) -> Span {
        let longest = self.longest.values().max().copied().unwrap_or(Span::ZERO);
        let usual = Span::millis(longest.as_millis().saturating_mul(USUAL_GAPS)).max(PAUSE);
        self.last.map(|last| now.since(last)).filter(|pause| *pause > usual).unwrap_or(Span::ZERO)
    }

    #[must_use]
    pub fn at(&self, now: Moment) -> Hearing {
        match self.last {
            None => Hearing::Never,
            Some(last) if now - last > self.patience() => Hearing::Silent { since: last, usual: self.usual() },
            Some(_) => Hearing::Heard,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Moment {
        Moment::from_secs(1_000_000 + secs)
    }

    fn heard_every(gap: i64, times: i64) -> Gaps {
        let mut gaps = Gaps::default();
        (0..=times).for_each(|n| gaps.hear(at(n * gap)));
        gaps
    }

    #[test]
    fn three_usual_gaps_are_silence_but_no_less_than_a_minute() {
        let busy = heard_every(1, 600);
        assert_eq!(busy.at(at(660)), Hearing::Heard);
        assert_eq!(busy.at(at(661)), Hearing::Silent { since: at(600), usual: Some(Span::secs(1)) });
        let seldom = heard_every(600, 20);
        assert_eq!(seldom.at(at(12_000 + 1_800)), Hearing::Heard);
        assert_eq!(seldom.at(at(12_000 + 1_801)), Hearing::Silent { since: at(12_000), usual: Some(Span::secs(600)) });
    }

    #[test]
    fn a_pause_of_all_is_longer_than_any_was_lately() {
        let busy = heard_every(1, 100);
        assert_eq!([103, 105, 106, 130].map(|now| busy.pause(at(now)).as_secs()), [0, 0, 6, 30]);
        let seldom = heard_every(10, 100);
        assert_eq!([1_030, 1_031].map(|now| seldom.pause(at(now)).as_secs()), [0, 31]);
        assert_eq!(Gaps::default().pause(at(9)), Span::ZERO);
    }

    #[test]
    fn nothing_is_silence_on_an_empty_server_and_five_minutes_on_a_new_one() {
        assert_eq!(Gaps::default().at(at(0)), Hearing::Never);
        let new = heard_every(50, 8);
        assert_eq!(new.at(at(700)), Hearing::Heard);
        assert_eq!(new.at(at(701)), Hearing::Silent { since: at(400), usual: None });
        let busy = heard_every(1, 100);
        assert_eq!(busy.at(at(160)), Hearing::Heard);
        let silent = Hearing::Silent { since: at(100), usual: Some(Span::secs(1)) };
        assert_eq!(busy.at(at(161)), silent, "it is heard all the time");
        let mut restarted = Gaps::since(Some(at(0)));
        assert_eq!(restarted.at(at(60)), Hearing::Heard);
        assert_eq!(
            restarted.at(at(61)),
            Hearing::Silent { since: at(0), usual: None },
            "away, and nobody has told since"
        );
        assert_eq!(restarted.at(at(193 * 3_600)), Hearing::Silent { since: at(0), usual: None });
        restarted.hear(at(193 * 3_600));
        assert_eq!(restarted.at(at(193 * 3_600 + 300)), Hearing::Heard);
    }

    #[test]
    fn a_burst_every_five_minutes_is_usual_and_a_night_is_not() {
        let mut gaps = Gaps::default();
        for burst in 0..6 {
            (0..40).for_each(|tick| gaps.hear(at(burst * 300 + tick)));
        }
        assert_eq!(gaps.usual(), Some(Span::secs(261)));
        let mut opens = heard_every(1, 600);
        opens.hear(at(40_000));
        (1..200).for_each(|n| opens.hear(at(40_000 + n)));
        assert_eq!((opens.usual(), opens.patience()), (Some(Span::secs(1)), SHORTEST), "one night teaches nothing");
    }

    /// A server is started and tried by hand; minutes later its dialer begins, and stops.
    #[test]
    fn the_wait_for_the_first_sender_is_not_usual() {
        let mut gaps = Gaps::default();
        [0, 2, 200].into_iter().for_each(|n| gaps.hear(at(n)));
        (1..=120).for_each(|n| gaps.hear(at(200 + n)));
        assert_eq!(gaps.at(at(380)), Hearing::Heard);
        assert_eq!(gaps.at(at(381)), Hearing::Silent { since: at(320), usual: Some(Span::secs(2)) });
    }

    /// A day is read in, a piece each two minutes; then the floor goes on, an event a second, and breaks off.
    #[test]
    fn what_is_read_in_of_the_past_makes_no_gap_usual() {
        let mut gaps = Gaps::default();
        (0..20).for_each(|piece| gaps.hear_of_the_past(at(piece * 120)));
        assert_eq!((gaps.usual(), gaps.patience()), (None, UNTIL_KNOWN), "of now nothing is known");
        (0..=120).for_each(|n| gaps.hear(at(2_300 + n)));
        assert_eq!((gaps.usual(), gaps.patience()), (Some(Span::secs(1)), SHORTEST));
        assert_eq!(gaps.at(at(2_481)), Hearing::Silent { since: at(2_420), usual: Some(Span::secs(1)) });
        // Pieces of the past between are heard, and make what is of now no more frequent than it is.
        (0..300).for_each(|n| gaps.hear_of_the_past(at(2_500 + n)));
        assert_eq!((gaps.at(at(2_800)), gaps.usual()), (Hearing::Heard, Some(Span::secs(1))));
    }

    #[test]
    fn longer_and_longer_gaps_become_usual() {
        let mut gaps = heard_every(1, 600);
        let mut now = 600;
        for _ in 0..3 {
            now += 1_200;
            gaps.hear(at(now));
        }
        assert_eq!(gaps.at(at(now + 1_200)), Hearing::Heard);
    }
}
