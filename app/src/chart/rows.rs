//! Evenly spaced rows of a picture, each with a name, a track and a value: what bars and stacks have in common.

use super::pen::{Box2, Pen, Side, Words, cut, width_of};
use super::theme::Ink;
use super::{ChartError, Labels};
use crate::kpi::band::Band;
use plotters::prelude::DrawingBackend;

/// The words of a row, for pictures that stand alone.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RowWords {
    pub name: String,
    /// "2.94 %", in the colour and with the shape of its band.
    pub value: String,
    pub band: Band,
    /// Below it, smaller: "41 left".
    pub note: String,
    pub note_band: Band,
}

/// Rows with words need this much height, and the line that counts those left out this much.
const LEAST: f64 = 33.0;
const REST: f64 = 20.0;

/// How many of `rows` there is room for, and the height of each.
pub(super) fn room(whole: Box2, rows: usize, labels: Labels) -> (usize, f64) {
    let fit = |height: f64| (height / LEAST).floor().clamp(1.0, 10_000.0) as usize;
    match labels {
        Labels::None => (rows, whole.height / rows.max(1) as f64),
        Labels::Inside if rows <= fit(whole.height) => (rows, (whole.height / rows.max(1) as f64).min(2.0 * LEAST)),
        Labels::Inside => {
            let (shown, left) = (fit(whole.height - REST), (whole.height - REST).max(0.0));
            (shown, left / shown as f64)
        }
    }
}

/// Says in a picture that stands alone how many rows it has no room for.
pub(super) fn rest<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    whole: Box2,
    left_out: usize,
    labels: Labels,
) -> Result<(), ChartError> {
    match labels {
        Labels::Inside if left_out > 0 => {
            let place = (whole.left, whole.bottom() - REST / 2.0 + 2.0);
            pen.words(&format!("and {left_out} more"), place, Words::new(12.0, Ink::Faint))
        }
        Labels::Inside | Labels::None => Ok(()),
    }
}

/// Where the track of row `at` is: all of the width, or what its words leave.
pub(super) fn track(whole: Box2, at: usize, height: f64, labels: Labels) -> Box2 {
    let top = whole.top + height * at as f64;
    match labels {
        Labels::None => Box2::new(whole.left, top, whole.width, height),
        Labels::Inside => {
            let (left, right) = columns(whole);
            Box2::new(left, top, right - left, height)
        }
    }
}

/// Where the tracks begin and end between the words.
fn columns(whole: Box2) -> (f64, f64) {
    let names = (whole.width * 0.28).min(140.0);
    let values = (whole.width * 0.3).min(112.0);
    (whole.left + names, whole.right() - values)
}

pub(super) fn words<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    whole: Box2,
    track: Box2,
    row: &RowWords,
) -> Result<(), ChartError> {
    let (left, right) = columns(whole);
    let middle = track.top + track.height / 2.0;
    pen.words(&cut(&row.name, 13.0, left - whole.left - 10.0), (whole.left, middle), Words::new(13.0, Ink::Text))?;
    let room = whole.right() - right - 8.0;
    let value = cut(&row.value, 13.0, room);
    let at = if row.note.is_empty() { middle } else { middle - 7.0 };
    let ink = Ink::text_of(row.band);
    pen.words(&value, (whole.right(), at), Words::new(13.0, ink).side(Side::Right))?;
    if row.band.is_out() {
        pen.icon(row.band, (whole.right() - width_of(&value, 13.0) - 11.0, at), 9.0)?;
    }
    let ink = if row.note_band.is_out() { Ink::text_of(row.note_band) } else { Ink::Faint };
    pen.words(&cut(&row.note, 11.0, room), (whole.right(), middle + 8.0), Words::new(11.0, ink).side(Side::Right))
}

/// Rows in words, those out of band first named: "7 rows; out of band: Solar West 2.94 %, Energy UK 2.31 %".
pub(super) fn summary<'a>(rows: impl Iterator<Item = &'a RowWords> + Clone) -> String {
    /// Named at most; who wants all of them has the table.
    const NAMED: usize = 5;
    let all = rows.clone().count();
    let out: Vec<String> =
        rows.filter(|row| row.band.is_out()).map(|row| format!("{} {}", row.name, row.value)).collect();
    let more = out.len().saturating_sub(NAMED);
    match (all, out.as_slice()) {
        (0, _) => "no data yet".to_owned(),
        (_, []) => format!("{all} rows, none out of band"),
        (_, named) => {
            let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("{all} rows; out of band: {}{rest}", named[..named.len().min(NAMED)].join(", "))
        }
    }
}
