//! What is kept of each campaign's card, for the list of what is wrong and the order of cards. There may be tens of thousands
//! of campaigns, of which few change in a second: a card is made anew when what it is made of has moved. Nobody need watch.

use super::cards::{MISSED, MISSED_LATELY};
use super::{CardMaker, Gathered, break_band, cac_band, is_shown, shown_campaigns, used};
use crate::board::cache::{Index, Keys, RowCache, Stale};
use crate::board::floor::Floor;
use crate::law::span::date_of;
use app::domain::{CampaignId, Moment};
use app::kpi::Band;
use app::view::monitor::Chip;
use chrono::NaiveDate;
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// What the list and the order need of one card.
#[derive(Debug)]
pub struct CardSummary {
    /// Its id and its name as they are shown.
    pub shown: CampaignId,
    pub name: SmolStr,
    pub band: Band,
    pub cac_band: Band,
    pub break_band: Band,
    /// What is said of its callers.
    callers: [Band; 3],
    takes_calls: bool,
    pub active: i64,
    pub is_paused: bool,
    pub chip: Option<Chip>,
    /// Since when that is its problem; `None` where it was so when the card was first made.
    pub chip_since: Option<Moment>,
    /// When agents were missed last while people were dropped.
    pub(super) missed_at: Option<Moment>,
    /// When it is another though nothing moved.
    turns: Option<Moment>,
}

impl CardSummary {
    /// What is said of its callers; nothing where it takes no calls.
    pub(in crate::board) fn callers(&self) -> impl Iterator<Item = Band> {
        self.callers.into_iter().filter(|_| self.takes_calls)
    }
}

/// What all cards were made of.
#[derive(Debug)]
pub struct CardsBasis {
    judged: bool,
    /// Times of another day are told with it.
    day: NaiveDate,
    gathered: Gathered,
}

/// By the ids as they are told.
pub type Cards = RowCache<CampaignId, CardSummary, Turns, Option<CardsBasis>>;

/// When cards are others though nothing moved.
#[derive(Debug, Default)]
pub struct Turns(BTreeSet<(Moment, CampaignId)>);

impl Index<CampaignId, CardSummary> for Turns {
    fn add(&mut self, id: &CampaignId, card: &CardSummary) {
        self.0.extend(card.turns.map(|at| (at, id.clone())));
    }

    fn remove(&mut self, id: &CampaignId, card: &CardSummary) {
        if let Some(at) = card.turns {
            self.0.remove(&(at, id.clone()));
        }
    }
}

impl Turns {
    /// Those that are others by now.
    fn due(&self, now: Moment) -> impl Iterator<Item = &CampaignId> {
        self.0.iter().take_while(move |(at, _)| *at <= now).map(|(_, id)| id)
    }
}

impl CardsBasis {
    pub(super) fn of(floor: &Floor, gathered: Gathered) -> Self {
        Self { judged: floor.presence().is_now(), day: day(floor), gathered }
    }

    /// Whether what is the same of all cards is still so.
    fn is_like(&self, floor: &Floor, gathered: &Gathered) -> bool {
        self.judged == floor.presence().is_now() && self.day == day(floor) && self.gathered.tells_as_much(gathered)
    }
}

fn day(floor: &Floor) -> NaiveDate {
    date_of(floor.zone(), floor.now)
}

/// Makes the cards anew that are not as they were.
pub(super) fn renew_cards(cards: &mut Cards, maker: CardMaker<'_>, gathered: &Gathered) {
    let floor = maker.floor;
    let ids: Keys<CampaignId> = match (cards.take_stale(), &cards.basis) {
        (Stale::These(mut ids), Some(before)) if before.is_like(floor, gathered) => {
            ids.extend(before.gathered.differing(gathered));
            ids.extend(cards.index.due(floor.now).cloned());
            let is_new = |id: &CampaignId, band| cards.get(id).is_some_and(|card| card.cac_band != band);
            let used = used(floor, gathered)
                .filter(|(id, used)| is_new(id, cac_band(floor, maker.judgements, id.as_str(), *used)));
            ids.extend(used.map(|(id, _)| id.clone()));
            // Whether enough are on a break for long enough, time alone decides.
            let rests = |(id, states): (&CampaignId, _)| {
                cards
                    .get(id)
                    .filter(|card| card.break_band != break_band(maker.judgements, id, states))
                    .map(|_| id.clone())
            };
            let met = |(id, card): (&CampaignId, &CardSummary)| {
                (card.takes_calls && card.callers != maker.callers().callers_bands(id)).then(|| id.clone())
            };
            ids.extend(cards.each().filter_map(met));
            ids.extend(gathered.agents.iter().filter_map(rests));
            ids
        }
        (Stale::These(_) | Stale::All, _) => cards.keys().cloned().chain(shown_campaigns(floor, gathered)).collect(),
    };
    cards.renew(&ids, |id, before| is_shown(floor, id, gathered).then(|| card_summary(maker, id, gathered, before)));
}

fn card_summary(
    maker: CardMaker<'_>,
    id: &CampaignId,
    gathered: &Gathered,
    before: Option<&CardSummary>,
) -> CardSummary {
    let (card, missed_at) = maker.card_after(id, gathered, before.and_then(|card| card.missed_at));
    let problem = |chip: &Option<Chip>| chip.as_ref().map(|chip| chip.problem.clone());
    let chip_since = match before {
        Some(before) if problem(&before.chip) == problem(&card.diagnosis) => before.chip_since,
        Some(_) => Some(maker.floor.now),
        None => None,
    };
    let was_missed = missed_at.into_iter().flat_map(|at| [at + MISSED_LATELY, at + MISSED]);
    let turns = maker.settles(id).into_iter().chain(was_missed);
    CardSummary {
        turns: turns.filter(|at| *at > maker.floor.now).min(),
        shown: card.campaign,
        name: card.name,
        band: card.band,
        cac_band: card.cac_band,
        break_band: break_band(maker.judgements, id, &gathered.agents.get(id).copied().unwrap_or_default()),
        callers: maker.callers().callers_bands(id),
        takes_calls: card.inbound.is_some(),
        active: card.active,
        is_paused: card.paused.is_some(),
        missed_at,
        chip: card.diagnosis,
        chip_since,
    }
}
