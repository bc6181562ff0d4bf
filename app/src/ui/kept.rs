//! The frame that a page shows, and the newer one that waits while the reader holds the page.
//!
//! Filled at the page's beginning ([`First`]): from what the server put into the document ([`FirstPaint`]), from what was
//! fetched on the way to the page, or from what it showed when the reader left it; afterwards by the stream's snapshots and
//! deltas. It paints nothing: each page has a
//! function for that, called whenever what is shown has changed.

use super::app::Here;
use super::feed::{Feed, Release, Tense, Top};
use super::pace::{Cadence, Received, Renewal};
use super::pages::{Page, PageId, Place};
use crate::domain::Moment;
use crate::view::Frame;
use crate::view::daily::DailyFrame;
use crate::view::live::{LiveFrame, Site};
use crate::view::monitor::MonitorFrame;
use crate::view::monitor_campaign::CampaignFrame;
use crate::view::trend::TrendFrame;
use crate::view::wire::{self, WireError};
use leptos::prelude::*;
use std::sync::Arc;

/// The frame of the document's first paint, as the stream would send it; the server provides it by context.
#[derive(Debug, Clone)]
pub struct FirstPaint(pub Arc<str>);

impl FirstPaint {
    /// Empty where the server had no frame.
    fn of_this_document() -> String {
        // As text: the browser then reads it with the very code that reads the stream, and needs no other.
        SharedValue::new_str(|| {
            use_context::<FirstPaint>().map_or_else(String::new, |FirstPaint(text)| text.to_string())
        })
        .into_inner()
    }
}

/// The frame that a page begins with: one page's, by kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Painted {
    Live(Box<LiveFrame>),
    Monitor(Box<MonitorFrame>),
    Campaign(Box<CampaignFrame>),
    Daily(Box<DailyFrame>),
    Trend(Box<TrendFrame>),
}

impl Painted {
    /// The frame of the page at that place; `None` where it has none, or the text is not of its kind.
    #[must_use]
    pub fn read(place: &Place, text: &str) -> Option<Self> {
        match place {
            Place::Page(page) => match page.id {
                PageId::Live => wire::read(text).ok().map(Self::Live),
                PageId::Monitor => wire::read(text).ok().map(Self::Monitor),
                PageId::Daily => wire::read(text).ok().map(Self::Daily),
                PageId::Trend => wire::read(text).ok().map(Self::Trend),
                PageId::Troubleshooting | PageId::Docs | PageId::Licences => None,
            },
            Place::Campaign(_) => wire::read(text).ok().map(Self::Campaign),
            Place::Day(_) => wire::read(text).ok().map(Self::Daily),
            Place::Days(_) => wire::read(text).ok().map(Self::Trend),
            Place::Nothing => None,
        }
    }

    fn top(&self) -> Top {
        match self {
            Self::Live(frame) => top_of(frame.as_ref()),
            Self::Monitor(frame) => top_of(frame.as_ref()),
            Self::Campaign(frame) => top_of(frame.as_ref()),
            Self::Daily(frame) => top_of(frame.as_ref()),
            Self::Trend(frame) => top_of(frame.as_ref()),
        }
    }
}

/// How the reader came to a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// By a document: what the server had for the page is in it.
    Document,
    /// Within the app: what was not fetched on the way, the stream brings.
    InApp,
}

/// When that came which a page has to show at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// With the document, or on the way to the page.
    Now,
    /// It is what the page showed when the reader left it.
    Earlier,
    Nothing,
}

/// What the page that begins next begins with.
#[derive(Debug, Clone, Copy)]
pub struct First {
    feed: Feed,
    frame: StoredValue<Option<Painted>>,
    arrival: StoredValue<Arrival>,
    /// What pages showed that were left, the last one last.
    left: StoredValue<Vec<(Place, Painted)>>,
}

/// Who goes back finds so many pages as they were, with their age, until their streams are there. A frame is some 100 KB.
const MOST_LEFT: usize = 4;

impl First {
    /// Reads what the server put into the document. The feed tells its age from now on: the header stands before the page.
    pub fn of_this_document(place: &Place, feed: Feed) -> Self {
        let frame = Painted::read(place, &FirstPaint::of_this_document());
        if let Some(frame) = &frame {
            feed.shows(frame.top());
        }
        let arrival = StoredValue::new(Arrival::Document);
        Self { feed, frame: StoredValue::new(frame), arrival, left: StoredValue::new(Vec::new()) }
    }

    /// Fetched on the way to a page, or not.
    pub fn bring(self, frame: Option<Painted>) {
        self.frame.set_value(frame);
    }

    /// Another page begins within the app. The first one of a document has begun with it.
    pub fn begin(self, tense: Tense, renewal: Renewal) -> Arrival {
        let arrival = self.arrival.get_value();
        if arrival == Arrival::InApp {
            self.feed.begin(tense, renewal);
        }
        self.arrival.set_value(Arrival::InApp);
        arrival
    }

    /// What the page at that place has to show at once.
    pub fn take<F: Shows>(self, place: &Place) -> Option<(F, Came)> {
        let brought = self.frame.try_update_value(Option::take).flatten();
        let left = || {
            let of_place = |left: &mut Vec<(Place, Painted)>| {
                let at = left.iter().position(|(of, _)| of == place)?;
                Some(left.remove(at).1)
            };
            self.left.try_update_value(of_place).flatten()
        };
        let (frame, came) = match brought {
            Some(frame) => (frame, Came::Now),
            None => (left()?, Came::Earlier),
        };
        F::of(frame).map(|frame| (frame, came))
    }

    /// The page at that place ends, and showed this.
    pub fn leave(self, place: Place, frame: Painted) {
        self.left.try_update_value(|left| {
            left.retain(|(of, _)| *of != place);
            left.push((place, frame));
            let beyond = left.len().saturating_sub(MOST_LEFT);
            left.drain(..beyond);
        });
    }
}

/// Why there is nothing to show at the page's address; the server provides it by context.
#[derive(Debug, Clone)]
pub struct Refused(pub Arc<str>);

impl Refused {
    /// With no words where nothing was refused.
    pub fn of_this_document() -> Self {
        let why = || use_context::<Self>().map_or_else(String::new, |Self(why)| why.to_string());
        Self(SharedValue::new_str(why).into_inner().into())
    }
}

/// A frame that a page can show.
pub trait Shows: Frame + Send + Sync + 'static {
    fn newest_event(&self) -> Option<Moment>;
    fn site(&self) -> &Site;
    fn silent_since(&self) -> Option<Moment>;
    /// Whether the page at that place shows such frames.
    fn is_at(place: &Place) -> bool;
    /// `None` where it is another page's.
    fn of(painted: Painted) -> Option<Self>;
    fn painted(self) -> Painted;
}

macro_rules! shows {
    ($($kind:ident($frame:ty): $at:pat, $silent_since:expr;)*) => {$(
        impl Shows for $frame {
            fn newest_event(&self) -> Option<Moment> {
                self.newest_event
            }

            fn site(&self) -> &Site {
                &self.site
            }

            fn silent_since(&self) -> Option<Moment> {
                let silent_since: fn(&Self) -> Option<Moment> = $silent_since;
                silent_since(self)
            }

            fn is_at(place: &Place) -> bool {
                matches!(place, $at)
            }

            fn of(painted: Painted) -> Option<Self> {
                if let Painted::$kind(frame) = painted { Some(*frame) } else { None }
            }

            fn painted(self) -> Painted {
                Painted::$kind(Box::new(self))
            }
        }
    )*};
}

shows! {
    Live(LiveFrame): Place::Page(Page { id: PageId::Live, .. }), |frame| frame.status.silent_since;
    Monitor(MonitorFrame): Place::Page(Page { id: PageId::Monitor, .. }), |frame| frame.status.silent_since;
    Campaign(CampaignFrame): Place::Campaign(_), |frame| frame.hearing.silent_since;
    // Of hours and days that are past: a silence of now says nothing of them.
    Daily(DailyFrame): Place::Page(Page { id: PageId::Daily, .. }) | Place::Day(_), |_| None;
    Trend(TrendFrame): Place::Page(Page { id: PageId::Trend, .. }) | Place::Days(_), |_| None;
}

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
    /// With what the page begins with; with `nothing` where that is nothing.
    pub fn of_this_page(feed: Feed, nothing: fn() -> F) -> Self {
        let first = expect_context::<First>();
        let place = expect_context::<Here>().place.get_untracked();
        let begun = first.take::<F>(&place).map(|(frame, _)| frame);
        if let Some(frame) = &begun {
            feed.shows(top_of(frame));
        }
        let shown = begun.unwrap_or_else(nothing);
        let held = StoredValue::new(Held { shown, newer: None, asked: Asked::No });
        // Only a browser comes back; a moment of the past begins with a document each time.
        if cfg!(feature = "hydrate") && feed.tense() == Tense::Present {
            on_cleanup(move || {
                let had_figures = |shown: &F| shown.as_of() != Moment::default();
                let shown = held.try_with_value(|held| Some(held.shown.clone()).filter(had_figures)).flatten();
                if let Some(shown) = shown {
                    first.leave(place, shown.painted());
                }
            });
        }
        Self { feed, held }
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

pub fn top_of<F: Shows>(frame: &F) -> Top {
    Top {
        as_of: frame.as_of(),
        newest_event: frame.newest_event(),
        silent_since: frame.silent_since(),
        site: frame.site().clone(),
        received: Received::Figures,
    }
}
