//! Lines, shapes and words in CSS pixels, on whatever plotters draws on.
//!
//! Owns the step from pixels to the backend's whole units, and keeps from the backends what they cannot take: paths of
//! one point, places far outside. Text is never measured; its width is estimated.

use super::ChartError;
use super::theme::{FONT, Ink, Theme};
use crate::kpi::Band;
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::element::{PathElement, Polygon, Rectangle};
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, ShapeStyle, TextStyle};

/// A place in CSS pixels from the picture's upper left.
pub(super) type At = (f64, f64);

/// Places further out than this are moved here: no screen is that large, and sums of units stay small.
const FAR: f64 = 100_000.0;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Box2 {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

impl Box2 {
    pub(super) fn new(left: f64, top: f64, width: f64, height: f64) -> Self {
        Self { left, top, width: width.max(0.0), height: height.max(0.0) }
    }

    pub(super) fn right(&self) -> f64 {
        self.left + self.width
    }

    pub(super) fn bottom(&self) -> f64 {
        self.top + self.height
    }

    /// Where a point (0 to 1 along, 0 to 1 up) is. What is outside is brought to the edge.
    pub(super) fn at(&self, along: f64, up: f64) -> At {
        let inside = |share: f64| if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        (self.left + self.width * inside(along), self.bottom() - self.height * inside(up))
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Stroke {
    pub ink: Ink,
    pub width: f64,
    pub alpha: f64,
}

impl Stroke {
    pub(super) const fn new(ink: Ink, width: f64) -> Self {
        Self { ink, width, alpha: 1.0 }
    }

    pub(super) const fn faded(self, alpha: f64) -> Self {
        Self { alpha, ..self }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Plain,
    Firm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Centre,
    Right,
}

/// How words look; `side` says which of their ends is at the place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    pub size: f64,
    pub weight: Weight,
    pub ink: Ink,
    pub side: Side,
}

impl Words {
    pub(super) const fn new(size: f64, ink: Ink) -> Self {
        Self { size, weight: Weight::Plain, ink, side: Side::Left }
    }

    pub(super) const fn firm(self) -> Self {
        Self { weight: Weight::Firm, ..self }
    }

    pub(super) const fn side(self, side: Side) -> Self {
        Self { side, ..self }
    }
}

/// Cosine and sine of a share of a full turn, to a millionth: by their series, because a browser would have to download the
/// library's exact ones with their tables.
pub(super) fn direction(turn: f64) -> (f64, f64) {
    let quarters = (turn * 4.0).round();
    // At most an eighth of a turn either way.
    let x = (turn - quarters / 4.0) * std::f64::consts::TAU;
    let square = x * x;
    let sin = x * (1.0 - square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0)));
    let cos = 1.0 - square / 2.0 * (1.0 - square / 12.0 * (1.0 - square / 30.0 * (1.0 - square / 56.0)));
    match (quarters as i64).rem_euclid(4) {
        0 => (cos, sin),
        1 => (-sin, cos),
        2 => (-cos, -sin),
        _ => (sin, -cos),
    }
}

/// About how wide `text` is, in pixels: never much too small, so that what stands beside it keeps clear.
pub(super) fn width_of(text: &str, size: f64) -> f64 {
    let ems: f64 = text
        .chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | 'I' | '·' | ' ' => 0.29,
            'f' | 't' | 'r' | '(' | ')' | '-' => 0.39,
            'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.9,
            'A'..='Z' => 0.69,
            '0'..='9' => 0.63,
            c if c.is_ascii() => 0.58,
            c if (c as u32) < 0x1100 => 0.66,
            _ => 1.0,
        })
        .sum();
    ems * size
}

/// `text`, cut to fit.
pub(super) fn cut(text: &str, size: f64, width: f64) -> String {
    if width_of(text, size) <= width {
        return text.to_owned();
    }
    let room = width - width_of("…", size);
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if width_of(&kept, size) > room {
            kept.pop();
            break;
        }
    }
    if kept.is_empty() { kept } else { format!("{}…", kept.trim_end()) }
}

pub(super) struct Pen<'a, DB: DrawingBackend> {
    area: &'a DrawingArea<DB, Shift>,
    theme: &'a Theme,
}

impl<'a, DB: DrawingBackend> Pen<'a, DB> {
    pub(super) fn new(area: &'a DrawingArea<DB, Shift>, theme: &'a Theme) -> Self {
        Self { area, theme }
    }

    /// The whole area.
    pub(super) fn whole(&self) -> Box2 {
        let (width, height) = self.area.dim_in_pixel();
        let units = f64::from(self.theme.units);
        Box2::new(0.0, 0.0, f64::from(width) / units, f64::from(height) / units)
    }

    /// A part of the area as an area of its own, for a drawing inside a drawing.
    pub(super) fn inside(&self, place: Box2) -> DrawingArea<DB, Shift> {
        let corner = (self.unit(place.left), self.unit(place.top));
        self.area.clone().shrink(corner, (self.unit(place.width), self.unit(place.height)))
    }

    fn unit(&self, pixels: f64) -> i32 {
        let pixels = if pixels.is_finite() { pixels.clamp(-FAR, FAR) } else { 0.0 };
        (pixels * f64::from(self.theme.units)).round() as i32
    }

    fn units(&self, points: &[At]) -> Vec<(i32, i32)> {
        let mut units: Vec<_> = points.iter().map(|(x, y)| (self.unit(*x), self.unit(*y))).collect();
        units.dedup();
        units
    }

    fn shape(&self, ink: Ink, alpha: f64) -> ShapeStyle {
        self.theme.ink(ink).mix(alpha).filled()
    }

    pub(super) fn path(&self, points: &[At], stroke: Stroke) -> Result<(), ChartError> {
        let units = self.units(points);
        if units.len() < 2 {
            return Ok(());
        }
        let width = self.unit(stroke.width).unsigned_abs().max(1);
        let style = self.theme.ink(stroke.ink).mix(stroke.alpha).stroke_width(width);
        Ok(self.area.draw(&PathElement::new(units, style))?)
    }

    pub(super) fn line(&self, from: At, to: At, stroke: Stroke) -> Result<(), ChartError> {
        self.path(&[from, to], stroke)
    }

    /// A level line in dashes of 3 pixels.
    pub(super) fn dashes(&self, (left, y): At, right: f64, stroke: Stroke) -> Result<(), ChartError> {
        const DASH: f64 = 3.0;
        const PERIOD: f64 = 7.0;
        let count = ((right - left).clamp(0.0, 4096.0) / PERIOD).ceil() as u32;
        for dash in 0..count {
            let x = left + f64::from(dash) * PERIOD;
            self.line((x, y), ((x + DASH).min(right), y), stroke)?;
        }
        Ok(())
    }

    pub(super) fn polygon(&self, points: &[At], ink: Ink, alpha: f64) -> Result<(), ChartError> {
        let units = self.units(points);
        if units.len() < 3 {
            return Ok(());
        }
        Ok(self.area.draw(&Polygon::new(units, self.shape(ink, alpha)))?)
    }

    pub(super) fn fill(&self, place: Box2, ink: Ink, alpha: f64) -> Result<(), ChartError> {
        let (a, b) =
            ((self.unit(place.left), self.unit(place.top)), (self.unit(place.right()), self.unit(place.bottom())));
        if a.0 >= b.0 || a.1 >= b.1 {
            return Ok(());
        }
        Ok(self.area.draw(&Rectangle::new([a, b], self.shape(ink, alpha)))?)
    }

    /// Too few to judge: stripes instead of a fill.
    pub(super) fn hatch(&self, place: Box2, ink: Ink) -> Result<(), ChartError> {
        const PERIOD: f64 = 6.0;
        const STRIPE: f64 = 2.6;
        let count = ((place.width + place.height).clamp(0.0, 4096.0) / PERIOD).ceil() as u32;
        let inside = |x: f64| x.clamp(place.left, place.right());
        for stripe in 0..count {
            let foot = place.left - place.height + f64::from(stripe) * PERIOD;
            // A stripe leans by its height; both ends are cut at the sides.
            let corner = |x: f64| (inside(x), place.bottom() - (inside(x) - x).clamp(0.0, place.height));
            let head = |x: f64| {
                let end = x + place.height;
                (inside(end), place.top + (end - inside(end)).clamp(0.0, place.height))
            };
            let points = [corner(foot), head(foot), head(foot + STRIPE), corner(foot + STRIPE)];
            self.polygon(&points, ink, 1.0)?;
        }
        Ok(())
    }

    /// A piece of a ring, from one share of a half circle to another, left to right.
    pub(super) fn arc(
        &self,
        centre: At,
        radii: (f64, f64),
        (from, to): (f64, f64),
        ink: Ink,
    ) -> Result<(), ChartError> {
        self.piece(centre, radii, ((1.0 - from) / 2.0, (1.0 - to) / 2.0), ink)
    }

    /// A piece of a ring, from one share of the whole circle to another, clockwise from the top.
    pub(super) fn ring(
        &self,
        centre: At,
        radii: (f64, f64),
        (from, to): (f64, f64),
        ink: Ink,
    ) -> Result<(), ChartError> {
        self.piece(centre, radii, (0.25 - from, 0.25 - to), ink)
    }

    /// Between two directions, in turns.
    fn piece(
        &self,
        centre: At,
        (inner, outer): (f64, f64),
        (from, to): (f64, f64),
        ink: Ink,
    ) -> Result<(), ChartError> {
        let pieces = ((to - from).abs() * 240.0).ceil().clamp(1.0, 240.0) as u32;
        let place = |turn: f64, radius: f64| {
            let (x, y) = direction(turn);
            (centre.0 + radius * x, centre.1 - radius * y)
        };
        let share = |piece: u32| from + (to - from) * f64::from(piece) / f64::from(pieces);
        let there = (0..=pieces).map(|piece| place(share(piece), outer));
        let back = (0..=pieces).rev().map(|piece| place(share(piece), inner));
        self.polygon(&there.chain(back).collect::<Vec<_>>(), ink, 1.0)
    }

    pub(super) fn dot(&self, (x, y): At, radius: f64, ink: Ink) -> Result<(), ChartError> {
        let corner = |n: u32| {
            let (cos, sin) = direction(f64::from(n) / 16.0);
            (x + radius * cos, y + radius * sin)
        };
        self.polygon(&(0..16).map(corner).collect::<Vec<_>>(), ink, 1.0)
    }

    /// Words whose digits have their middle at the place.
    pub(super) fn words(&self, text: &str, (x, y): At, words: Words) -> Result<(), ChartError> {
        if text.is_empty() {
            return Ok(());
        }
        let medium = self.theme.medium;
        let size = words.size * f64::from(self.theme.units) * medium.text_size();
        let style = match words.weight {
            Weight::Plain => FontStyle::Normal,
            Weight::Firm => FontStyle::Bold,
        };
        let side = match words.side {
            Side::Left => HPos::Left,
            Side::Centre => HPos::Center,
            Side::Right => HPos::Right,
        };
        let ink = self.theme.ink(words.ink);
        let style = TextStyle::from(FontDesc::new(FontFamily::Name(FONT), size, style))
            .color(&ink)
            .pos(Pos::new(side, VPos::Center));
        let place = (self.unit(x), self.unit(y + words.size * medium.text_drop()));
        Ok(self.area.draw_text(text, &style, place)?)
    }

    /// A state's shape, so that colour never stands alone: tick, triangle, hexagon, ring.
    pub(super) fn icon(&self, band: Band, (x, y): At, size: f64) -> Result<(), ChartError> {
        let ink = Ink::text_of(band);
        let r = size / 2.0;
        match band {
            Band::Ok => self.path(
                &[(x - r * 0.75, y), (x - r * 0.2, y + r * 0.6), (x + r * 0.8, y - r * 0.65)],
                Stroke::new(Ink::Ok, 1.4),
            ),
            Band::Warn => self.polygon(&[(x, y - r * 0.9), (x + r, y + r * 0.8), (x - r, y + r * 0.8)], ink, 1.0),
            Band::Critical => {
                let side = r * 0.87;
                let points = [
                    (x, y - r),
                    (x + side, y - r / 2.0),
                    (x + side, y + r / 2.0),
                    (x, y + r),
                    (x - side, y + r / 2.0),
                    (x - side, y - r / 2.0),
                ];
                self.polygon(&points, ink, 1.0)
            }
            Band::None | Band::TooFew | Band::NoBaseline | Band::Unjudged => {
                let corner = |n: u32| {
                    let (cos, sin) = direction(f64::from(n) / 16.0);
                    (x + r * 0.8 * cos, y + r * 0.8 * sin)
                };
                self.path(&(0..=16).map(corner).collect::<Vec<_>>(), Stroke::new(ink, 1.2))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_are_those_of_the_circle() {
        for step in -40..=80 {
            let turn = f64::from(step) / 40.0 + 0.003;
            let (cos, sin) = direction(turn);
            let angle = turn * std::f64::consts::TAU;
            assert!((cos - angle.cos()).abs() < 1e-6 && (sin - angle.sin()).abs() < 1e-6, "{turn}");
        }
    }
}
