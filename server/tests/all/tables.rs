//! Tables of a real MariaDB and a real PostgreSQL, imported by the built program: their rows tell what a file of them tells.
//!
//! They are where the environment says, which `end2end/mariadb/bed.sh with` and `end2end/postgres/bed.sh with` set; where it
//! does not, the tests say so and are left out, but in CI, where all must be there.
#![allow(clippy::unwrap_used)]

use app::domain::{Call, Moment};
use server::store::any::{self, Database};
use server::store::read::{CallCursor, CallQuery, Reader};
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// More rows than a page holds, several at each second.
const ROWS: i64 = 12_345;
const SECOND: i64 = 4;

/// The address that a variable names; says so where none does.
fn server(variable: &str, bed: &str) -> Option<String> {
    let found = std::env::var(variable).ok();
    if found.is_none() {
        assert!(std::env::var("CI").is_err(), "in CI every database must be there, and {variable} is not set");
        // Not by `println`, which only a failing test shows.
        let _ = writeln!(std::io::stderr(), "left out: {variable} is not set ({bed} with …)");
    }
    found
}

/// An address without its password, with another database, and the password.
fn parted(url: &str, database: &str) -> (String, String) {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (authority, _) = rest.split_once('/').unwrap();
    let (user, host) = authority.rsplit_once('@').unwrap();
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    (format!("{scheme}://{user}@{host}/{database}"), password.replace("%20", " "))
}

struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("ringside.toml"), "[retention]\ncalls_days = 36500\n").unwrap();
        Self { folder }
    }

    fn import(&self, args: &[&str], password: &str) -> Output {
        let mapping = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shapes/freepbx.toml");
        let mut command = Command::new(env!("CARGO_BIN_EXE_ringside"));
        command.arg("import").args(args).args(["--database", "sqlite:floor.db", "--config", "ringside.toml"]);
        command.arg("--mapping").arg(mapping).current_dir(self.folder.path()).env_clear().stdin(Stdio::null());
        command.env("RINGSIDE_IMPORT_PASSWORD", password).output().unwrap()
    }

    async fn calls(&self) -> BTreeMap<String, Call> {
        let database = Database::Sqlite(self.folder.path().join("floor.db"));
        let (_writer, reader) = any::open(&database, chrono_tz::UTC).await.unwrap();
        let mut calls = BTreeMap::new();
        let mut query = CallQuery { limit: 1_000, ..CallQuery::default() };
        loop {
            let page = reader.calls(&query).await.unwrap();
            let Some(last) = page.last() else { return calls };
            query.cursor = Some(CallCursor { filed_at: last.filed_at, name: last.name.clone() });
            calls.extend(page.iter().map(|filed| (filed.name.call_id.to_string(), filed.call.clone())));
        }
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// When a row's call began, in seconds of 1970.
fn began(row: i64) -> i64 {
    1_795_946_400 + row / SECOND
}

/// Rows as both databases take them, some at a time; one row in ten was never answered, one has no time.
fn inserts() -> Vec<String> {
    let wall = |row: i64| Moment::from_secs(began(row)).to_utc().format("%Y-%m-%d %H:%M:%S").to_string();
    let row = |row: i64| {
        let (disposition, billsec) = if row % 10 == 0 { ("NO ANSWER", 0) } else { ("ANSWERED", 20) };
        format!("('{}', '12025550142', 30, {billsec}, '{disposition}', '{}.{row}', 'Zoë')", wall(row), began(row))
    };
    let rows: Vec<String> = (0..ROWS).map(row).collect();
    let columns = "calldate, dst, duration, billsec, disposition, uniqueid, clid";
    let all = rows.chunks(1_000).map(|rows| format!("insert into cdr ({columns}) values {}", rows.join(", ")));
    let without = format!("insert into cdr ({columns}) values (null, '12025550142', 30, 0, 'BUSY', '1.1', '')");
    all.chain([without]).collect()
}

const TABLE: &str = "create table cdr (calldate TIME null, dst varchar(80), duration int, billsec int, \
    disposition varchar(45), uniqueid varchar(32), clid varchar(80), accountcode varchar(20))";

/// Imports the table, sees all its calls once, and that neither the password nor a person's number was said.
async fn import(from: &str, password: &str) {
    let bench = Bench::new();
    let args = ["--from", from, "--table", "cdr"];
    let first = bench.import(&args, password);
    let words = said(&first);
    assert_eq!(first.status.code(), Some(0), "{words}");
    assert!(words.contains(&format!("cdr: {ROWS} rows: {ROWS} events new, 0 known already, 0 not taken")), "{words}");
    assert!(words.contains("1 rows have no `calldate` and are not read"), "{words}");
    assert!(password.is_empty() || !words.contains(password), "{words}");
    let calls = bench.calls().await;
    assert_eq!(calls.len(), usize::try_from(ROWS).unwrap());
    for row in [0, 1, 4_999, 5_000, 5_001, ROWS - 1] {
        let call = &calls[&format!("{}.{row}", began(row))];
        assert_eq!(call.started_at, Some(Moment::from_secs(began(row))), "{row}");
        assert_eq!(call.answered_at.is_some(), row % 10 != 0, "{row}");
        assert_eq!(call.to.get().unwrap().reveal(), "+12025550142");
    }
    let again = said(&bench.import(&args, password));
    assert!(again.contains(&format!("0 events new, {ROWS} known already")), "{again}");
    let since = Moment::from_secs(began(ROWS - 1)).to_utc().format("%Y-%m-%d %H:%M:%S").to_string();
    let since = said(&bench.import(&["--from", from, "--table", "cdr", "--since", &since], password));
    assert!(since.contains(&format!("cdr: {} rows: 0 events new", (ROWS - 1) % SECOND + 1)), "{since}");
    let none = bench.import(&["--from", from, "--table", "cdrs"], password);
    assert!(!none.status.success() && said(&none).contains("there is no table `cdrs`"), "{}", said(&none));
    let refused = bench.import(&["--from", &from.replace("://", "://nobody:s3cr3t@x-"), "--table", "cdr"], "");
    assert!(!refused.status.success() && !said(&refused).contains("s3cr3t"), "{}", said(&refused));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_mariadb_needs_no_export() {
    let Some(url) = server("RINGSIDE_TEST_MARIADB", "end2end/mariadb/bed.sh") else { return };
    let name = format!("ringside_{}", std::process::id());
    let mut db: MySqlConnection = url.parse::<MySqlConnectOptions>().unwrap().connect().await.unwrap();
    db.execute(AssertSqlSafe(format!("create database {name}"))).await.unwrap();
    db.execute(AssertSqlSafe(format!("use {name}"))).await.unwrap();
    db.execute(AssertSqlSafe(TABLE.replace("TIME", "datetime") + " engine = MyISAM")).await.unwrap();
    for rows in inserts() {
        db.execute(AssertSqlSafe(rows)).await.unwrap();
    }
    let (from, password) = parted(&url, &name);
    import(&from, &password).await;
    // A TIMESTAMP is a moment, whatever zone the file is said to be of.
    db.execute("alter table cdr modify calldate timestamp null").await.unwrap();
    import(&from, &password).await;
    db.execute(AssertSqlSafe(format!("drop database {name}"))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_postgresql_needs_no_export() {
    let Some(url) = server("RINGSIDE_TEST_POSTGRES", "end2end/postgres/bed.sh") else { return };
    let name = format!("ringside_table_{}", std::process::id());
    let mut maintenance: PgConnection = url.parse::<PgConnectOptions>().unwrap().connect().await.unwrap();
    maintenance.execute(AssertSqlSafe(format!("create database {name}"))).await.unwrap();
    let (from, password) = parted(&url, &name);
    for kind in ["timestamp", "timestamptz"] {
        let mut db: PgConnection = url.parse::<PgConnectOptions>().unwrap().database(&name).connect().await.unwrap();
        db.execute("drop table if exists cdr").await.unwrap();
        db.execute(AssertSqlSafe(TABLE.replace("TIME", kind))).await.unwrap();
        for rows in inserts() {
            db.execute(AssertSqlSafe(rows)).await.unwrap();
        }
        import(&from, &password).await;
    }
    maintenance.execute(AssertSqlSafe(format!("drop database {name} with (force)"))).await.unwrap();
}
