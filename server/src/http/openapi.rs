//! `GET /api/openapi.json`: the API's description, OpenAPI 3.1.
//!
//! Assembled from the same tables that the answers come from (KPIs, facts, dimensions, windows, event types), so that it
//! can't list what there is not. A golden copy shows each change of the public face in review.

use super::replay::FASTEST;
use super::stream::DEFAULT_TREND_DAYS;
use super::{query, rows};
use crate::control::machine::Step;
use crate::history::TREND_DAYS;
use app::domain::{Data, Dimension, Fact, Window};
use app::kpi::catalog::CATALOG;
use app::view::PanelId;
use axum::Json;
use serde_json::{Value, json};

pub async fn document() -> Json<Value> {
    Json(describe())
}

/// The whole document.
#[must_use]
pub fn describe() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Ringside",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Events of a call floor in, KPIs out.",
            "license": { "name": "AGPL-3.0-only", "identifier": "AGPL-3.0-only" },
        },
        "servers": [{ "url": "/" }],
        "paths": {
            "/api/v1/events": events(),
            "/api/v1/kpis": { "get": get("The catalogue of KPIs", json!([]), reference("Catalogue")) },
            "/api/v1/kpis/{id}": { "get": get("A KPI by key, over a window", kpi_parameters(), reference("KpiRows")) },
            "/api/v1/facts": { "get": get("The raw counters by key, over a window", row_parameters(), reference("FactsRows")) },
            "/api/v1/views/live": { "get": get(
                "The whole frame that the live page shows, as of the last tick",
                json!([campaign(), panel()]),
                reference("Frame"),
            ) },
            "/api/v1/series/{id}": { "get": get("A KPI over time, a point for each bucket and key in which something was counted", series_parameters(), reference("Series")) },
            "/api/v1/views/daily": { "get": get(
                "The whole frame of a site day; made every five minutes",
                json!([date()]),
                reference("Frame"),
            ) },
            "/api/v1/views/trend": { "get": get(
                "The whole frame of the last site days, the running one included; made every five minutes",
                json!([trend_days()]),
                reference("Frame"),
            ) },
            "/api/v1/views/monitor": { "get": get(
                "The monitor from above: all campaigns that are active or paused, as of the last tick",
                json!([]),
                reference("Frame"),
            ) },
            "/api/v1/views/monitor/{campaign}": { "get": get(
                "The monitor of one campaign, as of the last tick; far-end numbers masked",
                json!([path("campaign", "The campaign's id")]),
                reference("Frame"),
            ) },
            "/api/v1/stream": stream(),
            "/api/v1/campaigns/{id}/pause": control("Asks the dialer to pause a campaign; what comes of it is told by `control`"),
            "/api/v1/campaigns/{id}/resume": control("Asks the dialer to go on with a campaign; within ten seconds of a pause it takes it back"),
            "/api/v1/campaigns/{id}/control": { "get": get(
                "What was last asked of a campaign's dialer, and how far it has come",
                json!([path("id", "The campaign")]),
                reference("Standing"),
            ) },
            "/api/v1/audit": audit(),
            "/api/v1/annotations": { "get": get(
                "When dialers confirmed that a campaign was paused or resumed: marks for charts, oldest first",
                json!([campaign(), moment("from", "24 hours before `to`"), moment("to", "now")]),
                reference("Annotations"),
            ) },
            "/api/v1/replay": { "get": get(
                "The live view as it was at a past moment, values as known today",
                json!([at(), campaign(), panel()]),
                reference("Frame"),
            ) },
            "/api/v1/replay/stream": replay(),
            "/api/v1/calls": { "get": get("Calls as merged, newest first, far-end numbers masked", calls_parameters(), reference("Calls")) },
            "/api/v1/calls/{realm}/{call_id}": { "get": get(
                "One call as merged, far-end numbers masked",
                json!([path("realm", "The name space of the call's id"), path("call_id", "The call's id")]),
                reference("OneCall"),
            ) },
            "/healthz": { "get": get("The process answers", json!([]), reference("Alive")) },
            "/readyz": { "get": get("The store can be read and the server is not stopping", json!([]), reference("Readiness")) },
            "/metrics": { "get": {
                "summary": "What this server counts, as OpenMetrics",
                "responses": { "200": { "description": "Figures", "content": { "application/openmetrics-text": { "schema": { "type": "string" } } } } },
            } },
            "/api/openapi.json": { "get": get("This document", json!([]), json!({ "type": "object" })) },
        },
        "components": {
            "securitySchemes": {
                "ingest": { "type": "http", "scheme": "bearer", "description": "A key with the scope `ingest`" },
                "control": { "type": "http", "scheme": "bearer", "description": "A key with the scope `control`" },
            },
            "schemas": schemas(),
            "responses": { "Problem": {
                "description": "Why it was not done (RFC 9457)",
                "content": { "application/problem+json": { "schema": reference("Problem") } },
            } },
        },
    })
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

fn get(summary: &str, parameters: Value, schema: Value) -> Value {
    json!({
        "summary": summary,
        "parameters": parameters,
        "responses": {
            "200": { "description": "The answer", "content": { "application/json": { "schema": schema } } },
            "default": { "$ref": "#/components/responses/Problem" },
        },
    })
}

fn events() -> Value {
    let event = reference("Event");
    let mut responses = json!({
        "200": { "description": "Everything accepted is durable", "content": { "application/json": { "schema": reference("Accepted") } } },
    });
    for (status, what) in [
        ("400", "Not JSON"),
        ("401", "No key, or an unknown one"),
        ("403", "The key lacks the scope `ingest`"),
        ("408", "Nothing came for a minute"),
        ("413", "A line, or a body that is not a stream, over 8 MiB"),
        ("415", "Another kind of body"),
        ("422", "Every event was rejected"),
        ("429", "The queue is full; see Retry-After"),
        ("503", "It could not be made durable, or the server is stopping; see Retry-After"),
    ] {
        responses[status] = json!({
            "description": what,
            "content": { "application/problem+json": { "schema": reference("IngestProblem") } },
        });
    }
    json!({ "post": {
        "summary": "Events in: one, an array, or a line each",
        "security": [{ "ingest": [] }, {}],
        "requestBody": { "required": true, "content": {
            "application/cloudevents+json": { "schema": event },
            "application/cloudevents-batch+json": { "schema": { "type": "array", "items": event } },
            "application/x-ndjson": { "schema": { "type": "string", "description": "One event a line, any number of lines" } },
        } },
        "responses": responses,
    } })
}

fn control(summary: &str) -> Value {
    let mut responses = json!({
        "202": { "description": "It is asked, or was already", "content": { "application/json": { "schema": reference("Asked") } } },
    });
    for (status, what) in [
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
    ] {
        responses[status] = json!({ "description": what, "content": { "application/problem+json": { "schema": reference("Problem") } } });
    }
    let key = json!({ "name": "Idempotency-Key", "in": "header", "description": "The request's name: sent again, it is the same request", "schema": { "type": "string", "minLength": 1, "maxLength": 128 } });
    json!({ "post": {
        "summary": summary,
        "security": [{ "control": [] }, {}],
        "parameters": [path("id", "The campaign"), key],
        "responses": responses,
    } })
}

fn audit() -> Value {
    let parameters = json!([campaign(), moment("from", "the beginning"), moment("to", "now"), limit(100), cursor()]);
    let mut log =
        get("Who asked dialers for what, and what became of it, newest first", parameters, reference("Audit"));
    log["security"] = json!([{ "control": [] }, {}]);
    json!({ "get": log })
}

fn moment(name: &str, default: &str) -> Value {
    parameter(name, &format!("Where absent: {default}"), json!({ "type": "string", "format": "date-time" }))
}

fn stream() -> Value {
    let every = words("every", "How often a delta comes", &["250ms", "1s", "5s", "10s", "20s", "30s", "60s"], "10s");
    let parameters = json!([
        words("view", "Which view", &["live", "monitor", "daily", "trend"], "live"),
        every,
        panel(),
        campaign(),
        parameter("days", "Of the trend view: how many", json!({ "type": "integer", "default": DEFAULT_TREND_DAYS })),
        { "name": "Last-Event-ID", "in": "header", "description": "Where the client left off", "schema": { "type": "string" } },
        { "name": "last_event_id", "in": "query", "description": "The same, for clients that can't set the header", "schema": { "type": "string" } },
    ]);
    json!({ "get": {
        "summary": "A snapshot, then what changed, as server-sent events",
        "parameters": parameters,
        "responses": {
            "200": { "description": "Events `snapshot`, `delta`, and `bye` at the end", "content": { "text/event-stream": { "schema": { "type": "string" } } } },
            "default": { "$ref": "#/components/responses/Problem" },
        },
    } })
}

fn at() -> Value {
    let meaning = "The past moment: RFC 3339, or as the site's clock shows it";
    parameter("at", meaning, json!({ "type": "string", "examples": ["2026-11-20T14:32:00"] }))
}

fn replay() -> Value {
    let every = words("every", "How often a delta comes", &["250ms", "1s", "5s", "10s", "20s", "30s", "60s"], "1s");
    let speed = json!({ "type": "integer", "minimum": 0, "maximum": FASTEST, "default": 1 });
    let parameters =
        json!([at(), parameter("speed", "How many times as fast as it went", speed), every, panel(), campaign()]);
    json!({ "get": {
        "summary": "The live view from a past moment on: a snapshot, then what changed, as server-sent events",
        "parameters": parameters,
        "responses": {
            "200": { "description": "Events `snapshot`, `delta`, and `bye` at the end; each event's id is the moment it shows", "content": { "text/event-stream": { "schema": { "type": "string" } } } },
            "default": { "$ref": "#/components/responses/Problem" },
        },
    } })
}

fn path(name: &str, description: &str) -> Value {
    json!({ "name": name, "in": "path", "required": true, "description": description, "schema": { "type": "string" } })
}

fn parameter(name: &str, description: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "query", "description": description, "schema": schema })
}

fn words(name: &str, description: &str, words: &[&str], default: &str) -> Value {
    parameter(name, description, json!({ "type": "string", "enum": words, "default": default }))
}

fn campaign() -> Value {
    parameter("campaign", "Only this campaign", json!({ "type": "string" }))
}

fn series_parameters() -> Value {
    let ids: Vec<&str> = CATALOG.iter().map(|k| k.id).collect();
    let by: Vec<&str> = Dimension::ALL.iter().map(|d| d.word()).collect();
    let steps: Vec<&str> = super::series::Step::ALL.iter().map(|step| step.word()).collect();
    json!([
        { "name": "id", "in": "path", "required": true, "schema": { "type": "string", "enum": ids } },
        parameter("by", "By what figures are told apart", json!({ "type": "string", "enum": by })),
        parameter("key", "Only this key; empty: what names none", json!({ "type": "string" })),
        campaign(),
        parameter("from", "60 steps before `to`", json!({ "type": "string", "format": "date-time" })),
        parameter("to", "now", json!({ "type": "string", "format": "date-time" })),
        words("step", "How long a bucket is; days are the site's", &steps, "1h"),
    ])
}

fn date() -> Value {
    parameter("date", "The site's date; without it, the running day", json!({ "type": "string", "format": "date" }))
}

fn trend_days() -> Value {
    parameter("days", "How many days", json!({ "type": "integer", "enum": TREND_DAYS, "default": DEFAULT_TREND_DAYS }))
}

fn panel() -> Value {
    let panels: Vec<&str> = PanelId::ALL.iter().map(|p| p.word()).collect();
    parameter("panel", "Only this panel", json!({ "type": "string", "enum": panels }))
}

fn limit(default: usize) -> Value {
    let schema = json!({ "type": "integer", "minimum": 1, "maximum": query::MAX_ROWS, "default": default });
    parameter("limit", "Rows of a page", schema)
}

fn cursor() -> Value {
    parameter("cursor", "`next_cursor` of the page before", json!({ "type": "string" }))
}

fn row_parameters() -> Value {
    let by: Vec<&str> = Dimension::ALL.iter().map(|d| d.word()).collect();
    let windows: Vec<&str> = Window::ALL.iter().map(|w| w.word()).collect();
    json!([
        parameter("by", "By what figures are told apart", json!({ "type": "string", "enum": by })),
        parameter("window", "Over which stretch of time", json!({ "type": "string", "enum": windows })),
        parameter("key", "Only this key; empty: what names none", json!({ "type": "string" })),
        campaign(),
        words("order", "How rows are listed", &rows::ORDERS, "key"),
        limit(query::MAX_ROWS),
        cursor(),
    ])
}

fn kpi_parameters() -> Value {
    let ids: Vec<&str> = CATALOG.iter().map(|k| k.id).collect();
    let mut parameters =
        vec![json!({ "name": "id", "in": "path", "required": true, "schema": { "type": "string", "enum": ids } })];
    if let Value::Array(rows) = row_parameters() {
        parameters.extend(rows);
    }
    Value::Array(parameters)
}

fn calls_parameters() -> Value {
    let since = json!({ "type": "string", "format": "date-time" });
    json!([campaign(), parameter("since", "Only calls since", since), limit(100), cursor()])
}

fn object(required: &[&str], properties: Value) -> Value {
    json!({ "type": "object", "required": required, "properties": properties })
}

fn schemas() -> Value {
    let (text, count, moment) = (json!({ "type": "string" }), json!({ "type": "integer" }), reference("Moment"));
    let (number, whole) = (json!({ "type": ["number", "null"] }), json!({ "type": ["integer", "null"] }));
    let maybe = json!({ "type": ["string", "null"] });
    let status = json!({ "type": ["string", "null"], "enum": ["active", "paused", "ended", null] });
    let band = json!({ "type": "string", "enum": ["ok", "warn", "critical", "none", "too_few", "no_baseline"] });
    let rows = |rows: Value, more: Value| {
        let mut all = json!({ "as_of": moment, "by": text, "window": text, "from": moment, "to": moment, "rows": rows, "next_cursor": text });
        if let (Value::Object(all), Value::Object(more)) = (&mut all, more) {
            all.extend(more);
        }
        object(&["as_of", "by", "window", "from", "to", "rows"], all)
    };
    let mut facts: serde_json::Map<String, Value> = Fact::ALL
        .iter()
        .map(|f| (f.name().to_owned(), json!({ "type": "integer", "description": f.help() })))
        .collect();
    facts.insert("pdd_histogram".to_owned(), json!({ "type": "array", "items": count }));
    let rejected = json!({ "type": "array", "items": object(&["index", "id", "error"], json!({
        "index": count, "id": { "type": ["string", "null"] }, "error": text,
    })) });
    let account = json!({
        "accepted": count, "duplicate": count, "rejected": rejected,
        "rejected_more": { "type": "integer", "description": "Rejected events beyond those that are named" },
    });
    let mut problem = json!({ "type": text, "title": text, "status": count, "detail": text });
    let plain = object(&["type", "title", "status", "detail"], problem.clone());
    if let (Value::Object(problem), Value::Object(account)) = (&mut problem, account.clone()) {
        problem.extend(account);
    }
    json!({
        "Moment": { "type": "string", "format": "date-time" },
        "Event": object(&["specversion", "id", "source", "type", "time", "data"], json!({
            "specversion": { "const": "1.0" },
            "id": { "type": "string", "minLength": 1, "maxLength": 128 },
            "source": { "type": "string", "minLength": 1, "maxLength": 128 },
            "type": { "type": "string", "enum": Data::TYPES },
            "time": moment,
            "data": { "type": "object" },
        })),
        "Accepted": object(&["accepted", "duplicate", "rejected"], account),
        "Problem": plain,
        "IngestProblem": object(&["type", "title", "status", "detail", "accepted", "duplicate", "rejected"], problem),
        "Catalogue": { "type": "array", "items": object(
            &["id", "label", "unit", "formula", "numerator", "denominator", "bands", "direction", "source", "by", "window"],
            json!({
                "id": text, "label": text, "unit": text, "formula": text, "numerator": text, "denominator": text,
                "bands": { "type": "object" }, "direction": text, "source": text, "by": text, "window": text,
                "dimensions": { "type": "array", "items": text },
            }),
        ) },
        "KpiRows": rows(
            json!({ "type": "array", "items": object(&["key", "value", "numerator", "denominator", "low", "high", "band"], json!({
                "key": text, "value": number, "numerator": number, "denominator": whole, "low": number, "high": number,
                "band": band, "currency": text, "from": moment, "to": moment,
            })) }),
            json!({ "kpi": text }),
        ),
        "FactsRows": rows(
            json!({ "type": "array", "items": object(&["key", "facts"], json!({
                "key": text, "facts": { "type": "object", "properties": facts }, "from": moment, "to": moment,
            })) }),
            json!({ "pdd_edges_ms": { "type": "array", "items": count } }),
        ),
        "Series": object(&["as_of", "kpi", "by", "step", "from", "to", "points"], json!({
            "as_of": moment, "kpi": text, "by": text, "step": text, "from": moment, "to": moment,
            "points": { "type": "array", "items": object(&["t", "key", "value", "numerator", "denominator"], json!({
                "t": moment, "key": text, "value": number, "numerator": number, "denominator": count,
            })) },
        })),
        "Frame": { "type": "object" },
        "Control": control_schema(),
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
            "rows": { "type": "array", "items": object(&["n", "at", "step", "request", "campaign", "action", "who", "from", "asked_at", "before", "after", "why", "hash"], json!({
                "n": count, "at": moment, "request": text, "campaign": text, "action": text, "who": text, "from": text,
                "step": { "type": "string", "enum": Step::ALL.map(Step::word) },
                "asked_at": moment, "before": status, "after": status, "why": maybe, "idempotency_key": maybe, "hash": text,
            })) },
        })),
        "Annotations": object(&["as_of", "from", "to", "rows", "more"], json!({
            "as_of": moment, "from": moment, "to": moment, "more": { "type": "boolean" },
            "rows": { "type": "array", "items": object(&["at", "campaign", "action", "by", "request", "asked_at"], json!({
                "at": moment, "campaign": text, "action": text, "by": text, "request": text, "asked_at": moment,
            })) },
        })),
        "Call": { "type": "object", "required": ["realm", "call_id", "filed_at"], "properties": {
            "realm": text, "call_id": text, "filed_at": moment,
            "from": { "type": "string", "description": "Masked where it is the far end's" },
            "to": { "type": "string", "description": "Masked where it is the far end's" },
        } },
        "Calls": object(&["as_of", "rows"], json!({
            "as_of": moment, "rows": { "type": "array", "items": reference("Call") }, "next_cursor": text,
        })),
        "OneCall": object(&["as_of", "call"], json!({ "as_of": moment, "call": reference("Call") })),
        "Alive": object(&["status", "build"], json!({ "status": text, "build": maybe })),
        "Readiness": object(&["status", "store", "role", "version"], json!({
            "status": { "type": "string", "enum": ["ready", "not_ready", "stopping"] },
            "store": object(&["kind", "state"], json!({ "kind": text, "state": text })),
            "role": { "type": "string", "enum": ["leading", "standing_by"] }, "version": text,
        })),
    })
}

fn either(schema: Value) -> Value {
    json!({ "oneOf": [schema, { "type": "null" }] })
}

fn control_schema() -> Value {
    let (text, moment) = (json!({ "type": "string" }), reference("Moment"));
    object(
        &["request", "action", "phase", "by", "asked_at", "confirmed_at", "draining", "undo_until", "why"],
        json!({
            "request": text, "by": text, "asked_at": moment,
            "action": { "type": "string", "enum": ["pause", "resume"] },
            "phase": { "type": "string", "enum": ["requested", "confirmed", "done", "refused", "timed_out", "unknown"] },
            "confirmed_at": either(moment.clone()), "undo_until": either(moment),
            "draining": { "type": ["integer", "null"], "description": "Calls dialled before the pause that are still up" },
            "why": { "type": ["string", "null"] },
        }),
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde::Serialize;

    /// To take a new copy: `cargo test -p server --lib take_a_new_golden_copy -- --ignored`
    const GOLDEN: &str = include_str!("openapi.golden.json");

    #[test]
    fn the_public_face_is_the_golden_one() {
        let golden: Value = serde_json::from_str(GOLDEN).unwrap();
        let now = describe();
        let differs = |part: &&str| golden[*part] != now[*part];
        let parts: Vec<_> = ["paths", "components"].into_iter().filter(differs).collect();
        assert!(golden == now, "{parts:?}: not as in the golden copy");
    }

    #[test]
    #[ignore = "writes the golden copy anew"]
    fn take_a_new_golden_copy() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/http/openapi.golden.json");
        let mut text = Vec::new();
        let indented = serde_json::ser::PrettyFormatter::with_indent(b"    ");
        describe().serialize(&mut serde_json::Serializer::with_formatter(&mut text, indented)).unwrap();
        text.push(b'\n');
        std::fs::write(path, text).unwrap();
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = describe();
        let mut open = vec![&document];
        while let Some(value) = open.pop() {
            match value {
                Value::Object(members) => {
                    if let Some(Value::String(to)) = members.get("$ref") {
                        assert!(document.pointer(to.trim_start_matches('#')).is_some(), "{to}");
                    }
                    open.extend(members.values());
                }
                Value::Array(items) => open.extend(items),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            }
        }
    }
}
