//! Whether an agent could be seen, if one were on the line.
//!
//! Dialers lead an answered call on to where nobody looks: into a conference, into one half of a Local channel whose other
//! half runs a program, or out again to somebody's mobile. That nobody was seen there means nothing, and is said
//! (`cannot_tell`): such a call is neither abandoned nor handled. A call in a queue is in sight.

use super::resync::Met;
use super::telling::update;
use super::{Follow, OWN};
use crate::source::asterisk::call::Agent;
use crate::source::asterisk::channels::MAX_CHANNELS;
use crate::source::asterisk::codec::Message;
use crate::source::asterisk::role::Role;
use app::domain::CannotTell;
use app::domain::event::{CallUpdated, Data};
use app::domain::time::{Moment, Span};
use smol_str::SmolStr;
use std::collections::VecDeque;

/// How long an answered call's way through the dialplan takes at most: it is looked at when that is over, and before it
/// could be judged.
const SETTLED: Span = Span::secs(1);

/// Calls that were answered a moment ago.
#[derive(Debug, Default)]
pub(super) struct Settling(VecDeque<(Moment, SmolStr)>);

impl Settling {
    pub(super) fn answered(&mut self, id: &str, at: Moment) {
        self.0.push_back((at, SmolStr::new(id)));
        if self.0.len() > MAX_CHANNELS {
            self.0.pop_front();
        }
    }

    fn next(&mut self, now: Moment) -> Option<SmolStr> {
        self.0.pop_front_if(|(at, _)| *at + SETTLED <= now).map(|(_, id)| id)
    }
}

impl Follow {
    /// Looks at the calls whose way has settled.
    pub(super) fn look_at_settled(&mut self, now: Moment) {
        while let Some(id) = self.settling.next(now) {
            self.look_at(&id, now);
        }
    }

    /// Says of a call that has met nobody if that can't be seen.
    pub(super) fn look_at(&mut self, id: &str, at: Moment) {
        let waits = self.channels.get(id).and_then(|channel| channel.call.as_ref()).is_some_and(|call| {
            call.up.is_some_and(|up| up + SETTLED <= at) && call.bridged.is_none() && !call.is_out_of_sight
        });
        if !waits || !self.is_out_of_sight(id) {
            return;
        }
        if let Some(call) = self.channels.call_mut(id) {
            call.is_out_of_sight = true;
        }
        self.tell_of(id, at, |call_id, realm| {
            Data::CallUpdated(CallUpdated { cannot_tell: Some(CannotTell::AGENT), ..update(call_id, realm) })
        });
    }

    /// Notes for the calls of a line that is about to change what could be seen of them, for some end before they settle;
    /// and that an agent was there until now.
    pub(super) fn note_sight(&mut self, on_line: &str, at: Moment) {
        for id in self.channels.line(on_line) {
            let hidden = self.is_out_of_sight(&id);
            let with_agent = self.agent_among(&self.channels.line(&id)).is_some();
            if let Some(call) = self.channels.call_mut(&id) {
                call.is_hidden |= hidden;
                if with_agent && call.agent != Agent::LedOn {
                    call.agent = Agent::Until(at);
                }
            }
        }
    }

    fn is_out_of_sight(&self, id: &str) -> bool {
        let queued =
            self.channels.get(id).and_then(|channel| channel.call.as_ref()).is_some_and(|c| c.queued.is_some());
        let hides = |on: &SmolStr| {
            let Some(channel) = self.channels.get(on) else { return false };
            let somebody_else = on != id && matches!(channel.role, Role::Carrier(_) | Role::Outside);
            somebody_else || (!queued && self.channels.may_hide_somebody(channel))
        };
        self.channels.line(id).iter().any(hides)
    }

    /// `MeetmeJoin`: such a conference is no bridge of Asterisk's.
    pub(super) fn meetme(&mut self, message: &Message, at: Moment) {
        if let (Some(id), Some(conference)) = (self.observe(message, &OWN, at), message.known("Meetme")) {
            self.conference(&id, &format!("meetme/{conference}"), at);
        }
    }

    /// `ConfbridgeJoin`.
    pub(super) fn confbridge(&mut self, message: &Message, at: Moment) {
        if let (Some(id), Some(bridge)) = (self.observe(message, &OWN, at), message.known("BridgeUniqueid")) {
            self.conference(&id, bridge, at);
        }
    }

    fn conference(&mut self, id: &str, bridge: &str, at: Moment) {
        self.channels.enter(id, bridge);
        self.channels.is_a_conference(bridge);
        self.meet(bridge, Met::At(at));
    }
}
