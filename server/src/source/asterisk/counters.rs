//! What the Asterisk source counts about itself, under the names it has on `/metrics`.

use super::unrouted::Unrouted;
use crate::source::feed::Counted;
use crate::telemetry::{Reading, counters};

counters! {
    /// All only ever grow.
    pub struct Counters {
        messages: counter "ringside_asterisk_messages", "Messages read from the manager interface.";
        messages_dropped: counter "ringside_asterisk_messages_dropped",
            "Messages dropped because the buffer towards ingest was full; each time the PBX was asked for its state again.";
        messages_too_long: counter "ringside_asterisk_messages_too_long", "Messages longer than 1 MiB, passed over.";
        connections: counter "ringside_asterisk_connections", "Connections made.";
        resyncs: counter "ringside_asterisk_resyncs", "Times the state was asked for again.";
        calls_ended_unseen: counter "ringside_asterisk_calls_ended_unseen",
            "Calls ended by a resync: they had ended while nobody listened.";
        numbers_unreadable: counter "ringside_asterisk_numbers_unreadable",
            "Calls whose number was not a telephone number in the configured country.";
        numbers_not_own: counter "ringside_asterisk_numbers_not_own",
            "Calls to outside that showed a number which `dids` does not name and nobody has called: a person's, as far as is known.";
        endpoints_not_listed: counter "ringside_asterisk_endpoints_not_listed",
            "Endpoints that belong to no route and are not listed, because too many are.";
        channels_not_followed: counter "ringside_asterisk_channels_not_followed",
            "Channels not followed because too many were up, or because their id was no id.";
    }
    also {
        unrouted: Unrouted;
    }
}

impl Counters {
    /// All of them, for a scrape, with what the feed counts.
    #[must_use]
    pub fn readings_with(&self, fed: Counted) -> Vec<Reading> {
        let mut readings = self.readings();
        readings.extend([
            Reading::counter(
                "ringside_asterisk_events_rejected",
                "Events that the writer rejected; its own counters tell why.",
                fed.rejected,
            ),
            Reading::counter(
                "ringside_asterisk_ingest_waits",
                "Times that ingest could not take events at once.",
                fed.waits,
            ),
            self.unrouted.channels(),
        ]);
        readings
    }
}
