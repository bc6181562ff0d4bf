//! What every page tells the browser about what it may load, and from where.
//!
//! Scripts run only with the page's own nonce, files come only from this server, and the page may be framed only by
//! pages of its own origin.

use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

/// Who may load an answer into a page. Pictures of panels are for anybody's (`frame::harden`), all else is for our own.
pub const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
/// A year; browsers heed it only where the answer came by TLS.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Tells browsers to come by TLS alone from now on. For sites that configure it: there must be a proxy that speaks TLS, and
/// nobody left who comes without.
pub async fn by_tls_alone(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, HSTS);
    response
}

/// The content security policy of a page whose scripts carry `nonce`.
///
/// `wasm-unsafe-eval` lets WASM compile and allows no eval of scripts. Style attributes are allowed, because bars and
/// meters have their lengths there; style sheets are not, but the site's own.
pub fn content_security_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; \
         manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    )
}

/// Puts the headers every page has, its policy apart, on an answer.
pub fn for_a_page(headers: &mut HeaderMap) {
    let fixed: [(HeaderName, &'static str); 7] = [
        // Figures age: a page is asked for anew each time, and only its files are kept.
        (CACHE_CONTROL, "no-cache"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
        (X_FRAME_OPTIONS, "SAMEORIGIN"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=()"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A page without a policy of its own (an error before rendering) may load nothing.
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'self'"));
}
