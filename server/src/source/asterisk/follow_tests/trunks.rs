//! Trunks as the field names them.

use super::*;

fn channel_of(channel: &str, dial: &str) -> Pbx {
    let mut pbx = Pbx::new();
    pbx.says(&BEGUN.replace("PJSIP/answer-00000001", channel).replace("12025550101@answer", dial));
    pbx
}

#[test]
fn a_call_by_a_span_or_a_numbered_trunk_is_its_routes() {
    for (channel, dial, route) in [
        ("DAHDI/i1/12025550101-2", "g1/12025550101", "pri"),
        ("PJSIP/trunk_2/12025550101-0000001f", "12025550101@trunk_2", "many"),
        ("PJSIP/trunk_3-0000001f", "12025550101@trunk_3", "many"),
        ("PJSIP/silent-00000001", "12025550101@silent", "s"),
    ] {
        let mut pbx = channel_of(channel, dial);
        assert_eq!(pbx.calls(), [format!("started+0 {CAMPAIGN} route={route} to=+12025550101")], "{channel}");
        let samples = pbx.follow.tick(Moment::from_secs(101));
        pbx.told.extend(samples);
        assert!(pbx.others().contains(&format!("{route} 1 of None")), "{channel}: {:?}", pbx.others());
    }
}

#[test]
fn a_trunks_state_is_found_by_whatever_names_it() {
    let mut pbx = Pbx::new();
    for endpoint in ["silent", "trunk_3"] {
        pbx.says(&format!(
            "Event: ContactStatus\nURI: sip:192.0.2.1\nContactStatus: Reachable\nAOR: x\nEndpointName: {endpoint}\n\n"
        ));
    }
    assert_eq!(pbx.others(), ["s healthy", "many healthy"]);
}
