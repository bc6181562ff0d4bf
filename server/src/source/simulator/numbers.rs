//! Phone numbers that belong to nobody.
//!
//! # Source
//! Numbers set aside for stories: NANPA (555-0100 to 555-0199 in each area), Ofcom (drama numbers), Arcep (decision
//! 2009-0637 and its successors), ACMA (fictitious numbers). The Philippines set none aside; those made here are of
//! their plan's shape, and nothing ever dials them.

use app::domain::Number;

/// Whose numbering plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Plan {
    UnitedStates,
    Canada,
    UnitedKingdom,
    France,
    Australia,
    Philippines,
}

const US_AREAS: [u16; 20] =
    [202, 206, 212, 213, 214, 303, 305, 312, 404, 415, 503, 512, 602, 617, 619, 702, 713, 801, 813, 901];
const CA_AREAS: [u16; 6] = [403, 416, 514, 604, 613, 902];
/// Each with the thousand numbers that end it.
const UK_BLOCKS: [&str; 14] = [
    "7700900", "2079460", "1134960", "1144960", "1154960", "1164960", "1174960", "1184960", "1214960", "1314960",
    "1414960", "1514960", "1614960", "1914980",
];
/// Each with the ten thousand numbers that end it.
const FR_BLOCKS: [&str; 6] = ["19900", "26191", "35301", "46571", "53649", "63998"];

impl Plan {
    /// ISO 3166-1 alpha-2.
    #[must_use]
    pub const fn country(self) -> &'static str {
        match self {
            Self::UnitedStates => "US",
            Self::Canada => "CA",
            Self::UnitedKingdom => "GB",
            Self::France => "FR",
            Self::Australia => "AU",
            Self::Philippines => "PH",
        }
    }

    /// The `n`-th number of the plan; they come round again after a few thousand.
    #[must_use]
    pub fn number(self, n: u64) -> Number {
        let at = |len: usize| usize::try_from(n % len as u64).unwrap_or_default();
        let text = match self {
            Self::UnitedStates => format!("+1{}55501{:02}", US_AREAS[at(20)], n / 20 % 100),
            Self::Canada => format!("+1{}55501{:02}", CA_AREAS[at(6)], n / 6 % 100),
            Self::UnitedKingdom => format!("+44{}{:03}", UK_BLOCKS[at(14)], n / 14 % 1_000),
            Self::France => format!("+33{}{:04}", FR_BLOCKS[at(6)], n / 6 % 10_000),
            Self::Australia => format!("+6125550{:04}", n % 10_000),
            Self::Philippines => format!("+6328555{:04}", n % 10_000),
        };
        Number::trusted(text)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_e164() {
        use Plan::*;
        for plan in [UnitedStates, Canada, UnitedKingdom, France, Australia, Philippines] {
            for n in [0, 1, 7, 19, 999, 123_456_789] {
                Number::new(plan.number(n).reveal()).unwrap();
            }
        }
        assert_eq!(UnitedStates.number(21).reveal(), "+12065550101");
        assert_eq!(UnitedKingdom.number(15).reveal(), "+442079460001");
    }
}
