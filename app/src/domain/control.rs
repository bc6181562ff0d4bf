//! Pause and resume, as a card tells of it: what was asked of the dialer, by whom, and how far that has come.
//!
//! The campaign's own status is the dialer's word (`campaign.updated`) and stands beside this, never in it. The machine
//! that makes these (and alone decides what follows from what) is the server's `control/machine.rs`.

use super::ids::CampaignId;
use super::outcome::CampaignStatus;
use super::time::Moment;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// What a dialer can be asked to do with a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub enum Action {
    #[serde(rename = "pause")]
    Pause,
    #[serde(rename = "resume")]
    Resume,
}

impl Action {
    /// The word of the API's addresses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
        }
    }

    /// What takes it back.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Pause => Self::Resume,
            Self::Resume => Self::Pause,
        }
    }

    /// The campaign's status once the dialer has done it.
    #[must_use]
    pub const fn wanted(self) -> CampaignStatus {
        match self {
            Self::Pause => CampaignStatus::Paused,
            Self::Resume => CampaignStatus::Active,
        }
    }
}

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub enum Phase {
    /// Asked of the dialer, which has not said yet that it is so.
    #[serde(rename = "requested")]
    Requested,
    /// The dialer says that it is so; after a pause calls are still up that were dialled before.
    #[serde(rename = "confirmed")]
    Confirmed,
    /// The dialer says that it is so, and no call from before is up any more.
    #[serde(rename = "done")]
    Done,
    /// The dialer said no, or nothing reached it: the campaign goes on as it was.
    #[serde(rename = "refused")]
    Refused,
    /// The dialer's word did not come in time. Whether it did as asked is not known.
    #[serde(rename = "timed_out")]
    TimedOut,
    /// This server was stopped before the dialer's word came. It is waited for anew, for a while.
    #[serde(rename = "unknown")]
    Unknown,
}

impl Phase {
    /// The word of the API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Confirmed => "confirmed",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::TimedOut => "timed_out",
            Self::Unknown => "unknown",
        }
    }

    /// Whether the dialer's word is still waited for.
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::Requested | Self::Unknown => true,
            Self::Confirmed | Self::Done | Self::Refused | Self::TimedOut => false,
        }
    }

    /// Whether the dialer has said that it is so.
    #[must_use]
    pub const fn is_confirmed(self) -> bool {
        match self {
            Self::Confirmed | Self::Done => true,
            Self::Requested | Self::Refused | Self::TimedOut | Self::Unknown => false,
        }
    }
}

/// The newest request for a campaign, as of the tick that tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Control {
    /// The request's id, as the dialer and the audit log know it.
    pub request: SmolStr,
    /// What was asked.
    pub action: Action,
    /// How far it has come.
    pub phase: Phase,
    /// Who asked: a key's name, or `loopback`.
    pub by: SmolStr,
    /// When it was asked.
    pub asked_at: Moment,
    /// When the dialer said that it is so.
    pub confirmed_at: Option<Moment>,
    /// Calls dialled before the pause that are still up; only while a pause is confirmed and not yet done.
    pub draining: Option<u64>,
    /// Until when taking it back is offered: the opposite request. Absent where that moment has passed, or where there is
    /// nothing to take back.
    pub undo_until: Option<Moment>,
    /// Why it was refused, or what is not known.
    pub why: Option<SmolStr>,
}

/// Of every campaign for which something was asked, the newest request that is still worth telling.
pub type Controls = BTreeMap<CampaignId, Control>;

/// A mark on a chart: when the dialer confirmed that a campaign was paused or resumed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Annotation {
    /// When the dialer confirmed it.
    pub at: Moment,
    /// The campaign's id.
    pub campaign: CampaignId,
    /// What was asked.
    pub action: Action,
    /// Who asked for it.
    pub by: SmolStr,
    /// The request, as the audit log knows it.
    pub request: SmolStr,
    /// When it was asked.
    pub asked_at: Moment,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_api() {
        for action in [Action::Pause, Action::Resume] {
            assert_eq!(serde_json::to_value(action).unwrap(), action.word());
            assert_eq!(action.opposite().opposite(), action);
        }
        let phases = [Phase::Requested, Phase::Confirmed, Phase::Done, Phase::Refused, Phase::TimedOut, Phase::Unknown];
        for phase in phases {
            assert_eq!(serde_json::to_value(phase).unwrap(), phase.word());
            assert!(!(phase.is_open() && phase.is_confirmed()));
        }
    }
}
