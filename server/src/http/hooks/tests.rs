//! Messages of a webhook over a real listener, signed by hand as the specification has it.
#![allow(clippy::unwrap_used)]

use crate::access::keys::Keys;
use crate::http::testing::{Edge, edge_with, takes_all};
use crate::ingest::{Receipt, Refusal};
use crate::source::standard_webhooks::{StandardWebhook, WebhookTable};
use crate::source::webhook::MAX_BYTES;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Response;
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::{SystemTime, UNIX_EPOCH};

/// As two senders have them; the first was the key until the second took its place.
const OLD: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NEW: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const STRANGERS: &str = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn event(id: u64) -> Value {
    json!({ "specversion": "1.0", "id": format!("e-{id}"), "source": "crm", "type": "call.progress",
        "time": "2026-11-21T00:00:00Z", "data": { "call_id": format!("c-{id}") } })
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap()
}

/// The specification, by hand: `msg_id.timestamp.payload` under HMAC-SHA256, in base64.
fn signature(secret: &str, id: &str, at: i64, body: &[u8]) -> String {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(&[format!("{id}.{at}.").as_bytes(), body].concat());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

struct Message {
    to: &'static str,
    id: &'static str,
    at: i64,
    signatures: Option<String>,
    body: Vec<u8>,
}

impl Message {
    fn signed(secret: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::signed_at(now(), secret, body)
    }

    fn signed_at(at: i64, secret: &str, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let signatures = Some(signature(secret, "msg_1", at, &body));
        Self { to: "crm", id: "msg_1", at, signatures, body }
    }

    async fn send(self, edge: &Edge) -> Response {
        let post = edge.client.post(format!("{}/hooks/{}", edge.url, self.to));
        let post = post.header("content-type", "application/json").header("webhook-id", self.id);
        let mut post = post.header("webhook-timestamp", self.at);
        if let Some(signatures) = self.signatures {
            post = post.header("webhook-signature", signatures);
        }
        post.body(self.body).send().await.unwrap()
    }
}

/// A server that awaits messages at `/hooks/crm`, signed with either of two keys.
async fn awaiting(writer: fn(Vec<crate::ingest::Item>) -> Result<Receipt, Refusal>) -> Edge {
    edge_with(Keys::default(), writer, |way_in, hooks| {
        let table = format!("name = \"crm\"\nsecrets = [\"{OLD}\", \"{NEW}\"]");
        StandardWebhook::open(toml::from_str::<WebhookTable>(&table).unwrap().checked().unwrap(), hooks, way_in)
            .unwrap();
    })
    .await
}

async fn refused(response: Response, status: StatusCode) -> String {
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let body: Value = response.json().await.unwrap();
    body["detail"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn signed_events_are_taken_one_or_many_by_either_key() {
    let edge = awaiting(takes_all).await;
    let many = json!([event(1), event(2)]).to_string();
    for (secret, body, accepted) in [(OLD, event(1).to_string(), 1), (NEW, many, 2), (NEW, " [ ]".to_owned(), 0)] {
        let answer = Message::signed(secret, body).send(&edge).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let told: Value = answer.json().await.unwrap();
        assert_eq!(told, json!({ "accepted": accepted, "duplicate": 0, "rejected": [] }));
    }
    // While keys are changed a sender signs with both, and who knows one is content.
    let mut both = Message::signed(NEW, event(3).to_string());
    both.signatures =
        Some(format!("{} v1a,AAAA {}", signature(STRANGERS, "msg_1", both.at, &both.body), both.signatures.unwrap()));
    assert_eq!(both.send(&edge).await.status(), StatusCode::OK);
    let row = edge.source("webhook/crm");
    assert_eq!((row.kind, row.state, row.accepted, row.refused), ("webhook", "well", 4, 0));
}

#[tokio::test]
async fn what_is_not_signed_over_these_bytes_now_is_turned_away_unread() {
    let edge = awaiting(|_| unreachable_writer()).await;
    let body = event(1).to_string();
    let missing = Message { signatures: None, ..Message::signed(OLD, body.clone()) };
    assert!(
        refused(missing.send(&edge).await, StatusCode::UNAUTHORIZED).await.contains("`webhook-signature` is missing")
    );
    let strangers = Message::signed(STRANGERS, body.clone());
    assert!(refused(strangers.send(&edge).await, StatusCode::UNAUTHORIZED).await.contains("no signature of it"));
    let changed = Message { body: body.replace("e-1", "e-2").into(), ..Message::signed(OLD, body.clone()) };
    assert!(refused(changed.send(&edge).await, StatusCode::UNAUTHORIZED).await.contains("as it was sent"));
    let renamed = Message { id: "msg_2", ..Message::signed(OLD, body.clone()) };
    assert_eq!(renamed.send(&edge).await.status(), StatusCode::UNAUTHORIZED);
    let redated = Message { at: now() + 1, ..Message::signed_at(now() - 600, OLD, body.clone()) };
    assert_eq!(redated.send(&edge).await.status(), StatusCode::UNAUTHORIZED);
    // Someone else's, kept and sent again.
    let old = Message::signed_at(now() - 310, OLD, body.clone());
    let said = refused(old.send(&edge).await, StatusCode::UNAUTHORIZED).await;
    assert!(said.contains("s ago, and may be 300 s old"), "{said}");
    let early = Message::signed_at(now() + 310, OLD, body.clone());
    assert!(refused(early.send(&edge).await, StatusCode::UNAUTHORIZED).await.contains("ahead of our clock"));
    let row = edge.source("webhook/crm");
    assert_eq!((row.state, row.refused, row.rejected, row.last_heard), ("starting", 7, 0, None));
    assert!(row.last_refusal.unwrap().why.contains("ahead of our clock"));
    let counted = edge.text("/metrics").await;
    for line in [
        "ringside_source_refused_total{source=\"webhook/crm\"} 7\n",
        "ringside_webhook_messages_total{source=\"webhook/crm\",outcome=\"forged\"} 4\n",
        "ringside_webhook_messages_total{source=\"webhook/crm\",outcome=\"stale\"} 2\n",
        "ringside_webhook_messages_total{source=\"webhook/crm\",outcome=\"unsigned\"} 1\n",
    ] {
        assert!(counted.contains(line), "{line} is not in {counted}");
    }
}

fn unreachable_writer() -> Result<Receipt, Refusal> {
    Err(Refusal::Stopping)
}

#[tokio::test]
async fn a_signed_message_that_is_no_event_says_so_as_the_api_does() {
    let edge = awaiting(takes_all).await;
    let said = refused(Message::signed(OLD, "event=1").send(&edge).await, StatusCode::BAD_REQUEST).await;
    assert!(said.starts_with("not JSON"), "{said}");
    assert_eq!(Message::signed(OLD, b"\xff\xfe".to_vec()).send(&edge).await.status(), StatusCode::BAD_REQUEST);
    let none = Message::signed(OLD, json!([{ "type": "x" }, 7]).to_string()).send(&edge).await;
    assert_eq!(none.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let told: Value = none.json().await.unwrap();
    assert_eq!(told["rejected"].as_array().unwrap().len(), 2);
    let some = Message::signed(OLD, json!([event(1), { "type": "x" }]).to_string()).send(&edge).await;
    assert_eq!(some.status(), StatusCode::OK);
    let told: Value = some.json().await.unwrap();
    assert_eq!((&told["accepted"], &told["rejected"][0]["index"]), (&json!(1), &json!(1)));
    let row = edge.source("webhook/crm");
    assert_eq!((row.accepted, row.refused), (1, 0));
    assert!(row.rejected >= 5, "{row:?}");
}

#[tokio::test]
async fn a_message_is_short_is_sent_to_a_name_that_is_open_and_comes_as_it_is() {
    let edge = awaiting(takes_all).await;
    let long = Message::signed(OLD, vec![b' '; MAX_BYTES + 1]);
    assert_eq!(refused(long.send(&edge).await, StatusCode::PAYLOAD_TOO_LARGE).await, "the body is over 1 MiB");
    let nobody = Message { to: "nobody", ..Message::signed(OLD, event(1).to_string()) };
    assert_eq!(nobody.send(&edge).await.status(), StatusCode::NOT_FOUND);
    let asked = edge.client.get(format!("{}/hooks/crm", edge.url)).send().await.unwrap();
    assert_eq!(asked.status(), StatusCode::METHOD_NOT_ALLOWED);
    let packed = edge.client.post(format!("{}/hooks/crm", edge.url)).header("content-encoding", "gzip");
    assert_eq!(packed.body("x").send().await.unwrap().status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn the_page_of_troubles_lists_each_source_and_what_it_said_to_who_may_hear_it() {
    let edge = awaiting(takes_all).await;
    let said = event(1).to_string().replace("c-1", "call-to-+12025550187");
    assert_eq!(Message::signed(OLD, said).send(&edge).await.status(), StatusCode::OK);
    assert_eq!(Message::signed(STRANGERS, "{}").send(&edge).await.status(), StatusCode::UNAUTHORIZED);
    let page = edge.text("/troubleshooting").await;
    assert!(page.contains("What is listened to") && page.contains("webhook/crm"), "{page}");
    assert!(page.contains("no signature of it is by a key"), "{page}");
    assert!(page.contains("What webhook/crm said last") && page.contains("call.progress"), "{page}");
    assert!(!page.contains("5550187"), "numbers are masked: {page}");
    // Who comes by a proxy may not control without a key: nor read what was said.
    let page = edge.client.get(format!("{}/troubleshooting", edge.url)).header("x-forwarded-for", "203.0.113.9");
    let page = page.send().await.unwrap().text().await.unwrap();
    assert!(page.contains("webhook/crm") && !page.contains("call.progress"), "{page}");
    assert!(page.contains("/api/v1/sources/payloads"), "{page}");
}

/// Whoever calls from outside knows this server by a name that may be none of its own; a signature is no page's to make.
#[tokio::test]
async fn who_signs_may_call_us_by_any_name() {
    let edge = awaiting(takes_all).await;
    let message = Message::signed(OLD, event(1).to_string());
    let post = edge.client.post(format!("{}/hooks/crm", edge.url)).header("host", "hooks.example");
    let post = post.header("webhook-id", message.id).header("webhook-timestamp", message.at);
    let answer = post.header("webhook-signature", message.signatures.unwrap()).body(message.body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}
