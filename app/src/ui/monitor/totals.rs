//! The four cards of the whole floor (S42), and the warning while no worker dials (S52).

use super::cells::{cells, plain};
use crate::domain::outcome::Health;
use crate::kpi::{Band, KpiId, format};
use crate::ui::cells::{Cell, Line, LiveLine, LivePanel};
use crate::ui::parts::clock;
use crate::ui::parts::each::each;
use crate::ui::parts::figure::{shape, text, tone};
use crate::ui::parts::rows::{Column, Look, figure};
use crate::view::live::Heard;
use crate::view::monitor::{MonitorFrame, WorkerHealth};
use leptos::prelude::*;
use std::sync::Arc;

cells! {
    /// A card: its label, its figure (the smaller text beside it is the cell's `under`).
    FigureCells { label, figure }
}

pub const PANEL: &str = "totals";

const CAMPAIGNS: Column = Column::new("", "active_campaigns", Look::Figure);
const ACTIVE: Column = Column::new("", "active_calls", Look::Figure);
const CAC: Column = Column::new("", "cac_utilisation", Look::State);
const WORKER: Column = Column::new("", "worker", Look::State);

pub fn lines(frame: &MonitorFrame) -> Vec<Line> {
    let totals = &frame.totals;
    let all = totals.active_campaigns + totals.paused_campaigns;
    let elsewhere = match totals.active_elsewhere {
        0 => String::new(),
        n => format!("{} of no campaign here", format::count(n)),
    };
    let limit = if totals.cac.whole > 0 {
        format!("of {}", format::count(totals.cac.whole))
    } else {
        "no limit told".to_owned()
    };
    let worker = &frame.worker;
    vec![
        card(
            "campaigns",
            "Active campaigns",
            Cell::of(format::count(totals.active_campaigns)).under(format!("of {}", format::count(all))),
        ),
        card("calls", "Total active calls", Cell::of(format::count(totals.active_calls)).under(elsewhere)),
        card(
            "cac",
            "CAC utilisation",
            Cell::of(format::percent(totals.cac, 0, KpiId::CacUtilisation.get().bands()))
                .band(totals.cac_band)
                .under(limit),
        ),
        card("worker", "Worker health", Cell::of(health(worker)).band(worker.band).under(heard(worker, frame))),
    ]
}

fn card(key: &str, label: &str, figure: Cell) -> Line {
    Line { key: key.to_owned(), cells: vec![Cell::of(label), figure] }
}

pub fn health(worker: &WorkerHealth) -> String {
    match worker.status {
        Some(Health::Healthy) => "Healthy",
        Some(Health::Degraded) => "Degraded",
        Some(Health::Offline) => "Offline",
        None => "Not told",
    }
    .to_owned()
}

/// Its latency, or what else there is to say: how many are offline, what it said.
fn heard(worker: &WorkerHealth, frame: &MonitorFrame) -> String {
    let near = |at| clock::hm_near(at, frame.as_of, &frame.site);
    let since = worker.at.map_or_else(String::new, |at| format!(" {}", near(at)));
    let detail = worker.detail.as_ref().map_or_else(String::new, ToString::to_string);
    match (worker.heard, worker.status, worker.latency_us) {
        (Some(Heard::Silent), _, _) => format!("silent since{since}"),
        (_, Some(Health::Offline), _) if worker.workers == 1 && !since.is_empty() => format!("last answer{since}"),
        (_, Some(Health::Offline), _) if worker.workers > 1 => {
            format!("{} of {}", format::count(worker.offline), format::count(worker.workers))
        }
        (_, Some(Health::Degraded | Health::Offline), _) if !detail.is_empty() => detail,
        (_, _, Some(us)) => milliseconds(us),
        (_, _, None) => detail,
    }
}

pub fn milliseconds(us: i64) -> String {
    if us < 10_000 {
        format!("{}.{} ms", us / 1_000, us / 100 % 10)
    } else {
        format!("{} ms", format::count(us / 1_000))
    }
}

pub fn view(cards: LivePanel) -> AnyView {
    view! {
        <ul class="cards four" aria-label="The whole floor" data-panel=PANEL>
            {each(move || cards.lines.get(), total)}
        </ul>
    }
    .into_any()
}

fn total(line: LiveLine) -> AnyView {
    let column = match line.key.as_str() {
        "campaigns" => &CAMPAIGNS,
        "calls" => &ACTIVE,
        "cac" => &CAC,
        _ => &WORKER,
    };
    one(line, column)
}

/// A card with one figure.
pub fn one(line: LiveLine, column: &'static Column) -> AnyView {
    let key = line.key.clone();
    let Some(cells) = FigureCells::of(line) else { return ().into_any() };
    let class = text(move || format!("card {}", tone(cells.figure.with(|cell| cell.band))));
    view! {
        <li class=class data-key=key>
            <span class="label">{plain(cells.label)}</span>
            <strong>
                {figure(column, cells.figure)} " " <small>{text(move || cells.figure.with(|cell| cell.under.clone()))}</small>
            </strong>
        </li>
    }
    .into_any()
}

/// What a dead worker means, while it is dead.
pub fn warning(worker: &WorkerHealth) -> Cell {
    let said = worker.warning.as_ref().map_or_else(String::new, ToString::to_string);
    Cell::of(said).band(if worker.warning.is_some() { Band::Critical } else { Band::None })
}

/// Above everything else.
pub fn warning_view(warning: RwSignal<Cell>) -> AnyView {
    let class = text(move || {
        let band = warning.with(|cell| cell.band);
        if band == Band::None { "hidden".to_owned() } else { format!("banner {}", tone(band)) }
    });
    let mark = shape(Arc::new(move || warning.with(|cell| cell.band)));
    view! { <p class=class role="alert">{mark} <span>{plain(warning)}</span></p> }.into_any()
}
