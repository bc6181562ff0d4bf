//! Who speaks with whom through Local channels, and where that can't be seen.

use super::*;

/// A scene: channels by short names, each event a tenth of a second after the one before.
struct Scene {
    pbx: Pbx,
    tenths: u32,
}

impl Scene {
    fn new() -> Self {
        Self { pbx: Pbx::new(), tenths: 0 }
    }

    fn says(&mut self, event: &str, channel: &str, more: &str) -> &mut Self {
        self.tenths += 1;
        let (at, rest) = (1_000 + self.tenths / 10, self.tenths % 10);
        self.pbx.says(&format!("Event: {event}\nTimestamp: {at}.{rest}\n{}{more}\n", fields("", channel)));
        self
    }

    fn dials(&mut self, caller: &str, channel: &str, dial: &str) -> &mut Self {
        self.says(
            "DialBegin",
            caller,
            &format!("{}DestConnectedLineNum: 12025550199\nDialString: {dial}\n", fields("Dest", channel)),
        )
    }

    fn answers(&mut self, channel: &str) -> &mut Self {
        self.says("Newstate", channel, "ChannelState: 6\n")
    }

    fn meet(&mut self, bridge: &str, channels: [&str; 2]) -> &mut Self {
        for channel in channels {
            self.says("BridgeEnter", channel, &format!("BridgeUniqueid: {bridge}\nBridgeType: basic\n"));
        }
        self
    }

    fn later(&mut self, secs: u32) -> &mut Self {
        self.tenths += secs * 10;
        let told = self.pbx.follow.tick(Moment::from_secs(1_000 + i64::from(self.tenths) / 10));
        self.pbx.told.extend(told);
        self
    }

    /// What the only call came to after its start.
    fn came_to(&self) -> String {
        let calls = self.pbx.calls();
        assert_eq!(calls.len(), 1, "{calls:?}");
        let told = calls[0].split(" | ").skip(1).map(|what| {
            let (name, rest) = what.split_once('+').unwrap_or((what, ""));
            format!("{name} {}", rest.split_once(' ').map_or("", |(_, details)| details)).trim().to_owned()
        });
        told.collect::<Vec<_>>().join(", ")
    }
}

/// A channel and its id; all of one `Linkedid`.
fn fields(prefix: &str, channel: &str) -> String {
    format!("{prefix}Channel: {channel}\n{prefix}Uniqueid: u-{channel}\n{prefix}Linkedid: u-{PERSON}\n")
}

const PERSON: &str = "PJSIP/answer-00000001";
const AGENT: &str = "PJSIP/1042-00000002";
const OUT: [&str; 2] = ["Local/12025550101@dial-00000001;1", "Local/12025550101@dial-00000001;2"];
const ON: [&str; 2] = ["Local/1042@agents-00000002;1", "Local/1042@agents-00000002;2"];

/// A person dialled through a Local channel has answered and is on the line with its half.
fn answered_through_local() -> Scene {
    let mut scene = Scene::new();
    scene.says("Newchannel", OUT[0], "").says("Newchannel", OUT[1], "");
    scene.dials(OUT[1], PERSON, "12025550101@answer").answers(PERSON).answers(OUT[1]).meet("b1", [PERSON, OUT[1]]);
    scene
}

#[test]
fn a_telephone_is_found_beyond_as_many_local_channels_as_there_are() {
    let mut scene = answered_through_local();
    scene.answers(OUT[0]).dials(OUT[0], ON[0], "1042@agents").dials(ON[1], AGENT, "1042");
    scene.answers(AGENT).meet("b3", [AGENT, ON[1]]);
    assert_eq!(scene.came_to(), "answered");
    scene.meet("b2", [OUT[0], ON[0]]);
    assert_eq!(scene.came_to(), "answered, bridged agent=1042");
}

#[test]
fn a_person_who_is_dialled_after_the_agent_meets_that_agent() {
    let mut scene = Scene::new();
    scene.says("Newchannel", OUT[0], "").says("Newchannel", OUT[1], "");
    // Click to dial: the telephone first, on one half; then the person, from the other.
    scene.dials(OUT[1], AGENT, "1042").answers(AGENT).meet("b1", [AGENT, OUT[1]]);
    scene.dials(OUT[0], PERSON, "12025550101@answer").answers(PERSON).meet("b2", [PERSON, OUT[0]]);
    assert_eq!(scene.later(5).came_to(), "answered, bridged agent=1042");
}

#[test]
fn a_half_that_runs_a_program_hides_the_agent() {
    let mut scene = answered_through_local();
    assert_eq!(scene.answers(OUT[0]).came_to(), "answered");
    scene.later(2);
    assert_eq!(scene.came_to(), r#"answered, updated cannot_tell=["agent"]"#);
    // Said once.
    assert_eq!(scene.later(2).came_to(), r#"answered, updated cannot_tell=["agent"]"#);
}

#[test]
fn a_call_that_is_over_before_it_was_looked_at_says_so_at_its_end() {
    let mut scene = answered_through_local();
    let bridge = "BridgeUniqueid: b1\n";
    scene.says("BridgeLeave", OUT[1], bridge).says("BridgeLeave", PERSON, bridge).says("Hangup", PERSON, "Cause: 16\n");
    assert_eq!(scene.came_to(), r#"answered, ended cannot_tell=["agent"] sip_code=200"#);
}

#[test]
fn in_a_queue_nothing_is_hidden_even_if_it_comes_late() {
    let queue = "Queue: sales\n";
    let mut at_once = answered_through_local();
    at_once.says("QueueCallerJoin", OUT[0], queue).later(2);
    assert_eq!(at_once.came_to(), "answered, updated campaign=spring mode=progressive, queued queue=sales");
    let mut late = answered_through_local();
    late.later(2).says("QueueCallerJoin", OUT[0], queue);
    assert!(late.came_to().ends_with("queued queue=sales"), "{}", late.came_to());
    // It may be led out of the queue again: that an agent could be seen is said when it is over.
    late.says("Hangup", PERSON, "Cause: 16\n");
    assert!(late.came_to().contains("ended cannot_tell=[]"), "{}", late.came_to());
}

#[test]
fn while_a_telephone_rings_nothing_is_hidden() {
    let mut scene = answered_through_local();
    scene.dials(OUT[0], AGENT, "1042").later(2);
    assert_eq!(scene.came_to(), "answered");
}

#[test]
fn in_a_conference_an_agents_telephone_is_seen_and_its_absence_tells_nothing() {
    for (join, bridge) in [
        ("MeetmeJoin", "Meetme: 8600051\nUsernum: 1\n"),
        ("ConfbridgeJoin", "Conference: 8600051\nBridgeUniqueid: c1\n"),
    ] {
        let mut scene = answered_through_local();
        scene
            .says("Newchannel", AGENT, "ChannelState: 4\n")
            .says(join, AGENT, bridge)
            .says(join, OUT[0], bridge)
            .later(2);
        assert_eq!(scene.came_to(), "answered, bridged agent=1042", "{join}");
        let mut alone = answered_through_local();
        alone.says(join, OUT[0], bridge).later(2);
        assert_eq!(alone.came_to(), r#"answered, updated cannot_tell=["agent"]"#, "{join}");
    }
}

#[test]
fn a_conference_stays_one_in_whichever_order_its_two_events_come() {
    let (join, enter) = ("Conference: 9\nBridgeUniqueid: c1\n", "BridgeUniqueid: c1\nBridgeType: base\n");
    for order in
        [[("ConfbridgeJoin", join), ("BridgeEnter", enter)], [("BridgeEnter", enter), ("ConfbridgeJoin", join)]]
    {
        let mut scene = answered_through_local();
        for (event, more) in order {
            scene.says(event, OUT[0], more);
        }
        assert_eq!(scene.later(2).came_to(), r#"answered, updated cannot_tell=["agent"]"#, "{order:?}");
    }
}

#[test]
fn whoever_is_led_out_again_may_speak_with_an_agent_at_a_mobile() {
    let mut scene = Scene::new();
    let mobile = "DAHDI/i7/12025550187-2";
    scene.dials(PERSON, PERSON, "12025550101@answer").answers(PERSON).dials(PERSON, mobile, "g7/12025550187");
    scene.answers(mobile).meet("b1", [PERSON, mobile]).later(2);
    assert_eq!(scene.came_to(), r#"answered, updated cannot_tell=["agent"]"#);
}

#[test]
fn a_call_that_waits_where_all_is_seen_is_judged() {
    let mut scene = Scene::new();
    scene.dials(PERSON, PERSON, "12025550101@answer").answers(PERSON).later(3);
    assert_eq!(scene.came_to(), "answered");
}

/// A person is on the line with an agent at a telephone.
fn with_an_agent() -> Scene {
    let mut scene = Scene::new();
    scene.dials(PERSON, PERSON, "12025550101@answer").answers(PERSON).dials(PERSON, AGENT, "1042").answers(AGENT);
    scene.meet("b1", [PERSON, AGENT]);
    scene
}

impl Scene {
    fn transfers(&mut self, kind: &str, target: &str) -> &mut Self {
        let transferee = format!("Result: Success\nTransfereeUniqueid: u-{PERSON}\n{target}");
        self.says(kind, AGENT, &transferee).says("BridgeLeave", PERSON, "").says("BridgeLeave", AGENT, "");
        self.says("Hangup", AGENT, "Cause: 16\n")
    }
}

#[test]
fn an_agent_who_transfers_before_anybody_answers_names_the_target_by_what_was_dialled() {
    for (target, expected) in [
        ("DestType: App\nDestApp: Dial\nSecondTransfererExten: 1043\n", "1043"),
        ("DestType: Bridge\nTransferTargetCallerIDNum: 1044\nSecondTransfererExten: 1043\n", "1044"),
        ("DestType: App\nDestApp: Dial\nSecondTransfererExten: 442079460018\n", "442 •••• 18"),
        ("DestType: App\nDestApp: Dial\nSecondTransfererExten: \n", "unknown"),
    ] {
        let mut scene = with_an_agent();
        let told = scene.transfers("AttendedTransfer", target).came_to();
        assert!(told.ends_with(&format!("target={expected}")), "{told}");
    }
}

#[test]
fn who_hung_up_is_the_agent_only_where_one_was_still_there() {
    let target = "Extension: 1043\n";
    let ended = |scene: &mut Scene| {
        let told = scene.came_to();
        let (_, end) = told.split_once("ended ").unwrap();
        end.to_owned()
    };
    // The agent puts the telephone down: whose channel goes first does not matter.
    let mut first = with_an_agent();
    first.says("BridgeLeave", AGENT, "").says("BridgeLeave", PERSON, "").says("Hangup", AGENT, "Cause: 16\n");
    assert_eq!(ended(first.says("Hangup", PERSON, "Cause: 16\n")), "hung_up_by=agent sip_code=200");
    let mut last = with_an_agent();
    assert_eq!(ended(last.says("Hangup", PERSON, "Cause: 16\n")), "hung_up_by=agent sip_code=200");
    // Nobody takes the call that was passed on, or whoever rings refuses it.
    for cause in ["17", "19", "16"] {
        let mut alone = with_an_agent();
        alone.transfers("BlindTransfer", target);
        assert_eq!(ended(alone.says("Hangup", PERSON, &format!("Cause: {cause}\n"))), "sip_code=200", "{cause}");
    }
    let mut person = with_an_agent();
    person.transfers("BlindTransfer", target).says("HangupRequest", PERSON, "Cause: 16\n");
    assert_eq!(ended(person.says("Hangup", PERSON, "Cause: 16\n")), "hung_up_by=person sip_code=200");
    // Another agent takes it.
    let other = "PJSIP/1043-00000009";
    let mut taken = with_an_agent();
    taken.transfers("BlindTransfer", target).dials(PERSON, other, "1043").answers(other).meet("b2", [PERSON, other]);
    taken.says("BridgeLeave", other, "").says("Hangup", other, "Cause: 16\n");
    assert_eq!(ended(taken.says("Hangup", PERSON, "Cause: 16\n")), "hung_up_by=agent sip_code=200");
    // The dialplan goes on with a survey when the agent has gone, and ends the call itself.
    let mut survey = with_an_agent();
    survey
        .says("BridgeLeave", AGENT, "")
        .says("BridgeLeave", PERSON, "")
        .says("Hangup", AGENT, "Cause: 16\n")
        .later(30);
    assert_eq!(ended(survey.says("Hangup", PERSON, "Cause: 16\n")), "sip_code=200");
}
