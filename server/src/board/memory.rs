//! What the board remembers between frames: since when a row has been out of its band, and the order of rows.
//!
//! Rows are sorted worst first, but change places at most every 10 s (ux.md U02).

use app::domain::{Moment, Span};
use app::kpi::Band;
use app::view::PanelId;
use foldhash::fast::RandomState;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::hash::Hash;

const REORDER: Span = Span::secs(10);
/// Rows not seen for this long are forgotten.
const FORGET: Span = Span::minutes(30);

#[derive(Debug)]
struct Remembered {
    band: Band,
    /// `None`: it was so when this server began to look.
    since: Option<Moment>,
    rank: usize,
    seen: Moment,
}

/// The order of rows, and since when each stands as it does. Rows are told apart by where they are shown, and their key there.
#[derive(Debug)]
pub struct Memory<A = PanelId> {
    areas: HashMap<A, HashMap<SmolStr, Remembered, RandomState>>,
    ranked_at: Option<Moment>,
    /// What is noted first has been so for nobody knows how long.
    in_the_midst: bool,
    /// How the whole stands, and since when where that is known.
    whole: Option<(Band, Option<Moment>)>,
}

/// A row as the memory sees it: its key, its band, and how much it matters among its equals.
#[derive(Debug, Clone, PartialEq)]
pub struct RankEntry<'a> {
    pub key: &'a str,
    /// The band whose "since" is remembered.
    pub band: Band,
    /// What the order goes by.
    pub severity: Band,
    pub weight: i64,
    /// When it became so, where that is known better than by when it was noted.
    pub began: Option<Moment>,
}

impl<A> Default for Memory<A> {
    fn default() -> Self {
        Self { areas: HashMap::new(), ranked_at: None, in_the_midst: false, whole: None }
    }
}

impl<A: Copy + Eq + Hash> Memory<A> {
    /// A server was started while a floor goes on.
    pub const fn begin_in_the_midst(&mut self) {
        self.in_the_midst = true;
    }

    /// Whether rows are put in order at `now`: then all of them are to be noted.
    #[must_use]
    pub fn ranks(&self, now: Moment) -> bool {
        self.ranked_at.is_none_or(|at| at.floor(REORDER) != now.floor(REORDER))
    }

    /// Takes note of a panel's rows at `now`: of all where they are [put in order](Self::ranks), else at least of those that
    /// are new or changed.
    pub fn note(&mut self, panel: A, mut rows: Vec<RankEntry<'_>>, now: Moment) {
        let ranks = self.ranks(now);
        let since = (!self.in_the_midst).then_some(now);
        let known = self.areas.entry(panel).or_default();
        if !ranks {
            rows.retain(|row| match known.get_mut(row.key) {
                Some(remembered) => {
                    remembered.see(row.band, row.began.unwrap_or(now), now);
                    false
                }
                None => true,
            });
        }
        rows.sort_by(|a, b| b.severity.cmp(&a.severity).then(b.weight.cmp(&a.weight)).then_with(|| a.key.cmp(b.key)));
        // Between two orders the new ones stand after those known.
        let first = if ranks { 0 } else { known.len() };
        for (rank, row) in (first..).zip(rows) {
            match known.get_mut(row.key) {
                Some(remembered) => {
                    remembered.see(row.band, row.began.unwrap_or(now), now);
                    remembered.rank = rank;
                }
                None => {
                    let since = row.began.or(since);
                    known.insert(row.key.into(), Remembered { band: row.band, since, rank, seen: now });
                }
            }
        }
    }

    /// Closes a tick: notes how the whole stands, and with each new order forgets rows that are gone.
    pub fn close(&mut self, whole: Band, now: Moment) {
        if self.ranks(now) {
            self.areas.values_mut().for_each(|rows| rows.retain(|_, r| now - r.seen < FORGET));
        }
        self.ranked_at = Some(now);
        let since = (!self.in_the_midst).then_some(now);
        self.in_the_midst = false;
        if self.whole.is_none_or(|(band, _)| band != whole) {
            self.whole = Some((whole, since));
        }
    }

    fn remembered(&self, panel: A, key: &str) -> Option<&Remembered> {
        self.areas.get(&panel)?.get(key)
    }

    /// Since when a row has been in its band, if that band is out.
    #[must_use]
    pub fn since(&self, panel: A, key: &str, band: Band) -> Option<Moment> {
        if !band.is_out() {
            return None;
        }
        self.remembered(panel, key).filter(|r| r.band == band).and_then(|r| r.since)
    }

    /// Since when the whole has been as it is; `None` where it was so when this began to look.
    #[must_use]
    pub fn whole_since(&self) -> Option<Moment> {
        self.whole.and_then(|(_, since)| since)
    }

    #[must_use]
    pub fn rank(&self, panel: A, key: &str) -> usize {
        self.remembered(panel, key).map_or(usize::MAX, |r| r.rank)
    }
}

impl Remembered {
    fn see(&mut self, band: Band, began: Moment, now: Moment) {
        if self.band != band {
            // What was too little to judge was watched: that it is out now is known from now on.
            let was_unknown = self.since.is_none() && matches!(self.band, Band::None | Band::NoBaseline);
            (self.band, self.since) = (band, (!was_unknown).then_some(began));
        }
        self.seen = now;
    }
}
