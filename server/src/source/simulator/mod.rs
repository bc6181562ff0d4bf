//! A call floor that does not exist: campaigns, lists, routes, numbers, agents, answering machines and pacing, from a
//! seed. It speaks only the events of the contract, so that whatever it shows is shown of a real floor too.
//!
//! [`World`] is pure: time is an argument, the same seed tells the same calls. The same plan and the same chance make
//! its past ([`past`]). [`drive`] runs it by the clock into the server's own ingest (`ringside demo`), [`client`]
//! into another server's API (`ringside simulate`). [`ScenarioBoard`] switches on what can go wrong while it runs,
//! [`DialSwitches`] pause a campaign's dialer.

mod calendar;
pub mod client;
mod dialer;
mod dice;
pub mod drive;
mod fate;
mod lines;
mod machines;
mod numbers;
pub mod past;
pub mod plan;
mod scenario;
mod squash;
mod staff;
mod switches;
mod world;

#[cfg(test)]
mod recount;
#[cfg(test)]
mod tests;

pub use plan::FloorPlan;
pub use scenario::{Listed, Scenario, ScenarioBoard, Switch};
pub use switches::{DialSwitches, Turned};
pub use world::{SOURCE, World};
