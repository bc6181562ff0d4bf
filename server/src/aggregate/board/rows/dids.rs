//! The floor's own numbers, each against its own past.

use crate::aggregate::board::Board;
use app::domain::{CampaignId, Dimension, Tally, Window};
use app::kpi::{KpiId, Ratio, band};
use app::view::live::DidRow;
use smol_str::SmolStr;

impl Board {
    pub(super) fn did_rows(&self, campaign: Option<&CampaignId>) -> Vec<DidRow> {
        let answered = |sum: &Tally| KpiId::DidAnswerRate.ratio(|fact| sum.get(fact));
        let mut now: Vec<(&SmolStr, Ratio)> = Vec::new();
        match campaign {
            None => now.extend(self.windows.dids().map(|(did, sum)| (did, answered(sum)))),
            Some(_) => self
                .windows
                .each(Dimension::Did, Window::Minutes60, campaign, |of, sum| now.push((&of.key, answered(sum)))),
        }
        now.into_iter()
            .filter(|(did, ratio)| !did.is_empty() && ratio.whole > 0)
            .map(|(did, ratio)| {
                // Baselines are the whole floor's: of one campaign's share of a number they would say nothing.
                let known = self.baselines.dids.get(did).filter(|_| campaign.is_none());
                let baseline = known.copied().unwrap_or_default();
                let pool = self.dids.get(did).and_then(|d| d.pool.get()).map(|p| SmolStr::new(p.as_str()));
                DidRow {
                    did: did.clone(),
                    pool,
                    answered: ratio.part,
                    resolved: ratio.whole,
                    baseline,
                    band: band::did_health(ratio, baseline),
                    since: None,
                }
            })
            .collect()
    }
}
