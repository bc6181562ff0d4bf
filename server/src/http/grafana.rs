//! `/api/grafana`: KPIs over time for Grafana's JSON data source (simpod-json-datasource), and for those made for the older
//! simple-json one.
//!
//! # Source
//! github.com/simPod/GrafanaJsonDatasource, README and openapi.yaml of 0.6.5.

use super::Api;
use super::audit::marks;
use super::body::Question;
use super::error::ApiError;
use super::figures::find;
use super::query::campaign_of;
use crate::figures::series::{MAX_POINTS, Point, SeriesQuery, Step, points};
use crate::store::read::{Dids, Reader};
use app::domain::control::{Action, Annotation};
use app::domain::{CampaignScope, Dimension, Moment, Span};
use app::kpi::Formula;
use app::kpi::catalog::CATALOG;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Targets of one query at most: a panel has a handful.
const MAX_TARGETS: usize = 50;
/// Bytes of a target's name for itself; Grafana's are letters.
const MAX_REF_ID: usize = 64;
/// Bytes of what comes back with each mark.
const MAX_ANNOTATION: usize = 4 * 1024;
/// Points of one query, over all targets: more than any screen has columns.
const MAX_POINTS_OF_QUERY: usize = 4 * MAX_POINTS;

pub fn routes<R: Reader>() -> Router<Api<R>> {
    Router::new()
        .route("/", get(there))
        .route(
            "/search",
            post(|| async { Json(metrics().into_iter().map(|m| m["value"].clone()).collect::<Vec<_>>()) }),
        )
        .route("/metrics", post(|| async { Json(metrics()) }))
        .route("/query", post(query::<R>))
        .route("/variable", post(variable::<R>))
        .route("/annotations", post(annotations::<R>))
        .route("/tag-keys", post(|| async { Json(json!([])) }))
        .route("/tag-values", post(|| async { Json(json!([])) }))
}

/// What the data source's test asks for; by some versions with a slash at the end.
pub async fn there() -> &'static str {
    "Ringside"
}

/// KPIs that have a past, with what narrows them.
fn metrics() -> Vec<Value> {
    let has_past =
        |k: &&app::kpi::Kpi| !matches!(k.computed, Formula::Present(_) | Formula::Budget) && k.facts().next().is_some();
    let metric = |k: &app::kpi::Kpi| {
        let by: Vec<Value> = k.dimensions.iter().map(|d| json!({ "label": d.word(), "value": d.word() })).collect();
        json!({ "label": k.label, "value": k.id, "payloads": [
            { "label": "by", "name": "by", "type": "select", "options": by },
            { "label": "key", "name": "key", "type": "input" },
            { "label": "campaign", "name": "campaign", "type": "input" },
        ] })
    };
    CATALOG.iter().filter(has_past).map(metric).collect()
}

#[derive(Debug, Deserialize)]
struct Range {
    from: Moment,
    to: Moment,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Payload {
    by: Option<String>,
    key: Option<String>,
    campaign: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Target {
    target: Option<String>,
    #[serde(default, rename = "refId")]
    ref_id: Option<String>,
    #[serde(default)]
    payload: Value,
    #[serde(default)]
    hide: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Query {
    range: Range,
    #[serde(default)]
    interval_ms: Option<i64>,
    #[serde(default)]
    max_data_points: Option<i64>,
    targets: Vec<Target>,
}

impl Query {
    /// # Errors
    /// If it asks for too much, or with names that are none.
    fn check(&self) -> Result<(), ApiError> {
        if self.targets.len() > MAX_TARGETS {
            return Err(ApiError::NoMeaning(format!("more than {MAX_TARGETS} targets in one query")));
        }
        // It comes back with each series.
        let long = self.targets.iter().filter_map(|target| target.ref_id.as_deref()).find(|id| id.len() > MAX_REF_ID);
        match long {
            Some(id) => Err(ApiError::Query {
                parameter: "refId",
                why: format!("has {} bytes, and may have {MAX_REF_ID}", id.len()),
            }),
            None => Ok(()),
        }
    }
}

async fn query<R: Reader>(State(api): State<Api<R>>, body: Question) -> Result<impl IntoResponse, ApiError> {
    let query: Query = body.read()?;
    query.check()?;
    let (mut answer, mut found) = (Vec::new(), 0);
    for target in query.targets.iter().filter(|target| target.hide != Some(true)) {
        let Some(id) = target.target.as_deref().filter(|id| !id.is_empty()) else { continue };
        let payload = payload(&target.payload)?;
        let asked = asked(&api, &query, id, payload)?;
        let points = points(&api.figures, &asked).await?;
        found += points.len();
        if found > MAX_POINTS_OF_QUERY {
            let why = format!("more than {MAX_POINTS_OF_QUERY} points in one query: name a key, or take a longer step");
            return Err(ApiError::NoMeaning(why));
        }
        for (name, datapoints) in by_key(id, points) {
            answer.push(json!({ "target": name, "refId": target.ref_id, "datapoints": datapoints }));
        }
    }
    Ok(Json(answer))
}

/// What narrows a target; older sources send an empty text, or JSON as text, where there is nothing to say.
fn payload(told: &Value) -> Result<Payload, ApiError> {
    let why = |e: serde_json::Error| ApiError::Query { parameter: "payload", why: e.to_string() };
    if told.is_null() || told.as_str().is_some_and(|text| text.trim().is_empty()) {
        return Ok(Payload::default());
    }
    told.as_str().map_or_else(|| Payload::deserialize(told), serde_json::from_str).map_err(why)
}

#[derive(Debug, Deserialize)]
struct Annotated {
    range: Range,
    /// As it was asked with: Grafana wants it back with each mark.
    #[serde(default)]
    annotation: Value,
}

/// When dialers confirmed that campaigns were paused or resumed; an annotation's `query` names one campaign.
async fn annotations<R: Reader>(State(api): State<Api<R>>, body: Question) -> Result<impl IntoResponse, ApiError> {
    let asked: Annotated = body.read()?;
    let size = asked.annotation.to_string().len();
    if size > MAX_ANNOTATION {
        let why = format!("has {size} bytes, and may have {MAX_ANNOTATION}: it comes back with each mark");
        return Err(ApiError::Query { parameter: "annotation", why });
    }
    let campaign = asked.annotation["query"].as_str().map(str::trim).filter(|id| !id.is_empty());
    let campaign = campaign.map(|id| campaign_of(id, api.live.veil())).transpose();
    let campaign = campaign.map_err(|e| ApiError::Query { parameter: "query", why: e.to_string() })?;
    let (marks, _) = marks(&api, campaign, asked.range.from, asked.range.to).await?;
    Ok(Json(marks.into_iter().map(|mark| shown(mark, &asked.annotation)).collect::<Vec<_>>()))
}

fn shown(mark: Annotation, annotation: &Value) -> Value {
    let done = match mark.action {
        Action::Pause => "paused",
        Action::Resume => "resumed",
    };
    json!({
        "annotation": annotation,
        "time": mark.at.millis(),
        "title": format!("{} {done}", mark.campaign),
        "text": format!("asked by {}", mark.by),
        "tags": [mark.campaign, done],
    })
}

/// Each key's points as Grafana wants them: value first, then milliseconds.
fn by_key(id: &str, points: Vec<Point>) -> BTreeMap<String, Vec<Value>> {
    let mut by_key: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for point in points {
        let name = if point.key.is_empty() { id.to_owned() } else { point.key.to_string() };
        by_key.entry(name).or_default().push(json!([point.value, point.t.millis()]));
    }
    by_key
}

fn asked<R: Reader>(api: &Api<R>, query: &Query, id: &str, payload: Payload) -> Result<SeriesQuery, ApiError> {
    let kpi = find(id)?;
    let text = |text: Option<String>| text.filter(|text| !text.is_empty());
    let by = match text(payload.by) {
        None => kpi.get().by,
        Some(word) => Dimension::from_word(&word)
            .ok_or_else(|| ApiError::Query { parameter: "by", why: format!("`{word}` is no dimension") })?,
    };
    let campaign = text(payload.campaign).map(|id| campaign_of(&id, api.live.veil())).transpose();
    let campaign = campaign.map_err(|e| ApiError::Query { parameter: "campaign", why: e.to_string() })?;
    let step = step(query, by, api.live.beat().as_of);
    let key = text(payload.key).map(|key| api.live.veil().lifted(&key).unwrap_or_else(|| key.into()));
    let scope = CampaignScope::from(campaign);
    Ok(SeriesQuery { kpi, by, key, scope, from: query.range.from, to: query.range.to, step })
}

/// The shortest step that is kept for the span, is no shorter than asked for, and makes no more points than asked for.
fn step(query: &Query, by: Dimension, now: Moment) -> Step {
    let span = query.range.to.since(query.range.from).as_millis();
    let age = now.since(query.range.from);
    let most = query.max_data_points.unwrap_or(1_000).clamp(1, i64::try_from(MAX_POINTS).unwrap_or(i64::MAX) - 1);
    let fits = |step: &&Step| {
        let kept = match step {
            Step::Secs10 => by.is_fine() && age <= Span::minutes(60),
            Step::Minute => age <= Span::minutes(60),
            Step::Minutes5 | Step::Minutes15 => (by.is_fine() || by == Dimension::Queue) && age <= Span::days(14),
            Step::Hour => age <= if by.is_fine() || by == Dimension::Queue { Span::days(395) } else { Span::days(35) },
            Step::Day => true,
        };
        let length = step.span().as_millis();
        kept && length >= query.interval_ms.unwrap_or(0).min(Step::Day.span().as_millis()) && span / length < most
    };
    Step::ALL.iter().find(fits).copied().unwrap_or(Step::Day)
}

/// The keys of a dimension, for a template variable: `{"payload": {"target": "campaign"}}`.
async fn variable<R: Reader>(State(api): State<Api<R>>, body: Question) -> Result<impl IntoResponse, ApiError> {
    let asked: Value = body.read()?;
    let word = asked["payload"]["target"].as_str().or_else(|| asked["payload"].as_str()).unwrap_or("campaign");
    let settings = api.reader.settings(Dids::With).await?;
    let text = |id: &str| json!({ "__text": id, "__value": id });
    let veil = api.live.veil();
    let values: Vec<Value> = match Dimension::from_word(word) {
        Some(Dimension::Campaign) => settings.campaigns.iter().map(|(id, _)| text(&veil.id(id.as_str()))).collect(),
        Some(Dimension::Route) => settings.routes.iter().map(|(id, _)| text(&veil.id(id.as_str()))).collect(),
        Some(Dimension::Did) => settings.dids.iter().map(|(did, _)| text(did.reveal())).collect(),
        Some(_) | None => {
            return Err(ApiError::Query {
                parameter: "payload",
                why: format!("`{word}` is none of campaign, route, did"),
            });
        }
    };
    Ok(Json(values))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use app::domain::CampaignId;

    #[test]
    fn the_step_follows_the_span_the_screen_and_what_is_kept() {
        let now = Moment::from_secs(100_000_000);
        let query = |back: Span, most| Query {
            range: Range { from: now - back, to: now },
            interval_ms: Some(1_000),
            max_data_points: Some(most),
            targets: Vec::new(),
        };
        let of = |back, most, by| step(&query(back, most), by, now);
        assert_eq!(of(Span::minutes(30), 1_000, Dimension::Route), Step::Secs10);
        assert_eq!(of(Span::minutes(30), 1_000, Dimension::Did), Step::Minute);
        assert_eq!(of(Span::hours(24), 1_000, Dimension::Route), Step::Minutes5);
        assert_eq!(of(Span::hours(24), 100, Dimension::Route), Step::Minutes15);
        assert_eq!(of(Span::hours(24), 1_000, Dimension::Did), Step::Hour);
        assert_eq!(of(Span::days(90), 1_000, Dimension::Total), Step::Day);
    }

    #[test]
    fn a_payload_that_says_something_is_read_or_refused() {
        assert!(["null", "\"\"", "{}"].iter().all(|text| payload(&serde_json::from_str(text).unwrap()).is_ok()));
        let by = |told: Value| payload(&told).unwrap().by.unwrap();
        assert_eq!((by(json!({ "by": "route" })), by(json!("{\"by\":\"did\"}"))), ("route".into(), "did".into()));
        for told in [json!({ "campagin": "c" }), json!({ "by": 7 }), json!("route"), json!([1])] {
            let refused = payload(&told).unwrap_err().to_string();
            assert!(refused.starts_with("`payload`"), "{told}: {refused}");
        }
    }

    #[test]
    fn a_mark_says_of_whom_what_and_when() {
        let at = Moment::from_secs(7);
        let (campaign, request) = (CampaignId::trusted("spring"), "r1".into());
        let mark = Annotation { at, campaign, action: Action::Pause, by: "ops".into(), request, asked_at: at };
        let shown = shown(mark, &json!({ "name": "Pauses" }));
        assert_eq!((&shown["time"], &shown["title"]), (&json!(7_000), &json!("spring paused")));
        assert_eq!((&shown["text"], &shown["annotation"]["name"]), (&json!("asked by ops"), &json!("Pauses")));
    }

    #[test]
    fn values_come_before_times() {
        let point = Point { t: Moment::from_secs(7), key: "a".into(), value: None, numerator: None, denominator: 0 };
        assert_eq!(by_key("x", vec![point])["a"], [json!([null, 7_000])]);
    }
}
