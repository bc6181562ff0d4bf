//! What comes back to the server: addresses asked for, places in lists, events of the stream, and its own bytes in the store.

use crate::http::calls::read_cursor;
use crate::http::figures;
use crate::http::panel::wanted::PictureRequest;
use crate::http::query::{Params, date, days, moment};
use crate::kit::mask::Veil;
use crate::law::change::Change;
use crate::live::topic::{Cadence, EventMark};
use crate::store::tally::{encode_block, read_block, read_entry};
use crate::store::telling;
use app::domain::{Dimension, Window};
use app::view::live::LiveFrame;
use app::view::monitor::MonitorFrame;
use app::view::{Frame, wire};
use axum::extract::Query;
use std::collections::BTreeMap;

pub const QUERIES: &[&[u8]] = &[
    b"by=did&window=60m&campaign=solar-west&key=%2B12025550142&limit=100&order=-value&cursor=100",
    b"from=2026-11-21T14:32:08+01:00&to=2026-11-21T15:00:00Z&date=2026-11-21&days=30",
    b"channels.svg?theme=light&width=800&height=600&scale=2&date=2026-11-21",
    b"view=live&every=250ms&panel=routes&speed=10&at=2026-11-21T14:32:00",
];

pub fn query(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (file, asked) = text.split_once('?').unwrap_or(("dids.png", text));
    let Ok(address) = format!("/?{asked}").parse() else { return };
    let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(&address) else { return };
    let _ = PictureRequest::read(file, &pairs);
    let values: Vec<String> = pairs.iter().map(|(_, value)| value.clone()).collect();
    let params = Params::of(pairs);
    let _ = (params.by(), params.window(), params.campaign(), params.date(), params.days(), params.limit(100));
    let _ = (params.moment("from"), params.key(Dimension::Did), params.page());
    let _ = figures::asked(&params, Dimension::Total, Window::Today);
    for value in values {
        let _ = (moment("at", &value), date(&value), days(&value), Cadence::from_word(&value));
    }
    let _ = params.only(&["by", "window", "campaign", "key", "limit", "order", "cursor", "from", "to"]);
}

pub const CURSORS: &[&[u8]] = &[
    b"1795946400000000.7062782d31.63616c6c2d31",
    b"6468f1a2b3c4d.live.250ms.solar_2dwest.17",
    b"-9223372036854775808..61",
];

pub fn cursor(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = read_cursor(text, &Veil::default());
    if let Some(mark) = EventMark::parse(text) {
        assert_eq!(EventMark::parse(&mark.to_string()), Some(mark));
    }
}

pub const STORED: &[&[u8]] = &[
    b"\x00\x03abc\x01\x00\x02\x02ab\x02\x00\x04\x05\x06",
    b"\x06\x02sw\x02ab\x00\x0a\x80\x80\x04\x00\x01\x01\x00\x02",
    b"\x01\x02\x01\x80\x80\x80\x80\x01\x05\x01\x00\x01a\x01b\x00\x02\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00",
    br#"\x02{"as_of":"2026-11-21T14:32:08Z","newest_event":null,"campaigns":{"rows":[["a",1,null]],"gone":[],"more":2}}"#,
];

/// The first byte says which; a database may be damaged, or another's.
pub fn stored(bytes: &[u8]) {
    let Some((which, rest)) = bytes.split_first() else { return };
    match which % 4 {
        0 => {
            let mut block = BTreeMap::new();
            if read_block(rest, |key, tally| drop(block.insert(key.into(), tally))).is_ok() {
                let mut again = BTreeMap::new();
                let read = read_block(&encode_block(&block), |key, tally| drop(again.insert(key.into(), tally)));
                block.retain(|_, tally| !tally.is_empty());
                assert!(read.is_ok() && again == block);
            }
        }
        1 => drop(read_entry(rest, |_| true, |_, _, _| {})),
        2 => drop(telling::decode(&[], rest, &mut Change::default())),
        _ => {
            let Ok(text) = std::str::from_utf8(rest) else { return };
            let _ = (wire::read::<LiveFrame>(text), wire::read::<<LiveFrame as Frame>::Delta>(text));
            let _ = (wire::read::<MonitorFrame>(text), wire::read::<<MonitorFrame as Frame>::Delta>(text));
        }
    }
}
