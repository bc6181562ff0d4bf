//! Legs, each against who spoke with whom.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::source::file::times::Fold;
use app::domain::event::CallRecord;
use app::domain::outcome::{Direction, Outcome};
use app::domain::phone::Party;
use app::domain::{AgentId, Country, Data, Matter, Moment, RealmId, RouteId, SourceId, Span};
use std::collections::BTreeMap;

fn number(party: Option<&Party>) -> Option<&str> {
    party.and_then(Party::number).map(app::domain::Number::reveal)
}

fn all(template: Option<&str>, house: House, rows: &str) -> (Vec<Result<Fate, String>>, Vec<CallRecord>) {
    let origin = Origin { source: SourceId::trusted("fs"), realm: RealmId::trusted("fs") };
    let mut legs = Legs::new(origin, house, Defaults::default(), template).unwrap();
    let mut times = Times::new(Some(chrono_tz::Europe::Berlin), Fold::Earlier);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(rows.as_bytes());
    let fates: Vec<_> =
        reader.records().map(|row| legs.row(&row.unwrap(), &mut times).map_err(|e| e.to_string())).collect();
    let told = fates.iter().filter_map(|fate| fate.clone().ok()).flat_map(Fate::events).chain(legs.end());
    let calls = told
        .map(|event| match event.data {
            Data::CallRecord(record) => record,
            other => panic!("{other:?}"),
        })
        .collect();
    (fates, calls)
}

fn house(inbound: &[&str]) -> House {
    let inbound = inbound.iter().map(SmolStr::new).collect();
    let outbound = ["default".into()].into();
    let dids = vec!["+1202555010*".into()];
    House { country: Country::new("US").ok(), inbound, outbound, gateways: BTreeMap::new(), dids }
}

fn read(template: Option<&str>, rows: &str) -> Vec<CallRecord> {
    let forth = all(template, house(&["public"]), rows).1;
    let backwards: Vec<&str> = rows.lines().rev().collect();
    let mut again = all(template, house(&["public"]), &backwards.join("\n")).1;
    again.sort_by_key(|call| forth.iter().position(|other| other.call_id == call.call_id));
    assert_eq!(again, forth, "in whatever order legs stand");
    forth
}

const DEFAULT: &str = r#""Acme","12025550100","12025550142","default","2026-11-21 01:00:00","2026-11-21 01:00:09","2026-11-21 01:01:00","60","51","NORMAL_CLEARING","5a3a1d91-0000-4db4-af5c-000000000001","5a3a1d91-0000-4db4-af5c-000000000002","SPRING24","PCMU","PCMU"
"","+442079460018","12025550100","public","2026-11-21 01:00:00","","2026-11-21 01:00:20","20","0","ORIGINATOR_CANCEL","5a3a1d91-0000-4db4-af5c-000000000003","","","",""
"#;

#[test]
fn the_default_template_is_recognised_and_read() {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(DEFAULT.as_bytes());
    assert!(reader.records().all(|row| is_one(&row.unwrap())));
    let calls = read(None, DEFAULT);
    let at = |text: &str| Some(Moment::parse(text).unwrap());
    let first = &calls[0];
    assert_eq!((Some(first.started_at), first.answered_at), (at("2026-11-21T00:00:00Z"), at("2026-11-21T00:00:09Z")));
    assert_eq!((first.bridged_at, first.ended_at), (None, at("2026-11-21T00:01:00Z")));
    assert!(first.cannot_tell.unwrap().has(Matter::Agent) && first.cannot_tell.unwrap().has(Matter::Progress));
    assert_eq!((first.campaign.as_ref().unwrap().as_str(), first.direction), ("SPRING24", Some(Direction::Outbound)));
    assert_eq!(number(first.to.as_ref()).unwrap(), "+12025550142");
    assert_eq!((calls[1].direction, calls[1].outcome), (Some(Direction::Inbound), Some(Outcome::Cancelled)));
}

#[test]
fn a_template_of_ones_own_tells_more() {
    let template = r#""${uuid}","${start_uepoch}","${progress_uepoch}","${progress_media_uepoch}","${answer_uepoch}","${bridge_uepoch}","${end_uepoch}","${sip_gateway_name}","${hangup_cause}","${sip_invite_failure_status}","${sip_invite_failure_phrase}","${campaign_id}","${destination_number}""#;
    let rows = r#""u-1","1795219200000000","1795219201200000","0","0","0","1795219201900000","carrier-a","USER_BUSY","486","Busy Here","SPRING24","12025550150"
"u-2","1795219200101000","0","1795219203101000","1795219209000000","1795219210500000","1795219260000000","carrier-a","NORMAL_CLEARING","","","SPRING24","12025550142"
"#;
    let calls = read(Some(template), rows);
    let micros = |n: i64| Some(Moment::from_micros(1_795_219_200_000_000 + n));
    assert_eq!((calls[0].progress_at, calls[0].ended_at), (micros(1_200_000), micros(1_900_000)));
    assert_eq!((calls[0].sip_code.as_ref().map(|c| *c.get()), calls[0].outcome), (Some(486), None));
    assert_eq!((calls[1].progress_at, calls[1].bridged_at), (micros(3_101_000), micros(10_500_000)));
    assert_eq!((calls[1].route.as_ref().unwrap().as_str(), calls[1].sip_code.as_ref()), ("carrier-a", None));
}

#[test]
fn what_is_wrong_is_named() {
    let wrong = |row: &str| all(None, house(&[]), row).0.remove(0).unwrap_err();
    assert_eq!(wrong("a,b"), ": 2 columns; the template has 15");
    assert!(wrong(&DEFAULT.replace("2026-11-21 01:00:00", "soon")).starts_with("start_stamp: not a time"));
    assert_eq!(wrong(&DEFAULT.replace("\"60\"", "\"long\"")), "duration: not a whole number of seconds");
}

#[test]
fn the_second_leg_a_feature_code_and_a_menu_are_no_attempts() {
    let rows = r#""Ann","1042","912025550142","default","2026-11-29 02:00:00","2026-11-29 02:00:09","2026-11-29 02:01:00","60","51","NORMAL_CLEARING","00000000-0000-0000-0000-000000000011","00000000-0000-0000-0000-000000000012","S","",""
"Out","12025550100","12025550142","default","2026-11-29 02:00:01","2026-11-29 02:00:09","2026-11-29 02:01:00","59","51","NORMAL_CLEARING","00000000-0000-0000-0000-000000000012","","S","",""
"Ann","1042","*98","default","2026-11-29 02:07:00","2026-11-29 02:07:00","2026-11-29 02:08:00","60","60","NORMAL_CLEARING","00000000-0000-0000-0000-000000000017","","","",""
"Ann","1042","1043","default","2026-11-29 02:07:00","2026-11-29 02:07:00","2026-11-29 02:08:00","60","60","NORMAL_CLEARING","00000000-0000-0000-0000-000000000018","","","",""
"#;
    let calls = read(None, rows);
    assert_eq!(calls.len(), 1, "{calls:#?}");
    let call = &calls[0];
    assert_eq!((call.direction, number(call.to.as_ref())), (Some(Direction::Outbound), Some("+12025550142")));
    assert_eq!((number(call.from.as_ref()), call.bridged_at), (Some("+12025550100"), None));
    assert!(call.answered_at.is_some() && call.cannot_tell.unwrap().has(Matter::Agent));
    assert!(call.call_id.as_str().ends_with("11"));
}

#[test]
fn a_leg_that_no_row_names_is_of_the_call_it_went_out_for() {
    let rows = r#""Ann","1042","912025550142","default","2026-11-29 02:00:00","","2026-11-29 02:00:31","31","0","NO_ANSWER","00000000-0000-0000-0000-000000000031","","S","",""
"Out","12025550100","12025550142","default","2026-11-29 02:00:01","","2026-11-29 02:00:31","30","0","NO_ANSWER","00000000-0000-0000-0000-000000000032","","S","",""
"Bob","1043","912025550142","default","2026-11-29 02:00:05","","2026-11-29 02:00:07","2","0","USER_BUSY","00000000-0000-0000-0000-000000000033","","S","",""
"Ann","1042","912025550142","default","2026-11-29 02:03:00","","2026-11-29 02:03:31","31","0","NO_ANSWER","00000000-0000-0000-0000-000000000034","","S","",""
"","+442079460018","12025550100","public","2026-11-29 02:04:00","","2026-11-29 02:04:20","20","0","ORIGINATOR_CANCEL","00000000-0000-0000-0000-000000000035","","","",""
"","+442079460019","12025550100","public","2026-11-29 02:04:01","","2026-11-29 02:04:20","19","0","ORIGINATOR_CANCEL","00000000-0000-0000-0000-000000000036","","","",""
"#;
    let mut calls = read(None, rows);
    calls.sort_by(|a, b| a.call_id.cmp(&b.call_id));
    let told: Vec<_> = calls.iter().map(|call| (&call.call_id.as_str()[34..], call.outcome)).collect();
    let (no_answer, busy, gone) = (Some(Outcome::NoAnswer), Some(Outcome::Busy), Some(Outcome::Cancelled));
    let right = [("31", no_answer), ("33", busy), ("34", no_answer), ("35", gone), ("36", gone)];
    assert_eq!(told, right, "a second dialling and a second caller are calls of their own");
    assert_eq!(number(calls[0].to.as_ref()), Some("+12025550142"));
}

#[test]
fn a_carrier_that_lost_a_race_is_no_attempt_and_one_that_refused_before_is() {
    let template = r#""${uuid}","${bleg_uuid}","${start_epoch}","${answer_epoch}","${end_epoch}","${sip_gateway_name}","${hangup_cause}","${caller_id_number}","${destination_number}""#;
    let rows = r#""a-1","b-3","1795219200","1795219209","1795219260","","NORMAL_CLEARING","1042","912025550150"
"b-1","","1795219200","0","1795219202","gw-a","NORMAL_TEMPORARY_FAILURE","12025550100","12025550150"
"b-2","","1795219202","0","1795219209","gw-b","LOSE_RACE","12025550100","12025550150"
"b-3","","1795219202","1795219209","1795219260","gw-c","NORMAL_CLEARING","12025550100","12025550150"
"#;
    let calls = read(Some(template), rows);
    let told: Vec<_> =
        calls.iter().map(|call| (call.call_id.as_str(), call.route.as_ref().unwrap().as_str())).collect();
    assert_eq!(told, [("b-1", "gw-a"), ("a-1", "gw-c")]);
    assert_eq!((calls[0].outcome, calls[0].direction), (Some(Outcome::Failed), Some(Direction::Outbound)));
    assert_eq!(calls[1].answered_at, Some(calls[1].started_at + Span::secs(9)));
    assert_eq!(calls[1].metadata.as_ref().unwrap().0["other_routes"], "gw-b");
}

#[test]
fn of_two_legs_that_name_each_other_one_is_the_call() {
    let template = r#""${uuid}","${bridge_uuid}","${start_epoch}","${answer_epoch}","${end_epoch}","${hangup_cause}","${caller_id_number}","${destination_number}""#;
    let rows = r#""z-1","b-1","1795219200","1795219209","1795219260","NORMAL_CLEARING","1042","912025550150"
"b-1","z-1","1795219200","1795219209","1795219260","NORMAL_CLEARING","12025550100","12025550150"
"#;
    let calls = read(Some(template), rows);
    let ids: Vec<_> = calls.iter().map(|call| (call.call_id.as_str(), call.answered_at.is_some())).collect();
    assert_eq!(ids, [("z-1", true)], "rows are of whole seconds");
}

#[test]
fn a_call_from_outside_is_answered_by_the_telephone_it_reached_and_by_no_menu() {
    let rows = r#""","+442079460018","5000","public","2026-11-29 02:00:00","2026-11-29 02:00:01","2026-11-29 02:01:00","60","59","NORMAL_CLEARING","00000000-0000-0000-0000-000000000021","00000000-0000-0000-0000-000000000022","","",""
"","+442079460018","1042","public","2026-11-29 02:00:20","2026-11-29 02:00:29","2026-11-29 02:01:00","40","31","NORMAL_CLEARING","00000000-0000-0000-0000-000000000022","","","",""
"","+442079460019","5000","public","2026-11-29 02:05:00","2026-11-29 02:05:01","2026-11-29 02:06:00","60","59","NORMAL_CLEARING","00000000-0000-0000-0000-000000000023","","","",""
"#;
    let calls = read(None, rows);
    assert_eq!(calls.len(), 2, "{calls:#?}");
    assert_eq!(calls[0].agent.as_ref().unwrap().as_str(), "1042");
    assert_eq!(
        (calls[0].bridged_at, calls[0].answered_at),
        (Some(calls[0].started_at + Span::secs(29)), calls[0].bridged_at)
    );
    assert_eq!((calls[1].answered_at, calls[1].outcome), (None, Some(Outcome::NoAnswer)));
}

#[test]
fn of_two_legs_of_one_second_the_one_that_came_in_is_the_call() {
    let rows = r#""","+442079460018","5000","public","2026-11-29 02:00:00","2026-11-29 02:00:00","2026-11-29 02:00:20","20","20","NORMAL_CLEARING","d0000000-0000-0000-0000-000000000041","10000000-0000-0000-0000-000000000042","","",""
"Ann","+442079460018","1042","default","2026-11-29 02:00:00","2026-11-29 02:00:05","2026-11-29 02:00:20","20","15","NORMAL_CLEARING","10000000-0000-0000-0000-000000000042","","","",""
"#;
    let calls = read(None, rows);
    let told: Vec<_> = calls.iter().map(|call| (&call.call_id.as_str()[..1], call.direction)).collect();
    assert_eq!(told, [("d", Some(Direction::Inbound))]);
    assert_eq!(calls[0].agent.as_ref().unwrap().as_str(), "1042");
    assert_eq!(calls[0].bridged_at, Some(calls[0].started_at + Span::secs(5)));
}

/// Somebody called, and is passed on to a mobile telephone: the first carrier refused, the second reached it.
#[test]
fn whom_a_caller_is_passed_on_to_is_an_attempt_of_its_own_and_shows_no_number_of_the_floors() {
    let template = r#""${uuid}","${bleg_uuid}","${call_uuid}","${start_epoch}","${answer_epoch}","${bridge_epoch}","${end_epoch}","${sip_gateway_name}","${hangup_cause}","${caller_id_number}","${destination_number}","${context}""#;
    let rows = r#""a-1","b-2","a-1","1795219200","1795219208","1795219208","1795219260","","NORMAL_CLEARING","+442079460018","12025550100","public"
"b-1","","a-1","1795219200","0","0","1795219203","gw-a","USER_BUSY","+442079460018","12025550177","public"
"b-2","","a-1","1795219203","1795219208","1795219208","1795219260","gw-b","NORMAL_CLEARING","+442079460018","12025550177","public"
"#;
    let named = |text: &str| {
        let calls = read(Some(template), text).into_iter();
        calls.map(|call| (call.call_id.to_string(), call)).collect::<BTreeMap<String, CallRecord>>()
    };
    let told = |call: &CallRecord| {
        let route = call.route.as_ref().map(|route| route.as_str().to_owned());
        let ends = [&call.from, &call.to].map(|end| number(end.as_ref()).unwrap_or("?").to_owned());
        (call.direction.unwrap(), ends.join(" "), route.unwrap_or_default(), call.outcome)
    };
    let (person, outbound) = ("? +12025550177".to_owned(), Direction::Outbound);
    let calls = named(rows);
    assert_eq!(calls.len(), 3);
    let called = (Direction::Inbound, "+442079460018 +12025550100".to_owned(), String::new(), None);
    assert_eq!(told(&calls["a-1"]), called);
    assert_eq!(told(&calls["b-1"]), (outbound, person.clone(), "gw-a".to_owned(), Some(Outcome::Busy)));
    assert_eq!(told(&calls["b-2"]), (outbound, person.clone(), "gw-b".to_owned(), None));
    for call in [&calls["a-1"], &calls["b-2"]] {
        assert!(call.answered_at.is_some() && call.bridged_at.is_none(), "{call:?}");
        assert!(call.cannot_tell.unwrap().has(Matter::Agent), "nobody of the floor is seen");
    }
    // A number of the floor's own that it shows instead is one.
    let shown =
        rows.replace(r#""gw-b","NORMAL_CLEARING","+442079460018""#, r#""gw-b","NORMAL_CLEARING","12025550100""#);
    assert_eq!(told(&named(&shown)["b-2"]).1, "+12025550100 +12025550177");
    // A leg that no row names is an attempt, too, and shows no more than the others.
    let unnamed = rows.replace(r#""b-1","","a-1""#, r#""b-1","","""#);
    assert_eq!(told(&named(&unnamed)["b-1"]), told(&calls["b-1"]));
    // The number that was called, handed to another switch of the house, is no second call.
    let handed_over = rows.replace("12025550177", "12025550100");
    assert_eq!(named(&handed_over).keys().collect::<Vec<_>>(), ["a-1"]);
}

#[test]
fn a_template_without_contexts_does_not_tell_who_called_whom() {
    let template = r#""${uuid}","${start_epoch}","${answer_epoch}","${end_epoch}","${hangup_cause}","${caller_id_number}","${destination_number}""#;
    let row = r#""u-1","1795219200","0","1795219201","USER_BUSY","+442079460018","12025550100""#;
    assert_eq!(read(Some(template), row)[0].direction, None);
}

#[test]
fn gateways_say_what_is_a_carriers_and_nobody_is_made_a_number_of_the_floors() {
    let template = r#""${uuid}","${start_epoch}","${answer_epoch}","${end_epoch}","${sip_gateway_name}","${hangup_cause}","${caller_id_number}","${destination_number}", "${accountcode}","${bridge_channel}""#;
    let rows = r#""u-1","1795219200","0","1795219201","gw-a","USER_BUSY","1042","12025550150", "SPRING","x"
"u-2","1795219200","0","1795219201","gw-b","USER_BUSY","1042","12025550150", "SPRING",""
"u-3","1795219200","0","1795219201","","USER_BUSY","+442079460018","12025550100", "SPRING",""
"#;
    let gateways = BTreeMap::from([("gw-a".into(), RouteId::trusted("A"))]);
    let (fates, calls) = all(Some(template), House { gateways, ..house(&[]) }, rows);
    assert_eq!(fates[1], Ok(Fate::NoRoute(vec!["gw-b".into()])));
    assert_eq!(calls.len(), 2);
    assert_eq!((calls[0].route.as_ref().unwrap().as_str(), calls[0].direction), ("A", Some(Direction::Outbound)));
    assert_eq!((calls[0].campaign.as_ref().unwrap().as_str(), calls[0].agent.as_ref()), ("SPRING", None));
    assert!(calls[0].cannot_tell.unwrap().has(Matter::Agent));
    assert_eq!(calls[1].direction, None);
}

#[test]
fn a_long_extension_is_a_telephone_of_the_house_and_no_number() {
    let rows = r#""Ann","5551042","5551043","default","2026-11-29 02:00:00","2026-11-29 02:00:05","2026-11-29 02:01:00","60","55","NORMAL_CLEARING","00000000-0000-0000-0000-000000000051","00000000-0000-0000-0000-000000000052","","",""
"Ann","5551042","5551043","default","2026-11-29 02:00:00","2026-11-29 02:00:05","2026-11-29 02:01:00","60","55","NORMAL_CLEARING","00000000-0000-0000-0000-000000000052","","","",""
"","+442079460018","12025550100","public","2026-11-29 02:05:00","2026-11-29 02:05:08","2026-11-29 02:06:00","60","52","NORMAL_CLEARING","00000000-0000-0000-0000-000000000053","00000000-0000-0000-0000-000000000054","","",""
"","+442079460018","5551042","default","2026-11-29 02:05:01","2026-11-29 02:05:08","2026-11-29 02:06:00","59","52","NORMAL_CLEARING","00000000-0000-0000-0000-000000000054","","","",""
"Ann","5551042","2025550150","default","2026-11-29 02:07:00","2026-11-29 02:07:05","2026-11-29 02:08:00","60","55","NORMAL_CLEARING","00000000-0000-0000-0000-000000000055","","","",""
"#;
    let calls = read(None, rows);
    assert_eq!(calls.len(), 2, "{calls:#?}");
    let (inbound, outbound) = (&calls[0], &calls[1]);
    assert_eq!(inbound.agent.as_ref().map(AgentId::as_str), Some("5551042"));
    assert_eq!((number(outbound.to.as_ref()), outbound.from.as_ref()), (Some("+12025550150"), None));
}

#[test]
fn what_is_bridged_with_a_telephone_of_the_house_went_to_no_number_whatever_its_length() {
    let template = r#""${uuid}","${start_epoch}","${answer_epoch}","${end_epoch}","${hangup_cause}","${caller_id_number}","${destination_number}","${context}","${last_app}","${last_arg}""#;
    let row = |to: &str| {
        format!(
            "\"u-1\",\"1795219200\",\"1795219205\",\"1795219260\",\"NORMAL_CLEARING\",\"1042\",\"2025550150\",\"default\",\"bridge\",\"{to}\"\n"
        )
    };
    for (to, calls) in [
        ("user/2025550150@pbx.example", 0),
        ("{leg_timeout=20}user/2025550150@pbx.example", 0),
        ("sofia/gateway/gw-a/12025550150", 1),
        ("user/1043@pbx.example,sofia/gateway/gw-a/12025550150", 1),
    ] {
        assert_eq!(read(Some(template), &row(to)).len(), calls, "{to}");
    }
}

#[test]
fn who_comes_in_at_a_context_that_nobody_named_is_not_dialled_and_no_number_of_the_floors() {
    let row = DEFAULT.lines().nth(1).unwrap().replace("public", "second-carrier");
    let call = &read(None, &row)[0];
    assert_eq!((call.direction, number(call.from.as_ref())), (None, Some("+442079460018")));
}

/// The stamps were written by another clock than that which they are read by; the count since 1970 needs none.
#[test]
fn a_moment_that_contradicts_its_leg_is_no_moment_of_it_and_is_said() {
    let template = r#""${uuid}","${start_stamp}","${answer_stamp}","${end_stamp}","${bridge_uepoch}","${progress_uepoch}","${cc_queue_joined_epoch}","${hangup_cause}","${caller_id_number}","${destination_number}""#;
    let read_with = |clock: &str, progress: &str, queued: &str| {
        let row = format!(
            r#""u-1","2026-11-21 {clock}:00:00","2026-11-21 {clock}:00:09","2026-11-21 {clock}:01:00","1795219210500000","{progress}","{queued}","NORMAL_CLEARING","1042","12025550142""#
        );
        let origin = Origin { source: SourceId::trusted("fs"), realm: RealmId::trusted("fs") };
        let mut legs = Legs::new(origin, house(&["public"]), Defaults::default(), Some(template)).unwrap();
        let mut times = Times::new(Some(chrono_tz::Europe::Berlin), Fold::Earlier);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(row.as_bytes());
        legs.row(&reader.records().next().unwrap().unwrap(), &mut times).unwrap();
        let Data::CallRecord(call) = legs.end().remove(0).data else { panic!("no call") };
        (call, legs.doubt())
    };
    let read = |clock: &str| read_with(clock, "1795219204000000", "1795219201");
    // Berlin's clock showed one when it was midnight in UTC.
    let (right, doubt) = read("01");
    assert_eq!((right.bridged_at.is_some(), right.progress_at.is_some(), doubt.is_none()), (true, true, true));
    assert!(!right.cannot_tell.unwrap().has(Matter::Agent));
    for clock in ["00", "05"] {
        let (wrong, doubt) = read(clock);
        assert_eq!((wrong.bridged_at, wrong.progress_at, wrong.queued_at), (None, None, None), "{clock}");
        assert!(wrong.answered_at.is_some() && wrong.cannot_tell.unwrap().has(Matter::Agent), "{clock}");
        assert!(wrong.cannot_tell.unwrap().has(Matter::Progress), "{clock}");
        let doubt = doubt.unwrap();
        for named in
            ["`bridge_uepoch` (1 leg)", "`progress_uepoch` (", "cc_queue_joined_epoch", "start_stamp", "--file-zone"]
        {
            assert!(doubt.contains(named), "{doubt}");
        }
        // Only what is at fault is named.
        let doubt = read_with(clock, "0", "").1.unwrap();
        let innocent = ["progress", "cc_queue_joined", "answer_stamp"];
        assert!(doubt.contains("`bridge_uepoch` (") && innocent.iter().all(|name| !doubt.contains(name)), "{doubt}");
    }
}

#[test]
fn a_number_is_not_the_floors_for_being_shown() {
    let row = |at: u32, from: &str, to: &str| {
        format!(
            r#""","{from}","{to}","default","2026-11-21 01:0{at}:00","","2026-11-21 01:0{at}:20","20","0","NO_ANSWER","5a3a1d91-0000-4db4-af5c-00000000000{at}","","","",""
"#
        )
    };
    let (person, own) = ("+442079460018", "12025550100");
    let rows =
        [row(1, person, "12025550142"), row(2, own, person), row(3, person, "12025550143"), row(4, own, "12025550144")];
    let shown = |house: House| -> Vec<Option<String>> {
        let calls = all(None, house, &rows.concat()).1;
        calls.iter().map(|call| number(call.from.as_ref()).map(str::to_owned)).collect()
    };
    let unnamed = House { dids: Vec::new(), ..house(&["public"]) };
    assert_eq!(shown(unnamed), [None, None, None, None], "a person who is dialled a minute later among them");
    let own = Some("+12025550100".to_owned());
    assert_eq!(shown(house(&["public"])), [None, own.clone(), None, own]);
}
