//! Each example of `/docs`, run as it stands there, against a server; and the first run, from nothing to an event.
#![allow(clippy::unwrap_used)]

use crate::process::Server;
use app::contract::{DIALER, Door, EXAMPLES, PYTHON, curl, python};
use serde_json::Value;
use std::process::{Command, Output};

/// Runs a command off the test's own thread, which has the server's answers to read.
async fn run(program: &'static str, arguments: Vec<String>, environment: Vec<(String, String)>) -> Output {
    let output =
        tokio::task::spawn_blocking(move || Command::new(program).args(arguments).envs(environment).output().unwrap());
    let output = output.await.unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

async fn shell(line: &str) -> Value {
    let output = run("sh", vec!["-c".to_owned(), line.to_owned()], Vec::new()).await;
    serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
}

/// What each `send` printed: the type, and the server's answer as Python shows it.
async fn lines_of_python(text: String) -> Vec<String> {
    let output = run("python3", vec!["-c".to_owned(), text], Vec::new()).await;
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[tokio::test]
async fn each_example_in_curl_is_on_the_page_and_taken_as_it_stands() {
    let server = Server::start(&[], &[]).await;
    let page = server.text("/docs").await;
    let door = Door { origin: server.url(), key: false };
    for example in EXAMPLES {
        let line = curl(&door, &format!("docs-{}", example.type_name), "docs", &example);
        assert!(page.contains(&escaped(&line)), "{} is not on the page:\n{line}", example.type_name);
        let answer = shell(&line.replacen("curl ", "curl -sS ", 1)).await;
        assert_eq!((&answer["accepted"], &answer["rejected"]), (&1.into(), &Value::Array(vec![])), "{line}\n{answer}");
        assert!(answer.get("warnings").is_none(), "{line}\n{answer}");
    }
}

#[tokio::test]
async fn each_example_in_python_is_taken_and_so_is_the_whole_dialer() {
    let server = Server::start(&[], &[]).await;
    let page = server.text("/docs").await;
    let head = PYTHON.replace("ORIGIN", &server.url());
    assert!(page.contains(&escaped(&head)) && page.contains(&escaped(DIALER)));
    let sends: Vec<String> = EXAMPLES.iter().map(python).collect();
    assert!(sends.iter().all(|send| page.contains(&escaped(send))));
    let said = lines_of_python(format!("{head}\n{}", sends.concat())).await;
    assert_eq!(said.len(), EXAMPLES.len());
    let dialer = lines_of_python(format!("{head}\n{DIALER}")).await;
    for line in said.iter().chain(&dialer) {
        assert!(
            line.contains("'accepted': 1") && line.contains("'rejected': []") && !line.contains("warnings"),
            "{line}"
        );
    }

    // What it told stands on the pages.
    let card = |frame: &Value| {
        let cards = frame["cards"]["rows"].as_array().unwrap();
        cards.iter().any(|card| card["campaign"] == "autumn" && card["completed"] == 7)
    };
    server.until("/api/v1/views/monitor", card).await;
    for (facts, by, key, expected) in [
        ("attempts", "campaign", "autumn", 10),
        ("bridged", "campaign", "autumn", 7),
        ("transferred", "campaign", "autumn", 1),
        ("queued", "queue", "callbacks", 1),
    ] {
        let is_so = |told: &Value| told["rows"][0]["facts"][facts] == expected;
        server.until(&format!("/api/v1/facts?by={by}&window=60m&key={key}"), is_so).await;
    }
    let handled = server.get("/api/v1/facts?by=agent&window=60m&key=ben").await;
    assert!(handled["rows"][0]["facts"]["handled"].as_i64().unwrap() > 0, "{handled}");
}

#[tokio::test]
async fn an_empty_server_shows_what_to_send_and_then_what_it_heard() {
    let mut server = Server::start(&[], &[]).await;
    let shown = server.text("/live").await;
    assert!(shown.contains("id=\"first-run\"") && shown.contains("events so far"), "{shown}");
    let past = server.request("/live?at=2026-11-20T14:32:00").await.text().await.unwrap();
    assert!(past.contains("nothing is recorded of it") && !past.contains("id=\"first-run\""), "{past}");

    let kind = "application/cloudevents+json";
    let (_, refused) = server.post(kind, r#"{"specversion":"1.0","id":"x","source":"s"}"#.to_owned()).await;
    assert_eq!(refused["accepted"], 0);
    server.post("application/json", "{}".to_owned()).await;
    let shown = server.text("/live").await;
    assert!(shown.contains("type: missing") && shown.contains("Content-Type `application/json`"), "{shown}");

    let example = EXAMPLES[0];
    let answer =
        shell(&curl(&Door { origin: server.url(), key: false }, "e", "s", &example).replacen("curl", "curl -sS", 1))
            .await;
    assert_eq!(answer["accepted"], 1);
    let shown = server.text("/live?first=now").await;
    let first = shown.split("id=\"first-event\"").nth(1).unwrap().split("</pre>").next().unwrap();
    assert!(shown.contains("data-heard=\"1\"") && first.contains("docs-1") && !first.contains("5550187"), "{first}");
    assert!(!server.text("/live").await.contains("id=\"first-run\""), "the live view has begun");

    server.stop().await;
    server.up().await;
    assert!(!server.text("/live?first=now").await.contains("id=\"first-run\""), "no first run any more");
}

#[tokio::test]
async fn with_a_key_the_examples_bear_it() {
    let key = "a-long-enough-secret";
    let server = Server::start(&[], &[("RINGSIDE_INGEST_KEY", key)]).await;
    let shown = server.text("/live").await;
    assert!(shown.contains("It asks for a key") && shown.contains("Bearer $RINGSIDE_INGEST_KEY"), "{shown}");
    let line = curl(&Door { origin: server.url(), key: true }, "e", "s", &EXAMPLES[1]).replacen("curl", "curl -sS", 1);
    let environment = vec![("RINGSIDE_INGEST_KEY".to_owned(), key.to_owned())];
    let output = run("sh", vec!["-c".to_owned(), line], environment).await;
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["accepted"], 1, "{answer}");
}
