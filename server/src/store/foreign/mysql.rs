//! MySQL and MariaDB.

use super::{Column, ForeignError, Row, Wanted};
use csv::ByteRecord;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, Row as _};

pub(super) struct MySql {
    db: MySqlConnection,
    /// The database, where it is told, and the table.
    schema: Option<String>,
    table: String,
}

impl MySql {
    pub(super) async fn connect(options: &MySqlConnectOptions, table: &str) -> Result<Self, ForeignError> {
        let mut db = options.clone().disable_statement_logging().connect().await?;
        db.execute("set session transaction read only").await?;
        let (schema, table) = table.split_once('.').map_or((None, table), |(schema, table)| (Some(schema), table));
        Ok(Self { db, schema: schema.map(str::to_owned), table: table.to_owned() })
    }

    pub(super) async fn columns(&mut self) -> Result<Vec<Column>, ForeignError> {
        let asked = "select cast(column_name as char), cast(data_type as char) from information_schema.columns \
                     where table_schema = coalesce(?, database()) and table_name = ? order by ordinal_position";
        let rows = sqlx::query(asked).bind(&self.schema).bind(&self.table).fetch_all(&mut self.db).await?;
        let column = |row: &MySqlRow| Ok(Column { name: row.try_get(0)?, type_name: row.try_get(1)? });
        rows.iter().map(column).collect()
    }

    pub(super) async fn count(&mut self, time: &Column, from: Option<&str>) -> Result<(u64, u64), ForeignError> {
        let time = quoted(&time.name);
        let told = format!(
            "select cast(coalesce(sum({time} >= coalesce(?, {time})), 0) as signed), \
             cast(coalesce(sum({time} is null), 0) as signed) from {}",
            self.place()
        );
        let row = sqlx::query(AssertSqlSafe(told)).bind(from).fetch_one(&mut self.db).await?;
        let count = |at| row.try_get::<i64, _>(at).map(|n| u64::try_from(n).unwrap_or_default());
        Ok((count(0)?, count(1)?))
    }

    pub(super) async fn page(&mut self, wanted: &Wanted<'_>) -> Result<Vec<Row>, ForeignError> {
        let time = quoted(&wanted.time.name);
        let columns: Vec<String> = wanted.columns.iter().map(as_text).collect();
        let order: String = wanted.ordering().map(|name| format!(", {}", quoted(name))).collect();
        let reach = match wanted.from {
            Some(_) => format!("{time} >= ?"),
            None => format!("{time} is not null"),
        };
        let asked = format!(
            "select {}, cast({time} as char) from {} where {reach} order by {time}{order} limit {}",
            columns.join(", "),
            self.place(),
            wanted.rows
        );
        // Each page is asked for a few times in a program's life: no statement is kept for it.
        let query = sqlx::query(AssertSqlSafe(asked)).persistent(false);
        let query = if let Some(from) = wanted.from { query.bind(from) } else { query };
        let rows = query.fetch_all(&mut self.db).await?;
        rows.iter().map(|row| read(row, wanted.columns.len())).collect()
    }

    fn place(&self) -> String {
        let schema = self.schema.as_ref().map(|schema| format!("{}.", quoted(schema))).unwrap_or_default();
        format!("{schema}{}", quoted(&self.table))
    }
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// A column as text. A TIMESTAMP is shown by the session's zone, which is UTC; a DATETIME as the clock showed it.
fn as_text(column: &Column) -> String {
    let name = quoted(&column.name);
    if column.type_name.eq_ignore_ascii_case("timestamp") {
        format!("concat(cast({name} as char), '+00:00')")
    } else {
        format!("cast({name} as char)")
    }
}

fn read(row: &MySqlRow, columns: usize) -> Result<Row, ForeignError> {
    let mut fields = ByteRecord::new();
    for at in 0..columns {
        fields.push_field(row.try_get::<Option<&str>, _>(at)?.unwrap_or_default().as_bytes());
    }
    Ok(Row { fields, time: row.try_get(columns)? })
}
