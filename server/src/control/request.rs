//! A request to the dialer. What it goes through is `machine`'s.

use app::domain::Moment;
use app::domain::control::{Action, Phase};
use app::domain::outcome::CampaignStatus;
use smol_str::SmolStr;

/// A request as it was made, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub id: SmolStr,
    pub action: Action,
    pub by: SmolStr,
    /// The address that it came from.
    pub from: SmolStr,
    pub asked_at: Moment,
    /// What the dialer had said until then.
    pub before: Option<CampaignStatus>,
    /// When it had said that; once the request has left, what was known then.
    pub(super) before_at: Option<Moment>,
    /// When it went out to the dialer, which may be long after it was asked for.
    pub(super) left_at: Option<Moment>,
    pub phase: Phase,
    pub confirmed_at: Option<Moment>,
    pub why: Option<SmolStr>,
    /// When the phase last changed.
    pub(super) since: Moment,
    pub(super) way: Way,
    /// When it is given up.
    pub(super) deadline: Option<Moment>,
    /// What an answer said beyond having taken it.
    pub(super) note: Option<SmolStr>,
}

impl Request {
    /// A request that is asked for now.
    #[must_use]
    pub const fn new(id: SmolStr, action: Action, by: SmolStr, from: SmolStr, now: Moment) -> Self {
        Self {
            id,
            action,
            by,
            from,
            asked_at: now,
            before: None,
            before_at: None,
            left_at: None,
            phase: Phase::Requested,
            confirmed_at: None,
            why: None,
            since: now,
            way: Way::Waits,
            deadline: None,
            note: None,
        }
    }

    pub(super) fn turn(&mut self, phase: Phase, now: Moment) {
        self.phase = phase;
        self.since = now;
    }

    /// As it was last told, from the audit log.
    #[must_use]
    pub fn told(mut self, phase: Phase, at: Moment, why: Option<SmolStr>) -> Self {
        self.turn(phase, at);
        self.way = Way::Taken;
        self.why = why;
        self
    }
}

/// How far a request has got on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Behind another one.
    Waits,
    Sent,
    /// The dialer took it.
    Taken,
}
