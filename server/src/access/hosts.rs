//! The names that this server answers to.
//!
//! A page elsewhere on the web can point a name of its own at any address, and its scripts then read what is there as if it
//! were their own (DNS rebinding). What it can't choose is what the browser writes into `Host`: so a request by a name that
//! is none of ours is refused, whatever it asks for. An address in figures is nobody's name, and is taken.

use axum::http::HeaderMap;
use axum::http::header::HOST;
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Hosts(Vec<String>);

impl Hosts {
    /// By names beside those of this machine to itself.
    ///
    /// # Errors
    /// The first text that is no name.
    pub fn new(names: &[String]) -> Result<Self, String> {
        let name = |text: &String| {
            let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
            if text.is_empty() || !text.bytes().all(fits) {
                return Err(format!("`{text}` is no name of a machine (like ringside.example, without port)"));
            }
            Ok(text.trim_end_matches('.').to_ascii_lowercase())
        };
        names.iter().map(name).collect::<Result<_, _>>().map(Self)
    }

    /// Whether the request was addressed to us. What is no browser may name nobody.
    #[must_use]
    pub fn know(&self, headers: &HeaderMap) -> bool {
        let mut told = headers.get_all(HOST).iter();
        let (Some(host), None) = (told.next(), told.next()) else { return !headers.contains_key(HOST) };
        let Ok(host) = host.to_str() else { return false };
        let name = name_of(host);
        name.parse::<Ipv4Addr>().is_ok()
            || name.parse::<Ipv6Addr>().is_ok()
            || is_loopback(name)
            || self.0.iter().any(|own| own.eq_ignore_ascii_case(name.trim_end_matches('.')))
    }
}

/// Whether the request was addressed to this machine by one of the names that it has for itself.
#[must_use]
pub fn names_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(HOST) else { return true };
    host.to_str().is_ok_and(|host| is_loopback(name_of(host)))
}

/// The name, without a port and the brackets of an address.
fn name_of(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    }
}

fn is_loopback(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn host(host: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))])
    }

    #[test]
    fn a_rebound_name_is_not_ours() {
        let hosts = Hosts::new(&["Floor.Example.".to_owned()]).unwrap();
        for (name, ours, this_machine) in [
            ("localhost:8080", true, true),
            ("127.0.0.1:8080", true, true),
            ("[::1]:8080", true, true),
            ("ringside.localhost", true, true),
            ("floor.example", true, false),
            ("FLOOR.example:8443", true, false),
            ("10.0.0.1:8080", true, false),
            ("evil.example", false, false),
            ("evil-floor.example", false, false),
            ("floor.example.evil.example", false, false),
            ("localhost.evil.example:80", false, false),
            ("127.0.0.1.evil.example", false, false),
            ("", false, false),
        ] {
            assert_eq!((hosts.know(&host(name)), names_this_machine(&host(name))), (ours, this_machine), "{name}");
        }
        let mut two = host("floor.example");
        two.append(HOST, HeaderValue::from_static("evil.example"));
        assert!(!hosts.know(&two) && hosts.know(&HeaderMap::new()));
        assert!(Hosts::new(&["http://floor.example".to_owned()]).unwrap_err().contains("without port"));
    }
}
