//! What agents are told to do: found, re-split, written.

use super::due::DueQueue;
use crate::law::agents::{AgentReport, FINE_REACH, Novelty, closed, next_change, now as doing, shares, tell};
use crate::law::change::AgentNow;
use crate::law::sums::{Sign, SumChanges};
use crate::store::StoreError;
use crate::store::write::{AgentWrite, Due, WriteStore};
use app::domain::event::AgentState;
use app::domain::{AgentId, CampaignId, Moment};
use std::collections::BTreeMap;

/// The reports of one commit, by agent; none where only time has passed.
#[derive(Debug, Default)]
pub(super) struct AgentReports(BTreeMap<AgentId, Vec<(usize, AgentReport)>>);

impl AgentReports {
    /// Keeps a event for its turn; `event` is its number among the commit's events.
    pub(super) fn add(&mut self, event: usize, body: &AgentState, at: Moment) {
        let said = AgentReport {
            at,
            campaign: body.campaign.clone().unwrap_or_else(CampaignId::none),
            state: body.state,
            reason: body.reason.as_ref().map(|reason| reason.get().clone()),
        };
        self.0.entry(body.agent.clone()).or_default().push((event, said));
    }

    pub(super) fn agents(&self) -> impl Iterator<Item = &AgentId> {
        self.0.keys()
    }

    pub(super) fn campaigns(&self) -> impl Iterator<Item = &CampaignId> {
        self.0.values().flatten().map(|(_, said)| &said.campaign)
    }

    pub(super) fn touch(&mut self, agent: AgentId) {
        self.0.entry(agent).or_default();
    }
}

/// What the reports changed.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) writes: Vec<AgentWrite>,
    pub(super) now: Vec<AgentNow>,
    /// Numbers of the reports that changed nothing.
    pub(super) known: Vec<usize>,
}

pub(super) async fn merge(
    reports: AgentReports,
    now: Moment,
    store: &mut impl WriteStore,
    sums: &mut SumChanges,
    due: &mut DueQueue,
) -> Result<Outcome, StoreError> {
    let mut outcome = Outcome::default();
    for (agent, reports) in reports.0 {
        let earliest = reports.iter().map(|(_, said)| said.at).min().unwrap_or(Moment::MAX);
        let before = store.agent(&agent, earliest).await?;
        let mut after = before.said.clone();
        let mut new = Vec::new();
        for (event, said) in &reports {
            match tell(&mut after, said.clone()) {
                Novelty::New => new.push(said.at),
                Novelty::Known => outcome.known.push(*event),
            }
        }
        let judged = now.max(before.judged);
        let (was, is) = (closed(&before.said, before.judged), closed(&after, judged));
        if was == is && new.is_empty() && !reports.is_empty() {
            continue;
        }
        for (sign, these, others) in [(Sign::Minus, &was, &is), (Sign::Plus, &is, &was)] {
            for spent in these.iter().filter(|spent| !others.contains(spent)) {
                shares(&agent, spent, now - FINE_REACH).into_iter().for_each(|share| sums.share(sign, share));
            }
        }
        if let Some(at) = next_change(&before.said, before.judged) {
            due.remove(at, Due::Agent(agent.clone()));
        }
        let next = next_change(&after, judged);
        if let Some(at) = next {
            due.insert(at, Due::Agent(agent.clone()));
        }
        let present = doing(&agent, &after, judged);
        if present != doing(&agent, &before.said, before.judged) {
            outcome.now.extend(present);
        }
        let said = after.into_iter().filter(|said| new.contains(&said.at)).collect();
        outcome.writes.push(AgentWrite { agent, judged, due: next, said });
    }
    Ok(outcome)
}
