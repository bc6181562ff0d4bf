//! The floor's own numbers, each against its own past. They are thousands, of which few change between two ticks: a row is
//! made anew when what it is made of has moved.

use crate::board::cache::{Index, RowCache, Stale};
use crate::board::floor::Floor;
use crate::board::over::Over;
use crate::board::windows::Held;
use app::domain::{Dimension, Window};
use app::kpi::held::stays;
use app::kpi::{Band, KpiId, Ratio};
use app::view::live::DidRow;
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// The rows by number.
pub type DidRows = RowCache<SmolStr, DidRow, DidCounts, ()>;

/// How many of them are how.
#[derive(Debug, Clone, Default)]
pub struct DidCounts {
    /// Those out of band, in byte order.
    out: BTreeSet<SmolStr>,
    /// How many are judged at all.
    judged: usize,
}

impl Index<SmolStr, DidRow> for DidCounts {
    fn add(&mut self, did: &SmolStr, row: &DidRow) {
        self.judged += usize::from(row.band.is_judged());
        if row.band.is_out() {
            self.out.insert(did.clone());
        }
    }

    fn remove(&mut self, did: &SmolStr, row: &DidRow) {
        self.judged -= usize::from(row.band.is_judged());
        self.out.remove(did);
    }
}

impl DidRows {
    /// Those out of band, in byte order.
    pub fn out(&self) -> impl Iterator<Item = &DidRow> {
        self.index.out.iter().filter_map(|did| self.get(did))
    }

    /// One that is out of band.
    pub fn out_row(&self, did: &str) -> Option<&DidRow> {
        self.get(did).filter(|row| row.band.is_out())
    }

    /// A row made anew, judged by what was said of its number before.
    pub fn held(&self, did: &SmolStr, row: DidRow) -> DidRow {
        held_by(self.get(did), row)
    }

    /// How many are out of band, and how many are judged at all.
    pub fn judged(&self) -> (usize, usize) {
        (self.index.out.len(), self.index.judged)
    }
}

/// A row made anew, judged by what was said before (`app::kpi::held`).
fn held_by(before: Option<&DidRow>, mut row: DidRow) -> DidRow {
    let said = |band: fn(&DidRow) -> Band| before.map_or(Band::None, band);
    let still = KpiId::DidAnswerRate.get().still_against(row.rate(), row.baseline);
    row.answer_band = stays(said(|row| row.answer_band), row.answer_band, still);
    if let Some(bands) = KpiId::BlockedRate.get().bands() {
        row.blocked_band = stays(said(|row| row.blocked_band), row.blocked_band, bands.still(row.blocked));
    }
    row.band = DidRow::judged(row.answer_band, row.blocked_band);
    row
}

pub(in crate::board) fn answered(held: &Held) -> Ratio {
    KpiId::DidAnswerRate.ratio(|fact| held.get(fact))
}

/// Makes the whole floor's rows anew that are not as they were.
pub(super) fn renew_dids(rows: &mut DidRows, floor: &mut Floor) {
    let moved = floor.windows.take_moved(Dimension::Did);
    match rows.take_stale() {
        Stale::All => {
            let made: Vec<_> = did_rows(floor, None).map(|(did, row)| (did.clone(), rows.held(&did, row))).collect();
            rows.replace(made);
        }
        Stale::These(mut dids) => {
            dids.extend(moved);
            rows.renew(&dids, |did, before| {
                let held = floor.windows.one(Dimension::Did, Window::Minutes60, None, did)?;
                did_row(floor, did, &held, None).map(|row| held_by(before, row))
            });
        }
    }
}

/// Campaigns whose share of the numbers' calls is looked at, and what is said of the numbers as a whole.
pub(in crate::board) type Share<'a> = (Over<'a>, &'a DidRows);

/// All rows as they are now.
pub(in crate::board) fn did_rows<'a>(
    floor: &'a Floor,
    share: Option<Share<'a>>,
) -> impl Iterator<Item = (SmolStr, DidRow)> + 'a {
    let held = floor.windows.each(Dimension::Did, Window::Minutes60, share.map_or(Over::Floor, |(over, _)| over));
    held.filter_map(move |(did, held)| did_row(floor, did, &held, share).map(|row| (did.clone(), row)))
}

/// `None` where nothing was resolved.
fn did_row(floor: &Floor, did: &SmolStr, held: &Held, share: Option<Share<'_>>) -> Option<DidRow> {
    let ratio = answered(held);
    if did.is_empty() || ratio.whole <= 0 {
        return None;
    }
    // Baselines are the whole floor's: of one campaign's share of a number they would say nothing.
    let known = floor.baselines.dids.get(did).filter(|_| share.is_none());
    let baseline = known.copied().unwrap_or_default();
    // Neither does what became of a few of its calls: whether it is refused is told of all of them.
    let five = floor.windows.one(Dimension::Did, Window::Minutes5, None, did);
    let blocked = KpiId::BlockedRate.ratio(|fact| five.as_ref().map_or(0, |five| five.get(fact)));
    let said = share.and_then(|(_, rows)| rows.get(did)).map(|row| row.blocked_band);
    let blocked_band = said.unwrap_or_else(|| KpiId::BlockedRate.get().read_ratio(blocked).band);
    let answer_band = KpiId::DidAnswerRate.get().against(ratio, baseline);
    let pool = floor.dids.get(did).and_then(|d| d.pool.get()).map(|p| floor.config.veil.text(p.as_str()));
    Some(DidRow {
        did: did.clone(),
        pool,
        answered: ratio.part,
        resolved: ratio.whole,
        baseline,
        answer_band,
        blocked,
        blocked_band,
        band: DidRow::judged(answer_band, blocked_band),
        since: None,
    })
}
