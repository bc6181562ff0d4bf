//! Campaigns: what they abandon, with the budget of their period, and whom they reach. They may be tens of thousands, of
//! which few change between two ticks: a row is made anew when what it is made of has moved, its sums by the time included.

use super::made_at::MadeAt;
use crate::board::cache::{Index, Keys, RowCache, Stale};
use crate::board::floor::Floor;
use crate::board::monitor::Cards;
use crate::board::over::Over;
use crate::board::presence::Hush;
use crate::board::windows::Held;
use crate::board::{limit_ppm, pick};
use crate::law::change::LIVE_GRAIN;
use app::compliance::Budget;
use app::domain::outcome::CampaignStatus;
use app::domain::{CampaignId, Dimension, Fact, Moment, Span, Window};
use app::kpi::band::{self, Diagnosis};
use app::kpi::held::stays;
use app::kpi::{Band, KpiId, Ratio};
use app::view::live::{AbandonRow, ConnectRow};
use foldhash::fast::RandomState;
use std::collections::{HashMap, HashSet};

/// What is looked at for a pacing that has just gone wrong.
const LATELY: Span = Span::minutes(2);
/// And for a list that has just dried.
const DRIES: Span = Span::minutes(3);
/// Of fewer abandoned calls nothing can be sure: the many campaigns that have none are not looked at more closely.
const FEWEST: i64 = 4;
/// So long after the answer it is judged whether an agent was in time, where nothing is heard: the two seconds, and five.
const UNTIL_JUDGED: Span = Span::secs(7);

/// One campaign's rows.
#[derive(Debug, Clone, PartialEq)]
pub struct CampaignRow {
    pub abandon: AbandonRow,
    pub connect: ConnectRow,
}

impl CampaignRow {
    /// Whether it tells an instant that goes on with the time.
    const fn foresees(&self) -> bool {
        let row = &self.abandon;
        row.used_up_at.is_some() || row.used_up_from.is_some() || row.used_up_to.is_some()
    }

    fn hush(&mut self) {
        self.abandon.hush();
        self.connect.hush();
        self.connect.diagnosis = None;
    }
}

/// The rows by campaign, and as of when.
pub type CampaignRows = RowCache<CampaignId, CampaignRow, TimedCampaigns, Option<MadeAt>>;

/// Those that time alone alters.
#[derive(Debug, Clone, Default)]
pub struct TimedCampaigns {
    /// They are other rows at each tick.
    foreseeing: Keys<CampaignId>,
    /// Those of which the last minutes are looked at more closely: other rows with each bucket.
    closely: Keys<CampaignId>,
}

impl Index<CampaignId, CampaignRow> for TimedCampaigns {
    fn add(&mut self, campaign: &CampaignId, row: &CampaignRow) {
        if row.foresees() {
            self.foreseeing.insert(campaign.clone());
        }
        if row.abandon.last_5m.part >= FEWEST || row.connect.lately_band.is_out() || may_dry(&row.connect) {
            self.closely.insert(campaign.clone());
        }
    }

    fn remove(&mut self, campaign: &CampaignId, _: &CampaignRow) {
        self.foreseeing.remove(campaign);
        self.closely.remove(campaign);
    }
}

/// Makes the whole floor's rows anew that are not as they were.
pub(super) fn renew_campaigns(rows: &mut CampaignRows, floor: &mut Floor, cards: &mut Cards) {
    let made_at = MadeAt::of(floor);
    let moved = floor.windows.take_moved(Dimension::Campaign).into_iter().map(CampaignId::trusted);
    match (rows.take_stale(), rows.basis) {
        (Stale::These(mut campaigns), Some(before)) if before.judged == made_at.judged => {
            campaigns.extend(moved);
            campaigns.extend(rows.index.foreseeing.iter().cloned());
            if before.bucket != made_at.bucket {
                campaigns.extend(rows.index.closely.iter().cloned());
                campaigns.extend(floor.own.ended(before.now, made_at.now).cloned());
            }
            campaigns.iter().for_each(|campaign| cards.touch(campaign));
            rows.renew(&campaigns, |campaign, before| campaign_row(floor, campaign, Over::Floor, before));
        }
        (Stale::These(_) | Stale::All, _) => {
            cards.touch_all();
            rows.replace(campaign_rows(floor, Over::Floor, rows));
        }
    }
    rows.basis = Some(made_at);
}

/// All rows as they are now, or some campaigns', by what was said `before`.
pub(in crate::board) fn campaign_rows(
    floor: &Floor,
    over: Over<'_>,
    before: &CampaignRows,
) -> HashMap<CampaignId, CampaignRow, RandomState> {
    let called = floor.windows.each(Dimension::Campaign, Window::Minutes60, over).filter(|(_, held)| calls(held));
    let called = called.map(|(id, _)| CampaignId::trusted(id.clone()));
    let told = floor.campaigns.keys().filter(|id| over.holds(id)).cloned();
    let ids: HashSet<CampaignId, RandomState> = called.chain(told).collect();
    ids.into_iter().filter_map(|id| campaign_row(floor, &id, over, before.get(&id)).map(|row| (id, row))).collect()
}

/// `None` of one that has no calls and does not say that it dials.
fn campaign_row(floor: &Floor, id: &CampaignId, over: Over<'_>, before: Option<&CampaignRow>) -> Option<CampaignRow> {
    let over = |window| floor.windows.one(Dimension::Campaign, window, over, id.as_str());
    let ratio = |held: &Option<Held>, kpi: KpiId| kpi.ratio(|fact| held.as_ref().map_or(0, |held| held.get(fact)));
    let told = floor.campaigns.get(id);
    let hour = over(Window::Minutes60);
    let dials = told.and_then(|told| told.status.value()) == Some(CampaignStatus::Active);
    if !dials && !hour.as_ref().is_some_and(calls) {
        return None;
    }
    let fact = |fact| hour.as_ref().map_or(0, |held| held.get(fact));
    let rate = ratio(&hour, KpiId::AbandonRate);
    let lately = |window| ratio(&over(window), KpiId::AbandonRate);
    let (last_15m, last_5m) = (lately(Window::Minutes15), lately(Window::Minutes5));
    let period = floor.period(id);
    let of_period = KpiId::AbandonRate.ratio(|fact| period.map_or(0, |p| pick(&p.tally, fact)));
    let budget = Budget::of(of_period, limit_ppm(told));
    let ends = period.map(|p| p.to);
    let ends_before = |at: &Moment| ends.is_none_or(|end| *at < end);
    let runway = budget.runway(rate);
    let used_up = |span: Option<Span>| span.map(|span| floor.now + span).filter(ends_before);
    let said = before.map(|row| &row.connect);
    let pacing_band = pacing_band(floor, id, last_5m, before.map_or(Band::None, |row| row.abandon.pacing_band));
    let five = over(Window::Minutes5);
    let reached_5m = reached_of_taken(|fact| five.as_ref().map_or(0, |held| held.get(fact)));
    let connect = connect_row(floor, id, (ratio(&hour, KpiId::ConnectRate), reached_5m), (rate, pacing_band), said);
    let abandon = AbandonRow {
        campaign: connect.campaign.clone(),
        name: connect.name.clone(),
        abandoned: rate.part,
        answered_live: rate.whole,
        unjudged_live: fact(Fact::UnjudgedLive),
        last_15m,
        last_5m,
        pacing_band,
        band: KpiId::AbandonRate.get().read_ratio(rate).band,
        since: None,
        period_from: period.map(|p| p.from),
        period_abandoned: budget.abandoned,
        period_live: budget.judged_live,
        limit_ppm: budget.limit_ppm,
        budget: period.and_then(|_| budget.calls_left()),
        budget_band: budget.band(),
        used_up_at: used_up(runway.map(|run| run.lasts)),
        used_up_from: used_up(runway.map(|run| run.shortest)),
        used_up_to: used_up(runway.and_then(|run| run.longest)),
        unknown_mode: fact(Fact::UnknownMode),
        ungreeted: fact(Fact::UngreetedBasis),
    };
    let mut row = CampaignRow { abandon, connect };
    if !floor.presence().is_now() {
        row.hush();
    }
    Some(row)
}

/// Its judgements hold: what falls does so until it is well back (`app::kpi::held`).
fn connect_row(
    floor: &Floor,
    id: &CampaignId,
    (reached, last_5m): (Ratio, Ratio),
    (abandoned, pacing): (Ratio, Band),
    said: Option<&ConnectRow>,
) -> ConnectRow {
    let baseline = floor.baselines.connect.get(id).copied().unwrap_or_default();
    let usual = floor.baselines.abandon.get(id).copied().unwrap_or_default();
    let before = |band: fn(&ConnectRow) -> Band| said.map_or(Band::None, band);
    let still = KpiId::ConnectRate.get().still_against(reached, baseline);
    let hour_band = stays(before(|row| row.hour_band), KpiId::ConnectRate.get().against(reached, baseline), still);
    let still = KpiId::ConnectRate.get().still_against(last_5m, baseline);
    let lately_band = stays(before(|row| row.lately_band), dries(floor, id, last_5m, baseline), still);
    let band = ConnectRow::judged(hour_band, lately_band);
    // What the last minutes fall for is told by the last minutes: what the hour abandons may be of before.
    let abandons = if hour_band.is_out() || !lately_band.is_out() {
        let put_down_to = said.and_then(|said| said.diagnosis).map_or(Band::None, Diagnosis::abandon_trend);
        let still = band::still_abandon_trend(abandoned, usual);
        stays(put_down_to, band::abandon_trend(abandoned, usual), still)
    } else {
        pacing
    };
    ConnectRow {
        campaign: floor.shown(id),
        name: floor.campaign_name(id),
        answered_live: reached.part,
        resolved: reached.whole,
        baseline,
        last_5m,
        hour_band,
        lately_band,
        band,
        since: None,
        diagnosis: Diagnosis::of(band, abandons),
    }
}

/// Whether a campaign's list dries just now: by its last five minutes, or where these are low already by the last three.
fn dries(floor: &Floor, id: &CampaignId, last_5m: Ratio, baseline: Ratio) -> Band {
    let five = band::connect_lately(last_5m, baseline);
    if five != Band::Ok || !KpiId::ConnectRate.get().still_against(last_5m, baseline).is_out() {
        return five;
    }
    let from = floor.now.floor(LIVE_GRAIN) + LIVE_GRAIN - DRIES;
    let buckets = floor.windows.buckets(Dimension::Campaign, Some(id), Some(id.as_str()));
    let mut sum = Ratio::default();
    for (_, _, tally) in buckets.filter(|(_, at, _)| *at >= from && *at <= floor.now) {
        sum += reached_of_taken(|fact| tally.get(fact));
    }
    five.max(band::connect_lately(sum, baseline))
}

/// What a campaign abandoned in the last two minutes; nothing where it abandoned hardly anybody in the last five.
pub(in crate::board) fn abandoned_lately(floor: &Floor, id: &CampaignId, last_5m: Ratio) -> Ratio {
    if last_5m.part < FEWEST {
        return Ratio::default();
    }
    abandoned_since(floor, id, floor.now.floor(LIVE_GRAIN) + LIVE_GRAIN - LATELY)
}

/// What it abandoned of those who answered from then on.
fn abandoned_since(floor: &Floor, id: &CampaignId, from: Moment) -> Ratio {
    let mut sum = Ratio::default();
    let buckets = floor.windows.buckets(Dimension::Campaign, Some(id), Some(id.as_str()));
    for (_, _, tally) in buckets.filter(|(_, at, _)| *at >= from && *at <= floor.now) {
        sum += KpiId::AbandonRate.ratio(|fact| tally.get(fact));
    }
    sum
}

/// What the last two and five minutes are judged. Who answered just now is abandoned by the clock alone, as long as nobody has
/// told of an agent: where what is told comes late, or stops for a while, that says nothing, and is left out.
fn pacing_band(floor: &Floor, id: &CampaignId, last_5m: Ratio, said: Band) -> Band {
    let (mut fresh, still) = (band::pacing(last_5m), band::still_pacing(last_5m));
    let last_2m = abandoned_lately(floor, id, last_5m);
    fresh = fresh.max(band::pacing(last_2m));
    if fresh == Band::Critical {
        let unsettled = abandoned_since(floor, id, (floor.told_to() - UNTIL_JUDGED).floor(LIVE_GRAIN));
        let settled = |all: Ratio| Ratio::new(all.part - unsettled.part, all.whole - unsettled.whole);
        fresh = band::pacing(settled(last_5m)).max(band::pacing(settled(last_2m))).max(Band::Ok);
    }
    stays(said, fresh, still)
}

/// Whether the last five minutes are low enough to look at the last three.
fn may_dry(row: &ConnectRow) -> bool {
    KpiId::ConnectRate.get().still_against(row.last_5m, row.baseline).is_out()
}

/// Whom a list reaches, of the calls that the network took: what a route fails or refuses, or what failed and nobody can tell by
/// whose fault, says nothing of the list.
fn reached_of_taken(count: impl Fn(Fact) -> i64) -> Ratio {
    let reached = KpiId::ConnectRate.ratio(&count);
    let not_taken: i64 = [Fact::RouteFaults, Fact::UnjudgedFaults, Fact::Blocked].into_iter().map(count).sum();
    Ratio::new(reached.part, reached.whole - not_taken)
}

/// Whether it had calls within the hour.
fn calls(held: &Held) -> bool {
    held.get(Fact::Attempts) != 0 || held.get(Fact::Resolved) != 0
}
