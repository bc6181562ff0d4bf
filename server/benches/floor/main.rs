//! `make bench`: how fast, each as a ratio against a limit measured in the same run where there is one.
//!
//! Runs the release binary as its own process, as people run it, and speaks to it over HTTP. Absolute figures are this
//! machine's; ratios travel. `BENCH_ONLY=ingest,viewers` picks some of the parts named below.

#![allow(clippy::print_stdout)] // what a bench is for

mod alone;
mod browser;
mod client;
mod cores;
mod database;
mod ingest;
mod limit;
mod load;
mod process;
mod question;
mod send;
mod size;
mod timescale;
mod trend;
mod viewers;

use std::process::ExitCode;

type Part = fn() -> Result<(), String>;

/// What `make bench` runs, in this order.
const PARTS: [(&str, Part); 8] = [
    ("ingest", ingest::run),
    ("timescale", timescale::run),
    ("floor", alone::demo),
    ("design", alone::design),
    ("viewers", viewers::run),
    ("size", size::run),
    ("pixel", browser::pixel),
    ("monitor", browser::monitor),
];
/// What runs only where it is asked for by name: filling a store with five million calls takes long.
const MORE: [(&str, Part); 2] = [("trend", trend::timescale), ("trend-sqlite", trend::sqlite)];

fn main() -> ExitCode {
    let only = std::env::var("BENCH_ONLY").unwrap_or_default();
    let wanted: Vec<&str> = only.split(',').filter(|name| !name.is_empty()).collect();
    let known = || PARTS.iter().chain(&MORE);
    if let Some(stray) = wanted.iter().find(|name| known().all(|(part, _)| part != *name)) {
        let names: Vec<&str> = known().map(|(name, _)| *name).collect();
        println!("BENCH_ONLY: `{stray}` is none; there are {}", names.join(", "));
        return ExitCode::FAILURE;
    }
    let parts = known().filter(|(name, _)| wanted.contains(name));
    let parts: Vec<_> = if wanted.is_empty() { PARTS.iter().collect() } else { parts.collect() };
    let mut code = ExitCode::SUCCESS;
    for (name, run) in parts {
        if let Err(error) = run() {
            println!("{name}: not measured: {error}");
            code = ExitCode::FAILURE;
        }
    }
    code
}
