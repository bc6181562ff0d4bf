//! When and where: sources, ingest, the store, the live board, HTTP.
//!
//! Read it from top to bottom: it is the path of one call.
#![recursion_limit = "512"]

pub mod aggregate;
pub mod config;
pub mod http;
pub mod ingest;
pub mod source;
pub mod store;
pub mod telemetry;
