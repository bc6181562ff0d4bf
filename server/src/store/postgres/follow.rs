//! Who leads, and what a server that does not lead is told: the journal of commits, in order.

use crate::store::StoreError;
use crate::store::cells::Columns;
use crate::store::write::{EachChange, FollowedTo, Lead};
use futures_util::TryStreamExt;
use sqlx::Row;
use sqlx::postgres::PgConnection;

/// The lock's name among the advisory locks of a database; with it stands the schema, so that two floors may share one.
pub(super) const LEAD: i32 = 0x7269_6e67;

/// Takes the lead if nobody has it. The connection holds it until it ends.
pub(super) async fn lead(db: &mut PgConnection) -> Result<Lead, StoreError> {
    let take = sqlx::query_scalar("select pg_try_advisory_lock($1, hashtext(current_schema()))");
    let held: bool = take.bind(LEAD).fetch_one(db).await?;
    Ok(if held { Lead::Taken } else { Lead::Elsewhere })
}

/// The number of the last commit.
pub(super) async fn last(db: &mut PgConnection) -> Result<i64, StoreError> {
    let last = "select greatest((select max(id) from journal), (select folded from journal_mark))";
    Ok(sqlx::query_scalar(last).fetch_one(db).await?)
}

/// Notes a commit for the sums and for those who follow. Its number is taken if somebody else has written since.
pub(super) async fn append(db: &mut PgConnection, id: i64, sums: &[u8], rest: &[u8]) -> Result<(), StoreError> {
    let append = sqlx::query("insert into journal (id, entries, rest) values ($1, $2, $3)");
    append.bind(id).bind(sums).bind(rest).execute(db).await?;
    Ok(())
}

/// See `WriteStore::told_since`.
pub(super) async fn told_since(
    db: &mut PgConnection,
    after: i64,
    each: &mut EachChange<'_>,
) -> Result<FollowedTo, StoreError> {
    let mut next = after + 1;
    {
        let rows = sqlx::query("select id, entries, rest from journal where id > $1 order by id").bind(after);
        let mut rows = rows.fetch(&mut *db);
        while let Some(row) = rows.try_next().await? {
            if row.try_get::<i64, _>(0)? != next {
                return Ok(FollowedTo::Missed);
            }
            next += 1;
            each(row.blob(1)?, row.blob(2)?)?;
        }
    }
    // Commits may be gone from the journal's end too, where nothing has been written for long.
    Ok(if last(db).await? == next - 1 { FollowedTo::To(next - 1) } else { FollowedTo::Missed })
}
