//! The limit of deliveries: the same bytes to as many sockets over loopback, one write each, from a loop with nothing
//! around it, on the cores that the server has.

use crate::cores::{Side, on};
use std::io::Write;
use std::net::TcpListener;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

/// How often each socket is written to; and how long the receivers then have to fall asleep again.
const ROUNDS: u32 = 15;
const PAUSE: Duration = Duration::from_millis(500);
/// What a receiver takes at once.
const READ: usize = 16 * 1024;

/// CPU of one write. The sender is a thread of its own, so that what the receivers cost is not counted.
pub fn bare(runtime: &Runtime, sockets: usize, bytes: usize) -> Result<Duration, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    let sender = move || on(Side::Server, || send(&listener, sockets, bytes).map_err(|e| e.to_string()));
    let sender = std::thread::spawn(sender);
    let receive = async {
        let mut receivers = JoinSet::new();
        for _ in 0..sockets {
            let mut socket = TcpStream::connect(address).await.map_err(|e| e.to_string())?;
            receivers.spawn(async move {
                let mut taken = vec![0; READ];
                while socket.read(&mut taken).await.is_ok_and(|n| n > 0) {}
            });
        }
        // The sender's end closes them.
        while receivers.join_next().await.is_some() {}
        Ok::<_, String>(())
    };
    on(Side::Others, || runtime.block_on(receive))?;
    sender.join().unwrap_or_else(|_| Err("the sender failed".to_owned()))
}

fn send(listener: &TcpListener, sockets: usize, bytes: usize) -> std::io::Result<Duration> {
    let mut accepted = Vec::with_capacity(sockets);
    for _ in 0..sockets {
        let (socket, _) = listener.accept()?;
        socket.set_nodelay(true)?;
        accepted.push(socket);
    }
    let event = vec![b'x'; bytes];
    let began = thread_cpu()?;
    for _ in 0..ROUNDS {
        for socket in &mut accepted {
            socket.write_all(&event)?;
        }
        std::thread::sleep(PAUSE);
    }
    let writes = u32::try_from(sockets).unwrap_or(u32::MAX).saturating_mul(ROUNDS);
    Ok(thread_cpu()?.saturating_sub(began) / writes)
}

/// User and system time of this thread so far.
fn thread_cpu() -> std::io::Result<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/stat")?;
    Ok(crate::process::ticks(&stat))
}
