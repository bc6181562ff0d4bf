//! What of a message's head is looked at; the signatures themselves are `kit::webhook_key`'s and `http::hooks`'.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::kit::secret::Secret;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

const BODY: &[u8] = b"{}";

fn key() -> WebhookKey {
    WebhookKey::new(&Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned())).unwrap()
}

const fn message(head: &HeaderMap) -> Message<'_> {
    Message { head, query: None, body: BODY }
}

/// What a message is taken for at second 1,000, signed with this time as it stands there.
fn taken_for(timestamp: &'static str, more: &[(&'static str, &'static str)]) -> Result<(), Unsigned> {
    let mut head = HeaderMap::new();
    let signature = HeaderValue::from_str(&key().signature("m", timestamp, BODY)).unwrap();
    head.insert(ID, HeaderValue::from_static("m"));
    head.insert(TIMESTAMP, HeaderValue::from_static(timestamp));
    head.insert(SIGNATURE, signature);
    for (name, value) in more {
        head.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    Signed { keys: vec![key()] }.is_signed(&message(&head), Moment::from_secs(1_000))
}

#[test]
fn a_message_is_of_now_within_five_minutes() {
    for (timestamp, taken) in [
        ("1000", Ok(())),
        ("700", Ok(())),
        ("1300", Ok(())),
        ("699", Err(Unsigned::Old { ago_s: 301 })),
        ("1301", Err(Unsigned::Early { ahead_s: 301 })),
        ("9223372036854775807", Err(Unsigned::Early { ahead_s: i64::MAX - 1_000 })),
    ] {
        assert_eq!(taken_for(timestamp, &[]), taken, "{timestamp}");
    }
}

#[test]
fn a_time_is_digits_and_each_header_is_there_once() {
    for timestamp in ["", "now", "+1000", "-1000", "1000.5", "9223372036854775808"] {
        assert!(matches!(taken_for(timestamp, &[]), Err(Unsigned::Unreadable(TIMESTAMP, _))), "{timestamp}");
    }
    for name in [ID, TIMESTAMP, SIGNATURE] {
        let twice = taken_for("1000", &[(name, "1000")]);
        assert_eq!(twice, Err(Unsigned::Unreadable(name, "it is there more than once")), "{name}");
    }
    let none = Signed { keys: vec![key()] }.is_signed(&message(&HeaderMap::new()), Moment::from_secs(1_000));
    assert_eq!(none, Err(Unsigned::Missing(ID)));
}
