//! Words for each type and field of the contract, in the reader's language.

/// The members of the envelope (CloudEvents 1.0), all of which must be there.
pub const ENVELOPE: [(&str, &str); 6] = [
    ("specversion", "always \"1.0\""),
    ("id", "the event’s own name within its source, 1 to 255 bytes; comes back with a rejection"),
    ("source", "who tells: a dialer, a PBX; also the realm of its calls’ ids, where no realm is told"),
    ("type", "one of the types below"),
    (
        "time",
        "when it happened, not when it was sent: RFC 3339 with any offset, at most five minutes ahead of the server’s clock",
    ),
    ("data", "an object with the fields of the type"),
];

/// What an event of a type says.
const TYPES: [(&str, &str); 19] = [
    ("call.started", "A call began: it was dialled, or it came in."),
    ("call.progress", "It rings, or early media is heard: the end of the post-dial delay."),
    ("call.answered", "Somebody or something answered."),
    (
        "call.greeted",
        "The person’s greeting ended. The two seconds within which an agent must be there run from here; without it, from the answer.",
    ),
    ("call.queued", "The caller waits in a queue for an agent."),
    ("call.bridged", "An agent is on the line."),
    ("call.transferred", "The call was passed on."),
    ("call.ended", "The call is over, and what became of it."),
    (
        "call.updated",
        "What became known afterwards of a call that another event has told, or will tell; any field that is no moment may be told again, and the latest word counts. It bears no moment of the call: one of which nothing else is ever told is kept, and counted nowhere, also not as undirected.",
    ),
    ("call.record", "A whole call at once, for those who tell of calls when they are over."),
    ("agent.state", "What an agent does from now on. 12 hours without a word count as offline."),
    ("channels.sample", "How many channels of a trunk are in use at this moment."),
    ("trunk.status", "How a carrier’s trunk does, by its own word."),
    ("health.sample", "How a part of the infrastructure does. Three intervals without a word count as offline."),
    (
        "metric.sample",
        "A measured value of a component, shown in its row; the component itself is there once health.sample has told of it.",
    ),
    ("campaign.updated", "What is in force for a campaign from now on. Only what is told changes."),
    ("did.updated", "One of the floor’s own numbers was taken into use, or out of it."),
    ("route.updated", "What a route is called, whose it is, and whether it is used."),
    ("cost.updated", "What a month costs; the latest word for a month and kind counts."),
];

/// What a field says. `type.field` goes before `field`.
const FIELDS: &[(&str, &str)] = &[
    ("call_id", "The call’s id within its realm: the SIP Call-ID, or the dialer’s own"),
    ("realm", "The name space of call ids; default: the event’s source. Sources that tell of the same calls share one"),
    (
        "cannot_tell",
        "What this source can’t know of the call: that is then no data, neither good nor bad. What one source of a call can tell is told: of several lists what all of them name counts, whichever came last. [] says that all can be told, leaving it out says nothing",
    ),
    ("call.started.direction", "Who called whom"),
    (
        "direction",
        "Who called whom. Of a call of which no event tells it no figure is made: it is only counted, as undirected, by its first moment",
    ),
    ("from", "The calling number. Of an outbound call it is one of the floor’s own and never masked"),
    ("to", "The called number. Of an inbound call it is one of the floor’s own"),
    ("campaign", "The campaign’s id"),
    ("agent.state.campaign", "For which campaign the agent works"),
    (
        "mode",
        "How it is dialled. A live answer without an agent two seconds after the greeting (else the answer) is abandoned where it is predictive, progressive or not known; preview and agentless calls only where `outcome` says so",
    ),
    ("campaign.updated.mode", "How the campaign dials, where a call does not say"),
    ("route", "The carrier path by which it left"),
    ("route.updated.route", "The route’s id"),
    ("country", "Of the far end; else it is found by the number"),
    ("list", "The list that the number is from"),
    ("attempt", "1 is this destination’s first attempt"),
    ("room", "The conference in which it is held"),
    ("right_party", "Whether the right person was reached"),
    ("wrap_ms", "Time that the agent took afterwards"),
    ("hold_ms", "Time on hold"),
    ("recording_url", "Where the recording is"),
    ("by", "Who answered; unknown counts as a person"),
    ("queue", "The queue’s id"),
    ("agent", "The agent’s id; of several the one who was told last has the call, with what it took and led to"),
    ("kind", "Blind, or with a word between the two first"),
    ("health.sample.kind", "What sort of component it is"),
    ("cost.updated.kind", "Telephony is set against right-party contacts, infrastructure against connected minutes"),
    ("target", "Whom it was passed on to"),
    ("transfer_kind", "As kind of call.transferred"),
    ("transfer_target", "As target of call.transferred"),
    (
        "outcome",
        "What became of a call that was never answered; else it is read from the codes, and is `failed` where there are none. Of an answered one only `abandoned` counts, in preview and agentless campaigns: that it was answered, bridged or left to wait is known by its moments",
    ),
    ("sip_code", "The final SIP response"),
    ("sip_reason", "Its reason phrase"),
    ("q850", "The Q.850 cause"),
    ("hung_up_by", "Who hung up"),
    ("final", "No further attempt at this destination will follow"),
    ("disposition", "The floor’s own word for the result"),
    ("metadata", "Anything else worth keeping with the call"),
    ("started_at", "When it began. Of each moment the earliest word counts, of the end the latest"),
    ("campaign.updated.started_at", "When the campaign began; its compliance periods of 30 days run from that day"),
    ("progress_at", "When it rang"),
    ("answered_at", "When it was answered"),
    ("greeted_at", "When the greeting ended"),
    ("queued_at", "When it entered the queue"),
    ("bridged_at", "When the agent came on the line; without it a call counts as never bridged, whoever its agent is"),
    ("transferred_at", "When it was passed on"),
    ("ended_at", "When it was over"),
    (
        "state",
        "What the agent does. Of two states told for one instant the one further on is kept: wrap_up, ready, break, on_call, offline",
    ),
    ("reason", "Why: the floor’s own word, like lunch"),
    ("campaign.updated.reason", "Why it is paused: schedule, operator, …"),
    ("trunk", "The trunk’s id: a route’s, unless [trunks] of the configuration maps it"),
    ("active", "Channels in use"),
    ("capacity", "Channels there are; else [trunks] of the configuration says so"),
    ("status", "How it stands"),
    ("detail", "In its own words"),
    ("component", "The component’s id"),
    ("latency_ms", "How long it took to answer"),
    ("link", "Its own dashboard, an address of the web; [links] of the configuration goes before it"),
    ("name", "What it is called on the pages"),
    (
        "metric.sample.name",
        "What is measured: cpu, memory, disk, net_in or net_out; any other name is taken, with a warning, and shown nowhere",
    ),
    ("value", "Of cpu, memory and disk the share in use, 0 to 1; of net_in and net_out bytes a second"),
    ("destination", "Where answered calls go: the routing label"),
    ("destinations", "Numbers in its lists: progress and penetration are of these"),
    ("cac_limit", "Calls that may be up at once"),
    ("cps_limit", "Calls a second that may be started; kept with the campaign, and judged by nothing"),
    ("rate_limited", "Whether the dialer holds it back now"),
    ("max_attempts", "After so many attempts a destination is given up"),
    (
        "limit",
        "The share of live answers that the law allows this campaign to abandon over its period; default 0.03. It moves the budget, the calls that are left; the rate’s colours stay those of /api/v1/kpis",
    ),
    ("did", "The number"),
    ("pool", "The pool that it belongs to"),
    ("carrier", "Whose route it is"),
    ("month", "The calendar month, by the site’s zone"),
    ("amount", "What the whole month costs"),
    ("currency", "In what"),
];

/// Nothing where a type has no words: a test sees to it that each has.
#[must_use]
pub fn type_words(type_name: &str) -> &'static str {
    TYPES.iter().find(|(name, _)| *name == type_name).map_or("", |(_, words)| words)
}

/// Likewise of a field.
#[must_use]
pub fn field_words(type_name: &str, field: &str) -> &'static str {
    let of_its_own = format!("{type_name}.{field}");
    let said = |name: &str| FIELDS.iter().find(|(key, _)| *key == name).map(|(_, words)| *words);
    said(&of_its_own).or_else(|| said(field)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Data;

    #[test]
    fn each_type_and_field_has_words_and_no_words_are_of_nothing() {
        let described = Data::described();
        for (type_name, fields) in &described {
            assert!(!type_words(type_name).is_empty(), "{type_name}: write what it says in contract/words.rs");
            for field in fields {
                let words = field_words(type_name, field.name);
                assert!(!words.is_empty(), "{type_name}, {}: write what it says in contract/words.rs", field.name);
            }
        }
        let known = |key: &str| {
            described.iter().any(|(type_name, fields)| {
                fields.iter().any(|field| field.name == key || format!("{type_name}.{}", field.name) == key)
            })
        };
        for (key, _) in FIELDS {
            assert!(known(key), "{key}: no event has such a field");
        }
        assert_eq!(TYPES.map(|(name, _)| name), Data::TYPES);
    }
}
