//! The events of a group, told apart by what they are of.

use super::Batch;
use super::agent_reports::AgentReports;
use super::item::{CallUpdate, Item};
use super::names::{NameLimits, TooManyNames};
use crate::store::write::Due;
use app::domain::{CallName, ComponentId, Event, Moment};

/// The events of a group, sorted by what they tell of; each with its batch and its place in it.
#[derive(Debug, Default)]
pub(super) struct EventsByKind {
    pub(super) call_updates: Vec<((usize, usize), CallUpdate)>,
    pub(super) others: Vec<((usize, usize), Box<Event>)>,
    pub(super) agents: AgentReports,
    pub(super) agent_events: Vec<(usize, Moment)>,
    /// Events of agents for whom there is no room.
    pub(super) too_many: Vec<((usize, usize), TooManyNames)>,
    /// Components whose time is to be counted on.
    pub(super) components: Vec<ComponentId>,
}

impl EventsByKind {
    pub(super) fn sort(&mut self, batch_at: usize, batch: &mut Batch, names: &mut NameLimits) {
        for (place, item) in std::mem::take(&mut batch.items).into_iter().enumerate() {
            match item {
                Item::Call(update) => self.call_updates.push(((batch_at, place), update)),
                Item::Agent(at, body) => match names.agent(&body, at) {
                    Ok(()) => {
                        self.agents.add(self.agent_events.len(), &body, at);
                        self.agent_events.push((batch_at, at));
                    }
                    Err(too_many) => self.too_many.push(((batch_at, place), too_many)),
                },
                Item::Other(event) => self.others.push(((batch_at, place), event)),
            }
        }
    }

    /// Sorts what is due by the clock: agents to their call_updates, and the names of calls.
    pub(super) fn due(&mut self, due: Vec<Due>) -> Vec<CallName> {
        let mut calls = Vec::new();
        for due in due {
            match due {
                Due::Call(name) => calls.push(name),
                Due::Agent(agent) => self.agents.touch(agent),
                Due::Component(component) => self.components.push(component),
            }
        }
        calls
    }
}
