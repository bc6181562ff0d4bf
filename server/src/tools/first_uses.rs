//! Whether what is kept of the floor's numbers (which there are, and since when each is used) is what the calls say.
//!
//! A number that was first used before the calls that are kept stays as it is.

use super::walk::SLICE;
use crate::store::StoreError;
use crate::store::audit::Rebuild;
use crate::store::write::RowId;
use app::domain::{Call, Did, FirstUses, Moment, Number};
use foldhash::fast::RandomState;
use std::collections::HashMap;

/// The first uses of each number, by the calls.
#[derive(Debug, Default)]
pub(super) struct Uses(HashMap<Number, FirstUses, RandomState>);

/// A number as it is kept, and as the calls say.
#[derive(Debug)]
pub(super) struct Use {
    pub(super) number: Number,
    pub(super) kept: Did,
    pub(super) right: Did,
}

impl Use {
    /// Whether figures differ. A number in doubt is being looked for.
    pub(super) fn is_wrong(&self) -> bool {
        !self.kept.seen.is_in_doubt() && self.kept.seen.first() != self.right.seen.first()
    }
}

impl Uses {
    pub(super) fn call(&mut self, call: &Call) {
        if let Some((number, start)) = call.own_use() {
            match self.0.get_mut(number) {
                Some(uses) => uses.add(start),
                None => self.0.entry(number.clone()).or_default().add(start),
            }
        }
    }

    /// Every number that is kept or that a call bears, where that can be told: from `from` on all calls are kept.
    pub(super) fn against(mut self, kept: Vec<(Number, Did)>, from: Option<Moment>) -> Vec<Use> {
        let mut all = Vec::new();
        for (number, kept) in kept {
            let seen = self.0.remove(&number).unwrap_or_default();
            if kept.seen.first().zip(from).is_none_or(|(first, from)| first >= from) {
                let right = Did { seen, ..kept.clone() };
                all.push(Use { number, kept, right });
            }
        }
        let new = self.0.into_iter().map(|(number, seen)| {
            let right = Did { seen, ..Did::default() };
            Use { number, kept: Did::default(), right }
        });
        all.extend(new);
        all.sort_by(|a, b| a.number.cmp(&b.number));
        all
    }
}

/// Keeps of each number what the calls say; how many were wrong. The sums are to be made anew after it.
pub(super) async fn renew<S: Rebuild>(store: &mut S, from: Option<Moment>) -> Result<u64, StoreError> {
    let (mut after, mut uses) = (RowId::FIRST, Uses::default());
    loop {
        let calls = store.calls(after, SLICE).await?;
        let Some(last) = calls.last().and_then(|(_, kept)| kept.id) else { break };
        after = last;
        calls.iter().for_each(|(_, kept)| uses.call(&kept.call));
    }
    let all = uses.against(store.dids().await?, from);
    let wrong = all.iter().filter(|of| of.is_wrong()).count() as u64;
    let renewed: Vec<(Number, Did)> =
        all.into_iter().filter(|of| of.kept != of.right).map(|of| (of.number, of.right)).collect();
    if !renewed.is_empty() {
        store.put_dids(&renewed).await?;
    }
    Ok(wrong)
}
