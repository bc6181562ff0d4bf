//! Who came in, who was dialled, and until when.

use super::*;

/// A caller's only record bears the context that he was in last, not that at which he came in.
#[test]
fn a_caller_who_was_led_to_another_context_is_not_dialled_and_no_number_of_the_floors() {
    let row = |context: &str, app: &str| {
        format!(
            r#""","12025550143","12025550100","{context}","x","PJSIP/t-4","","{app}","x","2026-11-29 10:10:00","2026-11-29 10:10:00","2026-11-29 10:10:12",12,12,"ANSWERED","DOCUMENTATION","2.4","""#
        )
    };
    for context in ["voicemail-op", "second-trunk"] {
        for app in ["AGI", "Playback", "Hangup"] {
            let call = one(&["t=a"], &["in"], &row(context, app));
            assert_eq!((call.direction, &call.outcome), (None, &None), "{context} {app}");
        }
    }
    // Told of as the dialer's context, or as one that callers are led to, it is that.
    let call = one(&["t=a"], &["in", "voicemail-op"], &row("voicemail-op", "AGI"));
    assert_eq!((call.direction, number(call.from.as_ref())), (Some(Direction::Inbound), Some("+12025550143")));
    assert_eq!(number(call.to.as_ref()), Some("+12025550100"));
    let call = one(&["t=a"], &["in"], &row("out", "AGI"));
    assert_eq!((call.direction, call.answered_at), (Some(Direction::Outbound), at("10:10:00")));
    // What the same caller is put through to shows his number outside.
    let passed_on = r#""","12025550143","2025550190","out","x","Local/2025550190@out-7;2","PJSIP/t-5","Dial","PJSIP/2025550190@t","2026-11-29 10:20:00","2026-11-29 10:20:07","2026-11-29 10:21:00",60,53,"ANSWERED","DOCUMENTATION","2.5","""#;
    let both = calls(&["t=a"], &["in"], &format!("{}\n{passed_on}", row("voicemail-op", "AGI")));
    let shown: Vec<_> = both.iter().map(|call| (call.direction, number(call.from.as_ref()))).collect();
    assert_eq!(shown, [(None, Some("+12025550143")), (Some(Direction::Outbound), None)]);
}

#[test]
fn who_is_paired_with_a_carrier_in_a_conference_did_not_dial_it() {
    let row = |channel: &str, party: &str, id: &str, app: &str, context: &str, src: &str| {
        format!(
            r#""","{src}","6112","{context}","x","{channel}","{party}","{app}","6112,,,","2026-11-29 10:10:00","2026-11-29 10:10:00","2026-11-29 10:40:00",1800,1800,"ANSWERED","DOCUMENTATION","{id}","","","{id}",1"#
        )
    };
    for app in ["ConfBridge", "MeetMe", "Conference", "Konference", "ParkedCall", "PickupChan", "Bridge"] {
        let text = [
            row("PJSIP/1113-13", "PJSIP/t-41", "5.2", app, "default", "1113"),
            row("PJSIP/1114-14", "PJSIP/t-41", "5.3", app, "default", "1114"),
            row("PJSIP/t-41", "", "6.8", app, "in", "12025550143"),
        ];
        let call = one(&["t=a"], &["in"], &text.join("\n"));
        assert_eq!((call.call_id.as_str(), call.direction), ("6.8", Some(Direction::Inbound)), "{app}");
        let alone = calls(&["t=a"], &["in"], &text[..2].join("\n"));
        assert!(alone.is_empty(), "{app}: {alone:#?}");
    }
}

#[test]
fn a_leg_that_lost_ends_when_it_was_given_up_and_not_with_the_telephone_that_won() {
    let row = |party: &str, times: &str, ending: &str| {
        format!(
            r#""","12025550143","600","in","x","PJSIP/t-4","{party}","Dial","PJSIP/1001&PJSIP/2025550190@t,60",{times},"{ending}","DOCUMENTATION","2.4","","","2.4",1"#
        )
    };
    let taken = r#""2026-11-29 10:10:00","2026-11-29 10:10:05","2026-11-29 10:11:00",60,55"#;
    let lost = r#""2026-11-29 10:10:00",,"2026-11-29 10:10:05",5,0"#;
    let text = [row("PJSIP/1001-5", taken, "ANSWERED"), row("PJSIP/t-6", lost, "NO ANSWER")].join("\n");
    let both = calls(&["t=a"], &["in"], &text);
    let ends: Vec<_> = both.iter().map(|call| (call.direction, call.ended_at)).collect();
    assert_eq!(
        ends,
        [(Some(Direction::Inbound), at("10:11:00")), (Some(Direction::Outbound), at("10:10:05"))],
        "{both:#?}"
    );
    // Nor does one that is dialled once more, and refused, live on by that.
    let again = r#""2026-11-29 10:10:05",,"2026-11-29 10:10:30",25,0"#;
    let text = [row("PJSIP/t-6", lost, "NO ANSWER"), row("", again, "FAILED")].join("\n");
    let dialled = calls(&["t=a"], &["in"], &text).remove(1);
    assert_eq!((dialled.direction, dialled.ended_at), (Some(Direction::Outbound), at("10:10:05")));
}

/// A caller is led on to a mobile by his own carrier, which refuses before there is a channel: older versions write so what
/// the dialer could not originate. The number that he shows is not the floor's for that.
#[test]
fn who_dials_his_own_carrier_in_vain_shows_no_number_of_the_floors() {
    let row = r#""","12025550143","2025550190","from-internal","x","PJSIP/t-4","","Dial","PJSIP/2025550190@t,60","2026-11-29 10:10:00",,"2026-11-29 10:10:02",2,0,"FAILED","DOCUMENTATION","2.4","","","2.4",1"#;
    let call = one(&["t=a"], &["in"], row);
    assert_eq!((call.direction, call.outcome), (Some(Direction::Outbound), Some(Outcome::Failed)));
    assert_eq!((number(call.to.as_ref()), &call.from), (Some("+12025550190"), &None));
    // One that an announcement had answered before came in, or the far end did: nobody knows.
    let answered = row.replace(
        r#"",,"2026-11-29 10:10:02",2,0,"FAILED""#,
        r#"","2026-11-29 10:10:01","2026-11-29 10:10:02",2,1,"ANSWERED""#,
    );
    assert_eq!(one(&["t=a"], &["in"], &answered).direction, None);
    // Nor does half of a Local channel of a call whose direction is not known.
    let led_on = [
        r#""","12025550143","600","ext-local","x","PJSIP/t-4","Local/2025550190@out-7;1","Dial","Local/2025550190@out","2026-11-29 10:20:00","2026-11-29 10:20:07","2026-11-29 10:21:00",60,53,"ANSWERED","DOCUMENTATION","3.4","","","3.4",1"#,
        r#""","12025550143","2025550190","ext-out","x","Local/2025550190@out-7;2","PJSIP/t-5","Dial","PJSIP/2025550190@t","2026-11-29 10:20:00","2026-11-29 10:20:07","2026-11-29 10:21:00",60,53,"ANSWERED","DOCUMENTATION","3.5","","","3.4",2"#,
    ];
    let told = calls(&["t=a"], &["in"], &led_on.join("\n"));
    let told: Vec<_> = told.iter().map(|call| (call.direction, number(call.from.as_ref()))).collect();
    assert_eq!(told, [(None, Some("+12025550143")), (Some(Direction::Outbound), None)]);
}

#[test]
fn whoever_was_dialled_and_then_brought_into_a_conference_is_one_attempt_until_its_end() {
    let row = |channel: &str, app: &str, data: &str, times: &str| {
        format!(
            r#""","1042","12025550190","phones","x","{channel}","PJSIP/t-6","{app}","{data}",{times},"ANSWERED","DOCUMENTATION","2.4","","","2.4",1"#
        )
    };
    let dialled = r#""2026-11-29 10:10:00","2026-11-29 10:10:05","2026-11-29 10:10:30",30,25"#;
    let met = r#""2026-11-29 10:10:31","2026-11-29 10:10:31","2026-11-29 10:20:00",569,569"#;
    let text = [
        row("PJSIP/1042-5", "Dial", "PJSIP/2025550190@t", dialled),
        row("PJSIP/1042-5", "ConfBridge", "3318", met),
        row("PJSIP/1043-7", "ConfBridge", "3318", &met.replace("10:20:00", "10:15:00")),
    ];
    let call = one(&["t=a"], &["in"], &text.join("\n"));
    assert_eq!((call.answered_at, call.bridged_at, call.ended_at), (at("10:10:05"), at("10:10:05"), at("10:20:00")));
    assert_eq!((agent(&call), number(call.to.as_ref())), (Some("1042"), Some("+12025550190")));
}
