//! Asterisk, by its manager interface (AMI).
//!
//! Bytes → `codec` → messages → `follow` (which keeps `channels`, `call`s, `agents`, `trunks`) → events → ingest;
//! `session` keeps the connection. Follows originated and dialled calls, queues and their agents, contacts and
//! registrations. Does not control the PBX, and reads no CDRs: what they say, the events said before and better.
//! Verified against Asterisk 22 (`end2end/asterisk`).

mod agents;
mod call;
mod channels;
pub mod codec;
pub mod config;
pub mod counters;
mod ending;
#[cfg(test)]
mod fixtures;
pub mod follow;
#[cfg(test)]
mod follow_tests;
mod names;
pub mod session;
mod trunks;

pub use config::AsteriskConfig;
pub use counters::Counters;
pub use session::run;
