//! Pause and resume, by the built server and a dialer on a real socket: what reaches the dialer, what is told at every
//! step, what is written down, and what is known after a restart.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation
)]

use crate::dialer::{Dialer, Mood};
use crate::floor::place::{Place, on_every_store};
use crate::process::{Server, client};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tempfile::NamedTempFile;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const LINES: &str = "application/x-ndjson";
const PAUSE: &str = "/api/v1/campaigns/spring/pause";
const RESUME: &str = "/api/v1/campaigns/spring/resume";
const CONTROL: &str = "/api/v1/campaigns/spring/control";

fn now() -> String {
    ago(0)
}

fn ago(seconds: i64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let micros = i64::try_from(now.as_micros()).unwrap() - seconds * 1_000_000;
    app::domain::Moment::from_micros(micros).to_rfc3339()
}

fn event(id: &str, kind: &str, time: &str, data: &Value) -> String {
    json!({ "specversion": "1.0", "id": id, "source": "dialer", "type": kind, "time": time, "data": data }).to_string()
}

/// A server whose one dialer is asked at `url`, with more keys of `[[control.http]]`.
async fn server(url: &str, more: &str) -> (Server, NamedTempFile) {
    server_with(url, more, &[]).await
}

/// That, with more on its command line.
async fn server_with(url: &str, more: &str, args: &[&str]) -> (Server, NamedTempFile) {
    let mut file = NamedTempFile::new().unwrap();
    let path = format!("{url}/c/{{{{ campaign }}}}/{{{{ action }}}}");
    write!(file, "[[control.http]]\nurl = \"{path}\"\n{more}\n").unwrap();
    let args = [&["--config", file.path().to_str().unwrap()][..], args].concat();
    let server = Server::start(&args, &[]).await;
    server.says("active").await;
    (server, file)
}

impl Server {
    async fn take(&self, event: String) {
        let (status, answer) = self.post(LINES, event).await;
        assert_eq!((status, &answer["rejected"]), (StatusCode::OK, &json!([])), "{answer}");
    }

    /// The dialer tells the campaign's status; returns once the live state has heard it.
    async fn says(&self, status: &str) {
        let time = now();
        self.take(event(&time, "campaign.updated", &time, &json!({ "campaign": "spring", "status": status }))).await;
        self.until(CONTROL, |control| control["status"] == status).await;
    }

    async fn tap(&self, path: &str, key: Option<&str>) -> (StatusCode, Value) {
        let request = client().post(format!("{}{path}", self.url()));
        let request = key.into_iter().fold(request, |request, key| request.header("idempotency-key", key));
        let response = request.send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    async fn accepted(&self, path: &str) -> Value {
        let (status, answer) = self.tap(path, None).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
        answer
    }

    /// Waits until the newest request is at this phase.
    async fn phase(&self, phase: &str) -> Value {
        self.until(CONTROL, |control| control["control"]["phase"] == phase).await
    }

    /// The log's steps, oldest first, with whose they are.
    async fn steps(&self) -> Vec<(String, String)> {
        let log = self.get("/api/v1/audit?limit=1000").await;
        let word = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
        log["rows"].as_array().unwrap().iter().rev().map(|row| (word(row, "action"), word(row, "step"))).collect()
    }
}

fn steps(steps: &[(&str, &str)]) -> Vec<(String, String)> {
    steps.iter().map(|(action, step)| ((*action).to_owned(), (*step).to_owned())).collect()
}

/// Waits until it is so, without a word on why it is not yet.
async fn until(what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < until, "never: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_pause_in_a_storm_reaches_the_dialer_once_and_every_step_is_told() {
    let dialer = Dialer::start().await;
    let (server, _file) = server(&dialer.url(), "").await;
    let server = Arc::new(server);
    // A call that is up, and a storm of 500 events a second beside everything that follows.
    let call = |id: &str| json!({ "call_id": id, "campaign": "spring", "direction": "outbound", "from": "+12025550199", "to": "+13125550147" });
    server.take(event("up", "call.started", &ago(5), &call("up"))).await;
    let (stormy, sent) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
    let storm = tokio::spawn({
        let (server, stormy, sent) = (server.clone(), stormy.clone(), sent.clone());
        async move {
            let mut beat = tokio::time::interval(Duration::from_millis(50));
            let began = Instant::now();
            while stormy.load(Ordering::Relaxed) {
                beat.tick().await;
                // All that is due by now: a slow commit makes the next batch the larger.
                let due = (began.elapsed().as_millis() / 2) as usize;
                let n = sent.swap(due, Ordering::Relaxed);
                // Calls of another campaign, so that this one drains.
                let storm = |i| {
                    let mut data = call(&format!("s{i}"));
                    data["campaign"] = json!("autumn");
                    event(&format!("s{i}"), "call.started", &now(), &data)
                };
                let lines: Vec<String> = (n..due).map(storm).collect();
                if !lines.is_empty() {
                    server.take(lines.join("\n")).await;
                }
            }
        }
    });
    let began = Instant::now();
    until("a storm", || sent.load(Ordering::Relaxed) > 200).await;

    dialer.is(Mood::Silent);
    let taps = (0..40).map(|i| {
        let server = server.clone();
        // Twenty people tap; each of their clients tries again with its own key.
        tokio::spawn(async move { server.tap(PAUSE, Some(&format!("tap-{}", i % 20))).await })
    });
    let mut requests = std::collections::BTreeSet::new();
    for tap in taps.collect::<Vec<_>>() {
        let (status, answer) = tap.await.unwrap();
        assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
        assert_eq!(answer["control"]["phase"], "requested");
        requests.insert(answer["request"].as_str().unwrap().to_owned());
    }
    assert_eq!(requests.len(), 1, "all of them are the same request");
    until("asked", || !dialer.asked().is_empty()).await;
    let told = server.get(CONTROL).await;
    assert_eq!((&told["control"]["phase"], &told["status"]), (&json!("requested"), &json!("active")));

    // It is slow, and says yes: that it took the request is not yet its word.
    dialer.answers(StatusCode::OK, "");
    until("its answer is read", || server.log().contains("the dialer answered")).await;
    assert_eq!(server.get(CONTROL).await["control"]["phase"], "requested");
    server.says("paused").await;
    let draining = server.until(CONTROL, |c| c["control"]["draining"] == 1).await;
    assert_eq!(draining["control"]["phase"], "confirmed");
    server.take(event("down", "call.ended", &now(), &json!({ "call_id": "up", "outcome": "completed" }))).await;
    let done = server.phase("done").await;
    assert_eq!((&done["control"]["draining"], &done["status"]), (&Value::Null, &json!("paused")));
    // Done, and tapped once more.
    let again = server.accepted(PAUSE).await;
    assert_eq!((&again["result"], &again["control"]["phase"]), (&json!("same"), &json!("done")));

    stormy.store(false, Ordering::Relaxed);
    storm.await.unwrap();
    let rate = sent.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64();
    println!("{rate:.0} events/s beside it");
    assert!(rate > 400.0, "{rate} events/s is no storm");
    assert_eq!(dialer.actions(), ["pause"], "once");
    let written = server.steps().await;
    let count = |step: &str| written.iter().filter(|(_, s)| s == step).count();
    // A key that comes again is the same request, and no step of its own.
    assert_eq!((count("asked"), count("repeated"), count("confirmed"), count("done")), (1, 20, 1, 1));
}

#[tokio::test]
async fn an_undo_waits_for_the_answer_and_reaches_the_dialer_second() {
    let dialer = Dialer::start().await;
    let (server, _file) = server(&dialer.url(), "confirm = \"answer\"").await;
    dialer.is(Mood::Silent);
    let paused = server.accepted(PAUSE).await;
    assert!(paused["control"]["undo_until"].is_string());
    until("asked", || dialer.asked().len() == 1).await;
    let taken_back = server.accepted(RESUME).await;
    assert_eq!(
        (&taken_back["control"]["action"], &taken_back["control"]["phase"]),
        (&json!("resume"), &json!("requested"))
    );
    assert_eq!(dialer.actions(), ["pause"], "one at a time");
    dialer.answers(StatusCode::OK, "");
    let done = server.phase("done").await;
    assert_eq!(done["control"]["action"], "resume");
    assert_eq!(dialer.actions(), ["pause", "resume"]);
    let expected = steps(&[
        ("pause", "asked"),
        ("pause", "overtaken"),
        ("resume", "asked"),
        ("pause", "confirmed"),
        ("resume", "confirmed"),
    ]);
    assert_eq!(server.steps().await, expected);
    let marks = server.get("/api/v1/annotations").await;
    let of = |name: &str| marks["rows"].as_array().unwrap().iter().map(|m| m[name].clone()).collect::<Vec<_>>();
    assert_eq!((of("action"), of("by")), (vec![json!("pause"), json!("resume")], vec![json!("loopback"); 2]));
    let asked = json!({ "range": { "from": marks["from"], "to": marks["to"] }, "annotation": { "name": "Pauses" } });
    let (status, shown) = server.send("/api/grafana/annotations", "application/json", asked.to_string()).await;
    assert_eq!((status, shown.as_array().unwrap().len()), (StatusCode::OK, 2));
    assert_eq!((&shown[0]["annotation"]["name"], &shown[0]["tags"][1]), (&json!("Pauses"), &json!("paused")));
    // The client's pause of before comes late, by its key: nothing happens.
    let first = server.tap(PAUSE, Some("k")).await.1;
    server.phase("done").await;
    server.tap(RESUME, Some("l")).await;
    until("resumed", || dialer.actions().len() == 4).await;
    server.until(CONTROL, |c| c["control"]["action"] == "resume" && c["control"]["phase"] == "done").await;
    let late = server.tap(PAUSE, Some("k")).await.1;
    assert_eq!((&late["result"], &late["request"]), (&json!("replayed"), &first["request"]));
    let other = server.tap(RESUME, Some("k")).await;
    assert_eq!(other.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(dialer.actions().len(), 4);
}

#[tokio::test]
async fn a_dialer_that_refuses_is_quoted_and_one_that_is_dead_is_told_of() {
    let dialer = Dialer::start().await;
    let secret = "secret = \"tulip-bulb-secret\"\nheaders = { Authorization = \"Bearer {{ secret }}\" }";
    let (server, _file) = server(&dialer.url(), secret).await;
    dialer.answers(StatusCode::CONFLICT, "schedule locks it; you sent tulip-bulb-secret for +13125550147");
    server.accepted(PAUSE).await;
    let refused = server.phase("refused").await;
    let why = refused["control"]["why"].as_str().unwrap();
    assert!(why.contains("409") && why.contains("schedule locks it"), "{why}");
    assert!(!why.contains("tulip") && !why.contains("3125550147"), "{why}");
    assert_eq!(refused["status"], "active", "put back: the dialer's word stands");
    dialer.answers(StatusCode::FOUND, "");
    server.accepted(PAUSE).await;
    let moved = server.until(CONTROL, |c| c["control"]["why"].as_str().is_some_and(|why| why.contains("302"))).await;
    assert_eq!(moved["control"]["phase"], "refused");
    assert_eq!(dialer.actions().len(), 2, "redirects are not followed");
    assert_eq!(dialer.asked()[0].headers["authorization"], "Bearer tulip-bulb-secret");

    // Nobody listens there any more.
    drop(dialer);
    let dead = Instant::now();
    server.accepted(PAUSE).await;
    let gone = server
        .until(CONTROL, |c| c["control"]["why"].as_str().is_some_and(|why| why.contains("can't be reached")))
        .await;
    assert_eq!(gone["control"]["phase"], "refused");
    println!("a dead dialer is told of after {} ms", dead.elapsed().as_millis());
    let everything = format!("{}{}", server.log(), server.text("/api/v1/audit").await);
    assert!(!everything.contains("tulip"));
}

#[tokio::test]
async fn silence_is_a_time_out_and_a_late_word_mends_it() {
    let dialer = Dialer::start().await;
    let (server, _file) = server(&dialer.url(), "answer_within_ms = 300\nconfirm_within_ms = 400").await;
    dialer.is(Mood::Silent);
    server.accepted(PAUSE).await;
    let silent = server.phase("timed_out").await;
    assert!(silent["control"]["why"].as_str().unwrap().contains("did not answer within 300 ms"));
    // It takes the next one, and says nothing of the campaign.
    dialer.answers(StatusCode::ACCEPTED, "");
    server.accepted(PAUSE).await;
    let vague = server
        .until(CONTROL, |c| {
            c["control"]["phase"] == "timed_out" && c["control"]["request"] != silent["control"]["request"]
        })
        .await;
    assert!(vague["control"]["why"].as_str().unwrap().contains("did not say within"), "{vague}");
    assert_eq!(vague["status"], "active");
    server.says("paused").await;
    server.phase("done").await;
    // The dialer thinks otherwise later, by itself.
    server.says("active").await;
    server.until(CONTROL, |c| c["control"].is_null()).await;
    assert_eq!(server.steps().await.last().unwrap().1, "overruled");
}

#[tokio::test]
async fn a_dialer_that_hangs_up_in_the_middle_of_its_answer_has_answered_if_its_status_came() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for answer in ["HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nit is", "HTTP/1.1 20"] {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4_096];
            assert!(stream.read(&mut request).await.unwrap() > 0);
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let (server, _file) = server(&url, "confirm = \"answer\"").await;
    server.accepted(PAUSE).await;
    server.phase("done").await;
    server.accepted(RESUME).await;
    let broken = server.phase("timed_out").await;
    assert!(broken["control"]["why"].as_str().unwrap().contains("broke off"), "{broken}");
}

on_every_store! { what_was_under_way_at_a_kill_is_unknown_until_the_dialer_speaks }

async fn what_was_under_way_at_a_kill_is_unknown_until_the_dialer_speaks(place: Place) {
    let dialer = Dialer::start().await;
    let (mut server, _file) = server_with(&dialer.url(), "", &["--database", &place.address()]).await;
    dialer.is(Mood::Silent);
    let asked = server.tap(PAUSE, Some("k")).await.1;
    until("asked", || dialer.asked().len() == 1).await;
    server.kill();
    server.up().await;
    let unknown = server.phase("unknown").await;
    assert_eq!(unknown["control"]["request"], asked["request"]);
    // The same request by its key is still the same; nothing goes out by itself.
    assert_eq!(server.tap(PAUSE, Some("k")).await.1["result"], "replayed");
    server.says("paused").await;
    server.phase("done").await;
    assert_eq!(dialer.actions(), ["pause"]);
    server.stop().await;
    server.up().await;
    server.phase("done").await;
    assert_eq!(server.accepted(PAUSE).await["result"], "same");
    let expected = steps(&[
        ("pause", "asked"),
        ("pause", "unknown"),
        ("pause", "confirmed"),
        ("pause", "done"),
        ("pause", "repeated"),
    ]);
    assert_eq!(server.steps().await, expected);
}

#[tokio::test]
async fn only_who_may_asks_and_the_right_key_works_whatever_others_guess() {
    let dialer = Dialer::start().await;
    let mut file = NamedTempFile::new().unwrap();
    write!(file, "[[control.http]]\nurl = \"{}/c/{{{{ action }}}}\"\nconfirm = \"answer\"\n[[ingest.keys]]\nname = \"in\"\nsecret = \"ingest-ingest-ingest\"\n", dialer.url()).unwrap();
    let keyed = [("RINGSIDE_CONTROL_KEY", "control-control-control")];
    let server = Server::start(&["--config", file.path().to_str().unwrap()], &keyed).await;
    let told = event("e", "campaign.updated", &now(), &json!({ "campaign": "spring", "status": "active" }));
    let url = |path: &str| format!("{}{path}", server.url());
    let sent = client().post(url("/api/v1/events")).header("content-type", LINES).bearer_auth("ingest-ingest-ingest");
    assert_eq!(sent.body(told).send().await.unwrap().status(), StatusCode::OK);
    server.until(CONTROL, |control| control["status"] == "active").await;
    let pause = |key: Option<&'static str>| {
        let request = client().post(url(PAUSE));
        async move { key.into_iter().fold(request, |r, key| r.bearer_auth(key)).send().await.unwrap() }
    };
    let keyless = pause(None).await;
    assert_eq!(keyless.status(), StatusCode::UNAUTHORIZED);
    assert!(keyless.headers().contains_key("www-authenticate"));
    assert_eq!(pause(Some("ingest-ingest-ingest")).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(server.ask("/api/v1/audit").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(dialer.asked().len(), 0);
    assert_eq!(pause(Some("control-control-control")).await.status(), StatusCode::ACCEPTED);
    let log = client().get(url("/api/v1/audit")).bearer_auth("control-control-control").send().await.unwrap();
    let log: Value = log.json().await.unwrap();
    let first = log["rows"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&first["who"], &first["from"], &first["before"]),
        (&json!("control"), &json!("127.0.0.1"), &json!("active"))
    );
    for _ in 0..10 {
        assert_eq!(pause(Some("guess")).await.status(), StatusCode::UNAUTHORIZED);
    }
    let shut = pause(Some("guess")).await;
    assert_eq!(shut.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(shut.headers().contains_key("retry-after"));
    assert_eq!(pause(Some("control-control-control")).await.status(), StatusCode::ACCEPTED, "from the same address");
    assert!(server.text("/metrics").await.contains("ringside_control_denied_total"));
}

#[tokio::test]
async fn what_makes_no_sense_is_named() {
    let dialer = Dialer::start().await;
    let (server, _file) = server(&dialer.url(), "").await;
    let problem = |path: &'static str, body: &'static str, kind: &'static str| {
        let request = client().post(format!("{}{path}", server.url())).header("content-type", kind).body(body);
        async move {
            let response = request.send().await.unwrap();
            let status = response.status();
            let problem: Value = response.json().await.unwrap();
            (status, problem["detail"].as_str().unwrap_or_default().to_owned())
        }
    };
    const JSON: &str = "application/json";
    let unknown = problem("/api/v1/campaigns/nowhere/pause", "", JSON).await;
    assert_eq!(unknown, (StatusCode::NOT_FOUND, "no campaign `nowhere` is known here".to_owned()));
    assert_eq!(problem(PAUSE, "{\"reason\": 1}", JSON).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(problem(PAUSE, "a=b", "application/x-www-form-urlencoded").await.0, StatusCode::BAD_REQUEST);
    let large: &'static str = Box::leak("x".repeat(2_000).into_boxed_str());
    assert_eq!(problem(PAUSE, large, JSON).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    server.says("ended").await;
    assert_eq!(problem(PAUSE, "{}", JSON).await.0, StatusCode::CONFLICT);
    let foreign = client().post(format!("{}{PAUSE}", server.url())).header("origin", "https://evil.example");
    assert_eq!(foreign.send().await.unwrap().status(), StatusCode::FORBIDDEN);
    assert_eq!(server.ask(PAUSE).await.0, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(dialer.asked().len(), 0);
    let none = Server::start(&[], &[]).await;
    none.says("active").await;
    assert_eq!(none.tap(PAUSE, None).await.0, StatusCode::CONFLICT);
    assert_eq!(none.get(CONTROL).await["adapter"], Value::Null);
}
