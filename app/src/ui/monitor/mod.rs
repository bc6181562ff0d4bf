//! The monitor's pages in parts: a file each. A part has two halves, as panels have: a pure function from the frame to
//! texts, and what stands in the page. It decides nothing: bands and counts come from the server.

pub mod ask;
pub mod became;
pub mod calls;
pub mod card;
mod cells;
pub mod explained;
pub mod figures;
#[cfg(feature = "hydrate")]
mod meanwhile;
pub mod progress;
pub mod queues;
pub mod sentence;
pub mod store;
pub mod switch;
pub mod totals;
