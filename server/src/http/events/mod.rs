//! `POST /api/v1/events`: the public way in (contract.md, section 1).
//!
//! Reads one event, an array, or lines without end; parses in the request's own task; hands chunks to the one writer and
//! answers once all that was accepted is durable. It judges no event: `parse` reads, `ingest` decides.

pub mod answer;
pub mod intake;
pub mod lines;
#[cfg(test)]
mod tests;

pub(super) mod pace;

use super::Api;
use super::access::Refused;
use super::error::ApiError;
use crate::access::clients::{Held, Kind};
use crate::access::keys::Scope;
use crate::access::limits::Limit;
use crate::access::policy::Denied;
use crate::access::principal::{Asker, Principal};
use crate::access::proxies::Client;
use crate::audit::entry::{Changed, Draft};
use crate::ingest::Untaken;
use crate::store::read::Reader;
use answer::{Outcome, Verdict};
use axum::body::BodyDataStream;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT};
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::StreamExt;
use intake::{Intake, Stopped};
use lines::Lines;
use pace::Pace;
use serde_json::Value;
use serde_json::value::RawValue;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

/// A line, or a body that is not a stream, has at most this many bytes (contract.md).
pub const MAX_BYTES: usize = 8 << 20;
/// A body of which nothing comes for this long is given up.
pub const IDLE: Duration = Duration::from_secs(60);
/// Bodies read at once: bounds memory to this many lines and chunks. Beyond it the answer is 503.
pub const MAX_BODIES: usize = 256;
/// After an early "no", this much of the rest is read and thrown away, so that the client gets to read the answer:
/// closing a connection with unread data in it can destroy the answer on its way.
const DRAIN_BYTES: usize = 16 << 20;
const DRAIN_TIME: Duration = Duration::from_secs(3);

/// How a body is made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    One,
    Batch,
    Lines,
}

impl Format {
    fn of(headers: &HeaderMap) -> Result<Self, ApiError> {
        as_it_is(headers)?;
        let whole = text_of(headers, CONTENT_TYPE).unwrap_or_default();
        let essence = whole.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/cloudevents+json" => Ok(Self::One),
            "application/cloudevents-batch+json" => Ok(Self::Batch),
            "application/x-ndjson" => Ok(Self::Lines),
            _ => Err(ApiError::MediaType(whole)),
        }
    }
}

fn text_of(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?").to_owned())
}

/// Whether a body comes as it is, not packed.
pub(super) fn as_it_is(headers: &HeaderMap) -> Result<(), ApiError> {
    match text_of(headers, CONTENT_ENCODING).filter(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
        Some(encoding) => Err(ApiError::Encoding(encoding)),
        None => Ok(()),
    }
}

/// A body's place: among those that are being read, then among those that wait for their answer.
pub(super) struct BodyPlace {
    /// Among the bodies of all.
    slot: Option<OwnedSemaphorePermit>,
    /// Among those of its client.
    held: Held,
}

impl BodyPlace {
    /// # Errors
    /// If there is none, of all or of this client's.
    pub(super) fn take<R>(api: &Api<R>, client: Client) -> Result<Self, ApiError> {
        let slot = api.bodies.clone().try_acquire_owned().map_err(|_| {
            api.metrics.body_refused();
            ApiError::Busy("too many bodies are being read; try again in a moment")
        })?;
        let held = api.access.clients.take(client, Kind::Body)?;
        Ok(Self { slot: Some(slot), held })
    }

    pub(super) fn is_read(&mut self, bytes: usize) {
        if self.held.is_read(bytes) {
            self.slot = None;
        }
    }
}

pub async fn post<R: Reader>(State(api): State<Api<R>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let mut body = body.into_data_stream();
    let client = head.extensions.get().copied().unwrap_or(Client::NONE);
    let admitted = BodyPlace::take(&api, client)
        .and_then(|held| Ok((held, sender(&head.extensions)?.asker(client))))
        .and_then(|(held, asker)| Format::of(&head.headers).map(|format| (held, asker, format)));
    let (error, outcome) = match admitted {
        Err(error) => {
            match head.extensions.get() {
                Some(refused) => note_refused(&api, refused),
                None => note_body(&api, &error, &Outcome::default()),
            }
            (error, Outcome::default())
        }
        Ok((mut place, asker, format)) => {
            match read(&api, format, (&asker, client, &mut place), &head.headers, &mut body).await {
                (None, outcome) => return accepted(&api, asker, outcome).await,
                (Some(error), outcome) => {
                    note_rejected(&api, &outcome);
                    note_body(&api, &error, &outcome);
                    (error, outcome)
                }
            }
        }
    };
    not_accepted(&api, &head.headers, &mut body, (error, outcome)).await
}

/// The answer to a body of which something was taken, or that had nothing to take.
pub(super) async fn accepted<R: Reader>(api: &Api<R>, asker: Asker, outcome: Outcome) -> Response {
    if outcome.accepted > 0 && !outcome.costs().is_empty() {
        note_costs(api, asker, outcome.costs()).await;
    }
    note_rejected(api, &outcome);
    taken(outcome)
}

/// The answer to a body that was not read to its end, or of which nothing was taken.
pub(super) async fn not_accepted<R: Reader>(
    api: &Api<R>,
    headers: &HeaderMap,
    body: &mut BodyDataStream,
    (error, outcome): (ApiError, Outcome),
) -> Response {
    if !headers.contains_key(EXPECT) {
        drain(body).await;
    }
    // Why each was rejected has been noted.
    if !matches!(error, ApiError::AllRejected) {
        api.ingest.first().refused(api.clock.now(), &error.detail());
    }
    error.after(outcome)
}

/// Who sends, as the door found; strictest where there is none.
pub(super) fn sender(extensions: &Extensions) -> Result<&Principal, ApiError> {
    match (extensions.get::<Principal>(), extensions.get::<Refused>()) {
        (_, Some(refused)) => Err(ApiError::from(refused.clone())),
        (Some(principal), None) => Ok(principal),
        (None, None) => Err(ApiError::NoKey(Scope::Ingest)),
    }
}

/// Writes into the audit log who told what a month costs. It is durable by then, and stays so.
pub(super) async fn note_costs<R: Reader>(api: &Api<R>, asker: Asker, costs: &[String]) {
    let why = costs.join(", ").into();
    let entry = Draft::changed(api.clock.now(), Changed::Cost, asker.who, asker.from, why);
    if let Err(error) = api.control.audit().append(&[entry]).await {
        tracing::error!(%error, "costs were told, and that is not in the audit log");
    }
}

/// Notes that a request was turned away for want of a key, in words that a stranger may read.
fn note_refused<R: Reader>(api: &Api<R>, refused: &Refused) {
    let why = match refused {
        Refused::Denied(Denied::NoKey(_)) => "no key was shown",
        Refused::Denied(Denied::UnknownKey(_)) | Refused::TooManyWrongKeys(_) => "the key shown is not known here",
        Refused::Denied(Denied::Lacks { .. }) => "the key shown lacks the scope `ingest`",
        Refused::Denied(Denied::TooMuchForAnAddress | Denied::PageOfAnotherName | Denied::ControlledOnly(_)) => return,
    };
    api.ingest.rejections().note(api.clock.now(), Untaken::Request, why, 1);
    api.feed.refused(why);
}

/// Notes why a whole body could not be read as events, where nothing was noted of any event in it; or that no more of it is
/// taken for what it names. What is said of it has
/// foreign text clipped and numbers dotted out.
pub(super) fn note_body<R: Reader>(api: &Api<R>, error: &ApiError, outcome: &Outcome) {
    let note = |what| api.ingest.rejections().note(api.clock.now(), what, &error.detail(), 1);
    if matches!(error, ApiError::NewNames(_)) {
        // At least the event whose name was one too many.
        note(Untaken::Event);
    } else if error.is_of_the_body() && outcome.rejections() == 0 {
        note(Untaken::Body);
    }
}

/// Notes why events could not be read; and tells who watches a server that never heard one why the first was not taken.
pub(super) fn note_rejected<R: Reader>(api: &Api<R>, outcome: &Outcome) {
    let now = api.clock.now();
    let rejections = api.ingest.rejections();
    outcome.unread().for_each(|(why, events)| rejections.note(now, Untaken::Event, why, events));
    outcome.ignored().for_each(|(what, why, times)| rejections.note(now, what, &why, times));
    if outcome.rejections() > 0 {
        api.ingest.first().refused(api.clock.now(), &outcome.first_error_hinted());
    }
}

async fn read<R: Reader>(
    api: &Api<R>,
    format: Format,
    (asker, client, place): (&Asker, Client, &mut BodyPlace),
    headers: &HeaderMap,
    body: &mut BodyDataStream,
) -> (Option<ApiError>, Outcome) {
    let mut intake = Intake::new(&api.feed, &api.metrics, (&api.access.newcomers, &asker.who));
    let (limits, clients) = (api.access.limits(), &api.access.clients);
    let failure = match format {
        Format::Lines => lines_of(&mut intake, body, &mut Pace::of_lines(limits)).await,
        Format::One => whole(headers, body, &mut Pace::of_a_whole(limits), MAX_BYTES).await.and_then(|text| {
            place.is_read(text.len());
            one(&mut intake, &text)
        }),
        Format::Batch => match whole(headers, body, &mut Pace::of_a_whole(limits), MAX_BYTES).await {
            Ok(text) => {
                place.is_read(text.len());
                batch(&mut intake, &text).await
            }
            Err(error) => Err(error),
        },
    };
    if let Err(ApiError::Trickle(_)) = failure {
        clients.reached(if format == Format::Lines { Limit::StreamRate } else { Limit::BodyRate }, client);
    }
    // Of lines what is left is some chunks.
    place.is_read(intake.bytes());
    settled(api, client, intake, failure).await
}

/// What became of a body's events once all of them are settled, and why no more was taken where something failed.
pub(super) async fn settled<R: Reader>(
    api: &Api<R>,
    client: Client,
    intake: Intake<'_>,
    failure: Result<(), ApiError>,
) -> (Option<ApiError>, Outcome) {
    let clients = &api.access.clients;
    let (outcome, refusal) = intake.finish().await;
    let refused = |why: Stopped| match why {
        Stopped::Refused(refusal) => ApiError::from(refusal),
        Stopped::NewNames => ApiError::NewNames(clients.reached(Limit::NewNames, client).most),
    };
    let error = refusal.map(refused).or(failure.err()).or_else(|| match outcome.verdict() {
        Verdict::Taken => None,
        Verdict::AllRejected => Some(ApiError::AllRejected),
        Verdict::NothingWasJson => Some(ApiError::NotJson(strip(outcome.first_error()).to_owned())),
    });
    (error, outcome)
}

/// The message without the words that the problem begins with anyway.
fn strip(error: &str) -> &str {
    error.strip_prefix("not JSON: ").unwrap_or(error)
}

/// Reads and sends off lines as they come; stops reading while the writer is behind.
async fn lines_of(intake: &mut Intake<'_>, body: &mut BodyDataStream, pace: &mut Pace) -> Result<(), ApiError> {
    let mut lines = Lines::new(MAX_BYTES);
    loop {
        intake.pump();
        if intake.is_refused() {
            return Ok(());
        }
        let has_room = intake.has_room();
        tokio::select! {
            piece = piece(body, pace), if has_room => match piece? {
                Some(piece) => lines
                    .push(piece, |line| intake.take(line))
                    .map_err(|_| ApiError::TooLarge { what: "a line", limit: MAX_BYTES })?,
                None => break,
            },
            () = intake.settle_one(), if intake.is_waiting() => {}
        }
    }
    lines.finish(|line| intake.take(line));
    Ok(())
}

/// The next piece of the body, or that it is over.
async fn piece(body: &mut BodyDataStream, pace: &mut Pace) -> Result<Option<Bytes>, ApiError> {
    let began = Instant::now();
    match tokio::time::timeout(IDLE, body.next()).await {
        Err(_) => Err(ApiError::Idle(IDLE)),
        Ok(Some(Err(error))) => Err(ApiError::BrokenOff(error.to_string())),
        Ok(Some(Ok(piece))) => pace.waited(began.elapsed(), piece.len()).map(|()| Some(piece)),
        Ok(None) => Ok(None),
    }
}

/// The whole of a body that is not a stream, of at most so many bytes.
pub(super) async fn whole(
    headers: &HeaderMap,
    body: &mut BodyDataStream,
    pace: &mut Pace,
    limit: usize,
) -> Result<Vec<u8>, ApiError> {
    let too_large = || ApiError::TooLarge { what: "the body", limit };
    let told: Option<usize> = headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    if told.is_some_and(|n| n > limit) {
        return Err(too_large());
    }
    let mut text = Vec::with_capacity(told.unwrap_or(0));
    while let Some(piece) = piece(body, pace).await? {
        if text.len() + piece.len() > limit {
            return Err(too_large());
        }
        text.extend_from_slice(&piece);
    }
    Ok(text)
}

fn one(intake: &mut Intake<'_>, text: &[u8]) -> Result<(), ApiError> {
    let text = utf8(text)?;
    serde_json::from_str::<&RawValue>(text).map_err(|e| ApiError::NotJson(e.to_string()))?;
    intake.take(text.as_bytes());
    Ok(())
}

async fn batch(intake: &mut Intake<'_>, text: &[u8]) -> Result<(), ApiError> {
    let text = utf8(text)?;
    let events: Vec<&RawValue> = serde_json::from_str(text).map_err(|e| {
        let what = if e.is_data() { "not an array of events".to_owned() } else { e.to_string() };
        ApiError::NotJson(what)
    })?;
    for event in events {
        intake.take(event.get().as_bytes());
        // A chunk is full: let it go, and let others have their turn at the processor.
        if !intake.has_room() {
            intake.pump();
            tokio::task::yield_now().await;
        }
        while !intake.has_room() && intake.is_waiting() {
            intake.settle_one().await;
            intake.pump();
        }
        if intake.is_refused() {
            break;
        }
    }
    Ok(())
}

fn utf8(text: &[u8]) -> Result<&str, ApiError> {
    std::str::from_utf8(text).map_err(|e| ApiError::NotJson(e.to_string()))
}

fn taken(outcome: Outcome) -> Response {
    let mut response = Value::Object(outcome.members()).to_string().into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn drain(body: &mut BodyDataStream) {
    let mut left = DRAIN_BYTES;
    let all = async {
        while let Some(Ok(piece)) = body.next().await {
            left = left.saturating_sub(piece.len());
            if left == 0 {
                break;
            }
        }
    };
    // Late or not, the answer follows.
    let _ = tokio::time::timeout(DRAIN_TIME, all).await;
}
