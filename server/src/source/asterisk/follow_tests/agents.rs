//! What queues tell of their members.

use super::*;

fn member(interface: &str, device: &str, status: u8, more: &str) -> String {
    format!(
        "Event: QueueMemberStatus\nTimestamp: 100.0\nQueue: sales\nMemberName: Ann\nInterface: {interface}\n\
         StateInterface: {device}\nStatus: {status}\nInCall: 0\n{more}\n\n"
    )
}

const NOT_PAUSED: &str = "Paused: 0";

#[test]
fn an_agent_who_does_not_want_to_be_disturbed_is_not_on_a_call() {
    let mut pbx = Pbx::new();
    pbx.says(&member("PJSIP/1", "PJSIP/1", 1, NOT_PAUSED)).says(&member("PJSIP/1", "PJSIP/1", 3, NOT_PAUSED));
    assert_eq!(pbx.others(), ["Ann ready", "Ann break (busy elsewhere or do not disturb)"]);
}

#[test]
fn a_busy_device_that_has_answered_a_channel_is_on_a_call() {
    let mut pbx = Pbx::new();
    let channel = "Channel: PJSIP/1-00000001\nUniqueid: u1\nLinkedid: u1\n";
    pbx.says(&format!("Event: Newchannel\nTimestamp: 99.0\nChannelState: 4\n{channel}\n"));
    pbx.says(&member("PJSIP/1", "PJSIP/1", 3, NOT_PAUSED));
    pbx.says(&format!("Event: Newstate\nTimestamp: 101.0\nChannelState: 6\n{channel}\n"));
    pbx.says(&format!("Event: Hangup\nTimestamp: 102.0\nCause: 16\n{channel}\n"));
    let busy = "Ann break (busy elsewhere or do not disturb)";
    assert_eq!(pbx.others(), [busy, "Ann on_call", busy]);
}

#[test]
fn why_an_agent_pauses_is_told_whatever_the_version_calls_it() {
    let mut pbx = Pbx::new();
    for pause in ["Paused: 1\nPausedReason: Lunch", "Paused: 1\nReason: Training", "Paused: 1"] {
        pbx.says(&member("PJSIP/1", "PJSIP/1", 1, pause));
    }
    // A pause is the better reason where the device is busy as well.
    pbx.says(&member("PJSIP/1", "PJSIP/1", 3, "Paused: 1\nPausedReason: Lunch"));
    assert_eq!(pbx.others(), ["Ann break (Lunch)", "Ann break (Training)", "Ann break", "Ann break (Lunch)"]);
}

#[test]
fn a_members_local_channel_and_the_device_behind_it_are_one_person() {
    let mut pbx = Pbx::new();
    pbx.says(&member("Local/1042@agents/n", "PJSIP/1042", 1, NOT_PAUSED));
    // Another queue names the same device without a name.
    pbx.says(
        &member("PJSIP/1042", "PJSIP/1042", 1, NOT_PAUSED)
            .replace("MemberName: Ann", "MemberName: PJSIP/1042")
            .replace("sales", "help"),
    );
    pbx.says(BEGUN);
    for (channel, id) in [("PJSIP/answer-00000001", "u1"), ("PJSIP/1042-00000002", "u2")] {
        let channel = format!("Channel: {channel}\nChannelState: 6\nUniqueid: {id}\nLinkedid: u1\n");
        pbx.says(&format!("Event: Newstate\nTimestamp: 101.1\n{channel}\n"));
        pbx.says(&format!("Event: BridgeEnter\nTimestamp: 101.2\nBridgeUniqueid: b\n{channel}\n"));
    }
    assert_eq!(pbx.others(), ["Ann ready"]);
    assert!(pbx.calls()[0].ends_with("bridged+1100 agent=Ann"), "{:?}", pbx.calls());
    pbx.says(
        &member("Local/1042@agents/n", "PJSIP/1042", 5, NOT_PAUSED).replace("QueueMemberStatus", "QueueMemberRemoved"),
    );
    pbx.says(
        &member("PJSIP/1042", "PJSIP/1042", 5, NOT_PAUSED)
            .replace("QueueMemberStatus", "QueueMemberRemoved")
            .replace("sales", "help"),
    );
    // Who leaves the first queue belongs to its campaign no more.
    assert_eq!(pbx.others(), ["Ann ready", "Ann ready", "Ann offline"]);
}
