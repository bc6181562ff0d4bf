//! What the legs of one call tell together.
//!
//! The leg that was there first is the call; a leg that it was bridged with is none of its own, but tells more: the number
//! that went out, or the telephone that was reached. A call between telephones of the house, a feature code and a menu are
//! none at all.

use super::leg::Leg;
use super::template::Template;
use crate::source::numbers::{self, Dialled};
use app::domain::event::CallRecord;
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
    /// The route of each gateway; where none is named each gateway is its own.
    pub gateways: BTreeMap<SmolStr, RouteId>,
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
        if self.inbound.contains(&leg.context) {
            return Standing::Inbound;
        }
        if !matches!(self.read(&leg.destination), Dialled::Number(_)) {
            return Standing::House;
        }
        let from_within = matches!(self.read(&leg.caller), Dialled::Extension);
        if from_within || leg.direction == "outbound" || !self.inbound.is_empty() {
            return Standing::Outbound;
        }
        Standing::Either
    }

    /// The calls that legs of one call tell of.
    pub fn calls(&self, template: &Template, legs: &[Leg]) -> Vec<CallRecord> {
        let is_b_leg = |leg: &Leg| {
            let bridged =
                legs.iter().any(|other| other.uuid != leg.uuid && other.b_leg == leg.uuid && other.start <= leg.start);
            let named = legs.iter().any(|other| other.uuid != leg.uuid && other.uuid == leg.call);
            bridged || named
        };
        let (b_legs, a_legs): (Vec<&Leg>, Vec<&Leg>) = legs.iter().partition(|leg| is_b_leg(leg));
        a_legs.into_iter().filter_map(|leg| self.call(template, leg, &b_legs)).collect()
    }

    fn call(&self, template: &Template, leg: &Leg, b_legs: &[&Leg]) -> Option<CallRecord> {
        let direction = match self.standing(leg) {
            Standing::Inbound => Some(Direction::Inbound),
            Standing::Outbound => Some(Direction::Outbound),
            Standing::Either => None,
            Standing::House | Standing::NoRoute => return None,
        };
        let mut record = CallRecord::only(CallId::new(&leg.uuid).ok()?, leg.start);
        record.direction = direction;
        record.ended_at = leg.end;
        record.campaign = CampaignId::new(&leg.campaign).ok();
        let gateway =
            [leg].into_iter().chain(b_legs.iter().copied()).map(|leg| &leg.gateway).find(|name| !name.is_empty());
        record.route = gateway.and_then(|name| self.gateways.get(name).cloned().or_else(|| RouteId::new(name).ok()));
        record.queue = QueueId::new(&leg.queue).ok();
        record.queued_at = leg.queued;
        record.agent = AgentId::new(&leg.agent).ok();
        let reached = b_legs.iter().copied().filter(|b| b.answered.is_some()).min_by_key(|b| b.answered);
        if direction == Some(Direction::Inbound) {
            self.inbound(leg, b_legs, reached, &mut record);
        } else {
            self.outbound(leg, b_legs, reached, &mut record);
        }
        let untold = |tells: bool, what: CannotTell| if tells { CannotTell::NOTHING } else { what };
        let tells_agent = record.bridged_at.is_some() || template.tells("bridge");
        record.cannot_tell = Some(
            untold(template.tells("progress") || template.tells("progress_media"), CannotTell::PROGRESS)
                .and(untold(tells_agent, CannotTell::AGENT))
                .and(untold(record.queue.is_none() || record.queued_at.is_some(), CannotTell::QUEUE))
                .and(CannotTell::ANSWERED_BY),
        );
        Some(record)
    }

    /// A call from outside is answered by whoever it was bridged with; a menu that answers is nobody.
    fn inbound(&self, leg: &Leg, b_legs: &[&Leg], reached: Option<&Leg>, record: &mut CallRecord) {
        record.from = self.read(&leg.caller).party();
        record.to = self.read(&leg.destination).party();
        record.bridged_at = leg.bridged;
        if let Some(b) = reached.filter(|b| matches!(self.read(&b.destination), Dialled::Extension)) {
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

fn ended(leg: &Leg, record: &mut CallRecord) {
    let super::leg::Ending { sip_code, sip_reason, q850, outcome } = leg.ending.clone();
    (record.sip_code, record.sip_reason, record.q850, record.outcome) = (sip_code, sip_reason, q850, outcome);
}
