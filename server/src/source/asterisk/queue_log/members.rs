//! What the queues' log tells of agents: who is in which queue, who takes a break and why, who is on a call.

use super::entry::{Entry, Happened};
use crate::source::asterisk::config::AsteriskConfig;
use app::domain::event::{AgentState, Text};
use app::domain::outcome::AgentStatus;
use app::domain::{AgentId, CallId, CampaignId, QueueId};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Most agents remembered; lines of those beyond tell nothing of their state.
const MOST_AGENTS: usize = 20_000;
/// Most calls remembered of one agent: a log that never ends any must not fill memory.
const MOST_CALLS: usize = 16;

#[derive(Debug, Default)]
struct Member {
    /// By queue, the reason where paused; an agent who logs in by himself is in the queue "".
    seats: BTreeMap<SmolStr, Option<SmolStr>>,
    calls: BTreeSet<CallId>,
    told: Option<AgentState>,
}

/// What a queue's name means, and which pauses are wrap-up.
#[derive(Debug, Clone, Default)]
pub struct Meaning {
    pub campaigns: BTreeMap<QueueId, CampaignId>,
    pub wrap_up_reasons: Vec<SmolStr>,
}

impl Meaning {
    /// As a followed PBX is configured.
    #[must_use]
    pub fn of(config: &AsteriskConfig) -> Self {
        Self { campaigns: config.queues.clone(), wrap_up_reasons: config.wrap_up_reasons.clone() }
    }
}

#[derive(Debug)]
pub struct Members {
    meaning: Meaning,
    all: HashMap<AgentId, Member>,
}

impl Members {
    pub fn new(meaning: Meaning) -> Self {
        Self { meaning, all: HashMap::new() }
    }

    pub fn campaign(&self, queue: Option<&QueueId>) -> Option<&CampaignId> {
        self.meaning.campaigns.get(queue?)
    }

    /// The agent's state after a line, where it changes.
    pub fn hear(&mut self, entry: &Entry) -> Option<AgentState> {
        let id = entry.agent.as_ref()?;
        if self.all.len() >= MOST_AGENTS && !self.all.contains_key(id) {
            return None;
        }
        let member = self.all.entry(id.clone()).or_default();
        member.change(entry)?;
        let state = member.state(id, &self.meaning);
        if member.told.as_ref() == Some(&state) {
            return None;
        }
        member.told = Some(state.clone());
        Some(state)
    }
}

impl Member {
    /// Takes a line in; `None` where it tells nothing of a state.
    fn change(&mut self, entry: &Entry) -> Option<()> {
        let queue = entry.queue.as_ref().map(QueueId::to_smol);
        let seat = queue.clone().unwrap_or_default();
        match &entry.happened {
            Happened::LoggedIn => {
                self.seats.entry(seat).or_insert(None);
            }
            Happened::LoggedOff => match queue {
                Some(queue) => drop(self.seats.remove(&queue)),
                None => self.seats.clear(),
            },
            Happened::Paused { reason } => self.pause(queue, Some(reason.clone())),
            Happened::Unpaused => self.pause(queue, None),
            Happened::Connected => {
                self.seats.entry(seat).or_insert(None);
                if self.calls.len() < MOST_CALLS {
                    self.calls.extend(entry.call.clone());
                }
            }
            Happened::Over(_) | Happened::Transferred { .. } => {
                self.calls.remove(entry.call.as_ref()?);
            }
            Happened::Entered { .. }
            | Happened::Called { .. }
            | Happened::GaveUp
            | Happened::Left
            | Happened::Other => return None,
        }
        Some(())
    }

    /// A pause without a queue is one in all of them.
    fn pause(&mut self, queue: Option<SmolStr>, reason: Option<SmolStr>) {
        match queue {
            Some(queue) => drop(self.seats.insert(queue, reason)),
            None if self.seats.is_empty() => drop(self.seats.insert(SmolStr::default(), reason)),
            None => self.seats.values_mut().for_each(|seat| seat.clone_from(&reason)),
        }
    }

    fn state(&self, id: &AgentId, meaning: &Meaning) -> AgentState {
        let paused = self.seats.values().find_map(Option::as_ref);
        let (state, reason) = if !self.calls.is_empty() {
            (AgentStatus::OnCall, None)
        } else if self.seats.values().any(Option::is_none) {
            (AgentStatus::Ready, None)
        } else if let Some(reason) = paused {
            let wraps_up = meaning.wrap_up_reasons.iter().any(|known| known.eq_ignore_ascii_case(reason));
            let state = if wraps_up { AgentStatus::WrapUp } else { AgentStatus::Break };
            (state, (!reason.is_empty()).then(|| Text::clipped(reason)))
        } else {
            (AgentStatus::Offline, None)
        };
        let campaign = self.seats.keys().find_map(|queue| meaning.campaigns.get(&QueueId::new(queue).ok()?)).cloned();
        AgentState { agent: id.clone(), state, campaign, reason }
    }
}
