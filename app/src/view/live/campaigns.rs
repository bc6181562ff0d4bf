//! Panels 3 and 4 (S23 to S25): what campaigns abandon, and whom they reach.

use crate::compliance::Budget;
use crate::domain::{CampaignId, Moment};
use crate::keyed;
use crate::kpi::band::{Diagnosis, is_surely_past, is_surely_past_limit};
use crate::kpi::{Band, KpiId, Ratio};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Panel 3 (S23).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct AbandonRow {
    /// The campaign's id; empty: calls that name none.
    #[serde(deserialize_with = "CampaignId::of_a_key")]
    pub campaign: CampaignId,
    /// As it is shown: the name told, else the id.
    pub name: SmolStr,
    /// Last 60 minutes.
    pub abandoned: i64,
    /// Of which it can be said whether they were abandoned.
    pub answered_live: i64,
    /// And those of which it can’t, because no source sees the agents.
    #[serde(default)]
    pub unjudged_live: i64,
    /// The same of the last 15 and 5 minutes: what is happening now.
    #[serde(default)]
    pub last_15m: Ratio,
    /// Of the last 5 minutes.
    #[serde(default)]
    pub last_5m: Ratio,
    /// Whether the last 5 minutes are over the red edge beyond chance.
    #[serde(default)]
    pub pacing_band: Band,
    /// Of the 60 minutes.
    pub band: Band,
    /// Since when it has been out of its band.
    pub since: Option<Moment>,
    /// The compliance period that runs now.
    pub period_from: Option<Moment>,
    /// Abandoned in it.
    pub period_abandoned: i64,
    /// Live answers in it of which it can be said whether they were abandoned.
    pub period_live: i64,
    /// The limit in millionths.
    pub limit_ppm: i64,
    /// Calls that may still be abandoned in a row; negative: clean answers owed.
    pub budget: Option<i64>,
    /// What the budget is judged.
    pub budget_band: Band,
    /// When the budget is used up at the pace of the last hour.
    pub used_up_at: Option<Moment>,
    /// By the 95 % interval of that pace; without the later one that pace may be chance.
    #[serde(default)]
    pub used_up_from: Option<Moment>,
    /// The latest, by the 95 % interval of that pace; `null` where it may be chance.
    #[serde(default)]
    pub used_up_to: Option<Moment>,
    /// Of the live answers of 60 minutes: judged as predictive because no mode was known.
    pub unknown_mode: i64,
    /// …judged from the answer, because no greeting was reported (over-counts).
    pub ungreeted: i64,
}

impl AbandonRow {
    /// Abandoned of 60 minutes, of the live answers that can be judged.
    #[must_use]
    pub const fn rate(&self) -> Ratio {
        Ratio::new(self.abandoned, self.answered_live)
    }

    /// The red edge that too few live answers of 60 minutes are past all the same.
    #[must_use]
    pub fn hour_beyond(&self) -> Option<Ratio> {
        let bands = KpiId::AbandonRate.get().bands()?;
        bands.beyond_all_the_same(self.rate()).map(|edge| Ratio::new(edge.part, edge.whole))
    }

    /// The limit that too few live answers of the period are past all the same.
    #[must_use]
    pub fn period_beyond(&self) -> Option<Ratio> {
        let period = Ratio::new(self.period_abandoned, self.period_live);
        let beyond = Budget::of(period, self.limit_ppm).is_beyond_all_the_same();
        beyond.then_some(Ratio::new(self.limit_ppm, 1_000_000))
    }

    /// Of too few live answers to be judged, and past a limit all the same by no chance: those of the hour, else of the period; the
    /// limit; and which of the two.
    #[must_use]
    pub fn surely_past(&self) -> Option<(Ratio, Ratio, &'static str)> {
        let (hour, period) = (self.rate(), Ratio::new(self.period_abandoned, self.period_live));
        let of_hour =
            self.hour_beyond().filter(|_| is_surely_past(hour, self.last_5m)).map(|edge| (hour, edge, "in 60 min"));
        let before = Ratio::new(period.part - self.last_5m.part, period.whole - self.last_5m.whole);
        let of_period = || self.period_beyond().filter(|limit| is_surely_past_limit(before, *limit));
        of_hour.or_else(|| of_period().map(|limit| (period, limit, "in its period")))
    }
}

/// Panel 4 (S24, S25), in the order of panel 3.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ConnectRow {
    /// The campaign's id; empty: calls that name none.
    #[serde(deserialize_with = "CampaignId::of_a_key")]
    pub campaign: CampaignId,
    /// As it is shown: the name told, else the id.
    pub name: SmolStr,
    pub answered_live: i64,
    pub resolved: i64,
    /// The same clock hours of the 7 days before.
    pub baseline: Ratio,
    /// Of the last 5 minutes, without the calls that the network failed or refused.
    #[serde(default)]
    pub last_5m: Ratio,
    /// Of the 60 minutes, and whether the last few are surely a fifth under the baseline.
    #[serde(default)]
    pub hour_band: Band,
    /// Whether the last few minutes are surely a fifth under the baseline.
    #[serde(default)]
    pub lately_band: Band,
    /// The worse of the two.
    pub band: Band,
    /// Since when it has been out of its band.
    pub since: Option<Moment>,
    /// What is wrong with it; `null` where nothing is known to be.
    pub diagnosis: Option<Diagnosis>,
}

impl ConnectRow {
    /// Live answers, of the calls decided.
    #[must_use]
    pub const fn rate(&self) -> Ratio {
        Ratio::new(self.answered_live, self.resolved)
    }

    /// What is said of it as a whole: few minutes that are well make no hour well of which nothing is known.
    #[must_use]
    pub fn judged(hour: Band, lately: Band) -> Band {
        if lately.is_out() { hour.max(lately) } else { hour }
    }

    /// Whether it is the last minutes that fall, and not yet the hour.
    #[must_use]
    pub const fn falls_lately(&self) -> bool {
        self.lately_band.is_out() && !self.hour_band.is_out()
    }
}

keyed! {
    AbandonRow: |r| r.campaign.to_string();
    ConnectRow: |r| r.campaign.to_string();
}
