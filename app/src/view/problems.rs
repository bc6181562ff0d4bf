//! The one list of what is wrong, as the API answers it; the sentences of the live page and of the monitor are its first rows.

use crate::domain::{CampaignId, Moment};
use crate::kpi::Band;
use serde::Serialize;
use smol_str::SmolStr;

/// At most this many rows cross the network, worst first; the frame counts the rest.
pub const MAX_PROBLEMS: usize = 500;

/// At most this many of what one explains; and at most so many names of campaigns of one. The row counts the rest: a worker that
/// is gone may hit tens of thousands.
pub const MAX_EXPLAINED: usize = 100;
pub const MAX_NAMED: usize = 100;

/// What is wrong, in the order in which one explains another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProblemCause {
    /// Nothing is kept.
    Database,
    /// Nothing is heard.
    Silence,
    /// What is shown is not proved by its calls.
    Figures,
    /// Events come that can't be taken.
    Rejected,
    /// A field comes by a name that there is not.
    Misspelt,
    /// Calls come of which nobody can tell which way they go.
    Undirected,
    Component,
    Route,
    /// Channels of a trunk, or of all of them.
    Trunk,
    /// The floor's own numbers.
    Number,
    Campaign,
    /// Calls to a country.
    Country,
    /// A rate of the whole floor, of now.
    Floor,
    /// A figure of the running day.
    Today,
}

impl ProblemCause {
    pub const ALL: &'static [Self] = &[
        Self::Database,
        Self::Silence,
        Self::Figures,
        Self::Rejected,
        Self::Misspelt,
        Self::Undirected,
        Self::Component,
        Self::Route,
        Self::Trunk,
        Self::Number,
        Self::Campaign,
        Self::Country,
        Self::Floor,
        Self::Today,
    ];

    /// As the API says it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Silence => "silence",
            Self::Figures => "figures",
            Self::Rejected => "rejected",
            Self::Misspelt => "misspelt",
            Self::Undirected => "undirected",
            Self::Component => "component",
            Self::Route => "route",
            Self::Trunk => "trunk",
            Self::Campaign => "campaign",
            Self::Number => "number",
            Self::Country => "country",
            Self::Floor => "floor",
            Self::Today => "today",
        }
    }
}

/// All that is wrong, worst first.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "ssr", schemars(rename = "Problems"))]
pub struct ProblemList {
    /// Server time of the board's tick.
    pub as_of: Moment,
    /// The newest event time that is reflected.
    pub newest_event: Option<Moment>,
    /// The worst of the rows; `ok` where nothing is wrong, `too_few` where nothing was enough to be judged, `none` where nothing
    /// is heard.
    pub band: Band,
    /// Since when it has been so.
    pub since: Option<Moment>,
    /// Nothing has been heard since then, for longer than is usual: no figure is of now.
    pub silent_since: Option<Moment>,
    /// Campaigns that are paused, whatever for: as many as the monitor counts.
    pub paused: u32,
    /// Figures of today that are out of range against the same day of the week before.
    pub differ: u32,
    /// Which: their KPIs' ids.
    pub differing: Vec<SmolStr>,
    /// What is wrong, worst first, at most [`MAX_PROBLEMS`].
    pub rows: Vec<ProblemRow>,
    /// Those beyond [`MAX_PROBLEMS`].
    pub more: u32,
}

/// A problem, and what it explains.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ProblemRow {
    /// What is wrong.
    pub cause: ProblemCause,
    /// Whose: a component, a route, a trunk, a campaign, a number, a country, a KPI of now or of the day.
    pub id: SmolStr,
    /// How bad it is.
    pub band: Band,
    /// Since when, where that is known.
    pub since: Option<Moment>,
    /// "Route beta is failing".
    pub subject: String,
    /// The figures.
    pub text: String,
    /// What it hits: calls of the last five minutes, agents that are logged in.
    pub calls: i64,
    /// Agents that are logged in and wait because of it.
    pub agents: i64,
    /// In byte order.
    pub campaigns: Vec<CampaignId>,
    /// Those beyond [`MAX_NAMED`].
    pub more_campaigns: u32,
    /// Where it is shown.
    pub href: String,
    /// What would be a problem of its own if this were not named: it follows from it.
    pub explains: Vec<ProblemRow>,
    /// Those beyond [`MAX_EXPLAINED`].
    pub more_explained: u32,
}
