//! Stories: what the recordings and samples tell, in the words of the contract.
#![allow(clippy::unwrap_used, clippy::panic)]

mod agents;
mod lines;
mod people;
mod trunks;

use super::codec::{AmiCodec, Frame, Message};
use super::config::AsteriskConfig;
use super::counters::Counters;
use super::fixtures;
use super::follow::Follow;
use app::domain::event::{Data, Event};
use app::domain::time::Moment;
use bytes::BytesMut;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio_util::codec::Decoder;

fn config() -> AsteriskConfig {
    serde_json::from_value(serde_json::json!({
        "address": "127.0.0.1:5038", "user": "ringside", "secret": "s", "realm": "pbx", "country": "US",
        "routes": {
            "answer": "a", "busy": "b", "congested": { "route": "c", "capacity": 30 }, "PJSIP/silent": "s", "mute": "m",
            "carrier-a": "a", "carrier-b": "b", "DAHDI/i1/*": "pri", "trunk_*": "many",
        },
        "modes": { "spring": "progressive" },
        "queues": { "sales": "spring" },
        "dids": ["+12025550100", "+1202555019*"],
    }))
    .unwrap()
}

fn messages(recording: &str) -> Vec<Message> {
    let (mut codec, mut buffer) = (AmiCodec::default(), BytesMut::from(recording));
    let frames = std::iter::from_fn(|| codec.decode(&mut buffer).unwrap());
    frames.filter_map(|f| if let Frame::Message(m) = f { Some(m) } else { None }).collect()
}

struct Pbx {
    follow: Follow,
    counters: Arc<Counters>,
    told: Vec<Event>,
}

impl Pbx {
    fn new() -> Self {
        Self::of(config())
    }

    /// One of which nobody has said which numbers are the floor's.
    fn without_dids() -> Self {
        Self::of(AsteriskConfig { dids: Vec::new(), ..config() })
    }

    fn of(config: AsteriskConfig) -> Self {
        let counters = Arc::<Counters>::default();
        Self { follow: Follow::new(Arc::new(config), counters.clone()), counters, told: Vec::new() }
    }

    fn says(&mut self, text: &str) -> &mut Self {
        for message in messages(text) {
            self.told.extend(self.follow.message(&message, Moment::from_secs(1_795_300_000)));
        }
        self
    }

    /// What was told, call by call in the order of their starts: each moment in ms after the call's first, and details.
    fn calls(&self) -> Vec<String> {
        let mut first = BTreeMap::<String, Moment>::new();
        let mut lines = BTreeMap::<(Moment, String), Vec<String>>::new();
        for event in &self.told {
            let json = serde_json::to_value(event).unwrap();
            let Some(call_id) = json["data"]["call_id"].as_str() else { continue };
            let start = *first.entry(call_id.to_owned()).or_insert(event.time);
            let mut data = json["data"].as_object().unwrap().clone();
            data.remove("call_id");
            assert_eq!(data.remove("realm"), Some("pbx".into()));
            let details = data.iter().filter(|(k, _)| *k != "started_at");
            let details: Vec<String> =
                details.map(|(k, v)| format!("{k}={}", v.as_str().map_or(v.to_string(), str::to_owned))).collect();
            let what = event.data.type_name().trim_start_matches("call.");
            let after = (event.time - start).as_millis();
            let line = format!("{what}+{after} {}", details.join(" "));
            lines.entry((start, call_id.to_owned())).or_default().push(line.trim().to_owned());
        }
        lines.into_values().map(|l| l.join(" | ")).collect()
    }

    fn others(&self) -> Vec<String> {
        let about = |event: &Event| match &event.data {
            Data::AgentState(a) => Some(format!(
                "{} {}{}",
                a.agent,
                a.state.word(),
                a.reason.as_ref().map_or(String::new(), |r| format!(" ({})", r.as_str()))
            )),
            Data::TrunkStatus(t) => Some(format!("{} {}", t.trunk, t.status.word())),
            Data::ChannelsSample(c) => Some(format!("{} {} of {:?}", c.trunk, c.active, c.capacity)),
            _ => None,
        };
        self.told.iter().filter_map(about).collect()
    }
}

fn story(recording: &str) -> Vec<String> {
    let mut pbx = Pbx::new();
    pbx.says(recording);
    pbx.calls()
}

const CAMPAIGN: &str = "campaign=spring direction=outbound from=+12025550199 mode=progressive";

#[test]
fn each_carriers_call_is_told_with_its_moments_and_code() {
    let mut pbx = Pbx::new();
    pbx.says(fixtures::FOUR_CARRIERS);
    assert_eq!(
        pbx.calls(),
        [
            format!(
                "started+0 {CAMPAIGN} route=a to=+12025550101 | progress+302 | answered+707 | queued+707 queue=sales \
                 | bridged+815 agent=Agent 1 | ended+2212 hung_up_by=person sip_code=200"
            ),
            format!("started+0 {CAMPAIGN} route=b to=+12025550102 | ended+203 sip_code=486"),
            format!("started+0 {CAMPAIGN} route=s to=+12025550104 | progress+506 | ended+3002 sip_code=487"),
            format!("started+0 {CAMPAIGN} route=c to=+12025550103 | ended+207 sip_code=503"),
        ]
    );
    let agents = [
        "Agent 1 ready",
        "Agent 1 on_call",
        "Agent 2 ready",
        "a healthy",
        "Agent 1 ready",
        "Agent 1 break (Lunch)",
        "Agent 1 ready",
    ];
    assert_eq!(pbx.others(), agents);
}

#[test]
fn local_halves_are_no_calls_and_each_carrier_tried_is_one() {
    let campaign = "campaign=autumn direction=outbound from=+12025550199";
    assert_eq!(
        story(fixtures::LOCAL_HALVES),
        [
            format!(
                "started+0 {campaign} route=a to=+12025550106 | progress+306 | answered+708 | queued+709 queue=sales \
                 | bridged+816 agent=Agent 2 | ended+2215 hung_up_by=person sip_code=200"
            ),
            format!("started+0 {campaign} route=c to=+12025550114 | ended+205 sip_code=503"),
            format!("started+0 {campaign} route=b to=+12025550114 | ended+204 sip_code=486"),
            format!("started+0 {campaign} route=s to=+12025550114 | progress+506 | ended+1001 sip_code=487"),
        ]
    );
}

#[test]
fn a_mute_carrier_is_a_time_out_or_our_own_cancel_and_a_dialer_that_hangs_up_is_named() {
    assert_eq!(
        story(fixtures::NOBODY_THERE),
        [
            format!("started+0 {CAMPAIGN} route=m to=+12025550110 | ended+31999 sip_code=408"),
            format!("started+0 {CAMPAIGN} route=m to=+12025550113 | ended+3002 outcome=cancelled"),
            format!(
                "started+0 {CAMPAIGN} route=a to=+12025550115 | progress+305 | answered+709 | ended+900 hung_up_by=dialer sip_code=200"
            ),
        ]
    );
}

#[test]
fn an_agent_dialled_without_a_queue_is_met_in_the_bridge_and_may_pass_the_person_on() {
    assert_eq!(
        story(fixtures::DIALLED_AGENT),
        [format!(
            "started+0 {CAMPAIGN} route=a to=+12025550120 | progress+307 | answered+711 | bridged+820 agent=Agent 2 \
             | transferred+1502 kind=blind target=hold | ended+2216 hung_up_by=person sip_code=200"
        )]
    );
}

#[test]
fn the_samples_read_as_other_versions_write_them() {
    let call = "started+0 direction=outbound from=+12025550100 route=a";
    assert_eq!(
        story(fixtures::SAMPLE_ANSWERED),
        [format!(
            "{call} to=+12025550142 | progress+2321 | answered+14247 | updated+14297 campaign=spring mode=progressive \
             | queued+14297 queue=sales | bridged+14917 agent=Agent 1042 | ended+96910 hung_up_by=person sip_code=200"
        )]
    );
    assert_eq!(
        story(fixtures::SAMPLE_FAILED),
        [
            format!("{call} to=+12025550150 | ended+1899 sip_code=486"),
            format!("{call} to=+12025550151 | ended+29999 outcome=cancelled"),
            format!("{call} to=+12025550152 | ended+199 sip_code=503"),
            format!("{call} to=+12025550153 | ended+0 outcome=failed q850=20"),
            format!("{call} to=+12025550154 | ended+11999 sip_code=487"),
        ]
    );
    let mut pbx = Pbx::new();
    pbx.says(fixtures::SAMPLE_QUEUE_TRUNK_LIST);
    assert_eq!(pbx.others(), ["Agent 1042 ready", "Agent 1042 break (Lunch)", "a unhealthy"]);
}

#[test]
fn a_recording_heard_twice_tells_each_call_once() {
    let mut pbx = Pbx::new();
    pbx.says(fixtures::FOUR_CARRIERS);
    let once = pbx.calls();
    pbx.says(fixtures::FOUR_CARRIERS);
    assert_eq!(pbx.calls(), once);
}

const BEGUN: &str = "\
Event: Newchannel\nTimestamp: 100.0\nChannel: PJSIP/answer-00000001\nChannelState: 0\nUniqueid: u1\nLinkedid: u1\n\n\
Event: DialBegin\nTimestamp: 100.1\nDestChannel: PJSIP/answer-00000001\nDestChannelState: 0\nDestUniqueid: u1\nDestLinkedid: u1\n\
DestConnectedLineNum: 12025550199\nDestChanVariable: CAMPAIGN=spring\nDialString: 12025550101@answer\n\n";

fn listed(id: &str, state: u8, duration: &str) -> String {
    format!(
        "Event: CoreShowChannel\nTimestamp: 160.0\nChannel: PJSIP/answer-0000000{id}\nChannelState: {state}\nUniqueid: u{id}\n\
         Linkedid: u{id}\nConnectedLineNum: 12025550199\nChanVariable: CAMPAIGN=spring\nDuration: {duration}\n\n"
    )
}

#[test]
fn a_call_that_ended_while_nobody_listened_ends_when_it_was_last_heard_of_without_a_code() {
    let mut pbx = Pbx::new();
    pbx.says(BEGUN);
    pbx.follow.begin_resync();
    let ended = pbx.follow.channels_listed(Moment::from_secs(130), Moment::from_secs(160));
    pbx.told.extend(ended);
    assert_eq!(pbx.calls(), [format!("started+0 {CAMPAIGN} route=a to=+12025550101 | ended+29900")]);
    assert_eq!(pbx.counters.calls_ended_unseen.get(), 1);
    // What comes of it late, from before the gap, brings nothing back.
    pbx.says("Event: Newstate\nTimestamp: 161.0\nChannel: PJSIP/answer-00000001\nChannelState: 6\nUniqueid: u1\nLinkedid: u1\n\n");
    assert_eq!(pbx.calls()[0].matches(" | ").count(), 1);
}

#[test]
fn a_call_that_went_on_while_nobody_listened_goes_on() {
    let mut pbx = Pbx::new();
    pbx.says(BEGUN);
    pbx.follow.begin_resync();
    pbx.says(&listed("1", 6, "00:01:00"));
    let ended = pbx.follow.channels_listed(Moment::from_secs(130), Moment::from_secs(160));
    assert_eq!(ended, []);
    assert_eq!(pbx.calls(), [format!("started+0 {CAMPAIGN} route=a to=+12025550101 | answered+59900")]);
}

#[test]
fn calls_found_up_are_taken_up_and_one_that_just_came_waits_for_its_start() {
    let mut pbx = Pbx::new();
    pbx.follow.begin_resync();
    pbx.says(&listed("1", 5, "00:00:20")).says(&listed("2", 0, "00:00:03")).says(&listed("3", 0, "00:00:00"));
    let up = "campaign=spring direction=outbound mode=progressive route=a";
    let dialling = "record+0 campaign=spring direction=outbound from=+12025550199 mode=progressive route=a".to_owned();
    assert_eq!(pbx.calls(), [dialling, format!("updated+0 {up} | progress+0")]);
}

#[test]
fn a_campaign_that_comes_late_is_told_when_it_comes() {
    let mut pbx = Pbx::new();
    pbx.says(&BEGUN.replace("DestChanVariable: CAMPAIGN=spring\n", ""));
    pbx.says("Event: NewCallerid\nTimestamp: 100.2\nChannel: PJSIP/answer-00000001\nUniqueid: u1\nLinkedid: u1\nChanVariable: CAMPAIGN=spring\n\n");
    let start = "started+0 direction=outbound from=+12025550199 route=a to=+12025550101";
    assert_eq!(pbx.calls(), [format!("{start} | updated+100 campaign=spring mode=progressive")]);
}

#[test]
fn somebody_who_calls_us_is_an_inbound_call() {
    let mut pbx = Pbx::new();
    let channel =
        "Channel: PJSIP/answer-00000001\nUniqueid: u1\nLinkedid: u1\nCallerIDNum: +442079460018\nExten: 2025550199\n";
    pbx.says(&format!("Event: Newchannel\nTimestamp: 100.0\nChannelState: 4\n{channel}\n"));
    pbx.says(&format!("Event: QueueCallerJoin\nTimestamp: 101.0\nQueue: sales\n{channel}\n"));
    pbx.says(&format!(
        "Event: HangupRequest\nTimestamp: 109.0\n{channel}\nEvent: Hangup\nTimestamp: 109.0\nCause: 0\n{channel}\n"
    ));
    let start = "started+0 direction=inbound from=+442079460018 route=a to=+12025550199";
    assert_eq!(
        pbx.calls(),
        [format!(
            "{start} | updated+1000 campaign=spring mode=progressive | queued+1000 queue=sales \
             | ended+9000 hung_up_by=person outcome=cancelled"
        )]
    );
}

#[test]
fn a_number_that_cannot_be_read_is_counted_and_the_call_still_is() {
    let mut pbx = Pbx::new();
    pbx.says(&BEGUN.replace("12025550101@answer", "sales@answer"));
    assert_eq!(pbx.calls(), [format!("started+0 {CAMPAIGN} route=a")]);
    assert_eq!(pbx.counters.numbers_unreadable.get(), 1);
}

#[test]
fn a_service_or_an_extension_that_is_dialled_is_no_number_and_kept_as_it_is() {
    for dialled in ["911", "1042"] {
        let mut pbx = Pbx::new();
        pbx.says(&BEGUN.replace("12025550101@answer", &format!("{dialled}@answer")));
        let kept = format!(r#"updated+0 metadata={{"dialled":"{dialled}"}}"#);
        assert_eq!(pbx.calls(), [format!("started+0 {CAMPAIGN} route=a | {kept}")]);
    }
}

#[test]
fn a_caller_who_withholds_the_number_is_a_caller() {
    let mut pbx = Pbx::new();
    pbx.says(
        "Event: Newchannel\nTimestamp: 100.0\nChannel: PJSIP/answer-00000001\nChannelState: 4\nUniqueid: u1\nLinkedid: u1\n\
         CallerIDNum: Anonymous\nExten: 2025550199\n\n",
    );
    assert_eq!(pbx.calls(), ["started+0 direction=inbound from=anonymous route=a to=+12025550199"]);
    assert_eq!(pbx.counters.numbers_unreadable.get(), 0);
}

#[test]
fn an_agent_wraps_up_for_as_long_as_the_queue_grants() {
    let mut pbx = Pbx::new();
    let member = |status: u8, in_call: u8| {
        format!(
            "Timestamp: 100.0\nQueue: sales\nMemberName: Ann\nInterface: PJSIP/1\nStatus: {status}\nInCall: {in_call}\nPaused: 0\nWrapuptime: 10\n"
        )
    };
    pbx.says(&format!("Event: QueueMemberStatus\n{}\n", member(2, 1)));
    pbx.says(&format!("Event: AgentComplete\nReason: agent\n{}\n", member(2, 1)));
    pbx.says(&format!("Event: QueueMemberStatus\n{}\n", member(1, 0)));
    let mut later = pbx.follow.tick(Moment::from_secs(109));
    later.extend(pbx.follow.tick(Moment::from_secs(110)));
    pbx.told.extend(later);
    pbx.says(&format!("Event: QueueMemberRemoved\n{}\n", member(1, 0)));
    let agent: Vec<_> = pbx.others().into_iter().filter(|line| line.starts_with("Ann")).collect();
    assert_eq!(agent, ["Ann on_call", "Ann wrap_up", "Ann ready", "Ann offline"]);
}

#[test]
fn channels_are_counted_by_trunk_and_told_when_they_change() {
    let mut pbx = Pbx::new();
    pbx.says(&BEGUN.replace("answer", "congested"));
    let mut samples = pbx.follow.tick(Moment::from_secs(101));
    samples.extend(pbx.follow.tick(Moment::from_secs(102)));
    pbx.says(
        "Event: Hangup\nTimestamp: 103.0\nChannel: PJSIP/congested-00000001\nUniqueid: u1\nLinkedid: u1\nCause: 34\n\n",
    );
    samples.extend(pbx.follow.tick(Moment::from_secs(103)));
    pbx.told.extend(samples);
    let trunk: Vec<_> = pbx.others().into_iter().filter(|line| line.starts_with('c')).collect();
    assert_eq!(trunk, ["c 1 of Some(30)", "c 0 of Some(30)"]);
}

#[test]
fn where_a_call_went_is_told_without_a_far_ends_number() {
    let mut pbx = Pbx::new();
    pbx.says(BEGUN);
    for target in ["1042", "12025550177"] {
        pbx.says(&format!(
            "Event: BlindTransfer\nTimestamp: 105.0\nResult: Success\nTransfereeUniqueid: u1\nExtension: {target}\n\n"
        ));
    }
    let told = pbx.calls().concat();
    assert!(told.contains("transferred+4900 kind=blind target=1042") && told.contains("target=120 •••• 77"), "{told}");
}

#[test]
fn somebody_found_waiting_has_waited_since() {
    let mut pbx = Pbx::new();
    pbx.says(BEGUN).says("Event: Newstate\nTimestamp: 101.1\nChannel: PJSIP/answer-00000001\nChannelState: 6\nUniqueid: u1\nLinkedid: u1\n\n");
    pbx.says("Event: QueueEntry\nTimestamp: 160.1\nQueue: sales\nPosition: 1\nChannel: PJSIP/answer-00000001\nUniqueid: u1\nWait: 20\n\n");
    assert!(pbx.calls()[0].ends_with("answered+1000 | queued+40000 queue=sales"), "{}", pbx.calls()[0]);
}

#[test]
fn who_is_taken_out_of_a_queue_or_gives_up_has_waited_also_where_the_coming_was_not_heard() {
    let up = "Event: Newstate\nTimestamp: 101.1\nChannel: PJSIP/answer-00000001\nChannelState: 6\nUniqueid: u1\nLinkedid: u1\n\n";
    let of = "Timestamp: 121.1\nQueue: sales\nChannel: PJSIP/answer-00000001\nUniqueid: u1\nHoldTime: 11\n";
    for (event, told) in [
        ("QueueCallerAbandon", "queued+10000 queue=sales"),
        ("AgentConnect", "queued+10000 queue=sales | bridged+21000 agent=Ann"),
    ] {
        let mut pbx = Pbx::new();
        pbx.says(BEGUN).says(up).says(&format!("Event: {event}\n{of}MemberName: Ann\nInterface: PJSIP/1\n\n"));
        assert!(pbx.calls()[0].ends_with(&format!("answered+1000 | {told}")), "{}", pbx.calls()[0]);
    }
}

#[test]
fn a_trunk_is_as_good_as_its_contacts_and_registrations() {
    let mut pbx = Pbx::new();
    let contact = |uri: u8, status: &str| {
        format!(
            "Event: ContactStatus\nURI: sip:192.0.2.{uri}\nContactStatus: {status}\nAOR: answer\nEndpointName: answer\n\n"
        )
    };
    pbx.says(&contact(1, "Unknown"))
        .says(&contact(1, "Reachable"))
        .says(&contact(2, "Unreachable"))
        .says(&contact(1, "Unreachable"));
    pbx.says(&contact(1, "Reachable")).says(&contact(2, "Reachable"));
    pbx.says("Event: Registry\nChannelType: pjsip\nUsername: sip:me@carrier\nStatus: Rejected\n\n");
    pbx.says(
        "Event: OutboundRegistrationDetail\nObjectName: answer\nClientUri: sip:me@carrier\nStatus: Registered\n\n",
    );
    pbx.says("Event: Registry\nChannelType: pjsip\nUsername: sip:me@carrier\nStatus: Rejected\n\n");
    pbx.says("Event: ContactStatus\nURI: sip:192.0.2.9\nContactStatus: Unreachable\nEndpointName: agent-1\n\n");
    // `carrier-a` is a second endpoint of the same route.
    pbx.says(&contact(1, "Reachable").replace("Name: answer", "Name: carrier-a"));
    assert_eq!(pbx.others(), ["a healthy", "a degraded", "a unhealthy", "a degraded", "a healthy", "a degraded"]);
}

fn all_messages() -> Vec<Message> {
    fixtures::ALL.iter().flat_map(|(recording, _)| messages(recording)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever is lost, doubled or out of order: nothing panics, and of each call each moment is told at most once.
    #[test]
    fn no_order_of_messages_tells_a_moment_twice(messages in prop::sample::subsequence(all_messages(), 0..250).prop_shuffle(), lists in 0..300usize) {
        let mut pbx = Pbx::new();
        for (i, message) in messages.iter().chain(&messages[messages.len() / 2..]).enumerate() {
            pbx.told.extend(pbx.follow.message(message, Moment::from_secs(1_795_300_000)));
            if i == lists {
                pbx.follow.begin_resync();
            }
            if i == lists + 20 {
                let told = pbx.follow.channels_listed(Moment::from_secs(1_795_300_000), Moment::from_secs(1_795_300_001));
                pbx.told.extend(told);
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        for event in &pbx.told {
            let once = matches!(
                event.data,
                Data::CallStarted(_) | Data::CallRecord(_) | Data::CallProgress(_) | Data::CallAnswered(_) | Data::CallQueued(_)
                    | Data::CallBridged(_) | Data::CallEnded(_)
            );
            let json = serde_json::to_value(event).unwrap();
            if let (true, Some(call_id)) = (once, json["data"]["call_id"].as_str()) {
                prop_assert!(seen.insert((event.data.type_name(), call_id.to_owned())), "{} {call_id}", event.data.type_name());
                prop_assert!(!call_id.is_empty() && event.data.type_name() == "call.ended" || !seen.contains(&("call.ended", call_id.to_owned())));
            }
        }
    }
}
