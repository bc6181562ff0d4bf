//! `make bench`: how fast, each as a ratio against a limit measured in the same run where there is one.
//!
//! Runs the release binary as its own process, as people run it, and speaks to it over HTTP. Absolute figures are this
//! machine's; ratios travel. `BENCH_ONLY=ingest,viewers,size,pixel` picks some.

#![allow(clippy::print_stdout)] // what a bench is for

mod client;
mod ingest;
mod limit;
mod process;
mod size;
mod viewers;

use std::process::ExitCode;

type Part = fn() -> Result<(), String>;

fn main() -> ExitCode {
    let only = std::env::var("BENCH_ONLY").unwrap_or_default();
    let wanted = |name: &str| only.is_empty() || only.split(',').any(|o| o == name);
    let parts: [(&str, Part); 4] =
        [("ingest", ingest::run), ("viewers", viewers::run), ("size", size::run), ("pixel", process::pixel)];
    let mut code = ExitCode::SUCCESS;
    for (name, run) in parts.into_iter().filter(|(name, _)| wanted(name)) {
        if let Err(error) = run() {
            println!("{name}: not measured: {error}");
            code = ExitCode::FAILURE;
        }
    }
    code
}
