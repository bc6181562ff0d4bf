//! What a replay reads.

use super::reader::SqliteStore;
use super::{agents, calls, samples};
use crate::law::agents::AgentReport;
use crate::law::samples::SampleKey;
use crate::law::span::Stretch;
use crate::store::StoreError;
use crate::store::cells::{Cell, Sink};
use crate::store::past::{Filed, Past, filed};
use crate::store::write::{RowId, StoredCall};
use app::domain::call::SILENCE;
use app::domain::{AgentId, CallName, Moment};

impl Past for SqliteStore {
    async fn filed(&self, after: RowId, to: RowId, limit: usize) -> Result<Vec<Filed>, StoreError> {
        let mut found = Vec::new();
        let put = |values: &mut super::cells::Values| {
            values.integer(after.0);
            values.integer(to.0);
            values.integer(i64::try_from(limit).unwrap_or(i64::MAX));
        };
        let tail = "where id > ? and id <= ? order by id limit ?";
        calls::query(&mut *self.connection().await?, tail, put, |_, kept| found.extend(filed(kept))).await?;
        Ok(found)
    }

    async fn reaching(&self, since: Moment, before: RowId) -> Result<Vec<Filed>, StoreError> {
        let mut found = Vec::new();
        let mut each = |_: CallName, kept: StoredCall| found.extend(filed(kept));
        let mut db = self.connection().await?;
        let long = |to: &mut super::cells::Values| {
            since.put(to);
            to.integer(before.0);
        };
        calls::query(&mut db, "where long_until >= ? and id <= ?", long, &mut each).await?;
        let open = |to: &mut super::cells::Values| {
            to.integer(RowId::at(since - SILENCE).0);
            to.integer(before.0);
            since.put(to);
        };
        let tail = "where id > ? and id <= ? and ended_at is null and (long_until is null or long_until < ?)";
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
