//! ③ From calls to sums: the law (`contribute`), what a commit changed (`change`), the last hour in memory (`windows`)
//! and the frames made of it (`board`).
//!
//! Nothing here reads a clock or does IO.

pub mod agents;
pub mod board;
pub mod called;
pub mod calls;
pub mod change;
pub mod components;
pub mod contribute;
pub mod grain;
pub mod keys;
pub mod span;
pub mod windows;
