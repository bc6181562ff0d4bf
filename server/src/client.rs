//! A client of another server's `POST /api/v1/events`: what the simulator and imports send by. It knows no more of that
//! server than the contract says.

use app::domain::Event;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{StatusCode, Url};
use serde::Deserialize;
use std::time::Duration;

/// A request takes at most this long: the server answers once the batch is durable.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Where the server does not say when to try again.
const TRY_AGAIN: Duration = Duration::from_secs(2);
/// Never waits longer than this, whatever the server says.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("--to `{0}`: not an address like http://127.0.0.1:8080")]
    Address(String),
    #[error("the HTTP client could not start: {0}")]
    Client(reqwest::Error),
}

/// Why a batch was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// Try again after this long.
    #[error("not now: {why}")]
    Later { why: String, after: Duration },
    /// Nothing will ever be taken this way.
    #[error("{0}")]
    Never(String),
}

/// What a server says of a batch.
#[derive(Debug, Deserialize)]
pub struct Answer {
    pub accepted: u64,
    pub duplicate: u64,
    pub rejected: Vec<Named>,
}

/// An event that was not taken.
#[derive(Debug, Deserialize)]
pub struct Named {
    /// Its place in the batch.
    pub index: usize,
    pub error: String,
}

#[derive(Deserialize)]
struct Problem {
    detail: Option<String>,
}

/// Sends to one server. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    pub events: Url,
    key: Option<String>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("events", &self.events.as_str()).finish_non_exhaustive()
    }
}

impl Client {
    /// For the server at `to` (`https://host:port`), with a key of scope `ingest` where it wants one.
    ///
    /// # Errors
    /// If `to` is no address.
    pub fn new(to: &str, key: Option<String>) -> Result<Self, ClientError> {
        let not_one = || ClientError::Address(to.to_owned());
        let base = Url::parse(to).map_err(|_| not_one())?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(not_one());
        }
        let events = base.join("/api/v1/events").map_err(|_| not_one())?;
        // Another part of the program may have installed it before: then that one serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().timeout(TIMEOUT).build().map_err(ClientError::Client)?;
        Ok(Self { http, events, key })
    }

    /// Sends a batch. It is taken as a whole once it is durable, or not at all; sending it again is safe.
    ///
    /// # Errors
    /// If it was not taken.
    pub async fn send<'e>(&self, events: impl Iterator<Item = &'e Event>) -> Result<Answer, NotTaken> {
        let mut body = Vec::with_capacity(400 * 1_000);
        for event in events {
            serde_json::to_writer(&mut body, event).map_err(|e| NotTaken::Never(e.to_string()))?;
            body.push(b'\n');
        }
        let later = |why: String, after: Duration| NotTaken::Later { why, after: after.min(LONGEST_WAIT) };
        let mut request = self.http.post(self.events.clone()).header(CONTENT_TYPE, "application/x-ndjson").body(body);
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        let answer = request.send().await.map_err(|e| later(e.to_string(), TRY_AGAIN))?;
        let status = answer.status();
        let after = answer.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
        let text = answer.text().await.map_err(|e| later(e.to_string(), TRY_AGAIN))?;
        let heard = status == StatusCode::OK || status == StatusCode::UNPROCESSABLE_ENTITY;
        if heard && let Ok(answer) = serde_json::from_str::<Answer>(&text) {
            return Ok(answer);
        }
        let detail = serde_json::from_str::<Problem>(&text).ok().and_then(|p| p.detail);
        let why = detail.unwrap_or_else(|| format!("{} answered {status}", self.events));
        match status {
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
                Err(later(why, after.map_or(TRY_AGAIN, Duration::from_secs)))
            }
            status if status.is_server_error() => Err(later(why, after.map_or(TRY_AGAIN, Duration::from_secs))),
            _ => Err(NotTaken::Never(why)),
        }
    }
}
