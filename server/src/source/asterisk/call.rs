//! What is remembered of a call while it is up: just enough to tell each moment once, and how it ended.

use super::ending::{Cause, DialStatus, Heard, Protocol};
use app::domain::event::CallEnded;
use app::domain::ids::{CallId, CampaignId, RealmId};
use app::domain::outcome::{AnsweredBy, Direction, HungUpBy, Outcome, Progress};
use app::domain::time::Moment;
use app::domain::{Call, CannotTell, Matter, Span};

/// Whoever puts the telephone down ends the call so soon after; who is on a line for longer without the agent is led on by
/// the dialplan: to a survey, to a menu.
const SHORTLY: Span = Span::secs(2);

/// Whether the agent whom a call has met is still on its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agent {
    /// Nobody was seen to leave.
    There,
    /// Then somebody left, or the call itself; the agent was there until then.
    Until(Moment),
    /// The call was transferred, and no agent has taken it yet.
    LedOn,
}

impl Agent {
    fn is_there(self, at: Moment) -> bool {
        match self {
            Self::There => true,
            Self::Until(left) => left + SHORTLY >= at,
            Self::LedOn => false,
        }
    }
}

/// How the beginning of a call was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// With who called whom, or by whoever told of the call before.
    Told,
    /// Not at all: its channel was up or rang when it was first seen.
    Unseen,
}

#[derive(Debug)]
pub struct CallState {
    pub call_id: CallId,
    /// Unknown where its channel was found up.
    pub direction: Option<Direction>,
    /// How its beginning was told.
    pub start: Start,
    protocol: Protocol,
    pub progress: Option<Moment>,
    /// When its channel was answered, by whomever.
    pub up: Option<Moment>,
    /// When that was told: whom a machine of the house answered alone, nobody has.
    pub answered: Option<Moment>,
    pub queued: Option<Moment>,
    pub bridged: Option<Moment>,
    /// Of the agent it was bridged with.
    pub agent: Agent,
    pub by: Option<AnsweredBy>,
    /// It was told that an agent could not be seen.
    pub is_out_of_sight: bool,
    /// That was told before it came into a queue.
    pub was_out_of_sight: bool,
    /// At some time an agent on its line could not have been seen.
    pub is_hidden: bool,
    /// The campaign as last told.
    pub campaign: Option<CampaignId>,
    pub far_end: Option<Cause>,
    pub dial_status: Option<DialStatus>,
    /// Who hung up, as the queue says.
    pub hung_up_by: Option<HungUpBy>,
    /// Its latest moment told; its end does not come before.
    pub latest: Moment,
}

impl CallState {
    #[must_use]
    pub const fn new(
        call_id: CallId,
        direction: Option<Direction>,
        protocol: Protocol,
        campaign: Option<CampaignId>,
        at: Moment,
    ) -> Self {
        Self {
            call_id,
            direction,
            protocol,
            campaign,
            latest: at,
            start: Start::Told,
            progress: None,
            up: None,
            answered: None,
            queued: None,
            bridged: None,
            agent: Agent::There,
            by: None,
            is_out_of_sight: false,
            was_out_of_sight: false,
            is_hidden: false,
            far_end: None,
            dial_status: None,
            hung_up_by: None,
        }
    }

    /// A call as it was told of before, found up at `at`.
    #[must_use]
    pub fn recalled(call_id: CallId, call: &Call, protocol: Protocol, at: Moment) -> Self {
        Self {
            progress: call.progress_at,
            up: call.answer(),
            answered: call.answer(),
            queued: call.queued_at,
            bridged: call.bridged_at,
            by: call.by.value(),
            // Also of one in a queue: whether that was told before it came there or after is not known any more.
            is_out_of_sight: call.cannot_tell(Matter::Agent),
            latest: call.newest().unwrap_or(at),
            ..Self::new(call_id, call.direction.value(), protocol, call.campaign.get().cloned(), at)
        }
    }

    /// Its first moment that was told, if it had come that far by `at`.
    #[must_use]
    pub fn first_told(&self, at: Moment) -> Moment {
        [self.progress, self.answered].into_iter().flatten().fold(at, Moment::min)
    }

    #[must_use]
    pub const fn is_answered(&self) -> bool {
        self.answered.is_some()
    }

    /// Whether the answer of its channel is one of the floor's: a queue says when it answers, an announcement or a menu that
    /// answers who calls us is nobody.
    #[must_use]
    pub fn answer_counts(&self) -> bool {
        self.direction != Some(Direction::Inbound) || self.queued.is_some()
    }

    /// The end, as `Hangup` tells it at `at`.
    #[must_use]
    pub fn ended(&self, hangup: Cause, realm: &RealmId, at: Moment) -> CallEnded {
        let mut ended = ended_unseen(self.call_id.clone(), realm);
        if self.is_answered() {
            ended.sip_code = self.protocol.answered();
            ended.hung_up_by = self.who_hung_up(at);
            ended.cannot_tell = self.sight();
        } else if self.direction == Some(Direction::Outbound) {
            let progress = if self.progress.is_some() { Progress::Reached } else { Progress::None };
            let ending = Heard {
                protocol: self.protocol,
                progress,
                far_end: self.far_end,
                dial_status: self.dial_status,
                hangup,
            }
            .ending();
            (ended.sip_code, ended.q850, ended.outcome) = (ending.sip_code, ending.q850, ending.outcome);
        } else {
            ended.hung_up_by = self.far_end.map(|_| HungUpBy::Person);
            // A machine may have answered; where somebody could have been unseen then, nothing more is said.
            let hidden = self.up.is_some() && self.met_nobody_in_sight();
            ended.cannot_tell = if hidden { Some(CannotTell::AGENT) } else { self.sight() };
            ended.outcome = match (self.direction, self.up, self.far_end) {
                _ if hidden => None,
                (None, ..) => None,
                (Some(_), None, Some(_)) => Some(Outcome::Cancelled),
                (Some(_), ..) => Some(Outcome::NoAnswer),
            };
        }
        ended
    }

    /// Of an answered call: the far end if it asked for the end, else what the queue said, else our side; which is
    /// the agent where one is there at the end, and where there never was one the dialer (that matters: a person whom the
    /// dialer drops has been abandoned), unless an agent could not have been seen. One that an agent has transferred, and
    /// nobody took, or that went on without the agent, ends by nobody of these.
    fn who_hung_up(&self, at: Moment) -> Option<HungUpBy> {
        match (self.far_end, self.hung_up_by) {
            (Some(_), None) => Some(HungUpBy::Person),
            (_, Some(by)) => Some(by),
            (None, None) if self.bridged.is_some() => self.agent.is_there(at).then_some(HungUpBy::Agent),
            (None, None) if self.met_nobody_in_sight() => None,
            (None, None) => Some(HungUpBy::Dialer),
        }
    }

    /// What is said at its end of whether an agent could have been seen. That one could is said only now, of a call that was
    /// out of sight before its queue: it may have been led out of that again.
    fn sight(&self) -> Option<CannotTell> {
        if self.met_nobody_in_sight() {
            Some(CannotTell::AGENT)
        } else {
            (self.was_out_of_sight && self.bridged.is_none()).then_some(CannotTell::NOTHING)
        }
    }

    /// Whether nobody was seen, and nobody could have been: in a queue an agent is seen.
    const fn met_nobody_in_sight(&self) -> bool {
        let hidden = self.is_out_of_sight || (self.is_hidden && self.queued.is_none());
        hidden && self.bridged.is_none()
    }
}

/// The end of a call that nobody saw end: that it is over is all that is known.
#[must_use]
pub fn ended_unseen(call_id: CallId, realm: &RealmId) -> CallEnded {
    CallEnded { realm: Some(realm.clone()), ..CallEnded::only(call_id) }
}
