//! Digits that stand together in a text: of all scripts, escaped or not, with whatever separates groups of them.

use super::meant::{Unit, layers};
use super::{E164, MARK};
use std::ops::Range;

/// Characters between two digits of one number at most: `) - (`, or a few that have no width.
const MAX_GAP: usize = 5;
/// A `+` after so many digits begins another number; before, it may be a space of a form.
const WHOLE: usize = 8;
/// Digits of the longest number, with what is dialled before it.
const LONGEST: usize = 17;
/// A number of seven digits, without leading zeros.
const FEWEST: u64 = 1_000_000;
/// So many single digits, each behind a sign that parts fields, may be one number; fewer are a place or a port.
const SINGLES: usize = 3;
/// So many short groups with the same sign between them are no time of a clock.
const CHAIN: usize = 5;
/// Digits of a short group: of an hour, a minute, an octet.
const SHORT: usize = 2;
/// So many groups of a number are longer than any part of a time.
const LONG_GROUPS: usize = 2;
/// Digits of a number behind colons; fewer are a list of figures.
const BEHIND_COLONS: std::ops::RangeInclusive<usize> = 10..=15;
/// Digits between the commas of a count.
const THOUSANDS: usize = 3;

/// One digit: its value, and where it stands.
#[derive(Debug, Clone)]
struct Digit {
    value: u8,
    bytes: Range<usize>,
}

/// What stands between two groups of digits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Link {
    /// What people write between the digits of one number.
    #[default]
    Near,
    /// A sign that parts the fields of a text.
    Parted,
    /// A letter, or too much.
    Apart,
}

/// Digits with nothing between them.
#[derive(Debug, Clone, Default)]
struct Group {
    link: Link,
    gap: String,
    /// Whether a `+` stands before.
    plus: bool,
    digits: Vec<Digit>,
}

/// Digits that may be one number, at least one.
#[derive(Debug, Clone, Default)]
pub(super) struct Run {
    /// Whether a `+` stands before.
    pub(super) plus: bool,
    groups: Vec<Group>,
}

impl Run {
    fn all(&self) -> impl Iterator<Item = &Digit> {
        self.groups.iter().flat_map(|group| &group.digits)
    }

    fn len(&self) -> usize {
        self.groups.iter().map(|group| group.digits.len()).sum()
    }

    pub(super) fn digits(&self) -> String {
        self.all().map(|digit| char::from(b'0' + digit.value)).collect()
    }

    /// The bytes that some of the digits take, with what stands between them.
    pub(super) fn bytes(&self, digits: Range<usize>) -> Range<usize> {
        let start = self.all().nth(digits.start).map_or(0, |digit| digit.bytes.start);
        let last = digits.end.checked_sub(1).and_then(|last| self.all().nth(last));
        start..last.map_or(start, |digit| digit.bytes.end)
    }

    /// How many digits there are up to the end of each group.
    pub(super) fn ends(&self) -> impl Iterator<Item = usize> + '_ {
        self.groups.iter().scan(0, |end, group| {
            *end += group.digits.len();
            Some(*end)
        })
    }

    /// The digits of each stretch of groups that is as long as a telephone number, without leading zeros.
    pub(super) fn numbers(&self) -> Vec<u64> {
        let mut numbers = Vec::new();
        for from in 0..self.groups.len() {
            let (mut number, mut digits) = (0, 0);
            for digit in self.groups[from..].iter().map(|group| &group.digits) {
                digits += digit.len();
                if digits > LONGEST {
                    break;
                }
                number = digit.iter().fold(number, |number, digit| number * 10 + u64::from(digit.value));
                if number >= FEWEST {
                    numbers.push(number);
                }
            }
        }
        numbers
    }

    /// The groups of digits, each with what separates it from the one before.
    pub(super) fn groups(&self) -> Vec<(String, String)> {
        let digits = |group: &Group| group.digits.iter().map(|digit| char::from(b'0' + digit.value)).collect();
        self.groups.iter().map(|group| (group.gap.clone(), digits(group))).collect()
    }
}

/// The runs of a text.
#[derive(Debug, Default)]
pub(super) struct Runs {
    /// As a reader would take them: a sign that parts fields ends one, unless it stands between single digits.
    pub(super) near: Vec<Run>,
    /// Through all signs: what is looked for in them must be long, or it stands there by chance.
    pub(super) through: Vec<Run>,
}

/// Finds all runs of digits, in the text as it stands and below its escapes.
pub(super) fn runs(text: &str) -> Runs {
    let mut runs = Runs::default();
    for units in layers(text) {
        let groups = groups(&units);
        let chained = chained(&groups);
        if groups.iter().any(|group| group.link == Link::Parted) {
            runs.through.extend(joined(&groups, |_| true));
        }
        runs.near.extend(joined(&groups, |at| chained[at]));
    }
    runs
}

fn groups(units: &[Unit]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut next = Group { link: Link::Apart, ..Group::default() };
    for unit in units {
        if let Some(value) = digit(unit.is) {
            let begins = groups.is_empty() || next.link != Link::Near || !next.gap.is_empty();
            if begins {
                // What was hidden before parts what stands around it.
                if next.gap.contains(MARK) {
                    next.link = Link::Apart;
                }
                groups.push(std::mem::take(&mut next));
            }
            if let Some(group) = groups.last_mut() {
                group.digits.push(Digit { value, bytes: unit.start..unit.end });
            }
            continue;
        }
        next.plus = (next.plus && separates(unit.is)) || is_plus(unit.is);
        next.gap.push(unit.is);
        if unit.is.is_alphanumeric() {
            next.link = Link::Apart;
        } else if parts(unit.is) && next.link == Link::Near {
            next.link = Link::Parted;
        }
    }
    groups
}

/// Which groups belong to the one before though a sign that parts fields stands between: single digits (`2:0:2:5`), chains
/// of short groups, which are longer than any time or list of two, and groups that are written as those of a number are.
fn chained(groups: &[Group]) -> Vec<bool> {
    let mut chained = vec![false; groups.len()];
    chain(groups, 1, SINGLES, |_, _| true, &mut chained);
    chain(groups, SHORT, CHAIN, |group, before| group.gap == before.gap, &mut chained);
    let mut first = 0;
    for at in 1..=groups.len() {
        let alike = |group: &Group| at == first + 1 || group.gap == groups[at - 1].gap;
        let goes_on = groups.get(at).is_some_and(|group| group.link == Link::Parted && !group.plus && alike(group));
        if !goes_on {
            // An address of a machine leaves out what is zero (`2001:4860:4860::8888`).
            let is_an_address = groups.get(at).is_some_and(|group| group.gap.contains("::"));
            if !is_an_address && is_written_so(&groups[first..at]) {
                chained[first + 1..at].fill(true);
            }
            first = at;
        }
    }
    chained
}

/// Whether groups with one sign between them are written as a number is: a `+` before, and not the commas of a count; or
/// colons, and groups too long for a time. Behind commas without a `+` they can't be told from a list of figures.
fn is_written_so(groups: &[Group]) -> bool {
    let [first, rest @ ..] = groups else { return false };
    let Some(sign) = rest.first().map(|group| group.gap.as_str()) else { return false };
    let digits = groups.iter().map(|group| group.digits.len()).sum();
    if first.plus {
        let count = first.digits.len() <= THOUSANDS && rest.iter().all(|group| group.digits.len() == THOUSANDS);
        return first.digits.len() < WHOLE && E164.contains(&digits) && !count;
    }
    let long = groups.iter().filter(|group| group.digits.len() > SHORT).count();
    sign == ":" && rest.len() >= LONG_GROUPS && long >= LONG_GROUPS && BEHIND_COLONS.contains(&digits)
}

/// Marks the links of chains of at least so many groups, each of at most so many digits.
fn chain(
    groups: &[Group],
    most_digits: usize,
    fewest: usize,
    alike: impl Fn(&Group, &Group) -> bool,
    chained: &mut [bool],
) {
    let short = |group: &Group| group.digits.len() <= most_digits;
    let mut first = 0;
    for at in 1..=groups.len() {
        let before = &groups[at - 1];
        let goes_on = groups.get(at).is_some_and(|group| {
            let alike = at == first + 1 || alike(group, before);
            group.link == Link::Parted && short(before) && short(group) && alike
        });
        if !goes_on {
            if at - first >= fewest {
                chained[first + 1..at].fill(true);
            }
            first = at;
        }
    }
}

/// The groups as runs; `through` says of which the sign before it is looked through, where that parts fields.
fn joined(groups: &[Group], through: impl Fn(usize) -> bool) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (at, group) in groups.iter().enumerate() {
        let near = match group.link {
            Link::Near => true,
            Link::Parted => through(at),
            Link::Apart => false,
        };
        match runs.last_mut() {
            Some(run) if near && group.gap.chars().count() <= MAX_GAP && !(group.plus && run.len() >= WHOLE) => {
                run.groups.push(group.clone());
            }
            Some(_) | None => runs.push(Run { plus: group.plus, groups: vec![group.clone()] }),
        }
    }
    runs
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

/// What may stand between two digits of one number.
fn separates(c: char) -> bool {
    !c.is_alphanumeric() && !parts(c)
}

/// Signs that part the fields of a text.
const fn parts(c: char) -> bool {
    matches!(c, ',' | ';' | ':' | '"' | '`' | '{' | '}' | '<' | '>' | '=' | '&' | '?' | '@' | '#' | '|')
}
