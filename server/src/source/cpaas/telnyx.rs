//! Telnyx's Call Control webhooks: one for each thing that happens on a leg.
//!
//! A leg to a telephone is a call. No webhook tells of ringing; where the answer was told, its moment is, and the end tells a code.
//!
//! # Source
//! [Webhooks](https://developers.telnyx.com/docs/voice/programmable-voice/receiving-webhooks), signatures as
//! `team-telnyx/telnyx-python` and `telnyx-node` have them: Ed25519 over `timestamp|body`.

use super::account::{Account, Address, Asks, CampaignPlace};
use super::tale::{Ending, Tale, party};
use super::{Ears, Meaning, Post, Provider, UNTOLD, wrong};
use crate::source::webhook::{Message, TOLERANCE_S, Unsigned, header};
use app::domain::event::SipCode;
use app::domain::outcome::{AnsweredBy, Direction, HungUpBy, Outcome};
use app::domain::parse::FieldError;
use app::domain::{CallId, CampaignId, CannotTell, Moment};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};

const SIGNATURE: &str = "telnyx-signature-ed25519";
const TIMESTAMP: &str = "telnyx-timestamp";
const KEY_BYTES: usize = 32;
/// Of a payload these are shown as they are; what somebody gave Telnyx to keep (`client_state`, headers) is not.
const SHOWN: [&str; 14] = [
    "call_leg_id",
    "call_session_id",
    "connection_id",
    "from",
    "to",
    "start_time",
    "end_time",
    "direction",
    "state",
    "result",
    "hangup_cause",
    "hangup_source",
    "sip_hangup_cause",
    "occurred_at",
];

#[derive(Debug)]
pub struct Telnyx;

impl Provider for Telnyx {
    const ASKS: Asks = Asks {
        kind: "telnyx",
        keys: "the account's public key",
        url: Address::NotLookedAt,
        campaign: CampaignPlace::Somewhere,
    };
    type Body = Value;
    type Key = [u8; KEY_BYTES];

    fn key(text: &str) -> Result<Self::Key, String> {
        let bytes = STANDARD.decode(text.trim()).unwrap_or_default();
        bytes.try_into().map_err(|_| format!("must be a public key: {KEY_BYTES} bytes in base64"))
    }

    fn is_signed(_: &Account, keys: &[Self::Key], message: &Message<'_>, now: Moment) -> Result<(), Unsigned> {
        let (signature, timestamp) = (header(message.head, SIGNATURE)?, header(message.head, TIMESTAMP)?);
        let signature = STANDARD.decode(signature).map_err(|_| Unsigned::Unreadable(SIGNATURE, "it is no base64"))?;
        let digits = Some(timestamp).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let at: i64 = digits
            .and_then(|text| text.parse().ok())
            .ok_or(Unsigned::Unreadable(TIMESTAMP, "it is whole seconds since 1970"))?;
        let signed = [timestamp.as_bytes(), b"|", message.body].concat();
        let has_signed = |key: &Self::Key| UnparsedPublicKey::new(&ED25519, key).verify(&signed, &signature).is_ok();
        if !keys.iter().any(has_signed) {
            return Err(Unsigned::Forged);
        }
        let ago_s = now.secs().saturating_sub(at);
        if ago_s > TOLERANCE_S {
            Err(Unsigned::Old { ago_s })
        } else if ago_s < -TOLERANCE_S {
            Err(Unsigned::Early { ahead_s: -ago_s })
        } else {
            Ok(())
        }
    }

    fn body(text: &str) -> Result<Value, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    fn read(body: &Value, ears: &Ears<'_>) -> Result<Post, FieldError> {
        let (data, payload) = (&body["data"], &body["data"]["payload"]);
        let event = data["event_type"].as_str().ok_or_else(|| wrong("data.event_type", "missing"))?;
        let Some(event) = event.strip_prefix("call.") else { return Ok(Post::UNKNOWN) };
        let text = |name: &str| payload[name].as_str().filter(|text| !text.is_empty());
        let at = data["occurred_at"].as_str().ok_or_else(|| wrong("data.occurred_at", "missing"))?;
        let at = Moment::parse(at).map_err(|why| wrong("data.occurred_at", &why.to_string()))?;
        let leg = text("call_leg_id").ok_or_else(|| wrong("data.payload.call_leg_id", "missing"))?;
        let call_id = CallId::new(leg).map_err(|why| wrong("data.payload.call_leg_id", &why.to_string()))?;
        let direction = match text("direction") {
            Some("outgoing") => Some(Direction::Outbound),
            Some("incoming") => Some(Direction::Inbound),
            Some(_) | None => None,
        };
        let started = text("start_time")
            .map(|text| Moment::parse(text).map_err(|why| wrong("data.payload.start_time", &why.to_string())));
        let mut tale = Tale {
            account: ears.account,
            source: ears.source,
            message: data["id"].as_str().unwrap_or(leg).to_owned(),
            call_id,
            direction,
            from: party(ears.account, text("from")),
            to: party(ears.account, text("to")),
            campaign: ears.account.campaign.as_deref().and_then(|name| campaign(text("client_state")?, name)),
            cannot_tell: UNTOLD.and(CannotTell::PROGRESS).and(CannotTell::ANSWERED_BY),
        };
        if text("to").is_some_and(|to| to.starts_with("sip:")) && direction != Some(Direction::Inbound) {
            return Ok(Post::NOTHING);
        }
        let started = started.transpose()?;
        let post = |meaning, events| Ok(Post { meaning, events });
        match event {
            "initiated" => post(Meaning::Started, tale.started(started.unwrap_or(at))),
            "answered" => post(Meaning::Answered, tale.answered(at, None)),
            "machine.detection.ended" | "machine.premium.detection.ended" => {
                let Some(by) = text("result").and_then(answered_by) else { return Ok(Post::NOTHING) };
                tale.cannot_tell = UNTOLD.and(CannotTell::PROGRESS);
                post(Meaning::AnsweredBy, tale.answered_by(at, by))
            }
            "hangup" => {
                let ending = ending(text("hangup_cause"), text("hangup_source"), text("sip_hangup_cause"));
                post(Meaning::Ended, tale.ended(at, started, None, ending))
            }
            _ => post(if is_known(event) { Meaning::Nothing } else { Meaning::Unknown }, Vec::new()),
        }
    }

    fn shown(body: &Value) -> String {
        let data = &body["data"];
        let payload: serde_json::Map<String, Value> = SHOWN
            .iter()
            .filter_map(|name| {
                Some(((*name).to_owned(), data["payload"].get(*name).filter(|value| !value.is_object())?.clone()))
            })
            .collect();
        json!({ "event_type": data["event_type"].as_str(), "id": data["id"].as_str(), "occurred_at": data["occurred_at"].as_str(), "payload": payload })
            .to_string()
    }
}

/// What else is told of a call, and is none of its moments.
fn is_known(event: &str) -> bool {
    let whole = [
        "bridged",
        "cost",
        "enqueued",
        "dequeued",
        "refer.started",
        "refer.completed",
        "refer.failed",
        "dtmf.received",
    ];
    let families = [
        "machine.",
        "recording.",
        "playback.",
        "speak.",
        "gather.",
        "fork.",
        "streaming.",
        "siprec.",
        "transcription",
        "conversation",
    ];
    whole.contains(&event) || families.iter().any(|family| event.starts_with(family))
}

fn answered_by(result: &str) -> Option<AnsweredBy> {
    match result {
        "human" | "human_residence" | "human_business" => Some(AnsweredBy::Human),
        "machine" | "fax_detected" => Some(AnsweredBy::Machine),
        "not_sure" | "silence" => Some(AnsweredBy::Unknown),
        _ => None,
    }
}

/// Of the outcome what its word is sure of: that a call was cleared or rejected says its code.
fn ending(cause: Option<&str>, source: Option<&str>, code: Option<&str>) -> Ending {
    let code = code.and_then(|code| code.parse().ok()).and_then(|code| SipCode::new(code).ok());
    let is_answered = code.as_ref().is_some_and(|code| *code.get() == 200);
    let outcome = match cause {
        Some("user_busy") => Some(Outcome::Busy),
        Some("no_answer" | "timeout") => Some(Outcome::NoAnswer),
        Some("originator_cancel") => Some(Outcome::Cancelled),
        Some("not_found" | "unspecified") if !is_answered => Some(Outcome::Failed),
        Some("time_limit") => Some(Outcome::Answered),
        Some(_) | None => is_answered.then_some(Outcome::Answered),
    };
    // Which side called is not told here; of a call to a person the callee is the person.
    let hung_up_by = (source == Some("callee") && is_answered).then_some(HungUpBy::Person);
    Ending { outcome, sip_code: code, hung_up_by, ..Ending::default() }
}

/// What `client_state` holds under a name, where it is JSON as most write it.
fn campaign(state: &str, name: &str) -> Option<CampaignId> {
    let value: Value = serde_json::from_slice(&STANDARD.decode(state).ok()?).ok()?;
    value[name].as_str().and_then(|id| CampaignId::new(id).ok())
}
