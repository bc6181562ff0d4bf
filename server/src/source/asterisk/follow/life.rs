//! The life of one call: its start, ringing, answer, end, and where it was transferred to.

use super::telling::{record, transfer_target, update};
use super::{DEST, Follow, OWN, RING, RINGING, UP};
use crate::source::asterisk::call::CallState;
use crate::source::asterisk::codec::Message;
use crate::source::asterisk::ending::{Cause, DialStatus, Protocol};
use crate::source::asterisk::names::{self, ChannelName};
use crate::source::numbers;
use app::domain::Party;
use app::domain::event::{CallAnswered, CallProgress, CallRecord, CallStarted, CallTransferred, CallUpdated, Data};
use app::domain::ids::{CallId, CampaignId, ListId};
use app::domain::outcome::{Direction, TransferKind};
use app::domain::time::{Moment, Span};
use smol_str::SmolStr;

impl Follow {
    pub(super) fn dial_begin(&mut self, message: &Message, at: Moment) {
        let caller = self.observe(message, &OWN, at);
        let Some(id) = self.observe(message, &DEST, at) else { return };
        let dialled = names::dialled(message.known("DialString").unwrap_or_default());
        let by_caller = caller.and_then(|caller| self.channels.get(&caller)?.campaign.clone());
        let begun = self.begin(&id, Direction::Outbound, by_caller, at);
        let Some(begun) = begun else { return };
        let to = self.party(dialled, begun.prefix.as_deref());
        let from = message.known(DEST.connected).and_then(|text| self.party(text, None));
        let list = self
            .config
            .list_variable
            .as_deref()
            .and_then(|name| ListId::new(message.variable(DEST.variable, name)?).ok());
        let attempt = self
            .config
            .attempt_variable
            .as_deref()
            .and_then(|name| message.variable(DEST.variable, name)?.parse().ok());
        let record = CallRecord { from, to, list, attempt, ..begun.record };
        self.tell_start(&id, record, at);
    }

    /// Somebody calls us on a trunk.
    pub(super) fn inbound(&mut self, id: &str, message: &Message, at: Moment) {
        let Some(begun) = self.begin(id, Direction::Inbound, None, at) else { return };
        let from = message.known("CallerIDNum").and_then(|text| self.party(text, None));
        let to = message.known("Exten").and_then(|text| self.party(text, None));
        self.tell_start(id, CallRecord { from, to, ..begun.record }, at);
    }

    /// Makes the channel a call, unless it is one or its endpoint is no route.
    pub(super) fn begin(
        &mut self,
        id: &str,
        direction: Direction,
        campaign: Option<CampaignId>,
        at: Moment,
    ) -> Option<Begun> {
        let channel = self.channels.get(id).filter(|channel| channel.call.is_none())?;
        let route = self.config.routes.get(channel.endpoint.as_ref()?)?;
        let (route, prefix) = (route.route.clone(), route.prefix.clone());
        let protocol = ChannelName::read(&channel.name).map_or(Protocol::Other, |name| Protocol::of(&name));
        let Ok(call_id) = CallId::new(id) else {
            self.counters.channels_not_followed.add(1);
            return None;
        };
        let campaign =
            channel.campaign.clone().or(campaign).or_else(|| self.channels.campaign_linked(&channel.linkedid));
        let mode = self.mode_of(campaign.as_ref());
        let call = CallState::new(call_id.clone(), direction, protocol, campaign.clone(), at);
        self.channels.get_mut(id)?.call = Some(call);
        let record = record(&call_id, &self.config.realm, direction, campaign, mode, route, at);
        Some(Begun { record, prefix })
    }

    pub(super) fn tell_start(&mut self, id: &str, record: CallRecord, at: Moment) {
        if record.from.is_none() || record.to.is_none() {
            self.counters.numbers_unreadable.add(1);
        }
        let data = Data::CallStarted(CallStarted {
            from: record.from,
            to: record.to,
            realm: record.realm,
            campaign: record.campaign,
            mode: record.mode,
            route: record.route,
            list: record.list,
            attempt: record.attempt,
            ..CallStarted::only(record.call_id, record.direction.unwrap_or(Direction::Outbound))
        });
        self.tell_of(id, at, |_, _| data);
    }

    pub(super) fn dial_state(&mut self, message: &Message, at: Moment) {
        self.observe(message, &OWN, at);
        let dialled = self.observe(message, &DEST, at);
        if let (Some(id), Some("RINGING" | "PROGRESS")) = (dialled, message.known("DialStatus")) {
            self.progress(&id, at);
        }
    }

    pub(super) fn dial_end(&mut self, message: &Message, at: Moment) {
        self.observe(message, &OWN, at);
        let Some(id) = self.observe(message, &DEST, at) else { return };
        let status = DialStatus::read(message.known("DialStatus").unwrap_or_default());
        if let Some(call) = self.channels.call_mut(&id) {
            call.dial_status = Some(status);
        }
        if status == DialStatus::Answer {
            self.answered(&id, at);
        }
    }

    pub(super) fn state(&mut self, message: &Message, at: Moment) {
        let Some(id) = self.observe(message, &OWN, at) else { return };
        match message.known("ChannelState") {
            Some(RING) => self.inbound(&id, message, at),
            Some(RINGING) => self.progress(&id, at),
            Some(UP) => self.answered(&id, at),
            _ => {}
        }
    }

    pub(super) fn progress(&mut self, id: &str, at: Moment) {
        self.take_up(id, at);
        let Some(call) = self.channels.call_mut(id) else { return };
        if call.direction == Direction::Inbound || call.progress.is_some() || call.answered.is_some() {
            return;
        }
        call.progress = Some(at);
        self.tell_of(id, at, |call_id, realm| {
            Data::CallProgress(CallProgress { realm, ..CallProgress::only(call_id) })
        });
    }

    pub(super) fn answered(&mut self, id: &str, at: Moment) {
        self.take_up(id, at);
        let Some(call) = self.channels.call_mut(id).filter(|call| call.answered.is_none()) else { return };
        call.answered = Some(at);
        let by = call.by;
        self.tell_of(id, at, |call_id, realm| {
            Data::CallAnswered(CallAnswered { realm, by, ..CallAnswered::only(call_id) })
        });
    }

    /// A carrier's channel whose start nobody saw: it is a call from now on, with no start (so it adds no post-dial
    /// delay). Taken for outbound: nothing of a channel that is up tells.
    pub(super) fn take_up(&mut self, id: &str, at: Moment) {
        let Some(begun) = self.begin(id, Direction::Outbound, None, at) else { return };
        let CallRecord { direction, campaign, mode, route, .. } = begun.record;
        self.tell_of(id, at, |call_id, realm| {
            Data::CallUpdated(CallUpdated { direction, campaign, mode, route, ..update(call_id, realm) })
        });
    }

    pub(super) fn hangup_request(&mut self, message: &Message, at: Moment) {
        let Some(id) = self.observe(message, &OWN, at) else { return };
        if let Some(call) = self.channels.call_mut(&id) {
            call.far_end = Some(cause(message));
        }
    }

    pub(super) fn hangup(&mut self, message: &Message, at: Moment) {
        let Some(id) = self.observe(message, &OWN, at) else { return };
        let Some(call) = self.remove(&id).and_then(|channel| channel.call) else { return };
        let ended = call.ended(cause(message), &self.config.realm);
        self.tell_call(Data::CallEnded(ended), &call.call_id, at.max(call.latest));
    }

    pub(super) fn transferred(&mut self, message: &Message, kind: TransferKind, target: Option<&str>, at: Moment) {
        let (Some("Success"), Some(transferee)) = (message.known("Result"), message.known("TransfereeUniqueid")) else {
            return;
        };
        let target = transfer_target(target.unwrap_or("unknown"));
        for id in self.channels.calls_reached(transferee) {
            let target = target.clone();
            self.tell_of(&id, at, |call_id, realm| {
                Data::CallTransferred(CallTransferred { realm, ..CallTransferred::only(call_id, kind, target) })
            });
        }
    }

    /// A channel of the list: up now. One that just came up will have its `DialBegin` in a moment; one that has been
    /// dialling for longer started that long ago, to the second.
    pub(super) fn listed(&mut self, message: &Message, now: Moment) {
        let Some(id) = self.observe(message, &OWN, now) else { return };
        if let Some(bridge) = message.known("BridgeId") {
            self.channels.enter(&id, bridge);
        }
        let for_secs = message.known("Duration").and_then(names::duration_secs).unwrap_or(0);
        match message.known("ChannelState") {
            Some(UP) => self.answered(&id, now),
            Some(RINGING) => self.progress(&id, now),
            Some(RING) => self.inbound(&id, message, now - Span::secs(for_secs)),
            _ if for_secs > 0 => {
                let started = now - Span::secs(for_secs);
                if let Some(begun) = self.begin(&id, Direction::Outbound, None, started) {
                    let from = message.known(OWN.connected).and_then(|text| self.party(text, None));
                    self.tell_of(&id, started, |_, _| Data::CallRecord(CallRecord { from, ..begun.record }));
                }
            }
            _ => {}
        }
    }

    fn party(&self, text: &str, prefix: Option<&str>) -> Option<Party> {
        numbers::read(text, prefix, self.config.country).party()
    }
}

pub(super) struct Begun {
    record: CallRecord,
    prefix: Option<SmolStr>,
}

fn cause(message: &Message) -> Cause {
    let number = |key| message.known(key).and_then(|text| text.parse().ok());
    Cause { q850: number("Cause"), tech: number("TechCause") }
}
