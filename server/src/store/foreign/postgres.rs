//! PostgreSQL.

use super::{Column, ForeignError, Row, Wanted};
use crate::store::postgres::PostgresAddress;
use csv::ByteRecord;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Row as _};

pub(super) struct Postgres {
    db: PgConnection,
    /// Quoted, with its schema where it is told.
    table: String,
}

impl Postgres {
    pub(super) async fn connect(address: &PostgresAddress, table: &str) -> Result<Self, ForeignError> {
        let options =
            address.options.clone().disable_statement_logging().options([("default_transaction_read_only", "on")]);
        let table: Vec<String> = table.splitn(2, '.').map(quoted).collect();
        Ok(Self { db: options.connect().await?, table: table.join(".") })
    }

    pub(super) async fn columns(&mut self) -> Result<Vec<Column>, ForeignError> {
        let asked = "select attname::text, format_type(atttypid, null) from pg_attribute \
                     where attrelid = to_regclass($1) and attnum > 0 and not attisdropped order by attnum";
        let rows = sqlx::query(asked).bind(&self.table).fetch_all(&mut self.db).await?;
        let column = |row: &PgRow| Ok(Column { name: row.try_get(0)?, type_name: row.try_get(1)? });
        rows.iter().map(column).collect()
    }

    pub(super) async fn count(&mut self, time: &Column, from: Option<&str>) -> Result<(u64, u64), ForeignError> {
        let (name, type_name) = (quoted(&time.name), &time.type_name);
        let told = format!(
            "select count(*) filter (where {name} >= coalesce($1::text::{type_name}, {name})), \
             count(*) filter (where {name} is null) from {}",
            self.table
        );
        let row = sqlx::query(AssertSqlSafe(told)).bind(from).fetch_one(&mut self.db).await?;
        let count = |at| row.try_get::<i64, _>(at).map(|n| u64::try_from(n).unwrap_or_default());
        Ok((count(0)?, count(1)?))
    }

    pub(super) async fn page(&mut self, wanted: &Wanted<'_>) -> Result<Vec<Row>, ForeignError> {
        // By the table's own name: an output column of that name would be sorted as text.
        let column = |name: &str| format!("t.{}", quoted(name));
        let (time, type_name) = (column(&wanted.time.name), &wanted.time.type_name);
        let columns: Vec<String> = wanted.columns.iter().map(|told| format!("{}::text", column(&told.name))).collect();
        let order: String = wanted.ordering().map(|name| format!(", {}", column(name))).collect();
        let reach = match wanted.from {
            Some(_) => format!("{time} >= $1::text::{type_name}"),
            None => format!("{time} is not null"),
        };
        let asked = format!(
            "select {}, {time}::text from {} t where {reach} order by {time}{order} limit {}",
            columns.join(", "),
            self.table,
            wanted.rows
        );
        let query = sqlx::query(AssertSqlSafe(asked)).persistent(false);
        let query = if let Some(from) = wanted.from { query.bind(from) } else { query };
        let rows = query.fetch_all(&mut self.db).await?;
        rows.iter().map(|row| read(row, wanted.columns.len())).collect()
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn read(row: &PgRow, columns: usize) -> Result<Row, ForeignError> {
    let mut fields = ByteRecord::new();
    for at in 0..columns {
        fields.push_field(row.try_get::<Option<&str>, _>(at)?.unwrap_or_default().as_bytes());
    }
    Ok(Row { fields, time: row.try_get(columns)? })
}
