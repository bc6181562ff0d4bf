//! The calls that are sent: 5,000 DIDs, 50 campaigns, 500 agents, three in ten calls answered; and how they are sent.

use crate::client::Client;
use app::domain::{Moment, Span};
use std::fmt::Write as _;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const DIDS: usize = 5_000;
pub const CAMPAIGNS: usize = 50;
const AGENTS: usize = 500;
/// Calls a request; and requests under way at once.
pub const CALLS_A_BODY: usize = 4_000;
const SENDERS: usize = 3;

/// Writes the events of a call, by its number and its start.
pub type Writer = fn(&mut String, usize, Moment);

/// The server's clock is this machine's.
pub fn now() -> Moment {
    let micros = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros());
    Moment::from_micros(i64::try_from(micros).unwrap_or_default())
}

/// So many calls of the last 25 minutes, as they came.
pub fn bodies(calls: usize, write: Writer) -> Vec<Vec<u8>> {
    let start = now() - Span::minutes(30);
    let every = Span::minutes(25).as_millis() * 1_000 / i64::try_from(calls).unwrap_or(1);
    bodies_of(0..calls, start, every, write).collect()
}

/// Calls by their numbers, one each so many µs; a body is made when it is asked for.
pub fn bodies_of(
    calls: impl Iterator<Item = usize> + Send,
    start: Moment,
    every: i64,
    write: Writer,
) -> impl Iterator<Item = Vec<u8>> + Send {
    let mut calls = calls.peekable();
    std::iter::from_fn(move || {
        calls.peek()?;
        let mut body = String::new();
        for i in calls.by_ref().take(CALLS_A_BODY) {
            // Whole milliseconds, as dialers tell them.
            write(&mut body, i, start + Span::millis(i64::try_from(i).unwrap_or_default() * every / 1_000));
        }
        Some(body.into_bytes())
    })
}

/// Posts all of it, and waits until the last is acknowledged.
pub fn post_all(port: u16, bodies: impl Iterator<Item = Vec<u8>> + Send) -> Result<Duration, String> {
    let began = Instant::now();
    let queue = std::sync::Mutex::new(bodies);
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

/// A call at once.
pub fn record(out: &mut String, i: usize, start: Moment) {
    let made = made(i);
    let end = if made.answered { Ending::Bridged } else { Ending::Refused(480) };
    record_of(out, i, start, &made, end);
}

/// A call at once, of all that a trend shows: some abandoned, some refused by each class of code.
pub fn any_record(out: &mut String, i: usize, start: Moment) {
    let made = made(i);
    let spread = i.wrapping_mul(11_400_714_819_323_198_485) >> 32;
    let end = match (made.answered, spread % 40) {
        (true, 0) => Ending::Abandoned,
        (true, _) => Ending::Bridged,
        (false, code) => Ending::Refused([480, 486, 404, 503, 500, 603, 487, 480][code % 8]),
    };
    record_of(out, i, start, &made, end);
}

enum Ending {
    Bridged,
    Abandoned,
    Refused(u16),
}

fn record_of(out: &mut String, i: usize, start: Moment, made: &Made, end: Ending) {
    let Made { campaign, did, to, agent, .. } = made;
    let at = |ms| (start + Span::millis(ms)).to_rfc3339();
    let ended_at = at(match end {
        Ending::Bridged => 60_000,
        Ending::Abandoned => 14_000,
        Ending::Refused(_) => 20_000,
    });
    let _ = write!(
        out,
        r#"{{"specversion":"1.0","id":"r{i}","source":"bench","type":"call.record","time":"{ended_at}","data":{{"call_id":"c{i}","direction":"outbound","campaign":"campaign-{campaign}","mode":"predictive","route":"route-{}","from":"{did}","to":"{to}","attempt":1,"started_at":"{}","progress_at":"{}","ended_at":"{ended_at}""#,
        campaign % 6,
        at(0),
        at(1_500),
    );
    let _ = match end {
        Ending::Bridged => write!(
            out,
            r#","answered_at":"{}","by":"human","bridged_at":"{}","agent":"agent-{agent}","hung_up_by":"person"}}}}"#,
            at(9_000),
            at(9_800)
        ),
        Ending::Abandoned => {
            write!(out, r#","answered_at":"{}","by":"human","hung_up_by":"person"}}}}"#, at(9_000))
        }
        Ending::Refused(480) => write!(out, r#","outcome":"no_answer","sip_code":480}}}}"#),
        Ending::Refused(code) => write!(out, r#","sip_code":{code}}}}}"#),
    };
    out.push('\n');
}

/// A call as it goes on.
pub fn five_events(out: &mut String, i: usize, start: Moment) {
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
