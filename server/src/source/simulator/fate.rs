//! What becomes of a call: drawn when it is dialled, by the live floor and by its history alike, so that both have the
//! same rates and a baseline means something.

use super::dice::{Dice, Quota, Rhythm};
use super::plan::FloorPlan;
use super::scenario::Scenario;
use app::domain::outcome::{HungUpBy, TransferKind};
use app::domain::{Outcome, Span};
use std::collections::BTreeSet;

/// Chance, and what it owes each number, campaign and route.
#[derive(Debug, Clone)]
pub struct Luck {
    pub dice: Dice,
    answered: Vec<Quota>,
    live: Vec<Quota>,
    faults: Vec<Quota>,
    unknown: Vec<Quota>,
}

/// Where a call goes, and how it presents itself: positions in the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Path {
    pub campaign: usize,
    pub land: usize,
    pub did: usize,
    pub route: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Fate {
    /// Dialled to ringing.
    pub pdd: Span,
    /// Ringing to answer, or to giving up.
    pub ring: Span,
    pub ending: Ending,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    Live(Talk),
    /// A person answers and hangs up before anyone could speak.
    HungUpAtOnce(Span),
    Machine(Span),
    /// Rang, and nobody answered.
    Rang(Refused),
    /// Refused before it rang.
    Refused(Refused),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Talk {
    /// The person's greeting.
    pub greeting: Span,
    pub talk: Span,
    pub wrap: Span,
    pub hold: Option<Span>,
    pub right_party: bool,
    pub transfer: Option<TransferKind>,
    pub hung_up_by: HungUpBy,
    /// How long this person would wait for an agent who never comes.
    pub patience: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    pub outcome: Outcome,
    pub sip: u16,
    pub reason: &'static str,
    pub q850: Option<u16>,
    pub hung_up_by: HungUpBy,
}

/// Of all calls, those that a route fails on a good day.
const ROUTE_FAULTS: f64 = 0.002;
/// Of a campaign's calls, those to numbers that do not exist.
const UNKNOWN_NUMBERS: f64 = 0.003;
const NOT_FOUND: Refused = refused(Outcome::Failed, 404, "Not Found", 1, HungUpBy::Network);
/// Of the people who answer, those who hang up at once.
const AT_ONCE: f64 = 0.03;

/// Which round of a list a call is of, and of how many.
const ROUNDS: [(u32, f64); 5] = [(1, 0.52), (2, 0.25), (3, 0.13), (4, 0.07), (5, 0.03)];
/// Of all calls about, those that reach a person and an agent.
const REACHED: f64 = 0.105;

const fn refused(outcome: Outcome, sip: u16, reason: &'static str, q850: u16, hung_up_by: HungUpBy) -> Refused {
    Refused { outcome, sip, reason, q850: Some(q850), hung_up_by }
}
const UNAVAILABLE: Refused = refused(Outcome::Congestion, 503, "Service Unavailable", 41, HungUpBy::Network);
const FAULTS: [(Refused, f64); 4] = [
    (UNAVAILABLE, 0.5),
    (refused(Outcome::Failed, 500, "Server Internal Error", 41, HungUpBy::Network), 0.2),
    (refused(Outcome::Failed, 502, "Bad Gateway", 38, HungUpBy::Network), 0.1),
    (refused(Outcome::Failed, 408, "Request Timeout", 102, HungUpBy::Network), 0.2),
];
/// Calls that end without an answer on a good day: the second word is of those that rang.
const NO_ANSWER: Refused = refused(Outcome::NoAnswer, 487, "Request Terminated", 19, HungUpBy::Dialer);
const UNREACHED: [(Ending, f64); 5] = [
    (Ending::Rang(NO_ANSWER), 0.73),
    (Ending::Rang(refused(Outcome::NoAnswer, 480, "Temporarily Unavailable", 18, HungUpBy::Network)), 0.07),
    (Ending::Refused(refused(Outcome::Busy, 486, "Busy Here", 17, HungUpBy::Person)), 0.14),
    (Ending::Rang(refused(Outcome::Busy, 603, "Decline", 21, HungUpBy::Person)), 0.04),
    (Ending::Rang(refused(Outcome::Cancelled, 487, "Request Terminated", 16, HungUpBy::Dialer)), 0.02),
];
const BLOCKED: [(Ending, f64); 3] = [
    (Ending::Refused(refused(Outcome::Failed, 603, "Network Blocked", 21, HungUpBy::Network)), 0.5),
    (Ending::Refused(refused(Outcome::Failed, 607, "Unwanted", 21, HungUpBy::Network)), 0.3),
    (Ending::Refused(refused(Outcome::Failed, 608, "Rejected", 21, HungUpBy::Network)), 0.2),
];

impl Luck {
    #[must_use]
    pub fn new(plan: &FloorPlan, seed: u64, stream: u64) -> Self {
        Self {
            dice: Dice::new(seed, stream),
            answered: vec![Quota::default(); plan.dids.len()],
            live: vec![Quota::default(); plan.campaigns.len()],
            faults: vec![Quota::default(); plan.routes.len()],
            unknown: vec![Quota::default(); plan.campaigns.len()],
        }
    }

    /// Chooses land, own number and route for a call of this campaign.
    pub fn path(&mut self, plan: &FloorPlan, campaign: usize, troubles: &BTreeSet<Scenario>) -> Path {
        let pools = &plan.campaigns[campaign].pools;
        let flagged = troubles.contains(&Scenario::DidFlagged).then_some(plan.targets.flagged_did);
        let dice = &mut self.dice;
        let Some(pool) = dice.pick(pools).or_else(|| pools.first().map(|(pool, _)| pool)) else {
            return Path { campaign, land: 0, did: 0, route: 0 };
        };
        // A number that is leaned on is how it gets its label.
        let leaned_on = flagged.filter(|did| pool.dids.iter().any(|(d, _)| d == did) && dice.chance(0.2));
        let did = leaned_on.or_else(|| dice.pick(&pool.dids).copied()).unwrap_or_default();
        let route = dice.pick(&plan.lands[pool.land].routes).copied().unwrap_or_default();
        Path { campaign, land: pool.land, did, route }
    }

    /// Draws what becomes of an outbound call.
    pub fn fate(&mut self, plan: &FloorPlan, path: Path, troubles: &BTreeSet<Scenario>) -> Fate {
        let is = |scenario, here: bool| here && troubles.contains(&scenario);
        let land = &plan.lands[path.land];
        let pdd = self.dice.length(land.pdd, 0.35);
        let targets = plan.targets;
        if is(Scenario::RouteFails, path.route == targets.failing_route) && self.dice.chance(0.8) {
            return Fate { pdd: Span::millis(250), ring: Span::ZERO, ending: Ending::Refused(UNAVAILABLE) };
        }
        if self.faults[path.route].falls(ROUTE_FAULTS, Rhythm::Even, &mut self.dice) {
            let fault = self.dice.pick(&FAULTS).copied().unwrap_or(UNAVAILABLE);
            let pdd = if fault.sip == 408 { Span::secs(6) } else { pdd };
            return Fate { pdd, ring: Span::ZERO, ending: Ending::Refused(fault) };
        }
        if self.unknown[path.campaign].falls(UNKNOWN_NUMBERS, Rhythm::Even, &mut self.dice) {
            return Fate { pdd, ring: Span::ZERO, ending: Ending::Refused(NOT_FOUND) };
        }
        let campaign = &plan.campaigns[path.campaign];
        let (mut live, mut machine) = (campaign.live, campaign.machine);
        if is(Scenario::ListDry, path.campaign == targets.dry_campaign) {
            (live, machine) = (live * 0.25, machine * 1.4);
        }
        if is(Scenario::PacingHot, path.campaign == targets.hot_campaign) {
            (live, machine) = (live * 0.82, machine);
        }
        let standing = plan.dids[path.did].standing;
        if is(Scenario::DidFlagged, path.did == targets.flagged_did) && self.dice.chance(0.85) {
            let ending = self.dice.pick(&BLOCKED).cloned().unwrap_or(Ending::Refused(UNAVAILABLE));
            return Fate { pdd, ring: Span::ZERO, ending };
        }
        let share = (live + machine) * standing;
        if self.answered[path.did].falls(share, Rhythm::Loose, &mut self.dice) {
            let by_person = self.live[path.campaign].falls(live / (live + machine), Rhythm::Loose, &mut self.dice);
            if !by_person {
                let length = self.dice.between(Span::secs(2), Span::secs(9));
                let ring = self.dice.between(Span::secs(8), Span::secs(23));
                return Fate { pdd, ring, ending: Ending::Machine(length) };
            }
            let ring = self.ring();
            if self.dice.chance(AT_ONCE) {
                let length = self.dice.between(Span::millis(600), Span::millis(1_500));
                return Fate { pdd, ring, ending: Ending::HungUpAtOnce(length) };
            }
            return Fate { pdd, ring, ending: Ending::Live(self.talk(plan, path.campaign)) };
        }
        let ending = self.dice.pick(&UNREACHED).cloned().unwrap_or(Ending::Rang(NO_ANSWER));
        let ring = match &ending {
            Ending::Rang(r) if r.outcome == Outcome::NoAnswer => self.dice.between(Span::secs(20), Span::secs(28)),
            Ending::Rang(_) => self.dice.between(Span::secs(2), Span::secs(14)),
            Ending::Live(_) | Ending::HungUpAtOnce(_) | Ending::Machine(_) | Ending::Refused(_) => Span::ZERO,
        };
        Fate { pdd, ring, ending }
    }

    /// How long it rings until a person picks up.
    pub fn ring(&mut self) -> Span {
        self.dice.between(Span::secs(3), Span::secs(18))
    }

    /// What a conversation will be like, once an agent is there.
    pub fn talk(&mut self, plan: &FloorPlan, campaign: usize) -> Talk {
        let campaign = &plan.campaigns[campaign];
        let dice = &mut self.dice;
        let transfer = dice.chance(campaign.transfers);
        let kind = if dice.chance(0.6) { TransferKind::Warm } else { TransferKind::Blind };
        Talk {
            greeting: dice.between(Span::millis(700), Span::millis(1_600)),
            talk: dice.length(campaign.talk, 0.55).max(Span::secs(8)),
            wrap: dice.length(campaign.wrap, 0.4).max(Span::secs(1)),
            hold: dice.chance(0.06).then(|| dice.between(Span::secs(3), Span::secs(8))),
            right_party: dice.chance(campaign.right_party),
            transfer: transfer.then_some(kind),
            hung_up_by: if dice.chance(0.55) { HungUpBy::Person } else { HungUpBy::Agent },
            patience: dice.between(Span::millis(2_200), Span::secs(6)),
        }
    }

    /// Which attempt at its destination this is: lists are worked through in rounds.
    pub fn attempt(&mut self, max: u32) -> u32 {
        self.dice.pick(&ROUNDS).copied().unwrap_or(1).min(max)
    }

    /// Whether nobody tries a destination again that this attempt does not reach: so many that the next round is as large
    /// as it is.
    pub fn gives_up(&mut self, attempt: u32, max: u32) -> bool {
        let share = |n: u32| ROUNDS.iter().find(|(round, _)| *round == n).map_or(0.0, |(_, share)| *share);
        let (round, next) = (share(attempt), share(attempt + 1));
        // Who is reached needs no other attempt.
        attempt >= max || self.dice.chance(((round - next) / round - REACHED).max(0.0) / (1.0 - REACHED))
    }
}
