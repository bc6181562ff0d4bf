//! The monitor's frames, made of the board's sums (S41–S54).
//!
//! `gathered` reads what all cards need in one pass over the sums, `cards` makes a card of it, `worker` tells of the
//! dialer's workers, `campaign` is the frame of one campaign. The words of diagnoses are the table's in `app`. Order and
//! "since" are remembered as those of the live view are; noted once a second.

mod campaign;
mod cards;
mod gathered;
#[cfg(test)]
mod tests;
mod worker;

pub(super) use campaign::rests;
pub use gathered::Gathered;

use super::judgements::Figure;
use super::memory::Standing;
use super::{Board, count};
use app::domain::{CampaignId, Span};
use app::kpi::{Band, KpiId, Ratio};
use app::view::Table;
use app::view::monitor::{CampaignCard, MAX_CARDS, MonitorFrame, Totals};
use std::collections::BTreeSet;

/// How often order and "since" take note.
pub(super) const NOTED_EVERY: Span = Span::secs(1);
/// Where a remembered row is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Area {
    Cards,
    Worker,
}

impl Board {
    /// The monitor from above, as of the last tick.
    #[must_use]
    pub fn monitor(&self, gathered: &Gathered) -> MonitorFrame {
        let mut cards = self.cards(gathered);
        let totals = self.totals(&cards);
        let status = self.monitor_status(cards.len());
        let rank = |card: &CampaignCard| self.seen.rank(Area::Cards, card.campaign.as_str());
        cards.sort_by_cached_key(|card| (rank(card), card.campaign.clone()));
        let more = u32::try_from(cards.len().saturating_sub(MAX_CARDS)).unwrap_or(u32::MAX);
        cards.truncate(MAX_CARDS);
        MonitorFrame {
            as_of: self.now,
            newest_event: self.newest_event,
            site: self.site(),
            status,
            totals,
            worker: gathered.worker.clone(),
            cards: Table { rows: cards, more },
        }
    }

    /// Takes note of how cards and workers stand, and of what is wrong.
    pub(super) fn note_monitor(&mut self) {
        let gathered = self.gather();
        self.judge_limits(&gathered);
        let (cards, worker) = (self.cards(&gathered), &gathered.worker);
        let standings = cards.iter().map(|card| Standing {
            key: card.campaign.as_str(),
            band: card.band,
            severity: card.band,
            weight: card.active,
        });
        self.seen.note(Area::Cards, standings.collect(), self.now);
        let row = Standing { key: "", band: worker.band, severity: worker.band, weight: 0 };
        self.seen.note(Area::Worker, vec![row], self.now);
        self.problems = self.list_problems(&gathered, &cards);
        self.seen.close(self.whole(&self.problems), self.now);
    }

    /// How much of their calls at once campaigns use, each and together.
    fn judge_limits(&mut self, gathered: &Gathered) {
        let shown = self.shown_campaigns(gathered);
        let used = |id: &CampaignId| {
            let limit = self.campaigns.get(id).and_then(|told| told.cac_limit.value());
            limit.map(|limit| (id.clone(), Ratio::new(gathered.active(id), i64::from(limit))))
        };
        let used: Vec<(CampaignId, Ratio)> = shown.iter().filter_map(used).collect();
        let mut all = Ratio::default();
        used.iter().for_each(|(_, one)| all += *one);
        let bands = KpiId::CacUtilisation.get().bands;
        for (id, ratio) in &used {
            self.judgements.see(Figure::Cac, id.as_str(), bands, *ratio, self.now);
        }
        self.judgements.see(Figure::Cac, "", bands, all, self.now);
    }

    /// The band of a campaign's use of its limit, or with an empty name of the floor's.
    pub(super) fn cac_band(&self, campaign: &str, used: Ratio) -> Band {
        let judged = || KpiId::CacUtilisation.get().read_ratio(used).band;
        match self.presence().is_now() {
            true => self.judgements.said(Figure::Cac, campaign).unwrap_or_else(judged),
            false => Band::None,
        }
    }

    fn totals(&self, cards: &[CampaignCard]) -> Totals {
        use app::domain::outcome::CampaignStatus::Paused;
        let paused = cards.iter().filter(|card| card.status == Some(Paused)).count();
        let on_cards: i64 = cards.iter().map(|card| card.active).sum();
        let active_calls = self.gauges.active(None);
        let cac = cac_of(cards.iter());
        Totals {
            active_campaigns: count(cards.len() - paused),
            paused_campaigns: count(paused),
            active_calls,
            active_elsewhere: active_calls - on_cards,
            cac,
            cac_band: self.cac_band("", cac),
        }
    }

    /// All cards, in no order.
    fn cards(&self, gathered: &Gathered) -> Vec<CampaignCard> {
        self.shown_campaigns(gathered).iter().map(|id| self.card(id, gathered)).collect()
    }

    /// Campaigns that have a card, in byte order: also those that nobody told of but by their calls.
    pub(super) fn shown_campaigns(&self, gathered: &Gathered) -> Vec<CampaignId> {
        let known: BTreeSet<CampaignId> = self.campaigns.keys().cloned().chain(gathered.calling()).collect();
        known.into_iter().filter(|id| self.is_shown(id, gathered)).collect()
    }
}

/// Active calls of those that have a limit, of their limits.
pub(super) fn cac_of<'a>(cards: impl Iterator<Item = &'a CampaignCard>) -> Ratio {
    cards.filter(|card| card.cac_limit.is_some()).fold(Ratio::default(), |sum, card| {
        let one = card.cac();
        Ratio::new(sum.part + one.part, sum.whole + one.whole)
    })
}
