//! One file per page, and the list of the pages there are.
//!
//! The server makes its routes and the header its menu from these lists; `shell.rs` shows the page of the address. Each
//! page names the program that wakes it in the browser, or none: then it stays as the server rendered it.

mod campaign;
#[cfg(feature = "ssr")]
pub mod daily;
#[cfg(feature = "ssr")]
pub mod docs;
#[cfg(feature = "ssr")]
pub mod licences;
mod live;
mod monitor;
mod not_found;
#[cfg(feature = "ssr")]
pub mod trend;
#[cfg(feature = "ssr")]
pub mod troubleshooting;

use super::address::{self, Address};
use super::feed::Feed;
use leptos::prelude::AnyView;

/// The pages there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageId {
    Live,
    Daily,
    Trend,
    Monitor,
    Troubleshooting,
    Docs,
    Licences,
}

/// What a browser runs to wake a page. Each is a WASM of its own, made of what its pages need (`frontend/`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    Live,
    Monitor,
}

impl Program {
    /// The stem of its files' names.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Monitor => "monitor",
        }
    }
}

/// A page with a name and an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    pub id: PageId,
    pub path: &'static str,
    pub title: &'static str,
    pub program: Option<Program>,
}

/// What can be wrong and what to do: reached from the monitor, in no menu.
pub const TROUBLESHOOTING: Page =
    Page { id: PageId::Troubleshooting, path: "/troubleshooting", title: "Troubleshooting", program: None };

/// The contract in words: reached from the help and the first run, in no menu.
pub const DOCS: Page = Page { id: PageId::Docs, path: "/docs", title: "Documentation", program: None };

/// Terms and source: reached from the help.
pub const LICENCES: Page =
    Page { id: PageId::Licences, path: "/licences", title: "Licences and source", program: None };

/// Pages that no menu lists.
const APART: [&Page; 3] = [&TROUBLESHOOTING, &DOCS, &LICENCES];

/// Where the site's root leads.
pub const HOME: &str = "/live";

/// Every page with an address of its own, in the order of the menu.
pub const IN_MENU: [Page; 4] = [
    Page { id: PageId::Live, path: HOME, title: "Live", program: Some(Program::Live) },
    Page { id: PageId::Daily, path: "/daily", title: "Daily", program: None },
    Page { id: PageId::Trend, path: "/trend", title: "Trend", program: None },
    Page { id: PageId::Monitor, path: MONITOR, title: "Monitor", program: Some(Program::Monitor) },
];

/// All campaigns; below it, each of them.
pub const MONITOR: &str = "/monitor";

/// The addresses of all pages that browsers wake, as a router takes them. The others are whole documents of their own
/// (`ui/still`).
pub fn paths() -> impl Iterator<Item = &'static str> {
    IN_MENU.iter().filter(|page| page.program.is_some()).map(|page| page.path).chain([CAMPAIGN])
}

/// A campaign's page, as a router takes it.
const CAMPAIGN: &str = "/monitor/{campaign}";

/// What an address leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Page(&'static Page),
    /// The campaign of that id.
    Campaign(String),
    Nothing,
}

impl Place {
    #[must_use]
    pub fn of(address: &Address) -> Self {
        let campaign = || address.path.strip_prefix(MONITOR)?.strip_prefix('/').and_then(address::decoded);
        match IN_MENU.iter().chain(APART).find(|page| page.path == address.path) {
            Some(page) => Self::Page(page),
            None => campaign().map_or(Self::Nothing, Self::Campaign),
        }
    }

    /// What a browser's tab calls it, as far as the address tells.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        match self {
            Self::Page(page) => page.title,
            Self::Campaign(_) => "No such campaign",
            Self::Nothing => "No such page",
        }
    }

    #[must_use]
    pub fn program(&self) -> Option<Program> {
        match self {
            Self::Page(page) => page.program,
            Self::Campaign(_) => Some(Program::Monitor),
            Self::Nothing => Some(Program::Live),
        }
    }
}

/// A page between the header and its end.
#[derive(Debug)]
pub struct PageView {
    /// Its own controls in the header.
    pub tools: AnyView,
    pub main: AnyView,
}

/// Makes the page of an address. A program has one that knows its own pages only, so that it holds no others.
pub type Show = fn(&Place, &Address, Feed) -> PageView;

/// Every page: for the server.
pub fn all(place: &Place, address: &Address, feed: Feed) -> PageView {
    match place {
        Place::Page(page) => match page.id {
            PageId::Live => live::page(address, feed),
            PageId::Monitor => monitor::page(feed),
            // `shell` has shown them, whole.
            PageId::Daily | PageId::Trend | PageId::Troubleshooting | PageId::Docs | PageId::Licences => {
                not_found::page()
            }
        },
        Place::Campaign(id) => campaign::page(id, feed),
        Place::Nothing => not_found::page(),
    }
}

/// The pages of [`Program::Live`].
pub fn for_live(place: &Place, address: &Address, feed: Feed) -> PageView {
    match place {
        Place::Page(_) => live::page(address, feed),
        Place::Campaign(_) | Place::Nothing => not_found::page(),
    }
}

/// The pages of [`Program::Monitor`].
pub fn for_monitor(place: &Place, _address: &Address, feed: Feed) -> PageView {
    match place {
        Place::Campaign(id) => campaign::page(id, feed),
        Place::Page(_) | Place::Nothing => monitor::page(feed),
    }
}
