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
#[cfg(test)]
mod two_tests;
mod unrouted;

pub use config::AsteriskConfig;
pub use endpoints::of_channels as endpoints_of_channels;

use super::feed::{Identity, State};
use super::{Needs, Site, Source};
use counters::Counters;
use recall::InStore;
use session::World;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// A PBX that is followed, as the file has it.
#[derive(Debug)]
pub struct Asterisk;

impl Source for Asterisk {
    const KIND: &'static str = "asterisk";
    const NAMED_BY: &'static str = "realm";
    type Table = AsteriskConfig;
    type Config = AsteriskConfig;

    fn checked(table: AsteriskConfig, site: Site) -> Result<AsteriskConfig, String> {
        table.checked(site.country).map_err(|error| error.to_string())
    }

    fn name(config: &AsteriskConfig) -> &str {
        config.realm.as_str()
    }

    fn start(config: AsteriskConfig, needs: Needs) -> Result<JoinHandle<()>, String> {
        Ok(follow_pbx(config, needs))
    }
}

fn follow_pbx(config: AsteriskConfig, needs: Needs) -> JoinHandle<()> {
    let Needs { way_in, hooks: _, store, zone } = needs;
    let counters = Arc::<Counters>::default();
    let read = Arc::clone(&counters);
    let identity = Identity { kind: Asterisk::KIND, name: config.source().to_string().into() };
    let own = Box::new(move |fed| read.readings_with(fed));
    let feed = way_in.open(identity, Some(own));
    let memory = InStore { store, realm: config.realm.clone(), source: config.source(), clock: way_in.clock };
    tokio::spawn(async move {
        let ended = feed.clone();
        let world = World { feed, memory, counters, zone };
        if let Err(error) = session::run(config, world).await {
            tracing::error!("{error}");
            ended.is(State::Ended(Some(error.to_string())));
        }
    })
}
