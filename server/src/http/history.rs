//! `GET /api/v1/views/daily` and `/views/trend`: the frames of the daily and the trend page.

use super::Api;
use super::error::ApiError;
use super::query::Params;
use super::stream::DEFAULT_TREND_DAYS;
use super::views::frame;
use crate::history::TREND_DAYS;
use crate::live::topic::View;
use crate::store::read::Reader;
use app::view::panel::MAX_ROWS;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::{Datelike, NaiveDate};

/// Years that a date may lie in; days that have not begun are refused by name.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=9_999;
const DAILY_PARAMETERS: &[&str] = &["date"];
const TREND_PARAMETERS: &[&str] = &["days"];

/// The running day as its stream's viewers have it, or any past one.
pub async fn daily<R: Reader>(State(api): State<Api<R>>, params: Params) -> Result<Response, ApiError> {
    let params = params.only(DAILY_PARAMETERS)?;
    match date(&params)? {
        None => frame(&api, View::Daily).await,
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
    frame(&api, View::Trend { days: days(&params)? }).await
}

/// # Errors
/// If it is no date.
pub(super) fn date(params: &Params) -> Result<Option<NaiveDate>, ApiError> {
    let read = |text: &str| {
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()
            .filter(|date| YEARS.contains(&date.year()) && date.to_string() == text);
        date.ok_or_else(|| ApiError::Query { parameter: "date", why: format!("`{text}` is no date (like 2026-11-21)") })
    };
    params.get("date").map(read).transpose()
}

/// # Errors
/// If there is no such number of days.
pub(super) fn days(params: &Params) -> Result<u32, ApiError> {
    let Some(text) = params.get("days") else { return Ok(DEFAULT_TREND_DAYS) };
    text.parse()
        .ok()
        .filter(|days| TREND_DAYS.contains(days))
        .ok_or_else(|| ApiError::Query { parameter: "days", why: format!("`{text}` is none; there are 7, 30, 90") })
}
