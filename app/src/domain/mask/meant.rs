//! The characters of a text as they are meant: escapes are looked through, however often something was escaped.

/// How often something may have been escaped: a URL in a form in a page.
const LAYERS: usize = 4;
/// Longest name of an HTML entity that is looked for; the longest there is has 31 letters.
const LONGEST_NAME: usize = 32;
/// Entities that browsers know without their `;`, and that people put between digits.
const WITHOUT_SEMICOLON: [&str; 2] = ["nbsp", "shy"];

/// One character, and the bytes that it takes in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) is: char,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The text as it stands, and as each layer of escapes leaves it.
///
/// All of them are looked at: what looks like an escape may be a sign between two digits (`202%5550142`).
pub(super) fn layers(text: &str) -> Vec<Vec<Unit>> {
    let plain = text.char_indices().map(|(start, is)| Unit { is, start, end: start + is.len_utf8() });
    let mut all = vec![plain.collect::<Vec<_>>()];
    while all.len() <= LAYERS {
        let Some(next) = all.last().filter(|last| last.iter().any(begins)).map(|last| without_escapes(last)) else {
            break;
        };
        if all.last().is_some_and(|last| last.len() == next.len()) {
            break;
        }
        all.push(next);
    }
    all
}

const fn begins(unit: &Unit) -> bool {
    matches!(unit.is, '%' | '&' | '\\')
}

fn without_escapes(units: &[Unit]) -> Vec<Unit> {
    let mut out = Vec::with_capacity(units.len());
    let mut rest = units;
    while let Some(first) = rest.first() {
        let (is, taken) = escape(rest).unwrap_or((first.is, 1));
        let (stretch, after) = rest.split_at(taken.min(rest.len()));
        out.push(Unit { is, start: first.start, end: stretch.last().map_or(first.end, |last| last.end) });
        rest = after;
    }
    out
}

/// What an escape at the begin stands for, and how many characters it has.
fn escape(units: &[Unit]) -> Option<(char, usize)> {
    match units.first()?.is {
        '%' => percent(units),
        '&' => entity(units),
        '\\' => backslash(units),
        _ => None,
    }
}

/// `%2B`, or several such of one character.
fn percent(units: &[Unit]) -> Option<(char, usize)> {
    let mut bytes = Vec::new();
    for escaped in units.chunks_exact(3).take(4) {
        let [sign, high, low] = escaped else { break };
        if sign.is != '%' {
            break;
        }
        bytes.push(u8::try_from(high.is.to_digit(16)? * 16 + low.is.to_digit(16)?).ok()?);
        if let Some(is) = std::str::from_utf8(&bytes).ok().and_then(|decoded| decoded.chars().next()) {
            return Some((is, bytes.len() * 3));
        }
    }
    None
}

/// `&#49;`, `&#x31;`, `&nbsp;`. An entity whose name says nothing here is some sign.
fn entity(units: &[Unit]) -> Option<(char, usize)> {
    let name: String =
        units.iter().skip(1).take(LONGEST_NAME).map(|unit| unit.is).take_while(|is| *is != ';').collect();
    if let Some(number) = name.strip_prefix('#') {
        let (radix, digits, lead) = match number.strip_prefix(['x', 'X']) {
            Some(digits) => (16, digits, 3),
            None => (10, number, 2),
        };
        let count = digits.chars().take_while(|digit| digit.is_digit(radix)).count();
        let is = u32::from_str_radix(digits.get(..count)?, radix).ok().and_then(char::from_u32)?;
        let semicolon = units.get(lead + count).is_some_and(|unit| unit.is == ';');
        return Some((is, lead + count + usize::from(semicolon)));
    }
    let closed = units.get(1 + name.chars().count()).is_some_and(|unit| unit.is == ';');
    if closed && !name.is_empty() && name.chars().all(|is| is.is_ascii_alphanumeric()) {
        return Some((named(&name), name.len() + 2));
    }
    let open = WITHOUT_SEMICOLON.iter().find(|known| name.starts_with(**known))?;
    Some((named(open), open.len() + 1))
}

/// The signs that matter to what stands around them.
fn named(entity: &str) -> char {
    match entity {
        "amp" => '&',
        "percnt" => '%',
        "bsol" => '\\',
        "num" => '#',
        "semi" => ';',
        "plus" => '+',
        "sup1" => '1',
        "sup2" => '2',
        "sup3" => '3',
        _ => char::REPLACEMENT_CHARACTER,
    }
}

/// `\u0031`, `\u{31}`, `\x31`.
fn backslash(units: &[Unit]) -> Option<(char, usize)> {
    let (from, most, closed) = match (units.get(1)?.is, units.get(2)?.is) {
        ('u', '{') => (3, 6, true),
        ('u', _) => (2, 4, false),
        ('x', _) => (2, 2, false),
        _ => return None,
    };
    let digits: String =
        units.iter().skip(from).map(|unit| unit.is).take_while(char::is_ascii_hexdigit).take(most).collect();
    let end = from + digits.len();
    let is_whole = if closed { units.get(end)?.is == '}' } else { digits.len() == most };
    let is = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32).filter(|_| is_whole)?;
    Some((is, end + usize::from(closed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(text: &str) -> String {
        layers(text).last().map(|units| units.iter().map(|unit| unit.is).collect()).unwrap_or_default()
    }

    #[test]
    fn escapes_are_looked_through() {
        for (text, plain) in [
            ("a%2Bb%C2%B7", "a+b·"),
            ("%252B", "+"),
            ("&#49;&#x32;&#51&plus;", "123+"),
            ("1&nbsp;2&nbsp3&amp;#52;", "1\u{fffd}2\u{fffd}34"),
            ("\\u0031\\x32\\u{33}", "123"),
            ("%26%2349%3B", "1"),
            ("5 % of x&y; R&D \\n &#; &#xZ; %zz %F", "5 % of x\u{fffd} R&D \\n &#; &#xZ; %zz %F"),
        ] {
            assert_eq!(meant(text), plain, "{text}");
        }
    }

    #[test]
    fn a_character_knows_its_bytes() {
        let layers = layers("é&#49;x");
        let units: Vec<(char, usize, usize)> =
            layers.last().into_iter().flatten().map(|unit| (unit.is, unit.start, unit.end)).collect();
        assert_eq!(units, [('é', 0, 2), ('1', 2, 7), ('x', 7, 8)]);
        assert_eq!(layers.len(), 2);
    }
}
