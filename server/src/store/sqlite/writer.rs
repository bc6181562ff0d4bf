//! The writing half: looks up, and writes each commit in one transaction.

use super::held::{Lock, Whereabouts};
use super::{COMMITS, SqliteFinder, agents, calls, clear, history, log, rollups, room, samples, settings};
use crate::kit::quiet::Quiet;
use crate::law::blocks::{Block, BlockKey};
use crate::law::change::{Gone, SumKey};
use crate::law::components::Beat;
use crate::law::samples::SampleKey;
use crate::law::span::Stretch;
use crate::store::StoreError;
use crate::store::read::{Dids, Settings};
use crate::store::rows;
use crate::store::write::{
    CallLookup, CallWrite, Cleared, Cost, DayMark, Due, EachChange, Fold, FollowedTo, FoundCalls, KnownAgent,
    KnownComponent, KnownNames, Lead, OpenCommit, Rejudgement, Retention, RowId, StoredCall, WriteStore, Written,
};
use app::domain::outcome::CostKind;
use app::domain::{AgentId, CallName, CampaignId, ComponentId, Moment, Tally};
use chrono_tz::Tz;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use std::path::PathBuf;

#[derive(Debug)]
pub struct SqliteWriter {
    db: SqliteConnection,
    /// Of a connection that writes, and of one that reads.
    writing: Box<SqliteConnectOptions>,
    reading: Box<SqliteConnectOptions>,
    calls: Box<calls::Statements>,
    rollups: rollups::Statements,
    zone: Tz,
    held: Held,
}

/// Its file.
#[derive(Debug)]
pub(super) struct Held {
    pub path: PathBuf,
    pub whereabouts: Whereabouts,
    /// Held for life, so that nobody else writes.
    pub lock: Lock,
    /// The number of the last commit.
    pub commits: u64,
}

impl Held {
    /// Notes the number of a commit. It is durable whether that can be noted or not: an older note is true as well.
    fn note(&self, commit: u64) {
        static SAID: Quiet = Quiet::new();
        if let Err(error) = self.lock.note(commit)
            && let Some(unsaid) = SAID.turn()
        {
            tracing::warn!(%error, unsaid, "the number of a commit could not be noted beside the database");
        }
    }
}

impl SqliteWriter {
    pub(super) fn new(
        db: SqliteConnection,
        writing: SqliteConnectOptions,
        reading: SqliteConnectOptions,
        zone: Tz,
        held: Held,
    ) -> Self {
        Self {
            db,
            writing: Box::new(writing),
            reading: Box::new(reading),
            calls: Box::new(calls::Statements::new()),
            rollups: rollups::Statements::new(),
            zone,
            held,
        }
    }

    async fn write(&mut self, calls: &mut [CallWrite<'_>], making: &mut dyn OpenCommit) -> Result<Written, StoreError> {
        self.held.whereabouts.check()?;
        let mut transaction = self.db.begin_with("begin immediate").await?;
        let judge = |write: &mut CallWrite<'_>| making.judge(write);
        calls::write(&mut transaction, &self.calls, calls, judge).await?;
        let mut commit = making.rest()?;
        if calls.is_empty() && commit.is_empty() {
            transaction.rollback().await?;
            return Ok(Written::Nothing);
        }
        rollups::append(&mut transaction, std::mem::take(&mut commit.sums)).await?;
        agents::write(&mut transaction, &commit.agents).await?;
        samples::write(&mut transaction, &commit.samples).await?;
        samples::write_costs(&mut transaction, &commit.costs).await?;
        history::write(&mut transaction, &commit).await?;
        settings::write(&mut transaction, &mut commit).await?;
        let number = self.held.commits + 1;
        let count =
            "insert into meta (name, value) values (?, ?) on conflict (name) do update set value = excluded.value";
        sqlx::query(count).bind(COMMITS).bind(number.to_string()).execute(&mut *transaction).await?;
        transaction.commit().await?;
        self.held.commits = number;
        self.held.whereabouts.check()?;
        self.held.note(number);
        Ok(Written::Something)
    }
}

impl WriteStore for SqliteWriter {
    type Finder = SqliteFinder;

    fn finder(&self) -> SqliteFinder {
        SqliteFinder::new((*self.reading).clone())
    }

    fn is_followed(&self) -> bool {
        false
    }

    /// The file's lock is held for life.
    async fn lead(&mut self) -> Result<Lead, StoreError> {
        // SQLite gives a transaction up by itself when the disk is full; the connection does not learn of it, and would
        // refuse each one after it.
        if self.db.is_in_transaction() {
            self.db = self.writing.connect().await?;
        }
        Ok(Lead::Held)
    }

    /// Nobody else writes.
    async fn look(&mut self) -> Result<i64, StoreError> {
        Ok(0)
    }

    async fn looked(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn last(&self) -> i64 {
        0
    }

    async fn told_since(&mut self, after: i64, _each: &mut EachChange<'_>) -> Result<FollowedTo, StoreError> {
        Ok(FollowedTo::To(after))
    }

    fn look_for_it(&self) -> Result<(), StoreError> {
        self.held.whereabouts.check()
    }

    /// The lock goes with the file.
    async fn end(&mut self) {}

    async fn find(&mut self, asked: &[CallLookup<'_>]) -> Result<FoundCalls, StoreError> {
        calls::find(&mut self.db, &self.calls, asked).await
    }

    async fn calls_of(
        &mut self,
        campaign: &CampaignId,
        after: RowId,
        to: RowId,
        limit: usize,
    ) -> Result<Vec<(CallName, StoredCall)>, StoreError> {
        calls::of_campaign(&mut self.db, campaign, after, to, limit).await
    }

    async fn calls_after(&mut self, after: RowId, limit: usize) -> Result<Vec<(CallName, StoredCall)>, StoreError> {
        calls::after(&mut self.db, after, limit).await
    }

    async fn recent(&mut self, since: Moment, each: &mut dyn FnMut(CallName, StoredCall)) -> Result<(), StoreError> {
        calls::recent(&mut self.db, since, each).await
    }

    async fn due(&mut self) -> Result<Vec<(Moment, Due)>, StoreError> {
        let rows = sqlx::query(
            "select due, realm, call_id from calls where due is not null union all \
             select due, agent, null from agents where due is not null",
        )
        .fetch_all(&mut self.db)
        .await?;
        rows.iter().map(rows::due).collect()
    }

    async fn blocks(&mut self, of: &[&BlockKey]) -> Result<Vec<Block>, StoreError> {
        rollups::find(&mut self.db, &self.rollups, of).await
    }

    async fn journal(&mut self, each: &mut dyn FnMut(Moment, SumKey, Tally)) -> Result<u64, StoreError> {
        rollups::journal(&mut self.db, each).await
    }

    async fn fold(&mut self, fold: &Fold<'_>) -> Result<(), StoreError> {
        rollups::fold(&mut self.db, &self.rollups, fold).await
    }

    async fn agent(&mut self, agent: &AgentId, from: Moment) -> Result<KnownAgent, StoreError> {
        agents::find(&mut self.db, agent, from).await
    }

    async fn agents(&mut self, from: Moment) -> Result<Vec<(AgentId, KnownAgent)>, StoreError> {
        agents::all(&mut self.db, from).await
    }

    async fn sample(&mut self, of: &SampleKey) -> Result<Option<String>, StoreError> {
        samples::find(&mut self.db, of).await
    }

    async fn recent_samples(&mut self, channels_since: Moment) -> Result<Vec<(SampleKey, String)>, StoreError> {
        samples::recent(&mut self.db, channels_since).await
    }

    async fn beats(&mut self, component: &ComponentId, during: Stretch) -> Result<Vec<Beat>, StoreError> {
        history::beats(&mut self.db, component, during).await
    }

    async fn components(&mut self) -> Result<Vec<KnownComponent>, StoreError> {
        history::components(&mut self.db).await
    }

    async fn days(&mut self) -> Result<Vec<DayMark>, StoreError> {
        history::days(&mut self.db).await
    }

    async fn cost(&mut self, month: &str, kind: CostKind) -> Result<Option<Cost>, StoreError> {
        samples::cost(&mut self.db, month, kind).await
    }

    async fn settings(&mut self) -> Result<Settings, StoreError> {
        settings::read(&mut self.db, Dids::With).await
    }

    async fn names(&mut self) -> Result<KnownNames, StoreError> {
        history::names(&mut self.db).await
    }

    async fn rejudgements(&mut self) -> Result<Vec<Rejudgement>, StoreError> {
        settings::rejudgements(&mut self.db).await
    }

    async fn campaign_days(&mut self, campaign: &CampaignId) -> Result<Vec<(Moment, Tally)>, StoreError> {
        rollups::campaign_days(&mut self.db, campaign, self.zone).await
    }

    async fn commit(
        &mut self,
        calls: &mut [CallWrite<'_>],
        making: &mut dyn OpenCommit,
    ) -> Result<Written, StoreError> {
        self.write(calls, making).await
    }

    async fn try_writing(&mut self, now: Moment) -> Result<(), StoreError> {
        self.held.whereabouts.check()?;
        room::try_it(&self.held.path).await?;
        let put = "insert or replace into meta (name, value) values ('written_at', ?)";
        sqlx::query(put).bind(now.micros().to_string()).execute(&mut self.db).await?;
        Ok(())
    }

    async fn forget(&mut self, gone: &Gone, kept_from: Moment) -> Result<(), StoreError> {
        let mut transaction = self.db.begin_with("begin immediate").await?;
        settings::forget(&mut transaction, gone).await?;
        // When numbers came into use can be proved no longer, either.
        clear::mark(&mut transaction, kept_from).await?;
        Ok(transaction.commit().await?)
    }

    async fn clear(&mut self, now: Moment, retention: Retention) -> Result<Cleared, StoreError> {
        let cleared = clear::clear(&mut self.db, now, retention).await?;
        log::shorten(&mut self.db, &self.held.path, log::MOST).await?;
        Ok(cleared)
    }
}
