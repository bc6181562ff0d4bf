//! The life of one call on the live floor, phase by phase.

use super::dialer::Answer;
use super::fate::{Ending, Fate, Path, Refused, Talk};
use super::plan::CampaignPlan;
use super::scenario::Scenario;
use super::world::{Due, MAX_HUSHED, World};
use app::domain::event::{
    CallAnswered, CallBridged, CallEnded, CallGreeted, CallProgress, CallStarted, CallTransferred, CallUpdated, Q850,
    SipCode, Text,
};
use app::domain::outcome::{AnsweredBy, Direction, HungUpBy, Mode};
use app::domain::{CallId, Data, ListId, Moment, Number, Outcome, Span};

/// A call that is up.
#[derive(Debug)]
pub(super) struct Line {
    pub id: CallId,
    pub path: Path,
    pub fate: Fate,
    pub phase: Phase,
    /// The agent at it: bridged, or listening to the ringing where the agent dials.
    pub agent: Option<usize>,
    /// When an agent is late.
    pub deadline: Moment,
    pub attempt: u32,
    pub is_final: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Dialling,
    Ringing,
    /// Somebody, or something, picked up.
    Answered,
    /// The greeting is over: an agent should be there now.
    WaitsForAgent,
    /// A caller who hears the announcement.
    Announcement,
    /// A caller in the queue.
    Queued,
    Bridged,
    /// Half of the talk is over, and the call goes to another desk.
    Transferred,
}

/// An agent who comes later is too late: the law of abandoned calls, by which the dialer judges itself.
const DEADLINE: Span = Span::secs(2);
/// A dialler that is told nothing gives a call up after this long.
const GIVEN_UP: Span = Span::secs(45);

pub(super) fn started(
    campaign: &CampaignPlan,
    id: &CallId,
    from: Number,
    to: Number,
    direction: Direction,
) -> CallStarted {
    CallStarted {
        from: Some(from.into()),
        to: Some(to.into()),
        campaign: Some(campaign.id.clone()),
        ..CallStarted::only(id.clone(), direction)
    }
}

pub(super) fn ended(id: &CallId, outcome: Outcome, hung_up_by: HungUpBy) -> CallEnded {
    CallEnded { outcome: Some(outcome), hung_up_by: Some(hung_up_by), ..CallEnded::only(id.clone()) }
}

fn updated(id: &CallId) -> CallUpdated {
    CallUpdated::only(id.clone())
}

pub(super) fn answered(id: &CallId, by: Option<AnsweredBy>) -> Data {
    Data::CallAnswered(CallAnswered { by, ..CallAnswered::only(id.clone()) })
}

/// How an agent files a conversation.
pub(super) fn disposition(talk: &Talk, key: u64) -> &'static str {
    match (talk.right_party, key % 4) {
        (true, 0) => "sale",
        (true, 1) => "callback agreed",
        (true, _) => "not interested",
        (false, 0 | 1) => "wrong person",
        (false, _) => "left word",
    }
}

impl World {
    /// Dials one call of a campaign; `agent` where it is the agent who dials. Tells whether a person will answer: the
    /// foresight of a good dialer, which its pacing uses.
    pub(super) fn dial(&mut self, campaign: usize, agent: Option<usize>) -> bool {
        let path = self.luck.path(&self.plan, campaign, &self.troubles);
        if self.carried[path.route] >= self.plan.routes[path.route].capacity {
            return false;
        }
        let mut fate = self.luck.fate(&self.plan, path, &self.troubles);
        if agent.is_none() && !self.is_hot(campaign) {
            self.meet(campaign, &mut fate);
        }
        let plan = &self.plan.campaigns[campaign];
        let (attempt, max) = (self.luck.attempt(plan.max_attempts), plan.max_attempts);
        let (destination, list) = self.desks[campaign].destination(attempt, &mut self.luck.dice);
        let land = &self.plan.lands[path.land];
        let to = land.numbers.number(destination);
        let (key, id) = self.new_call();
        let plan = &self.plan.campaigns[campaign];
        let mut body = started(plan, &id, self.plan.dids[path.did].number.clone(), to, Direction::Outbound);
        body.mode = Some(plan.mode);
        body.route = Some(self.plan.routes[path.route].id.clone());
        body.country = Some(self.plan.lands[path.land].country);
        body.list = Some(ListId::trusted(format!("{}-{list:02}", plan.id)));
        body.attempt = Some(attempt);
        self.tell(Data::CallStarted(body));
        if self.has(Scenario::RouteSilent) && path.route == self.plan.targets.silent_route {
            if self.hushed.len() == MAX_HUSHED {
                self.hushed.pop_front();
            }
            self.hushed.push_back(id);
            if let Some(agent) = agent {
                self.busy_until(agent, self.now + GIVEN_UP);
                self.release(agent, GIVEN_UP);
            }
            return false;
        }
        let live = matches!(fate.ending, Ending::Live(_));
        if live {
            self.desks[campaign].expected += 1;
        }
        self.carried[path.route] += 1;
        let wait = fate.pdd;
        let is_final = self.luck.gives_up(attempt, max);
        self.lines.insert(
            key,
            Line { id, path, fate, phase: Phase::Dialling, agent, deadline: Moment::MAX, attempt, is_final },
        );
        self.after(wait, Due::Line(key));
        live
    }

    /// Whether the campaign's dialer is told to dial far ahead.
    pub(super) fn is_hot(&self, campaign: usize) -> bool {
        self.has(Scenario::PacingHot) && campaign == self.plan.targets.hot_campaign
    }

    /// Of a few moments at which this person may pick up, the one that suits the agents best: a floor of hundreds has
    /// such luck by its size.
    fn meet(&mut self, campaign: usize, fate: &mut Fate) {
        let Ending::Live(talk) = &fate.ending else { return };
        let Some(free) = self.next_free(campaign) else { return };
        let others = [(); 6].map(|()| self.luck.ring());
        // A moment too late is an agent who waits, a moment too early a person who is abandoned.
        let best = free + Span::millis(200);
        let misses = |ring: &Span| (self.now + fate.pdd + *ring + talk.greeting - best).as_millis().abs();
        fate.ring = others.into_iter().chain([fate.ring]).min_by_key(misses).unwrap_or(fate.ring);
    }

    pub(super) fn go_on(&mut self, key: u64) {
        let Some(line) = self.lines.get_mut(&key) else { return };
        let id = line.id.clone();
        match (line.phase, &line.fate.ending) {
            (Phase::Dialling, Ending::Refused(refused)) => {
                let refused = *refused;
                self.end_unanswered(key, refused);
            }
            (Phase::Dialling, _) => {
                line.phase = Phase::Ringing;
                let ring = line.fate.ring;
                self.tell(Data::CallProgress(CallProgress::only(id)));
                self.after(ring, Due::Line(key));
            }
            (Phase::Ringing, Ending::Rang(refused) | Ending::Refused(refused)) => {
                let refused = *refused;
                self.end_unanswered(key, refused);
            }
            (Phase::Ringing, Ending::Machine(length)) => {
                let length = *length;
                line.phase = Phase::Answered;
                self.tell(answered(&id, Some(AnsweredBy::Machine)));
                self.after(length, Due::Line(key));
            }
            (Phase::Ringing, Ending::HungUpAtOnce(length)) => {
                let length = *length;
                line.phase = Phase::Answered;
                self.tell(answered(&id, Some(AnsweredBy::Human)));
                self.after(length, Due::Line(key));
            }
            (Phase::Ringing, Ending::Live(talk)) => {
                let greeting = talk.greeting;
                line.phase = Phase::Answered;
                self.tell(answered(&id, Some(AnsweredBy::Human)));
                self.after(greeting, Due::Line(key));
            }
            (Phase::Answered, Ending::Live(talk)) => {
                let patience = talk.patience;
                line.phase = Phase::WaitsForAgent;
                line.deadline = self.now + DEADLINE;
                let (campaign, agent) = (line.path.campaign, line.agent);
                self.tell(Data::CallGreeted(CallGreeted::only(id)));
                self.desks[campaign].expected = self.desks[campaign].expected.saturating_sub(1);
                if let Some(agent) = agent {
                    self.bridge(key, agent);
                } else {
                    self.desks[campaign].answered.push_back(key);
                    self.after(patience, Due::Patience(key));
                    self.serve(campaign);
                }
            }
            (Phase::Answered, Ending::Machine(_)) => self.end(key, Outcome::Answered, HungUpBy::Dialer),
            (Phase::Answered, Ending::HungUpAtOnce(_) | Ending::Rang(_) | Ending::Refused(_)) => {
                self.end(key, Outcome::Answered, HungUpBy::Person);
            }
            (Phase::Bridged, Ending::Live(talk)) if talk.transfer.is_some() => {
                let (kind, rest) = (talk.transfer, half(talk.talk));
                line.phase = Phase::Transferred;
                let target = Text::clipped("second-line");
                if let Some(kind) = kind {
                    self.tell(Data::CallTransferred(CallTransferred::only(id, kind, target)));
                }
                self.after(rest, Due::Line(key));
            }
            (Phase::Bridged | Phase::Transferred, Ending::Live(talk)) => {
                let by = talk.hung_up_by;
                self.end(key, Outcome::Completed, by);
            }
            (Phase::Bridged | Phase::Transferred, _) => self.end(key, Outcome::Completed, HungUpBy::Person),
            (Phase::Announcement, _) => self.queue_up(key),
            (Phase::WaitsForAgent | Phase::Queued, _) => {}
        }
    }

    /// Puts an agent on the line.
    pub(super) fn bridge(&mut self, key: u64, agent: usize) {
        let Some(line) = self.lines.get_mut(&key) else { return };
        let Ending::Live(talk) = &line.fate.ending else { return };
        let (length, wrap, moves_on) = (talk.talk, talk.wrap, talk.transfer.is_some());
        let (id, campaign, outbound) = (line.id.clone(), line.path.campaign, line.attempt > 0);
        let answer = if self.now > line.deadline { Answer::Abandoned } else { Answer::Served };
        line.phase = Phase::Bridged;
        line.agent = Some(agent);
        self.busy_until(agent, self.now + length + wrap);
        self.on_call(agent);
        self.tell(Data::CallBridged(CallBridged::only(id, self.agent_id(agent))));
        if outbound {
            self.desks[campaign].learn(answer);
        }
        self.after(if moves_on { half(length) } else { length }, Due::Line(key));
    }

    /// Who waits for an agent gives up, or is given up by the dialer, if none has come.
    pub(super) fn lose_patience(&mut self, key: u64) {
        let Some(line) = self.lines.get(&key) else { return };
        let (campaign, phase) = (line.path.campaign, line.phase);
        match phase {
            Phase::WaitsForAgent => {
                self.desks[campaign].answered.retain(|k| *k != key);
                self.desks[campaign].learn(Answer::Abandoned);
                self.end(key, Outcome::Abandoned, HungUpBy::Dialer);
            }
            Phase::Queued => {
                self.desks[campaign].queue.retain(|k| *k != key);
                self.end(key, Outcome::Abandoned, HungUpBy::Person);
            }
            Phase::Dialling
            | Phase::Ringing
            | Phase::Answered
            | Phase::Announcement
            | Phase::Bridged
            | Phase::Transferred => {}
        }
    }

    fn end_unanswered(&mut self, key: u64, refused: Refused) {
        let Some(line) = self.close(key) else { return };
        let mut body = ended(&line.id, refused.outcome, refused.hung_up_by);
        body.sip_code = SipCode::new(refused.sip).ok();
        body.sip_reason = Some(Text::clipped(refused.reason));
        body.q850 = refused.q850.and_then(|cause| Q850::new(cause).ok());
        // A number that does not exist is never tried again.
        body.r#final = (line.is_final || refused.sip == 404).then_some(true);
        self.tell(Data::CallEnded(body));
        if let Some(agent) = line.agent {
            self.release(agent, Span::ZERO);
        }
    }

    /// Ends an answered call, and sends its agent into wrap-up.
    fn end(&mut self, key: u64, outcome: Outcome, by: HungUpBy) {
        let Some(line) = self.close(key) else { return };
        let mut body = ended(&line.id, outcome, by);
        let bridged = matches!(line.phase, Phase::Bridged | Phase::Transferred);
        body.r#final = (line.attempt > 0 && (bridged || line.is_final)).then_some(true);
        if line.attempt > 0 {
            body.sip_code = SipCode::new(200).ok();
        }
        let hold = match &line.fate.ending {
            Ending::Live(talk) if bridged => talk.hold,
            Ending::Live(_) | Ending::HungUpAtOnce(_) | Ending::Machine(_) | Ending::Rang(_) | Ending::Refused(_) => {
                None
            }
        };
        body.hold_ms = hold.and_then(|h| u64::try_from(h.as_millis()).ok());
        self.tell(Data::CallEnded(body));
        let Some(agent) = line.agent else { return };
        match line.fate.ending {
            Ending::Live(talk) if bridged => self.wrap_up(agent, key, line.id, &talk),
            Ending::Live(_) | Ending::HungUpAtOnce(_) | Ending::Machine(_) | Ending::Rang(_) | Ending::Refused(_) => {
                self.release(agent, Span::ZERO)
            }
        }
    }

    /// What an agent files after a conversation.
    pub(super) fn file(&mut self, call: &CallId, wrap: Span, right_party: bool, disposition: &str) {
        let mut body = updated(call);
        body.wrap_ms = u64::try_from(wrap.as_millis()).ok();
        body.right_party = Some(right_party);
        body.disposition = Some(Text::clipped(disposition));
        self.tell(Data::CallUpdated(body));
    }

    fn close(&mut self, key: u64) -> Option<Line> {
        let line = self.lines.remove(&key)?;
        self.carried[line.path.route] = self.carried[line.path.route].saturating_sub(1);
        Some(line)
    }

    /// A silent route speaks again: what the dialer gave up on meanwhile is told as cancelled.
    pub(super) fn hear_again(&mut self) {
        for id in std::mem::take(&mut self.hushed) {
            let mut body = ended(&id, Outcome::Cancelled, HungUpBy::Dialer);
            body.sip_code = SipCode::new(487).ok();
            self.tell(Data::CallEnded(body));
        }
    }

    /// Whether the campaign's agents dial themselves.
    pub(super) fn is_preview(&self, campaign: usize) -> bool {
        matches!(self.plan.campaigns[campaign].mode, Mode::Preview)
    }
}

pub(super) fn half(span: Span) -> Span {
    Span::millis(span.as_millis() / 2)
}
