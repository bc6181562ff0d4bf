//! The server as a process: started on a free port with a database of its own, its CPU time read, ended.

use crate::client::Client;
use std::ffi::OsString;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A release build answers within this on a busy machine.
const START: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The server that is measured: the one built with this bench, or another build of it (`RINGSIDE_BINARY`).
pub fn binary() -> OsString {
    std::env::var_os("RINGSIDE_BINARY").unwrap_or_else(|| env!("CARGO_BIN_EXE_ringside").into())
}

/// Looks until it is so.
///
/// # Errors
/// What is wrong, if it is not so within that time.
pub fn wait(wrong: &str, within: Duration, mut is_so: impl FnMut() -> bool) -> Result<(), String> {
    let until = Instant::now() + within;
    while !is_so() {
        if Instant::now() > until {
            return Err(wrong.to_owned());
        }
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(())
}

pub struct Server {
    child: Child,
    pub port: u16,
    pub folder: PathBuf,
}

impl Server {
    /// With a SQLite database of its own: `bench.db` in its folder.
    pub fn start(command: &str) -> Result<Self, String> {
        Self::with(command, |folder| format!("sqlite:{}", folder.join("bench.db").display()))
    }

    /// With the database of this address.
    pub fn on(command: &str, database: &str) -> Result<Self, String> {
        Self::with(command, |_| database.to_owned())
    }

    fn with(command: &str, database: impl FnOnce(&Path) -> String) -> Result<Self, String> {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).map_err(|e| e.to_string())?.port();
        let folder = std::env::temp_dir().join(format!("ringside-bench-{port}"));
        fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
        let mut command_line = Command::new(binary());
        // What a test-bed or a shell is told is no setting of the server's.
        let told = std::env::vars_os().map(|(name, _)| name);
        for name in told.filter(|name| name.to_string_lossy().starts_with("RINGSIDE_")) {
            command_line.env_remove(name);
        }
        let child = command_line
            .args([command, "--listen", &format!("127.0.0.1:{port}"), "--database", &database(&folder)])
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| e.to_string())?;
        let server = Self { child, port, folder };
        wait("the server did not start", START, || server.is_ready())?;
        Ok(server)
    }

    /// Whether it leads and takes events.
    fn is_ready(&self) -> bool {
        Client::connect(self.port)
            .and_then(|mut c| c.get("/readyz"))
            .is_ok_and(|said| said.contains("\"role\":\"leading\""))
    }

    /// Asks it to end, and waits until it has: what it still had to write is written.
    pub fn stop(mut self) -> Result<(), String> {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        if !asked.is_ok_and(|status| status.success()) {
            return Err("the server could not be asked to end".to_owned());
        }
        self.child.wait().map(drop).map_err(|e| e.to_string())
    }

    /// User and system time of the process so far, where the system tells it in `/proc`.
    pub fn cpu(&self) -> Result<Duration, String> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))
            .map_err(|_| "CPU time is read from /proc, which is not here".to_owned())?;
        Ok(ticks(&stat))
    }
}

/// User and system time in a `stat` of a process or a thread: fields 14 and 15 of proc(5), in hundredths of a second.
pub fn ticks(stat: &str) -> Duration {
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let field = |i: usize| fields.get(i).and_then(|f| f.parse::<u64>().ok()).unwrap_or_default();
    Duration::from_millis((field(11) + field(12)) * 10)
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
