//! The floor as it is set up: campaigns, routes, numbers, agents, machines. No chance and no time in it.
//!
//! Rates are chosen so that a floor with nothing wrong shows nothing red (`tests.rs` recounts it): about 70 % of each
//! route's channels in use, agents on a call for 80 to 90 % of their time, faults of routes well under 1 %.

use super::calendar::{self, CREWS};
use super::numbers::Plan as Numbers;
use app::domain::outcome::{ComponentKind, Mode};
use app::domain::{AgentId, CampaignId, ComponentId, Country, Moment, Number, QueueId, RouteId, Span};
use chrono_tz::Tz;

#[derive(Debug, Clone)]
pub struct FloorPlan {
    pub campaigns: Vec<CampaignPlan>,
    pub routes: Vec<RoutePlan>,
    pub lands: Vec<LandPlan>,
    pub dids: Vec<DidPlan>,
    pub agents: Vec<AgentPlan>,
    pub components: Vec<ComponentPlan>,
    pub targets: Targets,
    pub hours: Hours,
    /// How many times the demo floor.
    pub factor: f64,
}

/// When seats are staffed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hours {
    /// All of them, always, by the same people.
    Always,
    /// By the clock of the markets that are called (`calendar`).
    ByTheClock,
}

#[derive(Debug, Clone)]
pub struct CampaignPlan {
    pub id: CampaignId,
    pub name: &'static str,
    pub mode: Mode,
    /// Where its answered calls go: the routing label.
    pub destination: &'static str,
    pub queue: QueueId,
    /// Of the calls with a decided answer, those answered by a person, and by a machine.
    pub live: f64,
    pub machine: f64,
    pub talk: Span,
    pub wrap: Span,
    /// The share of live answers that its dialer may leave without an agent.
    pub abandons: f64,
    /// How far ahead its dialer dials when the floor opens: answers on their way for each agent who will be free.
    pub ahead: f64,
    /// Of the people reached, those that the list meant.
    pub right_party: f64,
    pub transfers: f64,
    /// Between two people who call back.
    pub inbound_every: Span,
    /// How many destinations one list holds; a new one is loaded when it is nearly called through.
    pub list: u64,
    /// Destinations that were tried before the floor opened.
    pub tried: u64,
    pub max_attempts: u32,
    pub cac_limit: u32,
    pub cps_limit: f64,
    /// Outbound calls a second when all is well: an agent's time over what a call takes of it.
    pub rate: f64,
    /// How long it had been running when the floor opened.
    pub age: Span,
    /// Where it calls, each with the floor's own numbers that it shows there.
    pub pools: Vec<(Pool, f64)>,
    /// Positions in [`FloorPlan::agents`].
    pub agents: std::ops::Range<usize>,
}

#[derive(Debug, Clone)]
pub struct Pool {
    /// Position in [`FloorPlan::lands`].
    pub land: usize,
    /// Positions in [`FloorPlan::dids`], by how much each is used.
    pub dids: Vec<(usize, f64)>,
}

#[derive(Debug, Clone)]
pub struct RoutePlan {
    pub id: RouteId,
    pub name: &'static str,
    pub carrier: &'static str,
    pub capacity: u32,
}

#[derive(Debug, Clone)]
pub struct LandPlan {
    pub country: Country,
    pub zone: Tz,
    pub numbers: Numbers,
    /// From dialling to ringing.
    pub pdd: Span,
    /// Positions in [`FloorPlan::routes`], by how many of its calls each carries.
    pub routes: Vec<(usize, f64)>,
}

#[derive(Debug, Clone)]
pub struct DidPlan {
    pub number: Number,
    pub pool: String,
    /// How much better or worse than its campaign it is answered.
    pub standing: f64,
}

#[derive(Debug, Clone)]
pub struct AgentPlan {
    /// A seat: who holds it in each shift.
    pub crews: [AgentId; CREWS],
    pub campaign: usize,
}

#[derive(Debug, Clone)]
pub struct ComponentPlan {
    pub id: ComponentId,
    pub kind: ComponentKind,
    pub latency: Span,
    pub cpu: f64,
    pub link: String,
}

/// What the scenarios happen to: positions in the plan.
#[derive(Debug, Clone, Copy)]
pub struct Targets {
    pub failing_route: usize,
    pub silent_route: usize,
    pub dry_campaign: usize,
    pub hot_campaign: usize,
    pub flagged_did: usize,
    pub leaving_campaign: usize,
    pub scheduled_campaign: usize,
    pub stuck_campaign: usize,
    pub held_campaign: usize,
    pub limited_campaign: usize,
}

/// Numbers in daily use; the others of a pool rest, and carry a call now and then.
const BUSY_DIDS: f64 = 72.0;
/// Resting numbers for each busy one.
const RESTING: u64 = 2;
/// How much a resting number is used beside a busy one.
const RESTING_WEIGHT: f64 = 0.02;
/// A floor has at most this many numbers, however large: the design load of the product.
const MAX_DIDS: u64 = 5_000;
/// Of an agent's time, what the dialer is to fill with calls; only the floor's rate in history depends on it.
const OCCUPANCY: f64 = 0.84;
/// A dialer that knows nothing yet of its agents dials as far ahead.
const CAREFUL: f64 = 0.9;
/// Of all calls, those that are the first to their destination, over days with their nights and weekends.
const FIRST_ATTEMPTS: f64 = 0.52 * 0.85;

struct Setup {
    id: &'static str,
    name: &'static str,
    mode: Mode,
    destination: &'static str,
    agents: f64,
    live: f64,
    machine: f64,
    talk: i64,
    lands: &'static [(usize, f64)],
    list: u64,
    days: i64,
}

const US: usize = 0;
const CA: usize = 1;
const GB: usize = 2;
const FR: usize = 3;
const AU: usize = 4;
const PH: usize = 5;

#[rustfmt::skip]
const CAMPAIGNS: [Setup; 7] = [
    Setup { id: "harbor-home", name: "Harbor Home Renewals", mode: Mode::Predictive, destination: "renewals-desk", agents: 20.0, live: 0.108, machine: 0.25, talk: 86, lands: &[(US, 1.0)], list: 160_000, days: 54 },
    Setup { id: "larkfield-energy", name: "Larkfield Energy Switch", mode: Mode::Predictive, destination: "energy-advisers", agents: 18.0, live: 0.108, machine: 0.25, talk: 88, lands: &[(GB, 1.0)], list: 140_000, days: 49 },
    Setup { id: "bellweather", name: "Bellweather Broadband", mode: Mode::Predictive, destination: "broadband-sales", agents: 14.0, live: 0.102, machine: 0.25, talk: 100, lands: &[(GB, 0.7), (FR, 0.3)], list: 120_000, days: 43 },
    Setup { id: "castellan-card", name: "Castellan Card Courtesy", mode: Mode::Progressive, destination: "card-services", agents: 14.0, live: 0.108, machine: 0.25, talk: 102, lands: &[(US, 0.8), (CA, 0.2)], list: 90_000, days: 57 },
    Setup { id: "maison-verte", name: "Maison Verte Solaire", mode: Mode::Predictive, destination: "conseil-solaire", agents: 12.0, live: 0.102, machine: 0.25, talk: 108, lands: &[(FR, 1.0)], list: 100_000, days: 46 },
    Setup { id: "tala-clinics", name: "Tala Clinic Reminders", mode: Mode::Predictive, destination: "clinic-desk", agents: 12.0, live: 0.104, machine: 0.23, talk: 104, lands: &[(PH, 0.65), (AU, 0.35)], list: 90_000, days: 40 },
    Setup { id: "oakline-pledges", name: "Oakline Pledge Thanks", mode: Mode::Preview, destination: "donor-care", agents: 6.0, live: 0.320, machine: 0.20, talk: 150, lands: &[(US, 1.0)], list: 12_000, days: 52 },
];

#[rustfmt::skip]
const ROUTES: [(&str, &str, &str, u32); 6] = [
    ("us-dallas", "Dallas", "Atlas Voice", 64),
    ("us-newark", "Newark", "Bluefin Telecom", 60),
    ("uk-london-a", "London A", "Corvid Networks", 58),
    ("uk-leeds", "Leeds", "Thornbury Carrier", 48),
    ("eu-paris", "Paris", "Delphine Telecom", 62),
    ("apac-manila", "Manila", "Isla Interconnect", 48),
];

type Land = (Numbers, Tz, i64, &'static [(usize, f64)]);
#[rustfmt::skip]
const LANDS: [Land; 6] = [
    (Numbers::UnitedStates, Tz::America__Chicago, 1_150, &[(0, 0.56), (1, 0.44)]),
    (Numbers::Canada, Tz::America__Toronto, 1_350, &[(1, 1.0)]),
    (Numbers::UnitedKingdom, Tz::Europe__London, 1_500, &[(2, 0.55), (3, 0.45)]),
    (Numbers::France, Tz::Europe__Paris, 1_900, &[(4, 1.0)]),
    (Numbers::Australia, Tz::Australia__Sydney, 2_700, &[(5, 1.0)]),
    (Numbers::Philippines, Tz::Asia__Manila, 3_100, &[(5, 1.0)]),
];

#[rustfmt::skip]
const COMPONENTS: [(&str, ComponentKind, i64, f64); 8] = [
    ("media-1", ComponentKind::MediaServer, 9, 0.46),
    ("media-2", ComponentKind::MediaServer, 10, 0.43),
    ("dialer-db", ComponentKind::Database, 4, 0.31),
    ("session-cache", ComponentKind::Cache, 1, 0.12),
    ("telephony-api", ComponentKind::TelephonyApi, 35, 0.27),
    ("dialer-worker", ComponentKind::DialerWorker, 14, 0.38),
    ("crm", ComponentKind::Crm, 120, 0.0),
    ("recording-store", ComponentKind::RecordingStorage, 60, 0.0),
];

#[rustfmt::skip]
const FIRST_NAMES: [[&str; 12]; 2] = [
    ["amara", "ben", "chloe", "dario", "esme", "farid", "grace", "hugo", "ines", "jonas", "kavya", "liam"],
    ["maya", "noah", "olive", "pavel", "quinn", "rosa", "samir", "tessa", "umar", "vera", "wendel", "yara"],
];
#[rustfmt::skip]
const LAST_NAMES: [[&str; 12]; 2] = [
    ["okafor", "whitlock", "santos", "moreau", "lindqvist", "haddad", "novak", "reyes", "fenwick", "dubois", "iyer", "castell"],
    ["adeyemi", "brandt", "cruz", "delaney", "eriksen", "fontaine", "garcia", "holm", "ibarra", "jansen", "kaur", "laurent"],
];

impl FloorPlan {
    /// The floor of `ringside demo`: about 420 calls a minute.
    #[must_use]
    pub fn demo() -> Self {
        Self::scaled(1.0)
    }

    /// The same floor `factor` times as large: agents, channels, lists and people who call back; numbers up to 5,000.
    /// Not smaller than a tenth.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    pub fn scaled(factor: f64) -> Self {
        let factor = if factor.is_finite() { factor.max(0.1) } else { 1.0 };
        let times = |n: f64| (n * factor).round().max(1.0);
        let (mut agents, mut dids, mut campaigns) = (Vec::new(), Vec::new(), Vec::new());
        // Numbers already given out in each land.
        let mut given = [0u64; LANDS.len()];
        let total: f64 = CAMPAIGNS.iter().map(Setup::rate).sum();
        let seats: usize = CAMPAIGNS.iter().map(|setup| times(setup.agents) as usize).sum();
        for (position, setup) in CAMPAIGNS.iter().enumerate() {
            let first = agents.len();
            for _ in 0..times(setup.agents) as usize {
                let seat = agents.len();
                agents.push(AgentPlan {
                    crews: std::array::from_fn(|crew| agent(crew * seats + seat)),
                    campaign: position,
                });
            }
            let rate = setup.rate() * factor;
            let mut pool = |&(land, weight): &(usize, f64), dids: &mut Vec<DidPlan>| {
                let busy = (setup.rate() / total * weight * BUSY_DIDS * factor.max(1.0)).round().max(1.0) as u64;
                let busy = busy.min(MAX_DIDS / (1 + RESTING) / 9);
                let first = dids.len();
                for _ in 0..busy * (1 + RESTING) {
                    dids.push(DidPlan::new(given[land], setup.name, LANDS[land].0));
                    given[land] += 1;
                }
                let weigh = |n: usize| if ((n - first) as u64) < busy { 1.0 } else { RESTING_WEIGHT };
                (Pool { land, dids: (first..dids.len()).map(|n| (n, weigh(n))).collect() }, weight)
            };
            let pools = setup.lands.iter().map(|share| pool(share, &mut dids)).collect();
            campaigns.push(setup.campaign(rate, factor, pools, first..agents.len()));
        }
        let route = |&(id, name, carrier, capacity): &(&'static str, &'static str, &'static str, u32)| RoutePlan {
            id: RouteId::trusted(id),
            name,
            carrier,
            capacity: times(f64::from(capacity)) as u32,
        };
        let land = |&(numbers, zone, pdd, routes): &Land| LandPlan {
            country: Country::new(numbers.country()).unwrap_or(Country::UNKNOWN),
            zone,
            numbers,
            pdd: Span::millis(pdd),
            routes: routes.to_vec(),
        };
        let component = |&(id, kind, latency, cpu): &(&'static str, ComponentKind, i64, f64)| ComponentPlan {
            id: ComponentId::trusted(id),
            kind,
            latency: Span::millis(latency),
            cpu,
            link: format!("https://grafana.example.com/d/{id}"),
        };
        Self {
            campaigns,
            routes: ROUTES.iter().map(route).collect(),
            lands: LANDS.iter().map(land).collect(),
            dids,
            agents,
            components: COMPONENTS.iter().map(component).collect(),
            targets: Targets {
                failing_route: 2,
                silent_route: 0,
                dry_campaign: 1,
                hot_campaign: 0,
                flagged_did: 0,
                leaving_campaign: 3,
                scheduled_campaign: 5,
                stuck_campaign: 6,
                held_campaign: 2,
                limited_campaign: 4,
            },
            hours: Hours::Always,
            factor,
        }
    }

    /// The same floor, staffed by the clock, after a past of so many days.
    #[must_use]
    pub fn by_the_clock(mut self, past_days: i64) -> Self {
        self.hours = Hours::ByTheClock;
        for campaign in &mut self.campaigns {
            let days = past_days.min(campaign.age.as_secs() / 86_400);
            #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let tried = (campaign.rate * FIRST_ATTEMPTS * 86_400.0 * days as f64) as u64;
            campaign.tried = tried;
        }
        self
    }

    /// Which crew holds a seat at `at`; `None` while nobody does. Seats of a campaign are given up from the last one on.
    #[must_use]
    pub fn on_duty(&self, seat: usize, at: Moment) -> Option<usize> {
        if self.hours == Hours::Always {
            return Some(0);
        }
        let campaign = &self.campaigns[self.agents[seat].campaign];
        let place = seat - campaign.agents.start;
        let zone = campaign.pools.first().map_or(Tz::UTC, |(pool, _)| self.lands[pool.land].zone);
        #[allow(clippy::cast_precision_loss)]
        let staffed = (campaign.agents.len() as f64 * self.activity(campaign, at)).round();
        #[allow(clippy::cast_precision_loss)]
        let is_staffed = (place as f64) < staffed;
        is_staffed.then(|| calendar::crew(zone, place, at))
    }

    /// Of a campaign's staff, what is on duty: by the clocks of all the markets that it calls.
    #[must_use]
    pub fn activity(&self, campaign: &CampaignPlan, at: Moment) -> f64 {
        match self.hours {
            Hours::Always => 1.0,
            Hours::ByTheClock => {
                let shares = campaign.pools.iter();
                shares.map(|(pool, share)| share * calendar::activity(self.lands[pool.land].zone, at)).sum()
            }
        }
    }

    /// What a scenario's target is called, for whoever counts.
    #[must_use]
    pub fn route(&self, position: usize) -> &RouteId {
        &self.routes[position].id
    }
}

impl CampaignPlan {
    /// When it began, on a floor that opened at `opened`: in the morning, and the same whenever on a day that was.
    #[must_use]
    pub fn began(&self, opened: Moment) -> Moment {
        (opened - self.age).floor(Span::days(1)) + Span::hours(9)
    }
}

impl Setup {
    fn rate(&self) -> f64 {
        #[allow(clippy::cast_precision_loss)]
        let talk = self.talk as f64;
        match self.mode {
            Mode::Predictive | Mode::Progressive => self.agents * OCCUPANCY / talk / self.live,
            // One agent reads, dials, listens to the ringing, and talks only if someone is there.
            Mode::Preview | Mode::Agentless => self.agents / (8.0 + 18.0 + self.live * talk),
        }
    }

    fn campaign(
        &self,
        rate: f64,
        factor: f64,
        pools: Vec<(Pool, f64)>,
        agents: std::ops::Range<usize>,
    ) -> CampaignPlan {
        let abandons = match self.mode {
            Mode::Predictive => 0.008,
            Mode::Progressive => 0.006,
            Mode::Preview | Mode::Agentless => 0.0,
        };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let whole = |n: f64| n.ceil() as u64;
        #[allow(clippy::cast_precision_loss)]
        let list = whole(self.list as f64 * factor);
        CampaignPlan {
            id: CampaignId::trusted(self.id),
            name: self.name,
            mode: self.mode,
            destination: self.destination,
            queue: QueueId::trusted(format!("{}-callbacks", self.id)),
            live: self.live,
            machine: self.machine,
            talk: Span::secs(self.talk),
            wrap: Span::millis(3_600),
            abandons,
            ahead: CAREFUL,
            right_party: 0.62,
            transfers: 0.05,
            inbound_every: Span::millis(i64::try_from(whole(75_000.0 * 14.0 / self.agents / factor)).unwrap_or(75_000)),
            list,
            tried: 0,
            max_attempts: 5,
            cac_limit: u32::try_from(whole(rate * 80.0).max(20) / 10 * 10).unwrap_or(u32::MAX),
            cps_limit: (rate * 20.0).round().max(5.0) / 10.0,
            rate,
            age: Span::days(self.days),
            pools,
            agents,
        }
    }
}

impl DidPlan {
    fn new(n: u64, campaign: &str, numbers: Numbers) -> Self {
        // Small differences between numbers are normal.
        let standing = [1.0, 0.94, 1.05, 0.98, 1.03, 1.0, 0.96, 1.04];
        Self {
            number: numbers.number(n),
            pool: format!("{campaign} {}", numbers.country()),
            standing: standing[usize::try_from(n % 8).unwrap_or_default()],
        }
    }
}

/// The `n`-th of the floor's people; a suffix tells those beyond the first 576 apart.
fn agent(n: usize) -> AgentId {
    let lists = n / 144 % 4;
    let (first, last) = (FIRST_NAMES[lists % 2][n % 12], LAST_NAMES[lists / 2][(n / 12 + n) % 12]);
    if n < 576 { AgentId::trusted(format!("{first}.{last}")) } else { AgentId::trusted(format!("{first}.{last}.{n}")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn people(plan: &FloorPlan) -> usize {
        plan.agents.iter().flat_map(|seat| &seat.crews).collect::<BTreeSet<_>>().len()
    }

    #[test]
    fn nobody_works_for_longer_than_a_shift_and_the_night_is_quieter() {
        let plan = FloorPlan::demo().by_the_clock(30);
        let monday = Moment::from_secs(1_794_787_200);
        let mut minutes: std::collections::BTreeMap<&str, i64> = std::collections::BTreeMap::new();
        let mut staffed = Vec::new();
        for step in 0..288 {
            let at = monday + Span::minutes(5 * step);
            let here: Vec<_> =
                (0..plan.agents.len()).filter_map(|seat| Some((seat, plan.on_duty(seat, at)?))).collect();
            staffed.push(here.len());
            for (seat, crew) in here {
                *minutes.entry(plan.agents[seat].crews[crew].as_str()).or_default() += 5;
            }
        }
        assert!(minutes.values().all(|worked| *worked <= 8 * 60), "{minutes:?}");
        let (least, most) = (staffed.iter().min(), staffed.iter().max());
        assert!(least >= Some(&70) && most <= Some(&96) && most >= Some(&84), "{least:?} to {most:?}");
    }

    #[test]
    fn the_demo_floor_has_its_size_and_no_name_twice() {
        let plan = FloorPlan::demo();
        assert_eq!(plan.agents.len(), 96);
        assert_eq!(people(&plan), 96 * CREWS);
        assert!((180..=400).contains(&plan.dids.len()), "{}", plan.dids.len());
        assert_eq!(plan.dids.iter().map(|d| d.number.reveal()).collect::<BTreeSet<_>>().len(), plan.dids.len());
    }

    #[test]
    fn a_larger_floor_is_larger_in_proportion() {
        let (one, ten) = (FloorPlan::demo(), FloorPlan::scaled(10.0));
        assert_eq!(ten.agents.len(), 10 * one.agents.len());
        assert!(ten.dids.len() > 5 * one.dids.len() && ten.dids.len() <= 5_000);
        assert_eq!(people(&ten), 960 * CREWS);
    }
}
