//! What the audit log holds: every request to a dialer and everything that became of it, and whatever else somebody changed.

use app::domain::control::Action;
use app::domain::outcome::CampaignStatus;
use app::domain::{CampaignId, Moment};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// What became of a request, for the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Asked,
    /// Asked for once more while it was under way, or done: nothing went out.
    Repeated,
    /// Asked for what the dialer says is so already: nothing went out.
    Already,
    /// A later request took its place.
    Overtaken,
    Confirmed,
    /// The last call dialled before the pause has ended.
    Done,
    Refused,
    TimedOut,
    /// The server was stopped before the dialer's word came.
    Unknown,
    /// The dialer says otherwise since, and was not asked to by us.
    Overruled,
    /// No request: something else was changed.
    Changed,
}

impl Step {
    pub const ALL: [Self; 11] = [
        Self::Asked,
        Self::Repeated,
        Self::Already,
        Self::Overtaken,
        Self::Confirmed,
        Self::Done,
        Self::Refused,
        Self::TimedOut,
        Self::Unknown,
        Self::Overruled,
        Self::Changed,
    ];

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Repeated => "repeated",
            Self::Already => "already",
            Self::Overtaken => "overtaken",
            Self::Confirmed => "confirmed",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::TimedOut => "timed_out",
            Self::Unknown => "unknown",
            Self::Overruled => "overruled",
            Self::Changed => "changed",
        }
    }
}

/// What happened, before it has its place in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub at: Moment,
    pub step: Step,
    /// The request that it happened to.
    pub request: SmolStr,
    /// Empty where it happened to none.
    #[serde(deserialize_with = "as_kept")]
    pub campaign: CampaignId,
    /// What dialers were asked for; absent where it is another change ([`Draft::changed`]).
    #[serde(default)]
    pub action: Option<Action>,
    /// A key's name, `loopback`, or `command line`.
    pub who: SmolStr,
    /// The address that the request came from.
    pub from: SmolStr,
    pub asked_at: Moment,
    /// What the dialer had said of the campaign when it was asked.
    pub before: Option<CampaignStatus>,
    /// What the dialer had said of it by `at`.
    pub after: Option<CampaignStatus>,
    pub why: Option<SmolStr>,
    /// What the client named its request by, so that sending it again is known.
    pub idempotency_key: Option<SmolStr>,
    /// What else was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<Changed>,
}

/// An id as it was written, though it be empty.
fn as_kept<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<CampaignId, D::Error> {
    SmolStr::deserialize(deserializer).map(CampaignId::trusted)
}

/// What is changed here other than a campaign's running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    Configuration,
    Keys,
    Cost,
    /// A person's number, from everything.
    Erasure,
    /// A copy of everything was made, or a table given to take away.
    Export,
    /// A copy was put in the place of everything.
    Restore,
}

impl Changed {
    pub const ALL: [Self; 6] =
        [Self::Configuration, Self::Keys, Self::Cost, Self::Erasure, Self::Export, Self::Restore];

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Keys => "keys",
            Self::Cost => "cost",
            Self::Erasure => "erasure",
            Self::Export => "export",
            Self::Restore => "restore",
        }
    }
}

impl Draft {
    /// That somebody changed something; `why` says it in words.
    #[must_use]
    pub fn changed(at: Moment, what: Changed, who: SmolStr, from: SmolStr, why: SmolStr) -> Self {
        Self {
            at,
            step: Step::Changed,
            request: SmolStr::default(),
            campaign: CampaignId::trusted(""),
            action: None,
            who,
            from,
            asked_at: at,
            before: None,
            after: None,
            why: Some(why),
            idempotency_key: None,
            what: Some(what),
        }
    }
}

/// An entry at its place. Its JSON, as serde writes it, is what is hashed: fields are only ever added at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Counts from 1, without gaps.
    pub n: u64,
    #[serde(flatten)]
    pub draft: Draft,
}
