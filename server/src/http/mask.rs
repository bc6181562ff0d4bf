//! What hides far-end numbers in texts that sources wrote: a number is masked wherever it stands, not only in its field.

use super::error::NUMBER_DIGITS;
use app::domain::Number;

/// So many last digits tell a number, however it is written: with or without its country code or a leading zero.
const TELLING: usize = 7;

/// Which runs of digits go.
#[derive(Debug, Clone, Copy)]
pub enum Hide<'a> {
    /// Those that are the far end's number.
    FarEnd(Option<&'a Number>),
    /// All that are long enough to be a telephone number.
    AnyNumber,
}

/// The text without the numbers to hide. Spaces, dots, dashes and brackets within a number are looked through.
#[must_use]
pub fn masked(text: &str, hide: Hide<'_>) -> String {
    let far = match hide {
        Hide::FarEnd(None) => return text.to_owned(),
        Hide::FarEnd(Some(number)) => {
            let digits = number.reveal().trim_start_matches('+');
            Some(digits.get(digits.len().saturating_sub(TELLING)..).unwrap_or(digits).to_owned())
        }
        Hide::AnyNumber => None,
    };
    let goes = |digits: &str| match &far {
        Some(telling) => digits.contains(telling.as_str()),
        None => digits.len() >= NUMBER_DIGITS,
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        out.push_str(&rest[..start]);
        let run = &rest[start..];
        let end = run.find(|c: char| !(c.is_ascii_digit() || " .-()/".contains(c))).unwrap_or(run.len());
        let end = run[..end].rfind(|c: char| c.is_ascii_digit()).map_or(end, |last| last + 1);
        let digits: String = run[..end].chars().filter(char::is_ascii_digit).collect();
        out.push_str(if goes(&digits) { "••••" } else { &run[..end] });
        rest = &run[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_far_end_number_is_found_however_it_is_written() {
        let number = Number::trusted("+442079460018");
        let hide = Hide::FarEnd(Some(&number));
        for text in ["+442079460018", "tel:02079460018", "020 7946 0018", "(020) 7946-0018", "a/442079460018.wav"] {
            let hidden = masked(text, hide);
            assert!(hidden.contains("••••") && !hidden.contains("60018") && !hidden.contains("0018"), "{hidden}");
        }
        assert_eq!(masked("call 12 of 2026-11-21", hide), "call 12 of 2026-11-21");
        assert_eq!(masked("x", Hide::FarEnd(None)), "x");
    }

    #[test]
    fn any_number_goes_where_the_target_may_be_one() {
        assert_eq!(masked("+1 (202) 555-0142", Hide::AnyNumber), "+••••");
        assert_eq!(masked("queue-12", Hide::AnyNumber), "queue-12");
    }
}
