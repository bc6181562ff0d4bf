//! The daily view's frame: one site day beside the same day of the week before, up to the same time of day (S39).

use super::history::{self, History, HistoryError};
use super::marks;
use super::names::Names;
use crate::law::grain::Grain;
use crate::law::span::{Stretch, clock_of, days_from, same_clock};
use crate::store::read::{Dids, OpenStates, Reader, Series, SumQuery, by_key};
use app::domain::{AgentId, CampaignId, Dimension, Fact, Facts, Moment, RouteId, Span, Tally};
use app::kpi::band::{Sort, against_before};
use app::kpi::catalog::Unit;
use app::kpi::{Band, KpiId, Ratio};
use app::view::Table;
use app::view::daily::{AgentDay, CampaignDay, DailyFrame, DayHead, DayKpi, DayState, DayStep, RouteDay};
use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use smol_str::{SmolStr, ToSmolStr};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

/// The day's KPIs, in the order they are shown; the last six are S55 to S60, with their targets.
pub const KPIS: [KpiId; 13] = [
    KpiId::CallsPerMinute,
    KpiId::AnswerRate,
    KpiId::ConnectRate,
    KpiId::AbandonRate,
    KpiId::RouteFaultRate,
    KpiId::Pdd,
    KpiId::OnCallShare,
    KpiId::InboundAnswerRate,
    KpiId::Aht,
    KpiId::QueueAbandonRate,
    KpiId::Asa,
    KpiId::TransferRate,
    KpiId::ErrorRate,
];
/// Days back that sums by five minutes are surely kept: a little less than they are.
const FIVE_MINUTES_KEPT: Span = Span::hours(14 * 24 - 1);

/// What is read of a running day for what may still ring at its end, and how long a call rings at most.
const LATELY: Span = Span::minutes(5);
const RINGS: Span = Span::minutes(1);
/// So many calls not heard of again say something of a day: fewer may be of its edges.
const MANY_UNHEARD: i64 = 100;

/// A day, and how far of it the figures reach.
#[derive(Debug, Clone, Copy)]
struct Part {
    day: Stretch,
    until: Moment,
    /// The grain that holds exactly this part.
    grain: Grain,
}

impl Part {
    const fn stretch(&self) -> Stretch {
        match self.grain {
            Grain::SiteDay => self.day,
            Grain::Minutes5 | Grain::Hour => Stretch { from: self.day.from, to: self.until },
        }
    }

    /// Its last five minutes.
    fn lately(&self) -> Stretch {
        Stretch { from: self.until - LATELY, to: self.until }
    }

    /// Minutes that have passed.
    fn minutes(&self) -> i64 {
        self.until.since(self.day.from).as_millis().div_euclid(60_000)
    }
}

/// Makes the frame of a day that has begun.
///
/// # Errors
/// If the store can't be read.
pub async fn frame<R: Reader>(of: &History<R>, date: NaiveDate, now: Moment) -> Result<DailyFrame, HistoryError> {
    let before_date = date.checked_sub_days(Days::new(7)).unwrap_or(date);
    let (now_part, before_part) = parts(of, date, before_date, now);
    let steps = Steps::of(now_part.day, now_part.until, now);
    let before_steps = Steps::of(before_part.day, before_part.day.to, now);
    let over = |dimension, part: Part| SumQuery::all(dimension, part.stretch(), part.grain);
    let queries = [
        over(Dimension::Total, now_part),
        over(Dimension::Total, before_part),
        over(Dimension::Campaign, now_part),
        over(Dimension::Campaign, before_part),
        over(Dimension::Route, now_part),
        over(Dimension::Route, before_part),
        SumQuery::all(Dimension::Route, now_part.lately(), Grain::Minutes5),
        over(Dimension::Agent, Part { grain: Grain::SiteDay, ..now_part }),
        // What agents did has one span on the whole page, and theirs is kept by the day.
        over(Dimension::Total, Part { grain: Grain::SiteDay, ..now_part }),
        SumQuery::all(Dimension::Total, steps.during, steps.grain),
        SumQuery::all(Dimension::Total, before_steps.during, before_steps.grain),
    ];
    // All as of one instant, so that the rows of a table add up to the figures above it.
    let mut read = of.reader.all_series(&queries, OpenStates::CountedTo(now)).await?.into_iter();
    let mut next = || read.next().unwrap_or_default();
    let total_of = |series| by_key(series).into_values().next().unwrap_or_default();
    let (total, total_before) = (total_of(next()), total_of(next()));
    let (campaigns, campaigns_before) = (by_key(next()), by_key(next()));
    let (routes, routes_before) = (by_key(next()), by_key(next()));
    let mut routes_lately = by_key(next());
    if now >= now_part.day.to {
        // Of a day that is over nothing rings any more.
        routes_lately.clear();
    }
    let agents = by_key(next());
    let staffed = total_of(next());
    let step_rows = steps.rows(next(), of.zone);
    let before_rows = before_steps.rows(next(), of.zone);
    let names = Names::of(&of.reader.settings(Dids::Without).await?, of.live.veil());
    let revised: HashMap<Moment, Moment> =
        of.reader.revised(Stretch { from: before_part.day.from, to: now_part.day.to }).await?.into_iter().collect();
    let agents = agent_rows(&agents, &names);
    let kpis = kpis(&total, now_part.minutes(), &staffed, &total_before, before_part.minutes());
    let day = DayHead {
        date: date.to_smolstr(),
        from: now_part.day.from,
        to: now_part.day.to,
        until: now_part.until,
        state: if now < now_part.day.to { DayState::Running } else { DayState::Over },
        revised_at: revised.get(&now_part.day.from).copied(),
        agents_until: now.min(now_part.day.to),
        step_s: steps.step.as_secs(),
        steps_from: steps.during.from,
        steps_to: steps.end(),
        before_date: before_date.to_smolstr(),
        before_from: before_part.day.from,
        before_to: before_part.day.to,
        before_until: before_part.until,
        before_step_s: before_steps.step.as_secs(),
        before_steps_from: before_steps.during.from,
        before_steps_to: before_steps.end(),
        before_revised_at: revised.get(&before_part.day.from).copied(),
    };
    Ok(DailyFrame {
        as_of: now,
        newest_event: of.live.beat().newest_event,
        site: of.site(now),
        day,
        kpis: Table::of(kpis),
        steps: Table::of(step_rows),
        before: Table::of(before_rows),
        campaigns: Table::of(campaign_rows(&campaigns, &campaigns_before, &names)),
        routes: Table::of(route_rows(&routes, &routes_before, &routes_lately, &names)),
        agents: Table::of(agents),
        marks: marks::of(of.audit.as_deref(), now_part.day, of.zone, &names).await?,
    })
}

/// The day and the one it is compared with: both whole, or both up to the same time of day.
fn parts<R: Reader>(of: &History<R>, date: NaiveDate, before_date: NaiveDate, now: Moment) -> (Part, Part) {
    let (day, before) = (days_from(of.zone, date, 1), days_from(of.zone, before_date, 1));
    if now >= day.to {
        let whole = |day: Stretch| Part { day, until: day.to, grain: Grain::SiteDay };
        return (whole(day), whole(before));
    }
    let until = now.floor(history::EVERY).max(day.from);
    let before_until = if until == day.from { before.from } else { same_clock(of.zone, until, before_date) };
    let part = |day, until| Part { day, until, grain: Grain::Minutes5 };
    (part(day, until), part(before, before_until))
}

/// The steps of a day: every bucket wholly in it that has begun by an instant, by five minutes, or by the hour where these
/// are no longer kept.
#[derive(Debug, Clone, Copy)]
struct Steps {
    during: Stretch,
    grain: Grain,
    step: Span,
}

impl Steps {
    fn of(day: Stretch, until: Moment, now: Moment) -> Self {
        let (grain, step) = if day.from >= now - FIVE_MINUTES_KEPT {
            (Grain::Minutes5, Span::minutes(5))
        } else {
            (Grain::Hour, Span::hours(1))
        };
        let floor = day.from.floor(step);
        // Where days begin within an hour, the hours at both ends hold calls of other days.
        let first = if floor < day.from { floor + step } else { floor };
        Self { during: Stretch { from: first, to: until }, grain, step }
    }

    /// Where the last whole one ends.
    fn end(self) -> Moment {
        let whole = self.during.to.since(self.during.from).as_millis().div_euclid(self.step.as_millis().max(1));
        self.during.from + Span::millis(whole * self.step.as_millis())
    }

    fn rows(self, series: Series, zone: Tz) -> Vec<DayStep> {
        let by_step: HashMap<Moment, Tally> = series.into_iter().map(|(at, _, tally)| (at, tally)).collect();
        let none = Tally::default();
        let begins = std::iter::successors(Some(self.during.from), |at| Some(*at + self.step));
        let begins = begins.take_while(|at| *at + self.step <= self.during.to);
        begins.map(|t| step_of(t, clock_of(zone, t), by_step.get(&t).unwrap_or(&none))).collect()
    }
}

fn step_of(t: Moment, clock_s: i64, tally: &Tally) -> DayStep {
    DayStep {
        t,
        clock_s,
        attempts: tally.get(Fact::Attempts),
        resolved: tally.get(Fact::Resolved),
        answered: tally.get(Fact::Answered),
        answered_live: tally.get(Fact::AnsweredLive),
        judged_live: KpiId::AbandonRate.ratio(|fact| tally.get(fact)).whole,
        abandoned: tally.get(Fact::Abandoned),
        failed: tally.get(Fact::Failed),
        errors: KpiId::ErrorRate.ratio(|fact| tally.get(fact)).part,
        inbound: tally.get(Fact::Inbound),
        judged_inbound: KpiId::InboundAnswerRate.ratio(|fact| tally.get(fact)).whole,
        inbound_answered: tally.get(Fact::InboundAnswered),
        queued: tally.get(Fact::Queued),
        judged_queued: KpiId::QueueAbandonRate.ratio(|fact| tally.get(fact)).whole,
        queue_abandoned: tally.get(Fact::QueueAbandoned),
    }
}

/// A KPI's two counts over some sums.
fn ratio(kpi: KpiId, facts: &Facts, minutes: i64) -> Ratio {
    kpi.get().read(facts, minutes).map(|reading| reading.ratio).unwrap_or_default()
}

/// What a KPI's value makes of the day before.
fn against(kpi: KpiId, now: Ratio, before: Ratio) -> Band {
    let sort = match kpi.get().unit {
        Unit::Share if kpi.get().is_share_of_calls() => Sort::Share,
        // Of time: its milliseconds are no chances of their own.
        Unit::Share => Sort::Mean,
        Unit::CallsPerMinute | Unit::CallsPerHour => Sort::Volume,
        Unit::Ms | Unit::Calls | Unit::Agents | Unit::State | Unit::Money | Unit::NumbersPerDay => Sort::Mean,
    };
    against_before(now, before, sort, kpi.get().direction)
}

/// `staffed` holds what agents did, as far as their own table does.
fn kpis(total: &Facts, minutes: i64, staffed: &Facts, before: &Facts, before_minutes: i64) -> Vec<DayKpi> {
    KPIS.into_iter()
        .map(|kpi| {
            let total = if kpi == KpiId::OnCallShare { staffed } else { total };
            let (now, before) = (ratio(kpi, total, minutes), ratio(kpi, before, before_minutes));
            let band = judged(kpi, total);
            // Whose target is met does well, whatever it was a week before.
            let against = against(kpi, now, before);
            let against = if against == Band::Critical && band == Band::Ok { Band::Ok } else { against };
            let unjudged = kpi.get().unjudged(|fact| total[fact]);
            DayKpi { kpi: kpi.get().id.into(), part: now.part, whole: now.whole, unjudged, band, before, against }
        })
        .collect()
}

fn judged(kpi: KpiId, facts: &Facts) -> Band {
    kpi.get().read(facts, 1).map(|reading| reading.band).unwrap_or_default()
}

/// The worst first; the busiest of those that are alike.
fn worst_first<T>(rows: &mut [T], band: impl Fn(&T) -> Band, calls: impl Fn(&T) -> i64) {
    rows.sort_by_key(|row| Reverse((Some(band(row)).filter(|band| band.is_out()), calls(row))));
}

fn campaign_rows(now: &BTreeMap<SmolStr, Facts>, before: &BTreeMap<SmolStr, Facts>, names: &Names) -> Vec<CampaignDay> {
    let none = Facts::default();
    let of = |(key, facts): (&SmolStr, &Facts)| {
        let id = CampaignId::trusted(key.clone());
        let old = before.get(key).unwrap_or(&none);
        let compared = |kpi| {
            let before = ratio(kpi, old, 1);
            (before, against(kpi, ratio(kpi, facts, 1), before))
        };
        let (before_connect, connect_band) = compared(KpiId::ConnectRate);
        let (before_aht, aht_band) = compared(KpiId::Aht);
        let abandon_band = judged(KpiId::AbandonRate, facts);
        let (error_band, inbound_band) = (judged(KpiId::ErrorRate, facts), judged(KpiId::InboundAnswerRate, facts));
        let queue_band = judged(KpiId::QueueAbandonRate, facts);
        let bands = [connect_band, aht_band, abandon_band, error_band, inbound_band, queue_band];
        CampaignDay {
            name: names.campaign(&id),
            campaign: CampaignId::trusted(names.shown(id.as_str())),
            attempts: facts[Fact::Attempts],
            resolved: facts[Fact::Resolved],
            answered: facts[Fact::Answered],
            answered_live: facts[Fact::AnsweredLive],
            judged_live: ratio(KpiId::AbandonRate, facts, 1).whole,
            connect_band,
            abandoned: facts[Fact::Abandoned],
            abandon_band,
            failed: facts[Fact::Failed],
            errors: ratio(KpiId::ErrorRate, facts, 1).part,
            error_band,
            handle_ms: ratio(KpiId::Aht, facts, 1).part,
            handled: facts[Fact::Handled],
            aht_band,
            transferred: facts[Fact::Transferred],
            connected: facts[Fact::Connected],
            right_party: facts[Fact::RightParty],
            inbound: facts[Fact::Inbound],
            judged_inbound: ratio(KpiId::InboundAnswerRate, facts, 1).whole,
            inbound_answered: facts[Fact::InboundAnswered],
            inbound_band,
            queued: facts[Fact::Queued],
            judged_queued: ratio(KpiId::QueueAbandonRate, facts, 1).whole,
            queue_abandoned: facts[Fact::QueueAbandoned],
            queue_band,
            before_attempts: old[Fact::Attempts],
            before_connect,
            before_abandon: ratio(KpiId::AbandonRate, old, 1),
            before_aht,
            band: bands.into_iter().max().unwrap_or_default(),
        }
    };
    let mut rows: Vec<_> = now.iter().map(of).collect();
    worst_first(&mut rows, |row| row.band, |row| row.attempts + row.inbound);
    rows
}

/// Calls begun that were neither answered nor ended, less those that may ring: of `begun` in the last five minutes a minute's.
fn unheard(of_day: &Facts, begun: i64) -> i64 {
    let ring = (begun * RINGS.as_millis() + LATELY.as_millis() - 1) / LATELY.as_millis();
    (of_day[Fact::Attempts] - of_day[Fact::Resolved] - ring).max(0)
}

fn route_rows(
    now: &BTreeMap<SmolStr, Facts>,
    before: &BTreeMap<SmolStr, Facts>,
    lately: &BTreeMap<SmolStr, Facts>,
    names: &Names,
) -> Vec<RouteDay> {
    let none = Facts::default();
    let of = |(key, facts): (&SmolStr, &Facts)| {
        let id = RouteId::trusted(key.clone());
        let old = before.get(key).unwrap_or(&none);
        let compared = |kpi| {
            let before = ratio(kpi, old, 1);
            (before, against(kpi, ratio(kpi, facts, 1), before))
        };
        let (before_answer, answer_band) = compared(KpiId::AnswerRate);
        let (before_pdd, pdd_band) = compared(KpiId::Pdd);
        let faults_band = judged(KpiId::RouteFaultRate, facts);
        let unheard = unheard(facts, lately.get(key).map_or(0, |facts| facts[Fact::Attempts]));
        let unheard_band = match unheard {
            ..MANY_UNHEARD => Band::Ok,
            _ => KpiId::RouteFaultRate.get().read_ratio(Ratio::new(unheard, facts[Fact::Attempts])).band,
        };
        RouteDay {
            name: names.route(&id),
            carrier: names.carrier(&id),
            route: RouteId::trusted(names.shown(id.as_str())),
            attempts: facts[Fact::Attempts],
            resolved: facts[Fact::Resolved],
            answered: facts[Fact::Answered],
            answer_band,
            sip_4xx: facts[Fact::Sip4xx],
            sip_5xx: facts[Fact::Sip5xx],
            sip_6xx: facts[Fact::Sip6xx],
            timeouts: facts[Fact::Timeouts],
            route_faults: facts[Fact::RouteFaults],
            faults_band,
            unjudged_faults: facts[Fact::UnjudgedFaults],
            unheard,
            unheard_band,
            pdd_ms: facts[Fact::PddMs],
            progressed: facts[Fact::Progressed],
            pdd_band,
            connected_ms: facts[Fact::ConnectedMs],
            connected: facts[Fact::Connected],
            before_attempts: old[Fact::Attempts],
            before_answer,
            before_faults: ratio(KpiId::RouteFaultRate, old, 1),
            before_pdd,
            band: answer_band.max(pdd_band).max(faults_band).max(unheard_band),
        }
    };
    // Inbound calls name no route by their nature, and no figure here is of them.
    let outbound = [Fact::Attempts, Fact::Progressed, Fact::Resolved];
    let is_of_it = |(key, facts): &(&SmolStr, &Facts)| !key.is_empty() || outbound.iter().any(|fact| facts[*fact] != 0);
    let mut rows: Vec<_> = now.iter().filter(is_of_it).map(of).collect();
    worst_first(&mut rows, |row| row.band, |row| row.attempts);
    rows
}

fn agent_rows(now: &BTreeMap<SmolStr, Facts>, names: &Names) -> Vec<AgentDay> {
    let of = |(key, facts): (&SmolStr, &Facts)| AgentDay {
        agent: AgentId::trusted(names.shown(key)),
        handled: facts[Fact::Handled],
        talk_ms: facts[Fact::TalkMs],
        hold_ms: facts[Fact::HoldMs],
        wrap_ms: facts[Fact::WrapMs],
        transferred: facts[Fact::Transferred],
        connected: facts[Fact::Connected],
        right_party: facts[Fact::RightParty],
        ready_ms: facts[Fact::AgentReadyMs],
        on_call_ms: facts[Fact::AgentOnCallMs],
        wrap_up_ms: facts[Fact::AgentWrapUpMs],
        break_ms: facts[Fact::AgentBreakMs],
        band: judged(KpiId::OnCallShare, facts),
    };
    let mut rows: Vec<_> = now.iter().map(of).collect();
    worst_first(&mut rows, |row| row.band, |row| row.handled);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::mask::Veil;
    use crate::store::read::Settings;

    fn facts(counts: &[(Fact, i64)]) -> Facts {
        let mut facts = Facts::default();
        counts.iter().for_each(|(fact, n)| facts[*fact] = *n);
        facts
    }

    #[test]
    fn an_agents_share_is_judged_as_everybodys_is() {
        let spent = |ms: i64| facts(&[(Fact::Handled, 2), (Fact::AgentOnCallMs, ms), (Fact::AgentReadyMs, ms)]);
        let half_an_hour = 1_800_000;
        assert_eq!(
            [half_an_hour / 2 - 1, half_an_hour / 2, 0].map(|ms| judged(KpiId::OnCallShare, &spent(ms))),
            [Band::TooFew, Band::Warn, Band::None],
            "by the time logged in, as the catalogue has it"
        );
    }

    #[test]
    fn a_route_that_fell_silent_leaves_its_trace_on_the_day() {
        let names = Names::of(&Settings::default(), &Veil::default());
        let of = |attempts, resolved, lately: i64| {
            let by_route = |facts| BTreeMap::from([(SmolStr::new("dallas"), facts)]);
            let day = by_route(facts(&[(Fact::Attempts, attempts), (Fact::Resolved, resolved)]));
            let lately = by_route(facts(&[(Fact::Attempts, lately)]));
            let row = route_rows(&day, &BTreeMap::new(), &lately, &names).remove(0);
            (row.unheard, row.unheard_band, row.band)
        };
        assert_eq!(of(10_000, 9_920, 400), (0, Band::Ok, Band::Ok), "eighty that ring");
        assert_eq!(of(10_000, 9_700, 400), (220, Band::Warn, Band::Warn));
        assert_eq!(of(10_000, 9_300, 0), (700, Band::Critical, Band::Critical), "of a day that is over nothing rings");
        assert_eq!(of(1_000, 901, 0), (99, Band::Ok, Band::Ok), "some say nothing");
    }

    #[test]
    fn whose_target_is_met_is_not_out_of_range_whatever_it_was_before() {
        let day = |faults, answered| {
            facts(&[(Fact::Resolved, 100_000), (Fact::RouteFaults, faults), (Fact::Answered, answered)])
        };
        let of = |kpi: KpiId, now: &Facts, before: &Facts| {
            let rows = kpis(now, 60, now, before, 60);
            rows.into_iter().find(|row| row.kpi == kpi.get().id).map(|row| (row.band, row.against))
        };
        let (now, before) = (day(400, 20_000), day(200, 40_000));
        assert_eq!(of(KpiId::RouteFaultRate, &now, &before), Some((Band::Ok, Band::Ok)), "0.4 % after 0.2 %");
        assert_eq!(of(KpiId::AnswerRate, &now, &before), Some((Band::None, Band::Critical)), "it has no target");
        let missed = day(2_000, 40_000);
        assert_eq!(of(KpiId::RouteFaultRate, &missed, &before), Some((Band::Warn, Band::Critical)));
    }
}
