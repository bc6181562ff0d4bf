//! Trunks: the state and the channels of each carrier's endpoints.
//!
//! A trunk's state is that of its contacts (answering OPTIONS or not) and of its registrations; unknown until one of
//! them is told. A route may have several endpoints: they count as one trunk. Times come from outside.

use super::codec::Message;
use super::config::{AsteriskConfig, RouteConfig};
use app::domain::event::{ChannelsSample, Text, TrunkStatus};
use app::domain::ids::TrunkId;
use app::domain::outcome::TrunkHealth;
use app::domain::time::{Moment, Span};
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Most contacts remembered of one trunk; what is told of others is not kept.
const MAX_CONTACTS: usize = 64;
/// A count that does not change is told this often, so that its age shows.
const SAMPLE_EVERY: Span = Span::secs(10);

/// Whether one line of a trunk (a contact, a registration) works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Works,
    Fails,
}

impl Line {
    /// The words of `ContactStatus`, `PeerStatus` and `Registry`; those that say nothing of working are none.
    fn read(word: &str) -> Option<Self> {
        match word {
            "Reachable" | "Registered" => Some(Self::Works),
            "Unreachable" | "Lagged" | "Rejected" | "Unregistered" | "Failed" | "Removed" | "Stopped" => {
                Some(Self::Fails)
            }
            _ => None,
        }
    }
}

#[derive(Debug, Default)]
struct Trunk {
    capacity: Option<u32>,
    lines: BTreeMap<SmolStr, Line>,
    told: Option<TrunkHealth>,
    active: u32,
    sampled: Option<(u32, Moment)>,
}

#[derive(Debug)]
pub struct Trunks {
    config: Arc<AsteriskConfig>,
    trunks: BTreeMap<TrunkId, Trunk>,
    /// Which endpoint a registration is for, by the URI that registers.
    registered: HashMap<SmolStr, SmolStr>,
}

impl Trunks {
    #[must_use]
    pub fn new(config: Arc<AsteriskConfig>) -> Self {
        let mut trunks = BTreeMap::<TrunkId, Trunk>::new();
        for route in config.routes.values() {
            let trunk = trunks.entry(route.trunk()).or_default();
            trunk.capacity = trunk.capacity.into_iter().chain(route.capacity).reduce(u32::saturating_add);
        }
        Self { config, trunks, registered: HashMap::new() }
    }

    /// One more channel of the route under a key, or one less.
    pub fn channel(&mut self, key: &str, change: ChannelChange) {
        let id = self.config.routes.get(key).map(RouteConfig::trunk);
        let Some(trunk) = id.and_then(|id| self.trunks.get_mut(&id)) else { return };
        trunk.active = match change {
            ChannelChange::Came => trunk.active.saturating_add(1),
            ChannelChange::Went => trunk.active.saturating_sub(1),
        };
    }

    /// `ContactStatus`, or `ContactStatusDetail` of a list.
    pub fn contact(&mut self, message: &Message) -> Option<TrunkStatus> {
        let word = message.known("ContactStatus").or_else(|| message.known("Status"))?;
        let endpoint = message.known("EndpointName").or_else(|| message.known("AOR"))?;
        let uri = message.known("URI").unwrap_or_default();
        self.line("PJSIP", endpoint, &format!("contact {uri}"), Line::read(word))
    }

    /// `PeerStatus` of the drivers that have no contacts (`SIP/name`); PJSIP's says what its contacts say.
    pub fn peer(&mut self, message: &Message) -> Option<TrunkStatus> {
        let (tech, peer) = message.known("Peer")?.split_once('/').filter(|(tech, _)| *tech != "PJSIP")?;
        self.line(tech, peer, "peer", Line::read(message.known("PeerStatus")?))
    }

    /// `OutboundRegistrationDetail` of a list: its state, and which endpoint it is for.
    pub fn registration_detail(&mut self, message: &Message) -> Option<TrunkStatus> {
        let named = [message.known("Endpoint"), message.known("ObjectName")];
        let endpoint = named.into_iter().flatten().find(|name| self.config.route_of("PJSIP", name).is_some())?;
        if let Some(uri) = message.known("ClientUri")
            && self.registered.len() < MAX_CONTACTS * self.config.routes.len()
        {
            self.registered.insert(SmolStr::new(uri), SmolStr::new(endpoint));
        }
        self.line("PJSIP", endpoint, "registration", Line::read(message.known("Status")?))
    }

    /// `Registry`: a registration's state changed.
    pub fn registry(&mut self, message: &Message) -> Option<TrunkStatus> {
        let endpoint = self.registered.get(message.known("Username")?)?.clone();
        self.line("PJSIP", &endpoint, "registration", Line::read(message.known("Status")?))
    }

    fn line(&mut self, tech: &str, endpoint: &str, name: &str, line: Option<Line>) -> Option<TrunkStatus> {
        let id = self.config.route_of(tech, endpoint)?.1.trunk();
        let trunk = self.trunks.get_mut(&id)?;
        let name = SmolStr::new(format!("{endpoint} {name}"));
        match line {
            Some(line) if trunk.lines.len() < MAX_CONTACTS || trunk.lines.contains_key(&name) => {
                trunk.lines.insert(name, line);
            }
            Some(_) => {}
            None => {
                trunk.lines.remove(&name);
            }
        }
        let health = trunk.health()?;
        if trunk.told.replace(health) == Some(health) {
            return None;
        }
        Some(TrunkStatus { detail: trunk.detail(), trunk: id, status: health })
    }

    /// Counts that changed, or were not told for [`SAMPLE_EVERY`].
    pub fn samples(&mut self, now: Moment) -> Vec<ChannelsSample> {
        let mut samples = Vec::new();
        for (id, trunk) in &mut self.trunks {
            let fresh =
                trunk.sampled.is_some_and(|(active, at)| active == trunk.active && now.since(at) < SAMPLE_EVERY);
            if !fresh {
                trunk.sampled = Some((trunk.active, now));
                samples.push(ChannelsSample { trunk: id.clone(), active: trunk.active, capacity: trunk.capacity });
            }
        }
        samples
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelChange {
    Came,
    Went,
}

impl Trunk {
    fn failing(&self) -> usize {
        self.lines.values().filter(|line| **line == Line::Fails).count()
    }

    fn health(&self) -> Option<TrunkHealth> {
        match self.failing() {
            _ if self.lines.is_empty() => None,
            0 => Some(TrunkHealth::Healthy),
            n if n == self.lines.len() => Some(TrunkHealth::Unhealthy),
            _ => Some(TrunkHealth::Degraded),
        }
    }

    fn detail(&self) -> Option<Text> {
        let failing = self.failing();
        (failing > 0)
            .then(|| Text::clipped(&format!("{failing} of {} contacts and registrations fail", self.lines.len())))
    }
}
