//! The one app: the router and what stands around every page, made by the server at first paint and woken in the browser.
//!
//! Owns what outlasts a change of page: the feed, the address, what the header offers. Pages are `pages/`, a file each; the
//! document around the app is `shell.rs`; links within it are followed by `links.rs`.

use super::about::{About, FloorKind};
use super::address::Address;
use super::feed::{Feed, Tense};
use super::kept::{First, Refused};
use super::pages::{self, Place};
use super::parts::controls::{Ordered, RefreshChoice, RoleChoice};
use super::parts::freshness::{Age, SiteTime};
use super::parts::past::{LookBack, Past};
use super::theme::ThemeChoice;
use super::{header, links, title};
use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::hooks::use_location;
use leptos_router::{ParamSegment, StaticSegment};

/// Where the reader is.
#[derive(Debug, Clone, Copy)]
pub struct Here {
    pub address: Memo<Address>,
    pub place: Memo<Place>,
}

impl Here {
    fn of_the_router() -> Self {
        let location = use_location();
        let address = Memo::new(move |_| {
            location.search.with(|search| location.pathname.with(|path| Address::of(&format!("{path}?{search}"))))
        });
        Self { address, place: Memo::new(move |_| address.with(Place::of)) }
    }
}

/// Everything inside the body: what the server renders and the browser hydrates.
pub fn app() -> impl IntoView {
    view! {
        <Router>
            <Frame />
        </Router>
    }
}

/// What stands around every page.
#[component]
fn Frame() -> impl IntoView {
    let about = About::of_this_document();
    let here = Here::of_the_router();
    let (address, place) = (here.address.get_untracked(), here.place.get_untracked());
    let feed = Feed::new(Tense::of(&address), place.renewal());
    // Before the header, which tells how old the page's figures are.
    let first = First::of_this_document(&place, feed);
    let ordered = Ordered::of(here);
    provide_context(here);
    provide_context(feed);
    provide_context(first);
    provide_context(ordered);
    provide_context(Refused::of_this_document());
    provide_context(pages::trend::CostForm::of_this_document());
    provide_context(links::follow(here, first));
    title::follow(here);
    view! {
        <a class="skip" href="#main">
            "Skip to the page"
        </a>
        {top(about.floor, here, ordered)}
        <p class="boot-note" role="status">
            <span class="when-failed">
                "Live updates could not start, so what you see here stands still. Reload the page to try again."
            </span>
            <span class="when-unsupported">
                "This browser is too old for live updates. The page fetches itself anew every 30 seconds."
            </span>
        </p>
        <main id="main" tabindex="-1" data-page=move || here.place.with(Place::word)>
            <FlatRoutes fallback=pages::not_found::page>
                <Route path=StaticSegment("live") view=pages::live::page />
                <Route path=StaticSegment("daily") view=pages::daily::page />
                <Route path=StaticSegment("trend") view=pages::trend::page />
                <Route path=(StaticSegment("trend"), StaticSegment("costs")) view=pages::trend::page />
                <Route path=StaticSegment("monitor") view=pages::monitor::page />
                <Route path=(StaticSegment("monitor"), ParamSegment("campaign")) view=pages::campaign::page />
            </FlatRoutes>
        </main>
    }
}

/// The header, whatever page is shown.
fn top(floor: FloorKind, here: Here, ordered: Ordered) -> AnyView {
    let link = move |page: &'static pages::Page| {
        let href = move || match page.id {
            // The role is kept on the way back to the live view.
            pages::PageId::Live => ordered.home(),
            pages::PageId::Daily
            | pages::PageId::Trend
            | pages::PageId::Monitor
            | pages::PageId::Troubleshooting
            | pages::PageId::Docs
            | pages::PageId::Licences => page.path.to_owned(),
        };
        let current = move || here.address.with(|address| header::current(page, &address.path));
        header::Link { page, href: Box::new(href), current: Box::new(current) }
    };
    let choices = view! {
        <SiteTime />
        <Age />
        <RefreshChoice />
        {move || tools(here, ordered)}
        <ThemeChoice />
    };
    header::header(floor, link, choices.into_any())
}

/// What the page at that place adds to the header.
fn tools(here: Here, ordered: Ordered) -> AnyView {
    match here.place.get() {
        Place::Page(pages::Page { id: pages::PageId::Live, .. }) => {
            let is_present = here.address.with(|address| Past::of(address).is_none());
            view! { {is_present.then(|| view! { <LookBack /> })} <RoleChoice ordered /> }.into_any()
        }
        Place::Page(_) | Place::Campaign(_) | Place::Day(_) | Place::Days(_) | Place::Nothing => ().into_any(),
    }
}
