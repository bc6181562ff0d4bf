//! Tables of a page that only the server renders: each row's name opens what its figures are made of.

use super::explain::{Told, opener};
use crate::kpi::Band;
use crate::kpi::format::{counted, kept};
use crate::ui::parts::figure::{anchor, still_shape, tone};
use leptos::prelude::*;

/// What stands in one place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    pub text: String,
    pub band: Band,
    /// Beside it, smaller: against the day before.
    pub under: String,
}

impl Cell {
    pub fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    #[must_use]
    pub fn band(mut self, band: Band) -> Self {
        self.band = band;
        self
    }

    #[must_use]
    pub fn under(mut self, text: impl Into<String>) -> Self {
        self.under = text.into();
        self
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    pub key: String,
    pub name: String,
    pub band: Band,
    pub cells: Vec<Cell>,
    /// What its name explains.
    pub told: Told,
}

/// `panel` names the rows; `more` were left out.
pub fn table(
    panel: &'static str,
    label: &'static str,
    columns: &[impl AsRef<str>],
    rows: Vec<Row>,
    more: u32,
) -> AnyView {
    let mut told = Vec::with_capacity(rows.len());
    let mut lines = Vec::with_capacity(rows.len());
    for mut row in rows {
        let id = anchor(panel, &row.key);
        row.told.id = format!("{id}-told");
        lines.push(line(id, &row));
        told.push(row.told.view());
    }
    let rest = (more > 0).then(|| {
        let words = counted(i64::from(more), "more row is not listed", "more rows are not listed");
        view! { <p class="quiet">{words}</p> }
    });
    view! {
        <div class="rows" role="region" aria-label=format!("{label}: figures") tabindex="0">
            <table>
                <thead>
                    <tr>{columns.iter().map(|title| view! { <th scope="col">{title.as_ref().to_owned()}</th> }).collect_view()}</tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
            {rest}
        </div>
        {told}
    }
    .into_any()
}

fn line(id: String, row: &Row) -> AnyView {
    let class = if row.band.is_out() { format!("row out {}", tone(row.band)) } else { "row".to_owned() };
    let cells = row.cells.iter().map(|cell| {
        let tone = if cell.band.is_out() || cell.band.is_hatched() { tone(cell.band) } else { "" };
        let shape = cell.band.is_out().then(|| still_shape(cell.band));
        let under = (!cell.under.is_empty()).then(|| view! { <small>{kept(cell.under.clone())}</small> });
        view! { <td class=tone>{shape} {kept(cell.text.clone())} {under}</td> }
    });
    let cells = cells.collect_view();
    view! {
        <tr id=id class=class tabindex="-1">
            <th scope="row">{opener(&row.told.id, row.name.clone(), Band::None)}</th>
            {cells}
        </tr>
    }
    .into_any()
}
