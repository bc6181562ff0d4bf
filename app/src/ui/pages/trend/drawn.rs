//! The drawn panels of the trend view: T1–T6, PDD by country, uptime, error rate, cost of a minute.

use super::{Days, money};
use crate::chart::course::{Level, Look, Scale, Track};
use crate::chart::rows::RowWords;
use crate::chart::strip::{Strip, StripData};
use crate::chart::{CourseData, Ink};
use crate::kpi::band::{Band, ENOUGH, ENOUGH_LIVE};
use crate::kpi::catalog::KpiId;
use crate::kpi::{Ratio, format};
use crate::ui::panels::kind;
use crate::ui::parts::chart::Sketch;
use crate::ui::parts::course::Share;
use crate::ui::parts::figure::{name_of, text};
use crate::ui::parts::framed::{Files, Head, nothing, panel};
use crate::ui::parts::{course, dates, digits};
use crate::view::TrendPanel;
use crate::view::daily::DayState;
use crate::view::trend::{Money, TrendDay, TrendFrame};
use leptos::prelude::*;

/// As many lines as there are colours to tell them apart by.
const MOST: usize = 5;
const INKS: [Ink; MOST] = [Ink::Series1, Ink::Series2, Ink::Series3, Ink::Series4, Ink::Series5];

/// What is drawn: one picture over the other.
#[derive(Debug, Clone, PartialEq)]
pub enum Drawn {
    Courses(Vec<CourseData>),
    Strips(StripData),
}

impl Drawn {
    /// Whether there is anything to see.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Courses(courses) => courses.iter().all(CourseData::is_empty),
            Self::Strips(strips) => strips.rows.is_empty(),
        }
    }

    fn sketches(&self) -> Vec<Sketch> {
        match self {
            Self::Courses(courses) => courses.iter().cloned().map(Sketch::Course).collect(),
            Self::Strips(strips) => vec![Sketch::Strip(strips.clone())],
        }
    }

    /// The one at that place; an empty one where there is none any more.
    fn sketch(&self, at: usize) -> Sketch {
        self.sketches().into_iter().nth(at).unwrap_or_else(|| Sketch::Course(CourseData::default()))
    }
}

impl Default for Drawn {
    fn default() -> Self {
        Self::Courses(Vec::new())
    }
}

pub fn view(id: TrendPanel, days: Days) -> AnyView {
    let query = move || days.with(|frame| format!("?days={}", frame.span.days));
    let files = Files::of(super::csv(days, table_of(id))).picture(id.word(), query);
    let drawn = Memo::new(move |_| days.with(|frame| data(id, frame)));
    // How many drawings stand over each other; none where there is nothing to see.
    let count = Memo::new(move |_| drawn.with(|drawn| if drawn.is_empty() { 0 } else { drawn.sketches().len() }));
    let body = move || match count.get() {
        0 => nothing(text(move || missing(id).to_owned())),
        1 => course::course(move || drawn.with(|drawn| drawn.sketch(0)), Share::Whole),
        more => (0..more)
            .map(|at| course::course(move || drawn.with(|drawn| drawn.sketch(at)), Share::Half))
            .collect_view()
            .into_any(),
    };
    panel(head(id, days, files), "drawn", body.into_any())
}

/// What the panel says of itself.
pub(super) fn head(id: TrendPanel, days: Days, files: Files) -> Head {
    let said = Memo::new(move |_| days.with(|frame| words(id, frame)));
    Head {
        id: id.word(),
        question: question(id),
        window: text(move || said.with(|(window, _)| window.clone())),
        footnote: text(move || said.with(|(_, footnote)| footnote.clone())),
        files,
    }
}

/// The frame's table that it draws.
pub const fn table_of(id: TrendPanel) -> &'static str {
    match id {
        TrendPanel::Attempts
        | TrendPanel::Rotation
        | TrendPanel::CostPerContact
        | TrendPanel::Errors
        | TrendPanel::CostPerMinute => "days",
        TrendPanel::Abandon => "abandon",
        TrendPanel::Aht => "aht",
        TrendPanel::Carriers => "routes",
        TrendPanel::Pdd => "pdd",
        TrendPanel::Uptime => "components",
        TrendPanel::Leading => "leading",
    }
}

pub const fn question(id: TrendPanel) -> &'static str {
    match id {
        TrendPanel::Attempts => "How many calls are answered live?",
        TrendPanel::Abandon => "Where do we drop people?",
        TrendPanel::Aht => "How long do conversations take?",
        TrendPanel::Rotation => "How fast do numbers wear out?",
        TrendPanel::Carriers => "Which route is getting worse?",
        TrendPanel::CostPerContact => "What does a right-party contact cost?",
        TrendPanel::Pdd => "How long until it rings?",
        TrendPanel::Uptime => "Was the floor itself up?",
        TrendPanel::Errors => "How many calls fail?",
        TrendPanel::CostPerMinute => "What does a connected minute cost?",
        TrendPanel::Leading => "What will be out of band soon?",
    }
}

/// Window and footnote.
pub fn words(id: TrendPanel, frame: &TrendFrame) -> (String, String) {
    let days = format!("{} days", frame.span.days);
    let weeks = format!("{} weeks", frame.weeks.rows.len());
    let shown = |all: usize, more: u32| match all.saturating_sub(MOST) + more as usize {
        0 => String::new(),
        rest => format!(" · {rest} more not drawn"),
    };
    let f = frame;
    match id {
        TrendPanel::Attempts => (days,
            "Outbound calls started; of those resolved, answered live: by a person".into(),
        ),
        TrendPanel::Abandon => {
            let more = shown(f.abandon.rows.len(), f.abandon.more);
            (days,
                format!("Beside the lines: all days · gaps: fewer than {ENOUGH_LIVE} live answers{more}"),
            )
        }
        TrendPanel::Aht => {
            let more = shown(f.aht.rows.len(), f.aht.more);
            (weeks,
                format!("Talk, hold and wrap-up · beside the lines: all weeks{more}"),
            )
        }
        TrendPanel::Rotation => {
            (days, "Own numbers put to use, and retired, each day".into())
        }
        TrendPanel::Carriers => {
            let more = shown(f.routes.rows.len(), f.routes.more);
            (weeks,
                format!("The route’s faults of resolved calls · beside the lines: all weeks{more}"),
            )
        }
        TrendPanel::CostPerContact => {
            (days, "Telephony cost of the month, day by day ÷ right-party contacts of the day".into())
        }
        TrendPanel::Pdd => {
            let more = shown(f.pdd.rows.len(), f.pdd.more);
            (days,
                format!("Mean seconds from dialling to ringback · beside the lines: all days{more}"),
            )
        }
        TrendPanel::Uptime => {
            (days, "Time not offline of time observed; red: offline".into())
        }
        TrendPanel::Errors => (days, "Failed or congested, of resolved calls".into()),
        TrendPanel::CostPerMinute => (days,
            "Infrastructure cost of the month, day by day ÷ minutes of the day’s answered calls".into(),
        ),
        TrendPanel::Leading => ("fitted to 28 days".into(),
            "If it goes on as in the last 28 whole days, 14 of them with enough calls at least; only where noise hardly makes such a slope (t-test, 0.1 %)".into(),
        ),
    }
}

pub const fn missing(id: TrendPanel) -> &'static str {
    match id {
        TrendPanel::Attempts | TrendPanel::Errors => "No calls in these days",
        TrendPanel::Abandon => "Too few live answers to judge",
        TrendPanel::Aht => "No call was handled in these weeks",
        TrendPanel::Rotation => "No number was put to use or retired in these days",
        TrendPanel::Carriers => "No route has carried enough calls",
        TrendPanel::CostPerContact => "No telephony cost or no right-party contact is known: enter costs below",
        TrendPanel::Pdd => "No call has rung in these days",
        TrendPanel::Uptime => "No component has reported yet",
        TrendPanel::CostPerMinute => "No infrastructure cost is known: enter it below",
        TrendPanel::Leading => "Nothing is on its way out of band",
    }
}

pub fn data(id: TrendPanel, frame: &TrendFrame) -> Drawn {
    let one = |course: CourseData| Drawn::Courses(vec![course]);
    match id {
        TrendPanel::Attempts => Drawn::Courses(vec![volume(frame), connects(frame)]),
        TrendPanel::Abandon => one(abandon(frame)),
        TrendPanel::Aht => one(aht(frame)),
        TrendPanel::Rotation => one(rotation(frame)),
        TrendPanel::Carriers => one(carriers(frame)),
        TrendPanel::CostPerContact => one(cost(frame, |day| day.cost_per_rpc.as_ref(), "contact")),
        TrendPanel::Pdd => one(pdd(frame)),
        TrendPanel::Uptime => Drawn::Strips(uptime(frame)),
        TrendPanel::Errors => one(errors(frame)),
        TrendPanel::CostPerMinute => one(cost(frame, |day| day.cost_per_minute.as_ref(), "minute")),
        TrendPanel::Leading => Drawn::Courses(Vec::new()),
    }
}

fn by_day(frame: &TrendFrame, scale: Scale, tracks: Vec<Track>) -> CourseData {
    let rows = &frame.days.rows;
    let every = rows.len().div_ceil(6).max(1);
    // Counted from today, so that today is named.
    let named = |at: usize| (rows.len() - 1 - at).is_multiple_of(every);
    let marks = rows.iter().enumerate().filter(|(at, _)| named(*at)).map(|(at, day)| (at, dates::short(&day.date)));
    let running = rows.iter().position(|day| day.state == DayState::Running);
    CourseData { tracks, scale, levels: Vec::new(), marks: marks.collect(), deeds: Vec::new(), running }
}

fn by_week(frame: &TrendFrame, scale: Scale, tracks: Vec<Track>) -> CourseData {
    let rows = &frame.weeks.rows;
    let marks = rows.iter().enumerate().map(|(at, week)| (at, dates::week(&week.week)));
    let running = rows.iter().position(|week| week.state == DayState::Running);
    CourseData { tracks, scale, levels: Vec::new(), marks: marks.collect(), deeds: Vec::new(), running }
}

fn each(frame: &TrendFrame, value: impl Fn(&TrendDay) -> Option<f64>) -> Vec<Option<f64>> {
    frame.days.rows.iter().map(value).collect()
}

fn track(name: &str, value: String, ink: Ink, look: Look, values: Vec<Option<f64>>) -> Track {
    Track { name: name.to_owned(), value, ink, look, values }
}

fn sum(frame: &TrendFrame, of: fn(&TrendDay) -> Ratio) -> Ratio {
    frame.days.rows.iter().map(of).fold(Ratio::default(), |sum, each| {
        Ratio::new(sum.part.saturating_add(each.part), sum.whole.saturating_add(each.whole))
    })
}

fn volume(frame: &TrendFrame) -> CourseData {
    let all = sum(frame, |day| Ratio::new(day.answered_live, day.attempts));
    let count = |n: i64| Some(n as f64);
    let live = each(frame, |day| count(day.answered_live));
    let attempts = each(frame, |day| count(day.attempts).filter(|_| all.whole > 0));
    let tracks = vec![
        track("answered live", format::count(all.part), Ink::Series1, Look::Bars, live),
        track("calls", format::count(all.whole), Ink::Series5, Look::Bars, attempts),
    ];
    by_day(frame, Scale::Count, if all.whole > 0 { tracks } else { Vec::new() })
}

fn connects(frame: &TrendFrame) -> CourseData {
    let rate = |day: &TrendDay| Ratio::new(day.answered_live, day.resolved);
    let label = digits::value(KpiId::ConnectRate, sum(frame, rate));
    let values = each(frame, |day| rate(day).value().filter(|_| day.resolved >= ENOUGH));
    by_day(frame, Scale::Share, vec![track("connect rate", label, Ink::Series1, Look::Line, values)])
}

fn errors(frame: &TrendFrame) -> CourseData {
    let rate = |day: &TrendDay| Ratio::new(day.errors, day.resolved);
    let label = digits::value(KpiId::ErrorRate, sum(frame, rate));
    let values = each(frame, |day| rate(day).value().filter(|_| day.resolved >= ENOUGH));
    let levels = Level::of(KpiId::ErrorRate.get().bands(), Scale::Share, 1.0);
    let course = by_day(frame, Scale::Share, vec![track("error rate", label, Ink::Series1, Look::Line, values)]);
    CourseData { levels, ..course }
}

/// A row of names: its name and key, what it comes to over all, its value at each slot.
type Named<'a> = (&'a str, &'a str, String, Vec<Option<f64>>);

/// A line for each of the first rows.
fn lines<'a>(rows: impl Iterator<Item = Named<'a>>) -> Vec<Track> {
    let line = |(at, (name, key, value, values)): (usize, Named<'a>)| {
        track(&name_of(name, key), value, INKS[at % MOST], Look::Line, values)
    };
    rows.take(MOST).enumerate().map(line).collect()
}

fn ratios(parts: &[i64], wholes: &[i64], enough: i64, per: f64) -> Vec<Option<f64>> {
    let value =
        |(part, whole): (&i64, &i64)| Ratio::new(*part, *whole).value().filter(|_| *whole >= enough).map(|v| v / per);
    parts.iter().zip(wholes).map(value).collect()
}

fn abandon(frame: &TrendFrame) -> CourseData {
    let rows = frame.abandon.rows.iter().map(|row| {
        let value = digits::value(KpiId::AbandonRate, Ratio::new(row.part, row.whole));
        let values = ratios(&row.abandoned, &row.answered_live, ENOUGH_LIVE, 1.0);
        (row.name.as_str(), row.campaign.as_str(), value, values)
    });
    let levels = Level::of(KpiId::AbandonRate.get().bands(), Scale::Share, 1.0);
    CourseData { levels, ..by_day(frame, Scale::Share, lines(rows)) }
}

fn aht(frame: &TrendFrame) -> CourseData {
    let rows = frame.aht.rows.iter().map(|row| {
        let value = digits::handle_time(Ratio::new(row.part, row.whole));
        let values = ratios(&row.handle_ms, &row.handled, 1, 1_000.0);
        (row.name.as_str(), row.campaign.as_str(), value, values)
    });
    by_week(frame, Scale::Minutes, lines(rows))
}

fn carriers(frame: &TrendFrame) -> CourseData {
    let rows = frame.routes.rows.iter().map(|row| {
        let value = digits::value(KpiId::RouteFaultRate, Ratio::new(row.part, row.whole));
        let values = ratios(&row.route_faults, &row.resolved, ENOUGH, 1.0);
        (row.name.as_str(), row.route.as_str(), value, values)
    });
    let levels = Level::of(KpiId::RouteFaultRate.get().bands(), Scale::Share, 1.0);
    CourseData { levels, ..by_week(frame, Scale::Share, lines(rows)) }
}

fn pdd(frame: &TrendFrame) -> CourseData {
    let names: Vec<String> = frame.pdd.rows.iter().map(|row| row.country.to_string()).collect();
    let rows = frame.pdd.rows.iter().zip(&names).map(|(row, name)| {
        let value = format::seconds(Ratio::new(row.part, row.whole), 1);
        (name.as_str(), "", value, ratios(&row.pdd_ms, &row.progressed, ENOUGH, 1_000.0))
    });
    by_day(frame, Scale::Seconds, lines(rows))
}

fn rotation(frame: &TrendFrame) -> CourseData {
    let all = sum(frame, |day| Ratio::new(day.dids_provisioned, day.dids_retired));
    let none = all.part == 0 && all.whole == 0;
    let new = each(frame, |day| Some(day.dids_provisioned as f64));
    let gone = each(frame, |day| Some(-(day.dids_retired as f64)));
    let tracks = vec![
        track("new", format::count(all.part), Ink::Series2, Look::Bars, new),
        track("retired", format::count(all.whole), Ink::Series4, Look::Bars, gone),
    ];
    by_day(frame, Scale::Count, if none { Vec::new() } else { tracks })
}

fn cost(frame: &TrendFrame, of: fn(&TrendDay) -> Option<&Money>, what: &str) -> CourseData {
    // Of one day, as it is the newest: the months' own are in the list below.
    let newest = frame.days.rows.iter().rev().find_map(|day| of(day).map(|money| (money, day)));
    let last = newest.map(|(money, _)| money);
    // One scale holds one currency: days told in another are gaps.
    let currency = last.map(|money| money.currency.clone()).unwrap_or_default();
    let value = |money: &Money| (money.currency == currency).then_some(money.micros as f64 / 1e6);
    let values = each(frame, |day| of(day).and_then(value));
    let label = newest
        .map_or_else(String::new, |(last, day)| format!("{} a {what} on {}", money(last), dates::short(&day.date)));
    by_day(frame, Scale::Money, vec![track("", label, Ink::Series1, Look::Line, values)])
}

fn uptime(frame: &TrendFrame) -> StripData {
    let strip = |row: &crate::view::trend::ComponentTrend| {
        let all = Ratio::new(row.part, row.whole);
        let down = row.whole.saturating_sub(row.part) / 1_000;
        let note = match (row.kind, down) {
            (_, 1..) => format!("{} offline", format::duration(down)),
            (Some(of), _) => kind(of).to_owned(),
            (None, _) => String::new(),
        };
        let value = uptime_of(all);
        let words = RowWords { name: row.component.to_string(), value, band: Band::None, note, note_band: Band::None };
        let cells = row.up_ms.iter().zip(&row.observed_ms).map(|(up, observed)| Ratio::new(*up, *observed));
        Strip { words, cells: cells.collect() }
    };
    let ends = (frame.days.rows.first(), frame.days.rows.last());
    let name = |day: Option<&TrendDay>| day.map_or_else(String::new, |day| dates::short(&day.date));
    StripData { rows: frame.components.rows.iter().map(strip).collect(), ends: (name(ends.0), name(ends.1)) }
}

/// Uptime is never rounded up to 100 %.
pub fn uptime_of(ratio: Ratio) -> String {
    let text = format::percent(ratio, 2, None);
    if ratio.part < ratio.whole && text == "100.00 %" { "99.99 %".to_owned() } else { text }
}
