//! `ringside erase`.

use super::{audited, block_on, configured};
use crate::audit::entry::Changed;
use crate::config::cli::EraseArgs;
use crate::say;
use crate::store::any;
use crate::store::erase::Erased;
use anyhow::Context;
use app::domain::Number;
use std::process::ExitCode;

/// # Errors
/// If the store is in use, or can't be read or written.
pub fn run(args: EraseArgs) -> anyhow::Result<ExitCode> {
    let number = Number::read(&args.number).context("--number")?;
    let config = configured(args.store)?;
    let Erased { calls, renamed, rows, audited } = block_on(async {
        let erased = any::erase(&config.database, &number).await.context("not all erased")?;
        // Whose number it was must not stand there.
        let why = format!("a number, from {} calls and {} other rows", erased.calls, erased.rows);
        audited(&config, Changed::Erasure, why).await;
        Ok(erased)
    })?;
    say!(
        "Erased the number from {calls} calls, with their recordings' addresses and metadata, and from {rows} other rows. \
         Sums are as they were."
    );
    if renamed > 0 {
        say!(
            "{renamed} of these calls bore the number in their id, and have another one now: sent again they are new."
        );
    }
    if audited > 0 {
        say!(
            "Warning: {audited} entries of the audit log hold the number. Nobody changes that log, and it stays there."
        );
    }
    Ok(ExitCode::SUCCESS)
}
