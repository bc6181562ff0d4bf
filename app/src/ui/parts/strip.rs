//! The real-time strip (S61): six figures with an hour behind each.

use super::chart::{Sketch, drawing};
use super::each::each;
use super::figure::{split_unit, text};
use super::rows::{Column, Look, figure};
use crate::chart::SparkData;
use crate::kpi::{Ratio, format};
use crate::ui::cells::{Cell, Line, LiveLine, Shown};
use crate::ui::store::Live;
use crate::view::Keyed;
use crate::view::live::{LiveFrame, StripId, StripItem};
use leptos::prelude::*;

const FIGURE: Column = Column::new("", "strip", Look::Figure);

pub fn show(frame: &LiveFrame) -> Shown {
    let shown = Shown { lines: frame.strip.rows.iter().map(|item| line(item, frame)).collect(), ..Shown::default() };
    if frame.status.silent_since.is_some() { shown.without_figures() } else { shown }
}

fn line(item: &StripItem, frame: &LiveFrame) -> Line {
    let (number, unit) = split_unit(&main_of(item));
    let small = small_of(item, frame);
    let cells = vec![
        Cell::of(label(item)),
        Cell::of(number).band(item.band).under(if small.is_empty() { unit } else { small }),
    ];
    Line { key: item.key(), cells }
}

pub fn label(item: &StripItem) -> &'static str {
    match item.id {
        // The gauge's figure: where trunks tell their channels these are counted, else the calls that are up.
        StripId::ActiveCalls if item.whole.is_some() => "Channels in use",
        StripId::ActiveCalls => "Active calls",
        StripId::AgentsReady => "Agents ready",
        StripId::CallersWaiting => "Callers waiting",
        StripId::CallsPerMinute => "Calls a minute",
        StripId::ConnectRate => "Connect rate, 60 min",
        StripId::OutOfBand => "Problems",
    }
}

pub fn main_of(item: &StripItem) -> String {
    let whole = item.whole.unwrap_or(0);
    match item.id {
        StripId::ActiveCalls | StripId::AgentsReady | StripId::CallersWaiting | StripId::OutOfBand => {
            format::count(item.part)
        }
        StripId::CallsPerMinute => format::per_minute(Ratio::new(item.part, whole)),
        StripId::ConnectRate => format::percent(Ratio::new(item.part, whole), 1, None),
    }
}

fn small_of(item: &StripItem, frame: &LiveFrame) -> String {
    let of = |word: &str| item.whole.map_or_else(String::new, |whole| format!("of {}{word}", format::count(whole)));
    match item.id {
        StripId::ActiveCalls => of(""),
        StripId::AgentsReady => of(" in"),
        StripId::OutOfBand => item.whole.map_or_else(String::new, |whole| format!("{} watched", format::count(whole))),
        StripId::CallersWaiting => item.since.map_or_else(String::new, |since| {
            format!("longest {}", format::duration(frame.as_of.since(since).as_secs()))
        }),
        StripId::CallsPerMinute | StripId::ConnectRate => String::new(),
    }
}

#[component]
pub fn Strip() -> impl IntoView {
    let live = expect_context::<Live>();
    view! {
        <ul class="strip" aria-label="Right now" data-panel="strip">
            {each(move || live.strip.lines.get(), move |line| item(line, live))}
        </ul>
    }
}

fn item(line: LiveLine, live: Live) -> AnyView {
    let mut cells = line.cells.into_iter().map(RwSignal::from);
    let (Some(name), Some(main)) = (cells.next(), cells.next()) else { return ().into_any() };
    let key = line.key.clone();
    let spark = move || {
        live.with_shown(|frame| {
            let item = frame.strip.rows.iter().find(|item| item.key() == key);
            Sketch::Spark(SparkData::of(item.unwrap_or(&NONE)))
        })
    };
    view! {
        <li class="stat" data-key=line.key>
            <div>
                <span class="label">{text(move || name.with(|cell| cell.text.clone()))}</span>
                <strong>
                    {figure(&FIGURE, main)} <small>{text(move || main.with(|cell| cell.under.clone()))}</small>
                </strong>
            </div>
            <div class="chart-spark">{drawing(spark, (110, 30))}</div>
        </li>
    }
    .into_any()
}

/// What a drawing shows of an item that is gone, in the moment before it goes itself.
const NONE: StripItem = StripItem {
    id: StripId::OutOfBand,
    part: 0,
    whole: None,
    band: crate::kpi::Band::None,
    since: None,
    spark: Vec::new(),
};
