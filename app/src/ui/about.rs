//! What a page says about the server it came from: its build and whether the floor is real.
//!
//! The server provides an [`About`] by context; it crosses into the browser inside the page, so that the first paint and
//! the hydrated page agree.

use leptos::prelude::*;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// Whether the figures are those of people at work or made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FloorKind {
    /// Calls come from real sources.
    Real,
    /// The simulator makes the calls: every page says DEMO.
    Demo,
}

/// What every page knows of its server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The server's version, as its `--version` prints it.
    pub version: String,
    pub floor: FloorKind,
}

impl About {
    /// The facts of this document: from the server's context while it renders, from the document itself in the browser.
    /// A document rendered without one (a test) is of a real floor and of this crate's version.
    pub fn of_this_document() -> Self {
        SharedValue::new_str(|| {
            use_context::<About>()
                .unwrap_or_else(|| About { version: env!("CARGO_PKG_VERSION").to_owned(), floor: FloorKind::Real })
        })
        .into_inner()
    }
}

/// How it crosses into the browser: `demo 1.2.3`.
impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let floor = match self.floor {
            FloorKind::Real => "real",
            FloorKind::Demo => DEMO,
        };
        f.write_str(floor)?;
        f.write_str(" ")?;
        f.write_str(&self.version)
    }
}

const DEMO: &str = "demo";

impl FromStr for About {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let (floor, version) = text.split_once(' ').unwrap_or(("", text));
        let floor = if floor == DEMO { FloorKind::Demo } else { FloorKind::Real };
        Ok(Self { version: version.to_owned(), floor })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_says_arrives_in_the_browser() {
        for floor in [FloorKind::Demo, FloorKind::Real] {
            let about = About { version: "1.2.3 rc 4".to_owned(), floor };
            assert_eq!(about.to_string().parse(), Ok(about));
        }
    }
}
