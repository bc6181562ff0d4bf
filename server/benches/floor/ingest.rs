//! Calls a second through HTTP, JSON, merge, facts and rollups into SQLite, durable before acknowledged; against the
//! fastest bulk insert of the very same rows (`limit`). One `call.record` a call, and five events a call; 5,000 DIDs.

use crate::client::Client;
use crate::limit;
use crate::process::Server;
use app::domain::{Moment, Span};
use std::fmt::Write as _;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const CALLS: usize = 120_000;
const DIDS: usize = 5_000;
const CAMPAIGNS: usize = 50;
const AGENTS: usize = 500;
/// Calls a request; and requests under way at once.
const CALLS_A_BODY: usize = 4_000;
const SENDERS: usize = 3;
const ROUNDS: usize = 5;
/// The aim of the issue.
const AIM: f64 = 0.35;

#[allow(clippy::cast_precision_loss)]
pub fn run() -> Result<(), String> {
    for (name, write) in [("one call.record a call", record as Writer), ("five events a call", five_events as Writer)] {
        let mut ratios = Vec::new();
        for _ in 0..ROUNDS {
            let bodies = bodies(write);
            let server = Server::start("serve")?;
            let before = server.cpu()?;
            let through = per_second(post_all(server.port, bodies)?);
            let cpu = server.cpu()?.saturating_sub(before);
            // In the same round and from the same database, so that a busy machine slows both.
            let bare = limit::bulk_insert(&server.folder.join("bench.db"), CALLS)?;
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

type Writer = fn(&mut String, usize, Moment);

fn bodies(write: Writer) -> Vec<Vec<u8>> {
    let micros = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros());
    let start = Moment::from_micros(i64::try_from(micros).unwrap_or_default()) - Span::minutes(30);
    let calls: Vec<usize> = (0..CALLS).collect();
    calls
        .chunks(CALLS_A_BODY)
        .map(|chunk| {
            let mut body = String::new();
            for i in chunk {
                // 25 minutes of calls, as they came.
                write(&mut body, *i, start + Span::millis((*i as i64) * 25 * 60_000 / CALLS as i64));
            }
            body.into_bytes()
        })
        .collect()
}

fn post_all(port: u16, bodies: Vec<Vec<u8>>) -> Result<Duration, String> {
    let began = Instant::now();
    let queue = std::sync::Mutex::new(bodies.into_iter());
    let results: Vec<Result<(), String>> = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..SENDERS)
            .map(|_| {
                scope.spawn(|| {
                    let mut client = Client::connect(port)?;
                    loop {
                        let Some(body) = queue.lock().map_err(|e| e.to_string())?.next() else { return Ok(()) };
                        let (status, said) = client.post(&body)?;
                        if status != 200 || !said.contains("\"rejected\":[]") {
                            return Err(format!("{status}: {}", &said[..said.len().min(300)]));
                        }
                    }
                })
            })
            .collect();
        senders.into_iter().map(|s| s.join().unwrap_or_else(|_| Err("a sender failed".to_owned()))).collect()
    });
    results.into_iter().collect::<Result<(), String>>()?;
    Ok(began.elapsed())
}

struct Made {
    campaign: usize,
    did: String,
    to: String,
    agent: usize,
    answered: bool,
}

fn made(i: usize) -> Made {
    // Spread by an odd multiplier, so that neighbours differ in everything.
    let spread = i.wrapping_mul(2_654_435_761) >> 4;
    Made {
        campaign: i % CAMPAIGNS,
        did: format!("+1202555{:04}", spread % DIDS),
        to: format!("+1{}{:07}", 212 + spread % 500, (spread / 7) % 10_000_000),
        agent: spread % AGENTS,
        answered: spread % 10 < 3,
    }
}

fn record(out: &mut String, i: usize, start: Moment) {
    let Made { campaign, did, to, agent, answered } = made(i);
    let at = |ms| (start + Span::millis(ms)).to_rfc3339();
    let end = if answered { 60_000 } else { 20_000 };
    let _ = write!(
        out,
        r#"{{"specversion":"1.0","id":"r{i}","source":"bench","type":"call.record","time":"{}","data":{{"call_id":"c{i}","direction":"outbound","campaign":"campaign-{campaign}","mode":"predictive","route":"route-{}","from":"{did}","to":"{to}","attempt":1,"started_at":"{}","progress_at":"{}","ended_at":"{}""#,
        at(end),
        campaign % 6,
        at(0),
        at(1_500),
        at(end)
    );
    let _ = if answered {
        write!(
            out,
            r#","answered_at":"{}","by":"human","bridged_at":"{}","agent":"agent-{agent}","hung_up_by":"person"}}}}"#,
            at(9_000),
            at(9_800)
        )
    } else {
        write!(out, r#","outcome":"no_answer","sip_code":480}}}}"#)
    };
    out.push('\n');
}

fn five_events(out: &mut String, i: usize, start: Moment) {
    let Made { campaign, did, to, agent, answered } = made(i);
    let mut event = |n: usize, kind: &str, ms: i64, more: &str| {
        let at = (start + Span::millis(ms)).to_rfc3339();
        let _ = writeln!(
            out,
            r#"{{"specversion":"1.0","id":"f{i}-{n}","source":"bench","type":"call.{kind}","time":"{at}","data":{{"call_id":"c{i}"{more}}}}}"#
        );
    };
    let route = campaign % 6;
    event(
        0,
        "started",
        0,
        &format!(
            r#","direction":"outbound","campaign":"campaign-{campaign}","mode":"predictive","route":"route-{route}","from":"{did}","to":"{to}","attempt":1"#
        ),
    );
    event(1, "progress", 1_500, "");
    if answered {
        event(2, "answered", 9_000, r#","by":"human""#);
        event(3, "bridged", 9_800, &format!(r#","agent":"agent-{agent}""#));
        event(4, "ended", 60_000, r#","hung_up_by":"person""#);
    } else {
        event(2, "updated", 5_000, r#","list":"list-1""#);
        event(3, "updated", 6_000, r#","metadata":{"try":"1"}"#);
        event(4, "ended", 20_000, r#","outcome":"no_answer","sip_code":480"#);
    }
}
