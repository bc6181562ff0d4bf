//! Calls a second through HTTP into TimescaleDB, durable before acknowledged; against one raw binary `COPY` of the very same
//! rows, from memory, into the same table with the same indexes, as durable.

use crate::database::{Cluster, connect, run as execute};
use crate::load::{CALLS_A_BODY, bodies, post_all, record};
use crate::process::Server;
use futures_util::TryStreamExt;
use sqlx::postgres::PgConnection;
use std::time::{Duration, Instant};

/// What is timed; and what goes before, so that the server is not timed at its first touch of code and tables.
const CALLS: usize = 120_000;
const WARM: usize = CALLS_A_BODY;
const ROUNDS: usize = 5;
/// The aim of the issue.
const AIM: f64 = 0.35;
/// A message of the protocol, as clients send them.
const MESSAGE: usize = 256 * 1024;

struct Round {
    through: Duration,
    cpu: Duration,
    bare: Bare,
}

struct Bare {
    took: Duration,
    bytes: usize,
    indexes: i64,
}

impl Bare {
    fn per_second(&self) -> f64 {
        per_second(WARM + CALLS, self.took)
    }
}

impl Round {
    fn ratio(&self) -> f64 {
        per_second(CALLS, self.through) / self.bare.per_second()
    }
}

pub fn run() -> Result<(), String> {
    let cluster = Cluster::there()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(round(&cluster, &runtime)?);
    }
    rounds.sort_by(|a, b| a.ratio().total_cmp(&b.ratio()));
    let [low, .., high] = rounds.as_slice() else { return Err("no rounds".to_owned()) };
    let median = &rounds[ROUNDS / 2];
    println!(
        "ingest into TimescaleDB, one call.record a call: {:.0} calls/s through HTTP ({:.1} µs of the server's CPU a call), {:.0}/s raw binary COPY: ratio {:.2} ({:.2} to {:.2}, {ROUNDS} rounds; aim {AIM})",
        per_second(CALLS, median.through),
        median.cpu.as_secs_f64() * 1e6 / f64::from(u32::try_from(CALLS).unwrap_or(u32::MAX)),
        median.bare.per_second(),
        median.ratio(),
        low.ratio(),
        high.ratio()
    );
    println!(
        "  COPY: the same {} rows of {} bytes into the same table with its {} indexes, one transaction, durable; {}",
        WARM + CALLS,
        median.bare.bytes / (WARM + CALLS),
        median.bare.indexes,
        runtime.block_on(cluster.version())?
    );
    Ok(())
}

#[allow(clippy::cast_precision_loss)]
fn per_second(calls: usize, took: Duration) -> f64 {
    calls as f64 / took.as_secs_f64()
}

fn round(cluster: &Cluster, runtime: &tokio::runtime::Runtime) -> Result<Round, String> {
    let mut bodies = bodies(WARM + CALLS, record).into_iter();
    let address = runtime.block_on(cluster.database("floor"))?;
    let server = Server::on("serve", &address)?;
    post_all(server.port, bodies.by_ref().take(1))?;
    let before = server.cpu()?;
    let through = post_all(server.port, bodies)?;
    let cpu = server.cpu()?.saturating_sub(before);
    drop(server);
    // In the same round, so that a busy machine slows both.
    let bare = runtime.block_on(copy(&address))?;
    Ok(Round { through, cpu, bare })
}

/// Takes the calls out, and puts them back.
async fn copy(address: &str) -> Result<Bare, String> {
    let mut db = connect(address).await?;
    let rows = rows(&mut db).await.map_err(|e| e.to_string())?;
    execute(&mut db, "truncate calls").await?;
    // What was written through HTTP is on the disk; it is none of what is measured now.
    execute(&mut db, "checkpoint").await?;
    let (copied, took) = put(&mut db, &rows).await.map_err(|e| e.to_string())?;
    if copied != (WARM + CALLS) as u64 {
        return Err(format!("{copied} calls were in the store, {} were sent", WARM + CALLS));
    }
    let indexes = sqlx::query_scalar("select count(*) from pg_indexes where tablename = 'calls'");
    let indexes = indexes.fetch_one(&mut db).await.map_err(|e| e.to_string())?;
    Ok(Bare { took, bytes: rows.len(), indexes })
}

async fn rows(db: &mut PgConnection) -> Result<Vec<u8>, sqlx::Error> {
    let mut out = db.copy_out_raw("copy (select * from calls order by id) to stdout (format binary)").await?;
    let mut rows = Vec::new();
    while let Some(part) = out.try_next().await? {
        rows.extend_from_slice(&part);
    }
    Ok(rows)
}

async fn put(db: &mut PgConnection, rows: &[u8]) -> Result<(u64, Duration), sqlx::Error> {
    let began = Instant::now();
    let mut copy = db.copy_in_raw("copy calls from stdin (format binary)").await?;
    for part in rows.chunks(MESSAGE) {
        copy.send(part).await?;
    }
    let copied = copy.finish().await?;
    Ok((copied, began.elapsed()))
}
