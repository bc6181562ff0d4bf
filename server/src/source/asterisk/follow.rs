//! From what Asterisk says to events of calls, agents and trunks. Pure: messages and times in, events out.
//!
//! A call is a channel of a configured endpoint. It starts with its `DialBegin` (or, inbound, with its `Newchannel`),
//! and its id is the channel's `Uniqueid`. `Originate` has no caller: only `Dest…` fields come, and the caller's
//! `Uniqueid` is never needed. `Local/` halves and agents' telephones are channels, but no calls (`role`).
//!
//! Each moment is told once. After a gap a resync (`begin_resync` … `finish_resync`) ends the calls that are no longer
//! up, and takes up those that are; since ids are Asterisk's own, nothing is counted twice.

mod life;
mod meeting;
mod parties;
mod resync;
mod sight;
mod telling;

use super::agents::Agents;
use super::channels::{Channel, Channels, Standing};
use super::codec::Message;
use super::config::{AsteriskConfig, CampaignFrom};
use super::counters::Counters;
use super::names::{self, ChannelName};
use super::role::{Role, Roles};
use super::trunks::{ChannelChange, Trunks};
use super::unrouted::Listing;
use crate::source::own::OwnNumbers;
use app::domain::event::{CallUpdated, Data, Event};
use app::domain::ids::{CampaignId, SourceId};
use app::domain::outcome::{AnsweredBy, Mode, TransferKind};
use app::domain::time::Moment;
use resync::Recalled;
use sight::Settling;
use smol_str::SmolStr;
use std::sync::Arc;
use telling::update;

/// The names of a channel's fields: its own, or those of the channel that is dialled.
struct Keys {
    channel: &'static str,
    state: &'static str,
    uniqueid: &'static str,
    linkedid: &'static str,
    account: &'static str,
    variable: &'static str,
    connected: &'static str,
}

const OWN: Keys = Keys {
    channel: "Channel",
    state: "ChannelState",
    uniqueid: "Uniqueid",
    linkedid: "Linkedid",
    account: "AccountCode",
    variable: "ChanVariable",
    connected: "ConnectedLineNum",
};
const DEST: Keys = Keys {
    channel: "DestChannel",
    state: "DestChannelState",
    uniqueid: "DestUniqueid",
    linkedid: "DestLinkedid",
    account: "DestAccountCode",
    variable: "DestChanVariable",
    connected: "DestConnectedLineNum",
};

const RINGING: &str = "5";
const UP: &str = "6";
/// A channel on which somebody calls us.
const RING: &str = "4";

#[derive(Debug)]
pub struct Follow {
    config: Arc<AsteriskConfig>,
    counters: Arc<Counters>,
    source: SourceId,
    channels: Channels,
    roles: Roles,
    agents: Agents,
    trunks: Trunks,
    own: OwnNumbers,
    /// Calls that were up as far as was told before, until it is known whether they still are.
    recalled: Recalled,
    settling: Settling,
    /// Counts the resyncs; what bears another number was not seen by the one that runs.
    resync: u32,
    out: Vec<Event>,
}

impl Follow {
    #[must_use]
    pub fn new(config: Arc<AsteriskConfig>, counters: Arc<Counters>) -> Self {
        let source = config.source();
        Self {
            roles: Roles::new(Arc::clone(&config)),
            agents: Agents::new(Arc::clone(&config)),
            trunks: Trunks::new(Arc::clone(&config)),
            own: OwnNumbers::new(config.dids.clone()),
            channels: Channels::default(),
            config,
            counters,
            source,
            recalled: Recalled::default(),
            settling: Settling::default(),
            resync: 0,
            out: Vec::new(),
        }
    }

    /// Takes in one message; `arrived` is its time where Asterisk sends none (`timestampevents`).
    pub fn message(&mut self, message: &Message, arrived: Moment) -> Vec<Event> {
        let at = message.known("Timestamp").and_then(names::moment).unwrap_or(arrived);
        match message.get("Event").unwrap_or_default() {
            "DialBegin" => self.dial_begin(message, at),
            "DialState" => self.dial_state(message, at),
            "DialEnd" => self.dial_end(message, at),
            "Newchannel" | "Newstate" => self.state(message, at),
            "NewCallerid"
            | "NewConnectedLine"
            | "NewAccountCode"
            | "SoftHangupRequest"
            | "LocalOptimizationEnd"
            | "AgentCalled" => {
                self.observe(message, &OWN, at);
            }
            "HangupRequest" => self.hangup_request(message, at),
            "Hangup" => self.hangup(message, at),
            "BridgeEnter" => self.bridge_enter(message, at),
            "BridgeLeave" | "MeetmeLeave" => self.bridge_leave(message, at),
            "ConfbridgeJoin" => self.confbridge(message, at),
            "MeetmeJoin" => self.meetme(message, at),
            "QueueCallerJoin" => self.queued(message, at),
            "QueueEntry" => self.waiting(message, at),
            "QueueCallerAbandon" => self.gave_up(message, at),
            "AgentConnect" => self.agent_connect(message, at),
            "AgentComplete" => self.agent_complete(message, at),
            "BlindTransfer" => self.transferred(message, TransferKind::Blind, message.known("Extension"), at),
            "AttendedTransfer" => {
                // Nobody has answered yet where the call goes to an application: then it is whom the agent had dialled.
                let target = message.known("TransferTargetCallerIDNum");
                let target = target.or_else(|| message.known("SecondTransfererExten"));
                self.transferred(message, TransferKind::Warm, target, at);
            }
            "QueueMemberStatus" | "QueueMemberAdded" | "QueueMemberPause" | "QueueMemberPaused" | "QueueMember" => {
                let agent = self.agents.member(message, self.resync);
                self.agent_news(agent, at);
            }
            "QueueMemberRemoved" => {
                let agent = self.agents.removed(message);
                self.agent_news(agent, at);
            }
            "ContactStatus" | "ContactStatusDetail" => self.trunk_news(Trunks::contact, message, at),
            "PeerStatus" => self.trunk_news(Trunks::peer, message, at),
            "Registry" => self.trunk_news(Trunks::registry, message, at),
            "OutboundRegistrationDetail" => self.trunk_news(Trunks::registration_detail, message, at),
            "CoreShowChannel" => self.listed(message, at),
            _ => {}
        }
        std::mem::take(&mut self.out)
    }

    /// What only time brings about: wrap-up that is over, counts that are due, calls whose way has settled.
    pub fn tick(&mut self, now: Moment) -> Vec<Event> {
        self.look_at_settled(now);
        for agent in self.agents.tick(now) {
            self.agent_news(Some(agent), now);
        }
        for sample in self.trunks.samples(now) {
            let id = sample.trunk.to_smol();
            self.tell(Data::ChannelsSample(sample), &id, now);
        }
        std::mem::take(&mut self.out)
    }

    /// An event of this source about its connection, not about calls.
    #[must_use]
    pub fn about_itself(&self, data: Data, at: Moment) -> Event {
        self.event(data, "ami", at)
    }

    // Channels.

    /// Takes note of a channel and what its snapshot says; gives its id if it is followed.
    fn observe(&mut self, message: &Message, keys: &Keys, at: Moment) -> Option<SmolStr> {
        let id = SmolStr::new(message.known(keys.uniqueid)?);
        let name = message.known(keys.channel)?;
        let linkedid = message.known(keys.linkedid).unwrap_or(&id);
        match self.channels.standing(&id) {
            Standing::Known => self.channels.relink(&id, linkedid),
            Standing::New => self.came(&id, name, linkedid),
            Standing::Gone => return None,
            Standing::Refused => {
                self.counters.channels_not_followed.add(1);
                return None;
            }
        }
        let campaign = self.campaign_in(message, keys);
        let by = self.answered_by(message, keys);
        let resync = self.resync;
        let channel = self.channels.get_mut(&id)?;
        channel.seen = resync;
        channel.is_up = message.known(keys.state).map_or(channel.is_up, |state| state == UP);
        if campaign.is_some() {
            channel.campaign.clone_from(&campaign);
        }
        self.told_more(&id, campaign, by, at);
        Some(id)
    }

    fn came(&mut self, id: &str, name: &str, linkedid: &str) {
        let parts = ChannelName::read(name);
        let role = parts.map_or(Role::Internal, |parts| self.roles.of(&parts));
        if let Role::Carrier(key) = &role {
            self.trunks.channel(key, ChannelChange::Came);
        }
        if parts.is_some_and(|parts| self.counters.unrouted.came(&parts, &role) == Listing::Full) {
            self.counters.endpoints_not_listed.add(1);
        }
        let interface = parts.map(|parts| parts.interface()).unwrap_or_default().into();
        let (name, linkedid) = (SmolStr::new(name), SmolStr::new(linkedid));
        self.channels.insert(id, Channel { name, interface, role, linkedid, ..Channel::default() });
    }

    fn remove(&mut self, id: &str) -> Option<Channel> {
        let channel = self.channels.remove(id)?;
        if let Role::Carrier(key) = &channel.role {
            self.trunks.channel(key, ChannelChange::Went);
        }
        Some(channel)
    }

    fn campaign_in(&self, message: &Message, keys: &Keys) -> Option<CampaignId> {
        let named = match &self.config.campaign {
            CampaignFrom::AccountCode => message.known(keys.account),
            CampaignFrom::Variable(variable) => message.variable(keys.variable, variable),
        };
        named.and_then(|name| CampaignId::new(name).ok())
    }

    fn answered_by(&self, message: &Message, keys: &Keys) -> Option<AnsweredBy> {
        match message.variable(keys.variable, &self.config.amd_variable)? {
            "MACHINE" => Some(AnsweredBy::Machine),
            "HUMAN" => Some(AnsweredBy::Human),
            "NOTSURE" => Some(AnsweredBy::Unknown),
            _ => None,
        }
    }

    /// A campaign or a verdict of machine detection that came after the call was told of.
    fn told_more(&mut self, id: &str, campaign: Option<CampaignId>, by: Option<AnsweredBy>, at: Moment) {
        let Some(call) = self.channels.call_mut(id) else { return };
        let campaign = campaign.filter(|c| call.campaign.as_ref() != Some(c));
        let by = by.filter(|by| call.by != Some(*by));
        if campaign.is_none() && by.is_none() {
            return;
        }
        call.campaign = campaign.clone().or(call.campaign.take());
        call.by = by.or(call.by);
        let mode = self.mode_of(campaign.as_ref());
        self.tell_of(id, at, |call_id, realm| {
            Data::CallUpdated(CallUpdated { campaign, mode, by, ..update(call_id, realm) })
        });
    }

    fn mode_of(&self, campaign: Option<&CampaignId>) -> Option<Mode> {
        self.config.modes.get(campaign?).copied()
    }
}
