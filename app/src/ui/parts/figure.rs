//! States and names as people read them: a band's colour, word and shape; numbers grouped; rows named.

use crate::kpi::Band;
use crate::kpi::format::kept;
pub use crate::view::place::anchor;
use leptos::prelude::*;
use std::sync::Arc;

/// A text that changes by itself, its numbers kept beside their units. One type for all of them: each closure of its own
/// would bring its own view code.
pub type Text = Box<dyn Fn() -> String + Send + Sync>;

pub fn text(of: impl Fn() -> String + Send + Sync + 'static) -> Text {
    Box::new(move || kept(of()))
}

/// The class of a band's colour; empty where there is nothing to say.
pub fn tone(band: Band) -> &'static str {
    match band {
        Band::None | Band::NoBaseline => "",
        Band::TooFew | Band::Unjudged => "few",
        Band::Ok => "ok",
        Band::Warn => "warn",
        Band::Critical => "crit",
    }
}

/// The state in a word, for those who do not see shape or colour.
pub fn word(band: Band) -> &'static str {
    match band {
        Band::None => "not judged",
        Band::TooFew => "too few calls to judge",
        Band::NoBaseline => "nothing to compare with yet",
        Band::Ok => "well",
        Band::Unjudged => "not judged: too many calls failed without a code that says why",
        Band::Warn => "out of band",
        Band::Critical => "critical",
    }
}

/// A band's shape (▲ ⬣ ✓ ○), drawn by the style so that every system shows the same. Always in the page, so that a
/// change of state changes an attribute and moves nothing.
pub fn shape(band: Arc<dyn Fn() -> Band + Send + Sync>) -> AnyView {
    let of = band.clone();
    let kind = text(move || format!("shape {}", tone(of())));
    let label = text(move || word(band()).to_owned());
    view! { <i class=kind role="img" aria-label=label></i> }.into_any()
}

/// The shape of a band that does not change.
pub fn still_shape(band: Band) -> AnyView {
    shape(Arc::new(move || band))
}

/// A number and its unit, so that the unit can be set smaller: `41.0 %` is `("41.0", "%")`.
pub fn split_unit(text: &str) -> (String, String) {
    match text.rsplit_once(' ') {
        Some((number, unit)) => (number.to_owned(), unit.to_owned()),
        None => (text.to_owned(), String::new()),
    }
}

/// E.164 in groups for reading: `+1 202 555 0142`, `+442079460018` as `+44 2079 460 018`.
pub fn grouped(number: &str) -> String {
    let digits = number.strip_prefix('+').unwrap_or(number);
    if !number.starts_with('+') || digits.len() < 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return number.to_owned();
    }
    if let Some(national) = digits.strip_prefix('1').filter(|rest| rest.len() == 10) {
        return format!("+1 {} {} {}", &national[..3], &national[3..6], &national[6..]);
    }
    let (country, rest) = digits.split_at(2);
    let tail = rest.len().saturating_sub(4);
    let (head, last) = rest.split_at(tail);
    let (area, middle) = head.split_at(head.len() / 2);
    format!("+{country} {area} {middle} {last}")
}

/// The name of a row as people read it: calls that name nothing are "none".
pub fn name_of(name: &str, key: &str) -> String {
    match (name, key) {
        ("", "") => "none".to_owned(),
        ("", key) => key.to_owned(),
        (name, _) => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_odd_ones_left_alone() {
        assert_eq!(grouped("+12025550142"), "+1 202 555 0142");
        assert_eq!(grouped("+442079460018"), "+44 207 946 0018");
        assert_eq!(grouped("none"), "none");
        assert_eq!(grouped("+1234"), "+1234");
    }
}
