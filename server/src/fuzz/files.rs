//! Files of the past, from their bytes to the calls that they tell: packed or not, in any encoding, with any delimiter.

use crate::import::Format;
use crate::import::bytes::opened;
use crate::import::columns::Columns;
use crate::import::lines::{Header, Rows, read_opened};
use crate::import::mapping::Mapping;
use crate::import::rows::Explain;
use crate::import::shape::Shape;
use crate::source::asterisk::cdr::Records;
use crate::source::asterisk::cel::Log;
use crate::source::asterisk::config::RouteConfig;
use crate::source::asterisk::house::Names;
use crate::source::asterisk::queue_log::{Meaning, QueueLog};
use crate::source::file::defaults::Defaults;
use crate::source::file::times::{Fold, Times};
use crate::source::file::{Origin, Translate};
use crate::source::freeswitch::cdr_csv::{House, Legs};
use app::domain::{Country, RealmId, RouteId, SourceId};
use std::io::Cursor;

macro_rules! shape {
    ($file:literal) => {
        include_bytes!(concat!("../../tests/shapes/", $file))
    };
}

pub const CDR: &[&[u8]] = &[
    include_bytes!("../source/asterisk/fixtures/Master.csv"),
    shape!("freepbx.csv"),
    shape!("doubled.csv"),
    shape!("no_route.csv"),
    shape!("unclosed.csv"),
];
pub const CEL: &[&[u8]] = &[
    b"CHAN_START,2026-11-21 00:00:00,,12025550142,,,,s,from-outside,PJSIP/carrier-a-1,,,DOCUMENTATION,SPRING24,1.1,1.1,,,,\nANSWER,2026-11-21 00:00:09,,12025550142,,,,s,from-outside,PJSIP/carrier-a-1,,,DOCUMENTATION,SPRING24,1.1,1.1,,,,\nHANGUP,2026-11-21 00:01:00,,,,,,,,PJSIP/carrier-a-1,,,DOCUMENTATION,,1.1,1.1,,,,\"{\"\"hangupcause\"\":16}\"\nLINKEDID_END,2026-11-21 00:01:00,,,,,,,,PJSIP/carrier-a-1,,,DOCUMENTATION,,1.1,1.1,,,,\n",
    b"eventtype;eventtime;cid_num;exten;context;channame;uniqueid;linkedid;peer;extra\nCHAN_START;1795946400.1;;12025550142;x;PJSIP/1042-1;1.1;1.1;;\n",
];
pub const QUEUE_LOG: &[&[u8]] = &[
    b"1795946400|NONE|sales|PJSIP/1001|ADDMEMBER|\n1795946410|1795946405.7|sales|NONE|ENTERQUEUE||12025550143|1\n1795946420|1795946405.7|sales|PJSIP/1001|CONNECT|10|1795946412.9|8\n1795946480|1795946405.7|sales|PJSIP/1001|COMPLETECALLER|10|60|1\n1795946530|1795946490.11|sales|NONE|ABANDON|1|1|30\n1795946540|NONE|NONE|PJSIP/1001|PAUSEALL|lunch\n",
    b"time,callid,queuename,agent,event,data1,data2\n2026-11-21 00:00:00.5,1.1,sales,NONE,ENTERQUEUE,,anonymous\n",
];
pub const FREESWITCH: &[&[u8]] = &[
    b"\"Acme\",\"12025550100\",\"12025550142\",\"default\",\"2026-11-21 01:00:00\",\"2026-11-21 01:00:09\",\"2026-11-21 01:01:00\",\"60\",\"51\",\"NORMAL_CLEARING\",\"5a3a1d91-0000-4db4-af5c-000000000001\",\"5a3a1d91-0000-4db4-af5c-000000000002\",\"SPRING24\",\"PCMU\",\"PCMU\"\n\"A \"B\" C\",\"+442079460018\",\"12025550100\",\"public\",\"2026-11-21 01:00:00\",\"\",\"2026-11-21 01:00:20\",\"20\",\"0\",\"ORIGINATOR_CANCEL\",\"5a3a1d91-0000-4db4-af5c-000000000003\",\"\",\"\",\"\",\"\"\n",
];
pub const CSV: &[&[u8]] =
    &[shape!("times.csv"), shape!("numbers.csv"), shape!("zeros.csv"), shape!("latin.csv"), shape!("unclosed.csv")];
pub const MAPPINGS: &[&[u8]] = &[
    b"outcome=disposition:ANSWERED=answered,NO ANSWER=no_answer\ncall_id=uniqueid\nto=dst",
    b"mode=progressive\ndirection=inbound",
    b"\"${caller_id_name}\",\"${start_stamp}\",\"${uuid}\",\"${hangup_cause}\"",
    b"eventtype,eventtime,channame,uniqueid,linkedid",
];

fn origin() -> Origin {
    Origin { source: SourceId::trusted("pbx"), realm: RealmId::trusted("pbx") }
}

fn us() -> Option<Country> {
    Country::new("US").ok()
}

fn names() -> Names {
    let route = || RouteConfig { route: RouteId::trusted("a"), capacity: None, prefix: Some("9".into()) };
    let routes = ["carrier-a", "c1", "DAHDI/i1/*", "trunk"].map(|endpoint| (endpoint.into(), route()));
    Names { country: us(), routes: routes.into(), inbound: ["from-outside".into()].into(), ..Names::default() }
}

/// Reads a file to its end as an import does; each row has a fate, and no event is told that is none.
fn read(bytes: &[u8], translate: impl FnOnce(&Shape) -> Option<(Box<dyn Translate>, Header)>) {
    let shape = Shape::of(&bytes[..bytes.len().min(1 << 16)], None);
    let Some((translate, header)) = translate(&shape) else { return };
    let rows = Rows::Csv { translate, header, delimiter: shape.delimiter };
    let times = Times::new(Some(chrono_tz::Europe::Berlin), Fold::Earlier);
    let Ok(opened) = opened(Cursor::new(bytes.to_vec()), None) else { return };
    // A file that is packed badly can't be read.
    let _ = read_opened(opened, rows, times, Explain::EachRow, |batch| {
        for (_, event) in batch.events {
            assert!(serde_json::to_string(&event).is_ok());
        }
        true
    });
    let _ = Format::recognise(&shape.first);
}

fn named(shape: &Shape) -> Header {
    if Format::recognise(&shape.first).is_some() { Header::None } else { Header::First }
}

pub fn cdr(bytes: &[u8]) {
    read(bytes, |_| Some((Box::new(Records::new(origin(), names(), Defaults::default())), Header::None)));
}

pub fn cel(bytes: &[u8]) {
    read(bytes, |_| Some((Box::new(Log::new(origin(), names(), Defaults::default(), None).ok()?), Header::None)));
}

pub fn queue_log(bytes: &[u8]) {
    let log = QueueLog::new(origin(), us(), Meaning::default(), Defaults::default());
    read(bytes, |_| Some((Box::new(log), Header::None)));
}

pub fn freeswitch(bytes: &[u8]) {
    let house = House { country: us(), inbound: ["public".into()].into(), ..House::default() };
    read(bytes, |_| Some((Box::new(Legs::new(origin(), house, Defaults::default(), None).ok()?), Header::None)));
}

pub fn csv(bytes: &[u8]) {
    read(bytes, |shape| {
        let columns = Columns::new(origin(), us(), Defaults::default(), &shape.first, &Mapping::default()).ok()?;
        Some((Box::new(columns), named(shape)))
    });
}

/// What a command line, or a file of mappings, says of columns.
pub fn mapping(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let texts: Vec<String> = text.lines().map(str::to_owned).collect();
    let _ = (Mapping::read(&texts), Defaults::read(&texts));
    let house = || House { country: us(), ..House::default() };
    for text in &texts {
        let _ = Legs::new(origin(), house(), Defaults::default(), Some(text));
        let _ = Log::new(origin(), names(), Defaults::default(), Some(text));
    }
}
