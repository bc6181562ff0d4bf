//! Every way in which the API says no, in one enum; answered as RFC 9457 problem details.
//!
//! What is said of foreign text is clipped, and what could be a telephone number is dotted out: an error must not carry a
//! person's number back out.

use super::events::answer::Outcome;
use super::stream::StreamError;
use crate::access::clients::Reached;
use crate::access::keys::Scope;
use crate::access::limits::Limit;
use crate::control::AskError;
use crate::figures::FiguresError;
use crate::figures::history::HistoryError;
use crate::ingest::Refusal;
use crate::kit::mask::safe;
use crate::kit::nearest::did_you_mean;
use crate::kit::quiet::Quiet;
use crate::live::Stopped;
use crate::source::webhook::Unsigned;
use crate::store::StoreError;
use app::domain::Data;
use app::domain::parse::ParseError;
use axum::http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// When to come back where nothing better is known.
pub const TRY_AGAIN: Duration = Duration::from_secs(2);

/// Everybody who asks meets a store that fails.
static UNREAD: Quiet = Quiet::new();

/// Why a request was not done.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error("not JSON: {0}")]
    NotJson(String),
    #[error("`{parameter}`: {why}")]
    Query { parameter: &'static str, why: String },
    #[error("{0}")]
    NoMeaning(String),
    #[error("this needs `Authorization: Bearer KEY` with a key of scope `{}`", .0.word())]
    NoKey(Scope),
    #[error("this key is not known here")]
    UnknownKey,
    #[error("{0}")]
    Forbidden(String),
    #[error("{0}")]
    NotFound(String),
    /// It can't be done as things stand.
    #[error("{0}")]
    Conflict(String),
    #[error("{what}; try again in {} s", .after.as_secs().max(1))]
    TooMany { what: &'static str, after: Duration },
    #[error(transparent)]
    Control(#[from] AskError),
    #[error("this address does not take this method")]
    Method,
    #[error(
        "this server does not answer to the name in `Host`: ask for it by its address, or set `hosts` in its configuration"
    )]
    NotOurName,
    #[error("this message is not from whom it should be: {0}")]
    Unsigned(Unsigned),
    #[error("one client may have no more: {0}; try again later")]
    Reached(#[from] Reached),
    #[error(
        "too many names of campaigns, routes, trunks, components or agents that were not heard before: {0} are taken at once (`limits.new_names`), and ten a second; is something told as one of these that is new with each call?"
    )]
    NewNames(u32),
    #[error("the answer would be over {}: ask for less at once", size(*.0))]
    AnswerTooLarge(usize),
    #[error("the body comes more slowly than {0} bytes a second")]
    Trickle(u32),
    #[error("nothing came for {} s", .0.as_secs())]
    Idle(Duration),
    #[error("no answer was ready within {} s", .0.as_secs())]
    Slow(Duration),
    #[error("{what} is over {}", size(*limit))]
    TooLarge { what: &'static str, limit: usize },
    #[error(
        "Content-Type `{0}`: send application/cloudevents+json, application/cloudevents-batch+json or application/x-ndjson"
    )]
    MediaType(String),
    #[error("Content-Encoding `{0}`: send the body as it is")]
    Encoding(String),
    #[error("every event was rejected")]
    AllRejected,
    #[error("the body broke off: {0}")]
    BrokenOff(String),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("{0}")]
    Busy(&'static str),
    #[error(transparent)]
    Stream(#[from] StreamError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Stopped> for ApiError {
    fn from(_: Stopped) -> Self {
        Self::Refused(Refusal::Stopping)
    }
}

impl From<FiguresError> for ApiError {
    fn from(error: FiguresError) -> Self {
        match error {
            FiguresError::NoMeaning(why) => Self::NoMeaning(why),
            FiguresError::NotBefore => Self::Query { parameter: "from", why: error.to_string() },
            FiguresError::Store(error) => Self::Store(error),
            FiguresError::Stopped(stopped) => stopped.into(),
        }
    }
}

impl From<HistoryError> for ApiError {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::NotBegun(_) | HistoryError::NoSuchDay(_) => {
                Self::Query { parameter: "date", why: error.to_string() }
            }
            HistoryError::Days(_) => Self::Query { parameter: "days", why: error.to_string() },
            HistoryError::Store(error) => Self::Store(error),
            HistoryError::Stopped(stopped) => stopped.into(),
        }
    }
}

impl ApiError {
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::NotJson(_)
            | Self::Query { .. }
            | Self::NoMeaning(_)
            | Self::BrokenOff(_)
            | Self::AnswerTooLarge(_) => StatusCode::BAD_REQUEST,
            Self::NotOurName => StatusCode::MISDIRECTED_REQUEST,
            Self::Reached(Reached { limit: Limit::Answers | Limit::Connections | Limit::Viewers, .. }) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Reached(_) | Self::NewNames(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::NoKey(_) | Self::UnknownKey | Self::Unsigned(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) | Self::Control(AskError::NoCampaign(_)) => StatusCode::NOT_FOUND,
            Self::Conflict(_) | Self::Control(AskError::Ended | AskError::NoDialer) => StatusCode::CONFLICT,
            Self::Control(AskError::KeyReused) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany { .. } | Self::Control(AskError::TooMany(_)) => StatusCode::TOO_MANY_REQUESTS,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Idle(_) | Self::Trickle(_) => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType(_) | Self::Encoding(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::AllRejected => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Refused(Refusal::Full { .. }) => StatusCode::TOO_MANY_REQUESTS,
            Self::Refused(
                Refusal::NotDurable { .. } | Refusal::Lost { .. } | Refusal::StandingBy { .. } | Refusal::Stopping,
            )
            | Self::Busy(_)
            | Self::Slow(_)
            | Self::Stream(StreamError::TooManyTopics | StreamError::Stopping | StreamError::NotYet)
            | Self::Control(AskError::NoAudit(_) | AskError::Stopping)
            | Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Stream(StreamError::NoCampaign(_)) => StatusCode::NOT_FOUND,
            Self::Stream(
                StreamError::View(_)
                | StreamError::NotOfView(..)
                | StreamError::Every(_)
                | StreamError::Panel(_)
                | StreamError::Campaign(_)
                | StreamError::OneOrAll
                | StreamError::Days(_),
            ) => StatusCode::BAD_REQUEST,
        }
    }

    /// Whether it says that what was sent can't be read, whoever sends it and whenever.
    #[must_use]
    pub const fn is_of_the_body(&self) -> bool {
        matches!(self, Self::NotJson(_) | Self::MediaType(_) | Self::Encoding(_) | Self::TooLarge { .. })
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(
                Refusal::Full { retry_after }
                | Refusal::NotDurable { retry_after, .. }
                | Refusal::Lost { retry_after, .. }
                | Refusal::StandingBy { retry_after },
            ) => Some(*retry_after),
            Self::TooMany { after, .. } | Self::Control(AskError::TooMany(after)) => Some(*after),
            Self::Refused(Refusal::Stopping)
            | Self::Busy(_)
            | Self::Slow(_)
            | Self::Reached(_)
            | Self::NewNames(_)
            | Self::Stream(StreamError::TooManyTopics | StreamError::Stopping | StreamError::NotYet)
            | Self::Control(AskError::NoAudit(_) | AskError::Stopping)
            | Self::Store(_) => Some(TRY_AGAIN),
            Self::NotJson(_)
            | Self::Query { .. }
            | Self::NoMeaning(_)
            | Self::NoKey(_)
            | Self::UnknownKey
            | Self::Unsigned(_)
            | Self::Forbidden(_)
            | Self::NotFound(_)
            | Self::Conflict(_)
            | Self::Control(AskError::NoCampaign(_) | AskError::Ended | AskError::NoDialer | AskError::KeyReused)
            | Self::Method
            | Self::NotOurName
            | Self::AnswerTooLarge(_)
            | Self::Idle(_)
            | Self::Trickle(_)
            | Self::TooLarge { .. }
            | Self::MediaType(_)
            | Self::Encoding(_)
            | Self::AllRejected
            | Self::BrokenOff(_)
            | Self::Stream(
                StreamError::View(_)
                | StreamError::NotOfView(..)
                | StreamError::Every(_)
                | StreamError::Panel(_)
                | StreamError::Campaign(_)
                | StreamError::OneOrAll
                | StreamError::NoCampaign(_)
                | StreamError::Days(_),
            ) => None,
        }
    }

    /// What the client is told. What the database says of itself stays in the log.
    #[must_use]
    pub fn detail(&self) -> String {
        if matches!(self, Self::Store(_)) {
            return "the store could not be read; try again in a moment".to_owned();
        }
        if let Self::Refused(Refusal::NotDurable { retry_after, why: _ } | Refusal::Lost { retry_after, why: _ }) = self
        {
            return format!("the events could not be made durable; try again in {} s", retry_after.as_secs().max(1));
        }
        safe(&self.to_string())
    }

    /// With what had become of the body's events by then.
    #[must_use]
    pub fn after(self, outcome: Outcome) -> Response {
        self.respond(outcome.members())
    }

    fn respond(&self, members: Map<String, Value>) -> Response {
        let status = self.status();
        if let Self::Store(error) = self
            && let Some(unsaid) = UNREAD.turn()
        {
            tracing::error!(%error, unsaid, "reading the store failed");
        }
        if let Self::Refused(Refusal::NotDurable { why, .. } | Refusal::Lost { why, .. }) = self {
            tracing::debug!(%why, "events could not be made durable");
        }
        if let Self::Control(AskError::NoAudit(error)) = self {
            tracing::error!(%error, "the audit log can't be written");
        }
        let mut response = problem(status, &self.detail(), members);
        let headers = response.headers_mut();
        if let Some(after) = self.retry_after() {
            headers.insert(RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
        }
        match self {
            Self::NoKey(_) => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"ringside\""));
            }
            Self::UnknownKey => {
                let value = HeaderValue::from_static("Bearer realm=\"ringside\", error=\"invalid_token\"");
                headers.insert(WWW_AUTHENTICATE, value);
            }
            Self::Unsigned(_) => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Signature realm=\"ringside\""));
            }
            Self::Forbidden(_) => {
                let value = HeaderValue::from_static("Bearer realm=\"ringside\", error=\"insufficient_scope\"");
                headers.insert(WWW_AUTHENTICATE, value);
            }
            Self::Idle(_) | Self::Trickle(_) => {
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Self::NotJson(_)
            | Self::Query { .. }
            | Self::NoMeaning(_)
            | Self::NotFound(_)
            | Self::Conflict(_)
            | Self::TooMany { .. }
            | Self::Control(_)
            | Self::Method
            | Self::NotOurName
            | Self::Reached(_)
            | Self::NewNames(_)
            | Self::AnswerTooLarge(_)
            | Self::Slow(_)
            | Self::TooLarge { .. }
            | Self::MediaType(_)
            | Self::Encoding(_)
            | Self::AllRejected
            | Self::BrokenOff(_)
            | Self::Refused(_)
            | Self::Busy(_)
            | Self::Stream(_)
            | Self::Store(_) => {}
        }
        response
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.respond(Map::new())
    }
}

/// Problem details, with more members.
pub fn problem(status: StatusCode, detail: &str, members: Map<String, Value>) -> Response {
    let mut problem = Map::new();
    problem.insert("type".to_owned(), json!("about:blank"));
    problem.insert("title".to_owned(), json!(status.canonical_reason().unwrap_or("Error")));
    problem.insert("status".to_owned(), json!(status.as_u16()));
    problem.insert("detail".to_owned(), json!(detail));
    problem.extend(members);
    let kind = [(CONTENT_TYPE, "application/problem+json"), (CACHE_CONTROL, "no-store")];
    (status, kind, Value::Object(problem).to_string()).into_response()
}

/// A limit in units that are read at a glance; all limits are whole ones.
fn size(bytes: usize) -> String {
    if bytes >= 1 << 20 { format!("{} MiB", bytes >> 20) } else { format!("{} KiB", bytes >> 10) }
}

/// A parse error as the sender is told it.
#[must_use]
pub fn told(error: &ParseError) -> String {
    let hint = match error {
        ParseError::UnknownType(name) => did_you_mean(name, Data::TYPES),
        ParseError::NotJson(_) | ParseError::NotAnObject | ParseError::Field(_) | ParseError::SpecVersion(_) => {
            String::new()
        }
    };
    safe(&format!("{error}{hint}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Of each field of each type, what a wrong value is answered with.
    fn wrong_values() -> impl Iterator<Item = (String, String)> {
        const WRONG: [&str; 6] = ["\"x\"", "-1", "1.5", "true", "{}", "null"];
        Data::described().into_iter().flat_map(|(name, fields)| {
            fields.into_iter().flat_map(move |field| {
                WRONG.iter().filter_map(move |wrong| {
                    let event = format!(
                        r#"{{"specversion":"1.0","id":"e","source":"d","type":"{name}","time":"2026-11-21T00:00:00Z","data":{{"{}":{wrong}}}}}"#,
                        field.name
                    );
                    let error = app::domain::parse::event(&event).err()?.error;
                    Some((format!("{name}.{} = {wrong}", field.name), told(&error)))
                })
            })
        })
    }

    #[test]
    fn a_wrong_value_is_answered_in_the_senders_words_and_no_hint_is_eaten() {
        const OURS: [&str; 8] = ["invalid type", "invalid value", "u32", "u64", "i64", "f64", "struct ", "••"];
        let mut any = 0;
        for (what, said) in wrong_values() {
            assert!(OURS.iter().all(|word| !said.contains(word)), "{what}: {said}");
            any += 1;
        }
        assert!(any > 300, "{any}");
    }

    #[test]
    fn an_unknown_type_names_its_neighbour() {
        let said = |name: &str| told(&ParseError::UnknownType(name.to_owned()));
        assert_eq!(said("call.start"), "type: `call.start` is unknown; did you mean `call.started`?");
        assert!(said("zzz").starts_with("type: `zzz` is unknown; known here: call.started, "), "{}", said("zzz"));
    }

    #[test]
    fn what_can_be_tried_again_says_when() {
        let full = ApiError::from(Refusal::Full { retry_after: Duration::from_millis(200) }).into_response();
        assert_eq!(full.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(full.headers()[RETRY_AFTER], "1");
        let stopping = ApiError::from(Refusal::Stopping).into_response();
        assert_eq!(stopping.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(stopping.headers().contains_key(RETRY_AFTER));
    }
}
