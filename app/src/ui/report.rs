//! What a report shows: the frame of a page whose figures change every few minutes, asked for anew (`renew.rs`).
//!
//! A report of another day or of other days is the same page at another address: what it shows changes, and nothing of it is
//! made anew that stays.

use super::app::Here;
use super::feed::{Feed, Tense};
use super::kept::{Arrival, Came, First, Refused, Shows, top_of};
use super::links;
use super::pages::Place;
use super::renew::{self, Asked, When};
use crate::view::wire;
use leptos::prelude::*;
use std::sync::Arc;

/// How often figures of reports are made anew, in ms; they are asked for as often.
pub const EVERY_MS: i64 = 300_000;

/// How a report begins.
#[derive(Debug)]
pub struct Begun<F: 'static> {
    pub report: Report<F>,
    pub arrival: Arrival,
    /// In words, why there is nothing at the address of the document; empty where nothing was refused.
    pub refused: Arc<str>,
}

/// The page's frame. A handle: copies speak of the same.
#[derive(Debug)]
pub struct Report<F: 'static>(RwSignal<Option<Arc<F>>>);

impl<F> Clone for Report<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for Report<F> {}

impl<F: Shows> Report<F> {
    /// With what the page begins with, kept fresh as long as it is shown.
    pub fn of_this_page() -> Begun<F> {
        let (here, feed, first) = (expect_context::<Here>(), expect_context::<Feed>(), expect_context::<First>());
        let begun_at = here.place.get_untracked();
        let arrival = first.begin(Tense::Present, begun_at.renewal());
        let report = Self(RwSignal::new(None));
        let came = report.begin(feed, first, &begun_at);
        let refused = match arrival {
            Arrival::Document => expect_context::<Refused>().0,
            Arrival::InApp => Arc::default(),
        };
        let refused_at = (!refused.is_empty()).then_some(begun_at);
        report.keep_fresh(here, feed, first, came, refused_at);
        Begun { report, arrival, refused }
    }

    /// Shows what there is at once for the page at that place.
    fn begin(self, feed: Feed, first: First, place: &Place) -> Came {
        match first.take::<F>(place) {
            Some((frame, came)) => {
                feed.shows(top_of(&frame));
                self.0.set(Some(Arc::new(frame)));
                came
            }
            None => Came::Nothing,
        }
    }

    /// Reads what is on the page, and again whenever that changes; a default where there is nothing.
    pub fn with<T: Default>(self, read: impl FnOnce(&F) -> T) -> T {
        self.0.with(|frame| frame.as_deref().map(read).unwrap_or_default())
    }

    /// Whether there is anything to show.
    pub fn has_figures(self) -> bool {
        self.0.with(Option::is_some)
    }

    fn leave(self, first: First, place: Place) {
        if let Some(frame) = self.0.try_get_untracked().flatten() {
            first.leave(place, F::clone(&frame).painted());
        }
    }

    fn keep_fresh(self, here: Here, feed: Feed, first: First, came: Came, refused_at: Option<Place>) {
        // The reader leaves for another page: this one stays what it is until that has come.
        let place = Memo::new(move |before: Option<&Place>| {
            let now = here.place.get();
            if F::is_at(&now) { now } else { before.cloned().unwrap_or(now) }
        });
        let take = move |text: &str| {
            let frame: F = wire::read(text)?;
            let as_of = frame.as_of();
            feed.top.set(top_of(&frame));
            self.0.set(Some(Arc::new(frame)));
            Ok(as_of)
        };
        Effect::new(move |before: Option<Place>| {
            let now = place.get();
            let is_back = before.is_some();
            let came = match before {
                Some(before) if before != now => {
                    self.leave(first, before);
                    self.begin(feed, first, &now)
                }
                Some(_) | None => came,
            };
            let when = match came {
                Came::Now => When::WhenDue,
                Came::Earlier | Came::Nothing => When::AtOnce,
            };
            match now.view_address() {
                // What the server refused it refuses again: the document says why, and who comes back to it loads it.
                _ if refused_at.as_ref() == Some(&now) && is_back => links::load_anew(),
                _ if refused_at.as_ref() == Some(&now) => {}
                Some(address) => renew::follow(feed, EVERY_MS, Asked { address, when }, Box::new(take)),
                None => {}
            }
            now
        });
        if cfg!(feature = "hydrate") {
            on_cleanup(move || {
                if let Some(place) = place.try_get_untracked() {
                    self.leave(first, place);
                }
            });
        }
    }
}
