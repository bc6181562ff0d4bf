//! The command line, and the assembly: store and writer, live state, sources, listener; and their end, in that order
//! turned round.
#![recursion_limit = "512"]

use anyhow::Context;
use app::domain::Span;
use app::ui::pages::docs::ConfigKeys;
use app::ui::{About, FloorKind};
use axum::Router;
use clap::Parser;
use server::access::Access;
use server::aside;
use server::clock::Clock;
use server::command;
use server::config::cli::{Cli, Command, DemoArgs, SimulateArgs};
use server::config::{self, Config};
use server::control;
use server::control::adapter::{Adapter, Dialers};
use server::control::noted::NotedLog;
use server::figures::baselines::keep_fresh;
use server::figures::history::History;
use server::http;
use server::http::panel::panel_router;
use server::http::replay::seats::Replays;
use server::http::serve as listener;
use server::http::site::Site;
use server::ingest::{self, Opened};
use server::kit::lane::{self, Lanes};
use server::live;
use server::measures;
use server::say;
use server::source::Needs;
use server::source::feed::{Feeds, WayIn};
use server::source::simulator::DialSwitches;
use server::source::simulator::client::{Simulation, simulate};
use server::source::simulator::drive::demo_opening;
use server::source::webhook::Hooks;
use server::store::any::audit_log;
use server::telemetry::{self, Metrics};
use server::tools::self_audit::{AuditCounters, SelfAudit};
use server::vital::Vital;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const VERSION: &str = env!("CARGO_PKG_VERSION");
/// After the last answer, what had queued up is committed within this; with `serve::GRACE` that makes ten seconds.
const COMMIT_WITHIN: Duration = Duration::from_millis(1_500);

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Serve(settings) => Config::load(settings).map_err(Into::into).and_then(|c| run(c, FloorKind::Real, 0)),
        Command::Demo(DemoArgs { calls_days, settings }) => {
            Config::load_demo(settings).map_err(Into::into).and_then(|c| run(c, FloorKind::Demo, calls_days))
        }
        Command::Simulate(args) => send(args),
        Command::Import(args) => return command::ended(command::import::run(*args)),
        Command::Backup(args) => return command::ended(command::backup::backup(args)),
        Command::Restore(args) => return command::ended(command::backup::restore(args)),
        Command::Erase(args) => return command::ended(command::erase::run(args)),
        Command::Verify(args) => return command::ended(command::verify::run(args)),
        Command::Rebuild(args) => return command::ended(command::rebuild::run(args)),
        Command::Check(settings) => Config::load(settings).map_err(Into::into).and_then(|config| check(&config)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            aside!("ringside: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn check(config: &Config) -> anyhow::Result<()> {
    dialers(config, FloorKind::Real, &DialSwitches::default())?;
    say!("{}", config::in_force::as_toml(config)?.trim_end());
    Ok(())
}

#[tokio::main]
async fn send(args: SimulateArgs) -> anyhow::Result<()> {
    telemetry::start_log("warn", telemetry::LogFormat::Text)?;
    let stop = listener::stop_on_signal();
    let (key, lead) = (config::cli::ingest_key()?, Span::minutes(args.lead));
    let simulation = Simulation { to: args.to, key, seed: args.seed, factor: args.times, lead };
    Ok(simulate(simulation, stop).await?)
}

/// `calls_days`: of a demo's past, the days whose calls are made too.
fn run(config: Config, floor: FloorKind, calls_days: i64) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let lanes = lane::Started::new()?;
    let done = runtime.block_on(serve(config, floor, calls_days, lanes.lanes.clone()));
    // Whatever still works on a thread of its own by now is not waited for: it had its time, and what it leaves undone is
    // done at the next start.
    runtime.shutdown_background();
    lanes.end();
    done
}

/// The assembly: from the store up to the listener, until told to stop; and their end, in that order turned round.
async fn serve(config: Config, floor: FloorKind, calls_days: i64, lanes: Lanes) -> anyhow::Result<()> {
    telemetry::start_log(&config.log, config.log_format)?;
    config.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
    listener::raise_file_limit();
    let listeners = listener::bind(&config.listen).await?;
    let (stop, clock, metrics) = (listener::stop_on_signal(), Clock::system(), Metrics::default());
    // The writer outlives the listener: what was taken in is answered.
    let stop_writing = CancellationToken::new();

    let opened = ingest::open(config.store(), clock.clone(), stop_writing.clone()).await;
    let Opened { ingest, reader, changes, initial, writer, status: writer_status, counters, veil } =
        opened.context("cannot open the store")?;
    tracing::info!("the store is {}, at {}", reader.kind(), config.database);

    let switches = DialSwitches::default();
    let dialers = dialers(&config, floor, &switches)?;
    let (told, controls) = control::channel();
    let board = config.board(veil, dialers.hears());
    let heard = live::Hears { changes, controls, rejections: ingest.rejections().clone() };
    let (live, ticking) = live::start(board.clone(), clock.clone(), &initial, heard, stop_writing.clone());
    drop(initial);
    live.end_streams_on(stop.clone());
    measures::watch(&metrics, counters, &live, clock.clone());
    lanes.answers.spawn(keep_fresh(reader.clone(), config.zone, live.clone(), clock.clone(), stop.clone()));

    let audited = Arc::<AuditCounters>::default();
    measures::watch_audit(&metrics, audited.clone());
    SelfAudit::new(config.database.clone(), clock.clone(), audited.clone()).start(live.clone(), stop.clone());
    let (log, head) = (audit_log(&config.database), config.audit_head.as_deref());
    let audit = NotedLog::start(log, head, &config.in_force(), &clock, stop.clone()).await;
    let audit = audit.context("cannot open the audit log")?;
    measures::watch_audit_log(&metrics, audit.clone());

    let parts = control::Parts { dialers, audit: audit.clone(), live: live.clone(), clock: clock.clone(), told };
    let control = control::start(parts, &metrics, stop_writing.clone()).await;
    let (control, controlling) = control.context("cannot read the audit log")?;
    let history = History::new(reader.clone(), config.zone, live.clone(), clock.clone()).with_marks(audit.clone());
    lanes.answers.spawn(history.clone().keep_fresh(stop.clone()));

    let (feeds, hooks) = (Feeds::default(), Hooks::default());
    measures::watch_sources(&metrics, feeds.clone());
    let way_in = WayIn { feeds: feeds.clone(), ingest: ingest.clone(), clock: clock.clone(), stop: stop.clone() };
    let feed = way_in.open(http::sources::OURS, None);
    let (mut sources, mut more) = (Vec::new(), Router::new());
    match floor {
        FloorKind::Real => ingest.first().look_for_calls(&reader).await.context("cannot read the store")?,
        FloorKind::Demo => {
            ingest.first().not_the_first_run();
            let opening = demo_opening(config.zone, calls_days);
            let (demo, routes) = command::demo::start(way_in.clone(), opening, switches, &reader, &audit).await?;
            sources.push(demo);
            more = more.merge(routes);
        }
    }
    let needs = Needs { way_in, hooks: hooks.clone(), store: reader.clone(), zone: config.zone };
    sources.extend(config.sources.start(&needs)?);
    more = more.merge(panel_router(live.clone(), history.clone(), floor, &metrics));

    let (doors, keys) = (config.doors.clone(), Arc::new(config.keys.clone()));
    let access = Access::new(doors, keys, lanes.clone(), clock.clone(), &metrics);
    let replays = Replays::default();
    measures::watch_replays(&metrics, replays.clone());
    let (about, keys_told) = (About { version: VERSION.to_owned(), floor }, ConfigKeys(config::reference::KEYS));
    let (keep_calls, lane, stopping) = (config.keep_calls(), lanes.answers.clone(), stop.clone());
    #[rustfmt::skip] // in a screen
    let site = Site {
        about, keys_told, ingest, feed, feeds, hooks, live, reader, writer_status, audited, access: access.clone(),
        metrics: metrics.clone(), clock, control, history, board, keep_calls, replays, lane, stopping,
    };
    let routes = site.routes(more);
    listener::announce(&listeners)?;

    let serving = listener::serve(listeners, routes, access, metrics, stop.clone());
    let vital = Vital::default().with("the asking of dialers", controlling).with("the writer", writer);
    let mut vital = vital.with("the board", ticking);
    let served = vital.beside(serving, &stop).await;
    stop_writing.cancel();
    vital.end_within(COMMIT_WITHIN, sources).await;
    tracing::info!("stopped");
    Ok(served?)
}

/// The dialers that are configured; a demo's own where none is.
fn dialers(config: &Config, floor: FloorKind, switches: &DialSwitches) -> anyhow::Result<Dialers> {
    let fallback = match floor {
        FloorKind::Real => None,
        FloorKind::Demo => Some(Adapter::Simulator(switches.clone())),
    };
    Dialers::new(&config.control, fallback).map_err(anyhow::Error::msg)
}
