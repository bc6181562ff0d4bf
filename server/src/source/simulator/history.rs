//! The past of the floor: whole calls and the agents' days, made from the same plan and the same chance as the live
//! floor, so that the rates of each campaign, number and route are the ones that go on.
//!
//! Made lazily, an hour at a time, newest day first: what is looked at first is there first. Far thinner than a live
//! floor (its ratios matter, not its volume); each hour has a stream of chance of its own.

use super::calendar;
use super::dice::Dice;
use super::fate::{Ending, Luck, Path, Refused, Talk};
use super::lines::{disposition, half};
use super::machines::costs;
use super::plan::FloorPlan;
use super::world::SOURCE;
use app::domain::event::{AgentState, CallRecord, Q850, SipCode, Text};
use app::domain::outcome::{AgentStatus, AnsweredBy, Direction, HungUpBy, Mode};
use app::domain::{CallId, Data, Event, EventId, ListId, Moment, Outcome, SourceId, Span};
use std::collections::{BTreeSet, VecDeque};

/// Events in a batch: small enough to commit between two steps of the live floor.
pub const BATCH: usize = 400;
/// So far back agents' states are told, for "today" in any zone.
const AGENTS_KNOWN: Span = Span::hours(38);
/// Of all calls, those that come in.
const INBOUND: f64 = 0.013;
const HOUR: Span = Span::hours(1);

/// How much of a past to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Everything ends before this.
    pub until: Moment,
    pub days: i64,
    /// At most so many calls in all.
    pub max_calls: u64,
}

/// The batches of a past; see [`history`].
#[derive(Debug)]
pub struct History {
    plan: FloorPlan,
    seed: u64,
    luck: Luck,
    extent: Extent,
    /// Hours still to make, newest day first and forwards within a day, with the number of calls of each.
    hours: VecDeque<(Moment, u64)>,
    ready: VecDeque<Event>,
    told: u64,
    /// Numbers the calls, and so the destinations.
    made: u64,
}

/// Makes the past of a floor. Every call begins and ends within the extent; none begins before its campaign did.
#[must_use]
pub fn history(seed: u64, plan: FloorPlan, extent: Extent) -> History {
    let until = extent.until;
    let first = (until - Span::days(extent.days)).floor(HOUR) + HOUR;
    let mut hours = Vec::new();
    let mut hour = first;
    while hour < until {
        let whole = (until.since(hour)).min(HOUR);
        #[allow(clippy::cast_precision_loss)]
        let part = whole.as_millis() as f64 / HOUR.as_millis() as f64;
        hours.push((hour, part * calendar::weight(hour, until - hour)));
        hour = hour + HOUR;
    }
    let total: f64 = hours.iter().map(|(_, weight)| weight).sum();
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let calls = |weight: f64| (weight / total.max(f64::MIN_POSITIVE) * extent.max_calls as f64) as u64;
    let mut counted: Vec<(Moment, u64)> = hours.into_iter().map(|(hour, weight)| (hour, calls(weight))).collect();
    counted.sort_by_key(|(hour, _)| (std::cmp::Reverse(hour.floor(Span::days(1))), *hour));
    let luck = Luck::new(&plan, seed, 1);
    let mut history =
        History { plan, seed, luck, extent, hours: counted.into(), ready: VecDeque::new(), told: 0, made: 0 };
    history.tell_agents();
    history.tell_costs();
    history
}

impl Iterator for History {
    type Item = Vec<Event>;

    fn next(&mut self) -> Option<Vec<Event>> {
        while self.ready.len() < BATCH {
            let Some((hour, calls)) = self.hours.pop_front() else { break };
            self.make(hour, calls);
        }
        let batch: Vec<Event> = self.ready.drain(..BATCH.min(self.ready.len())).collect();
        if batch.is_empty() { None } else { Some(batch) }
    }
}

impl History {
    /// Calls made so far.
    #[must_use]
    pub const fn calls(&self) -> u64 {
        self.made
    }

    fn tell(&mut self, time: Moment, data: Data) {
        self.told += 1;
        let id = EventId::trusted(format!("{:x}.{:x}.h{}", self.seed, self.extent.until.millis(), self.told));
        let source = SourceId::trusted(smol_str::SmolStr::new_static(SOURCE));
        self.ready.push_back(Event { id, source, time, data });
    }

    fn make(&mut self, hour: Moment, calls: u64) {
        self.luck.dice = Dice::new(self.seed, u64::try_from(hour.secs()).unwrap_or_default());
        let end = (hour + HOUR).min(self.extent.until);
        let mut starts: Vec<Moment> =
            (0..calls).map(|_| hour + self.luck.dice.between(Span::ZERO, end - hour)).collect();
        starts.sort_unstable();
        for start in starts {
            self.make_call(start);
        }
    }

    fn make_call(&mut self, start: Moment) {
        let running = |age: Span| start >= self.extent.until - age;
        let campaigns = self.plan.campaigns.iter().enumerate().filter(|(_, c)| running(c.age));
        let campaigns: Vec<(usize, f64)> = campaigns.map(|(n, c)| (n, c.rate)).collect();
        let Some(&campaign) = self.luck.dice.pick(&campaigns) else { return };
        let path = self.luck.path(&self.plan, campaign, &BTreeSet::new());
        self.made += 1;
        let preview = matches!(self.plan.campaigns[campaign].mode, Mode::Preview);
        let body = if !preview && self.luck.dice.chance(INBOUND) {
            self.inbound(path, start)
        } else {
            self.outbound(path, start)
        };
        let told = body.ended_at.unwrap_or(start);
        // What would end later belongs to the live floor.
        if told < self.extent.until {
            self.tell(told, Data::CallRecord(body));
        }
    }

    fn blank(&mut self, path: Path, start: Moment, direction: Direction) -> CallRecord {
        let campaign = &self.plan.campaigns[path.campaign];
        let far = self.plan.lands[path.land].numbers.number(self.made.wrapping_mul(7_919));
        let own = self.plan.dids[path.did].number.clone();
        let (from, to) = match direction {
            Direction::Outbound => (own, far),
            Direction::Inbound => (far, own),
        };
        let call = format!("{:x}.{:x}.p{}", self.seed, self.extent.until.millis(), self.made);
        CallRecord {
            direction: Some(direction),
            campaign: Some(campaign.id.clone()),
            route: Some(self.plan.routes[path.route].id.clone()),
            from: Some(from.into()),
            to: Some(to.into()),
            country: Some(self.plan.lands[path.land].country),
            ..CallRecord::only(CallId::trusted(call), start)
        }
    }

    fn outbound(&mut self, path: Path, start: Moment) -> CallRecord {
        let fate = self.luck.fate(&self.plan, path, &BTreeSet::new());
        let mut body = self.blank(path, start, Direction::Outbound);
        let campaign = &self.plan.campaigns[path.campaign];
        let attempt = self.luck.attempt(campaign.max_attempts);
        let last = attempt >= campaign.max_attempts;
        body.mode = Some(campaign.mode);
        body.list = Some(ListId::trusted(format!("{}-01", campaign.id)));
        body.attempt = Some(attempt);
        let rang = start + fate.pdd;
        let over = rang + fate.ring;
        if !matches!(fate.ending, Ending::Refused(_)) {
            body.progress_at = Some(rang);
        }
        match fate.ending {
            Ending::Refused(refused) | Ending::Rang(refused) => {
                unanswered(&mut body, refused, over);
                body.r#final = (last || refused.sip == 404).then_some(true);
                return body;
            }
            Ending::Machine(length) => {
                (body.by, body.answered_at, body.ended_at) =
                    (Some(AnsweredBy::Machine), Some(over), Some(over + length));
                (body.outcome, body.hung_up_by) = (Some(Outcome::Answered), Some(HungUpBy::Dialer));
            }
            Ending::HungUpAtOnce(length) => {
                (body.by, body.answered_at, body.ended_at) = (Some(AnsweredBy::Human), Some(over), Some(over + length));
                (body.outcome, body.hung_up_by) = (Some(Outcome::Answered), Some(HungUpBy::Person));
            }
            Ending::Live(talk) => {
                let greeted = over + talk.greeting;
                (body.by, body.answered_at, body.greeted_at) = (Some(AnsweredBy::Human), Some(over), Some(greeted));
                if self.luck.dice.chance(self.plan.campaigns[path.campaign].abandons) {
                    body.ended_at = Some(greeted + talk.patience);
                    (body.outcome, body.hung_up_by) = (Some(Outcome::Abandoned), Some(HungUpBy::Dialer));
                } else {
                    self.talk(&mut body, path.campaign, greeted + Span::millis(150), &talk);
                    body.r#final = Some(true);
                }
            }
        }
        body.sip_code = SipCode::new(200).ok();
        body.r#final = body.r#final.or(last.then_some(true));
        body
    }

    fn inbound(&mut self, path: Path, start: Moment) -> CallRecord {
        let talk = self.luck.talk(&self.plan, path.campaign);
        let mut body = self.blank(path, start, Direction::Inbound);
        let answered = start + self.luck.dice.between(Span::millis(900), Span::millis(2_400));
        (body.answered_at, body.queued_at) = (Some(answered), Some(answered));
        body.queue = Some(self.plan.campaigns[path.campaign].queue.clone());
        let wait = Span::millis(9_000 + self.luck.dice.wait(Span::secs(3)).as_millis());
        if self.luck.dice.chance(0.01) {
            body.ended_at = Some(answered + wait);
            (body.outcome, body.hung_up_by) = (Some(Outcome::Abandoned), Some(HungUpBy::Person));
        } else {
            self.talk(&mut body, path.campaign, answered + wait, &talk);
        }
        body
    }

    fn talk(&mut self, body: &mut CallRecord, campaign: usize, bridged: Moment, talk: &Talk) {
        let agents = self.plan.campaigns[campaign].agents.clone();
        let agent = agents.start + self.luck.dice.below(agents.len());
        body.agent = Some(self.plan.agents[agent].id.clone());
        (body.bridged_at, body.ended_at) = (Some(bridged), Some(bridged + talk.talk));
        (body.outcome, body.hung_up_by) = (Some(Outcome::Completed), Some(talk.hung_up_by));
        body.right_party = Some(talk.right_party);
        body.wrap_ms = u64::try_from(talk.wrap.as_millis()).ok();
        body.hold_ms = talk.hold.and_then(|hold| u64::try_from(hold.as_millis()).ok());
        body.disposition = Some(Text::clipped(disposition(talk, self.made)));
        if talk.transfer.is_some() {
            body.transferred_at = Some(bridged + half(talk.talk));
            body.transfer_kind = talk.transfer;
            body.transfer_target = Some(Text::clipped("second-line"));
        }
    }

    /// The agents' last day and a half, told coarsely: the shares of their time are the live floor's, the single calls
    /// are not in it.
    fn tell_agents(&mut self) {
        const ROUND: Span = Span::minutes(30);
        #[rustfmt::skip]
        const SHARES: [(AgentStatus, i64); 4] = [
            (AgentStatus::Ready, 0), (AgentStatus::OnCall, 135), (AgentStatus::WrapUp, 1_670), (AgentStatus::Break, 1_755),
        ];
        self.luck.dice = Dice::new(self.seed, 2);
        let mut told = Vec::new();
        for agent in 0..self.plan.agents.len() {
            let offset = self.luck.dice.between(Span::ZERO, ROUND);
            let mut at = self.extent.until - AGENTS_KNOWN + offset;
            while at < self.extent.until {
                for (state, secs) in SHARES {
                    told.push((at + Span::secs(secs), agent, state));
                }
                at = at + ROUND;
            }
        }
        told.retain(|(at, _, _)| *at < self.extent.until);
        told.sort_unstable();
        for (at, agent, state) in told {
            let plan = &self.plan.agents[agent];
            let campaign = Some(self.plan.campaigns[plan.campaign].id.clone());
            let body = AgentState { agent: plan.id.clone(), state, campaign, reason: None };
            self.tell(at, Data::AgentState(body));
        }
    }

    /// The bills of the months before the present one.
    fn tell_costs(&mut self) {
        let mut at = self.extent.until - Span::days(self.extent.days);
        while at < self.extent.until {
            for body in costs(at, self.plan.factor) {
                self.tell(at, Data::CostUpdated(body));
            }
            at = at + Span::days(1);
        }
    }
}

fn unanswered(body: &mut CallRecord, refused: Refused, at: Moment) {
    body.ended_at = Some(at);
    body.outcome = Some(refused.outcome);
    body.sip_code = SipCode::new(refused.sip).ok();
    body.sip_reason = Some(Text::clipped(refused.reason));
    body.q850 = refused.q850.and_then(|cause| Q850::new(cause).ok());
    body.hung_up_by = Some(refused.hung_up_by);
}
