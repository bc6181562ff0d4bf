//! Before every route: who asks, by which name, and whether they may.
//!
//! Goes by the table of routes. A browser that may not read is led to where it can sign in; all others are told.

use super::access::{Asker, ReadsBy, bears_a_key, known, may_control, may_read};
use super::error::ApiError;
use super::serve::Ends;
use super::sign_in;
use super::table::{self, Who};
use crate::access::keys::Scope;
use crate::access::proxies::Client;
use crate::access::{Access, Reading};
use crate::kit::quiet::Quiet;
use axum::extract::{Query, Request, State};
use axum::http::header::ACCEPT;
use axum::http::{HeaderValue, Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use smol_str::SmolStr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// Where pictures are: other sites show them, so their address may bear a key.
const PICTURES: &str = "/panel/";

/// Finds out who asks, and turns away who asks for another.
pub async fn identify(State(access): State<Arc<Access>>, mut request: Request, next: Next) -> Response {
    static SAID: Quiet = Quiet::new();
    let ends = request.extensions().get::<Ends>().copied();
    let client = ends.map_or(Client::NONE, |ends| access.proxies.client(ends.peer.ip(), request.headers()));
    // Who shows a key of ours is no stranger's page: dialers and collectors call this server as they like.
    if !access.hosts.know(request.headers()) && !bears_a_key(&access, request.headers()) {
        access.counters.misnamed.fetch_add(1, Relaxed);
        if let Some(unsaid) = SAID.turn() {
            tracing::warn!(%client, unsaid, "asked for by a name that is not ours; see `hosts`");
        }
        return ApiError::NotOurName.into_response();
    }
    request.extensions_mut().insert(client);
    next.run(request).await
}

/// Lets in who may.
pub async fn admit(State(access): State<Arc<Access>>, mut request: Request, next: Next) -> Response {
    let client = request.extensions().get().copied().unwrap_or(Client::NONE);
    match table::of(&request).who(request.method()) {
        Who::Anybody | Who::Sender => {}
        Who::Reader => match reads(&access, &mut request, client) {
            Ok(by) => {
                request.extensions_mut().insert::<Asker>(by.asker(client));
                request.extensions_mut().insert(by);
            }
            Err(error) => {
                access.counters.unread.fetch_add(1, Relaxed);
                return refused(&request, error);
            }
        },
        Who::Controller => {
            let ends = request.extensions().get::<Ends>().copied();
            match may_control(&access, request.headers(), ends, client) {
                Ok(asker) => drop(request.extensions_mut().insert::<Asker>(asker)),
                Err(error) => {
                    access.counters.denied.fetch_add(1, Relaxed);
                    return error.into_response();
                }
            }
        }
    }
    next.run(request).await
}

fn reads(access: &Access, request: &mut Request, client: Client) -> Result<ReadsBy, ApiError> {
    if request.uri().path().starts_with(PICTURES)
        && let Some((key, rest)) = key_of(request.uri())
    {
        *request.uri_mut() = rest;
        return match access.reading {
            Reading::Free => Ok(ReadsBy::Anybody),
            Reading::Keyed => may_stand_in_an_address(access, &key, client),
        };
    }
    may_read(access, request.headers(), client)
}

/// The key in a picture's address, and the address without it.
fn key_of(uri: &Uri) -> Option<(String, Uri)> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri).ok()?;
    let key = pairs.into_iter().find(|(name, _)| name == "key").map(|(_, key)| key)?;
    let others: Vec<&str> = uri.query()?.split('&').filter(|pair| !pair.starts_with("key=")).collect();
    Some((key, format!("{}?{}", uri.path(), others.join("&")).parse().ok()?))
}

/// Addresses end up in other people's logs and histories: what stands there may do nothing but read.
fn may_stand_in_an_address(access: &Access, key: &str, client: Client) -> Result<ReadsBy, ApiError> {
    let key = known(access, key, Scope::Read, client)?;
    if key.scopes == [Scope::Read] {
        return Ok(ReadsBy::Key(SmolStr::new(&key.name)));
    }
    let why = "a key in an address must have the scope `read` and no other";
    Err(ApiError::Forbidden(why.to_owned()))
}

/// A page that may not be read leads to where one signs in.
fn refused(request: &Request, error: ApiError) -> Response {
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

    #[test]
    fn a_picture_address_may_bear_a_key_that_the_picture_never_sees() {
        let found = |address: &str| key_of(&address.parse().unwrap()).map(|(key, rest)| (key, rest.to_string()));
        let expected = ("a+b&c".to_owned(), "/panel/pdd.svg?width=300&theme=light".to_owned());
        assert_eq!(found("/panel/pdd.svg?width=300&key=a%2Bb%26c&theme=light"), Some(expected));
        assert_eq!(found("/panel/pdd.svg?monkey=1"), None);
    }
}
