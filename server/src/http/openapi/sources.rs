//! What the server listens to.

use super::parts::{either, get, object, parameter, reference};
use crate::source::feed::State;
use serde_json::{Value, json};

pub(super) fn paths() -> Value {
    let named = parameter("source", "The source's `name`", json!({ "type": "string" }));
    let mut payloads = get(
        "What a source said last, the newest first, at most 20: word for word but for persons' numbers, and cut short",
        json!([named]),
        reference("Payloads"),
    );
    payloads["security"] = json!([{ "control": [] }, {}]);
    json!({
        "/api/v1/sources": { "get": get(
            "What this server listens to: how each source is, what was taken of it, and what was rejected and why",
            json!([]),
            reference("Sources"),
        ) },
        "/api/v1/sources/payloads": { "get": payloads },
    })
}

pub(super) fn schemas() -> Value {
    let (text, count, moment) = (json!({ "type": "string" }), json!({ "type": "integer" }), reference("Moment"));
    let rejection = object(&["at", "why"], json!({ "at": moment, "why": text }));
    let row = object(
        &[
            "kind",
            "name",
            "state",
            "why",
            "since",
            "accepted",
            "duplicate",
            "rejected",
            "refused",
            "dropped",
            "waits",
            "last_heard",
            "last_refusal",
            "last_rejections",
        ],
        json!({
            "kind": { "type": "string", "description": "As in [[source.<kind>]] of the configuration; or http, simulator" },
            "name": { "type": "string", "description": "No other source has it" },
            "state": { "type": "string", "enum": State::WORDS, "description": "starting: not heard yet; away: can't be reached, or says nothing" },
            "why": { "type": ["string", "null"], "description": "Why it is away, or has ended" },
            "since": either(moment.clone()),
            "accepted": count, "duplicate": count, "rejected": count,
            "refused": { "type": "integer", "description": "Requests and packets turned away unread: not signed, without a key, from elsewhere" },
            "dropped": { "type": "integer", "description": "Events given up because they could not be taken in time; they were told anew" },
            "waits": { "type": "integer", "description": "Times that events could not be taken at once" },
            "last_heard": either(moment.clone()),
            "last_refusal": either(rejection.clone()),
            "last_rejections": { "type": "array", "items": rejection, "maxItems": 20 },
        }),
    );
    let payload = object(&["at", "payload"], json!({ "at": moment, "payload": text }));
    json!({
        "Sources": object(&["as_of", "rows"], json!({ "as_of": moment, "rows": { "type": "array", "items": row } })),
        "Payloads": object(&["as_of", "source", "rows"], json!({
            "as_of": moment, "source": text, "rows": { "type": "array", "items": payload, "maxItems": 20 },
        })),
    })
}
