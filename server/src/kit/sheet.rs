//! Texts on their way into a spreadsheet: quoted, and never a formula.
//!
//! A text that begins like a formula, or like one to some program (full-width signs, blanks or line ends before it, the
//! bar of older links), is led by an apostrophe. What could be taken for the end of a cell by a program that parts cells
//! otherwise is within quotes.

use std::borrow::Cow;

/// What formulas begin with, also as East Asian keyboards write it.
const SIGNS: [char; 9] = ['=', '+', '-', '@', '|', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
/// Seen by nobody, and skipped by some.
const UNSEEN: [char; 5] = ['\u{feff}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}'];

/// The text as no spreadsheet runs it.
#[must_use]
pub fn harmless(text: &str) -> Cow<'_, str> {
    let blank = |c: char| c.is_whitespace() || c.is_control() || UNSEEN.contains(&c);
    let begins_blank = text.starts_with(|c: char| c.is_control() || UNSEEN.contains(&c));
    if begins_blank || text.trim_start_matches(blank).starts_with(SIGNS) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Writes a cell of CSV (RFC 4180).
pub fn put(out: &mut String, cell: &str) {
    let plain = |c: char| c.is_alphanumeric() || " _.:/()%+-".contains(c);
    if cell.chars().all(plain) && !cell.starts_with(' ') && !cell.ends_with(' ') {
        out.push_str(cell);
        return;
    }
    out.push('"');
    out.push_str(&cell.replace('"', "\"\""));
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_led_by_an_apostrophe() {
        for text in [
            "=1+1",
            "+12025550142",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            " =1",
            "\u{a0}=1",
            "\u{feff}=1",
            "\u{200b}=1",
            "|calc",
            "\u{ff1d}1",
            "\u{ff0b}1",
            "\u{ff0d}1",
            "\u{ff20}x",
            "\0x",
        ] {
            assert_eq!(harmless(text), format!("'{text}"), "{text:?}");
        }
        for text in ["", "solar-west", "a=b", "1.5", "Ann Example", "…"] {
            assert_eq!(harmless(text), text);
        }
    }

    #[test]
    fn what_could_end_a_cell_is_within_quotes() {
        let put = |cell: &str| {
            let mut out = String::new();
            put(&mut out, cell);
            out
        };
        for cell in ["a;=1", "a,b", "a\n=1", "a\tb", "a|b", "'=1", " a", "a "] {
            assert_eq!(put(cell), format!("\"{cell}\""), "{cell:?}");
        }
        assert_eq!(put("a \"b\""), "\"a \"\"b\"\"\"");
        assert_eq!((put("solar-west").as_str(), put("-1.5").as_str(), put("").as_str()), ("solar-west", "-1.5", ""));
    }
}
