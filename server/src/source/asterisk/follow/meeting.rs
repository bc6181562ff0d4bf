//! Who meets whom: queues, bridges, agents.

use super::resync::Met;
use super::{DEST, Follow, OWN};
use crate::source::asterisk::call::Agent;
use crate::source::asterisk::channels::Channel;
use crate::source::asterisk::codec::Message;
use crate::source::asterisk::names::{self, ChannelName};
use crate::source::asterisk::role::Role;
use crate::source::asterisk::trunks::Trunks;
use app::domain::event::{CallBridged, CallQueued, Data, TrunkStatus};
use app::domain::ids::{AgentId, QueueId};
use app::domain::outcome::{Direction, HungUpBy};
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
        self.has_waited(message, "Wait", now);
    }

    /// Who is taken out of a queue has waited in it, also where nobody heard of the coming.
    fn has_waited(&mut self, message: &Message, field: &str, now: Moment) {
        let waited = message.known(field).and_then(names::duration_secs).unwrap_or(0);
        if let Some(id) = message.known("Uniqueid") {
            self.joined(id, message, now - Span::secs(waited));
        }
    }

    pub(super) fn gave_up(&mut self, message: &Message, at: Moment) {
        self.has_waited(message, "HoldTime", at);
        self.hung_up_by(message, HungUpBy::Person);
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
            // In a queue an agent is seen, whatever was before; its end says so.
            call.was_out_of_sight |= std::mem::take(&mut call.is_out_of_sight);
            let (queue, up) = (queue.clone(), call.up);
            if let Some(up) = up {
                self.tell_answered(&id, up);
            }
            self.tell_of(&id, at, |call_id, realm| {
                Data::CallQueued(CallQueued { queue, realm, ..CallQueued::only(call_id) })
            });
        }
    }

    pub(super) fn agent_connect(&mut self, message: &Message, at: Moment) {
        let caller = self.observe(message, &OWN, at);
        self.observe(message, &DEST, at);
        self.has_waited(message, "HoldTime", at);
        if let (Some(caller), Some(agent)) = (caller, self.agents.named(message)) {
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
        self.meet(bridge, Met::At(at));
    }

    pub(super) fn bridge_leave(&mut self, message: &Message, at: Moment) {
        if let Some(id) = self.observe(message, &OWN, at) {
            self.note_sight(&id, at);
            self.channels.leave_bridge(&id);
        }
    }

    /// Whoever is on a line together with an agent has met the agent.
    pub(super) fn meet(&mut self, bridge: &str, met: Met) {
        let Some(first) = self.channels.in_bridge(bridge).first() else { return };
        for id in self.channels.line(first) {
            self.is_taken(&id);
            let Some(call) = self.channels.call_mut(&id).filter(|call| call.bridged.is_none()) else { continue };
            let called_us = call.direction == Some(Direction::Inbound);
            let line = self.channels.line(&id);
            if called_us && self.is_with_somebody(&line) {
                self.tell_answered(&id, met.seen());
            }
            match (self.agent_among(&line), met) {
                (Some(agent), Met::At(at)) => self.bridged(&id, agent, at),
                (Some(agent), Met::InTheGap { lost, now }) => self.found_with(&id, agent, lost, now),
                (None, Met::At(at) | Met::InTheGap { now: at, .. }) => self.look_at(&id, at),
            }
        }
    }

    /// A call that has met an agent before may have been led on since, and meet another one.
    fn is_taken(&mut self, id: &str) {
        let call = self.channels.get(id).and_then(|channel| channel.call.as_ref());
        if call.is_some_and(|call| call.bridged.is_some() && call.agent != Agent::There)
            && self.agent_among(&self.channels.line(id)).is_some()
            && let Some(call) = self.channels.call_mut(id)
        {
            call.agent = Agent::There;
        }
    }

    /// Whether anybody else is on a line, whose first channel is the call's own.
    fn is_with_somebody(&self, line: &[SmolStr]) -> bool {
        let is_somebody = |channel: &Channel| match channel.role {
            Role::Carrier(_) | Role::Telephone | Role::Outside => true,
            Role::Half | Role::Internal => false,
        };
        line.iter().skip(1).filter_map(|id| self.channels.get(id)).any(is_somebody)
    }

    /// The agent on a line: the nearest whom a queue names, else the nearest telephone's.
    pub(super) fn agent_among(&self, line: &[SmolStr]) -> Option<AgentId> {
        let channels = || line.iter().filter_map(|id| self.channels.get(id)).filter(|channel| channel.call.is_none());
        let of_a_queue = channels().find_map(|channel| self.agents.at_interface(&channel.interface).cloned());
        of_a_queue.or_else(|| channels().find_map(|channel| self.agent_on(channel)))
    }

    /// The agent on a channel that no queue names: the telephone's own name.
    fn agent_on(&self, channel: &Channel) -> Option<AgentId> {
        let name = ChannelName::read(&channel.name).filter(|_| channel.role == Role::Telephone)?;
        self.config.agent(name.resource, &channel.interface)
    }

    /// The state of the agent whose device a channel is may have changed with it.
    pub(super) fn device_news(&mut self, interface: &str, at: Moment) {
        self.agent_news(self.agents.at_interface(interface).cloned(), at);
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
        let line = self.agents.line(&agent, |device| self.channels.is_talking(device));
        if let Some(state) = self.agents.news(&agent, line, at) {
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
