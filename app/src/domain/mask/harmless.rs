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
        (&[stamp], []) => is_stamp(stamp) || (is_epoch(stamp) && names_a_time(before)),
        (&[one, two, three], &[gap, other]) if gap == other => is_date([one, two, three], gap),
        // A time follows, whose colon ends the run.
        (&[one, two, three, hour], &[gap, other, " "]) if gap == other => {
            is_date([one, two, three], gap) && hour.len() <= 2 && after.starts_with(':')
        }
        // `10:00:00.123456+00:00`, and the same without the colon.
        (&[second, _, offset], &[".", sign]) => {
            second.len() == 2 && follows_a_minute(before) && is_offset(sign, offset, after)
        }
        // `20261129T100000+0000`.
        (&[clock, offset], &[sign]) if follows_a_date(before) => is_clock(clock) && is_offset(sign, offset, after),
        (&[seconds, fraction], &["."]) if is_epoch(seconds) => is_unique_id(seconds, fraction) || names_a_time(before),
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

/// Seconds or milliseconds since 1970, from 2017 on and until 2033.
fn is_epoch(digits: &str) -> bool {
    let is_of_now = digits.starts_with('1') && digits[1..].starts_with(['5', '6', '7', '8', '9']);
    is_of_now && matches!(digits.len(), 10 | 13)
}

/// Whether what stands before says that a time follows: `"started_at": `, `not a time: \``. Without such a word the same ten digits
/// may be somebody's number.
fn names_a_time(before: &str) -> bool {
    const WORDS: [&str; 8] = ["time", "timestamp", "ts", "epoch", "eventtime", "starttime", "endtime", "calldate"];
    let is_of_a_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let signs: &[char] = &[' ', '\t', '"', '\'', '`', ':', '=', '\\'];
    let named = before.trim_end_matches(signs);
    // Words alone, without a sign, say nothing of what follows.
    if !before[named.len()..].contains([':', '=']) {
        return false;
    }
    let word = named.rsplit(|c| !is_of_a_word(c)).next().unwrap_or_default().to_ascii_lowercase();
    WORDS.contains(&word.as_str()) || ["_at", "_time", "_ts", "_ms"].iter().any(|end| word.ends_with(end))
}

/// Whether two digits and their colon stand before, and the hour before them: `10:00:`.
fn follows_a_minute(before: &str) -> bool {
    let last: Vec<char> = before.chars().rev().take(6).collect();
    let is_digit = |at: usize, most: char| last.get(at).is_some_and(|c| ('0'..=most).contains(c));
    let is_colon = |at: usize| last.get(at) == Some(&':');
    is_colon(0) && is_digit(1, '9') && is_digit(2, '5') && is_colon(3) && is_digit(4, '9') && is_digit(5, '2')
}

/// Whether a date without signs stands before, and the `T` of ISO 8601.
fn follows_a_date(before: &str) -> bool {
    before.strip_suffix('T').and_then(|date| date.get(date.len().checked_sub(8)?..)).is_some_and(is_stamp)
}

/// `100000`.
fn is_clock(digits: &str) -> bool {
    let part =
        |at: usize, most: u8| digits.get(at..at + 2).is_some_and(|two| two.parse::<u8>().is_ok_and(|n| n <= most));
    digits.len() == 6 && part(0, 23) && part(2, 59) && part(4, 60)
}

/// How far a zone is from UTC: `+00`, `+0530`, and of `+05:30` what stands before the colon.
fn is_offset(sign: &str, digits: &str, after: &str) -> bool {
    let hour = digits.get(..2).is_some_and(|hour| hour.parse::<u8>().is_ok_and(|hour| hour <= 14));
    let minute = match digits.len() {
        2 => after.is_empty() || !after.starts_with(|c: char| c.is_ascii_digit()),
        4 => matches!(&digits[2..], "00" | "15" | "30" | "45"),
        _ => false,
    };
    matches!(sign.trim_start(), "+" | "-" | "−") && hour && minute
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
