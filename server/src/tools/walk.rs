//! Through all calls once, in the order of filing, handing on the sums of each bucket when nothing can reach it any more.

use super::recount::{Blocks, Recount, Since};
use crate::law::grain::Grain;
use crate::law::span::{SiteDays, Stretch};
use crate::store::StoreError;
use crate::store::audit::{Audit, is_far};
use crate::store::write::{RowId, StoredCall};
use app::domain::call::LONGEST_CALL;
use app::domain::{CallName, Dimension, Moment, Span};
use chrono_tz::Tz;

/// Calls read at once.
pub(super) const SLICE: usize = 2_000;
/// How far calls go on before buckets are handed on: each time is a look at all sums in memory and a read per agent.
const STEP: Span = Span::hours(24);

/// How much was gone through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    pub calls: u64,
    pub agents: u64,
}

/// Takes the sums of buckets that are done: all of one grain and dimension in a stretch, in order of time.
pub(super) trait Done<S> {
    /// Sees each call as it is gone through.
    fn call(&mut self, _name: &CallName, _kept: &StoredCall) {}
    async fn done(
        &mut self,
        store: &mut S,
        grain: Grain,
        dimension: Dimension,
        during: Stretch,
        counted: Blocks,
    ) -> Result<(), StoreError>;
}

/// One walk through a store.
pub(super) struct Walk<'p> {
    recount: Recount,
    since: Since,
    days: SiteDays,
    /// Everything before this was handed on.
    swept: Moment,
    counted: Counted,
    progress: &'p mut dyn FnMut(Counted, Moment),
}

impl<'p> Walk<'p> {
    /// Counts what lies at or after `since`; `progress` hears now and then how far it is.
    pub(super) fn new(zone: Tz, since: Since, progress: &'p mut dyn FnMut(Counted, Moment)) -> Self {
        let recount = Recount::new(zone, since.clone());
        Self { recount, since, days: SiteDays::new(zone), swept: Moment::MIN, counted: Counted::default(), progress }
    }

    /// Sums that are there before any call is counted.
    pub(super) const fn recount(&mut self) -> &mut Recount {
        &mut self.recount
    }

    pub(super) async fn run<S: Audit>(mut self, store: &mut S, sink: &mut impl Done<S>) -> Result<Counted, StoreError> {
        let recount = &mut self.recount;
        store.far_calls(&mut |kept| recount.call(&kept)).await?;
        let mut after = RowId::FIRST;
        loop {
            let calls = store.calls(after, SLICE).await?;
            for (name, kept) in &calls {
                sink.call(name, kept);
                if !is_far(kept) {
                    self.recount.call(kept);
                }
            }
            self.counted.calls += calls.len() as u64;
            let Some((last, filed_at)) = calls.last().and_then(|(_, kept)| Some((kept.id?, kept.filed_at))) else {
                break;
            };
            after = last;
            (self.progress)(self.counted, filed_at);
            // What is still to come reaches no further back than a day.
            let low = filed_at - LONGEST_CALL;
            if low >= self.swept + STEP {
                self.sweep(low, store, sink).await?;
            }
        }
        self.sweep(Moment::MAX, store, sink).await?;
        Ok(self.counted)
    }

    /// Hands on all buckets that end by `to`.
    async fn sweep<S: Audit>(&mut self, to: Moment, store: &mut S, sink: &mut impl Done<S>) -> Result<(), StoreError> {
        let agents = store.agents().await?;
        self.counted.agents = agents.len() as u64;
        let during = Stretch { from: self.swept, to };
        for agent in agents {
            let known = store.agent(&agent, during).await?;
            self.recount.agent(&agent, &known, during);
        }
        for grain in Grain::ALL {
            let mut edge =
                |at| if at == Moment::MIN || at == Moment::MAX { at } else { grain.bucket(at, &mut self.days) };
            let (from, to) = (edge(self.swept), edge(to));
            let mut counted = self.recount.take(grain, to);
            for dimension in Dimension::ALL.iter().copied().filter(|dimension| grain.keeps(*dimension)) {
                let during = Stretch { from: from.max(self.since.of(grain, dimension)), to };
                if during.from < during.to {
                    let counted = counted.remove(&dimension).unwrap_or_default();
                    sink.done(store, grain, dimension, during, counted).await?;
                }
            }
        }
        self.swept = to;
        Ok(())
    }
}
