//! The fates of rows in the rows' own order, though of some it is known later: those that wait for others of their call.

use super::explain::Explained;
use super::rows::Explain;
use crate::source::file::Fate;
use std::collections::{BTreeMap, VecDeque};

/// What a row that waits for others says by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alone {
    /// It is of a call of ours as far as it knows.
    Tells,
    /// It is of none unless the others are; why.
    TellsNothing(&'static str),
}

#[derive(Debug)]
pub struct Explaining {
    each: Explain,
    /// From the first row on whose fate is not known; in order of their lines.
    rows: VecDeque<(u64, Option<Explained>)>,
    /// Rows that wait for others, and what each says by itself.
    waiting: BTreeMap<u64, Alone>,
}

impl Explaining {
    #[must_use]
    pub const fn new(each: Explain) -> Self {
        Self { each, rows: VecDeque::new(), waiting: BTreeMap::new() }
    }

    /// A row's fate is known.
    pub fn known(&mut self, line: u64, fate: impl FnOnce() -> Explained) {
        if self.each == Explain::EachRow {
            self.rows.push_back((line, Some(fate())));
        }
    }

    /// A row waits for others of its call.
    pub fn waits(&mut self, line: u64, alone: Alone) {
        self.waiting.insert(line, alone);
        if self.each == Explain::EachRow {
            self.rows.push_back((line, None));
        }
    }

    /// What a row says by itself, if it waits.
    #[must_use]
    pub fn alone(&self, line: u64) -> Option<Alone> {
        self.waiting.get(&line).copied()
    }

    /// A row that waited does so no more.
    pub fn settled(&mut self, line: u64, fate: impl FnOnce() -> Explained) {
        if self.waiting.remove(&line).is_some()
            && let Ok(at) = self.rows.binary_search_by_key(&line, |(line, _)| *line)
            && let Some((_, known)) = self.rows.get_mut(at)
        {
            *known = Some(fate());
        }
    }

    /// Nothing more comes: what waits still only added to what others told; how many rows that are.
    pub fn end(&mut self) -> u64 {
        for (_, fate) in &mut self.rows {
            fate.get_or_insert_with(|| Explained::of(&Ok(Fate::Told(Vec::new()))));
        }
        std::mem::take(&mut self.waiting).len() as u64
    }

    /// The rows up to the first whose fate is not known.
    pub fn take(&mut self) -> Vec<(u64, Explained)> {
        let known = self.rows.iter().take_while(|(_, fate)| fate.is_some()).count();
        self.rows.drain(..known).filter_map(|(line, fate)| Some((line, fate?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fate(words: &str) -> Explained {
        Explained { fate: "told", words: words.to_owned() }
    }

    #[test]
    fn rows_are_told_in_their_order_also_where_one_waits() {
        let mut explaining = Explaining::new(Explain::EachRow);
        explaining.known(2, || fate("a"));
        explaining.waits(3, Alone::Tells);
        explaining.known(4, || fate("b"));
        assert_eq!(explaining.take(), [(2, fate("a"))]);
        assert_eq!([3, 4].map(|line| explaining.alone(line)), [Some(Alone::Tells), None]);
        explaining.settled(3, || fate("c"));
        explaining.settled(4, || fate("d"));
        assert_eq!(explaining.take(), [(3, fate("c")), (4, fate("b"))]);
        explaining.waits(5, Alone::TellsNothing("of the house"));
        assert_eq!((explaining.take(), explaining.end()), (vec![], 1));
        assert_eq!(explaining.take()[0].1.fate, "with_others");
        let mut silent = Explaining::new(Explain::No);
        silent.waits(3, Alone::Tells);
        silent.settled(3, || fate("a"));
        assert!(silent.take().is_empty());
    }
}
