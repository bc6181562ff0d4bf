//! Asterisk, by its manager interface (AMI).
//!
//! Bytes → `codec` → messages → `follow` (which keeps `channels`, `call`s, `agents`, `trunks`) → events → ingest;
//! `session` keeps the connection, after `login`. Follows originated and dialled calls, queues and their agents, contacts and
//! registrations. Does not control the PBX, and reads no CDRs meanwhile: what they say, the events said before and better.
//! Of the past, `ringside import` reads them (`cdr`, `cel`, `queue_log`), by what `house` knows of names.
//! Verified against Asterisk 22 (`end2end/asterisk`).

mod agents;
mod call;
pub mod cdr;
pub mod cel;
mod channels;
pub(crate) mod codec;
pub mod config;
pub(crate) mod counters;
mod ending;
mod endpoints;
#[cfg(test)]
pub(crate) mod fixtures;
pub(crate) mod follow;
#[cfg(test)]
mod follow_tests;
mod gaps;
pub mod house;
mod login;
mod names;
pub mod queue_log;
mod recall;
mod role;
mod session;
mod trunks;
mod unrouted;

pub use config::AsteriskConfig;
pub use endpoints::of_channels as endpoints_of_channels;

use crate::clock::Clock;
use crate::ingest::{Ingest, Refusal};
use crate::store::any::Store;
use crate::telemetry::Metrics;
use app::domain::Event;
use chrono_tz::Tz;
use counters::Counters;
use recall::InStore;
use session::{Sink, Submitted, World};
use std::sync::Arc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What the source needs of the server.
#[derive(Debug)]
pub struct Needs {
    pub ingest: Ingest,
    /// What was told before.
    pub store: Store,
    pub clock: Clock,
    /// The site's.
    pub zone: Tz,
    pub stop: CancellationToken,
}

/// Follows the PBX in a task of its own until `stop`.
#[must_use]
pub fn start(config: AsteriskConfig, needs: Needs, metrics: &Metrics) -> JoinHandle<()> {
    let Needs { ingest, store, clock, zone, stop } = needs;
    let counters = Arc::<Counters>::default();
    let read = counters.clone();
    metrics.watch(move || read.readings());
    metrics.register(|registry| {
        registry.register(
            "ringside_asterisk_unrouted_channels",
            "Channels of endpoints that belong to no route, and what these are taken for",
            counters.unrouted.channels(),
        );
    });
    let sink = ToIngest { ingest, counters: counters.clone() };
    let memory = InStore { store, realm: config.realm.clone(), source: config.source(), clock: clock.clone() };
    tokio::spawn(async move {
        let world = World { sink, memory, counters, clock, zone, stop };
        if let Err(error) = session::run(config, world).await {
            tracing::error!("{error}");
        }
    })
}

#[derive(Debug)]
struct ToIngest {
    ingest: Ingest,
    counters: Arc<Counters>,
}

impl Sink for ToIngest {
    async fn submit(&mut self, events: Vec<Event>) -> Submitted {
        // A copy is kept until the answer: what could not be taken is offered again, which is always safe.
        match self.ingest.submit(events.clone()).await {
            Ok(receipt) => {
                self.counters.events_rejected.add(receipt.rejected.len() as u64);
                if let Some((_, why)) = receipt.rejected.first() {
                    tracing::warn!(
                        rejected = receipt.rejected.len(),
                        "asterisk: events were rejected, the first because of {why}"
                    );
                }
                Submitted::Taken
            }
            Err(
                Refusal::Full { .. } | Refusal::NotDurable { .. } | Refusal::Lost { .. } | Refusal::StandingBy { .. },
            ) => Submitted::Later(events),
            Err(Refusal::Stopping) => Submitted::Closed,
        }
    }
}
