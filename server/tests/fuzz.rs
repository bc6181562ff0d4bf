//! Every parser of what strangers and files bring, with made-up and mangled input: nothing panics, and nothing that was
//! read can't be written. Some hundred cases of each run with the other tests; `make fuzz` runs as many as one likes.
#![allow(clippy::unwrap_used)]

use app::domain::{Country, Moment, Number, Party, RealmId, RouteId, SourceId, parse};
use app::view::live::{LiveDelta, LiveFrame};
use app::view::wire;
use bytes::Bytes;
use csv::{ReaderBuilder, StringRecord};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use server::config::file;
use server::http::events::lines::Lines;
use server::import::columns::Columns;
use server::import::defaults::Defaults;
use server::import::mapping::Mapping;
use server::import::shape::Shape;
use server::import::times::{Fold, Times};
use server::import::{Format, Origin, Translate};
use server::source::asterisk::cdr::Records;
use server::source::asterisk::cel::Log;
use server::source::asterisk::config::RouteConfig;
use server::source::asterisk::house::Names;
use server::source::asterisk::queue_log::{Meaning, QueueLog};
use server::source::freeswitch::cdr_csv::{House, Legs};
use std::path::Path;

/// What people send and keep, from which mangled input is made.
const SEEDS: [&str; 12] = [
    r#"{"specversion":"1.0","id":"e","source":"d","type":"call.record","time":"2026-11-21T00:00:00.000001+05:30","data":{"call_id":"c","started_at":"2026-11-21T00:00:00Z","from":"+1 (202) 555-0142","to":"anonymous","sip_code":486,"cannot_tell":["agent"],"metadata":{"a":"b"}}}"#,
    r#"{"specversion":"1.0","id":"e","source":"d","type":"campaign.updated","time":"2026-11-21T00:00:00Z","data":{"campaign":"c","limit":0.03,"cps_limit":1e9,"destinations":18446744073709551615}}"#,
    "\"S\",\"2025550100\",\"912025550142\",\"default\",\"x\",\"SIP/1\",\"SIP/t-40\",\"Dial\",\"SIP/1@t\",\"2026-11-29 10:00:00\",\"2026-11-29 10:00:12\",\"2026-11-29 10:01:47\",107,95,\"ANSWERED\",\"DOCUMENTATION\",\"1.2\",\"\"\n",
    "CHAN_START,2026-11-27 10:00:00.1,,1042,2025550101,phones,PJSIP/t-1,1.1,1.1,,\"{\"\"hangupcause\"\":16}\"\n",
    "1795946400|1795946400.3|sales|NONE|ENTERQUEUE||12025550143|1\n1795946430|1795946400.3|sales|NONE|ABANDON|1|1|30\n",
    "\"Ann\",\"1042\",\"912025550142\",\"default\",\"2026-11-29 02:00:00\",\"2026-11-29 02:00:09\",\"2026-11-29 02:01:00\",\"60\",\"51\",\"NORMAL_CLEARING\",\"11\",\"12\",\"S\",\"\",\"\"\n",
    "call_id,started_at,answered_at,ended_at,from,to,duration\na,1795946400,0,0000-00-00 00:00:00,+12025550142,911,\\N\n",
    "listen = \"127.0.0.1:8080\"\n[[ingest.keys]]\nname = \"a\"\n[source.asterisk]\naddress = \"x:1\"\n[source.asterisk.routes]\nt = { route = \"a\" }\n",
    r#"{"as_of":"2026-11-21T00:00:00Z","newest_event":null,"site":{"zone":"UTC","utc_offset_s":0},"status":{"band":"ok","since":null,"clauses":[],"more":0},"strip":{"rows":[],"more":0},"routes":{"rows":[],"gone":["a"],"order":["b"],"more":2}}"#,
    "2026-10-25 02:30:00",
    "2024/04/30 06:27:28.54-04",
    "+44 20 7946 0018;ext=12",
];

/// A seed with pieces cut out, doubled, and put in, or nothing like one.
fn texts() -> impl Strategy<Value = String> {
    let mangled =
        (select(SEEDS.to_vec()), prop::collection::vec((any::<Index>(), any::<Index>(), 0..4_u8, ".{0,6}"), 0..8));
    let mangled = mangled.prop_map(|(seed, turns)| {
        turns.into_iter().fold(seed.to_owned(), |text, (from, to, turn, piece)| mangle(&text, from, to, turn, &piece))
    });
    prop_oneof![4 => mangled, 1 => ".{0,300}", 1 => any::<String>()]
}

fn mangle(text: &str, from: Index, to: Index, turn: u8, piece: &str) -> String {
    let signs: Vec<char> = text.chars().collect();
    let (from, to) = (from.index(signs.len() + 1), to.index(signs.len() + 1));
    let (from, to) = (from.min(to), from.max(to));
    let of = |signs: &[char]| signs.iter().collect::<String>();
    let (before, within, after) = (of(&signs[..from]), of(&signs[from..to]), of(&signs[to..]));
    match turn {
        0 => format!("{before}{after}"),
        1 => format!("{before}{within}{within}{after}"),
        2 => format!("{before}{piece}{within}{after}"),
        _ => format!("{before}{piece}{after}"),
    }
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![3 => texts().prop_map(String::into_bytes), 1 => prop::collection::vec(any::<u8>(), 0..400)]
}

fn origin() -> Origin {
    Origin { source: SourceId::trusted("p"), realm: RealmId::trusted("p") }
}

fn translators(header: &StringRecord) -> Vec<Box<dyn Translate>> {
    let country = Country::new("US").ok();
    let mut names = Names::of(None, country);
    let route = RouteConfig { route: RouteId::trusted("a"), capacity: None, prefix: None };
    names.routes.extend([("SIP/t".into(), route.clone()), ("t".into(), route)]);
    let house = House { country, inbound: Default::default(), gateways: Default::default() };
    let mut all: Vec<Box<dyn Translate>> = vec![
        Box::new(Records::new(origin(), names.clone(), Defaults::default())),
        Box::new(QueueLog::new(origin(), country, Meaning::default(), Defaults::default())),
    ];
    if let Ok(log) = Log::new(origin(), names, Defaults::default(), None) {
        all.push(Box::new(log));
    }
    if let Ok(legs) = Legs::new(origin(), house, Defaults::default(), None) {
        all.push(Box::new(legs));
    }
    if let Ok(columns) = Columns::new(origin(), country, Defaults::default(), header, &Mapping::default()) {
        all.push(Box::new(columns));
    }
    all
}

proptest! {
    #[test]
    fn no_event_panics_and_what_is_read_can_be_written(text in texts()) {
        if let Ok(event) = parse::event(&text) {
            let written = serde_json::to_string(&event).unwrap();
            prop_assert!(parse::event(&written).is_ok(), "{}", written);
        }
    }

    #[test]
    fn no_stream_of_lines_panics_however_it_comes_in_pieces(stream in bytes(), at in any::<Index>(), limit in 0..200_usize) {
        let at = at.index(stream.len() + 1);
        let mut lines = Lines::new(limit);
        let mut read = 0;
        for piece in [&stream[..at], &stream[at..]] {
            if lines.push(Bytes::copy_from_slice(piece), |line| read += line.len()).is_err() {
                return Ok(());
            }
        }
        lines.finish(|line| read += line.len());
        prop_assert!(read <= stream.len());
    }

    #[test]
    fn no_frame_panics_a_browser(text in texts()) {
        let _ = wire::read::<LiveFrame>(&text);
        let _ = wire::read::<LiveDelta>(&text);
    }

    #[test]
    fn no_file_of_any_kind_panics_its_translator(file in bytes()) {
        let shape = Shape::of(&file, None);
        let _ = Format::recognise(&shape.first);
        let rows: Vec<StringRecord> = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(shape.delimiter)
            .from_reader(String::from_utf8_lossy(&file).as_bytes())
            .records()
            .map_while(Result::ok)
            .collect();
        for mut translate in translators(&shape.first) {
            let mut times = Times::new(Some(chrono_tz::Europe::Rome), Fold::default());
            for row in &rows {
                let _ = translate.row(row, &mut times);
            }
            let _ = translate.lenient(&String::from_utf8_lossy(&file));
            for event in translate.end() {
                prop_assert!(serde_json::to_string(&event).is_ok());
            }
        }
    }

    #[test]
    fn no_configuration_panics(text in texts()) {
        let _ = file::read(Path::new("r.toml"), &text);
    }

    #[test]
    fn no_moment_number_or_mapping_panics(text in texts()) {
        let _ = (Moment::parse(&text), Number::read(&text), Party::read(&text), Country::new(&text));
        let _ = Mapping::read(&[text.clone()]);
        let _ = Defaults::read(&[text.clone()]);
        let country = Country::new("US").ok();
        let _ = server::source::numbers::read(&text, None, country);
        let _ = server::kit::mask::safe(&text);
        let _ = app::ui::address::decoded(&text);
    }
}
