//! The page's address: which page it is, and what its query asks for.

pub use crate::view::place::{encoded, of_campaign};

/// Path and query, as the server and the browser both know them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub path: String,
    query: String,
}

impl Address {
    /// The address of the request that is answered.
    #[cfg(feature = "ssr")]
    pub fn of_this_request() -> Self {
        leptos::prelude::use_context::<leptos_router::location::RequestUrl>()
            .map_or_else(|| Self::of("/"), |url| Self::of(url.as_ref()))
    }

    /// From `/live?role=network`, or the same after a scheme and a host.
    pub fn of(text: &str) -> Self {
        let text = text.split_once("://").map_or(text, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
        Self { path: path.to_owned(), query: query.split('#').next().unwrap_or_default().to_owned() }
    }

    /// The value of a parameter of the query. Ours are plain words: nothing in them is encoded.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }
}

/// Where it says what a problem is and what to do.
#[must_use]
pub fn of_problem(word: &str) -> String {
    format!("{}#{}", super::pages::TROUBLESHOOTING.path, encoded(word))
}

/// Where the server is asked about a campaign.
#[must_use]
pub fn of_campaign_api(id: &str) -> String {
    format!("/api/v1/campaigns/{}", encoded(id))
}

/// The text that [`encoded`] made this of; `None` where it is not of that kind.
#[must_use]
pub fn decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let mut digit = || bytes.next().and_then(|digit| char::from(digit).to_digit(16));
            let code = digit()? * 16 + digit()?;
            out.push(u8::try_from(code).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_campaign_of_any_name_has_an_address() {
        for id in ["solar-west", "Energía / UK", "50%", "a?b#c&d=e", "..", "日本"] {
            let address = of_campaign(id);
            assert!(address.bytes().all(|b| b.is_ascii_graphic()), "{address}");
            let last = address.rsplit('/').next().unwrap_or_default();
            assert_eq!(decoded(last).as_deref(), Some(id));
        }
        assert_eq!(of_campaign("a b/c"), "/monitor/a%20b%2Fc");
        assert_eq!((decoded("%zz"), decoded("%e"), decoded("%ff")), (None, None, None));
    }

    #[test]
    fn a_parameter_is_found_by_its_whole_name() {
        let address = Address::of("/live/?xrole=a&role=network&theme=dark#top");
        assert_eq!(address.path, "/live");
        assert_eq!((address.parameter("role"), address.parameter("theme")), (Some("network"), Some("dark")));
        assert_eq!(Address::of("http://floor.example/live?role=all").path, "/live");
        assert_eq!(Address::of("http://floor.example").path, "/");
        assert_eq!((address.parameter("rol"), Address::of("/").path.as_str()), (None, "/"));
    }
}
