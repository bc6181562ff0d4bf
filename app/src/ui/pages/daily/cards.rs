//! The day's KPIs, each with its target, against the same day of the week before.

use super::Day;
use crate::kpi::catalog::KpiId;
use crate::kpi::{Band, Ratio, format};
use crate::ui::parts::clock;
use crate::ui::parts::dates;
use crate::ui::parts::digits::{self, Change};
use crate::ui::parts::each::each_key;
use crate::ui::parts::figure::{split_unit, still_shape, tone};
use crate::ui::parts::told::Told;
use crate::view::daily::{DailyFrame, DayKpi, DayState};
use leptos::prelude::*;

/// The last six of the frame's are those with targets of their own (S55–S60).
const WITH_TARGETS: usize = 6;

pub fn view(day: Day) -> AnyView {
    view! {
        <ul class="cards seven" aria-label="The day’s outbound figures">{cards(day, |rows, targets| &rows[..targets])}</ul>
        <ul class="cards six" aria-label="The day’s figures with targets">{cards(day, |rows, targets| &rows[targets..])}</ul>
    }
    .into_any()
}

/// Those of the frame's that are `part` of them, by where those with targets begin.
fn cards(day: Day, part: fn(&[DayKpi], usize) -> &[DayKpi]) -> AnyView {
    let ids = move || {
        day.with(|frame| {
            let rows = &frame.kpis.rows;
            let part = part(rows, rows.len().saturating_sub(WITH_TARGETS));
            part.iter().map(|row| row.kpi.to_string()).collect::<Vec<_>>()
        })
    };
    each_key(ids, move |id| {
        let kpi = KpiId::from_id(&id);
        let of = move |frame: &DailyFrame| {
            let row = frame.kpis.rows.iter().find(|row| row.kpi == id)?;
            Some(card(kpi?, row, frame))
        };
        (move || day.with(&of)).into_any()
    })
}

/// The worse of the two judgements: against its target, against the day before.
pub fn worst(row: &DayKpi) -> Band {
    if row.band.is_out() && (row.against != Band::Critical || row.band == Band::Critical) {
        row.band
    } else {
        row.against
    }
}

fn card(kpi: KpiId, row: &DayKpi, frame: &DailyFrame) -> AnyView {
    let now = Ratio::new(row.part, row.whole);
    let (number, unit) = split_unit(&main(kpi, now));
    let id = format!("kpi-{}", row.kpi);
    let told_id = format!("{id}-told");
    let is_out = row.band.is_out() || row.against.is_out();
    let class = if is_out { "card out" } else { "card" };
    let figure_tone = if row.band.is_out() || row.band.is_hatched() { tone(row.band) } else { "" };
    let shape = row.band.is_out().then(|| still_shape(row.band));
    view! {
        <li class=class id=id.clone() tabindex="-1">
            <span class="label">{label(kpi)}</span>
            <strong>
                <button type="button" class=format!("n {figure_tone}") popovertarget=told_id.clone()>{shape} <span>{number}</span></button>
                <small>{unit} {beside(kpi, now)}</small>
            </strong>
            <span class="target">{format::kept(target(kpi, row.band))}</span>
            <span class=format!("against {}", tone(row.against))>{against(kpi, row, frame)}</span>
            {told(kpi, row, frame, told_id).view()}
        </li>
    }
    .into_any()
}

pub fn label(kpi: KpiId) -> &'static str {
    if kpi == KpiId::CallsPerMinute { "Calls" } else { kpi.get().label }
}

/// Volume is told as calls of the day, with calls a minute beside it.
pub fn main(kpi: KpiId, now: Ratio) -> String {
    if kpi == KpiId::CallsPerMinute { format::count(now.part) } else { digits::value(kpi, now) }
}

fn beside(kpi: KpiId, now: Ratio) -> String {
    if kpi == KpiId::CallsPerMinute { format!("{} a minute", format::per_minute(now)) } else { String::new() }
}

/// "Target above 95 %: met".
fn target(kpi: KpiId, band: Band) -> String {
    let entry = kpi.get();
    if entry.bands().is_none() {
        return String::new();
    }
    let state = match band {
        Band::Ok => ": met",
        Band::Warn | Band::Critical => ": missed",
        Band::TooFew => ": too few to judge",
        Band::Unjudged => ": not judged",
        Band::None | Band::NoBaseline => "",
    };
    // The catalogue tells all of the bands; what is well comes first.
    let well = entry.bands_in_words.split([',', ';']).next().unwrap_or_default();
    let well = well.strip_prefix("green ").or_else(|| well.strip_prefix("target ")).unwrap_or(well);
    format!("Target {}{state}", well.replace("yellow from", "below"))
}

fn against(kpi: KpiId, row: &DayKpi, frame: &DailyFrame) -> AnyView {
    let day = dates::short(&frame.day.before_date);
    let now = Ratio::new(row.part, row.whole);
    let Some(change) = Change::of(kpi, now, row.before) else {
        return view! { <span class="than">{format!("nothing on {day} to compare with")}</span> }.into_any();
    };
    let state = if row.against == Band::Critical { ", out of range" } else { "" };
    let shape = row.against.is_out().then(|| still_shape(row.against));
    let words = format!("{}{state}", change.said());
    let than = format!("{day}: {}", main(kpi, row.before));
    view! { <b>{shape} <span>{format::kept(words)}</span></b> <span class="than">{format::kept(than)}</span> }
        .into_any()
}

fn told(kpi: KpiId, row: &DayKpi, frame: &DailyFrame, id: String) -> Told {
    let now = Ratio::new(row.part, row.whole);
    let mut told = Told::of(id, kpi.get());
    told.title = label(kpi).to_owned();
    let until = match (kpi, frame.day.state) {
        // Of what agents do.
        (KpiId::OnCallShare, DayState::Running) => clock::hm(frame.day.agents_until, &frame.site),
        (_, DayState::Running | DayState::Over) => super::day::until(frame),
    };
    told.subject = format!("{}, to {until}", dates::long(&frame.day.date));
    told.value = main(kpi, now);
    told.band = row.band;
    let mut pairs = digits::counts(kpi, now);
    pairs.push((dates::day(&frame.day.before_date), format!("{} ({})", main(kpi, row.before), of(kpi, row.before))));
    told.pairs.splice(1..1, pairs);
    if kpi == KpiId::CallsPerMinute {
        // The figure is the count, and the pace stands beside it: each is explained as what it is.
        let how = "outbound calls placed; beside it, these ÷ the minutes of the day";
        told.pairs.splice(..1, [("How".to_owned(), how.to_owned()), ("A minute".to_owned(), format::per_minute(now))]);
    }
    if kpi.get().unsure().is_some() {
        told.notes.extend(format::without_a_code(row.unjudged, row.whole, row.band));
    } else if row.unjudged > 0 {
        told.notes
            .push(format!("{} more calls are in neither count: no source can tell.", format::count(row.unjudged)));
    }
    if row.against == Band::Critical {
        told.notes
            .push("Out of range: a fifth or more away from the same day of the week before, to the worse.".to_owned());
    }
    told
}

fn of(kpi: KpiId, ratio: Ratio) -> String {
    format::amounts(kpi.get(), ratio).join(" of ")
}
