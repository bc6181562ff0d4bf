//! TimescaleDB for a bench, each time an empty database: of the server whose address is in the environment. `make bench`
//! starts one, durable as in earnest (`end2end/postgres/bed.sh with`), and ends it however the bench ends.

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};
use std::str::FromStr;

/// Where the server is, as its superuser; the tests find theirs by it too.
const ADDRESS: &str = "RINGSIDE_TEST_TIMESCALE";

pub struct Cluster {
    /// Without the database.
    base: String,
}

impl Cluster {
    /// # Errors
    /// If there is none.
    pub fn there() -> Result<Self, String> {
        let address = std::env::var(ADDRESS)
            .map_err(|_| format!("no TimescaleDB: `make bench` starts one, or {ADDRESS} names one"))?;
        let (base, _) = address.rsplit_once('/').ok_or_else(|| format!("{ADDRESS}: names no database"))?;
        Ok(Self { base: base.to_owned() })
    }

    /// An empty database with the extension; its address.
    pub async fn database(&self, name: &str) -> Result<String, String> {
        let mut admin = connect(&format!("{}/postgres", self.base)).await?;
        run(&mut admin, &format!("drop database if exists {name} with (force)")).await?;
        run(&mut admin, &format!("create database {name}")).await?;
        let address = format!("{}/{name}", self.base);
        run(&mut connect(&address).await?, "create extension timescaledb").await?;
        // What making it has written is none of what is measured.
        run(&mut admin, "checkpoint").await?;
        Ok(address)
    }

    /// What it is, in words.
    pub async fn version(&self) -> Result<String, String> {
        let mut db = connect(&format!("{}/postgres", self.base)).await?;
        let asked = "select 'PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1) || ', TimescaleDB ' || \
             (select default_version from pg_available_extensions where name = 'timescaledb') || ', fsync ' || current_setting('fsync')";
        sqlx::query_scalar(asked).fetch_one(&mut db).await.map_err(|e| e.to_string())
    }
}

pub async fn connect(address: &str) -> Result<PgConnection, String> {
    let options = PgConnectOptions::from_str(address).map_err(|e| e.to_string())?;
    options.disable_statement_logging().connect().await.map_err(|e| format!("{address}: {e}"))
}

pub async fn run(db: &mut PgConnection, sql: &str) -> Result<(), String> {
    db.execute(AssertSqlSafe(sql.to_owned())).await.map(drop).map_err(|e| format!("{sql}: {e}"))
}
