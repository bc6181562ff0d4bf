//! `GET /api/v1/kpis`, `/kpis/{id}`, `/facts`, `/series/{id}`: figures by key over a window, and over time.
//!
//! Reads what is asked for and writes the answer; figures are made in [`crate::figures`].

use super::Api;
use super::error::ApiError;
use super::query::Params;
use crate::figures::kpi;
use crate::figures::page::{Field, Listed};
use crate::figures::series::{self, SeriesQuery, Step};
use crate::figures::sums::{KeySums, SumsByKey, SumsQuery};
use crate::kit::nearest::did_you_mean;
use crate::store::read::Reader;
use app::domain::facts::PDD_EDGES_MS;
use app::domain::{Dimension, Fact, Facts, Moment, Span, Window};
use app::kpi::catalog::CATALOG;
use app::kpi::help::{Help, help};
use app::kpi::{Kpi, KpiId};
use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use serde_json::{Map, Value, json};
use smol_str::SmolStr;

/// What both row lists take.
pub const PARAMETERS: &[&str] = &["by", "window", "key", "campaign", "order", "limit", "cursor"];
const SERIES_PARAMETERS: &[&str] = &["by", "key", "campaign", "from", "to", "step"];

/// The whole catalogue.
pub async fn catalogue() -> Json<Value> {
    Json(Value::Array(KpiId::ALL.iter().map(|id| entry(*id)).collect()))
}

fn entry(id: KpiId) -> Value {
    let (kpi, Help { help, example }) = (id.get(), help(id));
    json!({
        "id": kpi.id,
        "label": kpi.label,
        "unit": kpi.unit,
        "formula": kpi.formula,
        "numerator": kpi.numerator,
        "denominator": kpi.denominator,
        "factor": kpi.factor(),
        "bands": bands(kpi),
        "direction": kpi.direction,
        "help": help,
        "source": kpi.source,
        "example": { "words": example.words, "value": example.value },
        "by": kpi.by,
        "window": kpi.window,
        "dimensions": kpi.dimensions,
    })
}

/// In words, and where the edges are fixed, exactly.
fn bands(kpi: &Kpi) -> Value {
    let edge = |e: &app::kpi::Edge| {
        let side = match e.side {
            app::kpi::band::Side::Above => "above",
            app::kpi::band::Side::AtLeast => "at_least",
            app::kpi::band::Side::AtMost => "at_most",
            app::kpi::band::Side::Below => "below",
        };
        json!({ "side": side, "part": e.part, "whole": e.whole })
    };
    let fixed = kpi.bands().map(|b| {
        json!({
            "warn": b.warn.iter().map(edge).collect::<Vec<_>>(),
            "critical": b.critical.iter().map(edge).collect::<Vec<_>>(),
            "enough": b.enough,
        })
    });
    let now = kpi.judged_now().map(|(_, window)| window);
    let judged = json!({ "by": kpi.judged.word(), "words": kpi.judged.in_words(), "now": now });
    json!({ "words": kpi.bands_in_words, "edges": fixed, "judged": judged })
}

/// # Errors
/// If there is no such KPI.
pub fn find(id: &str) -> Result<KpiId, ApiError> {
    KpiId::from_id(id).ok_or_else(|| {
        let ids: Vec<&str> = CATALOG.iter().map(|k| k.id).collect();
        ApiError::NotFound(format!("no KPI `{id}`{}", did_you_mean(id, &ids)))
    })
}

/// Whose sums over which window, read of a request that may leave both out.
///
/// # Errors
/// If a parameter can't be read, or the combination has no meaning.
pub(crate) fn asked(params: &Params, by: Dimension, window: Window) -> Result<SumsQuery, ApiError> {
    let by = params.by()?.unwrap_or(by);
    let window = params.window()?.unwrap_or(window);
    Ok(SumsQuery { by, window, key: params.key(by), scope: params.scope()? }.checked()?)
}

/// One KPI.
pub async fn kpi<R: Reader>(
    State(api): State<Api<R>>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, ApiError> {
    let kpi = find(&id)?;
    let params = params.only(PARAMETERS)?;
    let page = params.page()?;
    let asked = asked(&params, kpi.get().by, kpi.get().window)?;
    let answer = kpi::kpi(&api.figures, kpi, &asked).await?;
    let listed = page.cut(
        answer.rows,
        |row| &row.key,
        |row, field| match field {
            Field::Value => row.value,
            #[allow(clippy::cast_precision_loss)] // counts stay far below 2^53
            Field::Denominator => row.denominator.map(|n| n as f64),
            Field::Key => None,
        },
    );
    Ok(answered(head(answer.as_of, answer.from, answer.to, &asked), Some(id), listed))
}

fn head(as_of: Moment, from: Moment, to: Moment, asked: &SumsQuery) -> Map<String, Value> {
    let mut head = Map::new();
    head.insert("as_of".to_owned(), json!(as_of));
    head.insert("by".to_owned(), json!(asked.by));
    head.insert("window".to_owned(), json!(asked.window));
    head.insert("from".to_owned(), json!(from));
    head.insert("to".to_owned(), json!(to));
    head
}

fn answered<T: Serialize>(mut head: Map<String, Value>, kpi: Option<String>, listed: Listed<T>) -> Json<Value> {
    if let Some(kpi) = kpi {
        head.insert("kpi".to_owned(), Value::String(kpi));
    }
    head.insert("rows".to_owned(), json!(listed.rows));
    if let Some(next) = listed.next_cursor {
        head.insert("next_cursor".to_owned(), Value::String(next));
    }
    Json(Value::Object(head))
}

/// The raw counters of one key.
#[derive(Debug, Serialize)]
struct FactsRow {
    key: SmolStr,
    facts: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Moment>,
}

/// The facts that every KPI is made of.
pub async fn facts<R: Reader>(State(api): State<Api<R>>, params: Params) -> Result<Json<Value>, ApiError> {
    let params = params.only(PARAMETERS)?;
    let page = params.page()?;
    let asked = asked(&params, Dimension::Total, Window::Minutes60)?;
    if page.field != Field::Key {
        return Err(ApiError::NoMeaning("facts are ordered by key, or by -key".to_owned()));
    }
    let SumsByKey { as_of, from, to, rows } = kpi::facts(&api.figures, &asked).await?;
    let row = |KeySums { key, facts, own }: KeySums| FactsRow {
        key,
        facts: named(&facts, asked.by),
        from: own.map(|o| o.0),
        to: own.map(|o| o.1),
    };
    let listed = page.cut(rows.into_iter().map(row).collect(), |row: &FactsRow| &row.key, |_, _| None);
    let mut head = head(as_of, from, to, &asked);
    if asked.by.is_fine() {
        head.insert("pdd_edges_ms".to_owned(), json!(PDD_EDGES_MS.as_slice()));
    }
    Ok(answered(head, None, listed))
}

fn named(facts: &Facts, by: Dimension) -> Map<String, Value> {
    let mut named: Map<String, Value> =
        Fact::ALL.iter().map(|fact| (fact.name().to_owned(), json!(facts[*fact]))).collect();
    if by.is_fine() {
        named.insert("pdd_histogram".to_owned(), json!(facts.pdd_histogram().as_slice()));
    }
    named
}

/// One KPI over time.
pub async fn series<R: Reader>(
    State(api): State<Api<R>>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, ApiError> {
    let params = params.only(SERIES_PARAMETERS)?;
    let as_of = api.live.beat().as_of;
    let kpi = find(&id)?;
    let step = params.word("step", Step::from_word, || Step::ALL.iter().map(|step| step.word()).collect())?;
    let step = step.unwrap_or(Step::Hour);
    let to = params.moment("to")?.unwrap_or(as_of);
    let from = params.moment("from")?.unwrap_or_else(|| to - Span::millis(step.span().as_millis() * 60));
    let by = params.by()?.unwrap_or(kpi.get().by);
    let asked = SeriesQuery { kpi, by, key: params.key(by), scope: params.scope()?, from, to, step };
    let points = series::points(&api.figures, &asked).await?;
    Ok(Json(
        json!({ "as_of": as_of, "kpi": kpi.get().id, "by": by, "step": step.word(), "from": from, "to": to, "points": points }),
    ))
}
