//! What the Asterisk source counts about itself, under the names it has on `/metrics`.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($(#[doc = $help:literal])* $name:ident),* $(,)?) => {
        /// All only ever grow.
        #[derive(Debug, Default)]
        pub struct Counters { $($(#[doc = $help])* pub $name: Counter),* }

        impl Counters {
            /// Name, help and value of each.
            #[must_use]
            pub fn read(&self) -> Vec<(&'static str, &'static str, u64)> {
                vec![$((concat!("ringside_asterisk_", stringify!($name), "_total"), concat!($($help),*), self.$name.get())),*]
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
    /// Channels not followed because too many were up, or because their id was no id.
    channels_not_followed,
    /// Times that ingest could not take events at once.
    ingest_waits,
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
