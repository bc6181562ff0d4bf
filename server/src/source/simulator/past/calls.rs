//! The last days of a past, call by call: the floor itself, from where the sums end to where the live floor begins.

use super::super::plan::FloorPlan;
use super::super::squash::squash;
use super::super::world::World;
use app::domain::control::Action;
use app::domain::{Data, Event, Moment, Span};

/// So much is told at once: most calls within it begin and end.
const STRIDE: Span = Span::minutes(10);
/// Until what was up at the end is over.
const DRAIN: Span = Span::minutes(15);
/// Of machines that are well this is enough to know their time.
const HEALTH_EVERY: i64 = 600;
const HEALTH_WITHIN: i64 = 10;

/// What was told from one instant to another; see the module.
#[derive(Debug)]
pub(super) struct Calls {
    world: World,
    until: Moment,
    is_over: bool,
}

impl Calls {
    pub fn of(seed: u64, plan: FloorPlan, from: Moment, until: Moment) -> Self {
        Self { world: World::new(seed, plan, from), until, is_over: from >= until }
    }

    /// Ends what is up, and begins nothing more.
    fn drain(&mut self) -> Vec<Event> {
        let campaigns: Vec<_> = self.world.plan().campaigns.iter().map(|plan| plan.id.clone()).collect();
        campaigns.iter().for_each(|campaign| self.world.turn(campaign, Action::Pause, self.until));
        let begun_by = |event: &Event| matches!(event.data, Data::CallStarted(_));
        let mut told = self.world.advance(self.until + DRAIN);
        // Who calls back then calls the live floor.
        let later: std::collections::HashSet<_> = told
            .iter()
            .filter(|event| begun_by(event))
            .filter_map(|event| event.data.call())
            .map(|(id, _)| id.clone())
            .collect();
        told.retain(|event| event.data.call().is_some_and(|(id, _)| !later.contains(id)));
        told
    }
}

impl Iterator for Calls {
    type Item = Vec<Event>;

    fn next(&mut self) -> Option<Vec<Event>> {
        if self.is_over {
            return None;
        }
        let to = (self.world.now() + STRIDE).min(self.until);
        if to > self.world.now() {
            let mut told = self.world.advance(to);
            told.retain(is_of_the_past);
            return Some(squash(told));
        }
        self.is_over = true;
        Some(self.drain())
    }
}

/// What is told of now only is left out: settings, and samples that charts of weeks have no use for.
fn is_of_the_past(event: &Event) -> bool {
    match &event.data {
        Data::HealthSample(_) => event.time.secs().rem_euclid(HEALTH_EVERY) < HEALTH_WITHIN,
        Data::ChannelsSample(_)
        | Data::MetricSample(_)
        | Data::TrunkStatus(_)
        | Data::CampaignUpdated(_)
        | Data::DidUpdated(_)
        | Data::RouteUpdated(_)
        | Data::CostUpdated(_) => false,
        Data::CallStarted(_)
        | Data::CallProgress(_)
        | Data::CallAnswered(_)
        | Data::CallGreeted(_)
        | Data::CallQueued(_)
        | Data::CallBridged(_)
        | Data::CallTransferred(_)
        | Data::CallEnded(_)
        | Data::CallUpdated(_)
        | Data::CallRecord(_)
        | Data::AgentState(_) => true,
    }
}
