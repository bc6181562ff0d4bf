//! Signs what goes out, so that the dialer can tell that it is from us and new.
//!
//! # Source
//! Standard Webhooks 1.0; the key and what is signed are `kit::webhook_key`'s.

use crate::kit::secret::Secret;
use crate::kit::webhook_key::WebhookKey;
use app::domain::Moment;

#[derive(Debug, Clone)]
pub(super) struct Signer(WebhookKey);

impl Signer {
    /// # Errors
    /// If it is no secret of that form.
    pub fn new(secret: &Secret) -> Result<Self, String> {
        WebhookKey::new(secret).map(Self).map_err(|why| format!("`signing_secret`: {why}"))
    }

    /// The headers `webhook-id`, `webhook-timestamp` and `webhook-signature`.
    pub fn headers(&self, id: &str, at: Moment, body: &str) -> [(&'static str, String); 3] {
        let timestamp = at.secs().to_string();
        let signature = self.0.signature(id, &timestamp, body.as_bytes());
        [("webhook-id", id.to_owned()), ("webhook-timestamp", timestamp), ("webhook-signature", signature)]
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
        let headers = signer.headers("msg_p5jXN8AQM9LWM0D4loKWxJek", at, r#"{"test": 2432232314}"#);
        assert_eq!(headers[1].1, "1614265330");
        assert_eq!(headers[2].1, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn what_is_no_secret_is_named() {
        for text in ["abc", "whsec_short", "whsec_YWJj"] {
            assert!(Signer::new(&Secret::new(text.to_owned())).unwrap_err().starts_with("`signing_secret`"), "{text}");
        }
    }
}
