//! Panels as texts: what a frame's rows read like, and signals for each of those texts.
//!
//! A panel turns its rows into [`Cell`]s by a pure function; this keeps a signal for each cell, so that a delta touches
//! only the text that changed, and keeps rows in place while someone's pointer or focus is in the panel (ux.md U02).
//! One type for all panels, because each type of signal and view costs every browser its download.

use crate::domain::Moment;
use crate::kpi::Band;
use crate::kpi::format::NO_DATA;
use leptos::prelude::*;
use std::collections::HashMap;

/// What stands in one place of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    pub text: String,
    pub band: Band,
    /// A smaller text below or beside it, and its own state.
    pub under: String,
    pub under_band: Band,
    /// How dark a heat cell is, in percent.
    pub heat: u8,
    /// Where its text leads.
    pub link: Option<String>,
    /// A moment that its text counts from, or to, by the server's clock.
    pub since: Option<Moment>,
}

impl Cell {
    pub fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    #[must_use]
    pub fn band(mut self, band: Band) -> Self {
        self.band = band;
        self
    }

    #[must_use]
    pub fn under(mut self, text: impl Into<String>) -> Self {
        self.under = text.into();
        self
    }

    #[must_use]
    pub fn under_band(mut self, band: Band) -> Self {
        self.under_band = band;
        self
    }
}

/// A row: its name within the panel, and its cells; the first is its name to people, in the band of the whole row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub key: String,
    pub cells: Vec<Cell>,
}

/// A panel in words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    pub lines: Vec<Line>,
    /// What is said outside of rows, at most [`NOTES`]; the panel knows which is which.
    pub notes: Vec<Cell>,
    /// Rows that the server left out.
    pub more: u32,
}

impl Line {
    /// Without its figures: the name stays.
    fn without_figures(mut self) -> Self {
        for cell in self.cells.iter_mut().skip(1) {
            *cell = Cell::of(NO_DATA);
        }
        if let Some(name) = self.cells.first_mut() {
            name.band = Band::None;
        }
        self
    }
}

impl Shown {
    /// What is shown where figures are not of now: rows by their names, and no figure.
    #[must_use]
    pub fn without_figures(self) -> Self {
        let none = |note: Cell| if note.text.is_empty() { note } else { Cell::of(NO_DATA) };
        Self {
            lines: self.lines.into_iter().map(Line::without_figures).collect(),
            notes: self.notes.into_iter().map(none).collect(),
            more: self.more,
        }
    }
}

/// No panel says more beside its rows.
pub const NOTES: usize = 4;

/// A row on the page: a signal for each cell.
#[derive(Debug, Clone)]
pub struct LiveLine {
    pub key: String,
    pub cells: Vec<ArcRwSignal<Cell>>,
}

impl LiveLine {
    fn of(line: Line) -> Self {
        Self { key: line.key, cells: line.cells.into_iter().map(ArcRwSignal::new).collect() }
    }

    /// The same with signals of its own. A signal remembers whoever read it until it changes, also those that are gone: of a
    /// row that is not shown any more the signals go with its view.
    fn anew(&self) -> Self {
        let cells = self.cells.iter().map(|cell| ArcRwSignal::new(cell.get_untracked())).collect();
        Self { key: self.key.clone(), cells }
    }

    fn show(&self, line: Line) {
        for (signal, cell) in self.cells.iter().zip(line.cells) {
            if *signal.read_untracked() != cell {
                signal.set(cell);
            }
        }
    }
}

/// A panel on the page.
#[derive(Debug, Clone, Copy)]
pub struct LivePanel {
    pub lines: RwSignal<Vec<LiveLine>>,
    pub notes: [RwSignal<Cell>; NOTES],
    pub more: RwSignal<u32>,
    /// How many rows are shown.
    pub rows: RwSignal<u32>,
}

/// Rows a panel shows until it is asked for all of them.
pub const FIRST_ROWS: u32 = 8;

/// Whether rows may change places now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Free,
    /// Someone is pointing at them, or they moved a moment ago.
    Kept,
}

/// Whether rows stand otherwise than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    Yes,
    No,
}

impl LivePanel {
    pub fn new(shown: Shown) -> Self {
        Self {
            lines: RwSignal::new(shown.lines.into_iter().map(LiveLine::of).collect()),
            notes: {
                let mut notes = shown.notes.into_iter();
                std::array::from_fn(|_| RwSignal::new(notes.next().unwrap_or_default()))
            },
            more: RwSignal::new(shown.more),
            rows: RwSignal::new(FIRST_ROWS),
        }
    }

    /// One that always shows all of its rows.
    pub fn whole(shown: Shown) -> Self {
        let panel = Self::new(shown);
        panel.rows.set(u32::MAX);
        panel
    }

    /// Takes in what the panel reads now. Rows that are gone go; under `Kept` the others stay where they are and new
    /// ones come last.
    pub fn show(self, shown: Shown, order: Order) -> Moved {
        if self.more.get_untracked() != shown.more {
            self.more.set(shown.more);
        }
        let mut notes = shown.notes.into_iter();
        for signal in self.notes {
            let note = notes.next().unwrap_or_default();
            if signal.with_untracked(|old| *old != note) {
                signal.set(note);
            }
        }
        let before = self.lines.get_untracked();
        let place: HashMap<&str, usize> = before.iter().enumerate().map(|(at, line)| (line.key.as_str(), at)).collect();
        let mut now: Vec<(usize, LiveLine)> = Vec::with_capacity(shown.lines.len());
        for line in shown.lines {
            match place.get(line.key.as_str()).map(|at| (*at, &before[*at])) {
                Some((at, live)) if live.cells.len() == line.cells.len() => {
                    live.show(line);
                    now.push((at, live.clone()));
                }
                Some(_) | None => now.push((usize::MAX, LiveLine::of(line))),
            }
        }
        if order == Order::Kept {
            now.sort_by_key(|(at, _)| *at);
        }
        let stays = now.len() == before.len() && now.iter().enumerate().all(|(at, (was, _))| at == *was);
        if stays {
            return Moved::No;
        }
        let shown = self.rows.get_untracked() as usize;
        let placed = now.into_iter().enumerate();
        let leaves = |at: usize, was: usize| was < shown && at >= shown;
        self.lines.set(placed.map(|(at, (was, line))| if leaves(at, was) { line.anew() } else { line }).collect());
        Moved::Yes
    }

    /// Shows all rows, or the first ones again.
    pub fn toggle(self) {
        self.rows.update(|rows| *rows = if *rows == FIRST_ROWS { u32::MAX } else { FIRST_ROWS });
        let shown = self.rows.get_untracked() as usize;
        self.lines.update(|lines| lines.iter_mut().skip(shown).for_each(|line| *line = line.anew()));
    }

    pub fn shows_all(self) -> bool {
        self.rows.get() != FIRST_ROWS
    }

    /// How many rows are to be shown now.
    pub fn count(self) -> usize {
        self.lines.with(Vec::len).min(self.rows.get() as usize)
    }

    /// The keys in the order the rows stand.
    pub fn keys(self) -> Vec<String> {
        self.lines.with(|lines| lines.iter().map(|line| line.key.clone()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(rows: &[(&str, &str)]) -> Shown {
        let line = |(key, text): &(&str, &str)| Line { key: (*key).to_owned(), cells: vec![Cell::of(*text)] };
        Shown { lines: rows.iter().map(line).collect(), ..Shown::default() }
    }

    #[test]
    fn a_changed_text_moves_no_row_and_keeps_its_signal() {
        let owner = Owner::new();
        owner.set();
        let panel = LivePanel::new(shown(&[("a", "1"), ("b", "2")]));
        let signal = panel.lines.get_untracked()[1].cells[0].clone();
        assert_eq!(panel.show(shown(&[("a", "1"), ("b", "3")]), Order::Free), Moved::No);
        assert_eq!(signal.get_untracked().text, "3");
    }

    #[test]
    fn a_row_that_leaves_the_first_ones_leaves_its_signals_behind() {
        let owner = Owner::new();
        owner.set();
        let names = || ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
        let panel = LivePanel::new(shown(&names().map(|name| (name, ""))));
        let first = |panel: LivePanel| panel.lines.get_untracked().first().map(|line| line.cells[0].clone());
        let held = first(panel).map(|cell| cell.get_untracked());
        let (a, mut turned) = (first(panel), names());
        turned.reverse();
        panel.show(shown(&turned.map(|name| (name, ""))), Order::Free);
        let last = panel.lines.get_untracked().last().map(|line| line.cells[0].clone());
        assert_ne!(last, a, "read by a view that is gone");
        assert_eq!(last.map(|cell| cell.get_untracked()), held);
        let kept = panel.lines.get_untracked()[7].cells[0].clone();
        panel.show(shown(&names().map(|name| (name, ""))), Order::Free);
        assert_eq!(panel.lines.get_untracked()[1].cells[0], kept, "what stays in view keeps its own");
    }

    #[test]
    fn rows_stand_still_under_the_pointer_and_sort_themselves_afterwards() {
        let owner = Owner::new();
        owner.set();
        let keys = |panel: LivePanel| untrack(|| panel.keys()).join("");
        let panel = LivePanel::new(shown(&[("a", ""), ("b", ""), ("c", "")]));
        panel.show(shown(&[("d", ""), ("c", ""), ("a", "")]), Order::Kept);
        assert_eq!(keys(panel), "acd");
        assert_eq!(panel.show(shown(&[("d", ""), ("c", ""), ("a", "")]), Order::Free), Moved::Yes);
        assert_eq!(keys(panel), "dca");
        assert_eq!(panel.show(shown(&[("d", ""), ("c", ""), ("a", "")]), Order::Free), Moved::No);
    }
}
