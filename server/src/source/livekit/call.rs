//! What a participant who is a telephone call tells of it.
//!
//! # What can be known
//!
//! A call joins its room when dialling begins, and is told of again when it has left: its start to the millisecond, its end to
//! the second, and how far it came. When it rang, when it was answered and by which code it failed no webhook tells. So its
//! outcome says *answered* without a moment (no time of ringing and none of talk is made of it), and where LiveKit's word may
//! mean this or that nothing is said: the law then has it failed until a source that knows the code tells it.
//!
//! | left as | last status | told |
//! | --- | --- | --- |
//! | any | active, automation | answered |
//! | client initiated | hangup | answered; of a caller only if somebody else was in the room |
//! | rejected | ringing | busy (a person, or the telephone, said no) |
//! | unavailable | ringing | no answer |
//! | rejected, unavailable | dialing | nothing: busy, refused by the carrier, unreachable, never answered by the carrier |
//! | client initiated, broken | dialing, ringing | failed: the carrier, the network, ourselves |
//! | room deleted, taken out of it | dialing, ringing | cancelled |
//!
//! Of a caller who was not answered nothing is told.

use super::config::Meaning;
use super::wire::{Participant, Reason, Status};
use crate::source::numbers;
use app::domain::event::{CallRecord, CallStarted, MAX_METADATA, Metadata};
use app::domain::outcome::{Direction, Outcome};
use app::domain::phone::Party;
use app::domain::{CallId, CampaignId, CannotTell, ListId, Moment, RoomId, RouteId};
use std::collections::BTreeMap;

/// What no webhook tells of a call.
pub const UNTOLD: CannotTell =
    CannotTell::AGENT.and(CannotTell::PROGRESS).and(CannotTell::QUEUE).and(CannotTell::ANSWERED_BY);
/// Attributes by which other sources know a call; kept with it.
const KNOWN_ELSEWHERE: [&str; 4] = ["sip.callID", "sip.callIDFull", "sip.twilio.callSid", "sip.telnyx.callSessionID"];
/// Longest value kept of an attribute, in characters.
const LONGEST: usize = 200;

/// A call as its participant tells of it.
#[derive(Debug, Clone, Copy)]
pub struct SipCall<'a> {
    pub meaning: &'a Meaning,
    pub room: Option<&'a str>,
    pub participant: &'a Participant<'a>,
}

/// Whether a caller had anybody to speak with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Company {
    Somebody,
    NobodySeen,
}

impl SipCall<'_> {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.participant.attribute(name)
    }

    /// The attribute that names it, else its participant's own name.
    pub fn call_id(&self) -> Option<CallId> {
        let named = self.attribute(&self.meaning.call_id).and_then(|id| CallId::new(id).ok());
        named.or_else(|| self.participant.sid.and_then(|sid| CallId::new(sid).ok()))
    }

    /// Only a call that came in was let in by a rule.
    pub fn direction(&self) -> Direction {
        if self.attribute("sip.ruleID").is_some() { Direction::Inbound } else { Direction::Outbound }
    }

    fn number(&self, attribute: &str) -> Option<Party> {
        numbers::read(self.attribute(attribute)?, None, self.meaning.country).party()
    }

    /// From and to.
    fn ends(&self) -> (Option<Party>, Option<Party>) {
        let (own, far) = (self.number("sip.trunkPhoneNumber"), self.number("sip.phoneNumber"));
        match self.direction() {
            Direction::Outbound => (own, far),
            Direction::Inbound => (far, own),
        }
    }

    fn route(&self) -> Option<RouteId> {
        let trunk = self.attribute("sip.trunkID")?;
        self.meaning.trunks.get(trunk).cloned().or_else(|| RouteId::new(trunk).ok())
    }

    fn campaign(&self) -> Option<CampaignId> {
        self.attribute(&self.meaning.campaign).and_then(|id| CampaignId::new(id).ok())
    }

    fn list(&self) -> Option<ListId> {
        self.attribute(self.meaning.list.as_deref()?).and_then(|id| ListId::new(id).ok())
    }

    fn attempt(&self) -> Option<u32> {
        self.attribute(self.meaning.attempt.as_deref()?).and_then(|number| number.parse().ok())
    }

    fn room(&self) -> Option<RoomId> {
        self.room.and_then(|room| RoomId::new(room).ok())
    }

    fn metadata(&self) -> Option<Metadata> {
        let names = KNOWN_ELSEWHERE.iter().copied().chain(self.meaning.metadata.iter().map(AsRef::as_ref));
        let found =
            names.filter_map(|name| Some((name.to_owned(), self.attribute(name)?.chars().take(LONGEST).collect())));
        let found: BTreeMap<String, String> = found.take(MAX_METADATA).collect();
        (!found.is_empty()).then_some(Metadata(found))
    }

    /// Dialling has begun, or a caller has come in.
    pub fn started(&self, call_id: CallId) -> CallStarted {
        let (from, to) = self.ends();
        CallStarted {
            realm: Some(self.meaning.realm.clone()),
            cannot_tell: Some(UNTOLD),
            from,
            to,
            campaign: self.campaign(),
            route: self.route(),
            list: self.list(),
            attempt: self.attempt(),
            room: self.room(),
            ..CallStarted::only(call_id, self.direction())
        }
    }

    /// The whole of a call that is over.
    pub fn record(&self, call_id: CallId, (started, ended): (Moment, Moment), company: Company) -> CallRecord {
        let (from, to) = self.ends();
        CallRecord {
            realm: Some(self.meaning.realm.clone()),
            cannot_tell: Some(UNTOLD),
            direction: Some(self.direction()),
            from,
            to,
            campaign: self.campaign(),
            route: self.route(),
            list: self.list(),
            attempt: self.attempt(),
            room: self.room(),
            outcome: self.outcome(company),
            metadata: self.metadata(),
            ended_at: Some(ended),
            ..CallRecord::only(call_id, started)
        }
    }

    fn outcome(&self, company: Company) -> Option<Outcome> {
        let (status, reason) = (self.participant.status(), self.participant.reason);
        match (self.direction(), status) {
            (_, Status::Active) => Some(Outcome::Answered),
            (Direction::Inbound, Status::Hangup) => (company == Company::Somebody).then_some(Outcome::Answered),
            (Direction::Outbound, Status::Hangup) => (reason == Reason::ClientInitiated).then_some(Outcome::Answered),
            (Direction::Inbound, Status::Dialing | Status::Ringing | Status::Unknown) => None,
            (Direction::Outbound, Status::Dialing | Status::Ringing) => match reason {
                Reason::UserRejected => (status == Status::Ringing).then_some(Outcome::Busy),
                Reason::UserUnavailable => (status == Status::Ringing).then_some(Outcome::NoAnswer),
                Reason::ClientInitiated | Reason::Broken => Some(Outcome::Failed),
                Reason::ByUs => Some(Outcome::Cancelled),
                Reason::Moved | Reason::Unknown => None,
            },
            (Direction::Outbound, Status::Unknown) => None,
        }
    }
}
