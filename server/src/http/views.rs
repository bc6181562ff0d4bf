//! `GET /api/v1/views/…` and `/stream`: the frame of a page, once or as it changes.

use super::Api;
use super::error::ApiError;
use super::query::{Params, campaign_of};
use super::stream::{StreamError, StreamQuery, stream};
use crate::access::proxies::Client;
use crate::live::topic::View;
use crate::store::read::Reader;
use app::domain::Audience;
use app::view::PanelId;
use app::view::problems::MAX_PROBLEMS;
use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

const VIEW_PARAMETERS: &[&str] = &["campaign", "panel"];
const STREAM_PARAMETERS: &[&str] = &["view", "every", "panel", "campaign", "days", "last_event_id"];

/// The frame as of the board's last tick.
pub async fn live<R: Reader>(State(api): State<Api<R>>, params: Params) -> Result<Response, ApiError> {
    let params = params.only(VIEW_PARAMETERS)?;
    let panels = || PanelId::ALL.iter().map(|p| p.word()).collect();
    let panel = params.word("panel", PanelId::from_word, panels)?;
    frame(&api, View::Live { panel }, params.audience()?).await
}

/// The monitor from above.
pub async fn monitor<R: Reader>(State(api): State<Api<R>>, params: Params) -> Result<Response, ApiError> {
    let params = params.only(&[])?;
    frame(&api, View::Monitor, params.audience()?).await
}

/// The monitor of one campaign.
pub async fn campaign<R: Reader>(
    State(api): State<Api<R>>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Response, ApiError> {
    let params = params.only(&[])?;
    let id = campaign_of(&id, api.live.veil()).map_err(|e| StreamError::Campaign(e.to_string()))?;
    frame(&api, View::Campaign(id), params.audience()?).await
}

/// What is wrong, worst first: the list that the sentences are the first of. What is beyond the limit is counted.
pub async fn problems<R: Reader>(State(api): State<Api<R>>, params: Params) -> Result<Response, ApiError> {
    let limit = params.only(&["limit"])?.limit(MAX_PROBLEMS)?;
    let mut list = api.live.problems().await?;
    let beyond = list.rows.len().saturating_sub(limit);
    list.rows.truncate(limit);
    list.more = list.more.saturating_add(u32::try_from(beyond).unwrap_or(u32::MAX));
    Ok(([(CACHE_CONTROL, "no-store")], Json(list)).into_response())
}

/// A view's frame: byte for byte what its stream's viewers have.
pub(super) async fn frame<R: Reader>(api: &Api<R>, view: View, audience: Audience) -> Result<Response, ApiError> {
    let found = api.live.view(view.clone(), audience.clone()).await?;
    let frame = found.map_err(|why| StreamError::no_frame(why, &view, &audience))?;
    Ok(([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], frame.json()).into_response())
}

/// The frame, then what changes in it.
pub async fn events<R: Reader>(
    State(api): State<Api<R>>,
    Extension(client): Extension<Client>,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let params = params.only(STREAM_PARAMETERS)?;
    let text = |name| params.get(name).map(str::to_owned);
    let query = StreamQuery {
        view: text("view"),
        every: text("every"),
        panel: text("panel"),
        campaigns: params.get("campaign").map(|_| params.scope()).transpose()?,
        asker: params.asker().clone(),
        days: text("days"),
        last_event_id: text("last_event_id"),
    };
    stream(api.live.clone(), query, &headers, &api.access.clients, client).await
}
