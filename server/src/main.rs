//! The command line.
#![recursion_limit = "512"]

use anyhow::Context;
use app::ui::{About, FloorKind};
use clap::Parser;
use server::config::Config;
use server::config::cli::{Cli, Command, Settings};
use server::http::pages::{Pages, pages_router};
use server::http::serve;
use server::telemetry::{self, Metrics};
use std::process::ExitCode;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Serve(settings) => run(settings, FloorKind::Real),
        Command::Demo(settings) => run(settings, FloorKind::Demo),
        Command::Check(settings) => check(settings),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ringside: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[allow(clippy::print_stdout)] // what was asked for
fn check(settings: Settings) -> anyhow::Result<()> {
    let config = Config::load(settings)?;
    config.warnings.iter().for_each(|warning| println!("warning: {warning}"));
    println!("{config:#?}");
    Ok(())
}

#[tokio::main]
async fn run(settings: Settings, floor: FloorKind) -> anyhow::Result<()> {
    let config = Config::load(settings)?;
    telemetry::start_log(&config.log, config.log_format)?;
    config.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
    serve::raise_file_limit();
    let mut listeners = Vec::new();
    for address in &config.listen {
        listeners.push(TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?);
    }
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone()));
    for listener in &listeners {
        tracing::info!("Ringside is at http://{}", listener.local_addr()?);
    }
    let metrics = Metrics::default();
    let pages = pages_router(Pages::new(About { version: env!("CARGO_PKG_VERSION").to_owned(), floor }));
    serve::serve(listeners, pages, metrics, stop).await;
    tracing::info!("stopped");
    Ok(())
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
