//! KPIs, the facts they are made of, and both over time.

use super::parts::{all, campaigns, cursor, limit, list, moment, object, parameter, reference, words};
use crate::figures::page::ORDERS;
use crate::figures::series::Step;
use crate::http::query;
use app::domain::{Dimension, Fact, Window};
use app::kpi::catalog::CATALOG;
use serde_json::{Map, Value, json};

pub(super) fn paths() -> Value {
    let mut of_kpi = vec![kpi()];
    of_kpi.extend(row_parameters());
    json!({
        "/api/v1/kpis": { "get": list("The catalogue of KPIs", json!([]), reference("Catalogue")) },
        "/api/v1/kpis/{id}": { "get": list("A KPI by key, over a window", json!(of_kpi), reference("KpiRows")) },
        "/api/v1/facts": { "get": list("The raw counters by key, over a window", json!(row_parameters()), reference("FactsRows")) },
        "/api/v1/series/{id}": { "get": list(
            "A KPI over time, a point for each bucket and key in which something was counted",
            series_parameters(),
            reference("Series"),
        ) },
    })
}

fn kpi() -> Value {
    let ids: Vec<&str> = CATALOG.iter().map(|k| k.id).collect();
    json!({ "name": "id", "in": "path", "required": true, "schema": { "type": "string", "enum": ids } })
}

fn by() -> Value {
    let by: Vec<&str> = Dimension::ALL.iter().map(|d| d.word()).collect();
    parameter("by", "By what figures are told apart", json!({ "type": "string", "enum": by }))
}

fn key() -> Value {
    parameter(
        "key",
        "Only this key; empty: calls that name none (an agent, a queue, a SIP code has no such row)",
        json!({ "type": "string" }),
    )
}

fn row_parameters() -> Vec<Value> {
    let windows: Vec<&str> = Window::ALL.iter().map(|w| w.word()).collect();
    vec![
        by(),
        parameter("window", "Over which stretch of time", json!({ "type": "string", "enum": windows })),
        key(),
        campaigns(),
        words("order", "How rows are listed", &ORDERS, "key"),
        limit(query::MAX_ROWS),
        cursor(),
    ]
}

fn series_parameters() -> Value {
    let steps: Vec<&str> = Step::ALL.iter().map(|step| step.word()).collect();
    json!([
        kpi(),
        by(),
        key(),
        campaigns(),
        moment("from", "60 steps before `to`"),
        moment("to", "now"),
        words("step", "How long a bucket is; days are the site's", &steps, "1h"),
    ])
}

pub(super) fn schemas() -> Value {
    let (text, count, moment) = (json!({ "type": "string" }), json!({ "type": "integer" }), reference("Moment"));
    let (number, whole) = (json!({ "type": ["number", "null"] }), json!({ "type": ["integer", "null"] }));
    let band =
        json!({ "type": "string", "enum": ["ok", "warn", "critical", "none", "too_few", "no_baseline", "unjudged"] });
    let rows = |row: Value, more: Value| {
        let rows = json!({
            "as_of": moment, "by": text, "window": text, "from": moment, "to": moment,
            "rows": { "type": "array", "items": row }, "next_cursor": text,
        });
        object(&["as_of", "by", "window", "from", "to", "rows"], all([rows, more]))
    };
    let kpi_row = object(
        &["key", "value", "numerator", "denominator", "low", "high", "band"],
        json!({
            "key": text, "value": number, "numerator": number, "denominator": whole, "low": number, "high": number,
            "band": band, "unjudged": count, "currency": text, "from": moment, "to": moment,
        }),
    );
    let facts_row = object(
        &["key", "facts"],
        json!({ "key": text, "facts": { "type": "object", "properties": facts() }, "from": moment, "to": moment }),
    );
    let point = object(
        &["t", "key", "value", "numerator", "denominator"],
        json!({ "t": moment, "key": text, "value": number, "numerator": number, "denominator": count }),
    );
    json!({
        "Catalogue": { "type": "array", "items": object(
            &["id", "label", "unit", "formula", "numerator", "denominator", "factor", "bands", "direction", "help", "source", "example", "by", "window"],
            json!({
                "id": text, "label": text, "unit": text, "formula": text, "numerator": text, "denominator": text,
                "factor": { "type": ["integer", "null"], "description": "value = numerator ÷ denominator × factor; null: the value is no quotient of the two" },
                "bands": { "type": "object" }, "direction": text, "help": text, "source": text,
                "example": { "type": "object", "properties": { "words": text, "value": { "type": ["number", "null"] } } }, "by": text, "window": text,
                "dimensions": { "type": "array", "items": text },
            }),
        ) },
        "KpiRows": rows(kpi_row, json!({ "kpi": text })),
        "FactsRows": rows(facts_row, json!({ "pdd_edges_ms": { "type": "array", "items": count } })),
        "Series": object(&["as_of", "kpi", "by", "step", "from", "to", "points"], json!({
            "as_of": moment, "kpi": text, "by": text, "step": text, "from": moment, "to": moment,
            "points": { "type": "array", "items": point },
        })),
    })
}

fn facts() -> Map<String, Value> {
    let fact = |f: &Fact| (f.name().to_owned(), json!({ "type": "integer", "description": f.help() }));
    let mut facts: Map<String, Value> = Fact::ALL.iter().map(fact).collect();
    facts.insert("pdd_histogram".to_owned(), json!({ "type": "array", "items": { "type": "integer" } }));
    facts
}
