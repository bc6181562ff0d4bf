//! Panel 6 (S27): what a campaign's agents do.

use crate::domain::{CampaignId, Moment};
use crate::keyed;
use crate::kpi::{Band, Ratio};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// The agents of one campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct AgentsRow {
    /// The campaign's id; empty: calls that name none.
    #[serde(deserialize_with = "CampaignId::of_a_key")]
    pub campaign: CampaignId,
    /// As it is shown: the name told, else the id.
    pub name: SmolStr,
    /// Agents who wait for a call.
    pub ready: i64,
    /// Agents on a call.
    pub on_call: i64,
    /// Agents in wrap-up.
    pub wrap_up: i64,
    /// Agents on a break.
    pub on_break: i64,
    /// Why those on a break are: the reasons told, with their agents, most first.
    pub breaks: Vec<(SmolStr, i64)>,
    /// Time of 60 minutes, open states up to now, in whole seconds.
    pub on_call_s: i64,
    /// Time logged in of the last 60 minutes, in whole seconds.
    pub logged_in_s: i64,
    /// What the share of time on calls is judged.
    pub band: Band,
    /// Since when it has been out of its band.
    pub since: Option<Moment>,
}

impl AgentsRow {
    /// Time on calls, of the time logged in: in ms, as the facts count it.
    #[must_use]
    pub const fn on_call_share(&self) -> Ratio {
        Ratio::new(self.on_call_s.saturating_mul(1_000), self.logged_in_s.saturating_mul(1_000))
    }
}

keyed! {
    AgentsRow: |r| r.campaign.to_string();
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_calls_that_name_nothing_cross_the_network() {
        let row = AgentsRow {
            campaign: CampaignId::none(),
            name: "no campaign".into(),
            ready: 1,
            on_call: 0,
            wrap_up: 0,
            on_break: 1,
            breaks: vec![("Lunch".into(), 1)],
            on_call_s: 0,
            logged_in_s: 1,
            band: Band::Warn,
            since: None,
        };
        let wire = serde_json::to_string(&row).unwrap();
        assert_eq!(serde_json::from_str::<AgentsRow>(&wire).unwrap(), row);
    }
}
