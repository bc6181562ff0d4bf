//! A panel as a picture that stands alone: its question, window and time, the drawing, the footnote.
//!
//! For `/panel/…` and for alerts. The drawing inside is the one the page shows.

use super::pen::{Box2, Pen, Side, Words, cut, width_of};
use super::rows::RowWords;
use super::series::time_of_day;
use super::table::TableData;
use super::theme::{Ink, Theme};
use super::tiles::TilesData;
use super::{
    AreaData, BarsData, ChartError, CourseData, Drawing, Fit, GaugeData, Labels, LinesData, StackedData, StripData,
};
use crate::domain::Moment;
use crate::kpi::band::Band;
use crate::kpi::catalog::KpiId;
use crate::kpi::format::{count, counted, percent};
use crate::kpi::value::Ratio;
use crate::ui::about::FloorKind;
use crate::view::PanelId;
use crate::view::live::{ChannelsPanel, LiveFrame, Site};
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::prelude::DrawingBackend;

#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// The panel's question.
    pub title: &'static str,
    /// The window its figures are of.
    pub window: String,
    pub floor: FloorKind,
    /// "2026-11-21 14:32:08 Asia/Manila".
    pub as_of: String,
    pub footnote: String,
    pub body: Body,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// What to say where there is nothing to draw.
    Empty(&'static str),
    Channels {
        gauge: GaugeData,
        beside: Vec<RowWords>,
        area: AreaData,
    },
    Table(TableData),
    Bars(BarsData),
    Stacked(StackedData),
    Lines(LinesData),
    Tiles(TilesData),
    /// One over the other.
    Courses(Vec<CourseData>),
    Strips(StripData),
}

impl Picture {
    /// One panel of a frame. A panel that the frame lacks or that is empty says so in words.
    #[must_use]
    pub fn of(frame: &LiveFrame, panel: PanelId, floor: FloorKind) -> Self {
        let (title, window) = heading(panel);
        let (body, footnote) = body(frame, panel);
        let window = window.to_owned();
        Self { title, window, floor, as_of: date_and_time(frame.as_of, &frame.site), footnote, body }
    }
}

const fn heading(panel: PanelId) -> (&'static str, &'static str) {
    match panel {
        PanelId::Channels => ("Are we running out of channels?", "now · 15 min"),
        PanelId::Routes => ("Which route is failing?", "5 min"),
        PanelId::Abandon => ("Are we dropping people?", "60 min · period"),
        PanelId::Connect => ("Is the connect rate holding?", "60 min"),
        PanelId::Dids => ("Which numbers are going bad?", "60 min"),
        PanelId::Agents => ("What are agents doing?", "now · 60 min"),
        PanelId::Pdd => ("How long until it rings?", "60 min"),
        PanelId::Infra => ("Is the floor itself well?", "latest"),
    }
}

fn body(frame: &LiveFrame, panel: PanelId) -> (Body, String) {
    if frame.status.silent_since.is_some() {
        // What isn't judged is why no figure is of now: silence, a past that comes in, a clock set back.
        let why = frame.status.clauses.iter().find(|clause| clause.band == Band::None);
        let note = why.map_or_else(String::new, |clause| clause.subject.clone());
        return (Body::Empty("No data: no figure is of now"), note);
    }
    let (panels, site) = (&frame.panels, &frame.site);
    let drawn = match panel {
        PanelId::Channels => panels.channels.as_ref().filter(|panel| !panel.points.rows.is_empty()).map(|panel| {
            let gauge = GaugeData::of(&panel.head, Labels::Inside);
            let area = AreaData::of(panel, site, Labels::Inside);
            (
                Body::Channels { gauge, beside: beside(panel, site), area },
                "Red above 85 % of capacity for 30 s".to_owned(),
            )
        }),
        PanelId::Routes => panels.routes.as_ref().filter(|table| !table.rows.is_empty()).map(|table| {
            let note = "Route’s fault: without busy, no answer, wrong number, declined".to_owned();
            (Body::Table(TableData::routes(&table.rows, table.more)), note)
        }),
        PanelId::Abandon => panels.abandon.as_ref().filter(|table| !table.rows.is_empty()).map(|table| {
            let data = BarsData::abandon(&table.rows, Labels::Inside);
            (Body::Bars(data), "2.0 and 2.8 % marked · calls left in the period’s budget".to_owned())
        }),
        PanelId::Connect => panels.connect.as_ref().filter(|table| !table.rows.is_empty()).map(|table| {
            let data = BarsData::connect(&table.rows, Labels::Inside);
            (Body::Bars(data), "Mark: same hours of the last 7 days".to_owned())
        }),
        PanelId::Dids => panels.dids.as_ref().filter(|table| !table.rows.is_empty()).map(|table| {
            let note = "Answer rate against the same hours of the last 7 days".to_owned();
            (Body::Table(TableData::dids(&table.rows, table.more)), note)
        }),
        PanelId::Agents => panels.agents.as_ref().filter(|table| !table.rows.is_empty()).map(|table| {
            let note = "On-call share of logged-in time, 60 min; 80 to 90 % is productive".to_owned();
            (Body::Stacked(StackedData::of(&table.rows, Labels::Inside)), note)
        }),
        PanelId::Pdd => panels.pdd.as_ref().filter(|panel| !panel.countries.rows.is_empty()).map(|panel| {
            let data = LinesData::of(panel, frame.as_of, site);
            let more = if data.more > 0 { format!(" · {} more not drawn", data.more) } else { String::new() };
            (Body::Lines(data), format!("Seconds from dialling to ringback, average by country{more}"))
        }),
        PanelId::Infra => panels.infra.as_ref().filter(|table| !table.rows.is_empty()).map(|table| {
            let data = TilesData::of(&table.rows, table.more, frame.as_of);
            (Body::Tiles(data), "Worst of each component’s latest samples".to_owned())
        }),
    };
    let left_out = match panel {
        PanelId::Abandon => panels.abandon.as_ref().map_or(0, |table| table.more),
        PanelId::Connect => panels.connect.as_ref().map_or(0, |table| table.more),
        PanelId::Agents => panels.agents.as_ref().map_or(0, |table| table.more),
        // These count their own.
        PanelId::Channels | PanelId::Routes | PanelId::Dids | PanelId::Pdd | PanelId::Infra => 0,
    };
    let drawn = drawn.map(|(body, note)| match left_out {
        0 => (body, note),
        n => {
            let more = counted(i64::from(n), "more campaign", "more campaigns");
            (body, format!("{note} · {more} not listed"))
        }
    });
    drawn.unwrap_or_else(|| (Body::Empty(nothing(panel)), String::new()))
}

const fn nothing(panel: PanelId) -> &'static str {
    match panel {
        PanelId::Channels => "No channels were seen in the last 15 minutes",
        PanelId::Routes => "No route has carried a call in the last 5 minutes",
        PanelId::Abandon | PanelId::Connect => "No campaign has called in the last 60 minutes",
        PanelId::Dids => "No number has been called from in the last 60 minutes",
        PanelId::Agents => "No agent is logged in",
        PanelId::Pdd => "No call has rung in the last 60 minutes",
        PanelId::Infra => "No component has reported yet",
    }
}

/// What stands beside the gauge.
fn beside(panel: &ChannelsPanel, site: &Site) -> Vec<RowWords> {
    let head = &panel.head;
    let quiet = |text: String| RowWords { note: text, ..RowWords::default() };
    let mut lines = match head.capacity.filter(|capacity| *capacity > 0) {
        Some(capacity) => {
            let bands = KpiId::ChannelUtilisation.get().bands();
            let value = percent(Ratio::new(head.active, capacity), 0, bands);
            let share = RowWords { value, band: head.band, ..RowWords::default() };
            vec![share, quiet(format!("of {} channels", count(capacity)))]
        }
        None => vec![quiet("capacity not known".to_owned())],
    };
    if let Some(at) = head.peak_at {
        lines.push(quiet(format!("peak {} at {}", count(head.peak), time_of_day(at, site))));
    }
    lines
}

pub(crate) fn date_and_time(at: Moment, site: &Site) -> String {
    let there = at + crate::domain::Span::secs(i64::from(site.utc_offset_s));
    format!("{} {}", there.to_utc().format("%Y-%m-%d %H:%M:%S"), site.zone)
}

impl Drawing for Picture {
    const FIT: Fit = Fit::Keep;

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, theme: &Theme) -> Result<(), ChartError> {
        draw(area, self, theme)
    }

    fn summary(&self) -> String {
        let body = match &self.body {
            Body::Empty(words) => (*words).to_owned(),
            Body::Channels { area, .. } => area.summary(),
            Body::Table(data) => data.summary(),
            Body::Bars(data) => data.summary(),
            Body::Stacked(data) => data.summary(),
            Body::Lines(data) => data.summary(),
            Body::Tiles(data) => data.summary(),
            Body::Courses(all) => all.iter().map(Drawing::summary).collect::<Vec<_>>().join(". "),
            Body::Strips(data) => data.summary(),
        };
        format!("{} ({}) {body}. {}", self.title, self.window, self.as_of)
    }
}

/// # Errors
/// If the backend fails.
pub fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    data: &Picture,
    theme: &Theme,
) -> Result<(), ChartError> {
    let pen = Pen::new(area, theme);
    let whole = pen.whole();
    pen.fill(whole, Ink::Surface, 1.0)?;
    let pad = 16.0_f64.min(whole.width / 16.0);
    let inner = Box2::new(pad, 14.0, whole.width - 2.0 * pad, whole.height - 14.0 - 12.0);
    heading_line(&pen, inner, data)?;
    let foot = foot_line(&pen, inner, data)?;
    let top = inner.top + 32.0;
    let body = Box2::new(inner.left, top, inner.width, foot - 8.0 - top);
    if body.width < 1.0 || body.height < 1.0 {
        return Ok(());
    }
    let place = pen.inside(body);
    match &data.body {
        Body::Empty(words) => {
            let words = cut(words, 14.0, body.width);
            let middle = (body.left + body.width / 2.0, body.top + body.height / 2.0);
            pen.words(&words, middle, Words::new(14.0, Ink::Muted).side(Side::Centre))
        }
        Body::Channels { gauge, beside, area } => channels(&pen, body, gauge, beside, area, theme),
        Body::Table(data) => data.draw(&place, theme),
        Body::Bars(data) => data.draw(&place, theme),
        Body::Stacked(data) => data.draw(&place, theme),
        Body::Lines(data) => data.draw(&place, theme),
        Body::Tiles(data) => data.draw(&place, theme),
        Body::Courses(all) => courses(&pen, body, all, theme),
        Body::Strips(data) => data.draw(&place, theme),
    }
}

fn heading_line<DB: DrawingBackend>(pen: &Pen<'_, DB>, inner: Box2, data: &Picture) -> Result<(), ChartError> {
    let y = inner.top + 10.0;
    let mut right = inner.right();
    pen.words(&cut(&data.window, 12.0, inner.width), (right, y), Words::new(12.0, Ink::Faint).side(Side::Right))?;
    right -= width_of(&data.window, 12.0) + 10.0;
    match data.floor {
        FloorKind::Real => {}
        FloorKind::Demo => {
            pen.words("DEMO", (right, y), Words::new(12.0, Ink::Accent).firm().side(Side::Right))?;
            right -= width_of("DEMO", 12.0) + 10.0;
        }
    }
    let title = cut(data.title, 14.0, right - inner.left);
    pen.words(&title, (inner.left, y), Words::new(14.0, Ink::Text).firm())
}

/// The footnote and the time, beside each other or, where it is narrow, in two lines. Gives where they begin.
fn foot_line<DB: DrawingBackend>(pen: &Pen<'_, DB>, inner: Box2, data: &Picture) -> Result<f64, ChartError> {
    const LINE: f64 = 16.0;
    let words = Words::new(12.0, Ink::Faint);
    let y = inner.bottom() - LINE / 2.0;
    let time = cut(&data.as_of, 12.0, inner.width);
    let (time_width, note_width) = (width_of(&time, 12.0), width_of(&data.footnote, 12.0));
    if data.footnote.is_empty() || time_width + note_width + 12.0 <= inner.width {
        pen.words(&data.footnote, (inner.left, y), words)?;
        pen.words(&time, (inner.right(), y), words.side(Side::Right))?;
        return Ok(inner.bottom() - LINE);
    }
    pen.words(&cut(&data.footnote, 12.0, inner.width), (inner.left, y - LINE), words)?;
    pen.words(&time, (inner.left, y), words)?;
    Ok(inner.bottom() - 2.0 * LINE)
}

fn courses<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    body: Box2,
    all: &[CourseData],
    theme: &Theme,
) -> Result<(), ChartError> {
    let height = body.height / all.len().max(1) as f64;
    for (at, course) in all.iter().enumerate() {
        let place = Box2::new(body.left, body.top + height * at as f64, body.width, height);
        course.draw(&pen.inside(place), theme)?;
    }
    Ok(())
}

fn channels<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    body: Box2,
    gauge: &GaugeData,
    beside: &[RowWords],
    area: &AreaData,
    theme: &Theme,
) -> Result<(), ChartError> {
    // Where both have no room the gauge stands alone.
    let upper = if body.height < 150.0 { body.height } else { (body.height * 0.42).min(130.0) };
    let ring = Box2 { width: body.width * 0.56, height: upper, ..body };
    gauge.draw(&pen.inside(ring), theme)?;
    let left = ring.right() + 14.0;
    let mut y = body.top + upper - 10.0 - 20.0 * beside.len().saturating_sub(1) as f64;
    for line in beside {
        let room = body.right() - left;
        if line.value.is_empty() {
            pen.words(&cut(&line.note, 13.0, room), (left, y), Words::new(13.0, Ink::Muted))?;
        } else {
            let of_icon = if line.band.is_out() { 20.0 } else { 0.0 };
            if line.band.is_out() {
                pen.icon(line.band, (left + 7.0, y - 4.0), 13.0)?;
            }
            let words = Words::new(20.0, Ink::text_of(line.band)).firm();
            pen.words(&cut(&line.value, 20.0, room - of_icon), (left + of_icon, y - 4.0), words)?;
        }
        y += 20.0;
    }
    if upper < body.height {
        let below = Box2::new(body.left, body.top + upper + 14.0, body.width, body.height - upper - 14.0);
        area.draw(&pen.inside(below), theme)?;
    }
    Ok(())
}
