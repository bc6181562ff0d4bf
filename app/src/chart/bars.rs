//! A bar a row, in the order of the rows, with thresholds or the baseline marked: who is out, and by how much?

use super::pen::{Box2, Pen};
use super::rows::{self, RowWords};
use super::theme::{Ink, Theme};
use super::{ChartError, Drawing, Fit, Labels};
use crate::kpi::band::{Band, Diagnosis};
use crate::kpi::catalog::KpiId;
use crate::kpi::format::{NO_DATA, count, percent, points, too_few};
use crate::view::live::{AbandonRow, ConnectRow};
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::prelude::DrawingBackend;

#[derive(Debug, Clone, PartialEq)]
pub struct BarsData {
    pub rows: Vec<Bar>,
    /// Thresholds that hold for every row.
    pub marks: Vec<f64>,
    /// The value at the right end; the left is 0.
    pub top: f64,
    pub labels: Labels,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// No bar without data.
    pub value: Option<f64>,
    pub fill: Fill,
    /// What it is compared with.
    pub mark: Option<f64>,
    pub words: RowWords,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// The band's colour, hatched where there are too few to judge.
    Band(Band),
    /// The colour of a series: the value alone says nothing good or bad.
    Series,
}

impl BarsData {
    /// Abandon rates of 60 minutes, with the calls left in the period's budget.
    #[must_use]
    pub fn abandon(rows: &[AbandonRow], labels: Labels) -> Self {
        let bands = KpiId::AbandonRate.get().bands();
        let marks = bands.into_iter().flat_map(|bands| bands.edges()).map(|edge| edge.value()).collect();
        let rows: Vec<Bar> = rows.iter().map(abandon_bar).collect();
        let top = top_of(&rows, 0.04, 0.01);
        Self { rows, marks, top, labels }
    }

    /// Connect rates of 60 minutes beside those of the same hours of the days before.
    #[must_use]
    pub fn connect(rows: &[ConnectRow], labels: Labels) -> Self {
        let rows: Vec<Bar> = rows.iter().map(connect_bar).collect();
        let top = top_of(&rows, 0.1, 0.1);
        Self { rows, marks: Vec::new(), top, labels }
    }
}

/// The end of the scale: above every value in whole steps, so that it seldom moves.
fn top_of(rows: &[Bar], least: f64, step: f64) -> f64 {
    let highest = rows.iter().flat_map(|row| [row.value, row.mark]).flatten().fold(0.0, f64::max);
    least.max((highest / step).ceil() * step)
}

fn abandon_bar(row: &AbandonRow) -> Bar {
    let rate = row.rate();
    let (value, note) = match row.band {
        Band::None | Band::TooFew if row.answered_live == 0 => (NO_DATA.to_owned(), "no answers yet".to_owned()),
        Band::TooFew => (too_few(row.hour_beyond()), format!("{} live", count(row.answered_live))),
        Band::None => (NO_DATA.to_owned(), String::new()),
        Band::NoBaseline | Band::Ok | Band::Unjudged | Band::Warn | Band::Critical => {
            let note = match row.budget {
                Some(owed) if owed < 0 => format!("{} clean owed", count(owed.saturating_neg())),
                Some(left) => format!("{} left", count(left)),
                None => String::new(),
            };
            (percent(rate, 2, KpiId::AbandonRate.get().bands()), note)
        }
    };
    let words = RowWords { name: row.name.to_string(), value, band: row.band, note, note_band: row.budget_band };
    Bar { value: rate.value(), fill: Fill::Band(row.band), mark: None, words }
}

fn connect_bar(row: &ConnectRow) -> Bar {
    let rate = row.rate();
    let (note, note_band) = match row.diagnosis {
        Some(Diagnosis::List) => ("list problem".to_owned(), row.band),
        Some(Diagnosis::Pacing) => ("pacing problem".to_owned(), row.band),
        None if row.baseline.whole <= 0 => (String::new(), Band::None),
        None => (points(rate, row.baseline), Band::None),
    };
    let fill = match row.band {
        Band::TooFew => Fill::Band(Band::TooFew),
        Band::None | Band::NoBaseline | Band::Ok | Band::Unjudged | Band::Warn | Band::Critical => Fill::Series,
    };
    let value = percent(rate, 1, None);
    let words = RowWords { name: row.name.to_string(), value, band: row.band, note, note_band };
    Bar { value: rate.value(), fill, mark: row.baseline.value(), words }
}

impl Drawing for BarsData {
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
    data: &BarsData,
    theme: &Theme,
) -> Result<(), ChartError> {
    let pen = Pen::new(area, theme);
    let whole = pen.whole();
    let (shown, height) = rows::room(whole, data.rows.len(), data.labels);
    let top = if data.top.is_finite() && data.top > 0.0 { data.top } else { 1.0 };
    for (at, row) in data.rows.iter().take(shown).enumerate() {
        let track = rows::track(whole, at, height, data.labels);
        let middle = track.top + height / 2.0;
        let thick = 10.0_f64.min(height * 0.6);
        let tall = 22.0_f64.min(height * 0.9);
        let x = |value: f64| track.at(value / top, 0.0).0;
        for mark in &data.marks {
            pen.fill(Box2::new(x(*mark) - 0.5, middle - tall / 2.0, 1.0, tall), Ink::Faint, 0.55)?;
        }
        if let Some(value) = row.value {
            // A rate of 0 is a value: it shows as a sliver, no data as nothing.
            let bar = Box2::new(track.left, middle - thick / 2.0, (x(value) - track.left).max(1.0), thick);
            match row.fill {
                Fill::Series => pen.fill(bar, Ink::Series1, 0.85)?,
                Fill::Band(Band::TooFew | Band::None | Band::NoBaseline | Band::Unjudged) => {
                    let bar = Box2 { width: bar.width.max(24.0_f64.min(track.width)), ..bar };
                    pen.hatch(bar, Ink::Faint)?;
                }
                Fill::Band(band @ (Band::Ok | Band::Warn | Band::Critical)) => {
                    pen.fill(bar, Ink::fill_of(band), 1.0)?
                }
            }
        }
        if let Some(mark) = row.mark {
            pen.fill(Box2::new(x(mark) - 1.0, middle - tall / 2.0, 2.0, tall), Ink::Text, 0.8)?;
        }
        match data.labels {
            Labels::None => {}
            Labels::Inside => rows::words(&pen, whole, track, &row.words)?,
        }
    }
    rows::rest(&pen, whole, data.rows.len().saturating_sub(shown), data.labels)
}
