//! `/sign-in`: where a browser shows a key once, and from then on may read (`access::session`); and `/sign-out`.
//!
//! A page without scripts. Who comes by a link on another site brings no cookie with the first request, also when signed in
//! (`SameSite=Strict`): so the page first has the browser ask again, as one of our own pages, and only then shows the form.

use super::access::{is_same_origin, known};
use super::error::ApiError;
use super::{assets, headers};
use crate::access::keys::Scope;
use crate::access::proxies::Client;
use crate::access::{Access, Reading, session};
use app::ui::pages::LICENCES;
use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{DefaultBodyLimit, Extension, Form, Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use std::sync::Arc;

const PATH: &str = "/sign-in";
/// Where one is led whose way can't be gone back.
const HOME: &str = "/";
/// A key, and where one wanted to go.
const MAX_FORM: usize = 8 * 1024;
/// The longest way back.
const MAX_WAY: usize = 2 * 1024;
/// Nothing is loaded but the site's style.
const POLICY: &str = "default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

pub fn sign_in_router(access: Arc<Access>) -> Router {
    Router::new()
        .route("/sign-in", get(form).post(enter))
        .route("/sign-out", post(leave))
        .layer(DefaultBodyLimit::max(MAX_FORM))
        .with_state(access)
}

/// Leads a browser here, and later back.
pub fn lead(from: &Uri) -> Response {
    let way = from.path_and_query().map_or(HOME, |way| way.as_str());
    seen_other(&format!("{PATH}?to={}", utf8_percent_encode(way, NON_ALPHANUMERIC)), None)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    to: String,
    /// The browser has asked again.
    again: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Shown {
    key: String,
    to: String,
}

async fn form(State(access): State<Arc<Access>>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    let to = way(&asked.to);
    if may_read_already(&access, &headers) {
        return seen_other(to, None);
    }
    if asked.again.is_empty() {
        let again = format!("{PATH}?again=1&amp;to={}", utf8_percent_encode(to, NON_ALPHANUMERIC));
        let refresh = format!("<meta http-equiv=\"refresh\" content=\"0; url={again}\">");
        return page(StatusCode::OK, &refresh, &format!("<p><a href=\"{again}\">Go on</a></p>"));
    }
    page(StatusCode::OK, "", &body(to, None))
}

fn may_read_already(access: &Access, headers: &HeaderMap) -> bool {
    match access.reading {
        Reading::Free => true,
        Reading::Keyed => session::of(&access.keys, headers, access.clock.now()).is_some(),
    }
}

async fn enter(
    State(access): State<Arc<Access>>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    form: Result<Form<Shown>, FormRejection>,
) -> Response {
    let Form(shown) = match form {
        Ok(form) => form,
        Err(rejection) => return page(rejection.status(), "", &body(HOME, Some("The form could not be read."))),
    };
    let to = way(&shown.to);
    let begun = if is_same_origin(&headers) {
        known(&access, shown.key.trim(), Scope::Read, client).map_err(ApiError::from).and_then(|key| {
            let cookie = session::begin(key, access.clock.now(), access.transport);
            cookie.ok_or(ApiError::Busy("no session can be begun"))
        })
    } else {
        Err(ApiError::Forbidden("keys are taken only from this server's own page".to_owned()))
    };
    match begun {
        Ok(cookie) => seen_other(to, Some(&cookie)),
        Err(error) => page(error.status(), "", &body(to, Some(&error.detail()))),
    }
}

async fn leave(State(access): State<Arc<Access>>, headers: HeaderMap) -> Response {
    if !is_same_origin(&headers) {
        return ApiError::Forbidden("sign out on this server's own page".to_owned()).into_response();
    }
    let key = session::of(&access.keys, &headers, access.clock.now());
    seen_other(PATH, key.and_then(|key| session::end(key, access.transport)).as_deref())
}

/// A way within this site; anything else leads home.
fn way(told: &str) -> &str {
    let within = told.starts_with('/') && !told.starts_with("//") && !told.contains('\\');
    if within && told.len() <= MAX_WAY && told.bytes().all(|b| b.is_ascii_graphic()) { told } else { HOME }
}

fn seen_other(to: &str, cookie: Option<&str>) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let told = response.headers_mut();
    told.insert(LOCATION, HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static(HOME)));
    told.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(Ok(cookie)) = cookie.map(HeaderValue::from_str) {
        told.insert(SET_COOKIE, cookie);
    }
    response
}

fn body(to: &str, wrong: Option<&str>) -> String {
    let wrong = wrong.map_or_else(String::new, |why| format!("<p role=\"alert\">{}</p>", escaped(why)));
    format!(
        "<form method=\"post\" action=\"{PATH}\"><h1>Ringside</h1><p>Who watches this floor needs a key.</p>{wrong}\
         <label>Key <input type=\"password\" name=\"key\" required autofocus autocomplete=\"current-password\"></label>\
         <input type=\"hidden\" name=\"to\" value=\"{}\"><button>Sign in</button></form>\
         <p class=\"foot\"><a href=\"{}\">Source and licences</a></p>",
        escaped(to),
        LICENCES.path
    )
}

fn page(status: StatusCode, head: &str, body: &str) -> Response {
    let css =
        assets::names().map_or_else(String::new, |names| format!("<link rel=\"stylesheet\" href=\"{}\">", names.css));
    let text = format!(
        "<!DOCTYPE html><html lang=\"en\" data-theme=\"auto\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"dark light\"><title>Sign in · Ringside</title>{css}{head}</head>\
         <body><main class=\"sign-in\">{body}</main></body></html>"
    );
    let mut response = (status, text).into_response();
    let told = response.headers_mut();
    headers::for_a_page(told);
    told.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    told.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    told.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::access::Doors;
    use crate::access::keys::{Key, Keys};
    use crate::clock::Clock;
    use crate::kit::lane::Lanes;
    use crate::telemetry::Metrics;
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use axum::http::header::{COOKIE, HOST, ORIGIN};
    use tower::ServiceExt;

    fn router() -> Router {
        let keys = Keys::new(vec![
            Key::new("wall", "reading-secret", vec![Scope::Read]),
            Key::new("dialer", "ingest-secret", vec![Scope::Ingest]),
        ]);
        let doors = Doors { reading: Reading::Keyed, ..Doors::default() };
        let access = Access::new(doors, Arc::new(keys), Lanes::default(), Clock::system(), &Metrics::default());
        sign_in_router(access).layer(Extension(Client::NONE))
    }

    async fn ask(request: axum::http::request::Builder, body: &'static str) -> (StatusCode, HeaderMap, String) {
        let kind = "application/x-www-form-urlencoded";
        let request = request.header(HOST, "floor.example").header(CONTENT_TYPE, kind).body(Body::from(body)).unwrap();
        let (head, body) = router().oneshot(request).await.unwrap().into_parts();
        let text = String::from_utf8(to_bytes(body, 65_536).await.unwrap().to_vec()).unwrap();
        (head.status, head.headers, text)
    }

    #[tokio::test]
    async fn a_key_that_may_read_begins_a_session_and_leads_back() {
        let (status, headers, _) = ask(Request::post(PATH), "key=reading-secret&to=%2Fdaily%3Fdate%3D2026-11-21").await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        assert_eq!(headers[LOCATION], "/daily?date=2026-11-21");
        let cookie = headers[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        let (status, headers, _) = ask(Request::get("/sign-in?to=/trend").header(COOKIE, cookie), "").await;
        assert_eq!(status, StatusCode::SEE_OTHER, "signed in already");
        assert_eq!(headers[LOCATION], "/trend");
        for (form, status) in [("key=guess&to=/live", 401), ("key=ingest-secret", 403), ("", 401)] {
            let (answered, headers, text) = ask(Request::post(PATH), form).await;
            assert!(answered.as_u16() == status && !headers.contains_key(SET_COOKIE), "{form}: {answered}");
            assert!(text.contains("role=\"alert\""), "{text}");
        }
        let (status, headers, _) =
            ask(Request::post(PATH).header(ORIGIN, "https://evil.example"), "key=reading-secret").await;
        assert!(status == StatusCode::FORBIDDEN && !headers.contains_key(SET_COOKIE));
    }

    #[tokio::test]
    async fn the_browser_asks_again_before_it_is_asked_for_a_key() {
        let (_, headers, text) = ask(Request::get("/sign-in?to=%2Flive%3Fa%3D%22%3E"), "").await;
        assert!(text.contains("http-equiv=\"refresh\"") && !text.contains("<form"), "{text}");
        assert!(headers[CONTENT_SECURITY_POLICY].to_str().unwrap().contains("frame-ancestors 'none'"));
        let (_, _, text) = ask(Request::get("/sign-in?again=1&to=%2Flive%3Fa%3D%22%3E"), "").await;
        assert!(text.contains("value=\"/live?a=&quot;&gt;\""), "{text}");
    }

    #[test]
    fn nobody_is_led_away() {
        for away in ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "", "/a b"] {
            assert_eq!(way(away), HOME, "{away}");
        }
        assert_eq!(way("/live?panel=pdd"), "/live?panel=pdd");
        let led = lead(&"/live?panel=pdd".parse().unwrap());
        assert_eq!(led.headers()[LOCATION], "/sign-in?to=%2Flive%3Fpanel%3Dpdd");
    }
}
