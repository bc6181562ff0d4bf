//! The trend view's frame: 7, 30 or 90 site days by the day and the week, off the sums of days (S30 to S36).

use super::cost::{Monthly, spent};
use super::history::{self, History, HistoryError};
use super::leading;
use super::names::Names;
use crate::law::grain::Grain;
use crate::law::span::{Stretch, date_of, days_from, monday_of, month_of};
use crate::store::read::{Dids, OpenStates, Reader, Series, SumQuery};
use app::domain::outcome::{ComponentKind, CostKind};
use app::domain::{CampaignId, ComponentId, Country, Dimension, Fact, Facts, Moment, RouteId, Tally};
use app::kpi::{Band, KpiId, Ratio};
use app::view::Table;
use app::view::daily::DayState;
use app::view::trend::{
    AbandonTrend, AhtTrend, ComponentTrend, MonthCost, PddTrend, RouteTrend, TrendDay, TrendFrame, TrendSpan, TrendWeek,
};
use chrono::{Datelike, Days, NaiveDate};
use chrono_tz::Tz;
use smol_str::{SmolStr, ToSmolStr};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

/// Milliseconds of a connected minute.
const MINUTE_MS: i64 = 60_000;

/// A site day and its date.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dated {
    pub(super) date: NaiveDate,
    pub(super) during: Stretch,
}

/// Sums of days by key.
#[derive(Debug, Default)]
pub(super) struct ByDay(BTreeMap<SmolStr, HashMap<Moment, Tally>>);

impl ByDay {
    /// Of days that are over, and of the steps of the one that is running.
    fn of(over: Series, today: Moment, steps: Series) -> Self {
        let mut by_day = Self::default();
        for (day, key, tally) in over {
            by_day.0.entry(key).or_default().insert(day, tally);
        }
        for (_, key, tally) in steps {
            *by_day.0.entry(key).or_default().entry(today).or_default() += &tally;
        }
        by_day
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = (&SmolStr, KeyDays<'_>)> {
        self.0.iter().map(|(key, days)| (key, KeyDays(Some(days))))
    }

    /// Of the key of the whole floor.
    pub(super) fn total(&self) -> KeyDays<'_> {
        KeyDays(self.0.get(""))
    }
}

/// Sums of days of one key.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeyDays<'a>(Option<&'a HashMap<Moment, Tally>>);

impl KeyDays<'_> {
    /// The sum over the days that begin in a stretch.
    pub(super) fn sum(&self, during: Stretch) -> Facts {
        let mut facts = Facts::default();
        let days = self.0.into_iter().flatten().filter(|(day, _)| during.contains(**day));
        days.for_each(|(_, tally)| facts += tally);
        facts
    }
}

/// What a frame is made of.
struct Material {
    now: Moment,
    days: Vec<Dated>,
    weeks: Vec<Dated>,
    total: ByDay,
    campaigns: ByDay,
    routes: ByDay,
    countries: ByDay,
    components: ByDay,
    names: Names,
    months: Vec<Monthly>,
    revised: HashMap<Moment, Moment>,
    kinds: HashMap<ComponentId, ComponentKind>,
}

/// Makes the frame of the last days.
///
/// # Errors
/// If the store can't be read.
pub async fn frame<R: Reader>(of: &History<R>, days: u32, now: Moment) -> Result<TrendFrame, HistoryError> {
    let material = Material::read(of, days, now).await?;
    let span = TrendSpan { days, from: material.all_days().from, to: material.all_days().to, until: material.until() };
    Ok(TrendFrame {
        as_of: now,
        newest_event: of.live.beat().newest_event,
        site: of.site(now),
        span,
        days: Table::of(material.day_rows()),
        weeks: Table::of(material.week_rows()),
        abandon: Table::of(material.abandon()),
        aht: Table::of(material.aht()),
        routes: Table::of(material.route_rows()),
        pdd: Table::of(material.pdd()),
        components: Table::of(material.component_rows()),
        costs: Table::of(material.cost_rows(of.zone)),
        leading: Table::of(leading::rows(
            date_of(of.zone, now),
            of.zone,
            &material.total,
            &material.campaigns,
            &material.routes,
            &material.names,
        )),
    })
}

impl Material {
    async fn read<R: Reader>(of: &History<R>, days: u32, now: Moment) -> Result<Self, HistoryError> {
        let zone = of.zone;
        let today = date_of(zone, now);
        let first = today - Days::new(u64::from(days) - 1);
        let to = days_from(zone, today, 1).to;
        // Weeks and months are told whole, and lines are fitted to the last 28 days however few are shown.
        let first_monday = monday_of(first);
        let from_monday = days_from(zone, first_monday, 1).from;
        let fitted = leading::first_day(today);
        let from_all = month_of(zone, first).from.min(from_monday).min(days_from(zone, fitted, 1).from);
        let from_weeks = from_monday.min(days_from(zone, fitted, 1).from);
        let from_days = days_from(zone, first, 1).from;
        let read = [
            (Dimension::Total, from_all),
            (Dimension::Campaign, from_weeks),
            (Dimension::Route, from_weeks),
            (Dimension::Country, from_days),
            (Dimension::Component, from_days),
        ];
        // The running day is counted to the last whole five minutes, as the daily view does: by the day it would hold more.
        let (begun, until) = (days_from(zone, today, 1).from, now.floor(history::EVERY));
        // Components have no five minutes; their day is counted no further by itself.
        let by_step = |dimension| dimension != Dimension::Component;
        let over = |(dimension, from)| {
            let to = if by_step(dimension) { begun } else { to };
            SumQuery::all(dimension, Stretch { from, to }, Grain::SiteDay)
        };
        let running = |(dimension, _)| {
            let to = if by_step(dimension) { until.max(begun) } else { begun };
            SumQuery::all(dimension, Stretch { from: begun, to }, Grain::Minutes5)
        };
        let queries: Vec<SumQuery> = read.into_iter().flat_map(|of| [over(of), running(of)]).collect();
        let mut read = of.reader.all_series(&queries, OpenStates::CountedTo(now)).await?.into_iter();
        let mut next = || {
            let mut series = || read.next().unwrap_or_default();
            ByDay::of(series(), begun, series())
        };
        let costs = of.reader.costs().await?;
        let live = of.live.live().await?;
        let kinds = live.panels.infra.iter().flat_map(|infra| &infra.rows);
        Ok(Self {
            now,
            days: dated(zone, first, u64::from(days), 1),
            weeks: weeks(zone, first_monday, today),
            total: next(),
            campaigns: next(),
            routes: next(),
            countries: next(),
            components: next(),
            names: Names::of(&of.reader.settings(Dids::Without).await?, of.live.veil()),
            months: costs.into_iter().filter_map(|cost| Monthly::of(cost, zone)).collect(),
            revised: of.reader.revised(Stretch { from: from_monday, to }).await?.into_iter().collect(),
            kinds: kinds.map(|row| (row.component.clone(), row.kind)).collect(),
        })
    }

    fn state(&self, during: Stretch) -> DayState {
        if self.now < during.to { DayState::Running } else { DayState::Over }
    }

    fn all_days(&self) -> Stretch {
        around(&self.days)
    }

    fn all_weeks(&self) -> Stretch {
        around(&self.weeks)
    }

    /// What is running is counted to here.
    fn until(&self) -> Moment {
        self.now.floor(history::EVERY)
    }

    fn so_far(&self, during: Stretch) -> Stretch {
        Stretch { to: during.to.min(self.until()), ..during }
    }

    fn day_rows(&self) -> Vec<TrendDay> {
        let total = self.total.total();
        self.days.iter().map(|day| self.day_row(*day, &total.sum(day.during))).collect()
    }

    fn day_row(&self, day: Dated, facts: &Facts) -> TrendDay {
        let so_far = self.so_far(day.during);
        let telephony = spent(&self.months, CostKind::Telephony, so_far);
        let infrastructure = spent(&self.months, CostKind::Infrastructure, so_far);
        TrendDay {
            date: day.date.to_smolstr(),
            from: day.during.from,
            to: day.during.to,
            state: self.state(day.during),
            revised_at: self.revised.get(&day.during.from).copied(),
            attempts: facts[Fact::Attempts],
            resolved: facts[Fact::Resolved],
            answered: facts[Fact::Answered],
            answered_live: facts[Fact::AnsweredLive],
            judged_live: judged(KpiId::AbandonRate, facts).0.whole,
            abandoned: facts[Fact::Abandoned],
            abandon_band: judged(KpiId::AbandonRate, facts).1,
            failed: facts[Fact::Failed],
            errors: judged(KpiId::ErrorRate, facts).0.part,
            error_band: judged(KpiId::ErrorRate, facts).1,
            route_faults: facts[Fact::RouteFaults],
            inbound: facts[Fact::Inbound],
            judged_inbound: judged(KpiId::InboundAnswerRate, facts).0.whole,
            inbound_answered: facts[Fact::InboundAnswered],
            handle_ms: judged(KpiId::Aht, facts).0.part,
            handled: facts[Fact::Handled],
            connected: facts[Fact::Connected],
            connected_ms: facts[Fact::ConnectedMs],
            right_party: facts[Fact::RightParty],
            dids_provisioned: facts[Fact::DidsProvisioned],
            dids_retired: facts[Fact::DidsRetired],
            observed_ms: facts[Fact::ComponentObservedMs],
            up_ms: facts[Fact::ComponentUpMs],
            cost_per_rpc: telephony.as_ref().and_then(|cost| cost.each(facts[Fact::RightParty], 1)),
            cost_per_minute: infrastructure.as_ref().and_then(|cost| cost.each(facts[Fact::ConnectedMs], MINUTE_MS)),
            telephony: telephony.and_then(|cost| cost.money()),
            infrastructure: infrastructure.and_then(|cost| cost.money()),
        }
    }

    fn week_rows(&self) -> Vec<TrendWeek> {
        let row = |week: &Dated| {
            let iso = week.date.iso_week();
            TrendWeek {
                week: SmolStr::from(format!("{}-W{:02}", iso.year(), iso.week())),
                from: week.during.from,
                to: week.during.to,
                state: self.state(week.during),
                revised_at: self.revised.iter().filter(|(day, _)| week.during.contains(**day)).map(|(_, at)| *at).max(),
            }
        };
        self.weeks.iter().map(row).collect()
    }

    fn abandon(&self) -> Vec<AbandonTrend> {
        let row = |(key, sums): (&SmolStr, KeyDays<'_>)| {
            let id = CampaignId::trusted(key.clone());
            let by_day = self.each(&self.days, sums, KpiId::AbandonRate);
            let (all, band) = judged(KpiId::AbandonRate, &sums.sum(self.all_days()));
            AbandonTrend {
                name: self.names.campaign(&id),
                campaign: CampaignId::trusted(self.names.shown(id.as_str())),
                abandoned: by_day.iter().map(|(r, _)| r.part).collect(),
                answered_live: by_day.iter().map(|(r, _)| r.whole).collect(),
                bands: by_day.iter().map(|(_, band)| *band).collect(),
                part: all.part,
                whole: all.whole,
                band,
            }
        };
        let mut rows: Vec<_> = self.campaigns.keys().map(row).filter(|row| row.whole > 0).collect();
        rows.sort_by_key(|row| Reverse(row.whole));
        rows
    }

    fn aht(&self) -> Vec<AhtTrend> {
        let row = |(key, sums): (&SmolStr, KeyDays<'_>)| {
            let id = CampaignId::trusted(key.clone());
            let by_week = self.each(&self.weeks, sums, KpiId::Aht);
            let (all, _) = judged(KpiId::Aht, &sums.sum(self.all_weeks()));
            AhtTrend {
                name: self.names.campaign(&id),
                campaign: CampaignId::trusted(self.names.shown(id.as_str())),
                handle_ms: by_week.iter().map(|(r, _)| r.part).collect(),
                handled: by_week.iter().map(|(r, _)| r.whole).collect(),
                part: all.part,
                whole: all.whole,
            }
        };
        let mut rows: Vec<_> = self.campaigns.keys().map(row).filter(|row| row.whole > 0).collect();
        rows.sort_by_key(|row| Reverse(row.whole));
        rows
    }

    fn route_rows(&self) -> Vec<RouteTrend> {
        let row = |(key, sums): (&SmolStr, KeyDays<'_>)| {
            let id = RouteId::trusted(key.clone());
            let by_week: Vec<Facts> = self.weeks.iter().map(|week| sums.sum(week.during)).collect();
            let (all, band) = judged(KpiId::RouteFaultRate, &sums.sum(self.all_weeks()));
            let of = |fact: Fact| by_week.iter().map(|facts| facts[fact]).collect();
            RouteTrend {
                name: self.names.route(&id),
                carrier: self.names.carrier(&id),
                route: RouteId::trusted(self.names.shown(id.as_str())),
                resolved: of(Fact::Resolved),
                sip_4xx: of(Fact::Sip4xx),
                sip_5xx: of(Fact::Sip5xx),
                sip_6xx: of(Fact::Sip6xx),
                timeouts: of(Fact::Timeouts),
                route_faults: of(Fact::RouteFaults),
                unjudged_faults: of(Fact::UnjudgedFaults),
                bands: by_week.iter().map(|facts| judged(KpiId::RouteFaultRate, facts).1).collect(),
                part: all.part,
                whole: all.whole,
                band,
            }
        };
        let mut rows: Vec<_> = self.routes.keys().map(row).filter(|row| row.whole > 0).collect();
        rows.sort_by_key(|row| Reverse((Some(row.band).filter(|band| band.is_out()), row.whole)));
        rows
    }

    fn pdd(&self) -> Vec<PddTrend> {
        let row = |(key, sums): (&SmolStr, KeyDays<'_>)| {
            let by_day = self.each(&self.days, sums, KpiId::Pdd);
            let (all, _) = judged(KpiId::Pdd, &sums.sum(self.all_days()));
            Some(PddTrend {
                country: Country::new(key).ok()?,
                pdd_ms: by_day.iter().map(|(r, _)| r.part).collect(),
                progressed: by_day.iter().map(|(r, _)| r.whole).collect(),
                part: all.part,
                whole: all.whole,
            })
        };
        let mut rows: Vec<_> = self.countries.keys().filter_map(row).filter(|row| row.whole > 0).collect();
        rows.sort_by_key(|row| Reverse(row.whole));
        rows
    }

    fn component_rows(&self) -> Vec<ComponentTrend> {
        let row = |(key, sums): (&SmolStr, KeyDays<'_>)| {
            let component = ComponentId::trusted(key.clone());
            let by_day = self.each(&self.days, sums, KpiId::Uptime);
            let (all, _) = judged(KpiId::Uptime, &sums.sum(self.all_days()));
            ComponentTrend {
                kind: self.kinds.get(&component).copied(),
                component: ComponentId::trusted(self.names.shown(key)),
                up_ms: by_day.iter().map(|(r, _)| r.part).collect(),
                observed_ms: by_day.iter().map(|(r, _)| r.whole).collect(),
                part: all.part,
                whole: all.whole,
            }
        };
        let mut rows: Vec<_> = self.components.keys().map(row).filter(|row| row.whole > 0).collect();
        // The lowest share first, compared exactly: a ÷ b < c ÷ d where a · d < c · b.
        rows.sort_by_key(|row| Reverse(row.whole));
        rows.sort_by(|a, b| {
            (i128::from(a.part) * i128::from(b.whole)).cmp(&(i128::from(b.part) * i128::from(a.whole)))
        });
        rows
    }

    fn cost_rows(&self, zone: Tz) -> Vec<MonthCost> {
        let Some(first) = self.days.first() else { return Vec::new() };
        let shown = Stretch { from: month_of(zone, first.date).from, to: self.all_days().to };
        let total = self.total.total();
        let row = |month: &Monthly| {
            let so_far = self.so_far(month.month);
            let cost = month.over(so_far)?;
            let facts = total.sum(month.month);
            let (whole, scale) = match month.told.kind {
                CostKind::Telephony => (facts[Fact::RightParty], 1),
                CostKind::Infrastructure => (facts[Fact::ConnectedMs], MINUTE_MS),
            };
            Some(MonthCost {
                month: month.told.month.clone(),
                kind: month.told.kind,
                amount: month.told.amount.clone(),
                told_at: month.told.told_at,
                state: self.state(month.month),
                so_far: cost.money()?,
                whole,
                each: cost.each(whole, scale),
            })
        };
        self.months.iter().filter(|month| shown.contains(month.month.from)).filter_map(row).collect()
    }

    /// A KPI's counts and band by the day or the week.
    fn each(&self, over: &[Dated], sums: KeyDays<'_>, kpi: KpiId) -> Vec<(Ratio, Band)> {
        over.iter().map(|part| judged(kpi, &sums.sum(part.during))).collect()
    }
}

fn judged(kpi: KpiId, facts: &Facts) -> (Ratio, Band) {
    kpi.get().read(facts, 1).map(|reading| (reading.ratio, reading.band)).unwrap_or_default()
}

fn around(parts: &[Dated]) -> Stretch {
    let (first, last) = (parts.first().map(|part| part.during.from), parts.last().map(|part| part.during.to));
    Stretch { from: first.unwrap_or_default(), to: last.unwrap_or_default() }
}

/// So many stretches of `length` days, one after the other; dates that the site never had are left out.
fn dated(zone: Tz, first: NaiveDate, count: u64, length: u64) -> Vec<Dated> {
    let nth = |n: u64| {
        let date = first + Days::new(n * length);
        Dated { date, during: days_from(zone, date, length) }
    };
    (0..count).map(nth).filter(|part| part.during.from < part.during.to).collect()
}

/// The whole weeks from a Monday to the one that holds today.
fn weeks(zone: Tz, first: NaiveDate, today: NaiveDate) -> Vec<Dated> {
    let passed = u64::try_from((today - first).num_days().div_euclid(7)).unwrap_or_default();
    dated(zone, first, passed + 1, 7)
}
