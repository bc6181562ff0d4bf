//! CPU of the server for each delivery to a viewer: 2,000 viewers of a simulated floor at one delta a second, who take it
//! packed as browsers do, less what the floor costs without them. Against bare writes of as many bytes (`send`).
//!
//! Viewers are elsewhere; here they share the server's machine. So they have cores of their own, and most only take what
//! comes, while a few read it. It is measured twice: as loopback is, where whoever sends also does the receiving, and with
//! that done on the viewers' cores.

use crate::alone::{Floor, cpu_over};
use crate::cores::{ReceivedByOthers, Side, on};
use crate::process::Server;
use crate::send;
use flate2::write::GzDecoder;
use memchr::memmem::Finder;
use std::cell::RefCell;
use std::io::{ErrorKind, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
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
const MEASURED: Duration = Duration::from_secs(20);
/// Before they come, and again after they have gone: the machine may have another speed by then.
const ALONE: Duration = Duration::from_secs(10);
/// Snapshots are no deliveries, and who leaves takes a moment to be gone.
const PASSES: Duration = Duration::from_secs(5);
/// The aim of the issue, µs.
const AIM: u32 = 10;

pub fn run() -> Result<(), String> {
    let server = on(Side::Server, || Server::start("serve"))?;
    let floor = on(Side::Others, || Floor::begin(&server))?;
    let alone_before = cpu_over(&server, ALONE)?;
    let viewers = runtime()?;
    let mut crowd = on(Side::Others, || viewers.block_on(Crowd::come(server.port)));
    let mut deliveries = || on(Side::Others, || viewers.block_on(crowd.deliveries(&server)));
    let over_loopback = deliveries()?;
    let own_side = match ReceivedByOthers::begin() {
        Ok(_elsewhere) => Ok(deliveries()?),
        Err(why) => Err(why),
    };
    drop((crowd, viewers));
    std::thread::sleep(PASSES);
    let alone = (alone_before + cpu_over(&server, ALONE)?).as_secs_f64() / (2 * ALONE).as_secs_f64();
    drop((floor, server));
    // In the same run, so that a slow machine slows both.
    println!("viewers: {VIEWERS} at 1 s: {} (aim {AIM} or less)", over_loopback.against_bare(alone)?);
    match own_side {
        Ok(own) => {
            let _elsewhere = ReceivedByOthers::begin()?;
            println!("  the server's side of it, received on other cores: {}", own.against_bare(alone)?);
        }
        Err(why) => println!("  not told apart from the viewers' side: {why}"),
    }
    println!("  without viewers the floor costs {:.0} ms of CPU a second", alone * 1e3);
    Ok(())
}

fn runtime() -> Result<Runtime, String> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())
}

/// The server's CPU over [`MEASURED`], and what it sent in that time.
struct Deliveries {
    cpu: Duration,
    sent: Counts,
}

impl Deliveries {
    /// In words: CPU of each, less what the server needs `alone` (seconds a second), beside bare writes of as many bytes.
    #[allow(clippy::cast_precision_loss)]
    fn against_bare(&self, alone: f64) -> Result<String, String> {
        let Counts { deltas, bytes, text } = self.sent;
        let Some(bytes) = bytes.checked_div(deltas) else { return Err("nothing was delivered".to_owned()) };
        let each = (self.cpu.as_secs_f64() - alone * MEASURED.as_secs_f64()) * 1e6 / deltas as f64;
        let bare = send::bare(&runtime()?, VIEWERS, usize::try_from(bytes).unwrap_or_default())?.as_secs_f64() * 1e6;
        Ok(format!(
            "{each:.1} µs of CPU a delivery over {deltas} deliveries of {bytes} bytes, packed from {}; a bare write of as many takes {bare:.1} µs: {:.2} times",
            text / deltas,
            each / bare,
        ))
    }
}

/// All viewers, and what they have heard.
struct Crowd {
    viewers: JoinSet<Result<(), String>>,
    heard: Arc<Heard>,
    taken: Arc<AtomicU64>,
}

impl Crowd {
    async fn come(port: u16) -> Self {
        let mut viewers = JoinSet::new();
        let (heard, taken) = (Arc::new(Heard::default()), Arc::new(AtomicU64::new(0)));
        // The client wants one though it has no use for it here; an earlier bench may have installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::new();
        for i in 0..VIEWERS {
            if i % (VIEWERS / READERS) == 0 {
                viewers.spawn(read(client.clone(), port, heard.clone()));
            } else {
                viewers.spawn(take(port, taken.clone()));
            }
            tokio::task::yield_now().await;
        }
        Self { viewers, heard, taken }
    }

    async fn deliveries(&mut self, server: &Server) -> Result<Deliveries, String> {
        tokio::time::sleep(PASSES).await;
        let (cpu, before, taken_before) = (server.cpu()?, self.heard.now(), self.taken.load(Relaxed));
        tokio::time::sleep(MEASURED).await;
        let (cpu, now) = (server.cpu()?.saturating_sub(cpu), self.heard.now());
        let taken = self.taken.load(Relaxed) - taken_before;
        if let Some(Ok(Err(error))) = self.viewers.try_join_next() {
            return Err(format!("a viewer failed: {error}"));
        }
        let read = Counts {
            deltas: now.deltas - before.deltas,
            bytes: now.bytes - before.bytes,
            text: now.text - before.text,
        };
        all_heard_it(&read, taken)?;
        let all = |n: u64| n * VIEWERS as u64 / READERS as u64;
        Ok(Deliveries { cpu, sent: Counts { deltas: all(read.deltas), bytes: all(read.bytes), text: all(read.text) } })
    }
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
