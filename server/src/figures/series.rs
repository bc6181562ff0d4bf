//! A KPI over time, one point a bucket and key.
//!
//! Short steps within the last hour come from memory, the others from the store's sums by five minutes, hour and site day.
//! A bucket in which nothing was counted has no point; one whose denominator is 0 has a point without a value.

use super::cost::{Monthly, spent};
use super::kpi::Figure;
use super::{Figures, FiguresError};
use crate::kit::mask::Veil;
use crate::law::grain::Grain;
use crate::law::span::{SiteDays, Stretch};
use crate::store::read::{Reader, Series, SumQuery};
use app::domain::{CampaignScope, Dimension, Facts, Moment, Span};
use app::kpi::catalog::sum;
use app::kpi::{Formula, KpiId};
use serde::Serialize;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// Points of one answer at most: what charts can show, some times over.
pub const MAX_POINTS: usize = 11_000;
/// Buckets at most where no key is named of a dimension that may have thousands.
pub const MAX_BUCKETS_OF_MANY: i64 = 200;

/// How long a bucket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Secs10,
    Minute,
    Minutes5,
    Minutes15,
    Hour,
    /// The site's.
    Day,
}

impl Step {
    pub const ALL: &'static [Self] =
        &[Self::Secs10, Self::Minute, Self::Minutes5, Self::Minutes15, Self::Hour, Self::Day];

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Secs10 => "10s",
            Self::Minute => "1m",
            Self::Minutes5 => "5m",
            Self::Minutes15 => "15m",
            Self::Hour => "1h",
            Self::Day => "1d",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|step| step.word() == word)
    }

    /// Its length; of a day the usual one.
    #[must_use]
    pub const fn span(self) -> Span {
        match self {
            Self::Secs10 => Span::secs(10),
            Self::Minute => Span::minutes(1),
            Self::Minutes5 => Span::minutes(5),
            Self::Minutes15 => Span::minutes(15),
            Self::Hour => Span::hours(1),
            Self::Day => Span::days(1),
        }
    }

    /// Where its sums are kept; `None` in memory.
    const fn grain(self) -> Option<Grain> {
        match self {
            Self::Secs10 | Self::Minute => None,
            Self::Minutes5 | Self::Minutes15 => Some(Grain::Minutes5),
            Self::Hour => Some(Grain::Hour),
            Self::Day => Some(Grain::SiteDay),
        }
    }

    /// The bucket that holds an instant.
    fn bucket(self, at: Moment, day_of: &mut SiteDays) -> Stretch {
        match self {
            Self::Day => day_of.of(at),
            Self::Secs10 | Self::Minute | Self::Minutes5 | Self::Minutes15 | Self::Hour => {
                let from = at.floor(self.span());
                Stretch { from, to: from + self.span() }
            }
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct SeriesQuery {
    pub kpi: KpiId,
    pub by: Dimension,
    pub key: Option<SmolStr>,
    pub scope: CampaignScope,
    pub from: Moment,
    pub to: Moment,
    pub step: Step,
}

#[derive(Debug, Clone, Serialize)]
pub struct Point {
    /// Begin of its bucket.
    pub t: Moment,
    pub key: SmolStr,
    pub value: Option<f64>,
    /// A count; an amount of money of what costs; nothing where the value is no quotient.
    pub numerator: Option<Figure>,
    pub denominator: i64,
}

/// The points of all buckets that begin in the span, oldest first, keys in byte order.
///
/// # Errors
/// If the combination has no meaning, is too much at once, or the store can't be read.
pub async fn points<R: Reader>(of: &Figures<R>, asked: &SeriesQuery) -> Result<Vec<Point>, FiguresError> {
    let kpi = asked.kpi.get();
    check(asked)?;
    let as_of = of.live.beat().as_of;
    let mut day_of = SiteDays::new(of.zone);
    // Whole buckets: the first is the one that holds `from`.
    let from = asked.step.bucket(asked.from, &mut day_of).from;
    let asked = &SeriesQuery { from, ..asked.clone() };
    let sums = match asked.step.grain() {
        None => in_memory(of, asked, as_of).await?,
        Some(grain) => stored(of, asked, grain, as_of).await?,
    };
    let mut buckets: BTreeMap<(Moment, SmolStr), (Stretch, Facts)> = BTreeMap::new();
    for (at, key, tally) in sums {
        let bucket = asked.step.bucket(at, &mut day_of);
        let (_, facts) = buckets.entry((bucket.from, key)).or_insert_with(|| (bucket, Facts::default()));
        *facts += &tally;
        if buckets.len() > MAX_POINTS {
            return Err(too_many("name a key, or take a longer step"));
        }
    }
    let has_cost = matches!(kpi.computed, Formula::Cost { .. });
    let months = if has_cost { of.reader.costs().await? } else { Vec::new() };
    let months: Vec<Monthly> = months.into_iter().filter_map(|told| Monthly::of(told, of.zone)).collect();
    let point = |((t, key), (bucket, facts)): ((Moment, SmolStr), (Stretch, Facts))| {
        if let Formula::Cost { kind, whole, scale } = kpi.computed {
            let n = sum(whole, &facts);
            let spent = spent(&months, kind, Stretch { to: bucket.to.min(as_of), ..bucket });
            #[allow(clippy::cast_precision_loss)] // amounts stay far below 2^53 millionths
            let units = |money: app::view::trend::Money| money.micros as f64 / 1_000_000.0;
            let amount = spent.as_ref().and_then(|spent| spent.money()).map(units);
            let value = spent.and_then(|spent| spent.each(n, scale)).map(units);
            return Some(Point { t, key, value, numerator: amount.map(Figure::Amount), denominator: n });
        }
        let passed = bucket.to.min(as_of.max(bucket.from)).since(bucket.from).as_millis();
        let reading = kpi.read(&facts, (passed + 59_999).div_euclid(60_000).max(1))?;
        let numerator = kpi.counts_its_part().then_some(Figure::Count(reading.ratio.part));
        let denominator = reading.ratio.whole;
        Some(Point { t, key, value: reading.value, numerator, denominator })
    };
    let shown = |mut point: Point| {
        point.key = shown_key(asked.by, point.key, of.live.veil());
        point
    };
    Ok(buckets.into_iter().filter_map(point).map(shown).collect())
}

/// A key of figures as it is shown: the floor's own numbers, countries and codes as they are, names without persons' numbers.
#[must_use]
pub fn shown_key(by: Dimension, key: SmolStr, veil: &Veil) -> SmolStr {
    match by {
        Dimension::Campaign | Dimension::Route | Dimension::Agent | Dimension::Queue | Dimension::Component => {
            veil.id(&key)
        }
        Dimension::Total | Dimension::Country | Dimension::Did | Dimension::SipCode => key,
    }
}

fn too_many(what_to_do: &str) -> FiguresError {
    FiguresError::NoMeaning(format!("more than {MAX_POINTS} points: {what_to_do}"))
}

fn check(asked: &SeriesQuery) -> Result<(), FiguresError> {
    let kpi = asked.kpi.get();
    let why = |text: String| Err(FiguresError::NoMeaning(text));
    if !kpi.dimensions.contains(&asked.by) {
        return Err(FiguresError::not_by(asked.kpi, asked.by));
    }
    if matches!(kpi.computed, Formula::Present(_) | Formula::Budget) || kpi.facts().next().is_none() {
        return why(format!("`{}` tells of the present: it has no past by buckets", kpi.id));
    }
    if asked.from >= asked.to {
        return Err(FiguresError::NotBefore);
    }
    let buckets = (asked.to - asked.from).as_millis() / asked.step.span().as_millis() + 1;
    if usize::try_from(buckets).unwrap_or(usize::MAX) > MAX_POINTS {
        return Err(too_many("take a longer step, or a shorter span"));
    }
    let many = match asked.by {
        Dimension::Did | Dimension::Agent | Dimension::SipCode | Dimension::Queue | Dimension::Component => true,
        Dimension::Total | Dimension::Campaign | Dimension::Route | Dimension::Country => false,
    };
    if many && asked.key.is_none() && buckets > MAX_BUCKETS_OF_MANY {
        return why(format!(
            "more than {MAX_BUCKETS_OF_MANY} buckets of every {}: name a key, take a longer step, or a shorter span",
            asked.by.word()
        ));
    }
    let kept = asked.step.grain().is_none_or(|grain| grain.keeps(asked.by));
    if !kept {
        return why(format!("{} is not kept by five minutes: the shortest stored step is 1h", asked.by.word()));
    }
    if asked.step == Step::Secs10 && !asked.by.is_fine() {
        return why(format!("{} is kept by the minute: the shortest step is 1m", asked.by.word()));
    }
    Ok(())
}

async fn in_memory<R: Reader>(of: &Figures<R>, asked: &SeriesQuery, as_of: Moment) -> Result<Series, FiguresError> {
    if asked.from < as_of - Span::minutes(61) {
        let step = asked.step.word();
        return Err(FiguresError::NoMeaning(format!(
            "a step of {step} reaches an hour back: take 5m or longer, or a later `from`"
        )));
    }
    let during = Stretch { from: asked.from, to: asked.to };
    Ok(of.live.buckets(asked.by, asked.scope.clone(), asked.key.clone(), during).await?)
}

async fn stored<R: Reader>(
    of: &Figures<R>,
    asked: &SeriesQuery,
    grain: Grain,
    as_of: Moment,
) -> Result<Series, FiguresError> {
    let SeriesQuery { by, key, scope, from, to, .. } = asked.clone();
    // The bucket that holds `to` belongs to it as a whole, unless it only begins there.
    let mut day_of = SiteDays::new(of.zone);
    let last = asked.step.bucket(to - Span::millis(1), &mut day_of);
    let query = SumQuery { dimension: by, key, scope, from, to: last.to, grain };
    Ok(of.reader.series_at(&query, as_of).await?)
}
