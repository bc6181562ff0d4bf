//! ③ From calls to facts: the law (`contribute`), whose sums they are (`keys`), what a commit changed (`change`).
//!
//! Dated facts of one call, one agent, one component as judged; nothing here adds up over calls, reads a clock or does IO.

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
