//! The frame that a page shows, and the newer one that waits while the reader holds the page.
//!
//! Filled at first paint from what the server put into the page ([`FirstPaint`]), afterwards by the stream's snapshots and
//! deltas. It paints nothing: each page has a function for that, called whenever what is shown has changed.

use super::feed::{Feed, Release, Top};
use super::pace::{Cadence, Received};
use crate::domain::Moment;
use crate::view::Frame;
use crate::view::live::{LiveFrame, Site};
use crate::view::monitor::MonitorFrame;
use crate::view::monitor_campaign::CampaignFrame;
use crate::view::wire::{self, WireError};
use leptos::prelude::*;
use std::sync::Arc;

/// The frame of the page's first paint, as the stream would send it; the server provides it by context.
#[derive(Debug, Clone)]
pub struct FirstPaint(pub Arc<str>);

impl FirstPaint {
    /// Empty where the server had no frame.
    fn of_this_page() -> String {
        // As text: the browser then reads it with the very code that reads the stream, and needs no other.
        SharedValue::new_str(|| {
            use_context::<FirstPaint>().map_or_else(String::new, |FirstPaint(text)| text.to_string())
        })
        .into_inner()
    }
}

/// Why there is nothing to show at the page's address; the server provides it by context.
#[derive(Debug, Clone)]
pub struct Refused(pub Arc<str>);

impl Refused {
    /// `None` where nothing was refused.
    pub fn of_this_page() -> Option<String> {
        let why = || use_context::<Self>().map_or_else(String::new, |Self(why)| why.to_string());
        Some(SharedValue::new_str(why).into_inner()).filter(|why| !why.is_empty())
    }
}

/// A frame that a page can show.
pub trait Shows: Frame + Send + Sync + 'static {
    fn newest_event(&self) -> Option<Moment>;
    fn site(&self) -> &Site;
    fn silent_since(&self) -> Option<Moment>;
}

macro_rules! shows {
    ($($frame:ty: $hearing:ident),*) => {$(
        impl Shows for $frame {
            fn newest_event(&self) -> Option<Moment> {
                self.newest_event
            }

            fn site(&self) -> &Site {
                &self.site
            }

            fn silent_since(&self) -> Option<Moment> {
                self.$hearing.silent_since
            }
        }
    )*};
}

shows!(LiveFrame: status, MonitorFrame: status, CampaignFrame: hearing);

/// What an event of the stream brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brings {
    Snapshot,
    Delta,
}

/// Whether the reader asked for the next snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Asked {
    Yes,
    #[default]
    No,
}

#[derive(Debug)]
struct Held<F> {
    /// What is on the page, whole: for drawings and explanations, and to apply deltas to.
    shown: F,
    /// What came in since, while the reader holds the page.
    newer: Option<F>,
    asked: Asked,
}

/// The page's frame. A handle: copies speak of the same.
#[derive(Debug)]
pub struct Kept<F: 'static> {
    feed: Feed,
    held: StoredValue<Held<F>>,
}

impl<F> Clone for Kept<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for Kept<F> {}

impl<F: Shows> Kept<F> {
    /// With the frame of the first paint; with `nothing` where there was none.
    pub fn of_this_page(feed: Feed, nothing: fn() -> F) -> Self {
        Self::new(feed, wire::read(&FirstPaint::of_this_page()).ok(), nothing)
    }

    pub fn new(feed: Feed, initial: Option<F>, nothing: fn() -> F) -> Self {
        if let Some(frame) = &initial {
            feed.top.set(top_of(frame));
        }
        let shown = initial.unwrap_or_else(nothing);
        Self { feed, held: StoredValue::new(Held { shown, newer: None, asked: Asked::No }) }
    }

    /// Reads what is on the page, and again whenever that changes.
    pub fn with<T>(self, read: impl FnOnce(&F) -> T) -> T {
        self.feed.top.track();
        self.with_untracked(read)
    }

    pub fn with_untracked<T>(self, read: impl FnOnce(&F) -> T) -> T {
        self.held.with_value(|held| read(&held.shown))
    }

    /// Takes in an event of the stream; `paint` where what is shown has changed. Answers with the server time of the
    /// newest frame, shown or held.
    ///
    /// # Errors
    /// If it cannot be read. Then all is as before.
    pub fn take(self, brings: Brings, text: &str, paint: &dyn Fn(&F)) -> Result<Moment, WireError> {
        let manual = self.feed.pulse.with_untracked(|pulse| pulse.cadence) == Cadence::Manual;
        match brings {
            Brings::Snapshot => self.take_snapshot(wire::read(text)?, manual),
            Brings::Delta => self.take_delta(wire::read(text)?, manual),
        }
        if self.held.with_value(|held| held.newer.is_some()) {
            self.feed.pulse.update(|pulse| pulse.waiting = pulse.waiting.saturating_add(1));
        } else {
            self.feed.pulse.update(|pulse| pulse.waiting = 0);
            self.show(paint);
        }
        Ok(self.held.with_value(|held| held.newer.as_ref().unwrap_or(&held.shown).as_of()))
    }

    fn take_snapshot(self, frame: F, manual: bool) {
        let received = self.feed.top.with_untracked(|top| top.received);
        self.held.update_value(|held| {
            let asked = std::mem::take(&mut held.asked);
            if manual && asked == Asked::No && received == Received::Figures {
                held.newer = Some(frame);
            } else {
                held.newer = None;
                held.shown = frame;
            }
        });
    }

    fn take_delta(self, delta: F::Delta, manual: bool) {
        self.held.update_value(|held| {
            if manual {
                held.newer.get_or_insert_with(|| held.shown.clone()).apply(delta);
            } else {
                held.shown.apply(delta);
            }
        });
    }

    /// Shows what waits, if anything does.
    pub fn release(self, why: Release, paint: &dyn Fn(&F)) {
        let newer = self
            .held
            .try_update_value(|held| {
                if why == Release::Asked {
                    held.asked = Asked::Yes;
                }
                held.newer.take()
            })
            .flatten();
        if let Some(frame) = newer {
            self.held.update_value(|held| held.shown = frame);
            self.show(paint);
        }
    }

    /// First what stands in the page, then the frame's own times, which drawings and explanations follow.
    fn show(self, paint: &dyn Fn(&F)) {
        self.with_untracked(paint);
        self.feed.top.set(self.with_untracked(top_of));
    }
}

fn top_of<F: Shows>(frame: &F) -> Top {
    Top {
        as_of: frame.as_of(),
        newest_event: frame.newest_event(),
        silent_since: frame.silent_since(),
        site: frame.site().clone(),
        received: Received::Figures,
    }
}
