//! Rows on the page: of a table, with bars, as tiles. What a cell looks like is a column's business ([`Column`]), what
//! it says comes from its signal.

use super::figure::{Text, anchor, shape, text, tone};
use crate::kpi::Band;
use crate::ui::cells::{Cell, LiveLine};
use leptos::prelude::*;
use std::sync::Arc;

/// A column: how its cells look, and the figure that a click on one explains.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    pub title: &'static str,
    pub figure: &'static str,
    pub look: Look,
    pub class: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// What the row is called; a link where the cell has one.
    Name,
    /// A figure; a shape before it where it is out of band.
    Figure,
    /// The state itself: its shape is always there.
    State,
    /// A figure over a shade.
    Heat,
}

impl Column {
    pub const fn new(title: &'static str, figure: &'static str, look: Look) -> Self {
        Self { title, figure, look, class: "" }
    }

    pub const fn class(mut self, class: &'static str) -> Self {
        self.class = class;
        self
    }
}

/// What rows are in the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Table,
    Bars,
    Tiles,
}

pub fn row(panel: &'static str, shape: Shape, columns: &'static [Column], line: LiveLine) -> AnyView {
    let id = anchor(panel, &line.key);
    let signals: Vec<RwSignal<Cell>> = line.cells.into_iter().map(RwSignal::from).collect();
    let name = signals.first().copied();
    let class = text(move || {
        let band = name.map_or(Band::None, |name| name.with(|cell| cell.band));
        if band.is_out() { format!("row out {}", tone(band)) } else { format!("row {}", tone(band)) }
    });
    let cells = columns.iter().zip(signals).map(|(column, cell)| view_of(shape, column, cell)).collect_view();
    match shape {
        Shape::Table => view! { <tr id=id class=class data-key=line.key tabindex="-1">{cells}</tr> }.into_any(),
        Shape::Bars | Shape::Tiles => {
            view! { <li id=id class=class data-key=line.key tabindex="-1">{cells}</li> }.into_any()
        }
    }
}

fn view_of(shape: Shape, column: &'static Column, cell: RwSignal<Cell>) -> AnyView {
    match (shape, column.look) {
        (Shape::Table, Look::Name) => view! { <th scope="row" class=column.class>{name(cell)}</th> }.into_any(),
        (Shape::Table, Look::Figure | Look::State | Look::Heat) => {
            view! { <td class=column.class>{figure(column, cell)}</td> }.into_any()
        }
        (Shape::Bars | Shape::Tiles, Look::Name) => {
            view! { <b class=column.class>{name(cell)} {under(cell)}</b> }.into_any()
        }
        (Shape::Bars | Shape::Tiles, Look::Figure | Look::State | Look::Heat) => {
            view! { <span class="v">{figure(column, cell)} {under(cell)}</span> }.into_any()
        }
    }
}

fn name(cell: RwSignal<Cell>) -> AnyView {
    // A link that comes or goes later waits for the next visit: names change their text, hardly ever their kind.
    match cell.with_untracked(|cell| cell.link.clone()) {
        Some(link) => {
            view! { <a href=link rel="noopener noreferrer external" target="_blank">{said(cell)}</a> }.into_any()
        }
        None => view! { <span>{said(cell)}</span> }.into_any(),
    }
}

fn said(cell: RwSignal<Cell>) -> Text {
    text(move || cell.with(|cell| cell.text.clone()))
}

fn under(cell: RwSignal<Cell>) -> AnyView {
    // Said by a class: a text that is empty still stands in the page, as a space.
    let class = text(move || {
        let (band, is_said) = cell.with(|cell| (cell.under_band, !cell.under.is_empty()));
        format!("{} {}", tone(band), if is_said { "said" } else { "" }).trim().to_owned()
    });
    view! { <small class=class>{text(move || cell.with(|cell| cell.under.clone()))}</small> }.into_any()
}

/// A figure that explains itself when it is clicked: a button that names it. The page's one listener does the rest.
pub fn figure(column: &'static Column, cell: RwSignal<Cell>) -> AnyView {
    let class = text(move || {
        let band = cell.with(|cell| cell.band);
        let tone = if band.is_out() || band.is_hatched() || column.look == Look::State { tone(band) } else { "" };
        let look = match (column.look, cell.with(|cell| cell.under_band.is_out())) {
            (Look::Heat, true) => "heat hot ",
            (Look::Heat, false) => "heat ",
            (Look::Name | Look::Figure | Look::State, _) => "",
        };
        format!("n {look}{} {tone}", column.class)
    });
    let style = text(move || match cell.with(|cell| cell.heat) {
        0 => String::new(),
        heat => format!("--heat:{heat}"),
    });
    let mark = move || {
        let band = cell.with(|cell| cell.band);
        if band.is_out() || column.look == Look::State { band } else { Band::None }
    };
    view! {
        <button type="button" class=class style=style data-f=column.figure>
            {shape(Arc::new(mark))}
            <span>{said(cell)}</span>
        </button>
    }
    .into_any()
}
