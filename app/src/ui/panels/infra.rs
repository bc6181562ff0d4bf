//! Panel 8 (S29): is the floor itself well? A tile for each component, with a link to its own dashboard.

use crate::domain::outcome::{ComponentKind, Health};
use crate::kpi::band::LOAD;
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

/// What is nearly full comes first, then what it says of itself, then all that is measured.
fn figures(row: &ComponentRow) -> String {
    let load = |(name, share): (&str, Ratio)| format!("{name} {}", format::percent(share, 0, Some(&LOAD)));
    if let (true, Some(full)) = (row.load_band.is_out(), row.fullest()) {
        return load(full);
    }
    if let Some(detail) = &row.detail {
        return detail.to_string();
    }
    let loads = row.loads().into_iter().filter_map(|(name, share)| Some(load((name, share?))));
    let net = |n: Option<i64>, way: &str| n.map(|n| format!("{way} {}", format::bytes_a_second(n)));
    let all = row.latency_us.map(latency).into_iter().chain(loads);
    all.chain(net(row.net_in, "in")).chain(net(row.net_out, "out")).collect::<Vec<_>>().join(" · ")
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
