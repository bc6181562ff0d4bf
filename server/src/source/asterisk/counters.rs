//! What the Asterisk source counts about itself, under the names it has on `/metrics`.

use super::unrouted::Unrouted;
use crate::source::feed::Counted;
use crate::telemetry::{Reading, Value};
use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($(#[doc = $help:literal])* $name:ident),* $(,)?) => {
        /// All only ever grow.
        #[derive(Debug, Default)]
        pub struct Counters { pub unrouted: Unrouted, $($(#[doc = $help])* pub $name: Counter),* }

        impl Counters {
            /// All of them, for a scrape, with what the feed counts.
            #[must_use]
            pub fn readings(&self, fed: Counted) -> Vec<Reading> {
                let counter = |name, help, n| Reading { name, help, value: Value::Counter(n) };
                vec![
                    $(counter(
                        concat!("ringside_asterisk_", stringify!($name)),
                        concat!($($help),*).trim_ascii(),
                        self.$name.get(),
                    ),)*
                    counter(
                        "ringside_asterisk_events_rejected",
                        "Events that the writer rejected; its own counters tell why.",
                        fed.rejected,
                    ),
                    counter("ringside_asterisk_ingest_waits", "Times that ingest could not take events at once.", fed.waits),
                    self.unrouted.channels(),
                ]
            }
        }
    };
}

counters! {
    /// Messages read from the manager interface.
    messages,
    /// Messages dropped because the buffer towards ingest was full; each time the PBX was asked for its state again.
    messages_dropped,
    /// Messages longer than 1 MiB, passed over.
    messages_too_long,
    /// Connections made.
    connections,
    /// Times the state was asked for again.
    resyncs,
    /// Calls ended by a resync: they had ended while nobody listened.
    calls_ended_unseen,
    /// Calls whose number was not a telephone number in the configured country.
    numbers_unreadable,
    /// Endpoints that belong to no route and are not listed, because too many are.
    endpoints_not_listed,
    /// Channels not followed because too many were up, or because their id was no id.
    channels_not_followed,
}

#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
