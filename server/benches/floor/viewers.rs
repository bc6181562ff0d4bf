//! CPU of the server for each delivery to a viewer: 2,000 viewers of the demo floor at one delta a second, less what the
//! server costs without them, once they have gone: before they come it may still be folding what it was fed.

use crate::client::Client;
use crate::process::Server;
use memchr::memmem::Finder;
use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const VIEWERS: usize = 2_000;
const MEASURED: Duration = Duration::from_secs(20);
/// Without viewers, afterwards.
const ALONE: Duration = Duration::from_secs(10);
/// The demo's past is fed before anything is measured: until the events a second are fewer than this. Its floor tells
/// some fifty.
const LIVE_EVENTS: u64 = 300;
const LOOK_EVERY: Duration = Duration::from_secs(2);
const SETTLED_WITHIN: Duration = Duration::from_secs(240);
/// The aim of the issue, µs.
const AIM: u32 = 10;

pub fn run() -> Result<(), String> {
    let server = Server::start("demo")?;
    let settled = settle(&server)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    let (cpu, deliveries, bytes) = runtime.block_on(watched(&server))?;
    drop(runtime);
    std::thread::sleep(LOOK_EVERY);
    let alone = cpu_over(&server, ALONE)?.as_secs_f64() / ALONE.as_secs_f64();
    if deliveries == 0 {
        return Err("nothing was delivered".to_owned());
    }
    #[allow(clippy::cast_precision_loss)]
    let each = (cpu.as_secs_f64() - alone * MEASURED.as_secs_f64()) * 1e6 / deliveries as f64;
    println!(
        "viewers: {VIEWERS} at 1 s: {each:.1} µs of CPU a delivery over {deliveries} deliveries of {} bytes (aim {AIM} or less); without viewers the floor costs {:.0} ms of CPU a second; settled in {} s",
        bytes / deliveries,
        alone * 1e3,
        settled.as_secs()
    );
    Ok(())
}

/// Waits until the demo's past is fed.
fn settle(server: &Server) -> Result<Duration, String> {
    let began = Instant::now();
    let mut metrics = Client::connect(server.port)?;
    let mut accepted = || -> Result<u64, String> {
        let page = metrics.get("/metrics")?;
        let line = page.lines().find_map(|line| line.strip_prefix("ringside_events_accepted_total "));
        line.and_then(|n| n.trim().parse().ok()).ok_or_else(|| "/metrics tells no accepted events".to_owned())
    };
    let mut before = accepted()?;
    while began.elapsed() < SETTLED_WITHIN {
        std::thread::sleep(LOOK_EVERY);
        let now = accepted()?;
        if now > 0 && now - before < LIVE_EVENTS * LOOK_EVERY.as_secs() {
            return Ok(began.elapsed());
        }
        before = now;
    }
    Err(format!("the demo's past was not fed within {} s", SETTLED_WITHIN.as_secs()))
}

/// CPU, deltas and their bytes while all viewers watch.
async fn watched(server: &Server) -> Result<(Duration, u64, u64), String> {
    let mut viewers = tokio::task::JoinSet::new();
    let heard = Arc::new(Heard::default());
    for _ in 0..VIEWERS {
        viewers.spawn(watch(server.port, heard.clone()));
        tokio::task::yield_now().await;
    }
    // Snapshots are not deliveries: let all of them pass.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let read = || (heard.deltas.load(Relaxed), heard.bytes.load(Relaxed));
    let (cpu, (deltas, bytes)) = (server.cpu()?, read());
    tokio::time::sleep(MEASURED).await;
    let (cpu, now) = (server.cpu()?.saturating_sub(cpu), read());
    if let Some(Ok(Err(error))) = viewers.try_join_next() {
        return Err(format!("a viewer failed: {error}"));
    }
    Ok((cpu, now.0 - deltas, now.1 - bytes))
}

fn cpu_over(server: &Server, span: Duration) -> Result<Duration, String> {
    let before = server.cpu()?;
    let began = Instant::now();
    std::thread::sleep(span.saturating_sub(began.elapsed()));
    Ok(server.cpu()?.saturating_sub(before))
}

#[derive(Default)]
struct Heard {
    deltas: AtomicU64,
    bytes: AtomicU64,
}

/// Reads a stream for ever and counts its deltas.
async fn watch(port: u16, heard: Arc<Heard>) -> Result<(), String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.map_err(|e| e.to_string())?;
    let ask = "GET /api/v1/stream?view=live&every=1s HTTP/1.1\r\nhost: bench\r\naccept: text/event-stream\r\n\r\n";
    stream.write_all(ask.as_bytes()).await.map_err(|e| e.to_string())?;
    let delta = Finder::new("event: delta");
    let mut buffer = vec![0; 64 * 1024];
    // What may be the beginning of a delta's name, from the read before.
    let mut kept = 0;
    loop {
        match stream.read(&mut buffer[kept..]).await {
            Ok(0) => return Err("the stream ended".to_owned()),
            Ok(n) => {
                let end = kept + n;
                heard.deltas.fetch_add(delta.find_iter(&buffer[..end]).count() as u64, Relaxed);
                heard.bytes.fetch_add(n as u64, Relaxed);
                let next = end.min(delta.needle().len() - 1);
                buffer.copy_within(end - next..end, 0);
                kept = next;
            }
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e.to_string()),
        }
    }
}
