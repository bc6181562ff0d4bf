//! What a floor costs that nobody watches, with the live view's hour full: the demo's floor as it is sent and with its sender
//! stopped, and the design load (2,000 calls a second, 5,000 DIDs, 500 agents, 50 campaigns) likewise.

use crate::client::Client;
use crate::cores::{Side, on};
use crate::load::{bodies_of, five_events, now, post_all, record};
use crate::process::{Server, binary, wait};
use app::domain::{Moment, Span};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// So much of its past a floor sends first, and it has that long to do so.
const LEAD_MINUTES: &str = "65";
const CATCHES_UP: Duration = Duration::from_secs(300);
/// A floor has caught up when its newest event is no older than this, in seconds.
const FRESH: f64 = 3.0;
const MEASURED: Duration = Duration::from_secs(20);
/// What was just sent is written, folded and cleared away by then.
const SETTLES: Duration = Duration::from_secs(15);
/// Calls that fill the design load's hour: some to each number in each minute, and to each campaign and route in each ten
/// seconds. What a tick costs goes by these, not by how many calls are in them.
const HOUR_OF_CALLS: usize = 400_000;
const CALLS_A_SECOND: usize = 2_000;
/// From one body of events to the next.
const PACE: Duration = Duration::from_millis(100);
/// The aim of the issue, ms of CPU a second.
const DESIGN_AIM: u32 = 100;

/// `ringside simulate`, until dropped: a process of its own, whose CPU is none of the server's.
pub struct Floor(Child);

impl Floor {
    /// With the hour before it, which the server has taken when this returns.
    pub fn begin(server: &Server) -> Result<Self, String> {
        let to = format!("http://127.0.0.1:{}", server.port);
        let mut simulate = Command::new(binary());
        simulate.args(["simulate", "--to", &to, "--lead", LEAD_MINUTES]);
        simulate.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let floor = simulate.spawn().map(Self).map_err(|e| e.to_string())?;
        wait("the floor did not catch up", CATCHES_UP, || is_fresh(server.port))?;
        Ok(floor)
    }
}

fn is_fresh(port: u16) -> bool {
    let measures = Client::connect(port).and_then(|mut client| client.get("/metrics")).unwrap_or_default();
    let age = measures.lines().find_map(|line| line.strip_prefix("ringside_newest_event_age_seconds "));
    age.and_then(|age| age.parse::<f64>().ok()).is_some_and(|age| age < FRESH)
}

impl Drop for Floor {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

pub fn cpu_over(server: &Server, span: Duration) -> Result<Duration, String> {
    let before = server.cpu()?;
    let began = Instant::now();
    std::thread::sleep(span.saturating_sub(began.elapsed()));
    Ok(server.cpu()?.saturating_sub(before))
}

/// Milliseconds of CPU a second.
fn cost(server: &Server) -> Result<f64, String> {
    Ok(cpu_over(server, MEASURED)?.as_secs_f64() * 1e3 / MEASURED.as_secs_f64())
}

pub fn demo() -> Result<(), String> {
    let server = on(Side::Server, || Server::start("serve"))?;
    std::thread::sleep(SETTLES);
    let empty = cost(&server)?;
    let floor = on(Side::Others, || Floor::begin(&server))?;
    std::thread::sleep(SETTLES);
    let sent = cost(&server)?;
    drop(floor);
    std::thread::sleep(SETTLES);
    let idle = cost(&server)?;
    println!(
        "floor: 7 calls/s, the hour full, nobody watching: {sent:.1} ms of CPU a second, {idle:.1} with the sender stopped, {empty:.1} an empty server"
    );
    Ok(())
}

#[allow(clippy::cast_precision_loss)]
pub fn design() -> Result<(), String> {
    let server = on(Side::Server, || Server::start("serve"))?;
    let hour = Span::minutes(60);
    let every = hour.as_millis() * 1_000 / i64::try_from(HOUR_OF_CALLS).unwrap_or(1);
    on(Side::Others, || post_all(server.port, bodies_of(0..HOUR_OF_CALLS, now() - hour, every, record)))?;
    std::thread::sleep(SETTLES);
    let idle = cost(&server)?;
    let before = server.cpu()?;
    let began = Instant::now();
    on(Side::Others, || send_for(server.port, MEASURED))?;
    let took = began.elapsed().as_secs_f64();
    let sent = server.cpu()?.saturating_sub(before).as_secs_f64() * 1e3 / took;
    println!(
        "design load: 5,000 DIDs, 500 agents, 50 campaigns, the hour full, nobody watching: {idle:.1} ms of CPU a second without calls (aim {DESIGN_AIM} or less), {sent:.0} at {CALLS_A_SECOND} calls/s of five events ({:.1} µs an event)",
        sent * 1e3 / (5 * CALLS_A_SECOND) as f64
    );
    Ok(())
}

/// Sends calls as they go on, at the pace of the design load.
fn send_for(port: u16, span: Duration) -> Result<(), String> {
    let mut client = Client::connect(port)?;
    let bodies = usize::try_from(span.as_millis() / PACE.as_millis()).unwrap_or_default();
    let calls = CALLS_A_SECOND * usize::try_from(PACE.as_millis()).unwrap_or_default() / 1_000;
    let began = Instant::now();
    for body in 0..bodies {
        let mut events = String::new();
        let start: Moment = now();
        let first = HOUR_OF_CALLS + body * calls;
        (first..first + calls).for_each(|i| five_events(&mut events, i, start - Span::minutes(1)));
        let (status, said) = client.post(events.as_bytes())?;
        if status != 200 || !said.contains("\"rejected\":[]") {
            return Err(format!("{status}: {}", &said[..said.len().min(300)]));
        }
        let due = PACE * u32::try_from(body + 1).unwrap_or(u32::MAX);
        std::thread::sleep(due.saturating_sub(began.elapsed()));
    }
    Ok(())
}
