//! Something through a day or through many: bars and lines on one scale, each named at its end, with the levels at which
//! it is judged and the marks of time below.
//!
//! Slots are even: a step of a day, a day, a week; every track has a value or a gap for each. What a slot is called is
//! the caller's: here nothing knows of zones.

use super::deeds::{self, Deed};
use super::lines::apart;
use super::pen::{Box2, Pen, Side, Stroke, Words, cut, width_of};
use super::series::round_step;
use super::theme::{Ink, Theme};
use super::{ChartError, Drawing, Fit};
use crate::kpi::band::{Band, Bands};
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::prelude::DrawingBackend;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct CourseData {
    /// Those to be seen first come first; quiet ones lie under all others.
    pub tracks: Vec<Track>,
    pub scale: Scale,
    pub levels: Vec<Level>,
    /// Below the scale: the slot it stands under, and its words.
    pub marks: Vec<(usize, String)>,
    /// What people did meanwhile, oldest first.
    pub deeds: Vec<Deed>,
    /// The slot that is not over yet: what it has is drawn fainter.
    pub running: Option<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// At its end, cut where there is no room; nothing where both are empty.
    pub name: String,
    /// Behind the name, never cut: "31.2 %".
    pub value: String,
    pub ink: Ink,
    pub look: Look,
    pub values: Vec<Option<f64>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    Line,
    /// What the others are compared with.
    Quiet,
    /// From 0 up, or down where it is negative.
    Bars,
}

/// A value with a meaning, as a level line.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    pub value: f64,
    pub band: Band,
    /// "2.8 %".
    pub label: String,
}

/// What values are measured in, for the numbers beside the scale.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scale {
    #[default]
    Count,
    /// Fractions of 1.
    Share,
    /// Seconds, shown so.
    Seconds,
    /// Seconds, shown as m:ss.
    Minutes,
    /// Units of a currency.
    Money,
}

impl Level {
    /// The edges of a KPI's bands.
    #[must_use]
    pub fn of(bands: Option<&Bands>, scale: Scale, per: f64) -> Vec<Self> {
        let Some(bands) = bands else { return Vec::new() };
        let of = |band: Band| move |edge: &crate::kpi::Edge| (edge.value() / per, band);
        let warn = bands.warn.iter().map(of(Band::Warn));
        let all = warn.chain(bands.critical.iter().map(of(Band::Critical)));
        all.map(|(value, band)| Self { value, band, label: scale.exact(value) }).collect()
    }
}

impl Scale {
    /// A level's own number, with the digits it has.
    fn exact(self, value: f64) -> String {
        // A hundred times a number near the greatest would be none.
        let value = value.clamp(-BEYOND, BEYOND);
        match self {
            Self::Share => format!("{} %", trimmed(value * 100.0, 1)),
            Self::Seconds => format!("{} s", trimmed(value, 1)),
            Self::Minutes => minutes(value),
            Self::Count => thousands(&trimmed(value, 0)),
            Self::Money => thousands(&trimmed(value, 2)),
        }
    }

    /// A number beside the scale, whose steps are `step`.
    fn tick(self, value: f64, step: f64) -> String {
        let digits = |step: f64| (-step.log10().floor()).clamp(0.0, 6.0) as usize;
        match self {
            // As many digits as the steps have: 1.25M and 1.5M are two.
            Self::Count if value.abs() >= 1e6 => format!("{}M", in_units(value, step, 1e6)),
            Self::Count if value.abs() >= 10_000.0 => format!("{}k", in_units(value, step, 1_000.0)),
            Self::Count if value.abs() >= 1_000.0 => thousands(&trimmed(value, 0)),
            Self::Count => trimmed(value, digits(step)),
            Self::Share => format!("{:.*} %", digits(step * 100.0), value * 100.0),
            Self::Seconds => format!("{:.*} s", digits(step), value),
            Self::Minutes => minutes(value),
            Self::Money => thousands(&format!("{:.*}", digits(step), value)),
        }
    }

    /// A step that divides `reach` into a few parts, round in this unit.
    fn step(self, reach: f64, most: u32) -> f64 {
        const OF_TIME: [f64; 12] = [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0];
        match self {
            Self::Minutes => {
                let least = reach / f64::from(most.max(1));
                OF_TIME.into_iter().find(|step| *step >= least * 0.999_999).unwrap_or_else(|| round_step(reach, most))
            }
            Self::Count => round_step(reach, most).max(1.0),
            Self::Share | Self::Seconds | Self::Money => round_step(reach, most),
        }
    }
}

/// A multiple of `unit`, with the digits that tell it from the next step; a thousand of them by comma.
fn in_units(value: f64, step: f64, unit: f64) -> String {
    let digits = (-(step / unit).log10().floor()).clamp(1.0, 3.0) as usize;
    thousands(&trimmed(value / unit, digits))
}

/// A printed number with its thousands by comma, as everywhere.
fn thousands(printed: &str) -> String {
    let (whole, rest) = printed.split_once('.').map_or((printed, ""), |(whole, rest)| (whole, rest));
    let point = if rest.is_empty() { "" } else { "." };
    let grouped = whole.parse().map_or_else(|_| whole.to_owned(), crate::kpi::format::count);
    format!("{grouped}{point}{rest}")
}

fn trimmed(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn minutes(secs: f64) -> String {
    crate::kpi::format::duration(secs.round() as i64)
}

impl Track {
    /// "connected 31.2 %".
    fn label(&self, room: f64) -> String {
        let beside = if self.name.is_empty() || self.value.is_empty() { "" } else { " " };
        let name = cut(&self.name, SIZE, room - width_of(&self.value, SIZE) - width_of(beside, SIZE));
        format!("{name}{beside}{}", self.value)
    }
}

impl CourseData {
    /// Whether there is nothing to see.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tracks.iter().all(|track| track.values.iter().all(Option::is_none))
    }

    fn slots(&self) -> usize {
        self.tracks.iter().map(|track| track.values.len()).max().unwrap_or(0)
    }

    fn known(&self) -> impl Iterator<Item = f64> {
        self.tracks.iter().flat_map(|track| &track.values).filter_map(|value| value.filter(|v| v.is_finite()))
    }

    /// The levels to draw: those that were reached, and the next one above.
    fn levels(&self) -> Vec<&Level> {
        let highest = self.known().fold(0.0, f64::max);
        let mut levels: Vec<&Level> = self.levels.iter().filter(|level| level.value.is_finite()).collect();
        levels.sort_by(|a, b| a.value.total_cmp(&b.value));
        let reached = levels.iter().filter(|level| level.value <= highest).count();
        levels.truncate(reached + 1);
        levels
    }
}

impl Drawing for CourseData {
    const FIT: Fit = Fit::Keep;

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, theme: &Theme) -> Result<(), ChartError> {
        draw(area, self, theme)
    }

    fn summary(&self) -> String {
        let told = self.tracks.iter().filter(|track| !track.label(f64::MAX).is_empty()).map(|track| {
            let label = track.label(f64::MAX);
            let known: Vec<f64> = track.values.iter().flatten().copied().filter(|v| v.is_finite()).collect();
            match (known.iter().copied().reduce(f64::min), known.iter().copied().reduce(f64::max)) {
                (Some(low), Some(high)) => {
                    format!("{label}, between {} and {}", self.scale.exact(low), self.scale.exact(high))
                }
                _ => format!("{label}, no data"),
            }
        });
        let told: Vec<String> = told.collect();
        let told = if told.is_empty() { "no data yet".to_owned() } else { told.join("; ") };
        format!("{told}{}", deeds::words(&self.deeds))
    }
}

const SIZE: f64 = 12.0;
/// How much wider than plain words the firm ones at a line's end are.
const FIRM: f64 = 1.06;
const FOOT: f64 = 20.0;
/// No figure of a floor is greater.
const BEYOND: f64 = 1e12;

/// Where things are, and how values become heights.
struct Frame {
    plot: Box2,
    slots: usize,
    low: f64,
    high: f64,
    step: f64,
}

impl Frame {
    fn of(data: &CourseData, whole: Box2) -> Self {
        let levels = data.levels();
        let highest = data.known().chain(levels.iter().map(|level| level.value)).fold(0.0, f64::max);
        let lowest = data.known().fold(0.0, f64::min);
        let (highest, lowest) = (highest.min(BEYOND), lowest.max(-BEYOND));
        let most = if whole.height < 130.0 { 2 } else { 4 };
        let step = data.scale.step((highest - lowest).max(f64::MIN_POSITIVE), most);
        let high = (highest / step - 0.001).ceil().max(1.0) * step;
        let low = (lowest / step + 0.001).floor().min(0.0) * step;
        let ticks = ticks(low, high, step).map(|value| width_of(&data.scale.tick(value, step), SIZE));
        let left = ticks.fold(0.0, f64::max) + 8.0;
        let labels = data.tracks.iter().map(|track| width_of(&track.label(f64::MAX), SIZE) * FIRM + 8.0);
        let right = labels.fold(6.0, f64::max).min(whole.width * 0.4);
        let top = if data.deeds.is_empty() { 8.0 } else { 8.0 + deeds::HEAD };
        let plot = Box2::new(left, top, whole.width - left - right, whole.height - FOOT - top);
        Self { plot, slots: data.slots().max(1), low, high, step }
    }

    /// The middle of a slot, and the height of a value.
    fn at(&self, slot: usize, value: f64) -> (f64, f64) {
        self.plot.at((slot as f64 + 0.5) / self.slots as f64, (value - self.low) / (self.high - self.low))
    }
}

fn ticks(low: f64, high: f64, step: f64) -> impl Iterator<Item = f64> {
    let count = ((high - low) / step).round().clamp(1.0, 12.0) as u32;
    (0..=count).map(move |tick| low + f64::from(tick) * step)
}

/// # Errors
/// If the backend fails.
pub fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    data: &CourseData,
    theme: &Theme,
) -> Result<(), ChartError> {
    let pen = Pen::new(area, theme);
    let whole = pen.whole();
    let frame = Frame::of(data, whole);
    if frame.plot.width < 20.0 || frame.plot.height < 20.0 {
        return Ok(());
    }
    for value in ticks(frame.low, frame.high, frame.step) {
        let (_, y) = frame.at(0, value);
        let ink = if value.abs() < frame.step / 2.0 { Ink::Line } else { Ink::Grid };
        pen.line((frame.plot.left, y), (frame.plot.right(), y), Stroke::new(ink, 1.0))?;
        let words = Words::new(SIZE, Ink::Faint).side(Side::Right);
        pen.words(&data.scale.tick(value, frame.step), (frame.plot.left - 8.0, y), words)?;
    }
    marks(&pen, &frame, data, whole)?;
    let done: Vec<_> = data.deeds.iter().map(|deed| (frame.at(deed.slot, frame.low).0, deed)).collect();
    deeds::draw(&pen, frame.plot, whole.right(), &done)?;
    // The first is the one to see: drawn last, over the others.
    for quiet in [true, false] {
        for track in data.tracks.iter().rev().filter(|track| (track.look == Look::Quiet) == quiet) {
            match track.look {
                Look::Bars => bars(&pen, &frame, track, data.running)?,
                Look::Line | Look::Quiet => line(&pen, &frame, track, data.running)?,
            }
        }
    }
    for level in data.levels() {
        let (_, y) = frame.at(0, level.value);
        let ink = Ink::text_of(level.band);
        pen.dashes((frame.plot.left, y), frame.plot.right(), Stroke::new(ink, 1.0).faded(0.85))?;
        let above = if y - 9.0 < 6.0 { y + 10.0 } else { y - 8.0 };
        // On a plate: lines run through the place where it stands.
        let plate = Box2::new(frame.plot.left + 1.0, above - 7.0, width_of(&level.label, 11.0) + 5.0, 14.0);
        pen.fill(plate, Ink::Surface, 0.85)?;
        pen.words(&level.label, (frame.plot.left + 3.0, above), Words::new(11.0, ink))?;
    }
    names(&pen, &frame, data, whole)
}

/// Times below, those that would touch the one before left out.
fn marks<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    frame: &Frame,
    data: &CourseData,
    whole: Box2,
) -> Result<(), ChartError> {
    let mut free = f64::MIN;
    for (slot, text) in &data.marks {
        let (x, _) = frame.at(*slot, frame.low);
        let half = width_of(text, SIZE) / 2.0;
        let x = x.clamp(whole.left + half, (whole.right() - half).max(whole.left + half));
        if x - half < free {
            continue;
        }
        free = x + half + 14.0;
        pen.words(text, (x, whole.bottom() - 7.0), Words::new(SIZE, Ink::Faint).side(Side::Centre))?;
    }
    Ok(())
}

fn bars<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    frame: &Frame,
    track: &Track,
    running: Option<usize>,
) -> Result<(), ChartError> {
    let slot = frame.plot.width / frame.slots as f64;
    let width = if slot < 5.0 { slot } else { (slot * 0.72).min(40.0) };
    for (at, value) in track.values.iter().enumerate() {
        let Some(value) = value.filter(|value| value.is_finite() && *value != 0.0) else { continue };
        let (x, y) = frame.at(at, value);
        let (_, foot) = frame.at(at, 0.0);
        let place = Box2::new(x - width / 2.0, y.min(foot), width, (y - foot).abs().max(1.0));
        pen.fill(place, track.ink, if running == Some(at) { 0.45 } else { 0.9 })?;
    }
    Ok(())
}

fn line<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    frame: &Frame,
    track: &Track,
    running: Option<usize>,
) -> Result<(), ChartError> {
    let width = if track.look == Look::Quiet { 1.3 } else { 1.8 };
    let stroke = Stroke::new(track.ink, width);
    let place = |at: usize| Some((at, frame.at(at, track.values[at].filter(|v| v.is_finite())?)));
    let known: Vec<_> = (0..track.values.len()).filter_map(place).collect();
    for run in known.chunk_by(|a, b| b.0 == a.0 + 1) {
        let over: Vec<_> = run.iter().filter(|(at, _)| running != Some(*at)).map(|(_, place)| *place).collect();
        match over.as_slice() {
            [only] => pen.dot(*only, 1.6, track.ink)?,
            _ => pen.path(&over, stroke)?,
        }
        // Into the slot that is not over yet the line goes faintly, to an open end.
        if let Some((_, last)) = run.last().filter(|(at, _)| running == Some(*at)) {
            if let Some(before) = over.last() {
                pen.line(*before, *last, stroke.faded(0.5))?;
            }
            pen.dot(*last, 3.0, track.ink)?;
            pen.dot(*last, 1.6, Ink::Surface)?;
        }
    }
    // Few points are seen as points.
    if frame.slots <= 14 && track.look == Look::Line {
        for (_, place) in known.iter().filter(|(at, _)| running != Some(*at)) {
            pen.dot(*place, 2.2, track.ink)?;
        }
    }
    Ok(())
}

fn names<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    frame: &Frame,
    data: &CourseData,
    whole: Box2,
) -> Result<(), ChartError> {
    let room = (whole.right() - frame.plot.right() - 6.0) / FIRM;
    let ends = data.tracks.iter().filter(|track| !track.label(room).is_empty()).filter_map(|track| {
        let at = track.values.iter().rposition(|value| value.is_some_and(f64::is_finite))?;
        Some((track, frame.at(at, track.values[at]?).1))
    });
    for (track, y) in apart(ends.collect(), frame.plot) {
        let ink = if track.look == Look::Quiet { Ink::Muted } else { track.ink };
        let words = Words::new(SIZE, ink);
        let words = if track.look == Look::Quiet { words } else { words.firm() };
        pen.words(&track.label(room), (frame.plot.right() + 6.0, y), words)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_beside_a_scale_are_short_and_read_as_everywhere() {
        let count = |value, step| Scale::Count.tick(value, step);
        assert_eq!([count(800_000.0, 2e5), count(1_000_000.0, 2e5), count(1_200_000.0, 2e5)], ["800k", "1M", "1.2M"]);
        assert_eq!([count(1_250_000.0, 5e4), count(2e9, 1e9), count(25_000.0, 5e3)], ["1.25M", "2,000M", "25k"]);
        assert_eq!([count(4_000.0, 2e3), count(500.0, 250.0)], ["4,000", "500"]);
        assert_eq!([Scale::Money.tick(12_000.0, 4e3), Scale::Money.tick(0.25, 0.05)], ["12,000", "0.25"]);
        assert_eq!([Scale::Count.exact(1_234_567.0), Scale::Money.exact(1_234.5)], ["1,234,567", "1,234.5"]);
    }
}
