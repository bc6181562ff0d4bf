//! What those say who call us: messages and the heads that sign them. What an event is made of is one that the API takes.

use crate::source::Site;
use crate::source::livekit::{LivekitTable, Webhooks};
use crate::source::webhook::{Hook, Message};
use app::domain::{Country, Moment, parse};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// When the fuzzed messages come.
const NOW: Moment = Moment::from_secs(1_795_300_000);

fn site() -> Site {
    Site { country: Country::new("US").ok() }
}

/// Whatever comes is signed or not, and what is read of it are events.
fn hook(hook: &dyn Hook, names: &[&'static str], bytes: &[u8]) {
    // A line for each header before the body: what is signed, and how.
    let mut body = bytes;
    let mut head = HeaderMap::new();
    for name in names {
        let Some(end) = body.iter().position(|byte| *byte == b'\n') else { break };
        if let Ok(value) = HeaderValue::from_bytes(&body[..end]) {
            head.insert(HeaderName::from_static(name), value);
        }
        body = &body[end + 1..];
    }
    drop(hook.is_signed(&Message { head: &head, query: Some("a=b"), body }, NOW));
    let Ok(text) = std::str::from_utf8(body) else { return };
    let Ok(contents) = hook.read(text, NOW) else { return };
    for event in contents.told.into_iter().filter_map(|told| told.event.ok()) {
        let written = serde_json::to_string(&event).unwrap_or_else(|error| unreachable!("{error}"));
        assert_eq!(parse::event(&written).as_ref(), Ok(&event), "{written}");
    }
}

macro_rules! livekit {
    ($name:literal) => {
        concat!(
            include_str!(concat!("../source/livekit/fixtures/", $name, ".auth.txt")),
            include_str!(concat!("../source/livekit/fixtures/", $name, ".json"))
        )
        .as_bytes()
    };
}

pub const LIVEKIT: &[&[u8]] = &[
    livekit!("03_participant_joined_sip_dialing"),
    livekit!("05_participant_left_sip_answered_then_hangup"),
    livekit!("06_room_finished"),
    livekit!("10_left_busy_486"),
    livekit!("14_participant_connection_aborted"),
    b"\n{\"event\":\"participant_left\",\"created_at\":1795219298,\"room\":{\"sid\":\"R\"},\"participant\":{\"sid\":\"P\",\"kind\":3,\"joined_at\":1,\"disconnect_reason\":11,\"attributes\":{\"sip.ruleID\":\"x\"}}}",
];

pub fn livekit(bytes: &[u8]) {
    let table = LivekitTable {
        keys: [(
            "APIlabKey0001".to_owned(),
            crate::kit::secret::Secret::new("lab-secret-0123456789abcdef0123456789".to_owned()),
        )]
        .into(),
        ..LivekitTable::default()
    };
    let config = table.checked(site()).unwrap_or_else(|error| unreachable!("{error}"));
    hook(&Webhooks::new(config), &["authorization"], bytes);
}
