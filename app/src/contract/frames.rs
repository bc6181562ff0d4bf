//! The frames of the stream in words: which tables a view has, what a row of each is, and what its key is made of.
//!
//! A row's members come from its type; the words say what they are rows of.

use super::members::members;
use crate::view::daily::{AgentDay, CampaignDay, DailyFrame, DayKpi, DayMark, DayStep, RouteDay};
use crate::view::live::{
    AbandonRow, AgentsRow, ChannelPoint, ComponentRow, ConnectRow, DidRow, LiveFrame, PddPoint, PddRow, RouteRow,
    StripItem, TrunkRow,
};
use crate::view::monitor::{CampaignCard, MonitorFrame};
use crate::view::monitor_campaign::{CallRow, CampaignFrame, DispositionRow, QueueRow};
use crate::view::trend::{
    AbandonTrend, AhtTrend, ComponentTrend, Leading, MonthCost, PddTrend, RouteTrend, TrendDay, TrendFrame, TrendWeek,
};

/// A table of a frame.
#[derive(Debug, Clone, Copy)]
pub struct TableWords {
    /// The view's name in `?view=`; `campaign` is the monitor's view of one.
    pub view: &'static str,
    /// Where it stands in the frame.
    pub table: &'static str,
    /// What a row is.
    pub row: &'static str,
    /// What the row's key is made of, as `gone` and `order` name it.
    pub key: &'static str,
    members: fn() -> &'static [&'static str],
}

impl TableWords {
    /// The members of a row.
    #[must_use]
    pub fn members(&self) -> &'static [&'static str] {
        (self.members)()
    }
}

macro_rules! tables {
    ($($view:literal { $($table:literal of $row:ty: $what:literal, $key:literal;)+ })+) => {
        /// Every table of every frame.
        pub const TABLES: &[TableWords] = &[$($(TableWords {
            view: $view, table: $table, row: $what, key: $key, members: members::<$row>,
        },)+)+];
    };
}

tables! {
    "live" {
        "strip" of StripItem: "one figure of the strip with its last hour", "the figure’s name, as in `ActiveCalls`";
        "channels.trunks" of TrunkRow: "a trunk’s latest sample", "`trunk`";
        "channels.points" of ChannelPoint: "ten seconds of the last 15 minutes", "`t` in whole seconds since 1970";
        "routes" of RouteRow: "a route, last 5 minutes", "`route`";
        "abandon" of AbandonRow: "a campaign, last 60 minutes and its compliance period", "`campaign`";
        "connect" of ConnectRow: "a campaign, last 60 minutes", "`campaign`";
        "dids" of DidRow: "a number of the floor, last 60 minutes", "`did`";
        "agents" of AgentsRow: "a campaign’s agents", "`campaign`";
        "pdd.countries" of PddRow: "a country, last 60 minutes", "`country`";
        "pdd.points" of PddPoint: "a country’s minute", "`country`, `@`, and `t` in whole seconds since 1970";
        "infra" of ComponentRow: "a component", "`component`";
    }
    "monitor" {
        "cards" of CampaignCard: "a campaign that is active or paused", "`campaign`";
    }
    "campaign" {
        "calls" of CallRow: "a call of the last 5 minutes, or one that is up; numbers masked", "the length of `realm` in bytes, a dot, `realm` and `call_id` together: `8.dialer-1a7`";
        "queues" of QueueRow: "a queue’s callers of this campaign, last 60 minutes", "`queue`";
        "dispositions" of DispositionRow: "what became of calls", "`disposition`";
    }
    "daily" {
        "kpis" of DayKpi: "a KPI’s day, and that of a week before", "`kpi`";
        "steps" of DayStep: "five minutes of the day", "`t` in whole seconds since 1970";
        "before" of DayStep: "five minutes of the same day a week before", "`t` in whole seconds since 1970";
        "campaigns" of CampaignDay: "a campaign’s day", "`campaign`";
        "routes" of RouteDay: "a route’s day", "`route`";
        "agents" of AgentDay: "an agent’s day", "`agent`";
        "marks" of DayMark: "a pause or a resume", "`request`";
    }
    "trend" {
        "days" of TrendDay: "a day of the site", "`date`";
        "weeks" of TrendWeek: "a week", "`week`";
        "abandon" of AbandonTrend: "a campaign’s days", "`campaign`";
        "aht" of AhtTrend: "a campaign’s days", "`campaign`";
        "routes" of RouteTrend: "a route’s days", "`route`";
        "pdd" of PddTrend: "a country’s days", "`country`";
        "components" of ComponentTrend: "a component’s days", "`component`";
        "costs" of MonthCost: "a month’s cost of a kind", "`month`, a space, `kind`";
        "leading" of Leading: "a figure on its way out of its band", "`kpi`, a space, the dimension, a space, `key`";
    }
}

/// The views, as `?view=` names them; `campaign` is the monitor's of one.
pub const VIEWS: [&str; 5] = ["live", "monitor", "campaign", "daily", "trend"];

/// The members of a view's frame.
#[must_use]
pub fn frame_members(view: &str) -> &'static [&'static str] {
    match view {
        "live" => members::<LiveFrame>(),
        "monitor" => members::<MonitorFrame>(),
        "campaign" => members::<CampaignFrame>(),
        "daily" => members::<DailyFrame>(),
        "trend" => members::<TrendFrame>(),
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Members of frames that are no tables.
    const NO_TABLES: [&str; 14] = [
        "as_of",
        "newest_event",
        "site",
        "status",
        "hearing",
        "totals",
        "worker",
        "card",
        "progress",
        "figures",
        "day",
        "span",
        "channels",
        "pdd",
    ];

    #[test]
    fn each_table_of_each_frame_has_words_and_rows_with_members() {
        for view in VIEWS {
            let named: BTreeSet<&str> =
                TABLES.iter().filter(|table| table.view == view).map(|table| table.table).collect();
            let whole: BTreeSet<&str> = named.iter().filter(|table| !table.contains('.')).copied().collect();
            let members = frame_members(view);
            assert!(members.contains(&"as_of"), "{view}");
            let said = |member: &&str| !whole.contains(*member) && !NO_TABLES.contains(member);
            let without: Vec<&str> = members.iter().copied().filter(|member| said(member)).collect();
            assert!(without.is_empty(), "{view}: write what rows of {without:?} are in contract/frames.rs");
            assert!(whole.iter().all(|table| members.contains(table)), "{view}: {whole:?}");
        }
        for table in TABLES {
            assert!(!table.members().is_empty(), "{}.{}", table.view, table.table);
        }
    }
}
