//! `ringside backup` and `ringside restore`.

use super::{WHO, audited, block_on, configured};
use crate::aside;
use crate::audit::entry::Changed;
use crate::clock::Clock;
use crate::config::cli::{BackupArgs, RestoreArgs};
use crate::control::noted::NotedLog;
use crate::say;
use crate::store::any;
use crate::store::sqlite::{Copied, InTheWay};
use anyhow::Context;
use std::process::ExitCode;

/// # Errors
/// If the copy can't be made, or is not sound.
pub fn backup(args: BackupArgs) -> anyhow::Result<ExitCode> {
    let config = configured(args.store)?;
    let copied = block_on(async {
        let copied = any::backup(&config.database, &args.file).await.context("no backup")?;
        let file = args.file.file_name().unwrap_or_default().to_string_lossy();
        audited(&config, Changed::Export, format!("a copy of {} calls, {file}", copied.calls)).await;
        Ok(copied)
    })?;
    let Copied { bytes, calls } = copied;
    say!("{}: {calls} calls, {bytes} bytes, checked.", args.file.display());
    Ok(ExitCode::SUCCESS)
}

/// # Errors
/// If the backup is not sound, or what is there is in use or in the way.
pub fn restore(args: RestoreArgs) -> anyhow::Result<ExitCode> {
    let config = configured(args.store)?;
    let in_the_way = if args.overwrite { InTheWay::MayGo } else { InTheWay::Stays };
    let restored = async {
        let copied = any::restore(&args.file, &config.database, in_the_way).await.context("not restored")?;
        let log = NotedLog::open(any::audit_log(&config.database), config.audit_head.as_deref())?;
        if let Err(error) = log.restored(Clock::system().now(), WHO).await {
            aside!("Warning: the audit log that came with it: {error}");
        }
        Ok(copied)
    };
    let Copied { bytes, calls } = block_on(restored)?;
    say!("Restored {calls} calls, {bytes} bytes, checked.");
    Ok(ExitCode::SUCCESS)
}
