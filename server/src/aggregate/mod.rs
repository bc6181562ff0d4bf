//! ③ From calls to sums: the law (`contribute`), and what a commit changed (`change`).
//!
//! Nothing here reads a clock or does IO.

pub mod change;
