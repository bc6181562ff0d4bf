//! What is served over HTTP: every route on one screen.
//!
//! Owns addresses, limits and who may ask; the answers are made beside. Figures come from the store's reading half and
//! from the live board; events go to the one writer. Pages and their files are `pages` and `assets`.

pub mod access;
pub mod assets;
pub mod audit;
pub mod body;
pub mod budget;
pub mod calls;
mod coding;
pub mod control;
pub mod csv;
pub mod docs;
pub mod door;
pub mod error;
pub mod events;
pub mod figures;
pub mod first_paint;
pub mod first_run;
pub mod frame;
pub mod grafana;
pub mod headers;
pub mod health;
pub mod history;
pub mod hooks;
pub mod licences;
mod line;
pub mod openapi;
pub mod pages;
pub mod panel;
pub mod problems;
pub mod query;
pub mod replay;
pub mod scenarios;
#[cfg(test)]
mod scoped_tests;
pub mod serve;
pub mod sign_in;
pub mod site;
pub mod sources;
pub mod still;
pub mod stream;
pub mod table;
#[cfg(test)]
mod testing;
pub mod views;

use crate::access::Access;
use crate::access::keys::Keys;
use crate::clock::Clock;
use crate::control::ControlHandle;
use crate::control::exports::Exports;
use crate::figures::Figures;
use crate::figures::history::History;
use crate::ingest::{Ingest, WriterStatus};
use crate::live::LiveHandle;
use crate::source::feed::{Feed, Feeds};
use crate::source::webhook::Hooks;
use crate::store::read::Reader;
use crate::telemetry::Metrics;
use crate::tools::self_audit::AuditCounters;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use axum::{Extension, Router};
use error::ApiError;
use pages::{Pages, pages_router};
use std::sync::Arc;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tower::util::MapRequest;

/// What the routes work with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Api<R> {
    pub ingest: Ingest,
    /// What comes by this API, among the other sources.
    pub feed: Feed,
    pub feeds: Feeds,
    /// Addresses that sources have opened.
    pub hooks: Hooks,
    pub live: LiveHandle,
    pub reader: R,
    /// Which store it is, for `/readyz`.
    pub store_kind: Arc<str>,
    /// Whether this server leads, for `/readyz`.
    pub writer_status: watch::Receiver<WriterStatus>,
    /// What the audit beside the server has found, for `/readyz`.
    pub audited: Arc<AuditCounters>,
    pub keys: Arc<Keys>,
    /// Who may, and how much of this one client may have.
    pub access: Arc<Access>,
    pub metrics: Metrics,
    pub clock: Clock,
    pub control: ControlHandle,
    /// Figures by key and over time.
    pub figures: Figures<R>,
    /// The daily and the trend view.
    pub history: History<R>,
    /// One for each body of events that is being read.
    pub bodies: Arc<Semaphore>,
    /// The server is to stop: streams end, and no more requests are wanted.
    pub stopping: CancellationToken,
}

/// What is served. `more` are routes of this command only, such as the demo's switches.
pub fn router<R: Reader>(api: Api<R>, pages: Pages, more: Router) -> Router {
    Router::new().fallback_service(MapRequest::new(routes(api, pages, more), csv::by_name))
}

/// Every route.
fn routes<R: Reader>(api: Api<R>, pages: Pages, more: Router) -> Router {
    let (metrics, veil, access) = (api.metrics.clone(), api.live.veil().clone(), api.access.clone());
    let exports = Arc::new(Exports::new(Arc::clone(api.control.audit()), api.clock.clone()));
    let counted = Arc::clone(&exports);
    metrics.watch(move || counted.readings());
    tokio::spawn(Arc::clone(&exports).watch(api.stopping.clone()));
    let still = still::still_router(api.clone(), pages.clone());
    let docs = docs::docs_router(Arc::clone(&api.keys), pages.clone());
    let licences = licences::licences_router(pages.clone());
    let reading = Router::new()
        .route("/kpis", get(figures::catalogue))
        .route("/kpis/{id}", get(figures::kpi::<R>))
        .route("/facts", get(figures::facts::<R>))
        .route("/views/live", get(views::live::<R>))
        .route("/views/monitor", get(views::monitor::<R>))
        .route("/views/monitor/{campaign}", get(views::campaign::<R>))
        .route("/problems", get(views::problems::<R>))
        .route("/campaigns/{id}/pause", post(control::pause::<R>))
        .route("/campaigns/{id}/resume", post(control::resume::<R>))
        .route("/campaigns/{id}/control", get(control::state::<R>))
        .route("/audit", get(audit::log::<R>))
        .route("/annotations", get(audit::annotations::<R>))
        .route("/series/{id}", get(figures::series::<R>))
        .route("/views/daily", get(history::daily::<R>))
        .route("/views/trend", get(history::trend::<R>))
        .route("/schema", get(docs::schema))
        .route("/calls", get(calls::list::<R>))
        .route("/calls/{realm}/{call_id}", get(calls::one::<R>))
        .layer(from_fn_with_state(exports, csv::offer));
    // What is no table: a source's rejections stand in its row.
    let plain = Router::new()
        .route("/sources", get(sources::list::<R>))
        .route("/sources/payloads", get(sources::payloads::<R>));
    // These go on for as long as it takes.
    let lasting = Router::new().route("/events", post(events::post::<R>)).route("/stream", get(views::events::<R>));
    let api_routes = Router::new()
        .nest("/v1", reading.merge(plain).merge(lasting))
        .nest("/grafana", grafana::routes::<R>())
        .route("/grafana/", get(grafana::there))
        .route("/openapi.json", get(openapi::document))
        .fallback(|| async { ApiError::NotFound("there is nothing at this address".to_owned()) })
        .method_not_allowed_fallback(|| async { ApiError::Method });
    let operation = Router::new()
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready::<R>))
        .route("/metrics", get(health::metrics::<R>));
    Router::new()
        .nest("/api", api_routes)
        .route("/hooks/{name}", post(hooks::post::<R>).fallback(|| async { ApiError::Method }))
        .merge(operation)
        .with_state(api)
        .merge(more)
        .layer(Extension(veil))
        .layer(from_fn(replay::divert))
        .layer(from_fn(frame::harden))
        .merge(still)
        .merge(docs)
        .merge(licences)
        .merge(pages_router(pages))
        .merge(sign_in::sign_in_router(access.clone()))
        .layer(from_fn_with_state(access.clone(), budget::keep))
        .layer(from_fn_with_state(access, door::admit))
        .layer(from_fn(problems::tell))
        .layer(from_fn_with_state(metrics, frame::observe))
}
