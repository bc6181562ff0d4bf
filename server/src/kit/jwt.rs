//! A signed token that stands in a header: JSON Web Token, HMAC-SHA256 and nothing else.
//!
//! Reads what a token claims before anybody knows that it is true, because the claims say by whose key it is signed. What they
//! mean, and whether they hold now, is for whoever asked to say.
//!
//! # Source
//! RFC 7519 (JWT), RFC 7515 (compact serialisation), RFC 7518 (HS256).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;

/// Why a text is no such token.
pub const NO_TOKEN: &str = "it is no token of three parts";
pub const NOT_HS256: &str = "its token's algorithm is not HS256";
pub const NO_CLAIMS: &str = "its token's claims can't be read";

/// A token as it claims to be.
#[derive(Debug)]
pub struct Token<'t, C> {
    pub claims: C,
    /// What is signed: the first two parts with the full stop between them.
    signed: &'t str,
    signature: Vec<u8>,
}

/// A moment in seconds since 1970, whole or not (RFC 7519, `NumericDate`).
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct NumericDate(f64);

impl NumericDate {
    /// Cut to whole seconds; what is beyond all time is its end.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)] // saturates
    pub const fn secs(self) -> i64 {
        self.0 as i64
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

impl<'t, C: DeserializeOwned> Token<'t, C> {
    /// # Errors
    /// If it is no token, or one that is signed in another way: `none` too.
    pub fn read(text: &'t str) -> Result<Self, &'static str> {
        let (signed, signature) = text.rsplit_once('.').ok_or(NO_TOKEN)?;
        let (head, claims) = signed.split_once('.').filter(|(_, claims)| !claims.contains('.')).ok_or(NO_TOKEN)?;
        let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).map_err(|_| NO_TOKEN);
        let Header { alg } = serde_json::from_slice(&bytes(head)?).map_err(|_| NOT_HS256)?;
        if alg != "HS256" {
            return Err(NOT_HS256);
        }
        let claims = serde_json::from_slice(&bytes(claims)?).map_err(|_| NO_CLAIMS)?;
        Ok(Self { claims, signed, signature: bytes(signature)? })
    }

    /// Whether it is signed with this key. Takes the same time however much of the signature is right.
    #[must_use]
    pub fn is_signed_with(&self, key: &[u8]) -> bool {
        // A key of any length is one.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return false };
        mac.update(self.signed.as_bytes());
        mac.verify_slice(&self.signature).is_ok()
    }
}

/// A token of these claims.
#[must_use]
pub fn signed(claims: &serde_json::Value, key: &[u8]) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let signed = format!("{}.{}", part(r#"{"typ":"JWT","alg":"HS256"}"#), part(&claims.to_string()));
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| unreachable!("a key of any length is one"));
    mac.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// The example of RFC 7515, appendix A.1, with its key.
    #[test]
    fn the_example_of_the_standard_is_signed_with_its_key_alone() {
        let text = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let key = URL_SAFE_NO_PAD.decode(key).unwrap();
        let token = Token::<Value>::read(text).unwrap();
        assert_eq!(token.claims["iss"], "joe");
        assert!(token.is_signed_with(&key) && !token.is_signed_with(&key[1..]) && !token.is_signed_with(b""));
        let other = text.replace("dBjf", "dBjg");
        assert!(!Token::<Value>::read(&other).unwrap().is_signed_with(&key));
        let short = text.rsplit_once('.').unwrap().0.to_owned() + ".dBjf";
        assert!(!Token::<Value>::read(&short).unwrap().is_signed_with(&key));
    }

    #[test]
    fn what_is_signed_otherwise_or_not_at_all_is_no_token() {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let of = |head: &str, claims: &str| format!("{}.{}.AAAA", part(head), part(claims));
        for (text, why) in [
            (String::new(), NO_TOKEN),
            ("a.b".to_owned(), NO_TOKEN),
            ("a.b.c.d".to_owned(), NO_TOKEN),
            ("é.é.é".to_owned(), NO_TOKEN),
            (of(r#"{"alg":"none"}"#, "{}"), NOT_HS256),
            (of(r#"{"alg":"HS512"}"#, "{}"), NOT_HS256),
            (of("{}", "{}"), NOT_HS256),
            (of(r#"{"alg":"HS256"}"#, "[1"), NO_CLAIMS),
        ] {
            assert_eq!(Token::<Value>::read(&text).unwrap_err(), why, "{text}");
        }
        assert!(Token::<Value>::read(&signed(&json!({ "iss": "a" }), b"k")).unwrap().is_signed_with(b"k"));
    }

    #[test]
    fn a_date_may_be_anything() {
        let of = |text: &str| serde_json::from_str::<NumericDate>(text).unwrap().secs();
        assert_eq!(
            (of("1795219200"), of("1795219200.9"), of("1e300"), of("-1")),
            (1_795_219_200, 1_795_219_200, i64::MAX, -1)
        );
    }
}
