//! The database's file in other people's hands: who may read it, who else may open it, and what a server says when it is
//! gone.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use crate::process::{Server, refused};
use reqwest::StatusCode;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const LINES: &str = "application/x-ndjson";

fn event(id: usize) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let at = app::domain::Moment::from_micros(i64::try_from(now.as_micros()).unwrap()).to_rfc3339();
    let data = json!({ "call_id": format!("c-{id}"), "direction": "outbound", "campaign": "spring" });
    let event = json!({ "specversion": "1.0", "id": format!("e-{id}"), "source": "d", "type": "call.started",
        "time": at, "data": data });
    format!("{event}\n")
}

struct Place {
    _folder: TempDir,
    path: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("floor.db");
        Self { _folder: folder, path }
    }

    fn address(&self) -> String {
        format!("sqlite:{}", self.path.display())
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(ending);
        name.into()
    }

    async fn server(&self) -> Server {
        Server::start(&["--database", &self.address()], &[]).await
    }
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn only_its_owner_reads_the_database_also_one_that_was_open_to_all() {
    let place = Place::new();
    let mut server = place.server().await;
    assert_eq!(server.post(LINES, event(1)).await.0, StatusCode::OK);
    for ending in ["", "-wal", "-shm", ".lock"] {
        assert_eq!(mode(&place.beside(ending)), 0o600, "{ending}");
    }
    server.stop().await;
    std::fs::set_permissions(&place.path, std::fs::Permissions::from_mode(0o644)).unwrap();
    server.up().await;
    assert_eq!(mode(&place.path), 0o600);
}

#[tokio::test]
async fn who_removes_the_lock_beside_it_opens_no_second_door() {
    let place = Place::new();
    let _server = place.server().await;
    std::fs::remove_file(place.beside(".lock")).unwrap();
    let said = refused(&["--database", &place.address(), "--listen", "127.0.0.1:0"], &[]);
    assert!(said.contains("another ringside writes to"), "{said}");
}

#[tokio::test]
async fn a_file_that_goes_under_the_server_is_noticed_and_nothing_more_is_acknowledged() {
    for ending in ["", "-wal"] {
        let place = Place::new();
        let server = place.server().await;
        assert_eq!(server.post(LINES, event(1)).await.0, StatusCode::OK);
        let away = place.beside(".away");
        std::fs::rename(place.beside(ending), &away).unwrap();
        let (status, said) = server.post(LINES, event(2)).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{ending}: {said}");
        let (status, ready) = server.ask("/readyz").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{ready}");
        assert!(ready["store"]["why"].as_str().unwrap().contains("no longer where it was opened"), "{ready}");
        let page = server.until("/api/v1/views/live", |live| live["status"]["band"] == "critical").await;
        assert!(page["status"]["clauses"].to_string().contains("database") || !page["status"]["clauses"].is_null());
        std::fs::rename(&away, place.beside(ending)).unwrap();
        server.until("/healthz", |health| health["status"] == "ok").await;
        let again = server.post(LINES, event(2)).await;
        assert!(again.0 == StatusCode::OK || again.0 == StatusCode::SERVICE_UNAVAILABLE, "{again:?}");
    }
}

#[tokio::test]
async fn where_there_was_a_database_none_is_begun_in_silence() {
    let place = Place::new();
    let mut server = place.server().await;
    server.stop().await;
    std::fs::remove_file(&place.path).unwrap();
    let said = refused(&["--database", &place.address(), "--listen", "127.0.0.1:0"], &[]);
    assert!(said.contains("it is gone: put it back") && said.contains("floor.db.lock"), "{said}");
    for rest in [".lock", "-wal", "-shm"] {
        let _ = std::fs::remove_file(place.beside(rest));
    }
    server.up().await;
}

#[tokio::test]
async fn commits_that_went_with_the_log_while_the_server_was_down_are_missed() {
    let place = Place::new();
    let mut server = place.server().await;
    assert_eq!(server.post(LINES, event(1)).await.0, StatusCode::OK);
    server.kill();
    let away = place.beside(".away");
    std::fs::rename(place.beside("-wal"), &away).unwrap();
    let said = refused(&["--database", &place.address(), "--listen", "127.0.0.1:0"], &[]);
    assert!(
        said.contains("lacks its newest commits") && said.contains("floor.db-wal") && said.contains("floor.db.lock")
    );
    // Put back, it is all there; also after a second end without warning.
    for again in 0..2 {
        if again == 0 {
            let _ = std::fs::remove_file(place.beside("-shm"));
            std::fs::rename(&away, place.beside("-wal")).unwrap();
        }
        server.up().await;
        assert_eq!(server.get("/api/v1/calls").await["rows"].as_array().unwrap().len(), 1 + again);
        assert_eq!(server.post(LINES, event(2)).await.0, StatusCode::OK);
        server.kill();
    }
    std::fs::remove_file(place.beside("-wal")).unwrap();
    std::fs::remove_file(place.beside(".lock")).unwrap();
    server.up().await;
    server.stop().await;
    server.up().await;
}

#[test]
fn a_backup_that_is_put_back_lacks_nothing() {
    let place = Place::new();
    let command = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ringside"));
        command.args(args).args(["--database", &place.address()]).env_clear().output().unwrap()
    };
    let lines = place.beside(".ndjson");
    let monday = place.beside(".monday");
    let monday = monday.to_str().unwrap();
    for (id, then) in [(1, vec!["backup", monday]), (2, vec!["restore", monday, "--overwrite"])] {
        std::fs::write(&lines, event(id)).unwrap();
        for args in [vec!["import", lines.to_str().unwrap()], then] {
            let done = command(&args);
            assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
        }
    }
    let verified = command(&["import", lines.to_str().unwrap()]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

#[test]
fn an_import_that_loses_its_database_ends_and_says_so() {
    use std::time::{Duration, Instant};
    let place = Place::new();
    let lines = place.beside(".ndjson");
    std::fs::write(&lines, (0..60_000).map(event).collect::<String>()).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ringside"));
    command.args(["import", lines.to_str().unwrap(), "--database", &place.address()]).env_clear();
    let mut child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let patience = Instant::now() + Duration::from_secs(60);
    let written = || std::fs::metadata(place.beside("-wal")).map_or(0, |log| log.len());
    // To make the tables takes less.
    while written() < 4 << 20 {
        assert!(Instant::now() < patience && child.try_wait().unwrap().is_none(), "nothing is written");
        std::thread::sleep(Duration::from_millis(10));
    }
    for ending in ["", "-wal", "-shm"] {
        std::fs::remove_file(place.beside(ending)).unwrap();
    }
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > patience {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(said.contains("floor.db") && said.contains("is no longer where it was opened"), "{said}");
    assert!(ended.stdout.is_empty(), "{}", String::from_utf8_lossy(&ended.stdout));
}

#[test]
fn a_broken_file_is_named_with_what_to_do() {
    let place = Place::new();
    std::fs::write(&place.path, "no database at all, and long enough to be looked at as one".repeat(100)).unwrap();
    let said = refused(&["--database", &place.address(), "--listen", "127.0.0.1:0"], &[]);
    assert!(said.contains("floor.db") && said.contains("ringside restore"), "{said}");
}
