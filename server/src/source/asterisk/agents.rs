//! Agents, from the members of Asterisk's queues.
//!
//! An agent is a member's name; who sits in several queues is one agent, on a call if on one for any of them. Wrap-up
//! is the queue's own pause after a call: Asterisk does not announce its end, so it is awaited here ([`Agents::tick`]).
//! Times come from outside.

use super::codec::Message;
use super::config::AsteriskConfig;
use app::domain::event::{AgentState, Text};
use app::domain::ids::{AgentId, CampaignId};
use app::domain::outcome::AgentStatus;
use app::domain::time::{Moment, Span};
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Most agents followed; those beyond are not, which [`Agents::member`] says.
pub const MAX_AGENTS: usize = 20_000;

/// A device's state as a queue sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Device {
    Free,
    Talking,
    Away,
}

impl Device {
    /// Status 0 to 8 of `QueueMemberStatus`; ringing is still free to talk.
    fn read(status: &str, in_call: &str) -> Self {
        match (status, in_call) {
            (_, "1") | ("2" | "3" | "7" | "8", _) => Self::Talking,
            ("1" | "6", _) => Self::Free,
            _ => Self::Away,
        }
    }
}

/// An agent's place in one queue.
#[derive(Debug, Clone)]
struct Seat {
    device: Device,
    /// The reason of the pause, where paused.
    paused: Option<SmolStr>,
    wrap_up: Span,
    seen: u32,
}

#[derive(Debug, Clone, Default)]
struct Agent {
    seats: BTreeMap<SmolStr, Seat>,
    wraps_until: Option<Moment>,
    told: Option<AgentState>,
}

#[derive(Debug, Default)]
pub struct Agents {
    agents: HashMap<AgentId, Agent>,
    /// Which agent sits at an interface (`PJSIP/1042`).
    at: HashMap<SmolStr, AgentId>,
}

/// An agent's name and place in a message; lists name the same fields otherwise than events.
fn names(message: &Message) -> Option<(AgentId, &str, &str)> {
    let interface = message.known("Interface").or_else(|| message.known("Location"))?;
    let name = message.known("MemberName").or_else(|| message.known("Name")).unwrap_or(interface);
    Some((AgentId::new(name).ok()?, interface, message.known("Queue")?))
}

impl Agents {
    /// The agent at an interface, by the name that queues give.
    #[must_use]
    pub fn at_interface(&self, interface: &str) -> Option<&AgentId> {
        self.at.get(interface)
    }

    /// A member's state, from an event or a list.
    pub fn member(&mut self, message: &Message, generation: u32) -> Option<AgentId> {
        let (id, interface, queue) = names(message)?;
        if self.agents.len() >= MAX_AGENTS && !self.agents.contains_key(&id) {
            return None;
        }
        let wrap_up =
            message.known("Wrapuptime").and_then(|s| s.parse().ok()).filter(|s| (0..86_400).contains(s)).unwrap_or(0);
        let paused =
            (message.get("Paused") == Some("1")).then(|| SmolStr::new(message.get("PausedReason").unwrap_or_default()));
        let device = Device::read(message.get("Status").unwrap_or_default(), message.get("InCall").unwrap_or_default());
        let seat = Seat { device, paused, wrap_up: Span::secs(wrap_up), seen: generation };
        self.at.insert(SmolStr::new(interface), id.clone());
        self.agents.entry(id.clone()).or_default().seats.insert(SmolStr::new(queue), seat);
        Some(id)
    }

    pub fn removed(&mut self, message: &Message) -> Option<AgentId> {
        let (id, interface, queue) = names(message)?;
        let agent = self.agents.get_mut(&id)?;
        agent.seats.remove(queue);
        if agent.seats.is_empty() {
            self.at.remove(interface);
        }
        Some(id)
    }

    /// A queue's call is over: the agent wraps up for as long as the queue grants.
    pub fn call_over(&mut self, message: &Message, at: Moment) -> Option<AgentId> {
        let (id, _, queue) = names(message)?;
        let agent = self.agents.get_mut(&id)?;
        let wrap_up = agent.seats.get(queue)?.wrap_up;
        if wrap_up > Span::ZERO {
            agent.wraps_until = Some(at + wrap_up);
        }
        Some(id)
    }

    /// After a whole list: seats that it did not name are gone. Gives the agents concerned.
    pub fn drop_unlisted(&mut self, generation: u32) -> Vec<AgentId> {
        let mut concerned = Vec::new();
        for (id, agent) in &mut self.agents {
            let before = agent.seats.len();
            agent.seats.retain(|_, seat| seat.seen == generation);
            if agent.seats.len() != before {
                concerned.push(id.clone());
            }
        }
        let left: HashSet<&AgentId> =
            self.agents.iter().filter(|(_, a)| a.seats.is_empty()).map(|(id, _)| id).collect();
        self.at.retain(|_, id| !left.contains(id));
        concerned
    }

    /// Agents whose wrap-up is over by `now`.
    pub fn tick(&mut self, now: Moment) -> Vec<AgentId> {
        let over = |agent: &Agent| agent.wraps_until.is_some_and(|until| until <= now);
        self.agents.iter().filter(|(_, agent)| over(agent)).map(|(id, _)| id.clone()).collect()
    }

    /// What to tell of an agent, if it differs from what was told last.
    pub fn news(&mut self, id: &AgentId, config: &AsteriskConfig, at: Moment) -> Option<AgentState> {
        let agent = self.agents.get_mut(id)?;
        if agent.wraps_until.is_some_and(|until| until <= at) {
            agent.wraps_until = None;
        }
        let state = agent.state(id, config);
        if agent.seats.is_empty() {
            let told = agent.told.take();
            self.agents.remove(id);
            return told.is_some_and(|t| t.state != AgentStatus::Offline).then_some(state);
        }
        if agent.told.as_ref() == Some(&state) {
            return None;
        }
        agent.told = Some(state.clone());
        Some(state)
    }
}

impl Agent {
    fn state(&self, id: &AgentId, config: &AsteriskConfig) -> AgentState {
        let seated = |device| self.seats.values().any(|s| s.device == device);
        let free = self.seats.values().any(|s| s.device == Device::Free && s.paused.is_none());
        let paused = self.seats.values().filter(|s| s.device == Device::Free).find_map(|s| s.paused.as_ref());
        let is_wrap_up = |reason: &SmolStr| config.wrap_up_reasons.iter().any(|r| r.eq_ignore_ascii_case(reason));
        let (status, reason) = if seated(Device::Talking) {
            (AgentStatus::OnCall, None)
        } else if self.wraps_until.is_some() && seated(Device::Free) {
            (AgentStatus::WrapUp, None)
        } else if free {
            (AgentStatus::Ready, None)
        } else if let Some(reason) = paused {
            let status = if is_wrap_up(reason) { AgentStatus::WrapUp } else { AgentStatus::Break };
            (status, (!reason.is_empty()).then(|| Text::clipped(reason)))
        } else {
            (AgentStatus::Offline, None)
        };
        AgentState { agent: id.clone(), state: status, campaign: self.campaign(config), reason }
    }

    /// The campaign of the first of the agent's queues that has one.
    fn campaign(&self, config: &AsteriskConfig) -> Option<CampaignId> {
        self.seats.keys().find_map(|queue| config.campaign_of_queue(queue)).cloned()
    }
}
