//! Tables of a report: a row for each key, which stays as long as its key is there; its name opens what its figures are
//! made of.

use super::each::each_key;
use super::figure::{anchor, still_shape, tone};
use super::framed::nothing;
use super::told::{Told, opener};
use crate::kpi::Band;
use crate::kpi::format::{counted, kept};
use leptos::prelude::*;
use std::sync::Arc;

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

/// Rows in the order they are shown; `more` were left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    pub rows: Vec<Row>,
    pub more: u32,
}

/// The heads of a table's columns, which may change: weeks go by.
pub type Columns = Arc<dyn Fn() -> Vec<String> + Send + Sync>;
/// What is said where there are no rows.
pub type Nothing = Arc<dyn Fn() -> String + Send + Sync>;

/// A table by its rows.
pub struct Listed {
    /// Names the rows in addresses.
    pub panel: &'static str,
    pub label: &'static str,
    pub columns: Columns,
    pub rows: Memo<Rows>,
    pub nothing: Nothing,
}

/// Columns that are always the same.
pub fn columns(titles: &'static [&'static str]) -> Columns {
    Arc::new(move || titles.iter().map(|title| (*title).to_owned()).collect())
}

pub fn listed(of: Listed) -> AnyView {
    let Listed { panel, label, columns, rows, nothing: words } = of;
    let is_empty = Memo::new(move |_| rows.with(|all| all.rows.is_empty()));
    (move || {
        if is_empty.get() {
            let words = words.clone();
            nothing(Box::new(move || words()))
        } else {
            table(panel, label, columns.clone(), rows)
        }
    })
    .into_any()
}

fn table(panel: &'static str, label: &'static str, columns: Columns, rows: Memo<Rows>) -> AnyView {
    let keys = move || rows.with(|all| all.rows.iter().map(|row| row.key.clone()).collect::<Vec<_>>());
    let of =
        move |key: String| Memo::new(move |_| rows.with(|all| all.rows.iter().find(|row| row.key == key).cloned()));
    let lines = each_key(keys, move |key| {
        let id = anchor(panel, &key);
        let row = of(key);
        (move || row.get().map(|row| line(id.clone(), &row))).into_any()
    });
    // Beside the table: within it they would be read as its cells.
    let told = each_key(keys, move |key| {
        let id = told_id(&anchor(panel, &key));
        let row = of(key);
        (move || row.get().map(|row| Told { id: id.clone(), ..row.told }.view())).into_any()
    });
    let rest = move || {
        let more = rows.with(|all| all.more);
        (more > 0).then(|| {
            let words = counted(i64::from(more), "more row is not listed", "more rows are not listed");
            view! { <p class="quiet">{words}</p> }
        })
    };
    let heads = move || columns().into_iter().map(|title| view! { <th scope="col">{title}</th> }).collect_view();
    view! {
        <div class="rows" role="region" aria-label=format!("{label}: figures") tabindex="0">
            <table>
                <thead>
                    <tr>{heads}</tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
            {rest}
        </div>
        {told}
    }
    .into_any()
}

fn told_id(row: &str) -> String {
    format!("{row}-told")
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
        <tr id=id.clone() class=class tabindex="-1">
            <th scope="row">{opener(&told_id(&id), row.name.clone(), Band::None)}</th>
            {cells}
        </tr>
    }
    .into_any()
}
