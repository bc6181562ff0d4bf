//! Every answer of `POST /api/v1/events`, over a real listener.
#![allow(clippy::unwrap_used)]

use super::MAX_BYTES;
use super::intake::CHUNK_EVENTS;
use crate::access::keys::{Key, Keys, Scope};
use crate::http::testing::{Edge, edge, takes_all};
use crate::ingest::{Receipt, Refusal, Rejection};
use axum::http::StatusCode;
use bytes::Bytes;
use futures_util::stream;
use reqwest::Response;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const ONE: &str = "application/cloudevents+json";
const BATCH: &str = "application/cloudevents-batch+json";
const LINES: &str = "application/x-ndjson";

fn event(id: u64) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"e-{id}","source":"d","type":"call.progress","time":"2026-11-21T00:00:00Z","data":{{"call_id":"c-{id}"}}}}"#
    )
}

async fn post(edge: &Edge, kind: &str, body: impl Into<reqwest::Body>) -> Response {
    let url = format!("{}/api/v1/events", edge.url);
    edge.client.post(url).header("content-type", kind).body(body).send().await.unwrap()
}

async fn problem(response: Response, status: StatusCode) -> Value {
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["status"], status.as_u16());
    assert!(!body["title"].as_str().unwrap().is_empty() && !body["detail"].as_str().unwrap().is_empty());
    body
}

#[tokio::test]
async fn all_three_kinds_of_body_are_taken() {
    let edge = edge(Keys::default(), takes_all).await;
    let array = format!("[{},{}]", event(1), event(2));
    let lines = format!("{}\r\n\n{}\n{}", event(1), event(2), event(3));
    for (kind, body, accepted) in
        [(ONE, event(1), 1), (BATCH, array, 2), ("application/x-ndjson; charset=utf-8", lines, 3)]
    {
        let response = post(&edge, kind, body).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        assert!(response.headers().contains_key("x-request-id"));
        let body: Value = response.json().await.unwrap();
        assert_eq!(body, json!({ "accepted": accepted, "duplicate": 0, "rejected": [] }), "{kind}");
    }
    assert_eq!(post(&edge, BATCH, "[]").await.status(), StatusCode::OK);
    assert_eq!(post(&edge, LINES, "").await.status(), StatusCode::OK);
}

/// What waits for a slow commit is read already: it takes no place among the bodies that are being read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_commit_turns_nobody_away() {
    let (go, gate) = std::sync::mpsc::channel::<()>();
    let edge = edge(Keys::default(), move |events| {
        // Goes on at once when the test has let go of its end.
        let _ = tokio::task::block_in_place(|| gate.recv());
        takes_all(events)
    })
    .await;
    let most = edge.access.limits().bodies_per_client;
    let mut answers = Vec::new();
    for id in 0..u64::from(most) + 6 {
        let url = format!("{}/api/v1/events", edge.url);
        let request = edge.client.post(url).header("content-type", ONE).body(event(id)).send();
        answers.push(tokio::spawn(request));
        let is_read = async {
            while edge.access.clients.waiting() < (id + 1) * (16 << 10) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), is_read).await.unwrap();
    }
    drop(go);
    for answer in answers {
        assert_eq!(answer.await.unwrap().unwrap().status(), StatusCode::OK);
    }
    assert_eq!(edge.access.clients.waiting(), 0, "what was answered waits no more");
}

#[tokio::test]
async fn a_bad_event_is_named_and_those_around_it_are_kept() {
    let edge = edge(Keys::default(), |events| {
        let rejected = vec![(1, Rejection::FarFromCall("progress_at"))];
        Ok(Receipt { accepted: events.len() as u64 - 2, duplicate: 1, rejected })
    })
    .await;
    let bad = event(7).replace("call_id", "call");
    let body = format!("{}\n{bad}\n{{\n{}\n{}\n", event(0), event(3), event(4));
    let answer: Value = post(&edge, LINES, body).await.json().await.unwrap();
    assert_eq!((&answer["accepted"], &answer["duplicate"]), (&json!(1), &json!(1)));
    assert_eq!(answer["rejected"][0], json!({ "index": 1, "id": "e-7", "error": "data.call_id: missing" }));
    assert_eq!(answer["rejected"][1]["index"], 2);
    assert_eq!(answer["rejected"][1]["id"], Value::Null);
    assert_eq!(answer["rejected"][2]["index"], 3);
    assert_eq!(answer["rejected"][2]["id"], "e-3");
    assert!(answer["rejected"][2]["error"].as_str().unwrap().starts_with("data.progress_at: more than 24 h"));
}

#[tokio::test]
async fn nothing_good_in_it_is_422_and_no_json_is_400() {
    let edge = edge(Keys::default(), takes_all).await;
    let bad = event(7).replace("call.progress", "call.ringing");
    for (kind, body) in [(ONE, bad.clone()), (BATCH, format!("[{bad}]")), (LINES, bad.clone())] {
        let body = problem(post(&edge, kind, body).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(body["accepted"], 0);
        let error = body["rejected"][0]["error"].as_str().unwrap();
        assert!(error.starts_with("type: `call.ringing` is unknown; did you mean `call."), "{error}");
    }
    for (kind, body) in [(ONE, "{"), (ONE, ""), (BATCH, "[1"), (BATCH, "{}"), (LINES, "no\nnor this\n")] {
        problem(post(&edge, kind, body).await, StatusCode::BAD_REQUEST).await;
    }
    problem(post(&edge, ONE, vec![0xff, 0xfe]).await, StatusCode::BAD_REQUEST).await;
}

#[tokio::test]
async fn other_kinds_of_body_and_other_methods_are_named() {
    let edge = edge(Keys::default(), takes_all).await;
    for kind in ["application/json", "text/plain", ""] {
        let body = problem(post(&edge, kind, event(1)).await, StatusCode::UNSUPPORTED_MEDIA_TYPE).await;
        assert!(body["detail"].as_str().unwrap().contains("application/x-ndjson"));
    }
    let url = format!("{}/api/v1/events", edge.url);
    let packed = edge.client.post(&url).header("content-type", ONE).header("content-encoding", "gzip").body("x");
    problem(packed.send().await.unwrap(), StatusCode::UNSUPPORTED_MEDIA_TYPE).await;
    let got = edge.client.get(&url).send().await.unwrap();
    assert_eq!(got.headers()["allow"], "POST");
    problem(got, StatusCode::METHOD_NOT_ALLOWED).await;
    let nowhere = edge.client.get(format!("{}/api/v1/nowhere", edge.url)).send().await.unwrap();
    problem(nowhere, StatusCode::NOT_FOUND).await;
}

#[tokio::test]
async fn eight_mebibytes_are_the_limit_of_a_body_and_of_a_line_but_not_of_a_stream() {
    let edge = edge(Keys::default(), takes_all).await;
    let pad = |bytes: usize| format!("{}{}", event(1), " ".repeat(bytes - event(1).len()));
    assert_eq!(post(&edge, ONE, pad(MAX_BYTES)).await.status(), StatusCode::OK);
    problem(post(&edge, ONE, pad(MAX_BYTES + 1)).await, StatusCode::PAYLOAD_TOO_LARGE).await;
    let unannounced = stream::iter(vec![Ok::<_, Infallible>(Bytes::from(pad(MAX_BYTES))), Ok(Bytes::from(" "))]);
    let response = post(&edge, BATCH, reqwest::Body::wrap_stream(unannounced)).await;
    problem(response, StatusCode::PAYLOAD_TOO_LARGE).await;

    let lines = vec![pad(MAX_BYTES); 2].join("\n");
    let answer: Value = post(&edge, LINES, lines).await.json().await.unwrap();
    assert_eq!(answer["accepted"], 2);
    let long = format!("{}\n{}\n{}\n", event(1), event(2), pad(MAX_BYTES + 1));
    let body = problem(post(&edge, LINES, long).await, StatusCode::PAYLOAD_TOO_LARGE).await;
    assert_eq!(body["accepted"], 2, "what came before the long line stays");
}

#[tokio::test]
async fn a_stream_is_committed_as_it_comes() {
    let committed = Arc::new(AtomicUsize::new(0));
    let counter = committed.clone();
    let edge = edge(Keys::default(), move |events| {
        counter.fetch_add(events.len(), Ordering::SeqCst);
        takes_all(events)
    })
    .await;
    let (lines, body) = tokio::sync::mpsc::channel::<Result<Bytes, Infallible>>(1);
    let body = stream::unfold(body, |mut body| async move { body.recv().await.map(|piece| (piece, body)) });
    let answer = tokio::spawn({
        let url = format!("{}/api/v1/events", edge.url);
        let request = edge.client.post(url).header("content-type", LINES).body(reqwest::Body::wrap_stream(body));
        async move { request.send().await.unwrap().json::<Value>().await.unwrap() }
    });
    for n in 1..=3 {
        lines.send(Ok(Bytes::from(event(n as u64) + "\n"))).await.unwrap();
        tokio::time::timeout(Duration::from_secs(5), async {
            while committed.load(Ordering::SeqCst) < n {
                tokio::task::yield_now().await;
            }
        })
        .await
        .unwrap();
    }
    drop(lines);
    assert_eq!(answer.await.unwrap()["accepted"], 3);
}

#[tokio::test]
async fn a_full_queue_is_429_and_tells_what_stays() {
    let mut chunks = 0;
    let edge = edge(Keys::default(), move |events| {
        chunks += 1;
        if chunks == 1 { takes_all(events) } else { Err(Refusal::Full { retry_after: Duration::from_secs(3) }) }
    })
    .await;
    let body = (0..20_000).map(event).collect::<Vec<_>>().join("\n");
    let response = post(&edge, LINES, body).await;
    assert_eq!(response.headers()["retry-after"], "3");
    let body = problem(response, StatusCode::TOO_MANY_REQUESTS).await;
    let accepted = body["accepted"].as_u64().unwrap();
    assert!((1..=CHUNK_EVENTS as u64).contains(&accepted), "{accepted}");
}

#[tokio::test]
async fn what_cannot_be_made_durable_is_503_and_what_the_database_says_stays_here() {
    let edge = edge(Keys::default(), |_| {
        Err(Refusal::NotDurable {
            why: "disk I/O error at /srv/floor.db".to_owned(),
            retry_after: Duration::from_secs(5),
        })
    })
    .await;
    let response = post(&edge, ONE, event(1)).await;
    assert_eq!(response.headers()["retry-after"], "5");
    let body = problem(response, StatusCode::SERVICE_UNAVAILABLE).await;
    assert_eq!(body["accepted"], 0);
    assert_eq!(body["detail"], "the events could not be made durable; try again in 5 s");
    let form = edge
        .client
        .post(format!("{}/trend/costs", edge.url))
        .body("month=2026-11&kind=telephony&amount=1&currency=EUR");
    let answer = form.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = answer.text().await.unwrap();
    assert!(page.contains("could not be made durable") && !page.contains("/srv/floor.db"), "{page}");
}

#[tokio::test]
async fn a_server_whose_writer_is_gone_is_not_ready() {
    #[allow(clippy::panic)] // that is how a writer goes
    let edge = edge(Keys::default(), |_| panic!("on purpose")).await;
    let ready = || async {
        let answer = edge.client.get(format!("{}/readyz", edge.url)).send().await.unwrap();
        (answer.status(), answer.json::<Value>().await.unwrap())
    };
    assert_eq!(ready().await.0, StatusCode::OK);
    problem(post(&edge, ONE, event(1)).await, StatusCode::SERVICE_UNAVAILABLE).await;
    let gone = async {
        loop {
            let (status, body) = ready().await;
            if status == StatusCode::SERVICE_UNAVAILABLE {
                break body;
            }
        }
    };
    let body = tokio::time::timeout(Duration::from_secs(5), gone).await.unwrap();
    assert_eq!((&body["status"], &body["ingest"]), (&json!("not_ready"), &json!("closed")));
}

#[tokio::test]
async fn with_keys_configured_one_with_the_scope_is_needed() {
    let keys = Keys::new(vec![
        Key::new("dialer", "good-secret", vec![Scope::Ingest]),
        Key::new("wall", "weak-secret", vec![Scope::Read]),
    ]);
    let edge = edge(keys, takes_all).await;
    let with = |key: &'static str| {
        let url = format!("{}/api/v1/events", edge.url);
        edge.client.post(url).header("content-type", ONE).header("authorization", key).body(event(1)).send()
    };
    let none = post(&edge, ONE, event(1)).await;
    assert!(none.headers()["www-authenticate"].to_str().unwrap().starts_with("Bearer"));
    problem(none, StatusCode::UNAUTHORIZED).await;
    problem(with("Bearer wrong").await.unwrap(), StatusCode::UNAUTHORIZED).await;
    let body = problem(with("Bearer weak-secret").await.unwrap(), StatusCode::FORBIDDEN).await;
    assert!(!body.to_string().contains("weak-secret"));
    assert_eq!(with("Bearer good-secret").await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_sender_whose_key_is_refused_is_told_of_and_no_stranger_learns_from_where() {
    let keys = Keys::new(vec![
        Key::new("dialer", "good-secret-of-the-dialer", vec![Scope::Ingest]),
        Key::new("wall", "weak-secret-of-the-wall", vec![Scope::Read]),
    ]);
    let edge = edge(keys, takes_all).await;
    for key in
        ["", "Bearer abcd-nearly-the-right-one", "Bearer abcd-nearly-the-right-one", "Bearer weak-secret-of-the-wall"]
    {
        let url = format!("{}/api/v1/events", edge.url);
        let request = edge.client.post(url).header("content-type", ONE).header("authorization", key).body(event(1));
        assert!(request.send().await.unwrap().status().is_client_error());
    }
    let page = |passed_on: bool| {
        let request = edge.client.get(format!("{}/troubleshooting", edge.url));
        let request = if passed_on { request.header("x-forwarded-for", "203.0.113.9") } else { request };
        async move { request.send().await.unwrap().text().await.unwrap() }
    };
    let here = page(false).await;
    for said in ["2 times", "127.0.0.•", "abcd…", "without a key", "wall"] {
        assert!(here.contains(said), "{said}: {here}");
    }
    let stranger = page(true).await;
    assert!(stranger.contains("id=\"refused-senders\""), "{stranger}");
    let table = stranger.split("id=\"refused-senders\"").nth(1).unwrap().split("</table>").next().unwrap();
    assert!(table.contains("without a key") && table.contains("2 times"), "{table}");
    for told in ["abcd", "127.0.0", "wall"] {
        assert!(!table.contains(told), "{told}: {table}");
    }
    for secret in ["abcd-", "good-", "weak-"] {
        assert!(!here.contains(secret) && !stranger.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_metric_that_no_page_shows_is_taken_with_a_warning() {
    let edge = edge(Keys::default(), takes_all).await;
    let metric = |name: &str| {
        event(1)
            .replace("call.progress", "metric.sample")
            .replace(r#""call_id":"c-1""#, &format!(r#""component":"d","name":"{name}","value":0.5"#))
    };
    let warned =
        async |name: &str| post(&edge, ONE, metric(name)).await.json::<Value>().await.unwrap()["warnings"][0].clone();
    assert_eq!(warned("cpu").await, Value::Null);
    let own = warned("queue_depth").await;
    assert_eq!((&own["type"], &own["field"], &own["count"]), (&json!("metric.sample"), &json!("data.name"), &json!(1)));
    assert!(own["warning"].as_str().unwrap().contains("`queue_depth`") && own.get("nearest").is_none(), "{own}");
    assert_eq!(warned("mem").await["nearest"], "memory");
}

#[tokio::test]
async fn a_key_for_something_else_shuts_no_events_out() {
    let edge = edge(Keys::new(vec![Key::new("ops", "control-secret", vec![Scope::Control])]), takes_all).await;
    assert_eq!(post(&edge, ONE, event(1)).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn without_a_key_a_page_under_a_foreign_name_is_refused() {
    let edge = edge(Keys::default(), takes_all).await;
    let url = format!("{}/api/v1/events", edge.url);
    let named = |host: &str| edge.client.post(&url).header("content-type", ONE).header("host", host).body(event(1));
    let request = || named("rebound.example");
    problem(request().send().await.unwrap(), StatusCode::MISDIRECTED_REQUEST).await;
    let from_a_page = request().header("origin", "http://rebound.example").send().await.unwrap();
    problem(from_a_page, StatusCode::MISDIRECTED_REQUEST).await;
    assert_eq!(named("127.0.0.1").send().await.unwrap().status(), StatusCode::OK);
    let from_a_page = named("10.0.0.1").header("origin", "http://10.0.0.1").send().await.unwrap();
    problem(from_a_page, StatusCode::FORBIDDEN).await;
}

#[tokio::test]
async fn no_telephone_number_comes_back_in_an_error() {
    let edge = edge(Keys::default(), takes_all).await;
    // None that our own words give as an example.
    let number = "12025550187";
    let bad = format!(
        r#"{{"specversion":"1.0","id":"e","source":"d","type":"call.started","time":"2026-11-21T00:00:00Z","data":{{"call_id":"c","direction":"+{number}","from":{number},"to":"{number}"}}}}"#
    );
    let to = bad.replace(&format!("\"+{number}\""), "\"outbound\"").replace(&format!(":{number}"), ":\"+13125550100\"");
    let from = bad.replace(&format!("\"+{number}\""), "\"outbound\"");
    for body in [bad, from, to] {
        let text = post(&edge, ONE, body).await.text().await.unwrap();
        assert!(text.contains("data."), "{text}");
        assert!(!text.contains(number), "{text}");
    }
}

#[tokio::test]
async fn what_came_this_way_is_a_source_with_its_counts_and_rejections_without_numbers() {
    let edge = edge(Keys::default(), |events| {
        let rejected = vec![(0, Rejection::FarFromCall("progress_at"))];
        Ok(Receipt { accepted: events.len() as u64 - 2, duplicate: 1, rejected })
    })
    .await;
    let ours = || async {
        let url = format!("{}/api/v1/sources", edge.url);
        let body: Value = edge.client.get(url).send().await.unwrap().json().await.unwrap();
        body["rows"].as_array().unwrap().iter().find(|row| row["name"] == "http").unwrap().clone()
    };
    let before = ours().await;
    assert_eq!((&before["kind"], &before["state"]), (&json!("http"), &json!("starting")));
    assert_eq!((&before["accepted"], &before["last_heard"]), (&json!(0), &Value::Null));
    let bad = r#"{"specversion":"1.0","id":"e","source":"d","type":"call.started","time":"2026-11-21T00:00:00Z","data":{"call_id":"c","direction":"outbound","from":"+13125550100","to":"12025550187"}}"#;
    let body = format!("{}\n{}\n{}\n{bad}\n", event(1), event(2), event(3));
    assert_eq!(post(&edge, LINES, body).await.status(), StatusCode::OK);
    let after = ours().await;
    assert_eq!(
        (&after["state"], &after["accepted"], &after["duplicate"], &after["rejected"]),
        (&json!("well"), &json!(1), &json!(1), &json!(2))
    );
    let why: Vec<&str> =
        after["last_rejections"].as_array().unwrap().iter().map(|r| r["why"].as_str().unwrap()).collect();
    assert!(why.iter().any(|why| why.starts_with("data.progress_at: more than 24 h")), "{why:?}");
    assert!(why.iter().any(|why| why.contains("data.to")), "{why:?}");
    let said = format!("{}/api/v1/sources/payloads?source=http", edge.url);
    let said: Value = edge.client.get(said).send().await.unwrap().json().await.unwrap();
    assert!(
        said["rows"].as_array().unwrap().iter().any(|row| row["payload"].as_str().unwrap().contains("call.progress")),
        "{said}"
    );
    assert!(!format!("{after} {said}").contains("5550187"), "{after} {said}");
    let nobody = format!("{}/api/v1/sources/payloads?source=nobody", edge.url);
    assert_eq!(edge.client.get(nobody).send().await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_sender_that_makes_names_up_is_told_to_come_again_and_what_it_said_before_stays() {
    let edge = edge(Keys::default(), takes_all).await;
    let most = u64::from(edge.access.limits().new_names);
    let named = |n: u64| {
        let data = json!({ "call_id": format!("c-{n}"), "campaign": format!("c-{n}"), "direction": "outbound" });
        json!({ "specversion": "1.0", "id": format!("e-{n}"), "source": "d", "type": "call.started", "time": "2026-11-21T00:00:00Z", "data": data })
    };
    let lines = |range: std::ops::Range<u64>| range.map(|n| format!("{}\n", named(n))).collect::<String>();
    assert_eq!(post(&edge, LINES, lines(0..most)).await.status(), StatusCode::OK);
    let refused = post(&edge, LINES, lines(most..2 * most)).await;
    assert!(refused.headers().contains_key("retry-after"));
    let said = problem(refused, StatusCode::TOO_MANY_REQUESTS).await;
    assert!(said["detail"].as_str().unwrap().contains("`limits.new_names`"), "{said}");
    assert!(said["accepted"].as_u64().unwrap() < most, "{said}");
    // Who tells of what is known is taken.
    assert_eq!(post(&edge, LINES, lines(0..9)).await.status(), StatusCode::OK);
    let counted = format!("{:?}", edge.access.clients.readings());
    assert!(counted.contains(r#"("new_names", 1)"#), "{counted}");
}
