//! What webhooks mean, and whose they are. The samples are by an official SDK, bodies and tokens both.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::kit::jwt;
use app::domain::outcome::{Direction, Outcome};
use app::domain::{Call, Country, Matter, Number};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use serde_json::{Value, json};

macro_rules! sample {
    ($name:literal) => {
        (include_str!(concat!("fixtures/", $name, ".json")), include_str!(concat!("fixtures/", $name, ".auth.txt")))
    };
}

/// One call from its room's beginning to its end.
const WHOLE: [(&str, &str); 6] = [
    sample!("01_room_started"),
    sample!("02_participant_joined_agent"),
    sample!("03_participant_joined_sip_dialing"),
    sample!("04_track_published_sip_minimal"),
    sample!("05_participant_left_sip_answered_then_hangup"),
    sample!("06_room_finished"),
];
const ENDS: [(&str, &str); 5] = [
    sample!("10_left_busy_486"),
    sample!("11_left_noanswer_480_or_ring_timeout"),
    sample!("12_left_trunk_503_looks_client_initiated"),
    sample!("13_left_room_deleted_by_us_while_active"),
    sample!("14_participant_connection_aborted"),
];

const KEY: &str = "APIlabKey0001";
const SECRET: &str = "lab-secret-0123456789abcdef0123456789";
/// A while after the samples were signed.
const NOW: Moment = Moment::from_secs(1_795_240_000);

fn webhooks() -> Webhooks {
    let table = format!(
        "keys = {{ {KEY} = \"{SECRET}\", OTHER = \"another\" }}\ntrunks = {{ ST_outA7kQ2mZ = \"alpha\" }}\nmetadata = [\"lead_id\"]"
    );
    let site = Site { country: Country::new("US").ok() };
    Webhooks::new(toml::from_str::<LivekitTable>(&table).unwrap().checked(site).unwrap())
}

fn head(authorization: &str) -> HeaderMap {
    let value = HeaderValue::from_str(authorization).unwrap();
    HeaderMap::from_iter([(HeaderName::from_static(AUTHORIZATION), value)])
}

fn is_signed(authorization: &str, body: &[u8], now: Moment) -> Result<(), Unsigned> {
    webhooks().is_signed(&Message { head: &head(authorization), query: None, body }, now)
}

fn events(webhooks: &Webhooks, body: &str) -> Vec<Event> {
    let contents = webhooks.read(body, None, NOW).unwrap();
    contents.told.into_iter().map(|told| told.event.unwrap()).collect()
}

/// The one call that these tell of, in this order.
fn call_of(webhooks: &Webhooks, bodies: &[&str]) -> Call {
    let mut call = Call::default();
    for event in bodies.iter().flat_map(|body| events(webhooks, body)) {
        call.merge(&Call::told_by(&event).unwrap().1);
    }
    call
}

fn outcome_of(body: &str) -> Option<Outcome> {
    call_of(&webhooks(), &[body]).outcome.value()
}

#[test]
fn what_an_official_sdk_signs_is_taken_and_nothing_else() {
    for (body, token) in WHOLE.iter().chain(&ENDS) {
        assert_eq!(is_signed(token.trim(), body.as_bytes(), NOW), Ok(()));
        assert_eq!(is_signed(&format!("Bearer {}", token.trim()), body.as_bytes(), NOW), Ok(()));
        let changed = body.replace("RM_", "RN_");
        assert_eq!(is_signed(token.trim(), changed.as_bytes(), NOW), Err(Unsigned::Forged));
    }
    let body = WHOLE[0].0.as_bytes();
    assert_eq!(is_signed(WHOLE[1].1.trim(), body, NOW), Err(Unsigned::Forged), "another's token");
    let none = webhooks().is_signed(&Message { head: &HeaderMap::new(), query: None, body }, NOW);
    assert_eq!(none, Err(Unsigned::Missing(AUTHORIZATION)));
    assert!(matches!(is_signed("tulip", body, NOW), Err(Unsigned::Unreadable("Authorization", _))));
}

#[test]
fn a_token_names_its_key_and_holds_for_a_time() {
    let body = b"{}";
    let hash = STANDARD.encode(Sha256::digest(body));
    let at = NOW.secs();
    let good = json!({ "iss": KEY, "exp": at + 300, "nbf": at, "sha256": hash });
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let said = |claims: &Value, secret: &str| is_signed(&jwt::signed(claims, secret.as_bytes()), body, NOW);
    assert_eq!(said(&good, SECRET), Ok(()));
    assert_eq!(said(&with("iss", json!("OTHER")), "another"), Ok(()), "each key has its own secret");
    assert_eq!(said(&with("iss", json!("OTHER")), SECRET), Err(Unsigned::Forged));
    assert_eq!(said(&with("iss", json!("stranger")), SECRET), Err(Unsigned::Forged));
    assert_eq!(said(&with("iss", Value::Null), SECRET), Err(Unsigned::Forged));
    assert_eq!(said(&with("sha256", json!("")), SECRET), Err(Unsigned::Forged));
    assert_eq!(said(&with("sha256", Value::Null), SECRET), Err(Unsigned::Forged));
    assert_eq!(said(&with("exp", json!(at - 60)), SECRET), Ok(()), "clocks differ");
    assert_eq!(said(&with("exp", json!(at - 61)), SECRET), Err(Unsigned::Expired { ago_s: 61 }));
    assert_eq!(said(&with("nbf", json!(at + 60)), SECRET), Ok(()));
    assert_eq!(said(&with("nbf", json!(at + 61)), SECRET), Err(Unsigned::NotYetValid { ahead_s: 61 }));
    assert_eq!(said(&with("exp", json!(1e300)), SECRET), Ok(()));
    assert_eq!(said(&with("nbf", json!(-1e300)), SECRET), Ok(()));
    assert!(matches!(said(&with("exp", Value::Null), SECRET), Err(Unsigned::Unreadable(..))), "it would hold for ever");
}

#[test]
fn a_call_is_told_from_dialling_to_its_end() {
    let webhooks = webhooks();
    let call = call_of(&webhooks, &WHOLE.map(|(body, _)| body));
    assert_eq!(
        (call.started_at, call.ended_at),
        (Some(Moment::from_millis(1_795_219_201_087)), Some(Moment::from_secs(1_795_219_298)))
    );
    assert_eq!((call.direction.value(), call.outcome.value()), (Some(Direction::Outbound), Some(Outcome::Answered)));
    assert_eq!((call.answered_at, call.progress_at, call.bridged_at), (None, None, None), "no webhook tells them");
    assert!(Matter::ALL.iter().all(|matter| call.cannot_tell(*matter)));
    assert_eq!(
        (call.far_end().map(Number::reveal), call.did().map(Number::reveal)),
        (Some("+12025550142"), Some("+12025550100"))
    );
    assert_eq!((call.campaign.get().unwrap().as_str(), call.route.get().unwrap().as_str()), ("SPRING24", "alpha"));
    let metadata = &call.metadata.get().unwrap().0;
    assert_eq!(metadata["lead_id"], "48213");
    assert_eq!(metadata["sip.callIDFull"], "3c1f7e52-9b1d-4c02-8d0a-6b9f5d0e7711@10.20.0.5");
    let (name, _) = Call::told_by(&events(&webhooks, WHOLE[4].0)[0]).unwrap();
    assert_eq!((name.realm.as_str(), name.call_id.as_str()), ("livekit", "SCL_8nVq2LmXw4Tz"));
    let counted = format!("{:?}", webhooks.readings());
    assert!(counted.contains("(\"participant_joined\", 2)") && counted.contains("(\"nothing\", 4)"), "{counted}");
}

#[test]
fn a_lost_beginning_is_told_by_the_end() {
    let whole = call_of(&webhooks(), &WHOLE.map(|(body, _)| body));
    let mut end = call_of(&webhooks(), &[WHOLE[4].0]);
    end.merge(&call_of(&webhooks(), &[WHOLE[2].0]));
    assert_eq!(end, whole);
    let alone = call_of(&webhooks(), &[WHOLE[4].0]);
    assert_eq!(
        (alone.started_at, alone.ended_at, alone.outcome.value()),
        (whole.started_at, whole.ended_at, Some(Outcome::Answered))
    );
}

proptest! {
    /// Doubled, shuffled, some lost: what is left tells the same call, and never a wrong word of it.
    #[test]
    fn order_and_repetition_change_nothing(order in prop::collection::vec(0..WHOLE.len(), 1..24)) {
        let whole = call_of(&webhooks(), &WHOLE.map(|(body, _)| body));
        let bodies: Vec<&str> = order.iter().map(|at| WHOLE[*at].0).collect();
        let call = call_of(&webhooks(), &bodies);
        prop_assert!(whole.knows(&call));
        if order.contains(&4) && order.contains(&2) {
            prop_assert_eq!(call, whole);
        }
    }
}

#[test]
fn how_a_call_ended_is_told_where_that_is_sure() {
    let outcomes = ENDS.map(|(body, _)| outcome_of(body));
    let expected = [Outcome::Busy, Outcome::NoAnswer, Outcome::Failed, Outcome::Answered, Outcome::Failed];
    assert_eq!(outcomes, expected.map(Some));
    let rejected = ENDS[0].0;
    for (status, reason, outcome) in [
        ("dialing", "USER_REJECTED", None),
        ("dialing", "USER_UNAVAILABLE", None),
        ("ringing", "CLIENT_INITIATED", Some(Outcome::Failed)),
        ("ringing", "SIP_TRUNK_FAILURE", Some(Outcome::Failed)),
        ("ringing", "ROOM_DELETED", Some(Outcome::Cancelled)),
        ("dialing", "PARTICIPANT_REMOVED", Some(Outcome::Cancelled)),
        ("ringing", "A_LATER_ONE", None),
        ("automation", "SERVER_SHUTDOWN", Some(Outcome::Answered)),
        ("active", "USER_REJECTED", Some(Outcome::Answered)),
        ("hangup", "CLIENT_INITIATED", Some(Outcome::Answered)),
        ("hangup", "ROOM_DELETED", None),
        ("a_later_one", "CLIENT_INITIATED", None),
    ] {
        let body = rejected.replace("\"ringing\"", &format!("\"{status}\"")).replace("USER_REJECTED", reason);
        assert_eq!(outcome_of(&body), outcome, "{status} {reason}");
    }
}

#[test]
fn who_goes_on_elsewhere_has_not_ended() {
    for reason in ["MIGRATION", "DUPLICATE_IDENTITY"] {
        let webhooks = webhooks();
        let body = ENDS[0].0.replace("USER_REJECTED", reason);
        assert_eq!(events(&webhooks, &body), []);
        webhooks.told_over(ENDS[0].0);
        assert_eq!(webhooks.left_over(NOW + Span::hours(1)), [], "nor with its room");
    }
}

impl Webhooks {
    /// Has the room of a sample end.
    fn told_over(&self, body: &str) {
        let over = body.replace("participant_left", "room_finished");
        assert_eq!(events(self, &over), []);
    }
}

#[test]
fn whose_end_never_comes_ends_with_the_room_a_minute_later() {
    let webhooks = webhooks();
    let begun = [WHOLE[2].0, WHOLE[5].0].map(|body| events(&webhooks, body));
    assert_eq!(begun.map(|events| events.len()), [1, 0]);
    assert_eq!(webhooks.left_over(NOW + Span::secs(59)), []);
    let [end] = webhooks.left_over(NOW + Span::secs(60)).try_into().unwrap();
    let (name, call) = Call::told_by(&end).unwrap();
    assert_eq!(name.call_id.as_str(), "SCL_8nVq2LmXw4Tz");
    assert_eq!(
        (call.ended_at, call.outcome.value()),
        (Some(Moment::from_secs(1_795_219_319 - 20)), None),
        "the room was kept for 20 s more"
    );
    assert_eq!(webhooks.left_over(NOW + Span::hours(1)), []);
}

/// A caller, as LiveKit tells of one: let in by a rule.
fn inbound(body: &str) -> String {
    body.replace("\"sip.callID\"", "\"sip.ruleID\":\"SDR_1\",\"sip.callID\"")
}

#[test]
fn a_caller_was_answered_if_there_was_somebody_to_speak_with() {
    let left = inbound(WHOLE[4].0);
    let alone = left.replace("\"numParticipants\":1", "\"numParticipants\":0");
    let call = call_of(&webhooks(), &[&left]);
    assert_eq!((call.direction.value(), call.outcome.value()), (Some(Direction::Inbound), Some(Outcome::Answered)));
    assert_eq!(
        (call.far_end().map(Number::reveal), call.did().map(Number::reveal)),
        (Some("+12025550142"), Some("+12025550100"))
    );
    assert_eq!(outcome_of(&alone), None, "nobody was seen");
    assert_eq!(
        call_of(&webhooks(), &[WHOLE[1].0, &alone]).outcome.value(),
        Some(Outcome::Answered),
        "an agent had been there"
    );
    assert_eq!(outcome_of(&inbound(ENDS[0].0)), None, "of who is not answered nothing is told");
}

#[test]
fn a_call_that_has_no_name_is_named_by_its_participant_and_keeps_its_name() {
    let (name, _) = Call::told_by(&events(&webhooks(), ENDS[4].0)[0]).unwrap();
    assert_eq!(name.call_id.as_str(), "PA_abt1");
    // A name that comes later is not taken: one call would be two.
    let webhooks = webhooks();
    let early = WHOLE[2].0.replace("\"sip.callID\":\"SCL_8nVq2LmXw4Tz\",", "");
    let names: Vec<String> = [early.as_str(), WHOLE[4].0]
        .iter()
        .flat_map(|body| events(&webhooks, body))
        .map(|event| Call::told_by(&event).unwrap().0.call_id.to_string())
        .collect();
    assert_eq!(names, ["PA_sip7QmV2xkR4", "PA_sip7QmV2xkR4"]);
    let nameless = ENDS[4].0.replace("\"sid\":\"PA_abt1\",", "");
    assert_eq!(events(&webhooks, &nameless), []);
    assert!(format!("{:?}", webhooks.readings()).contains("(\"nameless\", 1)"));
}

#[test]
fn what_is_written_otherwise_or_is_newer_is_read_and_counted() {
    let webhooks = webhooks();
    let snake = WHOLE[4]
        .0
        .replace("createdAt", "created_at")
        .replace("joinedAtMs", "joined_at_ms")
        .replace("disconnectReason", "disconnect_reason");
    let numbers =
        snake.replace("\"1795219298\"", "1795219298").replace("\"SIP\"", "3").replace("\"CLIENT_INITIATED\"", "1");
    assert_eq!(call_of(&webhooks, &[&numbers]), call_of(&webhooks, &[WHOLE[4].0]));
    let newer = r#"{"event":"sip_call_answered","id":"EV_1","createdAt":"1795219298","colour":"red","room":{"sid":"RM_1","shade":1},"participant":{"mood":{}}}"#;
    assert_eq!(events(&webhooks, newer), []);
    let counted = format!("{:?}", webhooks.readings());
    assert!(counted.contains("(\"unknown\", 1)"), "{counted}");
    assert_eq!(webhooks.0.counters.unknown_fields.get(), 3);
}

#[test]
fn what_is_no_webhook_says_where() {
    let webhooks = webhooks();
    assert!(webhooks.read("{", None, NOW).is_err());
    for (body, why) in [
        ("[]", "the body: is no object"),
        (
            r#"{"event":"participant_left","id":"EV_1","participant":{"joinedAtMs":"x"}}"#,
            "participant.joinedAtMs: is no whole number",
        ),
        (
            r#"{"event":"participant_left","participant":{"attributes":["+12025550187"]}}"#,
            "participant.attributes: is no map",
        ),
    ] {
        let contents = webhooks.read(body, None, NOW).unwrap();
        let rejected = contents.told[0].event.as_ref().unwrap_err();
        assert!(rejected.error.to_string().starts_with(why), "{rejected:?}");
        assert!(!contents.shown.contains("5550187"), "{}", contents.shown);
    }
}

#[test]
fn what_somebody_gave_livekit_to_keep_is_not_shown() {
    let told = WHOLE[4]
        .0
        .replace("Lead 48213", "Ada Lovelace")
        .replace("\"campaign_id\":", "\"sip.h.x-name\":\"Ada\",\"campaign_id\":");
    let told = told.replace("\"participant\":{", "\"participant\":{\"metadata\":\"Ada\",\"NAME\":\"Ada\",");
    let shown = webhooks().read(&told, None, NOW).unwrap().shown.into_owned();
    assert!(!shown.contains("Ada") && !shown.contains("SPRING24") && !shown.contains("call-SPRING"), "{shown}");
    assert!(shown.contains("\"sip.callStatus\":\"hangup\"") && shown.contains("CLIENT_INITIATED"), "{shown}");
}
