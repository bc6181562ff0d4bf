//! Short texts: events, times, numbers, the configuration.

use crate::http::events::lines::Lines;
use crate::kit::mask::{Veil, safe};
use crate::source::file::times::{Fold, Order, Times, shapes};
use crate::source::numbers;
use app::domain::{Call, Country, Moment, Number, Party, parse, phone};
use bytes::Bytes;
use std::path::Path;

pub const EVENTS: &[&[u8]] = &[
    br#"{"specversion":"1.0","id":"1","source":"dialer-1","type":"call.started","time":"2026-11-21T14:32:08Z","data":{"call_id":"a1","direction":"outbound","campaign":"solar-west","mode":"predictive","route":"alpha","from":"+12025550142","to":"+12025550187","attempt":1,"metadata":{"a":"b"},"cannot_tell":["agent"]}}"#,
    br#"{"specversion":"1.0","id":"2","source":"d","type":"call.record","time":"2026-11-21T14:32:08.123456+05:30","data":{"call_id":"a1","direction":"inbound","from":"anonymous","to":"+12025550187","queue":"q","started_at":"2026-11-21T14:31:00Z","queued_at":"2026-11-21T14:31:01Z","answered_at":"2026-11-21T14:31:02Z","by":"human","bridged_at":"2026-11-21T14:31:09Z","agent":"x","ended_at":"2026-11-21T14:32:00Z","outcome":"answered","sip_code":200,"hung_up_by":"person","wrap_ms":2000}}"#,
    br#"{"specversion":"1.0","id":"3","source":"d","type":"agent.state","time":"2026-11-21T14:32:08Z","data":{"agent":"x","state":"paused","reason":"lunch"}}"#,
    br#"{"specversion":"1.0","id":"4","source":"d","type":"metric.sample","time":"2026-11-21T14:32:08Z","data":{"component":"c","name":"cpu","value":0.25}}"#,
    br#"{"specversion":"1.0","id":"5","source":"d","type":"campaign.updated","time":"2026-11-21T14:32:08Z","data":{"campaign":"c","status":"active","destinations":20000,"started_at":"2026-11-21T14:32:08Z"}}"#,
    b"{}\n\n[1]\r\n",
];

/// An event that is read is read again from how it is written, and tells a call the same twice as once.
pub fn event(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(event) = parse::event_noting(text, &mut |_| {}) else { return };
    let Ok(written) = serde_json::to_string(&event) else { return };
    assert_eq!(parse::event(&written).as_ref(), Ok(&event), "{written}");
    if let Some((_, told)) = Call::told_by(&event) {
        let mut twice = told.clone();
        twice.merge(&told);
        assert_eq!(twice, told);
    }
}

/// However a stream is cut into pieces, its lines are the same.
pub fn lines(bytes: &[u8]) {
    let Some((size, rest)) = bytes.split_first() else { return };
    let cut = |size: usize| {
        let (mut lines, mut told) = (Lines::new(200), Vec::new());
        let whole = rest
            .chunks(size.max(1))
            .try_for_each(|piece| lines.push(Bytes::copy_from_slice(piece), |line| told.push(line.to_vec())));
        if whole.is_ok() {
            lines.finish(|line| told.push(line.to_vec()));
        }
        (whole.is_ok(), told)
    };
    let (pieces, at_once) = (cut(usize::from(*size)), cut(rest.len()));
    assert_eq!(pieces.0, at_once.0);
    if pieces.0 {
        assert_eq!(pieces.1, at_once.1);
    }
}

pub const TIMES: &[&[u8]] = &[
    b"2026-11-21T14:32:08.123456Z",
    b"2026-11-21T14:32:08+05:30",
    b"2024/04/30 06:27:28",
    b"2020/2/10 22:41",
    b"2026-10-25 02:30:00",
    b"2026-11-29 05:59:54.23216-04",
    b"1795946400000",
    b"1795946400.7",
    b"0000-00-00 00:00:00",
];

pub fn time(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(at) = Moment::parse(text) {
        assert_eq!(Moment::parse(&at.to_rfc3339()), Ok(at), "{}", at.to_rfc3339());
    }
    // Whatever is shown may be no time; nor is it asked what it is.
    let _ = shapes::read(text, None);
    let _ = shapes::read(text, Some(shapes::Dates::DayFirst));
    let mut times = Times::new(Some(chrono_tz::Europe::Berlin), Fold::Earlier).ordered(Order::AsWritten);
    times.identified(text);
    if let Ok(readings) = times.readings("start", text) {
        let first = times.settle(text, readings, None);
        let _ = times.after("answer", text, first);
    }
}

pub const NUMBERS: &[&[u8]] = &[
    b"+1 (202) 555-0113",
    b"0044 20 7946 0018",
    b"442079460018*123",
    b"sip:+12025550142@10.0.0.1:5060",
    b"<unknown>",
    b"911",
    "＋１２０２５５５０１４２".as_bytes(),
    b"Call me: +1.202.555.0113, or 212\xe2\x80\x8b5550142 & %2B12125550142",
];

pub fn number(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = (Number::read(text), Party::read(text), phone::plain(text), safe(text));
    for country in ["US", "GB", "DE", "IT", "ZZ"] {
        let country = Country::new(country).ok();
        for prefix in [None, Some("9")] {
            if let Some(number) = numbers::read(text, prefix, country).number() {
                assert_eq!(Number::new(number.reveal()).as_ref(), Ok(&number));
                let _ = crate::ingest::country::of(&number);
            }
        }
    }
    let veil = Veil::default();
    let _ = (veil.id(text), veil.title(text, "a"), veil.text(text));
}

pub const CONFIGS: &[&[u8]] = &[
    b"listen = \"127.0.0.1:8080\"\nzone = \"Europe/Berlin\"\ncountry = \"US\"\n[retention]\ncalls_days = 90\n[[ingest.keys]]\nname = \"a\"\nsecret = \"0123456789abcdef\"\nscopes = [\"control\"]\n",
    b"[[source.worker]]\nurl = \"http://127.0.0.1:9000/health\"\n[[source.asterisk]]\naddress = \"127.0.0.1:5038\"\nuser = \"r\"\nsecret = \"s\"\nroutes = { a = \"a\" }\n",
    b"[worker]\nurl = \"http://127.0.0.1:9000/health\"\nslow_ms = 200\n[trunks.t1]\nroute = \"alpha\"\ncapacity = 30\n",
    b"[source.asterisk]\naddress = \"127.0.0.1:5038\"\nuser = \"r\"\nsecret = \"s\"\nrealm = \"pbx\"\ncountry = \"US\"\n[source.asterisk.routes]\n\"DAHDI/i1/*\" = \"pri\"\ncongested = { route = \"c\", capacity = 30 }\n",
    b"[[control.http]]\ncampaigns = [\"solar-west\"]\nurl = \"https://d.example/{{ campaign }}/{{ action }}\"\nheaders = { Authorization = \"Bearer {{ secret }}\" }\n",
];

pub fn config(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(error) = crate::config::file::read(Path::new("ringside.toml"), text) {
        assert!(error.line > 0 && error.column > 0 && !error.what.is_empty());
    }
}
