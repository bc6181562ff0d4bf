//! Telephone numbers as dialled, normalised at the door (contract.md, "Numbers").
//!
//! A field of a PBX that ought to hold a number holds whatever was dialled: a number with or without its country, behind
//! the digit that takes an outside line, with an extension after it, a service code, an extension, a SIP address, or the
//! word that stands for a caller who shows none. [`read`] says which; only a number ever becomes one.

use app::domain::phone::{Party, plain};
use app::domain::{Country, Number};
use phonenumber::PhoneNumber;
use phonenumber::country::Id;
use phonenumber::metadata::DATABASE;
use std::str::FromStr;

/// What a dialled text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dialled {
    Number(Number),
    /// A service of the network: 911, 112, 988.
    ShortCode,
    /// A telephone of the house: fewer digits than a number of the country has.
    Extension,
    /// The caller shows none.
    Withheld,
    /// Nothing of the kind: a name, a feature code, a SIP address without a number.
    Nothing,
}

impl Dialled {
    #[must_use]
    pub fn number(self) -> Option<Number> {
        match self {
            Self::Number(number) => Some(number),
            Self::ShortCode | Self::Extension | Self::Withheld | Self::Nothing => None,
        }
    }

    /// As an end of a call is told.
    #[must_use]
    pub fn party(self) -> Option<Party> {
        match self {
            Self::Number(number) => Some(Party::Number(number)),
            Self::Withheld => Some(Party::Withheld),
            Self::ShortCode | Self::Extension | Self::Nothing => None,
        }
    }
}

/// Fewest digits of a subscriber's number; what is shorter is an extension or a service.
const FEWEST_DIGITS: usize = 7;
/// Fewest digits of a number that is dialled with its country's code and no prefix before that: what is shorter may as well
/// be an extension.
const FEWEST_ABROAD: usize = 9;
/// Most digits of a number (ITU-T E.164), with an international prefix before it.
const MOST_DIGITS: usize = 20;
/// Words that stand where a caller's number would.
const WITHHELD: [&str; 8] =
    ["anonymous", "unknown", "<unknown>", "restricted", "private", "unavailable", "withheld", "asterisk"];
/// Emergency and service codes that are the same in many countries; in North America also each N11.
const SERVICES: [&str; 9] = ["112", "999", "988", "000", "110", "119", "101", "111", "116"];
/// What takes an outside line before a national number.
const OUTSIDE_LINE: char = '9';

/// Reads what was dialled in `country`; `prefix` is what a carrier wants before a number.
#[must_use]
pub fn read(text: &str, prefix: Option<&str>, country: Option<Country>) -> Dialled {
    let text = address(text.trim());
    if text.is_empty() || WITHHELD.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return if text.is_empty() { Dialled::Nothing } else { Dialled::Withheld };
    }
    let text = prefix.and_then(|prefix| text.strip_prefix(prefix)).unwrap_or(text);
    let number = plain(text);
    if number.starts_with('+') {
        return Number::new(&number).map_or(Dialled::Nothing, Dialled::Number);
    }
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Dialled::Nothing;
    }
    match number.len() {
        ..FEWEST_DIGITS => short(&number),
        FEWEST_DIGITS..=MOST_DIGITS => country.map_or(Dialled::Nothing, |country| subscriber(&number, country)),
        _ => Dialled::Nothing,
    }
}

/// The user's part of a SIP or tel address, else the text as it is.
fn address(text: &str) -> &str {
    let scheme = text
        .split_once(':')
        .filter(|(scheme, _)| ["sip", "sips", "tel"].contains(&scheme.to_ascii_lowercase().as_str()));
    scheme.map_or(text, |(_, rest)| rest.split(['@', ';', '?']).next().unwrap_or_default())
}

fn short(digits: &str) -> Dialled {
    let is_n11 = matches!(digits.as_bytes(), [b'2'..=b'9', b'1', b'1']);
    if is_n11 || SERVICES.contains(&digits) { Dialled::ShortCode } else { Dialled::Extension }
}

/// Digits as one dials them in a country; the first reading that its numbering plan, or another country's, allows.
fn subscriber(digits: &str, country: Country) -> Dialled {
    let Ok(region) = Id::from_str(country.as_str()) else { return Dialled::Nothing };
    let inside = |digits: &str| phonenumber::parse(Some(region), digits).ok();
    let valid = |number: &PhoneNumber| phonenumber::is_valid(number);
    let national = inside(digits).filter(valid);
    // A national number behind an outside line; else, a country's code dialled without its prefix.
    let outside = || digits.strip_prefix(OUTSIDE_LINE).and_then(inside).filter(valid);
    let abroad = || {
        let long = Some(digits).filter(|digits| digits.len() >= FEWEST_ABROAD)?;
        phonenumber::parse(None, format!("+{long}")).ok().filter(valid)
    };
    if let Some(known) = national.or_else(outside).or_else(abroad) {
        return e164(&known);
    }
    // What no plan knows (new ranges, tests) is taken as dialled here, if it is as long as numbers are here.
    match inside(digits) {
        Some(unknown) if is_as_long_as_one(&unknown, region) => e164(&unknown),
        Some(unknown) if is_shorter_than_one(&unknown, region) => Dialled::Extension,
        Some(_) | None => Dialled::Nothing,
    }
}

fn e164(number: &PhoneNumber) -> Dialled {
    let text = number.format().mode(phonenumber::Mode::E164).to_string();
    Number::new(&text).map_or(Dialled::Nothing, Dialled::Number)
}

/// Of a number's digits without its country's code and what is dialled before it.
fn length(number: &PhoneNumber) -> u16 {
    u16::try_from(number.national().to_string().len()).unwrap_or(u16::MAX)
}

/// The lengths of a country's numbers; not those that are dialled within a town alone.
fn lengths(region: Id) -> &'static [u16] {
    DATABASE.by_id(region.as_ref()).map_or(&[], |plan| plan.descriptors().general().possible_length())
}

fn is_as_long_as_one(number: &PhoneNumber, region: Id) -> bool {
    lengths(region).contains(&length(number))
}

fn is_shorter_than_one(number: &PhoneNumber, region: Id) -> bool {
    lengths(region).iter().all(|possible| length(number) < *possible)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn us(text: &str) -> Dialled {
        read(text, None, Country::new("US").ok())
    }

    fn e164(text: &str) -> Dialled {
        Dialled::Number(Number::new(text).unwrap())
    }

    #[test]
    fn numbers_are_read_as_one_dials_them_in_the_country() {
        for text in
            ["12025550142", "2025550142", "+12025550142", "+1 (202) 555-0142", "202-555-0142", "sip:+12025550142@c"]
        {
            assert_eq!(us(text), e164("+12025550142"), "{text}");
        }
        assert_eq!(us("011442079460018"), e164("+442079460018"));
        assert_eq!(read("2025550142", None, None), Dialled::Nothing);
        assert_eq!(read("+442079460018", None, None), e164("+442079460018"));
        assert_eq!(read("991#2025550142", Some("991#"), Country::new("US").ok()), e164("+12025550142"));
        assert_eq!(read("02079460018", None, Country::new("GB").ok()), e164("+442079460018"));
    }

    #[test]
    fn what_is_dialled_before_and_after_a_number_is_no_part_of_it() {
        assert_eq!(us("442079460018*123"), e164("+442079460018"), "a country's code without its prefix");
        assert_eq!(us("912025550142"), e164("+12025550142"), "an outside line");
        assert_eq!(us("92025550142"), e164("+12025550142"));
        assert_eq!(us("12025550142,,3#"), e164("+12025550142"));
    }

    #[test]
    fn only_a_number_becomes_one() {
        assert_eq!(
            (us("911"), us("112"), us("1042"), us("100")),
            (Dialled::ShortCode, Dialled::ShortCode, Dialled::Extension, Dialled::Extension)
        );
        assert_eq!(
            (us("Anonymous"), us("unknown"), us("<unknown>")),
            (Dialled::Withheld, Dialled::Withheld, Dialled::Withheld)
        );
        // Seven digits tell no area: a telephone of the house, or one in the same town.
        assert_eq!(
            (us("5551042"), us("95551042"), us("3541234")),
            (Dialled::Extension, Dialled::Extension, Dialled::Extension)
        );
        assert_eq!(read("5551042", None, Country::new("IS").ok()), e164("+3545551042"), "where numbers have seven");
        assert_eq!(read("5551042", None, None), Dialled::Nothing);
        for text in ["", "s", "sales", "*98", "sip:alice@example.org", "123456789012345678901", "20255501x2"] {
            assert_eq!(us(text), Dialled::Nothing, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics_and_only_seven_digits_make_a_number(text in "[0-9+*#(). a-z:@-]{0,24}") {
            if let Dialled::Number(number) = us(&text) {
                let told = text.bytes().filter(u8::is_ascii_digit).count();
                proptest::prop_assert!(told >= 2 && number.reveal().starts_with('+'));
            }
        }
    }
}
