//! Pacing: how many calls each campaign's dialer sets off, so that a person who answers finds an agent, and an agent
//! seldom waits.
//!
//! A dialer compares the agents who will be free when an answer can be expected with the answers on their way, and
//! learns from each answer how far ahead it may dial: a live answer without an agent makes it dial less, many good
//! ones a little more, until the share of abandoned calls is the one that the campaign allows. Abandons are therefore
//! nobody's decision: they happen when answers bunch.

use super::dice::Dice;
use super::plan::CampaignPlan;
use super::scenario::Scenario;
use super::world::{Due, World};
use app::domain::outcome::AgentStatus;
use app::domain::{Moment, Span};
use std::collections::VecDeque;

/// How often a dialer looks.
const STEP: Span = Span::millis(250);
/// An answer comes about this long after dialling.
const AHEAD: Span = Span::secs(11);
/// An agent reads this long before dialling where agents dial.
const READING: Span = Span::secs(9);
/// One bad answer makes the dialer this much more careful (on a logarithmic scale).
const CAUTION: f64 = 0.12;
/// Told to run hot, it dials this many times as far ahead at once, and allows this share of abandoned calls.
const HOT_AHEAD: f64 = 2.6;
const HOT_ABANDONS: f64 = 0.25;
/// A dialer never sets off more calls than this many times its usual rate.
const BURST: f64 = 1.2;
const HOT_BURST: f64 = 2.0;
/// Held back by its carrier, it sets off this share of them.
const HELD_BACK: f64 = 0.3;
/// Entered too low, a campaign's CAC limit is this part of the right one.
const TOO_LOW: u32 = 7;

/// One campaign's dialer and its people.
#[derive(Debug)]
pub(super) struct Desk {
    /// Agents who are ready, longest first.
    pub ready: VecDeque<usize>,
    /// People who answered and wait for an agent.
    pub answered: VecDeque<u64>,
    /// Callers who wait in the queue.
    pub queue: VecDeque<u64>,
    /// Calls on their way that a person will answer.
    pub expected: usize,
    /// How far ahead it dials: answers on their way for each agent who will be free.
    ahead: f64,
    /// The share of live answers it may leave without an agent.
    allowed: f64,
    usual: f64,
    /// Calls it may set off now.
    tokens: f64,
    /// Destinations tried for the first time, over all lists.
    fresh: u64,
    pub list: u64,
    pub lists: u64,
}

/// What the dialer learns from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Served,
    Abandoned,
}

impl Desk {
    pub fn new(plan: &CampaignPlan) -> Self {
        Self {
            ready: VecDeque::new(),
            answered: VecDeque::new(),
            queue: VecDeque::new(),
            expected: 0,
            ahead: plan.ahead,
            allowed: plan.abandons,
            usual: plan.abandons,
            tokens: 0.0,
            fresh: plan.tried,
            list: plan.list,
            lists: (plan.tried * 20).div_ceil(plan.list * 13).max(1),
        }
    }

    pub fn learn(&mut self, answer: Answer) {
        let step = match answer {
            Answer::Served => CAUTION * self.allowed,
            Answer::Abandoned => -CAUTION * (1.0 - self.allowed),
        };
        self.ahead = (self.ahead * step.exp()).clamp(0.3, 4.0);
    }

    pub fn run_hot(&mut self) {
        self.ahead *= HOT_AHEAD;
        self.allowed = HOT_ABANDONS;
    }

    pub fn cool_down(&mut self) {
        self.ahead /= HOT_AHEAD;
        self.allowed = self.usual;
    }

    /// A destination's position in the campaign's lists and the list it is from: a new one at the first attempt, one of
    /// those tried before at any other.
    pub fn destination(&mut self, attempt: u32, dice: &mut Dice) -> (u64, u64) {
        if attempt == 1 || self.fresh == 0 {
            self.fresh += 1;
            return (self.fresh, self.lists);
        }
        let tried = usize::try_from(self.fresh).unwrap_or(usize::MAX);
        let back = u64::try_from(dice.below(tried.min(20_000))).unwrap_or_default();
        (self.fresh - back, self.lists)
    }

    /// Whether nearly all of the lists' destinations have been tried.
    fn nearly_through(&self) -> bool {
        self.fresh * 20 > self.list * self.lists * 13
    }
}

impl World {
    /// How far ahead each campaign's dialer has learnt to dial.
    pub fn learned(&self) -> Vec<f64> {
        self.desks.iter().map(|desk| desk.ahead).collect()
    }

    pub(super) fn pace(&mut self, campaign: usize) {
        self.after(STEP, Due::Pace(campaign));
        let stuck = self.has(Scenario::ListStuck) && campaign == self.plan.targets.stuck_campaign;
        if stuck || self.has(Scenario::WorkerSilent) || self.rests(campaign).is_some() {
            return;
        }
        if self.desks[campaign].nearly_through() {
            self.desks[campaign].lists += 1;
            self.introduce_campaign(campaign);
        }
        if self.is_preview(campaign) { self.pace_preview(campaign) } else { self.pace_ahead(campaign) }
    }

    /// Why the campaign's dialer rests, in its own word: somebody told it to, or its schedule does.
    pub(super) fn rests(&self, campaign: usize) -> Option<&'static str> {
        let scheduled = self.has(Scenario::Schedule) && campaign == self.plan.targets.scheduled_campaign;
        match (self.resting.contains(&campaign), scheduled) {
            (true, _) => Some("operator"),
            (false, true) => Some("schedule"),
            (false, false) => None,
        }
    }

    /// Whether the campaign's carrier takes fewer calls than its dialer would set off.
    pub(super) fn is_held_back(&self, campaign: usize) -> bool {
        self.has(Scenario::RateLimited) && campaign == self.plan.targets.held_campaign
    }

    /// How many calls the campaign may have up, as it is entered in its dialer.
    pub(super) fn cac_limit(&self, campaign: usize) -> u32 {
        let right = self.plan.campaigns[campaign].cac_limit;
        if self.limits_calls(campaign) { (right / TOO_LOW).max(1) } else { right }
    }

    fn limits_calls(&self, campaign: usize) -> bool {
        self.has(Scenario::CallLimit) && campaign == self.plan.targets.limited_campaign
    }

    /// Calls it may set off before it is at its limit; the right limit is far from being reached.
    fn below_limit(&self, campaign: usize) -> usize {
        if !self.limits_calls(campaign) {
            return usize::MAX;
        }
        let up = self.lines.values().filter(|line| line.path.campaign == campaign).count();
        usize::try_from(self.cac_limit(campaign)).unwrap_or(usize::MAX).saturating_sub(up)
    }

    fn pace_ahead(&mut self, campaign: usize) {
        let burst = match (self.is_hot(campaign), self.is_held_back(campaign)) {
            (true, _) => HOT_BURST,
            (false, true) => HELD_BACK,
            (false, false) => BURST,
        };
        let per_step = self.plan.campaigns[campaign].rate * burst * self.staffed(campaign) / 4.0;
        let mut room = self.below_limit(campaign);
        let soon = self.now + AHEAD;
        let free = self.plan.campaigns[campaign].agents.clone().filter(|a| self.will_be_free(*a, soon)).count();
        let desk = &mut self.desks[campaign];
        desk.tokens = (desk.tokens + per_step).min(per_step.max(1.0) * 2.0);
        #[allow(clippy::cast_precision_loss)]
        let answers_wanted = free as f64 * desk.ahead;
        loop {
            let desk = &mut self.desks[campaign];
            #[allow(clippy::cast_precision_loss)]
            let on_their_way = (desk.expected + desk.answered.len() + desk.queue.len()) as f64;
            if room == 0 || desk.tokens < 1.0 || on_their_way + 0.5 > answers_wanted {
                return;
            }
            room -= 1;
            desk.tokens -= 1.0;
            self.dial(campaign, None);
        }
    }

    /// When the agent is expected to be free whom the next live answer will get.
    pub(super) fn next_free(&self, campaign: usize) -> Option<Moment> {
        let desk = &self.desks[campaign];
        let taken = desk.expected + desk.answered.len() + desk.queue.len();
        let agents = self.plan.campaigns[campaign].agents.clone();
        let mut free: Vec<Moment> =
            agents.filter(|a| self.agents[*a].state != AgentStatus::Offline).map(|a| self.agents[a].free_at).collect();
        free.sort_unstable();
        free.get(taken).copied()
    }

    fn will_be_free(&self, agent: usize, soon: Moment) -> bool {
        let agent = &self.agents[agent];
        match agent.state {
            AgentStatus::Ready => true,
            AgentStatus::OnCall | AgentStatus::WrapUp | AgentStatus::Break => agent.free_at <= soon,
            AgentStatus::Offline => false,
        }
    }

    fn pace_preview(&mut self, campaign: usize) {
        let read_by = self.now - READING;
        let desk = &mut self.desks[campaign];
        let Some(&agent) = desk.ready.front() else { return };
        if self.agents[agent].free_at > read_by {
            return;
        }
        self.on_call(agent);
        self.dial(campaign, Some(agent));
    }
}
