//! What the areas' descriptions are put together from.

use crate::http::query;
use app::view::PanelId;
use serde_json::{Map, Value, json};

/// Members of several objects in one.
pub(super) fn all(objects: impl IntoIterator<Item = Value>) -> Value {
    let mut all = Map::new();
    for object in objects {
        if let Value::Object(members) = object {
            all.extend(members);
        }
    }
    Value::Object(all)
}

pub(super) fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

pub(super) fn object(required: &[&str], properties: Value) -> Value {
    json!({ "type": "object", "required": required, "properties": properties })
}

pub(super) fn either(schema: Value) -> Value {
    json!({ "oneOf": [schema, { "type": "null" }] })
}

pub(super) fn get(summary: &str, parameters: Value, schema: Value) -> Value {
    json!({
        "summary": summary,
        "parameters": parameters,
        "responses": {
            "200": { "description": "The answer", "content": { "application/json": { "schema": schema } } },
            "default": { "$ref": "#/components/responses/Problem" },
        },
    })
}

/// A list, which also comes as CSV; the address may end in `.csv`.
pub(super) fn list(summary: &str, parameters: Value, schema: Value) -> Value {
    let form = "`csv`: as CSV, as with `.csv` at the end of the address, or `Accept: text/csv`";
    with_csv(get(summary, parameters, schema), form, &[])
}

/// A frame, each of whose tables also comes as CSV.
pub(super) fn frame(summary: &str, parameters: Value, of: &str) -> Value {
    let form = "`csv`: the table named as CSV, as with `.csv` at the end of the address, or `Accept: text/csv`";
    with_csv(get(summary, parameters, reference(of)), form, &[table()])
}

/// The same, at an address that ends in an id: `.csv` would be part of it.
pub(super) fn frame_of(summary: &str, parameters: Value, of: &str) -> Value {
    let form = "`csv`: the table named as CSV, as with `Accept: text/csv`";
    with_csv(get(summary, parameters, reference(of)), form, &[table()])
}

fn table() -> Value {
    parameter("table", "As CSV: which of the frame's tables", json!({ "type": "string" }))
}

fn with_csv(mut get: Value, form: &str, more: &[Value]) -> Value {
    let format = parameter("format", form, json!({ "type": "string", "enum": ["json", "csv"], "default": "json" }));
    if let Value::Array(parameters) = &mut get["parameters"] {
        parameters.push(format);
        parameters.extend_from_slice(more);
    }
    let answer = &mut get["responses"]["200"];
    answer["content"]["text/csv"] = json!({ "schema": { "type": "string" } });
    answer["headers"] = json!({
        "Link": { "description": "Of CSV: `rel=\"next\"`, where there is a next page", "schema": { "type": "string" } },
        "ringside-more-rows": { "description": "Of CSV: how many rows the table leaves out", "schema": { "type": "integer" } },
    });
    get
}

pub(super) fn path(name: &str, description: &str) -> Value {
    json!({ "name": name, "in": "path", "required": true, "description": description, "schema": { "type": "string" } })
}

pub(super) fn parameter(name: &str, description: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "query", "description": description, "schema": schema })
}

pub(super) fn words(name: &str, description: &str, words: &[&str], default: &str) -> Value {
    parameter(name, description, json!({ "type": "string", "enum": words, "default": default }))
}

pub(super) fn moment(name: &str, default: &str) -> Value {
    parameter(name, &format!("Where absent: {default}"), json!({ "type": "string", "format": "date-time" }))
}

pub(super) fn campaign() -> Value {
    parameter("campaign", "Only this campaign", json!({ "type": "string" }))
}

pub(super) fn campaigns() -> Value {
    let what = "Only these campaigns, added up: several parted by commas, or the parameter repeated (64 at most); a comma in \
                a name is written %2C";
    parameter(
        "campaign",
        what,
        json!({ "type": "array", "items": { "type": "string" }, "maxItems": query::MAX_CAMPAIGNS }),
    )
}

pub(super) fn panel() -> Value {
    let panels: Vec<&str> = PanelId::ALL.iter().map(|p| p.word()).collect();
    parameter("panel", "Only this panel", json!({ "type": "string", "enum": panels }))
}

pub(super) fn limit(default: usize) -> Value {
    let schema = json!({ "type": "integer", "minimum": 1, "maximum": query::MAX_ROWS, "default": default });
    parameter("limit", "Rows of a page", schema)
}

pub(super) fn cursor() -> Value {
    parameter("cursor", "`next_cursor` of the page before", json!({ "type": "string" }))
}

/// Problems by status.
pub(super) fn problems(schema: &str, statuses: &[(&str, &str)]) -> Value {
    let problem = |what: &str| json!({ "description": what, "content": { "application/problem+json": { "schema": reference(schema) } } });
    Value::Object(statuses.iter().map(|(status, what)| ((*status).to_owned(), problem(what))).collect())
}

/// An answer of server-sent events.
pub(super) fn events(description: &str) -> Value {
    json!({
        "200": { "description": description, "content": { "text/event-stream": { "schema": { "type": "string" } } } },
        "default": { "$ref": "#/components/responses/Problem" },
    })
}
