//! What may be asked of the store, in domain words. Reading never waits for the writer.

use super::StoreError;
use super::write::{Cost, RowId, StoredCall};
use crate::law::grain::Grain;
use crate::law::span::Stretch;
use app::domain::{
    Call, CallName, Campaign, CampaignId, CampaignScope, Did, Dimension, Facts, Moment, Number, RealmId, Route,
    RouteId, Tally,
};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::future::Future;

/// Rows of one answer at most (contract.md).
pub const MAX_ROWS: usize = 1_000;
/// Calls that one page holds at most: one more than an answer tells whether there is a next page.
pub const MAX_PAGE: usize = MAX_ROWS + 1;

/// Sums of one dimension over a half-open span of time.
#[derive(Debug, Clone, PartialEq)]
pub struct SumQuery {
    pub dimension: Dimension,
    /// Only this key.
    pub key: Option<SmolStr>,
    /// Of several campaigns, each key's sum is that of its parts.
    pub scope: CampaignScope,
    pub from: Moment,
    pub to: Moment,
    /// The grain whose buckets are summed; `from` and `to` lie on its edges.
    pub grain: Grain,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct CallQuery {
    pub campaign: Option<CampaignId>,
    /// Only calls that started (or were first heard of) at or after this.
    pub since: Option<Moment>,
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<CallCursor>,
}

impl CallQuery {
    /// The places between which a page's calls stand, from one and up to but without another, and how many it may hold;
    /// `held` is where the cursor's call stands now.
    pub(super) fn places(&self, held: Option<RowId>) -> (RowId, RowId, i64) {
        let before = match &self.cursor {
            None => RowId::LAST,
            // Where that call stood, if it is gone.
            Some(cursor) => held.unwrap_or_else(|| RowId::at(cursor.filed_at)),
        };
        let limit = i64::try_from(self.limit.min(MAX_PAGE)).unwrap_or(i64::MAX);
        (self.since.map_or(RowId::FIRST, RowId::at), before, limit)
    }
}

impl SumQuery {
    /// Every key, over all campaigns.
    #[must_use]
    pub const fn all(dimension: Dimension, during: Stretch, grain: Grain) -> Self {
        Self { dimension, key: None, scope: CampaignScope::All, from: during.from, to: during.to, grain }
    }
}

/// Calls are listed newest first by the instant they were filed at, then by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallCursor {
    pub filed_at: Moment,
    pub name: CallName,
}

/// A call as merged.
#[derive(Debug, Clone, PartialEq)]
pub struct FiledCall {
    pub name: CallName,
    /// Set once when the call is first seen, never changed.
    pub filed_at: Moment,
    pub call: Call,
}

impl FiledCall {
    pub(super) fn of(name: CallName, kept: StoredCall) -> Self {
        Self { name, filed_at: kept.filed_at, call: *kept.call }
    }
}

/// Whether the floor's numbers, which are many, are read with the other settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dids {
    With,
    Without,
}

/// All settings as merged.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    pub campaigns: Vec<(CampaignId, Campaign)>,
    pub routes: Vec<(RouteId, Route)>,
    pub dids: Vec<(Number, Did)>,
    /// Persons whose numbers stand in names: what shows these must hide them.
    pub persons: Vec<Number>,
}

/// Sums by bucket and key, over campaigns: buckets in the order of time, keys in byte order; those that are empty are left
/// out.
pub type Series = Vec<(Moment, SmolStr, Tally)>;

/// Whether agents' states that nothing has ended yet are counted. No sum that is kept holds them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenStates {
    LeftOut,
    /// Up to an instant: the present of whoever asks.
    CountedTo(Moment),
}

/// Summed over buckets; keys whose sums are all zero are left out.
#[must_use]
pub fn by_key(series: Series) -> BTreeMap<SmolStr, Facts> {
    let mut sums: BTreeMap<SmolStr, Facts> = BTreeMap::new();
    for (_, key, tally) in series {
        *sums.entry(key).or_default() += &tally;
    }
    sums.retain(|_, sum| !sum.is_zero());
    sums
}

/// The reading half of a store. Cheap to clone.
pub trait Reader: Clone + Send + Sync + 'static {
    /// The answer to each query, all of them as of one instant. Not kept at the grain: nothing.
    fn all_series(
        &self,
        queries: &[SumQuery],
        open: OpenStates,
    ) -> impl Future<Output = Result<Vec<Series>, StoreError>> + Send;
    /// One query's sums at `now`: agents' open states are counted up to it.
    fn series_at(&self, query: &SumQuery, now: Moment) -> impl Future<Output = Result<Series, StoreError>> + Send {
        one(self, query, OpenStates::CountedTo(now))
    }
    /// The same, summed over buckets: one row a key, keys in byte order; keys whose sums are all zero are left out.
    fn sums_at(
        &self,
        query: &SumQuery,
        now: Moment,
    ) -> impl Future<Output = Result<Vec<(SmolStr, Facts)>, StoreError>> + Send {
        async move { Ok(by_key(self.series_at(query, now).await?).into_iter().collect()) }
    }
    /// The sums as they are kept, without any agent's open state.
    fn series(&self, query: &SumQuery) -> impl Future<Output = Result<Series, StoreError>> + Send {
        one(self, query, OpenStates::LeftOut)
    }
    /// The same, summed over buckets.
    fn sums(&self, query: &SumQuery) -> impl Future<Output = Result<Vec<(SmolStr, Facts)>, StoreError>> + Send {
        async move { Ok(by_key(self.series(query).await?).into_iter().collect()) }
    }
    fn calls(&self, query: &CallQuery) -> impl Future<Output = Result<Vec<FiledCall>, StoreError>> + Send;
    fn call(&self, name: &CallName) -> impl Future<Output = Result<Option<FiledCall>, StoreError>> + Send;
    /// Calls of a realm that have not ended and are not given up as lost.
    fn up(&self, realm: &RealmId) -> impl Future<Output = Result<Vec<FiledCall>, StoreError>> + Send;
    /// Whose calls were filed in a span: realms, in byte order.
    fn realms(&self, during: Stretch) -> impl Future<Output = Result<Vec<RealmId>, StoreError>> + Send;
    fn settings(&self, dids: Dids) -> impl Future<Output = Result<Settings, StoreError>> + Send;
    /// The earliest call of a campaign, for campaigns that never told when they started.
    fn first_call(&self, campaign: &CampaignId) -> impl Future<Output = Result<Option<Moment>, StoreError>> + Send;
    /// What months cost, oldest first.
    fn costs(&self) -> impl Future<Output = Result<Vec<Cost>, StoreError>> + Send;
    /// The site days in a span, by their begins, of which figures changed after they were over; and when last.
    fn revised(&self, during: Stretch) -> impl Future<Output = Result<Vec<(Moment, Moment)>, StoreError>> + Send;
    /// Answers if the store can be read.
    fn ping(&self) -> impl Future<Output = Result<(), StoreError>> + Send;
}

async fn one<R: Reader>(reader: &R, query: &SumQuery, open: OpenStates) -> Result<Series, StoreError> {
    Ok(reader.all_series(std::slice::from_ref(query), open).await?.pop().unwrap_or_default())
}
