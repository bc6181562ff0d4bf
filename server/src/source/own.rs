//! Which telephone numbers are the floor's own (its DIDs); every other is a person's.
//!
//! Own is what the configuration names (`dids`) and what people from outside call. Where nothing is configured, so is
//! what a call shows that has nobody from outside behind it: a dialer's call, not one that is passed on, which shows the
//! number of the caller. A number once seen as a person's is not taken for the floor's by that, and one that was taken for
//! it is not any more as soon as it is dialled. (A test call to a number of the floor's own comes in again, and makes it that
//! anew.)

use super::lately::Lately;
use super::pattern::Pattern;
use app::domain::{Number, Party};

/// Most numbers remembered as the floor's own: those of the design load, twice.
const MOST_OWN: usize = 10_000;
/// Most numbers remembered as persons'.
const MOST_PERSONS: usize = 20_000;

#[derive(Debug)]
pub struct OwnNumbers {
    configured: Vec<Pattern>,
    /// Called from outside.
    called: Lately<Number>,
    /// Only shown.
    shown: Lately<Number>,
    persons: Lately<Number>,
}

/// Who is behind a call that shows a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// Only the dialer and telephones of the house.
    TheFloor,
    /// Somebody from outside, whose number it may be.
    Somebody,
}

impl OwnNumbers {
    pub fn new(configured: Vec<Pattern>) -> Self {
        let (called, shown) = (Lately::new(MOST_OWN), Lately::new(MOST_OWN));
        Self { configured, called, shown, persons: Lately::new(MOST_PERSONS) }
    }

    fn is_configured(&self, number: &Number) -> bool {
        self.configured.iter().any(|pattern| pattern.fits(number.reveal()))
    }

    /// Whether an end of a call is a number that the configuration names.
    pub fn is_configured_party(&self, party: &Party) -> bool {
        party.number().is_some_and(|number| self.is_configured(number))
    }

    /// Somebody from outside called this number.
    pub fn called(&mut self, number: &Number) {
        self.called.add(number.clone());
    }

    /// A person's number: it was called by us, or called us.
    pub fn person(&mut self, number: &Number) {
        if !self.called.has(number) && !self.is_configured(number) {
            self.shown.remove(number);
            self.persons.add(number.clone());
        }
    }

    /// Whether a number that a call shows is the floor's.
    pub fn is_shown(&mut self, number: &Number, behind: Behind) -> bool {
        if self.called.has(number) || self.shown.has(number) || self.is_configured(number) {
            return true;
        }
        let ours = self.configured.is_empty() && behind == Behind::TheFloor && !self.persons.has(number);
        if ours {
            self.shown.add(number.clone());
        }
        ours
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn numbers(configured: &[&str]) -> OwnNumbers {
        OwnNumbers::new(serde_json::from_value(serde_json::json!(configured)).unwrap())
    }

    fn number(text: &str) -> Number {
        Number::new(text).unwrap()
    }

    #[test]
    fn what_a_dialer_shows_is_own_and_what_a_passed_on_call_shows_is_not() {
        let mut numbers = numbers(&[]);
        assert!(numbers.is_shown(&number("+12025550199"), Behind::TheFloor));
        assert!(!numbers.is_shown(&number("+442079460018"), Behind::Somebody));
        // Once known, it is own whoever is behind: a forwarded call may show it.
        assert!(numbers.is_shown(&number("+12025550199"), Behind::Somebody));
        numbers.called(&number("+12025550198"));
        assert!(numbers.is_shown(&number("+12025550198"), Behind::Somebody));
    }

    #[test]
    fn a_person_who_is_called_back_does_not_become_the_floors() {
        let mut numbers = numbers(&[]);
        numbers.person(&number("+442079460018"));
        assert!(!numbers.is_shown(&number("+442079460018"), Behind::TheFloor));
    }

    #[test]
    fn a_number_that_was_shown_and_is_then_called_is_a_persons_until_somebody_calls_it() {
        let mut numbers = numbers(&[]);
        assert!(numbers.is_shown(&number("+12025550199"), Behind::TheFloor));
        numbers.person(&number("+12025550199"));
        assert!(!numbers.is_shown(&number("+12025550199"), Behind::TheFloor));
        // A test call to one of the floor's own numbers comes in again, and takes nothing away from then on.
        numbers.called(&number("+12025550199"));
        numbers.person(&number("+12025550199"));
        assert!(numbers.is_shown(&number("+12025550199"), Behind::Somebody));
    }

    #[test]
    fn a_number_that_is_configured_stays_the_floors_when_it_is_called() {
        let mut numbers = numbers(&["+12025550199"]);
        numbers.person(&number("+12025550199"));
        assert!(numbers.is_shown(&number("+12025550199"), Behind::Somebody));
    }

    #[test]
    fn where_numbers_are_configured_no_other_is_taken_for_own() {
        let mut numbers = numbers(&["+1202555*"]);
        assert!(numbers.is_shown(&number("+12025550199"), Behind::Somebody));
        assert!(!numbers.is_shown(&number("+442079460018"), Behind::TheFloor));
    }
}
