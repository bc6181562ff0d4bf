//! A browser's session: what stands in its cookie after somebody gave it a key that may read.
//!
//! The cookie says until when, sealed with the key's own digest: the server keeps nothing of it, it outlasts a restart, and
//! it ends with its key. It never lets anybody do anything: what changes something needs the key itself, so that no other
//! site's page can have a browser do it.

use super::Transport;
use crate::access::keys::{Key, Keys, Scope};
use app::domain::{Moment, Span};
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use subtle::ConstantTimeEq;

/// A screen on a wall is not signed in anew each morning.
pub const LASTS: Span = Span::days(30);
/// What cookies of ours are named, before what tells one key's from another's: servers on one machine share its cookies.
const NAME: &str = "ringside-";
/// What is sealed begins with this: a seal for one purpose is none for another.
const PURPOSE: &str = "session until ";

/// The cookie of a session that begins now, as `Set-Cookie` has it.
#[must_use]
pub fn begin(key: &Key, now: Moment, transport: Transport) -> Option<String> {
    let until = format!("{:x}", (now + LASTS).millis());
    let token = format!("{until}.{}", hex(&key.seal(&format!("{PURPOSE}{until}"))?));
    cookie(key, &token, LASTS.as_secs(), transport)
}

/// What ends it.
#[must_use]
pub fn end(key: &Key, transport: Transport) -> Option<String> {
    cookie(key, "", 0, transport)
}

fn cookie(key: &Key, token: &str, seconds: i64, transport: Transport) -> Option<String> {
    let mark = hex(key.seal("cookie")?.get(..4)?);
    let secure = match transport {
        Transport::TlsAlone => "; Secure",
        Transport::AsItComes => "",
    };
    Some(format!("{NAME}{mark}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"))
}

/// The key of the session that a browser shows, if it may read and its time is not over.
#[must_use]
pub fn of<'a>(keys: &'a Keys, headers: &HeaderMap, now: Moment) -> Option<&'a Key> {
    headers.get_all(COOKIE).iter().find_map(|value| {
        let cookies = value.to_str().ok()?.split(';');
        let tokens = cookies.filter_map(|cookie| Some(cookie.trim().strip_prefix(NAME)?.split_once('=')?.1));
        tokens.filter_map(|token| sealed_by(keys, token, now)).next()
    })
}

/// The seal is looked at first: what is not sealed is not read.
fn sealed_by<'a>(keys: &'a Keys, token: &str, now: Moment) -> Option<&'a Key> {
    let (until, seal) = token.split_once('.')?;
    let text = format!("{PURPOSE}{until}");
    let is_of = |key: &&Key| key.seal(&text).is_some_and(|own| bool::from(hex(&own).as_bytes().ct_eq(seal.as_bytes())));
    let key = keys.iter().filter(|key| key.role().may(Scope::Read)).find(is_of)?;
    (i64::from_str_radix(until, 16).ok()? > now.millis()).then_some(key)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        // Writing into a string can't fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn shown(cookies: &str) -> HeaderMap {
        HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(cookies).unwrap())])
    }

    #[test]
    fn a_session_is_its_keys_until_its_time_is_over() {
        let now = Moment::from_secs(1_800_000_000);
        let wall = Key::new("wall", "a-long-enough-secret", vec![Scope::Read]);
        let sends = Key::new("dialer", "another-long-secret", vec![Scope::Ingest]);
        let told = begin(&wall, now, Transport::TlsAlone).unwrap();
        let stray = begin(&sends, now, Transport::AsItComes).unwrap();
        assert!(told.contains("HttpOnly; SameSite=Strict; Secure") && !stray.contains("Secure"));
        let keys = Keys::new(vec![sends, wall]);
        let pair = told.split(';').next().unwrap();
        let name = |headers: &HeaderMap, now| of(&keys, headers, now).map(|key| key.name.clone());
        assert_eq!(name(&shown(&format!("theme=dark; {pair}; x=y")), now).as_deref(), Some("wall"));
        assert_eq!(name(&shown(pair), now + LASTS), None, "it is over");
        assert_eq!(name(&shown(stray.split(';').next().unwrap()), now), None, "a key that may not read");
        let (head, seal) = pair.split_once('.').unwrap();
        assert_eq!(name(&shown(&format!("{head}0.{seal}")), now), None, "a longer time");
        let none = Keys::default();
        assert!(of(&none, &shown(pair), now).is_none(), "it ends with its key");
    }
}
