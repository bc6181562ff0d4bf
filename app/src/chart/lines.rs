//! Lines over an hour on one scale, each named at its end: which country rings late, and since when?

use super::pen::{Box2, Pen, Side, Stroke, Words, cut, width_of};
use super::scales::{Point, Scales, Track, Unit};
use super::series::{Series, round_step, time_of_day};
use super::theme::{Ink, Theme};
use super::{ChartError, Drawing, Fit};
use crate::domain::{Moment, Span};
use crate::kpi::band::Band;
use crate::kpi::format::seconds;
use crate::kpi::value::Ratio;
use crate::view::live::{PddPanel, PddPoint, PddRow, Site};
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::prelude::DrawingBackend;

/// As many as there are colours to tell lines apart by; the rest is in the table.
pub const MOST: usize = 5;

const MINUTE: Span = Span::minutes(1);
const MINUTES: usize = 60;

#[derive(Debug, Clone, PartialEq)]
pub struct LinesData {
    /// Those to be seen first come first.
    pub lines: Vec<Line>,
    /// The highest value; the scale begins at 0.
    pub top: f64,
    /// Times of day at the left, in the middle, at the right.
    pub times: [String; 3],
    /// Lines there was no room for.
    pub more: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub name: String,
    pub series: Series,
    /// What each value comes of: the sum of the delays and the calls that rang.
    pub exact: Vec<Ratio>,
    /// At the line's end: "GB 4.8 s".
    pub label: String,
    pub ink: Ink,
    pub band: Band,
}

impl LinesData {
    /// Post-dial delay by country and minute, in seconds, up to the minute of `now`.
    #[must_use]
    pub fn of(panel: &PddPanel, now: Moment, site: &Site) -> Self {
        let newest = now.floor(MINUTE);
        let from = newest - Span::millis(MINUTE.as_millis() * (MINUTES as i64 - 1));
        let shown: Vec<&PddRow> = panel.countries.rows.iter().take(MOST).collect();
        let mut by_name: Vec<String> = shown.iter().map(|row| row.country.to_string()).collect();
        by_name.sort();
        let lines: Vec<Line> = shown
            .into_iter()
            .map(|row| {
                let name = row.country.to_string();
                // By the alphabet among those shown, so that a line keeps its colour while ranks change.
                let ink = ink_of(row.band, by_name.iter().position(|other| *other == name).unwrap_or(0));
                let of_it = || panel.points.rows.iter().filter(|point| point.country == row.country);
                let last = of_it().filter(|point| point.progressed > 0 && point.t <= now).max_by_key(|point| point.t);
                let label = match last {
                    Some(point) => format!("{name} {}", seconds(Ratio::new(point.pdd_ms, point.progressed), 1)),
                    None => name.clone(),
                };
                let series = Series::place(from, MINUTE, MINUTES, of_it().filter_map(in_seconds));
                let mut exact = vec![Ratio::default(); series.values.len()];
                for point in of_it() {
                    if let Some(place) = series.place_of(point.t) {
                        exact[place] = Ratio::new(point.pdd_ms, point.progressed);
                    }
                }
                Line { name, series, exact, label, ink, band: row.band }
            })
            .collect();
        let top = top_of(&lines);
        let middle = from + Span::millis(MINUTE.as_millis() * (MINUTES as i64) / 2);
        let times = [from, middle, newest].map(|at| time_of_day(at, site));
        let more = panel.countries.rows.len().saturating_sub(MOST) + panel.countries.more as usize;
        Self { lines, top, times, more }
    }
}

fn top_of(lines: &[Line]) -> f64 {
    lines.iter().filter_map(|line| line.series.highest()).fold(0.0, f64::max)
}

fn in_seconds(point: &PddPoint) -> Option<(Moment, f64)> {
    Some((point.t, Ratio::new(point.pdd_ms, point.progressed).value()? / 1_000.0))
}

fn ink_of(band: Band, at: usize) -> Ink {
    const SERIES: [Ink; 5] = [Ink::Series1, Ink::Series2, Ink::Series3, Ink::Series4, Ink::Series5];
    match band {
        Band::Critical => Ink::Crit,
        Band::Warn => Ink::Warn,
        Band::None | Band::TooFew | Band::NoBaseline | Band::Ok | Band::Unjudged => SERIES[at % SERIES.len()],
    }
}

impl Drawing for LinesData {
    const FIT: Fit = Fit::Keep;
    const ALONG_TIME: bool = true;
    const BY_NAME: bool = true;

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, theme: &Theme) -> Result<(), ChartError> {
        draw(area, self, theme)
    }

    fn summary(&self) -> String {
        if self.lines.is_empty() {
            return "no data yet".to_owned();
        }
        let line = |line: &Line| format!("{}, {}", line.label, line.series.trend().word());
        self.lines.iter().map(line).collect::<Vec<_>>().join("; ")
    }

    fn scales(&self, (width, height): (f64, f64)) -> Option<Scales> {
        let frame = Frame::of(self, Box2::new(0.0, 0.0, width, height));
        let first = &self.lines.first()?.series;
        let track = |line: &Line| {
            let exact = line.exact.iter().copied().chain(std::iter::repeat(Ratio::default()));
            let points = line.series.values.iter().zip(exact);
            Track {
                name: line.name.clone(),
                ink: line.ink,
                unit: Unit::Delay,
                points: points.map(|(value, exact)| Some(Point { value: (*value)?, exact })).collect(),
            }
        };
        Some(Scales {
            plot: frame.plot,
            from: first.from,
            step: first.step,
            steps: first.values.len(),
            reach: (0.0, frame.top),
            tracks: self.lines.iter().map(track).collect(),
        })
    }

    fn names(&self) -> Vec<(String, Ink)> {
        let mut names: Vec<_> = self.lines.iter().map(|line| (line.name.clone(), line.ink)).collect();
        names.sort_by(|a, b| a.0.cmp(&b.0));
        names
    }

    /// On a scale of its own: what is hidden sets no height.
    fn alone(&self, name: &str) -> Self {
        let lines: Vec<Line> = self.lines.iter().filter(|line| line.name == name).cloned().collect();
        if lines.is_empty() {
            return self.clone();
        }
        Self { top: top_of(&lines), lines, ..self.clone() }
    }
}

/// Where things are.
struct Frame {
    plot: Box2,
    /// The distance of two numbers beside the scale, and the scale's upper end.
    step: f64,
    top: f64,
    /// Whether there is room for names and numbers.
    named: bool,
}

impl Frame {
    fn of(data: &LinesData, whole: Box2) -> Self {
        let named = whole.width >= 140.0 && whole.height >= 60.0;
        let (foot, head) = if named { (20.0, 8.0) } else { (2.0, 8.0) };
        let height = whole.height - foot - head;
        let step = round_step(data.top, if height < 120.0 { 2 } else { 4 });
        let top = (data.top / step).ceil().max(1.0) * step;
        let (left, right) = if named {
            let numbers = ticks(step, top).map(|value| width_of(&tick(value), TICK)).fold(16.0, f64::max);
            let names = data.lines.iter().map(|line| width_of(&line.label, SIZE) * FIRM).fold(48.0, f64::max);
            (numbers + 8.0, (names + 8.0).min(whole.width * 0.4))
        } else {
            (1.0, 4.0)
        };
        Self { plot: Box2::new(left, head, whole.width - left - right, height), step, top, named }
    }
}

/// Height of a line's name.
const NAME: f64 = 15.0;
const SIZE: f64 = 12.0;
/// Of the numbers beside the scale.
const TICK: f64 = 11.0;
/// How much wider than plain words the firm ones at a line's end are.
const FIRM: f64 = 1.06;

/// # Errors
/// If the backend fails.
pub fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    data: &LinesData,
    theme: &Theme,
) -> Result<(), ChartError> {
    let pen = Pen::new(area, theme);
    let whole = pen.whole();
    let Frame { plot, step, top, named } = Frame::of(data, whole);
    if named {
        scale(&pen, plot, step, top)?;
        let words = Words::new(TICK, Ink::Faint);
        let y = whole.height - 7.0;
        pen.words(&data.times[0], (plot.left, y), words)?;
        if plot.width > 150.0 {
            pen.words(&data.times[1], (plot.left + plot.width / 2.0, y), words.side(Side::Centre))?;
        }
        if plot.width > 80.0 {
            pen.words(&data.times[2], (plot.right(), y), words.side(Side::Right))?;
        }
    }
    // The first line is the one to see: it is drawn last, over the others.
    for line in data.lines.iter().rev() {
        for run in line.series.runs(plot.width) {
            let points: Vec<_> = run.iter().map(|(along, value)| plot.at(*along, value / top)).collect();
            match points.as_slice() {
                [only] => pen.dot(*only, 1.2, line.ink)?,
                _ => pen.path(&points, Stroke::new(line.ink, 1.7))?,
            }
        }
    }
    if named {
        let ends = data.lines.iter().filter_map(|line| {
            let (along, value) = line.series.last_point()?;
            Some((line, plot.at(along, value / top).1))
        });
        for (line, y) in apart(ends.collect(), plot) {
            let label = cut(&line.label, SIZE, (whole.right() - plot.right() - 7.0) / FIRM);
            pen.words(&label, (plot.right() + 7.0, y), Words::new(SIZE, line.ink).firm())?;
        }
    }
    Ok(())
}

fn scale<DB: DrawingBackend>(pen: &Pen<'_, DB>, plot: Box2, step: f64, top: f64) -> Result<(), ChartError> {
    for value in ticks(step, top) {
        let (_, y) = plot.at(0.0, value / top);
        pen.line((plot.left, y), (plot.right(), y), Stroke::new(Ink::Grid, 1.0))?;
        pen.words(&tick(value), (plot.left - 8.0, y), Words::new(TICK, Ink::Faint).side(Side::Right))?;
    }
    Ok(())
}

fn ticks(step: f64, top: f64) -> impl Iterator<Item = f64> {
    let count = (top / step).round().clamp(1.0, 10.0) as u32;
    (0..=count).map(move |tick| f64::from(tick) * step)
}

/// Ticks are whole thousandths in any picture of seconds.
fn tick(value: f64) -> String {
    let thousandths = (value * 1_000.0).round() as i64;
    if thousandths % 1_000 == 0 {
        return (thousandths / 1_000).to_string();
    }
    let digits = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
    digits.trim_end_matches('0').to_owned()
}

/// Moves names apart that would stand over each other; where there is no room for all, the last ones go.
pub(super) fn apart<L>(mut names: Vec<(L, f64)>, plot: Box2) -> Vec<(L, f64)> {
    names.truncate(((plot.height / NAME).floor() as usize).max(1));
    names.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut free = f64::MIN;
    for (_, y) in &mut names {
        *y = y.max(free);
        free = *y + NAME;
    }
    let mut free = plot.bottom();
    for (_, y) in names.iter_mut().rev() {
        *y = y.min(free);
        free = *y - NAME;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_apart_and_inside() {
        let line = |name: &str| Line {
            name: name.to_owned(),
            series: Series { from: Moment::default(), step: MINUTE, values: vec![Some(1.0)] },
            exact: Vec::new(),
            label: name.to_owned(),
            ink: Ink::Series1,
            band: Band::Ok,
        };
        let lines: Vec<Line> = ["A", "B", "C", "D", "E"].map(line).to_vec();
        let plot = Box2::new(0.0, 10.0, 100.0, 100.0);
        let at = [108.0, 107.0, 50.0, 51.0, 109.0];
        let placed: Vec<f64> = apart(lines.iter().zip(at).collect(), plot).into_iter().map(|(_, y)| y).collect();
        assert!(placed.is_sorted_by(|a, b| b - a >= NAME - 1e-9), "{placed:?}");
        assert!(placed.iter().all(|y| (plot.top..=plot.bottom()).contains(y)), "{placed:?}");
    }
}
