//! What panels and pages are made of: charts, shapes, figures, times of day, the panel's frame, the explanation.

pub mod announce;
pub mod chart;
pub mod clock;
#[cfg(feature = "ssr")]
pub mod code;
pub mod controls;
pub mod course;
pub mod crosshair;
pub mod dates;
pub mod digits;
pub mod each;
pub mod explain;
pub mod explained;
pub mod figure;
pub(super) mod framed;
pub mod freshness;
pub(super) mod listed;
pub mod panel;
pub mod past;
pub mod rows;
#[cfg(feature = "hydrate")]
mod screen;
pub mod sentence;
pub mod strip;
pub mod told;
