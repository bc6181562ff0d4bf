//! What the app knows of the figures it shows: of when they are, how old, and whether more will come.
//!
//! One for all pages: the pace that was chosen and what is known of the server's clock outlast a change of page, the rest
//! begins anew with each ([`Feed::begin`]). Filled by the page's own store (`kept.rs`) and by the stream; read by the header,
//! by everything that tells an age, and by drawings, which follow it. It knows no frame: those differ from page to page.

use super::pace::{Cadence, Clocks, Freshness, Link, Pace, Received, Renewal};
use crate::domain::Moment;
use crate::view::live::Site;
use leptos::prelude::*;
use std::sync::Arc;

/// What is said of the whole frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Top {
    pub as_of: Moment,
    pub newest_event: Option<Moment>,
    /// Nothing has been heard since then, for longer than is usual.
    pub silent_since: Option<Moment>,
    pub site: Site,
    pub received: Received,
}

impl Default for Top {
    /// Before anything was received.
    fn default() -> Self {
        Self {
            as_of: Moment::default(),
            newest_event: None,
            silent_since: None,
            site: Site::default(),
            received: Received::Nothing,
        }
    }
}

/// What changes with the clock and the connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pulse {
    /// Server time, as the browser reckons it from the last frame; `None` until scripts run.
    pub now: Option<Moment>,
    /// Age of what is shown, in ms.
    pub age_ms: Option<i64>,
    pub link: Link,
    pub cadence: Cadence,
    /// How many updates wait, while the reader holds the page.
    pub waiting: u32,
    /// How often a fresh snapshot was asked for.
    pub wishes: u32,
}

/// Why what waits is to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// The reader asked: the next snapshot is shown too, also where updates are held.
    Asked,
    /// The page repaints at another pace now.
    Pace,
}

/// Whether the page shows what is or what was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tense {
    Present,
    Past,
}

type OnRelease = Arc<dyn Fn(Release) + Send + Sync>;

/// The app's one.
#[derive(Debug, Clone, Copy)]
pub struct Feed {
    pub top: RwSignal<Top>,
    pub pulse: RwSignal<Pulse>,
    /// Server time by the newest event of any stream, or by an answer, and when that came.
    pub server: StoredValue<Option<(Moment, Clocks)>>,
    tense: RwSignal<Tense>,
    renewal: RwSignal<Renewal>,
    on_release: StoredValue<Option<OnRelease>>,
}

impl Feed {
    #[must_use]
    pub fn new(tense: Tense, renewal: Renewal) -> Self {
        Self {
            tense: RwSignal::new(tense),
            renewal: RwSignal::new(renewal),
            top: RwSignal::new(Top::default()),
            pulse: RwSignal::new(Pulse::default()),
            server: StoredValue::new(None),
            on_release: StoredValue::new(None),
        }
    }

    /// Another page begins: it has no figures yet, nothing waits for it, and its stream is still to be opened.
    pub fn begin(self, tense: Tense, renewal: Renewal) {
        self.on_release.set_value(None);
        self.tense.set(tense);
        self.renewal.set(renewal);
        self.top.update(|top| *top = Top { site: std::mem::take(&mut top.site), ..Top::default() });
        self.pulse.update(|pulse| {
            pulse.link = Link::Painted;
            pulse.waiting = 0;
        });
    }

    /// Figures are on the page, before any stream has brought some.
    pub fn shows(self, top: Top) {
        let as_of = top.as_of;
        self.top.set(top);
        // Where the server's time is known they have an age at once.
        self.pulse.update(|pulse| pulse.age_ms = pulse.now.map(|now| now.since(as_of).as_millis()));
    }

    /// What the page's store does when updates that wait are to be shown.
    pub fn on_release(self, show: impl Fn(Release) + Send + Sync + 'static) {
        self.on_release.set_value(Some(Arc::new(show)));
    }

    pub fn tense(self) -> Tense {
        self.tense.get_untracked()
    }

    /// How the page's figures come anew.
    pub fn renewal(self) -> Renewal {
        self.renewal.get()
    }

    pub fn as_of(self) -> Moment {
        self.top.with(|top| top.as_of)
    }

    pub fn age_ms(self) -> Option<i64> {
        self.pulse.with(|pulse| pulse.age_ms)
    }

    /// Server time now; before scripts run, the time the figures are of.
    pub fn now(self) -> Moment {
        self.pulse.with(|pulse| pulse.now).unwrap_or_else(|| self.as_of())
    }

    pub fn with_site<T>(self, read: impl FnOnce(&Site) -> T) -> T {
        self.top.with(|top| read(&top.site))
    }

    pub fn freshness(self) -> Freshness {
        let received = self.top.with(|top| top.received);
        let renewal = self.renewal.get();
        let as_of_now = self
            .pulse
            .with(|pulse| Freshness::of(pulse.age_ms, pulse.link, Pace::of(renewal, pulse.cadence), received));
        let is_silent = self.top.with(|top| top.silent_since.is_some());
        match (self.tense.get(), as_of_now) {
            (Tense::Present, Freshness::Painted | Freshness::Live | Freshness::Late | Freshness::Paused)
                if is_silent =>
            {
                Freshness::Silent
            }
            // Never as if it were now; a broken stream is told all the same.
            (Tense::Past, Freshness::Painted | Freshness::Live | Freshness::Late) => Freshness::Past,
            (_, as_of_now) => as_of_now,
        }
    }

    /// "Refresh now": shows what waits, and asks the stream for a fresh snapshot.
    pub fn refresh(self) {
        self.release(Release::Asked);
        self.pulse.update(|pulse| pulse.wishes = pulse.wishes.wrapping_add(1));
    }

    /// Changes how often the page repaints; what was held is shown.
    pub fn set_cadence(self, cadence: Cadence) {
        self.pulse.update(|pulse| pulse.cadence = cadence);
        self.release(Release::Pace);
    }

    fn release(self, why: Release) {
        self.pulse.update(|pulse| pulse.waiting = 0);
        if let Some(show) = self.on_release.get_value() {
            show(why);
        }
    }
}
