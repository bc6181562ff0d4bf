//! Digits of free text that are no telephone number: dates, times, fractions, amounts of money, addresses of machines, UUIDs.

use super::runs::Run;

/// A fraction of fewer digits is one; with more, it may be a number with a dot in it.
const FRACTION: usize = 10;
/// Signs of currencies; beside them stands an amount.
const CURRENCIES: std::ops::RangeInclusive<char> = '\u{20A0}'..='\u{20C0}';

pub(super) fn is_harmless(run: &Run, text: &str) -> bool {
    let groups = run.groups();
    let parts: Vec<&str> = groups.iter().map(|(_, digits)| digits.as_str()).collect();
    let gaps: Vec<&str> = groups.iter().skip(1).map(|(gap, _)| gap.as_str()).collect();
    let bytes = run.bytes(0..run.digits().len());
    let (before, after) = (&text[..bytes.start], &text[bytes.end..]);
    if is_currency(before.trim_end().chars().next_back()) || is_currency(after.trim_start().chars().next()) {
        return true;
    }
    match (&*parts, &*gaps) {
        (&[stamp], []) => is_stamp(stamp),
        (&[one, two, three], &[gap, other]) if gap == other => is_date([one, two, three], gap),
        // A time follows, whose colon ends the run.
        (&[one, two, three, hour], &[gap, other, " "]) if gap == other => {
            is_date([one, two, three], gap) && hour.len() <= 2 && after.starts_with(':')
        }
        (&[_, _, _, _], &[".", ".", "."]) => parts.iter().all(|part| is_octet(part)),
        (&[seconds, fraction], &["."]) => {
            is_unique_id(seconds, fraction)
                || (before.ends_with(':') && seconds.len() == 2)
                || seconds.len() + fraction.len() < FRACTION
        }
        _ => in_uuid(text, bytes.start),
    }
}

fn is_currency(sign: Option<char>) -> bool {
    sign.is_some_and(|sign| matches!(sign, '$' | '£' | '¥' | '฿') || CURRENCIES.contains(&sign))
}

/// `20261129`, `20261129100000`.
fn is_stamp(digits: &str) -> bool {
    let two =
        |at: usize, most: u8| digits.get(at..at + 2).is_some_and(|part| part.parse::<u8>().is_ok_and(|n| n <= most));
    let time = digits.len() == 8 || (digits.len() == 14 && two(8, 23) && two(10, 59) && two(12, 59));
    time && digits.get(..4).is_some_and(is_year) && two(4, 12) && two(6, 31)
}

/// A date by its shape: the year first or last. One that there never was, a fault in a file, is one too.
fn is_date([one, two, three]: [&str; 3], gap: &str) -> bool {
    let short = |part: &str| part.len() <= 2;
    let year_first = is_year(one) && short(two) && short(three);
    let year_last = short(one) && short(two) && is_year(three);
    matches!(gap, "-" | "/" | ".") && (year_first || year_last)
}

fn is_year(part: &str) -> bool {
    part.len() == 4 && (part.starts_with("19") || part.starts_with("20"))
}

/// A PBX names calls by the second of their begin and a running number: `1792888200.3`.
fn is_unique_id(second: &str, running: &str) -> bool {
    second.len() == 10
        && second.starts_with('1')
        && second[1..].starts_with(['5', '6', '7', '8', '9'])
        && running.len() < 10
}

/// Of an IPv4 address.
fn is_octet(part: &str) -> bool {
    part.parse::<u8>().is_ok() && (part == "0" || !part.starts_with('0'))
}

/// Whether the place lies in a UUID, some letter of which tells it from a number.
fn in_uuid(text: &str, at: usize) -> bool {
    const LENGTH: usize = 36;
    (at.saturating_sub(LENGTH - 1)..=at).any(|from| text.get(from..from + LENGTH).is_some_and(is_uuid))
}

fn is_uuid(text: &str) -> bool {
    let parts = [8, 4, 4, 4, 12];
    text.split('-').map(str::len).eq(parts)
        && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
        && text.bytes().any(|b| b.is_ascii_alphabetic())
}
