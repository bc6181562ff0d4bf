//! What stands above the panels: where the floor is, how it does in words, and the real-time strip.

use crate::domain::Moment;
use crate::kpi::Band;
use crate::view::PanelId;
use crate::{keyed, sent_whole};
use serde::{Deserialize, Serialize};

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

sent_whole!(Site, Status);

keyed! {
    StripItem: |r| format!("{:?}", r.id);
}
