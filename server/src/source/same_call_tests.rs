//! One call told in every way that a PBX has: live, by its records, by its log of events. Each tells the same of it.
#![allow(clippy::unwrap_used)]

use crate::source::asterisk::AsteriskConfig;
use crate::source::asterisk::codec::{AmiCodec, Frame};
use crate::source::asterisk::follow::Follow;
use crate::source::asterisk::house::Names;
use crate::source::asterisk::{cdr, cel};
use crate::source::file::defaults::Defaults;
use crate::source::file::times::{Fold, Times};
use crate::source::file::{Fate, Origin, Translate};
use crate::source::freeswitch::cdr_csv;
use app::domain::{Call, Country, Event, Matter, Moment, RealmId, SourceId};
use bytes::BytesMut;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio_util::codec::Decoder;

/// 2026-11-29 10:00:00 UTC.
const BEGIN: i64 = 1_795_946_400;
const US: &str = "PJSIP/t-1";
const ANN: &str = "PJSIP/1001-2";
const MOBILE: &str = "PJSIP/t-3";

/// What happens to a channel, so many seconds after the call began.
enum Step {
    /// The house dials another channel for it.
    Dials(&'static str, &'static str),
    Answers(&'static str),
    Queues,
    Confers,
    Meet(&'static str),
    Ends(&'static str),
    /// The house gives it up.
    IsDropped,
}
use Step::{Answers, Confers, Dials, Ends, IsDropped, Meet, Queues};

/// One row of the records: party, application, its data, answered at, seconds from the begin to the end.
type Row = (&'static str, &'static str, &'static str, Option<i64>, i64);

struct Scene {
    name: &'static str,
    steps: Vec<(i64, Step)>,
    rows: Vec<Row>,
    /// Of the caller's call: when it was answered and met an agent, who that was, how it ended, whether an agent is hidden.
    told: &'static str,
    calls: usize,
}

fn scenes() -> Vec<Scene> {
    vec![
        Scene {
            name: "an announcement alone",
            steps: vec![(1, Answers(US)), (20, Ends(US))],
            rows: vec![("", "Playback", "closed", Some(1), 20)],
            told: "answered None bridged None by none outcome NoAnswer hidden false",
            calls: 1,
        },
        Scene {
            name: "nobody and nothing",
            steps: vec![(20, IsDropped)],
            rows: vec![("", "Wait", "30", None, 20)],
            told: "answered None bridged None by none outcome NoAnswer hidden false",
            calls: 1,
        },
        Scene {
            name: "a telephone",
            steps: vec![(0, Dials(ANN, "1001")), (9, Answers(ANN)), (9, Answers(US)), (9, Meet(ANN)), (40, Ends(US))],
            rows: vec![(ANN, "Dial", "PJSIP/1001", Some(9), 40)],
            told: "answered Some(9) bridged Some(9) by 1001 outcome none hidden false",
            calls: 1,
        },
        Scene {
            name: "a queue in which nobody came",
            steps: vec![(1, Answers(US)), (1, Queues), (30, Ends(US))],
            rows: vec![("", "Queue", "sales", Some(1), 30)],
            told: "answered Some(1) bridged None by none outcome none hidden false",
            calls: 1,
        },
        Scene {
            name: "a conference, and nobody in sight",
            steps: vec![(1, Answers(US)), (1, Confers), (30, Ends(US))],
            rows: vec![("", "ConfBridge", "9", Some(1), 30)],
            told: "answered None bridged None by none outcome none hidden true",
            calls: 1,
        },
        Scene {
            name: "somebody outside, to whom it is passed on",
            steps: vec![
                (0, Dials(MOBILE, "12025550177@t")),
                (8, Answers(MOBILE)),
                (8, Answers(US)),
                (8, Meet(MOBILE)),
                (40, Ends(US)),
            ],
            rows: vec![(MOBILE, "Dial", "PJSIP/12025550177@t", Some(8), 40)],
            told: "answered Some(8) bridged None by none outcome none hidden true",
            calls: 2,
        },
    ]
}

fn config() -> AsteriskConfig {
    let routes = serde_json::json!({ "t": "a" });
    let config =
        serde_json::json!({ "address": "pbx:5038", "user": "u", "realm": "pbx", "country": "US", "routes": routes });
    serde_json::from_value(config).unwrap()
}

fn names() -> Names {
    Names { inbound: ["in".into()].into(), ..Names::of(Some(&config()), None) }
}

fn origin() -> Origin {
    Origin { source: SourceId::trusted("pbx"), realm: RealmId::trusted("pbx") }
}

fn merged(events: impl IntoIterator<Item = Event>) -> BTreeMap<String, Call> {
    let mut calls = BTreeMap::<String, Call>::new();
    for (name, told) in events.into_iter().collect::<Vec<_>>().iter().filter_map(Call::told_by) {
        calls.entry(name.call_id.to_string()).or_default().merge(&told);
    }
    calls
}

/// What the caller's call came to; moments in seconds after its begin.
fn came_to(call: &Call) -> String {
    let after = |at: Option<Moment>| at.map(|at| at.secs() - BEGIN);
    let agent = call.agent.get().map_or("none", |agent| agent.as_str());
    let outcome = call.outcome.value().map_or("none".to_owned(), |outcome| format!("{outcome:?}"));
    assert_eq!(call.direction.value(), Some(app::domain::outcome::Direction::Inbound));
    format!(
        "answered {:?} bridged {:?} by {agent} outcome {outcome} hidden {}",
        after(call.answer()),
        after(call.bridged_at),
        call.cannot_tell(Matter::Agent)
    )
}

fn channel(prefix: &str, name: &str) -> String {
    format!("{prefix}Channel: {name}\n{prefix}Uniqueid: u-{name}\n{prefix}Linkedid: u-{US}\n")
}

fn live(scene: &Scene) -> BTreeMap<String, Call> {
    let mut text = format!("Event: Newchannel\nTimestamp: {BEGIN}.0\n{}", channel("", US));
    text.push_str("ChannelState: 4\nCallerIDNum: +442079460018\nExten: 12025550100\n\n");
    for (after, step) in &scene.steps {
        let mut say = |event: &str, of: &str, more: &str| {
            text.push_str(&format!("Event: {event}\nTimestamp: {}.0\n{}{more}\n", BEGIN + after, channel("", of)));
        };
        let bridge = "BridgeUniqueid: b\nBridgeType: basic\n";
        match step {
            Dials(party, dial) => {
                let shows = "DestConnectedLineNum: +442079460018\n";
                say("DialBegin", US, &format!("{}{shows}DialString: {dial}\n", channel("Dest", party)));
            }
            Answers(of) => say("Newstate", of, "ChannelState: 6\n"),
            Queues => say("QueueCallerJoin", US, "Queue: sales\n"),
            Confers => say("ConfbridgeJoin", US, "Conference: 9\nBridgeUniqueid: c\n"),
            Meet(party) => {
                say("BridgeEnter", party, bridge);
                say("BridgeEnter", US, bridge);
            }
            Ends(of) => {
                say("HangupRequest", of, "Cause: 16\n");
                say("Hangup", of, "Cause: 16\n");
            }
            IsDropped => say("Hangup", US, "Cause: 16\n"),
        }
    }
    let (mut codec, mut buffer) = (AmiCodec::default(), BytesMut::from(text.as_str()));
    let mut follow = Follow::new(Arc::new(config()), Arc::default());
    let frames = std::iter::from_fn(|| codec.decode(&mut buffer).unwrap());
    let messages = frames.filter_map(|frame| if let Frame::Message(message) = frame { Some(message) } else { None });
    merged(messages.flat_map(|message| follow.message(&message, Moment::from_secs(BEGIN))).collect::<Vec<_>>())
}

fn read(mut translate: impl Translate, text: &str) -> BTreeMap<String, Call> {
    let mut times = Times::new(Some(chrono_tz::UTC), Fold::Earlier);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let fates: Vec<Fate> = reader.records().map(|row| translate.row(&row.unwrap(), &mut times).unwrap()).collect();
    merged(fates.into_iter().flat_map(Fate::events).chain(translate.end()))
}

fn stamp(after: i64) -> String {
    format!("2026-11-29 10:{:02}:{:02}", after / 60, after % 60)
}

fn records(scene: &Scene) -> BTreeMap<String, Call> {
    let row = |(party, app, data, answered, end): &Row| {
        let (answer, talked) = answered.map_or((String::new(), 0), |at| (stamp(at), end - at));
        let ending = if answered.is_some() { "ANSWERED" } else { "NO ANSWER" };
        format!(
            "\"\",\"+442079460018\",\"12025550100\",\"in\",\"x\",\"{US}\",\"{party}\",\"{app}\",\"{data}\",\"{}\",\"{answer}\",\"{}\",{end},{talked},\"{ending}\",\"DOCUMENTATION\",\"u-{US}.1\",\"\"\n",
            stamp(0),
            stamp(*end)
        )
    };
    read(cdr::Records::new(origin(), names(), Defaults::default()), &scene.rows.iter().map(row).collect::<String>())
}

/// The log of a PBX on which two had spoken with one another before: its bridges are told.
fn log(scene: &Scene) -> BTreeMap<String, Call> {
    let row = |kind: &str, after: i64, of: &str, app: &str, data: &str, extra: &str| {
        let (number, exten, context) =
            if of == US { ("+442079460018", "12025550100", "in") } else { ("", "", "phones") };
        let extra = extra.replace('"', "\"\"");
        format!("{kind},{},{number},{exten},{context},{of},u-{of},u-{US},{app},{data},,\"{extra}\"\n", BEGIN + after)
    };
    let mut text = String::new();
    for of in ["PJSIP/1008-8", "PJSIP/1009-9"] {
        let house = |kind, extra| row(kind, -60, of, "", "", extra).replace(&format!("u-{US}"), "u-before");
        text += &(house("CHAN_START", "") + &house("BRIDGE_ENTER", r#"{"bridge_id":"a"}"#) + &house("HANGUP", "{}"));
    }
    text += &row("CHAN_START", 0, US, "", "", "");
    let mut party = None;
    for (after, step) in &scene.steps {
        let mut say = |kind, of: &str, app, data: &str, extra: &str| text += &row(kind, *after, of, app, data, extra);
        match step {
            Dials(of, dial) => {
                party = Some(*of);
                say("APP_START", US, "Dial", &format!("PJSIP/{dial}"), "");
                say("CHAN_START", of, "AppDial", "", "");
            }
            Answers(of) => say("ANSWER", of, "", "", ""),
            Queues => say("APP_START", US, "Queue", "sales", ""),
            Confers => {
                say("APP_START", US, "ConfBridge", "9", "");
                say("BRIDGE_ENTER", US, "ConfBridge", "9", r#"{"bridge_id":"c"}"#);
            }
            Meet(of) => [of, US].iter().for_each(|of| say("BRIDGE_ENTER", of, "", "", r#"{"bridge_id":"b"}"#)),
            Ends(of) => {
                let status = if party.is_some() { "ANSWER" } else { "" };
                let extra = format!(r#"{{"hangupcause":16,"hangupsource":"{of}","dialstatus":"{status}"}}"#);
                say("HANGUP", of, "", "", &extra);
                party.iter().for_each(|party| say("HANGUP", party, "", "", "{}"));
            }
            IsDropped => say("HANGUP", US, "", "", r#"{"hangupcause":16,"hangupsource":"","dialstatus":""}"#),
        }
    }
    let columns = "eventtype,eventtime,cidnum,exten,context,channame,uniqueid,linkedid,appname,appdata,peer,extra";
    read(cel::Log::new(origin(), names(), Defaults::default(), Some(columns)).unwrap(), &text)
}

#[test]
fn a_call_is_the_same_live_by_its_records_and_by_its_log() {
    for scene in scenes() {
        for (way, calls) in [("live", live(&scene)), ("records", records(&scene)), ("log", log(&scene))] {
            let caller = calls.iter().find(|(id, _)| id.starts_with(&format!("u-{US}")));
            let told = caller.map(|(_, call)| came_to(call)).unwrap_or_default();
            assert_eq!((told.as_str(), calls.len()), (scene.told, scene.calls), "{}, {way}: {calls:#?}", scene.name);
        }
    }
}

/// A switch tells one row a leg; a menu that answers is one with no other beside it.
#[test]
fn a_switch_tells_the_same_of_a_menu_alone_and_of_a_telephone() {
    let house =
        cdr_csv::House { country: Country::new("US").ok(), inbound: ["in".into()].into(), ..cdr_csv::House::default() };
    let leg = |uuid: &str, b_leg: &str, to: &str, answered: i64, end: i64| {
        format!(
            "\"\",\"+442079460018\",\"{to}\",\"in\",\"{}\",\"{}\",\"{}\",\"{end}\",\"{}\",\"NORMAL_CLEARING\",\"{uuid}\",\"{b_leg}\",\"\",\"\",\"\"\n",
            stamp(0),
            stamp(answered),
            stamp(end),
            end - answered
        )
    };
    let met = leg("u-1", "u-2", "12025550100", 9, 40) + &leg("u-2", "", "1001", 9, 40);
    let scenes = scenes();
    for (rows, scene) in [(leg("u-1", "", "12025550100", 1, 20), &scenes[0]), (met, &scenes[2])] {
        let legs = cdr_csv::Legs::new(origin(), house.clone(), Defaults::default(), None).unwrap();
        let calls = read(legs, &rows);
        assert_eq!((came_to(&calls["u-1"]).as_str(), calls.len()), (scene.told, scene.calls), "{}", scene.name);
    }
}
