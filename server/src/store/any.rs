//! Whichever database it is: opened by its address, and used through the two traits like any one of them.
//!
//! A method that the traits get is handed on here by one line.

use super::StoreError;
use super::audit::{Audit, Rebuild};
use super::audit_log::AuditLog;
use super::erase::Erased;
use super::past::{Filed, Past};
use super::postgres::{
    self, PostgresAddress, PostgresAudit, PostgresAuditLog, PostgresFinder, PostgresStore, PostgresWriter,
};
use super::read::{CallQuery, Dids, FiledCall, OpenStates, Reader, Series, Settings, SumQuery};
use super::sqlite::{self, Copied, InTheWay, SqliteAudit, SqliteAuditLog, SqliteFinder, SqliteStore, SqliteWriter};
use super::write::{
    CallLookup, CallWrite, Cleared, Cost, DayMark, Due, EachChange, Finder, Fold, FollowedTo, FoundCalls, KnownAgent,
    KnownComponent, KnownNames, Lead, OpenCommit, Rejudgement, Retention, RowId, StoredCall, WriteStore, Written,
};
use crate::kit::mask::Secret;
use crate::law::agents::AgentReport;
use crate::law::blocks::{Block, BlockKey};
use crate::law::change::{Gone, SumKey};
use crate::law::components::Beat;
use crate::law::grain::Grain;
use crate::law::samples::SampleKey;
use crate::law::span::Stretch;
use app::domain::outcome::CostKind;
use app::domain::{AgentId, CallName, CampaignId, ComponentId, Did, Dimension, Moment, Number, RealmId, Tally};
use chrono_tz::Tz;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Which database, by its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    Sqlite(PathBuf),
    Postgres(PostgresAddress),
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(address) => address.fmt(f),
        }
    }
}

/// The reading half of whichever store. Cheap to clone.
#[derive(Debug, Clone)]
pub enum Store {
    Sqlite(SqliteStore),
    Postgres(PostgresStore),
}

/// The writing half of whichever store.
#[derive(Debug)]
pub enum StoreWriter {
    Sqlite(SqliteWriter),
    Postgres(PostgresWriter),
}

/// Looks calls up in whichever store.
#[derive(Debug)]
pub enum StoreFinder {
    Sqlite(SqliteFinder),
    Postgres(PostgresFinder),
}

/// What proves and rebuilds the sums of whichever store.
#[derive(Debug)]
pub enum StoreAudit {
    Sqlite(SqliteAudit),
    Postgres(PostgresAudit),
}

/// What to do instead of copying a file that there is not.
const PG_DUMP: &str = "a PostgreSQL database is copied by pg_dump and put back by pg_restore";

/// Copies a store to a new file, whoever uses it.
///
/// # Errors
/// If it can't be copied, or the file exists.
pub async fn backup(database: &Database, to: &Path) -> Result<Copied, StoreError> {
    match database {
        Database::Sqlite(path) => sqlite::backup(path, to).await,
        Database::Postgres(_) => Err(StoreError::ByOtherMeans(PG_DUMP)),
    }
}

/// Puts a copy in a store's place.
///
/// # Errors
/// If the copy is not sound, or what is there is in use or in the way.
pub async fn restore(from: &Path, database: &Database, in_the_way: InTheWay) -> Result<Copied, StoreError> {
    match database {
        Database::Sqlite(path) => sqlite::restore(from, path, in_the_way).await,
        Database::Postgres(_) => Err(StoreError::ByOtherMeans(PG_DUMP)),
    }
}

/// Puts a pseudonym in the place of a person's number.
///
/// # Errors
/// If the store is in use, or can't be read or written.
pub async fn erase(database: &Database, number: &Number) -> Result<Erased, StoreError> {
    match database {
        Database::Sqlite(path) => sqlite::erase(path, number).await,
        Database::Postgres(address) => postgres::erase(address, number).await,
    }
}

/// The zone that a store was made for; `None` where there is no store yet.
///
/// # Errors
/// If it can't be read.
pub async fn stored_zone(database: &Database) -> Result<Option<Tz>, StoreError> {
    match database {
        Database::Sqlite(path) => sqlite::stored_zone(path).await,
        Database::Postgres(address) => postgres::stored_zone(address).await,
    }
}

/// Opens a snapshot, whoever uses the store.
///
/// # Errors
/// If there is no such store, or its schema is not this version's.
pub async fn audit(database: &Database) -> Result<StoreAudit, StoreError> {
    match database {
        Database::Sqlite(path) => sqlite::audit(path).await.map(StoreAudit::Sqlite),
        Database::Postgres(address) => postgres::audit(address).await.map(StoreAudit::Postgres),
    }
}

/// Opens a store for nobody else, to make its sums anew.
///
/// # Errors
/// If there is no such store, somebody uses it, or its schema is newer than this program's.
pub async fn rebuild(database: &Database) -> Result<StoreAudit, StoreError> {
    match database {
        Database::Sqlite(path) => sqlite::rebuild(path).await.map(StoreAudit::Sqlite),
        Database::Postgres(address) => postgres::rebuild(address).await.map(StoreAudit::Postgres),
    }
}

/// Opens a store, making its tables where there are none.
///
/// # Errors
/// If it can't be reached or opened, is in use, or was made by a newer version or for another site zone.
pub async fn open(database: &Database, zone: Tz) -> Result<(StoreWriter, Store), StoreError> {
    match database {
        Database::Sqlite(path) => {
            let (writer, reader) = sqlite::open(path, zone).await?;
            Ok((StoreWriter::Sqlite(writer), Store::Sqlite(reader)))
        }
        Database::Postgres(address) => {
            let (writer, reader) = postgres::open(address, zone).await?;
            Ok((StoreWriter::Postgres(writer), Store::Postgres(reader)))
        }
    }
}

/// The audit log of a store that [`open`] has opened.
#[must_use]
pub fn audit_log(database: &Database) -> Arc<dyn AuditLog> {
    match database {
        Database::Sqlite(path) => Arc::new(SqliteAuditLog::new(path)),
        Database::Postgres(address) => Arc::new(PostgresAuditLog::new(address)),
    }
}

impl Store {
    /// The secret of its pseudonyms: the same for all servers on it.
    #[must_use]
    pub const fn secret(&self) -> Secret {
        match self {
            Self::Sqlite(store) => store.secret(),
            Self::Postgres(store) => store.secret(),
        }
    }

    /// What was found, for the log and `/readyz`.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(store) => store.kind(),
        }
    }
}

/// Each method, handed on to the store there is.
macro_rules! hand_on {
    ($(fn $name:ident(&self $(, $arg:ident: $type:ty)*) -> $result:ty;)*) => {$(
        async fn $name(&self $(, $arg: $type)*) -> Result<$result, StoreError> {
            match self {
                Self::Sqlite(store) => store.$name($($arg),*).await,
                Self::Postgres(store) => store.$name($($arg),*).await,
            }
        }
    )*};
    ($(fn $name:ident(&mut self $(, $arg:ident: $type:ty)*) -> $result:ty;)*) => {$(
        async fn $name(&mut self $(, $arg: $type)*) -> Result<$result, StoreError> {
            match self {
                Self::Sqlite(store) => store.$name($($arg),*).await,
                Self::Postgres(store) => store.$name($($arg),*).await,
            }
        }
    )*};
}

impl Reader for Store {
    hand_on! {
        fn all_series(&self, queries: &[SumQuery], open: OpenStates) -> Vec<Series>;
        fn calls(&self, query: &CallQuery) -> Vec<FiledCall>;
        fn call(&self, name: &CallName) -> Option<FiledCall>;
        fn up(&self, realm: &RealmId) -> Vec<FiledCall>;
        fn realms(&self, during: Stretch) -> Vec<RealmId>;
        fn settings(&self, dids: Dids) -> Settings;
        fn first_call(&self, campaign: &CampaignId) -> Option<Moment>;
        fn costs(&self) -> Vec<Cost>;
        fn revised(&self, during: Stretch) -> Vec<(Moment, Moment)>;
        fn ping(&self) -> ();
    }
}

impl Past for Store {
    hand_on! {
        fn filed(&self, after: RowId, to: RowId, limit: usize) -> Vec<Filed>;
        fn reaching(&self, since: Moment, before: RowId) -> Vec<Filed>;
        fn agents_during(&self, during: Stretch) -> Vec<(AgentId, Vec<AgentReport>)>;
        fn samples_during(&self, during: Stretch) -> Vec<(SampleKey, String)>;
    }
}

impl Finder for StoreFinder {
    hand_on! {
        fn find(&mut self, asked: &[CallLookup<'_>]) -> FoundCalls;
    }
}

impl WriteStore for StoreWriter {
    type Finder = StoreFinder;

    fn finder(&self) -> StoreFinder {
        match self {
            Self::Sqlite(store) => StoreFinder::Sqlite(store.finder()),
            Self::Postgres(store) => StoreFinder::Postgres(store.finder()),
        }
    }

    fn is_followed(&self) -> bool {
        match self {
            Self::Sqlite(store) => store.is_followed(),
            Self::Postgres(store) => store.is_followed(),
        }
    }

    fn look_for_it(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(store) => store.look_for_it(),
            Self::Postgres(store) => store.look_for_it(),
        }
    }

    async fn end(&mut self) {
        match self {
            Self::Sqlite(store) => store.end().await,
            Self::Postgres(store) => store.end().await,
        }
    }

    fn last(&self) -> i64 {
        match self {
            Self::Sqlite(store) => store.last(),
            Self::Postgres(store) => store.last(),
        }
    }

    hand_on! {
        fn lead(&mut self) -> Lead;
        fn look(&mut self) -> i64;
        fn looked(&mut self) -> ();
        fn told_since(&mut self, after: i64, each: &mut EachChange<'_>) -> FollowedTo;
        fn find(&mut self, asked: &[CallLookup<'_>]) -> FoundCalls;
        fn calls_of(&mut self, campaign: &CampaignId, after: RowId, to: RowId, limit: usize) -> Vec<(CallName, StoredCall)>;
        fn calls_after(&mut self, after: RowId, limit: usize) -> Vec<(CallName, StoredCall)>;
        fn recent(&mut self, since: Moment, each: &mut dyn FnMut(CallName, StoredCall)) -> ();
        fn due(&mut self) -> Vec<(Moment, Due)>;
        fn blocks(&mut self, of: &[&BlockKey]) -> Vec<Block>;
        fn journal(&mut self, each: &mut dyn FnMut(Moment, SumKey, Tally)) -> u64;
        fn fold(&mut self, fold: &Fold<'_>) -> ();
        fn agent(&mut self, agent: &AgentId, from: Moment) -> KnownAgent;
        fn agents(&mut self, from: Moment) -> Vec<(AgentId, KnownAgent)>;
        fn sample(&mut self, of: &SampleKey) -> Option<String>;
        fn recent_samples(&mut self, channels_since: Moment) -> Vec<(SampleKey, String)>;
        fn beats(&mut self, component: &ComponentId, during: Stretch) -> Vec<Beat>;
        fn components(&mut self) -> Vec<KnownComponent>;
        fn days(&mut self) -> Vec<DayMark>;
        fn cost(&mut self, month: &str, kind: CostKind) -> Option<Cost>;
        fn settings(&mut self) -> Settings;
        fn names(&mut self) -> KnownNames;
        fn rejudgements(&mut self) -> Vec<Rejudgement>;
        fn campaign_days(&mut self, campaign: &CampaignId) -> Vec<(Moment, Tally)>;
        fn commit(&mut self, calls: &mut [CallWrite<'_>], making: &mut dyn OpenCommit) -> Written;
        fn try_writing(&mut self, now: Moment) -> ();
        fn forget(&mut self, gone: &Gone, kept_from: Moment) -> ();
        fn clear(&mut self, now: Moment, retention: Retention) -> Cleared;
    }
}

impl Audit for StoreAudit {
    hand_on! {
        fn zone(&mut self) -> Option<Tz>;
        fn edition(&mut self) -> Option<u32>;
        fn cleared_to(&mut self) -> Option<Moment>;
        fn days_carried_to(&mut self) -> Option<Moment>;
        fn calls(&mut self, after: RowId, limit: usize) -> Vec<(CallName, StoredCall)>;
        fn calls_of(&mut self, campaign: &CampaignId, after: RowId, to: RowId, limit: usize) -> Vec<StoredCall>;
        fn far_calls(&mut self, each: &mut dyn FnMut(StoredCall)) -> ();
        fn namesakes(&mut self) -> Vec<(CallName, StoredCall)>;
        fn namesakes_among(&mut self, calls: usize) -> Vec<(CallName, StoredCall)>;
        fn agents(&mut self) -> Vec<AgentId>;
        fn agent(&mut self, agent: &AgentId, during: Stretch) -> KnownAgent;
        fn dids(&mut self) -> Vec<(Number, Did)>;
        fn components(&mut self) -> Vec<KnownComponent>;
        fn beats(&mut self, component: &ComponentId, during: Stretch) -> Vec<Beat>;
        fn blocks(
            &mut self, grain: Grain, dimension: Dimension, during: Stretch, each: &mut dyn FnMut(Moment, CampaignId, Block)
        ) -> ();
        fn some_blocks(&mut self, of: &[&BlockKey]) -> Vec<Block>;
        fn buckets(&mut self, grain: Grain, dimension: Dimension, before: Moment) -> Vec<Moment>;
        fn journal(&mut self, each: &mut dyn FnMut(Moment, SumKey, Tally)) -> ();
    }
}

impl Rebuild for StoreAudit {
    hand_on! {
        fn unite(&mut self, calls: &mut [CallWrite<'_>], gone: &[RowId], rejudged: Vec<&mut Rejudgement>) -> ();
        fn put_dids(&mut self, dids: &[(Number, Did)]) -> ();
        fn begin(&mut self) -> ();
        fn carry(&mut self, grain: Grain, dimension: Dimension, before: Moment) -> ();
        fn put(&mut self, blocks: &[(BlockKey, Block)]) -> ();
        fn swap(&mut self, zone: Tz, days_carried_to: Option<Moment>) -> ();
    }
}
