//! Whether what the board shows is of now: something is heard, and its time is the clock's.

use super::{Board, Rows};
use app::domain::{Moment, Span};
use app::kpi::Band;
use app::kpi::silence::Hearing;
use app::view::live::{AbandonRow, AgentsRow, ComponentRow, ConnectRow, DidRow, PddRow, RouteRow};

/// A board whose time is farther ahead of the clock than this shows a time that is not.
const AHEAD: Span = Span::secs(5);

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    Now,
    /// Nothing was ever heard.
    NothingYet,
    /// Nothing since then, for longer than is usual.
    Silent {
        since: Moment,
        usual: Option<Span>,
    },
    /// The clock was set back, and what it shows has not been read yet.
    Ahead {
        by: Span,
    },
}

impl Presence {
    /// Whether figures are judged.
    #[must_use]
    pub const fn is_now(self) -> bool {
        match self {
            Self::Now | Self::NothingYet => true,
            Self::Silent { .. } | Self::Ahead { .. } => false,
        }
    }

    /// Since when figures are not of now.
    #[must_use]
    pub const fn silent_since(self, now: Moment) -> Option<Moment> {
        match self {
            Self::Now | Self::NothingYet => None,
            Self::Silent { since, .. } => Some(since),
            Self::Ahead { .. } => Some(now),
        }
    }
}

impl Board {
    /// How the board stands to now, as of the last tick.
    #[must_use]
    pub fn presence(&self) -> Presence {
        if self.ahead > AHEAD {
            return Presence::Ahead { by: self.ahead };
        }
        match self.gaps.at(self.now) {
            Hearing::Heard => Presence::Now,
            Hearing::Never => Presence::NothingYet,
            Hearing::Silent { since, usual } => Presence::Silent { since, usual },
        }
    }
}

/// A row whose figures are not of now is not judged.
pub(super) trait Hush {
    fn hush(&mut self);
}

macro_rules! hush {
    ($($row:ident { $($band:ident),* })*) => {$(
        impl Hush for $row {
            fn hush(&mut self) { $(self.$band = Band::None;)* }
        }
    )*};
}

hush! {
    RouteRow { band, faults_band, stalled_band }
    AbandonRow { band, budget_band, pacing_band }
    ConnectRow { band }
    DidRow { band }
    AgentsRow { band }
    PddRow { band }
    ComponentRow { band, load_band }
}

impl Rows {
    /// Nothing of it is judged. Numbers are many, and kept: theirs is told when they are shown.
    pub(super) fn hush(&mut self) {
        self.routes.iter_mut().for_each(Hush::hush);
        self.abandon.iter_mut().for_each(Hush::hush);
        self.connect.iter_mut().for_each(Hush::hush);
        self.agents.iter_mut().for_each(Hush::hush);
        self.pdd.iter_mut().for_each(Hush::hush);
        self.infra.iter_mut().for_each(Hush::hush);
        self.connect.iter_mut().for_each(|row| row.diagnosis = None);
        self.channels.iter_mut().for_each(|head| head.band = Band::None);
        self.trunks.iter_mut().for_each(|row| row.band = Band::None);
    }
}
