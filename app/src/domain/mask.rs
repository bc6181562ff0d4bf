//! What hides persons' numbers in texts that sources wrote, however the number is spelled there. Pure: whose numbers are
//! known is an argument.
//!
//! # The rule
//!
//! * **A known number goes from every text.** Known are the ends of calls but for the floor's own, and of the call that a
//!   text belongs to always. Digits of all scripts count, escapes (percent, HTML, backslash) are looked through, and so is
//!   whatever stands between the digits.
//! * **Of free text** (details, reasons, names and labels that somebody gave, what a stranger sent) all that could be a
//!   number goes: seven digits and more, and whom a SIP address names. Dates and times, shares, amounts of money, counts
//!   with commas, addresses of machines, UUIDs and a PBX's unique ids (`1792888200.3`) stay.
//! * **Groups of digits that a sign of fields parts** are one number where they are written as one: a `+` before
//!   (`+1,202,555,0142`), or colons and groups too long for a time (`202:555:0142`). Behind commas alone nothing tells them
//!   from a list of figures: they stay.
//! * **An id is a name**, and stays readable where it merely has digits: from it goes, beside known numbers, only a `+`
//!   with 8 to 15 digits. A name keeps digits that its own id shows.
//! * The floor's own numbers, proven so, stay.

mod addressed;
mod harmless;
mod meant;
mod runs;

use super::phone::Number;
use runs::{Run, Runs, runs};
use smol_str::SmolStr;
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

/// What stands in a hidden number's place.
pub const MARK: &str = "••••";

/// So many last digits tell a number, however it is written: with or without its country code or a leading zero.
const TELLING: usize = 7;
/// So many are a number within any other digits: national numbers are hardly shorter.
const NATIONAL: usize = 9;
/// Digits after a `+` that make a telephone number (ITU-T E.164: at most 15).
const E164: std::ops::RangeInclusive<usize> = 8..=15;

/// Which digits go, beside the known numbers of persons: see the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// An id is a name.
    Id,
    /// Free text.
    Text,
}

/// How sure it must be that digits are a number that is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Certainty {
    /// Its last digits suffice: they are only hidden.
    Likely,
    /// They are a whole number, or too many to stand there by chance.
    Sure,
}

/// Numbers by their last digits, to be found in a text.
#[derive(Debug, Clone, Default)]
pub struct Numbers(HashMap<SmolStr, SmolStr>);

impl Numbers {
    #[must_use]
    pub fn of<'n>(numbers: impl IntoIterator<Item = &'n Number>) -> Self {
        let mut known = Self::default();
        numbers.into_iter().for_each(|number| known.add(number));
        known
    }

    /// Takes a number in. One that is too short to be told from any other digits is not looked for.
    pub fn add(&mut self, number: &Number) {
        let digits = number.reveal().trim_start_matches('+');
        if let Some(tail) = digits.len().checked_sub(TELLING).and_then(|from| digits.get(from..)) {
            self.0.insert(SmolStr::new(tail), SmolStr::new(digits));
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether one of them stands in the text, in any spelling.
    #[must_use]
    pub fn stand_in(&self, text: &str) -> bool {
        !self.is_empty() && may_hold(text) && !self.standing(&runs(text), Certainty::Likely).is_empty()
    }

    /// Where they stand in a text. Through signs that part its fields they are found where that is sure.
    fn standing(&self, runs: &Runs, near: Certainty) -> Vec<Range<usize>> {
        let near = runs.near.iter().map(|run| (run, near));
        let through = runs.through.iter().map(|run| (run, Certainty::Sure));
        let in_run = |(run, certainty): (&Run, Certainty)| {
            let digits = run.digits();
            let whole = |place: &Range<usize>| {
                place.end == digits.len() && digits[..place.start].bytes().all(|digit| digit == b'0')
            };
            let found =
                |place: &Range<usize>| certainty == Certainty::Likely || place.len() >= NATIONAL || whole(place);
            self.places(&digits).filter(found).map(|place| run.bytes(place)).collect::<Vec<_>>()
        };
        near.chain(through).flat_map(in_run).collect()
    }

    /// Where they stand among digits.
    fn places<'d>(&'d self, digits: &'d str) -> impl Iterator<Item = Range<usize>> + 'd {
        let windows = 0..(digits.len() + 1).saturating_sub(TELLING);
        windows.filter_map(move |at| {
            let number = self.0.get(digits.get(at..at + TELLING)?)?;
            let before = number.bytes().rev().skip(TELLING).zip(digits[..at].bytes().rev());
            let same = before.take_while(|(known, there)| known == there).count();
            Some(at - same..at + TELLING)
        })
    }

    /// Whether a number is one of them, as its digits say.
    fn has(&self, digits: &str) -> bool {
        let tail = digits.len().checked_sub(TELLING).and_then(|from| digits.get(from..));
        tail.and_then(|tail| self.0.get(tail)).is_some_and(|known| known == digits)
    }
}

/// Whose numbers are known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// Persons': they go from every text.
    pub persons: &'a [&'a Numbers],
    /// Proven the floor's own: they stay.
    pub own: Option<&'a Numbers>,
    /// The id of what the text is the name of: digits that it shows are no secret.
    pub id: Option<&'a str>,
}

impl Known<'_> {
    /// Whether a run of digits stays although it could be a number.
    fn keep(&self, digits: &str) -> bool {
        let shown = |id: &str| runs(id).near.iter().any(|run| run.digits() == digits);
        self.own.is_some_and(|own| own.has(digits)) || self.id.is_some_and(shown)
    }
}

/// The text without the numbers that the rule hides and without those of persons.
#[must_use]
pub fn masked<'t>(text: &'t str, rule: Rule, known: Known<'_>) -> Cow<'t, str> {
    let hidden = hidden(text, rule, known);
    if hidden.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(put(text, hidden, |_| MARK.to_owned())) }
}

/// A name of a machine without what could be a number, of which the first digits and the last are left: it must still be told
/// from others of its kind.
#[must_use]
pub fn partly_masked(text: &str) -> String {
    put(text, hidden(text, Rule::Text, Known::default()), |spelled| Number::trusted(spelled).masked())
}

/// Which bytes go.
fn hidden(text: &str, rule: Rule, known: Known<'_>) -> Vec<Range<usize>> {
    let mut hidden = match rule {
        Rule::Id => Vec::new(),
        Rule::Text => addressed::persons(text),
    };
    if may_hold(text) {
        let runs = runs(text);
        for person in known.persons.iter().filter(|persons| !persons.is_empty()) {
            hidden.extend(person.standing(&runs, Certainty::Likely));
        }
        for run in &runs.near {
            let digits = run.digits();
            if let Some(place) = goes(run, &digits, rule, text).filter(|_| !known.keep(&digits)) {
                hidden.push(run.bytes(place));
            }
        }
    }
    hidden
}

/// Puts something else in the place of a number wherever it surely stands in a text, in any spelling (which `by` is given);
/// `None` where it does not. Its last digits alone, within more digits, may stand there by chance: then nothing is done.
pub fn replaced(text: &str, number: &Numbers, by: impl Fn(&str) -> String) -> Option<String> {
    if !may_hold(text) {
        return None;
    }
    let places = number.standing(&runs(text), Certainty::Sure);
    (!places.is_empty()).then(|| put(text, places, by))
}

/// Every number that a text may hold, by its digits without leading zeros: groups of digits that stand together.
#[must_use]
pub fn candidates(text: &str) -> Vec<u64> {
    if !may_hold(text) {
        return Vec::new();
    }
    let mut all: Vec<u64> = runs(text).near.iter().flat_map(Run::numbers).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Which of a run's digits the rule hides.
fn goes(run: &Run, digits: &str, rule: Rule, text: &str) -> Option<Range<usize>> {
    if run.plus && digits.len() >= *E164.start() {
        // What follows a whole number, such as a time, stays where it can be told from it.
        let end = run.ends().take_while(|end| *end <= *E164.end()).last().filter(|end| E164.contains(end));
        if rule == Rule::Id || digits.len() <= *E164.end() {
            return Some(0..end.unwrap_or(digits.len()));
        }
    }
    (rule == Rule::Text && digits.len() >= TELLING && !harmless::is_harmless(run, text)).then_some(0..digits.len())
}

/// A quick look: most names and texts have not digits enough.
#[must_use]
pub fn may_hold(text: &str) -> bool {
    let digits = text.bytes().filter(|b| b.is_ascii_digit() || *b == b'%' || !b.is_ascii()).count();
    digits >= TELLING
}

/// Puts something in the place of each stretch, of those that meet once.
fn put(text: &str, mut places: Vec<Range<usize>>, by: impl Fn(&str) -> String) -> String {
    places.sort_by_key(|place| (place.start, place.end));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for place in places {
        if place.start >= done {
            out.push_str(&text[done..place.start]);
            out.push_str(&by(&text[place.clone()]));
        }
        done = done.max(place.end);
    }
    out.push_str(&text[done..]);
    out
}

#[cfg(test)]
mod tests;
