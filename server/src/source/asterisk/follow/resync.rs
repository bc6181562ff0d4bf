//! After a gap: what is up is taken up or goes on, and what is not has ended meanwhile.
//!
//! A gap is a lost connection, messages that had to be dropped, or the server's own absence: then the calls that were up are
//! those that the store has (`recalled`).

use super::telling::update;
use super::{Follow, OWN, RING, RINGING, UP};
use crate::law::contribute::AGENT_WITHIN;
use crate::source::asterisk::call::ended_unseen;
use crate::source::asterisk::channels::{MAX_CHANNELS, Standing};
use crate::source::asterisk::codec::Message;
use crate::source::asterisk::names;
use crate::store::read::FiledCall;
use app::domain::event::{CallRecord, CallUpdated, Data, Event};
use app::domain::ids::{AgentId, CallId};
use app::domain::outcome::Direction;
use app::domain::time::{Moment, Span};
use app::domain::{Call, CannotTell, Party};
use smol_str::SmolStr;
use std::collections::HashMap;

/// Calls by their ids; [`MAX_CHANNELS`] at most.
#[derive(Debug, Default)]
pub(super) struct Recalled(HashMap<SmolStr, Call>);

impl Recalled {
    /// The call of a channel that is up.
    pub(super) fn take(&mut self, id: &str) -> Option<Call> {
        self.0.remove(id)
    }
}

/// What an application does whose channel was dialled.
const DIALLED: &str = "AppDial";

impl Follow {
    /// These calls were up as far as was told before; the resync that begins shows which still are.
    pub fn recall(&mut self, calls: Vec<FiledCall>) {
        let ours = |call: &Call| {
            let route = call.route.get();
            self.config.routes.values().any(|known| Some(&known.route) == route)
        };
        let calls = calls.into_iter().filter(|filed| ours(&filed.call)).take(MAX_CHANNELS);
        self.recalled = Recalled(calls.map(|filed| (filed.name.call_id.to_smol(), filed.call)).collect());
    }

    /// From here on, whatever is seen is up; gives the number of this resync.
    pub fn begin_resync(&mut self) -> u32 {
        self.resync = self.resync.wrapping_add(1);
        self.resync
    }

    /// A channel of the list: up now. One that just came up will have its `DialBegin` in a moment; one that has been
    /// dialling for longer started that long ago, to the second.
    pub(super) fn listed(&mut self, message: &Message, now: Moment) {
        let Some(id) = self.observe(message, &OWN, now) else { return };
        if let Some(bridge) = message.known("BridgeId") {
            self.channels.enter(&id, bridge);
        }
        let for_secs = message.known("Duration").and_then(names::duration_secs).unwrap_or(0);
        let dialled = message.known("Application") == Some(DIALLED);
        match message.known("ChannelState") {
            Some(UP) => self.answered(&id, dialled.then_some(Direction::Outbound), now),
            Some(RINGING) => self.progress(&id, now),
            Some(RING) => self.inbound(&id, message, now - Span::secs(for_secs)),
            _ if for_secs > 0 => {
                let started = now - Span::secs(for_secs);
                if let Some(begun) = self.begin(&id, Some(Direction::Outbound), None, started) {
                    let from = self.shown(message.known(OWN.connected)).map(Party::from);
                    self.tell_of(&id, started, |_, _| Data::CallRecord(CallRecord { from, ..begun.record }));
                }
            }
            _ => {}
        }
    }

    /// The list of channels is complete: what it did not name had ended by `lost`, the last time anything was heard
    /// before the gap.
    pub fn channels_listed(&mut self, lost: Moment, now: Moment) -> Vec<Event> {
        for id in self.channels.unseen(self.resync) {
            let Some(call) = self.remove(&id).and_then(|channel| channel.call) else { continue };
            self.ended_unseen(call.call_id, lost.max(call.latest));
        }
        for (id, call) in std::mem::take(&mut self.recalled).0 {
            if self.channels.standing(&id) == Standing::New {
                self.ended_unseen(CallId::trusted(id), call.newest().map_or(lost, |newest| lost.max(newest)));
            }
        }
        for bridge in self.channels.bridges() {
            self.meet(&bridge, Met::InTheGap { lost, now });
        }
        std::mem::take(&mut self.out)
    }

    fn ended_unseen(&mut self, call_id: CallId, at: Moment) {
        self.counters.calls_ended_unseen.add(1);
        self.tell_call(Data::CallEnded(ended_unseen(call_id.clone(), &self.config.realm)), &call_id, at);
    }

    /// The list of queues is complete: agents that it did not name have left.
    pub fn queues_listed(&mut self, now: Moment) -> Vec<Event> {
        for agent in self.agents.drop_unlisted(self.resync) {
            self.agent_news(Some(agent), now);
        }
        std::mem::take(&mut self.out)
    }

    /// An agent was found on the line after a gap. Whether that was in time can't be told of a call whose time to be met fell
    /// into the gap.
    pub(super) fn found_with(&mut self, id: &str, agent: AgentId, lost: Moment, now: Moment) {
        let answered = self.channels.call_mut(id).and_then(|call| call.answered);
        if answered.is_some_and(|at| at + AGENT_WITHIN <= lost) {
            return self.bridged(id, agent, now);
        }
        let Some(call) = self.channels.call_mut(id).filter(|call| call.bridged.is_none()) else { return };
        call.bridged = Some(now);
        self.tell_of(id, now, |call_id, realm| {
            let (agent, cannot_tell) = (Some(agent), Some(CannotTell::AGENT));
            Data::CallUpdated(CallUpdated { agent, cannot_tell, ..update(call_id, realm) })
        });
    }
}

/// When somebody met an agent.
#[derive(Debug, Clone, Copy)]
pub(super) enum Met {
    At(Moment),
    /// At some time after `lost`; it was seen at `now`.
    InTheGap {
        lost: Moment,
        now: Moment,
    },
}

impl Met {
    /// When it was seen.
    pub(super) const fn seen(self) -> Moment {
        match self {
            Self::At(at) | Self::InTheGap { now: at, .. } => at,
        }
    }
}
