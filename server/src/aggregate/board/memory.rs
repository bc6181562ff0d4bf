//! What the board remembers between frames: since when a row has been out of its band, and the order of rows.
//!
//! Rows are sorted worst first, but change places at most every 10 s (ux.md U02).

use app::domain::{Moment, Span};
use app::kpi::Band;
use app::view::PanelId;
use std::collections::HashMap;
use std::hash::Hash;

const REORDER: Span = Span::secs(10);
/// Rows not seen for this long are forgotten.
const FORGET: Span = Span::minutes(30);

#[derive(Debug)]
struct Remembered {
    band: Band,
    since: Moment,
    rank: usize,
    seen: Moment,
}

/// See the module. Rows are told apart by where they are shown, and their key there.
#[derive(Debug)]
pub struct Memory<A = PanelId> {
    rows: HashMap<(A, String), Remembered>,
    ranked_at: Option<Moment>,
    well: Option<(Band, Moment)>,
}

/// A row as the memory sees it: its key, its band, and how much it matters among its equals.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    pub key: String,
    /// The band whose "since" is remembered.
    pub band: Band,
    /// What the order goes by.
    pub severity: Band,
    pub weight: i64,
}

impl<A> Default for Memory<A> {
    fn default() -> Self {
        Self { rows: HashMap::new(), ranked_at: None, well: None }
    }
}

impl<A: Copy + Eq + Hash> Memory<A> {
    /// Takes note of a panel's rows at `now`.
    pub fn note(&mut self, panel: A, rows: &[Standing], now: Moment) {
        let rerank = self.ranked_at.is_none_or(|at| at.floor(REORDER) != now.floor(REORDER));
        let mut order: Vec<&Standing> = rows.iter().collect();
        order.sort_by(|a, b| b.severity.cmp(&a.severity).then(b.weight.cmp(&a.weight)).then_with(|| a.key.cmp(&b.key)));
        let known = rows.len();
        for (rank, row) in order.into_iter().enumerate() {
            let remembered = self.rows.entry((panel, row.key.clone())).or_insert(Remembered {
                band: row.band,
                since: now,
                rank: if rerank { rank } else { known + rank },
                seen: now,
            });
            if remembered.band != row.band {
                (remembered.band, remembered.since) = (row.band, now);
            }
            if rerank {
                remembered.rank = rank;
            }
            remembered.seen = now;
        }
    }

    /// Closes a tick: notes how the whole stands, and forgets rows that are gone.
    pub fn close(&mut self, whole: Band, now: Moment) {
        self.ranked_at = Some(now);
        if self.well.is_none_or(|(band, _)| band != whole) {
            self.well = Some((whole, now));
        }
        self.rows.retain(|_, r| now - r.seen < FORGET);
    }

    /// Since when a row has been in its band, if that band is out.
    #[must_use]
    pub fn since(&self, panel: A, key: &str, band: Band) -> Option<Moment> {
        if !band.is_out() {
            return None;
        }
        self.rows.get(&(panel, key.to_owned())).filter(|r| r.band == band).map(|r| r.since)
    }

    /// Since when the whole has been as it is.
    #[must_use]
    pub fn whole_since(&self) -> Option<Moment> {
        self.well.map(|(_, at)| at)
    }

    #[must_use]
    pub fn rank(&self, panel: A, key: &str) -> usize {
        self.rows.get(&(panel, key.to_owned())).map_or(usize::MAX, |r| r.rank)
    }
}
