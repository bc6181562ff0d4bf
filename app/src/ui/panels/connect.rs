//! Panel 4 (S24, S25): is the connect rate holding? In the order of panel 3, against the same hours of the week
//! before, and whether a fall is the list's or the pacing's.

use super::as_shown;
use crate::chart::{BarsData, Labels};
use crate::kpi::band::Diagnosis;
use crate::kpi::{Band, format};
use crate::ui::cells::{Cell, Line, Shown};
use crate::ui::parts::chart::{Sketch, drawing};
use crate::ui::parts::figure::name_of;
use crate::ui::parts::panel::{Head, bars, panel};
use crate::ui::parts::rows::{Column, Look};
use crate::ui::store::Live;
use crate::view::live::ConnectRow;
use crate::view::{PanelId, Table};
use leptos::prelude::*;

const HEAD: Head = Head {
    id: PanelId::Connect,
    question: "Is the connect rate holding?",
    window: "60 min",
    figure: "connect_rate",
    footnote: "Mark: same hours of the last 7 days",
    nothing: "No calls resolved in the last 60 minutes",
};
const COLUMNS: &[Column] = &[
    Column::new("Campaign", "", Look::Name),
    Column::new("60 min", "connect_rate", Look::Figure),
    Column::new("7 days", "connect_baseline", Look::Figure).class("quiet"),
];

pub fn show(rows: &Table<ConnectRow>) -> Shown {
    Shown { lines: rows.rows.iter().map(line).collect(), notes: Vec::new(), more: rows.more }
}

fn line(row: &ConnectRow) -> Line {
    let now = row.rate();
    let under = match row.band {
        Band::TooFew => format!("of {} only", format::count(row.resolved)),
        Band::None => String::new(),
        Band::NoBaseline | Band::Ok | Band::Unjudged | Band::Warn | Band::Critical => {
            format!("of {}", format::count(row.resolved))
        }
    };
    let (found, found_band) = match (row.diagnosis, row.band) {
        (Some(Diagnosis::List), _) => ("▼ list problem".to_owned(), Band::Warn),
        (Some(Diagnosis::Pacing), _) => ("▼ pacing problem".to_owned(), Band::Critical),
        (None, Band::None | Band::TooFew) => (String::new(), Band::None),
        (None, Band::NoBaseline) => ("no history yet".to_owned(), Band::None),
        (None, Band::Ok | Band::Unjudged | Band::Warn | Band::Critical) => {
            (format::points(now, row.baseline), Band::None)
        }
    };
    let cells = vec![
        Cell::of(name_of(&row.name, row.campaign.as_str())).band(row.band),
        Cell::of(format::percent(now, 1, None)).band(row.band).under(under),
        Cell::of(format::percent(row.baseline, 1, None)).under(found).under_band(found_band),
    ];
    Line { key: row.campaign.to_string(), cells }
}

pub fn view(live: Live) -> AnyView {
    let here = live.panel(PanelId::Connect);
    let data = move || {
        let (keys, count) = (here.keys(), here.count());
        live.with_shown(|frame| {
            let rows = frame.panels.connect.as_ref().map_or(&[][..], |table| &table.rows);
            Sketch::Bars(BarsData::connect(&as_shown(rows, &keys, count), Labels::None))
        })
    };
    let head = view! { <span></span><span></span> }.into_any();
    let body = bars(here, PanelId::Connect, COLUMNS, head, drawing(data, (150, 320)));
    panel(live, HEAD, body, ().into_any())
}
