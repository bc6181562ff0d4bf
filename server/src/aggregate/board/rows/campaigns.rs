//! Campaigns: what they abandon, with the budget of their period, and whom they reach.

use crate::aggregate::board::{Board, limit_ppm, pick};
use crate::aggregate::change::LIVE_GRAIN;
use app::compliance::Budget;
use app::domain::outcome::CampaignStatus;
use app::domain::{CampaignId, Dimension, Fact, Facts, Moment, Span, Window};
use app::kpi::{KpiId, Ratio, band};
use app::view::live::{AbandonRow, ConnectRow};
use smol_str::SmolStr;
use std::collections::{BTreeSet, HashMap};

/// What is looked at for a pacing that has just gone wrong.
const LATELY: Span = Span::minutes(2);
/// Of fewer abandoned calls nothing can be sure: the many campaigns that have none are not looked at more closely.
const FEWEST: i64 = 3;

impl Board {
    pub(super) fn campaign_rows(&self, campaign: Option<&CampaignId>) -> (Vec<AbandonRow>, Vec<ConnectRow>) {
        let over = |window| self.windows.sums(Dimension::Campaign, window, campaign);
        let (hour, quarter, five) = (over(Window::Minutes60), over(Window::Minutes15), over(Window::Minutes5));
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
            let ends_before = |at: &Moment| ends.is_none_or(|end| *at < end);
            let runway = budget.runway(rate);
            let used_up = |span: Option<Span>| span.map(|span| self.now + span).filter(ends_before);
            let lately = |sums: &HashMap<SmolStr, Facts>| {
                abandon_kpi.ratio(|fact| sums.get(id.as_str()).map_or(0, |facts| facts[fact]))
            };
            let (last_15m, last_5m) = (lately(&quarter), lately(&five));
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
                campaign: id.clone(),
                name,
                abandoned: rate.part,
                answered_live: rate.whole,
                unjudged_live: facts[Fact::UnjudgedLive],
                last_15m,
                last_5m,
                pacing_band: band::pacing(last_5m).max(band::pacing(self.abandoned_lately(&id, last_5m))),
                band: abandon_kpi.read_ratio(rate).band,
                since: None,
                period_from: period.map(|p| p.from),
                period_abandoned: budget.abandoned,
                period_live: budget.judged_live,
                limit_ppm: budget.limit_ppm,
                budget: period.and_then(|_| budget.calls_left()),
                budget_band: budget.band(),
                used_up_at: used_up(runway.map(|run| run.lasts)),
                used_up_from: used_up(runway.map(|run| run.shortest)),
                used_up_to: used_up(runway.and_then(|run| run.longest)),
                unknown_mode: facts[Fact::UnknownMode],
                ungreeted: facts[Fact::UngreetedBasis],
            });
        }
        (abandon, connect)
    }

    /// What a campaign abandoned in the last two minutes; nothing where it abandoned hardly anybody in the last five.
    pub(in crate::aggregate::board) fn abandoned_lately(&self, id: &CampaignId, last_5m: Ratio) -> Ratio {
        let mut sum = Ratio::default();
        if last_5m.part < FEWEST {
            return sum;
        }
        let from = self.now.floor(LIVE_GRAIN) + LIVE_GRAIN - LATELY;
        let buckets = self.windows.buckets(Dimension::Campaign, Some(id), Some(id.as_str()));
        for (_, _, tally) in buckets.filter(|(_, at, _)| *at >= from && *at <= self.now) {
            sum += KpiId::AbandonRate.ratio(|fact| tally.get(fact));
        }
        sum
    }
}
