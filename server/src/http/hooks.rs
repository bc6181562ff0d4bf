//! `POST /hooks/{name}`: messages of those that call us (`[[source.webhook]]` and whatever else opens such an address).
//!
//! Owns a message's size and pace, and its answer, which is that of `/api/v1/events`. Whether it is signed, over its bytes as they
//! came, is the source's to say, and what it tells, too.

use super::Api;
use super::error::ApiError;
use super::events::answer::Outcome;
use super::events::intake::Intake;
use super::events::pace::Pace;
use super::events::{BodyPlace, accepted, as_it_is, not_accepted, note_body, note_rejected, settled, whole};
use crate::access::limits::Limit;
use crate::access::principal::Asker;
use crate::access::proxies::Client;
use crate::ingest::Untaken;
use crate::source::webhook::{MAX_BYTES, Message, OpenHook, TurnedAway};
use crate::store::read::Reader;
use axum::body::BodyDataStream;
use axum::extract::{Path, Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use smol_str::ToSmolStr;

pub async fn post<R: Reader>(State(api): State<Api<R>>, Path(name): Path<String>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let mut body = body.into_data_stream();
    let client = head.extensions.get().copied().unwrap_or(Client::NONE);
    let failed = match api.hooks.find(&name) {
        None => (ApiError::NotFound("nobody is awaited at this address".to_owned()), Outcome::default()),
        Some(hook) => match read(&api, &hook, client, (&head.headers, head.uri.query()), &mut body).await {
            (None, outcome) => {
                let asker = Asker { who: hook.source, from: client.to_smolstr() };
                return accepted(&api, asker, outcome).await;
            }
            (Some(error), outcome) => {
                note(&api, &hook, &error, &outcome);
                (error, outcome)
            }
        },
    };
    not_accepted(&api, &head.headers, &mut body, failed).await
}

async fn read<R: Reader>(
    api: &Api<R>,
    hook: &OpenHook,
    client: Client,
    (headers, query): (&HeaderMap, Option<&str>),
    body: &mut BodyDataStream,
) -> (Option<ApiError>, Outcome) {
    let none = |error| (Some(error), Outcome::default());
    let mut place = match BodyPlace::take(api, client) {
        Ok(place) => place,
        Err(error) => return none(error),
    };
    let message = match message(api, client, headers, body).await {
        Ok(message) => message,
        Err(error) => return none(error),
    };
    let told = match hook.open(&Message { head: headers, query, body: &message }) {
        Ok(told) => told,
        Err(why) => return none(why.into()),
    };
    let mut intake = Intake::new(&hook.feed, &api.metrics, (&api.access.newcomers, &hook.source));
    told.into_iter().for_each(|told| intake.take_told(told));
    place.is_read(intake.bytes());
    settled(api, client, intake, Ok(())).await
}

/// A message's bytes, as they were signed.
async fn message<R: Reader>(
    api: &Api<R>,
    client: Client,
    headers: &HeaderMap,
    body: &mut BodyDataStream,
) -> Result<Vec<u8>, ApiError> {
    as_it_is(headers)?;
    let mut pace = Pace::of_a_whole(api.access.limits());
    whole(headers, body, &mut pace, MAX_BYTES).await.inspect_err(|error| {
        if matches!(error, ApiError::Trickle(_)) {
            api.access.clients.reached(Limit::BodyRate, client);
        }
    })
}

impl From<TurnedAway> for ApiError {
    fn from(why: TurnedAway) -> Self {
        match why {
            TurnedAway::Unsigned(why) => Self::Unsigned(why),
            TurnedAway::NotJson(why) => Self::NotJson(why),
        }
    }
}

/// Notes why a message was not taken, for the page that lists the last of it.
fn note<R: Reader>(api: &Api<R>, hook: &OpenHook, error: &ApiError, outcome: &Outcome) {
    note_rejected(api, outcome);
    if let ApiError::Unsigned(why) = error {
        let why = format!("{}: {}", hook.source, why.in_short());
        api.ingest.rejections().note(api.clock.now(), Untaken::Request, &why, 1);
    } else {
        note_body(api, error, outcome);
    }
}

#[cfg(test)]
mod contract_tests;
#[cfg(test)]
mod tests;
