//! What a request shows of who sends it, and how a no is told.
//!
//! Headers, cookies and addresses are read here, once for each request, at the door; who may do what says
//! [`policy`](crate::access::policy).

use super::error::ApiError;
use super::serve::Ends;
use crate::access::hosts::names_this_machine;
use crate::access::keys::{Key, Scope};
use crate::access::policy::{AskedAs, Connection, Denied, Evidence, SentBy, Shown, Who, by_shown};
use crate::access::principal::{Principal, PrincipalKind};
use crate::access::proxies::Client;
use crate::access::{Access, session};
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, FORWARDED, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, Request};
use std::time::Duration;

/// What browsers say of where a request comes from; pages can't change it.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// What proxies say of where a request came from.
const BY_PROXIES: [HeaderName; 4] = [
    FORWARDED,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-real-ip"),
];

/// A no, among a request's extensions where the route itself tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    Denied(Denied),
    /// There were many wrong keys from there: when to come again.
    TooManyWrongKeys(Duration),
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Denied(Denied::NoKey(scope)) => Self::NoKey(scope),
            Refused::Denied(Denied::UnknownKey(_)) => Self::UnknownKey,
            Refused::Denied(
                denied @ (Denied::Lacks { .. }
                | Denied::TooMuchForAnAddress
                | Denied::PageOfAnotherName
                | Denied::ControlledOnly(_)),
            ) => Self::Forbidden(denied.to_string()),
            Refused::TooManyWrongKeys(after) => Self::TooMany { what: "too many wrong keys from this address", after },
        }
    }
}

/// What a request shows; `in_address` is the key that stood in a picture's address.
pub fn evidence<'a>(
    access: &'a Access,
    headers: &'a HeaderMap,
    ends: Option<Ends>,
    in_address: Option<&'a str>,
) -> Evidence<'a> {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(bearer);
    Evidence {
        bearer: Shown::of(bearer, &access.keys),
        in_address: Shown::of(in_address, &access.keys),
        session: session::of(&access.keys, headers, access.clock.now()),
        connection: connection(headers, ends),
        asked_as: asked_as(headers),
        sent_by: sent_by(headers),
    }
}

fn connection(headers: &HeaderMap, ends: Option<Ends>) -> Connection {
    let is_here = ends.is_some_and(|ends| {
        ends.peer.ip().to_canonical().is_loopback()
            && ends.listener.is_some_and(|listener| listener.ip().to_canonical().is_loopback())
    });
    let is_passed_on = BY_PROXIES.iter().any(|header| headers.contains_key(header));
    if is_here && !is_passed_on { Connection::WithinThisMachine } else { Connection::FromElsewhere }
}

fn asked_as(headers: &HeaderMap) -> AskedAs {
    if !headers.contains_key(HOST) {
        AskedAs::NoName
    } else if names_this_machine(headers) {
        AskedAs::ThisMachine
    } else {
        AskedAs::Another
    }
}

fn sent_by(headers: &HeaderMap) -> SentBy {
    match (headers.contains_key(ORIGIN), is_same_origin(headers)) {
        (false, true) => SentBy::NoPage,
        (true, true) => SentBy::OwnPage,
        (true, false) => SentBy::OtherPage,
        (false, false) => SentBy::OtherSite,
    }
}

/// Who it is, if they may. A wrong key is counted, and soon told to stop; the right one is found however many wrong ones
/// came.
///
/// # Errors
/// Why they may not.
pub fn decide(access: &Access, who: Who, shown: Evidence<'_>, client: Client) -> Result<Principal, Refused> {
    let wrong = shown.in_address.wrong().or(shown.bearer.wrong());
    access.policy().decide(who, shown).map_err(|denied| {
        if who == Who::Sender {
            access.refused_senders.note(access.clock.now(), client, &denied, wrong);
        }
        refused(access, denied, wrong, client)
    })
}

/// Whether who asks is no stranger: they show a key of ours, or a session begun with one, or sit at this machine.
pub fn is_known_here(access: &Access, request: &Request<Body>) -> bool {
    let by_key = match request.extensions().get::<Principal>().map(|principal| &principal.kind) {
        Some(PrincipalKind::Key(_) | PrincipalKind::Session(_)) => true,
        Some(PrincipalKind::Anybody | PrincipalKind::ThisMachine | PrincipalKind::Picture(_)) | None => false,
    };
    let ends = request.extensions().get::<Ends>().copied();
    by_key || evidence(access, request.headers(), ends, None).connection == Connection::WithinThisMachine
}

/// The key that a secret is, if it has the scope.
///
/// # Errors
/// If there is no such key, or it lacks the scope.
pub fn known<'a>(access: &'a Access, secret: &'a str, scope: Scope, client: Client) -> Result<&'a Key, Refused> {
    let shown = Shown::of(Some(secret), &access.keys);
    by_shown(shown, scope).map_err(|denied| refused(access, denied, shown.wrong(), client))
}

/// Counts a key that was shown and is none of ours, where somebody is turned away for another reason.
///
/// # Errors
/// If there were many like it from there.
pub fn note_wrong(access: &Access, shown: Evidence<'_>, scope: Scope, client: Client) -> Result<(), Refused> {
    match refused(access, Denied::UnknownKey(scope), shown.bearer.wrong(), client) {
        Refused::Denied(_) => Ok(()),
        many @ Refused::TooManyWrongKeys(_) => Err(many),
    }
}

fn refused(access: &Access, denied: Denied, wrong: Option<&str>, client: Client) -> Refused {
    match (&denied, wrong) {
        (Denied::UnknownKey(scope), Some(secret)) => {
            match access.guesses.wrong(client, secret, *scope, access.clock.now()) {
                Ok(()) => Refused::Denied(denied),
                Err(after) => Refused::TooManyWrongKeys(after),
            }
        }
        (_, _) => Refused::Denied(denied),
    }
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
    use crate::access::keys::Keys;
    use crate::access::{Doors, Reading};
    use crate::clock::Clock;
    use crate::kit::lane::Lanes;
    use crate::telemetry::Metrics;
    use axum::http::HeaderValue;
    use std::sync::Arc;

    fn access(reading: Reading, keys: Vec<Key>) -> Arc<Access> {
        let doors = Doors { reading, ..Doors::default() };
        Access::new(doors, Arc::new(Keys::new(keys)), Lanes::default(), Clock::system(), &Metrics::default())
    }

    fn controls(access: &Access, headers: &HeaderMap, ends: Option<Ends>) -> Result<Principal, ApiError> {
        let client = ends.map_or(Client::NONE, |ends| Client::at(ends.peer.ip()));
        Ok(decide(access, Who::Controller, evidence(access, headers, ends, None), client)?)
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
        let asker = asker.asker(Client::at(here.unwrap().peer.ip()));
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
        assert_eq!(bearing("Bearer control-secret").unwrap().name(), "ops");
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
            let headers = headers(pairs);
            let decided = decide(access, Who::Reader, evidence(access, &headers, None, None), Client::NONE);
            decided.map(|principal| principal.kind).map_err(|refused| ApiError::from(refused).status().as_u16())
        };
        assert_eq!((read(&free, &[]), read(&keyed, &[])), (Ok(PrincipalKind::Anybody), Err(401)));
        let key = |name: &str| Ok(PrincipalKind::Key(name.into()));
        assert_eq!(read(&keyed, &[("authorization", "Bearer reading-secret")]), key("wall"));
        assert_eq!(read(&keyed, &[("authorization", "Bearer control-secret")]), key("ops"));
        assert_eq!(read(&keyed, &[("authorization", "Bearer ingest-secret")]), Err(403));
        assert_eq!(read(&keyed, &[("authorization", "Bearer guess")]), Err(401));
        let wall = keyed.keys.find("reading-secret").unwrap();
        let cookie = session::begin(wall, keyed.clock.now(), crate::access::Transport::AsItComes).unwrap();
        let cookie: &'static str = Box::leak(cookie.into_boxed_str());
        assert_eq!(read(&keyed, &[("cookie", cookie)]), Ok(PrincipalKind::Session("wall".into())));
        let here = ends("127.0.0.1:5000", "127.0.0.1:8080");
        let by_session = headers(&[("cookie", cookie), ("host", "127.0.0.1:8080")]);
        assert!(controls(&keyed, &by_session, here).is_err(), "a session changes nothing");
    }

    #[test]
    fn the_right_key_opens_whatever_others_guess() {
        let keys = access(Reading::Keyed, vec![Key::new("wall", "abcd-the-right-secret", vec![Scope::Read])]);
        let client = Client::at([10, 0, 0, 7].into());
        let guess = || known(&keys, "abcd-a-wrong-secret", Scope::Read, client).unwrap_err();
        let guess = || ApiError::from(guess()).status().as_u16();
        let answers: Vec<u16> = (0..40).map(|_| guess()).collect();
        assert!(answers.contains(&401) && answers.ends_with(&[429, 429]), "{answers:?}");
        assert!(known(&keys, "abcd-the-right-secret", Scope::Read, client).is_ok());
    }
}
