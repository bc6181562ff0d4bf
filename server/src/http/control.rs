//! `POST /api/v1/campaigns/{id}/pause` and `/resume`, and `GET /api/v1/campaigns/{id}/control`: how far that has come.
//!
//! The answer is 202: what was asked, never what will come of it. The campaign's status in it is the dialer's word.

use super::Api;
use super::body::short;
use super::error::ApiError;
use super::query::campaign_of;
use crate::access::keys::Scope;
use crate::access::principal::{Asker, Principal};
use crate::access::proxies::Client;
use crate::control::{AskError, ControlOrder, ControlReceipt, Outcome};
use crate::kit::mask::Veil;
use crate::store::read::Reader;
use app::domain::control::{Action, Control};
use app::domain::outcome::CampaignStatus;
use app::domain::{CampaignId, Moment};
use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Bytes of a request's body; there is nothing to say in it.
const MAX_BODY: usize = 1_024;
/// Characters of an idempotency key.
const MAX_KEY: usize = 128;
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The answer to a request.
#[derive(Debug, Serialize)]
pub struct Accepted {
    as_of: Moment,
    campaign: CampaignId,
    /// The request that stands for it, as the audit log knows it.
    request: Option<SmolStr>,
    result: Outcome,
    /// The dialer's word.
    status: Option<CampaignStatus>,
    control: Option<Control>,
}

/// How things stand.
#[derive(Debug, Serialize)]
pub struct ControlState {
    as_of: Moment,
    campaign: CampaignId,
    status: Option<CampaignStatus>,
    /// When the dialer said so.
    status_at: Option<Moment>,
    /// By what its dialer is asked; absent where none is configured.
    adapter: Option<&'static str>,
    /// Whether asking needs a key of scope `control`.
    needs_key: bool,
    /// The newest request, however long ago.
    control: Option<Control>,
}

/// There is nothing to say in a body; an empty object is as good as none.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

pub async fn pause<R: Reader>(
    state: State<Api<R>>,
    principal: Extension<Principal>,
    client: Extension<Client>,
    campaign: Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Accepted>), ApiError> {
    ask(state, &principal, *client, campaign, headers, body, Action::Pause).await
}

pub async fn resume<R: Reader>(
    state: State<Api<R>>,
    principal: Extension<Principal>,
    client: Extension<Client>,
    campaign: Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Accepted>), ApiError> {
    ask(state, &principal, *client, campaign, headers, body, Action::Resume).await
}

async fn ask<R: Reader>(
    State(api): State<Api<R>>,
    principal: &Principal,
    client: Client,
    Path(campaign): Path<String>,
    headers: HeaderMap,
    body: Body,
    action: Action,
) -> Result<(StatusCode, Json<Accepted>), ApiError> {
    let campaign = theirs(&campaign, principal, &api)?;
    let Asker { who, from } = principal.asker(client);
    empty(&headers, body).await?;
    let wanted =
        ControlOrder { campaign: campaign.clone(), action, who, from, idempotency_key: idempotency_key(&headers)? };
    let ControlReceipt { as_of, request, result, control, status } = api.control.ask(wanted).await?;
    let (campaign, control) = (shown(&campaign, &api), told(control, &api));
    Ok((StatusCode::ACCEPTED, Json(Accepted { as_of, campaign, request, result, status, control })))
}

pub async fn state<R: Reader>(
    State(api): State<Api<R>>,
    principal: Extension<Principal>,
    Path(campaign): Path<String>,
) -> Result<Json<ControlState>, ApiError> {
    let campaign = theirs(&campaign, &principal, &api)?;
    let standing = api.live.campaign_states(vec![(campaign.clone(), None)]).await;
    let standing = standing.map_err(|_| ApiError::Busy("the server is stopping"))?.pop().unwrap_or_default();
    Ok(Json(ControlState {
        as_of: api.live.beat().as_of,
        status: standing.status.map(|(status, _)| status),
        status_at: standing.status.map(|(_, at)| at),
        adapter: api.control.adapter(&campaign),
        needs_key: api.keys.any(Scope::Control),
        control: told(api.control.last(&campaign), &api),
        campaign: shown(&campaign, &api),
    }))
}

/// The campaign that is meant, of those that who asks may see: another is none, as far as they hear.
fn theirs<R>(campaign: &str, principal: &Principal, api: &Api<R>) -> Result<CampaignId, ApiError> {
    let campaign = id(campaign, api.live.veil())?;
    if principal.scope.holds(&campaign) { Ok(campaign) } else { Err(AskError::NoCampaign(campaign).into()) }
}

fn shown<R>(campaign: &CampaignId, api: &Api<R>) -> CampaignId {
    CampaignId::trusted(api.live.veil().id(campaign.as_str()))
}

/// With the dialer's words as they may be shown.
fn told<R>(control: Option<Control>, api: &Api<R>) -> Option<Control> {
    control.map(|control| Control { why: control.why.as_deref().map(|why| api.live.veil().text(why)), ..control })
}

fn id(campaign: &str, veil: &Veil) -> Result<CampaignId, ApiError> {
    campaign_of(campaign, veil).map_err(|e| ApiError::Query { parameter: "campaign", why: e.to_string() })
}

/// # Errors
/// If there is more in the body than nothing.
async fn empty(headers: &HeaderMap, body: Body) -> Result<(), ApiError> {
    let body = short(headers, body, MAX_BODY).await?;
    if body.is_empty() {
        return Ok(());
    }
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_json = kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
    if !is_json {
        return Err(ApiError::NoMeaning("send no body, or {} as application/json".to_owned()));
    }
    let wrong = |why: String| ApiError::NotJson(format!("{why}; send no body, or {{}} as application/json"));
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(wrong("not an object".to_owned()));
    }
    let Nothing {} = serde_json::from_slice(&body).map_err(|e| wrong(e.to_string()))?;
    Ok(())
}

/// The header's text; quotes around it, as the draft of the header has them, are not part of it.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<SmolStr>, ApiError> {
    let Some(key) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let text = key.to_str().unwrap_or_default().trim();
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    if (1..=MAX_KEY).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(Some(SmolStr::new(text)))
    } else {
        let why = format!("must be 1 to {MAX_KEY} visible ASCII characters");
        Err(ApiError::Query { parameter: "Idempotency-Key", why })
    }
}
