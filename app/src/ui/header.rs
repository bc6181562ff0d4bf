//! The header of every page, of the app and of documents alike: mark, pages, and what the page adds.

use super::about::FloorKind;
use super::pages::{self, Page};
use leptos::prelude::*;

/// Where a link of the menu leads, and what it says of itself (`aria-current`).
pub struct Link {
    pub page: &'static Page,
    pub href: Box<dyn Fn() -> String + Send + Sync>,
    pub current: Box<dyn Fn() -> Option<&'static str> + Send + Sync>,
}

/// It lists the pages there are, no others: `link` says of each where it leads. `tools` stand at its end.
pub fn header(floor: FloorKind, link: impl Fn(&'static Page) -> Link, tools: AnyView) -> AnyView {
    let demo = match floor {
        FloorKind::Real => None,
        FloorKind::Demo => {
            Some(view! { <span class="demo" title="These figures are made up by the simulator">"DEMO"</span> })
        }
    };
    let links = pages::IN_MENU.iter().map(link).map(|Link { page, href, current }| {
        view! { <a href=href aria-current=current>{page.title}</a> }
    });
    let links = links.collect_view();
    view! {
        <header class="top">
            <a href=pages::HOME class="mark">
                <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
                    <path d="M3 16v-5M7.7 16V5M12.3 16V9M17 16V3" />
                </svg>
                "Ringside"
            </a>
            {demo}
            <nav aria-label="Pages">{links}</nav>
            <div class="spacer"></div>
            {tools}
            <button type="button" class="help-open needs-js" title="Help and keys" aria-label="Help and keys">
                "?"
            </button>
        </header>
    }
    .into_any()
}

/// `aria-current` of the menu's link to that page, at that path.
#[must_use]
pub fn current(page: &Page, path: &str) -> Option<&'static str> {
    match path.strip_prefix(page.path) {
        Some("") => Some("page"),
        Some(below) if below.starts_with('/') => Some("true"),
        Some(_) | None => None,
    }
}
