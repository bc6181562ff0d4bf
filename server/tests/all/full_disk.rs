//! A disk that is full, in fact: the server's files may not grow. It refuses events and says so everywhere, serves what it
//! has, and goes on by itself when there is room again.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use crate::process::Server;
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

/// Takes what is left of the disk.
fn fill(path: &std::path::Path) {
    let mut file = std::fs::File::create(path).unwrap();
    let part = [0; 4_096];
    while std::io::Write::write_all(&mut file, &part).is_ok() {}
}

#[tokio::test]
async fn a_disk_without_room_is_named_and_not_called_well_before_there_is_room_again() {
    let Some(server) = Server::start_on_small_disk(48 << 20).await else { return };
    let post = async |id: usize| server.post("application/x-ndjson", (id..id + 200).map(call).collect()).await.0;
    assert_eq!(post(0).await, StatusCode::OK);
    let filler = server.file(&format!("{}/filler", crate::process::SMALL_DISK));
    fill(&filler);
    // Room for a part of a commit: what it wrote before it failed stays the database's, and a small one fits in there.
    let part = |file: std::fs::File| file.set_len(file.metadata()?.len() - (64 << 10));
    std::fs::OpenOptions::new().write(true).open(&filler).and_then(part).unwrap();
    let mut id = 1_000;
    while post(id).await == StatusCode::OK {
        id += 1_000;
        assert!(id < 1_000_000, "there is still room");
    }
    // However often it is looked for, a little room within the database's own files is not room.
    let full = std::time::Instant::now();
    while full.elapsed() < std::time::Duration::from_secs(4) {
        let (status, ready) = server.ask("/readyz").await;
        let told = (status, &ready["store"]["state"], &ready["store"]["why"]);
        assert_eq!(told, (StatusCode::SERVICE_UNAVAILABLE, &json!("unwritable"), &json!("the disk is full")));
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(post(id).await, StatusCode::SERVICE_UNAVAILABLE);
    std::fs::remove_file(filler).unwrap();
    server.until("/api/v1/views/live", |frame| first_clause(frame) != "Storage is degraded").await;
    assert_eq!(server.get("/readyz").await["store"]["why"], Value::Null);
    assert_eq!(post(id).await, StatusCode::OK);
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
    assert!(ready["store"]["why"].is_string(), "{ready}");
    server.until("/api/v1/views/live", |frame| first_clause(frame) == "Storage is degraded").await;

    server.limit_files("unlimited");
    // By itself, without anybody who brings events.
    server.until("/api/v1/views/live", |frame| first_clause(frame) != "Storage is degraded").await;
    assert_eq!(server.get("/readyz").await["store"]["state"], "reachable");
    assert_eq!(post(4).await, StatusCode::OK);
    let said = server.log().lines().filter(|line| line.contains("a commit failed")).count();
    assert_eq!(said, 1, "once, not for each:\n{}", server.log());
}
