//! The process: its keys, its health, its end.
#![allow(clippy::unwrap_used)]

use super::{LINES, lines, ten_calls};
use crate::process::Server;
use reqwest::StatusCode;
use serde_json::json;

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
