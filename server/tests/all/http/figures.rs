//! Figures as the API answers them: of every KPI, by every key, over time.
#![allow(clippy::unwrap_used)]

use super::{FAR, LINES, OWN, ago, lines, record, ten_calls};
use crate::process::Server;
use reqwest::StatusCode;
use serde_json::{Value, json};

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
