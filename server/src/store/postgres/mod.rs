//! The store on PostgreSQL 15 and newer, with TimescaleDB where the database has it.
//!
//! Owns the connections, the schema and the lead: of the servers on one database one writes, on a connection that holds an
//! advisory lock for life, so that whoever loses the connection loses the lead with it. `writer` and `reader` implement the
//! store's two traits; `calls`, `rollups`, `agents`, `samples` and `settings` hold the SQL of their tables.

mod address;
mod agents;
mod audit;
mod audit_log;
mod calls;
mod cells;
mod clear;
mod compression;
mod erase;
mod finder;
mod follow;
mod history;
mod hung;
#[cfg(target_os = "linux")]
mod nodelay;
mod past;
mod reader;
mod rollups;
mod samples;
mod settings;
mod writer;

pub use address::PostgresAddress;
pub(super) use address::shown;
pub use audit::{PostgresAudit, audit, rebuild, stored_zone};
pub use audit_log::PostgresAuditLog;
pub use erase::erase;
pub use finder::PostgresFinder;
pub use reader::PostgresStore;
pub use writer::PostgresWriter;

use super::write::Lead;
use super::{EDITION, StoreError, erase as pseudonyms, migrations};
use crate::kit::mask::Secret;
use crate::law;
use chrono_tz::Tz;
use sqlx::migrate::MigrateError;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, Executor, Row};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A server that does not let us in within this is away; nor does a read wait longer for its connection.
const CONNECT: Duration = Duration::from_secs(5);
/// Reads at a time; more wait their turn. A read is mostly the database's work, and it has its own cores.
const READERS: u32 = 8;

/// A server that has just ended may hold the lead for so much longer: until the database has noticed.
const LEAD_WITHIN: Duration = Duration::from_secs(3);
const LEAD_EVERY: Duration = Duration::from_millis(50);

/// What every connection is told. A host that vanishes is noticed within ten seconds, so that its lock is released.
const SESSION: &str = "set tcp_keepalives_idle = 4; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 2; \
     set tcp_user_timeout = 8000; set jit = off; set plan_cache_mode = force_custom_plan";
/// Looking calls up: always by an index, since a day's chunk has no statistics while it is new, and is then believed so small
/// that all of it may as well be read.
const LOOKING_UP: &str = "set enable_seqscan = off";
/// Writing: what was acknowledged is on the disk, whatever the server's default.
/// One transaction may change as many compressed calls as it must.
const WRITING: &str = "select set_config('synchronous_commit', 'on', false) \
     where current_setting('synchronous_commit') = 'off'; \
     select set_config(name, '0', false) from pg_settings where name = 'timescaledb.max_tuples_decompressed_per_dml_transaction'";
/// Reading: nothing is changed by it, and it ends.
const READING: &str = "set default_transaction_read_only = on; set statement_timeout = 30000";

/// What TimescaleDB's licence lets one use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edition {
    Apache,
    Community,
    Unknown,
}

impl Edition {
    fn of(license: Option<&str>) -> Self {
        match license {
            Some("apache") => Self::Apache,
            Some("timescale") => Self::Community,
            Some(_) | None => Self::Unknown,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Apache => "apache",
            Self::Community => "community",
            Self::Unknown => "unknown",
        }
    }
}

/// How the tables that grow are kept; decided when they were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// In chunks by time, which go as a whole.
    Hypertables,
    Plain,
}

/// Opens the database, making its tables where there are none. It may be standing by: `WriteStore::lead` says.
///
/// # Errors
/// If the database can't be reached, its schema is newer than this program's, or it was made for another site zone.
pub async fn open(address: &PostgresAddress, zone: Tz) -> Result<(PostgresWriter, PostgresStore), StoreError> {
    let options = address.options.as_ref().clone().disable_statement_logging();
    let mut db = connect(&options).await?;
    migrate(&mut db).await?;
    check_zone(&mut db, zone).await?;
    let secret = secret(&mut db).await?;
    let (kind, layout) = found(&mut db).await?;
    warn_of_durability(&mut db).await?;
    db.close().await?;
    let readers = PgPoolOptions::new().max_connections(READERS).acquire_timeout(CONNECT).after_connect(|db, _| {
        Box::pin(async move {
            db.execute(SESSION).await?;
            db.execute(READING).await?;
            Ok(())
        })
    });
    let reader = PostgresStore::new(readers.connect_lazy_with(options.clone()), zone, kind, secret);
    Ok((PostgresWriter::new(options, layout, zone), reader))
}

/// Opens a database for nobody else, with the lead.
///
/// # Errors
/// If it can't be reached, has none of our tables, a server leads on it, or its schema is newer than this program's.
async fn alone(address: &PostgresAddress) -> Result<PgConnection, StoreError> {
    let mut db = connect(&address.options.as_ref().clone().disable_statement_logging()).await?;
    audit::version(&mut db).await?;
    migrate(&mut db).await?;
    let until = Instant::now() + LEAD_WITHIN;
    while follow::lead(&mut db).await? == Lead::Elsewhere {
        if Instant::now() >= until {
            return Err(StoreError::InUse(address.to_string()));
        }
        tokio::time::sleep(LEAD_EVERY).await;
    }
    Ok(db)
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection, StoreError> {
    let connecting = async {
        let mut db = options.connect().await?;
        #[cfg(target_os = "linux")]
        if options.get_socket().is_none()
            && let Err(error) = nodelay::send_at_once(options.get_port())
        {
            tracing::debug!(%error, "what is sent to the database may wait for its acknowledgements");
        }
        db.execute(SESSION).await?;
        Ok::<_, sqlx::Error>(db)
    };
    match tokio::time::timeout(CONNECT, connecting).await {
        Ok(connected) => Ok(connected?),
        Err(_) => Err(StoreError::Away(format!("no answer within {} s", CONNECT.as_secs()))),
    }
}

/// The newest schema that this program knows.
fn known() -> i64 {
    migrations::newest(migrations::TIMESCALE)
}

/// Under a lock of the driver's: of several servers that start at once one makes the tables, the others wait for it.
async fn migrate(db: &mut PgConnection) -> Result<(), StoreError> {
    let known = known();
    match migrations::timescale().run(db).await {
        Ok(()) => Ok(()),
        // What the database has and we don't know of was made by a later version.
        Err(MigrateError::VersionMissing(found)) => Err(StoreError::NewerSchema { found, known }),
        Err(other) => Err(StoreError::Database(other.into())),
    }
}

/// The secret of this store's pseudonyms, made by whoever opens it first.
async fn secret(db: &mut PgConnection) -> Result<Secret, StoreError> {
    let put = sqlx::query("insert into meta (name, value) values ($1, $2) on conflict (name) do nothing");
    put.bind(pseudonyms::KEY).bind(pseudonyms::fresh_key()?).execute(&mut *db).await?;
    let find = sqlx::query_scalar("select value from meta where name = $1").bind(pseudonyms::KEY);
    let text: String = find.fetch_one(db).await?;
    pseudonyms::read_key(&text)
}

/// Days are the site's: sums by day made for one zone mean nothing in another.
async fn check_zone(db: &mut PgConnection, zone: Tz) -> Result<(), StoreError> {
    // Whose zone is noted holds sums already: by what edition of the law is for who made them to say.
    let put = sqlx::query(
        "with first as (insert into meta (name, value) values ('zone', $1) on conflict (name) do nothing returning 1) \
         insert into meta (name, value) select $2, $3 from first on conflict (name) do nothing",
    );
    put.bind(zone.name()).bind(EDITION).bind(law::EDITION.to_string()).execute(&mut *db).await?;
    let stored: String = sqlx::query_scalar("select value from meta where name = 'zone'").fetch_one(db).await?;
    if stored == zone.name() {
        return Ok(());
    }
    Err(StoreError::OtherZone { stored, configured: zone.name().to_owned() })
}

/// What was found, in words, and the layout of the tables.
async fn found(db: &mut PgConnection) -> Result<(Arc<str>, Layout), StoreError> {
    let row = sqlx::query(
        "select current_setting('server_version'), current_setting('timescaledb.license', true), \
         (select extversion from pg_extension where extname = 'timescaledb'), \
         (select value from meta where name = 'layout')",
    )
    .fetch_one(&mut *db)
    .await?;
    let version: String = row.try_get(0)?;
    let version = version.split(' ').next().unwrap_or_default();
    let extension: Option<String> = row.try_get(2)?;
    let layout: Option<String> = row.try_get(3)?;
    if layout.as_deref() != Some("hypertables") {
        return Ok((format!("postgresql {version}").into(), Layout::Plain));
    }
    let Some(extension) = extension else {
        return Err(StoreError::Unreadable("its tables are TimescaleDB's, and the extension is gone".to_owned()));
    };
    let edition = Edition::of(row.try_get::<Option<String>, _>(1)?.as_deref());
    compression::set_up(db, edition).await;
    let short: Vec<_> = extension.split('.').take(2).collect();
    Ok((format!("timescaledb {} ({})", short.join("."), edition.word()).into(), Layout::Hypertables))
}

async fn warn_of_durability(db: &mut PgConnection) -> Result<(), StoreError> {
    let fsync: String = sqlx::query_scalar("select current_setting('fsync')").fetch_one(db).await?;
    if fsync == "off" {
        tracing::warn!("the database runs with fsync off: what is acknowledged may be lost with its power");
    }
    Ok(())
}
