//! How finely sums are kept: the grains of the store, and the bucket of each that an instant lies in.

use super::span::{SiteDays, Stretch};
use app::domain::{Dimension, Moment, Span};

/// The grains that the store keeps (kpis.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grain {
    Minutes5,
    Hour,
    /// Days of the site's zone; a bucket is named by the instant at which its day begins.
    SiteDay,
}

impl Grain {
    pub const ALL: [Self; 3] = [Self::Minutes5, Self::Hour, Self::SiteDay];

    /// The grain's number in the tables.
    #[must_use]
    pub const fn code(self) -> i64 {
        match self {
            Self::Minutes5 => 0,
            Self::Hour => 1,
            Self::SiteDay => 2,
        }
    }

    /// The bucket that holds `at`.
    #[must_use]
    pub fn stretch(self, at: Moment, day_of: &mut SiteDays) -> Stretch {
        let whole = |length| Stretch { from: at.floor(length), to: at.floor(length) + length };
        match self {
            Self::Minutes5 => whole(Span::minutes(5)),
            Self::Hour => whole(Span::hours(1)),
            Self::SiteDay => day_of.of(at),
        }
    }

    /// The begin of the bucket that holds `at`.
    #[must_use]
    pub fn bucket(self, at: Moment, day_of: &mut SiteDays) -> Moment {
        self.stretch(at, day_of).from
    }

    /// The grain as people call it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Minutes5 => "5 minutes",
            Self::Hour => "hour",
            Self::SiteDay => "day",
        }
    }

    /// Whether the grain keeps sums of this dimension (kpis.md).
    #[must_use]
    pub const fn keeps(self, dimension: Dimension) -> bool {
        match (self, dimension) {
            (Self::Minutes5, Dimension::Did | Dimension::Agent | Dimension::SipCode | Dimension::Component) => false,
            (Self::Minutes5 | Self::Hour | Self::SiteDay, _) => true,
        }
    }
}
