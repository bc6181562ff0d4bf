//! The hand on the switch, and what is written down of it.

use super::parts::{all, campaign, cursor, either, get, limit, list, moment, object, path, problems, reference};
use crate::audit::entry::{Changed, Step};
use serde_json::{Value, json};

pub(super) fn paths() -> Value {
    let parameters = json!([campaign(), moment("from", "the beginning"), moment("to", "now"), limit(100), cursor()]);
    let mut audit =
        list("Who asked dialers for what, and what became of it, newest first", parameters, reference("Audit"));
    audit["security"] = json!([{ "control": [] }, {}]);
    json!({
        "/api/v1/campaigns/{id}/pause": { "post": ask("Asks the dialer to pause a campaign; what comes of it is told by `control`") },
        "/api/v1/campaigns/{id}/resume": { "post": ask("Asks the dialer to go on with a campaign; within ten seconds of a pause it takes it back") },
        "/api/v1/campaigns/{id}/control": { "get": get(
            "What was last asked of a campaign's dialer, and how far it has come",
            json!([path("id", "The campaign")]),
            reference("Standing"),
        ) },
        "/api/v1/audit": { "get": audit },
        "/api/v1/annotations": { "get": list(
            "When dialers confirmed that a campaign was paused or resumed: marks for charts, oldest first",
            json!([campaign(), moment("from", "24 hours before `to`"), moment("to", "now")]),
            reference("Annotations"),
        ) },
    })
}

fn ask(summary: &str) -> Value {
    let asked = json!({
        "202": { "description": "It is asked, or was already", "content": { "application/json": { "schema": reference("Asked") } } },
    });
    let refused = problems(
        "Problem",
        &[
            ("400", "A body, or an Idempotency-Key, that has no meaning"),
            ("401", "No key, or an unknown one"),
            (
                "403",
                "The key lacks the scope `control`; or there is no such key, and it was asked from elsewhere than this machine",
            ),
            ("404", "No such campaign is known"),
            ("409", "The campaign has ended, or no dialer is configured for it"),
            ("413", "A body over 1 KiB"),
            ("422", "The Idempotency-Key came before with another campaign or action"),
            ("429", "Too many requests, or wrong keys; see Retry-After"),
            ("503", "The audit log can't be written, so nothing was asked; see Retry-After"),
        ],
    );
    let key = json!({
        "name": "Idempotency-Key", "in": "header", "description": "The request's name: sent again, it is the same request",
        "schema": { "type": "string", "minLength": 1, "maxLength": 255 },
    });
    json!({
        "summary": summary,
        "security": [{ "control": [] }, {}],
        "parameters": [path("id", "The campaign"), key],
        "responses": all([asked, refused]),
    })
}

pub(super) fn schemas() -> Value {
    let (text, count, moment) = (json!({ "type": "string" }), json!({ "type": "integer" }), reference("Moment"));
    let maybe = json!({ "type": ["string", "null"] });
    let status = json!({ "type": ["string", "null"], "enum": ["active", "paused", "ended", null] });
    let entry = object(
        &[
            "n", "at", "step", "request", "campaign", "action", "who", "from", "asked_at", "before", "after", "why",
            "hash",
        ],
        json!({
            "n": count, "at": moment, "request": text, "campaign": text, "action": maybe, "who": text, "from": text,
            "what": { "type": "string", "enum": Changed::ALL.map(Changed::word), "description": "What was changed, where it was no campaign's running" },
            "step": { "type": "string", "enum": Step::ALL.map(Step::word) },
            "asked_at": moment, "before": status, "after": status, "why": maybe, "idempotency_key": maybe, "hash": text,
        }),
    );
    json!({
        "Asked": object(&["as_of", "campaign", "request", "result", "status", "control"], json!({
            "as_of": moment, "campaign": text, "request": maybe,
            "result": { "type": "string", "enum": ["requested", "same", "already", "replayed"] },
            "status": status, "control": either(reference("Control")),
        })),
        "Standing": object(&["as_of", "campaign", "status", "status_at", "adapter", "needs_key", "control"], json!({
            "as_of": moment, "campaign": text, "status": status, "status_at": either(moment.clone()),
            "adapter": { "type": ["string", "null"], "enum": ["http", "vicidial", "simulator", null] },
            "needs_key": { "type": "boolean" }, "control": either(reference("Control")),
        })),
        "Audit": object(&["as_of", "head", "rows", "next_cursor"], json!({
            "as_of": moment, "next_cursor": maybe,
            "head": object(&["entries", "hash"], json!({ "entries": count, "hash": text })),
            "broken": { "type": "string", "description": "Why the log can't be trusted; absent where it can" },
            "rows": { "type": "array", "items": entry },
        })),
        "Annotations": object(&["as_of", "from", "to", "rows", "more"], json!({
            "as_of": moment, "from": moment, "to": moment, "more": { "type": "boolean" },
            "rows": { "type": "array", "items": reference("Annotation") },
        })),
    })
}
