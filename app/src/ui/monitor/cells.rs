//! The monitor's cells by name, and the small views that all its parts are made of.

use crate::ui::cells::Cell;
use crate::ui::parts::figure::{Text, text};
use crate::ui::parts::rows::{Column, figure};
use leptos::prelude::*;

/// The cells of a line by their names, in the order in which the line has them.
macro_rules! cells {
    ($(#[$doc:meta])* $name:ident { $($cell:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        struct $name { $($cell: RwSignal<Cell>),* }

        impl $name {
            /// `None` where the line is of another kind.
            fn of(line: LiveLine) -> Option<Self> {
                let mut cells = line.cells.into_iter().map(RwSignal::from);
                Some(Self { $($cell: cells.next()?),* })
            }
        }
    };
}
pub(super) use cells;

/// What a cell says.
pub(super) fn plain(cell: RwSignal<Cell>) -> Text {
    text(move || cell.with(|cell| cell.text.clone()))
}

/// A figure of a card under its label; `kind` says whose it is: `both`, of calls that go out, of those that come in.
pub(super) fn metric(column: &'static Column, kind: &'static str, cell: RwSignal<Cell>) -> AnyView {
    view! {
        <div class=format!("m {kind}")>
            <span>{column.title}</span>
            <b>{figure(column, cell)}</b>
        </div>
    }
    .into_any()
}
