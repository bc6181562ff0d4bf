//! Strangers at the door of a whole server: who may read, by which name, how much one client may have, and what an answer
//! may cost.
#![allow(clippy::unwrap_used, clippy::panic)]

use crate::process::Server;
use reqwest::header::{ACCEPT, COOKIE, HOST, LOCATION, SET_COOKIE};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;
use tempfile::NamedTempFile;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const LINES: &str = "application/x-ndjson";
const JSON: &str = "application/json";
const READ_KEY: &str = "a-key-that-may-read";
const INGEST_KEY: &str = "a-key-that-may-send";
/// Of each kind of reading one.
const READING: [&str; 9] = [
    "/api/v1/kpis",
    "/api/v1/views/live",
    "/api/v1/stream?every=1s",
    "/api/v1/calls",
    "/api/v1/annotations",
    "/api/grafana/",
    "/api/openapi.json",
    "/metrics",
    "/panel/pdd.svg",
];

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

async fn with(text: &str) -> (Server, NamedTempFile) {
    let file = file(text);
    (Server::start(&["--config", file.path().to_str().unwrap()], &[]).await, file)
}

/// Somebody else on this machine.
fn other(n: u8) -> Client {
    crate::process::client();
    let own = IpAddr::V4(Ipv4Addr::new(127, 0, 0, n));
    let builder = Client::builder().local_address(own).redirect(reqwest::redirect::Policy::none());
    builder.timeout(Duration::from_secs(60)).build().unwrap()
}

async fn counted(server: &Server, metric: &str) -> f64 {
    let text = server.text("/metrics").await;
    let line = text.lines().find_map(|line| line.strip_prefix(metric));
    line.unwrap_or_else(|| panic!("no {metric} in\n{text}")).trim().parse().unwrap()
}

/// A connection is over a moment before that is counted.
async fn until_counted(server: &Server, metric: &str) {
    let patience = std::time::Instant::now() + Duration::from_secs(30);
    while counted(server, metric).await < 1.0 {
        assert!(std::time::Instant::now() < patience, "{metric}{}", server.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn started(id: usize) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let at = app::domain::Moment::from_micros(i64::try_from(now.as_micros()).unwrap()).to_rfc3339();
    let data = json!({ "call_id": format!("c-{id}"), "direction": "outbound", "campaign": "spring",
        "from": format!("+1202555{:04}", id), "to": "+13125550147" });
    let event = json!({ "specversion": "1.0", "id": format!("e-{id}"), "source": "d", "type": "call.started",
        "time": at, "data": data });
    format!("{event}\n")
}

async fn grafana(server: &Server, path: &str, body: &Value) -> Response {
    let url = format!("{}/api/grafana/{path}", server.url());
    other(2).post(url).header("content-type", JSON).body(body.to_string()).send().await.unwrap()
}

fn query(ref_id: &str, targets: usize) -> Value {
    let target = json!({ "target": "attempts", "refId": ref_id, "payload": { "by": "did" } });
    json!({ "range": { "from": "2026-01-01T00:00:00Z", "to": "2026-12-31T00:00:00Z" }, "targets": vec![target; targets] })
}

/// What was asked comes back with each of five hundred series: two megabytes made nearly one thousand.
#[tokio::test]
async fn a_small_question_makes_no_huge_answer() {
    let server = Server::start(&[], &[]).await;
    let (status, answer) = server.post(LINES, (0..500).map(started).collect()).await;
    assert_eq!((status, &answer["accepted"]), (StatusCode::OK, &json!(500)));
    server.until("/api/v1/facts?by=did&window=5m", |facts| facts["rows"].as_array().unwrap().len() == 500).await;
    let before = counted(&server, "process_resident_memory_bytes ").await;

    let huge = grafana(&server, "query", &query(&"x".repeat(1_900_000), 1)).await;
    assert_eq!(huge.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let said: Value = huge.json().await.unwrap();
    assert_eq!(said["detail"], "the body is over 64 KiB");
    let long = grafana(&server, "query", &query(&"x".repeat(60_000), 1)).await;
    assert_eq!(long.status(), StatusCode::BAD_REQUEST);
    assert!(long.text().await.unwrap().contains("`refId`: has 60000 bytes, and may have 64"));
    let note = json!({ "range": { "from": "2026-01-01T00:00:00Z", "to": "2026-12-31T00:00:00Z" },
        "annotation": { "query": "spring", "name": "x".repeat(60_000) } });
    let marks = grafana(&server, "annotations", &note).await;
    assert!(marks.status() == StatusCode::BAD_REQUEST && marks.text().await.unwrap().contains("`annotation`"));
    let many = grafana(&server, "query", &query(&"x".repeat(64), 50)).await;
    assert!(many.text().await.unwrap().len() < 16 << 20);

    let grown = counted(&server, "process_resident_memory_bytes ").await - before;
    assert!(grown < 150e6, "{grown} bytes more");
}

#[tokio::test]
async fn where_strangers_come_reading_takes_a_key_by_header_cookie_or_in_a_pictures_address() {
    let keys = [("RINGSIDE_READ_KEY", READ_KEY), ("RINGSIDE_INGEST_KEY", INGEST_KEY)];
    let server = Server::start(&["--open"], &keys).await;
    let client = other(2);
    let get = |path: &str| client.get(format!("{}{path}", server.url()));
    for path in READING {
        assert_eq!(get(path).send().await.unwrap().status(), StatusCode::UNAUTHORIZED, "{path}");
        let wrong = get(path).bearer_auth(INGEST_KEY).send().await.unwrap();
        assert_eq!(wrong.status(), StatusCode::FORBIDDEN, "{path}");
        assert_eq!(get(path).bearer_auth(READ_KEY).send().await.unwrap().status(), StatusCode::OK, "{path}");
    }
    // What is no route is rendered by its address all the same.
    for path in ["/live/", "/monitor/a/b", "/%6cive", "/nowhere"] {
        assert_eq!(get(path).send().await.unwrap().status(), StatusCode::UNAUTHORIZED, "{path}");
    }
    for free in ["/healthz", "/readyz"] {
        assert_eq!(get(free).send().await.unwrap().status(), StatusCode::OK, "{free}");
    }
    let picture = |key: &str| get(&format!("/panel/pdd.svg?theme=light&key={key}")).send();
    assert_eq!(picture(READ_KEY).await.unwrap().status(), StatusCode::OK);
    assert_eq!(picture("guess").await.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(get(&format!("/api/v1/kpis?key={READ_KEY}")).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);

    let page = get("/live?role=network").header(ACCEPT, "text/html").send().await.unwrap();
    assert_eq!(page.status(), StatusCode::SEE_OTHER);
    let form = page.headers()[LOCATION].to_str().unwrap().to_owned();
    assert_eq!(form, "/sign-in?to=%2Flive%3Frole%3Dnetwork");
    let shown =
        client.post(format!("{}/sign-in", server.url())).header("content-type", "application/x-www-form-urlencoded");
    let shown = shown.body(format!("key={READ_KEY}&to=%2Flive")).send().await.unwrap();
    assert_eq!(shown.status(), StatusCode::SEE_OTHER);
    let cookie = shown.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    for path in READING.iter().chain(&["/live", "/monitor", "/daily", "/trend", "/troubleshooting"]) {
        assert_eq!(get(path).header(COOKIE, &cookie).send().await.unwrap().status(), StatusCode::OK, "{path}");
    }
    let sent = client.post(format!("{}/api/v1/events", server.url())).header("content-type", LINES);
    let sent = sent.header(COOKIE, &cookie).body(started(1)).send().await.unwrap();
    assert_eq!(sent.status(), StatusCode::UNAUTHORIZED, "a session changes nothing");
    let log = server.log();
    assert!(!log.contains(READ_KEY) && log.contains("a key that is not known here"), "{log}");
}

#[tokio::test]
async fn whoever_points_a_name_of_his_own_at_us_reads_nothing() {
    let began = std::time::Instant::now();
    let (server, _file) = with("hosts = [\"floor.example\"]").await;
    for path in READING.iter().chain(&["/live", "/healthz", "/pkg/x.js", "/api/v1/demo/scenarios", "/nowhere"]) {
        let asked = |host: &'static str| other(2).get(format!("{}{path}", server.url())).header(HOST, host).send();
        let status = asked("evil.example").await.unwrap().status();
        assert_eq!(status, StatusCode::MISDIRECTED_REQUEST, "{path}");
        assert_ne!(asked("floor.example").await.unwrap().status(), StatusCode::MISDIRECTED_REQUEST, "{path}");
    }
    assert_eq!(counted(&server, "ringside_misnamed_total ").await, 14.0);
    // Once in ten seconds, however often.
    let said = server.log().lines().filter(|line| line.contains("a name that is not ours")).count();
    assert!(said >= 1 && said as u64 <= 1 + began.elapsed().as_secs() / 10, "{}", server.log());

    let keyed = Server::start(&[], &[("RINGSIDE_INGEST_KEY", INGEST_KEY)]).await;
    for (key, status) in [(INGEST_KEY, StatusCode::OK), ("guess", StatusCode::MISDIRECTED_REQUEST)] {
        let sent = other(2).post(format!("{}/api/v1/events", keyed.url())).header(HOST, "ringside.internal");
        let sent = sent.header("content-type", LINES).bearer_auth(key).body(started(1)).send().await.unwrap();
        assert_eq!(sent.status(), status, "a dialer calls us as it likes");
    }
}

#[tokio::test]
async fn one_client_at_its_limits_is_nobody_elses_trouble() {
    let limits =
        "[limits]\nviewers_per_client = 3\ntopics_per_client = 2\nconnections_per_client = 8\nhead_seconds = 1\n";
    let (server, _file) = with(limits).await;
    let (greedy, modest) = (other(3), other(4));
    let watch =
        |client: &Client, campaign: &str| client.get(format!("{}/api/v1/stream?{campaign}", server.url())).send();
    let mut held = Vec::new();
    for (query, status) in
        [("panel=pdd", 200), ("panel=dids", 200), ("panel=agents", 429), ("panel=pdd", 200), ("panel=pdd", 429)]
    {
        let stream = watch(&greedy, query).await.unwrap();
        assert_eq!(stream.status().as_u16(), status, "{query}");
        held.push(stream);
    }
    assert_eq!(watch(&modest, "panel=agents").await.unwrap().status(), StatusCode::OK);
    assert_eq!(counted(&server, "ringside_limits_reached_total{limit=\"viewers_per_client\"} ").await, 1.0);
    assert_eq!(counted(&server, "ringside_limits_reached_total{limit=\"topics_per_client\"} ").await, 1.0);
    held.truncate(1);

    // Connections that ask nothing, from this test's own address: the last of them is beyond the limit.
    let address = server.url().strip_prefix("http://").unwrap().to_owned();
    let mut idle = Vec::new();
    for n in 0..20 {
        let mut connection = TcpStream::connect(&address).await.unwrap();
        if n == 0 {
            connection.write_all(b"GET /live HT").await.unwrap();
        }
        idle.push(connection);
    }
    let health = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let kpis = "GET /api/v1/kpis HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (request, answer) in [(health, "HTTP/1.1 200"), (kpis, "HTTP/1.1 429")] {
        let mut beyond = TcpStream::connect(&address).await.unwrap();
        beyond.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        beyond.read_to_string(&mut text).await.unwrap();
        assert!(text.starts_with(answer), "{text}");
    }
    assert_eq!(modest.get(format!("{}/api/v1/kpis", server.url())).send().await.unwrap().status(), StatusCode::OK);

    // A head that does not come ends its connection, and so does one that never begins; but that is a browser's spare.
    for connection in idle.iter_mut().take(3) {
        assert_eq!(connection.read_to_end(&mut Vec::new()).await.unwrap_or(0), 0);
    }
    let heads = "ringside_limits_reached_total{limit=\"head_seconds\"} ";
    until_counted(&server, heads).await;
    assert_eq!(counted(&server, heads).await, 1.0, "{}", server.log());
    let said = server.log().lines().filter(|line| line.contains("a client has reached a limit")).count();
    assert!(said <= 2, "{}", server.log());
}

#[tokio::test]
async fn a_head_is_short_and_what_the_api_refuses_is_a_problem() {
    let server = Server::start(&[], &[]).await;
    let long = format!("{}/api/v1/kpis?by={}", server.url(), "x".repeat(20_000));
    assert_eq!(other(5).get(long).send().await.unwrap().status(), StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    until_counted(&server, "ringside_limits_reached_total{limit=\"head_bytes\"} ").await;
    for (method, path, status) in [
        ("GET", "/api/v1/kpis/%FF", 400),
        ("DELETE", "/api/v1/kpis", 405),
        ("PUT", "/api/v1/replay", 405),
        ("GET", "/api/v1/replay", 400),
        ("GET", "/api/nowhere", 404),
        ("POST", "/api/v1/campaigns/%FF/pause", 400),
    ] {
        let asked = other(5).request(method.parse().unwrap(), format!("{}{path}", server.url())).send().await.unwrap();
        assert_eq!(asked.status().as_u16(), status, "{method} {path}");
        assert_eq!(asked.headers()["content-type"], "application/problem+json", "{method} {path}");
    }
}

#[tokio::test]
async fn what_is_taken_away_is_in_the_audit_log_with_who_and_how_much() {
    let keys =
        [("RINGSIDE_READ_KEY", READ_KEY), ("RINGSIDE_INGEST_KEY", INGEST_KEY), ("RINGSIDE_CONTROL_KEY", "steers")];
    let server = Server::start(&["--open"], &keys).await;
    let client = other(6);
    let get = |path: &str| client.get(format!("{}{path}", server.url())).bearer_auth(READ_KEY).send();
    let sent = client.post(format!("{}/api/v1/events", server.url())).header("content-type", LINES);
    let sent = sent.bearer_auth(INGEST_KEY).body((0..3).map(started).collect::<String>()).send().await.unwrap();
    assert_eq!(sent.status(), StatusCode::OK);
    for path in ["/api/v1/calls.csv", "/api/v1/calls", "/api/v1/calls.csv?limit=1", "/api/v1/facts?by=agent&format=csv"]
    {
        for _ in 0..3 {
            assert_eq!(get(path).await.unwrap().status(), StatusCode::OK, "{path}");
        }
    }
    assert_eq!(get("/api/v1/facts?by=agent").await.unwrap().status(), StatusCode::OK, "figures are read all day long");
    let log = client.get(format!("{}/api/v1/audit", server.url())).bearer_auth("steers").send().await.unwrap();
    let log: Value = log.json().await.unwrap();
    let exports: Vec<&Value> = log["rows"].as_array().unwrap().iter().filter(|row| row["what"] == "export").collect();
    let told: Vec<&str> = exports.iter().rev().map(|row| row["why"].as_str().unwrap()).collect();
    assert_eq!(told.len(), 4, "each once: {told:?}");
    assert!(told[0].starts_with("/api/v1/calls.csv: 3 rows, 20"), "{told:?}");
    assert!(told[1].starts_with("/api/v1/calls: 3 rows") && told[2].starts_with("/api/v1/calls.csv?limit=1: 1 rows"));
    assert!(told[3].starts_with("/api/v1/facts?by=agent&format=csv: 0 rows, 20"), "{told:?}");
    assert!(exports.iter().all(|row| row["from"] == "127.0.0.6" && row["who"] == exports[0]["who"]), "{exports:?}");
}

#[tokio::test]
async fn who_signed_in_with_a_key_finds_the_way_out_on_each_page_and_everybody_the_source() {
    let server =
        Server::start(&["--open"], &[("RINGSIDE_READ_KEY", READ_KEY), ("RINGSIDE_INGEST_KEY", INGEST_KEY)]).await;
    let client = other(7);
    let form =
        client.post(format!("{}/sign-in", server.url())).header("content-type", "application/x-www-form-urlencoded");
    let signed_in = form.body(format!("key={READ_KEY}&to=%2Flive")).send().await.unwrap();
    let cookie = signed_in.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    for path in ["/live", "/monitor", "/daily", "/trend", "/troubleshooting", "/docs"] {
        let page = client.get(format!("{}{path}", server.url())).header(COOKIE, &cookie).send().await.unwrap();
        let page = page.text().await.unwrap();
        assert!(page.contains("action=\"/sign-out\"") && page.contains("Source and licences"), "{path}");
        let by_key = client.get(format!("{}{path}", server.url())).bearer_auth(READ_KEY).send().await.unwrap();
        let by_key = by_key.text().await.unwrap();
        assert!(!by_key.contains("/sign-out") && by_key.contains("href=\"/licences\""), "{path}");
    }
    let shown = client.get(format!("{}/sign-in?again=1", server.url())).send().await.unwrap().text().await.unwrap();
    assert!(shown.contains("href=\"/licences\""), "{shown}");
    let leave = || client.post(format!("{}/sign-out", server.url())).header(COOKIE, &cookie);
    let elsewhere = leave().header("origin", "https://evil.example").send().await.unwrap();
    assert_eq!(elsewhere.status(), StatusCode::FORBIDDEN);
    let left = leave().send().await.unwrap();
    assert_eq!((left.status(), &left.headers()[LOCATION]), (StatusCode::SEE_OTHER, &"/sign-in".parse().unwrap()));
    assert!(left.headers()[SET_COOKIE].to_str().unwrap().contains("Max-Age=0"), "{:?}", left.headers());
}
