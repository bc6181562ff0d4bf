//! What is served over HTTP: every route on one screen.
//!
//! Owns addresses, limits and who may ask; the answers are made beside. Figures come from the store's reading half and
//! from the live board; events go to the one writer. Pages and their files are `pages` and `assets`.

pub mod access;
pub mod assets;
pub mod error;
pub mod events;
pub mod frame;
pub mod headers;
pub mod health;
pub mod pages;
pub mod panel;
pub mod scenarios;
pub mod serve;
pub mod stream;
#[cfg(test)]
mod testing;

use crate::config::keys::Keys;
use crate::ingest::Ingest;
use crate::store::read::Reader;
use crate::telemetry::Metrics;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use error::ApiError;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// What the routes work with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Api<R> {
    pub ingest: Ingest,
    pub reader: R,
    /// Which store it is, for `/readyz`.
    pub store_kind: &'static str,
    pub keys: Arc<Keys>,
    pub metrics: Metrics,
    /// One for each body of events that is being read.
    pub bodies: Arc<Semaphore>,
    /// The server is to stop: streams end, and no more requests are wanted.
    pub stopping: CancellationToken,
}

/// Every route but the pages'.
pub fn router<R: Reader>(api: Api<R>) -> Router {
    let metrics = api.metrics.clone();
    let v1 = Router::new()
        // Has limits of its own, as long as it takes.
        .route("/events", post(events::post::<R>));
    let api_routes = Router::new()
        .nest("/v1", v1)
        .fallback(|| async { ApiError::NotFound("there is nothing at this address".to_owned()) })
        .method_not_allowed_fallback(|| async { ApiError::Method });
    let operation = Router::new()
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready::<R>))
        .route("/metrics", get(health::metrics::<R>));
    Router::new()
        .nest("/api", api_routes)
        .merge(operation)
        .layer(from_fn(frame::harden))
        .layer(from_fn_with_state(metrics, frame::observe))
        .with_state(api)
}
