//! `ringside erase`.

use super::{block_on, configured};
use crate::config::cli::EraseArgs;
use crate::store::any;
use crate::store::erase::Erased;
use anyhow::Context;
use app::domain::Number;
use std::process::ExitCode;

/// # Errors
/// If the store is in use, or can't be read or written.
#[allow(clippy::print_stdout)] // what was asked for
pub fn run(args: EraseArgs) -> anyhow::Result<ExitCode> {
    let number = Number::new(&args.number).context("--number")?;
    let config = configured(args.store)?;
    let Erased { calls, telling_ids } =
        block_on(async { any::erase(&config.database, &number).await.context("not all erased") })?;
    println!(
        "Erased the number from {calls} calls, with their recordings' addresses and metadata. Sums are as they were."
    );
    if telling_ids > 0 {
        println!(
            "Warning: the ids of {telling_ids} of these calls hold the number: ids stay as their source gave them."
        );
    }
    Ok(ExitCode::SUCCESS)
}
