//! Which channels are up, and how they hang together.
//!
//! Owns the channels, their bridges and their common call (`Linkedid`), and finds which calls an event on some other
//! channel is about: queues and agents often meet a Local half, whose other half is bridged with the carrier's channel.
//! Bounded: [`MAX_CHANNELS`] channels, [`REMEMBERED`] ids of channels that are gone.

use super::call::CallState;
use super::names::other_half;
use app::domain::ids::CampaignId;
use smol_str::SmolStr;
use std::collections::{HashMap, HashSet, VecDeque};

/// Most channels followed at once; those beyond are counted and not followed.
pub const MAX_CHANNELS: usize = 50_000;
/// Ids of channels that hung up lately, so that a list made just before does not bring them back.
const REMEMBERED: usize = 8_192;

#[derive(Debug, Default)]
pub struct Channel {
    pub name: SmolStr,
    /// The key in `routes` where this is a carrier's channel.
    pub endpoint: Option<SmolStr>,
    pub linkedid: SmolStr,
    pub bridge: Option<SmolStr>,
    pub campaign: Option<CampaignId>,
    pub call: Option<CallState>,
    /// The resync that last saw it.
    pub seen: u32,
}

impl Channel {
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.name.starts_with("Local/")
    }
}

#[derive(Debug, Default)]
pub struct Channels {
    up: HashMap<SmolStr, Channel>,
    halves: HashMap<SmolStr, SmolStr>,
    linked: HashMap<SmolStr, Vec<SmolStr>>,
    bridges: HashMap<SmolStr, Vec<SmolStr>>,
    gone: HashSet<SmolStr>,
    gone_order: VecDeque<SmolStr>,
}

/// Whether a channel can be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    New,
    Known,
    /// It has hung up already.
    Gone,
    /// Too many are up.
    Refused,
}

impl Channels {
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Channel> {
        self.up.get(id)
    }

    pub fn get_mut(&mut self, id: &str) -> Option<&mut Channel> {
        self.up.get_mut(id)
    }

    pub fn call_mut(&mut self, id: &str) -> Option<&mut CallState> {
        self.up.get_mut(id)?.call.as_mut()
    }

    #[must_use]
    pub fn standing(&self, id: &str) -> Standing {
        if self.up.contains_key(id) {
            Standing::Known
        } else if self.gone.contains(id) {
            Standing::Gone
        } else if self.up.len() >= MAX_CHANNELS {
            Standing::Refused
        } else {
            Standing::New
        }
    }

    pub fn insert(&mut self, id: &str, channel: Channel) {
        let id = SmolStr::new(id);
        if channel.is_local() {
            self.halves.insert(channel.name.clone(), id.clone());
        }
        self.linked.entry(channel.linkedid.clone()).or_default().push(id.clone());
        self.up.insert(id, channel);
    }

    /// A call that was bridged with an older one takes over its `Linkedid`.
    pub fn relink(&mut self, id: &str, linkedid: &str) {
        let Some(channel) = self.up.get_mut(id).filter(|c| c.linkedid != linkedid) else { return };
        let before = std::mem::replace(&mut channel.linkedid, SmolStr::new(linkedid));
        leave(&mut self.linked, &before, id);
        self.linked.entry(SmolStr::new(linkedid)).or_default().push(SmolStr::new(id));
    }

    pub fn enter(&mut self, id: &str, bridge: &str) {
        self.leave_bridge(id);
        if let Some(channel) = self.up.get_mut(id) {
            channel.bridge = Some(SmolStr::new(bridge));
            self.bridges.entry(SmolStr::new(bridge)).or_default().push(SmolStr::new(id));
        }
    }

    pub fn leave_bridge(&mut self, id: &str) {
        if let Some(bridge) = self.up.get_mut(id).and_then(|channel| channel.bridge.take()) {
            leave(&mut self.bridges, &bridge, id);
        }
    }

    pub fn remove(&mut self, id: &str) -> Option<Channel> {
        self.leave_bridge(id);
        let channel = self.up.remove(id)?;
        leave(&mut self.linked, &channel.linkedid, id);
        if channel.is_local() {
            self.halves.remove(&channel.name);
        }
        let id = SmolStr::new(id);
        if self.gone.insert(id.clone()) {
            self.gone_order.push_back(id);
        }
        while self.gone_order.len() > REMEMBERED {
            if let Some(oldest) = self.gone_order.pop_front() {
                self.gone.remove(&oldest);
            }
        }
        Some(channel)
    }

    /// Channels in a bridge.
    #[must_use]
    pub fn in_bridge(&self, bridge: &str) -> &[SmolStr] {
        self.bridges.get(bridge).map_or(&[], Vec::as_slice)
    }

    /// Bridges with at least one channel in them.
    #[must_use]
    pub fn bridges(&self) -> Vec<SmolStr> {
        self.bridges.keys().cloned().collect()
    }

    /// Channels that the resync `current` has not seen.
    #[must_use]
    pub fn unseen(&self, current: u32) -> Vec<SmolStr> {
        self.up.iter().filter(|(_, c)| c.seen != current).map(|(id, _)| id.clone()).collect()
    }

    /// The calls that a channel belongs to: its own; for a Local half those its other half is bridged with, else the
    /// answered ones of the same `Linkedid`.
    #[must_use]
    pub fn calls_reached(&self, id: &str) -> Vec<SmolStr> {
        let Some(channel) = self.up.get(id) else { return Vec::new() };
        if channel.call.is_some() {
            return vec![SmolStr::new(id)];
        }
        if !channel.is_local() {
            return Vec::new();
        }
        let across =
            other_half(&channel.name).and_then(|name| self.up.get(self.halves.get(name.as_str())?)?.bridge.as_deref());
        let has_call = |id: &&SmolStr| self.up.get(*id).is_some_and(|c| c.call.is_some());
        let bridged: Vec<_> = across.map_or(&[][..], |b| self.in_bridge(b)).iter().filter(has_call).cloned().collect();
        if !bridged.is_empty() {
            return bridged;
        }
        let answered =
            |id: &&SmolStr| self.up.get(*id).and_then(|c| c.call.as_ref()).is_some_and(CallState::is_answered);
        self.linked.get(&channel.linkedid).map_or(&[][..], Vec::as_slice).iter().filter(answered).cloned().collect()
    }

    /// The campaign that any channel of the same `Linkedid` names.
    #[must_use]
    pub fn campaign_linked(&self, linkedid: &str) -> Option<CampaignId> {
        self.linked.get(linkedid)?.iter().find_map(|id| self.up.get(id)?.campaign.clone())
    }
}

fn leave(groups: &mut HashMap<SmolStr, Vec<SmolStr>>, group: &str, id: &str) {
    if let Some(members) = groups.get_mut(group) {
        members.retain(|member| member != id);
        if members.is_empty() {
            groups.remove(group);
        }
    }
}
