//! The call floor as a pure world: given a seed, a plan and a start it tells, for any later moment, every event that
//! happened until then, in order. Time is an argument; nothing here reads a clock, and the size of the steps by which
//! time is told makes no difference.
//!
//! What is due is kept in one queue by time; each thing that happens may make others due. `lines.rs` owns the life of a
//! call, `dialer.rs` the pacing, `staff.rs` the agents and the callers who wait, `machines.rs` the samples.

use super::dialer::Desk;
use super::fate::Luck;
use super::lines::Line;
use super::machines::Machines;
use super::plan::FloorPlan;
use super::scenario::{Scenario, Switch};
use super::staff::Agent;
use app::domain::control::Action;
use app::domain::{CallId, CampaignId, Data, Event, EventId, Moment, SourceId, Span};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};

/// The `source` of every simulated event, and by default the realm of its calls.
pub const SOURCE: &str = "ringside/simulator";

/// Calls that went silent and may be told of when the scenario ends; the oldest beyond it stay lost, as calls do.
pub(super) const MAX_HUSHED: usize = 20_000;

/// What is due at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// Everything there is to say of names, limits and numbers.
    Introduce,
    /// A campaign's dialer looks at its agents.
    Pace(usize),
    /// A call goes on to its next phase.
    Line(u64),
    /// The person who waits for an agent hangs up, or is hung up on.
    Patience(u64),
    /// A caller in the queue has heard the announcement and may be taken.
    Announced(u64),
    /// Somebody calls back.
    CallsBack(usize),
    /// An agent is done with wrap-up or break; the number tells a stale entry from a good one.
    Agent(usize, u32),
    Channels,
    Trunks,
    Health(usize),
    Cost,
    /// Shifts begin and end.
    Rota,
}

#[derive(Debug)]
pub struct World {
    pub(super) plan: FloorPlan,
    pub(super) now: Moment,
    pub(super) luck: Luck,
    pub(super) troubles: BTreeSet<Scenario>,
    /// Campaigns whose dialer is told to rest.
    pub(super) resting: BTreeSet<usize>,
    pub(super) lines: BTreeMap<u64, Line>,
    pub(super) agents: Vec<Agent>,
    pub(super) desks: Vec<Desk>,
    pub(super) machines: Machines,
    /// Calls that went silent, for when they are heard of again.
    pub(super) hushed: VecDeque<CallId>,
    /// Calls on each route that the network still carries.
    pub(super) carried: Vec<u32>,
    due: BinaryHeap<Reverse<(Moment, u64, Due)>>,
    /// Order among things due at the same moment.
    turn: u64,
    told: Vec<Event>,
    /// Names this run, so that no id comes twice over several runs into one store.
    run: String,
    events: u64,
    calls: u64,
}

impl World {
    #[must_use]
    pub fn new(seed: u64, plan: FloorPlan, start: Moment) -> Self {
        let luck = Luck::new(&plan, seed, 0);
        let agents = plan.agents.iter().map(|_| Agent::new(start)).collect();
        let desks = plan.campaigns.iter().map(Desk::new).collect();
        let mut world = Self {
            now: start,
            luck,
            troubles: BTreeSet::new(),
            resting: BTreeSet::new(),
            lines: BTreeMap::new(),
            agents,
            desks,
            machines: Machines::default(),
            hushed: VecDeque::new(),
            carried: vec![0; plan.routes.len()],
            due: BinaryHeap::new(),
            turn: 0,
            told: Vec::new(),
            run: format!("{seed:x}.{:x}", start.millis()),
            events: 0,
            calls: 0,
            plan,
        };
        world.open(start);
        world
    }

    fn open(&mut self, start: Moment) {
        self.at(start, Due::Introduce);
        self.at(start, Due::Cost);
        self.at(start, Due::Trunks);
        self.at(start, Due::Channels);
        for component in 0..self.plan.components.len() {
            let offset = i64::try_from(component).unwrap_or_default() * 900;
            self.at(start + Span::millis(offset), Due::Health(component));
        }
        for campaign in 0..self.plan.campaigns.len() {
            let offset = i64::try_from(campaign).unwrap_or_default() * 30;
            self.at(start + Span::millis(offset), Due::Pace(campaign));
            let wait = self.luck.dice.wait(self.plan.campaigns[campaign].inbound_every);
            self.at(start + wait, Due::CallsBack(campaign));
        }
        self.seat_agents();
    }

    #[must_use]
    pub const fn now(&self) -> Moment {
        self.now
    }

    #[must_use]
    pub const fn plan(&self) -> &FloorPlan {
        &self.plan
    }

    /// Calls dialled or received so far.
    #[must_use]
    pub const fn calls(&self) -> u64 {
        self.calls
    }

    /// Everything that happens after the last moment told and not after `to`, in order of time. Nothing where `to` is
    /// not later.
    pub fn advance(&mut self, to: Moment) -> Vec<Event> {
        while let Some(Reverse((at, _, _))) = self.due.peek() {
            if *at > to {
                break;
            }
            let Some(Reverse((at, _, due))) = self.due.pop() else { break };
            self.now = self.now.max(at);
            self.happen(due);
        }
        self.now = self.now.max(to);
        std::mem::take(&mut self.told)
    }

    /// Turns a scenario on or off at `now` (at the last moment told, where that is later). What it makes happen at once
    /// is told by the next [`World::advance`].
    pub fn set(&mut self, scenario: Scenario, switch: Switch, now: Moment) {
        let before = self.advance(now);
        self.told = before;
        let changed = match switch {
            Switch::On => self.troubles.insert(scenario),
            Switch::Off => self.troubles.remove(&scenario),
        };
        if !changed {
            return;
        }
        match (scenario, switch) {
            (Scenario::RouteFails, Switch::On | Switch::Off) => self.tell_trunk(self.plan.targets.failing_route),
            (Scenario::RouteSilent, Switch::Off) => self.hear_again(),
            // Who comes back says so at once, and not when the next sample is due.
            (Scenario::WorkerSilent, Switch::Off) => self.tell_workers(),
            (Scenario::PacingHot, Switch::On) => self.desks[self.plan.targets.hot_campaign].run_hot(),
            (Scenario::PacingHot, Switch::Off) => self.desks[self.plan.targets.hot_campaign].cool_down(),
            (Scenario::Schedule, Switch::On | Switch::Off) => {
                self.introduce_campaign(self.plan.targets.scheduled_campaign);
            }
            (Scenario::RateLimited, Switch::On | Switch::Off) => {
                self.introduce_campaign(self.plan.targets.held_campaign);
            }
            (Scenario::CallLimit, Switch::On | Switch::Off) => {
                self.introduce_campaign(self.plan.targets.limited_campaign);
            }
            (Scenario::AgentsLeave, Switch::On) => self.walk_off(),
            (Scenario::AgentsLeave, Switch::Off) => self.come_back(),
            (
                Scenario::RouteSilent | Scenario::ListDry | Scenario::DidFlagged | Scenario::ListStuck,
                Switch::On | Switch::Off,
            )
            | (Scenario::WorkerSilent, Switch::On) => {}
        }
    }

    /// Pauses or resumes a campaign's dialer at `now` (at the last moment told, where that is later), which says so.
    /// Calls that are up go on to their end, and callers still call back.
    pub fn turn(&mut self, campaign: &CampaignId, action: Action, now: Moment) {
        let Some(at) = self.plan.campaigns.iter().position(|plan| plan.id == *campaign) else { return };
        self.told = self.advance(now);
        let changed = match action {
            Action::Pause => self.resting.insert(at),
            Action::Resume => self.resting.remove(&at),
        };
        if changed {
            self.introduce_campaign(at);
        }
    }

    /// Calls, things due and calls gone silent that are held: what memory grows by.
    #[must_use]
    pub fn held(&self) -> usize {
        self.lines.len() + self.due.len() + self.hushed.len()
    }

    fn happen(&mut self, due: Due) {
        match due {
            Due::Introduce => self.introduce(),
            Due::Pace(campaign) => self.pace(campaign),
            Due::Line(line) => self.go_on(line),
            Due::Patience(line) => self.lose_patience(line),
            Due::Announced(line) => self.announced(line),
            Due::CallsBack(campaign) => self.call_back(campaign),
            Due::Agent(agent, errand) => self.agent_done(agent, errand),
            Due::Channels => self.sample_channels(),
            Due::Trunks => self.tell_trunks(),
            Due::Health(component) => self.sample_health(component),
            Due::Cost => self.tell_cost(),
            Due::Rota => self.rota(),
        }
    }

    pub(super) fn has(&self, scenario: Scenario) -> bool {
        self.troubles.contains(&scenario)
    }

    pub(super) fn at(&mut self, at: Moment, due: Due) {
        self.turn += 1;
        self.due.push(Reverse((at, self.turn, due)));
    }

    pub(super) fn after(&mut self, wait: Span, due: Due) {
        self.at(self.now + wait, due);
    }

    pub(super) fn tell(&mut self, data: Data) {
        self.events += 1;
        let id = EventId::trusted(format!("{}.e{}", self.run, self.events));
        let source = SourceId::trusted(smol_str::SmolStr::new_static(SOURCE));
        self.told.push(Event { id, source, time: self.now, data });
    }

    /// The key of a new call, and its public id.
    pub(super) fn new_call(&mut self) -> (u64, CallId) {
        self.calls += 1;
        (self.calls, CallId::trusted(format!("{}.{}", self.run, self.calls)))
    }
}
