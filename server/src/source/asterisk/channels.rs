//! Which channels are up, and how they hang together.
//!
//! Owns the channels, their bridges and their common call (`Linkedid`), and finds who is on a line together: dialers put
//! Local channels between the carrier's channel and the agent's telephone, several one after another.
//! Bounded: [`MAX_CHANNELS`] channels, [`REMEMBERED`] ids of channels that are gone, [`LONGEST_LINE`] channels of a line.

use super::call::CallState;
use super::names::other_half;
use super::role::Role;
use crate::source::lately::Lately;
use app::domain::ids::CampaignId;
use smol_str::SmolStr;
use std::collections::{HashMap, HashSet};

/// Most channels followed at once; those beyond are counted and not followed.
pub const MAX_CHANNELS: usize = 50_000;
/// Ids of channels that hung up lately, so that a list made just before does not bring them back.
const REMEMBERED: usize = 8_192;
/// Most channels looked at for who is on a line: those of a large conference.
const LONGEST_LINE: usize = 256;

#[derive(Debug, Default)]
pub struct Channel {
    pub name: SmolStr,
    /// Its device, `TECH/resource`.
    pub interface: SmolStr,
    pub role: Role,
    pub is_up: bool,
    /// It has dialled a telephone: whoever is on its line waits for that.
    pub has_rung: bool,
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
        self.role == Role::Half
    }
}

#[derive(Debug)]
pub struct Channels {
    up: HashMap<SmolStr, Channel>,
    halves: HashMap<SmolStr, SmolStr>,
    linked: HashMap<SmolStr, Vec<SmolStr>>,
    bridges: HashMap<SmolStr, Vec<SmolStr>>,
    devices: HashMap<SmolStr, Vec<SmolStr>>,
    conferences: HashSet<SmolStr>,
    gone: Lately<SmolStr>,
}

impl Default for Channels {
    fn default() -> Self {
        Self {
            up: HashMap::new(),
            halves: HashMap::new(),
            linked: HashMap::new(),
            bridges: HashMap::new(),
            devices: HashMap::new(),
            conferences: HashSet::new(),
            gone: Lately::new(REMEMBERED),
        }
    }
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
        } else if self.gone.has(id) {
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
        self.devices.entry(channel.interface.clone()).or_default().push(id.clone());
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
        // Two events may tell of it; what the bridge is must outlast the second.
        if self.up.get(id).is_some_and(|channel| channel.bridge.as_deref() == Some(bridge)) {
            return;
        }
        self.leave_bridge(id);
        if let Some(channel) = self.up.get_mut(id) {
            channel.bridge = Some(SmolStr::new(bridge));
            self.bridges.entry(SmolStr::new(bridge)).or_default().push(SmolStr::new(id));
        }
    }

    pub fn leave_bridge(&mut self, id: &str) {
        if let Some(bridge) = self.up.get_mut(id).and_then(|channel| channel.bridge.take()) {
            leave(&mut self.bridges, &bridge, id);
            if !self.bridges.contains_key(&bridge) {
                self.conferences.remove(&bridge);
            }
        }
    }

    /// A bridge that channels have entered is a conference: people come to it and leave by themselves.
    pub fn is_a_conference(&mut self, bridge: &str) {
        if self.bridges.contains_key(bridge) {
            self.conferences.insert(SmolStr::new(bridge));
        }
    }

    pub fn remove(&mut self, id: &str) -> Option<Channel> {
        self.leave_bridge(id);
        let channel = self.up.remove(id)?;
        leave(&mut self.linked, &channel.linkedid, id);
        leave(&mut self.devices, &channel.interface, id);
        if channel.is_local() {
            self.halves.remove(&channel.name);
        }
        self.gone.add(SmolStr::new(id));
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

    /// The other half of a Local channel.
    fn across(&self, channel: &Channel) -> Option<&SmolStr> {
        self.halves.get(other_half(&channel.name)?.as_str())
    }

    /// Who is on a line with a channel, that itself first and the nearest next: through its bridge, from each Local half in
    /// it to the other half, and on through that one's bridge.
    #[must_use]
    pub fn line(&self, id: &str) -> Vec<SmolStr> {
        let mut line = vec![SmolStr::new(id)];
        let mut seen: HashSet<&str> = HashSet::from([id]);
        let mut next = 0;
        while let Some(channel) = line.get(next).and_then(|id| self.up.get(id)) {
            let bridged = channel.bridge.as_deref().map_or(&[][..], |bridge| self.in_bridge(bridge));
            for one in bridged.iter().chain(self.across(channel)) {
                if line.len() < LONGEST_LINE && seen.insert(one) {
                    line.push(one.clone());
                }
            }
            next += 1;
        }
        line
    }

    /// Whether a channel is where an agent could be without being seen: in a conference, or one half of a Local channel whose
    /// other half is on no line.
    #[must_use]
    pub fn may_hide_somebody(&self, channel: &Channel) -> bool {
        let is_in_conference = channel.bridge.as_ref().is_some_and(|bridge| self.conferences.contains(bridge));
        let runs_an_application = || {
            let other = self.across(channel).and_then(|id| self.up.get(id));
            other.is_none_or(|other| other.bridge.is_none() && !other.has_rung)
        };
        is_in_conference || (channel.is_local() && channel.bridge.is_some() && runs_an_application())
    }

    /// The calls that a channel belongs to: its own; for a Local half those on its line, else the answered ones of the same
    /// `Linkedid`.
    #[must_use]
    pub fn calls_reached(&self, id: &str) -> Vec<SmolStr> {
        let Some(channel) = self.up.get(id) else { return Vec::new() };
        if channel.call.is_some() {
            return vec![SmolStr::new(id)];
        }
        if !channel.is_local() {
            return Vec::new();
        }
        let has_call = |id: &SmolStr| self.up.get(id).is_some_and(|c| c.call.is_some());
        let on_line: Vec<_> = self.line(id).into_iter().filter(has_call).collect();
        if !on_line.is_empty() {
            return on_line;
        }
        let is_up =
            |id: &&SmolStr| self.up.get(*id).and_then(|c| c.call.as_ref()).is_some_and(|call| call.up.is_some());
        self.linked(&channel.linkedid).iter().filter(is_up).cloned().collect()
    }

    /// Channels of one `Linkedid`.
    #[must_use]
    pub fn linked(&self, linkedid: &str) -> &[SmolStr] {
        self.linked.get(linkedid).map_or(&[], Vec::as_slice)
    }

    /// Whether a device is on the line: a channel of it is answered.
    #[must_use]
    pub fn is_talking(&self, interface: &str) -> bool {
        let up = |id: &SmolStr| self.up.get(id).is_some_and(|channel| channel.is_up);
        self.devices.get(interface).is_some_and(|channels| channels.iter().any(up))
    }

    /// The campaign that any channel of the same `Linkedid` names.
    #[must_use]
    pub fn campaign_linked(&self, linkedid: &str) -> Option<CampaignId> {
        self.linked(linkedid).iter().find_map(|id| self.up.get(id)?.campaign.clone())
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
