//! A queue's day, against what happened.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::source::file::times::Fold;
use app::domain::outcome::AgentStatus;
use app::domain::{Call, RealmId, SourceId};
use std::collections::BTreeMap;

const DAY: &str = "1795946400|NONE|sales|PJSIP/1001|ADDMEMBER|
1795946400|NONE|sales|Local/1002@agents/n|ADDMEMBER|
1795946410|1795946405.7|sales|NONE|ENTERQUEUE||12025550143|1
1795946412|1795946405.7|sales|PJSIP/1001|RINGNOANSWER|2000
1795946420|1795946405.7|sales|Local/1002@agents/n|CONNECT|10|1795946412.9|8
1795946480|1795946405.7|sales|Local/1002@agents/n|COMPLETECALLER|10|60|1
1795946500|1795946490.11|sales|NONE|DID|12025550100
1795946500|1795946490.11|sales|NONE|ENTERQUEUE||anonymous|1
1795946530|1795946490.11|sales|NONE|ABANDON|1|1|30
1795946540|NONE|NONE|PJSIP/1001|PAUSEALL|lunch
1795946550|NONE|sales|PJSIP/1001|UNPAUSE|
1795946560|NONE|sales|PJSIP/1001|REMOVEMEMBER|
1795946570|NONE|NONE|NONE|QUEUESTART|
";

type Told = (BTreeMap<String, Call>, Vec<(i64, String, AgentStatus, Option<String>)>);

fn read(text: &str, set: &[&str]) -> Told {
    let origin = Origin { source: SourceId::trusted("pbx"), realm: RealmId::trusted("pbx") };
    let set: Vec<String> = set.iter().map(ToString::to_string).collect();
    let meaning = Meaning { wrap_up_reasons: vec!["acw".into()], ..Meaning::default() };
    let mut log = QueueLog::new(origin, Country::new("US").ok(), meaning, Defaults::read(&set).unwrap());
    let mut times = Times::new(Some(chrono_tz::UTC), Fold::Earlier);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .quoting(false)
        .delimiter(b'|')
        .from_reader(text.as_bytes());
    let (mut calls, mut states) = (BTreeMap::<String, Call>::new(), Vec::new());
    for row in reader.records() {
        let row = row.unwrap();
        for event in log.row(&row, &mut times).unwrap().events() {
            if let Some((name, told)) = Call::told_by(&event) {
                calls.entry(name.call_id.to_string()).or_default().merge(&told);
            }
            if let Data::AgentState(state) = event.data {
                let reason = state.reason.map(|reason| reason.as_str().to_owned());
                states.push((event.time.secs(), state.agent.to_string(), state.state, reason));
            }
        }
    }
    (calls, states)
}

#[test]
fn callers_enter_are_taken_and_give_up() {
    let (calls, _) = read(DAY, &[]);
    let at = |secs| Some(Moment::from_secs(secs));
    let taken = &calls["1795946405.7"];
    assert_eq!(
        (taken.queued_at, taken.bridged_at, taken.ended_at),
        (at(1_795_946_410), at(1_795_946_420), at(1_795_946_480))
    );
    assert_eq!((taken.agent.get().unwrap().as_str(), taken.hung_up_by.value()), ("1002", Some(HungUpBy::Person)));
    assert_eq!((taken.queue.get().unwrap().as_str(), taken.direction.value()), ("sales", None));
    let gone = &calls["1795946490.11"];
    assert_eq!((gone.queued_at, gone.bridged_at, gone.ended_at), (at(1_795_946_500), None, at(1_795_946_530)));
    // The number called is logged: somebody called, and shows no number.
    assert_eq!((gone.direction.value(), gone.to.get().unwrap().reveal()), (Some(Direction::Inbound), "+12025550100"));
    assert!(gone.from.get().is_none() && gone.outcome.value() == Some(Outcome::Cancelled) && gone.answer().is_none());
    let (told, _) = read(DAY, &["direction=outbound", "campaign=SPRING"]);
    assert_eq!(told["1795946405.7"].direction.value(), Some(Direction::Outbound));
    assert_eq!(told["1795946405.7"].campaign.get().unwrap().as_str(), "SPRING");
    assert_eq!(told["1795946490.11"].outcome.value(), Some(Outcome::Abandoned), "whom the dialer called had answered");
}

#[test]
fn who_leaves_a_queue_ends_there_unless_he_enters_another() {
    let log = "1795946410|1.7|sales|NONE|ENTERQUEUE||12025550143|1
1795946440|1.7|sales|NONE|EXITWITHTIMEOUT|1|1|30
1795946450|1.8|sales|NONE|ENTERQUEUE||12025550144|1
1795946460|1.8|sales|NONE|EXITWITHKEY|9|1|10
1795946460|1.8|help|NONE|ENTERQUEUE||12025550144|1
1795946470|1.8|help|PJSIP/1001|CONNECT|10|1795946462.9|8
1795946490|1.8|help|PJSIP/1001|COMPLETEAGENT|10|20|1
";
    let (calls, _) = read(log, &["direction=inbound"]);
    let at = |secs| Some(Moment::from_secs(secs));
    let left = &calls["1.7"];
    assert_eq!((left.ended_at, left.outcome.value()), (at(1_795_946_440), Some(Outcome::NoAnswer)));
    assert!(left.cannot_tell(app::domain::Matter::Queue) && left.hung_up_by.get().is_none());
    let taken = &calls["1.8"];
    assert_eq!(
        (taken.queued_at, taken.bridged_at, taken.ended_at),
        (at(1_795_946_450), at(1_795_946_470), at(1_795_946_490))
    );
    assert_eq!(taken.hung_up_by.value(), Some(HungUpBy::Agent));
}

#[test]
fn agents_log_in_take_calls_and_breaks_with_reasons_and_go() {
    let (_, states) = read(DAY, &[]);
    let of = |agent: &str| -> Vec<(i64, AgentStatus, Option<String>)> {
        let mine = states.iter().filter(|(_, id, ..)| id == agent);
        mine.map(|(at, _, state, reason)| (at - 1_795_946_400, *state, reason.clone())).collect()
    };
    let lunch = Some("lunch".to_owned());
    assert_eq!(
        of("1001"),
        [
            (0, AgentStatus::Ready, None),
            (140, AgentStatus::Break, lunch),
            (150, AgentStatus::Ready, None),
            (160, AgentStatus::Offline, None),
        ]
    );
    assert_eq!(
        of("1002"),
        [(0, AgentStatus::Ready, None), (20, AgentStatus::OnCall, None), (80, AgentStatus::Ready, None)]
    );
}

#[test]
fn a_pause_that_is_wrap_up_is_told_so_and_the_table_is_read_by_its_header() {
    let line = StringRecord::from(vec!["1795946400", "NONE", "sales", "PJSIP/1001", "ADDMEMBER", ""]);
    let other = StringRecord::from(vec!["1795946400", "b", "c", "d", "e"]);
    assert!(is_one(&line) && !is_one(&other));
    let (_, states) =
        read("time|callid|queuename|agent|event|data1\n2026-11-29 10:00:00.5|NONE|sales|PJSIP/1001|PAUSE|ACW\n", &[]);
    assert_eq!(states.len(), 1);
    assert_eq!((states[0].2, states[0].3.as_deref()), (AgentStatus::WrapUp, Some("ACW")));
}
