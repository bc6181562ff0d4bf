//! Who meets whom: queues, bridges, agents.

use super::{DEST, Follow, OWN};
use crate::source::asterisk::channels::Channel;
use crate::source::asterisk::codec::Message;
use crate::source::asterisk::names::{self, ChannelName};
use crate::source::asterisk::trunks::Trunks;
use app::domain::event::{CallBridged, CallQueued, Data, TrunkStatus};
use app::domain::ids::{AgentId, QueueId};
use app::domain::outcome::HungUpBy;
use app::domain::time::{Moment, Span};
use smol_str::SmolStr;

impl Follow {
    pub(super) fn queued(&mut self, message: &Message, at: Moment) {
        if let Some(id) = self.observe(message, &OWN, at) {
            self.joined(&id, message, at);
        }
    }

    /// Somebody whom a list finds in a queue: has waited there for whole seconds.
    pub(super) fn waiting(&mut self, message: &Message, now: Moment) {
        let waited = message.known("Wait").and_then(names::duration_secs).unwrap_or(0);
        if let Some(id) = message.known("Uniqueid") {
            self.joined(id, message, now - Span::secs(waited));
        }
    }

    fn joined(&mut self, id: &str, message: &Message, at: Moment) {
        let queue = message.known("Queue").and_then(|name| QueueId::new(name).ok());
        let campaign = queue.as_ref().and_then(|queue| self.config.queues.get(queue)).cloned();
        for id in self.channels.calls_reached(id) {
            let Some(call) = self.channels.call_mut(&id) else { continue };
            if call.campaign.is_none() {
                self.told_more(&id, campaign.clone(), None, at);
            }
            let Some(call) = self.channels.call_mut(&id).filter(|call| call.queued.is_none()) else { continue };
            call.queued = Some(at);
            let queue = queue.clone();
            self.tell_of(&id, at, |call_id, realm| {
                Data::CallQueued(CallQueued { realm, queue, ..CallQueued::only(call_id) })
            });
        }
    }

    pub(super) fn agent_connect(&mut self, message: &Message, at: Moment) {
        let caller = self.observe(message, &OWN, at);
        self.observe(message, &DEST, at);
        let named =
            message.known("MemberName").or_else(|| message.known("Interface")).and_then(|name| AgentId::new(name).ok());
        if let (Some(caller), Some(agent)) = (caller, named) {
            for id in self.channels.calls_reached(&caller) {
                self.bridged(&id, agent.clone(), at);
            }
        }
    }

    pub(super) fn agent_complete(&mut self, message: &Message, at: Moment) {
        match message.known("Reason") {
            Some("caller") => self.hung_up_by(message, HungUpBy::Person),
            Some("agent") => self.hung_up_by(message, HungUpBy::Agent),
            _ => {}
        }
        let agent = self.agents.call_over(message, at);
        self.agent_news(agent, at);
    }

    pub(super) fn hung_up_by(&mut self, message: &Message, by: HungUpBy) {
        let Some(caller) = message.known("Uniqueid") else { return };
        for id in self.channels.calls_reached(caller) {
            if let Some(call) = self.channels.call_mut(&id) {
                call.hung_up_by = Some(by);
            }
        }
    }

    pub(super) fn bridge_enter(&mut self, message: &Message, at: Moment) {
        let Some(id) = self.observe(message, &OWN, at) else { return };
        // In a holding bridge (parking, music) nobody hears anybody.
        let (Some(bridge), true) = (message.known("BridgeUniqueid"), message.get("BridgeType") != Some("holding"))
        else {
            return;
        };
        self.channels.enter(&id, bridge);
        self.meet(bridge, at);
    }

    pub(super) fn bridge_leave(&mut self, message: &Message, at: Moment) {
        if let Some(id) = self.observe(message, &OWN, at) {
            self.channels.leave_bridge(&id);
        }
    }

    /// Whoever is in a bridge together with an agent's telephone has met the agent.
    pub(super) fn meet(&mut self, bridge: &str, at: Moment) {
        let members = self.channels.in_bridge(bridge).to_vec();
        let telephone = |id: &SmolStr| self.agent_on(self.channels.get(id).filter(|c| c.endpoint.is_none())?);
        let Some(agent) = members.iter().find_map(telephone) else { return };
        for id in members.iter().flat_map(|id| self.channels.calls_reached(id)).collect::<Vec<_>>() {
            self.bridged(&id, agent.clone(), at);
        }
    }

    /// The agent on a channel: as queues name who sits there, else the endpoint's own name.
    pub(super) fn agent_on(&self, channel: &Channel) -> Option<AgentId> {
        let name = ChannelName::read(&channel.name).filter(names::is_a_device)?;
        let interface = format!("{}/{}", name.tech, name.resource);
        self.agents.at_interface(&interface).cloned().or_else(|| AgentId::new(name.resource).ok())
    }

    pub(super) fn bridged(&mut self, id: &str, agent: AgentId, at: Moment) {
        let Some(call) = self.channels.call_mut(id).filter(|call| call.bridged.is_none() && call.is_answered()) else {
            return;
        };
        call.bridged = Some(at);
        self.tell_of(id, at, |call_id, realm| {
            Data::CallBridged(CallBridged { realm, ..CallBridged::only(call_id, agent) })
        });
    }

    pub(super) fn agent_news(&mut self, agent: Option<AgentId>, at: Moment) {
        let Some(agent) = agent else { return };
        if let Some(state) = self.agents.news(&agent, &self.config, at) {
            self.tell(Data::AgentState(state), agent.as_str(), at);
        }
    }

    pub(super) fn trunk_news(
        &mut self,
        read: fn(&mut Trunks, &Message) -> Option<TrunkStatus>,
        message: &Message,
        at: Moment,
    ) {
        if let Some(status) = read(&mut self.trunks, message) {
            let id = status.trunk.to_smol();
            self.tell(Data::TrunkStatus(status), &id, at);
        }
    }
}
