//! The command line, and the assembly: store and writer, live state, sources, listener; and their end, in that order
//! turned round.
#![recursion_limit = "512"]

use anyhow::Context;
use app::domain::{Moment, Span};
use app::ui::pages::docs::ConfigKeys;
use app::ui::{About, FloorKind};
use axum::Router;
use axum::middleware::from_fn;
use clap::Parser;
use leptos::context::provide_context;
use server::access::{Access, Transport};
use server::aside;
use server::board::Hears;
use server::clock::Clock;
use server::command;
use server::config::cli::{Cli, Command, DemoArgs, SimulateArgs};
use server::config::{self, Config};
use server::control;
use server::control::adapter::{Adapter, Dialers};
use server::control::chain::AuditError;
use server::control::noted::NotedLog;
use server::figures::Figures;
use server::figures::baselines;
use server::figures::history::History;
use server::http::pages::Pages;
use server::http::panel::panel_router;
use server::http::replay::parked::Parked;
use server::http::replay::seats::Replays;
use server::http::replay::{ReplayApi, replay_router};
use server::http::scenarios::demo_router;
use server::http::{self, Api, serve};
use server::ingest::{self, FirstEvents, Ingest, Opened, StoreConfig};
use server::kit::lane::{self, Lanes};
use server::live::{self, LiveHandle};
use server::measures;
use server::say;
use server::source::Needs;
use server::source::feed::{Feeds, WayIn};
use server::source::simulator::DialSwitches;
use server::source::simulator::client::{Simulation, simulate};
use server::source::simulator::drive::{Hands, Opening, Past, demo, demo_opening};
use server::store;
use server::store::any::Store;
use server::store::audit_log::AuditLog;
use server::store::read::{CallQuery, Reader};
use server::telemetry::{self, Metrics};
use server::tools::self_audit::{AuditCounters, SelfAudit};
use server::vital::Vital;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

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
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone()));
    let (key, lead) = (config::cli::ingest_key()?, Span::minutes(args.lead));
    let simulation = Simulation { to: args.to, key, seed: args.seed, factor: args.times, lead };
    Ok(simulate(simulation, stop).await?)
}

/// `calls_days`: of a demo's past, the days whose calls are made too.
fn run(config: Config, floor: FloorKind, calls_days: i64) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let lanes = lane::Started::new()?;
    let done = runtime.block_on(until_stopped(config, floor, calls_days, lanes.lanes.clone()));
    // Whatever still works on a thread of its own by now is not waited for: it had its time, and what it leaves undone is
    // done at the next start.
    runtime.shutdown_background();
    lanes.end();
    done
}

async fn until_stopped(config: Config, floor: FloorKind, calls_days: i64, lanes: Lanes) -> anyhow::Result<()> {
    telemetry::start_log(&config.log, config.log_format)?;
    config.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
    serve::raise_file_limit();
    let listeners = bind(&config).await?;
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone()));

    let clock = Clock::system();
    let metrics = Metrics::default();
    // The writer outlives the listener: what was taken in is answered.
    let stop_writing = CancellationToken::new();
    let keep_calls = Span::days(i64::from(config.calls_days));
    let store = StoreConfig { database: config.database.clone(), zone: config.zone, keep_calls };
    let Opened { ingest, reader, changes, initial, writer, standing, counters, veil } =
        ingest::open(store, clock.clone(), stop_writing.clone()).await.context("cannot open the store")?;
    tracing::info!("the store is {}, at {}", reader.kind(), config.database);
    let dial_switches = DialSwitches::default();
    let dialers = dialers(&config, floor, &dial_switches)?;
    let (told, controls) = control::channel();
    let heard = live::Hears { changes, controls, rejections: ingest.rejections().clone() };
    let hears = {
        let dialers = dialers.clone();
        Hears::by(move |campaign| dialers.of(campaign).is_some())
    };
    let on_board = config.board(veil, hears);
    let (live, board) = live::start(on_board.clone(), clock.clone(), &initial, heard, stop_writing.clone());
    drop(initial);
    tokio::spawn(end_streams(live.clone(), stop.clone()));
    measures::watch(&metrics, counters, &live, clock.clone());
    let compares = baselines::keep_fresh(reader.clone(), config.zone, live.clone(), clock.clone(), stop.clone());
    lanes.answers.spawn(compares);

    let recounted = Arc::<AuditCounters>::default();
    measures::watch_audit(&metrics, Arc::clone(&recounted));
    SelfAudit::new(config.database.clone(), clock.clone(), Arc::clone(&recounted)).start(live.clone(), stop.clone());

    let audit = audited(&config, &clock, &metrics, &stop).await.context("cannot open the audit log")?;
    let parts = control::Parts { dialers, audit: audit.clone(), live: live.clone(), clock: clock.clone(), told };
    let (control, controlling) =
        control::start(parts, &metrics, stop_writing.clone()).await.context("cannot read the audit log")?;
    let history = History::new(reader.clone(), config.zone, live.clone(), clock.clone()).with_marks(audit.clone());
    lanes.answers.spawn(history.clone().keep_fresh(stop.clone()));

    let feeds = Feeds::default();
    measures::watch_sources(&metrics, feeds.clone());
    let way_in = WayIn { feeds: feeds.clone(), ingest: ingest.clone(), clock: clock.clone(), stop: stop.clone() };
    let feed = way_in.open(http::sources::OURS, None);
    let sources = Sources { way_in, calls_days };
    let (sources, mut more) = sources.start(&config, floor, dial_switches, &reader, &audit).await?;
    more = more.merge(panel_router(live.clone(), history.clone(), floor, &metrics));
    let access =
        Access::new(config.doors.clone(), Arc::new(config.keys.clone()), lanes.clone(), clock.clone(), &metrics);
    let replays = Replays::default();
    measures::watch_replays(&metrics, replays.clone());
    let replays = ReplayApi {
        store: reader.clone(),
        board: on_board,
        clock: clock.clone(),
        keep_calls,
        replays,
        parked: Parked::default(),
        clients: access.clients.clone(),
        lane: lanes.answers.clone(),
        stopping: stop.clone(),
    };
    more = more.merge(replay_router(replays.clone()));
    let first = first_events(&ingest, &reader, floor).await?;
    let figures = Figures::new(reader.clone(), live.clone(), config.zone);
    let api = Api {
        ingest,
        feed,
        feeds,
        live: live.clone(),
        store_kind: reader.kind().into(),
        standing,
        audited: recounted,
        reader,
        keys: access.keys.clone(),
        access: access.clone(),
        metrics: metrics.clone(),
        clock: clock.clone(),
        control,
        figures,
        history,
        bodies: Arc::new(Semaphore::new(http::events::MAX_BODIES)),
        stopping: stop.clone(),
    };
    let asked = access.keys.clone();
    let pages = pages(floor, &live, replays).with_context(move || http::first_run::provide(&first, &asked));
    let mut routes = http::router(api, pages, more);
    match access.transport {
        Transport::TlsAlone => routes = routes.layer(from_fn(http::headers::by_tls_alone)),
        Transport::AsItComes => {}
    }
    announce(&listeners)?;
    let mut vital =
        Vital::default().with("the asking of dialers", controlling).with("the writer", writer).with("the board", board);
    let serving = serve::serve(listeners, routes, access, metrics, stop.clone());
    tokio::pin!(serving);
    let gone = tokio::select! {
        () = &mut serving => None,
        gone = vital.first_to_end() => Some(gone),
    };
    if let Some(gone) = gone {
        tracing::error!("{gone} ended by itself; the server can't go on without it");
        stop.cancel();
        serving.await;
    }

    stop_writing.cancel();
    let ending = async {
        for task in sources {
            if let Err(error) = task.await {
                tracing::error!(%error, "a source failed");
            }
        }
        vital.end().await;
    };
    if tokio::time::timeout(COMMIT_WITHIN, ending).await.is_err() {
        tracing::warn!("not everything ended in time; what was acknowledged is durable");
    }
    tracing::info!("stopped");
    gone.map_or(Ok(()), |gone| Err(anyhow::anyhow!("{gone} ended by itself; what was acknowledged is durable")))
}

/// The audit log, recounted, and with what is in force now.
async fn audited(
    config: &Config,
    clock: &Clock,
    metrics: &Metrics,
    stop: &CancellationToken,
) -> anyhow::Result<Arc<NotedLog>> {
    let log = NotedLog::open(store::any::audit_log(&config.database), config.audit_head.as_deref())?;
    measures::watch_audit_log(metrics, log.clone());
    // That it is broken is said, and goes on being said: who watches the floor still does.
    if let Err(AuditError::Store(error)) = log.recount().await {
        return Err(error.into());
    }
    for (what, now) in config.in_force() {
        log.in_force(clock.now(), what, &now).await?;
    }
    tokio::spawn(log.clone().watch(stop.clone()));
    Ok(log)
}

/// Streams would go on for ever, and the listener waits for its answers.
async fn end_streams(live: LiveHandle, stop: CancellationToken) {
    stop.cancelled().await;
    // Without the live state there are none any more.
    let _ = live.end_streams().await;
}

async fn bind(config: &Config) -> anyhow::Result<Vec<TcpListener>> {
    let mut listeners = Vec::new();
    for address in &config.listen {
        listeners.push(TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?);
    }
    Ok(listeners)
}

/// Says where to look, whatever the log is set to.
fn announce(listeners: &[TcpListener]) -> anyhow::Result<()> {
    for listener in listeners {
        say!("Ringside is at http://{}", listener.local_addr()?);
    }
    Ok(())
}

/// Pages whose first paint shows the frame of the last tick.
fn pages(floor: FloorKind, live: &LiveHandle, replays: ReplayApi<Store>) -> Pages {
    let live = live.clone();
    Pages::new(About { version: env!("CARGO_PKG_VERSION").to_owned(), floor })
        .with_context(|| provide_context(ConfigKeys(config::reference::KEYS)))
        .with_frames(move |wanted| http::first_paint::find(live.clone(), replays.clone(), wanted))
}

/// What a newcomer is shown until his first event: nothing where the store knows calls, or the floor is made up.
async fn first_events(ingest: &Ingest, reader: &impl Reader, floor: FloorKind) -> anyhow::Result<FirstEvents> {
    let first = ingest.first().clone();
    let any = CallQuery { limit: 1, ..CallQuery::default() };
    let knows_calls = !reader.calls(&any).await.context("cannot read the store")?.is_empty();
    match floor {
        FloorKind::Real if !knows_calls => {}
        FloorKind::Real | FloorKind::Demo => first.not_the_first_run(),
    }
    Ok(first)
}

/// What every source is started with.
struct Sources {
    way_in: WayIn,
    /// Of a demo's past.
    calls_days: i64,
}

impl Sources {
    /// Starts what is configured, and gives the routes that come with it.
    async fn start(
        self,
        config: &Config,
        floor: FloorKind,
        dialers: DialSwitches,
        store: &Store,
        audit: &NotedLog,
    ) -> anyhow::Result<(Vec<JoinHandle<()>>, Router)> {
        let mut tasks = Vec::new();
        let mut routes = Router::new();
        match floor {
            FloorKind::Real => {}
            FloorKind::Demo => {
                let hands = Hands { dialers, ..Hands::default() };
                routes = demo_router(hands.scenarios.clone(), hands.telling.clone());
                let clock = &self.way_in.clock;
                let opening = opening(store, demo_opening(config.zone, self.calls_days), clock.now()).await?;
                let marks = opening.marks(clock.now());
                if !marks.is_empty() {
                    audit.append(&marks).await.context("cannot write the past into the audit log")?;
                }
                tasks.push(tokio::spawn(demo(self.way_in.clone(), opening, hands)));
            }
        }
        let needs = Needs { way_in: self.way_in, store: store.clone(), zone: config.zone };
        tasks.extend(config.sources.start(&needs)?);
        Ok((tasks, routes))
    }
}

/// The dialers that are configured; a demo's own where none is.
fn dialers(config: &Config, floor: FloorKind, switches: &DialSwitches) -> anyhow::Result<Dialers> {
    let fallback = match floor {
        FloorKind::Real => None,
        FloorKind::Demo => Some(Adapter::Simulator(switches.clone())),
    };
    Dialers::new(&config.control, fallback).map_err(anyhow::Error::msg)
}

/// A demo on a store that knows its floor already goes on where it stopped, and makes no second past.
async fn opening(reader: &impl Reader, demo: Opening, now: Moment) -> anyhow::Result<Opening> {
    let newest = CallQuery { limit: 1_000, ..CallQuery::default() };
    let known = reader.calls(&newest).await.context("cannot read the store")?;
    let Some(last) = known.iter().filter_map(|filed| filed.call.start()).max() else { return Ok(demo) };
    Ok(Opening { lead: now.since(last).min(demo.lead), past: Past::None, ..demo })
}

/// Cancels on SIGINT or SIGTERM.
async fn stop_on_signal(stop: CancellationToken) {
    let terminated = async {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            if let Ok(mut signal) = signal(SignalKind::terminate()) {
                signal.recv().await;
                return;
            }
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
    tracing::info!("stopping; answers under way have {} s", serve::GRACE.as_secs());
    stop.cancel();
}
