//! What all who call us must hold to, whoever they are: each over its own samples, at a real listener.
//!
//! In order, backwards, doubled and some of them lost, its messages make the same calls; cut off, of another version or meant to
//! hurt, they are answered and counted, each in exactly one count; unsigned, wrongly signed or signed long ago, they are refused;
//! and nothing of it shows a person.
#![allow(clippy::unwrap_used)]

use crate::access::keys::Keys;
use crate::http::testing::{Edge, edge_with};
use crate::ingest::{Item, Receipt};
use crate::kit::jwt;
use crate::kit::secret::Secret;
use crate::kit::webhook_key::WebhookKey;
use crate::source::cpaas::{
    AccountTable, Cpaas, Provider, plivo::Plivo, telnyx::Telnyx, twilio::Twilio, vonage::Vonage,
};
use crate::source::feed::WayIn;
use crate::source::livekit::{Livekit, LivekitTable};
use crate::source::standard_webhooks::{StandardWebhook, WebhookTable};
use crate::source::webhook::Hooks;
use crate::source::{Site, Source};
use app::domain::{Call, CallName, Country};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};
use tracing_subscriber::layer::SubscriberExt;

/// How a message is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signed {
    Well,
    ByAStranger,
    /// So long ago that it could have been kept.
    LongAgo,
}

/// Where time is a part of what is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Time {
    Signed,
    NotSigned,
}

type Headers = Vec<(&'static str, String)>;

/// Who calls us.
struct Sender {
    kind: &'static str,
    open: fn(&WayIn, &Hooks),
    sign: fn(&[u8], Signed) -> Headers,
    time: Time,
    /// Of one or several calls, in the order in which they are sent.
    samples: Vec<String>,
    /// Of a version that is not known here, and good all the same.
    newer: Vec<String>,
    /// The count of its own by what messages mean, if it has one.
    meanings: Option<&'static str>,
}

const TOKEN: &str = "12345678901234567890123456789012";
const SEED: [u8; 32] = [7; 32];
/// A person's number in the samples, and a name.
const PERSONS: [&str; 2] = ["5550142", "Lovelace"];

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap()
}

fn key(signed: Signed) -> &'static str {
    if signed == Signed::ByAStranger { "a stranger's key, long enough" } else { TOKEN }
}

fn then(signed: Signed) -> i64 {
    if signed == Signed::LongAgo { now() - 3_600 } else { now() }
}

fn table<T: DeserializeOwned>(text: &str) -> T {
    toml::from_str(text).unwrap()
}

fn site() -> Site {
    Site { country: Country::new("US").ok() }
}

fn open_cpaas<P: Provider>(text: &str, (way_in, hooks): (&WayIn, &Hooks)) {
    let account = Cpaas::<P>::checked(table::<AccountTable>(text), site()).unwrap();
    Cpaas::<P>::open(account, hooks, way_in).unwrap();
}

fn pair(signed: Signed) -> Ed25519KeyPair {
    let seed = if signed == Signed::ByAStranger { [8; 32] } else { SEED };
    Ed25519KeyPair::from_seed_unchecked(&seed).unwrap()
}

macro_rules! samples {
    ($folder:literal: $($name:literal),+) => {
        vec![$(include_str!(concat!("../../source/", $folder, "/fixtures/", $name)).trim_end().to_owned()),+]
    };
}

fn standard() -> Sender {
    let event = |id: &str, kind: &str, second: u32, data: Value| {
        let mut data = data;
        data["call_id"] = json!("c-1");
        json!({ "specversion": "1.0", "id": id, "source": "crm", "type": kind, "time": format!("2026-11-21T00:00:{second:02}Z"), "data": data }).to_string()
    };
    let started = json!({ "direction": "outbound", "from": "+12025550100", "to": "+12025550142" });
    Sender {
        kind: "webhook",
        open: |way_in, hooks| {
            let text = format!("name = \"webhook\"\nsecrets = [\"whsec_{}\"]", STANDARD.encode(TOKEN));
            StandardWebhook::open(table::<WebhookTable>(&text).checked().unwrap(), hooks, way_in).unwrap();
        },
        sign: |body, signed| {
            let secret = format!("whsec_{}", STANDARD.encode(key(signed)));
            let at = then(signed).to_string();
            let signature = WebhookKey::new(&Secret::new(secret)).unwrap().signature("m", &at, body);
            vec![("webhook-id", "m".to_owned()), ("webhook-timestamp", at), ("webhook-signature", signature)]
        },
        time: Time::Signed,
        samples: vec![
            event("1", "call.started", 0, started.clone()),
            event("2", "call.answered", 9, json!({})),
            event("3", "call.ended", 40, json!({ "hung_up_by": "person" })),
        ],
        newer: vec![event("4", "call.started", 0, json!({ "direction": "outbound", "colour": "red" }))],
        meanings: None,
    }
}

fn livekit() -> Sender {
    let samples = samples!("livekit": "01_room_started.json", "02_participant_joined_agent.json", "03_participant_joined_sip_dialing.json",
        "04_track_published_sip_minimal.json", "05_participant_left_sip_answered_then_hangup.json", "06_room_finished.json",
        "10_left_busy_486.json", "14_participant_connection_aborted.json");
    Sender {
        kind: "livekit",
        open: |way_in, hooks| {
            let config = table::<LivekitTable>(&format!("keys = {{ K = \"{TOKEN}\" }}")).checked(site()).unwrap();
            Livekit::open(config, hooks, way_in).unwrap();
        },
        sign: |body, signed| {
            let claims =
                json!({ "iss": "K", "exp": then(signed) + 300, "sha256": STANDARD.encode(Sha256::digest(body)) });
            vec![("authorization", jwt::signed(&claims, key(signed).as_bytes()))]
        },
        time: Time::Signed,
        samples: samples.into_iter().map(|body| body.replace("Lead 48213", "Ada Lovelace")).collect(),
        newer: vec![r#"{"event":"call_answered","id":"EV_9","shade":1,"room":{"sid":"RM_9"}}"#.to_owned()],
        meanings: Some("ringside_livekit_calls_total"),
    }
}

fn twilio() -> Sender {
    let samples = samples!("cpaas": "twilio_initiated.form.txt", "twilio_ringing.form.txt", "twilio_answered.form.txt",
        "twilio_completed.form.txt", "twilio_busy.form.txt");
    Sender {
        kind: "twilio",
        open: |way_in, hooks| {
            let text = format!("url = \"https://ops.example.com/hooks/twilio\"\nkeys = [\"{TOKEN}\"]");
            open_cpaas::<Twilio>(&text, (way_in, hooks));
        },
        sign: |body, signed| {
            let mut mac = Hmac::<Sha1>::new_from_slice(key(signed).as_bytes()).unwrap();
            mac.update(b"https://ops.example.com/hooks/twilio");
            let fields: BTreeMap<String, std::collections::BTreeSet<String>> = fields(body);
            fields.iter().for_each(|(name, values)| {
                values.iter().for_each(|value| mac.update(format!("{name}{value}").as_bytes()))
            });
            vec![("x-twilio-signature", STANDARD.encode(mac.finalize().into_bytes()))]
        },
        time: Time::NotSigned,
        samples: samples.into_iter().map(|body| format!("{body}&CallerName=Ada+Lovelace")).collect(),
        newer: vec!["CallSid=CA1&CallStatus=parked".to_owned()],
        meanings: Some("ringside_cpaas_calls_total"),
    }
}

/// A form's fields, as a sender has them before it writes them.
fn fields<V: Default + Extend<String>>(body: &[u8]) -> BTreeMap<String, V> {
    let text = String::from_utf8_lossy(body).into_owned();
    let plain =
        |part: &str| percent_encoding::percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
    let mut fields: BTreeMap<String, V> = BTreeMap::new();
    for part in text.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        fields.entry(plain(name)).or_default().extend([plain(value)]);
    }
    fields
}

fn telnyx() -> Sender {
    let samples = samples!("cpaas": "telnyx_call_initiated.json", "telnyx_call_answered.json", "telnyx_call_amd.json",
        "telnyx_call_hangup_normal.json");
    Sender {
        kind: "telnyx",
        open: |way_in, hooks| {
            let public = STANDARD.encode(pair(Signed::Well).public_key().as_ref());
            open_cpaas::<Telnyx>(&format!("keys = [\"{public}\"]"), (way_in, hooks));
        },
        sign: |body, signed| {
            let at = then(signed).to_string();
            let signature = pair(signed).sign(&[at.as_bytes(), b"|", body].concat());
            vec![("telnyx-timestamp", at), ("telnyx-signature-ed25519", STANDARD.encode(signature.as_ref()))]
        },
        time: Time::Signed,
        samples: samples.into_iter().map(|body| body.replace("\"from\"", "\"caller_id_name\":\"Lovelace\",\"from\"")).collect(),
        newer: vec![r#"{"data":{"event_type":"call.pondered","id":"9","occurred_at":"2026-11-21T00:00:00Z","payload":{"call_leg_id":"a"}}}"#.to_owned()],
        meanings: Some("ringside_cpaas_calls_total"),
    }
}

fn plivo() -> Sender {
    Sender {
        kind: "plivo",
        open: |way_in, hooks| {
            let text = format!("url = \"https://ops.example.com/hooks/plivo\"\nkeys = [\"{TOKEN}\"]");
            open_cpaas::<Plivo>(&text, (way_in, hooks));
        },
        sign: |body, signed| {
            let mut mac = Hmac::<Sha256>::new_from_slice(key(signed).as_bytes()).unwrap();
            let fields: BTreeMap<String, Vec<String>> = fields(body);
            let mark = if fields.is_empty() { "" } else { "?" };
            mac.update(format!("https://ops.example.com/hooks/plivo{mark}").as_bytes());
            for (name, mut values) in fields {
                values.sort();
                values.iter().for_each(|value| mac.update(format!("{name}{value}").as_bytes()));
            }
            mac.update(b".4711");
            vec![
                ("x-plivo-signature-v3", STANDARD.encode(mac.finalize().into_bytes())),
                ("x-plivo-signature-v3-nonce", "4711".to_owned()),
            ]
        },
        time: Time::NotSigned,
        samples: samples!("cpaas": "plivo_hangup.form.txt")
            .into_iter()
            .map(|body| format!("{body}&CallerName=Lovelace"))
            .collect(),
        newer: vec!["CallUUID=a&CallStatus=parked".to_owned()],
        meanings: Some("ringside_cpaas_calls_total"),
    }
}

fn vonage() -> Sender {
    let lines = include_str!("../../source/cpaas/fixtures/vonage_events.jsonl").lines();
    Sender {
        kind: "vonage",
        open: |way_in, hooks| open_cpaas::<Vonage>(&format!("keys = [\"{TOKEN}\"]"), (way_in, hooks)),
        sign: |body, signed| {
            let hash: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
            let token = jwt::signed(&json!({ "iat": then(signed), "payload_hash": hash }), key(signed).as_bytes());
            vec![("authorization", format!("Bearer {token}"))]
        },
        time: Time::Signed,
        samples: lines.map(|line| line.replacen('{', "{\"user\": \"Ada Lovelace\", ", 1)).collect(),
        newer: vec![r#"{"uuid":"a","status":"pondering","timestamp":"2026-11-21T00:00:00Z"}"#.to_owned()],
        meanings: Some("ringside_cpaas_calls_total"),
    }
}

fn senders() -> Vec<Sender> {
    vec![standard(), livekit(), twilio(), telnyx(), plivo(), vonage()]
}

type Calls = BTreeMap<CallName, Call>;

/// A server that takes what a sender tells, and the calls that come of it.
struct Bed {
    edge: Edge,
    calls: Arc<Mutex<Calls>>,
    kind: &'static str,
    /// Messages sent, and what they were answered.
    answers: Vec<StatusCode>,
}

impl Bed {
    async fn of(sender: &Sender) -> Self {
        let calls = Arc::<Mutex<Calls>>::default();
        let told = Arc::clone(&calls);
        let writer = move |items: Vec<Item>| {
            let mut calls = told.lock().unwrap();
            for (name, call) in items.iter().filter_map(Item::told) {
                calls.entry(name.clone()).or_default().merge(call);
            }
            Ok(Receipt { accepted: items.len() as u64, ..Receipt::default() })
        };
        let edge = edge_with(Keys::default(), writer, sender.open).await;
        Self { edge, calls, kind: sender.kind, answers: Vec::new() }
    }

    async fn send(&mut self, headers: Headers, body: impl Into<Vec<u8>>) -> StatusCode {
        let mut post = self.edge.client.post(format!("{}/hooks/{}", self.edge.url, self.kind));
        for (name, value) in headers {
            post = post.header(name, value);
        }
        let answer = post.body(body.into()).send().await.unwrap();
        let status = answer.status();
        // What is said of it tells of nobody either.
        nobody(&answer.text().await.unwrap());
        self.answers.push(status);
        status
    }

    fn calls(&self) -> Calls {
        self.calls.lock().unwrap().clone()
    }

    /// The sum of a count's lines that are this sender's.
    async fn counted(&self, name: &str) -> u64 {
        let text = self.edge.text("/metrics").await;
        let mine = format!("{name}{{source=\"{0}/{0}\"", self.kind);
        let values = text
            .lines()
            .filter(|line| line.starts_with(&mine))
            .map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap());
        values.sum()
    }

    fn answered(&self, status: StatusCode) -> u64 {
        self.answers.iter().filter(|answer| **answer == status).count() as u64
    }
}

/// No person's number or name stands in a text.
fn nobody(text: &str) {
    for person in PERSONS {
        assert!(!text.contains(person), "{person} stands in {text}");
    }
}

/// The calls that these samples make, in this order.
async fn calls_of(sender: &Sender, order: &[usize]) -> Calls {
    let mut bed = Bed::of(sender).await;
    for at in order {
        let body = &sender.samples[*at];
        assert_eq!(
            bed.send((sender.sign)(body.as_bytes(), Signed::Well), body.as_str()).await,
            StatusCode::OK,
            "{}: {body}",
            sender.kind
        );
    }
    bed.calls()
}

#[tokio::test]
async fn the_same_messages_in_whatever_order_make_the_same_calls() {
    for sender in senders() {
        let in_order: Vec<usize> = (0..sender.samples.len()).collect();
        let whole = calls_of(&sender, &in_order).await;
        assert!(!whole.is_empty() && whole.values().all(|call| call.start().is_some()), "{}: {whole:?}", sender.kind);
        let backwards: Vec<usize> = in_order.iter().rev().copied().collect();
        let doubled: Vec<usize> = in_order.iter().chain(&backwards).copied().collect();
        let odd_first: Vec<usize> = in_order
            .iter()
            .filter(|at| *at % 2 == 1)
            .chain(in_order.iter().filter(|at| *at % 2 == 0))
            .copied()
            .collect();
        for order in [backwards, doubled, odd_first] {
            assert_eq!(calls_of(&sender, &order).await, whole, "{} {order:?}", sender.kind);
        }
        // Whatever is lost, what is left says nothing else of a call. (Of what can't be told a list is only ever shortened.)
        for lost in &in_order {
            let rest: Vec<usize> = in_order.iter().filter(|at| *at != lost).copied().collect();
            for (name, call) in calls_of(&sender, &rest).await {
                let told = Call { cannot_tell: app::domain::LastWrite::default(), ..call };
                assert!(whole[&name].knows(&told), "{} without {lost}", sender.kind);
            }
        }
    }
}

/// Meant to hurt, whatever is expected: each is signed well.
fn hostile() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = [
        "",
        "{}",
        "[]",
        "null",
        "0",
        "\"\"",
        "{\"data\":7}",
        "{\"event\":{}}",
        "&&=&",
        "%",
        "=",
        "a=%ff%fe",
        "{\"uuid\":[],\"status\":{}}",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec();
    all.push(vec![0xff; 64]);
    all.push(vec![0; 64]);
    all.push("[".repeat(100_000).into());
    all.push(format!("CallSid={0}&CallUUID={0}&CallStatus=busy", "a".repeat(300)).into());
    let id = "a".repeat(300);
    all.push(json!({ "uuid": id, "status": "busy", "event": "participant_left", "participant": { "sid": id, "kind": "SIP", "joinedAt": i64::MAX, "joinedAtMs": i64::MIN.to_string() } }).to_string().into());
    all
}

#[tokio::test]
async fn each_message_is_answered_and_counted_once_whatever_is_in_it() {
    for sender in senders() {
        let mut bed = Bed::of(&sender).await;
        let whole = sender.samples.iter().chain(&sender.newer).map(|body| body.as_bytes().to_vec());
        let cut = sender
            .samples
            .iter()
            .flat_map(|body| (1..8).map(move |part| body.as_bytes()[..body.len() * part / 8].to_vec()));
        for body in whole.chain(cut).chain(hostile()) {
            let status = bed.send((sender.sign)(&body, Signed::Well), body.clone()).await;
            let good =
                [StatusCode::OK, StatusCode::BAD_REQUEST, StatusCode::UNPROCESSABLE_ENTITY, StatusCode::UNAUTHORIZED];
            assert!(good.contains(&status), "{} {status}: {}", sender.kind, String::from_utf8_lossy(&body));
        }
        for body in &sender.newer {
            assert_eq!(
                bed.send((sender.sign)(body.as_bytes(), Signed::Well), body.as_str()).await,
                StatusCode::OK,
                "{}",
                sender.kind
            );
        }
        let sent = bed.answers.len() as u64;
        let (messages, refused) =
            (bed.counted("ringside_webhook_messages_total").await, bed.answered(StatusCode::UNAUTHORIZED));
        assert_eq!(messages, sent, "{}", sender.kind);
        // A form whose bytes are no text can't have been signed as one.
        assert_eq!(
            (bed.counted("ringside_source_refused_total").await, refused <= 2),
            (refused, true),
            "{}",
            sender.kind
        );
        if let Some(meanings) = sender.meanings {
            let unread = bed.answered(StatusCode::BAD_REQUEST);
            let rejected = bed.answered(StatusCode::UNPROCESSABLE_ENTITY);
            assert_eq!(bed.counted(meanings).await + unread + rejected + refused, sent, "{}", sender.kind);
        }
    }
}

#[tokio::test]
async fn what_is_not_signed_well_is_refused_and_counted_and_tells_nothing() {
    for sender in senders() {
        let mut bed = Bed::of(&sender).await;
        let body = sender.samples[0].as_bytes();
        let mut refused =
            vec![Vec::new(), (sender.sign)(body, Signed::ByAStranger), (sender.sign)(b"another body=1", Signed::Well)];
        if sender.time == Time::Signed {
            refused.push((sender.sign)(body, Signed::LongAgo));
        }
        // One header missing at a time; and each spoiled.
        for at in 0..(sender.sign)(body, Signed::Well).len() {
            let mut without = (sender.sign)(body, Signed::Well);
            without.remove(at);
            let mut spoiled = (sender.sign)(body, Signed::Well);
            spoiled[at].1 = format!("{}x", spoiled[at].1);
            refused.extend([without, spoiled]);
        }
        let all = refused.len() as u64;
        for headers in refused {
            let said = format!("{} {headers:?}", sender.kind);
            assert_eq!(bed.send(headers, body).await, StatusCode::UNAUTHORIZED, "{said}");
        }
        let row = bed.edge.source(&format!("{0}/{0}", sender.kind));
        assert_eq!((row.refused, row.accepted, row.rejected, row.state), (all, 0, 0, "starting"), "{}", sender.kind);
        assert!(bed.calls().is_empty(), "{}", sender.kind);
    }
}

/// What is logged while it lives.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn nothing_that_is_shown_or_logged_tells_of_a_person() {
    let log = Log::default();
    let written = log.clone();
    let lines = tracing_subscriber::fmt::layer().with_writer(move || written.clone()).with_ansi(false);
    // All on this thread: the server's tasks are this test's.
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(lines));
    for sender in senders() {
        let mut bed = Bed::of(&sender).await;
        for body in &sender.samples {
            let whole = body.as_bytes();
            // Good, and with a field that can't be read; and cut off.
            let broken = body
                .replace("2026-11-21T00", "x")
                .replace("Timestamp=", "Timestamp=x")
                .replace("EndTime=", "EndTime=x")
                .replace("\"joinedAtMs\":\"", "\"joinedAtMs\":\"x");
            for body in [whole, broken.as_bytes(), &whole[..whole.len() - 3]] {
                bed.send((sender.sign)(body, Signed::Well), body).await;
            }
            bed.send((sender.sign)(whole, Signed::ByAStranger), whole).await;
        }
        let name = format!("{0}/{0}", sender.kind);
        let (page, payloads) = (
            bed.edge.text("/troubleshooting").await,
            bed.edge.text(&format!("/api/v1/sources/payloads?source={name}")).await,
        );
        assert!(page.contains(&name) && payloads.contains("payload"), "{name}: {payloads}");
        for text in [page, payloads, bed.edge.text("/api/v1/sources").await, bed.edge.text("/metrics").await] {
            nobody(&text);
        }
    }
    drop(guard);
    nobody(&String::from_utf8(log.0.lock().unwrap().clone()).unwrap());
}
