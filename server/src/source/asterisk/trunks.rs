//! Trunks: the state and the channels of each carrier's endpoints.
//!
//! A trunk's state is that of its contacts (answering OPTIONS or not) and of its registrations; unknown until one of
//! them is told. A route may have several endpoints: they count as one trunk. Times come from outside.

use super::codec::Message;
use super::config::AsteriskConfig;
use app::domain::event::{ChannelsSample, Text, TrunkStatus};
use app::domain::ids::TrunkId;
use app::domain::outcome::TrunkHealth;
use app::domain::time::{Moment, Span};
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap};

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
    of_endpoint: HashMap<SmolStr, TrunkId>,
    trunks: BTreeMap<TrunkId, Trunk>,
    /// Which endpoint a registration is for, by the URI that registers.
    registered: HashMap<SmolStr, SmolStr>,
}

impl Trunks {
    #[must_use]
    pub fn new(config: &AsteriskConfig) -> Self {
        let mut trunks = BTreeMap::<TrunkId, Trunk>::new();
        for route in config.routes.values() {
            let trunk = trunks.entry(route.trunk()).or_default();
            trunk.capacity = trunk.capacity.into_iter().chain(route.capacity).reduce(u32::saturating_add);
        }
        let of_endpoint = config.routes.iter().map(|(endpoint, route)| (endpoint.clone(), route.trunk())).collect();
        Self { of_endpoint, trunks, registered: HashMap::new() }
    }

    /// One more channel of an endpoint, or one less.
    pub fn channel(&mut self, endpoint: &str, change: ChannelChange) {
        let Some(trunk) = self.of_endpoint.get(endpoint).and_then(|id| self.trunks.get_mut(id)) else { return };
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
        self.line(endpoint, &format!("contact {uri}"), Line::read(word))
    }

    /// `PeerStatus` of the drivers that have no contacts (`SIP/name`); PJSIP's says what its contacts say.
    pub fn peer(&mut self, message: &Message) -> Option<TrunkStatus> {
        let peer = message.known("Peer").filter(|peer| !peer.starts_with("PJSIP/"))?;
        self.line(peer, "peer", Line::read(message.known("PeerStatus")?))
    }

    /// `OutboundRegistrationDetail` of a list: its state, and which endpoint it is for.
    pub fn registration_detail(&mut self, message: &Message) -> Option<TrunkStatus> {
        let named = [message.known("Endpoint"), message.known("ObjectName")];
        let endpoint = named.into_iter().flatten().find(|name| self.of_endpoint.contains_key(*name))?;
        if let Some(uri) = message.known("ClientUri")
            && self.registered.len() < MAX_CONTACTS * self.of_endpoint.len()
        {
            self.registered.insert(SmolStr::new(uri), SmolStr::new(endpoint));
        }
        self.line(endpoint, "registration", Line::read(message.known("Status")?))
    }

    /// `Registry`: a registration's state changed.
    pub fn registry(&mut self, message: &Message) -> Option<TrunkStatus> {
        let endpoint = self.registered.get(message.known("Username")?)?.clone();
        self.line(&endpoint, "registration", Line::read(message.known("Status")?))
    }

    fn line(&mut self, endpoint: &str, name: &str, line: Option<Line>) -> Option<TrunkStatus> {
        let id = self.of_endpoint.get(endpoint)?;
        let trunk = self.trunks.get_mut(id)?;
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
        Some(TrunkStatus { trunk: id.clone(), status: health, detail: trunk.detail() })
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
