//! CPU of the server for each delivery to a viewer: 2,000 viewers of a simulated floor at one delta a second, who take it
//! packed as browsers do, less what the floor costs once they have gone. Against bare writes of as many bytes (`send`).
//!
//! Viewers are elsewhere; here they share the server's machine. So they have cores of their own, and most only take what
//! comes, while a few read it.

use crate::cores::{Side, on};
use crate::process::{Server, binary};
use crate::send;
use flate2::write::GzDecoder;
use memchr::memmem::Finder;
use std::cell::RefCell;
use std::io::{ErrorKind, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

const STREAM: &str = "/api/v1/stream?view=live&every=1s";
const ENDED: &str = "the stream ended";
const VIEWERS: usize = 2_000;
/// Those of them who unpack and read.
const READERS: usize = 20;
/// By how much of what a reader gets the others may have got more or less: how a chunk is framed, and who is just ahead.
const APART: f64 = 0.05;
/// Before they come: by then every panel has something to tell.
const WARM: Duration = Duration::from_secs(30);
const MEASURED: Duration = Duration::from_secs(20);
/// After they have gone.
const ALONE: Duration = Duration::from_secs(10);
/// Snapshots are no deliveries, and who leaves takes a moment to be gone.
const PASSES: Duration = Duration::from_secs(5);
/// The aim of the issue, µs.
const AIM: u32 = 10;

pub fn run() -> Result<(), String> {
    let server = on(Side::Server, || Server::start("serve"))?;
    let floor = on(Side::Others, || Floor::begin(&server))?;
    std::thread::sleep(WARM);
    // With its runtime all viewers go.
    let (cpu, heard) = on(Side::Others, || runtime()?.block_on(watched(&server)))?;
    std::thread::sleep(PASSES);
    let alone = cpu_over(&server, ALONE)?.as_secs_f64() / ALONE.as_secs_f64();
    drop((floor, server));
    let Some(bytes) = heard.bytes.checked_div(heard.deltas) else { return Err("nothing was delivered".to_owned()) };
    #[allow(clippy::cast_precision_loss)]
    let each = (cpu.as_secs_f64() - alone * MEASURED.as_secs_f64()) * 1e6 / heard.deltas as f64;
    // In the same run, so that a slow machine slows both.
    let bare = send::bare(&runtime()?, VIEWERS, usize::try_from(bytes).unwrap_or_default())?.as_secs_f64() * 1e6;
    println!(
        "viewers: {VIEWERS} at 1 s: {each:.1} µs of CPU a delivery over {} deliveries of {bytes} bytes, packed from {} (aim {AIM} or less); a bare write of as many takes {bare:.1} µs: {:.2} times; without viewers the floor costs {:.0} ms of CPU a second",
        heard.deltas,
        heard.text / heard.deltas,
        each / bare,
        alone * 1e3,
    );
    Ok(())
}

fn runtime() -> Result<Runtime, String> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())
}

/// `ringside simulate`, until dropped: a process of its own, whose CPU is none of the server's.
struct Floor(Child);

impl Floor {
    fn begin(server: &Server) -> Result<Self, String> {
        let to = format!("http://127.0.0.1:{}", server.port);
        let mut simulate = Command::new(binary());
        simulate.args(["simulate", "--to", &to]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        simulate.spawn().map(Self).map_err(|e| e.to_string())
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// CPU, deltas and their bytes while all viewers watch.
async fn watched(server: &Server) -> Result<(Duration, Counts), String> {
    let mut viewers = JoinSet::new();
    let (heard, taken) = (Arc::new(Heard::default()), Arc::new(AtomicU64::new(0)));
    // The client wants one though it has no use for it here; an earlier bench may have installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::new();
    for i in 0..VIEWERS {
        if i % (VIEWERS / READERS) == 0 {
            viewers.spawn(read(client.clone(), server.port, heard.clone()));
        } else {
            viewers.spawn(take(server.port, taken.clone()));
        }
        tokio::task::yield_now().await;
    }
    tokio::time::sleep(PASSES).await;
    let (cpu, before, taken_before) = (server.cpu()?, heard.now(), taken.load(Relaxed));
    tokio::time::sleep(MEASURED).await;
    let (cpu, now) = (server.cpu()?.saturating_sub(cpu), heard.now());
    let taken = taken.load(Relaxed) - taken_before;
    if let Some(Ok(Err(error))) = viewers.try_join_next() {
        return Err(format!("a viewer failed: {error}"));
    }
    let read =
        Counts { deltas: now.deltas - before.deltas, bytes: now.bytes - before.bytes, text: now.text - before.text };
    all_heard_it(&read, taken)?;
    let all = |n: u64| n * VIEWERS as u64 / READERS as u64;
    Ok((cpu, Counts { deltas: all(read.deltas), bytes: all(read.bytes), text: all(read.text) }))
}

/// # Errors
/// Where who only takes did not get what readers got.
#[allow(clippy::cast_precision_loss)]
fn all_heard_it(read: &Counts, taken: u64) -> Result<(), String> {
    let (reader, taker) = (read.bytes as f64 / READERS as f64, taken as f64 / (VIEWERS - READERS) as f64);
    if (taker / reader - 1.0).abs() <= APART {
        return Ok(());
    }
    Err(format!("a reader got {reader:.0} bytes, one of the others {taker:.0}"))
}

fn cpu_over(server: &Server, span: Duration) -> Result<Duration, String> {
    let before = server.cpu()?;
    let began = Instant::now();
    std::thread::sleep(span.saturating_sub(began.elapsed()));
    Ok(server.cpu()?.saturating_sub(before))
}

/// What all viewers heard: deltas, their bytes as they came, and unpacked.
#[derive(Default)]
struct Heard {
    deltas: AtomicU64,
    bytes: AtomicU64,
    text: AtomicU64,
}

struct Counts {
    deltas: u64,
    bytes: u64,
    text: u64,
}

impl Heard {
    fn now(&self) -> Counts {
        Counts { deltas: self.deltas.load(Relaxed), bytes: self.bytes.load(Relaxed), text: self.text.load(Relaxed) }
    }
}

/// Takes the unpacked text and counts the deltas in it.
struct Reader {
    heard: Arc<Heard>,
    delta: Finder<'static>,
    text: Vec<u8>,
}

impl Write for Reader {
    fn write(&mut self, part: &[u8]) -> std::io::Result<usize> {
        self.text.extend_from_slice(part);
        self.heard.deltas.fetch_add(self.delta.find_iter(&self.text).count() as u64, Relaxed);
        self.heard.text.fetch_add(part.len() as u64, Relaxed);
        // What may be the beginning of a delta's name.
        let read = self.text.len().saturating_sub(self.delta.needle().len() - 1);
        self.text.drain(..read);
        Ok(part.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Reads a stream for ever.
async fn read(client: reqwest::Client, port: u16, heard: Arc<Heard>) -> Result<(), String> {
    let ask = client.get(format!("http://127.0.0.1:{port}{STREAM}"));
    let mut stream = ask.header("accept-encoding", "gzip").send().await.map_err(|e| e.to_string())?;
    let reader = Reader { heard: heard.clone(), delta: Finder::new("event: delta"), text: Vec::new() };
    let mut unpacked = GzDecoder::new(reader);
    while let Some(part) = stream.chunk().await.map_err(|e| e.to_string())? {
        heard.bytes.fetch_add(part.len() as u64, Relaxed);
        unpacked.write_all(&part).map_err(|e| e.to_string())?;
    }
    Err(ENDED.to_owned())
}

/// Takes a stream for ever, and counts its bytes.
async fn take(port: u16, taken: Arc<AtomicU64>) -> Result<(), String> {
    thread_local! {
        // One for all of them: what is in it nobody wants.
        static ROOM: RefCell<Vec<u8>> = RefCell::new(vec![0; 64 * 1024]);
    }
    let ask = format!("GET {STREAM} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\naccept-encoding: gzip\r\n\r\n");
    let mut socket = TcpStream::connect(("127.0.0.1", port)).await.map_err(|e| e.to_string())?;
    socket.write_all(ask.as_bytes()).await.map_err(|e| e.to_string())?;
    loop {
        socket.readable().await.map_err(|e| e.to_string())?;
        match ROOM.with_borrow_mut(|room| socket.try_read(room)) {
            Ok(0) => return Err(ENDED.to_owned()),
            Ok(n) => taken.fetch_add(n as u64, Relaxed),
            Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
            Err(error) => return Err(error.to_string()),
        };
    }
}
