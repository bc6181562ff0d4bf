//! Vonage's event webhooks: one for each of a leg's states.
//!
//! A leg to a telephone is a call. Nothing in what is signed can hold a campaign: a query can be put there by anybody.
//!
//! # Source
//! [Event webhooks](https://developer.vonage.com/en/voice/voice-api/webhook-reference#event-webhook),
//! [signed webhooks](https://developer.vonage.com/en/getting-started/concepts/webhooks#decoding-signed-webhooks): a token (JWT,
//! HS256) with the SHA-256 of the body.

use super::account::{Account, Address, Asks, CampaignPlace};
use super::tale::{Ending, Tale, party};
use super::{Ears, Meaning, Post, Provider, UNTOLD, wrong};
use crate::kit::jwt::{NumericDate, Token};
use crate::source::webhook::{Message, TOLERANCE_S, Unsigned, header};
use app::domain::event::SipCode;
use app::domain::outcome::{AnsweredBy, Direction, Outcome};
use app::domain::parse::FieldError;
use app::domain::{CallId, CannotTell, Moment};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

const AUTHORIZATION: &str = "authorization";
const SHOWN: [&str; 14] = [
    "uuid",
    "conversation_uuid",
    "status",
    "sub_state",
    "direction",
    "from",
    "to",
    "timestamp",
    "start_time",
    "end_time",
    "duration",
    "sip_code",
    "network",
    "machine_detection",
];

#[derive(Debug)]
pub struct Vonage;

#[derive(Debug, Deserialize)]
struct Claims {
    iat: Option<NumericDate>,
    payload_hash: Option<String>,
}

impl Provider for Vonage {
    const ASKS: Asks = Asks {
        kind: "vonage",
        keys: "the account's signature secret",
        url: Address::NotLookedAt,
        campaign: CampaignPlace::Nowhere,
    };
    type Body = Value;
    type Key = String;

    fn key(text: &str) -> Result<String, String> {
        Ok(text.to_owned())
    }

    fn is_signed(_: &Account, keys: &[String], message: &Message<'_>, now: Moment) -> Result<(), Unsigned> {
        let unreadable = |why| Unsigned::Unreadable("Authorization", why);
        let told = header(message.head, AUTHORIZATION)?;
        let token = Token::<Claims>::read(told.strip_prefix("Bearer ").unwrap_or(told).trim()).map_err(unreadable)?;
        let hash: String = Sha256::digest(message.body).iter().map(|byte| format!("{byte:02x}")).collect();
        let told = token.claims.payload_hash.as_deref().unwrap_or_default().to_ascii_lowercase();
        let is_of_this = bool::from(hash.as_bytes().ct_eq(told.as_bytes()));
        let has_signed = keys.iter().fold(false, |found, key| found | token.is_signed_with(key.as_bytes()));
        if !(has_signed & is_of_this) {
            return Err(Unsigned::Forged);
        }
        let at = token.claims.iat.ok_or_else(|| unreadable("its token does not say when it was made (`iat`)"))?;
        let ago_s = now.secs().saturating_sub(at.secs());
        if ago_s > TOLERANCE_S {
            Err(Unsigned::Old { ago_s })
        } else if ago_s < -TOLERANCE_S {
            Err(Unsigned::Early { ahead_s: ago_s.saturating_neg() })
        } else {
            Ok(())
        }
    }

    fn body(text: &str) -> Result<Value, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    fn read(body: &Value, ears: &Ears<'_>) -> Result<Post, FieldError> {
        let text = |name: &str| body[name].as_str().filter(|text| !text.is_empty());
        let (Some(uuid), Some(status)) = (text("uuid"), text("status")) else {
            // Of recordings, input and errors of the application: of no leg.
            return if body.is_object() { Ok(Post::NOTHING) } else { Err(wrong("the body", "is no object")) };
        };
        let call_id = CallId::new(uuid).map_err(|why| wrong("uuid", &why.to_string()))?;
        let time = |name: &str| text(name).map(|at| moment(at).ok_or_else(|| wrong(name, "is no time"))).transpose();
        let at = time("timestamp")?.unwrap_or(ears.now);
        let direction = match text("direction") {
            Some("outbound") => Some(Direction::Outbound),
            Some("inbound") => Some(Direction::Inbound),
            Some(_) | None => None,
        };
        let mut tale = Tale {
            account: ears.account,
            source: ears.source,
            message: format!("{uuid}/{status}/{}", at.micros()),
            call_id,
            direction,
            from: party(ears.account, text("from")),
            to: party(ears.account, text("to")),
            campaign: None,
            cannot_tell: UNTOLD.and(CannotTell::ANSWERED_BY),
        };
        let post = |meaning, events| Ok(Post { meaning, events });
        // Who ends without having been told to ring may not have been told of.
        let unheard = UNTOLD.and(CannotTell::ANSWERED_BY).and(CannotTell::PROGRESS);
        match status {
            "started" => {
                tale.cannot_tell = unheard;
                post(Meaning::Started, tale.started(at))
            }
            "ringing" => post(Meaning::Progressed, tale.progressed(at)),
            "answered" => {
                tale.cannot_tell = unheard;
                post(Meaning::Answered, tale.answered(at, None))
            }
            "human" | "machine" => {
                tale.cannot_tell = UNTOLD.and(CannotTell::PROGRESS);
                let by = if status == "human" { AnsweredBy::Human } else { AnsweredBy::Machine };
                post(Meaning::AnsweredBy, tale.answered_by(at, by))
            }
            "record" | "input" | "transfer" | "disconnected" => Ok(Post::NOTHING),
            _ => {
                let Some(ending) = ending(status) else { return Ok(Post::UNKNOWN) };
                tale.cannot_tell = unheard;
                let sip_code = body["sip_code"].as_u64().or_else(|| text("sip_code")?.parse().ok());
                let sip_code =
                    sip_code.and_then(|code| u16::try_from(code).ok()).and_then(|code| SipCode::new(code).ok());
                // When somebody answered: of a call that nobody did there is none.
                let answered = time("start_time")?.filter(|_| ending.outcome == Some(Outcome::Answered));
                let ending = Ending { sip_code, ..ending };
                post(Meaning::Ended, tale.ended(time("end_time")?.unwrap_or(at), None, answered, ending))
            }
        }
    }

    fn shown(body: &Value) -> String {
        let Some(fields) = body.as_object() else { return "…".to_owned() };
        let is_shown = |(name, value): &(&String, &Value)| SHOWN.contains(&name.as_str()) && !value.is_object();
        let shown: Map<String, Value> =
            fields.iter().filter(is_shown).map(|(name, value)| (name.clone(), value.clone())).collect();
        Value::Object(shown).to_string()
    }
}

/// What a last state says; of one that was rejected only its code does.
fn ending(status: &str) -> Option<Ending> {
    let outcome = match status {
        "completed" => Some(Outcome::Answered),
        "busy" => Some(Outcome::Busy),
        "unanswered" | "timeout" => Some(Outcome::NoAnswer),
        "cancelled" => Some(Outcome::Cancelled),
        "failed" => Some(Outcome::Failed),
        "rejected" => None,
        _ => return None,
    };
    Some(Ending { outcome, ..Ending::default() })
}

/// `2026-11-21T00:00:14.000Z`; of a few fields without the zone, which is UTC.
fn moment(text: &str) -> Option<Moment> {
    let utc = || Moment::parse(&format!("{}Z", text.replace(' ', "T"))).ok();
    Moment::parse(text).ok().or_else(utc)
}
