//! What five minutes of the floor add to its sums: the floor itself, run for a while, its calls and agents counted by the
//! same law as those that come in.

use super::super::plan::FloorPlan;
use super::super::scenario::{Scenario, Switch};
use super::super::world::World;
use crate::law::agents::{AgentReport, closed, shares, tell};
use crate::law::change::SumKey;
use crate::law::contribute::{Judgement, contribute};
use crate::law::keys::{campaign_of, keys};
use crate::law::span::Stretch;
use app::domain::{Call, CallName, CampaignId, Data, Dimension, Event, Moment, Span, Tally};
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap};

/// The finest step of sums that are kept.
pub(super) const STEP: Span = Span::minutes(5);
/// Until a floor that opens is as it always is; until what was under way is over.
const WARM_UP: Span = Span::minutes(6);
/// Until dialers that know nothing yet have learnt how far ahead they may dial.
const LEARNING: Span = Span::minutes(40);
const DRAIN: Span = Span::minutes(10);
/// It is nobody's time: what is made of it is dated elsewhere.
const OPENED: Moment = Moment::from_secs(1_700_000_100);

/// Whose sum it is, within its campaign.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Whose {
    Key(Dimension, SmolStr),
    /// Whoever holds this seat, by its place among the campaign's.
    Seat(usize),
}

/// What one campaign adds in one step.
pub(super) type Step = BTreeMap<Whose, Tally>;

/// The steps of each campaign, by its place in the plan.
#[derive(Debug)]
pub(super) struct Model {
    steps: Vec<Vec<Step>>,
}

/// A floor whose dialers know how far ahead they may dial.
pub(super) fn taught(seed: u64, mut plan: FloorPlan) -> FloorPlan {
    let mut world = World::new(seed, plan.clone(), OPENED);
    // Nothing of it is told.
    while world.now() < OPENED + LEARNING {
        drop(world.advance(world.now() + Span::minutes(1)));
    }
    plan.campaigns.iter_mut().zip(world.learned()).for_each(|(campaign, ahead)| campaign.ahead = ahead);
    plan
}

impl Model {
    /// Runs a floor for so long, of which nothing before and after counts, with something going wrong or nothing.
    pub fn run(seed: u64, plan: &FloorPlan, trouble: Option<Scenario>, length: Span) -> Self {
        let during = Stretch { from: OPENED + WARM_UP, to: OPENED + WARM_UP + length };
        let mut world = World::new(seed, plan.clone(), OPENED);
        let mut heard = Heard::default();
        heard.take(&world.advance(during.from));
        trouble.into_iter().for_each(|scenario| world.set(scenario, Switch::On, during.from));
        // No longer than a minute of it is held as events.
        let end = during.to + DRAIN;
        while world.now() < end {
            heard.take(&world.advance(end.min(world.now() + Span::minutes(1))));
        }
        let places = usize::try_from(length.as_millis() / STEP.as_millis()).unwrap_or_default();
        let mut counting = Counting { plan, during, steps: vec![vec![Step::new(); places]; plan.campaigns.len()] };
        heard.calls.values().for_each(|call| counting.call(call, end));
        (0..plan.agents.len()).for_each(|seat| counting.seat(seat, heard.agents.get(&seat_name(plan, seat)), end));
        Self { steps: counting.steps }
    }

    pub fn steps(&self, campaign: usize) -> &[Step] {
        &self.steps[campaign]
    }
}

/// Seats that are always staffed are the first crew's.
fn seat_name(plan: &FloorPlan, seat: usize) -> SmolStr {
    plan.agents[seat].crews[0].to_smol()
}

/// All that a floor told.
#[derive(Default)]
struct Heard {
    calls: HashMap<CallName, Call>,
    agents: HashMap<SmolStr, Vec<AgentReport>>,
}

impl Heard {
    fn take(&mut self, events: &[Event]) {
        for event in events {
            if let Some((name, told)) = Call::told_by(event) {
                self.calls.entry(name).or_default().merge(&told);
            } else if let Data::AgentState(body) = &event.data {
                let campaign = body.campaign.clone().unwrap_or_else(CampaignId::none);
                let said = AgentReport { at: event.time, campaign, state: body.state, reason: None };
                tell(self.agents.entry(body.agent.to_smol()).or_default(), said);
            }
        }
    }
}

struct Counting<'p> {
    plan: &'p FloorPlan,
    during: Stretch,
    steps: Vec<Vec<Step>>,
}

impl Counting<'_> {
    fn call(&mut self, call: &Call, end: Moment) {
        let id = campaign_of(call);
        let Some(campaign) = self.plan.campaigns.iter().position(|plan| plan.id == id) else { return };
        let allowed = self.plan.campaigns[campaign].max_attempts;
        let judgement = Judgement { at: end + Span::hours(1), campaign_mode: None, max_attempts: Some(allowed) };
        for (at, tally) in contribute(call, &judgement) {
            let Some(step) = self.step(campaign, at) else { continue };
            let mut coarse = tally.clone();
            coarse.retain(|slot| !slot.is_pdd_bucket());
            for key in keys(call) {
                if key.dimension == Dimension::Agent {
                    continue;
                }
                let tally = if key.dimension.is_fine() { &tally } else { &coarse };
                *step.entry(Whose::Key(key.dimension, key.key)).or_default() += tally;
            }
            if let Some(seat) = call.agent.get().and_then(|agent| self.place(campaign, agent.as_str())) {
                let Some(step) = self.step(campaign, at) else { continue };
                *step.entry(Whose::Seat(seat)).or_default() += &coarse;
            }
        }
    }

    /// How the time of a seat was spent.
    fn seat(&mut self, seat: usize, said: Option<&Vec<AgentReport>>, end: Moment) {
        let campaign = self.plan.agents[seat].campaign;
        let place = seat - self.plan.campaigns[campaign].agents.start;
        let agent = self.plan.agents[seat].crews[0].clone();
        for spent in said.into_iter().flat_map(|said| closed(said, end)) {
            // As what is no longer held in memory: by steps of five minutes.
            for share in shares(&agent, &spent, end + STEP) {
                let Some(step) = self.step(campaign, share.bucket) else { continue };
                let SumKey { dimension, key, .. } = share.of;
                let whose = if dimension == Dimension::Agent { Whose::Seat(place) } else { Whose::Key(dimension, key) };
                step.entry(whose).or_default().add(share.fact, share.ms);
            }
        }
    }

    fn step(&mut self, campaign: usize, at: Moment) -> Option<&mut Step> {
        let since = self.during.contains(at).then(|| at - self.during.from)?;
        let place = usize::try_from(since.as_millis() / STEP.as_millis()).ok()?;
        self.steps[campaign].get_mut(place)
    }

    fn place(&self, campaign: usize, agent: &str) -> Option<usize> {
        let seats = &self.plan.agents[self.plan.campaigns[campaign].agents.clone()];
        seats.iter().position(|seat| seat.crews[0].as_str() == agent)
    }
}
