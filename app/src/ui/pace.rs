//! How often the page repaints, how old its figures may be, and how patiently it tries again.
//!
//! Pure: time comes in as milliseconds, nothing here reads a clock or touches a browser. `stream.rs` acts on it,
//! `parts/freshness.rs` shows it.

/// How often figures change on the page (S40). The stream is asked for at the same rate; `Manual` takes updates in and
/// shows them when asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cadence {
    Manual,
    Quarter,
    One,
    Five,
    #[default]
    Ten,
    Twenty,
    Thirty,
    Sixty,
}

impl Cadence {
    pub const ALL: [Cadence; 8] = [
        Cadence::Manual,
        Cadence::Quarter,
        Cadence::One,
        Cadence::Five,
        Cadence::Ten,
        Cadence::Twenty,
        Cadence::Thirty,
        Cadence::Sixty,
    ];

    /// What is remembered, and the value in the control.
    pub fn name(self) -> &'static str {
        match self {
            Cadence::Manual => "manual",
            Cadence::Quarter => "250ms",
            Cadence::One => "1s",
            Cadence::Five => "5s",
            Cadence::Ten => "10s",
            Cadence::Twenty => "20s",
            Cadence::Thirty => "30s",
            Cadence::Sixty => "60s",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Cadence::Manual => "by hand",
            Cadence::Quarter => "at once",
            Cadence::One => "every 1 s",
            Cadence::Five => "every 5 s",
            Cadence::Ten => "every 10 s",
            Cadence::Twenty => "every 20 s",
            Cadence::Thirty => "every 30 s",
            Cadence::Sixty => "every 60 s",
        }
    }

    /// The cadence of that name; an unknown one is the default.
    pub fn from_name(name: &str) -> Cadence {
        Cadence::ALL.into_iter().find(|cadence| cadence.name() == name).unwrap_or_default()
    }

    /// `every=` of the stream.
    pub fn every(self) -> &'static str {
        match self {
            Cadence::Manual => "10s",
            Cadence::Quarter
            | Cadence::One
            | Cadence::Five
            | Cadence::Ten
            | Cadence::Twenty
            | Cadence::Thirty
            | Cadence::Sixty => self.name(),
        }
    }

    /// Between two events of the stream, in ms.
    pub fn millis(self) -> i64 {
        match self {
            Cadence::Quarter => 250,
            Cadence::One => 1_000,
            Cadence::Five => 5_000,
            Cadence::Manual | Cadence::Ten => 10_000,
            Cadence::Twenty => 20_000,
            Cadence::Thirty => 30_000,
            Cadence::Sixty => 60_000,
        }
    }

    /// A stream silent for this long is dead even if the socket says nothing. Not below 5 s: a short stall of a busy
    /// network is no reason to connect anew.
    pub fn patience_ms(self) -> i64 {
        (3 * self.millis()).max(5_000)
    }
}

/// How a page's figures come anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Renewal {
    /// By its stream, at the pace that the reader chose.
    #[default]
    Streamed,
    /// They change so seldom that the page asks for them, at most so many milliseconds apart: nobody chooses a pace.
    Asked { every_ms: i64 },
}

/// How often figures come that are shown: at a cadence, or every so many milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    Streamed(Cadence),
    Asked { every_ms: i64 },
}

impl Pace {
    #[must_use]
    pub const fn of(renewal: Renewal, cadence: Cadence) -> Self {
        match renewal {
            Renewal::Streamed => Self::Streamed(cadence),
            Renewal::Asked { every_ms } => Self::Asked { every_ms },
        }
    }

    /// Older than this figures are late, and than that stale, in ms.
    fn limits_ms(self) -> (i64, i64) {
        match self {
            // A second on top, for a slow second of the network and the age's own grain at the fast cadences.
            Self::Streamed(cadence) => ((2 * cadence.millis()).max(1_000) + 1_000, (6 * cadence.millis()).max(5_000)),
            Self::Asked { every_ms } => (2 * every_ms, 6 * every_ms),
        }
    }
}

/// The connection to the server, as the page knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Link {
    /// The page is as the server painted it; no script runs yet.
    #[default]
    Painted,
    /// Connecting for the first time, or because someone asked for it.
    Opening,
    Open,
    /// Broken or silent; trying again.
    Lost,
    /// Closed because nobody looks.
    Hidden,
}

/// What may be thought of the figures on the page (ux.md U20).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// As painted by the server: true at the time it shows.
    Painted,
    Live,
    Late,
    Stale,
    /// Nothing was ever received.
    NoData,
    /// Held by the reader; updates wait.
    Paused,
    /// The server is well, and hears nothing: no figure is of now.
    Silent,
    /// Of a past moment, which is what was asked for.
    Past,
}

impl Freshness {
    /// `age_ms`: how long ago the shown figures were true; `None` before any script ran.
    pub fn of(age_ms: Option<i64>, link: Link, pace: Pace, received: Received) -> Self {
        let Some(age) = age_ms else {
            return match received {
                Received::Figures => Freshness::Painted,
                Received::Nothing => Freshness::NoData,
            };
        };
        match (received, link, pace) {
            (Received::Nothing, _, _) => Freshness::NoData,
            (Received::Figures, Link::Lost, _) => Freshness::Stale,
            (Received::Figures, _, Pace::Streamed(Cadence::Manual)) => Freshness::Paused,
            (Received::Figures, Link::Painted | Link::Opening | Link::Open | Link::Hidden, _) => {
                let (late, stale) = pace.limits_ms();
                if age > stale {
                    Freshness::Stale
                } else if age > late {
                    Freshness::Late
                } else {
                    Freshness::Live
                }
            }
        }
    }

    /// The value of `data-fresh` that the style reads.
    pub fn name(self) -> &'static str {
        match self {
            Freshness::Painted => "painted",
            Freshness::Live => "live",
            Freshness::Late => "late",
            Freshness::Stale => "stale",
            Freshness::NoData => "none",
            Freshness::Paused => "paused",
            Freshness::Silent => "silent",
            Freshness::Past => "past",
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Freshness::Painted => "As of",
            Freshness::Live => "Live",
            Freshness::Late => "Late",
            Freshness::Stale => "Stale",
            Freshness::NoData => "No data yet",
            Freshness::Paused => "By hand",
            Freshness::Silent => "No data",
            Freshness::Past => "Replay",
        }
    }
}

/// Whether the page has ever had figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    Nothing,
    Figures,
}

/// A moment by both of the browser's clocks, in ms: the wall clock may be set, the other may stand still in sleep.
#[derive(Debug, Clone, Copy)]
pub struct Clocks {
    pub wall_ms: f64,
    pub steady_ms: f64,
}

impl Clocks {
    /// By the clock that says more: an age may look too great for a while, never too small.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)]
    pub fn since_ms(self, earlier: Self) -> i64 {
        (self.wall_ms - earlier.wall_ms).max(self.steady_ms - earlier.steady_ms).max(0.0) as i64
    }
}

/// Waits between attempts: 1, 2, 4, 8, then 15 s for ever, each shifted by up to a fifth so that a floor of screens
/// does not come back in one instant.
#[derive(Debug, Clone, Copy, Default)]
pub struct BackOff {
    failures: usize,
}

impl BackOff {
    const WAITS_MS: [i64; 5] = [1_000, 2_000, 4_000, 8_000, 15_000];

    /// The wait before the next attempt, in ms; `chance` is in 0…1.
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // at most 18,000
    pub fn next_wait_ms(&mut self, chance: f64) -> i64 {
        let wait = Self::WAITS_MS[self.failures.min(Self::WAITS_MS.len() - 1)];
        self.failures = self.failures.saturating_add(1);
        (wait as f64 * (0.8 + 0.4 * chance.clamp(0.0, 1.0))) as i64
    }

    pub fn succeeded(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_clocks_the_one_that_says_more_is_believed() {
        let at = |wall_ms, steady_ms| Clocks { wall_ms, steady_ms };
        assert_eq!(at(1_500.0, 700.0).since_ms(at(1_000.0, 100.0)), 600, "set back");
        assert_eq!(at(9_000.0, 110.0).since_ms(at(1_000.0, 100.0)), 8_000, "asleep");
        assert_eq!(at(0.0, 0.0).since_ms(at(1.0, 1.0)), 0);
    }

    fn at(age_ms: i64, cadence: Cadence) -> Freshness {
        Freshness::of(Some(age_ms), Link::Open, Pace::Streamed(cadence), Received::Figures)
    }

    #[test]
    fn figures_are_late_after_two_cadences_and_stale_after_six() {
        assert_eq!(at(20_000, Cadence::Ten), Freshness::Live);
        assert_eq!(at(21_001, Cadence::Ten), Freshness::Late);
        assert_eq!(at(60_000, Cadence::Ten), Freshness::Late);
        assert_eq!(at(60_001, Cadence::Ten), Freshness::Stale);
        assert_eq!(at(3_001, Cadence::One), Freshness::Late);
        assert_eq!(at(6_001, Cadence::One), Freshness::Stale);
    }

    #[test]
    fn a_lost_connection_is_stale_at_any_age_and_by_hand_too() {
        for cadence in Cadence::ALL {
            assert_eq!(
                Freshness::of(Some(0), Link::Lost, Pace::Streamed(cadence), Received::Figures),
                Freshness::Stale
            );
        }
        assert_eq!(
            Freshness::of(Some(9), Link::Lost, Pace::Streamed(Cadence::Ten), Received::Nothing),
            Freshness::NoData
        );
        assert_eq!(at(90_000, Cadence::Manual), Freshness::Paused);
    }

    #[test]
    fn what_is_asked_for_every_five_minutes_is_not_late_after_one_and_never_held() {
        let pace = Pace::of(Renewal::Asked { every_ms: 300_000 }, Cadence::Manual);
        let after = |age_ms, link| Freshness::of(Some(age_ms), link, pace, Received::Figures);
        assert_eq!(after(600_000, Link::Open), Freshness::Live);
        assert_eq!(after(600_001, Link::Open), Freshness::Late);
        assert_eq!(after(1_800_001, Link::Open), Freshness::Stale);
        assert_eq!(after(1_000, Link::Lost), Freshness::Stale);
    }

    #[test]
    fn waits_grow_to_fifteen_seconds_and_start_again_after_success() {
        let mut back_off = BackOff::default();
        let waits: Vec<_> = (0..7).map(|_| back_off.next_wait_ms(0.5)).collect();
        assert_eq!(waits, [1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
        back_off.succeeded();
        assert_eq!(back_off.next_wait_ms(0.0), 800);
        assert_eq!(back_off.next_wait_ms(1.0), 2_400);
    }

    #[test]
    fn a_cadence_is_found_by_its_name_and_anything_else_is_ten_seconds() {
        for cadence in Cadence::ALL {
            assert_eq!(Cadence::from_name(cadence.name()), cadence);
        }
        assert_eq!(Cadence::from_name("7 parsecs"), Cadence::Ten);
    }
}
