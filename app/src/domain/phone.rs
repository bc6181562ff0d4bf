//! Phone numbers and countries.
//!
//! A number has no `Display` and a masked `Debug`: what leaves the server is [`Number::masked`], unless it is the
//! floor's own (a DID) or the viewer's role may see it. Deriving a country from a number needs libphonenumber's tables
//! and happens at the door (`server/src/ingest`).

use serde::{Deserialize, Deserializer, Serialize};
use smol_str::SmolStr;
use std::borrow::Cow;
use std::fmt;

/// An E.164 number with `+`: 2 to 15 digits, the first not 0.
///
/// # Source
/// ITU-T E.164 (at most fifteen digits).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Number(SmolStr);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an E.164 number with + (like +12025550142)")]
pub struct NumberError;

impl Number {
    /// # Errors
    /// If `text` is not `+` and 2 to 15 digits of which the first is not 0.
    pub fn new(text: &str) -> Result<Self, NumberError> {
        let digits = text.strip_prefix('+').ok_or(NumberError)?.as_bytes();
        let well_formed =
            (2..=15).contains(&digits.len()) && digits[0] != b'0' && digits.iter().all(u8::is_ascii_digit);
        if well_formed { Ok(Self(SmolStr::new(text))) } else { Err(NumberError) }
    }

    /// The same, as people write it: spaces, dots, hyphens and brackets are taken out, and what was dialled after the
    /// number (behind `*`, `#`, `;` or `,`) is left off.
    ///
    /// # Errors
    /// As [`Number::new`]; or if what is left, after something was left off, is too short to be somebody's number.
    pub fn read(text: &str) -> Result<Self, NumberError> {
        let number = Self::new(&plain(text))?;
        let is_whole = !text.contains(AFTER) || number.reveal().len() > FEWEST_DIGITS;
        is_whole.then_some(number).ok_or(NumberError)
    }

    /// Takes what the store holds, which was checked at the door.
    #[must_use]
    pub fn trusted(text: impl Into<SmolStr>) -> Self {
        Self(text.into())
    }

    /// The number in clear: for the store, for look-ups, and for the floor's own numbers.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// First three and last two characters, the rest as dots: `+44 •••• 34`.
    #[must_use]
    pub fn masked(&self) -> String {
        let text = self.0.as_str();
        let (head, tail) = (text.get(..3).unwrap_or("+"), text.get(text.len().saturating_sub(2)..).unwrap_or(""));
        if text.len() < 7 { "+••••".to_owned() } else { format!("{head} •••• {tail}") }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        super::ids::read_text(from, Self::read)
    }
}

/// What parts a number from what is dialled after it.
const AFTER: [char; 4] = ['*', '#', ';', ','];
/// Fewest digits of a whole number, with its country's.
const FEWEST_DIGITS: usize = 7;
/// How a trunk prefix is written within an international number, which is dialled without it (ITU-T E.123).
const TRUNK: &str = "(0)";

/// A dialled number without what people write between its digits, and without what they dial after it.
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    let number = text.split(AFTER).next().unwrap_or_default();
    if number.starts_with('+') && number.contains(TRUNK) {
        return Cow::Owned(plain(&number.replacen(TRUNK, "", 1)).into_owned());
    }
    let is_filler = |c: char| c.is_whitespace() || matches!(c, '.' | '-' | '\u{2010}'..='\u{2013}' | '(' | ')');
    if number.contains(is_filler) {
        Cow::Owned(number.chars().filter(|c| !is_filler(*c)).collect())
    } else {
        Cow::Borrowed(number)
    }
}

/// One end of a call, as an event tells it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    Number(Number),
    /// Not shown to us, or not known: `anonymous`, `unknown`.
    Withheld,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an E.164 number with + (like +12025550142), and neither \"anonymous\" nor \"unknown\"")]
pub struct PartyError;

impl Party {
    /// # Errors
    /// If it is neither a number nor one of the two words.
    pub fn read(text: &str) -> Result<Self, PartyError> {
        if ["anonymous", "unknown"].iter().any(|word| text.eq_ignore_ascii_case(word)) {
            return Ok(Self::Withheld);
        }
        Number::read(text).map(Self::Number).map_err(|_| PartyError)
    }

    #[must_use]
    pub const fn number(&self) -> Option<&Number> {
        match self {
            Self::Number(number) => Some(number),
            Self::Withheld => None,
        }
    }

    /// As it is told in an event; a number in clear.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.number().map_or("anonymous", Number::reveal)
    }
}

impl From<Number> for Party {
    fn from(number: Number) -> Self {
        Self::Number(number)
    }
}

impl Serialize for Party {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.reveal())
    }
}

impl<'de> Deserialize<'de> for Party {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        super::ids::read_text(from, Self::read)
    }
}

/// ISO 3166-1 alpha-2; `ZZ` where a number can't be placed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an ISO 3166-1 alpha-2 country (like US)")]
pub struct CountryError;

impl Country {
    pub const UNKNOWN: Self = Self(*b"ZZ");

    /// # Errors
    /// If `text` is not two ASCII capitals.
    pub fn new(text: &str) -> Result<Self, CountryError> {
        match text.as_bytes() {
            &[a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Ok(Self([a, b])),
            _ => Err(CountryError),
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("ZZ")
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Country {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        super::ids::read_text(from, Self::new)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_e164_is_a_number() {
        for bad in ["", "+", "+0123456", "12025550142", "+1 202", "+1234567890123456", "+1é"] {
            assert_eq!(Number::new(bad), Err(NumberError), "{bad}");
        }
        assert!(Number::new("+12025550142").is_ok());
    }

    #[test]
    fn a_number_is_read_as_people_write_it() {
        let read = |text| Number::read(text).map(|n| n.reveal().to_owned()).ok();
        for text in [
            "+1 (202) 555-0113",
            "+1.202.555.0113",
            "+12025550113*123",
            "+12025550113,,9#",
            "+1\u{a0}202–555–0113;ext=4",
        ] {
            assert_eq!(read(text).as_deref(), Some("+12025550113"), "{text}");
        }
        assert_eq!(read("+44 (0)20 7946 0018").as_deref(), Some("+442079460018"));
        for text in ["+34;688950008", "+1,2025550113", "2025550113", "+1 202 555 01x3", "*98", "", "+1_202_555_0113"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_withheld_end_is_no_error_and_no_number() {
        for word in ["anonymous", "Anonymous", "UNKNOWN"] {
            assert_eq!(Party::read(word), Ok(Party::Withheld), "{word}");
        }
        assert!(Party::read("1042").unwrap_err().to_string().contains("+12025550142"));
        assert!(Party::read("+12025550142").unwrap().number().is_some());
    }

    #[test]
    fn a_masked_number_keeps_no_more_than_five_characters() {
        assert_eq!(Number::trusted("+442079460018").masked(), "+44 •••• 18");
        assert_eq!(format!("{:?}", Number::trusted("+442079460018")), "+44 •••• 18");
        assert_eq!(Number::trusted("+123").masked(), "+••••");
    }
}
