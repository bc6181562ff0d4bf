//! Files of records, each against who spoke with whom.
#![allow(clippy::unwrap_used, clippy::panic)]

mod machines;
mod sides;

use super::*;
use crate::source::asterisk::config::RouteConfig;
use crate::source::file::times::Fold;
use app::domain::event::CallRecord;
use app::domain::outcome::{Direction, Outcome};
use app::domain::phone::Party;
use app::domain::{Data, Matter, Moment, RealmId, RouteId, SourceId, Span};

fn records(carriers: &[&str], inbound: &[&str]) -> Records {
    let origin = Origin { source: SourceId::trusted("pbx"), realm: RealmId::trusted("pbx") };
    let mut names = Names { country: app::domain::Country::new("US").ok(), ..Names::default() };
    for carrier in carriers {
        let (endpoint, route) = carrier.split_once('=').unwrap();
        names
            .routes
            .insert(endpoint.into(), RouteConfig { route: RouteId::trusted(route), capacity: None, prefix: None });
    }
    names.inbound = inbound.iter().map(SmolStr::new).collect();
    // Where the dialer leads whom it has called.
    names.outbound = ["out", "queues"].map(SmolStr::new).into();
    Records::new(origin, names, Defaults::default())
}

/// The calls of a file, by their names, and the fates of its rows.
fn read(mut records: Records, text: &str) -> (Vec<CallRecord>, Vec<Result<Fate, String>>) {
    let mut times = Times::new(Some(chrono_tz::UTC), Fold::Earlier);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let fates: Vec<_> =
        reader.records().map(|row| records.row(&row.unwrap(), &mut times).map_err(|e| e.to_string())).collect();
    let told = fates.iter().filter_map(|fate| fate.clone().ok()).flat_map(Fate::events).chain(records.end());
    let mut calls: Vec<CallRecord> = told
        .map(|event| match event.data {
            Data::CallRecord(record) => record,
            other => panic!("{other:?}"),
        })
        .collect();
    calls.sort_by_key(|call| (call.started_at, call.call_id.clone()));
    (calls, fates)
}

fn calls(carriers: &[&str], inbound: &[&str], text: &str) -> Vec<CallRecord> {
    let forth = read(records(carriers, inbound), text).0;
    // In whatever order the records stand.
    let backwards = text.lines().rev().collect::<Vec<_>>().join("\n");
    if !text.starts_with("calldate") {
        assert_eq!(read(records(carriers, inbound), &backwards).0, forth);
    }
    forth
}

fn one(carriers: &[&str], inbound: &[&str], text: &str) -> CallRecord {
    let mut calls = calls(carriers, inbound, text);
    assert_eq!(calls.len(), 1, "{calls:#?}");
    calls.remove(0)
}

fn at(time: &str) -> Option<Moment> {
    Some(Moment::parse(&format!("2026-11-29T{time}Z")).unwrap())
}

fn number(party: Option<&Party>) -> Option<&str> {
    party.and_then(Party::number).map(app::domain::Number::reveal)
}

fn agent(call: &CallRecord) -> Option<&str> {
    call.agent.as_ref().map(app::domain::AgentId::as_str)
}

fn hidden(call: &CallRecord, matter: Matter) -> bool {
    call.cannot_tell.is_some_and(|all| all.has(matter))
}

#[test]
fn the_recorded_sample_is_three_calls() {
    let calls = calls(&["carrier-a=A"], &["from-outside"], include_str!("../fixtures/Master.csv"));
    let at = |text: &str| Some(Moment::parse(text).unwrap());
    assert_eq!(calls.len(), 3);
    let first = &calls[0];
    assert_eq!((first.call_id.as_str(), first.started_at), ("1795219200.62", at("2026-11-21T00:00:00Z").unwrap()));
    assert_eq!((first.answered_at, first.ended_at), (at("2026-11-21T00:00:14Z"), at("2026-11-21T00:01:37Z")));
    assert_eq!((first.bridged_at, agent(first)), (first.answered_at, Some("agent-1042")));
    assert_eq!(
        (first.queue.as_ref().unwrap().as_str(), first.campaign.as_ref().unwrap().as_str()),
        ("sales", "SPRING24")
    );
    // Whom the dialer called is not in the record of its own channel, so whose number was shown can't be told.
    assert_eq!((&first.from, &first.to), (&None, &None));
    let busy = &calls[1];
    assert_eq!((busy.outcome, busy.answered_at, agent(busy)), (Some(Outcome::Busy), None, None));
    assert_eq!((number(busy.to.as_ref()), busy.direction), (Some("+12025550150"), Some(Direction::Outbound)));
    assert_eq!(calls[2].outcome, Some(Outcome::Failed));
    assert!(calls.iter().all(|call| hidden(call, Matter::Progress)));
}

#[test]
fn a_file_without_contexts_does_not_tell_who_called_whom() {
    let text = "calldate,src,dst,channel,dstchannel,lastapp,lastdata,duration,billsec,disposition,uniqueid
2026-11-29 10:00:00,12025550143,12025550100,PJSIP/t-4,PJSIP/1001-5,Dial,PJSIP/1001,30,21,ANSWERED,2.4";
    assert_eq!(one(&["t=a"], &["from-outside"], text).direction, None);
    let told = text.replace("calldate,", "calldate,dcontext,").replace("10:00:00,", "10:00:00,from-outside,");
    assert_eq!(one(&["t=a"], &["from-outside"], &told).direction, Some(Direction::Inbound));
}

#[test]
fn dialled_through_a_local_channel_nobody_can_see_the_agent() {
    let call = one(
        &["SIP/c1=c1"],
        &[],
        r#""S","2025550100","912025550140","default","x","Local/912025550140@default-1c;2","SIP/c1-40","Dial","SIP/12025550140@c1","2026-11-29 10:00:00","2026-11-29 10:00:12","2026-11-29 10:01:47",107,95,"ANSWERED","DOCUMENTATION","1.2","""#,
    );
    assert_eq!((call.direction, call.answered_at, call.bridged_at), (Some(Direction::Outbound), at("10:00:12"), None));
    assert!(hidden(&call, Matter::Agent) && hidden(&call, Matter::Progress));
    // Whose number it shows isn't known, either: the Local channel may pass somebody's call on.
    assert_eq!((number(call.from.as_ref()), number(call.to.as_ref())), (None, Some("+12025550140")));
}

#[test]
fn a_queue_call_that_nobody_took_was_queued_and_given_up() {
    let call = one(
        &["t=a"],
        &["in"],
        r#""","12025550143","8000","in","x","PJSIP/t-4","PJSIP/1001-5","Queue","sales,t","2026-11-29 10:10:00",,"2026-11-29 10:10:15",15,0,"NO ANSWER","DOCUMENTATION","2.4",""
"","12025550143","8000","in","x","PJSIP/t-4","","Queue","sales,t","2026-11-29 10:10:00","2026-11-29 10:10:00","2026-11-29 10:10:30",30,30,"ANSWERED","DOCUMENTATION","2.4","""#,
    );
    assert_eq!(
        (call.direction, call.queued_at, call.ended_at),
        (Some(Direction::Inbound), at("10:10:00"), at("10:10:30"))
    );
    assert_eq!((call.answered_at, call.bridged_at, call.outcome, agent(&call)), (at("10:10:00"), None, None, None));
}

#[test]
fn a_queue_call_belongs_to_the_telephone_that_took_it_and_its_wait_is_not_told() {
    let call = one(
        &["t=a"],
        &["in"],
        r#""","12025550143","8000","in","x","PJSIP/t-4","PJSIP/1001-5","Queue","sales,t","2026-11-29 10:10:00",,"2026-11-29 10:10:15",15,0,"NO ANSWER","DOCUMENTATION","2.4",""
"","12025550143","8000","in","x","PJSIP/t-4","PJSIP/1002-6","Queue","sales,t","2026-11-29 10:10:15","2026-11-29 10:10:15","2026-11-29 10:11:30",75,75,"ANSWERED","DOCUMENTATION","2.4","""#,
    );
    assert_eq!((agent(&call), call.bridged_at, call.queued_at), (Some("1002"), at("10:10:15"), at("10:10:00")));
    assert!(hidden(&call, Matter::Queue) && !hidden(&call, Matter::Agent));
}

#[test]
fn who_left_a_queue_for_voicemail_did_not_hang_up_in_it_and_his_wait_is_not_told() {
    let rows = r#""","12025550143","8000","in","x","PJSIP/t-4","PJSIP/1001-5","Queue","sales,t,,,20","2026-11-29 10:10:00",,"2026-11-29 10:10:20",20,0,"NO ANSWER","DOCUMENTATION","2.4",""
"","12025550143","8000","in","x","PJSIP/t-4","","VoiceMail","8000@default","2026-11-29 10:10:00","2026-11-29 10:10:00","2026-11-29 10:11:30",90,90,"ANSWERED","DOCUMENTATION","2.4","""#;
    let call = one(&["t=a"], &["in"], rows);
    assert_eq!((call.queued_at, call.bridged_at, agent(&call)), (at("10:10:00"), None, None));
    assert!(hidden(&call, Matter::Queue) && !hidden(&call, Matter::Agent));
    let gone = one(&["t=a"], &["in"], &rows.replace("VoiceMail", "Hangup"));
    assert!(!hidden(&gone, Matter::Queue), "nobody was there for him");
}

#[test]
fn whom_the_dialer_called_waits_in_a_queue_from_his_answer_on() {
    let rows = r#""S","12025550143","8000","out","x","PJSIP/t-4","PJSIP/1001-5","Queue","sales,t","2026-11-29 10:10:00","2026-11-29 10:10:12","2026-11-29 10:11:00",60,48,"ANSWERED","DOCUMENTATION","2.4","""#;
    let call = one(&["t=a"], &["in"], rows);
    assert_eq!((call.direction, call.answered_at), (Some(Direction::Outbound), at("10:10:12")));
    assert_eq!((call.queued_at, call.bridged_at, agent(&call)), (at("10:10:12"), at("10:10:12"), Some("1001")));
}

#[test]
fn a_fax_is_taken_by_a_machine_and_of_what_is_not_known_nothing_is_said() {
    let row = |app: &str| {
        format!(
            r#""","12025550143","600","in","x","PJSIP/t-4","","{app}","x","2026-11-29 10:10:00","2026-11-29 10:10:00","2026-11-29 10:10:20",20,20,"ANSWERED","DOCUMENTATION","2.4","""#
        )
    };
    for machine in ["ReceiveFAX", "VoiceMail"] {
        let call = one(&["t=a"], &["in"], &row(machine));
        assert_eq!(
            (call.answered_at, call.outcome, hidden(&call, Matter::Agent)),
            (None, Some(Outcome::NoAnswer), false)
        );
    }
    let program = one(&["t=a"], &["in"], &row("AGI"));
    assert_eq!((program.answered_at, program.outcome, hidden(&program, Matter::Agent)), (None, None, true));
}

#[test]
fn what_an_isdn_line_connects_is_a_person_and_no_direction_is_made_up() {
    let text = r#""S","12025550101","8001","in","x","SIP/c1-1","DAHDI/i1/12025550187-2","Dial","DAHDI/g1/12025550187","2026-11-29 10:00:00","2026-11-29 10:00:09","2026-11-29 10:01:00",60,51,"ANSWERED","DOCUMENTATION","3.1","""#;
    let call = one(&["SIP/c1=c1"], &[], text);
    assert_eq!((call.direction, agent(&call), number(call.to.as_ref())), (None, None, Some("+12025550187")));
    // Told where calls come in, and where the dialer leads them, it is a caller's or the dialer's.
    let elsewhere = |context: &str| text.replace(r#""in""#, &format!("\"{context}\""));
    assert_eq!(one(&["SIP/c1=c1"], &["in"], &elsewhere("out")).direction, Some(Direction::Outbound));
    assert_eq!(one(&["SIP/c1=c1"], &["in"], &elsewhere("ivr-1")).direction, None);
    assert_eq!(one(&["SIP/c1=c1"], &["in"], text).direction, Some(Direction::Inbound));
    // Dialled from a telephone over that line: the name of the call does not hold the number.
    let dialled = one(
        &["DAHDI/i1=b"],
        &[],
        r#""S","1042","12025550187","phones","x","PJSIP/1042-1","DAHDI/i1/12025550187-2","Dial","DAHDI/g1/12025550187","2026-11-29 10:00:00","2026-11-29 10:00:09","2026-11-29 10:01:00",60,51,"ANSWERED","DOCUMENTATION","3.1","""#,
    );
    assert_eq!((dialled.call_id.as_str(), agent(&dialled)), ("3.1/DAHDI/i1-2", Some("1042")));
}

#[test]
fn what_was_refused_before_it_had_a_channel_is_a_failed_attempt() {
    let row = |start: &str, end: &str, party: &str, carrier: &str, ending: &str| {
        format!(
            r#""S","1042","92025550188","phones","x","PJSIP/1042-3","{party}","Dial","PJSIP/2025550188@{carrier},60","2026-11-29 {start}",,"2026-11-29 {end}",0,0,"{ending}","DOCUMENTATION","7.3","","","7.3",4"#
        )
    };
    let text = [
        row("10:00:00", "10:00:01", "", "trunk-a", "FAILED"),
        row("10:00:01", "10:00:02", "PJSIP/trunk-b-9", "trunk-b", "CONGESTION"),
        row("10:00:02", "10:00:05", "PJSIP/trunk-a-10", "trunk-a", "BUSY"),
    ];
    let calls = calls(&["trunk-a=a", "trunk-b=b"], &[], &text.join("\n"));
    let told: Vec<_> = calls.iter().map(|call| (call.route.as_ref().unwrap().as_str(), call.outcome)).collect();
    assert_eq!(told, [("a", Some(Outcome::Failed)), ("b", Some(Outcome::Congestion)), ("a", Some(Outcome::Busy))]);
    assert!(calls.iter().all(|call| number(call.to.as_ref()) == Some("+12025550188") && call.from.is_none()));
    assert!(calls.iter().all(|call| !call.call_id.as_str().contains("2025550188")));
}

#[test]
fn both_sides_of_one_dialling_through_a_local_channel_are_one_call() {
    let text = r#""","2863","09083258557","pre-rec","x","SIP/2863-0000098e","Local/09083258557@default-5b8;1","Dial","Local/09083258557@default,30,t","2026-11-29 11:08:04","2026-11-29 11:08:14","2026-11-29 11:08:14",10,0,"ANSWERED","DOCUMENTATION","9.55",""
"","2863","09083258557","pre-rec","x","SIP/2863-0000098e","OOH323/gate-1946","Dial","Local/09083258557@default,30,t","2026-11-29 11:08:14","2026-11-29 11:08:14","2026-11-29 11:08:31",17,17,"ANSWERED","DOCUMENTATION","9.55",""
"h323","09083258557","","default","x","OOH323/gate-1946","Local/09083258557@default-5b8;1","AppDial","(Outgoing Line)","2026-11-29 11:08:14","2026-11-29 11:08:14","2026-11-29 11:08:14",0,0,"ANSWERED","DOCUMENTATION","9.58","""#;
    let call = one(&["OOH323/gate=g"], &[], text);
    assert_eq!((call.call_id.as_str(), call.direction), ("9.58", Some(Direction::Outbound)));
    assert_eq!(
        (call.started_at, call.answered_at, call.ended_at),
        (at("11:08:04").unwrap(), at("11:08:14"), at("11:08:31"))
    );
    assert_eq!((agent(&call), call.bridged_at), (Some("2863"), at("11:08:14")));
}

#[test]
fn telephones_that_ring_at_once_are_one_call_and_who_is_passed_on_is_dialled_by_another() {
    let row = |party: &str, times: &str, ending: &str| {
        format!(
            r#""","12025550143","600","from-trunk","x","PJSIP/t-4","{party}","Dial","PJSIP/1001&PJSIP/1002",{times},"{ending}","DOCUMENTATION","2.4","","","2.4",1"#
        )
    };
    let lost = r#""2026-11-29 10:10:00",,"2026-11-29 10:10:07",7,0"#;
    let taken = r#""2026-11-29 10:10:00","2026-11-29 10:10:07","2026-11-29 10:11:00",60,53"#;
    let text = [row("PJSIP/1001-5", lost, "NO ANSWER"), row("PJSIP/1002-6", taken, "ANSWERED")].join("\n");
    let call = one(&["t=a"], &["from-trunk"], &text);
    assert_eq!((agent(&call), call.answered_at, call.outcome), (Some("1002"), at("10:10:07"), None));
    assert_eq!(number(call.from.as_ref()), Some("+12025550143"));
    // Nobody answered: no answer, and no agent.
    let text = [row("PJSIP/1001-5", lost, "NO ANSWER"), row("PJSIP/1002-6", lost, "NO ANSWER")].join("\n");
    let call = one(&["t=a"], &["from-trunk"], &text);
    assert_eq!((agent(&call), call.answered_at, call.outcome), (None, None, Some(Outcome::NoAnswer)));
    // Passed on to a mobile by a Local channel: the second leg shows the caller's number, which stays a person's.
    let text = r#""","12025550143","600","from-trunk","x","PJSIP/t-4","Local/2025550190@out-7;1","Dial","Local/2025550190@out","2026-11-29 10:10:00","2026-11-29 10:10:07","2026-11-29 10:11:00",60,53,"ANSWERED","DOCUMENTATION","2.4",""
"","12025550143","2025550190","out","x","Local/2025550190@out-7;2","PJSIP/t-5","Dial","PJSIP/2025550190@t","2026-11-29 10:10:00","2026-11-29 10:10:07","2026-11-29 10:11:00",60,53,"ANSWERED","DOCUMENTATION","2.5","""#;
    let both = calls(&["t=a"], &["from-trunk"], text);
    assert_eq!(both.len(), 2, "{both:#?}");
    let (call, passed_on) = (&both[0], &both[1]);
    assert_eq!((call.direction, agent(call), call.answered_at), (Some(Direction::Inbound), None, at("10:10:07")));
    assert_eq!((passed_on.direction, passed_on.answered_at), (Some(Direction::Outbound), at("10:10:07")));
    assert_eq!((number(passed_on.to.as_ref()), &passed_on.from), (Some("+12025550190"), &None));
    assert!(agent(passed_on).is_none() && hidden(passed_on, Matter::Agent));
    assert_eq!(passed_on.call_id.as_str(), "2.5/PJSIP/t-5");
}

#[test]
fn an_endpoint_that_somebody_was_dialled_through_is_no_telephone() {
    let text = r#""","12025550143","211","in","x","PJSIP/t-12","PJSIP/hit-13","Dial","PJSIP/211@hit,60","2026-11-29 13:00:00","2026-11-29 13:00:04","2026-11-29 13:01:10",70,66,"ANSWERED","DOCUMENTATION","4.12""#;
    let call = one(&["t=a"], &["in"], text);
    assert_eq!((agent(&call), call.bridged_at, call.answered_at), (None, None, at("13:00:04")));
}

#[test]
fn an_announcement_that_answers_is_nobody() {
    let text = r#""","12025550143","600","in","x","PJSIP/t-4","","Playback","closed","2026-11-29 10:10:00","2026-11-29 10:10:00","2026-11-29 10:10:20",20,20,"ANSWERED","DOCUMENTATION","2.4","""#;
    let inbound = one(&["t=a"], &["in"], text);
    assert_eq!((inbound.answered_at, inbound.outcome, agent(&inbound)), (None, Some(Outcome::NoAnswer), None));
    // Of the dialer's own call the far end answered, and nobody came.
    let text = text.replace(r#""in""#, r#""out""#);
    let dialled = one(&["t=a"], &["in"], &text);
    assert_eq!(
        (dialled.answered_at, dialled.bridged_at, hidden(&dialled, Matter::Agent)),
        (at("10:10:00"), None, false)
    );
    // In a conference somebody may have been.
    let met = one(&["t=a"], &["in"], &text.replace("Playback", "ConfBridge"));
    assert!(hidden(&met, Matter::Agent));
}

#[test]
fn several_dialled_at_once_are_one_attempt() {
    let row = |party: &str, times: &str, ending: &str| {
        format!(
            r#""","1042","2025550188","phones","x","PJSIP/1042-3","{party}","Dial","PJSIP/2025550188@a&PJSIP/2025550188@b,30",{times},"{ending}","DOCUMENTATION","2.4","""#
        )
    };
    let lost = r#""2026-11-29 10:10:00",,"2026-11-29 10:10:07",7,0"#;
    let taken = r#""2026-11-29 10:10:00","2026-11-29 10:10:07","2026-11-29 10:11:00",60,53"#;
    let text = [row("PJSIP/a-5", lost, "NO ANSWER"), row("PJSIP/b-6", taken, "ANSWERED")].join("\n");
    let call = one(&["a=A", "b=B"], &[], &text);
    assert_eq!((call.route.as_ref().unwrap().as_str(), call.outcome, call.answered_at), ("B", None, at("10:10:07")));
}

#[test]
fn the_table_of_freepbx_is_read_by_its_header() {
    let text = "calldate,clid,src,dst,dcontext,channel,dstchannel,lastapp,lastdata,duration,billsec,disposition,amaflags,accountcode,uniqueid,userfield,did,recordingfile,cnum,cnam,outbound_cnum,outbound_cnam,dst_cnam,linkedid,peeraccount,sequence
2026-11-29 10:00:00,x,+442079460018,600,ext-queues,PJSIP/t-1,Local/1001@from-queue-1;1,Queue,\"600,t\",40,40,ANSWERED,3,,1.1,,12025550100,,,,,,,1.1,,1
2026-11-29 10:00:05,x,+442079460018,1001,from-internal,Local/1001@from-queue-1;2,PJSIP/1001-2,Dial,PJSIP/1001,35,30,ANSWERED,3,,1.3,,,,,,,,,1.1,,2
2026-11-29 10:05:00,x,1001,2025550150,from-internal,PJSIP/1001-9,PJSIP/t-10,Dial,\"PJSIP/2025550150@t,300\",20,0,NO ANSWER,3,,5.9,,,,1001,Ann,12025550100,,,5.9,,4
";
    let calls = calls(&["t=a"], &[], text);
    assert_eq!(calls.len(), 2, "{calls:#?}");
    let (queued, dialled) = (&calls[0], &calls[1]);
    assert_eq!((queued.direction, number(queued.to.as_ref())), (Some(Direction::Inbound), Some("+12025550100")));
    assert_eq!((agent(queued), queued.bridged_at, queued.ended_at), (Some("1001"), at("10:00:10"), at("10:00:40")));
    assert_eq!((dialled.outcome, number(dialled.from.as_ref())), (Some(Outcome::NoAnswer), Some("+12025550100")));
    assert_eq!(dialled.ended_at, Some(dialled.started_at + Span::secs(20)));
}

#[test]
fn the_sample_of_cdr_custom_begins_with_the_callers_name() {
    let call = one(
        &["t=a"],
        &[],
        r#""""Ann"" <1042>","1042","2025550150","phones","PJSIP/1042-9","PJSIP/t-10","Dial","PJSIP/2025550150@t","2026-11-29 10:05:00","2026-11-29 10:05:09","2026-11-29 10:06:00","60","51","ANSWERED","3","SPRING","5.9","","4""#,
    );
    assert_eq!((call.call_id.as_str(), call.campaign.as_ref().unwrap().as_str()), ("5.9/PJSIP/t-10", "SPRING"));
}

#[test]
fn shorter_records_are_read_and_calls_of_the_house_are_none() {
    let call = one(
        &["carrier-a=A"],
        &[],
        r#""","1042","2025550187","phones","""Ann"" <1042>","PJSIP/ann-00000001","PJSIP/carrier-a-00000002","Dial","PJSIP/12025550187@carrier-a,30,r","2026-11-21 10:00:00","2026-11-21 10:00:09","2026-11-21 10:01:00",60,51,"ANSWERED","DOCUMENTATION""#,
    );
    assert_eq!(call.call_id.as_str(), "PJSIP/carrier-a-00000002@1795255200");
    assert_eq!((agent(&call), number(call.to.as_ref())), (Some("ann"), Some("+12025550187")));
    assert_eq!(call.from, None);
    let house = r#""","1042","1043","phones","x","PJSIP/ann-00000001","PJSIP/bob-00000002","Dial","PJSIP/bob","2026-11-21 10:00:00",,"2026-11-21 10:00:04",4,0,"NO ANSWER","DOCUMENTATION","1.7","""#;
    let (none, fates) = read(records(&["carrier-a=A"], &[]), house);
    assert_eq!((none.len(), &fates[0]), (0, &Ok(Fate::Held("between telephones of the house"))));
}

#[test]
fn a_call_of_no_route_names_its_endpoints_but_nobodys_number() {
    for (channel, party, data, expected) in [
        ("PJSIP/1042-1", "PJSIP/trunk_2-2", "", "PJSIP/trunk_2"),
        ("PJSIP/1042-1", "DAHDI/i1/12025550187-2", "", "DAHDI/i1/*"),
        ("PJSIP/1042-1", "", "SIP/12025550187@gw,30", "SIP/gw"),
    ] {
        let row = format!(
            r#""","1042","12025550187","phones","x","{channel}","{party}","Dial","{data}","2026-11-21 10:00:00",,"2026-11-21 10:00:04",4,0,"NO ANSWER","DOCUMENTATION","1.7","""#
        );
        let (none, fates) = read(records(&["carrier-a=A"], &[]), &row);
        assert_eq!((none.len(), &fates[0]), (0, &Ok(Fate::NoRoute(vec![expected.into()]))));
    }
}

#[test]
fn what_is_wrong_is_named_by_its_column() {
    let row = |start: &str, duration: &str, disposition: &str| {
        format!(
            r#""","1","2","c","x","PJSIP/carrier-a-1","","Dial","","{start}",,"2026-11-21 10:00:04",{duration},0,"{disposition}","DOCUMENTATION","1.7","""#
        )
    };
    for (row, expected) in [
        (row("", "4", "BUSY"), "start: missing"),
        (row("21.11.2026", "4", "BUSY"), "start: "),
        (row("2026-11-21 10:00:00", "x", "BUSY"), "duration: not a whole number of seconds"),
        (row("2026-11-21 10:00:00", "4", "GONE"), "disposition: `GONE` is unknown"),
        ("a,b".to_owned(), ": 2 columns; a record has 16 to 21"),
    ] {
        let (_, fates) = read(records(&["carrier-a=A"], &[]), &row);
        let why = fates[0].as_ref().unwrap_err();
        assert!(why.starts_with(expected), "{why}");
    }
}

/// A row of `Master.csv`, from its source to its unique id.
fn master(fields: [&str; 13]) -> String {
    let [src, dst, context, channel, party, app, data, start, answer, end, took, talked, ending] = fields;
    let day = |time: &str| if time.is_empty() { String::new() } else { format!("2026-11-29 {time}") };
    format!(
        "\"S\",\"{src}\",\"{dst}\",\"{context}\",\"x\",\"{channel}\",\"{party}\",\"{app}\",\"{data}\",\"{}\",\"{}\",\"{}\",{took},{talked},\"{ending}\",\"DOCUMENTATION\",\"{channel}\",\"\"\n",
        day(start),
        day(answer),
        day(end)
    )
}

#[test]
fn a_call_that_is_passed_on_is_one_attempt_and_its_person_is_no_number_of_the_floors() {
    let dialled = master([
        "1042",
        "2025550111",
        "phones",
        "PJSIP/1042-1",
        "PJSIP/t-2",
        "Dial",
        "PJSIP/2025550111@t",
        "10:00:00",
        "10:00:05",
        "10:00:25",
        "25",
        "20",
        "ANSWERED",
    ]);
    let passed_on = master([
        "2025550111",
        "1043",
        "phones",
        "PJSIP/t-2",
        "PJSIP/1043-3",
        "Dial",
        "PJSIP/1043",
        "10:00:25",
        "10:00:30",
        "10:01:00",
        "35",
        "30",
        "ANSWERED",
    ]);
    for inbound in [&["from-outside"][..], &[]] {
        let call = one(&["t=a"], inbound, &format!("{dialled}{passed_on}"));
        assert_eq!((call.direction, number(call.to.as_ref())), (Some(Direction::Outbound), Some("+12025550111")));
        assert_eq!(
            (call.answered_at, call.bridged_at, call.ended_at),
            (at("10:00:05"), at("10:00:05"), at("10:01:00"))
        );
        assert_eq!((agent(&call), number(call.from.as_ref())), (Some("1042"), None));
    }
    // The end of it alone, of a file that begins in mid-call.
    let rest = one(&["t=a"], &["from-outside"], &passed_on);
    assert_eq!(rest.direction, None, "who called whom is not in it");
}

#[test]
fn who_was_dialled_through_or_brings_somebody_from_outside_is_no_telephone() {
    let unnamed = |row: String| {
        let (calls, fates) = read(records(&["t=a"], &[]), &row);
        assert!(calls.is_empty(), "{calls:?}");
        match &fates[0] {
            Ok(Fate::NoRoute(endpoints)) => endpoints.iter().map(ToString::to_string).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        }
    };
    let times = ["10:00:00", "10:00:05", "10:00:25", "25", "20", "ANSWERED"];
    let row = |src, dst, channel, party, data| {
        let [start, answer, end, took, talked, ending] = times;
        master([src, dst, "c", channel, party, "Dial", data, start, answer, end, took, talked, ending])
    };
    assert_eq!(
        unnamed(row("1042", "2025550111", "PJSIP/1042-1", "PJSIP/other-2", "PJSIP/2025550111@other")),
        ["PJSIP/other"]
    );
    assert_eq!(unnamed(row("12025550143", "1042", "PJSIP/other-7", "PJSIP/1042-8", "PJSIP/1042")), ["PJSIP/other"]);
    assert_eq!(
        unnamed(row("12025550143", "2025550115", "Local/2025550115@d-1;2", "SIP/old-b", "SIP/old/2025550115")),
        ["SIP/old"]
    );
}

#[test]
fn of_several_who_talk_one_after_another_the_first_answered() {
    let rows = [
        ("PJSIP/1042-8", "10:00:00", "10:00:05", "10:00:25", "25", "20"),
        ("PJSIP/1043-9", "10:00:25", "10:00:25", "10:01:00", "35", "35"),
    ]
    .map(|(party, start, answer, end, took, talked)| {
        master([
            "12025550143",
            "8000",
            "in",
            "PJSIP/t-1",
            party,
            "Dial",
            "PJSIP/1042",
            start,
            answer,
            end,
            took,
            talked,
            "ANSWERED",
        ])
    });
    let call = one(&["t=a"], &["in"], &rows.concat());
    assert_eq!((call.answered_at, call.bridged_at, agent(&call)), (at("10:00:05"), at("10:00:05"), Some("1043")));
}

fn shows(minute: u32, src: &str, dst: &str) -> String {
    format!(
        r#""","{src}","{dst}","phones","x","PJSIP/1042-{minute}","PJSIP/t-{minute}","Dial","PJSIP/{dst}@t","2026-11-29 10:{minute}:00",,"2026-11-29 10:{minute}:20",20,0,"NO ANSWER","DOCUMENTATION","{minute}.1","""#
    )
}

fn shown(records: Records, text: &str) -> Vec<Option<String>> {
    let calls = read(records, text).0.into_iter().filter(|call| call.direction == Some(Direction::Outbound));
    calls.map(|call| number(call.from.as_ref()).map(str::to_owned)).collect()
}

/// Whose number it was is known only a minute later, when it is dialled.
#[test]
fn a_number_is_not_the_floors_for_being_shown() {
    let rows = [shows(10, "+442079460018", "2025550111"), shows(11, "2025550100", "+442079460018")].join("\n");
    assert_eq!(shown(records(&["t=a"], &["in"]), &rows), [None, None]);
    let mut named = records(&["t=a"], &["in"]);
    named.own = OwnNumbers::new(vec!["+1202555010*".into()]);
    assert_eq!(shown(named, &rows), [None, Some("+12025550100".to_owned())]);
}

/// The record of a call from outside has the number that the dialplan led it to.
#[test]
fn who_a_caller_is_passed_on_to_is_no_number_of_the_floors() {
    let passed_on = r#""","12025550143","2025550190","in","x","PJSIP/t-4","PJSIP/t-5","Dial","PJSIP/2025550190@t","2026-11-29 10:00:00","2026-11-29 10:00:07","2026-11-29 10:01:00",60,53,"ANSWERED","DOCUMENTATION","2.4","""#;
    let inbound = &calls(&["t=a"], &["in"], passed_on)[0];
    assert_eq!((inbound.direction, &inbound.to), (Some(Direction::Inbound), &None));
    let rows = [passed_on.to_owned(), shows(10, "2025550190", "2025550111")].join("\n");
    assert_eq!(shown(records(&["t=a"], &["in"]), &rows), [None, None]);
}
