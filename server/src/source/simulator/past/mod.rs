//! The past of the demo floor, at the pace of the live one: sums of days whose calls are not kept.
//!
//! Millions of calls one by one would take minutes. So the floor is run for some minutes, as busy as it may be and with
//! what went wrong (`model`); and each five minutes of the past are five minutes of that, drawn by lot after how many of
//! its staff each campaign had on duty then. What such a step adds up to, in every dimension, stays one sum of calls that
//! went through the law, so that keys add up to totals. Agents take turns on their seats, and numbers come and go.

mod calls;
mod events;
pub(super) mod filing;
mod incidents;
mod marks;
mod model;

use super::calendar;
use super::dice::Dice;
use super::plan::FloorPlan;
use super::scenario::Scenario;
use crate::law::change::{FactChange, SumKey};
use crate::law::span::SiteDays;
use app::domain::{Dimension, Moment, Span, Tally};
use chrono_tz::Tz;
pub use events::events;
use incidents::Incidents;
pub use marks::marks;
use model::{Model, STEP, Step, Whose, taught};
use smol_str::{SmolStr, ToSmolStr};
use std::collections::{HashMap, VecDeque};

/// How much of the staff is on duty on the floors that are run, and for how long each is.
const LEVELS: [f64; 3] = [0.70, 0.85, 1.0];
const RUN: Span = Span::minutes(20);
/// Days differ by so much, for reasons that nobody knows.
const DAYS_DIFFER: f64 = 0.04;
/// Sums by five minutes are kept for two weeks: before, the hour is fine enough.
const BY_STEP: Span = Span::hours(14 * 24 + 1);
const HOUR: Span = Span::hours(1);

/// How much of a past to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// The sums end here, at a whole five minutes; from here on calls are kept.
    pub until: Moment,
    /// The live floor begins here.
    pub opens: Moment,
    pub days: i64,
    /// The site's, by which days begin.
    pub zone: Tz,
}

/// The sums of a past, one campaign's day at a time, the newest day first; see the module.
#[derive(Debug)]
pub struct Past {
    plan: FloorPlan,
    extent: Extent,
    levels: Vec<Model>,
    outage: Model,
    rush: Model,
    incidents: Incidents,
    days: SiteDays,
    dice: Dice,
    /// Days still to make, by their begin; of the first, the campaigns.
    left: VecDeque<(Moment, usize)>,
}

/// What a campaign added on one day.
#[derive(Debug)]
pub struct FiledDay {
    /// Where it begins.
    pub day: Moment,
    pub sums: Vec<FactChange>,
}

impl Past {
    /// Runs the floor for what its past is made of, which takes a while.
    #[must_use]
    pub fn of(seed: u64, plan: FloorPlan, extent: Extent) -> Self {
        let known = taught(seed, FloorPlan::scaled(plan.factor));
        let sized = |level: f64| {
            let mut sized = FloorPlan::scaled(plan.factor * level);
            let with = sized.campaigns.iter_mut().zip(&known.campaigns);
            with.for_each(|(campaign, known)| campaign.ahead = known.ahead);
            sized
        };
        let run = |level: f64, trouble| Model::run(seed ^ level.to_bits(), &sized(level), trouble, RUN);
        let (levels, outage) = (LEVELS.map(|level| run(level, None)).into(), run(1.0, Some(Scenario::RouteFails)));
        let rush = run(1.0, Some(Scenario::PacingHot));
        let incidents = Incidents::before(extent.until, extent.days, &plan);
        let mut days = SiteDays::new(extent.zone);
        let mut left = VecDeque::new();
        let (first, mut at) = (extent.until - Span::days(extent.days), extent.until - Span::millis(1));
        while at >= first {
            let day = days.of(at);
            left.extend((0..plan.campaigns.len()).map(|campaign| (day.from, campaign)));
            at = day.from - Span::millis(1);
        }
        Self { plan, extent, levels, outage, rush, incidents, days, dice: Dice::new(seed, 3), left }
    }

    fn make(&mut self, day: Moment, campaign: usize) -> Vec<FactChange> {
        let to = self.days.of(day).to.min(self.extent.until);
        let busy = 1.0 + DAYS_DIFFER * (self.dice.unit() - 0.5) * 2.0;
        let mut sums: HashMap<(Moment, Dimension, SmolStr), Tally> = HashMap::new();
        let mut at = day;
        while at < to {
            self.add(at, day, campaign, busy, &mut sums);
            at = at + STEP;
        }
        let id = self.plan.campaigns[campaign].id.clone();
        let change = |((bucket, dimension, key), tally)| FactChange {
            bucket,
            of: SumKey { campaign: id.clone(), dimension, key },
            tally,
        };
        sums.into_iter().map(change).collect()
    }

    /// Adds what a campaign did in one step.
    fn add(
        &mut self,
        at: Moment,
        day: Moment,
        campaign: usize,
        busy: f64,
        sums: &mut HashMap<(Moment, Dimension, SmolStr), Tally>,
    ) {
        if self.incidents.pauses.iter().any(|(paused, during)| *paused == campaign && during.contains(at)) {
            return;
        }
        // An hour that two days share is cut between them.
        let hour = at.floor(HOUR).max(day);
        let fine = if at >= self.extent.until - BY_STEP { at } else { hour };
        let mut dice = self.dice.clone();
        let step = self.step(at, campaign, busy, &mut dice);
        for (whose, tally) in step.into_iter().flatten() {
            let (dimension, key) = match whose {
                Whose::Seat(place) => (Dimension::Agent, self.holder(campaign, *place, at)),
                Whose::Key(Dimension::Did, number) => (Dimension::Did, self.number(number, at)),
                Whose::Key(dimension, key) => (*dimension, key.clone()),
            };
            let bucket = match dimension {
                Dimension::Did | Dimension::Agent | Dimension::SipCode | Dimension::Component => hour,
                Dimension::Total | Dimension::Campaign | Dimension::Route | Dimension::Country | Dimension::Queue => {
                    fine
                }
            };
            *sums.entry((bucket, dimension, key)).or_default() += tally;
        }
        self.dice = dice;
    }

    /// A step of the floor as it was then.
    fn step(&self, at: Moment, campaign: usize, busy: f64, dice: &mut Dice) -> Option<&Step> {
        let targets = self.plan.targets;
        let model = if self.incidents.rush.contains(at) && campaign == targets.hot_campaign {
            &self.rush
        } else if self.incidents.outage.contains(at) {
            &self.outage
        } else {
            let staffed = self.plan.activity(&self.plan.campaigns[campaign], at) * busy;
            &self.levels[level(staffed, dice)]
        };
        let steps = model.steps(campaign);
        steps.get(dice.below(steps.len()))
    }

    /// Who held a seat then.
    fn holder(&self, campaign: usize, place: usize, at: Moment) -> SmolStr {
        let plan = &self.plan.campaigns[campaign];
        let zone = plan.pools.first().map_or(Tz::UTC, |(pool, _)| self.plan.lands[pool.land].zone);
        let seat = (plan.agents.start + place).min(plan.agents.end.saturating_sub(1));
        self.plan.agents[seat].crews[calendar::crew(zone, place, at)].to_smol()
    }

    /// The number that was in use then, where it is another one now.
    fn number(&self, now: &SmolStr, at: Moment) -> SmolStr {
        let before = |of: &&incidents::Retired| at < of.at && self.plan.dids[of.did].number.reveal() == now.as_str();
        let retired = self.incidents.retired.iter().find(before);
        retired.map_or_else(|| now.clone(), |of| of.number.reveal().to_smolstr())
    }
}

/// The level of staffing, drawn so that the mean is right.
fn level(staffed: f64, dice: &mut Dice) -> usize {
    let above = LEVELS.iter().position(|level| *level >= staffed).unwrap_or(LEVELS.len() - 1);
    let below = above.saturating_sub(1);
    let (low, high) = (LEVELS[below], LEVELS[above]);
    if above == below || dice.chance((staffed - low) / (high - low)) { above } else { below }
}

impl Iterator for Past {
    type Item = FiledDay;

    fn next(&mut self) -> Option<FiledDay> {
        let (day, campaign) = self.left.pop_front()?;
        Some(FiledDay { day, sums: self.make(day, campaign) })
    }
}
