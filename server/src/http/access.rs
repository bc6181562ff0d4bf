//! Who may send events, and who may pause campaigns: a bearer key with the scope for it; without any key configured for
//! it, whoever is on this machine.
//!
//! Reading is open to whoever reaches the listener, until roles exist. The one thing that is read by those only who may
//! control is the audit log.

use super::Api;
use super::error::ApiError;
use super::serve::Ends;
use crate::config::keys::{Key, Keys, Scope};
use crate::store::read::Reader;
use axum::http::header::{AUTHORIZATION, FORWARDED, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName};
use smol_str::{SmolStr, ToSmolStr};
use std::net::IpAddr;

/// What browsers say of where a request comes from; pages can't change it.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// What proxies say of where a request came from.
const BY_PROXIES: [HeaderName; 4] = [
    FORWARDED,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-real-ip"),
];
/// Who it is without a key.
const LOOPBACK: SmolStr = SmolStr::new_static("loopback");

/// Who asks, for the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    /// A key's name, or `loopback`.
    pub who: SmolStr,
    /// The address that the request came from; that of a proxy, where there is one.
    pub from: SmolStr,
}

/// # Errors
/// Without a key, with an unknown one, or with one that lacks the scope.
pub fn may_ingest<R: Reader>(api: &Api<R>, headers: &HeaderMap) -> Result<(), ApiError> {
    if !api.keys.any(Scope::Ingest) {
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
    presented(&api.keys, headers, Scope::Ingest).map(|_| ())
}

/// # Errors
/// Without a key of scope `control`, where there are such keys; and else unless it comes from this machine, and not from
/// another site's page.
pub fn may_control(keys: &Keys, headers: &HeaderMap, ends: Option<Ends>) -> Result<Asker, ApiError> {
    let from = ends.map_or_else(SmolStr::default, |ends| ends.peer.ip().to_canonical().to_smolstr());
    if keys.any(Scope::Control) {
        let key = presented(keys, headers, Scope::Control)?;
        return Ok(Asker { who: key.name.to_smolstr(), from });
    }
    let refused = |why: &str| {
        Err(ApiError::Forbidden(format!(
            "no key of scope `control` is configured, so {why}; configure one, or set RINGSIDE_CONTROL_KEY"
        )))
    };
    let is_here = ends.is_some_and(|ends| {
        ends.peer.ip().to_canonical().is_loopback()
            && ends.listener.is_some_and(|listener| listener.ip().to_canonical().is_loopback())
    });
    if !is_here || BY_PROXIES.iter().any(|header| headers.contains_key(header)) {
        return refused("campaigns are controlled from this machine only");
    }
    if !headers.contains_key(HOST) || !names_this_machine(headers) {
        return refused("campaigns are controlled at this machine's own name only (localhost, 127.0.0.1)");
    }
    if !is_same_origin(headers) {
        return refused("campaigns are controlled by this server's own pages only");
    }
    Ok(Asker { who: LOOPBACK, from })
}

/// The key that the request bears, if it has the scope.
fn presented<'a>(keys: &'a Keys, headers: &HeaderMap, scope: Scope) -> Result<&'a Key, ApiError> {
    let presented = headers.get(AUTHORIZATION).ok_or(ApiError::NoKey(scope))?;
    let presented = presented.to_str().ok().and_then(bearer).ok_or(ApiError::NoKey(scope))?;
    let key = keys.find(presented).ok_or(ApiError::UnknownKey)?;
    if key.scopes.contains(&scope) {
        Ok(key)
    } else {
        Err(ApiError::Forbidden(format!("the key `{}` lacks the scope `{}`", key.name, scope.word())))
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

/// Whether a browser, if it is one, says that a page of this very address asks. What is no browser says nothing.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let site = text(&SEC_FETCH_SITE).is_none_or(|site| matches!(site, "same-origin" | "none"));
    let origin = text(&ORIGIN).is_none_or(|origin| {
        let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        host.is_some_and(|host| text(&HOST).is_some_and(|own| own.eq_ignore_ascii_case(host)))
    });
    site && origin && headers.get_all(ORIGIN).iter().count() <= 1
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
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

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v))).collect()
    }

    fn ends(peer: &str, listener: &str) -> Option<Ends> {
        Some(Ends { peer: peer.parse().unwrap(), listener: Some(listener.parse().unwrap()) })
    }

    #[test]
    fn without_a_key_only_this_machine_and_this_servers_pages_control() {
        const OWN: (&str, &str) = ("host", "127.0.0.1:8080");
        let here = ends("127.0.0.1:5000", "127.0.0.1:8080");
        let asker = may_control(&Keys::default(), &headers(&[OWN]), here).unwrap();
        assert_eq!((asker.who.as_str(), asker.from.as_str()), ("loopback", "127.0.0.1"));
        let page = [OWN, ("origin", "http://127.0.0.1:8080"), ("sec-fetch-site", "same-origin")];
        assert!(may_control(&Keys::default(), &headers(&page), here).is_ok());
        let mapped = ends("[::ffff:127.0.0.1]:5000", "[::1]:8080");
        assert!(may_control(&Keys::default(), &headers(&[OWN]), mapped).is_ok());
        for (others, from) in [
            (vec![OWN], ends("10.0.0.7:5000", "10.0.0.1:8080")),
            (vec![OWN], ends("127.0.0.1:5000", "0.0.0.0:8080")),
            (vec![OWN], None),
            (vec![], here),
            (vec![("host", "ringside.example")], here),
            (vec![OWN, ("x-forwarded-for", "203.0.113.9")], here),
            (vec![OWN, ("forwarded", "for=203.0.113.9")], here),
            (vec![OWN, ("origin", "https://evil.example")], here),
            (vec![OWN, ("origin", "null")], here),
            (vec![OWN, ("origin", "http://127.0.0.1:9999")], here),
            (vec![OWN, ("origin", "http://localhost:8080")], here),
            (vec![OWN, ("sec-fetch-site", "cross-site")], here),
            (vec![OWN, ("sec-fetch-site", "same-site")], here),
        ] {
            let refused = may_control(&Keys::default(), &headers(&others), from).unwrap_err();
            assert!(matches!(refused, ApiError::Forbidden(_)), "{others:?}");
        }
    }

    #[test]
    fn with_a_key_only_that_key_controls_from_anywhere() {
        let keys = Keys::new(vec![
            Key::new("dialer", "ingest-secret", vec![Scope::Ingest]),
            Key::new("ops", "control-secret", vec![Scope::Control]),
        ]);
        let far = ends("10.0.0.7:5000", "10.0.0.1:8080");
        let bearing = |value: &'static str| may_control(&keys, &headers(&[("authorization", value)]), far);
        let asker = bearing("Bearer control-secret").unwrap();
        assert_eq!((asker.who.as_str(), asker.from.as_str()), ("ops", "10.0.0.7"));
        assert!(matches!(bearing("Bearer ingest-secret"), Err(ApiError::Forbidden(_))));
        assert!(matches!(bearing("Bearer guess"), Err(ApiError::UnknownKey)));
        let here = ends("127.0.0.1:5000", "127.0.0.1:8080");
        let keyless = may_control(&keys, &headers(&[("host", "127.0.0.1:8080")]), here);
        assert!(matches!(keyless, Err(ApiError::NoKey(Scope::Control))));
        // A key for sending events does not shut out who sits at the machine.
        let ingest_only = Keys::new(vec![Key::new("dialer", "ingest-secret", vec![Scope::Ingest])]);
        assert!(may_control(&ingest_only, &headers(&[("host", "127.0.0.1:8080")]), here).is_ok());
    }
}
