//! What the page knows: the live frame, and signals for everything it says.
//!
//! Filled at first paint from [`InitialFrame`], afterwards by `stream.rs`; read by panels. It decides no figure: panels
//! turn the server's rows into texts (`panels/`), and `cells.rs` touches only those that changed.

use super::cells::{LivePanel, Moved, Order};
use super::pace::{Cadence, Freshness, Link, Received};
use super::panels;
use super::parts::strip;
use crate::domain::Moment;
use crate::kpi::Band;
use crate::view::PanelId;
use crate::view::live::{LiveDelta, LiveFrame, Panels, Site, Status};
use crate::view::{Frame, Table, wire};
use leptos::prelude::*;
use std::sync::Arc;

/// The frame of the first paint; the server provides it by context.
#[derive(Debug, Clone)]
pub struct InitialFrame(pub Arc<LiveFrame>);

/// Whether the reader asked for the next snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Asked {
    Yes,
    #[default]
    No,
}

/// What is said of the whole frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Top {
    pub as_of: Moment,
    pub newest_event: Option<Moment>,
    pub site: Site,
    pub status: Status,
    pub received: Received,
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

/// What no one follows.
#[derive(Debug)]
struct Held {
    /// What is on the page, whole: for drawings and explanations, and to apply deltas to.
    shown: LiveFrame,
    /// What came in since, while the reader holds the page.
    newer: Option<LiveFrame>,
    asked: Asked,
    /// The panel someone's pointer or focus is in, and since when (server time, ms).
    pointed: Option<(PanelId, i64)>,
    reordered_at: i64,
}

/// The live view, as the page shows it. Few signals of few types: each type costs every browser its download.
#[derive(Debug, Clone, Copy)]
pub struct Live {
    pub top: RwSignal<Top>,
    pub pulse: RwSignal<Pulse>,
    pub strip: LivePanel,
    panels: [LivePanel; PanelId::ALL.len()],
    held: StoredValue<Held>,
}

/// Rows change places at most this often (ux.md U02).
const REORDER_EVERY_MS: i64 = 10_000;
/// A pointer left lying on a wall screen must not freeze the order for ever.
const POINTING_LASTS_MS: i64 = 60_000;

impl Live {
    /// The store of this page: from the server's context while it renders, from the page itself in the browser.
    pub fn of_this_page() -> Self {
        // As text: the browser then reads it with the very code that reads the stream, and needs no other.
        let text: String = SharedValue::new_str(initial_text).into_inner();
        Self::new(wire::read(&text).ok())
    }

    pub fn new(initial: Option<LiveFrame>) -> Self {
        let received = if initial.is_some() { Received::Figures } else { Received::Nothing };
        let frame = initial.unwrap_or_else(nothing_yet);
        let mut ids = PanelId::ALL.iter();
        Self {
            top: RwSignal::new(top_of(&frame, received)),
            pulse: RwSignal::new(Pulse::default()),
            strip: LivePanel::new(strip::show(&frame)),
            panels: std::array::from_fn(|_| {
                LivePanel::new(ids.next().map(|id| panels::show(*id, &frame)).unwrap_or_default())
            }),
            held: StoredValue::new(Held {
                shown: frame,
                newer: None,
                asked: Asked::No,
                pointed: None,
                reordered_at: 0,
            }),
        }
    }

    pub fn panel(self, id: PanelId) -> LivePanel {
        self.panels[id as usize]
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
        self.pulse.with(|pulse| Freshness::of(pulse.age_ms, pulse.link, pulse.cadence, received))
    }

    /// A whole frame came in.
    pub fn take_snapshot(self, frame: LiveFrame) {
        let manual = self.pulse.with_untracked(|pulse| pulse.cadence) == Cadence::Manual;
        let received = self.top.with_untracked(|top| top.received);
        self.held.update_value(|held| {
            let asked = std::mem::take(&mut held.asked);
            match (manual, asked, received) {
                (true, Asked::No, Received::Figures) => held.newer = Some(frame),
                (false, _, _) | (_, Asked::Yes, _) | (_, _, Received::Nothing) => {
                    held.newer = None;
                    held.shown = frame;
                }
            }
        });
        self.taken();
    }

    /// What changed since the frame before came in.
    pub fn take_delta(self, delta: LiveDelta) {
        let manual = self.pulse.with_untracked(|pulse| pulse.cadence) == Cadence::Manual;
        self.held.update_value(|held| {
            if manual {
                held.newer.get_or_insert_with(|| held.shown.clone()).apply(delta);
            } else {
                held.shown.apply(delta);
            }
        });
        self.taken();
    }

    /// Shows what was taken in, or counts it where it is held back.
    fn taken(self) {
        if self.held.with_value(|held| held.newer.is_some()) {
            self.pulse.update(|pulse| pulse.waiting = pulse.waiting.saturating_add(1));
        } else {
            self.pulse.update(|pulse| pulse.waiting = 0);
            self.paint();
        }
    }

    /// Server time of the newest frame received, shown or held.
    pub fn newest_as_of(self) -> Moment {
        self.held.with_value(|held| held.newer.as_ref().unwrap_or(&held.shown).as_of)
    }

    /// "Refresh now": shows what waits, and asks the stream for a fresh snapshot.
    pub fn refresh(self) {
        self.release();
        self.held.update_value(|held| held.asked = Asked::Yes);
        self.pulse.update(|pulse| pulse.wishes = pulse.wishes.wrapping_add(1));
    }

    /// Changes how often the page repaints; what was held is shown.
    pub fn set_cadence(self, cadence: Cadence) {
        self.pulse.update(|pulse| pulse.cadence = cadence);
        self.release();
    }

    fn release(self) {
        let newer = self.held.try_update_value(|held| held.newer.take()).flatten();
        self.pulse.update(|pulse| pulse.waiting = 0);
        if let Some(frame) = newer {
            self.held.update_value(|held| held.shown = frame);
            self.paint();
        }
    }

    /// The panel someone's pointer or focus is in now.
    pub fn point_at(self, panel: Option<PanelId>) {
        let now = self.top.with_untracked(|top| top.as_of.millis());
        self.held.update_value(|held| held.pointed = panel.map(|panel| (panel, now)));
    }

    /// Reads from what is on the page, and again whenever that changes.
    pub fn with_shown<T>(self, read: impl FnOnce(&LiveFrame) -> T) -> T {
        self.top.track();
        self.held.with_value(|held| read(&held.shown))
    }

    /// Sets every signal whose value changed.
    fn paint(self) {
        let moved = self.held.with_value(|held| {
            self.strip.show(strip::show(&held.shown), Order::Free);
            let moved = self.show_panels(held);
            self.top.set(top_of(&held.shown, Received::Figures));
            moved
        });
        if moved == Moved::Yes {
            self.held.update_value(|held| held.reordered_at = held.shown.as_of.millis());
        }
    }

    fn show_panels(self, held: &Held) -> Moved {
        let now = held.shown.as_of.millis();
        let resting = now - held.reordered_at >= REORDER_EVERY_MS;
        let pointed = held.pointed.filter(|(_, since)| now - since < POINTING_LASTS_MS).map(|(panel, _)| panel);
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
            if panel.show(panels::show(*id, &held.shown), order) == Moved::Yes && order == Order::Free {
                moved = Moved::Yes;
            }
        }
        moved
    }
}

fn top_of(frame: &LiveFrame, received: Received) -> Top {
    Top {
        as_of: frame.as_of,
        newest_event: frame.newest_event,
        site: frame.site.clone(),
        status: frame.status.clone(),
        received,
    }
}

/// Empty where the server has no frame yet.
#[cfg(feature = "ssr")]
fn initial_text() -> String {
    use_context::<InitialFrame>()
        .and_then(|InitialFrame(frame)| serde_json::to_string(&*frame).ok())
        .unwrap_or_default()
}

/// In the browser it comes inside the page, or not at all.
#[cfg(not(feature = "ssr"))]
fn initial_text() -> String {
    String::new()
}

/// Before anything was received: every panel there, and empty.
fn nothing_yet() -> LiveFrame {
    LiveFrame {
        as_of: Moment::default(),
        newest_event: None,
        site: Site { zone: "UTC".to_owned(), utc_offset_s: 0 },
        status: Status { band: Band::None, since: None, clauses: Vec::new(), more: 0 },
        strip: Table::default(),
        panels: Panels::default(),
    }
}
