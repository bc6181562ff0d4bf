//! When and where: sources, ingest, the store, the live board, HTTP.
//!
//! Read it from top to bottom: it is the path of one call.
#![recursion_limit = "512"]

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
