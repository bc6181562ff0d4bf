//! A small line without scale or words: where has this figure been in the last hour?

use super::pen::{Box2, Pen, Stroke};
use super::series::Series;
use super::theme::{Ink, Theme};
use super::{ChartError, Drawing, Fit};
use crate::domain::{Moment, Span};
use crate::kpi::band::Band;
use crate::view::live::StripItem;
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::prelude::DrawingBackend;

#[derive(Debug, Clone, PartialEq)]
pub struct SparkData {
    pub series: Series,
    pub band: Band,
}

impl SparkData {
    /// The last hour of a figure of the strip, by minutes.
    #[must_use]
    pub fn of(item: &StripItem) -> Self {
        let values = item.spark.iter().map(|value| value.map(|value| value as f64)).collect();
        // When it was stands nowhere in the picture: equal lines are equal data.
        Self { series: Series { from: Moment::default(), step: Span::minutes(1), values }, band: item.band }
    }
}

impl Drawing for SparkData {
    const FIT: Fit = Fit::Stretch;

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, theme: &Theme) -> Result<(), ChartError> {
        draw(area, self, theme)
    }

    fn summary(&self) -> String {
        format!("Last 60 minutes: {}", self.series.trend().word())
    }
}

/// # Errors
/// If the backend fails.
pub fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    data: &SparkData,
    theme: &Theme,
) -> Result<(), ChartError> {
    let pen = Pen::new(area, theme);
    let whole = pen.whole();
    let plot = Box2::new(1.0, 3.0, whole.width - 4.0, whole.height - 6.0);
    let ink = if data.band.is_out() { Ink::text_of(data.band) } else { Ink::Muted };
    let low = data.series.known().reduce(f64::min).unwrap_or(0.0);
    let reach = data.series.highest().unwrap_or(0.0) - low;
    let up = |value: f64| if reach > 0.0 { (value - low) / reach } else { 0.5 };
    for run in data.series.runs(plot.width) {
        let points: Vec<_> = run.iter().map(|(along, value)| plot.at(*along, up(*value))).collect();
        match points.as_slice() {
            [only] => pen.dot(*only, 1.0, ink)?,
            _ => pen.path(&points, Stroke::new(ink, 1.4))?,
        }
    }
    match data.series.last_point() {
        Some((along, value)) => pen.dot(plot.at(along, up(value)), 2.2, ink),
        None => Ok(()),
    }
}
