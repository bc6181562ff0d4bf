//! Panel 5 (S26): which numbers are going bad? Each of the floor's numbers against its own last week.

use crate::kpi::band::DID_POINTS;
use crate::kpi::{Band, format};
use crate::ui::cells::{Cell, Line, Shown};
use crate::ui::parts::figure::{grouped, name_of};
use crate::ui::parts::panel::{Head, panel, table};
use crate::ui::parts::rows::{Column, Look};
use crate::ui::store::Live;
use crate::view::live::DidRow;
use crate::view::{PanelId, Table};
use leptos::prelude::*;

const HEAD: Head = Head {
    id: PanelId::Dids,
    question: "Which numbers are going bad?",
    window: "60 min",
    figure: "did_answer_rate",
    footnote: "Answer rate against the same hours of 7 days",
    nothing: "No call of a number was decided in the last 60 minutes",
};
const COLUMNS: &[Column] = &[
    Column::new("DID", "", Look::Name).class("number"),
    Column::new("Resolved", "did_calls", Look::Figure),
    Column::new("60 min", "did_rate", Look::Figure),
    Column::new("7-day", "did_baseline", Look::Figure).class("quiet"),
    Column::new("Difference", "did_answer_rate", Look::Figure).class("chip"),
];

pub fn show(rows: &Table<DidRow>) -> Shown {
    Shown { lines: rows.rows.iter().map(line).collect(), notes: Vec::new(), more: rows.more }
}

fn line(row: &DidRow) -> Line {
    let now = row.rate();
    let difference = match row.answer_band {
        _ if row.blocked_band.is_out() => "blocked".to_owned(),
        Band::TooFew => "too few".to_owned(),
        Band::NoBaseline => "new".to_owned(),
        Band::None | Band::Ok | Band::Unjudged | Band::Warn | Band::Critical => {
            format::points_judged(now, row.baseline, &DID_POINTS)
        }
    };
    let cells = vec![
        Cell::of(name_of(&grouped(&row.did), &row.did)).band(row.band),
        Cell::of(format::count(row.resolved)),
        Cell::of(format::percent(now, 1, None)),
        Cell::of(format::percent(row.baseline, 1, None)),
        Cell::of(difference).band(row.band),
    ];
    Line { key: row.did.to_string(), cells }
}

pub fn view(live: Live) -> AnyView {
    let body = table(live.panel(PanelId::Dids), PanelId::Dids, COLUMNS);
    panel(live, HEAD, body, ().into_any())
}
