//! Events in.

use super::parts::{all, object, problems, reference};
use crate::http::docs;
use app::domain::Data;
use serde_json::{Value, json};

pub(super) fn paths() -> Value {
    let event = reference("Event");
    let taken = json!({
        "200": { "description": "Everything accepted is durable", "content": { "application/json": { "schema": reference("Accepted") } } },
    });
    let refused = problems(
        "IngestProblem",
        &[
            ("400", "Not JSON"),
            ("401", "No key, or an unknown one"),
            ("403", "The key lacks the scope `ingest`"),
            ("408", "Nothing came for a minute"),
            ("413", "A line, or a body that is not a stream, over 8 MiB"),
            ("415", "Another kind of body"),
            ("422", "Every event was rejected"),
            ("429", "The queue is full; see Retry-After"),
            ("503", "It could not be made durable, or the server is stopping; see Retry-After"),
        ],
    );
    let signed = |name: &str, what: &str| json!({ "name": name, "in": "header", "required": true, "schema": { "type": "string" }, "description": what });
    let message = json!({ "post": {
        "summary": "A signed message of a source under [[source.webhook]]: one event, or an array of them",
        "description": "LiveKit ([[source.livekit]]), Twilio, Telnyx, Plivo and Vonage post to such addresses too, what they say and signed as they sign",
        "security": [{}],
        "parameters": [
            { "name": "name", "in": "path", "required": true, "schema": { "type": "string" }, "description": "The source's `name`" },
            signed("webhook-id", "Names the message"),
            signed("webhook-timestamp", "When it was sent, in seconds since 1970: within five minutes of now"),
            signed("webhook-signature", "Standard Webhooks 1.0: `v1,` and base64 of the HMAC-SHA256 of `id.timestamp.body`; several, parted by spaces, while keys are changed"),
        ],
        "requestBody": { "required": true, "content": { "application/json": { "schema": either_of(&event) } } },
        "responses": all([taken.clone(), problems(
            "IngestProblem",
            &[
                ("400", "Not JSON"),
                ("401", "Not signed by a key of this source over these bytes, or not within five minutes"),
                ("404", "Nobody is awaited at this address"),
                ("408", "It came too slowly"),
                ("413", "Over 1 MiB"),
                ("415", "It came packed"),
                ("422", "Every event was rejected"),
                ("429", "The queue is full; see Retry-After"),
                ("503", "It could not be made durable, or the server is stopping; see Retry-After"),
            ],
        )]),
    } });
    json!({ "/hooks/{name}": message, "/api/v1/events": { "post": {
        "summary": "Events in: one, an array, or a line each",
        "security": [{ "ingest": [] }, {}],
        "requestBody": { "required": true, "content": {
            "application/cloudevents+json": { "schema": event },
            "application/cloudevents-batch+json": { "schema": { "type": "array", "items": event } },
            "application/x-ndjson": { "schema": { "type": "string", "description": "One event a line, any number of lines" } },
        } },
        "responses": all([taken, refused]),
    } } })
}

/// One event, or an array of them.
fn either_of(event: &Value) -> Value {
    json!({ "oneOf": [event, { "type": "array", "items": event }] })
}

pub(super) fn schemas() -> Value {
    let (text, count) = (json!({ "type": "string" }), json!({ "type": "integer" }));
    let rejected = json!({ "type": "array", "items": object(&["index", "id", "error"], json!({
        "index": count, "id": { "type": ["string", "null"] }, "error": text,
    })) });
    let account = json!({
        "accepted": count, "duplicate": count, "rejected": rejected,
        "warnings": { "type": "array", "description": "Fields that no event of their type has and that were ignored, metrics that are shown nowhere, records without a direction; absent where there are none",
            "items": object(&["type", "field", "count", "warning"], json!({
                "type": text, "field": text, "count": count, "warning": text, "nearest": text,
            })) },
        "warnings_more": { "type": "integer", "description": "Unknown fields met beyond those that are named" },
        "rejected_more": { "type": "integer", "description": "Rejected events beyond those that are named" },
    });
    let problem = json!({ "type": text, "title": text, "status": count, "detail": text });
    let both = all([problem.clone(), account.clone()]);
    let types: Vec<Value> = Data::TYPES.iter().map(|name| reference(name)).collect();
    all([
        Value::Object(docs::events()),
        json!({
            "Event": { "description": "A CloudEvent 1.0", "oneOf": types },
            "Accepted": object(&["accepted", "duplicate", "rejected"], account),
            "Problem": object(&["type", "title", "status", "detail"], problem),
            "IngestProblem": object(&["type", "title", "status", "detail", "accepted", "duplicate", "rejected"], both),
        }),
    ])
}
