//! What people did meanwhile, on a drawing with a line of time: a labelled vertical hairline through the moment, with the
//! shape of a pause or of going on above it.
//!
//! Owns how such a mark looks; where it stands is the drawing's. Its words for those who do not see it are
//! [`Deed::said`].

use super::ChartError;
use super::pen::{Box2, Pen, Stroke, Words, cut, width_of};
use super::theme::Ink;
use crate::domain::control::Action;
use plotters::prelude::DrawingBackend;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// The slot of the drawing that it falls into.
    pub slot: usize,
    pub action: Action,
    /// Beside the shape, cut where there is no room: "Solar West".
    pub label: String,
    /// "Solar West paused 14:31 by lead-1".
    pub said: String,
}

/// How much room the row of labels takes above the plot.
pub(super) const HEAD: f64 = 16.0;
const SIZE: f64 = 11.0;
const SHAPE: f64 = 8.0;
/// Between a shape and its label, and between a label and the next shape.
const GAP: f64 = 4.0;
/// A shorter piece of a name says nothing.
const SHORTEST: f64 = 26.0;

/// Draws deeds, each with its place from the left, in order. Where they stand too close to be told apart the hairlines
/// remain; the words are in the summary.
pub(super) fn draw<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    plot: Box2,
    end: f64,
    deeds: &[(f64, &Deed)],
) -> Result<(), ChartError> {
    let middle = plot.top - HEAD / 2.0 - 1.0;
    let mut shown: Vec<(f64, &Deed)> = Vec::new();
    for (x, deed) in deeds {
        pen.line((*x, plot.top - 3.0), (*x, plot.bottom()), Stroke::new(Ink::Muted, 1.0).faded(0.65))?;
        if shown.last().is_none_or(|(before, _)| x - before >= SHAPE + GAP) {
            shown.push((*x, *deed));
        }
    }
    for (at, (x, deed)) in shown.iter().enumerate() {
        shape(pen, (*x, middle), deed.action)?;
        let left = x + SHAPE / 2.0 + GAP;
        let next = shown.get(at + 1).map_or(end, |(next, _)| next - SHAPE / 2.0 - GAP);
        let label = cut(&deed.label, SIZE, next - left);
        if label == deed.label || width_of(&label, SIZE) >= SHORTEST {
            pen.words(&label, (left, middle), Words::new(SIZE, Ink::Muted))?;
        }
    }
    Ok(())
}

/// Two bars for a pause, an arrow for going on.
fn shape<DB: DrawingBackend>(pen: &Pen<'_, DB>, (x, y): (f64, f64), action: Action) -> Result<(), ChartError> {
    let half = SHAPE / 2.0;
    match action {
        Action::Pause => {
            pen.fill(Box2::new(x - 3.0, y - half, 2.0, SHAPE), Ink::Muted, 1.0)?;
            pen.fill(Box2::new(x + 1.0, y - half, 2.0, SHAPE), Ink::Muted, 1.0)
        }
        Action::Resume => pen.polygon(&[(x - 3.0, y - half), (x + half, y), (x - 3.0, y + half)], Ink::Muted, 1.0),
    }
}

/// All of them in words, for a summary; empty where there are none. A long day's are counted, not read out one by one.
pub(super) fn words(deeds: &[Deed]) -> String {
    const MOST: usize = 6;
    let told: Vec<&str> = deeds.iter().take(MOST).map(|deed| deed.said.as_str()).collect();
    match deeds.len().saturating_sub(MOST) {
        _ if told.is_empty() => String::new(),
        0 => format!("; {}", told.join(", ")),
        more => format!("; {}, and {more} more", told.join(", ")),
    }
}
