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

use super::memory::Standing;
use super::{Board, count};
use app::domain::Span;
use app::kpi::{Band, KpiId, Ratio};
use app::view::Table;
use app::view::monitor::{CampaignCard, MAX_CARDS, MonitorClause, MonitorFrame, MonitorStatus, Totals};

/// How often order and "since" take note.
pub(super) const NOTED_EVERY: Span = Span::secs(1);
/// At most this many clauses in the sentence.
const MAX_CLAUSES: usize = 3;

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
        let worker = self.worker();
        let status = self.monitor_status(&cards, &worker);
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
            worker,
            cards: Table { rows: cards, more },
        }
    }

    /// Takes note of how cards and workers stand.
    pub(super) fn note_monitor(&mut self) {
        let gathered = self.gather();
        let (cards, worker) = (self.cards(&gathered), self.worker());
        let whole = self.monitor_status(&cards, &worker).band;
        let standings = cards.iter().map(|card| Standing {
            key: card.campaign.as_str(),
            band: card.band,
            severity: card.band,
            weight: card.active,
        });
        self.seen.note(Area::Cards, standings.collect(), self.now);
        let row = Standing { key: "", band: worker.band, severity: worker.band, weight: 0 };
        self.seen.note(Area::Worker, vec![row], self.now);
        self.seen.close(whole, self.now);
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
            cac_band: KpiId::CacUtilisation.get().read_ratio(cac).band,
        }
    }

    fn monitor_status(&self, cards: &[CampaignCard], worker: &app::view::monitor::WorkerHealth) -> MonitorStatus {
        let mut clauses: Vec<MonitorClause> = Vec::new();
        if worker.band.is_out() {
            clauses.push(worker::clause(worker));
        }
        let mut ailing: Vec<&CampaignCard> = cards.iter().filter(|card| card.diagnosis.is_some()).collect();
        ailing.sort_by(|a, b| (b.band, b.active, &a.campaign).cmp(&(a.band, a.active, &b.campaign)));
        // Where the worker is dead each campaign has it as its problem: said once.
        let told = |card: &&CampaignCard| card.diagnosis.as_ref().is_none_or(|chip| chip.problem != "worker");
        clauses.extend(ailing.into_iter().filter(told).filter_map(cards::clause));
        clauses.sort_by_key(|clause| std::cmp::Reverse(clause.band));
        let band = match clauses.first() {
            Some(worst) => worst.band,
            None if cards.is_empty() => Band::None,
            None => Band::Ok,
        };
        let more = u32::try_from(clauses.len().saturating_sub(MAX_CLAUSES)).unwrap_or(u32::MAX);
        clauses.truncate(MAX_CLAUSES);
        MonitorStatus { band, since: self.seen.whole_since(), clauses, more }
    }

    /// All cards, in no order.
    fn cards(&self, gathered: &Gathered) -> Vec<CampaignCard> {
        let shown = self.campaigns.keys().filter(|id| self.is_shown(id, gathered));
        shown.map(|id| self.card(id, gathered)).collect()
    }
}

/// Active calls of those that have a limit, of their limits.
pub(super) fn cac_of<'a>(cards: impl Iterator<Item = &'a CampaignCard>) -> Ratio {
    cards.filter(|card| card.cac_limit.is_some()).fold(Ratio::default(), |sum, card| {
        let one = card.cac();
        Ratio::new(sum.part + one.part, sum.whole + one.whole)
    })
}
