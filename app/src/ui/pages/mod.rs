//! One file per page, and the list of the pages there are.
//!
//! The server makes its routes and the header its menu from these lists; `app.rs` shows the page of the address. What is a
//! document of its own (`ui/still`) stays as the server rendered it.

pub(super) mod campaign;
#[cfg(feature = "ssr")]
pub mod daily;
#[cfg(feature = "ssr")]
pub mod docs;
#[cfg(feature = "ssr")]
pub mod licences;
pub(super) mod live;
pub(super) mod monitor;
pub(super) mod not_found;
#[cfg(feature = "ssr")]
pub mod trend;
#[cfg(feature = "ssr")]
pub mod troubleshooting;

use super::address::{self, Address};

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

/// How a page comes to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A page of the app (`ui/app.rs`).
    OfApp,
    /// A document that only the server renders (`ui/still`).
    Document,
}

/// A page with a name and an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    pub id: PageId,
    pub path: &'static str,
    pub title: &'static str,
    pub kind: Kind,
}

/// What can be wrong and what to do: reached from the monitor, in no menu.
pub const TROUBLESHOOTING: Page =
    Page { id: PageId::Troubleshooting, path: "/troubleshooting", title: "Troubleshooting", kind: Kind::Document };

/// The contract in words: reached from the help and the first run, in no menu.
pub const DOCS: Page = Page { id: PageId::Docs, path: "/docs", title: "Documentation", kind: Kind::Document };

/// Terms and source: reached from the help.
pub const LICENCES: Page =
    Page { id: PageId::Licences, path: "/licences", title: "Licences and source", kind: Kind::Document };

/// Pages that no menu lists.
const APART: [&Page; 3] = [&TROUBLESHOOTING, &DOCS, &LICENCES];

/// Where the site's root leads.
pub const HOME: &str = "/live";

/// Every page with an address of its own, in the order of the menu.
pub const IN_MENU: [Page; 4] = [
    Page { id: PageId::Live, path: HOME, title: "Live", kind: Kind::OfApp },
    Page { id: PageId::Daily, path: "/daily", title: "Daily", kind: Kind::Document },
    Page { id: PageId::Trend, path: "/trend", title: "Trend", kind: Kind::Document },
    Page { id: PageId::Monitor, path: MONITOR, title: "Monitor", kind: Kind::OfApp },
];

/// All campaigns; below it, each of them.
pub const MONITOR: &str = "/monitor";

/// The addresses of the app's pages, as the server's router takes them.
pub fn paths() -> impl Iterator<Item = &'static str> {
    IN_MENU.iter().filter(|page| page.kind == Kind::OfApp).map(|page| page.path).chain([CAMPAIGN])
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

    /// Whether the app shows it. What is at no page's address is the server's to answer.
    #[must_use]
    pub fn is_of_app(&self) -> bool {
        match self {
            Self::Page(page) => page.kind == Kind::OfApp,
            Self::Campaign(_) => true,
            Self::Nothing => false,
        }
    }

    /// A word for it, as the style reads it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Page(page) => match page.id {
                PageId::Live => "live",
                PageId::Daily => "daily",
                PageId::Trend => "trend",
                PageId::Monitor => "monitor",
                PageId::Troubleshooting => "troubleshooting",
                PageId::Docs => "docs",
                PageId::Licences => "licences",
            },
            Self::Campaign(_) => "campaign",
            Self::Nothing => "nothing",
        }
    }

    /// Where its frame is asked for; `None` where it has none.
    #[must_use]
    pub fn view_address(&self) -> Option<String> {
        match self {
            Self::Page(page) => match page.id {
                PageId::Live | PageId::Monitor => Some(format!("/api/v1/views{}", page.path)),
                PageId::Daily | PageId::Trend | PageId::Troubleshooting | PageId::Docs | PageId::Licences => None,
            },
            Self::Campaign(id) => Some(format!("/api/v1/views{}", address::of_campaign(id))),
            Self::Nothing => None,
        }
    }
}
