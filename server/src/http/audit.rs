//! `GET /api/v1/audit`: who asked dialers for what, and what became of it, for those who may control; and
//! `GET /api/v1/annotations`: the marks that charts make of it, for everybody.

use super::Api;
use super::error::ApiError;
use super::query::{MAX_ROWS, Params};
use crate::audit::entry::{Entry, Step};
use crate::audit::seal::{Head, NoEntry};
use crate::kit::mask::Veil;
use crate::store::StoreError;
use crate::store::audit_log::AuditQuery;
use crate::store::read::Reader;
use app::domain::control::Annotation;
use app::domain::{CampaignId, Moment, Span};
use axum::Json;
use axum::extract::State;
use serde::Serialize;

/// Marks reach back this far where no `from` is given: what the live charts show.
const ANNOTATED: Span = Span::hours(24);

/// An entry with its place in the chain.
#[derive(Debug, Serialize)]
pub struct Row {
    #[serde(flatten)]
    entry: Entry,
    hash: String,
}

#[derive(Debug, Serialize)]
pub struct Log {
    as_of: Moment,
    /// Where the chain ends: who notes it sees later whether the end was cut off.
    head: Head,
    /// Why the log can't be trusted: somebody has changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    broken: Option<String>,
    rows: Vec<Row>,
    /// Give it as `cursor` for older entries.
    next_cursor: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct Marks {
    as_of: Moment,
    from: Moment,
    to: Moment,
    rows: Vec<Annotation>,
    /// Marks that are left out because there are more than an answer holds; the oldest.
    more: bool,
}

/// Newest first.
pub async fn log<R: Reader>(State(api): State<Api<R>>, params: Params) -> Result<Json<Log>, ApiError> {
    let params = params.only(&["campaign", "from", "to", "limit", "cursor"])?;
    let limit = params.limit(100)?;
    let before = params.get("cursor").map(|text| {
        let why = || ApiError::Query { parameter: "cursor", why: "is none that an answer gave".to_owned() };
        text.parse::<u64>().map_err(|_| why())
    });
    let query = AuditQuery {
        campaign: params.campaign()?,
        from: params.moment("from")?,
        to: params.moment("to")?,
        before: before.transpose()?,
        limit,
        ..AuditQuery::default()
    };
    let page = api.control.audit().page(&query).await?;
    let next_cursor = page.last().filter(|_| page.len() == limit).map(|last| last.n.to_string());
    let rows = page
        .into_iter()
        .map(|sealed| sealed.entry().map(|entry| Row { entry: shown(entry, api.live.veil()), hash: sealed.hash }))
        .collect::<Result<Vec<Row>, NoEntry>>()
        .map_err(StoreError::from)?;
    let head = api.control.audit().head().await?;
    let broken = api.control.audit().broken();
    Ok(Json(Log { as_of: api.clock.now(), head, broken, rows, next_cursor }))
}

/// Oldest first.
pub async fn annotations<R: Reader>(State(api): State<Api<R>>, params: Params) -> Result<Json<Marks>, ApiError> {
    let params = params.only(&["campaign", "from", "to"])?;
    let as_of = api.clock.now();
    let to = params.moment("to")?.unwrap_or(as_of);
    let from = params.moment("from")?.unwrap_or(to - ANNOTATED);
    let (rows, more) = marks(&api, params.campaign()?, from, to).await?;
    Ok(Json(Marks { as_of, from, to, rows, more }))
}

/// What was confirmed in a span, oldest first, and whether older ones are left out because there are too many.
///
/// # Errors
/// If the span is none, or the log can't be read.
pub(super) async fn marks<R: Reader>(
    api: &Api<R>,
    campaign: Option<CampaignId>,
    from: Moment,
    to: Moment,
) -> Result<(Vec<Annotation>, bool), ApiError> {
    if from >= to {
        return Err(ApiError::Query { parameter: "from", why: "is not before `to`".to_owned() });
    }
    let query = AuditQuery {
        campaign,
        step: Some(Step::Confirmed),
        from: Some(from),
        to: Some(to),
        limit: MAX_ROWS + 1,
        ..AuditQuery::default()
    };
    let mut page = api.control.audit().page(&query).await?;
    let more = page.len() > MAX_ROWS;
    page.truncate(MAX_ROWS);
    let mut rows = page
        .iter()
        .filter_map(|sealed| sealed.entry().map(|entry| mark(shown(entry, api.live.veil()))).transpose())
        .collect::<Result<Vec<_>, NoEntry>>()
        .map_err(StoreError::from)?;
    rows.sort_by_key(|mark| mark.at);
    Ok((rows, more))
}

/// An entry without persons' numbers. Its hash is of the entry as it is kept.
fn shown(mut entry: Entry, veil: &Veil) -> Entry {
    let draft = &mut entry.draft;
    draft.campaign = CampaignId::trusted(veil.id(draft.campaign.as_str()));
    draft.why = draft.why.take().map(|why| veil.text(&why));
    draft.idempotency_key = draft.idempotency_key.take().map(|key| veil.text(&key));
    entry
}

fn mark(entry: Entry) -> Option<Annotation> {
    let draft = entry.draft;
    Some(Annotation {
        at: draft.at,
        campaign: draft.campaign,
        action: draft.action?,
        by: draft.who,
        request: draft.request,
        asked_at: draft.asked_at,
    })
}
