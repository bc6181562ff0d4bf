//! The day in steps: volume and rates, with the same day of the week before as a muted line.

use super::Day;
use crate::chart::course::{Look, Scale, Track};
use crate::chart::{CourseData, Deed, Ink, course::Level};
use crate::domain::control::Action;
use crate::kpi::band::ENOUGH;
use crate::kpi::catalog::KpiId;
use crate::kpi::{Ratio, format};
use crate::ui::parts::chart::Sketch;
use crate::ui::parts::course::{self, Share};
use crate::ui::parts::dates;
use crate::ui::parts::digits;
use crate::ui::parts::figure::text;
use crate::ui::parts::framed::{Files, Head, nothing, panel};
use crate::view::DailyPanel;
use crate::view::daily::{DailyFrame, DayMark, DayStep};
use leptos::prelude::*;

/// A rate of a step.
type Rate = fn(&DayStep) -> Ratio;

pub fn views(day: Day) -> AnyView {
    DailyPanel::ALL.iter().map(|id| view(*id, day)).collect_view().into_any()
}

fn view(id: DailyPanel, day: Day) -> AnyView {
    let query = move || day.with(|frame| format!("?date={}", frame.day.date));
    let head = Head {
        id: id.word(),
        question: question(id),
        window: text(move || day.with(steps)),
        footnote: text(move || day.with(|frame| footnote(id, frame))),
        files: Files::of(super::csv(day, "steps")).picture(id.word(), query),
    };
    let course = Memo::new(move |_| day.with(|frame| data(id, frame)));
    let is_empty = Memo::new(move |_| course.with(CourseData::is_empty));
    let body = move || match is_empty.get() {
        true => nothing(text(move || missing(id).to_owned())),
        false => course::course(move || Sketch::Course(course.get()), Share::Whole),
    };
    panel(head, "drawn", body.into_any())
}

pub const fn question(id: DailyPanel) -> &'static str {
    match id {
        DailyPanel::Volume => "How many calls?",
        DailyPanel::Reach => "Is the connect rate holding?",
        DailyPanel::Drops => "Did we drop people?",
        DailyPanel::Faults => "How many calls fail?",
    }
}

pub const fn missing(id: DailyPanel) -> &'static str {
    match id {
        DailyPanel::Volume => "No calls yet",
        DailyPanel::Reach | DailyPanel::Drops | DailyPanel::Faults => "Too few calls to draw a rate",
    }
}

/// "5-minute steps", and in which unit.
pub fn steps(frame: &DailyFrame) -> String {
    match frame.day.step_s {
        3_600 => "hour by hour".to_owned(),
        secs => format!("{}-minute steps", secs / 60),
    }
}

pub fn footnote(id: DailyPanel, frame: &DailyFrame) -> String {
    let before = dates::day(&frame.day.before_date);
    let few = format!("Gaps: fewer than {ENOUGH} calls in a step · muted: {before}");
    let footnote = match id {
        DailyPanel::Volume => format!("Outbound calls started in each step · muted: {before}"),
        DailyPanel::Drops => format!("Over the 60 minutes before each step · muted: {before}"),
        DailyPanel::Reach | DailyPanel::Faults => few,
    };
    [Some(footnote), left_out(frame)].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What of the days is in no step: of older days whole hours of UTC are kept, and some zones' days begin within one.
fn left_out(frame: &DailyFrame) -> Option<String> {
    let day = &frame.day;
    let reach = |steps: &[DayStep], step_s: i64| {
        let (first, last) = (steps.first()?, steps.last()?);
        Some(format!("from {} to {}", dates::clock(first.clock_s), dates::clock(last.clock_s + step_s)))
    };
    let own = (day.steps_from > day.from || day.steps_to < day.until)
        .then(|| reach(&frame.steps.rows, day.step_s))
        .flatten()
        .map(|reach| format!("steps are whole hours of UTC, {reach}: the figures above count all of the day"));
    let before = (day.before_steps_from > day.before_from || day.before_steps_to < day.before_to)
        .then(|| reach(&frame.before.rows, day.before_step_s))
        .flatten()
        .map(|reach| format!("the muted line is of whole hours of UTC, {reach}"));
    match (own, before) {
        (Some(own), Some(_)) => Some(format!("{own}, and so of the muted line")),
        (own, before) => own.or(before),
    }
}

pub fn data(id: DailyPanel, frame: &DailyFrame) -> CourseData {
    match id {
        DailyPanel::Volume => volume(frame),
        DailyPanel::Reach => {
            let rate: Rate = |step| Ratio::new(step.answered_live, step.resolved);
            rates(frame, KpiId::ConnectRate, rate, 1, "connect rate")
        }
        DailyPanel::Drops => {
            let rate: Rate = |step| Ratio::new(step.abandoned, step.judged_live);
            let hour = usize::try_from(3_600 / frame.day.step_s.max(60)).unwrap_or(1);
            rates(frame, KpiId::AbandonRate, rate, hour, "abandon rate")
        }
        DailyPanel::Faults => {
            let rate: Rate = |step| Ratio::new(step.errors, step.resolved);
            rates(frame, KpiId::ErrorRate, rate, 1, "error rate")
        }
    }
}

/// How many steps the whole day has; as many as the day compared with where that is longer.
fn slots(frame: &DailyFrame) -> usize {
    let day = &frame.day;
    let of = |secs: i64| usize::try_from(secs / day.step_s.max(1)).unwrap_or(0);
    let before = day.before_to.since(day.before_from).as_secs();
    of(day.to.since(day.from).as_secs().max(before)).min(MOST_STEPS)
}

/// How many of this day's steps one of the day compared with spans: of older days only hours are kept.
fn spanned(frame: &DailyFrame) -> usize {
    usize::try_from(frame.day.before_step_s / frame.day.step_s.max(1)).unwrap_or(1).max(1)
}

/// Each value as often as the step that it is of is long.
fn spread(values: Vec<Option<f64>>, times: usize) -> impl Iterator<Item = Option<f64>> {
    values.into_iter().flat_map(move |value| std::iter::repeat_n(value, times))
}

/// A day of 25 hours by 5 minutes.
const MOST_STEPS: usize = 300;

fn volume(frame: &DailyFrame) -> CourseData {
    let slots = slots(frame);
    let times = spanned(frame);
    // Calls of a longer step, as there were in one of this day's.
    let of = |steps: &[DayStep], times: usize| {
        let each = steps.iter().map(|step| Some(step.attempts as f64 / times as f64)).collect();
        filled(spread(each, times), slots)
    };
    let total: i64 = frame.steps.rows.iter().map(|step| step.attempts).sum();
    let mut tracks = vec![Track {
        name: "calls".to_owned(),
        value: format::count(total),
        ink: Ink::Series1,
        look: Look::Line,
        values: of(&frame.steps.rows, 1),
    }];
    tracks.extend(muted(of(&frame.before.rows, times), frame));
    let some = tracks.iter().any(|track| track.values.iter().flatten().any(|calls| *calls > 0.0));
    let tracks = if some { tracks } else { Vec::new() };
    CourseData {
        tracks,
        scale: Scale::Count,
        levels: Vec::new(),
        marks: marks(frame, slots),
        deeds: deeds(frame, slots),
        running: None,
    }
}

/// A rate of each step and of the `steps` − 1 before it.
fn rates(frame: &DailyFrame, kpi: KpiId, rate: Rate, steps: usize, word: &'static str) -> CourseData {
    let slots = slots(frame);
    let of = |rows: &[DayStep], steps: usize, times: usize| {
        let at = |end: usize| {
            let within = &rows[(end + 1).saturating_sub(steps)..=end];
            let sum = within.iter().map(rate).fold(Ratio::default(), |sum, ratio| {
                Ratio::new(sum.part.saturating_add(ratio.part), sum.whole.saturating_add(ratio.whole))
            });
            sum.value().filter(|_| sum.whole >= ENOUGH)
        };
        filled(spread((0..rows.len()).map(at).collect(), times), slots)
    };
    let whole = frame.kpis.rows.iter().find(|row| row.kpi == kpi.get().id);
    let value = whole.map_or_else(String::new, |row| digits::value(kpi, Ratio::new(row.part, row.whole)));
    let mut tracks = vec![Track {
        name: word.to_owned(),
        value,
        ink: Ink::Series1,
        look: Look::Line,
        values: of(&frame.steps.rows, steps, 1),
    }];
    let times = spanned(frame);
    tracks.extend(muted(of(&frame.before.rows, steps.div_ceil(times), times), frame));
    let levels = Level::of(kpi.get().bands(), Scale::Share, 1.0);
    CourseData {
        tracks,
        scale: Scale::Share,
        levels,
        marks: marks(frame, slots),
        deeds: deeds(frame, slots),
        running: None,
    }
}

fn filled(values: impl Iterator<Item = Option<f64>>, slots: usize) -> Vec<Option<f64>> {
    values.chain(std::iter::repeat(None)).take(slots).collect()
}

fn muted(values: Vec<Option<f64>>, frame: &DailyFrame) -> Option<Track> {
    let value = dates::short(&frame.day.before_date);
    let is_known = values.iter().any(Option::is_some);
    is_known.then_some(Track { name: String::new(), value, ink: Ink::Series5, look: Look::Quiet, values })
}

/// Every third hour by the site's clocks; where steps are yet to come, as the day compared with had them.
fn marks(frame: &DailyFrame, slots: usize) -> Vec<(usize, String)> {
    let (own, times) = (frame.steps.rows.len(), spanned(frame));
    let before = frame.before.rows.iter().enumerate().map(|(at, step)| (at * times, step));
    let known = frame.steps.rows.iter().enumerate().chain(before.filter(|(slot, _)| *slot >= own));
    let hours = known.filter(|(slot, step)| *slot < slots && step.clock_s % 10_800 == 0);
    hours.map(|(slot, step)| (slot, dates::clock(step.clock_s))).collect()
}

/// Pauses and resumes, in the step that they fall into.
fn deeds(frame: &DailyFrame, slots: usize) -> Vec<Deed> {
    let Some(first) = frame.steps.rows.first().map(|step| step.t) else { return Vec::new() };
    let deed = |mark: &DayMark| {
        // Not `since`, by which one of before the first step would fall into it.
        let slot = usize::try_from((mark.at - first).as_secs().div_euclid(frame.day.step_s.max(1))).ok()?;
        let done = match mark.action {
            Action::Pause => "paused",
            Action::Resume => "resumed",
        };
        (slot < slots).then(|| Deed {
            slot,
            action: mark.action,
            label: mark.name.to_string(),
            said: format!("{} {done} {} by {}", mark.name, dates::clock(mark.clock_s), mark.by),
        })
    };
    frame.marks.rows.iter().filter_map(deed).collect()
}
