use super::*;
use proptest::prelude::*;

const PERSON: &str = "+442079460018";

fn without_person(text: &str, rule: Rule) -> String {
    let persons = Numbers::of([&Number::trusted(PERSON)]);
    masked(text, rule, Known { persons: &[&persons], ..Known::default() }).into_owned()
}

fn hidden(text: &str, rule: Rule) -> String {
    masked(text, rule, Known::default()).into_owned()
}

/// The digits of a text as anybody can read them off, whatever stands between.
fn read_off(text: &str) -> String {
    let runs = runs(text);
    runs.near.iter().chain(&runs.through).map(Run::digits).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_known_number_goes_from_an_id_however_it_is_written_and_the_rest_stays() {
    for (text, left) in [
        ("SIP/442079460018-1764440000.5", "SIP/••••-1764440000.5"),
        ("a_020_7946_0018_b", "a_0••••_b"),
        ("20·7946·0018", "••••"),
        ("20\u{a0}7946\u{a0}0018", "••••"),
        ("2\u{200b}0\u{200b}7\u{200b}9\u{200b}4\u{200b}6\u{200b}0\u{200b}0\u{200b}1\u{200b}8", "••••"),
        ("４４２０７９４６００１８", "••••"),
        ("٤٤٢٠٧٩٤٦٠٠١٨", "••••"),
        ("²⁰⁷⁹⁴⁶⁰⁰¹⁸", "••••"),
        ("r?to=%32%30%37946%20%200018&x=1", "r?to=••••&x=1"),
        ("%252B44%252020%25207946%25200018", "%252B••••"),
        ("call 12 of 2026-11-21", "call 12 of 2026-11-21"),
        ("1792888200.3", "1792888200.3"),
    ] {
        assert_eq!(without_person(text, Rule::Id), left, "{text}");
    }
}

#[test]
fn an_id_hides_what_has_a_plus_and_no_mere_ten_digits() {
    for (text, left) in [
        ("PJSIP/+12025550142", "PJSIP/+••••"),
        ("＋1 202 555 0142 1764440000", "＋•••• 1764440000"),
        ("%2B12025550142", "%2B••••"),
        ("+1202555", "+1202555"),
        ("20261129-spring-2025550142", "20261129-spring-2025550142"),
    ] {
        assert_eq!(hidden(text, Rule::Id), left, "{text}");
    }
}

#[test]
fn free_text_hides_what_could_be_a_number_and_keeps_dates_times_shares_and_addresses() {
    for (text, left) in [
        ("(202) 555-0142 is busy", "(•••• is busy"),
        ("tel2025550142x", "tel••••x"),
        ("5550142", "••••"),
        ("+1 (202) 555-0142", "+••••"),
    ] {
        assert_eq!(hidden(text, Rule::Text), left, "{text}");
    }
    for text in [
        "since 2026-11-29 10:00:00.123456",
        "2026-11-29T10:00:00.123456Z",
        "batch 20261129",
        "0.12345678 s, 1,234,567 rows",
        "http://10.20.30.140:3000/d/550e8400-e29b-41d4-a716-446655440000",
        "queue-12",
        "call 1792888200.3",
    ] {
        assert_eq!(hidden(text, Rule::Text), text);
    }
}

#[test]
fn signs_that_part_fields_are_looked_through_where_single_digits_stand_between_them() {
    for sign in [":", ",", "=", "#", ";", "|", "\",\"", "&#58;"] {
        let text: String = "12025550142".chars().map(|digit| format!("{digit}{sign}")).collect();
        assert_eq!(hidden(&text, Rule::Text), format!("••••{sign}"), "{sign}");
    }
    assert_eq!(hidden("to 12:02:55:50:14:2 now", Rule::Text), "to •••• now");
    // Of a known number any groups.
    for text in ["4420:7946:0018", "442=07946#0018", "4,42079460018", "{\"44\":\"2079460018\"}"] {
        assert!(without_person(text, Rule::Id).contains(MARK), "{text}");
    }
    for text in ["10:00:00,10:30:15", "1,234,567 rows", "10.20.30.1:8, 10.20.30.2:9", "44:20:79", "0018,7946"] {
        assert_eq!(hidden(text, Rule::Text), text);
        assert_eq!(without_person(text, Rule::Id), text);
    }
}

#[test]
fn groups_behind_signs_that_part_fields_are_a_number_where_they_are_written_as_one() {
    for text in ["202:555:0142", "1:202:555:0142", "44:20:7946:0018", "0:20:7946:0018"] {
        assert_eq!(hidden(text, Rule::Text), MARK, "{text}");
    }
    for text in ["+1:202:555:0142", "+1,202,555,0142", "+44;20;7946;0018", "+120255:50142"] {
        assert_eq!(hidden(text, Rule::Text), format!("+{MARK}"), "{text}");
        assert_eq!(hidden(text, Rule::Id), format!("+{MARK}"), "{text}");
    }
    assert_eq!(hidden("+12025550142,30", Rule::Text), format!("+{MARK},30"), "another field");
    for text in [
        "12:02:55",
        "12:02:55:123",
        "2026:11:29 12:02:55",
        "12:02:55+02:00, 12:03:55+02:00",
        "2001:4860:4860::8888",
        "+1,234,567 rows",
        "+12,345,678",
        "120,340,5600",
        "1000,2000,3000",
        "100:200:300",
        "line 120:4567",
        "10.20.30.140:3000",
    ] {
        assert_eq!(hidden(text, Rule::Text), text);
    }
}

#[test]
fn html_is_looked_through() {
    let entities = |format: fn(u32) -> String| "2079460018".chars().map(|digit| format(u32::from(digit))).collect();
    let spelled: [String; 5] = [
        entities(|code| format!("&#{code};")),
        entities(|code| format!("&#x{code:x};")),
        entities(|code| format!("&amp;#{code};")),
        "20&nbsp;7946&nbsp;0018".to_owned(),
        "20&thinsp;7946&ndash;0018".to_owned(),
    ];
    for text in spelled {
        assert_eq!(without_person(&format!("a-{text}-b"), Rule::Id), "a-••••-b", "{text}");
        assert_eq!(hidden(&text, Rule::Text), MARK, "{text}");
    }
    assert_eq!(hidden("&plus;12025550142", Rule::Id), "&plus;••••");
}

#[test]
fn what_looks_like_an_escape_may_be_a_sign_between_digits() {
    assert_eq!(hidden("202%5550142", Rule::Text), MARK);
    assert_eq!(without_person("20%7946%0018", Rule::Id), MARK);
}

#[test]
fn dates_money_and_counts_stay() {
    for text in [
        "Solar West 2026, 12000 leads",
        "30/04/2024 06:27:28",
        "2020/2/10 22:41",
        "2026-13-45 10:00:00",
        "batch 20261129100000",
        "$1200000 and 1 200 000 €",
        "₹12,00,000.50",
    ] {
        assert_eq!(hidden(text, Rule::Text), text);
    }
    assert_eq!(hidden("back to 5550142", Rule::Text), "back to ••••");
    assert_eq!(hidden("30/04/2024551", Rule::Text), MARK);
}

/// A time is no telephone number, whatever its zone, and however it is counted.
#[test]
fn an_offset_of_a_time_and_an_epoch_under_a_times_name_stay() {
    for text in [
        "2026-11-29T10:00:00.123456+00:00",
        "2026-11-29 10:00:00.123+0530, then more",
        "`2026-11-29 10:00:00.54216-04`",
        "2026-11-29T10:00:00+00:00 and 2026-11-29T10:00:00-05:00",
        "10:00:00.123456 +0000",
        "20261129T100000+0000",
        r#"{"started_at":1795946400,"time": "1795946400123"}"#,
        "start: not a time: `1795946400`",
        "eventtime=1795946400.54216",
    ] {
        assert_eq!(hidden(text, Rule::Text), text);
    }
    for (text, left) in [
        // The same digits where nothing says that they are a time, and a number where one does.
        ("call 1795946400 back", "call •••• back"),
        (r#"{"from":1795946400}"#, r#"{"from":••••}"#),
        ("contacts: 1795946400", "contacts: ••••"),
        ("daytime: 1795946400", "daytime: ••••"),
        ("at what time 1795946400", "at what time ••••"),
        (r#"{"started_at":2025550142}"#, r#"{"started_at":••••}"#),
        ("time: +12025550142", "time: +••••"),
        ("20.2555+0142", "••••"),
        ("99:20.2555+0142", "99:••••"),
        ("T202555+0142", "T••••"),
    ] {
        assert_eq!(hidden(text, Rule::Text), left, "{text}");
    }
    // One that is known goes wherever it stands.
    let known = Numbers::of([&Number::trusted("+491795946400")]);
    let known = Known { persons: &[&known], ..Known::default() };
    assert_eq!(masked(r#"{"started_at":1795946400}"#, Rule::Text, known), r#"{"started_at":••••}"#);
}

#[test]
fn whom_a_sip_address_names_is_hidden_in_free_text() {
    assert_eq!(hidden("moved to sip:alice@example.org", Rule::Text), "moved to sip:••••@example.org");
    assert_eq!(hidden("sip:alice@example.org", Rule::Id), "sip:alice@example.org");
}

#[test]
fn a_name_keeps_the_digits_of_its_id() {
    let known = Known { id: Some("list-2025550142"), ..Known::default() };
    assert_eq!(masked("List 2025550142", Rule::Text, known), "List 2025550142");
    assert_eq!(masked("List 2025550143", Rule::Text, known), "List ••••");
}

#[test]
fn the_floors_own_number_stays() {
    let own = Numbers::of([&Number::trusted("+18005550199")]);
    let known = Known { own: Some(&own), ..Known::default() };
    assert_eq!(masked("Inbound +1 800 555-0199", Rule::Text, known), "Inbound +1 800 555-0199");
    assert_eq!(masked("Inbound +1 800 555-0198", Rule::Text, known), "Inbound +••••");
}

#[test]
fn a_number_is_replaced_wherever_it_stands() {
    let number = Numbers::of([&Number::trusted(PERSON)]);
    let by = |spelled: &str| format!("<{spelled}>");
    let found = replaced("020 7946 0018 and +442079460018", &number, by);
    assert_eq!(found.as_deref(), Some("0<20 7946 0018> and +<442079460018>"));
    assert_eq!(replaced("call 946 0018", &number, by).as_deref(), Some("call <946 0018>"));
    for other in ["+442079460019", "1764946001855", "1.9460018"] {
        assert_eq!(replaced(other, &number, by), None, "{other}");
    }
}

/// Signs that people, and machines, write between the digits of a number.
const NEAR: [&str; 17] =
    ["", "", "", "", " ", "-", "_", "·", ".", "\u{a0}", "\u{200b}", "%20", "/", ") (", "%C2%B7", "&nbsp;", "&#45;"];
/// The same, with those that part fields.
const ANY: [&str; 13] = ["", "", "", " ", "-", ":", ",", "=", "#", ";", "|", "%3A", "&#44;"];

/// What may stand before, between and after the digits of a number.
fn spelled(gaps: &'static [&'static str]) -> impl Strategy<Value = String> {
    let zero = prop::sample::select(vec!['0', '０', '٠', '०', '𝟎', '₀']);
    let gap = prop::sample::select(gaps);
    let encoded = prop::sample::select(vec!["", "", "", "", "%", "&#"]);
    let each = prop::collection::vec((zero, gap, encoded), 11);
    ("[a-z]{0,4}[/_@:-]?", each, "([a-z@:][a-z0-9]{0,3})?").prop_map(|(before, each, after)| {
        let digits = "12025550142".bytes().zip(each).map(|(digit, (zero, gap, encoded))| {
            let digit = char::from_u32(u32::from(zero) + u32::from(digit - b'0')).unwrap_or('0');
            let digit = digit.to_string();
            let digit = match encoded {
                "%" => digit.bytes().map(|b| format!("%{b:02X}")).collect(),
                "&#" => digit.chars().map(|c| format!("&#{};", u32::from(c))).collect(),
                _ => digit,
            };
            format!("{digit}{gap}")
        });
        format!("{before}{}{after}", digits.collect::<String>())
    })
}

#[test]
fn the_numbers_that_a_name_may_hold() {
    assert_eq!(candidates("SIP/02025550187-0000001f"), [2_025_550_187]);
    assert_eq!(candidates("2025 550 187"), [2_025_550, 2_025_550_187]);
    assert!(candidates("agent-1042").is_empty());
}

proptest! {
    #[test]
    fn no_spelling_of_a_known_number_stays(text in prop_oneof![spelled(&NEAR), spelled(&ANY)]) {
        let persons = Numbers::of([&Number::trusted("+12025550142")]);
        let known = Known { persons: &[&persons], ..Known::default() };
        for rule in [Rule::Id, Rule::Text] {
            let left = masked(&text, rule, known);
            prop_assert!(!read_off(&left).contains("5550142"), "{} of {}", left, text);
            prop_assert_eq!(&masked(&left, rule, known), &left, "masking again hides no more");
        }
        prop_assert!(replaced(&text, &persons, |_| "x".to_owned()).is_some(), "{}", text);
    }

    #[test]
    fn of_free_text_the_numbers_of_nobody_known_go_too(
        before in prop::sample::select(vec!["", "time: ", "\"started_at\":", "ts=", "2026-11-29 10:00:", "20261129T"]),
        text in spelled(&NEAR),
    ) {
        let text = format!("{before}{text}");
        let open = masked(&text, Rule::Text, Known::default());
        prop_assert!(!read_off(&open).contains("5550142"), "{} of {}", open, text);
    }

    #[test]
    fn of_what_stands_behind_a_times_name_a_known_number_goes_and_a_time_stays(
        name in prop::sample::select(vec!["time: ", "\"started_at\":", "eventtime=", "not a time: `"]),
        (epoch, milliseconds) in (1_500_000_000..1_999_999_999_i64, prop::option::of(0..1_000_i64)),
        (hours, quarters, sign) in (0..15_u8, 0..4_u8, prop::sample::select(vec!['+', '-'])),
        fraction in 0..1_000_000_u32,
    ) {
        let epoch = milliseconds.map_or_else(|| epoch.to_string(), |ms| format!("{epoch}{ms:03}"));
        let offset = format!("{sign}{hours:02}:{:02}", quarters * 15);
        let told = format!("2026-11-29T10:00:00.{fraction:06}{offset}");
        for text in [format!("{name}{epoch}"), format!("{name}{told}"), format!("{name}{}", told.replace("00:00.", "00:59."))] {
            prop_assert_eq!(masked(&text, Rule::Text, Known::default()), text.as_str());
        }
        let persons = Numbers::of([&Number::trusted(format!("+{epoch}"))]);
        let known = Known { persons: &[&persons], ..Known::default() };
        let left = masked(&format!("{name}{epoch}"), Rule::Text, known).into_owned();
        prop_assert!(!read_off(&left).contains(&epoch[epoch.len() - 7..]), "{}", left);
    }

    #[test]
    fn behind_a_plus_it_goes_whatever_stands_between_its_groups(
        sign in prop::sample::select(vec![":", ",", ";", "|", "="]),
        cuts in prop::collection::btree_set(1..7_usize, 1..5),
    ) {
        let mut text = "+".to_owned();
        for (at, digit) in "12025550142".chars().enumerate() {
            text.push_str(if cuts.contains(&at) { sign } else { "" });
            text.push(digit);
        }
        for rule in [Rule::Id, Rule::Text] {
            prop_assert_eq!(masked(&text, rule, Known::default()), format!("+{MARK}"), "{}", text);
        }
    }

    #[test]
    fn times_and_lists_of_figures_stay(
        (hour, minute, second) in (0..24_u8, 0..60_u8, 0..60_u8),
        figures in prop::collection::vec(100..100_000_u32, 1..8),
    ) {
        let clock = format!("{hour:02}:{minute:02}:{second:02}");
        let list = figures.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        for text in [clock.clone(), format!("{clock}.123456"), format!("from {clock} to {clock}"), format!("seen {list}")] {
            prop_assert_eq!(masked(&text, Rule::Text, Known::default()), text.as_str());
        }
    }

    #[test]
    fn nothing_panics(text in ".{0,80}") {
        for rule in [Rule::Id, Rule::Text] {
            let _ = masked(&text, rule, Known::default());
        }
    }
}
