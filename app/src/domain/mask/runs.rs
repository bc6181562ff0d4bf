//! Digits that stand together in a text: of all scripts, percent-encoded or not, with whatever separates groups of them.

use std::ops::Range;

/// Characters between two digits of one number at most: `) - (`, or a few that have no width.
const MAX_GAP: usize = 5;
/// A `+` after so many digits begins another number; before, it may be a space of a form.
const WHOLE: usize = 8;

/// One character as it is meant, and the bytes that it takes in the text.
#[derive(Debug, Clone, Copy)]
struct Unit {
    is: char,
    start: usize,
    end: usize,
}

/// One digit: its value, where it stands, and what separates it from the digit before.
#[derive(Debug, Clone)]
struct Digit {
    value: u8,
    bytes: Range<usize>,
    gap: String,
}

/// Digits that may be one number, at least one.
#[derive(Debug, Clone, Default)]
pub(super) struct Run {
    /// Whether a `+` stands before.
    pub(super) plus: bool,
    found: Vec<Digit>,
}

impl Run {
    pub(super) fn digits(&self) -> String {
        self.found.iter().map(|digit| char::from(b'0' + digit.value)).collect()
    }

    /// The bytes that some of the digits take, with what stands between them.
    pub(super) fn bytes(&self, digits: Range<usize>) -> Range<usize> {
        let start = self.found.get(digits.start).map_or(0, |digit| digit.bytes.start);
        let last = digits.end.checked_sub(1).and_then(|last| self.found.get(last));
        start..last.map_or(start, |digit| digit.bytes.end)
    }

    /// How many digits there are up to the end of each group.
    pub(super) fn ends(&self) -> impl Iterator<Item = usize> + '_ {
        (1..=self.found.len()).filter(|end| self.found.get(*end).is_none_or(|next| !next.gap.is_empty()))
    }

    /// The groups of digits, each with what separates it from the one before.
    pub(super) fn groups(&self) -> Vec<(String, String)> {
        let mut groups: Vec<(String, String)> = Vec::new();
        for digit in &self.found {
            let value = char::from(b'0' + digit.value);
            match groups.last_mut() {
                Some((_, group)) if digit.gap.is_empty() => group.push(value),
                Some(_) | None => groups.push((digit.gap.clone(), value.to_string())),
            }
        }
        groups
    }
}

/// Finds all runs of digits.
pub(super) fn runs(text: &str) -> Vec<Run> {
    let mut all: Vec<Run> = Vec::new();
    let mut run = Run::default();
    // What stands since the last digit, and whether a `+` is in it.
    let (mut gap, mut plus) = (String::new(), false);
    let mut at = 0;
    while at < text.len() {
        let unit = unit(text, at);
        at = unit.end;
        if let Some(value) = digit(unit.is) {
            let begins = run.found.is_empty() || gap.chars().count() > MAX_GAP || (plus && run.found.len() >= WHOLE);
            if begins {
                all.push(std::mem::replace(&mut run, Run { plus, found: Vec::new() }));
                gap.clear();
            }
            run.found.push(Digit { value, bytes: unit.start..unit.end, gap: std::mem::take(&mut gap) });
            plus = false;
        } else if is_plus(unit.is) {
            plus = true;
            gap.push('+');
        } else if separates(unit.is) {
            gap.push(unit.is);
        } else {
            all.push(std::mem::take(&mut run));
            gap.clear();
            plus = false;
        }
    }
    all.push(run);
    all.retain(|run| !run.found.is_empty());
    all
}

/// The character at a place, percent-encoding looked through, however often it was done.
fn unit(text: &str, start: usize) -> Unit {
    let plain = text[start..].chars().next().unwrap_or('\0');
    let as_it_stands = Unit { is: plain, start, end: start + plain.len_utf8().max(1) };
    if plain != '%' {
        return as_it_stands;
    }
    let (mut bytes, mut end) = (Vec::new(), start);
    while let Some((byte, next)) = encoded_byte(text, end) {
        bytes.push(byte);
        end = next;
        if let Ok(decoded) = std::str::from_utf8(&bytes) {
            return decoded.chars().next().map_or(as_it_stands, |is| Unit { is, start, end });
        }
        if bytes.len() == 4 {
            break;
        }
    }
    as_it_stands
}

/// `%2B`, or `%252B`, which is the same encoded again.
fn encoded_byte(text: &str, at: usize) -> Option<(u8, usize)> {
    let hex = |from: usize| {
        let pair = text.get(from..from + 2).filter(|pair| pair.bytes().all(|b| b.is_ascii_hexdigit()))?;
        u8::from_str_radix(pair, 16).ok()
    };
    let mut from = at + text.get(at..)?.strip_prefix('%').map(|_| 1)?;
    while text.get(from..from + 2) == Some("25") && hex(from + 2).is_some() {
        from += 2;
    }
    hex(from).map(|byte| (byte, from + 2))
}

/// Where the ten digits of each script begin.
///
/// # Source
/// Unicode 16, general category Nd, with the superscripts, subscripts and circled digits that look like them.
const ZEROS: [u32; 43] = [
    0x30, 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0,
    0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0x2070,
    0x2080, 0x245F, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xAA50, 0xFF10, 0x1_D7CE, 0x1_D7D8, 0x1_D7E2, 0x1_D7EC, 0x1_D7F6,
];

fn digit(c: char) -> Option<u8> {
    match c {
        '0'..='9' => u8::try_from(u32::from(c) - 0x30).ok(),
        _ if c.is_ascii() => None,
        '¹' => Some(1),
        '²' => Some(2),
        '³' => Some(3),
        '⓪' => Some(0),
        // Where a circled zero, and the superscripts 1 to 3, would stand.
        '\u{245F}' | '\u{2071}'..='\u{2073}' => None,
        _ => ZEROS.iter().find_map(|zero| u8::try_from(u32::from(c).checked_sub(*zero)?).ok().filter(|n| *n < 10)),
    }
}

const fn is_plus(c: char) -> bool {
    matches!(c, '+' | '＋' | '﹢' | '⁺' | '₊' | '➕')
}

/// What may stand between two digits of one number. Signs that part fields of a text are none.
fn separates(c: char) -> bool {
    !c.is_alphanumeric()
        && !matches!(c, ',' | ';' | ':' | '"' | '`' | '{' | '}' | '<' | '>' | '=' | '&' | '?' | '@' | '#' | '|')
}
