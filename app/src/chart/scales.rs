//! What a drawing tells of itself to those who point at it: where its plot is, which time and which values it spans, and
//! what each of its series is at each step, exactly.
//!
//! Owns the way from a place to a step of time and back, and the words of a value. It draws nothing: what stands over the
//! drawing is [`crate::ui::parts::crosshair`].

use super::pen::Box2;
use super::theme::Ink;
use crate::domain::{Moment, Span};
use crate::kpi::catalog::KpiId;
use crate::kpi::format::{NO_DATA, amounts, count, percent, seconds};
use crate::kpi::value::Ratio;

/// The scales of a drawing at one size of its box; places are CSS pixels from the drawing's upper left.
#[derive(Debug, Clone, PartialEq)]
pub struct Scales {
    pub(super) plot: Box2,
    /// Begin of the first step.
    pub from: Moment,
    pub step: Span,
    /// How many steps there are; the first is at the plot's left, the last at its right.
    pub steps: usize,
    /// The values at the plot's foot and at its head.
    pub reach: (f64, f64),
    pub tracks: Vec<Track>,
}

/// One series, with a value or a gap for each step.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    pub name: String,
    pub ink: Ink,
    pub unit: Unit,
    pub points: Vec<Option<Point>>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// On the scale.
    pub value: f64,
    /// What the value comes of.
    pub exact: Ratio,
}

/// What a series counts, for the words of its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Channels in use, of those there are where that is known.
    Channels,
    /// The mean post-dial delay of the calls that rang.
    Delay,
}

/// A series at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub name: String,
    pub ink: Ink,
    /// How far from the top its point is; nothing in a gap.
    pub y: Option<f64>,
    /// "4.8 s", or that there is no data.
    pub figure: String,
    /// "1:50 over 23 calls"; empty where nothing is known.
    pub counts: String,
}

impl Unit {
    fn figure(self, exact: Ratio) -> String {
        match self {
            Self::Channels => count(exact.part),
            Self::Delay => seconds(exact, 1),
        }
    }

    fn counts(self, exact: Ratio) -> String {
        match self {
            Self::Channels if exact.whole <= 0 => String::new(),
            Self::Channels => {
                let share = percent(exact, 0, KpiId::ChannelUtilisation.get().bands());
                format!("of {}, {share}", count(exact.whole))
            }
            Self::Delay => {
                let [waited, calls] = amounts(KpiId::Pdd.get(), exact);
                format!("{waited} over {calls} {}", if exact.whole == 1 { "call" } else { "calls" })
            }
        }
    }
}

impl Scales {
    /// Where the plot begins, from the top, and how high it is.
    #[must_use]
    pub fn height(&self) -> (f64, f64) {
        (self.plot.top, self.plot.height)
    }

    #[must_use]
    pub fn last(&self) -> usize {
        self.steps.saturating_sub(1)
    }

    /// Where a step is, from the left.
    #[must_use]
    pub fn x(&self, step: usize) -> f64 {
        let along = if self.last() > 0 { step as f64 / self.last() as f64 } else { 1.0 };
        self.plot.at(along, 0.0).0
    }

    /// The step nearest to a place.
    #[must_use]
    pub fn nearest(&self, x: f64) -> usize {
        let along = if self.plot.width > 0.0 { (x - self.plot.left) / self.plot.width } else { 1.0 };
        (along.clamp(0.0, 1.0) * self.last() as f64).round() as usize
    }

    /// Begin of a step.
    #[must_use]
    pub fn begin(&self, step: usize) -> Moment {
        self.from + Span::millis(self.step.as_millis().saturating_mul(i64::try_from(step).unwrap_or(i64::MAX)))
    }

    /// The step that holds a moment; `None` for what the drawing does not show.
    #[must_use]
    pub fn step_of(&self, at: Moment) -> Option<usize> {
        let step = (at - self.from).as_millis().div_euclid(self.step.as_millis().max(1));
        usize::try_from(step).ok().filter(|step| *step < self.steps)
    }

    /// Every series at a step.
    #[must_use]
    pub fn read(&self, step: usize) -> Vec<Reading> {
        let (low, high) = self.reach;
        let read = |track: &Track| {
            let point = track.points.get(step).copied().flatten();
            let up = |value: f64| if high > low { (value - low) / (high - low) } else { 0.0 };
            Reading {
                name: track.name.clone(),
                ink: track.ink,
                y: point.map(|point| self.plot.at(0.0, up(point.value)).1),
                figure: point.map_or_else(|| NO_DATA.to_owned(), |point| track.unit.figure(point.exact)),
                counts: point.map_or_else(String::new, |point| track.unit.counts(point.exact)),
            }
        };
        self.tracks.iter().map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scales(points: Vec<Option<Point>>) -> Scales {
        Scales {
            plot: Box2::new(20.0, 10.0, 100.0, 50.0),
            from: Moment::from_secs(600),
            step: Span::secs(10),
            steps: points.len(),
            reach: (0.0, 200.0),
            tracks: vec![Track { name: "In use".to_owned(), ink: Ink::Series1, unit: Unit::Channels, points }],
        }
    }

    fn point(part: i64, whole: i64) -> Option<Point> {
        Some(Point { value: part as f64, exact: Ratio::new(part, whole) })
    }

    #[test]
    fn places_and_moments_are_each_others() {
        let scales = scales(vec![point(1, 2); 11]);
        for step in 0..11 {
            assert_eq!(scales.nearest(scales.x(step)), step);
            assert_eq!(scales.step_of(scales.begin(step)), Some(step));
            assert_eq!(scales.step_of(scales.begin(step) + Span::millis(9_999)), Some(step));
        }
        assert_eq!((scales.nearest(-5.0), scales.nearest(900.0)), (0, 10));
        assert_eq!(scales.step_of(Moment::from_secs(599)), None);
        assert_eq!(scales.step_of(Moment::from_secs(710)), None);
    }

    #[test]
    fn a_value_is_told_with_both_counts_and_a_gap_as_one() {
        let read = scales(vec![point(172, 200), None, point(3, 0)]);
        let said = |step| read.read(step).into_iter().map(|r| (r.figure, r.counts, r.y)).collect::<Vec<_>>();
        assert_eq!(said(0), [("172".to_owned(), "of 200, 86 %".to_owned(), Some(17.0))]);
        assert_eq!(said(1), [(NO_DATA.to_owned(), String::new(), None)]);
        assert_eq!(said(2), [("3".to_owned(), String::new(), Some(59.25))], "without a limit the count alone");
        let delay = Ratio::new(110_400, 23);
        assert_eq!(
            (Unit::Delay.figure(delay), Unit::Delay.counts(delay)),
            ("4.8 s".into(), "1:50 over 23 calls".into())
        );
    }
}
