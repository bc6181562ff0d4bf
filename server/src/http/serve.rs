//! The listener: connections up to a limit, and an end within ten seconds with streams open.
//!
//! Speaks HTTP/1.1. A head must come within a time, and what is sent must be taken (`line`); what a body may take is its
//! handler's affair. Where all places are taken, a few are left for those who ask whether the server lives.

use super::budget::OF_THEIR_OWN;
use super::error::ApiError;
use super::line::{Heard, LOOKED_AT, Line};
use crate::access::Access;
use crate::access::clients::{Held, Kind, Reached};
use crate::access::limits::Limit;
use crate::access::proxies::Client;
use crate::say;
use crate::telemetry::Metrics;
use axum::Router;
use axum::body::Body;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use prometheus_client::metrics::gauge::Gauge;
use rustix::net::sockopt::set_socket_send_buffer_size;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tower::{ServiceExt, service_fn};

/// Connections beyond the limits, on which only whether the server lives is told; and how long they may wait for that.
const SPARE_CONNECTIONS: usize = 64;
const SPARE_WITHIN: Duration = Duration::from_secs(2);
/// What the system holds of what a viewer does not take: the viewer is put out before it costs more.
const UNTAKEN_BYTES: usize = 128 * 1024;
/// After the word to stop, answers under way have this long; then their connections are cut.
pub const GRACE: Duration = Duration::from_secs(8);
/// How long to wait when no connection can be taken because files have run out.
const OUT_OF_FILES: Duration = Duration::from_millis(100);

/// An address that can't be listened to.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}")]
pub struct BindError {
    address: SocketAddr,
    #[source]
    error: io::Error,
}

/// Listens to all of these addresses.
///
/// # Errors
/// If one of them can't be had.
pub async fn bind(addresses: &[SocketAddr]) -> Result<Vec<TcpListener>, BindError> {
    let mut listeners = Vec::new();
    for address in addresses {
        let wrong = |error| BindError { address: *address, error };
        listeners.push(TcpListener::bind(address).await.map_err(wrong)?);
    }
    Ok(listeners)
}

/// Says where to look, whatever the log is set to.
///
/// # Errors
/// If a listener has no address.
pub fn announce(listeners: &[TcpListener]) -> io::Result<()> {
    for listener in listeners {
        say!("Ringside is at http://{}", listener.local_addr()?);
    }
    Ok(())
}

/// Cancelled on SIGINT or SIGTERM.
#[must_use]
pub fn stop_on_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    tokio::spawn(async move {
        signalled().await;
        tracing::info!("stopping; answers under way have {} s", GRACE.as_secs());
        stopped.cancel();
    });
    stop
}

async fn signalled() {
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
}

/// Serves until `stop`, then lets answers finish within [`GRACE`].
pub async fn serve(
    listeners: Vec<TcpListener>,
    router: Router,
    access: Arc<Access>,
    metrics: Metrics,
    stop: CancellationToken,
) {
    let places = access.limits().connections as usize;
    let door = Arc::new(Door {
        router,
        access,
        metrics,
        places: Arc::new(Semaphore::new(places)),
        spare: Arc::new(Semaphore::new(SPARE_CONNECTIONS)),
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
    access: Arc<Access>,
    metrics: Metrics,
    places: Arc<Semaphore>,
    spare: Arc<Semaphore>,
    graceful: GracefulShutdown,
}

/// What a connection holds for as long as it lasts.
enum ConnectionPlace {
    Whole {
        _place: OwnedSemaphorePermit,
        _of_client: Option<Held>,
    },
    /// Beyond a limit.
    Spare {
        _place: OwnedSemaphorePermit,
        reached: Reached,
    },
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

impl Door {
    /// A place for a connection, if there is one.
    fn place(&self, peer: SocketAddr) -> Option<ConnectionPlace> {
        let (access, client) = (&self.access, Client::at(peer.ip()));
        // A proxy's connections are many clients'.
        let is_one_client = !access.proxies.trusts(peer.ip());
        let of_client = is_one_client.then(|| access.clients.take(client, Kind::Connection)).transpose();
        let reached = match (of_client, self.places.clone().try_acquire_owned()) {
            (Ok(of_client), Ok(place)) => return Some(ConnectionPlace::Whole { _place: place, _of_client: of_client }),
            (Err(reached), _) => reached,
            (Ok(_), Err(_)) => access.clients.reached(Limit::Connections, client),
        };
        let spare = self.spare.clone().try_acquire_owned().ok()?;
        Some(ConnectionPlace::Spare { _place: spare, reached })
    }
}

fn admit(door: &Door, stream: TcpStream, ends: Ends) {
    let Some(place) = door.place(ends.peer) else {
        door.metrics.connections_refused().inc();
        return;
    };
    let (router, limits) = (door.router.clone(), door.access.limits());
    let (reached, head_within) = match &place {
        ConnectionPlace::Whole { .. } => (None, Duration::from_secs(limits.head_seconds.into())),
        ConnectionPlace::Spare { reached, .. } => (Some(*reached), SPARE_WITHIN),
    };
    // Deltas are small and must not wait for more.
    let _ = stream.set_nodelay(true);
    let _ = set_socket_send_buffer_size(&stream, UNTAKEN_BYTES);
    let answers = service_fn(move |request: Request<Incoming>| answer(router.clone(), request, ends, reached));
    let clients = door.access.clients.clone();
    let client = Client::at(ends.peer.ip());
    let cut = {
        let clients = clients.clone();
        move || {
            clients.reached(Limit::ReadRate, client);
        }
    };
    let least = u64::from(limits.read_rate) * LOOKED_AT.as_secs();
    let line = Line::new(stream, least, LOOKED_AT, cut);
    let heard = line.heard();
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_within)
        .max_buf_size(limits.head_bytes as usize)
        .keep_alive(reached.is_none())
        .serve_connection(TokioIo::new(line), TowerToHyperService::new(answers));
    let connection = door.graceful.watch(connection);
    let open = Open::new(door.metrics.connections().clone());
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            if let Some(limit) = head_limit(&error, &heard) {
                clients.reached(limit, client);
            }
            tracing::debug!(%error, "a connection broke off");
        }
        drop((open, place));
    });
}

/// The limit that a head went beyond. One that merely waits for its next request, or its first, has reached none:
/// browsers keep some.
fn head_limit(error: &hyper::Error, heard: &Heard) -> Option<Limit> {
    if error.is_parse_too_large() {
        Some(Limit::HeadBytes)
    } else if error.is_timeout() && heard.anything() {
        Some(Limit::HeadSeconds)
    } else {
        None
    }
}

/// What the router answers; beyond a limit only whether the server lives, and the end of the connection.
async fn answer(
    router: Router,
    mut request: Request<Incoming>,
    ends: Ends,
    reached: Option<Reached>,
) -> Result<Response, Infallible> {
    request.extensions_mut().insert(ends);
    let Some(reached) = reached else { return router.oneshot(request.map(Body::new)).await };
    let mut response = if OF_THEIR_OWN.contains(&request.uri().path()) {
        router.oneshot(request.map(Body::new)).await?
    } else {
        ApiError::from(reached).into_response()
    };
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    Ok(response)
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
