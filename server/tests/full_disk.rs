//! A disk that is full, in fact: the server's files may not grow. It refuses events and says so everywhere, serves what it
//! has, and goes on by itself when there is room again.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod process;

use process::Server;
use reqwest::StatusCode;
use serde_json::{Value, json};

fn call(id: usize) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let at = app::domain::Moment::from_micros(i64::try_from(now.as_micros()).unwrap()).to_rfc3339();
    let data = json!({ "call_id": format!("c-{id}"), "direction": "outbound", "campaign": "spring", "route": "north",
        "from": "+12025550199", "to": "+442079460018", "started_at": at, "ended_at": at });
    let event =
        json!({ "specversion": "1.0", "id": "e", "source": "dialer", "type": "call.record", "time": at, "data": data });
    format!("{event}\n")
}

fn first_clause(frame: &Value) -> &str {
    frame["status"]["clauses"][0]["subject"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_full_disk_is_told_until_there_is_room() {
    let server = Server::start(&[], &[]).await;
    let post = async |id: usize| server.post("application/x-ndjson", call(id)).await.0;
    assert_eq!(post(0).await, StatusCode::OK);
    // The log stays below it; the write-ahead log of the database is beyond it from the start.
    server.limit_files("65536");
    for id in 1..4 {
        assert_eq!(post(id).await, StatusCode::SERVICE_UNAVAILABLE);
    }
    let (status, ready) = server.ask("/readyz").await;
    assert_eq!((status, &ready["store"]["state"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("unwritable")), "{ready}");
    server.until("/api/v1/views/live", |frame| first_clause(frame) == "Storage is degraded").await;

    server.limit_files("unlimited");
    // By itself, without anybody who brings events.
    server.until("/api/v1/views/live", |frame| first_clause(frame) != "Storage is degraded").await;
    assert_eq!(server.get("/readyz").await["store"]["state"], "reachable");
    assert_eq!(post(4).await, StatusCode::OK);
    let said = server.log().lines().filter(|line| line.contains("a commit failed")).count();
    assert_eq!(said, 1, "once, not for each:\n{}", server.log());
}
