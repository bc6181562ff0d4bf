//! What proving and rebuilding the sums asks of a store, in domain words.
//!
//! [`Audit`] reads everything as of one instant, whoever writes meanwhile; [`Rebuild`] holds the store for itself and makes
//! new sums beside those that are in use.

use super::StoreError;
use super::keeping;
use super::write::{CallWrite, KnownAgent, KnownComponent, Rejudgement, RowId, StoredCall};
use crate::law::blocks::{Block, BlockKey};
use crate::law::change::SumKey;
use crate::law::components::Beat;
use crate::law::grain::Grain;
use crate::law::span::Stretch;
use app::domain::call::LONGEST_CALL;
use app::domain::{AgentId, CallName, CampaignId, ComponentId, Did, Dimension, Moment, Number, Tally};
use chrono_tz::Tz;

/// Whether a call has a moment more than a day from where it is filed: nearly none has, as a call's moments lie within a
/// day of each other and it is filed at its start. Those that have are recounted apart.
#[must_use]
pub fn is_far(kept: &StoredCall) -> bool {
    let reach = LONGEST_CALL.as_millis() * 1_000;
    kept.call.moments().any(|moment| (moment.micros() - kept.filed_at.micros()).abs() > reach)
}

/// How long sums of a dimension are kept at a grain; `None` for ever.
#[must_use]
pub fn kept_for(grain: Grain, dimension: Dimension) -> Option<app::domain::Span> {
    let rule = keeping::ROLLUPS.iter().find(|(g, dimensions, _)| *g == grain && dimensions.contains(&dimension));
    rule.map(|(_, _, span)| *span)
}

/// Reads a store as of one instant.
#[allow(async_fn_in_trait)] // used by commands, which wait for nothing else meanwhile
pub trait Audit {
    /// The site's zone that the sums of days were made for; `None` in a store that nobody ever wrote to.
    ///
    /// # Errors
    /// If the database fails, or holds what can't be read; so for all that follow.
    async fn zone(&mut self) -> Result<Option<Tz>, StoreError>;
    /// The edition of the law that the sums were made by (`law::EDITION`); `None` of a store from before editions were noted.
    async fn edition(&mut self) -> Result<Option<u32>, StoreError>;
    /// Before this instant calls and agents' words were cleared away; `None` where nothing ever was.
    async fn cleared_to(&mut self) -> Result<Option<Moment>, StoreError>;
    /// Days before this instant were carried over from another zone, and can't be proved; `None` where there are none.
    async fn days_carried_to(&mut self) -> Result<Option<Moment>, StoreError>;
    /// At most `limit` calls after a place, in the order of filing.
    async fn calls(&mut self, after: RowId, limit: usize) -> Result<Vec<(CallName, StoredCall)>, StoreError>;
    /// At most `limit` of a campaign's calls after and up to places, in their order.
    async fn calls_of(
        &mut self,
        campaign: &CampaignId,
        after: RowId,
        to: RowId,
        limit: usize,
    ) -> Result<Vec<StoredCall>, StoreError>;
    /// The calls of which [`is_far`] holds.
    async fn far_calls(&mut self, each: &mut dyn FnMut(StoredCall)) -> Result<(), StoreError>;
    /// The rows of calls whose names, or the hashes of these, several rows have: by name, and in the order of filing.
    async fn namesakes(&mut self) -> Result<Vec<(CallName, StoredCall)>, StoreError>;
    /// The same among so many calls at most, the same whenever it is asked; of at most a thousand names.
    async fn namesakes_among(&mut self, calls: usize) -> Result<Vec<(CallName, StoredCall)>, StoreError>;
    async fn agents(&mut self) -> Result<Vec<AgentId>, StoreError>;
    /// What an agent was told to do during a stretch, with the word before it and the word after it.
    async fn agent(&mut self, agent: &AgentId, during: Stretch) -> Result<KnownAgent, StoreError>;
    /// The floor's own numbers, with all that is known of each.
    async fn dids(&mut self) -> Result<Vec<(Number, Did)>, StoreError>;
    async fn components(&mut self) -> Result<Vec<KnownComponent>, StoreError>;
    /// See `WriteStore::beats`.
    async fn beats(&mut self, component: &ComponentId, during: Stretch) -> Result<Vec<Beat>, StoreError>;
    /// Blocks of sums as kept, without the journal, in the order of buckets.
    async fn blocks(
        &mut self,
        grain: Grain,
        dimension: Dimension,
        during: Stretch,
        each: &mut dyn FnMut(Moment, CampaignId, Block),
    ) -> Result<(), StoreError>;
    /// These blocks of sums as kept, without the journal; empty where there is none.
    async fn some_blocks(&mut self, of: &[&BlockKey]) -> Result<Vec<Block>, StoreError>;
    /// The buckets before an instant that have sums.
    async fn buckets(&mut self, grain: Grain, dimension: Dimension, before: Moment) -> Result<Vec<Moment>, StoreError>;
    async fn journal(&mut self, each: &mut dyn FnMut(Moment, SumKey, Tally)) -> Result<(), StoreError>;
}

/// A store held for itself, in which sums are made anew beside those that are kept.
#[allow(async_fn_in_trait)]
pub trait Rebuild: Audit {
    /// Writes calls that have their place, takes rows away, and notes what is to be judged again: all of it, or nothing.
    ///
    /// # Errors
    /// If the database fails; so for all that follow.
    async fn unite(
        &mut self,
        calls: &mut [CallWrite<'_>],
        gone: &[RowId],
        rejudged: Vec<&mut Rejudgement>,
    ) -> Result<(), StoreError>;
    /// Writes what is known of numbers; those of which nothing is go.
    async fn put_dids(&mut self, dids: &[(Number, Did)]) -> Result<(), StoreError>;
    /// Makes room beside; what an interrupted rebuild left there goes.
    async fn begin(&mut self) -> Result<(), StoreError>;
    /// Takes the kept sums of buckets before an instant over, as they are.
    async fn carry(&mut self, grain: Grain, dimension: Dimension, before: Moment) -> Result<(), StoreError>;
    /// Puts blocks beside. Each key comes once.
    async fn put(&mut self, blocks: &[(BlockKey, Block)]) -> Result<(), StoreError>;
    /// What is beside takes the place of what was kept, journal included, for this zone and by this edition of the law: all of
    /// it, or nothing. Where days
    /// were carried over from another zone, `days_carried_to` says up to when.
    async fn swap(&mut self, zone: Tz, days_carried_to: Option<Moment>) -> Result<(), StoreError>;
}
