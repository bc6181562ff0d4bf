//! What several panels and pages are made of.

pub mod chart;
#[cfg(feature = "hydrate")]
mod screen;
