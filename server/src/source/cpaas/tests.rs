//! What each provider's posts mean, and whose they are. The samples are signed as the providers sign.
#![allow(clippy::unwrap_used)]

use super::plivo::Plivo;
use super::telnyx::Telnyx;
use super::twilio::Twilio;
use super::vonage::Vonage;
use super::*;
use crate::kit::jwt;
use app::domain::outcome::{AnsweredBy, Direction, HungUpBy, Outcome};
use app::domain::{Call, Country, Matter, Number};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Soon after all samples.
const NOW: Moment = Moment::from_secs(1_795_219_330);
const SECRET: &str = "a-signature-secret-of-vonage-0123";

macro_rules! sample {
    ($name:literal) => {
        include_str!(concat!("fixtures/", $name))
    };
}

fn posts<P: Provider>(table: &str) -> Posts<P> {
    let site = Site { country: Country::new("US").ok() };
    let table: AccountTable = toml::from_str(table).unwrap();
    Posts::new(Cpaas::<P>::checked(table, site).unwrap()).unwrap()
}

fn twilio() -> Posts<Twilio> {
    posts("url = \"https://ops.example.com/hooks/twilio\"\nkeys = [\"older\", \"12345678901234567890123456789012\"]")
}

fn telnyx() -> Posts<Telnyx> {
    posts("keys = [\"DQBdACCjY600dZo8XoloewnBDCPsSpLkzlIb/g1Cmj4=\"]")
}

fn plivo() -> Posts<Plivo> {
    posts("url = \"https://ops.example.com/hooks/plivo\"\nkeys = [\"MAlabAuthToken0123456789\"]")
}

fn vonage() -> Posts<Vonage> {
    posts(&format!("keys = [\"{SECRET}\"]"))
}

fn head(headers: &[(&'static str, &str)]) -> HeaderMap {
    let of = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value.trim()).unwrap())
    };
    headers.iter().map(of).collect()
}

/// What stands behind `name: ` in a sample's notes.
fn noted<'t>(text: &'t str, name: &str) -> &'t str {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap()
}

fn events<P: Provider>(posts: &Posts<P>, query: Option<&str>, body: &str) -> Vec<Event> {
    posts.read(body, query, NOW).unwrap().told.into_iter().map(|told| told.event.unwrap()).collect()
}

fn call_of<P: Provider>(posts: &Posts<P>, bodies: &[&str]) -> Call {
    let mut call = Call::default();
    for event in bodies.iter().flat_map(|body| events(posts, Some("campaign=spring"), body)) {
        call.merge(&Call::told_by(&event).unwrap().1);
    }
    call
}

fn ends(call: &Call) -> (Option<&str>, Option<&str>) {
    (call.far_end().map(Number::reveal), call.did().map(Number::reveal))
}

/// So many seconds after the samples begin.
fn at(seconds: i64) -> Option<Moment> {
    Some(Moment::from_secs(1_795_219_200 + seconds))
}

const TWILIO: [&str; 4] = [
    sample!("twilio_initiated.form.txt"),
    sample!("twilio_ringing.form.txt"),
    sample!("twilio_answered.form.txt"),
    sample!("twilio_completed.form.txt"),
];
const TELNYX: [&str; 4] = [
    sample!("telnyx_call_initiated.json"),
    sample!("telnyx_call_answered.json"),
    sample!("telnyx_call_amd.json"),
    sample!("telnyx_call_hangup_normal.json"),
];
const PLIVO: &str = sample!("plivo_hangup.form.txt");

fn vonage_events() -> Vec<&'static str> {
    sample!("vonage_events.jsonl").lines().collect()
}

#[test]
fn twilio_signs_the_address_and_every_field() {
    let signed = |signature: &str, query, body: &str| {
        let head = head(&[("x-twilio-signature", signature)]);
        twilio().is_signed(&Message { head: &head, query, body: body.as_bytes() }, NOW)
    };
    let notes = [
        sample!("twilio_initiated.sig.txt"),
        sample!("twilio_ringing.sig.txt"),
        sample!("twilio_answered.sig.txt"),
        sample!("twilio_completed.sig.txt"),
    ];
    for (body, notes) in TWILIO.iter().zip(notes) {
        let (signature, body) = (noted(notes, "X-Twilio-Signature"), body.trim_end());
        assert_eq!(signed(signature, Some("tenant=acme"), body), Ok(()));
        assert_eq!(signed(signature, Some("tenant=other"), body), Err(Unsigned::Forged));
        assert_eq!(signed(signature, None, body), Err(Unsigned::Forged));
        assert_eq!(signed(signature, Some("tenant=acme"), &format!("{body}&New=1")), Err(Unsigned::Forged));
    }
    assert!(matches!(signed("no base64", None, ""), Err(Unsigned::Unreadable(..))));
    let none = twilio().is_signed(&Message { head: &HeaderMap::new(), query: None, body: b"" }, NOW);
    assert_eq!(none, Err(Unsigned::Missing("x-twilio-signature")));
}

#[test]
fn a_call_of_twilios_is_told_by_its_states() {
    let call = call_of(&twilio(), &TWILIO.map(str::trim_end));
    assert_eq!((call.started_at, call.progress_at, call.answered_at, call.ended_at), (at(0), at(2), at(14), at(97)));
    assert_eq!((call.outcome.value(), call.by.value()), (Some(Outcome::Answered), Some(AnsweredBy::Human)));
    assert_eq!(
        (ends(&call), call.direction.value()),
        ((Some("+12025550142"), Some("+12025550100")), Some(Direction::Outbound))
    );
    assert_eq!((call.campaign.get().unwrap().as_str(), call.route.get().unwrap().as_str()), ("spring", "twilio"));
    assert!(
        call.cannot_tell(Matter::Agent) && !call.cannot_tell(Matter::Progress) && !call.cannot_tell(Matter::AnsweredBy)
    );
    // Who asks for nothing hears of the end alone.
    let alone = call_of(&twilio(), &[TWILIO[3].trim_end()]);
    assert_eq!((alone.started_at, alone.answered_at, alone.ended_at), (None, at(14), at(97)));
    assert!(alone.cannot_tell(Matter::Progress) && ends(&alone) == ends(&call));
    let busy = call_of(&twilio(), &[sample!("twilio_busy.form.txt").trim_end()]);
    assert_eq!(
        (busy.outcome.value(), busy.sip_code.get().map(|code| *code.get()), busy.answered_at),
        (Some(Outcome::Busy), Some(486), None)
    );
}

#[test]
fn an_agents_browser_is_no_call_and_is_on_the_line_of_one() {
    let body = |status: &str| {
        format!(
            "CallSid=CA2&ParentCallSid=CA1&CallStatus={status}&To=client%3Aada&From=%2B12025550142&Direction=outbound-dial&Timestamp=Sat%2C+21+Nov+2026+00%3A00%3A20+%2B0000"
        )
    };
    let posts = twilio();
    assert_eq!(events(&posts, None, &body("ringing")), []);
    let (name, call) = Call::told_by(&events(&posts, None, &body("in-progress"))[0]).unwrap();
    assert_eq!((name.call_id.as_str(), call.agent.get().unwrap().as_str(), call.bridged_at), ("CA1", "ada", at(20)));
    assert!(!call.cannot_tell(Matter::Agent));
    assert_eq!(events(&posts, None, "CallSid=CA1&CallStatus=paused"), []);
    let counted = format!("{:?}", posts.readings());
    assert!(
        counted.contains("(\"bridged\", 1)")
            && counted.contains("(\"nothing\", 1)")
            && counted.contains("(\"unknown\", 1)"),
        "{counted}"
    );
}

#[test]
fn telnyx_signs_the_time_and_the_body() {
    let signed = |headers: &str, body: &str, now| {
        let (timestamp, signature) = (noted(headers, "telnyx-timestamp"), noted(headers, "telnyx-signature-ed25519"));
        let head = head(&[("telnyx-timestamp", timestamp), ("telnyx-signature-ed25519", signature)]);
        telnyx().is_signed(&Message { head: &head, query: None, body: body.as_bytes() }, now)
    };
    let headers = sample!("telnyx_call_answered.headers.txt");
    let then = Moment::from_secs(1_795_219_214);
    let body = TELNYX[1].trim_end();
    assert_eq!(signed(headers, body, then), Ok(()));
    assert_eq!(signed(headers, &body.replace("14.02", "13.02"), then), Err(Unsigned::Forged));
    let redated = headers.replace("1795219214", "1795219215");
    assert_eq!(signed(&redated, body, then), Err(Unsigned::Forged));
    assert_eq!(signed(headers, body, then + app::domain::Span::secs(301)), Err(Unsigned::Old { ago_s: 301 }));
    assert_eq!(signed(headers, body, then - app::domain::Span::secs(301)), Err(Unsigned::Early { ahead_s: 301 }));
    let table: AccountTable = toml::from_str("keys = [\"tulip\"]").unwrap();
    let error = Cpaas::<Telnyx>::checked(table, Site { country: None }).unwrap_err();
    assert!(
        error.starts_with("`source.telnyx.keys`: each must be a public key") && !error.contains("tulip"),
        "{error}"
    );
}

#[test]
fn a_leg_of_telnyxs_is_told_by_its_webhooks() {
    let call = call_of(&telnyx(), &TELNYX);
    assert_eq!(
        (call.started_at, call.ended_at),
        (Some(Moment::from_millis(1_795_219_200_120)), Some(Moment::from_millis(1_795_219_297_700)))
    );
    assert_eq!((call.answered_at, call.progress_at), (Some(Moment::from_millis(1_795_219_214_020)), None));
    assert_eq!(
        (call.outcome.value(), call.by.value(), call.hung_up_by.value()),
        (Some(Outcome::Answered), Some(AnsweredBy::Human), Some(HungUpBy::Person))
    );
    assert_eq!(
        (ends(&call), call.campaign.get().unwrap().as_str()),
        ((Some("+12025550142"), Some("+12025550100")), "SPRING24")
    );
    assert!(call.cannot_tell(Matter::Progress) && !call.cannot_tell(Matter::AnsweredBy));
    let rejected = call_of(&telnyx(), &[sample!("telnyx_call_hangup_rejected.json")]);
    assert_eq!(
        (rejected.outcome.value(), rejected.sip_code.get().map(|code| *code.get())),
        (None, Some(603)),
        "its code says it"
    );
}

#[test]
fn plivo_signs_the_address_the_fields_and_a_number_used_once() {
    let notes = sample!("plivo_hangup.sig.txt");
    let (signature, nonce) = (noted(notes, "X-Plivo-Signature-V3"), noted(notes, "X-Plivo-Signature-V3-Nonce"));
    let signed = |signature: &str, nonce: &str, query, body: &str| {
        let head = head(&[("x-plivo-signature-v3", signature), ("x-plivo-signature-v3-nonce", nonce)]);
        plivo().is_signed(&Message { head: &head, query, body: body.as_bytes() }, NOW)
    };
    let body = PLIVO.trim_end();
    assert_eq!(signed(signature, nonce, None, body), Ok(()));
    assert_eq!(signed(&format!("AAAA,{signature}"), nonce, None, body), Ok(()), "of several any");
    assert_eq!(signed(signature, "1", None, body), Err(Unsigned::Forged));
    assert_eq!(signed(signature, nonce, Some("a=b"), body), Err(Unsigned::Forged));
    assert_eq!(signed(signature, nonce, None, &body.replace("completed", "busy")), Err(Unsigned::Forged));
}

#[test]
fn a_call_of_plivos_is_told_by_its_end() {
    let call = call_of(&plivo(), &[PLIVO.trim_end()]);
    assert_eq!((call.started_at, call.answered_at, call.ended_at), (at(0), at(14), at(97)));
    assert_eq!((call.outcome.value(), call.hung_up_by.value()), (Some(Outcome::Answered), Some(HungUpBy::Person)));
    assert_eq!(ends(&call), (Some("+12025550142"), Some("+12025550100")), "its numbers have no plus");
    let ring =
        "CallUUID=7d8f3c52-0000-4f6e-9a57-0b3c9d2a1e10&CallStatus=ringing&Event=Ring&Direction=outbound&To=12025550142";
    assert_eq!(call_of(&plivo(), &[ring]).progress_at, Some(NOW), "when it was heard of");
    for (status, outcome) in [
        ("busy", Outcome::Busy),
        ("timeout", Outcome::NoAnswer),
        ("cancel", Outcome::Cancelled),
        ("failed", Outcome::Failed),
    ] {
        let body = format!("CallUUID=a&CallStatus={status}&Direction=outbound&EndTime=2026-11-21+00%3A01%3A37");
        assert_eq!(call_of(&plivo(), &[&body]).outcome.value(), Some(outcome));
    }
}

#[test]
fn vonage_signs_the_hash_of_the_body() {
    let body = vonage_events()[0];
    let hash: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
    let good = json!({ "iss": "Vonage", "iat": NOW.secs(), "jti": "1", "payload_hash": hash });
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let signed = |claims: &Value, key: &str, body: &str| {
        let token = format!("Bearer {}", jwt::signed(claims, key.as_bytes()));
        vonage()
            .is_signed(&Message { head: &head(&[("authorization", &token)]), query: None, body: body.as_bytes() }, NOW)
    };
    assert_eq!(signed(&good, SECRET, body), Ok(()));
    assert_eq!(signed(&good, "another", body), Err(Unsigned::Forged));
    assert_eq!(signed(&good, SECRET, vonage_events()[1]), Err(Unsigned::Forged));
    assert_eq!(
        signed(&with("payload_hash", Value::Null), SECRET, body),
        Err(Unsigned::Forged),
        "nor one without a hash"
    );
    assert_eq!(signed(&with("iat", json!(NOW.secs() - 301)), SECRET, body), Err(Unsigned::Old { ago_s: 301 }));
    assert_eq!(signed(&with("iat", json!(NOW.secs() + 301)), SECRET, body), Err(Unsigned::Early { ahead_s: 301 }));
    assert!(matches!(signed(&with("iat", Value::Null), SECRET, body), Err(Unsigned::Unreadable(..))));
}

#[test]
fn a_leg_of_vonages_is_told_by_its_states() {
    let call = call_of(&vonage(), &vonage_events());
    assert_eq!((call.started_at, call.progress_at), (at(0), Some(Moment::from_millis(1_795_219_202_310))));
    assert_eq!((call.answered_at, call.ended_at, call.outcome.value()), (at(14), at(97), Some(Outcome::Answered)));
    assert_eq!(
        (ends(&call), call.campaign.get()),
        ((Some("+12025550142"), Some("+12025550100")), None),
        "a query may be anybody's"
    );
    assert!(!call.cannot_tell(Matter::Progress));
    for (status, outcome) in [
        ("busy", Some(Outcome::Busy)),
        ("unanswered", Some(Outcome::NoAnswer)),
        ("cancelled", Some(Outcome::Cancelled)),
        ("rejected", None),
    ] {
        let body = vonage_events()[1].replace("ringing", status);
        assert_eq!(call_of(&vonage(), &[&body]).outcome.value(), outcome, "{status}");
    }
}

proptest! {
    /// Doubled and shuffled, some lost: the rest tells nothing wrong of the same call.
    #[test]
    fn order_and_repetition_change_nothing(order in prop::collection::vec(0..4usize, 1..16)) {
        fn same<P: Provider>(posts: &Posts<P>, bodies: &[&str], order: &[usize]) -> Result<(), TestCaseError> {
            let whole = call_of(posts, bodies);
            let some: Vec<&str> = order.iter().map(|at| bodies[*at]).collect();
            let call = call_of(posts, &some);
            // Of what can't be told a list is only ever shortened.
            let told = Call { cannot_tell: app::domain::LastWrite::default(), ..call.clone() };
            prop_assert!(whole.knows(&told));
            if (0..4).all(|at| order.contains(&at)) {
                prop_assert_eq!(call, whole);
            }
            Ok(())
        }
        same(&twilio(), &TWILIO.map(str::trim_end), &order)?;
        same(&telnyx(), &TELNYX, &order)?;
        same(&vonage(), &vonage_events(), &order)?;
    }
}

#[test]
fn what_is_no_post_says_where_and_shows_nobody() {
    let first = |contents: Contents<'_>| contents.told[0].event.as_ref().unwrap_err().error.to_string();
    let form = |body| first(twilio().read(body, None, NOW).unwrap());
    assert_eq!((form(""), form("CallSid=a")), ("CallStatus: missing".to_owned(), "CallStatus: missing".to_owned()));
    assert!(form("CallSid=a&CallStatus=busy&Timestamp=soon").starts_with("Timestamp: is no time"));
    assert_eq!(first(plivo().read("CallStatus=busy", None, NOW).unwrap()), "CallUUID: missing");
    assert!(telnyx().read("{", None, NOW).is_err() && vonage().read("{", None, NOW).is_err());
    assert_eq!(first(telnyx().read("[]", None, NOW).unwrap()), "data.event_type: missing");
    assert_eq!(first(vonage().read("[]", None, NOW).unwrap()), "the body: is no object");
    let named = format!("{}&CallerName=Ada+Lovelace", TWILIO[0].trim_end());
    let shown = twilio().read(&named, None, NOW).unwrap().shown.into_owned();
    assert!(!shown.contains("Ada") && shown.contains("CallerName=…"), "{shown}");
    let kept = TELNYX[0].replace("\"from\"", "\"caller_id_name\":\"Ada\",\"from\"");
    assert!(!telnyx().read(&kept, None, NOW).unwrap().shown.contains("Ada"));
}
