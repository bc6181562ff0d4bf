//! A judgement that holds: a figure that moves to and fro across an edge is not in another band each second.
//!
//! Pure; whoever judges keeps one [`Held`] for each figure and asks it at each turn. What is worse than what is said has to
//! last ([`Bands::after`]); what is said stays until the figure is back behind its edge ([`Edge::back_at`](super::Edge::back_at)).

use super::band::{self, Band, Bands};
use super::value::Ratio;
use crate::domain::{Moment, Span};

/// What is said of a figure, and since when it is worse than that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// Nothing was ever said: then what is seen first is said at once, for nobody knows how long it has been so.
    said: Option<Band>,
    worse_since: Option<Moment>,
}

impl Held {
    #[must_use]
    pub fn said(&self) -> Band {
        self.said.unwrap_or_default()
    }

    /// Whether it is seen worse than is said, and has to last before that is.
    #[must_use]
    pub const fn is_worse(&self) -> bool {
        self.worse_since.is_some()
    }

    /// The band of a ratio judged by a KPI's bands.
    pub fn see(&mut self, bands: &Bands, ratio: Ratio, now: Moment) -> Band {
        self.take(bands.judge(ratio), bands.still(ratio), bands.after, now)
    }

    /// The band of a route's silent calls.
    pub fn see_stalled(&mut self, unheard: i64, started: i64, now: Moment) -> Band {
        let still = band::still_stalled(unheard, started);
        // Few calls can't make a route silent, but they can't bring it back either while they are not heard.
        if self.said().is_out() && still.is_out() {
            return self.said();
        }
        self.take(band::stalled(unheard, started), still, Span::ZERO, now)
    }

    /// The band of a figure against what it was before: what it is by itself, and once it has been out.
    pub fn see_trend(&mut self, fresh: Band, still: Band, after: Span, now: Moment) -> Band {
        self.take(fresh, still, after, now)
    }

    /// The band of a figure that chance moves across its edges: beyond chance before it is said.
    pub fn see_surely(&mut self, bands: &Bands, ratio: Ratio, after: Span, now: Moment) -> Band {
        self.take(bands.surely(ratio), bands.still(ratio), after, now)
    }

    /// `fresh`: what the figure is by itself; `still`: what it is once it has been out.
    fn take(&mut self, fresh: Band, still: Band, after: Span, now: Moment) -> Band {
        // One that was watched while it was too little to judge was not out before: that it is has to last as well, and
        // meanwhile it is enough.
        let was_watched = |said: &Band| said.is_judged() || (*said == Band::TooFew && fresh.is_out());
        let Some(said) = self.said.filter(|said| was_watched(said) && fresh.is_judged()) else {
            *self = Self { said: Some(fresh), worse_since: None };
            return fresh;
        };
        let said = if said == Band::TooFew { Band::Ok } else { said };
        self.said = Some(said);
        let stays = stays(said, fresh, still);
        if fresh <= said {
            *self = Self { said: Some(stays), worse_since: None };
            return stays;
        }
        let since = *self.worse_since.get_or_insert(now);
        if now.since(since) >= after {
            *self = Self { said: Some(fresh), worse_since: None };
        }
        self.said()
    }
}

/// What is said of a figure that needs not last to be said, by what was said of it before: worse at once, and better at
/// once, but no better than the way back allows. `fresh`: what it is by itself; `still`: what it is once it has been out.
#[must_use]
pub fn stays(said: Band, fresh: Band, still: Band) -> Band {
    if said.is_judged() && fresh.is_judged() { fresh.max(said.min(still)) } else { fresh }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpi::KpiId;
    use proptest::prelude::*;

    fn told(shares: &[(i64, i64)]) -> Vec<Band> {
        let (bands, mut held) = (KpiId::ChannelUtilisation.get().bands(), Held::default());
        let at = |secs| Moment::from_secs(1_000 + secs);
        let see = |(secs, share): &(i64, i64)| bands.map(|bands| held.see(bands, Ratio::new(*share, 100), at(*secs)));
        shares.iter().filter_map(see).collect()
    }

    #[test]
    fn channels_are_red_after_thirty_seconds_over_85_and_until_back_at_80() {
        use Band::{Critical, Ok};
        assert_eq!(
            told(&[(0, 70), (1, 86), (30, 99), (31, 86), (32, 84), (90, 81), (91, 80), (92, 86)]),
            [Ok, Ok, Ok, Critical, Critical, Critical, Ok, Ok]
        );
    }

    #[test]
    fn what_comes_back_in_between_begins_anew() {
        use Band::{Critical, Ok};
        assert_eq!(told(&[(0, 70), (1, 86), (20, 85), (21, 86), (50, 86), (51, 86)]), [Ok, Ok, Ok, Ok, Ok, Critical]);
    }

    #[test]
    fn what_is_seen_first_is_said_at_once() {
        assert_eq!(told(&[(0, 90), (1, 82)]), [Band::Critical, Band::Critical]);
    }

    #[test]
    fn what_was_too_little_to_judge_has_to_last_as_well() {
        let (bands, mut held) = (KpiId::OnCallShare.get().bands(), Held::default());
        let mut see = |secs: i64, minutes: i64| {
            let ratio = Ratio::new(0, Span::minutes(minutes).as_millis());
            bands.map(|bands| held.see(bands, ratio, Moment::from_secs(1_000 + secs)))
        };
        let said = [(0, 29), (1, 30), (30, 31), (31, 32)].map(|(secs, minutes)| see(secs, minutes));
        assert_eq!(said, [Band::TooFew, Band::Ok, Band::Ok, Band::Warn].map(Some));
    }

    #[test]
    fn a_route_is_silent_until_a_quarter_is_not_heard() {
        let (mut held, now) = (Held::default(), Moment::from_secs(9));
        let mut see = |unheard| held.see_stalled(unheard, 40, now);
        assert_eq!(
            [20, 21, 15, 10, 9, 15].map(&mut see),
            [Band::Ok, Band::Critical, Band::Critical, Band::Critical, Band::Ok, Band::Ok]
        );
    }

    #[test]
    fn a_silent_route_that_is_called_less_stays_silent_until_it_is_heard() {
        let (mut held, now) = (Held::default(), Moment::from_secs(9));
        let see = |(unheard, started)| held.see_stalled(unheard, started, now);
        let said = [(1, 1), (30, 30), (12, 12), (1, 4), (1, 5), (30, 30), (0, 0)].map(see);
        let expected =
            [Band::TooFew, Band::Critical, Band::Critical, Band::Critical, Band::TooFew, Band::Critical, Band::None];
        assert_eq!(said, expected);
    }

    proptest! {
        /// Nothing is ever said that the figure was in neither direction: never worse than the worst seen, and no data at once.
        #[test]
        fn it_says_nothing_that_was_not_seen(shares in prop::collection::vec((0..40i64, 0..120i64), 1..40)) {
            let Some(bands) = KpiId::CacUtilisation.get().bands() else { return Ok(()) };
            let (mut held, mut now, mut worst) = (Held::default(), Moment::from_secs(0), Band::None);
            for (wait, share) in shares {
                now = now + Span::secs(wait);
                let ratio = Ratio::new(share, 100);
                worst = worst.max(bands.judge(ratio));
                let said = held.see(bands, ratio, now);
                prop_assert!(said <= worst && said >= Band::Ok);
            }
            prop_assert_eq!(held.see(bands, Ratio::new(1, 0), now), Band::None);
        }
    }
}
