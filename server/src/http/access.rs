//! Who may send events: a bearer key with the `ingest` scope; without any key configured, whoever is on this machine.
//!
//! Reading is open to whoever reaches the listener, until roles exist.

use super::Api;
use super::error::ApiError;
use crate::config::keys::Scope;
use crate::store::read::Reader;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use std::net::IpAddr;

/// # Errors
/// Without a key, with an unknown one, or with one that lacks the scope.
pub fn may_ingest<R: Reader>(api: &Api<R>, headers: &HeaderMap) -> Result<(), ApiError> {
    if api.keys.is_empty() {
        // Only browsers send an origin, and always do with a POST.
        return if headers.contains_key(ORIGIN) && !names_this_machine(headers) {
            Err(ApiError::Forbidden(
                "no ingest key is configured, so events of a page are taken only at this machine's own name (localhost, \
                 127.0.0.1); configure a key under [ingest]"
                    .to_owned(),
            ))
        } else {
            Ok(())
        };
    }
    let presented = headers.get(AUTHORIZATION).ok_or(ApiError::NoKey)?;
    let presented = presented.to_str().ok().and_then(bearer).ok_or(ApiError::NoKey)?;
    let key = api.keys.find(presented).ok_or(ApiError::UnknownKey)?;
    if key.scopes.contains(&Scope::Ingest) {
        Ok(())
    } else {
        Err(ApiError::Forbidden(format!("the key `{}` lacks the scope `ingest`", key.name)))
    }
}

/// The token of `Bearer TOKEN`; the scheme's case does not matter (RFC 9110).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// Whether the request was addressed to this machine by a name of its own. A page elsewhere on the web can point a name
/// of its own at a loopback address; it can't choose what the browser writes into `Host`.
fn names_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(HOST) else { return true };
    let Ok(host) = host.to_str() else { return false };
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_bearer_key_is_read_whatever_the_case_of_its_scheme() {
        assert_eq!(bearer("Bearer k"), Some("k"));
        assert_eq!(bearer("bearer  k "), Some("k"));
        assert_eq!(bearer("Basic k"), None);
        assert_eq!(bearer("Bearer "), None);
    }

    #[test]
    fn a_rebound_name_is_not_this_machine() {
        for (host, ours) in [
            ("localhost:8080", true),
            ("127.0.0.1:8080", true),
            ("[::1]:8080", true),
            ("ringside.localhost", true),
            ("evil.example", false),
            ("localhost.evil.example:80", false),
            ("127.0.0.1.evil.example", false),
            ("10.0.0.1:8080", false),
        ] {
            let headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))]);
            assert_eq!(names_this_machine(&headers), ours, "{host}");
        }
    }
}
