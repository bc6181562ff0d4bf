//! `/docs` and `/api/v1/schema`: the contract for readers and for machines. Both are made from the types.

use super::first_run::door;
use super::pages::{Pages, packed};
use crate::access::keys::Keys;
use app::contract::{ENVELOPE, TABLES, field_words, frame_members, type_words};
use app::domain::Data;
use app::ui::pages::DOCS;
use app::ui::pages::docs::Manual;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use leptos::context::provide_context;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The page's route.
pub fn docs_router(keys: Arc<Keys>, pages: Pages) -> Router {
    packed(Router::new().route(DOCS.path, get(page)).with_state((keys, pages)))
}

async fn page(State((keys, pages)): State<(Arc<Keys>, Pages)>, request: Request<Body>) -> Response {
    let manual = Manual { door: door(request.headers(), &keys) };
    pages.render(request, StatusCode::OK, move || provide_context(manual.clone())).await
}

pub async fn schema() -> Json<Value> {
    Json(describe())
}

/// JSON Schema 2020-12 of events, and of what changes in the stream's tables.
#[must_use]
pub fn describe() -> Value {
    let types: Vec<Value> = Data::TYPES.iter().map(|name| json!({ "$ref": format!("#/$defs/{name}") })).collect();
    let mut definitions = events();
    definitions.extend([("table".to_owned(), table()), ("table.delta".to_owned(), table_delta())]);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Ringside: an event",
        "description": "A CloudEvent 1.0, as POST /api/v1/events takes it. Fields that a type does not have are ignored, and named in the answer.",
        "oneOf": types,
        "$defs": definitions,
        "x-stream": stream(),
    })
}

/// A schema for each type of event, by its name.
pub(super) fn events() -> Map<String, Value> {
    Data::described().into_iter().map(|(name, fields)| (name.to_owned(), event(name, &fields))).collect()
}

fn event(name: &str, fields: &[app::contract::Field]) -> Value {
    let said = |words: &str, mut schema: Value| {
        schema["description"] = json!(words);
        schema
    };
    let data: Map<String, Value> = fields
        .iter()
        .map(|field| (field.name.to_owned(), said(field_words(name, field.name), field.kind.schema.clone())))
        .collect();
    let required: Vec<&str> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let envelope = ENVELOPE.iter().map(|(member, words)| {
        let schema = match *member {
            "specversion" => json!({ "const": "1.0" }),
            "type" => json!({ "const": name }),
            "time" => json!({ "type": "string", "format": "date-time" }),
            "data" => json!({ "type": "object", "required": required, "properties": data }),
            _ => json!({ "type": "string", "minLength": 1, "maxLength": 255 }),
        };
        ((*member).to_owned(), said(words, schema))
    });
    json!({
        "type": "object",
        "description": type_words(name),
        "required": ENVELOPE.map(|(member, _)| member),
        "properties": envelope.collect::<Map<_, _>>(),
    })
}

fn table() -> Value {
    json!({
        "type": "object",
        "description": "A table of a frame: its rows in the order they are shown, and how many more there are",
        "required": ["rows", "more"],
        "properties": { "rows": { "type": "array", "items": { "type": "object" } }, "more": { "type": "integer", "minimum": 0 } },
    })
}

fn table_delta() -> Value {
    let keys = json!({ "type": "array", "items": { "type": "string" } });
    json!({
        "type": "object",
        "description": "What changed in a table; absent members did not",
        "properties": {
            "rows": { "type": "array", "items": { "type": "object" }, "description": "Rows that are new or changed, whole" },
            "gone": { "type": "array", "items": { "type": "string" }, "description": "Keys of rows that are no longer there" },
            "order": { "description": "All keys in their new order, where that does not follow by itself", "allOf": [keys] },
            "more": { "type": "integer", "minimum": 0, "description": "Rows that are left out" },
        },
    })
}

/// By view: the frame's members, and of each table what a row is, how its key is made, and its members.
fn stream() -> Value {
    let views = app::contract::VIEWS.iter().map(|view| {
        let tables = TABLES.iter().filter(|table| table.view == *view).map(|table| {
            let said = json!({ "row": table.row, "key": table.key, "members": table.members() });
            (table.table.to_owned(), said)
        });
        let frame = json!({ "members": frame_members(view), "tables": tables.collect::<Map<_, _>>() });
        ((*view).to_owned(), frame)
    });
    Value::Object(views.collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_in_the_schema_with_its_fields_and_their_words() {
        let schema = describe();
        assert_eq!(schema["oneOf"].as_array().unwrap().len(), Data::TYPES.len());
        for (name, fields) in Data::described() {
            let data = &schema["$defs"][name]["properties"]["data"];
            for field in fields {
                let said = data["properties"][field.name]["description"].as_str().unwrap();
                assert!(!said.is_empty(), "{name}.{}", field.name);
                let needed = data["required"].as_array().unwrap().contains(&json!(field.name));
                assert_eq!(needed, field.required, "{name}.{}", field.name);
            }
        }
        assert_eq!(schema["x-stream"]["live"]["tables"]["routes"]["key"], "`route`");
    }
}
