//! Agents of each campaign by what they do, side by side in one bar as long as the campaign is large.

use super::pen::{Box2, Pen, Words, width_of};
use super::rows::{self, RowWords};
use super::theme::{Ink, Theme};
use super::{ChartError, Drawing, Fit, Labels};
use crate::kpi::catalog::KpiId;
use crate::kpi::format::{count, percent};
use crate::view::live::AgentsRow;
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::prelude::DrawingBackend;

/// The states in the order they stand in, each with its colour.
pub const STATES: [(&str, Ink); 4] =
    [("on call", Ink::Series1), ("ready", Ink::Series2), ("wrap-up", Ink::Series4), ("break", Ink::Series5)];

#[derive(Debug, Clone, PartialEq)]
pub struct StackedData {
    pub rows: Vec<Stack>,
    pub labels: Labels,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    /// In the order of [`STATES`].
    pub parts: [i64; 4],
    pub words: RowWords,
}

impl Stack {
    fn total(&self) -> f64 {
        self.parts.iter().map(|part| (*part).max(0) as f64).sum()
    }
}

impl StackedData {
    /// Agents now, with the share of their time on calls in 60 minutes.
    #[must_use]
    pub fn of(rows: &[AgentsRow], labels: Labels) -> Self {
        let stack = |row: &AgentsRow| {
            let parts = [row.on_call, row.ready, row.wrap_up, row.on_break];
            let value = percent(row.on_call_share(), 0, KpiId::OnCallShare.get().bands());
            let note = format!("{} in", count(parts.iter().fold(0_i64, |sum, part| sum.saturating_add(*part))));
            Stack {
                parts,
                words: RowWords { name: row.name.to_string(), value, band: row.band, note, ..RowWords::default() },
            }
        };
        Self { rows: rows.iter().map(stack).collect(), labels }
    }
}

impl Drawing for StackedData {
    const FIT: Fit = Fit::Stretch;

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, theme: &Theme) -> Result<(), ChartError> {
        draw(area, self, theme)
    }

    fn summary(&self) -> String {
        rows::summary(self.rows.iter().map(|row| &row.words))
    }
}

/// # Errors
/// If the backend fails.
pub fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    data: &StackedData,
    theme: &Theme,
) -> Result<(), ChartError> {
    let pen = Pen::new(area, theme);
    let all = pen.whole();
    let whole = match data.labels {
        Labels::None => all,
        Labels::Inside => {
            legend(&pen, all)?;
            Box2::new(all.left, all.top + LEGEND, all.width, all.height - LEGEND)
        }
    };
    let (shown, height) = rows::room(whole, data.rows.len(), data.labels);
    let largest = data.rows.iter().map(Stack::total).fold(1.0, f64::max);
    for (at, row) in data.rows.iter().take(shown).enumerate() {
        let track = rows::track(whole, at, height, data.labels);
        let thick = 14.0_f64.min(height * 0.7);
        let top = track.top + (height - thick) / 2.0;
        let mut left = track.left;
        for (part, (_, ink)) in row.parts.iter().zip(STATES) {
            let width = (*part).max(0) as f64 / largest * track.width;
            // The gap keeps neighbours apart, and never hides the few.
            pen.fill(Box2::new(left, top, (width - 2.0).max(width * 0.5), thick), ink, 1.0)?;
            left += width;
        }
        match data.labels {
            Labels::None => {}
            Labels::Inside => rows::words(&pen, whole, track, &row.words)?,
        }
    }
    rows::rest(&pen, whole, data.rows.len().saturating_sub(shown), data.labels)
}

const LEGEND: f64 = 24.0;

fn legend<DB: DrawingBackend>(pen: &Pen<'_, DB>, whole: Box2) -> Result<(), ChartError> {
    let mut left = whole.left;
    for (name, ink) in STATES {
        let right = left + 15.0 + width_of(name, 12.0);
        if right > whole.right() {
            break;
        }
        pen.fill(Box2::new(left, whole.top + 3.5, 9.0, 9.0), ink, 1.0)?;
        pen.words(name, (left + 15.0, whole.top + 8.0), Words::new(12.0, Ink::Muted))?;
        left = right + 14.0;
    }
    Ok(())
}
