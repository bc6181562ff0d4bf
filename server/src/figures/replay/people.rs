//! The agents of a replay: what each was told by then, and the time that made of it.

use crate::law::agents::{AgentReport, closed, now as doing, shares_since};
use crate::law::change::{Change, FactChange};
use crate::law::sums::{Sign, SumChanges};
use app::domain::{AgentId, Moment};
use std::collections::BTreeMap;

#[derive(Debug)]
pub(super) struct PastAgents {
    said: BTreeMap<AgentId, Vec<AgentReport>>,
    since: Moment,
}

impl PastAgents {
    pub(super) fn new(said: Vec<(AgentId, Vec<AgentReport>)>) -> Self {
        Self { said: said.into_iter().collect(), since: Moment::MIN }
    }

    /// Takes in what was said later.
    pub(super) fn learn(&mut self, said: Vec<(AgentId, Vec<AgentReport>)>) {
        for (agent, words) in said {
            let known = self.said.entry(agent).or_default();
            let newest = known.last().map(|said| said.at);
            known.extend(words.into_iter().filter(|said| newest.is_none_or(|newest| said.at > newest)));
        }
    }

    /// What agents amount to at `begin`, from `since` on.
    pub(super) fn begin(&mut self, since: Moment, begin: Moment, change: &mut Change) {
        self.since = since;
        let mut sums = SumChanges::default();
        for (agent, said) in &self.said {
            let heard = until(said, begin);
            for share in shares_since(agent, &closed(heard, begin), since) {
                sums.share(Sign::Plus, share);
            }
            change.newest_event = change.newest_event.max(heard.last().map(|said| said.at));
            change.agents.extend(doing(agent, heard, begin));
        }
        change.facts.extend(sums.take());
    }

    /// What changes after `from` up to `to`.
    pub(super) fn step(&mut self, from: Moment, to: Moment, change: &mut Change) {
        let mut sums = SumChanges::default();
        for (agent, said) in &mut self.said {
            let (before, after) = (until(said, from), until(said, to));
            let (was, is) = (doing(agent, before, from), doing(agent, after, to));
            if was == is && before.len() == after.len() {
                continue;
            }
            let (spent_before, spent) = (closed(before, from), closed(after, to));
            for spent in spent.iter().filter(|spent| !spent_before.contains(spent)) {
                for share in shares_since(agent, std::slice::from_ref(spent), self.since) {
                    sums.share(Sign::Plus, share);
                }
            }
            change.newest_event = change.newest_event.max(after.last().map(|said| said.at));
            change.agents.extend(is.filter(|is| was.as_ref() != Some(is)));
            // What is over is counted; the last word says what goes on.
            let over = after.len().saturating_sub(1);
            said.drain(..over);
        }
        change.facts.extend(sums.take().into_iter().collect::<Vec<FactChange>>());
    }
}

/// What was said by `at`.
fn until(said: &[AgentReport], at: Moment) -> &[AgentReport] {
    &said[..said.partition_point(|said| said.at <= at)]
}
