//! A commit in the making: its calls are judged while the store writes them, and what they add to sums and gauges, and all
//! else that is written and told, is gathered on the way.

use super::counters::IngestCounters;
use super::mirror::Mirror;
use crate::law::calls::CallNow;
use crate::law::change::Change;
use crate::law::contribute::{is_lost, next_change};
use crate::law::keys::{Gauges, in_reach, presence};
use crate::law::samples::{self, SampleKey};
use crate::law::sums::Sign;
use crate::store::StoreError;
use crate::store::tally::encode_entry;
use crate::store::telling;
use crate::store::write::{AgentWrite, CallWrite, Commit, Cost, Due, OpenCommit, Rejudgement};
use app::domain::Moment;

/// What one commit adds to what is known of the floor.
pub(super) struct PendingCommit<'w> {
    pub(super) now: Moment,
    /// Whether others follow what is committed, and must be told the rest of it.
    pub(super) followed: bool,
    pub(super) mirror: &'w mut Mirror,
    pub(super) counters: &'w IngestCounters,
    /// How the gauges move.
    pub(super) gauges: Gauges,
    /// Calls that were found lost.
    pub(super) lost: u64,
    pub(super) agents: Vec<AgentWrite>,
    pub(super) samples: Vec<(SampleKey, String)>,
    pub(super) costs: Vec<Cost>,
    /// Spans of calls to be judged again: new ones, and the one that goes on.
    pub(super) rejudged: Vec<&'w mut Rejudgement>,
    /// The one that is done.
    pub(super) rejudged_wholly: Option<i64>,
    /// Bytes of the sums' journal entry.
    pub(super) journalled: u64,
    /// What the live state is told.
    pub(super) change: &'w mut Change,
}

impl OpenCommit for PendingCommit<'_> {
    fn judge(&mut self, call: &mut CallWrite<'_>) {
        let CallWrite { name, kept, before } = call;
        let Mirror { directory, sums, due, .. } = &mut *self.mirror;
        kept.judgement = directory.judge(&kept.call, self.now.max(kept.judgement.at));
        kept.due = next_change(&kept.call, &kept.judgement);
        sums.call(Sign::Plus, &kept.call, &kept.judgement);
        for key in presence(&kept.call, &kept.judgement) {
            *self.gauges.entry(key).or_default() += 1;
        }
        if before.due != kept.due {
            if let Some(at) = before.due {
                due.remove(at, Due::Call((*name).clone()));
            }
            if let Some(at) = kept.due {
                due.insert(at, Due::Call((*name).clone()));
            }
        }
        self.lost += u64::from(!before.is_lost && is_lost(&kept.call, kept.judgement.at));
        directory.seen(name, &kept.call, self.counters);
        directory.used(name, before.own_use.take(), kept.call.own_use(), sums, self.counters);
        self.change.calls.extend(CallNow::of(name, &kept.call, &kept.judgement, before.up, self.now));
    }

    fn rest(&mut self) -> Result<Commit<'_>, StoreError> {
        let Mirror { directory, sums, days, components, .. } = &mut *self.mirror;
        let entry = {
            let changes = sums.changes();
            // Of a commit that moves no sum the journal has no entry.
            if changes.len() == 0 { Vec::new() } else { encode_entry(changes) }
        };
        self.journalled = entry.len() as u64;
        days.see(sums.totals(), self.now);
        let (settings, heard) = (directory.take_changes(), directory.take_heard());
        let change = &mut *self.change;
        (change.campaigns, change.routes, change.dids) = (settings.campaigns, settings.routes, settings.dids);
        change.persons = settings.persons;
        change.gauges = in_reach(std::mem::take(&mut self.gauges), self.now);
        if let Err(error) = samples::tell(change, &self.samples) {
            tracing::warn!(%error, "a sample could not be told");
        }
        let rest = if self.followed { telling::encode(change)? } else { Vec::new() };
        Ok(Commit {
            sums: entry,
            rest,
            agents: std::mem::take(&mut self.agents),
            samples: std::mem::take(&mut self.samples),
            campaigns: &change.campaigns,
            routes: &change.routes,
            dids: &change.dids,
            persons: &change.persons,
            heard,
            costs: std::mem::take(&mut self.costs),
            components: components.take_changes(),
            days: days.take_changes(),
            rejudged: self.rejudged.drain(..).collect(),
            rejudged_wholly: self.rejudged_wholly.into_iter().collect(),
        })
    }
}
