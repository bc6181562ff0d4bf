//! What a replay asks of a store: calls in the order of filing, and what agents and machines said in a span of time.
//!
//! Everything is read in slices that the caller bounds, beside the writer.

use super::StoreError;
use super::read::Reader;
use super::write::{RowId, StoredCall};
use crate::law::agents::AgentReport;
use crate::law::samples::SampleKey;
use crate::law::span::Stretch;
use app::domain::{AgentId, Call, Moment};
use std::future::Future;

/// A call and its place.
pub type Filed = (RowId, Call);

/// What is kept of a call, for a replay; a call that is kept has a place.
pub(super) fn filed(kept: StoredCall) -> Option<Filed> {
    kept.id.map(|id| (id, *kept.call))
}

pub trait Past: Reader {
    /// At most `limit` calls filed after a place and up to another, in the order of filing.
    fn filed(
        &self,
        after: RowId,
        to: RowId,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Filed>, StoreError>> + Send;
    /// Calls filed up to `before` that had a moment at or after `since`, or may still have been up then because nobody
    /// told of their end.
    fn reaching(&self, since: Moment, before: RowId) -> impl Future<Output = Result<Vec<Filed>, StoreError>> + Send;
    /// What each agent was told within a span, and the last word before it; by agent, oldest first.
    fn agents_during(
        &self,
        during: Stretch,
    ) -> impl Future<Output = Result<Vec<(AgentId, Vec<AgentReport>)>, StoreError>> + Send;
    /// Samples within a span, and before it the last of each, of health the last two; oldest first.
    fn samples_during(
        &self,
        during: Stretch,
    ) -> impl Future<Output = Result<Vec<(SampleKey, String)>, StoreError>> + Send;
}
