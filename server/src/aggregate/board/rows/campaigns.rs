//! Campaigns: what they abandon, with the budget of their period, and whom they reach.

use crate::aggregate::board::{Board, limit_ppm, pick};
use app::compliance::Budget;
use app::domain::outcome::CampaignStatus;
use app::domain::{CampaignId, Dimension, Fact, Facts, Window};
use app::kpi::{KpiId, band};
use app::view::live::{AbandonRow, ConnectRow};
use std::collections::BTreeSet;

impl Board {
    pub(super) fn campaign_rows(&self, campaign: Option<&CampaignId>) -> (Vec<AbandonRow>, Vec<ConnectRow>) {
        let hour = self.windows.sums(Dimension::Campaign, Window::Minutes60, campaign);
        let mut keys: BTreeSet<CampaignId> = hour
            .iter()
            .filter(|(_, f)| f[Fact::Attempts] != 0 || f[Fact::Resolved] != 0)
            .map(|(k, _)| CampaignId::trusted(k.clone()))
            .collect();
        let active = self.campaigns.iter().filter(|(_, c)| c.status.value() == Some(CampaignStatus::Active));
        keys.extend(active.map(|(id, _)| id.clone()).filter(|id| campaign.is_none_or(|c| id == c)));
        let (abandon_kpi, nothing) = (KpiId::AbandonRate.get(), Facts::default());
        let mut abandon = Vec::with_capacity(keys.len());
        let mut connect = Vec::with_capacity(keys.len());
        for id in keys {
            let facts = hour.get(id.as_str()).unwrap_or(&nothing);
            let rate = abandon_kpi.ratio(|fact| facts[fact]);
            let reached = KpiId::ConnectRate.ratio(|fact| facts[fact]);
            let period = self.period(&id);
            let of_period = abandon_kpi.ratio(|fact| period.map_or(0, |p| pick(&p.tally, fact)));
            let budget = Budget::of(of_period, limit_ppm(self.campaigns.get(&id)));
            let ends = period.map(|p| p.to);
            let used_up_at = budget.runway(rate.part, rate.whole).map(|span| self.now + span);
            let name = self.campaign_name(&id);
            let baseline = self.baselines.connect.get(&id).copied().unwrap_or_default();
            let connect_band = band::connect_trend(reached, baseline);
            let abandon_before = self.baselines.abandon.get(&id).copied().unwrap_or_default();
            connect.push(ConnectRow {
                campaign: id.clone(),
                name: name.clone(),
                answered_live: reached.part,
                resolved: reached.whole,
                baseline,
                band: connect_band,
                since: None,
                diagnosis: band::diagnose(connect_band, rate, abandon_before),
            });
            abandon.push(AbandonRow {
                campaign: id,
                name,
                abandoned: rate.part,
                answered_live: rate.whole,
                unjudged_live: facts[Fact::UnjudgedLive],
                band: abandon_kpi.read_ratio(rate).band,
                since: None,
                period_from: period.map(|p| p.from),
                period_abandoned: budget.abandoned,
                period_live: budget.judged_live,
                limit_ppm: budget.limit_ppm,
                budget: period.and_then(|_| budget.calls_left()),
                budget_band: budget.band(),
                used_up_at: used_up_at.filter(|at| ends.is_none_or(|end| *at < end)),
                unknown_mode: facts[Fact::UnknownMode],
                ungreeted: facts[Fact::UngreetedBasis],
            });
        }
        (abandon, connect)
    }
}
