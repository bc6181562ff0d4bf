//! What was not taken, and what has no meaning: who sent it is told, and who looks.
#![allow(clippy::unwrap_used)]

use super::{BATCH, FAR, LINES, ago, lines, record, ten_calls};
use crate::process::Server;
use reqwest::StatusCode;
use serde_json::{Value, json};

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
