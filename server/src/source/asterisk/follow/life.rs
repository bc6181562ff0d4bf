//! The life of one call: its start, ringing, answer, end, and where it was transferred to.

use super::telling::{record, transfer_target, update};
use super::{DEST, Follow, OWN, RING, RINGING, UP};
use crate::source::asterisk::call::{Agent, CallState, Start};
use crate::source::asterisk::codec::Message;
use crate::source::asterisk::ending::{Cause, DialStatus, Protocol};
use crate::source::asterisk::names::{self, ChannelName};
use crate::source::asterisk::role::Role;
use crate::source::numbers::{self, Dialled};
use app::domain::Party;
use app::domain::event::{
    CallAnswered, CallProgress, CallRecord, CallStarted, CallTransferred, CallUpdated, Data, Metadata,
};
use app::domain::ids::{CallId, CampaignId, ListId};
use app::domain::outcome::{Direction, TransferKind};
use app::domain::time::Moment;
use smol_str::SmolStr;

impl Follow {
    pub(super) fn dial_begin(&mut self, message: &Message, at: Moment) {
        let caller = self.observe(message, &OWN, at);
        let Some(id) = self.observe(message, &DEST, at) else { return };
        let dialled = names::dialled(message.known("DialString").unwrap_or_default());
        self.dialled_through(&id, dialled);
        self.rings(caller.as_deref(), &id);
        let by_caller = caller.and_then(|caller| self.channels.get(&caller)?.campaign.clone());
        let begun = self.begin(&id, Some(Direction::Outbound), by_caller, at);
        let begun = begun.map(|begun| (begun, at)).or_else(|| self.begun_unseen(&id, at));
        let Some((begun, at)) = begun else { return };
        let to = self.far_end(self.read(dialled, begun.prefix.as_deref()));
        let from = self.shown(message.known(DEST.connected)).map(Party::from).filter(|from| Some(from) != to.as_ref());
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
        self.tell_start(&id, CallStarted { from, to, list, attempt, ..begun.started() }, at);
        self.tell_dialled(&id, dialled, at);
    }

    /// Somebody calls us on a trunk.
    pub(super) fn inbound(&mut self, id: &str, message: &Message, at: Moment) {
        let Some(begun) = self.begin(id, Some(Direction::Inbound), None, at) else { return };
        let from = self.far_end(self.read(message.get("CallerIDNum").unwrap_or_default(), None));
        let called = self.read(message.get("Exten").unwrap_or_default(), None).number();
        if let Some(called) = &called {
            self.own.called(called);
        }
        self.tell_start(id, CallStarted { from, to: called.map(Party::from), ..begun.started() }, at);
    }

    /// Makes the channel a call, unless it is one or its endpoint is no route. One that was told of before goes on as such:
    /// nothing begins with it.
    pub(super) fn begin(
        &mut self,
        id: &str,
        direction: Option<Direction>,
        campaign: Option<CampaignId>,
        at: Moment,
    ) -> Option<Begun> {
        let channel = self.channels.get(id).filter(|channel| channel.call.is_none())?;
        let Role::Carrier(key) = &channel.role else { return None };
        self.config.routes.get(key)?;
        let protocol = ChannelName::read(&channel.name).map_or(Protocol::Other, |name| Protocol::of(&name));
        let Ok(call_id) = CallId::new(id) else {
            self.counters.channels_not_followed.add(1);
            return None;
        };
        if let Some(call) = self.recalled.take(id) {
            self.channels.get_mut(id)?.call = Some(CallState::recalled(call_id, &call, protocol, at));
            return None;
        }
        let campaign =
            channel.campaign.clone().or(campaign).or_else(|| self.channels.campaign_linked(&channel.linkedid));
        self.channels.get_mut(id)?.call = Some(CallState::new(call_id, direction, protocol, campaign, at));
        self.begun(id, at)
    }

    /// A dialled channel that was taken up already: a carrier close by says that it rings before Asterisk says that it dials.
    /// Its call begins at the first moment told, not after it.
    fn begun_unseen(&mut self, id: &str, at: Moment) -> Option<(Begun, Moment)> {
        let call = self.channels.call_mut(id).filter(|call| call.start == Start::Unseen)?;
        call.start = Start::Told;
        call.direction = Some(Direction::Outbound);
        let at = call.first_told(at);
        Some((self.begun(id, at)?, at))
    }

    /// What is told of a call at its beginning.
    fn begun(&self, id: &str, at: Moment) -> Option<Begun> {
        let channel = self.channels.get(id)?;
        let (Role::Carrier(key), Some(call)) = (&channel.role, &channel.call) else { return None };
        let route = self.config.routes.get(key)?;
        let (campaign, mode) = (call.campaign.clone(), self.mode_of(call.campaign.as_ref()));
        let realm = &self.config.realm;
        let record = record(&call.call_id, realm, call.direction, campaign, mode, route.route.clone(), at);
        Some(Begun { record, prefix: route.prefix.clone() })
    }

    fn tell_start(&mut self, id: &str, started: CallStarted, at: Moment) {
        self.tell_of(id, at, |_, _| Data::CallStarted(started));
    }

    /// The far end of a call as it is told; one that shows no number and doesn't withhold it is counted.
    fn far_end(&self, read: Dialled) -> Option<Party> {
        let party = read.party();
        if party.is_none() {
            self.counters.numbers_unreadable.add(1);
        }
        party
    }

    /// A service or an extension that was dialled is no number, and is kept as it is.
    fn tell_dialled(&mut self, id: &str, dialled: &str, at: Moment) {
        if !matches!(self.read(dialled, None), Dialled::ShortCode | Dialled::Extension) {
            return;
        }
        let metadata = Some(Metadata([("dialled".to_owned(), dialled.to_owned())].into()));
        self.tell_of(id, at, |call_id, realm| Data::CallUpdated(CallUpdated { metadata, ..update(call_id, realm) }));
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
            self.answered(&id, Some(Direction::Outbound), at);
        }
    }

    pub(super) fn state(&mut self, message: &Message, at: Moment) {
        let Some(id) = self.observe(message, &OWN, at) else { return };
        match message.known("ChannelState") {
            Some(RING) => self.inbound(&id, message, at),
            Some(RINGING) => self.progress(&id, at),
            Some(UP) => {
                self.answered(&id, None, at);
                self.channel_news(&id, at);
            }
            _ => {}
        }
    }

    fn channel_news(&mut self, id: &str, at: Moment) {
        if let Some(device) = self.channels.get(id).map(|channel| channel.interface.clone()) {
            self.device_news(&device, at);
        }
    }

    /// It rings at the far end: so it was dialled.
    pub(super) fn progress(&mut self, id: &str, at: Moment) {
        self.take_up(id, Some(Direction::Outbound), at);
        let Some(call) = self.channels.call_mut(id) else { return };
        if call.direction == Some(Direction::Inbound) || call.progress.is_some() || call.answered.is_some() {
            return;
        }
        call.progress = Some(at);
        self.tell_of(id, at, |call_id, realm| {
            Data::CallProgress(CallProgress { realm, ..CallProgress::only(call_id) })
        });
    }

    pub(super) fn answered(&mut self, id: &str, direction: Option<Direction>, at: Moment) {
        self.take_up(id, direction, at);
        let Some(call) = self.channels.call_mut(id).filter(|call| call.up.is_none()) else { return };
        call.up = Some(at);
        let counts = call.answer_counts();
        self.settling.answered(id, at);
        if counts {
            self.tell_answered(id, at);
        }
    }

    /// Somebody answered, or a queue that says so.
    pub(super) fn tell_answered(&mut self, id: &str, at: Moment) {
        let Some(call) = self.channels.call_mut(id).filter(|call| call.answered.is_none()) else { return };
        call.answered = Some(at);
        let by = call.by;
        self.tell_of(id, at, |call_id, realm| {
            Data::CallAnswered(CallAnswered { realm, by, ..CallAnswered::only(call_id) })
        });
    }

    /// A carrier's channel whose start nobody saw: it is a call from now on, with no start (so it adds no post-dial delay)
    /// unless its dialling is told yet. Nothing of a channel that is up tells who called whom.
    pub(super) fn take_up(&mut self, id: &str, direction: Option<Direction>, at: Moment) {
        let Some(begun) = self.begin(id, direction, None, at) else { return };
        if let Some(call) = self.channels.call_mut(id) {
            call.start = Start::Unseen;
        }
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
        self.note_sight(&id, at);
        let Some(channel) = self.remove(&id) else { return };
        self.device_news(&channel.interface, at);
        let Some(call) = channel.call else { return };
        let ended = call.ended(cause(message), &self.config.realm, at);
        self.tell_call(Data::CallEnded(ended), &call.call_id, at.max(call.latest));
    }

    pub(super) fn transferred(&mut self, message: &Message, kind: TransferKind, target: Option<&str>, at: Moment) {
        let (Some("Success"), Some(transferee)) = (message.known("Result"), message.known("TransfereeUniqueid")) else {
            return;
        };
        let target = transfer_target(target.unwrap_or("unknown"));
        // Of two bridges that become one the other's agent is there already.
        let to_nobody_yet = matches!(message.known("DestType"), None | Some("App" | "Fail"));
        for id in self.channels.calls_reached(transferee) {
            let target = target.clone();
            if let Some(call) = self.channels.call_mut(&id).filter(|_| to_nobody_yet) {
                call.agent = Agent::LedOn;
            }
            self.tell_of(&id, at, |call_id, realm| {
                Data::CallTransferred(CallTransferred { realm, ..CallTransferred::only(call_id, kind, target) })
            });
        }
    }

    pub(super) fn read(&self, text: &str, prefix: Option<&str>) -> Dialled {
        numbers::read(text, prefix, self.config.country)
    }
}

pub(super) struct Begun {
    pub(super) record: CallRecord,
    prefix: Option<SmolStr>,
}

impl Begun {
    fn started(self) -> CallStarted {
        let CallRecord { call_id, direction, realm, campaign, mode, route, .. } = self.record;
        let direction = direction.unwrap_or(Direction::Outbound);
        CallStarted { realm, campaign, mode, route, ..CallStarted::only(call_id, direction) }
    }
}

fn cause(message: &Message) -> Cause {
    let number = |key| message.known(key).and_then(|text| text.parse().ok());
    Cause { q850: number("Cause"), tech: number("TechCause") }
}
