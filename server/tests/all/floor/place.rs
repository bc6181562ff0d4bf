//! Where a test's floor is kept: in each kind of store in turn, a database of its own that goes with the test.
//!
//! SQLite is always there. The others are where the environment says, which `end2end/postgres/bed.sh with` sets; where it
//! does not, their tests say so and are left out, but in CI, where all must be there.

#![allow(clippy::panic, clippy::unwrap_used, dead_code)]

use server::store::any::{self, Database};
use server::store::postgres::PostgresAddress;
use server::store::write::{Lead, WriteStore};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, TypeInfo, ValueRef};
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::OnceCell;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Timescale,
    Postgres,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Sqlite, Self::Timescale, Self::Postgres];
}

/// A database of its own.
#[derive(Debug)]
pub struct Place {
    pub kind: Kind,
    at: At,
}

#[derive(Debug)]
enum At {
    Folder(PathBuf),
    /// On a server, by the address of its maintenance database.
    Server {
        server: String,
        name: String,
    },
}

fn next() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("ringside_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The address with another database in it.
fn with_database(url: &str, name: &str) -> String {
    let (address, parameters) = url.split_once('?').map_or((url, None), |(address, rest)| (address, Some(rest)));
    let (server, _) = address.rsplit_once('/').unwrap();
    parameters.map_or_else(|| format!("{server}/{name}"), |rest| format!("{server}/{name}?{rest}"))
}

async fn connect(url: &str) -> PgConnection {
    url.parse::<PgConnectOptions>().unwrap().connect().await.unwrap()
}

async fn run(db: &mut PgConnection, sql: String) {
    sqlx::query(AssertSqlSafe(sql)).execute(db).await.unwrap();
}

impl Place {
    /// The embedded one, which is always there.
    pub fn sqlite() -> Self {
        let folder = std::env::temp_dir().join(next());
        std::fs::create_dir_all(&folder).unwrap();
        Self { kind: Kind::Sqlite, at: At::Folder(folder) }
    }

    /// `None` where there is no such store here; says so.
    pub async fn make(kind: Kind) -> Option<Self> {
        let variable = match kind {
            Kind::Sqlite => return Some(Self::sqlite()),
            Kind::Timescale => "RINGSIDE_TEST_TIMESCALE",
            Kind::Postgres => "RINGSIDE_TEST_POSTGRES",
        };
        let Ok(server) = std::env::var(variable) else {
            assert!(std::env::var("CI").is_err(), "in CI every store must be there, and {variable} is not set");
            // Not by `println`, which only a failing test shows.
            let _ = writeln!(std::io::stderr(), "left out: {variable} is not set (end2end/postgres/bed.sh with …)");
            return None;
        };
        let template = template(kind, &server).await;
        let name = next();
        run(&mut connect(&server).await, format!("create database {name} template {template}")).await;
        Some(Self { kind, at: At::Server { server, name } })
    }

    /// The name of another database on the same server, not yet made.
    pub fn beside(other: &Self) -> Self {
        let At::Server { server, .. } = &other.at else { unreachable!("it is a file") };
        Self { kind: other.kind, at: At::Server { server: server.clone(), name: next() } }
    }

    /// The address of its server's maintenance database, and its name there.
    pub fn on_server(&self) -> (&str, &str) {
        match &self.at {
            At::Server { server, name } => (server, name),
            At::Folder(_) => unreachable!("it is a file"),
        }
    }

    /// Its address, as on the command line.
    pub fn address(&self) -> String {
        match &self.at {
            At::Folder(folder) => format!("sqlite:{}", folder.join("floor.db").display()),
            At::Server { server, name } => with_database(server, name),
        }
    }

    pub fn database(&self) -> Database {
        database(&self.address())
    }

    /// A look into the database itself.
    pub async fn look(&self) -> Look {
        look(&self.address()).await
    }
}

pub fn database(address: &str) -> Database {
    match address.strip_prefix("sqlite:") {
        Some(path) => Database::Sqlite(path.into()),
        None => Database::Postgres(PostgresAddress::new(address, None).unwrap()),
    }
}

pub async fn look(address: &str) -> Look {
    match address.strip_prefix("sqlite:") {
        Some(path) => Look::Sqlite(SqliteConnectOptions::new().filename(path).connect().await.unwrap()),
        None => Look::Postgres(connect(address).await),
    }
}

/// A database with all its tables, made once a process: a copy of it takes a fraction of the time.
async fn template(kind: Kind, server: &str) -> &'static str {
    static TIMESCALE: OnceCell<String> = OnceCell::const_new();
    static POSTGRES: OnceCell<String> = OnceCell::const_new();
    let cell = if kind == Kind::Timescale { &TIMESCALE } else { &POSTGRES };
    cell.get_or_init(|| async {
        let name = format!("{}_template", next());
        run(&mut connect(server).await, format!("create database {name}")).await;
        let address = with_database(server, &name);
        if kind == Kind::Timescale {
            run(&mut connect(&address).await, "create extension timescaledb".to_owned()).await;
        }
        let (_, reader) = any::open(&database(&address), chrono_tz::UTC).await.unwrap();
        let expected = if kind == Kind::Timescale { "timescaledb " } else { "postgresql " };
        assert!(reader.kind().starts_with(expected), "{}", reader.kind());
        let mut db = connect(&address).await;
        // Each test chooses a zone.
        run(&mut db, "delete from meta where name = 'zone'".to_owned()).await;
        db.close().await.unwrap();
        name
    })
    .await
}

impl Drop for Place {
    fn drop(&mut self) {
        match &self.at {
            At::Folder(folder) => drop(std::fs::remove_dir_all(folder)),
            At::Server { server, name } => {
                let (server, name) = (server.clone(), name.clone());
                // Of its own, for we may be within another, or unwinding.
                let gone = std::thread::spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                    runtime.block_on(async {
                        let Ok(options) = server.parse::<PgConnectOptions>() else { return };
                        let Ok(mut db) = options.connect().await else { return };
                        let sql = AssertSqlSafe(format!("drop database if exists {name} with (force)"));
                        drop(sqlx::query(sql).execute(&mut db).await);
                    });
                });
                drop(gone.join());
            }
        }
    }
}

/// Takes the lead; the one before may have ended a moment ago, and the database not yet have noticed.
pub async fn until_led(writer: &mut impl WriteStore) {
    let until = Instant::now() + Duration::from_secs(5);
    while writer.lead().await.unwrap() == Lead::Elsewhere {
        assert!(Instant::now() < until, "somebody else leads");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Plain SQL, whatever the database.
#[derive(Debug)]
pub enum Look {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    Null,
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Field {
    pub fn number(&self) -> i64 {
        self.optional_number().unwrap()
    }

    pub fn optional_number(&self) -> Option<i64> {
        match self {
            Self::Number(n) => Some(*n),
            Self::Null => None,
            Self::Text(_) | Self::Bytes(_) => panic!("{self:?} is no number"),
        }
    }

    pub fn text(&self) -> String {
        self.optional_text().unwrap()
    }

    pub fn optional_text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Null => None,
            Self::Number(_) | Self::Bytes(_) => panic!("{self:?} is no text"),
        }
    }

    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Null | Self::Number(_) | Self::Text(_) => panic!("{self:?} is no bytes"),
        }
    }
}

impl Look {
    /// All rows of a query.
    pub async fn rows(&mut self, sql: &str) -> Vec<Vec<Field>> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(db) => sqlx::query(sql).fetch_all(db).await.unwrap().iter().map(of_sqlite).collect(),
            Self::Postgres(db) => sqlx::query(sql).fetch_all(db).await.unwrap().iter().map(of_postgres).collect(),
        }
    }

    pub async fn run(&mut self, sql: &str) {
        self.try_run(sql).await.unwrap();
    }

    pub async fn try_run(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(db) => sqlx::query(sql).execute(db).await.map(drop),
            Self::Postgres(db) => sqlx::query(sql).execute(db).await.map(drop),
        }
    }

    /// The one number that a query answers.
    pub async fn number(&mut self, sql: &str) -> i64 {
        self.rows(sql).await[0][0].number()
    }
}

fn of_sqlite(row: &SqliteRow) -> Vec<Field> {
    let field = |at: usize| {
        let value = row.try_get_raw(at).unwrap();
        // Of a null the driver tells the column's type.
        if value.is_null() {
            return Field::Null;
        }
        let kind = value.type_info().name().to_owned();
        match kind.as_str() {
            "INTEGER" => Field::Number(row.get(at)),
            "BLOB" => Field::Bytes(row.get(at)),
            _ => Field::Text(row.get(at)),
        }
    };
    (0..row.len()).map(field).collect()
}

fn of_postgres(row: &PgRow) -> Vec<Field> {
    let field = |at: usize| {
        let value = row.try_get_raw(at).unwrap();
        if value.is_null() {
            return Field::Null;
        }
        let kind = value.type_info().name().to_owned();
        match kind.as_str() {
            "INT8" => Field::Number(row.get(at)),
            "BOOL" => Field::Number(i64::from(row.get::<bool, _>(at))),
            "BYTEA" => Field::Bytes(row.get(at)),
            _ => Field::Text(row.get(at)),
        }
    };
    (0..row.len()).map(field).collect()
}

/// Runs each story once in every kind of store there is.
#[allow(unused_macros)]
macro_rules! on_every_store {
    ($($story:ident)*) => {$(
        mod $story {
            async fn run(kind: crate::floor::place::Kind) {
                if let Some(place) = crate::floor::place::Place::make(kind).await {
                    super::$story(place).await;
                }
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                run(crate::floor::place::Kind::Sqlite).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn timescale() {
                run(crate::floor::place::Kind::Timescale).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                run(crate::floor::place::Kind::Postgres).await;
            }
        }
    )*};
}
#[allow(unused_imports)]
pub(crate) use on_every_store;
