//! KPIs and facts by key, over a window.
//!
//! The catalogue says what each KPI is, and computes it; facts come from `sums`, gauges from the board, what some bands
//! compare with is the board's to know. Nothing is computed here, and nothing judged that the pages judge.

use super::cost::{Expense, Monthly, spent};
use super::series::shown_key;
use super::sums::{KeySums, SumsByKey, SumsQuery, sums};
use super::{Figures, FiguresError};
use crate::law::span::Stretch;
use crate::store::read::{Dids, Reader};
use app::compliance::Budget;
use app::domain::outcome::CostKind;
use app::domain::{Moment, Window};
use app::kpi::catalog::{Present, Reading, Sum, Unit, sum};
use app::kpi::{Band, Formula, Kpi, KpiId};
use app::view::trend::Money;
use serde::Serialize;
use smol_str::SmolStr;

/// What is divided: a count, or an amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Figure {
    Count(i64),
    Amount(f64),
}

/// One KPI's figure of one key.
#[derive(Debug, Serialize)]
pub struct KpiRow {
    pub key: SmolStr,
    pub value: Option<f64>,
    pub numerator: Option<Figure>,
    pub denominator: Option<i64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub band: Band,
    /// Calls of which no source could tell, where there are any: in neither count, or failed without a code and in the denominator
    /// alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unjudged: Option<i64>,
    /// Of what costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<SmolStr>,
    /// Where each row has a stretch of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Moment>,
}

impl KpiRow {
    fn new(kpi: &Kpi, key: SmolStr, reading: Reading, own: Option<(Moment, Moment)>) -> Self {
        Self {
            key,
            value: reading.value,
            numerator: kpi.counts_its_part().then_some(Figure::Count(reading.ratio.part)),
            denominator: Some(reading.ratio.whole),
            low: reading.interval.map(|i| i.0),
            high: reading.interval.map(|i| i.1),
            band: reading.band,
            unjudged: None,
            currency: None,
            from: own.map(|o| o.0),
            to: own.map(|o| o.1),
        }
    }
}

/// A KPI's rows, and the span that they are of.
#[derive(Debug)]
pub struct KpiFigures {
    pub as_of: Moment,
    pub from: Moment,
    pub to: Moment,
    pub rows: Vec<KpiRow>,
}

/// One KPI by key, keys as they are shown and in byte order.
///
/// # Errors
/// If the combination has no meaning, the store can't be read, or the server is stopping.
pub async fn kpi<R: Reader>(of: &Figures<R>, kpi: KpiId, asked: &SumsQuery) -> Result<KpiFigures, FiguresError> {
    let table = kpi.get();
    if !table.dimensions.contains(&asked.by) {
        return Err(FiguresError::not_by(kpi, asked.by));
    }
    let answer = match table.computed {
        Formula::Present(what) => present(of, table, what, asked).await?,
        Formula::Budget => budget(of, asked).await?,
        Formula::Cost { kind, whole, scale } => cost(of, kind, whole, scale, asked).await?,
        Formula::Ratio { .. }
        | Formula::PerMinute { .. }
        | Formula::PerHour { .. }
        | Formula::PerDay { .. }
        | Formula::PddP95 => computed(of, kpi, asked).await?,
    };
    let veil = of.live.veil();
    let shown = |row: KpiRow| KpiRow { key: shown_key(asked.by, row.key, veil), ..row };
    Ok(KpiFigures { rows: answer.rows.into_iter().map(shown).collect(), ..answer })
}

/// A KPI of facts.
async fn computed<R: Reader>(of: &Figures<R>, kpi: KpiId, asked: &SumsQuery) -> Result<KpiFigures, FiguresError> {
    let SumsByKey { as_of, from, to, rows } = sums(of, asked).await?;
    // What the pages judge, they have judged: nothing of it is judged afresh here.
    let said = of.live.said_of(kpi, asked.by, asked.window, asked.scope.clone()).await?;
    let rows = rows
        .into_iter()
        .filter_map(|KeySums { key, facts, own }| {
            let (begin, end) = own.unwrap_or((from, to));
            let reading = kpi.get().read(&facts, minutes(asked.window, begin, end, as_of))?;
            let band = said.as_ref().and_then(|said| said.get(&key)).copied().unwrap_or(reading.band);
            let unjudged = Some(kpi.get().unjudged(|fact| facts[fact])).filter(|n| *n > 0);
            Some(KpiRow { unjudged, ..KpiRow::new(kpi.get(), key, Reading { band, ..reading }, own) })
        })
        .collect();
    Ok(KpiFigures { as_of, from, to, rows })
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

/// A gauge: what is now, whatever the window's length.
async fn present<R: Reader>(
    of: &Figures<R>,
    kpi: &Kpi,
    what: Present,
    asked: &SumsQuery,
) -> Result<KpiFigures, FiguresError> {
    if asked.window != kpi.window {
        let (id, window, own) = (kpi.id, asked.window.word(), kpi.window.word());
        return Err(FiguresError::NoMeaning(format!(
            "`{id}` tells of the present by a window of its own, `{own}`: it has none of `{window}`, leave it out"
        )));
    }
    let (as_of, rows) = of.live.present(what, asked.by, asked.scope.clone()).await?;
    let rows: Vec<_> = rows.into_iter().filter(|row| asked.key.as_ref().is_none_or(|k| *k == row.key)).collect();
    // What holds them all; the moment where none is of more.
    let stretches = || rows.iter().filter_map(|row| row.during);
    let from = stretches().map(|during| during.from).min().unwrap_or(as_of);
    let to = stretches().map(|during| during.to).max().unwrap_or(as_of);
    let rows = rows
        .into_iter()
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
                unjudged: None,
                currency: None,
                from: row.during.map(|during| during.from),
                to: row.during.map(|during| during.to),
            }
        })
        .collect();
    Ok(KpiFigures { as_of, from, to, rows })
}

/// Calls left in each campaign's running period.
async fn budget<R: Reader>(of: &Figures<R>, asked: &SumsQuery) -> Result<KpiFigures, FiguresError> {
    if asked.window != Window::Period {
        return Err(FiguresError::NoMeaning(
            "`abandon_budget` is of the compliance period: leave window out".to_owned(),
        ));
    }
    let SumsByKey { as_of, from, to, rows } = sums(of, asked).await?;
    let settings = of.reader.settings(Dids::Without).await?;
    let limit = |id: &str| {
        let campaign = settings.campaigns.iter().find(|(c, _)| c.as_str() == id).map(|(_, c)| c);
        crate::board::limit_ppm(campaign)
    };
    let rows = rows
        .into_iter()
        .map(|KeySums { key, facts, own }| {
            let rate = KpiId::AbandonRate.ratio(|fact| facts[fact]);
            let budget = Budget::of(rate, limit(&key));
            #[allow(clippy::cast_precision_loss)] // counts stay far below 2^53
            let value = (rate.whole > 0).then(|| budget.calls_left().map(|n| n as f64)).flatten();
            let reading = Reading { ratio: rate, value, interval: None, band: budget.band() };
            KpiRow::new(KpiId::AbandonBudget.get(), key, reading, own)
        })
        .collect();
    Ok(KpiFigures { as_of, from, to, rows })
}

/// Months' costs over the window, for one of what they paid for; no value unless all its months' costs were told.
async fn cost<R: Reader>(
    of: &Figures<R>,
    kind: CostKind,
    whole: Sum,
    scale: i64,
    asked: &SumsQuery,
) -> Result<KpiFigures, FiguresError> {
    let SumsByKey { as_of, from, to, rows } = sums(of, asked).await?;
    let months: Vec<Monthly> =
        of.reader.costs().await?.into_iter().filter_map(|told| Monthly::of(told, of.zone)).collect();
    let spent = spent(&months, kind, Stretch { from, to: to.min(as_of) });
    #[allow(clippy::cast_precision_loss)] // amounts stay far below 2^53 millionths
    let units = |money: Money| money.micros as f64 / 1_000_000.0;
    let money = spent.as_ref().and_then(Expense::money);
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
        unjudged: None,
        from: None,
        to: None,
    };
    Ok(KpiFigures { as_of, from, to, rows: vec![row] })
}

/// The facts that every KPI is made of, by key, keys as they are shown.
///
/// # Errors
/// If the store can't be read, or the server is stopping.
pub async fn facts<R: Reader>(of: &Figures<R>, asked: &SumsQuery) -> Result<SumsByKey, FiguresError> {
    let found = sums(of, asked).await?;
    let veil = of.live.veil();
    let shown = |row: KeySums| KeySums { key: shown_key(asked.by, row.key, veil), ..row };
    Ok(SumsByKey { rows: found.rows.into_iter().map(shown).collect(), ..found })
}
