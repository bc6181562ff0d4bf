//! What is counted neither of calls nor of agents: numbers that came into use or were retired, and components' time.
//!
//! Numbers' settings are kept for ever. Health samples are not: components' time is recounted from some day on, before
//! which its sums stand for themselves.

use super::recount::{Recount, is_recounted};
use super::verify::first_bucket;
use crate::law::components::{observed, shares};
use crate::law::grain::Grain;
use crate::law::span::{SiteDays, Stretch};
use crate::store::StoreError;
use crate::store::audit::Audit;
use app::domain::facts::Slot;
use app::domain::{Fact, Moment, Span};
use chrono_tz::Tz;

/// Samples are kept for 35 days, and such as come later than after 32 count no time.
const SAMPLED: Span = Span::days(31);

/// From when on components' time is recounted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sampled(Moment);

impl Sampled {
    /// From the first whole day on of which all samples are kept.
    pub(super) fn whole_days(now: Moment, zone: Tz) -> Self {
        Self(first_bucket(Grain::SiteDay, now - SAMPLED, &mut SiteDays::new(zone)))
    }

    /// Not at all.
    pub(super) const fn never() -> Self {
        Self(Moment::MAX)
    }

    /// Whether a counter of a bucket is recounted: of all that there are all but components' time of before.
    pub(super) fn covers(self, counter: Slot, bucket: Moment) -> bool {
        let of_a_component = |fact| matches!(fact, Fact::ComponentObservedMs | Fact::ComponentUpMs);
        is_recounted(counter) || (counter.fact().is_some_and(of_a_component) && bucket >= self.0)
    }

    /// Adds both to a recount.
    pub(super) async fn count<S: Audit>(self, store: &mut S, recount: &mut Recount) -> Result<(), StoreError> {
        for (did, known) in store.dids().await? {
            known.rotations().into_iter().for_each(|rotation| recount.rotation(&did, rotation));
        }
        for known in store.components().await? {
            let during = Stretch { from: self.0, to: known.counted_to };
            if during.from < during.to {
                let beats = store.beats(&known.component, during).await?;
                // Nothing finer than five minutes is kept.
                shares(&known.component, &observed(&beats, during), Moment::MAX)
                    .into_iter()
                    .for_each(|share| recount.share(share));
            }
        }
        Ok(())
    }
}
