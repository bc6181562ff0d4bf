//! `ringside import`.

use super::progress::{Progress, bar, left, rate};
use super::{block_on, configured};
use crate::client::Client;
use crate::clock::Clock;
use crate::config::Config;
use crate::config::cli::{ImportArgs, ingest_key};
use crate::import::columns::Columns;
use crate::import::defaults::Defaults;
use crate::import::lines::{Header, Reject, Rows};
use crate::import::run::{Done, Job, Listen, run as run_job};
use crate::import::times::Times;
use crate::import::{Format, Origin, Remote, Translate, first_row};
use crate::ingest::{Opened, StoreConfig, open};
use crate::source::asterisk::cdr::{Names, Records};
use crate::source::asterisk::cel::Log;
use crate::source::asterisk::config::RouteConfig;
use crate::source::freeswitch::cdr_csv::Legs;
use crate::store::any::{self, Store};
use anyhow::{Context, bail};
use app::domain::{RealmId, RouteId, SourceId, Span};
use chrono_tz::Tz;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::process::ExitCode;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Rejected rows named on the terminal; all of them go to the file of `--rejects`.
const NAMED: u64 = 20;

/// # Errors
/// If a file is of no known kind, can't be read, or its events can't be taken. What was taken stays.
pub fn run(args: ImportArgs) -> anyhow::Result<ExitCode> {
    let config = configured(args.settings())?;
    block_on(import(args, config))
}

#[allow(clippy::print_stdout)] // what was asked for
async fn import(args: ImportArgs, config: Config) -> anyhow::Result<ExitCode> {
    // Everything that can be wrong with what was asked is found before the first event goes out.
    let origin = args.origin()?;
    let mut files = Vec::new();
    for path in &args.files {
        let (rows, caveat) = rows(path, &args, &config, origin.as_ref()).with_context(|| path.display().to_string())?;
        files.push((path.clone(), rows, caveat));
    }
    let mut report = Report::new(&args)?;
    let target = Target::open(&args, &config).await?;
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_interrupt(stop.clone()));
    let (mut taken, mut rejected) = (0, 0);
    let mut ended = Ok(());
    for (path, rows, caveat) in files {
        let times = Times::new(args.file_zone()?, args.fold);
        report.begin(&path)?;
        let beside = target.reader.clone().zip(origin.clone());
        let job = Job { path: path.clone(), rows, times, target: target.remote.clone(), beside };
        match run_job(job, &stop, &mut report).await {
            Ok((done, times)) => {
                report.progress.end();
                summary(&path, &done, &times, caveat);
                (taken, rejected) = (taken + done.accepted + done.duplicate, rejected + done.rejected);
                if stop.is_cancelled() {
                    println!(
                        "Stopped after line {}. The same command goes on: what is there already changes nothing.",
                        done.line
                    );
                    break;
                }
            }
            Err(why) => {
                report.progress.end();
                ended =
                    Err(anyhow::anyhow!("{}: {why}. What was taken stays; the same command goes on", path.display()));
                break;
            }
        }
    }
    target.close().await?;
    report.rejects.end()?;
    ended?;
    Ok(if taken == 0 && rejected > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn stop_on_interrupt(stop: CancellationToken) {
    if tokio::signal::ctrl_c().await.is_ok() {
        stop.cancel();
    }
}

#[allow(clippy::print_stdout)] // what was asked for
fn summary(path: &Path, done: &Done, times: &Times, caveat: Option<&'static str>) {
    println!(
        "{}: {} rows: {} events new, {} known already, {} rejected, {} of no call of ours.",
        path.display(),
        done.rows,
        done.accepted,
        done.duplicate,
        done.rejected,
        done.others
    );
    if times.ambiguous > 0 {
        println!(
            "{} times fell into an hour that the clock showed twice ({}{}): read as what their record tells, else as --fold says.",
            times.ambiguous,
            times.named.join(", "),
            if times.ambiguous > times.named.len() as u64 { ", …" } else { "" }
        );
    }
    if let Some(caveat) = caveat.filter(|_| done.rows > 0) {
        println!("{caveat}");
    }
    for (realm, hours) in &done.covered {
        let (first, last) = (hours.first().copied().unwrap_or_default(), hours.last().copied().unwrap_or_default());
        println!(
            "Warning: `{realm}` tells of calls, too, in {} of the file's hours, from {} to {}. If they are the same calls, \
             they now count twice.",
            hours.len(),
            first.to_rfc3339(),
            (last + Span::hours(1)).to_rfc3339()
        );
    }
}

/// How a file's rows become events.
fn rows(
    path: &Path,
    args: &ImportArgs,
    config: &Config,
    origin: Option<&Origin>,
) -> anyhow::Result<(Rows, Option<&'static str>)> {
    let first = first_row(path)?;
    let format = args.format.or_else(|| Format::recognise(&first)).context(
        "of no kind that can be recognised; name it with --format (a CSV of one's own needs a header, and --map)",
    )?;
    let Some(origin) = origin.cloned() else {
        return match format {
            Format::Ndjson => Ok((Rows::Events, None)),
            Format::Csv | Format::AsteriskCdr | Format::AsteriskCel | Format::FreeswitchCsv => {
                bail!("whose calls are they? Name them with --source")
            }
        };
    };
    let defaults = Defaults::read(&args.set).map_err(anyhow::Error::msg).context("--set")?;
    let inbound = args.inbound_context.iter().map(Into::into).collect();
    let (translate, header): (Box<dyn Translate>, Header) = match format {
        Format::Ndjson => bail!("events name their own source: leave --source away"),
        Format::Csv => {
            let columns = Columns::new(origin, config.country, defaults, &first, &args.map);
            (Box::new(columns.map_err(anyhow::Error::msg)?), Header::First)
        }
        Format::AsteriskCdr => (Box::new(Records { origin, names: names(args, config)?, defaults }), Header::None),
        Format::AsteriskCel => {
            let log = Log::new(origin, names(args, config)?, defaults, args.columns.as_deref());
            (Box::new(log.map_err(anyhow::Error::msg)?), Header::None)
        }
        Format::FreeswitchCsv => {
            let legs = Legs::new(origin, config.country, defaults, args.template.as_deref(), inbound);
            (Box::new(legs.map_err(anyhow::Error::msg)?), Header::None)
        }
    };
    let caveat = translate.caveat();
    Ok((Rows::Csv { translate, header }, caveat))
}

/// What the names of an Asterisk mean: as the followed PBX is configured, and as told.
fn names(args: &ImportArgs, config: &Config) -> anyhow::Result<Names> {
    let mut names = Names::of(config.asterisk.as_ref(), config.country);
    for text in &args.carrier {
        let (endpoint, route) =
            text.split_once('=').with_context(|| format!("--carrier `{text}`: must be ENDPOINT=ROUTE"))?;
        let route = RouteId::new(route).with_context(|| format!("--carrier `{text}`"))?;
        names.routes.insert(endpoint.into(), RouteConfig { route, capacity: None, prefix: None });
    }
    if names.routes.is_empty() {
        bail!(
            "which endpoints are carriers? Name them with --carrier ENDPOINT=ROUTE, or by --config with [source.asterisk]"
        );
    }
    names.inbound = args.inbound_context.iter().map(Into::into).collect();
    Ok(names)
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

/// Where events go: a store that is held meanwhile, or a server.
struct Target {
    remote: Remote,
    reader: Option<Store>,
    writer: Option<(JoinHandle<()>, CancellationToken)>,
}

impl Target {
    async fn open(args: &ImportArgs, config: &Config) -> anyhow::Result<Self> {
        if let Some(to) = &args.to {
            let client = Client::new(to, ingest_key()?)?;
            return Ok(Self { remote: Remote::There(client), reader: None, writer: None });
        }
        let stored = any::stored_zone(&config.database).await.context("cannot open the store")?;
        let zone = config.told_zone.or(stored).unwrap_or(Tz::UTC);
        let keep_calls = Span::days(i64::from(config.calls_days));
        let store = StoreConfig { database: config.database.clone(), zone, keep_calls };
        let stop = CancellationToken::new();
        let opened = open(store, Clock::system(), stop.clone()).await;
        let Opened { ingest, reader, mut changes, writer, .. } =
            opened.context("cannot open the store (a server that runs on it takes imports by --to URL)")?;
        // Nobody looks on.
        tokio::spawn(async move { while changes.recv().await.is_some() {} });
        Ok(Self { remote: Remote::Here(ingest), reader: Some(reader), writer: Some((writer, stop)) })
    }

    /// Lets everything be judged and folded, and the store go.
    async fn close(self) -> anyhow::Result<()> {
        if let Remote::Here(ingest) = &self.remote {
            ingest.settle().await?;
        }
        if let Some((writer, stop)) = self.writer {
            stop.cancel();
            writer.await?;
        }
        Ok(())
    }
}

/// What is said while files are read.
struct Report {
    progress: Progress,
    /// Bytes of the file, and of those that came before it.
    size: u64,
    file: String,
    rejects: Rejects,
}

impl Report {
    fn new(args: &ImportArgs) -> anyhow::Result<Self> {
        let rejects = Rejects::to(args.rejects.as_deref())?;
        Ok(Self { progress: Progress::new(), size: 0, file: String::new(), rejects })
    }

    fn begin(&mut self, path: &Path) -> anyhow::Result<()> {
        self.size = std::fs::metadata(path).with_context(|| path.display().to_string())?.len();
        self.file = path.display().to_string();
        self.progress = Progress::new();
        Ok(())
    }
}

impl Listen for Report {
    fn progress(&mut self, done: &Done) {
        let size = self.size.max(1);
        self.progress.show(|progress| {
            let (elapsed, part) = (progress.elapsed(), done.bytes.saturating_mul(1_000) / size);
            let (rate, left) = (rate(elapsed, done.rows), left(elapsed, done.bytes, size));
            format!("{}  {} rows, {rate} a second, {left} left, {} rejected", bar(part), done.rows, done.rejected)
        });
    }

    fn reject(&mut self, reject: &Reject) {
        self.progress.end();
        self.rejects.add(&self.file, reject);
    }
}

/// The rows that were not taken: all of them to a file where one is named, the first to the terminal.
struct Rejects {
    file: Option<csv::Writer<BufWriter<File>>>,
    failed: Option<csv::Error>,
    count: u64,
}

impl Rejects {
    fn to(path: Option<&Path>) -> anyhow::Result<Self> {
        let open = |path: &Path| File::create(path).with_context(|| format!("--rejects {}", path.display()));
        let file = path.map(open).transpose()?.map(|file| csv::Writer::from_writer(BufWriter::new(file)));
        let mut rejects = Self { file, failed: None, count: 0 };
        rejects.write(["file", "line", "field", "reason"]);
        Ok(rejects)
    }

    fn write(&mut self, row: [&str; 4]) {
        if let Some(Err(error)) = self.file.as_mut().map(|file| file.write_record(row)) {
            self.failed = Some(error);
        }
    }

    fn add(&mut self, file: &str, Reject { line, wrong }: &Reject) {
        self.count += 1;
        self.write([file, &line.to_string(), &wrong.field, &wrong.why]);
        if self.count <= NAMED {
            let field = if wrong.field.is_empty() { String::new() } else { format!("{}: ", wrong.field) };
            eprintln!("{file}:{line}: {field}{}", wrong.why);
        }
    }

    fn end(mut self) -> anyhow::Result<()> {
        if self.count > NAMED {
            let where_to =
                if self.file.is_some() { "all are in the file of --rejects" } else { "--rejects FILE lists all" };
            eprintln!("… and {} more rejected rows; {where_to}", self.count - NAMED);
        }
        if let Some(error) = self.failed {
            return Err(error).context("--rejects");
        }
        match self.file.take() {
            Some(mut file) => file.flush().context("--rejects"),
            None => Ok(()),
        }
    }
}
