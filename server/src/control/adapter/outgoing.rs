//! One request out, to an address that is configured: no redirects, no proxy, a time limit, and an answer of bounded
//! length that carries no secret back.

use crate::control::machine::DialerAnswer;
use crate::kit::mask::safe;
use app::domain::Span;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Request, StatusCode, Url};
use smol_str::{SmolStr, format_smolstr};
use std::fmt;
use std::path::Path;
use std::time::Duration;

/// Bytes of an answer that are read; a dialer says yes or no in far fewer.
const MAX_ANSWER: usize = 16 * 1024;
/// Characters of a dialer's own words that are told on.
const MAX_WORDS: usize = 160;

/// A client for one dialer.
#[derive(Clone)]
pub(super) struct Outgoing {
    client: Client,
    within: Span,
    /// What must never be told on.
    secrets: Vec<String>,
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").field("within", &self.within).finish_non_exhaustive()
    }
}

/// An answer as it came.
#[derive(Debug)]
pub(super) struct DialerResponse {
    pub status: StatusCode,
    pub text: String,
}

impl Outgoing {
    /// # Errors
    /// If the certificates can't be read.
    pub fn new(within: Span, ca_file: Option<&Path>, secrets: Vec<String>) -> Result<Self, String> {
        // Another part of the program may have installed it before: then that one serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let limit = Duration::from_millis(within.as_millis().unsigned_abs());
        let mut builder = Client::builder()
            .timeout(limit)
            .redirect(Policy::none())
            .no_proxy()
            // A kept connection may be closed under a request, which then went out or not.
            .pool_max_idle_per_host(0)
            .retry(reqwest::retry::never())
            .user_agent(concat!("ringside/", env!("CARGO_PKG_VERSION")));
        if let Some(path) = ca_file {
            let pem = std::fs::read(path).map_err(|e| format!("`ca_file`: cannot read {}: {e}", path.display()))?;
            let certificates = Certificate::from_pem_bundle(&pem)
                .map_err(|_| format!("`ca_file`: no certificates in PEM in {}", path.display()))?;
            builder = builder.tls_certs_merge(certificates);
        }
        let client = builder.build().map_err(|e| format!("the HTTP client could not start: {}", e.without_url()))?;
        Ok(Self { client, within, secrets })
    }

    /// Sends it once.
    ///
    /// # Errors
    /// What is known of it then.
    pub async fn send(&self, request: Request) -> Result<DialerResponse, DialerAnswer> {
        let mut response = self.client.execute(request).await.map_err(|e| self.failed(e))?;
        let status = response.status();
        let mut body = Vec::new();
        while body.len() < MAX_ANSWER {
            match response.chunk().await {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk[..chunk.len().min(MAX_ANSWER - body.len())]),
                // The status is the answer. Servers that just hang up after it are many, and what they said of it so far
                // is all there is.
                Ok(None) | Err(_) => break,
            }
        }
        Ok(DialerResponse { status, text: String::from_utf8_lossy(&body).into_owned() })
    }

    fn failed(&self, error: reqwest::Error) -> DialerAnswer {
        if error.is_connect() {
            let why = innermost(&error);
            return DialerAnswer::NotReached(format_smolstr!("the dialer can't be reached: {}", self.told(&why)));
        }
        if error.is_timeout() {
            return DialerAnswer::NoAnswer(format_smolstr!(
                "the dialer did not answer within {} ms",
                self.within.as_millis()
            ));
        }
        let why = innermost(&error.without_url());
        DialerAnswer::NoAnswer(format_smolstr!("the dialer's answer broke off: {}", self.told(&why)))
    }

    /// A dialer's own words, short, on one line, without our secrets and without telephone numbers.
    pub fn told(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.secrets {
            text = text.replace(secret.as_str(), "•••");
        }
        let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_WORDS).collect();
        safe(line.trim())
    }

    /// What a status other than success means.
    pub fn refused(&self, heard: &DialerResponse) -> DialerAnswer {
        let status = heard.status;
        let words = self.told(&heard.text);
        let why: SmolStr = if status.is_redirection() {
            format_smolstr!("the dialer answered {status}: redirects are not followed")
        } else if words.is_empty() {
            format_smolstr!("the dialer answered {status}")
        } else {
            format_smolstr!("the dialer answered {status}: {words}")
        };
        match status {
            // A gateway that had no answer from behind it does not know either.
            StatusCode::REQUEST_TIMEOUT | StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => {
                DialerAnswer::NoAnswer(why)
            }
            _ => DialerAnswer::Refused(why),
        }
    }
}

/// The cause at the bottom: what the system said.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// Whether what is asked there crosses a network that others can read.
pub(super) fn is_readable_on_its_way(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let is_here = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    url.scheme() == "http" && !is_here
}

/// An address to ask at: of the web, with a host, and without a name and password in it.
///
/// # Errors
/// Says what is wrong with it.
pub(super) fn checked(url: &str) -> Result<Url, String> {
    // What stands there is not repeated: it may hold what nobody should read.
    let parsed = Url::parse(url).map_err(|e| format!("`url`: no address like https://dialer.example/pause: {e}"))?;
    if !matches!(parsed.scheme(), "http" | "https") || parsed.host_str().is_none() {
        return Err("`url`: must begin with https:// or http://, and name a host".to_owned());
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err("`url`: holds a user or a password; those belong into headers, from a secret".to_owned());
    }
    if parsed.fragment().is_some() {
        return Err("`url`: what follows `#` never leaves; take it away".to_owned());
    }
    Ok(parsed)
}
