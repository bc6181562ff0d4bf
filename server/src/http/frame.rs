//! Around every request: an id, a line in the log, the headers that every answer has.
//!
//! The log names the route, never the address asked for: an address can hold a call's id or a number.

use super::headers::CROSS_ORIGIN_RESOURCE_POLICY;
use crate::kit::quiet::Quiet;
use crate::telemetry::Metrics;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use tracing::Instrument;

/// Longest request id taken over from a proxy.
const MAX_REQUEST_ID: usize = 64;
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Names each request, logs it, counts it.
pub async fn observe(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    static SAID: Quiet = Quiet::new();
    let began = Instant::now();
    let id = request_id(&request);
    let route = request.extensions().get::<MatchedPath>().map_or("other", |path| interned(path.as_str()));
    let method = request.method().clone();
    let span = tracing::info_span!("request", id = %id.to_str().unwrap_or_default(), %method, route);
    let mut response = next.run(request).instrument(span.clone()).await;
    let (status, took) = (response.status(), began.elapsed());
    metrics.answered(route, status.as_u16(), took);
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    span.in_scope(|| {
        // Who is refused comes again and again.
        let turn = if status.is_server_error() { SAID.turn() } else { None };
        if let Some(unsaid) = turn {
            tracing::warn!(status = status.as_u16(), micros, unsaid, "answered");
        } else {
            tracing::debug!(status = status.as_u16(), micros, "answered");
        }
    });
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// Headers of every answer of the API: nothing in it is a page.
pub async fn harden(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    // Figures age: whoever shows them asks anew.
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // Pictures are made to be shown elsewhere: in mails, chats and on walls.
    let is_picture = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"image/"));
    let (policy, shown_by) = if is_picture {
        ("default-src 'none'; style-src 'unsafe-inline'", "cross-origin")
    } else {
        ("default-src 'none'; frame-ancestors 'none'", "same-origin")
    };
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static(shown_by));
    response
}

/// The proxy's id where it gave one that is safe to write into a log, else one of our own.
fn request_id(request: &Request) -> HeaderValue {
    let given = request.headers().get(&REQUEST_ID).filter(|value| {
        let safe = |b: &u8| b.is_ascii_alphanumeric() || b"-_.".contains(b);
        (1..=MAX_REQUEST_ID).contains(&value.len()) && value.as_bytes().iter().all(safe)
    });
    given.cloned().unwrap_or_else(|| {
        // Unique within this process; the start tells processes apart.
        static START: std::sync::LazyLock<u64> =
            std::sync::LazyLock::new(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs()));
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let id = format!("{:x}-{:x}", *START, NEXT.fetch_add(1, Ordering::Relaxed));
        HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("-"))
    })
}

/// A route's pattern as a label. There are as many as routes in the program, so keeping them is bounded.
fn interned(pattern: &str) -> &'static str {
    static KNOWN: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
    let mut known = KNOWN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(same) = known.iter().find(|p| **p == pattern) {
        return same;
    }
    let kept: &'static str = Box::leak(pattern.to_owned().into_boxed_str());
    known.push(kept);
    kept
}
