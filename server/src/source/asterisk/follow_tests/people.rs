//! Persons' numbers: which end of a call is the floor's own, and who is an agent.

use super::*;

/// Newchannel of somebody who calls us by `channel`.
fn calls_us(channel: &str, id: &str, from: &str, to: &str) -> String {
    format!(
        "Event: Newchannel\nTimestamp: 100.0\nChannel: {channel}\nChannelState: 4\nUniqueid: {id}\nLinkedid: {id}\n\
         CallerIDNum: {from}\nExten: {to}\n\n"
    )
}

/// A leg that `caller` dials, whose caller id is `shows`.
fn dials(caller: &str, id: &str, channel: &str, dial: &str, shows: &str) -> String {
    format!(
        "Event: DialBegin\nTimestamp: 101.0\nChannel: PJSIP/answer-00000001\nUniqueid: {caller}\nLinkedid: {caller}\n\
         DestChannel: {channel}\nDestUniqueid: {id}\nDestLinkedid: {caller}\nDestConnectedLineNum: {shows}\nDialString: {dial}\n\n"
    )
}

fn up(channel: &str, id: &str, linkedid: &str) -> String {
    format!(
        "Event: Newstate\nTimestamp: 103.0\nChannel: {channel}\nChannelState: 6\nUniqueid: {id}\nLinkedid: {linkedid}\n\n"
    )
}

fn enters(channel: &str, id: &str, linkedid: &str, bridge: &str) -> String {
    format!(
        "Event: BridgeEnter\nTimestamp: 103.1\nBridgeUniqueid: {bridge}\nBridgeType: basic\nChannel: {channel}\nChannelState: 6\n\
         Uniqueid: {id}\nLinkedid: {linkedid}\n\n"
    )
}

/// An answered inbound call that was passed on through `channel`.
fn passed_on(channel: &str, dial: &str) -> Pbx {
    let mut pbx = Pbx::new();
    let caller = "PJSIP/answer-00000001";
    pbx.says(&calls_us(caller, "u1", "+442079460018", "2025550199")).says(&dials(
        "u1",
        "u2",
        channel,
        dial,
        "+442079460018",
    ));
    for (channel, id) in [(channel, "u2"), (caller, "u1")] {
        pbx.says(&up(channel, id, "u1")).says(&enters(channel, id, "u1", "b1"));
    }
    pbx
}

#[test]
fn a_channel_of_a_primary_rate_line_is_no_agent() {
    let pbx = passed_on("DAHDI/i7/12025550187-2", "g7/12025550187");
    assert_eq!(pbx.calls(), ["started+0 direction=inbound from=+442079460018 route=a to=+12025550199 | answered+3100"]);
}

#[test]
fn an_endpoint_that_a_number_was_dialled_through_is_no_agent() {
    let pbx = passed_on("PJSIP/forgotten-trunk-00000002", "12025550187@forgotten-trunk");
    assert!(!pbx.calls().concat().contains("bridged"), "{:?}", pbx.calls());
    let pbx = passed_on("PJSIP/1042-00000002", "1042");
    assert!(pbx.calls()[0].ends_with("bridged+3100 agent=1042"), "{:?}", pbx.calls());
}

#[test]
fn the_number_of_somebody_who_is_passed_on_is_never_the_floors() {
    let mut pbx = passed_on("PJSIP/carrier-b-00000002", "12025550187@carrier-b");
    let told = pbx.calls();
    assert_eq!(told[1], "started+0 direction=outbound route=b to=+12025550187 | answered+2000");
    // Not when the person is called back, either.
    pbx.says(&BEGUN.replace("12025550199", "+442079460018").replace("u1", "u9").replace("00000001", "00000009"));
    assert!(pbx.calls().concat().matches("from=+442079460018").count() == 1, "{:?}", pbx.calls());
}

#[test]
fn two_persons_who_are_connected_show_the_floor_neither_number() {
    let mut pbx = Pbx::new();
    pbx.says(BEGUN);
    // The second leg shows the first person's number.
    pbx.says(&dials("u1", "u2", "PJSIP/carrier-b-00000002", "12025550102@carrier-b", "12025550101"));
    assert_eq!(pbx.calls()[1], "started+0 campaign=spring direction=outbound mode=progressive route=b to=+12025550102");
}

#[test]
fn a_number_that_is_called_and_shown_is_the_persons() {
    let mut pbx = Pbx::new();
    pbx.says(&BEGUN.replace("DestConnectedLineNum: 12025550199", "DestConnectedLineNum: 12025550101"));
    assert_eq!(pbx.calls(), ["started+0 campaign=spring direction=outbound mode=progressive route=a to=+12025550101"]);
}

#[test]
fn an_extension_is_no_telephone_number() {
    let mut pbx = Pbx::new();
    pbx.says(&BEGUN.replace("12025550199", "1042"));
    pbx.says(&calls_us("PJSIP/answer-00000005", "u5", "1043", "1042"));
    let calls = pbx.calls().concat();
    assert!(!calls.contains("+1042") && !calls.contains("+1043") && !calls.contains("from="), "{calls}");
}

#[test]
fn an_agent_at_a_mobile_is_named_without_the_number() {
    let mut pbx = Pbx::new();
    pbx.says(
        "Event: QueueMemberStatus\nQueue: sales\nMemberName: Local/12025550187@mobiles/n\nInterface: Local/12025550187@mobiles/n\n\
         StateInterface: Local/12025550187@mobiles/n\nStatus: 1\nInCall: 0\nPaused: 0\n\n",
    );
    assert_eq!(pbx.others(), ["Local/120 •••• 87@mobiles ready"]);
}

#[test]
fn endpoints_without_a_route_are_listed_and_told_what_they_are_taken_for() {
    let pbx = passed_on("DAHDI/i7/12025550187-2", "g7/12025550187");
    let (metrics, counters) = (crate::telemetry::Metrics::default(), pbx.counters.clone());
    metrics.watch(move || vec![counters.unrouted.channels()]);
    let text = metrics.render().unwrap();
    assert!(text.contains(r#"endpoint="DAHDI/i7/*",taken_for="outside""#), "{text}");
    assert!(!text.contains("12025550187"), "{text}");
}

#[test]
fn who_was_called_is_known_of_a_carrier_that_rings_before_the_dialling_is_told() {
    let channel = "PJSIP/answer-00000002";
    let rings = up(channel, "u2", "u1").replace("ChannelState: 6", "ChannelState: 5").replace("103.0", "100.9");
    let dials = dials("u1", "u2", channel, "12025550187@answer", "12025550199");
    let mut pbx = Pbx::new();
    pbx.says(&rings).says(&dials).says(&dials);
    let begun = "started+0 direction=outbound from=+12025550199 route=a to=+12025550187";
    assert_eq!(pbx.calls(), [format!("updated+0 direction=outbound route=a | progress+0 | {begun}")]);
}

/// What a call shows proves nothing of whose it is: who shows it may be dialled next, and what was told before stays told.
#[test]
fn a_number_is_not_the_floors_for_being_shown() {
    let from_house = |id: &str, to: &str, shows: &str| {
        let channel = format!("PJSIP/carrier-b-000000{id}");
        dials("u1", id, &channel, &format!("{to}@carrier-b"), shows)
            .replace("PJSIP/answer-00000001", "PJSIP/1042-00000001")
    };
    let mut pbx = Pbx::without_dids();
    pbx.says(&from_house("u2", "12025550101", "+442079460018")).says(&from_house("u3", "442079460018", "2025550199"));
    pbx.says(&calls_us("PJSIP/answer-00000004", "u4", "+442079460018", "2025550199"));
    pbx.says(&from_house("u5", "12025550102", "2025550199")).says(&from_house("u6", "12025550103", "+442079460018"));
    let calls = pbx.calls();
    let own: Vec<bool> = calls.iter().map(|call| call.contains("from=+12025550199")).collect();
    assert_eq!(calls.concat().matches("from=+442079460018").count(), 1, "where the person calls: {calls:?}");
    assert!(calls.contains(&"started+0 direction=outbound route=b to=+12025550101".to_owned()), "{calls:?}");
    // It is the floor's where the configuration names it, and once somebody has called it.
    assert_eq!(own.iter().filter(|own| **own).count(), 1, "{calls:?}");
    let mut pbx = Pbx::new();
    pbx.says(&from_house("u3", "442079460018", "2025550199"));
    assert_eq!(pbx.calls(), ["started+0 direction=outbound from=+12025550199 route=b to=+442079460018"]);
}
