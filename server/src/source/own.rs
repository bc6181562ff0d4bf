//! Which telephone numbers are the floor's own (its DIDs); every other is a person's.
//!
//! Own is what is configured (`dids`, `--did`), and what people from outside call. That a call shows a number proves nothing:
//! it may be the number of somebody who is passed on, or of who is dialled or calls next; and what was told of a call stays
//! told, in the store too. So nothing that is learned later makes a person of what was the floor's.

use super::lately::Lately;
use super::pattern::Pattern;
use app::domain::{Number, Party};

/// Most numbers remembered as called: those of the design load, twice.
const MOST_CALLED: usize = 10_000;

#[derive(Debug)]
pub struct OwnNumbers {
    configured: Vec<Pattern>,
    /// Called from outside.
    called: Lately<Number>,
}

impl OwnNumbers {
    pub fn new(configured: Vec<Pattern>) -> Self {
        Self { configured, called: Lately::new(MOST_CALLED) }
    }

    /// Somebody from outside called this number.
    pub fn called(&mut self, number: &Number) {
        self.called.add(number.clone());
    }

    /// Whether a number is the floor's.
    pub fn has(&self, number: &Number) -> bool {
        self.called.has(number) || self.configured.iter().any(|pattern| pattern.fits(number.reveal()))
    }

    /// Whether an end of a call is one.
    pub fn has_party(&self, party: &Party) -> bool {
        party.number().is_some_and(|number| self.has(number))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::new(text).unwrap()
    }

    #[test]
    fn own_is_what_is_configured_or_called_and_nothing_else() {
        let mut numbers = OwnNumbers::new(serde_json::from_value(serde_json::json!(["+1202555*"])).unwrap());
        assert!(numbers.has(&number("+12025550199")));
        assert!(!numbers.has(&number("+442079460018")));
        numbers.called(&number("+442079460018"));
        assert!(numbers.has(&number("+442079460018")));
        assert!(!numbers.has_party(&Party::from(number("+442079460019"))));
    }
}
