//! Logs, each against who spoke with whom.
#![allow(clippy::unwrap_used, clippy::too_many_arguments)]

use super::*;
use crate::source::asterisk::config::RouteConfig;
use crate::source::file::times::Fold;
use app::domain::outcome::{Direction, HungUpBy, Outcome};
use app::domain::{Call, Country, Matter, Moment, RealmId, RouteId, SourceId};
use std::collections::BTreeMap;

fn log(columns: Option<&str>) -> Log {
    let origin = Origin { source: SourceId::trusted("pbx"), realm: RealmId::trusted("pbx") };
    let mut names = Names { country: Country::new("US").ok(), ..Names::default() };
    let route = RouteConfig { route: RouteId::trusted("A"), capacity: None, prefix: None };
    names.routes.insert("carrier-a".into(), route);
    names.inbound.insert("from-outside".into());
    Log::new(origin, names, Defaults::default(), columns).unwrap()
}

/// A row of the sample's columns.
fn row(
    kind: &str,
    time: &str,
    number: &str,
    exten: &str,
    channel: &str,
    id: &str,
    peer: &str,
    extra: &str,
) -> StringRecord {
    let context = if exten.is_empty() { "" } else { "from-outside" };
    StringRecord::from(vec![
        kind,
        time,
        "",
        number,
        "",
        "",
        "",
        exten,
        context,
        channel,
        "",
        "",
        "DOCUMENTATION",
        "SPRING24",
        id,
        "1.1",
        peer,
        "",
        "",
        extra,
    ])
}

fn calls(log: &mut Log, rows: &[StringRecord]) -> BTreeMap<String, Call> {
    let mut times = Times::new(None, Fold::Earlier);
    let mut calls: BTreeMap<String, Call> = BTreeMap::new();
    let mut told: Vec<Event> = rows.iter().flat_map(|row| log.row(row, &mut times).unwrap().events()).collect();
    told.extend(log.end());
    for (name, told) in told.iter().filter_map(Call::told_by) {
        calls.entry(name.call_id.to_string()).or_default().merge(&told);
    }
    calls
}

/// A log of text, with columns as named in its first line.
fn file(carrier: &str, inbound: &[&str], text: &str) -> BTreeMap<String, Call> {
    let (columns, rows) = text.split_once('\n').unwrap();
    let mut log = log_of(columns, carrier, inbound);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(rows.as_bytes());
    // A time with an offset for each, so that no zone need be told.
    let rows: Vec<StringRecord> = reader
        .records()
        .map(|row| {
            row.unwrap()
                .iter()
                .map(|field| field.replace("2026-11-27 10:", "2026-11-27T10:"))
                .map(|f| if f.starts_with("2026-11-27T") { format!("{f}Z") } else { f })
                .collect::<Vec<_>>()
                .into()
        })
        .collect();
    let forth = calls(&mut log, &rows);
    let mut again = log_of(columns, carrier, inbound);
    let backwards: Vec<StringRecord> = rows.into_iter().rev().collect();
    assert_eq!(calls(&mut again, &backwards), forth, "the other way round");
    forth
}

fn log_of(columns: &str, carrier: &str, inbound: &[&str]) -> Log {
    let mut log = log(Some(columns));
    let (endpoint, route) = carrier.split_once('=').unwrap();
    log.names
        .routes
        .insert(endpoint.into(), RouteConfig { route: RouteId::trusted(route), capacity: None, prefix: None });
    log.names.inbound = inbound.iter().map(SmolStr::new).collect();
    log
}

const TRUNK: &str = "PJSIP/carrier-a-0000001f";
const AGENT: &str = "PJSIP/agent-1042-00000020";

#[test]
fn a_call_is_told_moment_by_moment_with_the_agents_own() {
    let rows = [
        row("CHAN_START", "1795219200.100000", "12025550142", "", TRUNK, "1795219200.62", "", ""),
        row("ANSWER", "1795219214.000000", "12025550142", "sales", TRUNK, "1795219200.62", "", ""),
        row("CHAN_START", "1795219214.500000", "", "", AGENT, "1795219214.63", "", ""),
        row("BRIDGE_ENTER", "1795219216.000000", "", "", TRUNK, "1795219200.62", "", r#"{"bridge_id":"b"}"#),
        row("BRIDGE_ENTER", "1795219216.250000", "", "", AGENT, "1795219214.63", TRUNK, r#"{"bridge_id":"b"}"#),
        row("HANGUP", "1795219297.000000", "", "", AGENT, "1795219214.63", "", "{}"),
        row(
            "HANGUP",
            "1795219297.100000",
            "",
            "",
            TRUNK,
            "1795219200.62",
            "",
            r#"{"hangupcause":16,"hangupsource":"PJSIP/carrier-a-0000001f","dialstatus":""}"#,
        ),
        row("LINKEDID_END", "1795219297.100000", "", "", TRUNK, "1795219200.62", "", ""),
    ];
    let calls = calls(&mut log(None), &rows);
    let call = &calls["1795219200.62"];
    let at = |micros: i64| Some(Moment::from_micros(1_795_219_200_000_000 + micros));
    assert_eq!((call.started_at, call.answered_at), (at(100_000), at(14_000_000)));
    assert_eq!((call.bridged_at, call.ended_at), (at(16_250_000), at(97_100_000)));
    assert_eq!((call.agent.get().unwrap().as_str(), call.route.get().unwrap().as_str()), ("agent-1042", "A"));
    assert_eq!((call.hung_up_by.value(), call.to.get().unwrap().reveal()), (Some(HungUpBy::Person), "+12025550142"));
    assert_eq!(calls.len(), 1, "the agent's channel is no call of its own");
}

#[test]
fn an_unanswered_call_ends_as_dialled_and_the_samples_literal_moves_all_columns() {
    let extra = r#"{"hangupcause":17,"hangupsource":"","dialstatus":"BUSY"}"#;
    let rows = [
        row("CHAN_START", "1795219200.000000", "12025550150", "", TRUNK, "1.80", "", ""),
        row("HANGUP", "1795219202.000000", "12025550150", "", TRUNK, "1.80", "", extra),
    ];
    let shifted = rows.clone().map(|row| {
        let mut fields: Vec<&str> = row.iter().collect();
        fields.insert(1, "My Literal");
        StringRecord::from(fields)
    });
    for rows in [rows, shifted] {
        let calls = calls(&mut log(None), &rows);
        let call = &calls["1.80"];
        assert_eq!((call.outcome.value(), call.q850.get().map(|c| *c.get())), (Some(Outcome::Busy), Some(17)));
        assert_eq!(call.ended_at, Some(Moment::from_secs(1_795_219_202)));
    }
}

#[test]
fn named_columns_may_stand_in_any_order_and_inbound_is_told_by_context_and_extension() {
    let mut log = log(Some("EventTime,EventType,ChanName,UniqueID,Context,Exten,CIDNum"));
    let row = StringRecord::from(vec![
        "1795219200",
        "CHAN_START",
        TRUNK,
        "7.1",
        "from-outside",
        "12025550100",
        "+442079460018",
    ]);
    let call = &calls(&mut log, &[row])["7.1"];
    assert_eq!(call.direction.value(), Some(Direction::Inbound));
    assert_eq!((call.from.get().unwrap().reveal(), call.to.get().unwrap().reveal()), ("+442079460018", "+12025550100"));
    let origin = log.origin.clone();
    let missing = Log::new(origin, Names::default(), Defaults::default(), Some("EventType,EventTime,ChanName"));
    assert_eq!(missing.unwrap_err(), "--columns names no `uniqueid`");
}

const COLUMNS: &str = "eventtype,eventtime,cidname,cidnum,exten,context,channame,uniqueid,linkedid,peer,extra";

#[test]
fn outcome_number_and_country_are_on_the_callers_row() {
    let text = format!(
        r#"{COLUMNS}
CHAN_START,2026-11-27 10:00:00.1,,1042,2025550101,phones,PJSIP/1042-1,1.1,1.1,,
CHAN_START,2026-11-27 10:00:00.2,,,s,from-trunk,PJSIP/t-2,1.2,1.1,,
HANGUP,2026-11-27 10:00:30.1,,2025550101,,from-trunk,PJSIP/t-2,1.2,1.1,,"{{""hangupcause"":0,""dialstatus"":""""}}"
HANGUP,2026-11-27 10:00:30.2,,1042,2025550101,phones,PJSIP/1042-1,1.1,1.1,,"{{""hangupcause"":19,""dialstatus"":""NOANSWER""}}"
"#
    );
    let calls = file("t=a", &[], &text);
    let call = &calls["1.2"];
    assert_eq!((calls.len(), call.direction.value()), (1, Some(Direction::Outbound)));
    assert_eq!((call.outcome.value(), call.to.get().unwrap().reveal()), (Some(Outcome::NoAnswer), "+12025550101"));
    assert!(call.from.get().is_none() && call.cannot_tell(Matter::Progress));
    // Where the trunk's row has no number at all, the caller's extension is what was dialled.
    let calls = file("t=a", &["from-trunk"], &text.replace("2025550101,,from-trunk", ",,from-trunk"));
    assert_eq!(calls["1.2"].to.get().unwrap().reveal(), "+12025550101");
}

#[test]
fn who_comes_in_on_s_is_inbound_and_an_announcement_is_nobody() {
    let text = format!(
        r#"{COLUMNS}
CHAN_START,2026-11-27 10:00:00.2,,2025550143,s,from-trunk,PJSIP/t-2,1.2,1.2,,
ANSWER,2026-11-27 10:00:01.0,,2025550143,s,from-trunk,PJSIP/t-2,1.2,1.2,,
CHAN_START,2026-11-27 10:00:02.0,,,1001,phones,PJSIP/1001-3,1.3,1.2,,
ANSWER,2026-11-27 10:00:09.0,,,1001,phones,PJSIP/1001-3,1.3,1.2,,
BRIDGE_ENTER,2026-11-27 10:00:09.1,,,1001,phones,PJSIP/1001-3,1.3,1.2,,"{{""bridge_id"":""b""}}"
BRIDGE_ENTER,2026-11-27 10:00:09.2,,,s,from-trunk,PJSIP/t-2,1.2,1.2,,"{{""bridge_id"":""b""}}"
HANGUP,2026-11-27 10:00:30.1,,,1001,phones,PJSIP/1001-3,1.3,1.2,,"{{}}"
HANGUP,2026-11-27 10:00:30.2,,,s,from-trunk,PJSIP/t-2,1.2,1.2,,"{{""hangupsource"":""PJSIP/t-2""}}"
"#
    );
    let at = |text: &str| Some(Moment::parse(&format!("2026-11-27T10:00:{text}Z")).unwrap());
    let calls = file("t=a", &["from-trunk"], &text);
    let call = &calls["1.2"];
    assert_eq!((calls.len(), call.direction.value()), (1, Some(Direction::Inbound)));
    assert_eq!((call.agent.get().unwrap().as_str(), call.bridged_at), ("1001", at("09.2")));
    assert_eq!((call.answered_at, call.hung_up_by.value()), (at("09.2"), Some(HungUpBy::Person)));
    let nobody: String =
        text.lines().filter(|line| !line.contains("PJSIP/1001")).map(|line| format!("{line}\n")).collect();
    let call = &file("t=a", &["from-trunk"], &nobody)["1.2"];
    assert_eq!((call.answered_at, call.outcome.value(), call.agent.get()), (None, Some(Outcome::NoAnswer), None));
    // Nobody said where calls come in: a caller is not made a number of the floor's.
    assert_eq!(file("t=a", &[], &text)["1.2"].direction.value(), None);
    // Nor is he where the log has no contexts to look for.
    let placeless = text.replace(",from-trunk,", ",,");
    assert_eq!(file("t=a", &["from-trunk"], &placeless)["1.2"].direction.value(), None);
}

/// A caller who reached a telephone, or the recorder of messages when that did not answer.
#[test]
fn where_nobody_can_be_seen_a_caller_was_answered_if_somebody_else_answered_too() {
    let taken = r#"CHAN_START,2026-11-27 10:00:00.2,,2025550143,s,from-trunk,PJSIP/t-2,1.2,1.2,,
CHAN_START,2026-11-27 10:00:02.0,,,1001,phones,PJSIP/1001-3,1.3,1.2,,
ANSWER,2026-11-27 10:00:09.0,,,1001,phones,PJSIP/1001-3,1.3,1.2,,
ANSWER,2026-11-27 10:00:09.1,,2025550143,s,from-trunk,PJSIP/t-2,1.2,1.2,,
BRIDGE_ENTER,2026-11-27 10:00:09.2,,,1001,phones,PJSIP/1001-3,1.3,1.2,,
BRIDGE_ENTER,2026-11-27 10:00:09.2,,,s,from-trunk,PJSIP/t-2,1.2,1.2,,
HANGUP,2026-11-27 10:00:30.1,,,1001,phones,PJSIP/1001-3,1.3,1.2,,
HANGUP,2026-11-27 10:00:30.2,,,s,from-trunk,PJSIP/t-2,1.2,1.2,,
"#;
    let without = |words: [&str; 2]| -> String {
        let left = taken.lines().filter(|line| !words.iter().any(|word| line.starts_with(word)));
        left.map(|line| format!("{line}\n")).collect()
    };
    let answered = Some(Moment::parse("2026-11-27T10:00:09.1Z").unwrap());
    // The column that could name a bridge is there, and empty; or no bridges are logged at all.
    for (rows, at) in [
        (taken.to_owned(), answered),
        (without(["BRIDGE", "BRIDGE"]), answered),
        (without(["BRIDGE", "ANSWER,2026-11-27 10:00:09.0"]), None),
    ] {
        let call = &file("t=a", &["from-trunk"], &format!("{COLUMNS}\n{rows}"))["1.2"];
        assert_eq!((call.direction.value(), call.answered_at), (Some(Direction::Inbound), at), "{rows}");
        assert!(call.bridged_at.is_none() && call.cannot_tell(Matter::Agent), "{rows}");
    }
}

#[test]
fn an_agent_behind_a_local_channel_is_seen_and_without_bridges_nobody_can_be() {
    let rows = r#"CHAN_START,2026-11-27 10:00:00.1,,,2025550140,dial,Local/2025550140@dial-1;1,1.1,1.1,,
CHAN_START,2026-11-27 10:00:00.1,,,2025550140,dial,Local/2025550140@dial-1;2,1.2,1.1,,
CHAN_START,2026-11-27 10:00:00.2,,2025550140,,dial,PJSIP/t-2,1.3,1.1,,
ANSWER,2026-11-27 10:00:09.0,,2025550140,,dial,PJSIP/t-2,1.3,1.1,,
BRIDGE_ENTER,2026-11-27 10:00:09.1,,,,dial,PJSIP/t-2,1.3,1.1,,"{""bridge_id"":""a""}"
BRIDGE_ENTER,2026-11-27 10:00:09.1,,,,dial,Local/2025550140@dial-1;2,1.2,1.1,PJSIP/t-2,"{""bridge_id"":""a""}"
CHAN_START,2026-11-27 10:00:09.2,,,1001,phones,PJSIP/1001-3,1.4,1.1,,
BRIDGE_ENTER,2026-11-27 10:00:11.0,,,,dial,Local/2025550140@dial-1;1,1.1,1.1,,"{""bridge_id"":""b""}"
BRIDGE_ENTER,2026-11-27 10:00:11.1,,,,phones,PJSIP/1001-3,1.4,1.1,Local/2025550140@dial-1;1,"{""bridge_id"":""b""}"
HANGUP,2026-11-27 10:00:30.0,,,,dial,PJSIP/t-2,1.3,1.1,,"{""hangupcause"":16}"
"#;
    let seen = &file("t=a", &[], &format!("{COLUMNS}\n{rows}"))["1.3"];
    assert_eq!(seen.agent.get().unwrap().as_str(), "1001");
    assert_eq!(seen.bridged_at, Some(Moment::parse("2026-11-27T10:00:11.1Z").unwrap()));
    assert!(!seen.cannot_tell(Matter::Agent));
    // The same without the columns that tell who is with whom, and without the telephone.
    let untold = format!("eventtype,eventtime,cidname,cidnum,exten,context,channame,uniqueid,linkedid\n{rows}");
    let alone: String =
        rows.lines().filter(|line| !line.contains("PJSIP/1001")).map(|line| format!("{line}\n")).collect();
    for text in [untold, format!("{COLUMNS}\n{alone}")] {
        let call = &file("t=a", &[], &text)["1.3"];
        assert_eq!((call.bridged_at, call.cannot_tell(Matter::Agent)), (None, true));
    }
    // A log that tells of no bridge at all hides everybody.
    let bridgeless: String =
        rows.lines().filter(|line| !line.contains("BRIDGE")).map(|line| format!("{line}\n")).collect();
    let call = &file("t=a", &[], &format!("{COLUMNS}\n{bridgeless}"))["1.3"];
    assert_eq!((call.bridged_at, call.cannot_tell(Matter::Agent)), (None, true));
    // Where bridges are told and it was in none, nobody came.
    let dropped: String = rows
        .lines()
        .filter(|line| !line.contains("t-2") || !line.contains("BRIDGE"))
        .filter(|line| !line.contains("BRIDGE_ENTER,2026-11-27 10:00:09.1"))
        .map(|line| format!("{line}\n"))
        .collect();
    let call = &file("t=a", &[], &format!("{COLUMNS}\n{dropped}"))["1.3"];
    assert_eq!((call.bridged_at, call.cannot_tell(Matter::Agent)), (None, false));
}

#[test]
fn the_table_of_freepbx_is_read_by_its_header() {
    let header = StringRecord::from(vec![
        "id",
        "eventtype",
        "eventtime",
        "cid_num",
        "exten",
        "context",
        "channame",
        "uniqueid",
        "linkedid",
    ]);
    let begins = StringRecord::from(vec![
        "1",
        "CHAN_START",
        "1795219200",
        "+442079460018",
        "12025550100",
        "from-outside",
        TRUNK,
        "7.1",
        "7.1",
    ]);
    assert!(is_one(&header));
    assert_eq!(calls(&mut log(None), &[header, begins])["7.1"].direction.value(), Some(Direction::Inbound));
}

#[test]
fn who_comes_in_at_a_context_that_nobody_named_is_not_dialled_and_no_number_of_the_floors() {
    let text = format!(
        r#"{COLUMNS}
CHAN_START,2026-11-27 10:00:00.2,,2025550143,2025550100,second-trunk,PJSIP/t-2,1.2,1.2,,
HANGUP,2026-11-27 10:00:30.2,,2025550143,2025550100,second-trunk,PJSIP/t-2,1.2,1.2,,"{{}}"
"#
    );
    let call = &file("t=a", &["from-trunk"], &text)["1.2"];
    assert_eq!((call.direction.value(), call.from.get().unwrap().reveal()), (None, "+12025550143"));
    let mut log = log_of(COLUMNS, "t=a", &["from-trunk"]);
    log.names.outbound.insert("second-trunk".into());
    let rows: Vec<StringRecord> = text
        .lines()
        .skip(1)
        .map(|line| line.replace("2026-11-27 10:00:00.2", "1795219200").replace("2026-11-27 10:00:30.2", "1795219230"))
        .map(|line| line.split(',').collect::<Vec<_>>().into())
        .collect();
    assert_eq!(calls(&mut log, &rows)["1.2"].direction.value(), Some(Direction::Outbound));
}

#[test]
fn an_end_by_the_dialplan_is_no_agents() {
    let text = |source: &str| {
        format!(
            r#"{COLUMNS}
CHAN_START,2026-11-27 10:00:00.2,,2025550143,s,from-trunk,PJSIP/t-2,1.2,1.2,,
ANSWER,2026-11-27 10:00:01.0,,2025550143,s,from-trunk,PJSIP/t-2,1.2,1.2,,
CHAN_START,2026-11-27 10:00:02.0,,,1001,phones,PJSIP/1001-3,1.3,1.2,,
BRIDGE_ENTER,2026-11-27 10:00:09.1,,,1001,phones,PJSIP/1001-3,1.3,1.2,,"{{""bridge_id"":""b""}}"
BRIDGE_ENTER,2026-11-27 10:00:09.2,,,s,from-trunk,PJSIP/t-2,1.2,1.2,,"{{""bridge_id"":""b""}}"
BRIDGE_EXIT,2026-11-27 10:00:20.1,,,1001,phones,PJSIP/1001-3,1.3,1.2,,"{{""bridge_id"":""b""}}"
BRIDGE_EXIT,2026-11-27 10:00:20.1,,,s,from-trunk,PJSIP/t-2,1.2,1.2,,"{{""bridge_id"":""b""}}"
HANGUP,2026-11-27 10:00:20.2,,,1001,phones,PJSIP/1001-3,1.3,1.2,,"{{}}"
HANGUP,2026-11-27 10:00:50.2,,,s,from-trunk,PJSIP/t-2,1.2,1.2,,"{{""hangupsource"":""{source}""}}"
"#
        )
    };
    for (source, by) in [
        ("PJSIP/1001-3", Some(HungUpBy::Agent)),
        ("PJSIP/t-2", Some(HungUpBy::Person)),
        ("dialplan/builtin", None),
        ("dialplan/agi", None),
    ] {
        let call = &file("t=a", &["from-trunk"], &text(source))["1.2"];
        assert_eq!((call.agent.get().is_some(), call.hung_up_by.value()), (true, by), "{source}");
    }
}

/// Whose number it was is known only when it is dialled, or calls.
#[test]
fn a_number_is_not_the_floors_for_being_shown() {
    let text = format!(
        r#"{COLUMNS}
CHAN_START,2026-11-27 10:00:00.1,,+442079460018,2025550101,phones,PJSIP/1042-1,1.1,1.1,,
CHAN_START,2026-11-27 10:00:00.2,,,s,from-trunk,PJSIP/t-2,1.2,1.1,,
HANGUP,2026-11-27 10:00:30.1,,2025550101,,from-trunk,PJSIP/t-2,1.2,1.1,,"{{""hangupcause"":0,""dialstatus"":""""}}"
HANGUP,2026-11-27 10:00:30.2,,+442079460018,2025550101,phones,PJSIP/1042-1,1.1,1.1,,"{{""hangupcause"":19,""dialstatus"":""NOANSWER""}}"
"#
    );
    let call = &file("t=a", &["from-outside"], &text)["1.2"];
    assert_eq!(call.direction.value(), Some(Direction::Outbound));
    assert_eq!((call.from.get(), call.to.get().map(app::domain::Number::reveal)), (None, Some("+12025550101")));
}
