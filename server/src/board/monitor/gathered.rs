//! What cards are made of, read in one pass over the sums of all campaigns.

use super::Area;
use super::worker::{workers, worst_of};
use crate::board::agents::{ByState, Left};
use crate::board::cache::differing;
use crate::board::called;
use crate::board::floor::Floor;
use crate::board::gauges::Silence;
use crate::board::judgements::{Figure, Judgements};
use crate::board::memory::Memory;
use crate::board::rows::{Rows, Verdicts, answered};
use crate::board::samples::Component;
use crate::board::windows::{Held, extent};
use app::domain::outcome::{CampaignStatus, Health};
use app::domain::{CampaignId, Dimension, Fact, RouteId, Window};
use app::kpi::band::{self, ENOUGH};
use app::kpi::diagnosis::{Codes, DidEvidence, RouteEvidence, Workers};
use app::kpi::{Band, Bands, KpiId, Ratio};
use app::view::live::RouteRow;
use app::view::monitor::WorkerHealth;
use smol_str::SmolStr;
use std::collections::{HashMap, HashSet};

/// Of a route that is silent as a whole, so many of a campaign's calls tell that it is hit.
const FEW: i64 = 3;

/// What the cards of all campaigns are made of, as of one tick of one board.
#[derive(Debug)]
pub struct Gathered {
    active: HashMap<SmolStr, i64>,
    pub(in crate::board) agents: HashMap<CampaignId, ByState>,
    /// Agents who have just left.
    pub(super) left: HashMap<CampaignId, Left>,
    /// The worst route of each campaign that one fails.
    pub(super) routes: HashMap<CampaignId, RouteEvidence>,
    /// The worst number of each campaign that has one out of band.
    pub(super) dids: HashMap<CampaignId, DidEvidence>,
    pub(super) workers: Workers,
    pub(in crate::board) worker: WorkerHealth,
    /// When that was heard last, as people read it.
    pub(super) worker_heard: String,
}

impl Gathered {
    pub(in crate::board) fn active(&self, campaign: &CampaignId) -> i64 {
        self.active.get(campaign.as_str()).copied().unwrap_or(0)
    }

    /// The worst route of a campaign that one fails.
    pub(in crate::board) fn route_of(&self, campaign: &CampaignId) -> Option<&str> {
        self.routes.get(campaign).map(|route| route.id.as_str())
    }

    /// Campaigns that call from a number that is out of band.
    pub(in crate::board) fn calling_from_bad_numbers(&self) -> impl Iterator<Item = &CampaignId> {
        self.dids.keys()
    }

    /// Whether what cards of any campaign are made of is the same.
    pub(super) fn tells_as_much(&self, other: &Self) -> bool {
        // When a worker was heard is told of one that is gone alone.
        self.workers == other.workers && (self.workers != Workers::None || self.worker_heard == other.worker_heard)
    }

    /// Campaigns of which there is something else to tell, or nothing any more.
    pub(super) fn differing<'a>(&'a self, now: &'a Self) -> impl Iterator<Item = CampaignId> + 'a {
        let active = differing(&self.active, &now.active).map(|id| CampaignId::trusted(id.clone()));
        let routes = differing(&self.routes, &now.routes).chain(differing(&self.dids, &now.dids));
        let agents = differing(&self.agents, &now.agents).chain(differing(&self.left, &now.left));
        active.chain(routes.chain(agents).cloned())
    }
}

/// Reads the sums, for all frames of one tick.
pub(in crate::board) fn gather(floor: &Floor, verdicts: &Verdicts, seen: &Memory<Area>) -> Gathered {
    let of_campaigns = Gathering { floor, rows: &verdicts.rows, judgements: &verdicts.judgements };
    let workers = workers(floor);
    let worker = worst_of(&workers, floor, seen);
    Gathered {
        active: floor.gauges.active_by(None, |campaign, _| campaign.to_smol()),
        agents: floor.agents.by_campaign(floor.now),
        left: floor.agents.left(floor.now),
        routes: of_campaigns.failing_routes(),
        dids: of_campaigns.falling_dids(),
        workers: stand(&workers),
        worker_heard: worker.at.map_or_else(|| "never".to_owned(), |at| floor.clock_near(at)),
        worker,
    }
}

/// Campaigns that have calls, up or of the last hour; some twice.
pub(super) fn calling<'a>(floor: &'a Floor, gathered: &'a Gathered) -> impl Iterator<Item = CampaignId> + 'a {
    let lately = floor.windows.each(Dimension::Campaign, Window::Minutes60, None).map(|(key, _)| key);
    let named = gathered.active.keys().chain(lately).filter(|key| !key.is_empty());
    named.map(|key| CampaignId::trusted(key.clone()))
}

/// Whether a campaign has a card: it is active or paused, or says nothing of itself and has calls.
pub(in crate::board) fn is_shown(floor: &Floor, id: &CampaignId, gathered: &Gathered) -> bool {
    let has_calls = || gathered.active(id) > 0 || floor.hour(id, Fact::Attempts) + floor.hour(id, Fact::Inbound) > 0;
    let status = floor.campaigns.get(id).and_then(|campaign| campaign.status.value());
    !id.as_str().is_empty()
        && match status {
            Some(CampaignStatus::Active | CampaignStatus::Paused) => true,
            Some(CampaignStatus::Ended) => false,
            None => has_calls(),
        }
}

/// Finds of each campaign the worst route and the worst number.
#[derive(Clone, Copy)]
struct Gathering<'a> {
    floor: &'a Floor,
    rows: &'a Rows,
    judgements: &'a Judgements,
}

impl<'a> Gathering<'a> {
    /// Of the many pairs of a campaign and a route those alone are looked at that have a fault or a silent call. Of a route that
    /// fails without a code all that failed on it are its faults.
    fn failing_routes(&self) -> HashMap<CampaignId, RouteEvidence> {
        let codeless: HashSet<&str> = self.rows.routes.codeless().map(RouteId::as_str).collect();
        let faults = |route: &str, held: &Held| match codeless.contains(route) {
            true => KpiId::RouteFaultRate.get().otherwise(|fact| held.get(fact)),
            false => KpiId::RouteFaultRate.ratio(|fact| held.get(fact)),
        };
        let mut by: HashMap<(&CampaignId, RouteId), (Ratio, Silence)> = HashMap::new();
        for (campaign, route, held) in self.floor.windows.each_within(Dimension::Route, Window::Minutes5) {
            let faults = faults(route, &held);
            if faults.part > 0 {
                by.insert((campaign, RouteId::trusted(route.clone())), (faults, Silence::default()));
            }
        }
        let silence = self.floor.gauges.silence_of_campaigns(self.floor.now);
        let mut of_routes: HashMap<&RouteId, Silence> = HashMap::new();
        for ((_, route), silence) in &silence {
            let sum = of_routes.entry(route).or_default();
            (sum.started, sum.unheard) = (sum.started + silence.started, sum.unheard + silence.unheard);
        }
        for ((campaign, route), silence) in silence.iter().filter(|(_, silence)| silence.unheard > 0) {
            let five = || self.floor.windows.one(Dimension::Route, Window::Minutes5, Some(campaign), route.as_str());
            let known = by.entry((campaign, route.clone()));
            known
                .or_insert_with(|| {
                    (five().map_or_else(Ratio::default, |held| faults(route.as_str(), &held)), Silence::default())
                })
                .1 = *silence;
        }
        let mut worst: HashMap<CampaignId, ((Band, i64), RouteEvidence)> = HashMap::new();
        for ((campaign, route), (faults, silence)) in by {
            let (mut stalled, mut band) = self.of_a_campaign(&route, faults, silence);
            if stalled.is_out() {
                let all = of_routes.get(&route).copied().unwrap_or_default();
                stalled = self.silent_alone(&route, all, silence).waits_for(stalled);
            }
            if band.is_out() {
                band = self.failing_alone(&route, faults).waits_for(band);
            }
            if stalled != Band::Critical && band != Band::Critical {
                continue;
            }
            let rank = (stalled, silence.unheard.max(faults.part));
            if worst.get(campaign).is_none_or(|(other, _)| *other < rank) {
                let unheard = Ratio::new(silence.unheard, silence.started);
                let evidence = RouteEvidence {
                    id: route.to_string(),
                    name: self.route_name(&route),
                    codes: if codeless.contains(route.as_str()) { Codes::Missing } else { Codes::Told },
                    faults,
                    unheard,
                    faults_band: band,
                    stalled_band: stalled,
                };
                worst.insert(campaign.clone(), (rank, evidence));
            }
        }
        worst.into_iter().map(|(campaign, (_, evidence))| (campaign, evidence)).collect()
    }

    /// How a campaign's calls fare on a route: while the route as a whole is out, by what brings a figure back, so that a
    /// campaign is not named and forgotten in turns.
    fn of_a_campaign(&self, route: &RouteId, faults: Ratio, silence: Silence) -> (Band, Band) {
        let Silence { started, unheard } = silence;
        let kpi = KpiId::RouteFaultRate.get();
        let stalled = match self.is_named(route, Figure::Stalled) {
            true if unheard >= FEW => band::still_stalled(unheard, started),
            true | false => band::stalled(unheard, started),
        };
        let failing = match (self.is_named_failing(route), kpi.bands()) {
            (true, Some(bands)) => bands.still(faults),
            (_, _) => kpi.read_ratio(faults).band,
        };
        (stalled, failing)
    }

    /// Whether the failed calls of a campaign on a route are told before the route's.
    fn failing_alone(&self, route: &RouteId, faults: Ratio) -> Alone {
        let kpi = KpiId::RouteFaultRate;
        // Not "chance may explain it": a route that begins to fail has few faults.
        let is_well = |others: Ratio| {
            let edges = kpi.get().bands().into_iter().flat_map(Bands::edges);
            others.whole >= ENOUGH && edges.into_iter().all(|edge| !edge.holds(others))
        };
        let five = self.floor.windows.one(Dimension::Route, Window::Minutes5, None, route.as_str());
        let all = five.map_or_else(Ratio::default, |held| kpi.ratio(|fact| held.get(fact)));
        let others = Ratio::new(all.part - faults.part, all.whole - faults.whole);
        // A trunk that says itself that it is not well is the cause, though others' calls have not met it yet.
        let trunk = self.rows.routes.get(route).map_or(Band::None, RouteRow::trunk_band);
        Alone::of(self.is_named_failing(route), is_well(others) && !trunk.is_out())
    }

    /// The same of its silent calls.
    fn silent_alone(&self, route: &RouteId, all: Silence, own: Silence) -> Alone {
        let (unheard, started) = (all.unheard - own.unheard, all.started - own.started);
        let are_heard = started > 0 && !band::still_stalled(unheard, started).is_out();
        Alone::of(self.is_named(route, Figure::Stalled), are_heard)
    }

    fn is_named_failing(&self, route: &RouteId) -> bool {
        let is_codeless = || self.rows.routes.codeless().any(|id| id == route);
        self.is_named(route, Figure::Faults) || is_codeless()
    }

    fn is_named(&self, route: &RouteId, figure: Figure) -> bool {
        self.judgements.said(figure, route.as_str()) == Some(Band::Critical)
    }

    fn route_name(&self, route: &RouteId) -> String {
        if route.as_str().is_empty() {
            return "none named".to_owned();
        }
        called::route(route, self.floor.routes.get(route), &self.floor.config.veil).to_string()
    }

    /// Numbers are judged by all their calls: what people see of one does not depend on who called from it.
    fn falling_dids(&self) -> HashMap<CampaignId, DidEvidence> {
        let (mut worst, dids) = (HashMap::new(), &self.rows.dids);
        let (out, _) = dids.judged();
        if out == 0 {
            return worst;
        }
        for campaign in self.floor.windows.campaigns(Dimension::Did) {
            let of = |did: &str| self.floor.windows.one(Dimension::Did, Window::Minutes60, Some(campaign), did);
            let share = |(row, held): (_, Held)| (row, answered(&held).whole);
            // Whichever are fewer: its own numbers, or those out of band.
            let shares: Vec<_> = if self.floor.windows.keys_within(Dimension::Did, campaign) < out {
                let own = self.floor.windows.each(Dimension::Did, Window::Minutes60, Some(campaign));
                own.filter_map(|(did, held)| Some((dids.out_row(did)?, held))).map(share).collect()
            } else {
                dids.out().filter_map(|row| Some((row, of(&row.did)?))).map(share).collect()
            };
            let worst_first = shares.into_iter().max_by_key(|(row, resolved)| (row.band, *resolved, row.did.clone()));
            if let Some((row, resolved)) = worst_first {
                let evidence = DidEvidence {
                    number: row.did.to_string(),
                    now: Ratio::new(row.answered, row.resolved),
                    before: row.baseline,
                    blocked: row.blocked,
                    band: row.band,
                    blocked_band: row.blocked_band,
                    share: Ratio::new(resolved, self.resolved_by_numbers(campaign)),
                };
                worst.insert(campaign.clone(), evidence);
            }
        }
        worst
    }

    /// A campaign's resolved calls of the hour as its numbers count them: each call is of one number or of none, and numbers are
    /// kept by the minute.
    fn resolved_by_numbers(&self, campaign: &CampaignId) -> i64 {
        let Some((from, to)) = extent(Window::Minutes60, Dimension::Did, self.floor.now) else { return 0 };
        let buckets = self.floor.windows.buckets(Dimension::Campaign, Some(campaign), None);
        let hour = buckets.filter(|(_, at, _)| (from..to).contains(at));
        hour.map(|(_, _, tally)| KpiId::DidAnswerRate.ratio(|fact| tally.get(fact)).whole).sum()
    }
}

/// Whether a campaign's calls may be told before those of their route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alone {
    /// The route is named as well, or is well without this campaign.
    Told,
    /// Others' calls on it fare no better, or are too few to know: the route has the word.
    Waits,
}

impl Alone {
    const fn of(route_is_named: bool, others_are_well: bool) -> Self {
        if route_is_named || others_are_well { Self::Told } else { Self::Waits }
    }

    const fn waits_for(self, band: Band) -> Band {
        match self {
            Self::Told => band,
            Self::Waits => Band::Ok,
        }
    }
}

fn stand(workers: &[Component<'_>]) -> Workers {
    match workers.iter().all(|worker| worker.status == Health::Offline) {
        _ if workers.is_empty() => Workers::Unknown,
        true => Workers::None,
        false => Workers::Some,
    }
}
