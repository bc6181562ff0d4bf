//! What a replay reads.

use super::calls::arguments;
use super::reader::PostgresStore;
use super::{agents, calls, samples};
use crate::law::agents::AgentReport;
use crate::law::samples::SampleKey;
use crate::law::span::Stretch;
use crate::store::StoreError;
use crate::store::past::{Filed, Past, filed};
use crate::store::write::{RowId, StoredCall};
use app::domain::call::SILENCE;
use app::domain::{AgentId, CallName, Moment};

impl Past for PostgresStore {
    async fn filed(&self, after: RowId, to: RowId, limit: usize) -> Result<Vec<Filed>, StoreError> {
        let mut found = Vec::new();
        let arguments = arguments!(after.0, to.0, i64::try_from(limit).unwrap_or(i64::MAX));
        let tail = "where id > $1 and id <= $2 order by id limit $3";
        calls::query(&mut *self.connection().await?, tail, arguments, |_, kept| found.extend(filed(kept))).await?;
        Ok(found)
    }

    async fn reaching(&self, since: Moment, before: RowId) -> Result<Vec<Filed>, StoreError> {
        let mut found = Vec::new();
        let mut each = |_: CallName, kept: StoredCall| found.extend(filed(kept));
        let mut db = self.connection().await?;
        // Filed so long before, no call has a moment since.
        let oldest = RowId::at(since - calls::OLDEST_RECENT).0;
        let long = arguments!(since.micros(), before.0, oldest);
        calls::query(&mut db, "where long_until >= $1 and id <= $2 and id >= $3", long, &mut each).await?;
        let open = arguments!(RowId::at(since - SILENCE).0, before.0, since.micros());
        let tail = "where id > $1 and id <= $2 and ended_at is null and (long_until is null or long_until < $3)";
        calls::query(&mut db, tail, open, &mut each).await?;
        Ok(found)
    }

    async fn agents_during(&self, during: Stretch) -> Result<Vec<(AgentId, Vec<AgentReport>)>, StoreError> {
        agents::all_during(&mut *self.connection().await?, during).await
    }

    async fn samples_during(&self, during: Stretch) -> Result<Vec<(SampleKey, String)>, StoreError> {
        samples::during(&mut *self.connection().await?, during).await
    }
}
