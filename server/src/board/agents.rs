//! What agents are doing now, and the time of the states that are still open.

use crate::board::over::Over;
use crate::board::windows::RING;
use crate::law::agents::{UNHEARD, fact};
use crate::law::change::AgentNow;
use app::domain::outcome::AgentStatus;
use app::domain::{AgentId, CampaignId, Facts, Moment, Span};
use app::kpi::Ratio;
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap};

/// At most this many agents are kept; those of whom nothing was told for longest are the first to go.
const MOST: usize = 20_000;
/// Who went on a break or home within this has just left: what people are dropped for is looked at over the same minutes.
const LATELY: Span = Span::minutes(5);
/// Most reasons of breaks that a campaign's row tells.
const MOST_REASONS: usize = 5;

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

    /// On a break, of who is logged in.
    #[must_use]
    pub const fn away(&self) -> Ratio {
        Ratio::new(self.on_break, self.logged_in())
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

/// Who has just left a campaign, of those that were there.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// On a break since the last minutes.
    pub on_break: i64,
    /// Logged off in them, and not relieved by one who logged in.
    pub gone: i64,
}

/// An agent.
#[derive(Debug)]
struct Known {
    now: AgentNow,
    /// When this was first heard of as logged in; of who is logged off, nothing.
    came: Option<Moment>,
}

/// What each agent is doing.
#[derive(Debug, Default)]
pub struct Agents {
    known: HashMap<AgentId, Known>,
    /// Agents forgotten because there were too many.
    forgotten: u64,
}

impl Agents {
    pub fn tell(&mut self, now: &AgentNow) {
        let before = self.known.get(&now.agent);
        let is_off = now.state == AgentStatus::Offline;
        let came = before.and_then(|before| before.came).filter(|_| !is_off).or((!is_off).then_some(now.since));
        let mut now = now.clone();
        // Who logs off may not say of which campaign.
        if let Some(before) = before.filter(|_| is_off && now.campaign.as_str().is_empty()) {
            now.campaign = before.now.campaign.clone();
        }
        self.known.insert(now.agent.clone(), Known { now, came });
    }

    /// Lets go of who has been offline for a while, and of whom no open time reaches into what memory holds: both count in nothing.
    pub fn advance(&mut self, now: Moment) {
        self.known.retain(|_, Known { now: agent, .. }| match agent.state {
            AgentStatus::Offline => now < agent.since + LATELY,
            AgentStatus::Ready | AgentStatus::OnCall | AgentStatus::WrapUp | AgentStatus::Break => {
                now < agent.since + UNHEARD + RING
            }
        });
        self.cut();
    }

    /// Lets go of those that are too many, all at once: to look for the oldest at each word of a new one takes seconds.
    fn cut(&mut self) {
        let Some(too_many) = self.known.len().checked_sub(MOST).filter(|n| *n > 0) else { return };
        let mut all: Vec<(Moment, AgentId)> = self.known.values().map(|a| (a.now.since, a.now.agent.clone())).collect();
        all.select_nth_unstable(too_many);
        all.iter().take(too_many).for_each(|(_, agent)| drop(self.known.remove(agent)));
        self.forgotten += too_many as u64;
    }

    /// Agents forgotten because there were too many.
    #[must_use]
    pub const fn forgotten(&self) -> u64 {
        self.forgotten
    }

    fn in_state(&self, now: Moment) -> impl Iterator<Item = (&AgentNow, AgentStatus)> {
        self.known.values().map(move |Known { now: a, .. }| {
            let heard = now < a.since + UNHEARD;
            (a, if heard { a.state } else { AgentStatus::Offline })
        })
    }

    /// By campaign; agents whose events name none are under "".
    #[must_use]
    pub fn by_campaign(&self, now: Moment) -> HashMap<CampaignId, ByState> {
        let mut by: HashMap<CampaignId, ByState> = HashMap::new();
        for (agent, state) in self.in_state(now) {
            if state == AgentStatus::Offline {
                continue;
            }
            match by.get_mut(&agent.campaign) {
                Some(states) => states.count(state),
                None => by.entry(agent.campaign.clone()).or_default().count(state),
            }
        }
        by
    }

    /// Who has just left, by campaign; of campaigns that nobody left nothing.
    #[must_use]
    pub fn left(&self, now: Moment) -> HashMap<CampaignId, Left> {
        let from = now - LATELY;
        let mut by: HashMap<CampaignId, Left> = HashMap::new();
        for Known { now: agent, came } in self.known.values() {
            let is_new = || came.is_some_and(|came| came >= from);
            let left = match agent.state {
                AgentStatus::Break if agent.since >= from => Left { on_break: 1, gone: 0 },
                AgentStatus::Offline if agent.since >= from => Left { on_break: 0, gone: 1 },
                AgentStatus::Ready | AgentStatus::OnCall | AgentStatus::WrapUp if is_new() => {
                    Left { on_break: 0, gone: -1 }
                }
                AgentStatus::Break
                | AgentStatus::Offline
                | AgentStatus::Ready
                | AgentStatus::OnCall
                | AgentStatus::WrapUp => continue,
            };
            let sum = by.entry(agent.campaign.clone()).or_default();
            (sum.on_break, sum.gone) = (sum.on_break + left.on_break, sum.gone + left.gone);
        }
        by.values_mut().for_each(|left| left.gone = left.gone.max(0));
        by.retain(|_, left| *left != Left::default());
        by
    }

    /// Why agents are on a break, by campaign: the reasons told and how many gave each, most first; a few
    /// of each campaign at most.
    #[must_use]
    pub fn breaks(&self, now: Moment) -> HashMap<CampaignId, Vec<(SmolStr, i64)>> {
        let mut by: HashMap<CampaignId, BTreeMap<SmolStr, i64>> = HashMap::new();
        for (agent, state) in self.in_state(now) {
            if let (AgentStatus::Break, Some(reason)) = (state, &agent.reason) {
                *by.entry(agent.campaign.clone()).or_default().entry(reason.clone()).or_default() += 1;
            }
        }
        let most_first = |reasons: BTreeMap<SmolStr, i64>| {
            let mut reasons: Vec<_> = reasons.into_iter().collect();
            reasons.sort_by_key(|(_, agents)| std::cmp::Reverse(*agents));
            reasons.truncate(MOST_REASONS);
            reasons
        };
        by.into_iter().map(|(campaign, reasons)| (campaign, most_first(reasons))).collect()
    }

    #[must_use]
    pub fn total<'a>(&self, now: Moment, over: impl Into<Over<'a>>) -> ByState {
        let over = over.into();
        let mut total = ByState::default();
        for (agent, state) in self.in_state(now) {
            if over.holds(&agent.campaign) {
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
        for Known { now: agent, .. } in self.known.values() {
            let (Some(fact), Some(key)) = (fact(agent.state), key(agent)) else { continue };
            let until = now.min(agent.since + UNHEARD);
            // Whole ones as the clock counts them, so that parts add up to the whole wherever it is cut.
            let ms = until.millis() - agent.since.max(from).millis();
            if ms > 0 {
                by.entry(key).or_default()[fact] += ms;
            }
        }
        by
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::agents::{self, AgentReport};
    use app::domain::Span;

    /// The sums and the live view end an agent's time at the same instant.
    #[test]
    fn twelve_hours_unheard_are_offline_on_the_very_instant() {
        let said = AgentReport {
            at: Moment::from_secs(0),
            campaign: CampaignId::none(),
            state: AgentStatus::Ready,
            reason: None,
        };
        let ann = AgentId::trusted("ann");
        for (now, ready) in [(Span::millis(UNHEARD.as_millis() - 1), 1), (UNHEARD, 0)] {
            let now = said.at + now;
            let mut live = Agents::default();
            agents::now(&ann, std::slice::from_ref(&said), said.at).iter().for_each(|ann| live.tell(ann));
            assert_eq!(live.total(now, None).ready, ready);
            let judged = agents::now(&ann, std::slice::from_ref(&said), now).map(|ann| ann.state);
            assert_eq!(judged == Some(AgentStatus::Ready), ready == 1);
        }
    }
}
