//! `GET /api/v1/views/daily` and `/views/trend`: the frames of the daily and the trend page.

use super::Api;
use super::error::ApiError;
use super::query::Params;
use super::views::frame;
use crate::live::topic::View;
use crate::store::read::Reader;
use app::view::panel::MAX_ROWS;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

const DAILY_PARAMETERS: &[&str] = &["date"];
const TREND_PARAMETERS: &[&str] = &["days"];

/// The running day as its stream's viewers have it, or any past one.
pub async fn daily<R: Reader>(State(api): State<Api<R>>, params: Params) -> Result<Response, ApiError> {
    let params = params.only(DAILY_PARAMETERS)?;
    match params.date()? {
        None => frame(&api, View::Daily, params.asker().clone()).await,
        Some(date) => {
            let day = (*api.history.day(Some(date)).await?).clone().cut(MAX_ROWS);
            // Plain structs with string keys: encoding can't fail.
            let json = serde_json::to_string(&day).unwrap_or_default();
            Ok(([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], json).into_response())
        }
    }
}

/// The last days as their stream's viewers have them.
pub async fn trend<R: Reader>(State(api): State<Api<R>>, params: Params) -> Result<Response, ApiError> {
    let params = params.only(TREND_PARAMETERS)?;
    frame(&api, View::Trend { days: params.days()? }, params.asker().clone()).await
}
