//! What the records of one call tell together: who called whom, who talked, and what nobody could see.
//!
//! A carrier's own channel in the dialplan is somebody who called, or was called by the dialer: one call, whatever rang
//! inside of the house. Each carrier's channel that the house dialled is an attempt, unless several were dialled at once;
//! so is that by which somebody who called is passed on to somebody outside, as where the PBX is followed. Ringing is in no record, and neither is when an agent came on
//! the line of a channel that was answered before (by a queue, or by a machine of the house): the moment is then that at
//! which the agent's telephone was dialled.

use super::leg::{App, Ending, Leg};
use crate::source::asterisk::config::RouteConfig;
use crate::source::asterisk::house::{Names, connected, destinations, endpoint_of, is_dialled_through, is_local};
use crate::source::asterisk::names::ChannelName;
use crate::source::own::OwnNumbers;
use app::domain::event::CallRecord;
use app::domain::outcome::{Direction, Outcome};
use app::domain::phone::Party;
use app::domain::{AgentId, CallId, CannotTell, Moment, QueueId, Span};
use smol_str::SmolStr;

/// Records of one channel that follow one another within this time are of one dialling: times are whole seconds.
const TOGETHER: Span = Span::secs(1);
/// What no record tells.
const NEVER_TOLD: CannotTell = CannotTell::PROGRESS.and(CannotTell::ANSWERED_BY);

/// The records of one call, and what names mean.
pub struct Story<'s> {
    pub legs: &'s [Leg],
    pub names: &'s Names,
    pub own: &'s mut OwnNumbers,
}

/// Who of the house talked, and since when.
struct Talk {
    agent: AgentId,
    since: Moment,
}

impl Story<'_> {
    /// The calls that the records tell of, as far as they are of carriers.
    pub fn calls(mut self) -> Vec<CallRecord> {
        let entered = self.entered();
        let mut calls: Vec<CallRecord> =
            entered.iter().filter_map(|channel| self.far(channel, entered.len() == 1)).collect();
        calls.append(&mut self.attempts(&entered));
        calls
    }

    /// Carriers' channels that are in the dialplan themselves: they are not only the other side of what the house dialled.
    fn entered(&self) -> Vec<String> {
        let mut channels: Vec<&Leg> = self.legs.iter().filter(|leg| self.is_in_the_dialplan(leg)).collect();
        channels.sort_by_key(|leg| leg.start);
        let mut names: Vec<String> = Vec::new();
        for leg in channels {
            if !names.iter().any(|name| *name == leg.channel) {
                names.push(leg.channel.to_string());
            }
        }
        names
    }

    fn is_in_the_dialplan(&self, leg: &Leg) -> bool {
        self.names.carrier(&leg.channel).is_some() && leg.app != App::Outgoing && !self.is_dialled(leg)
    }

    /// Whether the house had dialled a leg's channel before: it came into the dialplan when it was passed on.
    fn is_dialled(&self, leg: &Leg) -> bool {
        let of_this = |other: &&Leg| other.app == App::Dial && other.party == leg.channel && other.start <= leg.start;
        self.legs.iter().filter(of_this).any(|other| self.names.carrier(&other.channel).is_none())
    }

    /// The call of a carrier's channel in the dialplan.
    fn far(&mut self, channel: &str, alone: bool) -> Option<CallRecord> {
        let own = in_time(self.legs.iter().filter(|leg| leg.channel == channel));
        let (first, last) = (*own.first()?, *own.last()?);
        let names = self.names;
        let route = names.carrier(channel)?;
        let direction = self.direction(&own);
        let mut record = CallRecord::only(call_id(channel, first)?, first.start);
        record.ended_at = own.iter().map(|leg| leg.end).max();
        self.common(&own, route, &mut record);
        record.direction = direction;
        self.numbers(&own, route, &mut record);
        let queue = own.iter().find(|leg| leg.app == App::Queue);
        record.queue = queue.and_then(|leg| QueueId::new(leg.data.split([',', '|']).next()?).ok());
        let talk = self.talk(&own, alone);
        let answered = own.iter().filter_map(|leg| leg.answered).min();
        // Whom the dialer calls is put into a queue when he has answered.
        let from = answered.filter(|_| direction == Some(Direction::Outbound));
        record.queued_at = queue.map(|leg| from.map_or(leg.start, |answered| leg.start.max(answered)));
        record.bridged_at = talk.as_ref().map(|talk| talk.since);
        record.agent = talk.map(|talk| talk.agent);
        record.answered_at = match direction {
            // A queue that answers says so; an announcement that answers is nobody.
            Some(Direction::Inbound) if queue.is_none() => record.bridged_at.or_else(|| self.somebody(&own, alone)),
            Some(Direction::Inbound | Direction::Outbound) | None => answered,
        };
        let nobody_seen = record.bridged_at.is_none() && !own.iter().all(|leg| leg.is_a_machines());
        if record.answered_at.is_none() {
            record.outcome = match last.ending {
                // A machine had answered; what else did, and whether for somebody, can't be known.
                Ending::Answered => (!nobody_seen).then_some(Outcome::NoAnswer),
                Ending::Not(outcome) => Some(outcome),
            };
        }
        let unseen = if nobody_seen { CannotTell::AGENT } else { CannotTell::NOTHING };
        // How long who was answered had waited: the record of the last telephone has no moment of its own. Who left the
        // queue for a machine or somebody else did not hang up in it, and when he left is not told.
        let went_on = own.iter().max_by_key(|leg| leg.end).is_some_and(|leg| leg.leaves_a_queue());
        let untimed = queue.is_some() && (record.bridged_at.is_some() || went_on);
        record.cannot_tell =
            Some(NEVER_TOLD.and(unseen).and(if untimed { CannotTell::QUEUE } else { CannotTell::NOTHING }));
        Some(record)
    }

    /// A carrier's channel brings somebody in where its context is named so, or the file tells the number called. The dialer
    /// called by it where its context is named as the dialer's, or where it dialled its own carrier in vain (so a PBX writes
    /// what it could not originate). Any other context tells nothing: a record has the last that the channel was in, and who
    /// came in may have been led there.
    fn direction(&self, own: &[&Leg]) -> Option<Direction> {
        if own.iter().any(|leg| !leg.did.is_empty() || self.names.inbound.contains(&leg.context)) {
            return Some(Direction::Inbound);
        }
        let of_the_dialer = own.iter().any(|leg| self.names.outbound.contains(&leg.context) || dials_itself(leg));
        of_the_dialer.then_some(Direction::Outbound)
    }

    fn numbers(&mut self, own: &[&Leg], route: &RouteConfig, record: &mut CallRecord) {
        let Some(first) = own.first() else { return };
        let names = self.names;
        let party = |text: &str| names.party(text, route);
        let dialled = own.iter().find_map(|leg| connected(&leg.party).and_then(party).or_else(|| self.dialled_by(leg)));
        record.from = party(&first.src);
        match record.direction {
            Some(Direction::Inbound) => {
                let did = own.iter().find(|leg| !leg.did.is_empty()).map_or(&first.dst, |leg| &leg.did);
                // A record has the number that its channel was led to last: where it dialled it, that is somebody else's.
                record.to = party(did).filter(|to| Some(to) != dialled.as_ref());
                if let Some(number) = record.to.as_ref().and_then(Party::number) {
                    self.own.called(number);
                }
            }
            Some(Direction::Outbound) => {
                record.to = connected(&first.channel).and_then(party).or(dialled).or_else(|| party(&first.dst));
                record.from = self.shown(first, route, record.to.as_ref());
            }
            // Both may be persons.
            None => record.to = dialled.or_else(|| party(&first.dst)),
        }
    }

    /// The number that a leg dialled at a carrier.
    fn dialled_by(&self, leg: &Leg) -> Option<Party> {
        let mut all = self.names.dialled(&leg.data).filter(|_| leg.app == App::Dial);
        all.find_map(|(route, number)| self.names.party(number, route))
    }

    /// Who of the house talked longest: a telephone that the channel was connected with, else one behind a Local channel
    /// of the same call, else the telephone that such a channel is named after.
    fn talk(&self, own: &[&Leg], alone: bool) -> Option<Talk> {
        // Of several who talked one after another, the first was when somebody of the house came on the line.
        let longest = |legs: &mut dyn Iterator<Item = &Leg>, agent: &dyn Fn(&Leg) -> Option<AgentId>| {
            let talks = legs.filter_map(|leg| Some((leg.talk(), Talk { agent: agent(leg)?, since: leg.connected()? })));
            let talks: Vec<(Span, Talk)> = talks.collect();
            let since = talks.iter().map(|(_, talk)| talk.since).min()?;
            talks.into_iter().max_by_key(|(talk, _)| *talk).map(|(_, talk)| Talk { since, ..talk })
        };
        let party = |leg: &Leg| {
            let telephone = !(leg.app == App::Dial && is_dialled_through(&leg.data, &leg.party));
            self.names.telephone(&leg.party).filter(|_| telephone)
        };
        let direct = longest(&mut own.iter().copied(), &party);
        let behind = || {
            let mut halves = self.legs.iter().filter(|leg| alone && is_local(&leg.channel));
            longest(&mut halves, &party)
        };
        // A Local channel that dialled a carrier led out of the house, whatever it is named after.
        let leads_out = self.legs.iter().any(|leg| is_local(&leg.channel) && self.names.carrier(&leg.party).is_some());
        let named = || longest(&mut own.iter().copied().filter(|_| !leads_out), &|leg| Names::behind_local(&leg.party));
        direct.or_else(behind).or_else(named)
    }

    /// When somebody who is no agent answered: outside of the house, or at what nobody configured.
    fn somebody(&self, own: &[&Leg], alone: bool) -> Option<Moment> {
        let met = |leg: &&Leg| !leg.party.is_empty() && !is_local(&leg.party);
        let halves = self.legs.iter().filter(|leg| alone && is_local(&leg.channel));
        own.iter().copied().chain(halves).filter(met).filter_map(Leg::connected).min()
    }

    /// The carriers' channels that the house dialled, and what was dialled and never became one; but for those that are
    /// calls already.
    fn attempts(&mut self, entered: &[String]) -> Vec<CallRecord> {
        let legs = in_time(self.legs.iter());
        let mut attempts: Vec<Vec<&Leg>> = Vec::new();
        for leg in &legs {
            let carriers = |channel: &SmolStr| {
                self.names.carrier(channel).is_some() && !entered.iter().any(|known| *known == *channel)
            };
            let met = Some(&leg.party).filter(|channel| carriers(channel));
            let dialled = met.filter(|_| leg.app.dials());
            let other_side = Some(&leg.channel).filter(|channel| carriers(channel));
            let refused = entered.is_empty()
                && leg.party.is_empty()
                && leg.app == App::Dial
                && self.names.dialled(&leg.data).next().is_some();
            let known = |attempt: &Vec<&Leg>| match met.or(other_side) {
                Some(channel) => attempt.iter().any(|seen| {
                    seen.party == *channel || seen.channel == *channel || (dialled.is_some() && at_once(seen, leg))
                }),
                // The same dialling once more, after its channel was gone. Whoever was dialled beside it has a party.
                None => {
                    let again = |seen: &&Leg| seen.id == leg.id && seen.data == leg.data && !seen.party.is_empty();
                    leg.party.is_empty() && attempt.iter().any(again)
                }
            };
            match attempts.iter_mut().find(|attempt| known(attempt)) {
                Some(attempt) => attempt.push(leg),
                None if dialled.or(other_side).is_some() || refused => attempts.push(vec![leg]),
                None => {}
            }
        }
        attempts.into_iter().filter_map(|attempt| self.attempt(&attempt)).collect()
    }

    /// One attempt: its records, of both sides, or of several that were dialled at once.
    fn attempt(&mut self, legs: &[&Leg]) -> Option<CallRecord> {
        let names = self.names;
        let dialling = legs.iter().filter(|leg| leg.app.dials() && names.carrier(&leg.party).is_some());
        let lead = dialling.max_by_key(|leg| leg.talk()).or_else(|| legs.first())?;
        let carriers = || [&lead.party, &lead.channel].into_iter().find(|name| names.carrier(name).is_some());
        let (channel, route) = match carriers() {
            Some(channel) => (channel.as_str(), names.carrier(channel)?),
            None => ("", names.dialled(&lead.data).next()?.0),
        };
        let other_side = legs.iter().find(|leg| leg.channel == channel && !leg.id.is_empty());
        let id = match other_side {
            Some(leg) => CallId::new(&leg.id).ok()?,
            None => dialled_id(channel, lead)?,
        };
        let start = self.began(lead, legs.iter().map(|leg| leg.start).min()?);
        let mut record = CallRecord::only(id, start);
        record.ended_at = self.ended(lead, channel, legs);
        self.common(legs, route, &mut record);
        record.direction = Some(Direction::Outbound);
        record.to = connected(channel)
            .and_then(|number| names.party(number, route))
            .or_else(|| self.dialled_at(lead, route))
            .or_else(|| names.party(&lead.dst, route))
            .or_else(|| names.party(&lead.src, route).filter(|_| lead.app == App::Outgoing));
        record.from = self.shown(lead, route, record.to.as_ref());
        // Both sides tell it; one that was passed on afterwards tells of that.
        let answered = other_side.and_then(|leg| leg.answered).into_iter().chain(lead.answered).min();
        // The answer of a channel that dialled and got none is its own.
        record.answered_at = answered.filter(|_| !channel.is_empty()).map(|at| at.max(start));
        match record.answered_at {
            Some(answered) => {
                let talk = self.on_the_line(lead, answered, record.ended_at.unwrap_or(answered));
                record.bridged_at = talk.as_ref().map(|talk| talk.since);
                record.agent = talk.map(|talk| talk.agent);
            }
            None => {
                record.outcome = Some(match lead.ending {
                    Ending::Answered => Outcome::Failed,
                    Ending::Not(outcome) => outcome,
                });
            }
        }
        let unseen = if record.bridged_at.is_none() { CannotTell::AGENT } else { CannotTell::NOTHING };
        record.cannot_tell = Some(NEVER_TOLD.and(unseen));
        Some(record)
    }

    /// When an attempt was over: with the channel that was answered, else with the last of those that were dialled; by what
    /// dialled them where there never was one.
    fn ended(&self, lead: &Leg, channel: &str, legs: &[&Leg]) -> Option<Moment> {
        let dialled = |name: &str| legs.iter().any(|leg| leg.party == name) && self.names.carrier(name).is_some();
        let end_of = |is_of: &dyn Fn(&str) -> bool| {
            let its_own = legs.iter().filter(|leg| is_of(&leg.party) || is_of(&leg.channel));
            its_own.map(|leg| leg.end).max()
        };
        let answered = lead.answered.filter(|_| !channel.is_empty()).and_then(|_| end_of(&|name| name == channel));
        let ended = answered.or_else(|| end_of(&|name| dialled(name) || (name == channel && !channel.is_empty())));
        ended.or_else(|| legs.iter().map(|leg| leg.end).max())
    }

    /// A Local channel that was dialled first, and gave way to the carrier's, began the attempt.
    fn began(&self, lead: &Leg, start: Moment) -> Moment {
        let before = |leg: &&Leg| {
            leg.id == lead.id && leg.channel == lead.channel && is_local(&leg.party) && near(leg.end, lead.start)
        };
        self.legs.iter().filter(before).map(|leg| leg.start).chain([start]).min().unwrap_or(start)
    }

    /// What was dialled at this carrier, where several were dialled at once.
    fn dialled_at(&self, leg: &Leg, route: &RouteConfig) -> Option<Party> {
        let mut all = self.names.dialled(&leg.data);
        all.find(|(of, _)| of.route == route.route).and_then(|(_, number)| self.names.party(number, route))
    }

    /// The number shown outside, where it is the floor's.
    fn shown(&self, lead: &Leg, route: &RouteConfig, to: Option<&Party>) -> Option<Party> {
        let text = if lead.shown.is_empty() { &lead.src } else { &lead.shown };
        let shown = self.names.party(text, route).filter(|shown| self.own.has_party(shown));
        shown.filter(|shown| Some(shown) != to)
    }

    /// The agent who was on the line when the far end answered, or came later: who dialled, else a telephone behind a Local
    /// channel of the same call.
    fn on_the_line(&self, lead: &Leg, answered: Moment, ended: Moment) -> Option<Talk> {
        if let Some(agent) = self.names.telephone(&lead.channel) {
            return Some(Talk { agent, since: answered });
        }
        let behind = self.legs.iter().filter(|leg| is_local(&leg.channel) || is_local(&leg.party));
        let talks = behind.filter_map(|leg| {
            let agent = [&leg.channel, &leg.party].into_iter().find_map(|name| self.names.telephone(name))?;
            let since = leg.connected()?.max(answered);
            (since <= ended && leg.end >= answered).then_some((leg.end.min(ended).since(since), Talk { agent, since }))
        });
        talks.max_by_key(|(together, _)| *together).map(|(_, talk)| talk)
    }

    /// What is said of every call.
    fn common(&self, legs: &[&Leg], route: &RouteConfig, record: &mut CallRecord) {
        record.route = Some(route.route.clone());
        let accounts = legs.iter().copied().chain(self.legs).map(|leg| leg.account.as_str());
        record.campaign =
            accounts.filter(|account| !account.is_empty()).find_map(|account| self.names.campaign(account));
        record.mode = record.campaign.as_ref().and_then(|campaign| self.names.modes.get(campaign)).copied();
    }
}

impl Leg {
    /// Whether nobody of the house can have been on the line: it was never answered, or had no party and was not where
    /// people meet unseen.
    fn is_a_machines(&self) -> bool {
        self.answered.is_none() || (self.party.is_empty() && !self.app.meets_unseen())
    }

    /// Whether whoever had waited in a queue was led elsewhere by then.
    const fn leaves_a_queue(&self) -> bool {
        match self.app {
            App::Announcement | App::Dial | App::Conference | App::Joining | App::Program => true,
            App::Queue | App::Outgoing | App::HangUp | App::Other => false,
        }
    }
}

fn in_time<'l>(legs: impl Iterator<Item = &'l Leg>) -> Vec<&'l Leg> {
    let mut legs: Vec<&Leg> = legs.collect();
    legs.sort_by_key(|leg| (leg.start, leg.end));
    legs
}

fn near(a: Moment, b: Moment) -> bool {
    a <= b + TOGETHER && b <= a + TOGETHER
}

/// Whether two records are of destinations that one channel dialled at once.
fn at_once(one: &Leg, other: &Leg) -> bool {
    let same = !one.id.is_empty() && one.id == other.id && one.data == other.data;
    same && near(one.start, other.start) && one.data.contains('&')
}

/// Whether a leg tried the endpoint that its own channel is of, in vain.
fn dials_itself(leg: &Leg) -> bool {
    let Some(name) = ChannelName::read(&leg.channel) else { return false };
    let in_vain = leg.app == App::Dial && leg.party.is_empty() && leg.answered.is_none();
    in_vain && destinations(&leg.data).filter_map(endpoint_of).any(|of| of == (name.tech, name.resource))
}

/// A carrier's own channel names its call, as when the PBX is followed.
fn call_id(channel: &str, leg: &Leg) -> Option<CallId> {
    let name = if leg.id.is_empty() { format!("{channel}@{}", leg.start.secs()) } else { leg.id.to_string() };
    CallId::new(&name).ok()
}

/// A leg that has no record of its own is named by the channel that dialled it, and its own name; without the number that
/// may be part of that.
fn dialled_id(channel: &str, leg: &Leg) -> Option<CallId> {
    let line = match (ChannelName::read(channel), channel.rsplit_once('-')) {
        (Some(name), Some((_, number))) if name.resource.contains('/') => {
            let endpoint = name.resource.split('/').next().unwrap_or_default();
            format!("{}/{endpoint}-{number}", name.tech)
        }
        _ if channel.is_empty() => {
            let (tech, endpoint) = destinations(&leg.data).find_map(endpoint_of)?;
            format!("{tech}/{endpoint}@{}", leg.start.secs())
        }
        _ => channel.to_owned(),
    };
    let name = if leg.id.is_empty() { format!("{line}@{}", leg.start.secs()) } else { format!("{}/{line}", leg.id) };
    CallId::new(&name).ok()
}
