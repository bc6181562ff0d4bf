//! What those say who call us: messages and the heads that sign them. What an event is made of is one that the API takes.

use crate::kit::secret::Secret;
use crate::source::cpaas::plivo::Plivo;
use crate::source::cpaas::telnyx::Telnyx;
use crate::source::cpaas::twilio::Twilio;
use crate::source::cpaas::vonage::Vonage;
use crate::source::cpaas::{AccountTable, Cpaas, Posts, Provider};
use crate::source::livekit::{LivekitTable, Webhooks};
use crate::source::webhook::{Hook, Message};
use crate::source::{Site, Source};
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
    let Ok(contents) = hook.read(text, Some("campaign=b"), NOW) else { return };
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
        keys: [("APIlabKey0001".to_owned(), Secret::new("lab-secret-0123456789abcdef0123456789".to_owned()))].into(),
        ..LivekitTable::default()
    };
    let config = table.checked(site()).unwrap_or_else(|error| unreachable!("{error}"));
    hook(&Webhooks::new(config), &["authorization"], bytes);
}

macro_rules! post {
    ($($head:literal),* ; $name:literal) => {
        concat!($($head, "\n",)* include_str!(concat!("../source/cpaas/fixtures/", $name))).as_bytes()
    };
}

pub const TWILIO: &[&[u8]] = &[
    post!("0rVN49mQuH6Qoyjs/5/WsBDNBEY=", ""; "twilio_initiated.form.txt"),
    post!("dxdm3xU8YsCww6UWoA3xOfVR3Jc=", "key=a,algorithm=HMAC_SHA256"; "twilio_answered.form.txt"),
    post!("x", ""; "twilio_completed.form.txt"),
    post!("x", ""; "twilio_busy.form.txt"),
    b"x\n\nCallSid=CA2&ParentCallSid=CA1&CallStatus=in-progress&To=client%3Aada&CallDuration=9223372036854775807",
];
pub const TELNYX: &[&[u8]] = &[
    post!("jj/xlNgWgk7ZAf6CS9A8rTfQXvIjAe2ZnlwnGD9gNChxxqvpzMe7LfgqLahXKUCwDDx+/p4wHO72HSnD9Ob0Ag==", "1795219200"; "telnyx_call_initiated.json"),
    post!("x", "-1"; "telnyx_call_amd.json"),
    post!("x", "9223372036854775807"; "telnyx_call_hangup_normal.json"),
    post!("x", "1"; "telnyx_call_hangup_rejected.json"),
];
pub const PLIVO: &[&[u8]] = &[
    post!("9M1e/kSWmE0VWTADPTjfyRELGrZymc6JE6MjLejsaVU=", "58019245600361731481"; "plivo_hangup.form.txt"),
    b"a,b\n1\nCallUUID=a&CallStatus=ringing&Direction=inbound&From=12025550142&Machine=true",
];
pub const VONAGE: &[&[u8]] = &[
    b"Bearer a.b.c\n{\"uuid\":\"a\",\"status\":\"completed\",\"direction\":\"outbound\",\"from\":\"12025550100\",\"to\":\"12025550142\",\"start_time\":\"2026-11-21T00:00:14.000Z\",\"end_time\":\"2026-11-21 00:01:37\",\"timestamp\":\"2026-11-21T00:01:37.000Z\",\"sip_code\":\"200\"}",
    b"x\n{\"uuid\":\"a\",\"status\":\"machine\",\"timestamp\":\"2026-11-21T00:00:02.310Z\"}",
];

fn posts<P: Provider>(url: Option<&str>, key: &str) -> Posts<P> {
    let keys = vec![Secret::new(key.to_owned())];
    let table = AccountTable { url: url.map(str::to_owned), keys, ..AccountTable::default() };
    let account = Cpaas::<P>::checked(table, site()).unwrap_or_else(|error| unreachable!("{error}"));
    Posts::new(account).unwrap_or_else(|error| unreachable!("{error}"))
}

pub fn twilio(bytes: &[u8]) {
    let posts = posts::<Twilio>(Some("https://ops.example.com:443/hooks/twilio"), "12345678901234567890123456789012");
    hook(&posts, &["x-twilio-signature", "x-twilio-webhooks-signature-settings"], bytes);
}

pub fn telnyx(bytes: &[u8]) {
    let posts = posts::<Telnyx>(None, "DQBdACCjY600dZo8XoloewnBDCPsSpLkzlIb/g1Cmj4=");
    hook(&posts, &["telnyx-signature-ed25519", "telnyx-timestamp"], bytes);
}

pub fn plivo(bytes: &[u8]) {
    let posts = posts::<Plivo>(Some("https://ops.example.com/hooks/plivo"), "MAlabAuthToken0123456789");
    hook(&posts, &["x-plivo-signature-v3", "x-plivo-signature-v3-nonce"], bytes);
}

pub fn vonage(bytes: &[u8]) {
    hook(&posts::<Vonage>(None, "a-signature-secret"), &["authorization"], bytes);
}
