//! A row per thing and a cell per day: how much of the day it was up. What was down stands from the top, seen also where
//! it was but a moment; where nothing was observed there is no cell.

use super::pen::{Box2, Pen, Side, Words};
use super::rows::{self, RowWords};
use super::theme::{Ink, Theme};
use super::{ChartError, Drawing, Fit, Labels};
use crate::kpi::Ratio;
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::prelude::DrawingBackend;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct StripData {
    pub rows: Vec<Strip>,
    /// Below the first and the last cell.
    pub ends: (String, String),
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Strip {
    pub words: RowWords,
    /// Time up of time observed, by the day.
    pub cells: Vec<Ratio>,
}

impl Drawing for StripData {
    const FIT: Fit = Fit::Keep;

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, theme: &Theme) -> Result<(), ChartError> {
        draw(area, self, theme)
    }

    fn summary(&self) -> String {
        let told: Vec<String> = self.rows.iter().map(|row| format!("{} {}", row.words.name, row.words.value)).collect();
        if told.is_empty() { "no data yet".to_owned() } else { told.join("; ") }
    }
}

const FOOT: f64 = 20.0;

/// # Errors
/// If the backend fails.
pub fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    data: &StripData,
    theme: &Theme,
) -> Result<(), ChartError> {
    let pen = Pen::new(area, theme);
    let all = pen.whole();
    let whole = Box2::new(all.left, all.top, all.width, all.height - FOOT);
    let (shown, height) = rows::room(whole, data.rows.len(), Labels::Inside);
    for (at, row) in data.rows.iter().take(shown).enumerate() {
        let track = rows::track(whole, at, height, Labels::Inside);
        let tall = 16.0_f64.min(height * 0.6);
        let top = track.top + (height - tall) / 2.0;
        let slot = track.width / row.cells.len().max(1) as f64;
        let gap = if slot > 6.0 { 2.0 } else { slot * 0.2 };
        for (day, cell) in row.cells.iter().enumerate() {
            let Some(up) = cell.value() else { continue };
            let place = Box2::new(track.left + slot * day as f64, top, slot - gap, tall);
            pen.fill(place, Ink::OkFill, 0.75)?;
            if cell.part < cell.whole {
                let down = ((1.0 - up) * tall).clamp(tall * 0.25, tall);
                pen.fill(Box2 { height: down, ..place }, Ink::CritFill, 1.0)?;
            }
        }
        rows::words(&pen, whole, track, &row.words)?;
    }
    rows::rest(&pen, whole, data.rows.len().saturating_sub(shown), Labels::Inside)?;
    if data.rows.is_empty() {
        return Ok(());
    }
    let track = rows::track(whole, 0, height, Labels::Inside);
    let words = Words::new(12.0, Ink::Faint);
    pen.words(&data.ends.0, (track.left, all.bottom() - 7.0), words)?;
    pen.words(&data.ends.1, (track.right(), all.bottom() - 7.0), words.side(Side::Right))
}
