//! CPU of the server for each delivery to a viewer: 2,000 viewers of the demo floor at one delta a second, less what the
//! server costs without them.

use crate::process::Server;
use std::io::ErrorKind;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const VIEWERS: usize = 2_000;
const MEASURED: Duration = Duration::from_secs(20);
/// The floor fills up, and its history is fed, before anything is measured.
const SETTLE: Duration = Duration::from_secs(150);
/// The aim of the issue, µs.
const AIM: u32 = 10;

pub fn run() -> Result<(), String> {
    let server = Server::start("demo")?;
    std::thread::sleep(SETTLE);
    let alone = cpu_over(&server, MEASURED)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    runtime.block_on(async {
        let mut viewers = tokio::task::JoinSet::new();
        let counter = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
        for _ in 0..VIEWERS {
            viewers.spawn(watch(server.port, counter.clone()));
            tokio::task::yield_now().await;
        }
        // Snapshots are not deliveries: let all of them pass.
        tokio::time::sleep(Duration::from_secs(5)).await;
        let (cpu, count) = (server.cpu()?, counter.load(std::sync::atomic::Ordering::Relaxed));
        tokio::time::sleep(MEASURED).await;
        let (cpu, count) = (server.cpu()?.saturating_sub(cpu), counter.load(std::sync::atomic::Ordering::Relaxed) - count);
        if let Some(Ok(Err(error))) = viewers.try_join_next() {
            return Err(format!("a viewer failed: {error}"));
        }
        viewers.abort_all();
        let (cpu, deliveries) = (cpu.saturating_sub(alone).as_micros(), u128::from(count));
        if deliveries == 0 {
            return Err("nothing was delivered".to_owned());
        }
        let each = cpu * 10 / deliveries;
        println!(
            "viewers: {VIEWERS} at 1 s: {}.{} µs of CPU a delivery over {deliveries} deliveries (aim {AIM} or less); without viewers the floor costs {} ms of CPU a second",
            each / 10,
            each % 10,
            alone.as_millis() / MEASURED.as_secs() as u128
        );
        Ok(())
    })
}

fn cpu_over(server: &Server, span: Duration) -> Result<Duration, String> {
    let before = server.cpu()?;
    let began = Instant::now();
    std::thread::sleep(span.saturating_sub(began.elapsed()));
    Ok(server.cpu()?.saturating_sub(before))
}

/// Reads a stream for ever and counts its deltas by the blank lines between events.
async fn watch(port: u16, counter: std::sync::Arc<std::sync::atomic::AtomicU64>) -> Result<(), String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.map_err(|e| e.to_string())?;
    let ask = "GET /api/v1/stream?view=live&every=1s HTTP/1.1\r\nhost: bench\r\naccept: text/event-stream\r\n\r\n";
    stream.write_all(ask.as_bytes()).await.map_err(|e| e.to_string())?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match stream.read(&mut buffer).await {
            Ok(0) => return Err("the stream ended".to_owned()),
            Ok(n) => {
                let found = buffer[..n].windows(12).filter(|w| w == b"event: delta").count();
                counter.fetch_add(found as u64, std::sync::atomic::Ordering::Relaxed);
            }
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e.to_string()),
        }
    }
}
