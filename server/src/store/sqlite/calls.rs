//! The table of calls; its rows are `call_row`.

use super::cells::Values;
use super::statement::{ManyRows, own, values};
use crate::store::StoreError;
use crate::store::call_row::{COLUMNS, LONG, NAMES, Places, RUN, WIDTH, hash, put, read};
use crate::store::cells::{Cell, Sink};
use crate::store::write::{Asked, CallWrite, FoundCalls, Kept, RowId};
use app::domain::{CallName, CampaignId, Moment};
use futures_util::TryStreamExt;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

/// The statements of this table.
#[derive(Debug)]
pub(super) struct Statements {
    find: ManyRows,
    insert: ManyRows,
    update: ManyRows,
}

impl Statements {
    pub(super) fn new() -> Self {
        let select = format!("select {COLUMNS} from calls where name_hash in (values");
        // A statement that fails need not be undone for itself, and keeps no journal for that: its whole transaction is.
        let insert = format!("insert or fail into calls ({COLUMNS}) values");
        let set: Vec<_> = COLUMNS.split(", ").skip(NAMES).map(|c| format!("{c} = excluded.{c}")).collect();
        Self {
            find: ManyRows::new(&select, 1, ")"),
            insert: ManyRows::new(&insert, WIDTH, "on conflict (id) do nothing"),
            update: ManyRows::new(&insert, WIDTH, &format!("on conflict (id) do update set {}", set.join(", "))),
        }
    }
}

/// Runs a query for rows of calls; `tail` is what follows the table's name.
pub(super) async fn query(
    db: &mut SqliteConnection,
    tail: &'static str,
    put: impl FnOnce(&mut Values),
    mut each: impl FnMut(CallName, Kept),
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
    asked: &[Asked<'_>],
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
pub(super) async fn find_one(db: &mut SqliteConnection, name: &CallName) -> Result<Option<Kept>, StoreError> {
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
) -> Result<Vec<(CallName, Kept)>, StoreError> {
    let mut calls = Vec::new();
    let put = |values: &mut Values| {
        campaign.put(values);
        values.integer(after.0);
        values.integer(to.0);
        values.integer(i64::try_from(limit).unwrap_or(i64::MAX));
    };
    let tail = "where campaign = ? and id > ? and id <= ? order by id limit ?";
    query(db, tail, put, |name, kept| calls.push((name, kept))).await?;
    Ok(calls)
}

/// See `WriteStore::recent`.
pub(super) async fn recent(
    db: &mut SqliteConnection,
    since: Moment,
    each: &mut dyn FnMut(CallName, Kept),
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
    places: &mut Places,
    calls: &mut [CallWrite<'_>],
    mut judge: impl FnMut(&mut CallWrite<'_>),
) -> Result<(), StoreError> {
    // New calls first, in the order of filing: their rows then go to the table's end.
    calls.sort_by_key(|write| (write.kept.id.is_some(), write.kept.id, write.kept.filed_at));
    let split = calls.partition_point(|write| write.kept.id.is_none());
    let (new, changed) = calls.split_at_mut(split);
    new.iter_mut().for_each(|write| places.give(write.kept));
    let mut taken = Vec::new();
    let mut judged = |write: &mut CallWrite<'_>, to: &mut Values| {
        judge(write);
        put(write, to);
    };
    for part in statements.insert.try_write(db, &mut *new, &mut judged).await? {
        taken.extend(unplaced(db, part).await?);
    }
    for write in new.iter_mut().filter(|write| write.kept.id.is_some_and(|id| taken.contains(&id))) {
        place_anew(db, statements, places, write).await?;
    }
    statements.update.write(db, changed, judged).await
}

/// Which of these calls have not got their place, because another call had it.
async fn unplaced(db: &mut SqliteConnection, part: &[CallWrite<'_>]) -> Result<Vec<RowId>, StoreError> {
    let mut taken = Vec::new();
    for write in part {
        let Some(id) = write.kept.id else { continue };
        let holder = sqlx::query("select name_hash, realm, call_id from calls where id = ?").bind(id.0);
        let row = holder.fetch_one(&mut *db).await?;
        let (realm, call_id) = (row.try_get::<&str, _>(1)?, row.try_get::<&str, _>(2)?);
        if realm != write.name.realm.as_str() || call_id != write.name.call_id.as_str() {
            taken.push(id);
        }
    }
    Ok(taken)
}

async fn place_anew(
    db: &mut SqliteConnection,
    statements: &Statements,
    places: &mut Places,
    write: &mut CallWrite<'_>,
) -> Result<(), StoreError> {
    let first_heard = write.kept.filed_at;
    while let Some(id) = write.kept.id {
        let last: i64 = sqlx::query_scalar("select max(id) from calls where id < ?")
            .bind(id.0.saturating_add(RUN))
            .fetch_one(&mut *db)
            .await?;
        Places::put(write.kept, last + 1);
        places.next.insert(first_heard.micros(), last + 2);
        if statements.insert.try_write(db, std::slice::from_mut(write), |write, to| put(write, to)).await?.is_empty() {
            break;
        }
    }
    Ok(())
}
