//! What stands above the panels: where the floor is, how it does in words, and the real-time strip.

use crate::domain::Moment;
use crate::kpi::Band;
use crate::view::PanelId;
use crate::{keyed, sent_whole};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Where the floor is, for times of day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Site {
    /// IANA name.
    pub zone: String,
    /// Seconds to add to UTC now.
    pub utc_offset_s: i32,
}

impl Default for Site {
    /// Until the server has said where.
    fn default() -> Self {
        Self { zone: "UTC".to_owned(), utc_offset_s: 0 }
    }
}

/// How things stand, in words, worst first: the first of the one list of problems (`/api/v1/problems`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Status {
    /// The worst of the clauses; `ok` where all is well, `none` where nothing is heard.
    pub band: Band,
    /// How it stands beside the clauses: `ok` where anything else is judged and well, `too_few` where nothing is, `none` where
    /// nothing is heard.
    #[serde(default)]
    pub rest: Band,
    /// Since when it has been so.
    pub since: Option<Moment>,
    /// What is wrong, worst first.
    pub clauses: Vec<Clause>,
    /// Further clauses that were left out.
    pub more: u32,
    /// Nothing has been heard since then, for longer than is usual: no figure is of now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silent_since: Option<Moment>,
    /// Campaigns that are paused, whatever for: mostly no problem, but not "all is well" either.
    #[serde(default)]
    pub paused: u32,
    /// Figures of today that are out of range against the same day of the week before.
    #[serde(default)]
    pub differ: u32,
    /// Which: their KPIs' ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differing: Vec<SmolStr>,
}

/// Whether what a frame shows is of now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Hearing {
    /// See [`Status::silent_since`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silent_since: Option<Moment>,
}

/// "Route beta is failing": subject and what of it; it links to a row of a panel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Clause {
    /// How bad it is.
    pub band: Band,
    /// Where it is shown.
    pub panel: PanelId,
    /// The row's key there.
    pub key: String,
    /// Where it is shown, of what is not in that panel: `/monitor/solar`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
    /// Said first and in the band's colour: "Route beta is failing".
    pub subject: String,
    /// The figures: ": 5xx on 41 % of 312 calls since 14:26".
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StripId {
    /// The figure of panel 1's gauge. part: channels in use where trunks tell them, else active calls; whole: provisioned
    /// channels.
    ActiveCalls,
    /// part: ready; whole: logged in.
    AgentsReady,
    /// part: waiting; `since`: the longest wait's begin.
    CallersWaiting,
    /// part: attempts of the last whole minute; whole: 1.
    CallsPerMinute,
    /// part: answered live of 60 min; whole: resolved.
    ConnectRate,
    /// part: problems, as many as the sentence names or counts; whole: figures watched.
    OutOfBand,
}

/// One figure of the real-time strip (S61).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct StripItem {
    /// Which figure.
    pub id: StripId,
    /// The count shown, or the part of a share.
    pub part: i64,
    /// What it is a part of; `null` where it is no share.
    pub whole: Option<i64>,
    /// What it is judged.
    pub band: Band,
    /// Since when it has been out of its band.
    pub since: Option<Moment>,
    /// The last 60 minutes, oldest first, one value a minute (shares in 1/10,000); `null` where nothing is known.
    pub spark: Vec<Option<i64>>,
}

sent_whole!(Site, Status, Hearing);

keyed! {
    StripItem: |r| format!("{:?}", r.id);
}
