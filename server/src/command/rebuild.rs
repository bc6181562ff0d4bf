//! `ringside rebuild`.

use super::progress::Progress;
use super::verify::shown;
use super::{block_on, configured};
use crate::clock::Clock;
use crate::config::cli::StoreArgs;
use crate::say;
use crate::tools::rebuild::{Rebuilt, open, rebuild};
use anyhow::Context;
use std::process::ExitCode;

/// # Errors
/// If the store is in use, or can't be read or written; its sums are then as they were.
pub fn run(args: StoreArgs) -> anyhow::Result<ExitCode> {
    let config = configured(args)?;
    let mut progress = Progress::new();
    let Rebuilt { counted, united, placed, numbers, blocks, from, zones: (old, new) } = block_on(async {
        let mut store = open(&config.database).await.context("cannot open the store")?;
        let mut show = shown(&mut progress, "counted");
        Ok(rebuild(&mut store, config.told_zone, Clock::system().now(), &mut show).await?)
    })?;
    progress.end();
    say!("Made {blocks} blocks of sums anew from {} calls and {} agents.", counted.calls, counted.agents);
    if united > 0 {
        say!("{united} calls stood in several rows; each has one now.");
    }
    if placed > 0 {
        say!("{placed} calls are noted of their number's country now.");
    }
    if numbers > 0 {
        say!(
            "{numbers} numbers were not the floor's own, or not since when they were noted; they are as the calls say now."
        );
    }
    if let Some(from) = from {
        say!("Sums from before {} were carried over: their calls are no longer kept.", from.to_rfc3339());
    }
    if old != new {
        say!("The site's zone is now {new}; it was {old}.");
        if from.is_some() {
            say!("Days carried over keep the borders they had; each goes by the day of {new} that holds its middle.");
        }
    }
    Ok(ExitCode::SUCCESS)
}
