//! Signs what goes out, so that the dialer can tell that it is from us and new.
//!
//! # Source
//! Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`, in base64, with `v1,` before it; the secret is
//! `whsec_` and base64 of 24 to 64 bytes.

use crate::kit::secret::Secret;
use app::domain::Moment;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;

#[derive(Clone)]
pub(super) struct Signer(Vec<u8>);

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(…)")
    }
}

impl Signer {
    /// # Errors
    /// If it is no secret of that form.
    pub fn new(secret: &Secret) -> Result<Self, String> {
        let wrong = || "`signing_secret`: must be `whsec_` and 24 to 64 bytes in base64".to_owned();
        let encoded = secret.reveal().strip_prefix("whsec_").ok_or_else(wrong)?;
        let key = STANDARD.decode(encoded).map_err(|_| wrong())?;
        if (24..=64).contains(&key.len()) { Ok(Self(key)) } else { Err(wrong()) }
    }

    /// The headers `webhook-id`, `webhook-timestamp` and `webhook-signature`.
    pub fn headers(&self, id: &str, at: Moment, body: &str) -> Result<[(&'static str, String); 3], String> {
        let timestamp = at.secs().to_string();
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).map_err(|e| e.to_string())?;
        for part in [id, ".", &timestamp, ".", body] {
            mac.update(part.as_bytes());
        }
        let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        Ok([("webhook-id", id.to_owned()), ("webhook-timestamp", timestamp), ("webhook-signature", signature)])
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The example that the specification's own libraries test with.
    #[test]
    fn a_signature_is_the_specifications() {
        let signer = Signer::new(&Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned())).unwrap();
        let at = Moment::from_secs(1_614_265_330);
        let headers = signer.headers("msg_p5jXN8AQM9LWM0D4loKWxJek", at, r#"{"test": 2432232314}"#).unwrap();
        assert_eq!(headers[1].1, "1614265330");
        assert_eq!(headers[2].1, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert!(!format!("{signer:?}").contains("77"));
    }

    #[test]
    fn what_is_no_secret_is_named() {
        for text in ["abc", "whsec_short", "whsec_YWJj"] {
            assert!(Signer::new(&Secret::new(text.to_owned())).unwrap_err().starts_with("`signing_secret`"), "{text}");
        }
    }
}
