//! Names as people write them for many at once: `trunk_*`, `+1202555*`.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A name in which `*` stands for any text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pattern(SmolStr);

impl From<&str> for Pattern {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl Pattern {
    #[must_use]
    pub fn fits(&self, text: &str) -> bool {
        fits(&self.0, text)
    }
}

/// Whether a text is one that a pattern means.
pub fn fits(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(head) else { return false };
    let (between, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in between.split('*') {
        let Some(at) = text.find(part) else { return false };
        text = &text[at + part.len()..];
    }
    text.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_by_its_fixed_parts_in_their_order() {
        for (pattern, text, fit) in [
            ("trunk_*", "trunk_2", true),
            ("trunk_*", "trunk_", true),
            ("*_eu_*1", "a_eu_b_eu_1", true),
            ("*", "", true),
            ("trunk", "trunk_2", false),
            ("trunk_*", "my-trunk_2", false),
            ("a*a", "a", false),
            ("*_eu_*1", "a_us_1", false),
        ] {
            assert_eq!(fits(pattern, text), fit, "{pattern} {text}");
        }
    }
}
