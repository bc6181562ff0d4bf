//! What agents are doing now, and the time of the states that are still open.

use crate::aggregate::change::AgentNow;
use app::domain::outcome::AgentStatus;
use app::domain::{AgentId, CampaignId, Fact, Facts, Moment, Span};
use smol_str::SmolStr;
use std::collections::HashMap;

/// An agent of whom nothing was heard for this long is offline (kpis.md).
const UNHEARD: Span = Span::hours(12);
/// At most this many agents are kept; those offline longest ago are the first to go.
const MOST: usize = 20_000;

/// Agents of a campaign by state.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct ByState {
    pub ready: i64,
    pub on_call: i64,
    pub wrap_up: i64,
    pub on_break: i64,
}

impl ByState {
    #[must_use]
    pub const fn logged_in(&self) -> i64 {
        self.ready + self.on_call + self.wrap_up + self.on_break
    }

    fn count(&mut self, state: AgentStatus) {
        match state {
            AgentStatus::Ready => self.ready += 1,
            AgentStatus::OnCall => self.on_call += 1,
            AgentStatus::WrapUp => self.wrap_up += 1,
            AgentStatus::Break => self.on_break += 1,
            AgentStatus::Offline => {}
        }
    }
}

/// The fact that an agent's time in a state adds to; offline time is none.
const fn fact(state: AgentStatus) -> Option<Fact> {
    match state {
        AgentStatus::Ready => Some(Fact::AgentReadyMs),
        AgentStatus::OnCall => Some(Fact::AgentOnCallMs),
        AgentStatus::WrapUp => Some(Fact::AgentWrapUpMs),
        AgentStatus::Break => Some(Fact::AgentBreakMs),
        AgentStatus::Offline => None,
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Agents(HashMap<AgentId, AgentNow>);

impl Agents {
    pub fn tell(&mut self, now: &AgentNow) {
        if self.0.len() >= MOST && !self.0.contains_key(&now.agent) {
            let oldest =
                self.0.values().min_by_key(|a| (a.state != AgentStatus::Offline, a.since)).map(|a| a.agent.clone());
            if let Some(oldest) = oldest {
                self.0.remove(&oldest);
            }
        }
        self.0.insert(now.agent.clone(), now.clone());
    }

    fn in_state(&self, now: Moment) -> impl Iterator<Item = (&AgentNow, AgentStatus)> {
        self.0.values().map(move |a| {
            let heard = now - a.since <= UNHEARD;
            (a, if heard { a.state } else { AgentStatus::Offline })
        })
    }

    /// By campaign; agents whose events name none are under "".
    #[must_use]
    pub fn by_campaign(&self, now: Moment) -> HashMap<CampaignId, ByState> {
        let mut by: HashMap<CampaignId, ByState> = HashMap::new();
        for (agent, state) in self.in_state(now) {
            if state != AgentStatus::Offline {
                by.entry(agent.campaign.clone()).or_default().count(state);
            }
        }
        by
    }

    #[must_use]
    pub fn total(&self, now: Moment, campaign: Option<&CampaignId>) -> ByState {
        let mut total = ByState::default();
        for (agent, state) in self.in_state(now) {
            if campaign.is_none_or(|c| agent.campaign == *c) {
                total.count(state);
            }
        }
        total
    }

    /// The part of the open states that lies since `from`, as facts by key.
    #[must_use]
    pub fn open_time(
        &self,
        from: Moment,
        now: Moment,
        key: impl Fn(&AgentNow) -> Option<SmolStr>,
    ) -> HashMap<SmolStr, Facts> {
        let mut by: HashMap<SmolStr, Facts> = HashMap::new();
        for agent in self.0.values() {
            let (Some(fact), Some(key)) = (fact(agent.state), key(agent)) else { continue };
            let until = now.min(agent.since + UNHEARD);
            let ms = until.since(agent.since.max(from)).as_millis();
            if ms > 0 {
                by.entry(key).or_default()[fact] += ms;
            }
        }
        by
    }
}
