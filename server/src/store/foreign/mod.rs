//! Tables of others' databases, read for `ringside import`: a PBX's records where it keeps them itself.
//!
//! A table is read in pages, in the order of the column that tells the time: each page is a statement of its own that begins
//! where the one before ended, so that no lock is held for long, memory is bounded by a page, and reading can begin anywhere.
//! Whatever a column's type, it comes as text, as a file would have it. Nothing is ever written there.

mod mysql;
mod postgres;

use super::postgres::PostgresAddress;
use csv::{ByteRecord, StringRecord};
use sqlx::mysql::MySqlConnectOptions;
use std::fmt;

/// Rows of a page; more only where more of them have one time.
const PAGE: u32 = 5_000;
/// A page does not grow beyond this: a column in which so many rows have one value is none that tells the time.
const LONGEST_PAGE: u32 = 320_000;
/// What decides the order of rows of one time, where the table has it.
const ORDERING: [&str; 3] = ["id", "sequence", "uniqueid"];

#[derive(Debug, thiserror::Error)]
pub enum ForeignError {
    /// Never tells the address: there may be a password in it.
    #[error("{0}")]
    Address(String),
    #[error("{0}")]
    Database(#[from] sqlx::Error),
    #[error("there is no table `{0}`, or it may not be read")]
    NoTable(String),
    #[error("the table has no column `{0}`")]
    NoColumn(String),
    #[error("more than {LONGEST_PAGE} rows have {0} in common: it can't be the column that tells when a call was")]
    OneTime(String),
}

/// Where a table is. Shows itself without a password, also to a log of what went wrong.
#[derive(Clone)]
pub enum ForeignAddress {
    MySql { options: Box<MySqlConnectOptions>, shown: String },
    Postgres(PostgresAddress),
}

impl ForeignAddress {
    /// Reads `mysql://user@host/database` or `postgres://user@host/database`; a password given beside goes before one in it.
    ///
    /// # Errors
    /// Why it can't be read, without quoting it.
    pub fn new(url: &str, password: Option<&str>) -> Result<Self, ForeignError> {
        let wrong = |why: &str| ForeignError::Address(why.to_owned());
        match url.split_once("://").map(|(scheme, _)| scheme) {
            Some("postgres" | "postgresql") => {
                PostgresAddress::new(url, password).map(Self::Postgres).map_err(ForeignError::Address)
            }
            Some("mysql" | "mariadb") => {
                let options: MySqlConnectOptions = url
                    .replacen("mariadb://", "mysql://", 1)
                    .parse()
                    .map_err(|_| wrong("is no address like mysql://user@host:3306/asteriskcdrdb"))?;
                let options = password.map_or(options.clone(), |password| options.password(password));
                let shown = super::postgres::shown(url);
                Ok(Self::MySql { options: Box::new(options), shown })
            }
            _ => Err(wrong("must begin with mysql:// or postgres://")),
        }
    }
}

impl fmt::Debug for ForeignAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for ForeignAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MySql { shown, .. } => f.write_str(shown),
            Self::Postgres(address) => address.fmt(f),
        }
    }
}

/// A column as its database knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Column {
    name: String,
    type_name: String,
}

/// A row, and its time as the database writes it.
struct Row {
    fields: ByteRecord,
    time: String,
}

/// A page to ask for.
struct Wanted<'a> {
    time: &'a Column,
    columns: &'a [Column],
    /// From this time on; from the first where there is none.
    from: Option<&'a str>,
    rows: u32,
}

impl Wanted<'_> {
    /// The columns that order it, after the time.
    fn ordering(&self) -> impl Iterator<Item = &str> {
        let named = |name: &str| self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name));
        ORDERING.into_iter().filter_map(named).map(|column| column.name.as_str())
    }
}

enum Connected {
    MySql(mysql::MySql),
    Postgres(postgres::Postgres),
}

/// A table that is being read.
pub struct Table {
    connected: Connected,
    columns: Vec<Column>,
    time: usize,
    from: Option<String>,
    ended: bool,
}

impl Table {
    /// Opens a table, `schema.name` where it is not of the database's own.
    ///
    /// # Errors
    /// If the database can't be reached, or has no such table.
    pub async fn open(address: &ForeignAddress, table: &str) -> Result<Self, ForeignError> {
        let (connected, columns) = match address {
            ForeignAddress::MySql { options, .. } => {
                let mut db = mysql::MySql::connect(options, table).await?;
                let columns = db.columns().await?;
                (Connected::MySql(db), columns)
            }
            ForeignAddress::Postgres(address) => {
                let mut db = postgres::Postgres::connect(address, table).await?;
                let columns = db.columns().await?;
                (Connected::Postgres(db), columns)
            }
        };
        if columns.is_empty() {
            return Err(ForeignError::NoTable(table.to_owned()));
        }
        Ok(Self { connected, columns, time: 0, from: None, ended: false })
    }

    /// The names of its columns, as a file's header would have them.
    #[must_use]
    pub fn header(&self) -> StringRecord {
        self.columns.iter().map(|column| column.name.as_str()).collect()
    }

    /// Which column tells the time, and from when on it is read: as the database writes it.
    ///
    /// # Errors
    /// If there is no such column.
    pub fn begin(&mut self, time: &str, from: Option<&str>) -> Result<(), ForeignError> {
        let at = self.columns.iter().position(|column| column.name == time);
        self.time = at.ok_or_else(|| ForeignError::NoColumn(time.to_owned()))?;
        self.from = from.map(str::to_owned);
        Ok(())
    }

    /// How many rows there are to read; those without a time, which are not read, are the second number.
    ///
    /// # Errors
    /// If the database can't tell.
    pub async fn count(&mut self) -> Result<(u64, u64), ForeignError> {
        let time = &self.columns[self.time];
        match &mut self.connected {
            Connected::MySql(db) => db.count(time, self.from.as_deref()).await,
            Connected::Postgres(db) => db.count(time, self.from.as_deref()).await,
        }
    }

    /// The next rows, and from when on what follows them is read again; none at the end.
    ///
    /// # Errors
    /// If they can't be read.
    pub async fn page(&mut self) -> Result<Option<(Vec<ByteRecord>, Option<String>)>, ForeignError> {
        if self.ended {
            return Ok(None);
        }
        let mut rows = PAGE;
        loop {
            let time = &self.columns[self.time];
            let wanted = Wanted { time, columns: &self.columns, from: self.from.as_deref(), rows };
            let found = match &mut self.connected {
                Connected::MySql(db) => db.page(&wanted).await?,
                Connected::Postgres(db) => db.page(&wanted).await?,
            };
            let last = found.last().map(|row| row.time.clone());
            let whole = if (found.len() as u64) < u64::from(rows) {
                self.ended = true;
                found.len()
            } else {
                // Of the last time there may be more: it is read again, at the beginning of the next page.
                found.iter().position(|row| Some(&row.time) == last.as_ref()).unwrap_or_default()
            };
            if whole == 0 && !self.ended {
                if rows >= LONGEST_PAGE {
                    return Err(ForeignError::OneTime(time.name.clone()));
                }
                rows *= 4;
                continue;
            }
            self.from = last.or_else(|| self.from.take());
            let rows = found.into_iter().take(whole).map(|row| row.fields).collect();
            return Ok(Some((rows, self.from.clone())));
        }
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("columns", &self.columns).field("from", &self.from).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password_and_a_wrong_one_not_at_all() {
        for (url, shown) in [
            ("mysql://ann:s3cr3t@db:3307/asteriskcdrdb", "mysql://ann@db:3307/asteriskcdrdb"),
            ("mariadb://ann@db/cdr?socket=/run/x&password=s3cr3t", "mariadb://ann@db/cdr"),
            ("postgres://ann:s3cr3t@db/cdr", "postgres://ann@db/cdr"),
        ] {
            let address = ForeignAddress::new(url, Some("s3cr3t")).unwrap();
            assert_eq!(address.to_string(), shown);
            assert!(!format!("{address:?}").contains("s3cr3t"), "{address:?}");
        }
        for wrong in ["mysql://ann:s3cr3t@db:port/x", "http://ann:s3cr3t@db", "s3cr3t"] {
            assert!(!ForeignAddress::new(wrong, None).unwrap_err().to_string().contains("s3cr3t"));
        }
    }
}
