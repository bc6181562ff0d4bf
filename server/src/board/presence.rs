//! Whether what the board shows is of now: something is heard, and its time is the clock's.

use super::rows::Rows;
use crate::law::change::Change;
use app::domain::{Moment, Span};
use app::kpi::Band;
use app::kpi::silence::{Gaps, Hearing, UNTIL_KNOWN};
use app::view::live::{AbandonRow, AgentsRow, ComponentRow, ConnectRow, DidRow, PddRow, RouteRow};

/// A board whose time is farther ahead of the clock than this shows a time that is not.
const AHEAD: Span = Span::secs(5);
/// Where even the newest of what is told was so old when it came, it is of the past: a floor that catches up after a cut, or
/// files read in. A sender's clock may be slow by less.
const BEHIND: Span = UNTIL_KNOWN;

/// How the board stands to now.
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
    /// Events come, and none of them is of now: the newest is of then.
    Behind {
        newest: Moment,
        /// How old that was when it came.
        by: Span,
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
            Self::Silent { .. } | Self::Behind { .. } | Self::Ahead { .. } => false,
        }
    }

    /// Since when figures are not of now.
    #[must_use]
    pub const fn silent_since(self, now: Moment) -> Option<Moment> {
        match self {
            Self::Now | Self::NothingYet => None,
            Self::Silent { since, .. } => Some(since),
            Self::Behind { newest, .. } => Some(newest),
            Self::Ahead { .. } => Some(now),
        }
    }
}

/// When something was heard, and how far what is told reaches.
#[derive(Debug, Clone, Default)]
pub(super) struct Freshness {
    newest_event: Option<Moment>,
    /// When something was heard.
    pub(super) gaps: Gaps,
    /// How far the board's time is ahead of the clock.
    ahead: Span,
    /// Up to when the floor was told, at the tick before.
    told_to: Option<Moment>,
}

/// Whether what was heard is the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listened {
    /// A store told, at a start, what others had heard before.
    Begun,
    GoesOn,
}

impl Freshness {
    /// Takes note that something is heard. What comes late or of the past is heard all the same; what a store tells at a
    /// start was heard when it says: since when it has been so nobody knows, and who was silent meanwhile may have told.
    pub(super) fn listen(&mut self, change: &Change, now: Moment) -> Listened {
        let before = self.newest_event;
        self.newest_event = before.max(change.newest_event);
        let Some(newest) = change.newest_event else { return Listened::GoesOn };
        if change.events == 0 && self.gaps.last().is_none() {
            self.gaps = Gaps::since(Some(newest));
            return Listened::Begun;
        }
        if newest > now - BEHIND {
            self.gaps.hear(now);
        } else if change.events > 0 || before.is_some_and(|before| newest > before) {
            self.gaps.hear_of_the_past(now);
        }
        Listened::GoesOn
    }

    /// Of a board that begins anew: what was heard stays heard, what it told is gone.
    pub(super) fn anew(&mut self) -> Self {
        Self { gaps: std::mem::take(&mut self.gaps), ..Self::default() }
    }

    /// Compares the board's time with the clock's, and notes up to when the floor is told.
    pub(super) fn turn(&mut self, board: Moment, clock: Moment) {
        self.ahead = board.since(clock);
        self.told_to = self.gaps.last().map(|_| self.told_to(board));
    }

    pub(super) const fn newest_event(&self) -> Option<Moment> {
        self.newest_event
    }

    pub(super) fn presence(&self, now: Moment) -> Presence {
        if self.ahead > AHEAD {
            return Presence::Ahead { by: self.ahead };
        }
        match self.gaps.at(now) {
            Hearing::Heard => self.behind().map_or(Presence::Now, |(newest, by)| Presence::Behind { newest, by }),
            Hearing::Never => Presence::NothingYet,
            Hearing::Silent { since, usual } => Presence::Silent { since, usual },
        }
    }

    /// What comes late now takes nothing back: who was silent when the others were heard still is.
    pub(super) fn told_to(&self, now: Moment) -> Moment {
        let late = self.gaps.last().zip(self.newest_event).map_or(Span::ZERO, |(heard, newest)| heard - newest);
        let told = now - late.max(Span::ZERO) - self.gaps.pause(now);
        self.told_to.map_or(told, |before| before.max(told))
    }

    /// The newest of what is told, where it was of the past when something was heard last.
    fn behind(&self) -> Option<(Moment, Span)> {
        let heard = self.gaps.last()?;
        self.newest_event.map(|newest| (newest, heard - newest)).filter(|(_, by)| *by > BEHIND)
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
    RouteRow { band, faults_band, unjudged_band, stalled_band }
    AbandonRow { band, budget_band, pacing_band }
    ConnectRow { band, hour_band, lately_band }
    DidRow { band, answer_band, blocked_band }
    AgentsRow { band }
    PddRow { band }
    ComponentRow { band, load_band }
}

impl Rows {
    /// Nothing of it is judged. Numbers are many, and kept: theirs is told when they are shown; campaigns' and routes' rows are
    /// made so.
    pub(super) fn hush(&mut self) {
        self.agents.iter_mut().for_each(Hush::hush);
        self.pdd.iter_mut().for_each(Hush::hush);
        self.infra.iter_mut().for_each(Hush::hush);
        self.channels.iter_mut().for_each(|head| head.band = Band::None);
        self.trunks.iter_mut().for_each(|row| row.band = Band::None);
    }
}
