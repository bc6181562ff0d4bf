//! Calls a second through HTTP, JSON, merge, facts and rollups into SQLite, durable before acknowledged; against the
//! fastest bulk insert of the very same rows (`limit`). One `call.record` a call, and five events a call; 5,000 DIDs.

use crate::limit;
use crate::load::{CALLS_A_BODY, Writer, bodies, five_events, post_all, record};
use crate::process::Server;
use std::time::Duration;

/// What is timed; and what goes before, so that neither side is timed at its first touch of code, tables and memory.
const CALLS: usize = 120_000;
const WARM: usize = CALLS_A_BODY;
const ROUNDS: usize = 5;
/// The aim of the issue.
const AIM: f64 = 0.35;

#[allow(clippy::cast_precision_loss)]
pub fn run() -> Result<(), String> {
    for (name, write) in [("one call.record a call", record as Writer), ("five events a call", five_events as Writer)] {
        let mut ratios = Vec::new();
        for _ in 0..ROUNDS {
            let mut bodies = bodies(WARM + CALLS, write).into_iter();
            let server = Server::start("serve")?;
            post_all(server.port, bodies.by_ref().take(1))?;
            let before = server.cpu()?;
            let through = per_second(post_all(server.port, bodies)?);
            let cpu = server.cpu()?.saturating_sub(before);
            // In the same round and from the same database, so that a busy machine slows both.
            let bare = limit::bulk_insert(&server.folder.join("bench.db"), WARM, WARM + CALLS)?;
            ratios.push((through / per_second(bare.took), through, cpu, bare));
        }
        ratios.sort_by(|a, b| a.0.total_cmp(&b.0));
        let [low, .., high] = ratios.as_slice() else { return Err("no rounds".to_owned()) };
        let (ratio, through, cpu, bare) = &ratios[ratios.len() / 2];
        println!(
            "ingest, {name}: {through:.0} calls/s through HTTP ({:.1} µs of the server's CPU a call), {:.0}/s bare bulk insert: ratio {ratio:.2} ({:.2} to {:.2}, {ROUNDS} rounds; aim {AIM})",
            cpu.as_secs_f64() * 1e6 / CALLS as f64,
            per_second(bare.took),
            low.0,
            high.0
        );
        println!(
            "  bare: {} rows of {} columns with {} bytes, {} indexes beside the table, one transaction, nothing synced",
            bare.rows,
            bare.columns,
            bare.bytes / bare.rows,
            bare.indexes
        );
    }
    Ok(())
}

#[allow(clippy::cast_precision_loss)]
fn per_second(took: Duration) -> f64 {
    CALLS as f64 / took.as_secs_f64()
}
