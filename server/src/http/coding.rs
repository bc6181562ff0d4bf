//! What content codings a client takes.
//!
//! # Source
//! RFC 9110, 12.5.3 (`Accept-Encoding`).

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_ENCODING;

/// The client's `Accept-Encoding`; empty where there is none.
pub fn accepted(request: &HeaderMap) -> &str {
    request.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Whether an `Accept-Encoding` takes `coding`: it is named, or `*` is, and not with `q=0`.
pub fn accepts(accepted: &str, coding: &str) -> bool {
    let weight = |wanted: &str| {
        accepted.split(',').find_map(|entry| {
            let mut parts = entry.split(';').map(str::trim);
            let named = parts.next()?;
            named.eq_ignore_ascii_case(wanted).then(|| {
                parts.find_map(|part| part.strip_prefix("q=")).and_then(|q| q.parse::<f32>().ok()).unwrap_or(1.0)
            })
        })
    };
    weight(coding).or_else(|| weight("*")).is_some_and(|weight| weight > 0.0)
}
