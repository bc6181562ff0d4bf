//! The first run: what the live page of a server that never heard an event says of it, and where events go.
//!
//! Owns the words around what [`FirstEvents`] keeps; how it looks is `app`'s.

use crate::access::keys::{Keys, Scope};
use crate::ingest::{FirstEvents, FirstHeard};
use app::contract::Door;
use app::domain::Moment;
use app::ui::first_run::{FirstRun, Heard, Refused};
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use chrono_tz::Tz;
use leptos::context::{provide_context, use_context};

/// What a proxy says of how a request came to it.
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// Shown where a request names no host that can stand in a command.
const ELSEWHERE: &str = "127.0.0.1:8080";

/// Provides a page with what this server has heard, while it is its first run. Other pages take no notice.
pub fn provide(first: &FirstEvents, keys: &Keys, zone: Tz) {
    let Some(heard) = first.heard() else { return };
    let Some(parts) = use_context::<Parts>() else { return };
    let asked = parts.uri.query().unwrap_or_default();
    // Once something was heard, only the page that waited for it shows it; a moment of the past has no first run.
    if asked.contains("at=") || (heard.first.is_some() && !asked.contains("first=")) {
        return;
    }
    provide_context(shown(heard, door(&parts.headers, keys), zone));
}

fn shown(heard: FirstHeard, door: Door, zone: Tz) -> FirstRun {
    let FirstHeard { taken, first, refused } = heard;
    let refused = refused.into_iter().map(|(at, why)| Refused { when: clock(at, zone), why });
    FirstRun {
        door,
        heard: first.map(|first| Heard { events: taken, content: first.text, is_undirected: first.is_undirected }),
        refused: refused.collect(),
    }
}

/// `09:32:08 EST`: by the site's clock, as every page tells times, and by which that is.
pub(super) fn clock(at: Moment, zone: Tz) -> String {
    at.to_utc().with_timezone(&zone).format("%H:%M:%S %Z").to_string()
}

/// Where events go, as the reader reached this server. The name ends up in commands that are copied into a shell: what
/// could mean something there is not taken.
#[must_use]
pub fn door(headers: &HeaderMap, keys: &Keys) -> Door {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_plain = |host: &str| {
        (1..=255).contains(&host.len()) && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b))
    };
    let host = Some(text(HOST)).filter(|host| is_plain(host)).unwrap_or(ELSEWHERE);
    let scheme = if text(FORWARDED_PROTO) == "https" { "https" } else { "http" };
    Door { origin: format!("{scheme}://{host}"), key: keys.any(Scope::Ingest) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_host_that_could_mean_something_to_a_shell_is_not_shown() {
        let origin = |host: &'static str| {
            let headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))]);
            door(&headers, &Keys::default()).origin
        };
        assert_eq!(origin("floor.example:8443"), "http://floor.example:8443");
        assert_eq!(origin("[::1]:8080"), "http://[::1]:8080");
        for host in ["a;rm", "a$(x)", "a b", "", "a'b", "a/b"] {
            assert_eq!(origin(host), "http://127.0.0.1:8080", "{host}");
        }
    }

    #[test]
    fn a_moment_is_told_by_the_clock() {
        let at = Moment::from_secs(1_795_876_328);
        assert_eq!(clock(at, Tz::UTC), "14:32:08 UTC");
        assert_eq!(clock(at, Tz::America__New_York), "09:32:08 EST");
    }
}
