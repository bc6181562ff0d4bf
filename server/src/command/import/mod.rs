//! `ringside import`: what was asked for, each file in turn, and what is said of it.

mod kept;
mod kinds;
mod report;
mod summary;
mod target;

use super::{block_on, configured};
use crate::config::Config;
use crate::config::cli::ImportArgs;
use crate::import::Failure;
use crate::import::lines::{Rows, Source};
use crate::import::mapping::Mapping;
use crate::import::run::{Input, Job, run as run_job};
use crate::import::tally::Tally;
use crate::say;
use crate::source::file::Origin;
use crate::source::file::times::Times;
use anyhow::Context;
use app::domain::{RealmId, SourceId};
use chrono_tz::Tz;
use kinds::Asked;
use report::Report;
use std::process::ExitCode;
use summary::Read;
use target::Target;
use tokio_util::sync::CancellationToken;

/// Ended, and too much of what was asked for was not taken.
const NOT_TAKEN: u8 = 3;

/// # Errors
/// If a file is of no known kind, can't be read, or its events can't be taken. What was taken stays.
pub fn run(mut args: ImportArgs) -> anyhow::Result<ExitCode> {
    let mapping = kept::apply(&mut args)?;
    let config = configured(args.settings())?;
    block_on(import(args, config, mapping))
}

async fn import(args: ImportArgs, config: Config, mapping: Mapping) -> anyhow::Result<ExitCode> {
    // Everything that can be wrong with what was asked is found before the first event goes out.
    let asked = Asked { args: &args, config: &config, mapping: &mapping, origin: args.origin()? };
    let mut inputs = Vec::new();
    for path in &args.files {
        let named = || path.display().to_string();
        let size = std::fs::metadata(path).with_context(named)?.len();
        inputs.push((Input::File(asked.file(path).with_context(named)?), size));
    }
    if let (Some(from), Some(table)) = (&args.from, &args.table) {
        let (table, rows) = asked.table(from, table).await?;
        inputs.push((Input::Table(table), rows));
    }
    let times = Times::new(args.file_zone()?, args.fold).dated(args.dates);
    let mut report = Report::new(args.rejects.as_deref(), args.explain.as_deref())?;
    let target = Target::open(&args, &config).await?;
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_interrupt(stop.clone()));
    let mut all = Tally::default();
    let mut ended = Ok(());
    for (input, size) in inputs {
        let (beside, times) = (target.reader.clone().zip(asked.origin.clone()), times.clone());
        let job = Job { input, times, explain: report.explain(), target: target.feed(), beside };
        report.begin(named(&job.input), size);
        ended = one(job, &stop, &mut report, &mut all).await;
        if ended.is_err() || stop.is_cancelled() {
            break;
        }
    }
    // Where the import failed, that is to be said, not what came of it.
    let closed = target.close().await;
    ended?;
    closed?;
    report.end()?;
    Ok(if summary::too_little(&all) { ExitCode::from(NOT_TAKEN) } else { ExitCode::SUCCESS })
}

/// Reads one file, or table, and says what became of it.
async fn one(job: Job, stop: &CancellationToken, report: &mut Report, all: &mut Tally) -> anyhow::Result<()> {
    let (name, read) = (named(&job.input), read(&job.input));
    let ended = run_job(job, stop, report).await;
    report.pause();
    let (done, told) = ended.map_err(|failure| match failure {
        Failure::Lost(why) => anyhow::anyhow!("{name}: {why}. What was taken went with it; begin anew"),
        Failure::Other(why) => anyhow::anyhow!("{name}: {why}. What was taken stays; the same command goes on"),
    })?;
    summary::of_file(&name, &done, &told, read);
    all.add(&done.tally);
    if stop.is_cancelled() {
        say!("Stopped after line {}. The same command goes on: what is there already changes nothing.", done.line);
        if let Some(mark) = &done.mark {
            say!("Sooner with --since '{mark}'.");
        }
    }
    Ok(())
}

fn named(input: &Input) -> String {
    match input {
        Input::File(source) => source.path.display().to_string(),
        Input::Table(source) => source.name.clone(),
    }
}

fn read(input: &Input) -> Read {
    let translate = match input {
        Input::File(Source { rows: Rows::Events, .. }) => return Read::default(),
        Input::File(Source { rows: Rows::Csv { translate, .. }, .. }) => translate,
        Input::Table(source) => &source.translate,
    };
    Read { caveat: translate.caveat(), unread: translate.unread() }
}

async fn stop_on_interrupt(stop: CancellationToken) {
    if tokio::signal::ctrl_c().await.is_ok() {
        stop.cancel();
    }
}

impl ImportArgs {
    fn origin(&self) -> anyhow::Result<Option<Origin>> {
        let Some(source) = &self.source else { return Ok(None) };
        let id = SourceId::new(source).with_context(|| format!("--source `{source}`"))?;
        Ok(Some(Origin { realm: RealmId::trusted(id.to_smol()), source: id }))
    }

    fn file_zone(&self) -> anyhow::Result<Option<Tz>> {
        let zone = |name: &String| {
            name.parse().map_err(|_| anyhow::anyhow!("--file-zone: `{name}` is not a zone of the IANA list"))
        };
        self.file_zone.as_ref().map(zone).transpose()
    }
}
