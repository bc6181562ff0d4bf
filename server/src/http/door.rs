//! Before every route: from where a request comes, who asks, and whether they may.
//!
//! Authenticates, and goes by the table of routes and the policy; what it finds, a [`Principal`], is among the request's
//! extensions. A browser that may not read is led to where it can sign in; all others are told.
//!
//! [`Principal`]: crate::access::principal::Principal

use super::access::{self, Refused};
use super::error::ApiError;
use super::serve::Ends;
use super::sign_in;
use super::table::{self, Tells};
use crate::access::Access;
use crate::access::policy::{Evidence, Shown, Who};
use crate::access::principal::Principal;
use crate::access::proxies::Client;
use crate::kit::quiet::Quiet;
use app::domain::CampaignScope;
use axum::extract::{Query, Request, State};
use axum::http::header::ACCEPT;
use axum::http::{HeaderValue, Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Where pictures are: other sites show them, so their address may bear a key.
const PICTURES: &str = "/panel/";

/// Finds out who asks, turns away who asks for another or may not, and lets in all others.
pub async fn admit(State(access): State<Arc<Access>>, mut request: Request, next: Next) -> Response {
    let ends = request.extensions().get::<Ends>().copied();
    let client = ends.map_or(Client::NONE, |ends| access.proxies.client(ends.peer.ip(), request.headers()));
    request.extensions_mut().insert(client);
    let key_in_address = take_key(&mut request);
    let shown = access::evidence(&access, request.headers(), ends, key_in_address.as_deref());
    let row = table::of(&request);
    let who = row.who(request.method());
    // Who shows a key of ours, or signs, is no stranger's page: dialers and collectors call this server as they like.
    let is_no_page = who == Who::Signer || matches!(shown.bearer, Shown::Known(_));
    if !is_no_page && !access.hosts.know(request.headers()) {
        return misnamed(&access, client, (shown, who));
    }
    match (access::decide(&access, who, shown, client), who) {
        (Ok(principal), _) if !may_hear(row.tells, &principal) => {
            return ApiError::Forbidden(TOO_MUCH.to_owned()).into_response();
        }
        (Ok(principal), _) => drop(request.extensions_mut().insert(principal)),
        // The body has to be read before a no.
        (Err(refused), Who::Sender | Who::Bookkeeper) => drop(request.extensions_mut().insert::<Refused>(refused)),
        (Err(refused), Who::Anybody | Who::Signer | Who::Reader) => {
            access.counters.unread.add(1);
            return lead_or_tell(&request, refused.into());
        }
        (Err(refused), Who::Controller) => {
            access.counters.denied.add(1);
            return ApiError::from(refused).into_response();
        }
    }
    next.run(request).await
}

const TOO_MUCH: &str = "this is of the whole floor, and the key shown may see some of its campaigns only";

/// Whether what a route tells is for this principal, of those campaigns that it tells of.
fn may_hear(tells: Tells, principal: &Principal) -> bool {
    match (tells, &principal.scope) {
        (Tells::NoFigures | Tells::TheirCampaigns, _) | (Tells::WholeFloor, CampaignScope::All) => true,
        (Tells::WholeFloor, CampaignScope::Of(_)) => false,
    }
}

fn misnamed(access: &Access, client: Client, (shown, who): (Evidence<'_>, Who)) -> Response {
    static SAID: Quiet = Quiet::new();
    access.counters.misnamed.add(1);
    // A key of ours would have been let in: so whether one is shows here, too.
    if let Err(refused) = access::note_wrong(access, shown, who.asks_for(), client) {
        return ApiError::from(refused).into_response();
    }
    if let Some(unsaid) = SAID.turn() {
        tracing::warn!(%client, unsaid, "asked for by a name that is not ours; see `hosts`");
    }
    ApiError::NotOurName.into_response()
}

/// Takes the key out of a picture's address.
fn take_key(request: &mut Request) -> Option<String> {
    if !request.uri().path().starts_with(PICTURES) {
        return None;
    }
    let (key, rest) = key_of(request.uri())?;
    *request.uri_mut() = rest;
    Some(key)
}

/// The key in a picture's address, and the address without it.
fn key_of(uri: &Uri) -> Option<(String, Uri)> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri).ok()?;
    let key = pairs.into_iter().find(|(name, _)| name == "key").map(|(_, key)| key)?;
    let others: Vec<&str> = uri.query()?.split('&').filter(|pair| !pair.starts_with("key=")).collect();
    Some((key, format!("{}?{}", uri.path(), others.join("&")).parse().ok()?))
}

/// A page that may not be read leads to where one signs in.
fn lead_or_tell(request: &Request, error: ApiError) -> Response {
    let path = request.uri().path();
    let accepts_pages = |value: &HeaderValue| value.to_str().is_ok_and(|accepted| accepted.contains("text/html"));
    let is_page = request.method() == Method::GET
        && !(path.starts_with("/api/") || path.starts_with(PICTURES))
        && request.headers().get(ACCEPT).is_some_and(accepts_pages);
    if is_page { sign_in::lead(request.uri()) } else { error.into_response() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::access::keys::{Key, Keys, Scope};
    use crate::http::testing::{edge, takes_all};

    /// Whether a key is one of ours shows by the answer to a wrong name, too.
    #[tokio::test]
    async fn a_wrong_key_is_counted_by_whatever_name_we_are_asked_for() {
        let keys = Keys::new(vec![Key::new("wall", "abcd-the-right-secret", vec![Scope::Read])]);
        let edge = edge(keys, takes_all).await;
        let ask = |key: &'static str| {
            let asked = edge.client.get(format!("{}/api/v1/kpis", edge.url)).header("host", "evil.example");
            asked.bearer_auth(key).send()
        };
        let mut answers = Vec::new();
        for _ in 0..12 {
            answers.push(ask("abcd-a-wrong-secret").await.unwrap().status().as_u16());
        }
        assert_eq!(answers, [&[421; 10][..], &[429; 2]].concat());
        assert_eq!(ask("abcd-the-right-secret").await.unwrap().status().as_u16(), 200, "whatever others guess");
        let counted = edge.text("/metrics").await;
        assert!(counted.contains("ringside_wrong_keys_total{scope=\"read\"} 12"), "{counted}");
    }

    #[test]
    fn a_picture_address_may_bear_a_key_that_the_picture_never_sees() {
        let found = |address: &str| key_of(&address.parse().unwrap()).map(|(key, rest)| (key, rest.to_string()));
        let expected = ("a+b&c".to_owned(), "/panel/pdd.svg?width=300&theme=light".to_owned());
        assert_eq!(found("/panel/pdd.svg?width=300&key=a%2Bb%26c&theme=light"), Some(expected));
        assert_eq!(found("/panel/pdd.svg?monkey=1"), None);
    }
}
