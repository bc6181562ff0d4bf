//! Rows by their keys: each made once, kept as long as its key is there, and forgotten whole when it goes.
//!
//! In place of leptos' `For`: there each row's owner is noted for ever by the list's, so a page on which rows come and
//! go would grow as long as it is open.

use crate::ui::cells::LiveLine;
use leptos::prelude::*;
use leptos::tachys::reactive_graph::OwnedView;
use leptos::tachys::view::keyed::keyed;
use std::sync::Arc;

/// `row` is called for each new key. It finds no context: what a row needs is handed to it.
pub fn each(
    lines: impl Fn() -> Vec<LiveLine> + Send + 'static,
    row: impl Fn(LiveLine) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    list(Box::new(lines), Arc::new(row))
}

/// Once for all lists: each copy would cost every viewer its bytes.
fn list(lines: Box<dyn Fn() -> Vec<LiveLine> + Send>, row: Arc<dyn Fn(LiveLine) -> AnyView + Send + Sync>) -> AnyView {
    let made = move |_: usize, line: LiveLine| {
        let owner = owner_of_a_row();
        let view = owner.with(|| row(line));
        (drop::<usize>, OwnedView::new_with_owner(view, owner))
    };
    (move || keyed(lines(), |line: &LiveLine| line.key.clone(), made.clone())).into_any()
}

/// Ends with the row's view, which holds it; nobody else knows it.
#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
fn owner_of_a_row() -> Owner {
    Owner::default()
}

/// On the server signals are found by way of the page's owner, and all end with the answer.
#[cfg(not(all(feature = "hydrate", not(feature = "ssr"))))]
fn owner_of_a_row() -> Owner {
    Owner::new()
}
