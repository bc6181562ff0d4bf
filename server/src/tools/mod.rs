//! What keeps a store sound: proof that its sums are those of its calls (`verify`), and sums made anew (`rebuild`), of calls
//! that stand in one row each (`unite`); and, beside a server that runs, one small proof after another (`self_audit`).
//!
//! Both go through the calls once, in the order of filing (`walk`), and add up what each contributes (`recount`) by the
//! same law as the writer did, with what each was judged with. A bucket is done with a day after the last call that can
//! reach it, so what is in memory is some days of sums, however many calls there are.

mod country;
mod first_uses;
mod others;
pub mod rebuild;
mod recount;
pub mod self_audit;
mod unite;
pub mod verify;
mod walk;

pub use walk::Counted;
