//! The live view's frame: eight panels, the sentence above them, the real-time strip.
//!
//! All spans named are kpis.md's windows; all counts exact; all bands decided by the server. `since` is when a row went
//! out of its band (the board remembers; after a restart: since the restart at the earliest). Far-end numbers never occur.

use super::delta::Diff;
use super::frame::Frame;
use super::panel::PanelId;
use super::table::Table;
use crate::domain::outcome::{ComponentKind, Health, TrunkHealth};
use crate::domain::{CampaignId, ComponentId, Country, Moment, RouteId, TrunkId};
use crate::kpi::band::{Band, Diagnosis};
use crate::kpi::value::Ratio;
use crate::{diffed, keyed, sent_whole};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// The whole live view. A frame of one panel has the others absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "FlatFrame")]
pub struct LiveFrame {
    /// Server time of the board's tick.
    pub as_of: Moment,
    /// The newest event time that is reflected.
    pub newest_event: Option<Moment>,
    pub site: Site,
    pub status: Status,
    pub strip: Table<StripItem>,
    #[serde(flatten)]
    pub panels: Panels,
}

/// What changed since the frame before; nothing but the times where nothing did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "FlatDelta")]
pub struct LiveDelta {
    pub as_of: Moment,
    pub newest_event: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<Site>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strip: Option<<Table<StripItem> as Diff>::Delta>,
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
    ($($field:ident: $panel:ty = $id:ident),*) => {
        /// The panels that the frame was asked for.
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
        pub struct Panels { $(#[serde(default, skip_serializing_if = "Option::is_none")] pub $field: Option<$panel>),* }

        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
        pub struct PanelsDelta {
            $(#[serde(default, skip_serializing_if = "Option::is_none")] pub $field: Option<<$panel as Diff>::Delta>),*
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
    channels: ChannelsPanel = Channels, routes: Table<RouteRow> = Routes, abandon: Table<AbandonRow> = Abandon,
    connect: Table<ConnectRow> = Connect, dids: Table<DidRow> = Dids, agents: Table<AgentsRow> = Agents, pdd: PddPanel = Pdd,
    infra: Table<ComponentRow> = Infra
}

/// Where the floor is, for times of day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// IANA name.
    pub zone: String,
    /// Seconds to add to UTC now.
    pub utc_offset_s: i32,
}

/// How things stand, in words, worst first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The worst of the clauses; `ok` where all is well, `none` before anything was heard.
    pub band: Band,
    /// Since when it has been so.
    pub since: Option<Moment>,
    pub clauses: Vec<Clause>,
    /// Further clauses that were left out.
    pub more: u32,
}

/// "Route beta is failing": subject and what of it; it links to a row of a panel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Clause {
    pub band: Band,
    pub panel: PanelId,
    pub key: String,
    /// Said first and in the band's colour: "Route beta is failing".
    pub subject: String,
    /// The figures: ": 5xx on 41 % of 312 calls since 14:26".
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StripId {
    /// part: active calls; whole: provisioned channels.
    ActiveCalls,
    /// part: ready; whole: logged in.
    AgentsReady,
    /// part: waiting; `since`: the longest wait's begin.
    CallersWaiting,
    /// part: attempts of 5 min; whole: 5.
    CallsPerMinute,
    /// part: answered live of 60 min; whole: resolved.
    ConnectRate,
    /// part: rows out of band; whole: rows watched.
    OutOfBand,
}

/// One figure of the real-time strip (S61).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StripItem {
    pub id: StripId,
    pub part: i64,
    pub whole: Option<i64>,
    pub band: Band,
    pub since: Option<Moment>,
    /// The last 60 minutes, oldest first, one value a minute (shares in 1/10,000); `null` where nothing is known.
    pub spark: Vec<Option<i64>>,
}

/// Where a count of active channels comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelSource {
    /// Samples of the trunks.
    Samples,
    /// No trunk tells: the calls that are up.
    Calls,
}

/// Panel 1 (S21).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelsHead {
    pub active: i64,
    /// Provisioned channels; `null` where no trunk tells.
    pub capacity: Option<i64>,
    pub band: Band,
    pub since: Option<Moment>,
    pub source: ChannelSource,
    /// The highest of the points, and when.
    pub peak: i64,
    pub peak_at: Option<Moment>,
}

diffed! {
    ChannelsPanel / ChannelsDelta {
        head: ChannelsHead,
        trunks: Table<TrunkRow>,
        /// 15 minutes by 10 s, the highest of each.
        points: Table<ChannelPoint>,
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrunkRow {
    pub trunk: TrunkId,
    pub active: i64,
    pub capacity: Option<i64>,
    pub band: Band,
    pub at: Moment,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelPoint {
    /// Begin of its 10 seconds.
    pub t: Moment,
    pub active: i64,
}

/// Panel 2 (S22): one active route, last 5 minutes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RouteRow {
    /// Empty: calls that name no route.
    #[serde(deserialize_with = "RouteId::of_a_key")]
    pub route: RouteId,
    pub name: SmolStr,
    pub carrier: Option<SmolStr>,
    /// The trunk's own word, and when it came.
    pub trunk: Option<TrunkHealth>,
    pub trunk_detail: Option<SmolStr>,
    pub trunk_at: Option<Moment>,
    pub attempts: i64,
    pub resolved: i64,
    pub sip_4xx: i64,
    pub sip_5xx: i64,
    pub sip_6xx: i64,
    pub timeouts: i64,
    pub route_faults: i64,
    pub faults_band: Band,
    /// Calls started 10 to 60 s ago, and those of them not heard of again.
    pub started: i64,
    pub unheard: i64,
    pub stalled_band: Band,
    /// The worst of faults, stalled and trunk.
    pub band: Band,
    pub since: Option<Moment>,
}

impl RouteRow {
    /// Of the 4xx, those that must be what people did (busy, no answer): all errors less the route's faults.
    #[must_use]
    pub fn harmless_4xx(&self) -> i64 {
        (self.sip_4xx + self.sip_5xx + self.sip_6xx + self.timeouts - self.route_faults).clamp(0, self.sip_4xx.max(0))
    }

    /// The class that most of the route's faults are of.
    #[must_use]
    pub fn worst_class(&self) -> &'static str {
        let classes = [
            ("4xx", self.sip_4xx - self.harmless_4xx()),
            ("5xx", self.sip_5xx),
            ("6xx", self.sip_6xx),
            ("time-outs", self.timeouts),
        ];
        classes.into_iter().max_by_key(|(_, n)| *n).map_or("faults", |(class, _)| class)
    }
}

/// Panel 3 (S23).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AbandonRow {
    #[serde(deserialize_with = "CampaignId::of_a_key")]
    pub campaign: CampaignId,
    pub name: SmolStr,
    /// Last 60 minutes.
    pub abandoned: i64,
    pub answered_live: i64,
    pub band: Band,
    pub since: Option<Moment>,
    /// The compliance period that runs now.
    pub period_from: Option<Moment>,
    pub period_abandoned: i64,
    pub period_live: i64,
    /// The limit in millionths.
    pub limit_ppm: i64,
    /// Calls that may still be abandoned in a row; negative: clean answers owed.
    pub budget: Option<i64>,
    pub budget_band: Band,
    /// When the budget is used up at the pace of the last hour.
    pub used_up_at: Option<Moment>,
    /// Of the live answers of 60 minutes: judged as predictive because no mode was known.
    pub unknown_mode: i64,
    /// …judged from the answer, because no greeting was reported (over-counts).
    pub ungreeted: i64,
}

/// Panel 4 (S24, S25), in the order of panel 3.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConnectRow {
    #[serde(deserialize_with = "CampaignId::of_a_key")]
    pub campaign: CampaignId,
    pub name: SmolStr,
    pub answered_live: i64,
    pub resolved: i64,
    /// The same clock hours of the 7 days before.
    pub baseline: Ratio,
    pub band: Band,
    pub since: Option<Moment>,
    pub diagnosis: Option<Diagnosis>,
}

/// Panel 5 (S26), 60 minutes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DidRow {
    /// E.164; the floor's own number, never masked. Empty: calls that name none.
    pub did: SmolStr,
    pub pool: Option<SmolStr>,
    pub answered: i64,
    pub resolved: i64,
    pub baseline: Ratio,
    pub band: Band,
    pub since: Option<Moment>,
}

/// Panel 6 (S27).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentsRow {
    #[serde(deserialize_with = "CampaignId::of_a_key")]
    pub campaign: CampaignId,
    pub name: SmolStr,
    pub ready: i64,
    pub on_call: i64,
    pub wrap_up: i64,
    pub on_break: i64,
    /// Time of 60 minutes, open states up to now, in whole seconds.
    pub on_call_s: i64,
    pub logged_in_s: i64,
    pub band: Band,
    pub since: Option<Moment>,
}

diffed! {
    /// Panel 7 (S28).
    PddPanel / PddDelta {
        countries: Table<PddRow>,
        /// By country and minute, last 60.
        points: Table<PddPoint>,
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PddRow {
    pub country: Country,
    /// Last 60 minutes.
    pub pdd_ms: i64,
    pub progressed: i64,
    /// Whole ms; `null` without data.
    pub p95_ms: Option<i64>,
    /// ms over calls of the hour before.
    pub before: Ratio,
    pub band: Band,
    pub since: Option<Moment>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PddPoint {
    pub country: Country,
    /// Begin of its minute.
    pub t: Moment,
    pub pdd_ms: i64,
    pub progressed: i64,
}

/// Panel 8 (S29).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComponentRow {
    pub component: ComponentId,
    pub kind: ComponentKind,
    /// Offline where nothing was heard for three intervals.
    pub status: Health,
    /// Whether the status is what it last said, or what its silence says.
    pub heard: Heard,
    pub at: Moment,
    /// Whole microseconds.
    pub latency_us: Option<i64>,
    pub detail: Option<SmolStr>,
    /// To its own dashboard.
    pub link: Option<SmolStr>,
    /// Latest shares in 1/10,000.
    pub cpu: Option<i64>,
    pub memory: Option<i64>,
    pub band: Band,
    pub since: Option<Moment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Heard {
    InTime,
    /// Silent for three of its intervals.
    Silent,
}

sent_whole!(Site, Status, ChannelsHead);

keyed! {
    StripItem: |r| format!("{:?}", r.id);
    TrunkRow: |r| r.trunk.to_string();
    ChannelPoint: |r| r.t.secs().to_string();
    RouteRow: |r| r.route.to_string();
    AbandonRow: |r| r.campaign.to_string();
    ConnectRow: |r| r.campaign.to_string();
    DidRow: |r| r.did.to_string();
    AgentsRow: |r| r.campaign.to_string();
    PddRow: |r| r.country.to_string();
    PddPoint: |r| format!("{}@{}", r.country, r.t.secs());
    ComponentRow: |r| r.component.to_string();
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
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
            let clause = Clause { band: Band::Warn, panel: PanelId::Routes, key: "b".into(), subject: "s".into(), text: "t".into() };
            LiveFrame {
                as_of: Moment::from_secs(at),
                newest_event: (at > 3).then(|| Moment::from_secs(at - 1)),
                site: Site { zone: "UTC".into(), utc_offset_s: offset },
                status: Status { band: Band::Ok, since: None, clauses: vec![clause; clauses], more: 0 },
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
    fn rows_of_calls_that_name_nothing_cross_the_network() {
        let row = AgentsRow {
            campaign: CampaignId::none(),
            name: "no campaign".into(),
            ready: 1,
            on_call: 0,
            wrap_up: 0,
            on_break: 0,
            on_call_s: 0,
            logged_in_s: 1,
            band: Band::Warn,
            since: None,
        };
        let wire = serde_json::to_string(&row).unwrap();
        assert_eq!(serde_json::from_str::<AgentsRow>(&wire).unwrap(), row);
    }

    #[test]
    fn the_worst_class_is_that_of_faults_and_not_of_busy_lines() {
        let row = RouteRow {
            route: RouteId::none(),
            name: SmolStr::default(),
            carrier: None,
            trunk: None,
            trunk_detail: None,
            trunk_at: None,
            attempts: 453,
            resolved: 453,
            sip_4xx: 213,
            sip_5xx: 114,
            sip_6xx: 0,
            timeouts: 0,
            route_faults: 114,
            faults_band: Band::Critical,
            started: 0,
            unheard: 0,
            stalled_band: Band::None,
            band: Band::Critical,
            since: None,
        };
        assert_eq!((row.harmless_4xx(), row.worst_class()), (213, "5xx"));
    }

    #[test]
    fn where_nothing_changed_only_the_times_are_sent() {
        let frame = LiveFrame {
            as_of: Moment::from_secs(1),
            newest_event: None,
            site: Site { zone: "UTC".into(), utc_offset_s: 0 },
            status: Status { band: Band::None, since: None, clauses: vec![], more: 0 },
            strip: Table::default(),
            panels: Panels::default(),
        };
        let wire = serde_json::to_string(&frame.delta(&frame)).unwrap();
        assert_eq!(wire, r#"{"as_of":"1970-01-01T00:00:01Z","newest_event":null}"#);
    }
}
