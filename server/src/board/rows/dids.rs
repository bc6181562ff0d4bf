//! The floor's own numbers, each against its own past. They are thousands, of which few change between two ticks: a row is
//! made anew when what it is made of has moved.

use super::stale::Stale;
use crate::board::Board;
use crate::board::windows::Held;
use app::domain::{CampaignId, Dimension, Window};
use app::kpi::{KpiId, Ratio, band};
use app::view::live::DidRow;
use foldhash::fast::RandomState;
use smol_str::SmolStr;
use std::collections::{BTreeSet, HashMap};

/// The rows by number, and how many of them are how.
#[derive(Debug, Default)]
pub struct DidRows {
    rows: HashMap<SmolStr, DidRow, RandomState>,
    /// In byte order.
    out: BTreeSet<SmolStr>,
    /// Those that are judged at all.
    watched: usize,
    stale: Stale<SmolStr>,
    /// Made anew at the last tick.
    renewed: Vec<SmolStr>,
}

impl DidRows {
    pub fn of(rows: impl IntoIterator<Item = DidRow>) -> Self {
        let mut all = Self::default();
        rows.into_iter().for_each(|row| all.put(row));
        all
    }

    /// What a row is made of has changed, but for its sums.
    pub fn touch(&mut self, did: &SmolStr) {
        self.stale.add(did);
    }

    /// What all rows are made of has changed.
    pub fn touch_all(&mut self) {
        self.stale = Stale::All;
    }

    fn put(&mut self, row: DidRow) {
        self.remove(&row.did);
        self.watched += usize::from(row.band.is_judged());
        if row.band.is_out() {
            self.out.insert(row.did.clone());
        }
        self.rows.insert(row.did.clone(), row);
    }

    fn remove(&mut self, did: &SmolStr) {
        if let Some(row) = self.rows.remove(did) {
            self.watched -= usize::from(row.band.is_judged());
            self.out.remove(did);
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &DidRow> {
        self.rows.values()
    }

    /// Those made anew at the last tick.
    pub fn renewed(&self) -> impl Iterator<Item = &DidRow> {
        self.renewed.iter().filter_map(|did| self.rows.get(did))
    }

    /// Those out of band, in byte order.
    pub fn out(&self) -> impl Iterator<Item = &DidRow> {
        self.out.iter().filter_map(|did| self.rows.get(did))
    }

    /// One that is out of band.
    pub fn out_row(&self, did: &str) -> Option<&DidRow> {
        self.rows.get(did).filter(|row| row.band.is_out())
    }

    /// How many are out of band, and how many are judged at all.
    pub fn judged(&self) -> (usize, usize) {
        (self.out.len(), self.watched)
    }
}

pub(in crate::board) fn answered(held: &Held) -> Ratio {
    KpiId::DidAnswerRate.ratio(|fact| held.get(fact))
}

impl Board {
    /// Makes the whole floor's rows anew that are not as they were.
    pub(super) fn renew_dids(&mut self) {
        let mut rows = std::mem::take(&mut self.rows.dids);
        let moved = self.windows.take_moved(Dimension::Did);
        match std::mem::take(&mut rows.stale) {
            Stale::All => {
                rows = DidRows::of(self.did_rows(None));
                rows.renewed = rows.rows.keys().cloned().collect();
            }
            Stale::These(mut dids) => {
                dids.extend(moved);
                for did in &dids {
                    let held = self.windows.one(Dimension::Did, Window::Minutes60, None, did);
                    match held.and_then(|held| self.did_row(did, &held, None)) {
                        Some(row) => rows.put(row),
                        None => rows.remove(did),
                    }
                }
                rows.renewed = dids.into_iter().collect();
            }
        }
        self.rows.dids = rows;
    }

    /// All rows as they are now.
    pub(in crate::board) fn did_rows(&self, campaign: Option<&CampaignId>) -> impl Iterator<Item = DidRow> {
        let held = self.windows.each(Dimension::Did, Window::Minutes60, campaign);
        held.filter_map(move |(did, held)| self.did_row(did, &held, campaign))
    }

    /// `None` where nothing was resolved.
    fn did_row(&self, did: &SmolStr, held: &Held, campaign: Option<&CampaignId>) -> Option<DidRow> {
        let ratio = answered(held);
        if did.is_empty() || ratio.whole <= 0 {
            return None;
        }
        // Baselines are the whole floor's: of one campaign's share of a number they would say nothing.
        let known = self.baselines.dids.get(did).filter(|_| campaign.is_none());
        let baseline = known.copied().unwrap_or_default();
        let pool = self.dids.get(did).and_then(|d| d.pool.get()).map(|p| self.config.veil.text(p.as_str()));
        Some(DidRow {
            did: did.clone(),
            pool,
            answered: ratio.part,
            resolved: ratio.whole,
            baseline,
            band: band::did_health(ratio, baseline),
            since: None,
        })
    }
}
