//! Plivo's callbacks: `ring_url`, `answer_url` and `hangup_url`, of a call all under one `CallUUID`.
//!
//! Of ringing and answering no moment is told: they are when we hear of them, the first time; the end tells all three.
//!
//! # Source
//! [Call status callbacks](https://www.plivo.com/docs/voice/concepts/callbacks/); signatures of version 3 as `plivo/plivo-node`
//! and `plivo/plivo-python` have them: HMAC-SHA256 over the address, all fields, and a number used once.

use super::account::{Account, Address, Asks, CampaignPlace};
use super::form::Form;
use super::tale::{Ending, Tale, party};
use super::{Ears, Meaning, Post, Provider, UNTOLD, wrong};
use crate::source::webhook::{Message, Unsigned, header};
use app::domain::outcome::{AnsweredBy, Direction, HungUpBy, Outcome};
use app::domain::parse::FieldError;
use app::domain::{CallId, CampaignId, CannotTell, Moment};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::NaiveDateTime;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

const SIGNATURE: &str = "x-plivo-signature-v3";
const NONCE: &str = "x-plivo-signature-v3-nonce";
const SHOWN: [&str; 19] = [
    "CallUUID",
    "RequestUUID",
    "From",
    "To",
    "Direction",
    "CallStatus",
    "Event",
    "HangupCause",
    "HangupCauseCode",
    "HangupCauseName",
    "HangupSource",
    "Duration",
    "BillDuration",
    "StartTime",
    "AnswerTime",
    "EndTime",
    "Machine",
    "ParentCallUUID",
    "SIP-H-To",
];

#[derive(Debug)]
pub struct Plivo;

impl Provider for Plivo {
    const ASKS: Asks = Asks {
        kind: "plivo",
        keys: "the account's auth token",
        url: Address::Signed,
        campaign: CampaignPlace::Somewhere,
    };
    type Body = Form;
    type Key = String;

    fn key(text: &str) -> Result<String, String> {
        Ok(text.to_owned())
    }

    fn is_signed(account: &Account, keys: &[String], message: &Message<'_>, _: Moment) -> Result<(), Unsigned> {
        let (signatures, nonce) = (header(message.head, SIGNATURE)?, header(message.head, NONCE)?);
        let form = Form::read(std::str::from_utf8(message.body).map_err(|_| Unsigned::Forged)?);
        let query = Form::read(message.query.unwrap_or_default());
        let signed = format!("{}.{nonce}", signed(account.url.as_deref().unwrap_or_default(), &query, &form));
        let told: Vec<Vec<u8>> = signatures.split(',').filter_map(|one| STANDARD.decode(one.trim()).ok()).collect();
        let is_right = keys.iter().filter_map(|key| Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()).fold(
            false,
            |found, mac| {
                let own: [u8; 32] = mac.chain_update(&signed).finalize().into_bytes().into();
                told.iter().fold(found, |found, told| found | bool::from(own.ct_eq(told.as_slice())))
            },
        );
        if is_right { Ok(()) } else { Err(Unsigned::Forged) }
    }

    fn body(text: &str) -> Result<Form, String> {
        Ok(Form::read(text))
    }

    fn read(form: &Form, ears: &Ears<'_>) -> Result<Post, FieldError> {
        let must = |name: &str| form.get(name).ok_or_else(|| wrong(name, "missing"));
        let (status, uuid) = (must("CallStatus")?, must("CallUUID")?);
        let call_id = CallId::new(uuid).map_err(|why| wrong("CallUUID", &why.to_string()))?;
        let time = |name: &str| match form.get(name) {
            None => Ok(None),
            Some(text) => moment(text).map(Some).ok_or_else(|| wrong(name, "is no time (like 2026-11-21 00:00:14)")),
        };
        let by = form.get("Machine").and_then(|machine| match machine {
            "true" => Some(AnsweredBy::Machine),
            "false" => Some(AnsweredBy::Human),
            _ => None,
        });
        let direction = match form.get("Direction") {
            Some("inbound") => Some(Direction::Inbound),
            Some("outbound") => Some(Direction::Outbound),
            Some(_) | None => None,
        };
        let query = Form::read(ears.query.unwrap_or_default());
        let campaign = ears.account.campaign.as_deref().and_then(|name| query.get(name).or_else(|| form.get(name)));
        let rang = if status == "ringing" { CannotTell::NOTHING } else { CannotTell::PROGRESS };
        let heard = if by.is_some() { CannotTell::NOTHING } else { CannotTell::ANSWERED_BY };
        let tale = Tale {
            account: ears.account,
            source: ears.source,
            message: format!("{uuid}/{status}"),
            call_id,
            direction,
            from: party(ears.account, form.get("From")),
            to: party(ears.account, form.get("To")),
            campaign: campaign.and_then(|id| CampaignId::new(id).ok()),
            cannot_tell: UNTOLD.and(rang).and(heard),
        };
        if form.get("To").is_some_and(|to| to.starts_with("sip:")) {
            return Ok(Post::NOTHING);
        }
        let (started, answered, ended) = (time("StartTime")?, time("AnswerTime")?, time("EndTime")?);
        let post = |meaning, events| Ok(Post { meaning, events });
        match (status, direction) {
            ("ringing", Some(Direction::Inbound)) => post(Meaning::Started, tale.started(started.unwrap_or(ears.now))),
            ("ringing", _) => post(Meaning::Progressed, tale.progressed(ears.now)),
            ("in-progress", _) => post(Meaning::Answered, tale.answered(answered.unwrap_or(ears.now), by)),
            _ => {
                let Some(outcome) = outcome(status) else { return Ok(Post::UNKNOWN) };
                let hung_up_by = match (form.get("HangupSource"), direction) {
                    (Some("Callee"), Some(Direction::Outbound)) | (Some("Caller"), Some(Direction::Inbound)) => {
                        Some(HungUpBy::Person)
                    }
                    (Some(_) | None, _) => None,
                };
                let ending = Ending { outcome: Some(outcome), hung_up_by, ..Ending::default() };
                let answered = answered.filter(|_| outcome == Outcome::Answered);
                let at = ended.unwrap_or(ears.now);
                let mut events = tale.ended(at, started, answered, ending);
                events.extend(by.into_iter().flat_map(|by| tale.answered_by(at, by)));
                post(Meaning::Ended, events)
            }
        }
    }

    fn shown(form: &Form) -> String {
        form.shown(&SHOWN)
    }
}

fn outcome(status: &str) -> Option<Outcome> {
    match status {
        "completed" => Some(Outcome::Answered),
        "busy" => Some(Outcome::Busy),
        "no-answer" | "timeout" => Some(Outcome::NoAnswer),
        "cancel" | "canceled" | "cancelled" => Some(Outcome::Cancelled),
        "failed" => Some(Outcome::Failed),
        _ => None,
    }
}

/// `2026-11-21 00:00:14`, in UTC, with or without an offset or parts of a second.
fn moment(text: &str) -> Option<Moment> {
    let plain = text.strip_suffix("+00:00").unwrap_or(text);
    let at = NaiveDateTime::parse_from_str(plain, "%Y-%m-%d %H:%M:%S%.f").ok()?;
    Some(Moment::from_micros(at.and_utc().timestamp_micros()))
}

/// What is signed of a post, but for the number used once: the address, its query in order, a full stop where there is one and
/// there are fields, and the fields.
fn signed(url: &str, query: &Form, form: &Form) -> String {
    let ordered = |form: &Form, sign: &str| -> Vec<String> {
        let of = |(name, values): (&String, &Vec<String>)| {
            let mut values = values.clone();
            values.sort();
            values.into_iter().map(|value| format!("{name}{sign}{value}")).collect::<Vec<_>>()
        };
        form.0.iter().flat_map(of).collect()
    };
    let query = ordered(query, "=").join("&");
    let fields = ordered(form, "").concat();
    let mark = if !query.is_empty() || !form.0.is_empty() { "?" } else { "" };
    let stop = if !query.is_empty() && !form.0.is_empty() { "." } else { "" };
    format!("{url}{mark}{query}{stop}{fields}")
}
