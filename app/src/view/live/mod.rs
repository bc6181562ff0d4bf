//! The live view's frame: eight panels, the sentence above them, the real-time strip. Here is the whole; what stands above
//! the panels is in `head`, and each panel in a file of its own.
//!
//! All spans named are kpis.md's windows; all counts exact; all bands decided by the server. `since` is when a row went
//! out of its band (the board remembers; after a restart: since the restart at the earliest). Far-end numbers never occur.

mod agents;
mod campaigns;
mod channels;
mod dids;
mod head;
mod infra;
mod pdd;
mod routes;

pub use agents::AgentsRow;
pub use campaigns::{AbandonRow, ConnectRow};
pub use channels::{ChannelPoint, ChannelSource, ChannelsDelta, ChannelsHead, ChannelsPanel, TrunkRow};
pub use dids::DidRow;
pub use head::{Clause, Hearing, Site, Status, StripId, StripItem};
pub use infra::{ComponentRow, Heard};
pub use pdd::{PddDelta, PddPanel, PddPoint, PddRow};
pub use routes::{RouteRow, band_of_trunk};

use super::delta::Diff;
use super::frame::Frame;
use super::panel::PanelId;
use super::table::Table;
use crate::domain::Moment;
use serde::{Deserialize, Serialize};

/// The whole live view. A frame of one panel has the others absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(from = "FlatFrame")]
#[cfg_attr(feature = "ssr", schemars(!from))]
pub struct LiveFrame {
    /// Server time of the board's tick.
    pub as_of: Moment,
    /// The newest event time that is reflected.
    pub newest_event: Option<Moment>,
    /// Where the site is: its zone.
    pub site: Site,
    /// How all stands, in words.
    pub status: Status,
    /// The figures at the top.
    pub strip: Table<StripItem>,
    /// The panels.
    #[serde(flatten)]
    pub panels: Panels,
}

/// What changed since the frame before; nothing but the times where nothing did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(from = "FlatDelta")]
#[cfg_attr(feature = "ssr", schemars(!from))]
pub struct LiveDelta {
    /// Server time of the board's tick.
    pub as_of: Moment,
    /// The newest event time that is reflected.
    pub newest_event: Option<Moment>,
    /// Where the site is: its zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<Site>,
    /// How all stands, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The figures at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strip: Option<<Table<StripItem> as Diff>::Delta>,
    /// The panels.
    #[serde(flatten)]
    pub panels: PanelsDelta,
}

impl Frame for LiveFrame {
    type Delta = LiveDelta;

    fn as_of(&self) -> Moment {
        self.as_of
    }

    fn delta(&self, new: &Self) -> LiveDelta {
        LiveDelta {
            as_of: new.as_of,
            newest_event: new.newest_event,
            site: self.site.diff(&new.site),
            status: self.status.diff(&new.status),
            strip: self.strip.diff(&new.strip),
            panels: self.panels.diff(&new.panels).unwrap_or_default(),
        }
    }

    fn apply(&mut self, delta: LiveDelta) {
        self.as_of = delta.as_of;
        self.newest_event = delta.newest_event;
        if let Some(site) = delta.site {
            self.site = site;
        }
        if let Some(status) = delta.status {
            self.status = status;
        }
        if let Some(strip) = delta.strip {
            self.strip.apply(strip);
        }
        self.panels.apply(delta.panels);
    }
}

impl LiveFrame {
    /// This frame with one panel only.
    #[must_use]
    pub fn narrowed(mut self, panel: PanelId) -> Self {
        self.panels.keep(panel);
        self
    }
}

macro_rules! panels {
    ($($(#[$doc:meta])* $field:ident: $panel:ty = $id:ident),* $(,)?) => {
        /// The panels that the frame was asked for.
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
        pub struct Panels {
            $($(#[$doc])* #[serde(default, skip_serializing_if = "Option::is_none")] pub $field: Option<$panel>),*
        }

        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
        pub struct PanelsDelta {
            $($(#[$doc])* #[serde(default, skip_serializing_if = "Option::is_none")] pub $field: Option<<$panel as Diff>::Delta>),*
        }

        /// A frame as it is read: with its panels beside the rest. Reading by `flatten` would bring every row's reader
        /// twice, which browsers would have to download.
        #[derive(Deserialize)]
        struct FlatFrame {
            as_of: Moment,
            newest_event: Option<Moment>,
            site: Site,
            status: Status,
            strip: Table<StripItem>,
            $(#[serde(default)] $field: Option<$panel>),*
        }

        impl From<FlatFrame> for LiveFrame {
            fn from(flat: FlatFrame) -> Self {
                let FlatFrame { as_of, newest_event, site, status, strip, $($field),* } = flat;
                Self { as_of, newest_event, site, status, strip, panels: Panels { $($field),* } }
            }
        }

        /// A delta as it is read; see [`FlatFrame`].
        #[derive(Deserialize)]
        struct FlatDelta {
            as_of: Moment,
            newest_event: Option<Moment>,
            #[serde(default)]
            site: Option<Site>,
            #[serde(default)]
            status: Option<Status>,
            #[serde(default)]
            strip: Option<<Table<StripItem> as Diff>::Delta>,
            $(#[serde(default)] $field: Option<<$panel as Diff>::Delta>),*
        }

        impl From<FlatDelta> for LiveDelta {
            fn from(flat: FlatDelta) -> Self {
                let FlatDelta { as_of, newest_event, site, status, strip, $($field),* } = flat;
                Self { as_of, newest_event, site, status, strip, panels: PanelsDelta { $($field),* } }
            }
        }

        impl Panels {
            fn keep(&mut self, panel: PanelId) {
                $(if panel != PanelId::$id { self.$field = None; })*
            }
        }

        /// Between frames of the same panels: which panels a topic has never changes.
        impl Diff for Panels {
            type Delta = PanelsDelta;

            fn diff(&self, new: &Self) -> Option<PanelsDelta> {
                let delta = PanelsDelta { $($field: match (&self.$field, &new.$field) {
                    (Some(old), Some(new)) => old.diff(new),
                    (None, _) | (_, None) => None,
                }),* };
                (delta != PanelsDelta::default()).then_some(delta)
            }

            fn apply(&mut self, delta: PanelsDelta) {
                $(if let (Some(panel), Some(change)) = (&mut self.$field, delta.$field) { panel.apply(change); })*
            }
        }
    };
}

panels! {
    /// Channels in use, by trunk and through the last 15 minutes.
    channels: ChannelsPanel = Channels,
    /// Routes, last 5 minutes, worst first.
    routes: Table<RouteRow> = Routes,
    /// Abandon rates by campaign, and what is left of their budgets; worst first.
    abandon: Table<AbandonRow> = Abandon,
    /// Connect rates by campaign, worst first.
    connect: Table<ConnectRow> = Connect,
    /// The floor's numbers, worst first.
    dids: Table<DidRow> = Dids,
    /// Agents by campaign.
    agents: Table<AgentsRow> = Agents,
    /// Post-dial delay by country.
    pdd: PddPanel = Pdd,
    /// Components: servers, databases, workers; worst first.
    infra: Table<ComponentRow> = Infra,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::kpi::Band;
    use crate::view::table::TablePatch;
    use proptest::prelude::*;

    fn points() -> impl Strategy<Value = Table<ChannelPoint>> {
        (prop::collection::btree_map(0..12i64, 0..3i64, 0..8), any::<prop::sample::Index>(), 0..3u32).prop_map(
            |(points, turn, more)| {
                let mut rows: Vec<_> =
                    points.into_iter().map(|(t, active)| ChannelPoint { t: Moment::from_secs(t), active }).collect();
                if !rows.is_empty() {
                    let by = turn.index(rows.len());
                    rows.rotate_left(by);
                }
                Table { rows, more }
            },
        )
    }

    prop_compose! {
        fn frame()(at in 0..9i64, points in points(), active in 0..3i64, clauses in 0..2usize, offset in 0..2i32) -> LiveFrame {
            let clause = Clause { band: Band::Warn, panel: PanelId::Routes, key: "b".into(), href: None, subject: "s".into(), text: "t".into() };
            LiveFrame {
                as_of: Moment::from_secs(at),
                newest_event: (at > 3).then(|| Moment::from_secs(at - 1)),
                site: Site { zone: "UTC".into(), utc_offset_s: offset },
                status: Status { band: Band::Ok, clauses: vec![clause; clauses], silent_since: (at > 5).then(|| Moment::from_secs(at)), ..Status::default() },
                strip: Table::default(),
                panels: Panels {
                    channels: Some(ChannelsPanel {
                        head: ChannelsHead { active, capacity: None, band: Band::None, since: None, source: ChannelSource::Calls, peak: 0, peak_at: None },
                        trunks: Table::default(),
                        points,
                    }),
                    ..Panels::default()
                },
            }
        }
    }

    proptest! {
        #[test]
        fn applying_the_difference_gives_the_new_frame_byte_for_byte(old in frame(), new in frame()) {
            let wire = serde_json::to_string(&old.delta(&new)).unwrap();
            let mut applied = old.clone();
            applied.apply(serde_json::from_str(&wire).unwrap());
            let mut in_browser = old.clone();
            in_browser.apply(crate::view::wire::read(&wire).unwrap());
            prop_assert_eq!(&in_browser, &applied);
            prop_assert_eq!(crate::view::wire::read::<LiveFrame>(&serde_json::to_string(&new).unwrap()).unwrap(), new.clone());
            prop_assert_eq!(serde_json::to_string(&applied).unwrap(), serde_json::to_string(&new).unwrap());
        }

        #[test]
        fn a_table_that_slides_sends_no_order(first in 0..5i64) {
            let series = |from: i64| Table { rows: (from..from + 5).map(|t| ChannelPoint { t: Moment::from_secs(t), active: t }).collect(), more: 0 };
            let patch: TablePatch<ChannelPoint> = series(first).diff(&series(first + 1)).unwrap();
            prop_assert_eq!((patch.rows.len(), patch.gone.len(), patch.order), (1, 1, None));
        }
    }

    #[test]
    fn where_nothing_changed_only_the_times_are_sent() {
        let frame = LiveFrame {
            as_of: Moment::from_secs(1),
            newest_event: None,
            site: Site { zone: "UTC".into(), utc_offset_s: 0 },
            status: Status::default(),
            strip: Table::default(),
            panels: Panels::default(),
        };
        let wire = serde_json::to_string(&frame.delta(&frame)).unwrap();
        assert_eq!(wire, r#"{"as_of":"1970-01-01T00:00:01Z","newest_event":null}"#);
    }
}
