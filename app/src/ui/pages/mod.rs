//! One file per page, and the list of the pages there are.
//!
//! The server makes its routes and the header its menu from these lists; the router's table is in `shell.rs`.

mod live;
mod not_found;

pub use live::LivePage;
pub use not_found::NotFoundPage;

/// A page with a name and an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    pub path: &'static str,
    pub title: &'static str,
}

/// Where the site's root leads.
pub const HOME: &str = "/live";

/// Every page with an address of its own, in the order of the menu.
pub const IN_MENU: [Page; 1] = [Page { path: "/live", title: "Live" }];
