//! `ringside erase`.

use super::{audited, block_on, configured};
use crate::audit::entry::Changed;
use crate::config::cli::EraseArgs;
use crate::say;
use crate::store::any;
use crate::store::erase::Erased;
use anyhow::Context;
use app::domain::Number;
use app::kpi::format;
use std::process::ExitCode;

/// # Errors
/// If the store is in use, or can't be read or written.
pub fn run(args: EraseArgs) -> anyhow::Result<ExitCode> {
    let number = Number::read(&args.number).context("--number")?;
    let config = configured(args.store)?;
    let Erased { calls, renamed, rows, audited } = block_on(async {
        let erased = any::erase(&config.database, &number).await.context("not all erased")?;
        // Whose number it was must not stand there.
        let why = format!("a number, from {}", places(erased.calls, erased.rows));
        audited(&config, Changed::Erasure, why).await;
        Ok(erased)
    })?;
    say!(
        "Erased the number from {}, with the calls' recordings' addresses and metadata. Sums are as they were.",
        places(calls, rows)
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

/// "1 call and 2 other rows".
fn places(calls: u64, rows: u64) -> String {
    let many = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    format!("{} and {}", format::calls(many(calls)), format::counted(many(rows), "other row", "other rows"))
}
