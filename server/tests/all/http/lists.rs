//! Lists, page by page, as JSON and CSV.
#![allow(clippy::unwrap_used)]

use super::{FAR, LINES, OWN, lines, record, ten_calls};
use crate::process::Server;
use reqwest::StatusCode;
use serde_json::{Value, json};

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
