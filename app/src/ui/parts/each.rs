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
    list(Box::new(lines), |line: &LiveLine| line.key.clone(), Arc::new(row))
}

/// The same by keys alone: what a row shows it finds by its own.
pub fn each_key(
    keys: impl Fn() -> Vec<String> + Send + 'static,
    row: impl Fn(String) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    list(Box::new(keys), String::clone, Arc::new(row))
}

type Items<T> = Box<dyn Fn() -> Vec<T> + Send>;
type Row<T> = Arc<dyn Fn(T) -> AnyView + Send + Sync>;

fn list<T: Send + 'static>(items: Items<T>, key: fn(&T) -> String, row: Row<T>) -> AnyView {
    let made = move |_: usize, item: T| {
        let owner = owner_of_a_row();
        let view = owner.with(|| row(item));
        (drop::<usize>, OwnedView::new_with_owner(view, owner))
    };
    (move || keyed(items(), key, made.clone())).into_any()
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
