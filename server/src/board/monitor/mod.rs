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

use callers::judge_callers;
pub(super) use campaign::{campaign_frame, rests};
pub(super) use cards::CardMaker;
pub use gathered::Gathered;
use gathered::calling;
pub(super) use gathered::{gather, is_shown};
pub(super) use summaries::{CardSummary, Cards};
use summaries::{CardsBasis, renew_cards};

use super::agents::ByState;
use super::count;
use super::floor::Floor;
use super::judgements::{Figure, Judgements};
use super::memory::{Memory, RankEntry};
use super::problems::{Sentence, judge_rates};
use super::rows::Verdicts;
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

/// What is kept of the monitor from second to second.
#[derive(Debug, Default)]
pub(super) struct MonitorState {
    /// What the list of problems needs of each card.
    pub cards: Cards,
    /// The order of cards, and since when they stand as they do.
    pub seen: Memory<Area>,
}

impl MonitorState {
    /// Judges what cards are judged by, and takes note of how cards and workers stand.
    pub fn note(&mut self, floor: &Floor, verdicts: &mut Verdicts, gathered: &Gathered) {
        judge_limits(floor, &mut verdicts.judgements, gathered);
        judge_rates(floor, &mut verdicts.judgements);
        judge_callers(floor, &mut verdicts.judgements);
        renew_cards(&mut self.cards, CardMaker::of(floor, verdicts, &self.seen), gathered);
        let standings = if self.seen.ranks(floor.now) {
            self.cards.iter().map(standing).collect()
        } else {
            self.cards.renewed().map(standing).collect()
        };
        self.seen.note(Area::Cards, standings, floor.now);
        let worker = &gathered.worker;
        let row = RankEntry { key: "", band: worker.band, severity: worker.band, weight: 0, began: None };
        self.seen.note(Area::Worker, vec![row], floor.now);
    }

    /// Notes how the whole stands, and what the cards were made of.
    pub fn close(&mut self, floor: &Floor, whole: Band, gathered: Gathered) {
        self.seen.close(whole, floor.now);
        self.cards.basis = Some(CardsBasis::of(floor, gathered));
    }
}

/// The monitor from above, as of the last tick.
pub(super) fn frame(cards: CardMaker<'_>, kept: &Cards, sentence: Sentence<'_>, gathered: &Gathered) -> MonitorFrame {
    let floor = cards.floor;
    let ids = shown_campaigns(floor, gathered);
    let (totals, status) = (totals(cards, &ids, gathered), sentence.monitor_status(ids.len()));
    let more = u32::try_from(ids.len().saturating_sub(MAX_CARDS)).unwrap_or(u32::MAX);
    MonitorFrame {
        as_of: floor.now,
        newest_event: floor.newest_event(),
        site: floor.site(),
        status,
        totals,
        worker: gathered.worker.clone(),
        cards: Table { rows: first(cards, ids).iter().map(|id| cards.card(id, gathered, kept)).collect(), more },
    }
}

/// Those whose cards cross the network, in the remembered order. Of tens of thousands no more than these are made.
fn first(cards: CardMaker<'_>, ids: Vec<CampaignId>) -> Vec<CampaignId> {
    let rank = |id: CampaignId| {
        let shown = cards.floor.shown(&id);
        ((cards.seen.rank(Area::Cards, shown.as_str()), shown), id)
    };
    let mut ranks: Vec<_> = ids.into_iter().map(rank).collect();
    if ranks.len() > MAX_CARDS {
        ranks.select_nth_unstable(MAX_CARDS);
        ranks.truncate(MAX_CARDS);
    }
    ranks.sort_unstable();
    ranks.into_iter().map(|(_, id)| id).collect()
}

/// Of those that have a card and tell their limit of calls at once, how much of it they use.
fn used<'a>(floor: &'a Floor, gathered: &'a Gathered) -> impl Iterator<Item = (&'a CampaignId, Ratio)> + 'a {
    floor.campaigns.iter().filter_map(|(id, told)| {
        let limit = told.cac_limit.value().filter(|_| is_shown(floor, id, gathered))?;
        Some((id, Ratio::new(gathered.active(id), i64::from(limit))))
    })
}

/// How much of their calls at once campaigns use, each and together, and how many of their agents are on a break.
fn judge_limits(floor: &Floor, judgements: &mut Judgements, gathered: &Gathered) {
    let (mut all, bands) = (Ratio::default(), KpiId::CacUtilisation.get().bands());
    for (id, used) in used(floor, gathered) {
        all += used;
        judgements.see(Figure::Cac, id.as_str(), bands, used, floor.now);
    }
    judgements.see(Figure::Cac, "", bands, all, floor.now);
    for (id, states) in &gathered.agents {
        judgements.see(Figure::Breaks, id.as_str(), Some(&BREAKS), states.away(), floor.now);
    }
}

/// The band of how many of a campaign's agents are on a break.
fn break_band(judgements: &Judgements, campaign: &CampaignId, states: &ByState) -> Band {
    match BREAKS.judge(states.away()) {
        // Who has gone home is on no break, whatever was said of the team.
        Band::None | Band::TooFew | Band::NoBaseline => Band::None,
        judged @ (Band::Ok | Band::Unjudged | Band::Warn | Band::Critical) => {
            judgements.said(Figure::Breaks, campaign.as_str()).unwrap_or(judged)
        }
    }
}

/// The band of a campaign's use of its limit, or with an empty name of the floor's.
pub(super) fn cac_band(floor: &Floor, judgements: &Judgements, campaign: &str, used: Ratio) -> Band {
    let judged = || KpiId::CacUtilisation.get().read_ratio(used).band;
    match floor.presence().is_now() {
        true => judgements.said(Figure::Cac, campaign).unwrap_or_else(judged),
        false => Band::None,
    }
}

fn totals(cards: CardMaker<'_>, ids: &[CampaignId], gathered: &Gathered) -> Totals {
    use app::domain::outcome::CampaignStatus::Paused;
    let floor = cards.floor;
    let told = |id| floor.campaigns.get(id);
    let paused = ids.iter().filter(|id| told(id).and_then(|told| told.status.value()) == Some(Paused)).count();
    let on_cards: i64 = ids.iter().map(|id| gathered.active(id)).sum();
    let active_calls = floor.gauges.active(None);
    let mut cac = Ratio::default();
    used(floor, gathered).for_each(|(_, one)| cac += one);
    Totals {
        active_campaigns: count(ids.len() - paused),
        paused_campaigns: count(paused),
        active_calls,
        active_elsewhere: active_calls - on_cards,
        cac,
        cac_band: cac_band(floor, cards.judgements, "", cac),
    }
}

/// Campaigns that have a card: also those that nobody told of but by their calls.
fn shown_campaigns(floor: &Floor, gathered: &Gathered) -> Vec<CampaignId> {
    let known: HashSet<CampaignId> = floor.campaigns.keys().cloned().chain(calling(floor, gathered)).collect();
    known.into_iter().filter(|id| is_shown(floor, id, gathered)).collect()
}

fn standing(card: &CardSummary) -> RankEntry<'_> {
    RankEntry { key: card.shown.as_str(), band: card.band, severity: card.band, weight: card.active, began: None }
}
