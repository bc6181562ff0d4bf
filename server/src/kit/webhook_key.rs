//! The key by which two servers know each other's webhooks: one signs what it sends, the other looks whether it did.
//!
//! # Source
//! [Standard Webhooks 1.0](https://www.standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`, in base64, with `v1,` before
//! it; the secret is `whsec_` and base64 of 24 to 64 bytes.

use super::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use subtle::ConstantTimeEq;

/// What stands before the signatures of this kind; those of others (`v1a`) are somebody else's to read.
const VERSION: &str = "v1,";

/// What is wrong with a secret.
pub const NO_KEY: &str = "must be `whsec_` and 24 to 64 bytes in base64";

#[derive(Clone)]
pub struct WebhookKey(Hmac<Sha256>);

impl fmt::Debug for WebhookKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookKey(…)")
    }
}

impl WebhookKey {
    /// # Errors
    /// If it is no secret of that form.
    pub fn new(secret: &Secret) -> Result<Self, &'static str> {
        let encoded = secret.reveal().strip_prefix("whsec_").ok_or(NO_KEY)?;
        let key = STANDARD.decode(encoded).map_err(|_| NO_KEY)?;
        if !(24..=64).contains(&key.len()) {
            return Err(NO_KEY);
        }
        Hmac::new_from_slice(&key).map(Self).map_err(|_| NO_KEY)
    }

    /// A message's signature, as its header has it.
    #[must_use]
    pub fn signature(&self, id: &str, timestamp: &str, body: &[u8]) -> String {
        format!("{VERSION}{}", STANDARD.encode(self.mac(id, timestamp, body)))
    }

    /// Whether one of the signatures that a header lists is this key's. All are compared, and each in the same time however
    /// much of it is right.
    #[must_use]
    pub fn has_signed(&self, signatures: &str, id: &str, timestamp: &str, body: &[u8]) -> bool {
        let own = self.mac(id, timestamp, body);
        signatures
            .split(' ')
            .filter_map(|one| STANDARD.decode(one.strip_prefix(VERSION)?).ok())
            .fold(false, |found, told| found | bool::from(own.ct_eq(told.as_slice())))
    }

    fn mac(&self, id: &str, timestamp: &str, body: &[u8]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn key(text: &str) -> WebhookKey {
        WebhookKey::new(&Secret::new(text.to_owned())).unwrap()
    }

    /// The example that the specification's own libraries test with.
    #[test]
    fn a_signature_is_the_specifications() {
        let key = key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let (id, at, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", br#"{"test": 2432232314}"#);
        let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(key.signature(id, at, body), signature);
        let others = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";
        assert!(key.has_signed(&format!("{others} {signature}"), id, at, body));
        assert!(!format!("{key:?}").contains("77"));
        for wrong in [
            others,
            "",
            "v1,",
            "v1,no base64",
            // Of the right bytes too few, too many, and under another version's name.
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ",
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OEA",
            "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ] {
            assert!(!key.has_signed(wrong, id, at, body), "{wrong}");
        }
        assert!(!key.has_signed(signature, id, "1614265331", body), "another time is another message");
        assert!(!key.has_signed(signature, "msg_p", at, body), "and so is another id");
        assert!(!key.has_signed(signature, id, at, br#"{"test":2432232314}"#), "or a space less");
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        for text in ["abc", "whsec_short", "whsec_YWJj"] {
            assert_eq!(WebhookKey::new(&Secret::new(text.to_owned())).unwrap_err(), NO_KEY, "{text}");
        }
    }
}
