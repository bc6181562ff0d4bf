//! What the log tells of one call: who called whom, how it ended, and which agent came on the line when.
//!
//! Outcome, number and the reason of the end often stand with the caller's channel alone: of one that we dial the log may
//! say no more than that it came and went.

use super::thread::{Channel, Thread};
use crate::source::asterisk::config::RouteConfig;
use crate::source::asterisk::ending::DialStatus;
use crate::source::asterisk::house::{Names, connected, is_dialled_through, is_local};
use crate::source::own::OwnNumbers;
use app::domain::event::{CallRecord, Q850};
use app::domain::outcome::{Direction, HungUpBy, Outcome};
use app::domain::phone::Party;
use app::domain::{AgentId, CallId, CannotTell, Matter, Moment};
use smol_str::SmolStr;

/// Whether the log tells who is in a bridge with whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bridges {
    Told,
    Untold,
}

/// Q.850: normal clearing, which of a caller says that he hung up.
const NORMAL: u16 = 16;
/// How the source of a hang-up begins that a step of the dialplan, or of a program in it, has asked for.
const BY_THE_DIALPLAN: &str = "dialplan/";
/// What no row tells.
const NEVER_TOLD: CannotTell = CannotTell::PROGRESS.and(CannotTell::ANSWERED_BY);

pub struct Story<'s> {
    pub thread: &'s Thread,
    pub names: &'s Names,
    pub own: &'s mut OwnNumbers,
    pub bridges: Bridges,
}

/// Who met a carrier's channel.
struct Meeting {
    agent: Option<(AgentId, Moment)>,
    first: Option<Moment>,
    /// Whether whoever else was there can't be seen.
    unseen: bool,
}

impl Story<'_> {
    /// The calls of carriers that the log tells of: each of their channels is one, as where the PBX is followed. Whom somebody
    /// who called is passed on to has been dialled by the house.
    pub fn calls(mut self) -> Vec<CallRecord> {
        let thread = self.thread;
        let (dialled, ours): (Vec<&Channel>, Vec<&Channel>) = thread
            .channels
            .iter()
            .filter(|channel| self.names.carrier(&channel.name).is_some())
            .partition(|channel| channel.is_dialled());
        // Those who called first: their numbers are known to be persons' then.
        ours.into_iter().chain(dialled).filter_map(|channel| self.call(channel)).collect()
    }

    fn call(&mut self, channel: &Channel) -> Option<CallRecord> {
        let names = self.names;
        let route = names.carrier(&channel.name)?;
        let mut record = CallRecord::only(CallId::new(&channel.id).ok()?, channel.start?);
        record.route = Some(route.route.clone());
        let mut accounts = [channel].into_iter().chain(&self.thread.channels).map(|channel| channel.account.as_str());
        record.campaign = accounts.find(|account| !account.is_empty()).and_then(|account| names.campaign(account));
        record.mode = record.campaign.as_ref().and_then(|campaign| names.modes.get(campaign)).copied();
        record.direction = self.direction(channel);
        self.numbers(channel, route, &mut record);
        record.ended_at = channel.ended;
        record.queue = channel.queue.clone();
        record.queued_at = channel.queued;
        if let Some((kind, at)) = self.thread.transfer {
            (record.transfer_kind, record.transferred_at) = (Some(kind), Some(at));
        }
        let Meeting { agent, first, unseen } = self.meeting(channel);
        if let Some((agent, since)) = agent {
            (record.agent, record.bridged_at) = (Some(agent), Some(since));
        }
        record.answered_at = match (record.direction, self.bridges) {
            // A queue that answers says so; an announcement that answers is nobody.
            (Some(Direction::Inbound), Bridges::Told) if channel.queue.is_none() => {
                first.and(channel.answered.max(first))
            }
            // Where nobody can be seen with anybody, another's answer tells a person from an announcement.
            (Some(Direction::Inbound), Bridges::Untold) if channel.queue.is_none() => {
                channel.answered.filter(|_| self.somebody_took(channel))
            }
            (Some(Direction::Inbound | Direction::Outbound) | None, Bridges::Told | Bridges::Untold) => {
                channel.answered
            }
        };
        let mut untold = NEVER_TOLD;
        if record.bridged_at.is_none() && unseen {
            untold = untold.and(CannotTell::AGENT);
        }
        if channel.ended.is_some() {
            self.ending(channel, untold, &mut record);
        }
        if channel.queue.is_some() && channel.queued.is_none() {
            untold = untold.and(CannotTell::QUEUE);
        }
        record.cannot_tell = Some(untold);
        Some(record)
    }

    /// Whether there was anybody whom a caller can have been put through to.
    fn somebody_took(&self, channel: &Channel) -> bool {
        let another = |other: &Channel| other.id != channel.id && other.answered.is_some() && !is_local(&other.name);
        channel.with_somebody || self.thread.channels.iter().any(another)
    }

    /// Of a carrier's channel in the dialplan: somebody called, or the dialer did, where its context is named so. Any other
    /// context tells nothing: a second carrier may bring people in there.
    fn direction(&self, channel: &Channel) -> Option<Direction> {
        if channel.is_dialled() {
            return Some(Direction::Outbound);
        }
        if self.names.inbound.contains(&channel.context) {
            return Some(Direction::Inbound);
        }
        self.names.outbound.contains(&channel.context).then_some(Direction::Outbound)
    }

    /// The channel whose call it is, other than this one.
    fn caller(&self, channel: &Channel) -> Option<&Channel> {
        let others = || self.thread.channels.iter().filter(|other| other.id != channel.id);
        others().find(|other| other.id == channel.linked).or_else(|| others().find(|other| !other.is_dialled()))
    }

    fn numbers(&mut self, channel: &Channel, route: &RouteConfig, record: &mut CallRecord) {
        let names = self.names;
        let party = |text: &str| names.party(text, route);
        match record.direction {
            Some(Direction::Inbound) => {
                record.from = party(&channel.first_number);
                record.to = party(&channel.exten).or_else(|| party(&channel.called));
                if let Some(number) = record.to.as_ref().and_then(Party::number) {
                    self.own.called(number);
                }
            }
            Some(Direction::Outbound) => {
                let caller = self.caller(channel);
                let dialled = self.thread.channels.iter().flat_map(|channel| &channel.dialled).find_map(|data| {
                    let (_, number) = names.dialled(data).find(|(of, _)| of.route == route.route)?;
                    party(number)
                });
                record.to = connected(&channel.name)
                    .and_then(party)
                    .or(dialled)
                    .or_else(|| party(&channel.first_number))
                    .or_else(|| caller.and_then(|caller| party(&caller.exten)));
                let shown = caller.filter(|caller| names.carrier(&caller.name).is_none());
                let shown = shown.and_then(|caller| party(&caller.number)).filter(|shown| self.own.has_party(shown));
                record.from = shown.filter(|shown| Some(shown) != record.to.as_ref());
            }
            // Both may be persons.
            None => (record.from, record.to) = (party(&channel.first_number), party(&channel.exten)),
        }
    }

    /// Who came on the line: the first telephone, across Local channels.
    fn meeting(&self, channel: &Channel) -> Meeting {
        let met = self.thread.met(&channel.name);
        let dialled = || self.thread.channels.iter().flat_map(|channel| &channel.dialled);
        let telephone =
            |name: &str| self.names.telephone(name).filter(|_| !dialled().any(|data| is_dialled_through(data, name)));
        let telephones = met.iter().filter_map(|(name, at)| Some((telephone(name)?, *at)));
        let agent = telephones.min_by_key(|(_, at)| *at);
        let people = met.iter().filter(|(name, _)| !is_local(name));
        let unseen = self.bridges == Bridges::Untold || channel.conference || channel.with_somebody || !met.is_empty();
        Meeting { agent, first: people.map(|(_, at)| *at).min(), unseen }
    }

    fn ending(&self, channel: &Channel, untold: CannotTell, record: &mut CallRecord) {
        let HangUpOf { cause, source, status } = self.hang_up(channel);
        if record.answered_at.is_some() {
            let person = source == channel.name;
            // An end by the dialplan itself (`dialplan/builtin`) is nobody's who was on the line.
            let agent = record.bridged_at.is_some() && !source.starts_with(BY_THE_DIALPLAN);
            // Where an agent can't be seen, it may have been one; of who calls us nobody else ends the call.
            let dialer = self.bridges == Bridges::Told
                && record.direction != Some(Direction::Inbound)
                && record.bridged_at.is_none();
            record.hung_up_by = match source.is_empty() {
                true => None,
                false if person => Some(HungUpBy::Person),
                false if agent => Some(HungUpBy::Agent),
                false => dialer.then_some(HungUpBy::Dialer),
            };
            return;
        }
        record.q850 = cause.and_then(|cause| Q850::new(cause).ok());
        record.outcome = match status {
            DialStatus::Busy => Some(Outcome::Busy),
            DialStatus::Congestion => Some(Outcome::Congestion),
            DialStatus::NoAnswer => Some(Outcome::NoAnswer),
            DialStatus::ChanUnavail => Some(Outcome::Failed),
            DialStatus::Cancel => Some(Outcome::Cancelled),
            // A machine had answered; where somebody could have been unseen, nothing is said.
            DialStatus::Answer | DialStatus::Unknown if channel.answered.is_some() && !untold.has(Matter::Agent) => {
                Some(Outcome::NoAnswer)
            }
            // Nobody and nothing took who called us.
            DialStatus::Answer | DialStatus::Unknown
                if channel.answered.is_none() && record.direction == Some(Direction::Inbound) =>
            {
                Some(if source == channel.name { Outcome::Cancelled } else { Outcome::NoAnswer })
            }
            DialStatus::Answer | DialStatus::Unknown => None,
        };
    }

    /// How a channel ended: by its own words, else by those of the caller, of whose dialling the last channel tells.
    fn hang_up(&self, channel: &Channel) -> HangUpOf {
        let own = &channel.hang_up;
        let last = self.thread.channels.iter().filter(|other| other.is_dialled()).filter_map(|other| other.ended).max();
        let caller = self.caller(channel).filter(|_| channel.is_dialled() && channel.ended == last);
        let read = DialStatus::read(&own.dial_status);
        let status = match (read, caller) {
            (DialStatus::Unknown, Some(caller)) => DialStatus::read(&caller.hang_up.dial_status),
            (read, _) => read,
        };
        HangUpOf {
            cause: own
                .cause
                .or_else(|| caller.and_then(|caller| caller.hang_up.cause).filter(|cause| *cause != NORMAL)),
            source: own.source.clone(),
            status,
        }
    }
}

struct HangUpOf {
    cause: Option<u16>,
    source: SmolStr,
    status: DialStatus,
}

impl Channel {
    /// Whether the house dialled it: it says so, it was made for another channel's call, or it has nowhere to go in the
    /// dialplan.
    fn is_dialled(&self) -> bool {
        let made_for_another = !self.linked.is_empty() && self.linked != self.id;
        self.outgoing || made_for_another || (self.linked.is_empty() && self.exten.is_empty())
    }
}
