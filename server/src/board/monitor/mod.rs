//! The monitor's frames, made of the board's sums (S41–S54).
//!
//! `gathered` reads what all cards need in one pass over the sums, `cards` makes a card of it, `summaries` keeps what the list of problems needs of each,
//! `worker` tells of the dialer's workers, `campaign` is the frame of one campaign. The words of diagnoses are the table's in
//! `app`. Order and "since" are remembered as those of the live view are; noted once a second.

mod callers;
mod campaign;
mod cards;
mod gathered;
mod summaries;
#[cfg(test)]
mod tests;
mod worker;

pub(super) use campaign::rests;
pub use gathered::Gathered;
use summaries::CardsBasis;
pub(super) use summaries::{CardSummary, Cards};

use super::agents::ByState;
use super::judgements::Figure;
use super::memory::RankEntry;
use super::{Board, count};
use app::domain::{CampaignId, Span};
use app::kpi::band::BREAKS;
use app::kpi::{Band, KpiId, Ratio};
use app::view::Table;
use app::view::monitor::{MAX_CARDS, MonitorFrame, Totals};
use std::collections::HashSet;

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
        let ids = self.shown_campaigns(gathered);
        let (totals, status) = (self.totals(&ids, gathered), self.monitor_status(ids.len()));
        let more = u32::try_from(ids.len().saturating_sub(MAX_CARDS)).unwrap_or(u32::MAX);
        MonitorFrame {
            as_of: self.now,
            newest_event: self.newest_event(),
            site: self.site(),
            status,
            totals,
            worker: gathered.worker.clone(),
            cards: Table { rows: self.first(ids).iter().map(|id| self.card(id, gathered)).collect(), more },
        }
    }

    /// Those whose cards cross the network, in the remembered order. Of tens of thousands no more than these are made.
    fn first(&self, ids: Vec<CampaignId>) -> Vec<CampaignId> {
        let rank = |id: CampaignId| {
            let shown = self.shown(&id);
            ((self.seen.rank(Area::Cards, shown.as_str()), shown), id)
        };
        let mut ranks: Vec<_> = ids.into_iter().map(rank).collect();
        if ranks.len() > MAX_CARDS {
            ranks.select_nth_unstable(MAX_CARDS);
            ranks.truncate(MAX_CARDS);
        }
        ranks.sort_unstable();
        ranks.into_iter().map(|(_, id)| id).collect()
    }

    /// Takes note of how cards and workers stand, and of what is wrong.
    pub(super) fn note_monitor(&mut self) {
        let gathered = self.gather();
        self.judge_limits(&gathered);
        self.judge_rates();
        self.judge_callers();
        let mut cards = std::mem::take(&mut self.cards);
        self.renew_cards(&mut cards, &gathered);
        let standings = if self.seen.ranks(self.now) {
            cards.iter().map(standing).collect()
        } else {
            cards.renewed().map(standing).collect()
        };
        self.seen.note(Area::Cards, standings, self.now);
        let worker = &gathered.worker;
        let row = RankEntry { key: "", band: worker.band, severity: worker.band, weight: 0, began: None };
        self.seen.note(Area::Worker, vec![row], self.now);
        self.cards = cards;
        self.problems = self.list_problems(&gathered);
        self.seen.close(self.whole(&self.problems), self.now);
        self.cards.basis = Some(CardsBasis::of(self, gathered));
    }

    /// Of those that have a card and tell their limit of calls at once, how much of it they use.
    fn used<'a>(&'a self, gathered: &'a Gathered) -> impl Iterator<Item = (&'a CampaignId, Ratio)> + 'a {
        self.campaigns.iter().filter_map(|(id, told)| {
            let limit = told.cac_limit.value().filter(|_| self.is_shown(id, gathered))?;
            Some((id, Ratio::new(gathered.active(id), i64::from(limit))))
        })
    }

    /// How much of their calls at once campaigns use, each and together, and how many of their agents are on a break.
    fn judge_limits(&mut self, gathered: &Gathered) {
        let mut judgements = std::mem::take(&mut self.judgements);
        let (mut all, bands) = (Ratio::default(), KpiId::CacUtilisation.get().bands());
        for (id, used) in self.used(gathered) {
            all += used;
            judgements.see(Figure::Cac, id.as_str(), bands, used, self.now);
        }
        judgements.see(Figure::Cac, "", bands, all, self.now);
        for (id, states) in &gathered.agents {
            judgements.see(Figure::Breaks, id.as_str(), Some(&BREAKS), states.away(), self.now);
        }
        self.judgements = judgements;
    }

    /// The band of how many of a campaign's agents are on a break.
    fn break_band(&self, campaign: &CampaignId, states: &ByState) -> Band {
        match BREAKS.judge(states.away()) {
            // Who has gone home is on no break, whatever was said of the team.
            Band::None | Band::TooFew | Band::NoBaseline => Band::None,
            judged @ (Band::Ok | Band::Warn | Band::Critical) => {
                self.judgements.said(Figure::Breaks, campaign.as_str()).unwrap_or(judged)
            }
        }
    }

    /// The band of a campaign's use of its limit, or with an empty name of the floor's.
    pub(super) fn cac_band(&self, campaign: &str, used: Ratio) -> Band {
        let judged = || KpiId::CacUtilisation.get().read_ratio(used).band;
        match self.presence().is_now() {
            true => self.judgements.said(Figure::Cac, campaign).unwrap_or_else(judged),
            false => Band::None,
        }
    }

    fn totals(&self, ids: &[CampaignId], gathered: &Gathered) -> Totals {
        use app::domain::outcome::CampaignStatus::Paused;
        let told = |id| self.campaigns.get(id);
        let paused = ids.iter().filter(|id| told(id).and_then(|told| told.status.value()) == Some(Paused)).count();
        let on_cards: i64 = ids.iter().map(|id| gathered.active(id)).sum();
        let active_calls = self.gauges.active(None);
        let mut cac = Ratio::default();
        self.used(gathered).for_each(|(_, one)| cac += one);
        Totals {
            active_campaigns: count(ids.len() - paused),
            paused_campaigns: count(paused),
            active_calls,
            active_elsewhere: active_calls - on_cards,
            cac,
            cac_band: self.cac_band("", cac),
        }
    }

    /// Campaigns that have a card: also those that nobody told of but by their calls.
    fn shown_campaigns(&self, gathered: &Gathered) -> Vec<CampaignId> {
        let known: HashSet<CampaignId> = self.campaigns.keys().cloned().chain(self.calling(gathered)).collect();
        known.into_iter().filter(|id| self.is_shown(id, gathered)).collect()
    }
}

fn standing(card: &CardSummary) -> RankEntry<'_> {
    RankEntry { key: card.shown.as_str(), band: card.band, severity: card.band, weight: card.active, began: None }
}
