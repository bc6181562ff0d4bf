//! `GET /api/v1/kpis`, `/kpis/{id}`, `/facts`: figures by key, over a window.
//!
//! The catalogue says what each KPI is, and computes it; facts come from `sums`, gauges from the board, what some bands
//! compare with from `baselines`. Nothing is computed here.

use super::Api;
use super::error::ApiError;
use super::query::Params;
use super::rows::{Field, Page};
use super::series::shown_key;
use super::sums::{Asked, Row, Sums, sums};
use crate::board::baseline::Baselines;
use crate::figures::cost::{Monthly, Spent, spent};
use crate::law::span::Stretch;
use crate::store::read::{Dids, Reader};
use app::compliance::Budget;
use app::domain::facts::PDD_EDGES_MS;
use app::domain::outcome::CostKind;
use app::domain::{CampaignId, Country, Dimension, Fact, Facts, Moment, Window};
use app::kpi::band::{connect_trend, did_health, pdd_trend};
use app::kpi::catalog::{Present, Reading, Sum, Unit, sum};
use app::kpi::help::{Help, help};
use app::kpi::{Band, Formula, Kpi, KpiId, Ratio};
use app::view::trend::Money;
use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use serde_json::{Map, Value, json};
use smol_str::SmolStr;

/// What both row lists take.
pub const PARAMETERS: &[&str] = &["by", "window", "key", "campaign", "order", "limit", "cursor"];

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
    let fixed = kpi.bands.map(|b| {
        json!({
            "warn": b.warn.iter().map(edge).collect::<Vec<_>>(),
            "critical": b.critical.iter().map(edge).collect::<Vec<_>>(),
            "enough": b.enough,
        })
    });
    json!({ "words": kpi.bands_in_words, "edges": fixed })
}

/// What is divided: a count, or an amount of money.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Figure {
    Count(i64),
    Amount(f64),
}

/// One KPI's figure of one key.
#[derive(Debug, Serialize)]
struct KpiRow {
    key: SmolStr,
    value: Option<f64>,
    numerator: Option<Figure>,
    denominator: Option<i64>,
    low: Option<f64>,
    high: Option<f64>,
    band: Band,
    /// Of what costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<SmolStr>,
    /// Where each row has a stretch of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Moment>,
}

impl KpiRow {
    fn new(key: SmolStr, reading: Reading, own: Option<(Moment, Moment)>) -> Self {
        Self {
            key,
            value: reading.value,
            numerator: Some(Figure::Count(reading.ratio.part)),
            denominator: Some(reading.ratio.whole),
            low: reading.interval.map(|i| i.0),
            high: reading.interval.map(|i| i.1),
            band: reading.band,
            currency: None,
            from: own.map(|o| o.0),
            to: own.map(|o| o.1),
        }
    }
}

struct Answer {
    as_of: Moment,
    from: Moment,
    to: Moment,
    rows: Vec<KpiRow>,
}

/// One KPI.
pub async fn kpi<R: Reader>(
    State(api): State<Api<R>>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, ApiError> {
    let kpi = super::series::find(&id)?;
    let params = params.only(PARAMETERS)?;
    let page = Page::read(&params)?;
    let table = kpi.get();
    let asked = Asked::read(&params, table.by, table.window)?;
    if !table.dimensions.contains(&asked.by) {
        let there: Vec<&str> = table.dimensions.iter().map(|d| d.word()).collect();
        let by = asked.by.word();
        return Err(ApiError::NoMeaning(format!("`{id}` has no meaning by {by}; it is there by {}", there.join(", "))));
    }
    let answer = match table.computed {
        Formula::Present(what) => present(&api, table, what, &asked).await?,
        Formula::Budget => budget(&api, &asked).await?,
        Formula::Cost { kind, whole, scale } => cost(&api, kind, whole, scale, &asked).await?,
        Formula::Ratio { .. }
        | Formula::PerMinute { .. }
        | Formula::PerHour { .. }
        | Formula::PerDay { .. }
        | Formula::PddP95 => computed(&api, kpi, &asked).await?,
    };
    let veil = api.live.veil();
    let shown = |row: KpiRow| KpiRow { key: shown_key(asked.by, row.key, veil), ..row };
    let listed = page.cut(
        answer.rows.into_iter().map(shown).collect(),
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

fn head(as_of: Moment, from: Moment, to: Moment, asked: &Asked) -> Map<String, Value> {
    let mut head = Map::new();
    head.insert("as_of".to_owned(), json!(as_of));
    head.insert("by".to_owned(), json!(asked.by));
    head.insert("window".to_owned(), json!(asked.window));
    head.insert("from".to_owned(), json!(from));
    head.insert("to".to_owned(), json!(to));
    head
}

fn answered<T: Serialize>(
    mut head: Map<String, Value>,
    kpi: Option<String>,
    listed: super::rows::Listed<T>,
) -> Json<Value> {
    if let Some(kpi) = kpi {
        head.insert("kpi".to_owned(), Value::String(kpi));
    }
    head.insert("rows".to_owned(), json!(listed.rows));
    if let Some(next) = listed.next_cursor {
        head.insert("next_cursor".to_owned(), Value::String(next));
    }
    Json(Value::Object(head))
}

/// A KPI of facts.
async fn computed<R: Reader>(api: &Api<R>, kpi: KpiId, asked: &Asked) -> Result<Answer, ApiError> {
    let Sums { as_of, from, to, rows } = sums(api, asked).await?;
    let compared = match comparison(kpi, asked) {
        Some(comparison) => Some((comparison, api.baselines.get(api, as_of).await?)),
        None => None,
    };
    let rows = rows
        .into_iter()
        .filter_map(|Row { key, facts, own }| {
            let (begin, end) = own.unwrap_or((from, to));
            let reading = kpi.get().read(&facts, minutes(asked.window, begin, end, as_of))?;
            let band = compared.as_ref().map_or(reading.band, |(with, b)| with.band(&key, reading.ratio, b));
            Some(KpiRow::new(key, Reading { band, ..reading }, own))
        })
        .collect();
    Ok(Answer { as_of, from, to, rows })
}

/// Minutes of a window that have passed, the running one included.
fn minutes(window: Window, from: Moment, to: Moment, as_of: Moment) -> i64 {
    match window {
        Window::Minutes5 => 5,
        Window::Minutes15 => 15,
        Window::Minutes60 => 60,
        Window::Hours24 | Window::Today | Window::Days7 | Window::Days30 | Window::Campaign | Window::Period => {
            let passed = to.min(as_of).since(from).as_millis();
            (passed + 59_999).div_euclid(60_000).max(1)
        }
    }
}

/// What a band compares with.
#[derive(Debug, Clone, Copy)]
enum Comparison {
    Did,
    Connect,
    Pdd,
}

/// Where the band comes from a comparison: only for what the baselines were made for.
fn comparison(kpi: KpiId, asked: &Asked) -> Option<Comparison> {
    let as_made = asked.by == kpi.get().by && asked.window == Window::Minutes60 && asked.campaign.is_none();
    let compared = [
        (KpiId::DidAnswerRate, Comparison::Did),
        (KpiId::ConnectRate, Comparison::Connect),
        (KpiId::Pdd, Comparison::Pdd),
    ];
    compared.into_iter().find(|(id, _)| as_made && *id == kpi).map(|(_, comparison)| comparison)
}

impl Comparison {
    fn band(self, key: &str, now: Ratio, baselines: &Baselines) -> Band {
        match self {
            Self::Did => did_health(now, baselines.dids.get(key).copied().unwrap_or_default()),
            Self::Connect => {
                let id = CampaignId::trusted(key);
                connect_trend(now, baselines.connect.get(&id).copied().unwrap_or_default())
            }
            Self::Pdd => {
                let before = Country::new(key).ok().and_then(|c| baselines.pdd.get(&c).copied());
                pdd_trend(now, before.unwrap_or_default())
            }
        }
    }
}

/// A gauge: what is now, whatever the window's length.
async fn present<R: Reader>(api: &Api<R>, kpi: &Kpi, what: Present, asked: &Asked) -> Result<Answer, ApiError> {
    if asked.window != kpi.window {
        let (id, window) = (kpi.id, asked.window.word());
        return Err(ApiError::NoMeaning(format!(
            "`{id}` tells of the present: it has no window `{window}`, leave it out"
        )));
    }
    let (as_of, rows) = api.live.present(what, asked.by, asked.campaign.clone()).await?;
    let rows = rows
        .into_iter()
        .filter(|row| asked.key.as_ref().is_none_or(|k| *k == row.key))
        .map(|row| {
            let reading = row.ratio.map(|ratio| kpi.read_ratio(ratio));
            let divided = matches!(kpi.unit, Unit::Share | Unit::Ms);
            KpiRow {
                key: row.key,
                value: match (row.ratio, divided) {
                    (Some(ratio), true) => ratio.value(),
                    #[allow(clippy::cast_precision_loss)] // counts stay far below 2^53
                    (Some(ratio), false) => Some(ratio.part as f64),
                    (None, _) => None,
                },
                numerator: row.ratio.map(|r| Figure::Count(r.part)),
                denominator: row.ratio.map(|r| r.whole),
                low: reading.and_then(|r| r.interval).map(|i| i.0),
                high: reading.and_then(|r| r.interval).map(|i| i.1),
                band: row.band,
                currency: None,
                from: None,
                to: None,
            }
        })
        .collect();
    Ok(Answer { as_of, from: as_of, to: as_of, rows })
}

/// Calls left in each campaign's running period.
async fn budget<R: Reader>(api: &Api<R>, asked: &Asked) -> Result<Answer, ApiError> {
    if asked.window != Window::Period {
        return Err(ApiError::NoMeaning("`abandon_budget` is of the compliance period: leave window out".to_owned()));
    }
    let Sums { as_of, from, to, rows } = sums(api, asked).await?;
    let settings = api.reader.settings(Dids::Without).await?;
    let limit = |id: &str| {
        let campaign = settings.campaigns.iter().find(|(c, _)| c.as_str() == id).map(|(_, c)| c);
        crate::board::limit_ppm(campaign)
    };
    let rows = rows
        .into_iter()
        .map(|Row { key, facts, own }| {
            let rate = KpiId::AbandonRate.ratio(|fact| facts[fact]);
            let budget = Budget::of(rate, limit(&key));
            #[allow(clippy::cast_precision_loss)] // counts stay far below 2^53
            let value = (rate.whole > 0).then(|| budget.calls_left().map(|n| n as f64)).flatten();
            let reading = Reading { ratio: rate, value, interval: None, band: budget.band() };
            KpiRow::new(key, reading, own)
        })
        .collect();
    Ok(Answer { as_of, from, to, rows })
}

/// Months' costs over the window, for one of what they paid for; no value unless all its months' costs were told.
async fn cost<R: Reader>(
    api: &Api<R>,
    kind: CostKind,
    whole: Sum,
    scale: i64,
    asked: &Asked,
) -> Result<Answer, ApiError> {
    let Sums { as_of, from, to, rows } = sums(api, asked).await?;
    let months: Vec<Monthly> =
        api.reader.costs().await?.into_iter().filter_map(|told| Monthly::of(told, api.zone)).collect();
    let spent = spent(&months, kind, Stretch { from, to: to.min(as_of) });
    #[allow(clippy::cast_precision_loss)] // amounts stay far below 2^53 millionths
    let units = |money: Money| money.micros as f64 / 1_000_000.0;
    let money = spent.as_ref().and_then(Spent::money);
    let facts = rows.into_iter().next().map(|row| row.facts).unwrap_or_default();
    let n = sum(whole, &facts);
    let row = KpiRow {
        key: SmolStr::default(),
        value: spent.and_then(|spent| spent.each(n, scale)).map(units),
        currency: money.as_ref().map(|money| money.currency.clone()),
        numerator: money.map(|money| Figure::Amount(units(money))),
        denominator: Some(n),
        low: None,
        high: None,
        band: Band::None,
        from: None,
        to: None,
    };
    Ok(Answer { as_of, from, to, rows: vec![row] })
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
    let page = Page::read(&params)?;
    let asked = Asked::read(&params, Dimension::Total, Window::Minutes60)?;
    if page.field != Field::Key {
        return Err(ApiError::NoMeaning("facts are ordered by key, or by -key".to_owned()));
    }
    let Sums { as_of, from, to, rows } = sums(&api, &asked).await?;
    let rows = rows
        .into_iter()
        .map(|Row { key, facts, own }| FactsRow {
            key: shown_key(asked.by, key, api.live.veil()),
            facts: named(&facts, asked.by),
            from: own.map(|o| o.0),
            to: own.map(|o| o.1),
        })
        .collect();
    let listed = page.cut(rows, |row: &FactsRow| &row.key, |_, _| None);
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
