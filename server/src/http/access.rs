//! Who may read, send events, and pause campaigns: a bearer key with the scope for it; without any key configured for it,
//! whoever is on this machine.
//!
//! Reading is free to whoever reaches the listener while that is this machine alone, or where it was said that anybody may;
//! else it takes a key, or the session that a browser began with one. Which route asks for what says `table`.

use super::error::ApiError;
use super::serve::Ends;
use crate::access::hosts::names_this_machine;
use crate::access::keys::{Key, Scope};
use crate::access::proxies::Client;
use crate::access::{Access, Reading, session};
use axum::http::header::{AUTHORIZATION, FORWARDED, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName};
use smol_str::{SmolStr, ToSmolStr};

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

/// Who it is where reading is free to whoever reaches the listener, and who shows no key.
const ANYBODY: SmolStr = SmolStr::new_static("anybody");

/// By what somebody may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadsBy {
    /// A browser's session, begun with the key of this name.
    Session(SmolStr),
    /// The key of this name, which the request bears.
    Key(SmolStr),
    /// Reading is free, and no key was shown.
    Anybody,
}

impl ReadsBy {
    /// Who it is, for the audit log.
    #[must_use]
    pub fn asker(&self, client: Client) -> Asker {
        let who = match self {
            Self::Session(key) | Self::Key(key) => key.clone(),
            Self::Anybody => ANYBODY,
        };
        Asker { who, from: client.to_smolstr() }
    }
}

/// Who asks, for the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    /// A key's name, `loopback`, or `anybody`.
    pub who: SmolStr,
    /// The address that the request came from; that of a proxy, where there is one that is not trusted.
    pub from: SmolStr,
}

/// # Errors
/// Where reading needs a key: without one that may read, and without a browser's session.
pub fn may_read(access: &Access, headers: &HeaderMap, client: Client) -> Result<ReadsBy, ApiError> {
    let name = |key: &Key| key.name.to_smolstr();
    match access.reading {
        Reading::Free => Ok(shown(access, headers).map_or(ReadsBy::Anybody, |key| ReadsBy::Key(name(key)))),
        // A session goes before a header: that may be meant for a proxy in between.
        Reading::Keyed => match session::of(&access.keys, headers, access.clock.now()) {
            Some(key) => Ok(ReadsBy::Session(name(key))),
            None => presented(access, headers, Scope::Read, client).map(|key| ReadsBy::Key(name(key))),
        },
    }
}

/// # Errors
/// Without a key, with an unknown one, or with one that lacks the scope.
pub fn may_ingest(access: &Access, headers: &HeaderMap, client: Client) -> Result<Asker, ApiError> {
    let asker = |who: SmolStr| Asker { who, from: client.to_smolstr() };
    if !access.keys.any(Scope::Ingest) {
        // Only browsers send an origin, and always do with a POST.
        return if headers.contains_key(ORIGIN) && !names_this_machine(headers) {
            Err(ApiError::Forbidden(
                "no ingest key is configured, so events of a page are taken only at this machine's own name (localhost, \
                 127.0.0.1); configure a key under [ingest]"
                    .to_owned(),
            ))
        } else {
            Ok(asker(LOOPBACK))
        };
    }
    presented(access, headers, Scope::Ingest, client).map(|key| asker(key.name.to_smolstr()))
}

/// # Errors
/// Without a key of scope `control`, where there are such keys; and else unless it comes from this machine, and not from
/// another site's page.
pub fn may_control(
    access: &Access,
    headers: &HeaderMap,
    ends: Option<Ends>,
    client: Client,
) -> Result<Asker, ApiError> {
    let from = ends.map_or_else(SmolStr::default, |_| client.to_smolstr());
    if access.keys.any(Scope::Control) {
        let key = presented(access, headers, Scope::Control, client)?;
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

/// Who may tell costs: with keys of scope `costs` configured, one of those; without, who may send events.
///
/// # Errors
/// As [`may_ingest`].
pub fn may_tell_costs(access: &Access, headers: &HeaderMap, client: Client) -> Result<Asker, ApiError> {
    if access.keys.any(Scope::Costs) {
        let key = presented(access, headers, Scope::Costs, client)?;
        return Ok(Asker { who: key.name.to_smolstr(), from: client.to_smolstr() });
    }
    may_ingest(access, headers, client)
}

/// The key that the request bears, if it has the scope.
fn presented<'a>(access: &'a Access, headers: &HeaderMap, scope: Scope, client: Client) -> Result<&'a Key, ApiError> {
    let presented = headers.get(AUTHORIZATION).ok_or(ApiError::NoKey(scope))?;
    let presented = presented.to_str().ok().and_then(bearer).ok_or(ApiError::NoKey(scope))?;
    known(access, presented, scope, client)
}

/// The key that a secret is, if it has the scope. A wrong one is counted, and soon told to stop; the right one is found
/// however many wrong ones came.
///
/// # Errors
/// If there is no such key, or it lacks the scope.
pub fn known<'a>(access: &'a Access, secret: &str, scope: Scope, client: Client) -> Result<&'a Key, ApiError> {
    let Some(key) = access.keys.find(secret) else {
        let too_many = |after| ApiError::TooMany { what: "too many wrong keys from this address", after };
        access.guesses.wrong(client, secret, scope, access.clock.now()).map_err(too_many)?;
        return Err(ApiError::UnknownKey);
    };
    if key.allows(scope) {
        Ok(key)
    } else {
        Err(ApiError::Forbidden(format!("the key `{}` lacks the scope `{}`", key.name, scope.word())))
    }
}

/// Whether the request shows any key of ours.
#[must_use]
pub fn bears_a_key(access: &Access, headers: &HeaderMap) -> bool {
    shown(access, headers).is_some()
}

/// The key of ours that the request shows, whatever it is for.
fn shown<'a>(access: &'a Access, headers: &HeaderMap) -> Option<&'a Key> {
    let secret = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(bearer)?;
    access.keys.find(secret)
}

/// The token of `Bearer TOKEN`; the scheme's case does not matter (RFC 9110).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// Whether a browser, if it is one, says that a page of this very address asks. What is no browser says nothing.
pub fn is_same_origin(headers: &HeaderMap) -> bool {
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
    use crate::access::Doors;
    use crate::access::keys::Keys;
    use crate::clock::Clock;
    use crate::telemetry::Metrics;
    use axum::http::HeaderValue;
    use std::sync::Arc;

    fn access(reading: Reading, keys: Vec<Key>) -> Arc<Access> {
        let doors = Doors { reading, ..Doors::default() };
        Access::new(doors, Arc::new(Keys::new(keys)), Clock::system(), &Metrics::default())
    }

    fn controls(access: &Access, headers: &HeaderMap, ends: Option<Ends>) -> Result<Asker, ApiError> {
        may_control(access, headers, ends, ends.map_or(Client::NONE, |ends| Client::at(ends.peer.ip())))
    }

    #[test]
    fn a_bearer_key_is_read_whatever_the_case_of_its_scheme() {
        assert_eq!(bearer("Bearer k"), Some("k"));
        assert_eq!(bearer("bearer  k "), Some("k"));
        assert_eq!(bearer("Basic k"), None);
        assert_eq!(bearer("Bearer "), None);
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
        let asker = controls(&access(Reading::Free, vec![]), &headers(&[OWN]), here).unwrap();
        assert_eq!((asker.who.as_str(), asker.from.as_str()), ("loopback", "127.0.0.1"));
        let page = [OWN, ("origin", "http://127.0.0.1:8080"), ("sec-fetch-site", "same-origin")];
        assert!(controls(&access(Reading::Free, vec![]), &headers(&page), here).is_ok());
        let mapped = ends("[::ffff:127.0.0.1]:5000", "[::1]:8080");
        assert!(controls(&access(Reading::Free, vec![]), &headers(&[OWN]), mapped).is_ok());
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
            let refused = controls(&access(Reading::Free, vec![]), &headers(&others), from).unwrap_err();
            assert!(matches!(refused, ApiError::Forbidden(_)), "{others:?}");
        }
    }

    #[test]
    fn with_a_key_only_that_key_controls_from_anywhere() {
        let keys = access(
            Reading::Free,
            vec![
                Key::new("dialer", "ingest-secret", vec![Scope::Ingest]),
                Key::new("ops", "control-secret", vec![Scope::Control]),
            ],
        );
        let far = ends("10.0.0.7:5000", "10.0.0.1:8080");
        let bearing = |value: &'static str| controls(&keys, &headers(&[("authorization", value)]), far);
        let asker = bearing("Bearer control-secret").unwrap();
        assert_eq!((asker.who.as_str(), asker.from.as_str()), ("ops", "10.0.0.7"));
        assert!(matches!(bearing("Bearer ingest-secret"), Err(ApiError::Forbidden(_))));
        assert!(matches!(bearing("Bearer guess"), Err(ApiError::UnknownKey)));
        let here = ends("127.0.0.1:5000", "127.0.0.1:8080");
        let keyless = controls(&keys, &headers(&[("host", "127.0.0.1:8080")]), here);
        assert!(matches!(keyless, Err(ApiError::NoKey(Scope::Control))));
        // A key for sending events does not shut out who sits at the machine.
        let ingest_only = access(Reading::Free, vec![Key::new("dialer", "ingest-secret", vec![Scope::Ingest])]);
        assert!(controls(&ingest_only, &headers(&[("host", "127.0.0.1:8080")]), here).is_ok());
    }

    #[test]
    fn reading_takes_a_key_that_may_read_or_a_session_begun_with_one() {
        let keys = || {
            vec![
                Key::new("dialer", "ingest-secret", vec![Scope::Ingest]),
                Key::new("wall", "reading-secret", vec![Scope::Read]),
                Key::new("ops", "control-secret", vec![Scope::Control]),
            ]
        };
        let (keyed, free) = (access(Reading::Keyed, keys()), access(Reading::Free, keys()));
        let read = |access: &Access, pairs: &[(&'static str, &'static str)]| {
            may_read(access, &headers(pairs), Client::NONE).map_err(|error| error.status().as_u16())
        };
        assert_eq!((read(&free, &[]), read(&keyed, &[])), (Ok(ReadsBy::Anybody), Err(401)));
        assert_eq!(read(&keyed, &[("authorization", "Bearer reading-secret")]), Ok(ReadsBy::Key("wall".into())));
        assert_eq!(read(&keyed, &[("authorization", "Bearer control-secret")]), Ok(ReadsBy::Key("ops".into())));
        assert_eq!(read(&keyed, &[("authorization", "Bearer ingest-secret")]), Err(403));
        assert_eq!(read(&keyed, &[("authorization", "Bearer guess")]), Err(401));
        let wall = keyed.keys.find("reading-secret").unwrap();
        let cookie = session::begin(wall, keyed.clock.now(), crate::access::Transport::AsItComes).unwrap();
        let cookie: &'static str = Box::leak(cookie.into_boxed_str());
        assert_eq!(read(&keyed, &[("cookie", cookie)]), Ok(ReadsBy::Session("wall".into())));
        let here = ends("127.0.0.1:5000", "127.0.0.1:8080");
        let by_session = headers(&[("cookie", cookie), ("host", "127.0.0.1:8080")]);
        assert!(controls(&keyed, &by_session, here).is_err(), "a session changes nothing");
    }

    #[test]
    fn the_right_key_opens_whatever_others_guess() {
        let keys = access(Reading::Keyed, vec![Key::new("wall", "abcd-the-right-secret", vec![Scope::Read])]);
        let client = Client::at([10, 0, 0, 7].into());
        let guess = || known(&keys, "abcd-a-wrong-secret", Scope::Read, client).unwrap_err().status().as_u16();
        let answers: Vec<u16> = (0..40).map(|_| guess()).collect();
        assert!(answers.contains(&401) && answers.ends_with(&[429, 429]), "{answers:?}");
        assert!(known(&keys, "abcd-the-right-secret", Scope::Read, client).is_ok());
    }
}
