//! The commands that work on a store and end: one file each. What they say of progress goes to standard error, what was
//! asked for to standard output. And `demo`: what that adds to a server.

pub mod backup;
pub mod demo;
pub mod erase;
pub mod import;
pub mod rebuild;
pub mod verify;

mod progress;

use crate::aside;
use crate::audit::entry::{Changed, Draft};
use crate::clock::Clock;
use crate::config::Config;
use crate::control::noted::NotedLog;
use crate::store::any;
use crate::store::audit_log::AuditLog;
use crate::telemetry;
use smol_str::SmolStr;
use std::future::Future;
use std::process::ExitCode;

/// A command's end for the shell, its error printed.
#[must_use]
pub fn ended(done: anyhow::Result<ExitCode>) -> ExitCode {
    done.unwrap_or_else(|error| {
        aside!("ringside: {error:#}");
        ExitCode::FAILURE
    })
}

/// Runs a command on a runtime of its own; of the log only warnings are shown.
fn block_on<T>(done: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    telemetry::start_log("warn", telemetry::LogFormat::Text)?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(done)
}

/// Who changes something by a command.
const WHO: &str = "command line";

/// Writes into the audit log that something was changed; where that can't be, says so: it is done by then.
async fn audited(config: &Config, what: Changed, why: String) {
    let written = async {
        let log = NotedLog::open(any::audit_log(&config.database), config.audit_head.as_deref())?;
        log.append(&[Draft::changed(Clock::system().now(), what, WHO.into(), SmolStr::default(), why.into())]).await
    };
    if let Err(error) = written.await {
        aside!("Warning: this is not in the audit log: {error}");
    }
}

/// The configuration that a command works with.
fn configured(settings: impl Into<crate::config::cli::Settings>) -> anyhow::Result<Config> {
    Ok(Config::load(settings.into())?)
}
