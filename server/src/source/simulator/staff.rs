//! The agents: who is ready, who talks, who wraps up, who is on a break; and the callers who wait for them.

use super::fate::{Ending, Fate, Path, Talk};
use super::lines::{Line, Phase, answered, disposition, started};
use super::plan::Hours;
use super::world::{Due, World};
use app::domain::event::{AgentState, CallQueued, Text};
use app::domain::outcome::{AgentStatus, Direction};
use app::domain::{AgentId, CallId, Data, Moment, Span};

#[derive(Debug)]
pub(super) struct Agent {
    pub state: AgentStatus,
    /// When the call, the wrap-up or the break is expected to be over.
    pub free_at: Moment,
    pub duty: Duty,
    /// Which crew holds the seat; `None` while nobody does.
    crew: Option<usize>,
    /// Counts what the agent was told to do; an older entry in the queue of things due is stale.
    errand: u32,
    /// What is filed at the end of wrap-up.
    report: Option<Report>,
}

#[derive(Debug)]
struct Report {
    call: CallId,
    wrap: Span,
    right_party: bool,
    disposition: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Duty {
    Working,
    /// Has walked off, or will as soon as the call in hand is over.
    Away,
}

/// After a call, the share of agents who take a break; and its length.
const BREAKS: f64 = 0.011;
const BREAK: Span = Span::secs(150);
/// A caller hears this long of an announcement before an agent may take the call.
const ANNOUNCEMENT: Span = Span::secs(9);
/// A caller waits at least this long, and on average so much longer.
const PATIENCE: Span = Span::secs(25);

/// How often it is looked at who comes and who goes.
const ROTA_EVERY: Span = Span::minutes(5);
/// Who comes is ready within this.
const SETTLES: Span = Span::secs(20);

impl Agent {
    pub fn new(start: Moment) -> Self {
        let state = AgentStatus::Offline;
        Self { state, free_at: start, duty: Duty::Working, crew: None, errand: 0, report: None }
    }
}

impl World {
    /// Logs everybody in, a few at a time.
    pub(super) fn seat_agents(&mut self) {
        for agent in 0..self.agents.len() {
            self.agents[agent].crew = self.plan.on_duty(agent, self.now);
            if self.agents[agent].crew.is_some() {
                let wait = self.luck.dice.between(Span::ZERO, Span::secs(40));
                self.errand(agent, wait);
            }
        }
        if self.plan.hours == Hours::ByTheClock {
            self.at(self.now.floor(ROTA_EVERY) + ROTA_EVERY, Due::Rota);
        }
    }

    /// Who is free goes when the shift is over, and the next one comes; who is at a call ends it first.
    pub(super) fn rota(&mut self) {
        self.after(ROTA_EVERY, Due::Rota);
        for agent in 0..self.agents.len() {
            match self.agents[agent].state {
                AgentStatus::Ready | AgentStatus::Break | AgentStatus::Offline if self.is_relieved(agent) => {
                    self.change_over(agent);
                }
                AgentStatus::Ready
                | AgentStatus::Break
                | AgentStatus::Offline
                | AgentStatus::OnCall
                | AgentStatus::WrapUp => {}
            }
        }
    }

    /// Whether another one should be on this seat, or nobody. Who walked off is missed by all shifts.
    fn is_relieved(&self, agent: usize) -> bool {
        let seat = &self.agents[agent];
        seat.duty == Duty::Working && seat.crew != self.plan.on_duty(agent, self.now)
    }

    /// Of a campaign's seats, those that somebody holds.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn staffed(&self, campaign: usize) -> f64 {
        let seats = self.plan.campaigns[campaign].agents.clone();
        let all = seats.len();
        seats.filter(|seat| self.agents[*seat].crew.is_some()).count() as f64 / all.max(1) as f64
    }

    fn change_over(&mut self, agent: usize) {
        let campaign = self.plan.agents[agent].campaign;
        self.desks[campaign].ready.retain(|a| *a != agent);
        self.agents[agent].errand = self.agents[agent].errand.wrapping_add(1);
        self.become_(agent, AgentStatus::Offline, None);
        self.agents[agent].crew = self.plan.on_duty(agent, self.now);
        if self.agents[agent].crew.is_some() {
            let wait = self.luck.dice.between(Span::secs(1), SETTLES);
            self.errand(agent, wait);
        }
    }

    /// Who holds a seat, or held it last.
    pub(super) fn agent_id(&self, agent: usize) -> AgentId {
        self.plan.agents[agent].crews[self.agents[agent].crew.unwrap_or_default()].clone()
    }

    fn errand(&mut self, agent: usize, wait: Span) {
        self.agents[agent].errand = self.agents[agent].errand.wrapping_add(1);
        self.agents[agent].free_at = self.now + wait;
        let errand = self.agents[agent].errand;
        self.after(wait, Due::Agent(agent, errand));
    }

    fn become_(&mut self, agent: usize, state: AgentStatus, reason: Option<&str>) {
        if self.agents[agent].state == state {
            return;
        }
        self.agents[agent].state = state;
        self.tell_state(agent, state, reason);
    }

    fn tell_state(&mut self, agent: usize, state: AgentStatus, reason: Option<&str>) {
        let campaign = &self.plan.campaigns[self.plan.agents[agent].campaign].id;
        let body = AgentState {
            agent: self.agent_id(agent),
            state,
            campaign: Some(campaign.clone()),
            reason: reason.map(Text::clipped),
        };
        self.tell(Data::AgentState(body));
    }

    pub(super) fn busy_until(&mut self, agent: usize, until: Moment) {
        self.agents[agent].free_at = until;
    }

    pub(super) fn on_call(&mut self, agent: usize) {
        let campaign = self.plan.agents[agent].campaign;
        self.desks[campaign].ready.retain(|a| *a != agent);
        self.agents[agent].errand = self.agents[agent].errand.wrapping_add(1);
        self.become_(agent, AgentStatus::OnCall, None);
    }

    pub(super) fn wrap_up(&mut self, agent: usize, key: u64, call: CallId, talk: &Talk) {
        self.become_(agent, AgentStatus::WrapUp, None);
        let (wrap, right_party) = (talk.wrap, talk.right_party);
        self.agents[agent].report = Some(Report { call, wrap, right_party, disposition: disposition(talk, key) });
        self.errand(agent, wrap);
    }

    /// Lets an agent go who has nothing to wrap up, after `wait`.
    pub(super) fn release(&mut self, agent: usize, wait: Span) {
        self.errand(agent, wait);
    }

    pub(super) fn agent_done(&mut self, agent: usize, errand: u32) {
        if self.agents[agent].errand != errand {
            return;
        }
        if let Some(report) = self.agents[agent].report.take() {
            self.file(&report.call, report.wrap, report.right_party, report.disposition);
        }
        if self.is_relieved(agent) {
            self.change_over(agent);
            return;
        }
        let was = self.agents[agent].state;
        match (self.agents[agent].duty, was) {
            (Duty::Away, _) => self.walk_away(agent),
            (Duty::Working, AgentStatus::WrapUp) if self.luck.dice.chance(BREAKS) => {
                let length = self.luck.dice.length(BREAK, 0.3);
                self.become_(agent, AgentStatus::Break, Some("short break"));
                self.errand(agent, length);
            }
            (
                Duty::Working,
                AgentStatus::WrapUp
                | AgentStatus::Break
                | AgentStatus::Offline
                | AgentStatus::OnCall
                | AgentStatus::Ready,
            ) => self.stand_ready(agent),
        }
    }

    fn stand_ready(&mut self, agent: usize) {
        let campaign = self.plan.agents[agent].campaign;
        let was = std::mem::replace(&mut self.agents[agent].state, AgentStatus::Ready);
        self.agents[agent].free_at = self.now;
        if !self.desks[campaign].ready.contains(&agent) {
            self.desks[campaign].ready.push_back(agent);
        }
        self.serve(campaign);
        // Who takes a waiting call at once was never ready, and of two states at one instant only one would count.
        if self.agents[agent].state == AgentStatus::Ready && was != AgentStatus::Ready {
            self.tell_state(agent, AgentStatus::Ready, None);
        }
    }

    /// Brings ready agents and waiting people together: first the people who were called, for whom two seconds count.
    pub(super) fn serve(&mut self, campaign: usize) {
        if self.is_preview(campaign) {
            return;
        }
        loop {
            let desk = &mut self.desks[campaign];
            if desk.ready.is_empty() {
                return;
            }
            let Some(key) = desk.answered.pop_front().or_else(|| desk.queue.pop_front()) else { return };
            let Some(agent) = desk.ready.pop_front() else { return };
            self.bridge(key, agent);
        }
    }

    fn walk_away(&mut self, agent: usize) {
        let campaign = self.plan.agents[agent].campaign;
        self.desks[campaign].ready.retain(|a| *a != agent);
        self.become_(agent, AgentStatus::Break, Some("unplanned"));
        self.agents[agent].free_at = Moment::MAX;
    }

    pub(super) fn walk_off(&mut self) {
        let all = self.plan.campaigns[self.plan.targets.leaving_campaign].agents.clone();
        let staying = all.clone().filter(|agent| self.agents[*agent].crew.is_some()).count().div_ceil(5);
        for agent in all.filter(|agent| self.agents[*agent].crew.is_some()).skip(staying).collect::<Vec<_>>() {
            self.agents[agent].duty = Duty::Away;
            match self.agents[agent].state {
                AgentStatus::Ready | AgentStatus::Break | AgentStatus::Offline => {
                    self.agents[agent].errand = self.agents[agent].errand.wrapping_add(1);
                    self.walk_away(agent);
                }
                AgentStatus::OnCall | AgentStatus::WrapUp => {}
            }
        }
    }

    pub(super) fn come_back(&mut self) {
        for agent in self.plan.campaigns[self.plan.targets.leaving_campaign].agents.clone() {
            if self.agents[agent].duty == Duty::Away {
                self.agents[agent].duty = Duty::Working;
                if self.agents[agent].state == AgentStatus::Break {
                    let wait = self.luck.dice.between(Span::secs(2), Span::secs(30));
                    self.errand(agent, wait);
                }
            }
        }
    }

    /// Somebody who missed a call rings back.
    pub(super) fn call_back(&mut self, campaign: usize) {
        let plan = &self.plan.campaigns[campaign];
        let activity = self.plan.activity(plan, self.now);
        let wait = self.luck.dice.wait(rarer(plan.inbound_every, activity));
        self.after(wait, Due::CallsBack(campaign));
        if self.is_preview(campaign) {
            return;
        }
        let path: Path = self.luck.path(&self.plan, campaign, &std::collections::BTreeSet::new());
        if self.carried[path.route] >= self.plan.routes[path.route].capacity {
            return;
        }
        let (key, id) = self.new_call();
        let from = self.plan.lands[path.land].numbers.number(key.wrapping_mul(7_919));
        let did = self.plan.dids[path.did].number.clone();
        let mut body = started(&self.plan.campaigns[campaign], &id, from, did, Direction::Inbound);
        body.route = Some(self.plan.routes[path.route].id.clone());
        body.country = Some(self.plan.lands[path.land].country);
        self.tell(Data::CallStarted(body));
        let talk = self.luck.talk(&self.plan, campaign);
        let ring = self.luck.dice.between(Span::millis(900), Span::millis(2_400));
        let fate = Fate { pdd: Span::ZERO, ring, ending: Ending::Live(talk) };
        self.carried[path.route] += 1;
        // The dialer sees the caller coming and holds back a call.
        self.desks[campaign].expected += 1;
        let phase = Phase::Announcement;
        let deadline = Moment::MAX;
        self.lines.insert(key, Line { id, path, fate, phase, agent: None, deadline, attempt: 0, is_final: false });
        self.after(ring, Due::Line(key));
    }

    /// The exchange has picked up, and the caller joins the queue.
    pub(super) fn queue_up(&mut self, key: u64) {
        let Some(line) = self.lines.get_mut(&key) else { return };
        line.phase = Phase::Queued;
        let (id, campaign) = (line.id.clone(), line.path.campaign);
        self.tell(answered(&id, None));
        let queue = Some(self.plan.campaigns[campaign].queue.clone());
        self.tell(Data::CallQueued(CallQueued { queue, ..CallQueued::only(id) }));
        self.after(ANNOUNCEMENT, Due::Announced(key));
        let longer = self.luck.dice.wait(Span::secs(70));
        self.after(Span::millis(PATIENCE.as_millis() + longer.as_millis()), Due::Patience(key));
    }

    pub(super) fn announced(&mut self, key: u64) {
        let Some(campaign) = self.lines.get(&key).map(|line| line.path.campaign) else { return };
        let desk = &mut self.desks[campaign];
        desk.expected = desk.expected.saturating_sub(1);
        desk.queue.push_back(key);
        self.serve(campaign);
    }
}

/// The mean wait for what comes in proportion to how busy it is.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
fn rarer(mean: Span, activity: f64) -> Span {
    Span::millis((mean.as_millis() as f64 / activity) as i64)
}
