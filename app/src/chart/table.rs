//! A table as a picture, for those that are tables on the page: routes with their errors, numbers with their health.

use super::pen::{Box2, Pen, Side, Stroke, Weight, Words, cut, width_of};
use super::theme::{Ink, Theme};
use super::{ChartError, Drawing, Fit};
use crate::domain::outcome::TrunkHealth;
use crate::kpi::band::{Band, DID_POINTS};
use crate::kpi::catalog::KpiId;
use crate::kpi::format::{NO_DATA, count, percent, points_judged};
use crate::kpi::value::Ratio;
use crate::view::live::{DidRow, RouteRow};
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::prelude::DrawingBackend;

#[derive(Debug, Clone, PartialEq)]
pub struct TableData {
    /// The first stands at the left, all others at the right of their column.
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
    /// Rows that the frame left out.
    pub more: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub title: &'static str,
    /// The pixels it needs: its part of the width where there is more.
    pub width: f64,
    /// Where there is less, the columns of the highest rank go: a number is never cut.
    pub rank: u8,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cell {
    pub text: String,
    pub look: Look,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Look {
    #[default]
    Plain,
    Quiet,
    /// Colour, shape and weight of a band; well is plain.
    Judged(Band),
    /// Colour and shape of a band, well included.
    State(Band),
    /// A share of 1, behind the words: faint, but for what puts its row out of band.
    Heat {
        share: f64,
        hot: bool,
    },
}

fn cell(text: impl Into<String>, look: Look) -> Cell {
    Cell { text: text.into(), look }
}

fn columns<const N: usize>(columns: [(&'static str, f64, u8); N]) -> Vec<Column> {
    columns.map(|(title, width, rank)| Column { title, width, rank }).to_vec()
}

impl TableData {
    /// Routes over 5 minutes: errors by kind, and those that are the route's fault.
    #[must_use]
    pub fn routes(rows: &[RouteRow], more: u32) -> Self {
        let mut columns = columns([
            ("Route", 64.0, 0),
            ("Trunk", 92.0, 2),
            ("Calls", 48.0, 5),
            ("4xx", 54.0, 6),
            ("5xx", 54.0, 4),
            ("6xx", 54.0, 3),
            ("Time-out", 66.0, 7),
            ("Route’s fault", 88.0, 1),
        ]);
        let mut cells: Vec<Vec<Cell>> = rows.iter().map(route).collect();
        // Declined everywhere (6xx) is rare: its column is there when it happens.
        if rows.iter().all(|row| row.sip_6xx == 0) {
            columns.remove(SIP_6XX);
            cells.iter_mut().for_each(|row| drop(row.remove(SIP_6XX)));
        }
        Self { columns, rows: cells, more: more as usize }
    }

    /// The floor's numbers over 60 minutes against the same hours of the days before.
    #[must_use]
    pub fn dids(rows: &[DidRow], more: u32) -> Self {
        let columns = columns([
            ("DID", 118.0, 0),
            ("Resolved", 58.0, 4),
            ("60 min", 62.0, 2),
            ("7 days", 62.0, 3),
            ("Difference", 92.0, 1),
        ]);
        Self { columns, rows: rows.iter().map(did).collect(), more: more as usize }
    }
}

/// Where that column stands.
const SIP_6XX: usize = 5;

fn route(row: &RouteRow) -> Vec<Cell> {
    let name = if row.route.as_str().is_empty() { "none named" } else { row.name.as_str() };
    let trunk = match (row.stalled_band.is_out(), row.trunk) {
        (true, _) => cell("gone silent", Look::State(row.stalled_band)),
        (false, Some(TrunkHealth::Healthy)) => cell("up", Look::State(Band::Ok)),
        (false, Some(TrunkHealth::Degraded)) => cell("degraded", Look::State(Band::Warn)),
        (false, Some(TrunkHealth::Unhealthy)) => cell("down", Look::State(Band::Critical)),
        (false, None) => cell(NO_DATA, Look::Quiet),
    };
    let share = |part: i64| Ratio::new(part, row.resolved);
    let heat = |part: i64, harmless: i64| {
        let (share, hot) = (share(part), row.is_hot(part, harmless));
        cell(percent(share, 1, None), Look::Heat { share: share.value().unwrap_or(0.0), hot })
    };
    let faults = percent(row.fault_rate(), 1, KpiId::RouteFaultRate.get().bands());
    vec![
        cell(name, Look::Plain),
        trunk,
        cell(count(row.attempts), Look::Plain),
        heat(row.sip_4xx, row.harmless_4xx()),
        heat(row.sip_5xx, 0),
        heat(row.sip_6xx, row.harmless_6xx()),
        heat(row.timeouts, 0),
        cell(faults, Look::Judged(row.faults_band)),
    ]
}

fn did(row: &DidRow) -> Vec<Cell> {
    let now = row.rate();
    let difference = match row.answer_band {
        _ if row.blocked_band.is_out() => "blocked".to_owned(),
        Band::TooFew => "too few".to_owned(),
        Band::None | Band::NoBaseline | Band::Ok | Band::Unjudged | Band::Warn | Band::Critical => {
            points_judged(now, row.baseline, &DID_POINTS)
        }
    };
    vec![
        cell(if row.did.is_empty() { "none named" } else { row.did.as_str() }, Look::Plain),
        cell(count(row.resolved), Look::Plain),
        cell(percent(now, 1, None), Look::Plain),
        cell(percent(row.baseline, 1, None), Look::Quiet),
        cell(difference, Look::Judged(row.band)),
    ]
}

impl Drawing for TableData {
    const FIT: Fit = Fit::Keep;

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, theme: &Theme) -> Result<(), ChartError> {
        draw(area, self, theme)
    }

    fn summary(&self) -> String {
        let out = self.rows.iter().filter(|row| row.iter().any(is_out)).count();
        format!("{} rows, {out} out of band", self.rows.len() + self.more)
    }
}

fn is_out(cell: &Cell) -> bool {
    match cell.look {
        Look::Judged(band) | Look::State(band) => band.is_out(),
        Look::Plain | Look::Quiet | Look::Heat { .. } => false,
    }
}

/// The columns there is room for, in their order: two at least.
fn that_fit(columns: &[Column], width: f64) -> Vec<usize> {
    let mut kept: Vec<usize> = (0..columns.len()).collect();
    while kept.len() > 2 && kept.iter().map(|at| columns[*at].width).sum::<f64>() > width {
        let last = kept.iter().enumerate().max_by_key(|(_, at)| columns[**at].rank);
        match last.map(|(place, _)| place) {
            Some(place) => drop(kept.remove(place)),
            None => break,
        }
    }
    kept
}

const HEAD: f64 = 24.0;
const ROW: f64 = 28.0;
const SIZE: f64 = 13.0;
const GAP: f64 = 10.0;

/// # Errors
/// If the backend fails.
pub fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    data: &TableData,
    theme: &Theme,
) -> Result<(), ChartError> {
    let pen = Pen::new(area, theme);
    let whole = pen.whole();
    let columns = that_fit(&data.columns, whole.width);
    let all: f64 = columns.iter().map(|at| data.columns[*at].width).sum::<f64>().max(0.1);
    let mut left = whole.left;
    let mut places = Vec::with_capacity(columns.len());
    for at in columns {
        let width = whole.width * data.columns[at].width / all;
        places.push((at, Box2::new(left, 0.0, width, ROW)));
        left += width;
    }
    for (at, place) in &places {
        let title = cut(data.columns[*at].title, 12.0, place.width - GAP / 2.0);
        let (x, side) = if *at == 0 { (place.left, Side::Left) } else { (place.right(), Side::Right) };
        pen.words(&title, (x, 8.0), Words::new(12.0, Ink::Faint).side(side))?;
    }
    let room = ((whole.height - HEAD) / ROW).floor().max(0.0) as usize;
    let total = data.rows.len() + data.more;
    // The last line says how many more there are, where there are.
    let shown = if total > room { data.rows.len().min(room.saturating_sub(1)) } else { data.rows.len() };
    for (at, row) in data.rows.iter().take(shown).enumerate() {
        let top = HEAD + ROW * at as f64;
        pen.line((whole.left, top), (whole.right(), top), Stroke::new(Ink::Grid, 1.0))?;
        let firm = row.iter().any(is_out);
        for (at, place) in &places {
            let Some(cell) = row.get(*at) else { continue };
            let place = Box2 { top, ..*place };
            let (side, weight) = match (*at, firm) {
                (0, true) => (Side::Left, Weight::Firm),
                (0, false) => (Side::Left, Weight::Plain),
                (_, true | false) => (Side::Right, Weight::Plain),
            };
            draw_cell(&pen, cell, place, side, weight)?;
        }
    }
    if total > shown && room > 0 {
        let y = HEAD + ROW * shown as f64 + ROW / 2.0;
        let text = format!("and {} more", count(i64::try_from(total - shown).unwrap_or(i64::MAX)));
        pen.words(&text, (whole.left, y), Words::new(12.0, Ink::Faint))?;
    }
    Ok(())
}

fn draw_cell<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    cell: &Cell,
    place: Box2,
    side: Side,
    weight: Weight,
) -> Result<(), ChartError> {
    let y = place.top + place.height / 2.0;
    let (ink, icon) = match cell.look {
        Look::Plain | Look::Heat { .. } => (Ink::Text, None),
        Look::Quiet => (Ink::Muted, None),
        Look::Judged(band) => (Ink::text_of(band), band.is_out().then_some(band)),
        Look::State(Band::Ok) => (Ink::Ok, Some(Band::Ok)),
        Look::State(band) => (Ink::text_of(band), Some(band)),
    };
    let of_icon = if icon.is_some() { 14.0 } else { 0.0 };
    let text = cut(&cell.text, SIZE, place.width - GAP / 2.0 - of_icon);
    let x = match side {
        Side::Left | Side::Centre => place.left,
        Side::Right => place.right(),
    };
    if let Look::Heat { share, hot } = cell.look {
        let strength = if share.is_finite() { (share * 1.6).clamp(0.0, 1.0) * 0.7 } else { 0.0 };
        if strength > 0.0 {
            let width = width_of(&text, SIZE) + 8.0;
            let (ink, strength) = if hot { (Ink::CritFill, strength) } else { (Ink::Faint, strength * 0.15) };
            pen.fill(Box2::new(place.right() + 4.0 - width, y - 10.0, width, 20.0), ink, strength)?;
        }
    }
    let words = Words::new(SIZE, ink).side(side);
    pen.words(&text, (x, y), Words { weight, ..words })?;
    match icon {
        Some(band) if !text.is_empty() => pen.icon(band, (x - width_of(&text, SIZE) - 11.0, y), 9.0),
        Some(_) | None => Ok(()),
    }
}
