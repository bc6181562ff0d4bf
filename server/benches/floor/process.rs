//! The server as a process: started on a free port with a database of its own, its CPU time read, ended.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A release build answers within this on a busy machine.
const START: Duration = Duration::from_secs(20);

pub struct Server {
    child: Child,
    pub port: u16,
    pub folder: PathBuf,
}

impl Server {
    pub fn start(command: &str) -> Result<Self, String> {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).map_err(|e| e.to_string())?.port();
        let folder = std::env::temp_dir().join(format!("ringside-bench-{port}"));
        fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
        let child = Command::new(env!("CARGO_BIN_EXE_ringside"))
            .args([command, "--listen", &format!("127.0.0.1:{port}")])
            .arg("--database")
            .arg(format!("sqlite:{}", folder.join("bench.db").display()))
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| e.to_string())?;
        let server = Self { child, port, folder };
        let until = Instant::now() + START;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if Instant::now() > until {
                return Err("the server did not start".to_owned());
            }
            std::thread::yield_now();
        }
        Ok(server)
    }

    /// User and system time of the process so far, where the system tells it in `/proc`.
    pub fn cpu(&self) -> Result<Duration, String> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))
            .map_err(|_| "CPU time is read from /proc, which is not here".to_owned())?;
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |i: usize| fields.get(i).and_then(|f| f.parse::<u64>().ok()).unwrap_or_default();
        // Fields 14 and 15 of proc(5), in hundredths of a second.
        Ok(Duration::from_millis((ticks(11) + ticks(12)) * 10))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// From an event's acceptance to the changed number in a real browser: `end2end/bench/pixel.mjs` measures it.
pub fn pixel() -> Result<(), String> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../end2end");
    let prepared = Command::new("./prepare.sh").current_dir(&here).stdout(Stdio::null()).status();
    if !prepared.is_ok_and(|s| s.success()) {
        return Err("Node and Chromium are not here".to_owned());
    }
    let status = Command::new("node")
        .arg("bench/pixel.mjs")
        .env("RINGSIDE_BINARY", env!("CARGO_BIN_EXE_ringside"))
        .current_dir(&here)
        .status()
        .map_err(|e| e.to_string())?;
    if status.success() { Ok(()) } else { Err("the browser's bench failed".to_owned()) }
}
