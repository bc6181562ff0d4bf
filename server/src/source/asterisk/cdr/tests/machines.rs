//! Whether an agent can have been on a line that no record shows one on.

use super::*;

fn row(app: &str, party: &str, times: &str, ending: &str) -> String {
    format!(
        r#""","12025550143","600","in","x","PJSIP/t-4","{party}","{app}","x,t",{times},"{ending}","DOCUMENTATION","2.4","""#
    )
}

const FIRST: &str = r#""2026-11-29 10:10:00","2026-11-29 10:10:10","2026-11-29 10:10:30",30,20"#;
const SECOND: &str = r#""2026-11-29 10:10:30","2026-11-29 10:10:30","2026-11-29 10:10:50",20,20"#;
const THIRD: &str = r#""2026-11-29 10:10:50",,"2026-11-29 10:11:30",40,0"#;

#[test]
fn where_no_record_has_a_party_that_answered_no_agent_did_whatever_the_application() {
    for app in ["ForkCDR", "ReadExten", "Gosub", "SomethingNew", "Dial", "Answer", ""] {
        let text = row(app, "", FIRST, "ANSWERED");
        let menu = one(&["t=a"], &["in"], &text);
        assert_eq!((menu.outcome, hidden(&menu, Matter::Agent)), (Some(Outcome::NoAnswer), false), "{app}");
        // Who went on into a queue gave up there.
        let text = [text, row("ForkCDR", "", SECOND, "ANSWERED"), row("Queue", "", THIRD, "NO ANSWER")].join("\n");
        let queued = one(&["t=a"], &["in"], &text);
        assert_eq!((queued.queued_at, queued.bridged_at), (at("10:10:50"), None), "{app}");
        assert!(!hidden(&queued, Matter::Agent) && !hidden(&queued, Matter::Queue), "{app}: {queued:#?}");
        // A telephone that rang, and was not taken, is nobody either.
        let text = [text, row("Queue", "PJSIP/1001-5", THIRD, "NO ANSWER")].join("\n");
        assert!(!hidden(&one(&["t=a"], &["in"], &text), Matter::Agent), "{app}");
    }
}

#[test]
fn a_program_a_conference_and_a_local_channel_may_connect_with_whom_nobody_sees() {
    for (app, party) in [
        ("AGI", ""),
        ("DeadAGI", ""),
        ("Stasis", ""),
        ("ExternalIVR", ""),
        ("ConfBridge", ""),
        ("MeetMe", ""),
        ("Page", ""),
        ("ParkedCall", ""),
        ("Dial", "Local/ring@all-1;1"),
        ("Dial", "PJSIP/other-trunk-7"),
    ] {
        let call = one(&["t=a"], &["in"], &row(app, party, FIRST, "ANSWERED"));
        assert!(hidden(&call, Matter::Agent) && call.outcome.is_none(), "{app} {party}: {call:#?}");
    }
}

#[test]
fn a_telephone_that_is_dialled_by_its_contact_is_one() {
    let row = |data: &str| row("Dial", "PJSIP/1103-5", FIRST, "ANSWERED").replace("x,t", data);
    for data in [
        "PJSIP/1103/sip:1103@192.0.2.4:5060,30",
        "PJSIP/1103/sip:1103@192.0.2.4&PJSIP/1103/sip:1103@192.0.2.5;transport=ws,30",
        "PJSIP/1103/sip:k3jd92@192.0.2.4:5060",
        "PJSIP/1103/sip:192.0.2.4",
    ] {
        assert_eq!(agent(&one(&["t=a"], &["in"], &row(data))), Some("1103"), "{data}");
    }
    for data in ["PJSIP/1103/sip:2025550190@192.0.2.4", "PJSIP/1103/2025550190", "PJSIP/211@1103"] {
        assert_eq!(agent(&one(&["t=a"], &["in"], &row(data))), None, "{data}");
    }
}
