//! Whether the country noted of a call, by which it is counted, is that of its far end's number.

use super::walk::SLICE;
use crate::ingest::country;
use crate::store::StoreError;
use crate::store::audit::Rebuild;
use crate::store::erase::is_pseudonym;
use crate::store::write::{CallBefore, CallWrite, RowId};
use app::domain::Call;

/// Whether it is not. A pseudonym tells of no country: the one noted before stays.
pub(super) fn is_misplaced(call: &Call) -> bool {
    let tells = call.far_end().is_some_and(|number| !is_pseudonym(number));
    tells && country::placed(call, &[]).get() != call.placed_in.get()
}

/// Notes the right one where another is noted; of how many calls. The sums are to be made anew after it.
pub(super) async fn place<S: Rebuild>(store: &mut S) -> Result<u64, StoreError> {
    let (mut after, mut placed) = (RowId::FIRST, 0);
    loop {
        let mut calls = store.calls(after, SLICE).await?;
        let Some(last) = calls.last().and_then(|(_, kept)| kept.id) else { return Ok(placed) };
        after = last;
        calls.retain(|(_, kept)| is_misplaced(&kept.call));
        calls.iter_mut().for_each(|(_, kept)| kept.call.placed_in = country::placed(&kept.call, &[]));
        placed += calls.len() as u64;
        let mut writes: Vec<CallWrite<'_>> =
            calls.iter_mut().map(|(name, kept)| CallWrite { name, kept, before: CallBefore::default() }).collect();
        if !writes.is_empty() {
            store.unite(&mut writes, &[], Vec::new()).await?;
        }
    }
}
