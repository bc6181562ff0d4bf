//! What crosses the network: frames, and what changed between two of them.
//!
//! The board makes frames, the stream sends a snapshot and then deltas, the browser applies them; `/views/…` answers the
//! same frame. Rows carry exact counts and the band that was decided on them: browsers print, they never compute a KPI.

pub mod daily;
pub mod delta;
pub mod drawn;
pub mod frame;
pub mod live;
pub mod monitor;
pub mod monitor_campaign;
#[cfg(test)]
mod monitor_tests;
pub mod panel;
pub mod place;
pub mod problems;
pub mod table;
mod tree;
pub mod trend;
pub mod wire;

pub use delta::Diff;
pub use drawn::{DailyPanel, TrendPanel};
pub use frame::Frame;
pub use panel::{PanelId, PanelOrder};
pub use place::Place;
pub use table::{Keyed, Table, TablePatch};
