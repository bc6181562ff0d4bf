//! Post-dial delay by country, and its course.

use super::whole;
use crate::board::MINUTE;
use crate::board::floor::Floor;
use crate::board::over::Over;
use app::domain::facts::PDD_EDGES_MS;
use app::domain::{Country, Dimension, Fact, Moment, Window};
use app::kpi::value::quantile;
use app::kpi::{KpiId, Ratio};
use app::view::live::{PddPoint, PddRow};
use std::collections::BTreeMap;

/// At most this many countries are drawn as lines; the rest are in the rows.
const MAX_LINES: usize = 6;

/// In the order in which they are drawn.
pub(super) fn pdd_rows(floor: &Floor, over: Over<'_>) -> Vec<PddRow> {
    let hour = floor.windows.sums(Dimension::Country, Window::Minutes60, over);
    let mut rows: Vec<PddRow> = hour
        .iter()
        .filter(|(_, f)| f[Fact::Progressed] > 0)
        .filter_map(|(key, f)| Some((Country::new(key).ok()?, f)))
        .map(|(country, f)| {
            let now = KpiId::Pdd.ratio(|fact| f[fact]);
            let before = floor.baselines.pdd.get(&country).filter(|_| over.is_floor()).copied().unwrap_or_default();
            PddRow {
                country,
                pdd_ms: now.part,
                progressed: now.whole,
                p95_ms: quantile(f.pdd_histogram(), &PDD_EDGES_MS, 95, 100).map(whole),
                before,
                band: KpiId::Pdd.get().against(now, before),
                since: None,
            }
        })
        .collect();
    rows.sort_by(|a, b| b.band.cmp(&a.band).then(b.progressed.cmp(&a.progressed)).then(a.country.cmp(&b.country)));
    rows
}

/// The course of the countries that are drawn: the first of `rows`.
pub(super) fn pdd_points(floor: &Floor, over: Over<'_>, rows: &[PddRow]) -> Vec<PddPoint> {
    let mut points: BTreeMap<(Country, Moment), Ratio> = BTreeMap::new();
    for country in rows.iter().take(MAX_LINES).map(|row| row.country) {
        for (_, at, tally) in floor.windows.buckets(Dimension::Country, over, Some(country.as_str())) {
            if at <= floor.now {
                *points.entry((country, at.floor(MINUTE))).or_default() += KpiId::Pdd.ratio(|fact| tally.get(fact));
            }
        }
    }
    let points = points.into_iter().filter(|(_, pdd)| pdd.whole > 0);
    let point = |((country, t), pdd): ((Country, Moment), Ratio)| PddPoint {
        country,
        t,
        pdd_ms: pdd.part,
        progressed: pdd.whole,
    };
    points.map(point).collect()
}
