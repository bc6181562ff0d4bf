//! The whole server as a process, asked over HTTP: what goes in by contract.md comes out by contract.md.
#![allow(clippy::unwrap_used)]

mod figures;
mod lists;
mod process;
mod rejected;
mod streams;

use crate::process::Server;
use reqwest::StatusCode;
use serde_json::{Value, json};

const BATCH: &str = "application/cloudevents-batch+json";
const LINES: &str = "application/x-ndjson";
const OWN: &str = "+12025550199";
/// Numbers at the far end: none of their last seven digits may ever come out.
const FAR: [&str; 3] = ["+13125550147", "+442079460018", "+4930901820777"];

fn ago(seconds: i64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let micros = i64::try_from(now.as_micros()).unwrap() - seconds * 1_000_000;
    app::domain::Moment::from_micros(micros).to_rfc3339()
}

fn record(id: usize, far: &str, outcome: &Value) -> Value {
    let mut data = json!({
        "call_id": format!("c-{id}"), "direction": "outbound", "campaign": "spring", "mode": "predictive", "route": "north",
        "from": OWN, "to": far, "started_at": ago(60), "ended_at": ago(30),
    });
    for (name, value) in outcome.as_object().unwrap() {
        data[name] = value.clone();
    }
    json!({ "specversion": "1.0", "id": format!("e-{id}"), "source": "dialer", "type": "call.record", "time": ago(30), "data": data })
}

/// Ten calls: six answered by people (one abandoned), four refused with a 503.
fn ten_calls() -> Vec<Value> {
    let mut calls = Vec::new();
    for id in 0..10 {
        let far = FAR[id % FAR.len()];
        let outcome = match id {
            0..5 => {
                json!({ "progress_at": ago(58), "answered_at": ago(50), "bridged_at": ago(49), "agent": "ann", "by": "human",
                "metadata": { "callee": far }, "recording_url": format!("https://r.example/{}.wav", &far[1..]) })
            }
            5 => json!({ "progress_at": ago(58), "answered_at": ago(50), "by": "human", "hung_up_by": "dialer" }),
            _ => json!({ "sip_code": 503, "sip_reason": format!("no route to {far}") }),
        };
        calls.push(record(id, far, &outcome));
    }
    calls
}

fn lines(events: &[Value]) -> String {
    events.iter().map(|event| format!("{event}\n")).collect()
}

#[tokio::test]
async fn calls_in_figures_out() {
    let server = Server::start(&[], &[]).await;
    let answer = server.post(LINES, lines(&ten_calls())).await;
    assert_eq!(answer, (StatusCode::OK, json!({ "accepted": 10, "duplicate": 0, "rejected": [] })));
    let again = server.post(LINES, lines(&ten_calls())).await;
    assert_eq!(again.1["duplicate"].as_u64().unwrap() + again.1["accepted"].as_u64().unwrap(), 10);

    // Minutes come from memory, the rest from the store; all windows hold the same ten calls.
    for window in ["5m", "15m", "60m", "24h", "today", "7d", "30d"] {
        let path = format!("/api/v1/facts?by=route&window={window}");
        let facts = server.until(&path, |a| a["rows"][0]["facts"]["attempts"] == 10).await;
        assert_eq!(facts["rows"][0]["key"], "north");
        for (fact, n) in [
            ("resolved", 10),
            ("answered_live", 6),
            ("abandoned", 1),
            ("bridged", 5),
            ("sip_5xx", 4),
            ("route_faults", 4),
        ] {
            assert_eq!(facts["rows"][0]["facts"][fact], n, "{fact} over {window}");
        }
        assert!(facts["from"].as_str().unwrap() < facts["to"].as_str().unwrap());
        let histogram = facts["rows"][0]["facts"]["pdd_histogram"].as_array().unwrap();
        assert_eq!(histogram.iter().filter_map(Value::as_i64).sum::<i64>(), 6);
        assert_eq!(histogram.len(), facts["pdd_edges_ms"].as_array().unwrap().len() + 1);
    }

    let rate = server.get("/api/v1/kpis/abandon_rate").await;
    assert_eq!(
        (&rate["kpi"], &rate["by"], &rate["window"]),
        (&json!("abandon_rate"), &json!("campaign"), &json!("60m"))
    );
    let row = &rate["rows"][0];
    assert_eq!(
        (&row["key"], &row["numerator"], &row["denominator"], &row["band"]),
        (&json!("spring"), &json!(1), &json!(6), &json!("too_few"))
    );
    assert!((row["value"].as_f64().unwrap() - 1.0 / 6.0).abs() < 1e-12);
    assert!(row["low"].as_f64().unwrap() < 1.0 / 6.0 && row["high"].as_f64().unwrap() > 1.0 / 6.0);

    let faults = server.get("/api/v1/kpis/route_fault_rate?window=today").await;
    assert_eq!((&faults["rows"][0]["numerator"], &faults["rows"][0]["denominator"]), (&json!(4), &json!(10)));
    let dids = server.get(&format!("/api/v1/kpis/did_answer_rate?key={OWN}")).await;
    assert_eq!((&dids["rows"][0]["key"], &dids["rows"][0]["denominator"]), (&json!(OWN), &json!(10)));
    let budget = server.get("/api/v1/kpis/abandon_budget").await;
    assert_eq!((&budget["rows"][0]["numerator"], &budget["rows"][0]["band"]), (&json!(1), &json!("too_few")));
    assert!(budget["rows"][0]["from"].is_string());
    for (more, rows) in
        [("&key=spring", 1), ("&campaign=spring", 1), ("&key=spring&campaign=other", 0), ("&key=other", 0)]
    {
        for window in ["period", "campaign"] {
            let own = server.get(&format!("/api/v1/facts?by=campaign&window={window}{more}")).await;
            let own = own["rows"].as_array().unwrap();
            assert_eq!(own.len(), rows, "{window}{more}");
            assert!(own.iter().all(|row| row["facts"]["attempts"] == 10 && row["from"].is_string()), "{window}{more}");
        }
    }
    let gauge = server.get("/api/v1/kpis/active_calls").await;
    assert_eq!((&gauge["rows"][0]["value"], &gauge["rows"][0]["key"]), (&json!(0.0), &json!("")));
    let since = server.get("/api/v1/facts?window=campaign&campaign=spring").await;
    assert_eq!(since["rows"][0]["facts"]["attempts"], 10);
}
