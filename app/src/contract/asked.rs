//! What a dialer is asked where its table in the configuration says nothing else.

/// The body, of a campaign that is to be paused.
pub const ASKED: &str =
    r#"{"request": "7f2c-1", "campaign": "solar-west", "action": "pause", "at": "2026-11-21T14:32:08Z"}"#;
/// What stands before it.
pub const ASKED_HEADERS: &str =
    "POST /api/campaigns/solar-west/pause\nContent-Type: application/json\nIdempotency-Key: 7f2c-1\n";
