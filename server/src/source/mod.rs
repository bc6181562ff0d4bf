//! ① One folder or file per way in: each knows one vendor's words, and translates them at the door into `Event`.
//!
//! What a source hands on goes by its `feed`. It stands on one of four bases: `line` where it is followed over a connection, `poll`
//! where it is asked again and again, `webhook` where it calls us, `datagram` where it sends packets. Those that a file configures
//! are in the list below: `[[source.<kind>]]`, each kind as often as it is there.

pub mod asterisk;
pub mod cpaas;
mod datagram;
pub mod feed;
pub mod file;
pub mod freeswitch;
mod joined;
mod lately;
mod line;
pub mod livekit;
pub mod numbers;
mod own;
pub mod pattern;
mod poll;
mod registry;
#[cfg(test)]
mod same_call_tests;
mod several;
pub mod simulator;
pub mod standard_webhooks;
pub mod statsd;
pub mod webhook;
pub mod worker;

pub use registry::{Site, Source, SourceError};
pub use several::{Several, Written};

use crate::store::any::Store;
use chrono_tz::Tz;
use feed::WayIn;
use tokio::task::JoinHandle;
use webhook::Hooks;

// To add one: its folder, and its line here.
registry::sources! {
    asterisk: asterisk::Asterisk,
    worker: worker::DialerWorker,
    webhook: standard_webhooks::StandardWebhook,
    livekit: livekit::Livekit,
    twilio: cpaas::Cpaas<cpaas::twilio::Twilio>,
    telnyx: cpaas::Cpaas<cpaas::telnyx::Telnyx>,
    plivo: cpaas::Cpaas<cpaas::plivo::Plivo>,
    vonage: cpaas::Cpaas<cpaas::vonage::Vonage>,
    statsd: statsd::Statsd,
}

/// What a source needs of the server.
#[derive(Debug, Clone)]
pub struct Needs {
    pub way_in: WayIn,
    /// Where those that call us open their addresses.
    pub hooks: Hooks,
    /// What was told before.
    pub store: Store,
    /// The site's.
    pub zone: Tz,
}
