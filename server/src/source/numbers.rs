//! Telephone numbers as dialled, normalised at the door.

use app::domain::{Country, Number};
use std::str::FromStr;

/// A number as dialled, as E.164: with `+` as it is, else read as one dials it in `country`; `prefix` is what a carrier
/// wants before it. `None` where it is no number, or the country is not known.
#[must_use]
pub fn number(text: &str, prefix: Option<&str>, country: Option<Country>) -> Option<Number> {
    let text = prefix.and_then(|p| text.strip_prefix(p)).unwrap_or(text);
    if text.starts_with('+') {
        return Number::new(text).ok();
    }
    let region = phonenumber::country::Id::from_str(country?.as_str()).ok()?;
    let read = phonenumber::parse(Some(region), text).ok()?;
    Number::new(&read.format().mode(phonenumber::Mode::E164).to_string()).ok()
}

/// Fewest digits of a subscriber's number; what is shorter is an extension or a service.
const FEWEST_DIGITS: usize = 7;

/// The same, of a field that may as well hold an extension or a name.
#[must_use]
pub fn subscriber(text: &str, prefix: Option<&str>, country: Option<Country>) -> Option<Number> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let telephonic = text.bytes().all(|b| b.is_ascii_digit() || b"+-. ()#*".contains(&b));
    if telephonic && digits >= FEWEST_DIGITS { number(text, prefix, country) } else { None }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn numbers_are_read_as_one_dials_them_in_the_country() {
        let us = Some(Country::new("US").unwrap());
        let read = |text, country| number(text, None, country).map(|n| n.reveal().to_owned());
        assert_eq!(read("12025550142", us).as_deref(), Some("+12025550142"));
        assert_eq!(read("2025550142", us).as_deref(), Some("+12025550142"));
        assert_eq!(read("011442079460018", us).as_deref(), Some("+442079460018"));
        assert_eq!(read("+442079460018", None).as_deref(), Some("+442079460018"));
        assert_eq!(read("2025550142", None), None);
        assert_eq!(read("anonymous", us), None);
        assert_eq!(number("991#2025550142", Some("991#"), us).unwrap().reveal(), "+12025550142");
    }

    #[test]
    fn an_extension_is_no_subscriber() {
        let us = Some(Country::new("US").unwrap());
        assert_eq!(
            (subscriber("1042", None, us), subscriber("sales", None, us), subscriber("s", None, us)),
            (None, None, None)
        );
        assert_eq!(subscriber("(202) 555-0142", None, us).unwrap().reveal(), "+12025550142");
    }
}
