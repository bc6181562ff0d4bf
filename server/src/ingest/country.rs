//! Which country a number is of, by libphonenumber's tables. Done at the door, in the caller's task.
//!
//! The tables' own library reads a number of any shape, by expressions that it shares behind a lock. What reaches us is
//! E.164 already, so most numbers are placed here by the same tables and rules (`Places`); the few shapes that those
//! rules rewrite first go to the library. That both say the same is a property below, but for one kind: of a national number
//! that begins with a zero of its own (Italy's lines) the library looks at the rest alone, and finds no country.

use app::domain::{Call, Country, LastWrite, Number};
use phonenumber::metadata::{DATABASE, Descriptor, Metadata};
use regex::bytes::{Regex, RegexBuilder};
use std::cell::OnceCell;

/// Digits of the longest calling code.
const LONGEST_CODE: usize = 3;
const CODES: usize = 1_000;
/// National numbers shorter than this are left to the library, which knows what is too short.
const SHORTEST: usize = 5;

thread_local! {
    /// Of each thread its own: an expression that threads share lends out its scratch memory behind a lock.
    static PLACES: Places = Places::new();
}

/// The country of a number; `ZZ` where it can't be placed.
#[must_use]
pub fn of(number: &Number) -> Country {
    PLACES.with(|places| places.find(number.reveal())).unwrap_or_else(|| by_library(number))
}

/// The digits of a number without its calling code; `None` where there is no such code.
pub(super) fn national(number: &Number) -> Option<&str> {
    PLACES.with(|places| places.parted(number.reveal()).map(|(_, national)| national))
}

fn by_library(number: &Number) -> Country {
    phonenumber::parse(None, number.reveal())
        .ok()
        .and_then(|number| number.country().id())
        .and_then(|id| Country::new(id.as_ref()).ok())
        .unwrap_or(Country::UNKNOWN)
}

/// By calling code its regions, in the order in which they are asked; none where there is no such code.
struct Places(Vec<Vec<Place>>);

impl Places {
    fn new() -> Self {
        let mut places: Vec<Vec<Place>> = Vec::new();
        places.resize_with(CODES, Vec::new);
        for code in DATABASE.iter().map(Metadata::country_code) {
            let of_code = DATABASE.by_code(&code).unwrap_or_default();
            let regions = of_code.into_iter().map(|of| Place { of, region: OnceCell::new() });
            if let Some(place) = places.get_mut(usize::from(code)) {
                *place = regions.collect();
            }
        }
        Self(places)
    }

    /// The regions of a number's calling code, and what follows that.
    fn parted<'n>(&self, number: &'n str) -> Option<(&Vec<Place>, &'n str)> {
        let digits = number.strip_prefix('+')?;
        // No calling code is the beginning of another.
        (1..=LONGEST_CODE).find_map(|length| {
            let (code, national) = digits.split_at_checked(length)?;
            let places = self.0.get(code.parse::<usize>().ok()?)?;
            (!places.is_empty()).then_some((places, national))
        })
    }

    /// The country of an E.164 number; `None` where that is for the library to say.
    fn find(&self, number: &str) -> Option<Country> {
        let (places, national) = self.parted(number)?;
        let national = national.as_bytes();
        if national.len() < SHORTEST {
            return None;
        }
        if national[0] == b'0' {
            return places.iter().filter_map(Place::region).find(|region| region.takes.has(national))?.country;
        }
        if let [only] = places.as_slice() {
            return only.region()?.country_of(national);
        }
        for place in places {
            let region = place.region()?;
            if region.takes.has(national) {
                return region.country_of(national);
            }
        }
        Some(Country::UNKNOWN)
    }
}

/// A region of the tables, and its expressions, compiled when first used.
struct Place {
    of: &'static Metadata,
    region: OnceCell<Option<Region>>,
}

impl Place {
    /// `None` where the library's expressions are not ours to read.
    fn region(&self) -> Option<&Region> {
        self.region.get_or_init(|| Region::compile(self.of)).as_ref()
    }
}

/// One region's share of a calling code.
struct Region {
    /// `None` for codes of no country, which are left to the library.
    country: Option<Country>,
    takes: Takes,
    /// What a national number begins with that the library strips or replaces.
    rewritten: Option<Regex>,
    stripped: Option<&'static [u8]>,
}

impl Region {
    fn compile(of: &'static Metadata) -> Option<Self> {
        let takes = match of.leading_digits() {
            Some(digits) => Takes::LeadingDigits(begins(digits.as_str())?),
            None => Takes::Kinds(Kinds::compile(of)?),
        };
        let rewritten = match of.national_prefix_for_parsing() {
            Some(prefix) => Some(begins(prefix.as_str())?),
            None => None,
        };
        let stripped = of.national_prefix().map(str::as_bytes);
        Some(Self { country: Country::new(of.id()).ok(), takes, rewritten, stripped })
    }

    /// Its country for a number that is its; `None` where the library changes the number first.
    fn country_of(&self, national: &[u8]) -> Option<Country> {
        let rewritten = self.rewritten.as_ref().is_some_and(|prefix| prefix.is_match(national));
        let stripped = self.stripped.is_some_and(|prefix| national.starts_with(prefix));
        if rewritten || stripped { None } else { self.country }
    }
}

/// Which national numbers are a region's, where several share a calling code.
enum Takes {
    LeadingDigits(Regex),
    Kinds(Kinds),
}

impl Takes {
    fn has(&self, national: &[u8]) -> bool {
        match self {
            Self::LeadingDigits(digits) => digits.is_match(national),
            Self::Kinds(kinds) => kinds.general.has(national) && kinds.any_of.iter().any(|form| form.has(national)),
        }
    }
}

/// Numbers of a general form that are of one of some kinds, too.
struct Kinds {
    general: Form,
    any_of: Vec<Form>,
}

impl Kinds {
    fn compile(of: &Metadata) -> Option<Self> {
        let all = of.descriptors();
        // The frequent first.
        let kinds = [
            all.fixed_line(),
            all.mobile(),
            all.toll_free(),
            all.voip(),
            all.premium_rate(),
            all.shared_cost(),
            all.personal_number(),
            all.pager(),
            all.uan(),
            all.voicemail(),
        ];
        let any_of = kinds.into_iter().flatten().map(Form::compile).collect::<Option<_>>()?;
        Some(Self { general: Form::compile(all.general())?, any_of })
    }
}

/// A form of national numbers.
struct Form {
    /// None where any length goes.
    lengths: Vec<u16>,
    begins: Regex,
}

impl Form {
    fn compile(of: &Descriptor) -> Option<Self> {
        Some(Self { lengths: of.possible_length().to_vec(), begins: begins(of.national_number().as_str())? })
    }

    fn has(&self, national: &[u8]) -> bool {
        let length_goes = self.lengths.is_empty() || self.lengths.iter().any(|n| usize::from(*n) == national.len());
        length_goes && self.begins.is_match(national)
    }
}

/// The tables' expressions hold at the beginning; blanks in them mean nothing, and digits are ASCII.
fn begins(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(&format!("^(?:{pattern})")).ignore_whitespace(true).unicode(false).build().ok()
}

/// A number and where it was found to be, so that nobody looks twice.
#[derive(Debug, Clone, Default)]
pub struct Found {
    number: Option<Number>,
    country: Option<Country>,
}

impl Found {
    /// The far end of what one event tells, looked up.
    #[must_use]
    pub fn told(told: &Call) -> Self {
        let number = told.far_end().cloned();
        Self { country: number.as_ref().map(of), number }
    }

    /// The far end of a call as it was noted.
    #[must_use]
    pub fn noted(call: &Call) -> Self {
        Self { number: call.far_end().cloned(), country: call.placed_in.value() }
    }
}

/// The country of a call's far end, told when its number was: it follows from the number that the merge has left, whatever
/// was told of others. Looked up where it is none of those that have been found.
#[must_use]
pub fn placed(call: &Call, found: &[Found]) -> LastWrite<Country> {
    let Some(far) = call.far_end() else { return LastWrite::default() };
    let told = if call.is_outbound() { &call.to } else { &call.from };
    let known = found.iter().find(|found| found.number.as_ref() == Some(far)).and_then(|found| found.country);
    let country = known.unwrap_or_else(|| of(far));
    told.stamp().map_or_else(LastWrite::default, |at| LastWrite::at(country, at))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_placed_by_the_tables() {
        for (number, country) in [
            ("+12025550142", "US"),
            ("+16045550142", "CA"),
            ("+442079460018", "GB"),
            ("+6591234567", "SG"),
            ("+390612345678", "IT"),
            ("+390289012345", "IT"),
            ("+393331234567", "IT"),
            ("+390669812345", "VA"),
            ("+2250102030405", "CI"),
            ("+999123", "ZZ"),
        ] {
            assert_eq!(of(&Number::new(number).unwrap()).as_str(), country, "{number}");
        }
    }

    fn begins_with_zero(number: &Number) -> bool {
        national(number).is_some_and(|national| national.starts_with('0'))
    }

    /// Examples that the tables give, of every kind and region, with their last digits altered.
    #[test]
    fn all_regions_are_placed_as_the_library_places_them() {
        let mut ours = 0;
        let mut all = 0;
        for of in DATABASE.iter() {
            let d = of.descriptors();
            let kinds = [d.fixed_line(), d.mobile(), d.toll_free(), d.premium_rate(), d.voip(), d.uan(), d.pager()];
            for example in kinds.into_iter().flatten().filter_map(Descriptor::example) {
                for altered in 0..10 {
                    let kept = example.len().saturating_sub(altered);
                    let tail: String = example[kept..].bytes().map(|b| char::from(b'0' + (b + 3) % 10)).collect();
                    let text = format!("+{}{}{tail}", of.country_code(), &example[..kept]);
                    let Some(number) = Number::new(&text).ok().filter(|number| !begins_with_zero(number)) else {
                        continue;
                    };
                    all += 1;
                    if let Some(found) = PLACES.with(|places| places.find(&text)) {
                        ours += 1;
                        assert_eq!(found, by_library(&number), "{text}");
                    }
                }
            }
        }
        assert!(all > 5_000 && ours * 10 > all * 7, "{ours} of {all}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3_000))]
        #[test]
        fn any_number_is_placed_as_the_library_places_it(digits in "1[2-9][0-9]{9}|[1-9][0-9]{1,14}") {
            let number = Number::new(&format!("+{digits}")).unwrap();
            prop_assume!(!begins_with_zero(&number));
            prop_assert_eq!(of(&number), by_library(&number));
        }
    }
}
