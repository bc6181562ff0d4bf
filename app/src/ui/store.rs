//! What the live page knows: its frame, and signals for everything it says.
//!
//! Filled at first paint and by the stream through `kept.rs`; read by panels. It decides no figure: panels turn the
//! server's rows into texts (`panels/`), and `cells.rs` touches only those that changed.

use super::cells::{LivePanel, Moved, Order};
use super::feed::Feed;
use super::kept::{Brings, Kept};
use super::panels;
use super::parts::strip;
use crate::domain::Moment;
use crate::view::live::{LiveFrame, Panels, Site, Status};
use crate::view::wire::WireError;
use crate::view::{PanelId, Table};
use leptos::prelude::*;

/// Where rows may stand.
#[derive(Debug, Clone, Copy, Default)]
struct Places {
    /// The panel someone's pointer or focus is in, and since when (server time, ms).
    pointed: Option<(PanelId, i64)>,
    reordered_at: i64,
}

/// The live view, as the page shows it.
#[derive(Debug, Clone, Copy)]
pub struct Live {
    pub feed: Feed,
    pub status: RwSignal<Status>,
    pub strip: LivePanel,
    panels: [LivePanel; PanelId::ALL.len()],
    kept: Kept<LiveFrame>,
    places: StoredValue<Places>,
}

/// Rows change places at most this often (ux.md U02).
const REORDER_EVERY_MS: i64 = 10_000;
/// A pointer left lying on a wall screen must not freeze the order for ever.
const POINTING_LASTS_MS: i64 = 60_000;

impl Live {
    /// The store of the page that begins.
    pub fn of_this_page(feed: Feed) -> Self {
        Self::over(feed, Kept::of_this_page(feed, nothing_yet))
    }

    fn over(feed: Feed, kept: Kept<LiveFrame>) -> Self {
        let live = kept.with_untracked(|frame| {
            let mut ids = PanelId::ALL.iter();
            Self {
                feed,
                status: RwSignal::new(frame.status.clone()),
                strip: LivePanel::new(strip::show(frame)),
                panels: std::array::from_fn(|_| {
                    LivePanel::new(ids.next().map(|id| panels::show(*id, frame)).unwrap_or_default())
                }),
                kept,
                places: StoredValue::new(Places::default()),
            }
        });
        feed.on_release(move |why| kept.release(why, &|frame| live.paint(frame)));
        live
    }

    pub fn panel(self, id: PanelId) -> LivePanel {
        self.panels[id as usize]
    }

    /// Takes in an event of the stream; answers with the server time of the newest frame.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn take(self, brings: Brings, text: &str) -> Result<Moment, WireError> {
        self.kept.take(brings, text, &|frame| self.paint(frame))
    }

    /// The panel someone's pointer or focus is in now.
    pub fn point_at(self, panel: Option<PanelId>) {
        let now = self.feed.top.with_untracked(|top| top.as_of.millis());
        self.places.update_value(|places| places.pointed = panel.map(|panel| (panel, now)));
    }

    /// Reads from what is on the page, and again whenever that changes.
    pub fn with_shown<T>(self, read: impl FnOnce(&LiveFrame) -> T) -> T {
        self.kept.with(read)
    }

    /// Sets every signal whose value changed.
    fn paint(self, frame: &LiveFrame) {
        self.strip.show(strip::show(frame), Order::Free);
        if self.show_panels(frame) == Moved::Yes {
            self.places.update_value(|places| places.reordered_at = frame.as_of.millis());
        }
        if self.status.with_untracked(|status| *status != frame.status) {
            self.status.set(frame.status.clone());
        }
    }

    fn show_panels(self, frame: &LiveFrame) -> Moved {
        let now = frame.as_of.millis();
        let Places { pointed, reordered_at } = self.places.get_value();
        let resting = now - reordered_at >= REORDER_EVERY_MS;
        let pointed = pointed.filter(|(_, since)| now - since < POINTING_LASTS_MS).map(|(panel, _)| panel);
        let order = |id| if resting && pointed != Some(id) { Order::Free } else { Order::Kept };
        let mut moved = Moved::No;
        for (id, panel) in PanelId::ALL.iter().zip(self.panels) {
            let order = match id {
                // These stand side by side in one order: they move together or not at all.
                PanelId::Abandon | PanelId::Connect => match (order(PanelId::Abandon), order(PanelId::Connect)) {
                    (Order::Free, Order::Free) => Order::Free,
                    (Order::Kept, _) | (_, Order::Kept) => Order::Kept,
                },
                PanelId::Channels
                | PanelId::Routes
                | PanelId::Dids
                | PanelId::Agents
                | PanelId::Pdd
                | PanelId::Infra => order(*id),
            };
            if panel.show(panels::show(*id, frame), order) == Moved::Yes && order == Order::Free {
                moved = Moved::Yes;
            }
        }
        moved
    }
}

/// Before anything was received: every panel there, and empty.
pub(in crate::ui) fn nothing_yet() -> LiveFrame {
    LiveFrame {
        as_of: Moment::default(),
        newest_event: None,
        site: Site::default(),
        status: Status::default(),
        strip: Table::default(),
        panels: Panels::default(),
    }
}
