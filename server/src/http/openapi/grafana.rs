//! What Grafana's JSON data source asks for.

use super::parts::reference;
use serde_json::{Value, json};

pub(super) fn paths() -> Value {
    let post = |summary: &str, asked: Option<&str>, answer: Value| {
        let mut post = json!({
            "summary": summary,
            "responses": {
                "200": { "description": "The answer", "content": { "application/json": { "schema": answer } } },
                "default": { "$ref": "#/components/responses/Problem" },
            },
        });
        if let Some(asked) = asked {
            post["requestBody"] =
                json!({ "required": true, "content": { "application/json": { "schema": reference(asked) } } });
        }
        json!({ "post": post })
    };
    let list = |of: Value| json!({ "type": "array", "items": of });
    let (text, any) = (json!({ "type": "string" }), json!({ "type": "object" }));
    json!({
        "/api/grafana": greeting(),
        "/api/grafana/": greeting(),
        "/api/grafana/search": post("KPIs that have a past, by id", None, list(text)),
        "/api/grafana/metrics": post("The same with what narrows them", None, list(any.clone())),
        "/api/grafana/query": post("KPIs over time", Some("GrafanaQuery"), list(any.clone())),
        "/api/grafana/variable": post("The keys of a dimension: campaign, route or did", Some("GrafanaVariable"), list(any.clone())),
        "/api/grafana/annotations": post("When campaigns were paused and resumed", Some("GrafanaAnnotation"), list(any.clone())),
        "/api/grafana/tag-keys": post("None: there are no ad hoc filters", None, list(any.clone())),
        "/api/grafana/tag-values": post("None: there are no ad hoc filters", None, list(any)),
    })
}

fn greeting() -> Value {
    let text = json!({ "text/plain": { "schema": { "type": "string" } } });
    json!({ "get": {
        "summary": "That it is there, for the data source's test",
        "responses": { "200": { "description": "It is", "content": text } },
    } })
}

pub(super) fn schemas() -> Value {
    let (text, whole) = (json!({ "type": "string" }), json!({ "type": "integer" }));
    let range = json!({ "type": "object", "required": ["from", "to"], "properties": { "from": reference("Moment"), "to": reference("Moment") } });
    let payload = json!({ "type": "object", "properties": { "by": text, "key": text, "campaign": text } });
    json!({
        "GrafanaQuery": { "type": "object", "required": ["range", "targets"], "properties": {
            "range": range, "intervalMs": whole, "maxDataPoints": whole,
            "targets": { "type": "array", "items": { "type": "object", "properties": {
                "target": text, "refId": text, "hide": { "type": "boolean" }, "payload": payload,
            } } },
        } },
        "GrafanaVariable": { "type": "object", "properties": {
            "payload": { "type": "object", "properties": { "target": { "type": "string", "enum": ["campaign", "route", "did"] } } },
        } },
        "GrafanaAnnotation": { "type": "object", "required": ["range"], "properties": {
            "range": range,
            "annotation": { "type": "object", "properties": {
                "query": { "type": "string", "description": "Only this campaign" },
            } },
        } },
    })
}
