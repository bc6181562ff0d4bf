//! The trend view's frame (S30–S36, S38): 7, 30 or 90 site days, the running one last and marked as such.
//!
//! Made of rollups by the day only. Tables of campaigns, routes, countries and components have a row each, whose lists
//! stand by the day (as long as `days`) or by the week (as long as `weeks`), oldest first. All counts are exact; money is
//! in millionths of its currency, rounded only there. Weeks are those of the site's zone, from Monday (ISO 8601), and
//! always whole: the first may begin before the first day.

use super::daily::DayState;
use super::live::Site;
use super::table::Table;
use crate::domain::outcome::{ComponentKind, CostKind};
use crate::domain::{CampaignId, ComponentId, Country, Dimension, Moment, RouteId};
use crate::kpi::{Band, Ratio};
use crate::{framed, keyed, sent_whole};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

framed! {
    /// The whole trend view over some days.
    TrendFrame / TrendDelta {
        /// Where the site is: its zone.
        site: Site,
        /// Which days.
        span: TrendSpan,
        /// T1 attempts and connects, T4 rotation of DIDs, T6 cost, error rate, uptime of everything: of the whole floor.
        days: Table<TrendDay>,
        /// The weeks that the days touch, oldest first.
        weeks: Table<TrendWeek>,
        /// T2, by the day; most live answers first.
        abandon: Table<AbandonTrend>,
        /// T3, by the week; most handled calls first.
        aht: Table<AhtTrend>,
        /// T5, by the week; worst first.
        routes: Table<RouteTrend>,
        /// Post-dial delay by the day; most calls first.
        pdd: Table<PddTrend>,
        /// Uptime by the day; lowest first.
        components: Table<ComponentTrend>,
        /// What months that the days touch have cost, and what that makes for one contact or minute; oldest first.
        costs: Table<MonthCost>,
        /// KPIs on their way into a band; soonest first.
        leading: Table<Leading>,
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct TrendSpan {
    /// 7, 30 or 90.
    pub days: u32,
    /// Begin of the first day.
    pub from: Moment,
    /// End of the running day.
    pub to: Moment,
    /// The last whole five minutes: a running day, its week and its month are counted to here.
    pub until: Moment,
}

/// One site day of the whole floor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct TrendDay {
    /// The site's date, `2026-11-21`.
    pub date: SmolStr,
    /// When it begins.
    pub from: Moment,
    /// Exclusive.
    pub to: Moment,
    /// Whether it is over.
    pub state: DayState,
    /// When figures of this day last changed after it was over, if it had calls before that: late events. Days that were imported
    /// afterwards are not revised.
    pub revised_at: Option<Moment>,
    pub attempts: i64,
    /// Connect rate: answered live ÷ resolved. Answer rate: answered ÷ resolved. Error rate: errors ÷ resolved.
    pub resolved: i64,
    pub answered: i64,
    pub answered_live: i64,
    /// Of them those of which it can be said whether they were abandoned.
    pub judged_live: i64,
    pub abandoned: i64,
    /// What the abandon rate is judged.
    pub abandon_band: Band,
    pub failed: i64,
    /// Calls that the network or the platform failed, whatever code said so: failed, or congestion.
    pub errors: i64,
    /// What the error rate is judged.
    pub error_band: Band,
    /// Of the final errors those that are the network's doing.
    pub route_faults: i64,
    pub inbound: i64,
    /// Of them those of whom it can be said by now whether somebody answered them.
    pub judged_inbound: i64,
    pub inbound_answered: i64,
    /// AHT: handle_ms ÷ handled.
    pub handle_ms: i64,
    pub handled: i64,
    pub connected: i64,
    pub connected_ms: i64,
    pub right_party: i64,
    /// Numbers taken into use.
    pub dids_provisioned: i64,
    /// Numbers given up.
    pub dids_retired: i64,
    /// Time for which components were observed, and not offline.
    pub observed_ms: i64,
    /// Of the time observed, that in which they were not offline.
    pub up_ms: i64,
    /// This day's part of its month's telephony cost; `null` where none was told.
    pub telephony: Option<Money>,
    /// This day's part of its month's infrastructure cost; `null` where none was told.
    pub infrastructure: Option<Money>,
    /// Telephony cost ÷ right-party contacts; `null` without cost or contacts.
    pub cost_per_rpc: Option<Money>,
    /// Infrastructure cost ÷ connected minutes.
    pub cost_per_minute: Option<Money>,
}

/// An amount, in millionths of a currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Money {
    /// The amount in millionths.
    pub micros: i64,
    /// ISO 4217.
    pub currency: SmolStr,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct TrendWeek {
    /// ISO 8601: `2026-W47`.
    pub week: SmolStr,
    /// When it begins.
    pub from: Moment,
    /// When it ends, exclusive.
    pub to: Moment,
    /// Whether it is over.
    pub state: DayState,
    /// The latest of its days.
    pub revised_at: Option<Moment>,
}

/// T2 (S31): abandoned ÷ judged live.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct AbandonTrend {
    /// The campaign's id; empty: calls that name none.
    #[serde(deserialize_with = "CampaignId::of_a_key")]
    pub campaign: CampaignId,
    /// As it is shown: the name told, else the id.
    pub name: SmolStr,
    /// Abandoned calls.
    pub abandoned: Vec<i64>,
    /// Those of which it can be said whether they were abandoned.
    pub answered_live: Vec<i64>,
    /// What each of them is judged.
    pub bands: Vec<Band>,
    /// Over all days.
    pub part: i64,
    /// Judged live, over all days.
    pub whole: i64,
    /// What the share of all days is judged.
    pub band: Band,
}

/// T3 (S32): talk, hold and wrap-up ÷ handled, by the week.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct AhtTrend {
    /// The campaign's id; empty: calls that name none.
    #[serde(deserialize_with = "CampaignId::of_a_key")]
    pub campaign: CampaignId,
    /// As it is shown: the name told, else the id.
    pub name: SmolStr,
    /// Talk, hold and wrap-up, in ms.
    pub handle_ms: Vec<i64>,
    /// Calls that an agent handled.
    pub handled: Vec<i64>,
    /// Over all weeks.
    pub part: i64,
    /// Handled calls, over all weeks.
    pub whole: i64,
}

/// T5 (S34): final errors by class, and those that are the route's fault, of the resolved; by the week.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct RouteTrend {
    /// The route's id; empty: calls that name none.
    #[serde(deserialize_with = "RouteId::of_a_key")]
    pub route: RouteId,
    /// As it is shown: the name told, else the id.
    pub name: SmolStr,
    /// Whose route it is; `null`: never told.
    pub carrier: Option<SmolStr>,
    /// Calls decided.
    pub resolved: Vec<i64>,
    /// Of them those with a final 4xx, but for 408.
    pub sip_4xx: Vec<i64>,
    /// With a final 5xx.
    pub sip_5xx: Vec<i64>,
    /// With a final 6xx.
    pub sip_6xx: Vec<i64>,
    /// With a 408, or timed out by Q.850.
    pub timeouts: Vec<i64>,
    /// Of the final errors those that are the network's doing.
    pub route_faults: Vec<i64>,
    /// Calls that failed, and no code tells whose fault it was.
    #[serde(default)]
    pub unjudged_faults: Vec<i64>,
    /// Of the route's faults.
    pub bands: Vec<Band>,
    /// Route faults over all weeks.
    pub part: i64,
    /// Resolved calls, over all weeks.
    pub whole: i64,
    /// What the share of all weeks is judged.
    pub band: Band,
}

/// Post-dial delay by destination country and day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct PddTrend {
    /// ISO 3166-1, two letters; `ZZ`: it can't be placed.
    pub country: Country,
    /// From the start to ringback, in ms.
    pub pdd_ms: Vec<i64>,
    /// Calls that reached ringback.
    pub progressed: Vec<i64>,
    /// Over all days.
    pub part: i64,
    /// Calls that reached ringback, over all days.
    pub whole: i64,
}

/// Uptime of a component: time not offline ÷ time observed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ComponentTrend {
    /// The component's id.
    pub component: ComponentId,
    /// What it last said it is; `null` where it is no longer heard of.
    pub kind: Option<ComponentKind>,
    /// Time not offline, in ms.
    pub up_ms: Vec<i64>,
    /// Time observed, in ms.
    pub observed_ms: Vec<i64>,
    /// Over all days.
    pub part: i64,
    /// Time observed, over all days, in ms.
    pub whole: i64,
}

/// What one kind of cost came to in a month, so far where it is running.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct MonthCost {
    /// `2026-11`.
    pub month: SmolStr,
    /// Which cost.
    pub kind: CostKind,
    /// Of the whole month, as it was told: a decimal.
    pub amount: SmolStr,
    /// When it was told.
    pub told_at: Moment,
    /// Whether it is over.
    pub state: DayState,
    /// The part of the amount that has passed, in time.
    pub so_far: Money,
    /// What it is divided by: right-party contacts, or connected ms, of the month so far.
    pub whole: i64,
    /// For one contact, or one connected minute.
    pub each: Option<Money>,
}

/// A KPI that, as it has gone for 14 days, will be in a band within 14 more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Leading {
    /// Its id in the catalogue.
    pub kpi: SmolStr,
    /// By what its key is told apart.
    pub by: Dimension,
    /// Whose figure it is; empty for the whole floor.
    pub key: SmolStr,
    /// As it is shown: the name told, else the id.
    pub name: SmolStr,
    /// The fitted line on the last whole day, in the KPI's unit, and what it gains in a day; as parts of a million.
    pub now: Ratio,
    /// What the line gains in a day, as parts of a million.
    pub slope: Ratio,
    /// Days that the line was fitted to.
    pub points: u32,
    /// The band that it will be in.
    pub reaches: Band,
    /// The edge of that band.
    pub edge: Ratio,
    /// On this date of the site, so many days from today.
    pub on: SmolStr,
    /// So many days from today.
    pub in_days: u32,
}

sent_whole!(TrendSpan);

keyed! {
    TrendDay: |r| r.date.to_string();
    TrendWeek: |r| r.week.to_string();
    AbandonTrend: |r| r.campaign.to_string();
    AhtTrend: |r| r.campaign.to_string();
    RouteTrend: |r| r.route.to_string();
    PddTrend: |r| r.country.to_string();
    ComponentTrend: |r| r.component.to_string();
    MonthCost: |r| format!("{} {}", r.month, r.kind.word());
    Leading: |r| format!("{} {} {}", r.kpi, r.by.word(), r.key);
}

impl TrendFrame {
    /// With at most `rows` in the tables that grow with names, and the count of the rest.
    #[must_use]
    pub fn cut(mut self, rows: usize) -> Self {
        self.abandon.cut(rows);
        self.aht.cut(rows);
        self.routes.cut(rows);
        self.pdd.cut(rows);
        self.components.cut(rows);
        self.leading.cut(rows);
        self
    }
}
