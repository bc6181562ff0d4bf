//! A copy of a PostgreSQL database by the recipe of the manual, as it stands there: put back in another database, it shows the same.
#![allow(clippy::unwrap_used)]

use crate::floor::place::{Kind, Place, look};
use crate::process::Server;
use app::domain::{Moment, Span};
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::clock::Clock;
use std::io::Write;
use std::process::Command;
use std::time::{Duration, Instant};

const BATCH: &str = "application/cloudevents-batch+json";

/// Calls of the last ten days, an hour between them, with an agent's states: what lies in several chunks.
fn told(now: Moment) -> String {
    let mut events = Vec::new();
    for hour in 1..240 {
        let start = now - Span::hours(hour);
        let at = |secs: i64| (start + Span::secs(secs)).to_rfc3339();
        events.push(json!({ "specversion": "1.0", "id": format!("c{hour}"), "source": "dialer", "type": "call.record",
            "time": at(30), "data": { "call_id": format!("c{hour}"), "direction": "outbound", "campaign": "spring",
            "route": "north", "from": "+12025550142", "to": "+34911234567", "by": "human", "agent": "ann",
            "started_at": at(0), "progress_at": at(2), "answered_at": at(6), "bridged_at": at(7), "ended_at": at(30) } }));
        let state = ["ready", "on_call", "break"][hour as usize % 3];
        events.push(json!({ "specversion": "1.0", "id": format!("a{hour}"), "source": "dialer", "type": "agent.state",
            "time": at(40), "data": { "agent": "ann", "campaign": "spring", "state": state } }));
    }
    // A state that went on would count for longer with each look.
    events.push(json!({ "specversion": "1.0", "id": "off", "source": "dialer", "type": "agent.state",
        "time": (now - Span::minutes(30)).to_rfc3339(), "data": { "agent": "ann", "campaign": "spring", "state": "offline" } }));
    Value::Array(events).to_string()
}

/// The manual's lines for it; those for TimescaleDB only where that is.
fn recipe(kind: Kind) -> String {
    let readme = include_str!("../../docs/store.md");
    let from = readme.find("pg_dump --format=custom").unwrap();
    let lines = readme[from..].lines().take_while(|line| *line != "```");
    let lines: Vec<_> = lines.filter(|line| kind == Kind::Timescale || !line.ends_with("# TimescaleDB")).collect();
    assert_eq!(lines.len(), if kind == Kind::Timescale { 6 } else { 4 });
    lines.join("\n")
}

/// What a floor shows, but for what goes by the second.
async fn figures(server: &Server) -> Vec<Value> {
    let mut all = Vec::new();
    for by in ["total", "campaign", "route", "country", "did", "agent"] {
        all.push(server.get(&format!("/api/v1/facts?by={by}&window=7d")).await["rows"].clone());
    }
    // It is made a few seconds after a start.
    let began = Instant::now();
    let trend = loop {
        match server.ask("/api/v1/views/trend?days=30").await {
            (StatusCode::OK, frame) => break frame,
            (status, answer) => assert!(began.elapsed() < Duration::from_secs(30), "{status} {answer}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    for name in ["days", "weeks", "abandon", "aht", "pdd", "routes"] {
        all.push(trend[name].clone());
    }
    all.push(server.get("/api/v1/calls?limit=300").await["rows"].clone());
    all
}

async fn dumped_and_put_back(kind: Kind) {
    let Some(place) = Place::make(kind).await else { return };
    let Ok(bed) = std::env::var("RINGSIDE_TEST_BED") else {
        let _ = writeln!(std::io::stderr(), "left out: RINGSIDE_TEST_BED is not set (end2end/postgres/bed.sh with …)");
        return;
    };
    let mut server = Server::start(&["--database", &place.address()], &[]).await;
    let told = told(Clock::system().now());
    let (status, answer) = server.post(BATCH, told.clone()).await;
    assert_eq!((status, &answer["rejected"]), (StatusCode::OK, &json!([])), "{answer}");
    let total = "/api/v1/facts?by=total&window=24h";
    server.until(total, |answer| answer["rows"][0]["facts"]["attempts"].as_i64().unwrap_or(0) >= 23).await;
    // Begun anew, so that no frame is of before the calls came; and copied beside it.
    server.stop().await;
    server.up().await;

    let restored = Place::beside(&place);
    let (server_address, name) = restored.on_server();
    let programs = ["pg_dump", "pg_restore", "psql"].map(|name| format!("{name}() {{ \"$BED\" run {name} \"$@\"; }}"));
    let script = format!("set -eu\n{}\n{}\n", programs.join("\n"), recipe(kind).replace("restored'", "'\"$NAME\""));
    let folder = tempfile::tempdir().unwrap();
    let mut shell = Command::new("bash");
    shell.args(["-c", &script]).current_dir(folder.path()).env("BED", bed);
    shell.env("FLOOR", place.address()).env("RESTORED", restored.address()).env("NAME", name);
    let output = shell.env("SERVER", server_address).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !said.contains("error:"), "{said}");

    let other = Server::start(&["--database", &restored.address()], &[]).await;
    let ready = other.get("/readyz").await;
    assert_eq!((&ready["role"], &ready["store"]), (&json!("leading"), &server.get("/readyz").await["store"]));
    for (found, expected) in figures(&other).await.iter().zip(figures(&server).await) {
        assert_eq!(*found, expected);
        assert!(!found.is_null() && found.as_array().is_none_or(|rows| !rows.is_empty()), "{found}");
    }
    let mut db = look(&restored.address()).await;
    if kind == Kind::Timescale {
        let chunks = "select count(*) from timescaledb_information.chunks where hypertable_name = 'calls'";
        assert!((10..=12).contains(&db.number(chunks).await));
    }
    let mut verify = Command::new(env!("CARGO_BIN_EXE_ringside"));
    let proof = verify.args(["verify", "--database", &restored.address()]).env_clear().output().unwrap();
    let said = String::from_utf8_lossy(&proof.stdout);
    assert!(proof.status.success() && said.contains("of 239 calls"), "{said}");
    // It goes on there, what is known already is known, and the one it was copied from is as it was.
    let (_, again) = other.post(BATCH, told).await;
    assert_eq!((&again["accepted"], &again["duplicate"]), (&json!(0), &json!(479)), "{again}");
    assert_eq!(db.number("select count(*) from calls").await, 239);
    assert_eq!(place.look().await.number("select count(*) from calls").await, 239);
}

#[tokio::test(flavor = "multi_thread")]
async fn put_back_it_shows_the_same_on_timescale() {
    dumped_and_put_back(Kind::Timescale).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn put_back_it_shows_the_same_on_postgres() {
    dumped_and_put_back(Kind::Postgres).await;
}
