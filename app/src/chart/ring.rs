//! A ring of shares with their sum in the middle: what became of a campaign's calls, each outcome in its colour (S51).

use super::pen::{Pen, Side, Words};
use super::theme::{Ink, Theme};
use super::{ChartError, Drawing, Fit};
use crate::domain::outcome::Disposition;
use crate::kpi::format::{calls, count, percent};
use crate::kpi::value::Ratio;
use crate::view::Table;
use crate::view::monitor_campaign::DispositionRow;
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::prelude::DrawingBackend;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RingData {
    /// All ended calls.
    pub whole: i64,
    pub parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub name: Disposition,
    pub calls: i64,
}

impl RingData {
    /// `ended`: the sum of all seven.
    #[must_use]
    pub fn of(rows: &Table<DispositionRow>, ended: i64) -> Self {
        let part = |row: &DispositionRow| Part { name: row.disposition, calls: row.calls };
        Self { whole: ended, parts: rows.rows.iter().map(part).collect() }
    }
}

const fn ink_of(outcome: Disposition) -> Ink {
    match outcome {
        Disposition::Completed => Ink::Completed,
        Disposition::Answered => Ink::Answered,
        Disposition::Busy => Ink::Busy,
        Disposition::NoAnswer => Ink::NoAnswer,
        Disposition::Failed => Ink::Failed,
        Disposition::Cancelled => Ink::Cancelled,
        Disposition::Congestion => Ink::Congestion,
    }
}

impl Drawing for RingData {
    const FIT: Fit = Fit::Keep;

    #[allow(clippy::cast_precision_loss)] // counts stay far below 2^53
    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, theme: &Theme) -> Result<(), ChartError> {
        /// Between two parts, in CSS pixels along the outer edge.
        const GAP: f64 = 2.0;
        let pen = Pen::new(area, theme);
        let whole = pen.whole();
        let centre = whole.at(0.5, 0.5);
        let outer = (whole.width.min(whole.height) / 2.0 - 1.0).max(1.0);
        let inner = outer * 0.7;
        if self.whole <= 0 {
            pen.ring(centre, (inner, outer), (0.0, 1.0), Ink::Grid)?;
        }
        let gap = if self.parts.iter().filter(|part| part.calls > 0).count() > 1 {
            GAP / (std::f64::consts::TAU * outer)
        } else {
            0.0
        };
        let mut from = 0.0;
        for part in self.parts.iter().filter(|part| part.calls > 0 && self.whole > 0) {
            let to = from + part.calls as f64 / self.whole as f64;
            // A share too small for the gap is drawn all the same, as a hair.
            let end = (to - gap).max(from + gap / 2.0);
            pen.ring(centre, (inner, outer), (from, end), ink_of(part.name))?;
            from = to;
        }
        pen.words(
            &count(self.whole),
            (centre.0, centre.1 - 8.0),
            Words::new(24.0, Ink::Text).firm().side(Side::Centre),
        )?;
        let below = if self.whole == 1 { "call ended" } else { "calls ended" };
        pen.words(below, (centre.0, centre.1 + 14.0), Words::new(12.0, Ink::Muted).side(Side::Centre))
    }

    fn summary(&self) -> String {
        let said = |part: &Part| {
            let name = part.name.said();
            format!("{name} {} ({})", count(part.calls), percent(Ratio::new(part.calls, self.whole), 1, None))
        };
        let parts: Vec<String> = self.parts.iter().map(said).collect();
        format!("{} ended: {}", calls(self.whole), parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_all_seven_with_their_shares() {
        let rows = Disposition::ALL.iter().enumerate();
        let rows = rows.map(|(n, disposition)| DispositionRow { disposition: *disposition, calls: n as i64 }).collect();
        let said = RingData::of(&Table { rows, more: 0 }, 21).summary();
        assert!(said.starts_with("21 calls ended: completed 0 (0.0 %), answered, no agent 1 (4.8 %)"), "{said}");
        assert_eq!(said.matches('(').count(), 7);
    }
}
