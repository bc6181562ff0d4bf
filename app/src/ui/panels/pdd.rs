//! Panel 7 (S28): how long until it rings? Post-dial delay by country over the last hour, against the hour before.

use crate::chart::LinesData;
use crate::kpi::{Band, Ratio, format};
use crate::ui::cells::{Cell, Line, Shown};
use crate::ui::parts::chart::{Sketch, drawing};
use crate::ui::parts::panel::{Head, panel, table};
use crate::ui::parts::rows::{Column, Look};
use crate::ui::store::Live;
use crate::view::live::{PddPanel, PddRow};
use crate::view::{PanelId, Table};
use leptos::prelude::*;

const HEAD: Head = Head {
    id: PanelId::Pdd,
    question: "How long until it rings?",
    window: "60 min",
    figure: "pdd",
    footnote: "From dialling to ringback; against the hour before",
    nothing: "No call has rung in the last 60 minutes",
};
const COLUMNS: &[Column] = &[
    Column::new("Country", "", Look::Name),
    Column::new("Progressed", "pdd", Look::Figure),
    Column::new("Average", "pdd", Look::Figure),
    Column::new("95 % within", "pdd_p95", Look::Figure),
    Column::new("Hour before", "pdd", Look::Figure).class("quiet"),
];

pub fn show(panel: &PddPanel) -> Shown {
    let rows = &panel.countries;
    Shown { lines: rows.rows.iter().map(line).collect(), notes: Vec::new(), more: rows.more }
}

fn line(row: &PddRow) -> Line {
    let code = row.country.to_string();
    let before = match row.band {
        Band::NoBaseline => "too few".to_owned(),
        Band::None | Band::TooFew | Band::Ok | Band::Unjudged | Band::Warn | Band::Critical => {
            format::seconds(row.before, 1)
        }
    };
    let p95 = row.p95_ms.map_or(format::NO_DATA.to_owned(), |ms| format::seconds(Ratio::new(ms, 1), 1));
    let cells = vec![
        Cell::of(if code == "ZZ" { "unplaced" } else { code.as_str() }).band(row.band),
        Cell::of(format::count(row.progressed)),
        Cell::of(format::seconds(row.mean(), 1)).band(row.band),
        Cell::of(p95),
        Cell::of(before),
    ];
    Line { key: code, cells }
}

pub fn view(live: Live) -> AnyView {
    let data = move || {
        live.with_shown(|frame| {
            let nothing = PddPanel { countries: Table::default(), points: Table::default() };
            Sketch::Lines(LinesData::of(frame.panels.pdd.as_ref().unwrap_or(&nothing), frame.as_of, &frame.site))
        })
    };
    let body = view! {
        <div class="chart-lines">{drawing(data, (406, 190))}</div>
        {table(live.panel(PanelId::Pdd), PanelId::Pdd, COLUMNS)}
    }
    .into_any();
    panel(live, HEAD, body, ().into_any())
}
