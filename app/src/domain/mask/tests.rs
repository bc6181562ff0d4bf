use super::*;
use proptest::prelude::*;

const PERSON: &str = "+442079460018";

fn without_person(text: &str, rule: Rule) -> String {
    let persons = Numbers::of([&Number::trusted(PERSON)]);
    masked(text, rule, Known { persons: &[&persons], own: None }).into_owned()
}

fn hidden(text: &str, rule: Rule) -> String {
    masked(text, rule, Known::default()).into_owned()
}

/// The digits of a text as anybody can read them off, whatever stands between.
fn read_off(text: &str) -> String {
    runs(text).iter().map(Run::digits).collect::<Vec<_>>().join("")
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
    assert_eq!(hidden("Solar West 2026, 12000 leads", Rule::Title), "Solar West 2026, 12000 leads");
    assert_eq!(hidden("back to 2025550142", Rule::Title), "back to ••••");
}

#[test]
fn the_floors_own_number_stays() {
    let own = Numbers::of([&Number::trusted("+18005550199")]);
    let known = Known { persons: &[], own: Some(&own) };
    assert_eq!(masked("Inbound +1 800 555-0199", Rule::Title, known), "Inbound +1 800 555-0199");
    assert_eq!(masked("Inbound +1 800 555-0198", Rule::Title, known), "Inbound +••••");
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

/// What may stand before, between and after the digits of a number.
fn spelled() -> impl Strategy<Value = String> {
    let zero = prop::sample::select(vec!['0', '０', '٠', '०', '𝟎', '₀']);
    let gap = prop::sample::select(vec![
        "", "", "", " ", "-", "_", "·", ".", "\u{a0}", "\u{200b}", "%20", "/", ") (", "%C2%B7",
    ]);
    let encoded = prop::bool::weighted(0.2);
    let each = prop::collection::vec((zero, gap, encoded), 11);
    ("[a-z]{0,4}[/_@:-]?", each, "([a-z@:][a-z0-9]{0,3})?").prop_map(|(before, each, after)| {
        let digits = "12025550142".bytes().zip(each).map(|(digit, (zero, gap, encoded))| {
            let digit = char::from_u32(u32::from(zero) + u32::from(digit - b'0')).unwrap_or('0');
            let digit = digit.to_string();
            let digit = if encoded { digit.bytes().map(|b| format!("%{b:02X}")).collect() } else { digit };
            format!("{digit}{gap}")
        });
        format!("{before}{}{after}", digits.collect::<String>())
    })
}

proptest! {
    #[test]
    fn no_spelling_of_a_known_number_stays(text in spelled()) {
        let persons = Numbers::of([&Number::trusted("+12025550142")]);
        let known = Known { persons: &[&persons], own: None };
        for rule in [Rule::Id, Rule::Title, Rule::Text] {
            let left = masked(&text, rule, known);
            prop_assert!(!read_off(&left).contains("5550142"), "{} of {}", left, text);
            prop_assert_eq!(&masked(&left, rule, known), &left, "masking again hides no more");
        }
        let open = masked(&text, Rule::Text, Known::default());
        prop_assert!(!read_off(&open).contains("5550142"), "{} of {}", open, text);
    }

    #[test]
    fn nothing_panics(text in ".{0,80}") {
        for rule in [Rule::Id, Rule::Title, Rule::Text] {
            let _ = masked(&text, rule, Known::default());
        }
    }
}
