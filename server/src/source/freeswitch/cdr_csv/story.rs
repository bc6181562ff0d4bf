//! What the legs of one call tell together.
//!
//! The leg that was there first is the call; a leg that it was bridged with, or that went out for it, is none of its own, but
//! tells more: the number that went out, or the telephone that was reached. Of carriers that are dialled at once one attempt is
//! made, by the one that answered, else the last; the others are named in `metadata`. One that had refused before the next was
//! tried is an attempt of its own, as where the PBX is followed. So is a leg by which somebody who called is passed on to
//! outside: nobody of the floor can be seen on it, and what it shows may be the caller's number. A call between telephones of
//! the house, a feature code and a menu are none at all.

use super::leg::Leg;
use super::template::Template;
use crate::source::numbers::{self, Dialled};
use crate::source::own::OwnNumbers;
use crate::source::pattern::Pattern;
use app::domain::event::{CallRecord, Metadata};
use app::domain::outcome::{Direction, HungUpBy, Outcome};
use app::domain::phone::Party;
use app::domain::{AgentId, CallId, CampaignId, CannotTell, Country, QueueId, RouteId};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// What names mean.
#[derive(Debug, Clone, Default)]
pub struct House {
    pub country: Option<Country>,
    /// Contexts of the dialplan at which calls from outside arrive.
    pub inbound: BTreeSet<SmolStr>,
    /// Contexts of the calls that the dialer makes.
    pub outbound: BTreeSet<SmolStr>,
    /// The route of each gateway; where none is named each gateway is its own.
    pub gateways: BTreeMap<SmolStr, RouteId>,
    /// The floor's own numbers, as far as they are named.
    pub dids: Vec<Pattern>,
}

/// What a leg is to the floor, by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    Inbound,
    Outbound,
    /// From outside or to it, and nobody said which.
    Either,
    House,
    /// By a gateway that belongs to no route.
    NoRoute,
}

impl House {
    fn read(&self, text: &str) -> Dialled {
        numbers::read(text, None, self.country)
    }

    pub fn standing(&self, leg: &Leg) -> Standing {
        if !leg.gateway.is_empty() && !self.gateways.is_empty() && !self.gateways.contains_key(&leg.gateway) {
            return Standing::NoRoute;
        }
        // A leg that goes out bears the context of the one that it goes out for.
        if self.inbound.contains(&leg.context) && !(leg.went_out && self.is_to_a_number(leg)) {
            return Standing::Inbound;
        }
        if !self.is_to_a_number(leg) {
            return Standing::House;
        }
        // Any other context tells nothing: who came in may have been led there, or come in there by a second carrier.
        if self.is_from_within(leg) || leg.went_out || self.outbound.contains(&leg.context) {
            return Standing::Outbound;
        }
        Standing::Either
    }

    /// Which number is the floor's, where a leg came in.
    pub fn learn(&self, leg: &Leg, own: &mut OwnNumbers) {
        if self.standing(leg) == Standing::Inbound {
            self.read(&leg.destination).number().iter().for_each(|number| own.called(number));
        }
    }

    /// The calls that legs of one call tell of.
    pub fn calls(&self, template: &Template, legs: &[Leg], own: &OwnNumbers) -> Vec<CallRecord> {
        let firsts: Vec<&Leg> = legs.iter().map(|leg| self.first(legs, leg)).collect();
        let is_a_call = |leg: &&Leg| firsts.iter().any(|first| first.uuid == leg.uuid);
        let mut calls = Vec::new();
        for call in legs.iter().filter(is_a_call) {
            let all = legs.iter().zip(&firsts).filter(|(leg, first)| first.uuid == call.uuid && leg.uuid != call.uuid);
            let b_legs: Vec<&Leg> = all.map(|(leg, _)| leg).collect();
            let attempts = match self.standing(call) {
                Standing::Inbound => {
                    calls.extend(self.call(template, call, &b_legs, Some(Direction::Inbound)));
                    self.passed_on(template, call, &b_legs)
                }
                Standing::Outbound => self.attempts(template, call, &b_legs),
                Standing::Either => {
                    calls.extend(self.call(template, call, &b_legs, None));
                    continue;
                }
                Standing::House | Standing::NoRoute => continue,
            };
            calls.extend(attempts.into_iter().map(|mut record| {
                record.from = record.from.take().filter(|from| from.number().is_none() || own.has_party(from));
                record
            }));
        }
        calls
    }

    /// One for each carrier that had refused before the next was tried, and one for the rest.
    fn attempts(&self, template: &Template, call: &Leg, b_legs: &[&Leg]) -> Vec<CallRecord> {
        let (refused, rest): (Vec<&Leg>, Vec<&Leg>) = b_legs.iter().partition(|leg| was_refused(leg, b_legs));
        let outbound = Some(Direction::Outbound);
        let mut calls: Vec<_> = refused.iter().filter_map(|leg| self.call(template, leg, &[], outbound)).collect();
        calls.extend(self.call(template, call, &rest, outbound));
        calls
    }

    /// The attempts to reach those whom a caller is passed on to.
    fn passed_on(&self, template: &Template, call: &Leg, b_legs: &[&Leg]) -> Vec<CallRecord> {
        let mut by_person: BTreeMap<Option<SmolStr>, Vec<&Leg>> = BTreeMap::new();
        for leg in b_legs.iter().copied().filter(|leg| self.leads_on(template, call, leg)) {
            by_person.entry(leg.dialled()).or_default().push(leg);
        }
        let attempts = by_person.values().flat_map(|legs| {
            // The first that had not refused names the attempt; it is one of those that tell of it.
            let first = legs.iter().copied().filter(|leg| !was_refused(leg, legs)).min_by_key(|leg| leg.start);
            first.map(|first| self.attempts(template, first, legs)).unwrap_or_default()
        });
        attempts
            .map(|mut record| {
                (record.bridged_at, record.agent) = (None, None);
                record.cannot_tell = record.cannot_tell.map(|untold| untold.and(CannotTell::AGENT));
                record
            })
            .collect()
    }

    /// Whether a leg leads on from a call that came in, to somebody outside other than whom it was for.
    fn leads_on(&self, template: &Template, call: &Leg, leg: &Leg) -> bool {
        let by_a_carrier = self.gateways.contains_key(&leg.gateway);
        let may_be_a_telephone = template.names_gateways() && leg.gateway.is_empty();
        self.is_to_a_number(leg) && (by_a_carrier || (!may_be_a_telephone && leg.dialled() != call.dialled()))
    }

    fn is_to_a_number(&self, leg: &Leg) -> bool {
        !leg.rang_inside && matches!(self.read(&leg.destination), Dialled::Number(_))
    }

    /// The leg that another one goes back to.
    fn first<'l>(&self, legs: &'l [Leg], leg: &'l Leg) -> &'l Leg {
        let mut first = leg;
        // Each is before the one that goes back to it, so that this ends.
        while let Some(before) = self.before(legs, first) {
            first = before;
        }
        first
    }

    /// The leg that this one was bridged with, or went out for.
    fn before<'l>(&self, legs: &'l [Leg], leg: &Leg) -> Option<&'l Leg> {
        // Within one second: who called in, or a telephone of the house; then the one that names another.
        let order = |leg: &Leg| {
            let came_in = self.standing(leg) == Standing::Inbound;
            (leg.start, !came_in, !self.is_from_within(leg), leg.b_leg.is_empty(), leg.uuid.clone())
        };
        let earlier = || legs.iter().filter(|other| order(other) < order(leg));
        let named =
            earlier().filter(|other| other.b_leg == leg.uuid || other.uuid == leg.call || other.uuid == leg.b_leg);
        named.min_by_key(|other| order(other)).or_else(|| {
            // Two callers of one number are two calls.
            let out = |other: &Leg| match self.standing(other) {
                Standing::Outbound => self.standing(leg) != Standing::Inbound,
                Standing::Inbound | Standing::Either => leg.went_out,
                Standing::House | Standing::NoRoute => false,
            };
            let unnamed = earlier().filter(|other| leg.went_out_for(other) && out(other) && !self.is_from_within(leg));
            unnamed.min_by_key(|other| order(other))
        })
    }

    fn is_from_within(&self, leg: &Leg) -> bool {
        matches!(self.read(&leg.caller), Dialled::Extension)
    }

    fn call(
        &self,
        template: &Template,
        leg: &Leg,
        b_legs: &[&Leg],
        direction: Option<Direction>,
    ) -> Option<CallRecord> {
        let mut record = CallRecord::only(CallId::new(&leg.uuid).ok()?, leg.start);
        record.direction = direction;
        record.ended_at = leg.end;
        record.campaign = CampaignId::new(&leg.campaign).ok();
        let reached = b_legs.iter().copied().filter(|b| b.answered.is_some()).min_by_key(|b| b.answered);
        let onward = |b: &Leg| direction == Some(Direction::Inbound) && self.leads_on(template, leg, b);
        let carriers: Vec<&Leg> = b_legs.iter().copied().filter(|b| !onward(b)).collect();
        let last = carriers.iter().copied().max_by_key(|b| b.start);
        let taken = reached.filter(|b| !onward(b)).or(last).into_iter().chain([leg]).chain(carriers.iter().copied());
        record.route = taken.map(|leg| self.route(leg)).find(Option::is_some).flatten();
        record.metadata = self.tried(leg, &carriers, record.route.as_ref());
        record.queue = QueueId::new(&leg.queue).ok();
        record.queued_at = leg.queued;
        record.agent = AgentId::new(&leg.agent).ok();
        if direction == Some(Direction::Inbound) {
            self.inbound(leg, b_legs, reached, &mut record);
        } else {
            self.outbound(leg, b_legs, reached, &mut record);
        }
        let untold = |tells: bool, what: CannotTell| if tells { CannotTell::NOTHING } else { what };
        // Of a call from outside the other leg's name tells that there was one.
        let names_legs = template.has("bleg_uuid") || template.has("bridge_uuid");
        let met_nobody =
            direction == Some(Direction::Inbound) && names_legs && b_legs.is_empty() && leg.b_leg.is_empty();
        // Whom the floor passes a caller on to may be of the floor, at a telephone that it does not see.
        let passed_on = reached.is_some_and(onward) && record.agent.is_none();
        if passed_on {
            record.bridged_at = None;
        }
        let contradicts = [leg].into_iter().chain(b_legs.iter().copied()).any(|leg| !leg.contradicting.is_empty());
        let told = template.tells("bridge") && !passed_on && !contradicts;
        let tells_agent = record.bridged_at.is_some() || told || met_nobody;
        let tells_ringing = template.tells("progress") || template.tells("progress_media");
        if !tells_agent && record.answered_at.is_none() && leg.answered.is_some() {
            record.outcome = None;
        }
        record.cannot_tell = Some(
            untold(tells_ringing && !contradicts, CannotTell::PROGRESS)
                .and(untold(tells_agent, CannotTell::AGENT))
                .and(untold(record.queue.is_none() || record.queued_at.is_some(), CannotTell::QUEUE))
                .and(CannotTell::ANSWERED_BY),
        );
        Some(record)
    }

    fn route(&self, leg: &Leg) -> Option<RouteId> {
        let named = || RouteId::new(&leg.gateway).ok();
        if leg.gateway.is_empty() { None } else { self.gateways.get(&leg.gateway).cloned().or_else(named) }
    }

    /// The carriers that were tried beside the one that the call counts by.
    fn tried(&self, leg: &Leg, b_legs: &[&Leg], by: Option<&RouteId>) -> Option<Metadata> {
        let mut others: Vec<RouteId> =
            [leg].into_iter().chain(b_legs.iter().copied()).filter_map(|leg| self.route(leg)).collect();
        others.retain(|route| Some(route) != by);
        others.sort();
        others.dedup();
        let names: Vec<&str> = others.iter().map(RouteId::as_str).collect();
        (!names.is_empty()).then(|| Metadata([("other_routes".to_owned(), names.join(" "))].into()))
    }

    /// A call from outside is answered by whoever it was bridged with; a menu that answers is nobody.
    fn inbound(&self, leg: &Leg, b_legs: &[&Leg], reached: Option<&Leg>, record: &mut CallRecord) {
        record.from = self.read(&leg.caller).party();
        record.to = self.read(&leg.destination).party();
        record.bridged_at = leg.bridged;
        let telephone = |b: &&Leg| b.gateway.is_empty() && matches!(self.read(&b.destination), Dialled::Extension);
        if let Some(b) = reached.filter(telephone) {
            record.agent = record.agent.take().or_else(|| AgentId::new(&b.destination).ok());
            record.bridged_at = record.bridged_at.or(b.answered);
        }
        let bridged_alone = leg.answered.filter(|_| b_legs.is_empty() && !leg.b_leg.is_empty());
        let by_a_queue = leg.answered.filter(|_| leg.queued.is_some());
        record.answered_at =
            by_a_queue.or(reached.and_then(|b| b.answered)).or(bridged_alone).or(leg.bridged.and(leg.answered));
        match (record.answered_at, leg.answered) {
            (Some(_), _) => record.hung_up_by = leg.hung_up_by_far_end.then_some(HungUpBy::Person),
            (None, Some(_)) => record.outcome = Some(Outcome::NoAnswer),
            (None, None) => ended(leg, record),
        }
    }

    /// Of a call to outside the leg that went out tells, where there is one.
    fn outbound(&self, leg: &Leg, b_legs: &[&Leg], reached: Option<&Leg>, record: &mut CallRecord) {
        let last = b_legs.iter().copied().max_by_key(|b| b.start);
        let far = reached.or(last).unwrap_or(leg);
        let number = |leg: &Leg| self.read(&leg.destination).number().map(Party::Number);
        record.to = number(far).or_else(|| number(leg));
        // What a telephone of the house shows outside is the floor's; where both ends are one number, it is the person's.
        let shown = || self.read(&far.caller).number().map(Party::Number);
        record.from = self.read(&leg.caller).party().or_else(shown).filter(|from| Some(from) != record.to.as_ref());
        record.progress_at = leg.progress.or(far.progress);
        record.answered_at = far.answered;
        record.bridged_at = leg.bridged.filter(|_| far.answered.is_some());
        if record.answered_at.is_none() {
            ended(far, record);
        } else {
            record.hung_up_by = far.hung_up_by_far_end.then_some(HungUpBy::Person);
        }
    }
}

/// Whether a carrier had refused before the last one was tried.
fn was_refused(leg: &Leg, others: &[&Leg]) -> bool {
    let last = others.iter().map(|other| other.start).max();
    let over = leg.answered.is_none() && leg.end.zip(last).is_some_and(|(end, last)| end <= last && leg.start < last);
    over && !leg.gave_way
}

fn ended(leg: &Leg, record: &mut CallRecord) {
    let super::leg::Ending { sip_code, sip_reason, q850, outcome } = leg.ending.clone();
    (record.sip_code, record.sip_reason, record.q850, record.outcome) = (sip_code, sip_reason, q850, outcome);
}
