//! `GET /api/v1/sources`: what this server listens to, how each is, and what was not taken of it; and
//! `GET /api/v1/sources/payloads`: what one of them said last, for those who may control.
//!
//! Read only: what is listened to stands in the file. Without persons' numbers, both.

use super::Api;
use super::error::ApiError;
use super::query::Params;
use crate::source::feed::{Identity, Payload, SourceRow};
use crate::store::read::Reader;
use app::domain::Moment;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use std::borrow::Cow;

/// What comes by this API is a source like any other.
pub const OURS: Identity = Identity { kind: "http", name: Cow::Borrowed("http") };

#[derive(Debug, Serialize)]
pub struct Sources {
    as_of: Moment,
    rows: Vec<SourceRow>,
}

#[derive(Debug, Serialize)]
pub struct Payloads {
    as_of: Moment,
    source: String,
    /// The newest first.
    rows: Vec<Payload>,
}

/// In the order in which they began.
pub async fn list<R: Reader>(State(api): State<Api<R>>, params: Params) -> Result<Json<Sources>, ApiError> {
    params.only(&[])?;
    Ok(Json(Sources { as_of: api.clock.now(), rows: api.feeds.rows() }))
}

/// Of the source that is named.
pub async fn payloads<R: Reader>(State(api): State<Api<R>>, params: Params) -> Result<Json<Payloads>, ApiError> {
    let params = params.only(&["source"])?;
    let name = params.get("source").unwrap_or_default();
    let missing = || ApiError::NotFound("no source has this name: /api/v1/sources has all".to_owned());
    let rows = api.feeds.payloads(name).ok_or_else(missing)?;
    Ok(Json(Payloads { as_of: api.clock.now(), source: name.to_owned(), rows }))
}
