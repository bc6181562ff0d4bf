//! A filled line over time under its limit: are we running out, and since when?

use super::lines::apart;
use super::pen::{Box2, Pen, Side, Stroke, Words, width_of};
use super::scales::{Point, Scales, Track, Unit};
use super::series::{Series, round_step, time_of_day};
use super::theme::{Ink, Theme};
use super::{ChartError, Drawing, Fit, Labels};
use crate::domain::Span;
use crate::kpi::band::Band;
use crate::kpi::catalog::KpiId;
use crate::kpi::format::{count, percent};
use crate::kpi::value::Ratio;
use crate::view::live::{ChannelsPanel, Site};
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::prelude::DrawingBackend;

/// The panel's window and its grain: 15 minutes by 10 s.
const STEP: Span = Span::secs(10);
const STEPS: usize = 90;

/// A level with its meaning.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    pub value: f64,
    /// "85 % = 170".
    pub label: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct AreaData {
    pub series: Series,
    /// The upper end of the scale; its lower is 0.
    pub top: f64,
    pub threshold: Option<Threshold>,
    /// All there are of what the line counts, where that is known.
    pub of: Option<i64>,
    /// Below the left and the right end.
    pub ends: (String, String),
    pub labels: Labels,
    /// What is said of now: "now 172 of 200, 86 %".
    pub now: String,
}

impl AreaData {
    /// Active channels of 15 minutes, up to the newest 10 s that is known.
    #[must_use]
    pub fn of(panel: &ChannelsPanel, site: &Site, labels: Labels) -> Self {
        let newest = panel.points.rows.iter().map(|point| point.t).max().unwrap_or_default();
        let from = newest - Span::millis(STEP.as_millis() * (STEPS as i64 - 1));
        let points = panel.points.rows.iter().map(|point| (point.t, point.active as f64));
        let series = Series::place(from, STEP, STEPS, points);
        let head = &panel.head;
        let bands = KpiId::ChannelUtilisation.get().bands();
        let capacity = head.capacity.filter(|capacity| *capacity > 0);
        let threshold = capacity.and_then(|capacity| {
            let edge = bands?.edges().next()?;
            let level = Ratio::new(edge.part.saturating_mul(capacity), edge.whole);
            let label = format!(
                "{} = {}",
                percent(Ratio::new(edge.part, edge.whole), 0, None),
                count(level.part / level.whole)
            );
            Some(Threshold { value: level.value()?, label })
        });
        let now = match capacity {
            Some(of) => {
                format!(
                    "now {} of {}, {}",
                    count(head.active),
                    count(of),
                    percent(Ratio::new(head.active, of), 0, bands)
                )
            }
            None => format!("now {}", count(head.active)),
        };
        let highest = series.highest().unwrap_or(0.0);
        let top = capacity.map_or_else(|| highest * 1.1, |capacity| (capacity as f64).max(highest));
        let ends = if panel.points.rows.is_empty() {
            (String::new(), String::new())
        } else {
            (time_of_day(from, site), time_of_day(newest + STEP, site))
        };
        Self { series, top, threshold, of: capacity, ends, labels, now }
    }
}

impl Drawing for AreaData {
    const FIT: Fit = Fit::Keep;
    const ALONG_TIME: bool = true;

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, theme: &Theme) -> Result<(), ChartError> {
        draw(area, self, theme)
    }

    fn summary(&self) -> String {
        match self.series.last() {
            Some(_) => format!("{}, {}", self.series.trend().word(), self.now),
            None => "no data yet".to_owned(),
        }
    }

    fn scales(&self, (width, height): (f64, f64)) -> Option<Scales> {
        self.series.last()?;
        let frame = Frame::of(self, Box2::new(0.0, 0.0, width, height));
        // Values are counts, far below 2^53.
        let point = |value: &Option<f64>| {
            let value = value.filter(|value| value.is_finite())?;
            Some(Point { value, exact: Ratio::new(value.round() as i64, self.of.unwrap_or(0)) })
        };
        let track = Track {
            name: "In use".to_owned(),
            ink: Ink::Series1,
            unit: Unit::Channels,
            points: self.series.values.iter().map(point).collect(),
        };
        Some(Scales {
            plot: frame.plot,
            from: self.series.from,
            step: self.series.step,
            steps: self.series.values.len(),
            reach: (0.0, frame.top),
            tracks: vec![track],
        })
    }
}

const SIZE: f64 = 11.0;
/// How much wider than plain words the firm ones are.
const FIRM: f64 = 1.06;
/// From here on there is room for words beside the plot.
const WIDE: f64 = 200.0;

/// Where things are.
struct Frame {
    plot: Box2,
    /// The scale's upper end.
    top: f64,
    /// Whether there is room for words below, and beside.
    labelled: bool,
    beside: bool,
}

impl Frame {
    fn of(data: &AreaData, whole: Box2) -> Self {
        let labelled = match data.labels {
            Labels::Inside => whole.height >= 48.0 && whole.width >= 90.0,
            Labels::None => false,
        };
        let foot = if labelled { 18.0 } else { 1.0 };
        let beside = labelled && whole.width >= WIDE;
        // Room above and at the right for the newest point's dot.
        let right = if beside {
            let limit = data.threshold.as_ref().map_or(0.0, |threshold| width_of(&threshold.label, SIZE));
            // Some more: the estimate of their width may fall a few pixels short.
            (limit.max(width_of(&last_of(data), SIZE) * FIRM) + 12.0).min(whole.width * 0.4)
        } else {
            4.0
        };
        let plot = Box2::new(0.0, 4.0, whole.width - right, whole.height - foot - 4.0);
        let top = if data.top.is_finite() && data.top > 0.0 { data.top } else { round_step(0.0, 1) };
        Self { plot, top, labelled, beside }
    }
}

/// The last value as it is written at the line's end.
fn last_of(data: &AreaData) -> String {
    data.series.last().map_or_else(String::new, |value| count(value.round() as i64))
}

/// # Errors
/// If the backend fails.
pub fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    data: &AreaData,
    theme: &Theme,
) -> Result<(), ChartError> {
    let pen = Pen::new(area, theme);
    let whole = pen.whole();
    let Frame { plot, top, labelled, beside } = Frame::of(data, whole);
    pen.line((0.0, plot.bottom()), (plot.right(), plot.bottom()), Stroke::new(Ink::Line, 1.0))?;
    for run in data.series.runs(plot.width) {
        let points: Vec<_> = run.iter().map(|(along, value)| plot.at(*along, value / top)).collect();
        if let (Some(first), Some(last)) = (points.first(), points.last()) {
            let mut shape = points.clone();
            shape.extend([(last.0, plot.bottom()), (first.0, plot.bottom())]);
            pen.polygon(&shape, Ink::Series1, 0.12)?;
        }
        match points.as_slice() {
            [only] => pen.dot(*only, 1.2, Ink::Series1)?,
            _ => pen.path(&points, Stroke::new(Ink::Series1, 1.6))?,
        }
    }
    if let Some(threshold) = &data.threshold {
        let (_, y) = plot.at(0.0, threshold.value / top);
        pen.dashes((0.0, y), plot.right(), Stroke::new(Ink::Crit, 1.0).faded(0.85))?;
        if labelled && !beside {
            let above = y - 9.0;
            let y = if above < 6.0 { y + 10.0 } else { above };
            pen.words(&threshold.label, (0.0, y), Words::new(SIZE, Ink::Crit))?;
        }
    }
    if let Some((along, value)) = data.series.last_point() {
        let ink = match &data.threshold {
            Some(threshold) if value > threshold.value => Ink::fill_of(Band::Critical),
            Some(_) | None => Ink::Series1,
        };
        pen.dot(plot.at(along, value / top), 3.0, ink)?;
    }
    if beside {
        names(&pen, data, plot, top)?;
    }
    if labelled {
        let y = whole.height - 7.0;
        let words = Words::new(SIZE, Ink::Faint);
        pen.words(&data.ends.0, (0.0, y), words)?;
        if whole.width > 2.5 * width_of(&data.ends.1, SIZE) {
            pen.words(&data.ends.1, (plot.right(), y), words.side(Side::Right))?;
        }
    }
    Ok(())
}

/// Beside the plot: the limit with its value, and the last value, moved apart.
fn names<DB: DrawingBackend>(pen: &Pen<'_, DB>, data: &AreaData, plot: Box2, top: f64) -> Result<(), ChartError> {
    let height = |value: f64| plot.at(0.0, value / top).1;
    let limit = data
        .threshold
        .iter()
        .map(|threshold| ((threshold.label.clone(), Words::new(SIZE, Ink::Crit)), height(threshold.value)));
    let last = data
        .series
        .last_point()
        .into_iter()
        .map(|(_, value)| ((last_of(data), Words::new(SIZE, Ink::Text).firm()), height(value)));
    for ((text, words), y) in apart(limit.chain(last).collect(), plot) {
        pen.words(&text, (plot.right() + 7.0, y), words)?;
    }
    Ok(())
}
