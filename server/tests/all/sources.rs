//! Sources that the file opens on a whole server: a webhook's address and a socket for packets.
#![allow(clippy::unwrap_used)]

use crate::process::Server;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::kit::secret::Secret;
use server::kit::webhook_key::WebhookKey;
use std::io::Write;
use std::net::UdpSocket;
use std::time::{SystemTime, UNIX_EPOCH};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn row<'a>(sources: &'a Value, name: &str) -> Option<&'a Value> {
    sources["rows"].as_array().unwrap().iter().find(|row| row["name"] == name)
}

#[tokio::test]
async fn what_is_signed_and_what_machines_measure_comes_in_and_is_shown() {
    // A port that was free a moment ago.
    let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let text = format!(
        "[[source.webhook]]\nname = \"crm\"\nsecrets = [\"{SECRET}\"]\n\
         [[source.statsd]]\nlisten = \"127.0.0.1:{port}\"\nevery_s = 1\nmetrics = {{ load = {{ name = \"cpu\", scale = 0.01 }} }}\n"
    );
    file.write_all(text.as_bytes()).unwrap();
    let server = Server::start(&["--config", file.path().to_str().unwrap()], &[]).await;

    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let time = app::domain::Moment::from_micros(now.as_micros().try_into().unwrap()).to_rfc3339();
    let body = json!([{ "specversion": "1.0", "id": "1", "source": "crm", "type": "health.sample", "time": time,
        "data": { "component": "media-1", "kind": "media_server", "status": "healthy" } }])
    .to_string();
    let at = now.as_secs().to_string();
    let signature = WebhookKey::new(&Secret::new(SECRET.to_owned())).unwrap().signature("m", &at, body.as_bytes());
    let post = crate::process::client().post(format!("{}/hooks/crm", server.url()));
    let post = post.header("webhook-id", "m").header("webhook-timestamp", at).header("webhook-signature", signature);
    assert_eq!(post.body(body).send().await.unwrap().status(), StatusCode::OK);

    let machine = UdpSocket::bind("127.0.0.1:0").unwrap();
    machine.send_to(b"media-1.load:42|g\nmedia-1.memory:0.5|g\nmedia-1.nonsense:1|g", ("127.0.0.1", port)).unwrap();
    let sources = server
        .until("/api/v1/sources", |sources| row(sources, "statsd/statsd").is_some_and(|row| row["accepted"] == 2))
        .await;
    assert_eq!(row(&sources, "statsd/statsd").unwrap()["rejected"], 1);
    assert_eq!(row(&sources, "webhook/crm").unwrap()["accepted"], 1);
    // A component's row is there by its health, and has what was measured of it.
    let row_of = |live: &Value| {
        live["infra"]["rows"].as_array().unwrap().iter().find(|row| row["component"] == "media-1").cloned()
    };
    let is_measured = |live: &Value| row_of(live).is_some_and(|row| !row["cpu"].is_null());
    let live = server.until("/api/v1/views/live?panel=infra", is_measured).await;
    let row = row_of(&live).unwrap();
    assert_eq!((&row["cpu"], &row["memory"]), (&json!(4_200), &json!(5_000)), "{row}");
}
