//! The public face in some hundred lines, for review: addresses with what they take and answer, schemas with their members.
//! Words are left out.

use serde_json::Value;
use std::fmt::Write as _;

/// A line for each operation, parameter, answer, schema and member; required members end in `*`.
pub(super) fn of(document: &Value) -> String {
    let mut out = String::new();
    for (path, methods) in members(&document["paths"]) {
        for (method, operation) in members(methods) {
            let _ = writeln!(out, "{} {path}", method.to_uppercase());
            for parameter in items(&operation["parameters"]) {
                let (place, name) = (text(&parameter["in"]), text(&parameter["name"]));
                let _ = writeln!(out, "  {place} {name}: {}", kind(&parameter["schema"]));
            }
            for (media, body) in members(&operation["requestBody"]["content"]) {
                let _ = writeln!(out, "  takes {media}: {}", kind(&body["schema"]));
            }
            let mut problems = Vec::new();
            for (status, answer) in members(&operation["responses"]) {
                let contents: Vec<String> = members(&answer["content"])
                    .map(|(media, body)| format!("{media}: {}", kind(&body["schema"])))
                    .collect();
                match contents.as_slice() {
                    [] => {}
                    [problem] if problem.starts_with("application/problem+json") => problems.push(status.as_str()),
                    contents => {
                        let _ = writeln!(out, "  {status} {}", contents.join(", "));
                    }
                }
            }
            if !problems.is_empty() {
                let _ = writeln!(out, "  problems {}", problems.join(" "));
            }
        }
    }
    // Of what changes, members and rows are those of what they change in.
    let is_change = |name: &str| name.ends_with("Delta") || name.ends_with("TablePatch");
    for (name, schema) in members(&document["components"]["schemas"]).filter(|(name, _)| !is_change(name)) {
        let _ = writeln!(out, "{name}: {}", kind(schema));
        tell_members(&mut out, "  ", schema);
    }
    out
}

fn tell_members(out: &mut String, indent: &str, schema: &Value) {
    let required: Vec<&str> = items(&schema["required"]).map(text).collect();
    // What all events have beside their data is the same.
    let is_event = schema["properties"].get("specversion").is_some();
    for (member, schema) in members(&schema["properties"]).filter(|(member, _)| !is_event || *member == "data") {
        let mark = if required.contains(&member.as_str()) { "*" } else { "" };
        let _ = writeln!(out, "{indent}{member}{mark}: {}", kind(schema));
        tell_members(out, &format!("{indent}  "), schema);
    }
}

/// What a schema is, in a word or few.
fn kind(schema: &Value) -> String {
    if let Some(of) = schema["$ref"].as_str() {
        return of.rsplit('/').next().unwrap_or(of).to_owned();
    }
    for either in ["oneOf", "anyOf"] {
        let kinds: Vec<String> = items(&schema[either]).map(kind).collect();
        if !kinds.is_empty() {
            return kinds.join(" | ");
        }
    }
    if let Some(word) = schema["const"].as_str() {
        return format!("\"{word}\"");
    }
    let words: Vec<String> = items(&schema["enum"]).map(ToString::to_string).collect();
    if !words.is_empty() {
        return words.join(" | ");
    }
    let names = match &schema["type"] {
        Value::String(one) => one.clone(),
        Value::Array(several) => several.iter().map(text).collect::<Vec<_>>().join(" | "),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => String::new(),
    };
    let format = schema["format"].as_str().map(|format| format!(" {format}")).unwrap_or_default();
    let of = schema.get("items").map(|of| format!(" of {}", kind(of))).unwrap_or_default();
    format!("{names}{format}{of}")
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
