//! `ringside backup` and `ringside restore`.

use super::{block_on, configured};
use crate::config::cli::{BackupArgs, RestoreArgs};
use crate::say;
use crate::store::any;
use crate::store::sqlite::{Copied, InTheWay};
use anyhow::Context;
use std::process::ExitCode;

/// # Errors
/// If the copy can't be made, or is not sound.
pub fn backup(args: BackupArgs) -> anyhow::Result<ExitCode> {
    let config = configured(args.store)?;
    let copied = block_on(async { any::backup(&config.database, &args.file).await.context("no backup") })?;
    let Copied { bytes, calls } = copied;
    say!("{}: {calls} calls, {bytes} bytes, checked.", args.file.display());
    Ok(ExitCode::SUCCESS)
}

/// # Errors
/// If the backup is not sound, or what is there is in use or in the way.
pub fn restore(args: RestoreArgs) -> anyhow::Result<ExitCode> {
    let config = configured(args.store)?;
    let in_the_way = if args.overwrite { InTheWay::MayGo } else { InTheWay::Stays };
    let restored = async { any::restore(&args.file, &config.database, in_the_way).await.context("not restored") };
    let Copied { bytes, calls } = block_on(restored)?;
    say!("Restored {calls} calls, {bytes} bytes, checked.");
    Ok(ExitCode::SUCCESS)
}
