//! Streams, and pages of the past.
#![allow(clippy::unwrap_used)]

use super::{LINES, ago, lines, ten_calls};
use crate::process::Server;
use flate2::write::GzDecoder;
use reqwest::StatusCode;
use serde_json::Value;
use std::io::Write;

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
