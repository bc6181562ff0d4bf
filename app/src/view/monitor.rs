//! The monitor's frame from above (S41–S45): four figures of the whole floor and a card for each campaign that is active or
//! paused.
//!
//! All counts are exact and as of one tick; bands are decided by the server. Destinations, completed, failed, progress and
//! penetration are over the window `campaign` (since it started, else since its first call). What a card shows, the
//! campaign's own frame (`monitor_campaign`) shows alike: it holds the same card.

use super::live::{Heard, Site};
use super::table::{Keyed, Table};
use crate::domain::control::Control;
use crate::domain::outcome::{CampaignStatus, Health};
use crate::domain::{CampaignId, ComponentId, Moment};
use crate::kpi::band::Band;
use crate::kpi::value::Ratio;
use crate::{framed, sent_whole};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// At most this many cards cross the network; the frame counts the rest. More than the hundred rows of other panels: the
/// monitor shows every campaign, and a floor of hundreds is no rarity.
pub const MAX_CARDS: usize = 500;

framed! {
    MonitorFrame / MonitorDelta {
        /// Where the site is: its zone.
        site: Site,
        /// How the campaigns stand, in words.
        status: MonitorStatus,
        /// The whole floor.
        totals: Totals,
        /// The dialer's worker; the worst of them where there are several.
        worker: WorkerHealth,
        /// Worst first, then by active calls; places change at most every 10 s.
        cards: Table<CampaignCard>,
    }
}

/// How the campaigns stand, in words, worst first: the first of the one list of problems (`/api/v1/problems`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct MonitorStatus {
    /// The worst of the clauses; `ok` where all is well, `none` where there is no campaign.
    pub band: Band,
    /// Since when it has been so.
    pub since: Option<Moment>,
    /// What is wrong, worst first.
    pub clauses: Vec<MonitorClause>,
    /// Further clauses that were left out.
    pub more: u32,
    /// Nothing has been heard since then, for longer than is usual: no figure is of now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silent_since: Option<Moment>,
}

/// "Solar West: pacing problem", "abandoned 3.1 %, …"; it links to the campaign's page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct MonitorClause {
    /// How bad it is.
    pub band: Band,
    /// `None`: it is about no single campaign.
    pub campaign: Option<CampaignId>,
    /// Where it is shown, of what is no campaign's: `/live#routes-beta`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
    /// Said first and in the band's colour.
    pub subject: String,
    /// The figures.
    pub text: String,
}

/// The whole floor (S42).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Totals {
    /// Campaigns that dial, and those that are paused: together the cards, those left out included.
    pub active_campaigns: i64,
    /// Campaigns that are paused.
    pub paused_campaigns: i64,
    /// Calls that are up, all of them.
    pub active_calls: i64,
    /// Of those, the calls of no card: calls of no campaign, and of campaigns that have ended.
    pub active_elsewhere: i64,
    /// Active calls of the campaigns that have a limit, and the sum of their limits.
    pub cac: Ratio,
    /// What the use of the limits is judged.
    pub cac_band: Band,
}

/// The dialer's worker (S52): the worst of them where there are several.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct WorkerHealth {
    /// `None`: no worker is known (none is polled, none tells).
    pub status: Option<Health>,
    /// Whether the status is what it last said, or what its silence says.
    pub heard: Option<Heard>,
    /// Which one.
    pub component: Option<ComponentId>,
    /// When it last answered, or told of itself; a poll that got no answer is none.
    pub at: Option<Moment>,
    /// Whole microseconds.
    pub latency_us: Option<i64>,
    /// In its own words.
    pub detail: Option<SmolStr>,
    /// Workers known, and those of them that are offline.
    pub workers: i64,
    /// Workers that are offline.
    pub offline: i64,
    /// What its status is judged.
    pub band: Band,
    /// Since when it has been out of order.
    pub since: Option<Moment>,
    /// What that means for the campaigns, in words; while a worker is offline.
    pub warning: Option<SmolStr>,
}

/// One campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct CampaignCard {
    /// Never empty.
    pub campaign: CampaignId,
    /// As it is shown: the name told, else the id.
    pub name: SmolStr,
    /// The dialer's word. `None`: it never told, and the campaign is shown because it has calls. `ended`: only in the
    /// campaign's own frame.
    pub status: Option<CampaignStatus>,
    /// Why it rests; absent where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Paused>,
    /// Where answered calls go: the routing label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<SmolStr>,
    /// Numbers in its lists; `None`: never told.
    pub destinations: Option<i64>,
    /// Calls that are up, and how many may be.
    pub active: i64,
    /// How many calls may be up; `null`: never told.
    pub cac_limit: Option<i64>,
    /// What the use of its limit is judged.
    pub cac_band: Band,
    /// Destinations that are done: reached, and given up.
    pub completed: i64,
    /// Destinations given up.
    pub failed: i64,
    /// Destinations less both, not below 0; `None` where they were never told.
    pub pending: Option<i64>,
    /// The dialer's word; `None`: never told.
    pub rate_limited: Option<bool>,
    /// Thousandths of calls a second that it may set off; `None`: never told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cps_limit_milli: Option<i64>,
    /// Destinations tried for the first time; `None`: its calls tell no attempt.
    pub first_attempts: Option<i64>,
    /// Those of the last 60 minutes.
    pub first_attempts_hour: Option<i64>,
    /// Of the last 60 minutes: answered live of resolved, abandoned of answered live.
    pub connect: Ratio,
    /// Abandoned of answered live, last 60 minutes.
    pub abandon: Ratio,
    /// What that is judged.
    pub abandon_band: Band,
    /// What is wrong with it, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<Chip>,
    /// What was last asked of its dialer from here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<Control>,
    /// Whether it calls out, or was told how to; one that only takes calls does not.
    #[serde(default)]
    pub dials: bool,
    /// How its callers fare, where it takes calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inbound: Option<Inbound>,
    /// Whether there is a dialer that can be asked to pause it.
    #[serde(default)]
    pub hears: bool,
    /// The worst of diagnosis and CAC utilisation; the order goes by it.
    pub band: Band,
    /// Since when it has been out of order.
    pub since: Option<Moment>,
}

impl CampaignCard {
    /// Destinations done, of all; nothing to divide by where they were never told.
    #[must_use]
    pub fn progress(&self) -> Ratio {
        Ratio::new(self.completed + self.failed, self.destinations.unwrap_or(0))
    }

    #[must_use]
    pub fn penetration(&self) -> Ratio {
        match (self.first_attempts, self.destinations) {
            (Some(tried), Some(destinations)) => Ratio::new(tried, destinations),
            (None, _) | (_, None) => Ratio::new(0, 0),
        }
    }

    #[must_use]
    pub fn cac(&self) -> Ratio {
        Ratio::new(self.active, self.cac_limit.unwrap_or(0))
    }
}

/// The callers of a campaign: now, and in the last 60 minutes. The bands hold, and are beyond chance.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Inbound {
    /// Callers in a queue, and since when the first of them has been there.
    pub waiting: i64,
    /// Since when the first of them has been there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Moment>,
    /// Inbound answered of inbound.
    pub answered: Ratio,
    /// What the share answered is judged.
    pub answered_band: Band,
    /// Hung up in the queue, of queued.
    pub queue_abandoned: Ratio,
    /// What the share that hung up in the queue is judged.
    pub queue_band: Band,
    /// ms of ringing and waiting, of the inbound answered.
    pub asa: Ratio,
    /// What the average speed of answer is judged.
    pub asa_band: Band,
}

/// Why a campaign rests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Paused {
    /// When the dialer first said so without a word of another state since.
    pub since: Option<Moment>,
    /// The kind of reason.
    pub why: PausedWhy,
    /// The dialer's own word for it.
    pub reason: Option<SmolStr>,
    /// Who asked for it here, where that is how it came to be.
    pub by: Option<SmolStr>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PausedWhy {
    /// The dialer's schedule blocks it (S54).
    Schedule,
    /// A person did, here or in the dialer.
    Operator,
    /// Another reason was given.
    Other,
    /// None was.
    Unknown,
}

/// A diagnosis (S53, N10): a problem's name, the figures that led to it, and what to do next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Chip {
    /// The problem's word: `list`, `pacing`, `route`, `did`, `staffing`, `worker`, `schedule`, …
    pub problem: SmolStr,
    /// How bad it is.
    pub band: Band,
    /// "Pacing problem".
    pub title: SmolStr,
    /// Two or three.
    pub figures: Vec<ChipFigure>,
    /// What to do next.
    pub next: SmolStr,
}

/// "Abandoned": "3.1 %, usually 0.9 %".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ChipFigure {
    /// What is counted: "Abandoned".
    pub label: SmolStr,
    /// The figure in words: "3.1 %, usually 0.9 %".
    pub value: SmolStr,
}

sent_whole!(MonitorStatus, Totals, WorkerHealth, CampaignCard);

impl Keyed for CampaignCard {
    fn key(&self) -> String {
        self.campaign.to_string()
    }
}
