//! One file per page, and the list of the pages there are.
//!
//! The server makes its routes and the header its menu from these lists; `shell.rs` shows the one of the address.

mod live;
mod not_found;

pub use live::LivePage;
pub use not_found::NotFoundPage;

/// The pages there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageId {
    Live,
}

/// A page with a name and an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    pub id: PageId,
    pub path: &'static str,
    pub title: &'static str,
}

/// Where the site's root leads.
pub const HOME: &str = "/live";

/// Every page with an address of its own, in the order of the menu.
pub const IN_MENU: [Page; 1] = [Page { id: PageId::Live, path: "/live", title: "Live" }];

/// What a browser's tab calls the page at that address.
#[must_use]
pub fn title_at(path: &str) -> &'static str {
    IN_MENU.iter().find(|page| page.path == path).map_or("No such page", |page| page.title)
}
