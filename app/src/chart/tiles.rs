//! A tile for each component of the floor's own machinery, with its state: is it well?

use super::pen::{Box2, Pen, Side, Stroke, Words, cut, width_of};
use super::theme::{Ink, Theme};
use super::{ChartError, Drawing, Fit};
use crate::domain::Moment;
use crate::kpi::band::Band;
use crate::kpi::format::{age, count, percent};
use crate::kpi::value::Ratio;
use crate::view::live::{ComponentRow, Heard};
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::prelude::DrawingBackend;

#[derive(Debug, Clone, PartialEq)]
pub struct TilesData {
    pub tiles: Vec<Tile>,
    /// Components that the frame left out.
    pub more: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Tile {
    pub name: String,
    /// "degraded".
    pub state: String,
    /// "cpu 91 %".
    pub detail: String,
    pub band: Band,
}

impl TilesData {
    #[must_use]
    pub fn of(rows: &[ComponentRow], more: u32, now: Moment) -> Self {
        let tile = |row: &ComponentRow| {
            let (state, detail) = match row.heard {
                Heard::InTime => (row.status.word().to_owned(), detail(row)),
                Heard::Silent => ("silent".to_owned(), age(now.since(row.at).as_millis())),
            };
            Tile { name: row.component.to_string(), state, detail, band: row.band }
        };
        Self { tiles: rows.iter().map(tile).collect(), more: more as usize }
    }
}

/// The one figure that fits beside the state.
fn detail(row: &ComponentRow) -> String {
    let share = |name: &str, share: i64| format!("{name} {}", percent(Ratio::new(share, 10_000), 0, None));
    if let (true, Some((name, full))) = (row.load_band.is_out(), row.fullest()) {
        return share(name, full.part);
    }
    match (row.latency_us, row.cpu, row.memory) {
        (Some(us), _, _) if us < 10_000 => format!("{}.{} ms", us / 1_000, (us / 100).rem_euclid(10)),
        (Some(us), _, _) => format!("{} ms", count(us / 1_000)),
        (None, Some(cpu), _) => share("cpu", cpu),
        (None, None, Some(memory)) => share("memory", memory),
        (None, None, None) => String::new(),
    }
}

impl Drawing for TilesData {
    const FIT: Fit = Fit::Keep;

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, theme: &Theme) -> Result<(), ChartError> {
        draw(area, self, theme)
    }

    fn summary(&self) -> String {
        let out: Vec<String> = self
            .tiles
            .iter()
            .filter(|tile| tile.band.is_out())
            .map(|tile| format!("{} {}", tile.name, tile.state))
            .collect();
        let all = self.tiles.len() + self.more;
        if out.is_empty() { format!("{all} components, none out of band") } else { out.join(", ") }
    }
}

const GAP: f64 = 8.0;
const LEAST: (f64, f64) = (150.0, 48.0);
const HIGHEST: f64 = 72.0;
const REST: f64 = 20.0;

/// # Errors
/// If the backend fails.
pub fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    data: &TilesData,
    theme: &Theme,
) -> Result<(), ChartError> {
    let pen = Pen::new(area, theme);
    let whole = pen.whole();
    let fits = |length: f64, least: f64| ((length + GAP) / (least + GAP)).floor().clamp(1.0, 100.0) as usize;
    let across = fits(whole.width, LEAST.0);
    let all = data.tiles.len() + data.more;
    // Where not all fit, the last line says how many more there are.
    let (room, foot) = match across * fits(whole.height, LEAST.1) {
        room if all > room => (across * fits(whole.height - REST, LEAST.1), REST),
        room => (room, 0.0),
    };
    let shown = data.tiles.len().min(room);
    let down = shown.div_ceil(across).max(1);
    let width = (whole.width - GAP * (across - 1) as f64) / across as f64;
    let height = ((whole.height - foot - GAP * (down - 1) as f64) / down as f64).min(HIGHEST);
    for (at, tile) in data.tiles.iter().take(shown).enumerate() {
        let (column, row) = ((at % across) as f64, (at / across) as f64);
        draw_tile(&pen, Box2::new(column * (width + GAP), row * (height + GAP), width, height), tile)?;
    }
    if all > shown {
        let text = format!("and {} more", all - shown);
        pen.words(&text, (whole.left, whole.bottom() - REST / 2.0 + 2.0), Words::new(12.0, Ink::Faint))?;
    }
    Ok(())
}

fn draw_tile<DB: DrawingBackend>(pen: &Pen<'_, DB>, place: Box2, tile: &Tile) -> Result<(), ChartError> {
    const PAD: f64 = 11.0;
    match Ink::wash_of(tile.band) {
        Some(wash) => pen.fill(place, wash, 1.0)?,
        None => {
            let (left, top, right, bottom) =
                (place.left + 0.5, place.top + 0.5, place.right() - 0.5, place.bottom() - 0.5);
            let corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
            pen.path(&corners, Stroke::new(Ink::Line, 1.0))?;
        }
    }
    let room = place.width - 2.0 * PAD;
    let first = place.top + 16.0;
    pen.words(&cut(&tile.name, 13.0, room), (place.left + PAD, first), Words::new(13.0, Ink::Text).firm())?;
    let last = place.bottom() - 14.0;
    if last - first < 12.0 {
        return Ok(());
    }
    let ink = if tile.band == Band::Ok { Ink::Ok } else { Ink::text_of(tile.band) };
    pen.icon(tile.band, (place.left + PAD + 5.0, last), 9.0)?;
    let state = cut(&tile.state, 12.0, room - 16.0);
    pen.words(&state, (place.left + PAD + 15.0, last), Words::new(12.0, ink))?;
    let left = room - 16.0 - width_of(&state, 12.0) - 8.0;
    let detail = cut(&tile.detail, 12.0, left);
    pen.words(&detail, (place.right() - PAD, last), Words::new(12.0, Ink::Muted).side(Side::Right))
}
