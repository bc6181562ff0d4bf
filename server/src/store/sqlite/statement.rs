//! Statements over many rows: the one way in which SQLite is fed quickly through a connection that has its own thread.
//!
//! A statement is prepared for a few sizes only; what is left over goes in smaller ones.

use super::cells::Values;
use crate::store::StoreError;
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

/// Rows of one statement: near a hundred the cost a row is least (recipes: 0.40 to 0.46 of the bare library's).
const SIZES: [usize; 3] = [100, 10, 1];

type Statement = sqlx::query::Query<'static, sqlx::Sqlite, SqliteArguments>;

/// SQL that is the same for any number of rows but for the list of their values.
#[derive(Debug)]
pub(super) struct ManyRows {
    width: usize,
    sql: [SqlStr; SIZES.len()],
}

/// Texts of SQL are made of our own constants only; values are always bound.
pub(super) fn own(sql: String) -> SqlStr {
    AssertSqlSafe(std::sync::Arc::<str>::from(sql)).into_sql_str()
}

impl ManyRows {
    /// `head (?, …), (?, …) tail`, each row of `width` values.
    pub(super) fn new(head: &str, width: usize, tail: &str) -> Self {
        let row = format!("({})", vec!["?"; width].join(", "));
        let sql = SIZES.map(|rows| own(format!("{head} {} {tail}", vec![row.as_str(); rows].join(", "))));
        Self { width, sql }
    }

    /// Cuts `items` into the sizes there are.
    fn cut<'a, T>(&'a self, items: &'a mut [T]) -> impl Iterator<Item = (SqlStr, &'a mut [T])> {
        let mut rest = items;
        std::iter::from_fn(move || {
            let size = SIZES.iter().position(|size| *size <= rest.len())?;
            let (now, later) = std::mem::take(&mut rest).split_at_mut(SIZES[size]);
            rest = later;
            Some((self.sql[size].clone(), now))
        })
    }

    fn values<T>(&self, items: &mut [T], put: &mut impl FnMut(&mut T, &mut Values)) -> Values {
        let mut values = Values::with_room(self.width * items.len());
        items.iter_mut().for_each(|item| put(item, &mut values));
        values
    }

    /// Runs it over all items. An item is put once, and may be made ready by that: while SQLite takes those before it.
    pub(super) async fn write<T>(
        &self,
        db: &mut SqliteConnection,
        items: &mut [T],
        mut put: impl FnMut(&mut T, &mut Values),
    ) -> Result<(), StoreError> {
        let mut parts = self.cut(items);
        let mut ready = self.ready(parts.next(), &mut put)?;
        while let Some(statement) = ready {
            let next = parts.next();
            // The connection's own thread runs one statement while the next is put together here.
            let (done, following) = tokio::join!(statement.execute(&mut *db), async { self.ready(next, &mut put) });
            done?;
            ready = following?;
        }
        Ok(())
    }

    /// A part as its statement.
    fn ready<T>(
        &self,
        part: Option<(SqlStr, &mut [T])>,
        put: &mut impl FnMut(&mut T, &mut Values),
    ) -> Result<Option<Statement>, StoreError> {
        let Some((sql, part)) = part else { return Ok(None) };
        Ok(Some(sqlx::query_with(sql, self.values(part, put).finish()?)))
    }

    /// Runs a query over all items.
    pub(super) async fn read<T>(
        &self,
        db: &mut SqliteConnection,
        items: &mut [T],
        mut put: impl FnMut(&mut T, &mut Values),
        mut each: impl FnMut(&SqliteRow) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        for (sql, part) in self.cut(items) {
            let values = self.values(part, &mut put).finish()?;
            for row in sqlx::query_with(sql, values).fetch_all(&mut *db).await? {
                each(&row)?;
            }
        }
        Ok(())
    }
}

/// The values of a statement of its own.
pub(super) fn values(put: impl FnOnce(&mut Values)) -> Result<SqliteArguments, StoreError> {
    let mut values = Values::default();
    put(&mut values);
    values.finish()
}
