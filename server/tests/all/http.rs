//! The whole server as a process, asked over HTTP: what goes in by contract.md comes out by contract.md.
#![allow(clippy::unwrap_used)]

use crate::process::Server;
use flate2::write::GzDecoder;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::io::Write;

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

#[tokio::test]
async fn what_nobody_can_tell_is_no_data_and_what_nobody_reads_is_said() {
    let server = Server::start(&[], &[]).await;
    let event = |n: usize, what: &str, at: i64, data: Value| {
        json!({ "specversion": "1.0", "id": format!("w-{n}"), "source": "pbx", "type": format!("call.{what}"),
            "time": ago(at), "data": data })
    };
    let long = format!("{}@sbc.example", "b2b-".repeat(50));
    let told = [
        // A caller who shows no number gives up in the queue.
        event(0, "started", 60, json!({ "call_id": "in", "direction": "inbound", "from": "Anonymous", "to": OWN })),
        event(1, "queued", 58, json!({ "call_id": "in", "queue": "sales" })),
        event(2, "ended", 40, json!({ "call_id": "in", "hung_up_by": "person" })),
        // A call of which nobody says which way it went.
        event(3, "progress", 50, json!({ "call_id": "what", "agnet": 1 })),
        event(4, "ended", 45, json!({ "call_id": "what", "outcome": "failed", "hold_ms": 5 })),
        // A PBX that sees neither ringing nor agents, and a long SIP Call-ID.
        event(
            5,
            "started",
            55,
            json!({ "call_id": long, "direction": "outbound", "campaign": "spring", "mode": "predictive",
            "from": "+1 (202) 555-0199", "to": "+44 20 7946 0018*123", "cannot_tell": ["agent", "progress"] }),
        ),
        event(6, "answered", 50, json!({ "call_id": long })),
        event(7, "ended", 30, json!({ "call_id": long, "hung_up_by": "dialer" })),
        // An agent on the line, whom nobody saw answer.
        event(
            8,
            "started",
            55,
            json!({ "call_id": "b", "direction": "outbound", "campaign": "spring", "mode": "predictive" }),
        ),
        event(9, "bridged", 50, json!({ "call_id": "b", "agent": "ann" })),
        event(10, "ended", 30, json!({ "call_id": "b", "outcome": "failed" })),
    ];
    let (status, answer) = server.post(LINES, lines(&told)).await;
    assert_eq!((status, &answer["accepted"], &answer["rejected"]), (StatusCode::OK, &json!(11), &json!([])));
    let warned =
        json!([{ "type": "call.progress", "field": "data.agnet", "count": 1, "warning": "unknown field, ignored" }]);
    assert_eq!(answer["warnings"], warned);

    let facts = server.until("/api/v1/facts?by=total&window=60m", |a| a["rows"][0]["facts"]["ended"] == 3).await;
    for (fact, n) in [
        ("attempts", 2),
        ("inbound", 1),
        ("queue_abandoned", 1),
        ("undirected", 1),
        ("failed", 0),
        ("answered_live", 2),
        ("unjudged_live", 1),
        ("abandoned", 0),
        ("progressed", 0),
        ("handled", 1),
        ("talk_ms", 20_000),
        ("hold_ms", 0),
    ] {
        assert_eq!(facts["rows"][0]["facts"][fact], n, "{fact} in {facts}");
    }
    let rate = server.get("/api/v1/kpis/abandon_rate?key=spring").await;
    assert_eq!((&rate["rows"][0]["numerator"], &rate["rows"][0]["denominator"]), (&json!(0), &json!(1)));
    let countries = server.get("/api/v1/facts?by=country&window=60m").await;
    let keys: Vec<_> = countries["rows"].as_array().unwrap().iter().map(|row| row["key"].as_str().unwrap()).collect();
    assert!(keys.contains(&"GB"), "{keys:?}");
    let call = server.get(&format!("/api/v1/calls/pbx/{long}")).await;
    assert_eq!(call["call"]["cannot_tell"], json!(["agent", "progress"]));
    assert_eq!(call["call"]["from"], json!(OWN), "the floor's own number, as E.164");
}

#[tokio::test]
async fn the_time_of_a_state_that_goes_on_counts_in_every_window_and_step() {
    let server = Server::start(&[], &[]).await;
    let since = ago(1_800);
    let said = |at: &str, state: &str| {
        let data = json!({ "agent": "ann", "campaign": "spring", "state": state });
        json!({ "specversion": "1.0", "id": at, "source": "dialer", "type": "agent.state", "time": at, "data": data })
    };
    server.post(LINES, lines(&[said(&ago(2_400), "ready"), said(&since, "on_call")])).await;
    let moment = |value: &Value| app::domain::Moment::parse(value.as_str().unwrap()).unwrap();
    let since = app::domain::Moment::parse(&since).unwrap();
    for by in ["total", "campaign", "agent"] {
        for window in ["60m", "24h", "today", "7d", "30d"] {
            let path = format!("/api/v1/facts?by={by}&window={window}&campaign=spring");
            let answer =
                server.until(&path, |a| a["rows"][0]["facts"]["agent_on_call_ms"].as_i64().unwrap_or(0) > 0).await;
            let (as_of, from) = (moment(&answer["as_of"]), moment(&answer["from"]));
            let expected = as_of.millis() - since.max(from).millis();
            assert_eq!(answer["rows"][0]["facts"]["agent_on_call_ms"], expected, "{window} by {by}");
            assert_eq!(answer["rows"].as_array().unwrap().len(), 1);
        }
        for step in ["1m", "1h", "1d"] {
            let from = (since - app::domain::Span::minutes(10)).to_rfc3339();
            let path = format!("/api/v1/series/on_call_share?by={by}&step={step}&campaign=spring&from={from}");
            let answer = server.get(&path.replace('+', "%2B")).await;
            let points = answer["points"].as_array().unwrap();
            let sum: i64 = points.iter().map(|point| point["numerator"].as_i64().unwrap()).sum();
            assert_eq!(sum, moment(&answer["as_of"]).millis() - since.millis(), "{step} by {by}: {answer}");
        }
    }
    for window in ["campaign", "period"] {
        let answer = server.get(&format!("/api/v1/facts?by=campaign&window={window}")).await;
        assert_eq!(answer["rows"], json!([]), "{window}: the campaign has had no call yet");
    }
    server.post(LINES, lines(&ten_calls())).await;
    let path = "/api/v1/kpis/on_call_share?by=campaign&window=campaign";
    let answer = server.until(path, |a| a["rows"].as_array().is_some_and(|rows| !rows.is_empty())).await;
    let from = moment(&answer["rows"][0]["from"]);
    let expected = moment(&answer["as_of"]).millis() - since.max(from).millis();
    assert_eq!(answer["rows"][0]["numerator"], expected, "{answer}");
}

#[tokio::test]
async fn every_kpi_answers_by_every_dimension_it_has_and_refuses_the_others() {
    let server = Server::start(&[], &[]).await;
    server.post(LINES, lines(&ten_calls())).await;
    let catalogue = server.get("/api/v1/kpis").await;
    let all = ["total", "campaign", "route", "country", "did", "agent", "queue", "sip_code", "component"];
    for kpi in catalogue.as_array().unwrap() {
        let id = kpi["id"].as_str().unwrap();
        for by in all {
            let (status, answer) = server.ask(&format!("/api/v1/kpis/{id}?by={by}")).await;
            let there = kpi["dimensions"].as_array().unwrap().contains(&json!(by));
            let period = by != "campaign" && (kpi["window"] == "period" || kpi["window"] == "campaign");
            let expected = if there && !period { StatusCode::OK } else { StatusCode::BAD_REQUEST };
            assert_eq!(status, expected, "{id} by {by}: {answer}");
            for row in answer["rows"].as_array().unwrap_or(&Vec::new()) {
                assert!(row["value"].is_null() || row["value"].is_number(), "{id} by {by}: {row}");
            }
        }
    }
}

/// What costs, lists, limits, agents, trunks and components tell, so that no KPI is without a value.
fn all_that_figures_are_made_of() -> Vec<Value> {
    let event = |kind: &str, seconds: i64, data: Value| json!({ "specversion": "1.0", "id": "x", "source": "dialer", "type": kind, "time": ago(seconds), "data": data });
    let mut events = ten_calls();
    let right_party = json!({ "answered_at": ago(51), "bridged_at": ago(47), "agent": "ann", "by": "human", "attempt": 1, "right_party": true,
        "wrap_ms": 7_001, "transferred_at": ago(40), "final": true, "queued_at": ago(50), "queue": "sales" });
    events.push(record(10, FAR[0], &right_party));
    let waits = json!({ "call_id": "waits", "direction": "inbound", "from": FAR[1], "to": OWN, "started_at": ago(20), "queued_at": ago(15) });
    events.push(event("call.record", 15, waits));
    let inbound = json!({ "call_id": "came", "direction": "inbound", "from": FAR[1], "to": OWN, "started_at": ago(50), "queued_at": ago(45),
        "bridged_at": ago(40), "agent": "bob", "ended_at": ago(30) });
    events.push(event("call.record", 30, inbound));
    let settings = json!({ "campaign": "spring", "status": "active", "destinations": 70, "cac_limit": 9, "started_at": ago(3_000) });
    events.push(event("campaign.updated", 3_000, settings));
    let months = std::collections::BTreeSet::from([0, 10, 20, 30].map(|days: i64| ago(days * 86_400)[..7].to_owned()));
    for (month, kind) in months.iter().flat_map(|month| ["telephony", "infrastructure"].map(|kind| (month, kind))) {
        let cost = json!({ "month": month, "kind": kind, "amount": "1234.57", "currency": "USD" });
        events.push(event("cost.updated", 9, cost));
    }
    for (agent, state) in [("ann", "ready"), ("bob", "on_call"), ("cy", "wrap_up"), ("di", "break")] {
        events.push(event("agent.state", 33, json!({ "agent": agent, "campaign": "spring", "state": state })));
    }
    events.push(event("channels.sample", 5, json!({ "trunk": "north", "active": 7, "capacity": 30 })));
    for seconds in [70, 40, 5] {
        let sample = json!({ "component": "db", "kind": "database", "status": "healthy", "latency_ms": seconds });
        events.push(event("health.sample", seconds, sample));
    }
    events.push(event("did.updated", 20, json!({ "did": "+12025550142", "status": "active" })));
    events.push(event("did.updated", 10, json!({ "did": "+12025550142", "status": "retired" })));
    for (n, event) in events.iter_mut().enumerate() {
        event["id"] = json!(format!("made-{n}"));
    }
    events
}

/// What may have no value: its value is no quotient of two figures, and its catalogue entry says so.
const NO_QUOTIENT: [&str; 4] = ["stalled", "abandon_budget", "pdd_p95", "health"];

#[tokio::test]
async fn numerator_over_denominator_times_the_factor_is_the_value_of_every_kpi() {
    let server = Server::start(&[], &[]).await;
    let told = server.post(LINES, lines(&all_that_figures_are_made_of())).await;
    assert_eq!(told.1["rejected"], json!([]), "{}", told.1);
    // A body is committed in pieces, as it comes in: the last of them tells of the number.
    let all_is_told = |a: &Value| {
        let facts = &a["rows"][0]["facts"];
        (&facts["attempts"], &facts["dids_retired"]) == (&json!(11), &json!(1))
    };
    server.until("/api/v1/facts?window=5m", all_is_told).await;
    let holds = |id: &str, factor: &Value, row: &Value| {
        let number = |name: &str| row[name].as_f64();
        let (Some(value), Some(part), Some(whole)) = (number("value"), number("numerator"), number("denominator"))
        else {
            return false;
        };
        let factor = factor.as_f64().unwrap_or(1.0);
        let made = part / whole * factor;
        assert!(
            (made - value).abs() <= 2e-6 * value.abs().max(1.0),
            "{id}: {part} ÷ {whole} × {factor} is no {value}: {row}"
        );
        true
    };
    for kpi in server.get("/api/v1/kpis").await.as_array().unwrap() {
        let (id, factor) = (kpi["id"].as_str().unwrap(), &kpi["factor"]);
        if NO_QUOTIENT.contains(&id) {
            assert_eq!((factor, kpi.get("factor").is_some()), (&Value::Null, true), "{id}: {kpi}");
            continue;
        }
        let (mut had, mut answers) = (0, Vec::new());
        for by in kpi["dimensions"].as_array().unwrap() {
            let (status, answer) = server.ask(&format!("/api/v1/kpis/{id}?by={}", by.as_str().unwrap())).await;
            let rows = answer["rows"].as_array().filter(|_| status == StatusCode::OK).cloned().unwrap_or_default();
            had += rows.iter().filter(|row| holds(id, factor, row)).count();
            answers.push(answer);
        }
        // What components were up is counted once it is settled, later than this looks.
        assert!(had > 0 || id == "uptime", "{id}: no value to look at in {answers:?}");
        let (status, series) = server.ask(&format!("/api/v1/series/{id}?step=1d")).await;
        let points = series["points"].as_array().filter(|_| status == StatusCode::OK).cloned().unwrap_or_default();
        assert!(points.is_empty() || points.iter().any(|point| holds(id, factor, point)), "{id}: {series}");
    }
    let p95 = server.get("/api/v1/kpis/pdd_p95?by=total").await;
    assert!(
        p95["rows"][0]["value"].is_number() && p95["rows"][0]["numerator"].is_null(),
        "no count of anything: {p95}"
    );
}

#[tokio::test]
async fn what_was_rejected_and_what_has_no_direction_is_told_on_the_pages_also_after_the_first_event() {
    let server = Server::start(&[], &[]).await;
    server.post(LINES, lines(&ten_calls())).await;
    let mut bad = record(20, FAR[0], &json!({ "sip_code": 503 }));
    bad["data"].as_object_mut().unwrap().remove("call_id");
    let mut late = record(21, FAR[1], &json!({ "sip_code": 503 }));
    late["time"] = json!(ago(-3_600));
    let mut untold = record(22, FAR[0], &json!({ "sip_code": 503 }));
    untold["data"].as_object_mut().unwrap().remove("direction");
    let answer = server.post(LINES, lines(&[bad.clone(), late, bad, untold])).await;
    assert_eq!(answer.1["rejected"].as_array().unwrap().len(), 3, "{}", answer.1);
    let has = |list: &Value, cause: &str| list["rows"].as_array().unwrap().iter().any(|row| row["cause"] == cause);
    let list = server.until("/api/v1/problems", |list| has(list, "rejected") && has(list, "undirected")).await;
    let row = |cause: &str| list["rows"].as_array().unwrap().iter().find(|row| row["cause"] == cause).unwrap();
    assert_eq!(row("rejected")["subject"], "3 events were rejected in the last hour");
    assert!(row("rejected")["text"].as_str().unwrap().starts_with("2 of them: data.call_id: missing"), "{list}");
    assert_eq!(row("undirected")["subject"], "1 call of the last hour tells no direction");
    let cut = server.get("/api/v1/problems?limit=1").await;
    assert_eq!((cut["rows"].as_array().unwrap().len(), cut["rows"][0] == list["rows"][0]), (1, true), "{cut}");
    let all = list["rows"].as_array().unwrap().len() as u64 + list["more"].as_u64().unwrap();
    assert_eq!(cut["more"], all - 1, "the rest is counted");
    for bad in ["0", "x", "1001"] {
        assert_eq!(server.ask(&format!("/api/v1/problems?limit={bad}")).await.0, StatusCode::BAD_REQUEST, "{bad}");
    }
    for (cause, word) in [("rejected", "id=\"rejected\""), ("undirected", "id=\"undirected\"")] {
        let href = row(cause)["href"].as_str().unwrap();
        let page = server.text(href.split('#').next().unwrap()).await;
        assert!(page.contains(word), "{href}");
        assert!(page.contains("data.call_id: missing") && page.contains("2 events"), "{page}");
    }
}

#[tokio::test]
async fn bodies_that_are_no_json_and_misspelt_fields_are_on_the_page_also_after_the_first_event() {
    let server = Server::start(&[], &[]).await;
    server.post(LINES, lines(&ten_calls())).await;
    for (kind, body) in
        [(BATCH, "[{\"a\": 1"), ("application/cloudevents+json", "{'call': '+12025550187'}"), ("text/plain", "x")]
    {
        assert!(server.post(kind, body.to_owned()).await.0.is_client_error(), "{kind}");
    }
    let misspelt = |id: usize| {
        let mut record = record(id, FAR[0], &json!({ "sip_code": 503 }));
        record["data"]["agnet"] = json!("ann");
        record["data"]["+12025550187"] = json!(1);
        record
    };
    server.post(LINES, lines(&[misspelt(40), misspelt(41)])).await;
    let list = server.until("/api/v1/problems", |list| list.to_string().contains("3 unreadable bodies")).await;
    assert!(!list.to_string().contains("is ignored"), "in one minute alone it may be over: {list}");
    let page = server.text("/troubleshooting").await;
    for said in ["1 body", "not JSON: ", "Content-Type `text/plain`", "id=\"misspelt\"", "2 times"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(page.contains("data.agnet is unknown; did you mean agent?"), "{page}");
    assert!(!page.contains("2025550187"), "masked: {page}");
}

#[tokio::test]
async fn what_has_no_meaning_is_named() {
    let server = Server::start(&[], &[]).await;
    for (path, status, words) in [
        ("/api/v1/kpis/abandon_rate?by=route&window=period", 400, "`period`"),
        ("/api/v1/kpis/abandon_rate?window=2h", 400, "`window`: `2h` is none"),
        ("/api/v1/kpis/abandon_rate?windw=5m", 400, "did you mean `window`?"),
        ("/api/v1/kpis/active_calls?window=30d", 400, "tells of the present"),
        ("/api/v1/kpis/health?by=did", 400, "no meaning by did"),
        ("/api/v1/kpis/abandonrate", 404, "did you mean `abandon_rate`?"),
        ("/api/v1/facts?limit=1001", 400, "`limit`"),
        ("/api/v1/facts?order=value", 400, "ordered by key"),
        ("/api/v1/facts?window=campaign", 400, "a campaign's own"),
        ("/api/v1/calls?cursor=x", 400, "`cursor`"),
        ("/api/v1/calls?since=yesterday", 400, "`since`"),
        ("/api/v1/calls/dialer/none", 404, "no such call"),
        ("/api/v1/stream?every=2s", 400, "every"),
        ("/api/v1/views/live?panel=x", 400, "`panel`"),
        ("/api/v1/nowhere", 404, "nothing at this address"),
    ] {
        let (got, answer) = server.ask(path).await;
        assert_eq!(got.as_u16(), status, "{path}: {answer}");
        assert_eq!(answer["status"], status, "{path}");
        assert!(answer["detail"].as_str().unwrap().contains(words), "{path}: {answer}");
    }
}

#[tokio::test]
async fn calls_are_listed_in_pages_and_far_end_numbers_are_nowhere() {
    let mut server = Server::start(&["--log", "trace"], &[]).await;
    server.post(LINES, lines(&ten_calls())).await;
    let bad = record(99, FAR[0], &json!({ "sip_code": FAR[0], "attempt": FAR[1] }));
    server.post(LINES, lines(&[bad])).await;

    let mut seen = Vec::new();
    let mut texts = Vec::new();
    let mut path = "/api/v1/calls?limit=4".to_owned();
    loop {
        let page = server.get(&path).await;
        texts.push(page.to_string());
        let rows = page["rows"].as_array().unwrap();
        assert!(rows.len() <= 4);
        seen.extend(rows.iter().map(|call| call["call_id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        path = format!("/api/v1/calls?limit=4&cursor={next}");
    }
    seen.sort();
    assert_eq!(seen, (0..10).map(|id| format!("c-{id}")).collect::<Vec<_>>());
    let one = server.get("/api/v1/calls/dialer/c-0").await;
    assert_eq!((&one["call"]["from"], &one["call"]["to"]), (&json!(OWN), &json!("+13 •••• 47")));
    assert_eq!(one["call"]["agent"], "ann");
    texts.push(one.to_string());
    server.until("/api/v1/facts", |facts| facts["rows"][0]["facts"]["attempts"] == 10).await;

    for path in [
        "/api/v1/facts?by=did&window=today",
        "/api/v1/facts?by=country",
        "/api/v1/kpis/answer_rate?by=did",
        "/api/v1/views/live",
        "/api/v1/views/live?campaign=spring",
        "/metrics",
        "/live",
        "/readyz",
        "/panel/dids.svg",
    ] {
        texts.push(server.text(path).await);
    }
    server.stop().await;
    texts.push(server.log());
    for far in FAR {
        let telling = &far[far.len() - 7..];
        for text in &texts {
            assert!(!text.contains(telling), "{telling} in {}", &text[..text.len().min(2_000)]);
        }
    }
    assert!(texts.iter().any(|text| text.contains(OWN)), "the floor's own number is shown");
}

#[tokio::test]
async fn the_largest_page_has_a_next_one_and_csv_says_so_too() {
    let server = Server::start(&[], &[]).await;
    let calls: Vec<Value> = (0..1_001).map(|id| record(id, FAR[0], &json!({}))).collect();
    server.post(LINES, lines(&calls)).await;
    let page = server.get("/api/v1/calls?limit=1000").await;
    assert_eq!(page["rows"].as_array().unwrap().len(), 1_000);
    let next = page["next_cursor"].as_str().unwrap();
    let last = server.get(&format!("/api/v1/calls?limit=1000&cursor={next}")).await;
    assert_eq!((last["rows"].as_array().unwrap().len(), &last["next_cursor"]), (1, &Value::Null));

    let csv = server.request("/api/v1/calls.csv?limit=1000").await;
    let link = csv.headers()["link"].to_str().unwrap().to_owned();
    let next = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap();
    let last = server.request(next).await;
    assert!(!last.headers().contains_key("link"));
    assert_eq!(last.text().await.unwrap().lines().count(), 2, "the head, and one call");
}

#[tokio::test]
async fn a_calls_id_may_end_as_it_likes_and_lists_end_in_csv() {
    let server = Server::start(&[], &[]).await;
    let mut call = record(1, FAR[0], &json!({}));
    call["data"]["call_id"] = json!("a.csv");
    server.post(LINES, lines(&[call])).await;
    assert_eq!(server.get("/api/v1/calls/dialer/a.csv").await["call"]["call_id"], "a.csv");
    for path in [
        "/api/v1/kpis.csv",
        "/api/v1/kpis/aht.csv",
        "/api/v1/views/live.csv?table=abandon",
        "/api/v1/views/monitor.csv?table=cards",
    ] {
        let response = server.request(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/csv"), "{path}");
    }
}

#[tokio::test]
async fn a_campaign_that_nobody_knows_has_neither_frame_nor_stream() {
    let server = Server::start(&[], &[]).await;
    server.post(LINES, lines(&ten_calls())).await;
    server.until("/api/v1/facts", |facts| facts["rows"][0]["facts"]["attempts"] == 10).await;
    let at = ago(20);
    let (replay, replay_stream) = (format!("replay?at={at}&campaign="), format!("replay/stream?at={at}&campaign="));
    for (campaign, status) in [("spring", StatusCode::OK), ("nobody", StatusCode::NOT_FOUND)] {
        for path in [
            "views/live?campaign=",
            "views/monitor/",
            "stream?view=live&campaign=",
            "stream?view=monitor&campaign=",
            &replay,
            &replay_stream,
        ] {
            let answer = server.request(&format!("/api/v1/{path}{campaign}")).await;
            assert_eq!(answer.status(), status, "{path}{campaign}");
            if status == StatusCode::NOT_FOUND {
                assert_eq!(answer.headers()["content-type"], "application/problem+json", "{path}{campaign}");
            }
        }
    }
}

#[tokio::test]
async fn a_stream_is_packed_for_who_takes_it_so_and_each_event_comes_at_once() {
    let server = Server::start(&[], &[]).await;
    server.post(LINES, lines(&ten_calls())).await;
    let url = format!("{}/api/v1/stream?every=250ms", server.url());
    let mut stream =
        crate::process::client().get(&url).header("accept-encoding", "gzip, deflate, br").send().await.unwrap();
    assert_eq!(stream.headers()["content-encoding"], "gzip");
    assert_eq!(stream.headers()["vary"], "accept-encoding");
    let mut unpacked = GzDecoder::new(Vec::new());
    let (mut came, mut read) = (0, 0);
    while read < 4 {
        let part = stream.chunk().await.unwrap().unwrap();
        came += part.len();
        unpacked.write_all(&part).unwrap();
        let text = String::from_utf8_lossy(unpacked.get_ref());
        // A part may end within an event.
        let whole = text.rsplit_once("\n\n").map_or("", |(whole, _)| whole);
        let events = whole.split("\n\n").filter_map(|event| event.split_once("\ndata: "));
        read = events.map(|(_, data)| serde_json::from_str(data).unwrap()).collect::<Vec<Value>>().len();
    }
    assert!(came * 2 < unpacked.get_ref().len(), "{came} of {}", unpacked.get_ref().len());
    let plain = server.request("/api/v1/stream").await;
    assert!(plain.headers().get("content-encoding").is_none());
}

#[tokio::test]
async fn what_stands_still_keeps_nobody_from_looking_at_the_past() {
    let server = Server::start(&[], &[]).await;
    let at = ago(120);
    let mut standing = Vec::new();
    for _ in 0..6 {
        let mut stream = server.request(&format!("/api/v1/replay/stream?at={at}&speed=0&every=250ms")).await;
        assert_eq!(stream.status(), StatusCode::OK);
        let mut heard = String::new();
        while !heard.contains("event: delta") {
            heard.push_str(std::str::from_utf8(&stream.chunk().await.unwrap().unwrap()).unwrap());
        }
        standing.push(stream);
    }
}

#[tokio::test]
async fn browsers_are_told_to_come_by_tls_where_that_is_configured() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("ringside.toml");
    std::fs::write(&file, "hsts = true\n").unwrap();
    let told = Server::start(&["--config", file.to_str().unwrap()], &[]).await;
    let plain = Server::start(&[], &[]).await;
    for path in ["/live", "/api/v1/kpis"] {
        assert_eq!(told.request(path).await.headers()["strict-transport-security"], "max-age=31536000", "{path}");
        assert!(!plain.request(path).await.headers().contains_key("strict-transport-security"), "{path}");
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_kill() {
    let mut server = Server::start(&[], &[]).await;
    server.post(LINES, lines(&ten_calls())).await;
    server.kill();
    server.up().await;
    for window in ["60m", "today"] {
        let path = format!("/api/v1/facts?window={window}");
        let facts = server.until(&path, |a| a["rows"][0]["facts"]["attempts"] == 10).await;
        assert_eq!(facts["rows"][0]["facts"]["ended"], 10);
    }
}

#[tokio::test]
async fn a_server_with_a_stream_open_ends_within_ten_seconds_and_says_goodbye() {
    let mut server = Server::start(&[], &[]).await;
    let mut stream = server.request("/api/v1/stream?every=250ms").await;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    assert_eq!(stream.headers()["x-accel-buffering"], "no");
    assert!(stream.headers()["cache-control"].to_str().unwrap().contains("no-transform"));
    let mut heard = String::new();
    while heard.matches("event: delta").count() < 2 {
        heard.push_str(std::str::from_utf8(&stream.chunk().await.unwrap().unwrap()).unwrap());
    }
    assert!(heard.contains("event: snapshot"));
    let began = std::time::Instant::now();
    let reading = tokio::spawn(async move {
        while let Some(piece) = stream.chunk().await.unwrap() {
            heard.push_str(std::str::from_utf8(&piece).unwrap());
        }
        heard
    });
    server.stop().await;
    assert!(began.elapsed().as_secs() < 10);
    assert!(reading.await.unwrap().ends_with("event: bye\ndata: {}\n\n"));
}

#[tokio::test]
async fn the_server_tells_how_it_is() {
    let server = Server::start(&[], &[]).await;
    assert_eq!(server.get("/healthz").await["status"], "ok");
    let ready = server.get("/readyz").await;
    assert_eq!(
        (&ready["status"], &ready["store"]["kind"], &ready["role"]),
        (&json!("ready"), &json!("sqlite"), &json!("leading"))
    );
    server.post(LINES, lines(&ten_calls())).await;
    let figures = server.text("/metrics").await;
    for line in ["ringside_events_accepted_total 10", "ringside_viewers 0", "ringside_build_info{", "# EOF"] {
        assert!(figures.contains(line), "{line} in\n{figures}");
    }
    let picture = server.request("/panel/dids.svg").await;
    assert_eq!(picture.headers()["cross-origin-resource-policy"], "cross-origin");
    let document = server.get("/api/openapi.json").await;
    assert_eq!(document["openapi"], "3.1.0");
}

#[tokio::test]
async fn keys_from_the_environment_are_asked_for() {
    let server = Server::start(&[], &[("RINGSIDE_INGEST_KEY", "a-key-of-some-length")]).await;
    let event = lines(&ten_calls()[..1]);
    assert_eq!(server.post(LINES, event.clone()).await.0, StatusCode::UNAUTHORIZED);
    let url = format!("{}/api/v1/events", server.url());
    let request = crate::process::client().post(url).header("content-type", LINES).bearer_auth("a-key-of-some-length");
    assert_eq!(request.body(event).send().await.unwrap().status(), StatusCode::OK);
}

#[test]
fn a_start_that_would_be_unsafe_is_refused_with_what_to_do() {
    let start = |args: &[&str], environment: &[(&str, &str)]| crate::process::refused(args, environment);
    assert!(start(&["--listen", "0.0.0.0:0"], &[]).contains("--open"));
    assert!(start(&["--listen", "0.0.0.0:0", "--open"], &[]).contains("RINGSIDE_INGEST_KEY"));
    assert!(start(&[], &[("RINGSIDE_LISTNE", "x")]).contains("RINGSIDE_LISTEN"));
    assert!(start(&["--database", "mysql:x"], &[]).contains("sqlite:PATH"));
}

#[tokio::test]
async fn figures_over_time_in_tables_and_for_grafana() {
    let server = Server::start(&[], &[]).await;
    server.post(LINES, lines(&ten_calls())).await;
    for step in ["10s", "1m", "5m", "15m", "1h", "1d"] {
        // Two days back, so that midnight may come between.
        let from = if matches!(step, "10s" | "1m") { ago(1_800) } else { ago(90_000) };
        let path = format!("/api/v1/series/connect_rate?by=route&step={step}&from={from}");
        let sums = |answer: &Value, member: &str| -> i64 {
            answer["points"].as_array().unwrap().iter().filter_map(|point| point[member].as_i64()).sum()
        };
        let answer = server.until(&path, |a| sums(a, "denominator") == 10).await;
        assert_eq!((sums(&answer, "numerator"), &answer["points"][0]["key"]), (6, &json!("north")), "{step}");
    }
    for (path, why) in [
        (format!("/api/v1/series/connect_rate?step=10s&from={}", ago(9_000)), "reaches an hour back"),
        (format!("/api/v1/series/connect_rate?step=5m&from={}", ago(9_000_000)), "11000 points"),
        (format!("/api/v1/series/answer_rate?by=did&step=1h&from={}", ago(2_000_000)), "200 buckets"),
        ("/api/v1/series/answer_rate?by=did&step=5m".to_owned(), "not kept by five minutes"),
        ("/api/v1/series/active_calls".to_owned(), "tells of the present"),
        ("/api/v1/views/daily?date=2999-01-01".to_owned(), "has not begun"),
        ("/api/v1/views/trend?days=8".to_owned(), "7, 30, 90"),
    ] {
        let (status, answer) = server.ask(&path).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
        assert!(answer["detail"].as_str().unwrap().contains(why), "{answer}");
    }
    let day = server.until("/api/v1/views/daily", |frame| frame["day"]["state"] == "running").await;
    assert_eq!(day["kpis"]["rows"].as_array().unwrap().len(), 13);
    let date = day["day"]["date"].as_str().unwrap().to_owned();
    assert_eq!(server.get(&format!("/api/v1/views/daily?date={date}")).await["day"]["date"], json!(date));
    let trend = server.until("/api/v1/views/trend?days=90", |frame| frame["span"]["days"] == 90).await;
    assert_eq!(trend["days"]["rows"].as_array().unwrap().len(), 90);

    for path in [
        "/api/v1/facts.csv?by=did&window=30d",
        "/api/v1/kpis/answer_rate.csv?by=did",
        "/api/v1/calls?format=csv",
        "/api/v1/series/answer_rate?by=did&format=csv",
        "/api/v1/views/daily.csv?table=kpis",
        "/api/v1/views/trend?days=7&format=csv&table=days",
    ] {
        let response = server.request(path).await;
        let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
        let csv = response.text().await.unwrap();
        assert!(kind.starts_with("text/csv"), "{path}: {kind}");
        let head = csv.lines().next().unwrap();
        assert!(head.split(',').count() > 3 && csv.lines().count() > 1, "{path}: {csv}");
        assert!(csv.contains("\r\n") && !FAR.iter().any(|far| csv.contains(&far[far.len() - 7..])), "{path}");
    }
    assert_eq!(server.text("/api/grafana/").await, server.text("/api/grafana").await);
    let query = json!({ "range": { "from": ago(1_800), "to": ago(-10) }, "intervalMs": 1_000, "maxDataPoints": 500,
        "targets": [{ "refId": "A", "target": "connect_rate", "payload": { "by": "route" } }] });
    let (status, answer) = server.send("/api/grafana/query", "application/json", query.to_string()).await;
    assert_eq!((status, &answer[0]["target"], &answer[0]["refId"]), (StatusCode::OK, &json!("north"), &json!("A")));
    assert!(answer[0]["datapoints"].as_array().unwrap().iter().any(|point| point[0].is_f64() && point[1].is_i64()));
}

#[tokio::test]
async fn a_page_of_the_past_and_its_stream_are_one_replay_and_what_nobody_looks_at_keeps_nobody_out() {
    let mut all_seats = tempfile::NamedTempFile::new().unwrap();
    all_seats.write_all(b"[limits]\nreplays_per_client = 5\n").unwrap();
    let server = Server::start(&["--config", all_seats.path().to_str().unwrap()], &[]).await;
    server.post(LINES, lines(&ten_calls())).await;
    let seats = async |expected: &[&str]| {
        let figures = server.text("/metrics").await;
        for line in expected {
            assert!(figures.lines().any(|each| each == *line), "{line} in\n{figures}");
        }
    };
    let at = ago(20);
    let page = server.text(&format!("/live?at={at}&speed=0")).await;
    assert!(page.contains("north"));
    seats(&["ringside_replays_opened_total 1", "ringside_replays 1.0"]).await;
    // They go on: one that stands still gives its seat back.
    let stream = async |at: &str| {
        let mut stream = server.request(&format!("/api/v1/replay/stream?view=live&at={at}&speed=1")).await;
        let mut heard = String::new();
        while stream.status().is_success() && !heard.contains("event: snapshot") {
            heard.push_str(std::str::from_utf8(&stream.chunk().await.unwrap().unwrap()).unwrap());
        }
        stream
    };
    let mut watched = vec![stream(&at).await];
    seats(&["ringside_replays_opened_total 1", "ringside_replays 1.0"]).await;
    // More pages than there are seats, whose streams never come.
    for seconds in 30..36 {
        assert!(server.text(&format!("/live?at={}&speed=0", ago(seconds))).await.contains("north"));
    }
    for seconds in 40..43 {
        watched.push(stream(&ago(seconds)).await);
    }
    assert!(watched.iter().all(|each| each.status() == StatusCode::OK));
    assert_eq!(stream(&ago(50)).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    seats(&["ringside_replays_opened_total 10", "ringside_replays 4.0", "ringside_replays_refused_total 1"]).await;
}
