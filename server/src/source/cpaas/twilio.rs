//! Twilio's status callbacks: one for each of the states that somebody asked to hear of, of a call all under one `CallSid`.
//!
//! Which states were asked for nobody says, and who asked for none hears of the end alone: so ringing that was not told of is
//! nothing that can be known, and where only the end is told it says how long before it the answer was.
//!
//! # Source
//! [Call status callbacks](https://www.twilio.com/docs/voice/api/call-resource#statuscallback),
//! [signatures](https://www.twilio.com/docs/usage/security#validating-requests): HMAC-SHA1 (of a shared key HMAC-SHA256) over the
//! address and all fields.

use super::account::{Account, Address, Asks, CampaignPlace};
use super::form::Form;
use super::tale::{Ending, Tale, party};
use super::{Ears, Meaning, Post, Provider, UNTOLD, wrong};
use crate::source::webhook::{Message, Unsigned, header};
use app::domain::event::SipCode;
use app::domain::outcome::{AnsweredBy, Direction, Outcome};
use app::domain::parse::FieldError;
use app::domain::{AgentId, CallId, CampaignId, CannotTell, Moment, Span};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;
use std::collections::BTreeSet;

const SIGNATURE: &str = "x-twilio-signature";
/// Tells by which algorithm, where it is not the oldest.
const SETTINGS: &str = "x-twilio-webhooks-signature-settings";
/// Fields that are shown as they are.
const SHOWN: [&str; 14] = [
    "CallSid",
    "ParentCallSid",
    "From",
    "To",
    "Direction",
    "CallStatus",
    "Timestamp",
    "SequenceNumber",
    "CallbackSource",
    "CallDuration",
    "SipResponseCode",
    "AnsweredBy",
    "MachineDetectionDuration",
    "ApiVersion",
];

#[derive(Debug)]
pub struct Twilio;

impl Provider for Twilio {
    const ASKS: Asks = Asks {
        kind: "twilio",
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
        let signature = header(message.head, SIGNATURE)?;
        let told = STANDARD.decode(signature).map_err(|_| Unsigned::Unreadable(SIGNATURE, "it is no base64"))?;
        let algorithm = match message.head.get(SETTINGS) {
            None => Algorithm::Sha1,
            Some(_) => Algorithm::named(header(message.head, SETTINGS)?)?,
        };
        let form = Form::read(std::str::from_utf8(message.body).map_err(|_| Unsigned::Forged)?);
        let fields = fields(&form);
        let signed = addresses(account, message.query)
            .into_iter()
            .map(|address| format!("{address}{fields}"))
            .collect::<Vec<_>>();
        let pairs = keys.iter().flat_map(|key| signed.iter().map(move |signed| (key, signed)));
        // All are compared.
        let is_right = pairs.fold(false, |found, (key, signed)| found | algorithm.has_signed(key, signed, &told));
        if is_right { Ok(()) } else { Err(Unsigned::Forged) }
    }

    fn body(text: &str) -> Result<Form, String> {
        Ok(Form::read(text))
    }

    fn read(form: &Form, ears: &Ears<'_>) -> Result<Post, FieldError> {
        let must = |name: &str| form.get(name).ok_or_else(|| wrong(name, "missing"));
        let (status, sid) = (must("CallStatus")?, must("CallSid")?);
        let call_id = CallId::new(sid).map_err(|why| wrong("CallSid", &why.to_string()))?;
        let at = match form.get("Timestamp") {
            None => ears.now,
            Some(text) => {
                moment(text).ok_or_else(|| wrong("Timestamp", "is no time (like Sat, 21 Nov 2026 00:00:14 +0000)"))?
            }
        };
        let by = form.get("AnsweredBy").and_then(answered_by);
        let rang = if status == "ringing" { CannotTell::NOTHING } else { CannotTell::PROGRESS };
        let heard = if by.is_some() { CannotTell::NOTHING } else { CannotTell::ANSWERED_BY };
        let query = Form::read(ears.query.unwrap_or_default());
        let campaign = ears.account.campaign.as_deref().and_then(|name| query.get(name).or_else(|| form.get(name)));
        let mut tale = Tale {
            account: ears.account,
            source: ears.source,
            message: format!("{sid}/{status}/{}", form.get("SequenceNumber").unwrap_or_default()),
            direction: direction(form.get("Direction")),
            from: party(ears.account, form.get("From")),
            to: party(ears.account, form.get("To")),
            campaign: campaign.and_then(|id| CampaignId::new(id).ok()),
            cannot_tell: UNTOLD.and(rang).and(heard),
            call_id,
        };
        if let Some(agent) = form.get("To").and_then(|to| to.strip_prefix("client:")) {
            return Ok(agents_line(&mut tale, (form.get("ParentCallSid"), status), agent, at));
        }
        if form.get("To").is_some_and(|to| to.starts_with("sip:")) {
            // A telephone of the house, or a carrier's: nobody can tell.
            return Ok(Post::NOTHING);
        }
        let post = |meaning, events| Ok(Post { meaning, events });
        match (status, tale.direction) {
            ("queued", _) => Ok(Post::NOTHING),
            ("initiated", _) | ("ringing", Some(Direction::Inbound)) => post(Meaning::Started, tale.started(at)),
            ("ringing", _) => post(Meaning::Progressed, tale.progressed(at)),
            ("in-progress" | "answered", _) => post(Meaning::Answered, tale.answered(at, by)),
            _ => {
                let Some(outcome) = outcome(status) else { return Ok(Post::UNKNOWN) };
                let spoken = form
                    .get("CallDuration")
                    .and_then(|text| text.parse().ok())
                    .filter(|secs| (1..86_400).contains(secs));
                let answered = spoken.filter(|_| outcome == Outcome::Answered).map(|secs: i64| at - Span::secs(secs));
                let sip_code = form
                    .get("SipResponseCode")
                    .and_then(|code| code.parse().ok())
                    .and_then(|code| SipCode::new(code).ok());
                let ending = Ending { outcome: Some(outcome), sip_code, ..Ending::default() };
                let mut events = tale.ended(at, None, answered, ending);
                events.extend(by.into_iter().flat_map(|by| tale.answered_by(at, by)));
                post(Meaning::Ended, events)
            }
        }
    }

    fn shown(form: &Form) -> String {
        form.shown(&SHOWN)
    }
}

/// A browser or app that Twilio rings for a call: the agent. Of its own line nothing is told; once it is answered, the agent is
/// on the line of the call that it was rung for.
fn agents_line(tale: &mut Tale<'_>, (parent, status): (Option<&str>, &str), agent: &str, at: Moment) -> Post {
    let of = parent.and_then(|parent| CallId::new(parent).ok()).zip(AgentId::new(agent).ok());
    let (Some((call_id, agent)), "in-progress" | "answered") = (of, status) else { return Post::NOTHING };
    tale.call_id = call_id;
    tale.cannot_tell = CannotTell::QUEUE.and(CannotTell::PROGRESS).and(CannotTell::ANSWERED_BY);
    Post { meaning: Meaning::Bridged, events: tale.bridged(at, agent) }
}

fn direction(word: Option<&str>) -> Option<Direction> {
    match word? {
        "inbound" => Some(Direction::Inbound),
        outbound if outbound.starts_with("outbound") => Some(Direction::Outbound),
        _ => None,
    }
}

fn answered_by(word: &str) -> Option<AnsweredBy> {
    match word {
        "human" => Some(AnsweredBy::Human),
        "fax" => Some(AnsweredBy::Machine),
        machine if machine.starts_with("machine_") => Some(AnsweredBy::Machine),
        "unknown" => Some(AnsweredBy::Unknown),
        _ => None,
    }
}

fn outcome(status: &str) -> Option<Outcome> {
    match status {
        "completed" => Some(Outcome::Answered),
        "busy" => Some(Outcome::Busy),
        "no-answer" => Some(Outcome::NoAnswer),
        "canceled" | "cancelled" => Some(Outcome::Cancelled),
        "failed" => Some(Outcome::Failed),
        _ => None,
    }
}

/// `Sat, 21 Nov 2026 00:00:14 +0000`.
fn moment(text: &str) -> Option<Moment> {
    DateTime::parse_from_rfc2822(text).ok().map(|at| Moment::from_micros(at.timestamp_micros()))
}

/// By what a post is signed.
#[derive(Debug, Clone, Copy)]
enum Algorithm {
    Sha1,
    Sha256,
}

impl Algorithm {
    /// Of `key=…,algorithm=HMAC_SHA256`.
    fn named(settings: &str) -> Result<Self, Unsigned> {
        let named =
            settings.split(',').filter_map(|part| part.split_once('=')).find(|(name, _)| name.trim() == "algorithm");
        match named.map(|(_, value)| value.trim().to_ascii_uppercase()).as_deref() {
            None | Some("" | "HMAC_SHA1") => Ok(Self::Sha1),
            Some("HMAC_SHA256") => Ok(Self::Sha256),
            Some(_) => Err(Unsigned::Unreadable(SETTINGS, "its algorithm is neither HMAC_SHA1 nor HMAC_SHA256")),
        }
    }

    fn has_signed(self, key: &str, signed: &str, signature: &[u8]) -> bool {
        let key = key.as_bytes();
        match self {
            Self::Sha1 => Hmac::<Sha1>::new_from_slice(key)
                .is_ok_and(|mac| mac.chain_update(signed).verify_slice(signature).is_ok()),
            Self::Sha256 => Hmac::<Sha256>::new_from_slice(key)
                .is_ok_and(|mac| mac.chain_update(signed).verify_slice(signature).is_ok()),
        }
    }
}

/// All fields by their names, each name before each of its values; a value that is there twice counts once.
fn fields(form: &Form) -> String {
    let of = |(name, values): (&String, &Vec<String>)| {
        values.iter().collect::<BTreeSet<_>>().into_iter().map(|value| format!("{name}{value}")).collect::<String>()
    };
    form.0.iter().map(of).collect()
}

/// The address that was asked for, with the port that its scheme means and without: it is signed one way or the other.
fn addresses(account: &Account, query: Option<&str>) -> Vec<String> {
    let url = account.url.as_deref().unwrap_or_default();
    let query = query.map_or_else(String::new, |query| format!("?{query}"));
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let usual = if scheme.eq_ignore_ascii_case("https") { "443" } else { "80" };
    let plain = host.strip_suffix(usual).and_then(|host| host.strip_suffix(':')).unwrap_or(host);
    let has_port = plain.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let mut all = vec![format!("{scheme}://{plain}{path}{query}")];
    if !has_port {
        all.push(format!("{scheme}://{plain}:{usual}{path}{query}"));
    }
    all
}
