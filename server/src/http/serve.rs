//! The listener: connections up to a limit, and an end within ten seconds with streams open.
//!
//! Speaks HTTP/1.1. A head must come within a time; what a body may take is its handler's affair.

use crate::telemetry::Metrics;
use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use prometheus_client::metrics::gauge::Gauge;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// Connections open at once: a viewer holds one, and costs some 20 KB. Beyond it a connection is closed at once.
pub const MAX_CONNECTIONS: usize = 16_384;
/// A request's head comes within this, or the connection is closed; so is a connection that nothing is asked on.
const HEAD_WITHIN: Duration = Duration::from_secs(60);
/// After the word to stop, answers under way have this long; then their connections are cut.
pub const GRACE: Duration = Duration::from_secs(8);
/// How long to wait when no connection can be taken because files have run out.
const OUT_OF_FILES: Duration = Duration::from_millis(100);

/// Serves until `stop`, then lets answers finish within [`GRACE`].
pub async fn serve(listeners: Vec<TcpListener>, router: Router, metrics: Metrics, stop: CancellationToken) {
    let door = Arc::new(Door {
        router,
        metrics,
        slots: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
        graceful: GracefulShutdown::new(),
    });
    let accepting: Vec<_> =
        listeners.into_iter().map(|listener| tokio::spawn(accept(listener, door.clone(), stop.clone()))).collect();
    for task in accepting {
        // A task that panicked has stopped accepting; the others go on.
        if let Err(error) = task.await {
            tracing::error!(%error, "a listener failed");
        }
    }
    let Some(door) = Arc::into_inner(door) else { return };
    let open = door.graceful.count();
    if tokio::time::timeout(GRACE, door.graceful.shutdown()).await.is_err() {
        tracing::warn!(open, "connections were cut after {} s", GRACE.as_secs());
    }
}

/// Both ends of a request's connection, among its extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    pub peer: SocketAddr,
    /// Where the listener that took it is bound; absent where the system does not tell.
    pub listener: Option<SocketAddr>,
}

struct Door {
    router: Router,
    metrics: Metrics,
    slots: Arc<Semaphore>,
    graceful: GracefulShutdown,
}

async fn accept(listener: TcpListener, door: Arc<Door>, stop: CancellationToken) {
    let here = listener.local_addr().ok();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            taken = listener.accept() => match taken {
                Ok((stream, peer)) => admit(&door, stream, Ends { peer, listener: here }),
                Err(error) if is_the_clients(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "cannot take connections");
                    tokio::time::sleep(OUT_OF_FILES).await;
                }
            },
        }
    }
}

/// Errors that tell of one connection, not of the listener.
fn is_the_clients(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}

fn admit(door: &Door, stream: TcpStream, ends: Ends) {
    let Ok(slot) = door.slots.clone().try_acquire_owned() else {
        door.metrics.connections_refused().inc();
        return;
    };
    // Deltas are small and must not wait for more.
    let _ = stream.set_nodelay(true);
    let router = door.router.clone().map_request(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ends);
        request.map(Body::new)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let connection = door.graceful.watch(connection);
    let open = Open::new(door.metrics.connections().clone());
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection broke off");
        }
        drop((open, slot));
    });
}

/// Counts a connection for as long as it lives, however it ends.
struct Open(Gauge);

impl Open {
    fn new(gauge: Gauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Raises the number of files this process may open to what the system allows: each viewer is one.
pub fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })
    {
        tracing::warn!(%error, "the number of open files could not be raised");
    }
}
