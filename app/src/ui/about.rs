//! What a page says about the server it came from: its build and whether the floor is real.
//!
//! The server provides an [`About`] by context; it crosses into the browser inside the page, so that the first paint and
//! the hydrated page agree.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Whether the figures are those of people at work or made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FloorKind {
    /// Calls come from real sources.
    Real,
    /// The simulator makes the calls: every page says DEMO.
    Demo,
}

/// What every page knows of its server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The server's version, as its `--version` prints it.
    pub version: String,
    pub floor: FloorKind,
}

impl About {
    /// The facts of this page: from the server's context while it renders, from the page itself in the browser.
    /// A page rendered without one (a test) is a real floor of this crate's version.
    pub fn of_this_page() -> Self {
        SharedValue::new(|| {
            use_context::<About>()
                .unwrap_or_else(|| About { version: env!("CARGO_PKG_VERSION").to_owned(), floor: FloorKind::Real })
        })
        .into_inner()
    }
}
