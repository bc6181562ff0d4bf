//! What is kept of each campaign's card, for the list of what is wrong and the order of cards. There may be tens of thousands
//! of campaigns, of which few change in a second: a card is made anew when what it is made of has moved. Nobody need watch.

use super::Gathered;
use crate::board::Board;
use crate::board::rows::Stale;
use crate::law::span::date_of;
use app::domain::{CampaignId, Moment};
use app::kpi::Band;
use app::view::monitor::Chip;
use chrono::NaiveDate;
use foldhash::fast::RandomState;
use smol_str::SmolStr;
use std::collections::{BTreeSet, HashMap, HashSet};

/// What the list and the order need of one card.
#[derive(Debug)]
pub struct Kept {
    /// Its id and its name as they are shown.
    pub shown: CampaignId,
    pub name: SmolStr,
    pub band: Band,
    pub cac_band: Band,
    pub active: i64,
    pub is_paused: bool,
    pub chip: Option<Chip>,
    /// When it is another though nothing moved.
    turns: Option<Moment>,
}

/// What all cards were made of.
#[derive(Debug)]
struct MadeOf {
    judged: bool,
    /// Times of another day are told with it.
    day: NaiveDate,
    gathered: Gathered,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Cards {
    cards: HashMap<CampaignId, Kept, RandomState>,
    turns: BTreeSet<(Moment, CampaignId)>,
    stale: Stale<CampaignId>,
    made_of: Option<MadeOf>,
    /// Made anew at the last look.
    renewed: Vec<CampaignId>,
    /// How many were ever made.
    #[cfg(test)]
    made: u64,
}

impl Cards {
    /// What a campaign's card is made of has changed.
    pub fn touch(&mut self, campaign: &CampaignId) {
        self.stale.add(campaign);
    }

    /// What all cards are made of has changed.
    pub fn touch_all(&mut self) {
        self.stale = Stale::All;
    }

    /// By the ids as they are told.
    pub fn iter(&self) -> impl Iterator<Item = (&CampaignId, &Kept)> {
        self.cards.iter()
    }

    /// Those made anew at the last look.
    pub fn renewed(&self) -> impl Iterator<Item = &Kept> {
        self.renewed.iter().filter_map(|id| self.cards.get(id))
    }

    /// How many were made since the board began.
    #[cfg(test)]
    pub const fn made(&self) -> u64 {
        self.made
    }

    fn put(&mut self, id: &CampaignId, card: Kept) {
        #[cfg(test)]
        {
            self.made += 1;
        }
        self.remove(id);
        self.turns.extend(card.turns.map(|at| (at, id.clone())));
        self.cards.insert(id.clone(), card);
    }

    fn remove(&mut self, id: &CampaignId) {
        if let Some(at) = self.cards.remove(id).and_then(|card| card.turns) {
            self.turns.remove(&(at, id.clone()));
        }
    }

    /// Makes the cards anew that are not as they were.
    pub(super) fn renew(&mut self, board: &Board, gathered: &Gathered) {
        let stale = std::mem::take(&mut self.stale);
        let ids: HashSet<CampaignId, RandomState> = match (stale, &self.made_of) {
            (Stale::These(mut ids), Some(before)) if before.is_like(board, gathered) => {
                ids.extend(before.gathered.differing(gathered));
                ids.extend(self.turns.iter().take_while(|(at, _)| *at <= board.now).map(|(_, id)| id.clone()));
                let is_new = |id: &CampaignId, band| self.cards.get(id).is_some_and(|card| card.cac_band != band);
                let used = board.used(gathered).filter(|(id, used)| is_new(id, board.cac_band(id.as_str(), *used)));
                ids.extend(used.map(|(id, _)| id.clone()));
                ids
            }
            (Stale::These(_) | Stale::All, _) => {
                self.cards.keys().cloned().chain(board.shown_campaigns(gathered)).collect()
            }
        };
        for id in &ids {
            if board.is_shown(id, gathered) {
                self.put(id, board.kept_card(id, gathered));
            } else {
                self.remove(id);
            }
        }
        self.renewed = ids.into_iter().collect();
    }

    /// Remembers what they were made of.
    pub(super) fn made_of(&mut self, board: &Board, gathered: Gathered) {
        self.made_of = Some(MadeOf { judged: board.presence().is_now(), day: day(board), gathered });
    }
}

impl MadeOf {
    /// Whether what is the same of all cards is still so.
    fn is_like(&self, board: &Board, gathered: &Gathered) -> bool {
        self.judged == board.presence().is_now() && self.day == day(board) && self.gathered.tells_as_much(gathered)
    }
}

fn day(board: &Board) -> NaiveDate {
    date_of(board.zone(), board.now)
}

impl Board {
    fn kept_card(&self, id: &CampaignId, gathered: &Gathered) -> Kept {
        let card = self.card(id, gathered);
        Kept {
            turns: self.settles(id).filter(|at| *at > self.now),
            shown: card.campaign,
            name: card.name,
            band: card.band,
            cac_band: card.cac_band,
            active: card.active,
            is_paused: card.paused.is_some(),
            chip: card.diagnosis,
        }
    }
}
