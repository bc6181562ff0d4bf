//! When and where: sources, ingest, the store, the live board, HTTP.
//!
//! Read it from top to bottom: it is the path of one call.
#![recursion_limit = "512"]
// A test asks for the variant that it expects, and tells a story as long as it is.
#![cfg_attr(test, allow(clippy::wildcard_enum_match_arm, clippy::too_many_lines))]

pub mod source;

pub mod ingest;

pub mod law;

pub mod board;

/// What somebody changed, and the chain that it is kept as.
pub mod audit;

pub mod store;

pub mod live;

pub mod figures;

pub mod http;

pub mod import;

pub mod tools;

pub mod command;

/// Who asks, and how much one client may have.
pub mod access;

pub mod client;
pub mod clock;
pub mod config;
pub mod control;
pub mod kit;
pub mod measures;
pub mod say;
pub mod telemetry;
pub mod version;
pub mod vital;

#[cfg(test)]
mod fuzz;
