//! ③ From calls to facts: the law (`contribute`), whose sums they are (`keys`), what a commit changed (`change`).
//!
//! Dated facts of one call, one agent, one component as judged, and the sums that they change. Pure: nothing here reads a
//! clock, does IO, or knows of a board.

/// The edition of this law. Raise it whenever what a call, an agent or a component adds to the sums changes: a store notes the
/// edition that its sums were made by, and one of an earlier edition is said to be so until they are made anew.
pub const EDITION: u32 = 2;

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
