//! Where a request comes from: the connection's other end, or, where that is a proxy that is trusted, what it says.
//!
//! # Source
//! The manner of `X-Forwarded-For`: each proxy adds at the end whom it was asked by. What stands before the last address
//! that a proxy of ours added, anybody may have written.

use crate::kit::networks::Networks;
use axum::http::{HeaderMap, HeaderName};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Who asks, by address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Client(IpAddr);

impl Client {
    /// Of what came by no connection.
    pub const NONE: Self = Self(IpAddr::V6(Ipv6Addr::UNSPECIFIED));

    #[must_use]
    pub const fn at(address: IpAddr) -> Self {
        Self(address.to_canonical())
    }

    /// As it is counted: whoever has one address of IPv6 has all of its /64.
    #[must_use]
    pub fn counted(self) -> Self {
        match self.0 {
            IpAddr::V4(_) => self,
            IpAddr::V6(address) => Self(IpAddr::V6(Ipv6Addr::from(u128::from(address) >> 64 << 64))),
        }
    }
}

impl Client {
    /// The network that it is in, as it is shown to who may not know addresses: enough to find a machine of one's own.
    #[must_use]
    pub fn network(self) -> String {
        match self.0 {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                format!("{a}.{b}.{c}.•")
            }
            IpAddr::V6(_) => format!("{}/64", self.counted()),
        }
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The proxies that are believed about who asked them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies(Networks);

impl Proxies {
    /// # Errors
    /// The first text that is neither an address nor a network.
    pub fn new(told: &[String]) -> Result<Self, String> {
        Networks::new(told).map(Self)
    }

    /// As the configuration names them.
    pub fn named(&self) -> impl Iterator<Item = String> {
        self.0.named()
    }

    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.0.hold(address)
    }

    /// Who asks: from the last to the first of those in the way, the first that is no proxy of ours.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let told: Vec<&str> = headers
            .get_all(X_FORWARDED_FOR)
            .iter()
            .flat_map(|value| value.to_str().unwrap_or_default().split(','))
            .map(str::trim)
            .collect();
        let mut client = peer.to_canonical();
        for text in told.into_iter().rev() {
            if !self.trusts(client) {
                break;
            }
            let Some(before) = address(text) else { break };
            client = before.to_canonical();
        }
        Client::at(client)
    }
}

/// An address, as proxies write it: some add the port.
fn address(text: &str) -> Option<IpAddr> {
    let plain = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    plain.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn seen(trusted: &[&str], peer: &str, told: &[&'static str]) -> String {
        let trusted: Vec<String> = trusted.iter().map(|text| (*text).to_owned()).collect();
        let mut all = HeaderMap::new();
        for value in told {
            all.append(X_FORWARDED_FOR, HeaderValue::from_static(value));
        }
        Proxies::new(&trusted).unwrap().client(peer.parse().unwrap(), &all).to_string()
    }

    #[test]
    fn only_proxies_of_ours_are_believed_and_only_what_they_added() {
        assert_eq!(seen(&[], "10.0.0.1", &["203.0.113.9"]), "10.0.0.1", "nobody is trusted");
        assert_eq!(seen(&["10.0.0.0/8"], "10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(seen(&["10.0.0.1"], "10.0.0.1", &["6.6.6.6, 203.0.113.9"]), "203.0.113.9", "who asks may lie");
        assert_eq!(seen(&["10.0.0.0/8"], "10.0.0.1", &["203.0.113.9, 10.0.0.2"]), "203.0.113.9");
        assert_eq!(seen(&["10.0.0.0/8"], "10.0.0.1", &["unknown"]), "10.0.0.1");
        assert_eq!(seen(&["::1"], "::1", &["[2001:db8::7]:4711"]), "2001:db8::7");
        assert_eq!(seen(&["127.0.0.1"], "::ffff:127.0.0.1", &["203.0.113.9:80"]), "203.0.113.9");
        assert!(Proxies::new(&["10.0.0.0/33".to_owned()]).unwrap_err().contains("10.0.0.0/33"));
    }

    #[test]
    fn a_net_of_ipv6_is_one_client() {
        let at = |text: &str| Client::at(text.parse().unwrap()).counted();
        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:1"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        assert_ne!(at("10.0.0.1"), at("10.0.0.2"));
    }
}
