//! Panel 8 (S29): is the floor itself well? A tile for each component, with a link to its own dashboard.

use crate::domain::outcome::{ComponentKind, Health};
use crate::kpi::{Ratio, format};
use crate::ui::cells::{Cell, Line, Shown};
use crate::ui::parts::panel::{Head, panel, rows_of};
use crate::ui::parts::rows::{Column, Look, Shape};
use crate::ui::store::Live;
use crate::view::live::{ComponentRow, Heard, LiveFrame};
use crate::view::{PanelId, Table};
use leptos::prelude::*;

const HEAD: Head = Head {
    id: PanelId::Infra,
    question: "Is the floor itself well?",
    window: "latest",
    figure: "health",
    footnote: "Worst of each component’s latest samples",
    nothing: "No component has reported yet",
};
const COLUMNS: &[Column] = &[Column::new("Component", "", Look::Name), Column::new("Health", "health", Look::State)];

pub fn show(rows: &Table<ComponentRow>, frame: &LiveFrame) -> Shown {
    Shown { lines: rows.rows.iter().map(|row| line(row, frame)).collect(), notes: Vec::new(), more: rows.more }
}

fn line(row: &ComponentRow, frame: &LiveFrame) -> Line {
    let word = match (row.heard, row.status) {
        (Heard::Silent, _) => format!("silent {}", format::age(frame.as_of.since(row.at).as_millis())),
        (Heard::InTime, Health::Healthy) => "healthy".to_owned(),
        (Heard::InTime, Health::Degraded) => "degraded".to_owned(),
        (Heard::InTime, Health::Offline) => "offline".to_owned(),
    };
    // A component's link comes from outside: only web addresses become links.
    let is_web = |link: &&str| link.starts_with("https://") || link.starts_with("http://");
    let link = row.link.as_deref().filter(is_web).map(str::to_owned);
    let name = Cell { link, ..Cell::of(row.component.to_string()).band(row.band).under(kind(row.kind)) };
    Line { key: row.component.to_string(), cells: vec![name, Cell::of(word).band(row.band).under(figures(row))] }
}

/// What says most: a busy processor before what it says of itself, that before the latency, the latency before the memory.
fn figures(row: &ComponentRow) -> String {
    const BUSY: i64 = 7_500;
    let share = |of: i64| format::percent(Ratio::new(of, 10_000), 0, None);
    match (row.cpu, row.latency_us, row.memory, &row.detail) {
        (Some(cpu), _, _, _) if cpu >= BUSY => format!("cpu {}", share(cpu)),
        (_, _, _, Some(detail)) => detail.to_string(),
        (_, Some(us), _, None) => latency(us),
        (Some(cpu), None, _, None) => format!("cpu {}", share(cpu)),
        (None, None, Some(memory), None) => format!("memory {}", share(memory)),
        (None, None, None, None) => String::new(),
    }
}

fn latency(us: i64) -> String {
    if us < 10_000 {
        format!("{}.{} ms", us / 1_000, us / 100 % 10)
    } else {
        format!("{} ms", format::count(us / 1_000))
    }
}

pub fn kind(kind: ComponentKind) -> &'static str {
    match kind {
        ComponentKind::MediaServer => "media server",
        ComponentKind::Database => "database",
        ComponentKind::Cache => "cache",
        ComponentKind::TelephonyApi => "telephony API",
        ComponentKind::Crm => "CRM",
        ComponentKind::RecordingStorage => "recordings",
        ComponentKind::DialerWorker => "dialer worker",
        ComponentKind::Other => "other",
    }
}

pub fn view(live: Live) -> AnyView {
    let rows = rows_of(live.panel(PanelId::Infra), PanelId::Infra, Shape::Tiles, COLUMNS);
    panel(live, HEAD, view! { <ul class="tiles">{rows}</ul> }.into_any(), ().into_any())
}
