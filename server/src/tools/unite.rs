//! Calls that stand in several rows, made one again.
//!
//! No call does any more; in databases that older versions wrote to, one told of by a source with a coarse clock may: it
//! was then written in two places at once, and only one of the two heard what came after. What is known of a call is the
//! merge of its rows, whatever became of each.

use crate::law::contribute::next_change;
use crate::law::keys::campaign_of;
use crate::store::StoreError;
use crate::store::audit::{Audit, Rebuild};
use crate::store::write::{CallBefore, CallWrite, Rejudgement, RowId, StoredCall};
use app::domain::CallName;
use app::domain::call::TOLD_WITHIN;

/// A call with more rows than one.
#[derive(Debug)]
pub(super) struct Doubled {
    pub(super) name: CallName,
    /// All that its rows tell, in the place of the first of them.
    kept: StoredCall,
    /// The places of the others.
    gone: Vec<RowId>,
}

impl Doubled {
    /// Whether a later row of the same name is of this call, and not of one days later, which may bear the same name.
    fn is_also(&self, row: &StoredCall) -> bool {
        let moments = || self.kept.call.moments().chain(row.call.moments());
        moments().min().zip(moments().max()).is_none_or(|(first, last)| last - first <= TOLD_WITHIN)
    }

    fn join(&mut self, row: StoredCall) {
        self.kept.call.merge(&row.call);
        if row.judgement.at >= self.kept.judgement.at {
            self.kept.judgement = row.judgement;
        }
        self.kept.due = next_change(&self.kept.call, &self.kept.judgement);
        self.gone.extend(row.id);
    }
}

/// The calls that stand in several rows.
pub(super) async fn doubled<S: Audit>(store: &mut S) -> Result<Vec<Doubled>, StoreError> {
    Ok(doubled_of(store.namesakes().await?))
}

/// The calls that stand in several of these rows, which are sorted by name.
pub(super) fn doubled_of(rows: Vec<(CallName, StoredCall)>) -> Vec<Doubled> {
    let mut calls: Vec<Doubled> = Vec::new();
    for (name, row) in rows {
        match calls.last_mut().filter(|call| call.name == name && call.is_also(&row)) {
            Some(call) => call.join(row),
            None => calls.push(Doubled { name, kept: row, gone: Vec::new() }),
        }
    }
    calls.retain(|call| !call.gone.is_empty());
    calls
}

/// Calls united in one transaction.
const AT_ONCE: usize = 500;

/// Makes one row of each call that stands in several; how many there were. The sums are to be made anew after it; and what
/// a setting says that came when only one of the rows was there to hear it, the next server judges.
pub(super) async fn unite<S: Rebuild>(store: &mut S) -> Result<u64, StoreError> {
    let mut calls = doubled(store).await?;
    let united = calls.len() as u64;
    for part in calls.chunks_mut(AT_ONCE) {
        let gone: Vec<RowId> = part.iter().flat_map(|call| call.gone.iter().copied()).collect();
        let rejudged = part.iter().filter_map(|call| {
            let (campaign, to) = (campaign_of(&call.kept.call), call.kept.id?);
            Some(Rejudgement { id: None, campaign, after: RowId(to.0 - 1), to })
        });
        let mut rejudged: Vec<Rejudgement> = rejudged.collect();
        let mut writes: Vec<CallWrite<'_>> = part
            .iter_mut()
            .map(|call| CallWrite { name: &call.name, kept: &mut call.kept, before: CallBefore::default() })
            .collect();
        store.unite(&mut writes, &gone, rejudged.iter_mut().collect()).await?;
    }
    Ok(united)
}
