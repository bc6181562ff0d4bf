//! The pages: what a browser shows at first paint and after it has woken up.
//!
//! Owns the app and the document around it, the theme and what the browser remembers. It does not own figures: those come as
//! frames, at first paint from a context the server provides, then from the event stream. The same view code runs on
//! both sides and must give the same markup, so nothing here reads a clock, a locale or chance.

pub mod about;
pub mod address;
pub mod app;
pub mod cells;
#[cfg(feature = "ssr")]
mod demo;
pub mod feed;
#[cfg(feature = "ssr")]
pub mod first_run;
#[cfg(feature = "ssr")]
pub mod foot;
mod header;
#[cfg(feature = "ssr")]
mod help;
#[cfg(feature = "hydrate")]
mod http;
pub mod kept;
mod links;
pub mod monitor;
pub mod pace;
pub mod pages;
pub mod panels;
pub mod parts;
mod reach;
pub mod remember;
mod renew;
mod report;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "ssr")]
pub mod still;
pub mod store;
pub mod stream;
pub mod theme;
mod title;

pub use about::{About, FloorKind};
pub use app::app;
pub use kept::{FirstPaint, Refused};
#[cfg(feature = "ssr")]
pub use shell::{AssetNames, ProgramNames, shell};
