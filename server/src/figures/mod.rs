//! The read path: every figure of the past, and what the present is compared with. Questions in, typed answers out; it
//! knows nothing of HTTP.
//!
//! Reads the store's sums, and asks the live state for what is of now. `history` keeps the frames of the daily and the
//! trend view, which `daily` and `trend` make; `replay` is the live view of a past moment; `baselines` is what figures
//! are compared with; `cost` divides months' amounts.

pub mod baselines;
pub mod cost;
pub mod daily;
pub mod history;
mod leading;
mod marks;
pub mod names;
/// The same board on a past moment.
pub mod replay;
pub mod trend;
