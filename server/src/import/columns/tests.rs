#![allow(clippy::unwrap_used)]

use super::*;
use crate::source::file::times::Fold;
use app::domain::event::CallRecord;
use app::domain::outcome::Outcome;
use app::domain::{Data, RealmId, SourceId};

fn read(header: &str, map: &[&str], row: &str) -> Result<CallRecord, String> {
    let origin = Origin { source: SourceId::trusted("p"), realm: RealmId::trusted("p") };
    let header: StringRecord = header.split(',').collect();
    let mapping = Mapping::read(&map.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let mut columns = Columns::new(origin, Country::new("US").ok(), Defaults::default(), &header, &mapping)?;
    let mut times = Times::new(Some(chrono_tz::UTC), Fold::Earlier);
    let row: StringRecord = row.split(',').collect();
    let event = columns.row(&row, &mut times).map_err(|wrong| format!("{wrong} `{}`", wrong.text))?.events().remove(0);
    match event.data {
        Data::CallRecord(record) => Ok(record),
        other => Err(format!("{other:?}")),
    }
}

#[test]
fn moments_follow_from_durations() {
    let header = "call_id,calldate,duration,billsec,disposition";
    let map = ["started_at=calldate", "outcome=disposition"];
    let call = read(header, &map, "1.1,2020/2/10 22:41,95,80,ANSWERED").unwrap();
    let at = |text: &str| Some(Moment::parse(text).unwrap());
    assert_eq!((call.answered_at, call.ended_at), (at("2020-02-10T22:41:15Z"), at("2020-02-10T22:42:35Z")));
    assert_eq!(call.outcome, Some(Outcome::Answered));
    let not = read(header, &map, "1.1,2020/2/10 22:41,0:00:20.5,0,NO ANSWER").unwrap();
    assert_eq!((not.answered_at, not.ended_at), (None, at("2020-02-10T22:41:20.5Z")));
    assert_eq!(not.outcome, Some(Outcome::NoAnswer));
    let wrong = read(header, &map, "1.1,2020/2/10 22:41,long,0,BUSY").unwrap_err();
    assert_eq!(wrong, "duration: not a number of seconds, nor like 0:01:35 `long`");
}

#[test]
fn wrap_up_and_hold_may_be_told_in_seconds_but_not_in_both() {
    let call = read("call_id,started_at,wrap,hold", &[], "1,2026-11-21 10:00:00,0:01:05,3.5").unwrap();
    assert_eq!((call.wrap_ms, call.hold_ms), (Some(65_000), Some(3_500)));
    let call = read("call_id,started_at,acw", &["wrap=acw"], "1,2026-11-21 10:00:00,45").unwrap();
    assert_eq!((call.wrap_ms, call.hold_ms), (Some(45_000), None));
    let wrong = read("call_id,started_at,wrap", &[], "1,2026-11-21 10:00:00,long").unwrap_err();
    assert_eq!(wrong, "wrap: not a number of seconds, nor like 0:01:35 `long`");
    let both = read("call_id,started_at,wrap,wrap_ms", &[], "1,2026-11-21 10:00:00,1,1000").unwrap_err();
    assert!(both.starts_with("`wrap` and `wrap_ms` are the same"), "{both}");
}

#[test]
fn rows_that_tell_no_number_where_one_belongs_are_counted() {
    let header = StringRecord::from(vec!["call_id", "started_at", "from", "to"]);
    let origin = Origin { source: SourceId::trusted("p"), realm: RealmId::trusted("p") };
    let country = Country::new("US").ok();
    let mut columns = Columns::new(origin, country, Defaults::default(), &header, &Mapping::default()).unwrap();
    let mut times = Times::new(Some(chrono_tz::UTC), Fold::Earlier);
    for (at, to) in ["+12025550142", "not a number", "911", "front desk"].into_iter().enumerate() {
        let row = StringRecord::from(vec![format!("c-{at}").as_str(), "2026-11-21T14:32:08Z", "+12025550100", to]);
        columns.row(&row, &mut times).unwrap();
    }
    assert_eq!(columns.no_numbers(), [("to", 2)], "a short code is meant");
}

#[test]
fn a_file_whose_milliseconds_look_like_seconds_is_doubted() {
    let doubt = |wraps: &[u64], billsec: u64| {
        let origin = Origin { source: SourceId::trusted("p"), realm: RealmId::trusted("p") };
        let header: StringRecord = "call_id,started_at,duration,billsec,wrap_ms".split(',').collect();
        let mut columns = Columns::new(origin, None, Defaults::default(), &header, &Mapping::default()).unwrap();
        let mut times = Times::new(Some(chrono_tz::UTC), Fold::Earlier);
        for (id, wrap) in wraps.iter().enumerate() {
            let row = format!("{id},2026-11-21 10:00:00,{},{billsec},{wrap}", billsec + 9);
            columns.row(&row.split(',').collect(), &mut times).unwrap();
        }
        columns.doubt().is_some()
    };
    assert!(doubt(&[30, 45, 12, 0, 60, 999], 120), "seconds, by the look of them");
    assert!(!doubt(&[30, 45, 12, 0, 60, 25_000], 120), "one of 25 s among them");
    assert!(!doubt(&[30, 45, 12], 120), "too few to tell");
    assert!(!doubt(&[30, 45, 12, 9, 60, 7], 3), "of calls that are over at once");
}

#[test]
fn what_is_wrong_is_shown_masked_and_a_row_of_another_width_is_not_trusted() {
    let header = "call_id,started_at,to,outcome";
    let wrong = |row| read(header, &[], row).unwrap_err();
    assert!(wrong("1,2026-11-21 10:00:00,2025550187,GONE").ends_with("`GONE`"));
    assert_eq!(wrong("1,30/04/2024 10:00,,").split('`').nth(1), Some("30/04/2024 10:00"));
    assert!(wrong("1,2026-11-21 10:00:00,2025550187").starts_with(": 3 columns; the header names 4"));
    assert!(wrong("1,2026-11-21 10:00:00,2025550187,busy,x").starts_with(": 5 columns; the header names 4"));
    assert!(read(header, &[], "1,2026-11-21 10:00:00,2025550187,busy,").is_ok());
}

#[test]
fn what_a_row_cannot_tell_is_added_to_what_no_row_can() {
    let header = "call_id,started_at,bridged_at,progress_at,queued_at,by,knows not";
    let read_of = |text: &str| read(header, &["cannot_tell=knows not"], &format!("1,2026-11-21 10:00:00,,,,,{text}"));
    assert_eq!(read_of("").unwrap().cannot_tell, None);
    assert_eq!(read_of("Agent; queue").unwrap().cannot_tell, Some(CannotTell::AGENT.and(CannotTell::QUEUE)));
    assert_eq!(
        read_of("agents").unwrap_err(),
        "cannot_tell: must be some of agent, progress, queue, answered_by `agents`"
    );
    let missing =
        read("call_id,started_at,bridged_at,progress_at,by,cannot_tell", &[], "1,2026-11-21 10:00:00,,,,agent");
    assert_eq!(missing.unwrap().cannot_tell, Some(CannotTell::AGENT.and(CannotTell::QUEUE)));
}

#[test]
fn rows_without_an_id_are_named_by_what_they_tell_and_no_number_is_found_by_it() {
    let header = "started_at,to,outcome";
    let row = "2026-11-21 10:00:00,+12025550187,answered";
    let why = read(header, &[], row).unwrap_err();
    assert!(why.contains("--map call_id=*"), "{why}");
    let name = |row: &str| read(header, &["call_id=*"], row).unwrap().call_id;
    assert_eq!(name(row), name(row));
    for other in ["2026-11-21 10:00:01,+12025550187,answered", "2026-11-21 10:00:00,+12025550187,busy"] {
        assert_ne!(name(row), name(other), "{other}");
    }
    assert_eq!(name(row), name(&row.replace("5550187", "5559987")), "no more than pages show");

    let origin = Origin { source: SourceId::trusted("p"), realm: RealmId::trusted("p") };
    let mapping = Mapping::read(&["call_id=*".to_owned()]).unwrap();
    let header: StringRecord = header.split(',').collect();
    let mut columns = Columns::new(origin, Country::new("US").ok(), Defaults::default(), &header, &mapping).unwrap();
    let mut times = Times::new(Some(chrono_tz::UTC), Fold::Earlier);
    let mut next = || {
        let event = columns.row(&row.split(',').collect(), &mut times).unwrap().events().remove(0);
        event.data.call().unwrap().0.as_str().to_owned()
    };
    let (first, second) = (next(), next());
    assert_eq!(second, format!("{first}-2"), "two calls of one second");
}

#[test]
fn a_number_is_read_as_people_write_it_and_what_is_none_is_kept_beside() {
    let to = |text: &str| {
        let call = read("call_id,started_at,to", &[], &format!("1,2026-11-21 10:00:00,{text}")).unwrap();
        let number = call.to.as_ref().and_then(|to| to.number().map(|number| number.reveal().to_owned()));
        (number, json!(call.metadata)["to"].as_str().map(str::to_owned), call.to.is_some())
    };
    for text in ["+1 (202) 555-0113", "2025550113", "12025550113*123", "sip:+12025550113@x"] {
        assert_eq!(to(text), (Some("+12025550113".to_owned()), None, true), "{text}");
    }
    assert_eq!(to("442079460018*123").0.as_deref(), Some("+442079460018"));
    for text in ["911", "1042", "sip:alice@example.org", "*98"] {
        assert_eq!(to(text), (None, Some(text.to_owned()), false), "{text}");
    }
    for text in ["anonymous", "Unknown"] {
        assert_eq!(to(text), (None, None, true), "{text}");
    }
}
