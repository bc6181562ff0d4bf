//! Panel 2 (S22): which route is failing? A row for each active route; what is the network's doing decides its state, and
//! so do silence and the trunk's own word.

use crate::domain::outcome::TrunkHealth;
use crate::kpi::band::recovers;
use crate::kpi::{Band, KpiId, Ratio, format};
use crate::ui::cells::{Cell, Line, Shown};
use crate::ui::parts::clock;
use crate::ui::parts::figure::{name_of, shape, text, tone};
use crate::ui::parts::panel::{Head, panel, table};
use crate::ui::parts::rows::{Column, Look};
use crate::ui::store::Live;
use crate::view::live::{LiveFrame, RouteRow, Site};
use crate::view::{PanelId, Table};
use leptos::prelude::*;
use std::sync::Arc;

const HEAD: Head = Head {
    id: PanelId::Routes,
    question: "Which route is failing?",
    window: "5 min",
    figure: "route_fault_rate",
    footnote: "Fault: without busy, no answer, wrong number, declined",
    nothing: "No calls on any route in the last 5 minutes",
};
const COLUMNS: &[Column] = &[
    Column::new("Route", "", Look::Name),
    Column::new("Trunk", "stalled", Look::State).class("trunk"),
    Column::new("Calls", "attempts", Look::Figure),
    Column::new("4xx", "sip_4xx", Look::Heat),
    Column::new("5xx", "sip_5xx", Look::Heat),
    Column::new("6xx", "sip_6xx", Look::Heat).class("if-wide"),
    Column::new("Time-out", "timeouts", Look::Heat),
    Column::new("Route’s fault", "route_fault_rate", Look::Figure),
];

/// Routes told of in words below the table.
const TOLD: usize = 2;

pub fn show(rows: &Table<RouteRow>, frame: &LiveFrame) -> Shown {
    Shown { lines: rows.rows.iter().map(line).collect(), notes: told(rows, &frame.site), more: rows.more }
}

/// What is wrong with the worst routes; the last line counts the rest.
fn told(rows: &Table<RouteRow>, site: &Site) -> Vec<Cell> {
    let mut told: Vec<Cell> = rows.rows.iter().filter_map(|row| told_of(row, site)).collect();
    let rest = told.len().saturating_sub(TOLD);
    told.truncate(TOLD);
    if let (Some(last), 1..) = (told.last_mut(), rest) {
        let rest = format::count(i64::try_from(rest).unwrap_or(i64::MAX));
        last.text.push_str(&format!(" · {rest} more"));
    }
    told
}

fn line(row: &RouteRow) -> Line {
    let cells = vec![
        Cell::of(name_of(&row.name, row.route.as_str())).band(row.band),
        trunk(row),
        Cell::of(format::count(row.attempts)),
        heat(row.sip_4xx, row, row.harmless_4xx()),
        heat(row.sip_5xx, row, 0),
        heat(row.sip_6xx, row, row.harmless_6xx()),
        heat(row.timeouts, row, 0),
        Cell::of(format::percent(row.fault_rate(), 1, KpiId::RouteFaultRate.get().bands())).band(row.faults_band),
    ];
    Line { key: row.route.to_string(), cells }
}

/// A share as a shade: one hue, darker with more, full at half of all calls (U41). Busy lines and unanswered calls are
/// most of any floor's 4xx: the shade is grey, and takes the colour of faults only on a route that is out of band, for
/// what exceeds `harmless`.
fn heat(part: i64, row: &RouteRow, harmless: i64) -> Cell {
    const FULL: i64 = 80;
    let shade = if row.resolved > 0 { (part.saturating_mul(2 * FULL) / row.resolved).clamp(0, FULL) } else { 0 };
    let hot = row.is_hot(part, harmless);
    Cell {
        heat: u8::try_from(shade).unwrap_or(0),
        under_band: if hot { row.faults_band } else { Band::None },
        ..Cell::of(format::percent(Ratio::new(part, row.resolved), 1, None))
    }
}

/// The trunk's own word; a route gone silent comes before it.
fn trunk(row: &RouteRow) -> Cell {
    if row.stalled_band.is_out() {
        return Cell::of("silent").band(row.stalled_band);
    }
    match row.trunk {
        None => Cell::of("not told"),
        Some(TrunkHealth::Healthy) => Cell::of("up").band(Band::Ok),
        Some(TrunkHealth::Degraded) => Cell::of("degraded").band(Band::Warn),
        Some(TrunkHealth::Unhealthy) => Cell::of("down").band(Band::Critical),
    }
}

/// What is wrong with a route, in a line; nothing where it is well.
fn told_of(row: &RouteRow, site: &Site) -> Option<Cell> {
    if !row.band.is_out() && row.faults_band != Band::Unjudged {
        return None;
    }
    let name = name_of(&row.name, row.route.as_str());
    let since = row.since.map(|at| format!(" · since {}", clock::hm(at, site))).unwrap_or_default();
    let what = if row.stalled_band.is_out() {
        format!("{name} silent: {} of {} calls unheard", format::count(row.unheard), format::count(row.started))
    } else if row.unjudged_band > row.faults_band || !row.band.is_out() {
        let not_judged = if row.unjudged_band.is_out() { "" } else { ", so that it is not judged" };
        format!("{name}: {}, {}{not_judged}", row.failed_in_words(), row.codeless_in_words())
    } else if row.faults_band.is_out() {
        let (faults, all) = (format::count(row.route_faults), format::count(row.resolved));
        let minute = match row.minute.whole {
            ..=0 => String::new(),
            n => format!(", {} of {} in the last minute", format::count(row.minute.part), format::count(n)),
        };
        let recovers = if recovers(row.minute) { ", recovering" } else { "" };
        format!("{name}: {faults} of {all} at fault, mostly {}{recovers}{minute}", row.mostly())
    } else {
        let detail = row.trunk_detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default();
        let told = row.trunk_at.map(|at| format!(" · told {}", clock::hm(at, site))).unwrap_or_default();
        format!("{name}’s trunk is {}{detail}{told}", trunk(row).text)
    };
    Some(Cell::of(format!("{what}{since}")).band(row.band))
}

pub fn view(live: Live) -> AnyView {
    let here = live.panel(PanelId::Routes);
    let told = |note: RwSignal<Cell>| {
        let class = text(move || {
            let band = note.with(|note| note.band);
            if band == Band::None { "hidden".to_owned() } else { tone(band).to_owned() }
        });
        let mark = shape(Arc::new(move || note.with(|note| note.band)));
        view! { <li class=class>{mark} <span>{text(move || note.with(|note| note.text.clone()))}</span></li> }
            .into_any()
    };
    let body = view! {
        {table(here, PanelId::Routes, COLUMNS)}
        <ul class="told">{here.notes.into_iter().take(TOLD).map(told).collect_view()}</ul>
    }
    .into_any();
    panel(live, HEAD, body, ().into_any())
}
