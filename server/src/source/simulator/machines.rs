//! What the floor's machines say of themselves, and the names of everything.

use super::scenario::Scenario;
use super::world::{Due, World};
use app::domain::event::{
    AbandonLimit, Amount, CampaignUpdated, ChannelsSample, CostUpdated, Currency, DidUpdated, HealthSample, MetricName,
    MetricSample, Month, RouteUpdated, Text, TrunkStatus,
};
use app::domain::outcome::{CampaignStatus, CostKind, DidStatus, Health, RouteStatus, TrunkHealth};
use app::domain::{Data, Moment, Span, TrunkId};
use chrono::Datelike;

/// How often each kind of sample is told.
const CHANNELS_EVERY: Span = Span::secs(5);
const TRUNKS_EVERY: Span = Span::secs(30);
const HEALTH_EVERY: Span = Span::secs(10);
const COST_EVERY: Span = Span::hours(1);
/// The law's limit, which every campaign of the floor is held to.
const ABANDON_LIMIT: f64 = 0.03;

/// What the machines' samples remember.
#[derive(Debug, Default)]
pub(super) struct Machines {
    /// When the floor opened: campaigns had been running for a while by then.
    opened: Option<Moment>,
}

impl World {
    pub(super) fn introduce(&mut self) {
        self.machines.opened.get_or_insert(self.now);
        for route in 0..self.plan.routes.len() {
            let plan = &self.plan.routes[route];
            let body = RouteUpdated {
                route: plan.id.clone(),
                name: Some(Text::clipped(plan.name)),
                carrier: Some(Text::clipped(plan.carrier)),
                status: Some(RouteStatus::Active),
            };
            self.tell(Data::RouteUpdated(body));
        }
        for campaign in 0..self.plan.campaigns.len() {
            self.introduce_campaign(campaign);
        }
        for did in 0..self.plan.dids.len() {
            let plan = &self.plan.dids[did];
            let (did, pool) = (plan.number.clone(), Some(Text::clipped(&plan.pool)));
            self.tell(Data::DidUpdated(DidUpdated { did, status: DidStatus::Active, pool }));
        }
    }

    pub(super) fn introduce_campaign(&mut self, campaign: usize) {
        let (plan, desk) = (&self.plan.campaigns[campaign], &self.desks[campaign]);
        let rests = self.rests(campaign);
        let body = CampaignUpdated {
            campaign: plan.id.clone(),
            name: Some(Text::clipped(plan.name)),
            status: Some(if rests.is_some() { CampaignStatus::Paused } else { CampaignStatus::Active }),
            reason: rests.map(Text::clipped),
            mode: Some(plan.mode),
            destination: Some(Text::clipped(plan.destination)),
            destinations: Some(desk.list * desk.lists),
            cac_limit: Some(self.cac_limit(campaign)),
            cps_limit: Some(plan.cps_limit),
            rate_limited: Some(self.is_held_back(campaign)),
            started_at: Some(plan.began(self.machines.opened.unwrap_or(self.now))),
            max_attempts: Some(plan.max_attempts),
            limit: AbandonLimit::new(ABANDON_LIMIT).ok(),
        };
        self.tell(Data::CampaignUpdated(body));
    }

    pub(super) fn sample_channels(&mut self) {
        self.after(CHANNELS_EVERY, Due::Channels);
        for route in 0..self.plan.routes.len() {
            let plan = &self.plan.routes[route];
            let (trunk, capacity) = (TrunkId::trusted(plan.id.to_smol()), Some(plan.capacity));
            self.tell(Data::ChannelsSample(ChannelsSample { trunk, active: self.carried[route], capacity }));
        }
    }

    pub(super) fn tell_trunks(&mut self) {
        self.after(TRUNKS_EVERY, Due::Trunks);
        for route in 0..self.plan.routes.len() {
            self.tell_trunk(route);
        }
    }

    pub(super) fn tell_trunk(&mut self, route: usize) {
        let failing = self.has(Scenario::RouteFails) && route == self.plan.targets.failing_route;
        let (status, detail) = if failing {
            (TrunkHealth::Degraded, Some(Text::clipped("the carrier answers 503 to most calls")))
        } else {
            (TrunkHealth::Healthy, None)
        };
        let trunk = TrunkId::trusted(self.plan.routes[route].id.to_smol());
        self.tell(Data::TrunkStatus(TrunkStatus { trunk, status, detail }));
    }

    pub(super) fn sample_health(&mut self, component: usize) {
        self.after(HEALTH_EVERY, Due::Health(component));
        self.tell_health(component);
    }

    /// What the dialer's workers say of themselves once they are back.
    pub(super) fn tell_workers(&mut self) {
        let kind = app::domain::outcome::ComponentKind::DialerWorker;
        let is_worker = |at: &usize| self.plan.components[*at].kind == kind;
        let workers: Vec<usize> = (0..self.plan.components.len()).filter(is_worker).collect();
        workers.into_iter().for_each(|worker| self.tell_health(worker));
    }

    fn tell_health(&mut self, component: usize) {
        let latency = self.luck.dice.length(self.plan.components[component].latency, 0.2);
        let load = self.luck.dice.unit();
        let plan = &self.plan.components[component];
        let is_worker = plan.kind == app::domain::outcome::ComponentKind::DialerWorker;
        if is_worker && self.has(Scenario::WorkerSilent) {
            return;
        }
        #[allow(clippy::cast_precision_loss)]
        let latency_ms = Some(latency.as_millis().max(1) as f64);
        let (id, cpu) = (plan.id.clone(), plan.cpu);
        let body = HealthSample {
            component: id.clone(),
            kind: plan.kind,
            status: Health::Healthy,
            latency_ms,
            detail: None,
            link: Some(Text::clipped(&plan.link)),
        };
        self.tell(Data::HealthSample(body));
        // What is run by others tells nothing of its insides.
        if cpu > 0.0 {
            for (name, value) in [("cpu", cpu + 0.08 * (load - 0.5)), ("memory", 0.55 + 0.02 * load)] {
                if let Ok(name) = MetricName::new(name.to_owned()) {
                    let value = (value * 1_000.0).round() / 1_000.0;
                    self.tell(Data::MetricSample(MetricSample { component: id.clone(), name, value }));
                }
            }
        }
    }

    /// The month's bills, as its contracts have them: of the whole month, also while it runs.
    pub(super) fn tell_cost(&mut self) {
        self.after(COST_EVERY, Due::Cost);
        for body in costs(self.now, self.plan.factor) {
            self.tell(Data::CostUpdated(body));
        }
    }
}

/// What the month of `now` costs.
pub(super) fn costs(now: Moment, factor: f64) -> Vec<CostUpdated> {
    let date = now.to_utc();
    let Ok(month) = Month::new(format!("{:04}-{:02}", date.year(), date.month())) else { return Vec::new() };
    let Ok(currency) = Currency::new("USD".to_owned()) else { return Vec::new() };
    let hours = f64::from(date.num_days_in_month()) * 24.0;
    let bills = [(CostKind::Telephony, 41.50 * factor * hours), (CostKind::Infrastructure, 3_180.00 * factor)];
    let bill = |(kind, amount): (CostKind, f64)| {
        let amount = Amount::new(format!("{amount:.2}")).ok()?;
        Some(CostUpdated { month: month.clone(), amount, currency: currency.clone(), kind })
    };
    bills.into_iter().filter_map(bill).collect()
}
