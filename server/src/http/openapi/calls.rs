//! Calls as merged.

use super::parts::{campaign, cursor, get, limit, list, object, parameter, path, reference};
use serde_json::{Value, json};

pub(super) fn paths() -> Value {
    let since = parameter("since", "Only calls since", json!({ "type": "string", "format": "date-time" }));
    json!({
        "/api/v1/calls": { "get": list(
            "Calls as merged, newest first, far-end numbers masked",
            json!([campaign(), since, limit(100), cursor()]),
            reference("Calls"),
        ) },
        "/api/v1/calls/{realm}/{call_id}": { "get": get(
            "One call as merged, far-end numbers masked",
            json!([path("realm", "The name space of the call's id"), path("call_id", "The call's id")]),
            reference("OneCall"),
        ) },
    })
}

pub(super) fn schemas() -> Value {
    let (text, moment) = (json!({ "type": "string" }), reference("Moment"));
    json!({
        "Call": { "type": "object", "required": ["realm", "call_id", "filed_at"], "properties": {
            "realm": text, "call_id": text, "filed_at": moment,
            "from": { "type": "string", "description": "Masked where it is the far end's" },
            "to": { "type": "string", "description": "Masked where it is the far end's" },
        } },
        "Calls": object(&["as_of", "rows"], json!({
            "as_of": moment, "rows": { "type": "array", "items": reference("Call") }, "next_cursor": text,
        })),
        "OneCall": object(&["as_of", "call"], json!({ "as_of": moment, "call": reference("Call") })),
    })
}
