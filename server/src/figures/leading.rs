//! Leading indicators (S36): KPIs that, as they have gone for up to 28 days, reach a band within 14 more. A direction that
//! noise could have made is none ([`slope`]).

use super::names::Names;
use super::trend::{ByDay, KeyDays};
use crate::law::span::days_from;
use app::domain::{CampaignId, Dimension, RouteId};
use app::kpi::fit::{Line, in_parts, reaches};
use app::kpi::{Formula, KpiId, Ratio, slope};
use app::view::trend::Leading;
use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use smol_str::{SmolStr, ToSmolStr};

/// Whole days that a line is fitted to.
const DAYS: u32 = 28;
/// Days that it is followed for.
const AHEAD: u32 = 14;

/// The first of the days that lines are fitted to.
pub(super) fn first_day(today: NaiveDate) -> NaiveDate {
    today - Days::new(u64::from(DAYS))
}

/// All KPIs with bands, of the whole floor and, where they are a campaign's or a route's own, of each of these; the soonest
/// first.
pub(super) fn rows(
    today: NaiveDate,
    zone: Tz,
    total: &ByDay,
    campaigns: &ByDay,
    routes: &ByDay,
    names: &Names,
) -> Vec<Leading> {
    let mut rows = Vec::new();
    for kpi in KpiId::ALL.iter().copied() {
        let entry = kpi.get();
        if entry.bands().is_none() || !matches!(entry.computed, Formula::Ratio { .. }) {
            continue;
        }
        let mut add = |by: Dimension, key: &SmolStr, name: SmolStr, sums: KeyDays<'_>| {
            rows.extend(row(kpi, today, zone, sums).map(|leading| Leading {
                by,
                key: names.shown(key),
                name,
                ..leading
            }));
        };
        add(Dimension::Total, &SmolStr::default(), SmolStr::new_static("whole floor"), total.total());
        match entry.by {
            Dimension::Campaign => {
                for (key, sums) in campaigns.keys() {
                    add(entry.by, key, names.campaign(&CampaignId::trusted(key.clone())), sums);
                }
            }
            Dimension::Route => {
                for (key, sums) in routes.keys() {
                    add(entry.by, key, names.route(&RouteId::trusted(key.clone())), sums);
                }
            }
            Dimension::Total
            | Dimension::Country
            | Dimension::Did
            | Dimension::Agent
            | Dimension::Queue
            | Dimension::SipCode
            | Dimension::Component => {}
        }
    }
    rows.sort_by(|a, b| (a.in_days, &a.kpi, a.by, &a.key).cmp(&(b.in_days, &b.kpi, b.by, &b.key)));
    rows
}

fn row(kpi: KpiId, today: NaiveDate, zone: Tz, sums: KeyDays<'_>) -> Option<Leading> {
    let bands = kpi.get().bands()?;
    let point = |back: u32| {
        let day = days_from(zone, today - Days::new(u64::from(back)), 1);
        let reading = kpi.get().read(&sums.sum(day), 1)?;
        (reading.ratio.whole >= bands.enough).then_some((-f64::from(back), reading.value?))
    };
    let points: Vec<(f64, f64)> = (1..=DAYS).rev().filter_map(point).collect();
    if !slope::is_no_noise(&points) {
        return None;
    }
    let line = Line::through(&points)?;
    let reach = reaches(line, -1.0, AHEAD, bands)?;
    Some(Leading {
        kpi: kpi.get().id.into(),
        by: Dimension::Total,
        key: SmolStr::default(),
        name: SmolStr::default(),
        now: in_parts(line.at(-1.0)),
        slope: in_parts(line.slope),
        points: u32::try_from(points.len()).unwrap_or(u32::MAX),
        reaches: reach.band,
        edge: Ratio::new(reach.edge.part, reach.edge.whole),
        on: (today + Days::new(u64::from(reach.at))).to_smolstr(),
        in_days: reach.at,
    })
}
