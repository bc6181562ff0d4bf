//! Who asks, from where, what they may, and how much of this server one client may have.
//!
//! Owns principals and the policy by which they are let in, a client's address (and which proxies are believed about it),
//! the names that this server answers to, how much each client holds at a time, wrong keys, and sessions of browsers. It
//! knows no route and makes no answer: `http::door` does.

pub mod clients;
pub mod guesses;
pub mod hosts;
pub mod keys;
pub mod limits;
pub mod newcomers;
pub mod policy;
pub mod principal;
pub mod proxies;
pub mod refused;
pub mod session;

use crate::clock::Clock;
use crate::kit::lane::Lanes;
use crate::telemetry::{Metrics, counters};
use clients::Clients;
use guesses::Guesses;
use hosts::Hosts;
use keys::{Keys, Scope};
use limits::Limits;
use newcomers::Newcomers;
use policy::Policy;
use proxies::Proxies;
use refused::RefusedSenders;
use std::sync::Arc;

/// Who may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Whoever reaches the listener: it listens to this machine only, or that was asked for by name.
    Free,
    /// Who has a key of scope `read`.
    Keyed,
}

/// What browsers are told of how to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    AsItComes,
    /// Behind a proxy that speaks TLS: `hsts = true`.
    TlsAlone,
}

/// What the door works with. Shared by all that stand at it.
#[derive(Debug)]
pub struct Access {
    pub keys: Arc<Keys>,
    pub reading: Reading,
    pub hosts: Hosts,
    pub proxies: Proxies,
    pub clients: Arc<Clients>,
    pub guesses: Guesses,
    pub refused_senders: RefusedSenders,
    pub newcomers: Newcomers,
    pub transport: Transport,
    /// Where answers are made.
    pub lanes: Lanes,
    pub clock: Clock,
    pub counters: Arc<Turned>,
}

counters! {
    /// Who was turned away.
    pub struct Turned {
        misnamed: counter "ringside_misnamed", "Requests by a name in `Host` that is not this server's";
        unread: counter "ringside_reading_denied", "Requests refused for want of a key to read";
        denied: counter "ringside_control_denied", "Refused for want of a key, or of the right origin";
    }
}

/// What of it is configured.
#[derive(Debug, Clone)]
pub struct Doors {
    pub reading: Reading,
    pub hosts: Hosts,
    pub proxies: Proxies,
    pub limits: Limits,
    pub transport: Transport,
}

impl Default for Doors {
    /// Those of a server that listens to its own machine.
    fn default() -> Self {
        Self {
            reading: Reading::Free,
            hosts: Hosts::default(),
            proxies: Proxies::default(),
            limits: Limits::default(),
            transport: Transport::AsItComes,
        }
    }
}

impl Access {
    #[must_use]
    pub fn new(doors: Doors, keys: Arc<Keys>, lanes: Lanes, clock: Clock, metrics: &Metrics) -> Arc<Self> {
        let Doors { reading, hosts, proxies, limits, transport } = doors;
        let newcomers = Newcomers::new(limits.new_names);
        let (clients, guesses) = (Arc::new(Clients::new(limits)), Guesses::default());
        let counters = Arc::<Turned>::default();
        let (held, wrong, turned) = (clients.clone(), guesses.counters().clone(), counters.clone());
        metrics.watch(move || held.readings());
        metrics.watch(move || wrong.readings());
        metrics.watch(move || turned.readings());
        let refused_senders = RefusedSenders::default();
        Arc::new(Self {
            keys,
            reading,
            hosts,
            proxies,
            clients,
            guesses,
            refused_senders,
            newcomers,
            transport,
            lanes,
            clock,
            counters,
        })
    }

    /// Who may do what here.
    #[must_use]
    pub fn policy(&self) -> Policy<'_> {
        Policy { reading: self.reading, keys: &self.keys }
    }

    #[must_use]
    pub fn limits(&self) -> &Limits {
        self.clients.limits()
    }

    /// Whether some key opens the pages.
    #[must_use]
    pub fn has_reading_key(&self) -> bool {
        self.keys.any(Scope::Read) || self.keys.any(Scope::Control)
    }
}
