//! How the server is.

use super::parts::{get, object, reference};
use serde_json::{Value, json};

pub(super) fn paths() -> Value {
    json!({
        "/healthz": { "get": get("The process answers", json!([]), reference("Alive")) },
        "/readyz": { "get": get(
            "The store can be read, writer and live state run, and the server is not stopping; 503 where not",
            json!([]),
            reference("Readiness"),
        ) },
        "/metrics": { "get": {
            "summary": "What this server counts, as OpenMetrics",
            "responses": { "200": { "description": "Figures", "content": { "application/openmetrics-text": { "schema": { "type": "string" } } } } },
        } },
        "/api/openapi.json": { "get": get("This document", json!([]), json!({ "type": "object" })) },
        "/api/v1/schema": { "get": get(
            "Events, and what changes in the stream's tables, as JSON Schema 2020-12",
            json!([]),
            json!({ "type": "object" }),
        ) },
    })
}

pub(super) fn schemas() -> Value {
    let text = json!({ "type": "string" });
    let maybe = json!({ "type": ["string", "null"] });
    json!({
        "Alive": object(&["status", "build"], json!({ "status": text, "build": maybe })),
        "Readiness": object(&["status", "store", "ingest", "live", "role", "figures", "version"], json!({
            "status": { "type": "string", "enum": ["ready", "not_ready", "stopping"] },
            "store": object(&["kind", "state"], json!({ "kind": text, "state": text })),
            "ingest": { "type": "string", "enum": ["open", "closed"] },
            "live": { "type": "string", "enum": ["running", "ended"] },
            "role": { "type": "string", "enum": ["leading", "standing by", "away"] }, "version": text,
            "figures": object(&["state", "audited", "mismatches", "unaudited", "failed", "calls_in_several_rows", "earlier_law", "rejudgements_due"], json!({
                "state": { "type": "string", "enum": ["sound", "wrong", "not_audited"] },
                "audited": { "type": "integer" }, "mismatches": { "type": "integer" }, "unaudited": { "type": "integer" },
                "failed": { "type": "integer" }, "calls_in_several_rows": { "type": ["integer", "null"] },
                "earlier_law": { "type": ["boolean", "null"] }, "rejudgements_due": { "type": "integer" },
            })),
        })),
    })
}
