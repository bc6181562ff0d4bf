//! All tests of the server from outside, in one program: it is linked once, and its tests run side by side.

// A test asks for the variant that it expects, and tells a story as long as it is.
#![allow(clippy::wildcard_enum_match_arm, clippy::too_many_lines)]

mod audit;
mod canaries;
mod canary;
mod clock;
mod control;
mod costs;
mod dialer;
mod dids;
mod docs;
mod doors;
mod dump;
mod filed;
mod floor;
mod frames;
mod full_disk;
mod history;
mod http;
mod import;
mod ingest;
mod kill9;
mod manual;
mod monitor;
mod names;
mod places;
mod process;
mod recount;
mod replay;
mod rooms;
mod scenarios;
mod self_audit;
mod servers;
mod shapes;
mod shuffle;
mod sources;
mod spread;
mod store_file;
mod tables;
mod tools;
mod vicidial;
