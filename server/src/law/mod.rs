//! ③ From calls to facts: the law (`contribute`), whose sums they are (`keys`), what a commit changed (`change`).
//!
//! Dated facts of one call, one agent, one component as judged, and the sums that they change. Pure: nothing here reads a
//! clock, does IO, or knows of a board.

pub mod agents;
pub mod blocks;
pub mod calls;
pub mod change;
pub mod components;
pub mod contribute;
pub mod grain;
pub mod keys;
pub mod samples;
pub mod span;
pub(crate) mod sums;
