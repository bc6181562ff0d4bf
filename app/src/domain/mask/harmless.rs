//! Digits of free text that are no telephone number: dates, times, fractions, addresses of machines, UUIDs.

use super::runs::Run;

/// A fraction of fewer digits is one; with more, it may be a number with a dot in it.
const FRACTION: usize = 10;

pub(super) fn is_harmless(run: &Run, text: &str) -> bool {
    let groups = run.groups();
    let parts: Vec<&str> = groups.iter().map(|(_, digits)| digits.as_str()).collect();
    let gaps: Vec<&str> = groups.iter().skip(1).map(|(gap, _)| gap.as_str()).collect();
    let bytes = run.bytes(0..run.digits().len());
    let (before, after) = (text[..bytes.start].chars().next_back(), text[bytes.end..].chars().next());
    match (&*parts, &*gaps) {
        (&[day], []) if day.len() == 8 => is_date(&day[..4], &day[4..6], &day[6..]),
        (&[year, month, day], &[one, other]) if one == other => matches!(one, "-" | "/") && is_date(year, month, day),
        // A time follows, whose colon ends the run.
        (&[year, month, day, hour], &["-" | "/", "-" | "/", " "]) => {
            is_date(year, month, day) && hour.len() == 2 && after == Some(':')
        }
        (&[_, _, _, _], &[".", ".", "."]) => parts.iter().all(|part| is_octet(part)),
        (&[seconds, fraction], &["."]) => {
            is_unique_id(seconds, fraction)
                || (before == Some(':') && seconds.len() == 2)
                || seconds.len() + fraction.len() < FRACTION
        }
        _ => in_uuid(text, bytes.start),
    }
}

fn is_date(year: &str, month: &str, day: &str) -> bool {
    let within = |part: &str, most: u8| part.len() == 2 && part.parse::<u8>().is_ok_and(|n| (1..=most).contains(&n));
    year.len() == 4 && (year.starts_with("19") || year.starts_with("20")) && within(month, 12) && within(day, 31)
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
