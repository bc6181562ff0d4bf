//! Agents, from the members of Asterisk's queues.
//!
//! An agent is a member's name; who sits in several queues is one agent, on a call if on one for any of them. A member's
//! interface may be a Local channel, and the device behind it is then its `StateInterface`: both are the one agent.
//! Wrap-up is the queue's own pause after a call: Asterisk does not announce its end, so it is awaited here
//! ([`Agents::tick`]). Times come from outside.

use super::codec::Message;
use super::config::AsteriskConfig;
use super::names;
use app::domain::event::{AgentState, Text};
use app::domain::ids::{AgentId, CampaignId};
use app::domain::outcome::AgentStatus;
use app::domain::time::{Moment, Span};
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Most agents followed; those beyond are not, which [`Agents::member`] says.
pub const MAX_AGENTS: usize = 20_000;

/// A device's state as a queue sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Device {
    Free,
    Talking,
    /// Refuses calls: set to "do not disturb", or talking where this PBX doesn't see it.
    Busy,
    Away,
}

/// Why an agent takes a break whose device says no more than that it is busy.
const BUSY: &str = "busy elsewhere or do not disturb";

/// Whether a channel of the agent's device is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    Talking,
    Idle,
}

impl Device {
    /// Status 0 to 8 of `QueueMemberStatus`, and whether on a call of the queue; ringing is still free to talk.
    fn read(status: &str, in_call: &str) -> Self {
        match (status, in_call) {
            (_, "1") | ("2" | "7" | "8", _) => Self::Talking,
            ("3", _) => Self::Busy,
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

#[derive(Debug)]
pub struct Agents {
    config: Arc<AsteriskConfig>,
    agents: HashMap<AgentId, Agent>,
    /// Which agent sits at an interface (`PJSIP/1042`), or is reached by it (`Local/1042@agents`).
    at: HashMap<SmolStr, AgentId>,
}

/// A queue's member as a message names it; lists name the same fields otherwise than events.
struct Member<'m> {
    name: Option<&'m str>,
    interface: &'m str,
    /// The device whose state the queue goes by; the interface itself, where it has no other.
    device: &'m str,
}

impl<'m> Member<'m> {
    fn of(message: &'m Message) -> Option<Self> {
        let interface = message.known("Interface").or_else(|| message.known("Location"))?;
        let name = message.known("MemberName").or_else(|| message.known("Name")).filter(|name| *name != interface);
        let device = message.known("StateInterface").unwrap_or(interface);
        Some(Self { name, interface: names::interface(interface), device: names::interface(device) })
    }
}

impl Agents {
    #[must_use]
    pub fn new(config: Arc<AsteriskConfig>) -> Self {
        Self { config, agents: HashMap::new(), at: HashMap::new() }
    }

    /// The agent at an interface, by the name that queues give.
    #[must_use]
    pub fn at_interface(&self, interface: &str) -> Option<&AgentId> {
        self.at.get(interface)
    }

    /// Who a member is: its name; without one, who sits at its device, by what is known or by the device's name.
    fn who(&self, member: &Member<'_>) -> Option<AgentId> {
        match member.name {
            Some(name) => self.config.agent(names::sitting_at(name), member.device),
            None => {
                let device = || self.config.agent(names::sitting_at(member.device), member.device);
                self.at.get(member.device).cloned().or_else(device)
            }
        }
    }

    /// Who took a queue's call.
    #[must_use]
    pub fn named(&self, message: &Message) -> Option<AgentId> {
        self.who(&Member::of(message)?)
    }

    /// A member's state, from an event or a list.
    pub fn member(&mut self, message: &Message, generation: u32) -> Option<AgentId> {
        let member = Member::of(message)?;
        let (id, queue) = (self.who(&member)?, message.known("Queue")?);
        if self.agents.len() >= MAX_AGENTS && !self.agents.contains_key(&id) {
            return None;
        }
        let wrap_up =
            message.known("Wrapuptime").and_then(|s| s.parse().ok()).filter(|s| (0..86_400).contains(s)).unwrap_or(0);
        let reason = message.known("PausedReason").or_else(|| message.known("Reason")).unwrap_or_default();
        let paused = (message.get("Paused") == Some("1")).then(|| SmolStr::new(reason));
        let device = Device::read(message.get("Status").unwrap_or_default(), message.get("InCall").unwrap_or_default());
        let seat = Seat { device, paused, wrap_up: Span::secs(wrap_up), seen: generation };
        for interface in [member.interface, member.device] {
            self.at.insert(SmolStr::new(interface), id.clone());
        }
        self.agents.entry(id.clone()).or_default().seats.insert(SmolStr::new(queue), seat);
        Some(id)
    }

    pub fn removed(&mut self, message: &Message) -> Option<AgentId> {
        let id = self.named(message)?;
        let agent = self.agents.get_mut(&id)?;
        agent.seats.remove(message.known("Queue")?);
        if agent.seats.is_empty() {
            self.at.retain(|_, at| *at != id);
        }
        Some(id)
    }

    /// A queue's call is over: the agent wraps up for as long as the queue grants.
    pub fn call_over(&mut self, message: &Message, at: Moment) -> Option<AgentId> {
        let id = self.named(message)?;
        let agent = self.agents.get_mut(&id)?;
        let wrap_up = agent.seats.get(message.known("Queue")?)?.wrap_up;
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

    /// Whether a channel of the agent's device is answered, as `is_talking` knows of a device.
    #[must_use]
    pub fn line(&self, id: &AgentId, is_talking: impl Fn(&str) -> bool) -> Line {
        let busy =
            self.agents.get(id).is_some_and(|agent| agent.seats.values().any(|seat| seat.device == Device::Busy));
        let talks = || self.at.iter().any(|(interface, at)| at == id && is_talking(interface));
        if busy && talks() { Line::Talking } else { Line::Idle }
    }

    /// What to tell of an agent, if it differs from what was told last.
    pub fn news(&mut self, id: &AgentId, line: Line, at: Moment) -> Option<AgentState> {
        let agent = self.agents.get_mut(id)?;
        if agent.wraps_until.is_some_and(|until| until <= at) {
            agent.wraps_until = None;
        }
        let state = agent.state(id, line, &self.config);
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
    fn state(&self, id: &AgentId, line: Line, config: &AsteriskConfig) -> AgentState {
        let (state, reason) = self.status(line, &config.wrap_up_reasons);
        let reason = reason.filter(|reason| !reason.is_empty()).map(Text::clipped);
        AgentState { agent: id.clone(), state, campaign: self.campaign(config), reason }
    }

    fn status(&self, line: Line, wrap_up_reasons: &[SmolStr]) -> (AgentStatus, Option<&str>) {
        let seated = |device| self.seats.values().any(|seat| seat.device == device);
        let present = |seat: &&Seat| matches!(seat.device, Device::Free | Device::Busy);
        let pause = self.seats.values().filter(present).find_map(|seat| seat.paused.as_deref());
        if seated(Device::Talking) || (seated(Device::Busy) && line == Line::Talking) {
            (AgentStatus::OnCall, None)
        } else if self.wraps_until.is_some() && seated(Device::Free) {
            (AgentStatus::WrapUp, None)
        } else if self.seats.values().any(|seat| seat.device == Device::Free && seat.paused.is_none()) {
            (AgentStatus::Ready, None)
        } else if let Some(reason) = pause {
            let wraps_up = wrap_up_reasons.iter().any(|known| known.eq_ignore_ascii_case(reason));
            (if wraps_up { AgentStatus::WrapUp } else { AgentStatus::Break }, Some(reason))
        } else if seated(Device::Busy) {
            (AgentStatus::Break, Some(BUSY))
        } else {
            (AgentStatus::Offline, None)
        }
    }

    /// The campaign of the first of the agent's queues that has one.
    fn campaign(&self, config: &AsteriskConfig) -> Option<CampaignId> {
        self.seats.keys().find_map(|queue| config.campaign_of_queue(queue)).cloned()
    }
}
