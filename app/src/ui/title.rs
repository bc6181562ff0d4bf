//! What the browser's tab calls the page, as the reader goes from one to another.

use super::app::Here;
use super::pages::Place;
use leptos::prelude::*;

/// A page by its name; a campaign tells its own ([`of_campaign`]).
pub fn follow(here: Here) {
    Effect::new(move |_| match here.place.get() {
        place @ (Place::Page(_) | Place::Day(_) | Place::Days(_) | Place::Nothing) => set(place.title()),
        Place::Campaign(_) => {}
    });
}

/// A campaign is called by its name, once that is known, and as long as the reader is there.
pub fn of_campaign(here: Here, id: String, name: impl Fn() -> String + 'static) {
    let place = Place::Campaign(id);
    Effect::new(move |_| {
        let name = name();
        if !name.is_empty() && here.place.with(|now| *now == place) {
            set(&name);
        }
    });
}

/// As the document has it.
#[must_use]
pub fn of(name: &str) -> String {
    format!("{name} · Ringside")
}

#[cfg(feature = "hydrate")]
fn set(name: &str) {
    document().set_title(&of(name));
}

#[cfg(not(feature = "hydrate"))]
fn set(_name: &str) {}
