//! Whether this server lives (`/healthz`), may be sent requests (`/readyz`), and what it counts (`/metrics`).

use super::Api;
use crate::ingest::WriterStatus;
use crate::store::read::Reader;
use crate::tools::self_audit::AuditCounters;
use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::time::Duration;

/// A store that does not answer within this is not reachable.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process answers, and says which build of the site it serves.
pub async fn live() -> Response {
    let build = super::assets::names().map(|names| names.build());
    fresh(Json(json!({ "status": "ok", "build": build })).into_response())
}

/// Ready while the store can be read and takes what is written, the writer and the live state run, and the server is not
/// stopping.
pub async fn ready<R: Reader>(State(api): State<Api<R>>) -> Response {
    let store = match tokio::time::timeout(PATIENCE, api.reader.ping()).await {
        Ok(Ok(())) => "reachable",
        Ok(Err(error)) => {
            tracing::warn!(%error, "the store does not answer");
            "unreachable"
        }
        Err(_) => "slow",
    };
    let writer = api.writer_status.borrow().clone();
    let failing = match &writer {
        WriterStatus::Failing { why, .. } => Some(why.as_str()),
        WriterStatus::Leading | WriterStatus::StandingBy | WriterStatus::Away { .. } => None,
    };
    let store = if store == "reachable" && failing.is_some() { "unwritable" } else { store };
    let stopping = api.stopping.is_cancelled();
    let (ingest, live) = (api.ingest.is_open(), api.live.is_running());
    let ready = store == "reachable" && ingest && live && !stopping;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({
        "status": if stopping { "stopping" } else if ready { "ready" } else { "not_ready" },
        "store": { "kind": &*api.store_kind, "state": store, "why": failing },
        "ingest": if ingest { "open" } else { "closed" },
        "live": if live { "running" } else { "ended" },
        "role": match writer {
            WriterStatus::Leading | WriterStatus::Failing { .. } => "leading",
            WriterStatus::StandingBy => "standing by",
            WriterStatus::Away { .. } => "away",
        },
        "audit": api.control.audit().broken().map_or("whole", |_| "broken"),
        "figures": figures(&api.audited, api.ingest.rejudgements_due()),
        "version": env!("CARGO_PKG_VERSION"),
    });
    fresh((status, Json(body)).into_response())
}

/// What the audit beside the server says of the figures, and whether a setting that came late is still to alter them. They are
/// shown whatever it says, so it makes nothing unready.
fn figures(audited: &AuditCounters, rejudgements_due: u64) -> Value {
    let (mismatches, doubled) = (audited.mismatches.get(), audited.doubled.get().copied());
    let state = if mismatches > 0 || doubled.is_some_and(|calls| calls > 0) {
        "wrong"
    } else if audited.audited.get() > 0 {
        "sound"
    } else {
        "not_audited"
    };
    json!({
        "state": state,
        "audited": audited.audited.get(),
        "mismatches": mismatches,
        "unaudited": audited.too_large.get(),
        "failed": audited.failed.get(),
        "calls_in_several_rows": doubled,
        "earlier_law": audited.earlier_law.get(),
        "rejudgements_due": rejudgements_due,
    })
}

pub async fn metrics<R: Reader>(State(api): State<Api<R>>, headers: HeaderMap) -> Response {
    let Ok(text) = api.metrics.render() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    // Prometheus takes OpenMetrics when it says so; people and older collectors get it as plain text.
    let wants = headers.get(axum::http::header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = if wants.contains("application/openmetrics-text") || wants.is_empty() || wants == "*/*" {
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    } else {
        "text/plain; charset=utf-8"
    };
    let mut response = fresh(text.into_response());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn fresh(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
