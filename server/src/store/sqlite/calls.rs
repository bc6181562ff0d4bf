//! The table of calls; its rows are `call_row`.

use super::cells::Values;
use super::statement::{ManyRows, own, values};
use crate::store::StoreError;
use crate::store::call_row::{COLUMNS, LONG, NAMES, WIDTH, hash, put, read};
use crate::store::cells::{Cell, Sink, get};
use crate::store::places::{Places, free_places};
use crate::store::write::{CallLookup, CallWrite, FoundCalls, RowId, StoredCall};
use app::domain::{CallName, CampaignId, Moment};
use futures_util::TryStreamExt;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

/// The statements of this table.
#[derive(Debug)]
pub(super) struct Statements {
    find: ManyRows,
    free: ManyRows,
    insert: ManyRows,
    update: ManyRows,
}

impl Statements {
    pub(super) fn new() -> Self {
        let select = format!("select {COLUMNS} from calls where name_hash in (values");
        // A statement that fails need not be undone for itself, and keeps no journal for that: its whole transaction is.
        let free = free_places("(select column1 as first from (values ROWS))", "");
        let (before, after) = free.split_once("ROWS").unwrap_or((&free, ""));
        let insert = format!("insert or fail into calls ({COLUMNS}) values");
        let set: Vec<_> = COLUMNS.split(", ").skip(NAMES).map(|c| format!("{c} = excluded.{c}")).collect();
        Self {
            find: ManyRows::new(&select, 1, ")"),
            free: ManyRows::new(before, 1, after),
            insert: ManyRows::new(&insert, WIDTH, ""),
            update: ManyRows::new(&insert, WIDTH, &format!("on conflict (id) do update set {}", set.join(", "))),
        }
    }
}

/// Runs a query for rows of calls; `tail` is what follows the table's name.
pub(super) async fn query(
    db: &mut SqliteConnection,
    tail: &str,
    put: impl FnOnce(&mut Values),
    mut each: impl FnMut(CallName, StoredCall),
) -> Result<(), StoreError> {
    let sql = own(format!("select {COLUMNS} from calls {tail}"));
    let mut rows = sqlx::query_with(sql, values(put)?).fetch(db);
    while let Some(row) = rows.try_next().await? {
        let (name, kept) = read(&row)?;
        each(name, kept);
    }
    Ok(())
}

/// See `WriteStore::find`.
pub(super) async fn find(
    db: &mut SqliteConnection,
    statements: &Statements,
    asked: &[CallLookup<'_>],
) -> Result<FoundCalls, StoreError> {
    let mut found = FoundCalls::default();
    let each = |row: &SqliteRow| {
        let (name, kept) = read(row)?;
        found.insert(name, kept);
        Ok(())
    };
    let mut hashes: Vec<i64> = asked.iter().map(|asked| hash(asked.name)).collect();
    statements.find.read(db, &mut hashes, |hash, to| to.integer(*hash), each).await?;
    Ok(found)
}

/// One call, for a reader.
pub(super) async fn find_one(db: &mut SqliteConnection, name: &CallName) -> Result<Option<StoredCall>, StoreError> {
    let mut found = None;
    let each = |other: CallName, kept| {
        if other == *name {
            found = Some(kept);
        }
    };
    query(db, "where name_hash = ?", |to| to.integer(hash(name)), each).await?;
    Ok(found)
}

/// See `WriteStore::calls_of`.
pub(super) async fn of_campaign(
    db: &mut SqliteConnection,
    campaign: &CampaignId,
    after: RowId,
    to: RowId,
    limit: usize,
) -> Result<Vec<(CallName, StoredCall)>, StoreError> {
    let mut calls = Vec::new();
    let is_none = *campaign == CampaignId::none();
    let put = |values: &mut Values| {
        values.integer(after.0);
        values.integer(to.0);
        values.integer(i64::try_from(limit).unwrap_or(i64::MAX));
        if !is_none {
            campaign.put(values);
        }
    };
    let which = if is_none { "campaign is null" } else { "campaign = ?4" };
    let tail = format!("where {which} and id > ?1 and id <= ?2 order by id limit ?3");
    query(db, &tail, put, |name, kept| calls.push((name, kept))).await?;
    Ok(calls)
}

/// See `WriteStore::calls_after`.
pub(super) async fn after(
    db: &mut SqliteConnection,
    after: RowId,
    limit: usize,
) -> Result<Vec<(CallName, StoredCall)>, StoreError> {
    let mut found = Vec::with_capacity(limit);
    let put = |to: &mut Values| {
        to.integer(after.0);
        to.integer(i64::try_from(limit).unwrap_or(i64::MAX));
    };
    query(db, "where id > ? order by id limit ?", put, |name, kept| found.push((name, kept))).await?;
    Ok(found)
}

/// See `WriteStore::recent`.
pub(super) async fn recent(
    db: &mut SqliteConnection,
    since: Moment,
    each: &mut dyn FnMut(CallName, StoredCall),
) -> Result<(), StoreError> {
    let filed_since = RowId::at(since - LONG).0;
    query(db, "where id >= ?", |to| to.integer(filed_since), &mut *each).await?;
    let put = |to: &mut Values| {
        since.put(to);
        to.integer(filed_since);
    };
    query(db, "where long_until >= ? and id < ? and due is null", put, &mut *each).await?;
    query(db, "where due is not null and id < ?", |to| to.integer(filed_since), each).await
}

/// Writes new and changed calls, each judged before.
pub(super) async fn write(
    db: &mut SqliteConnection,
    statements: &Statements,
    calls: &mut [CallWrite<'_>],
    mut judge: impl FnMut(&mut CallWrite<'_>),
) -> Result<(), StoreError> {
    // New calls first, in the order of filing: their rows then go to the table's end.
    calls.sort_by_key(|write| (write.kept.id.is_some(), write.kept.id, write.kept.filed_at));
    let split = calls.partition_point(|write| write.kept.id.is_none());
    let (new, changed) = calls.split_at_mut(split);
    place(db, statements, new).await?;
    let mut judged = |write: &mut CallWrite<'_>, to: &mut Values| {
        judge(write);
        put(write, to);
    };
    statements.insert.write(db, new, &mut judged).await?;
    statements.update.write(db, changed, judged).await
}

/// Gives new calls their places.
async fn place(
    db: &mut SqliteConnection,
    statements: &Statements,
    new: &mut [CallWrite<'_>],
) -> Result<(), StoreError> {
    let mut places = Places::default();
    loop {
        let mut unknown = places.give(new);
        if unknown.is_empty() {
            return Ok(());
        }
        let learn = |row: &SqliteRow| {
            places.learn(get(row, 0)?, get(row, 1)?);
            Ok(())
        };
        statements.free.read(db, &mut unknown, |unknown, to| to.integer(unknown.first), learn).await?;
    }
}
