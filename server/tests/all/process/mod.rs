//! The built server on a free port, with a database of its own that goes with the test.
#![allow(clippy::unwrap_used, clippy::panic, dead_code)]

use reqwest::{Response, StatusCode};
use serde_json::Value;
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Server {
    child: Child,
    address: String,
    folder: TempDir,
    within: Vec<String>,
    args: Vec<String>,
    environment: Vec<(String, String)>,
    client: reqwest::Client,
}

/// A file that may not grow is then told to the server as a failed write, as a full disk is, and not by a signal.
const UNSIGNALLED: &str = r#"trap '' XFSZ; exec "$0" "$@""#;

const PLAINLY: [&str; 3] = ["/bin/sh", "-c", UNSIGNALLED];

/// Where a small disk is, for the server alone.
#[cfg(target_os = "linux")]
pub const SMALL_DISK: &str = "/mnt";

fn command(within: &[String], args: &[String], environment: &[(String, String)]) -> Command {
    let mut command = Command::new(&within[0]);
    command
        .args(&within[1..])
        .args([env!("CARGO_BIN_EXE_ringside"), "serve"])
        .args(args)
        .env_clear()
        .envs(environment.iter().cloned())
        .stdin(Stdio::null());
    command
}

pub fn client() -> reqwest::Client {
    // One for the whole process: the first to come installs it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // A server that was hung ends the connections of before when it wakes: what was idle for long is not asked by again.
    reqwest::Client::builder().pool_idle_timeout(Duration::from_secs(2)).build().unwrap()
}

fn owned(environment: &[(&str, &str)]) -> Vec<(String, String)> {
    environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// What a server says that does not start.
pub fn refused(args: &[&str], environment: &[(&str, &str)]) -> String {
    let args: Vec<String> = args.iter().map(|a| (*a).to_owned()).collect();
    let folder = TempDir::new().unwrap();
    let output =
        command(&PLAINLY.map(str::to_owned), &args, &owned(environment)).current_dir(folder.path()).output().unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    pub async fn start(args: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::start_within(PLAINLY.map(str::to_owned).to_vec(), args, environment).await
    }

    /// With a disk of its own of so many bytes, on which its database is; `None` where one may not make one.
    #[cfg(target_os = "linux")]
    pub async fn start_on_small_disk(bytes: u64) -> Option<Self> {
        let own = if Command::new("unshare").args(["-m", "true"]).status().is_ok_and(|s| s.success()) {
            "-m"
        } else {
            "-Urm"
        };
        let mount = format!(r#"mount -t tmpfs -o size={bytes} none {SMALL_DISK} && exec "$0" "$@""#);
        let within = ["unshare", own, "/bin/sh", "-c", &mount].map(str::to_owned).to_vec();
        if !Command::new(&within[0]).args(&within[1..]).arg("true").status().is_ok_and(|status| status.success()) {
            assert!(std::env::var("CI").is_err(), "in CI a disk can be made");
            return None;
        }
        Some(Self::start_within(within, &["--database", &format!("sqlite:{SMALL_DISK}/ringside.db")], &[]).await)
    }

    /// A file as the server sees it.
    #[cfg(target_os = "linux")]
    pub fn file(&self, path: &str) -> std::path::PathBuf {
        format!("/proc/{}/root{path}", self.child.id()).into()
    }

    async fn start_within(within: Vec<String>, args: &[&str], environment: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut args: Vec<String> = args.iter().map(|a| (*a).to_owned()).collect();
        args.extend(["--listen".to_owned(), free.to_string()]);
        if !args.iter().any(|arg| arg == "--database")
            && !environment.iter().any(|(name, _)| *name == "RINGSIDE_DATABASE")
        {
            args.extend(["--database".to_owned(), format!("sqlite:{}", folder.path().join("ringside.db").display())]);
        }
        let environment = owned(environment);
        let child = Self::spawn(&within, &args, &environment, &folder.path().join("log"));
        let address = free.to_string();
        let server = Self { child, address, folder, within, args, environment, client: client() };
        server.answers().await;
        server
    }

    fn spawn(within: &[String], args: &[String], environment: &[(String, String)], log: &Path) -> Child {
        let log = File::options().create(true).append(true).open(log).unwrap();
        command(within, args, environment).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap()
    }

    async fn answers(&self) {
        let until = Instant::now() + PATIENCE;
        while self.client.get(format!("{}/readyz", self.url())).send().await.is_err() {
            assert!(Instant::now() < until, "no answer:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// From now on none of its files may grow beyond `most` bytes.
    #[cfg(target_os = "linux")]
    pub fn limit_files(&self, most: &str) {
        let id = self.child.id().to_string();
        let limited = Command::new("prlimit").args(["--pid", &id, &format!("--fsize={most}:")]).status().unwrap();
        assert!(limited.success());
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub async fn up(&mut self) {
        self.child = Self::spawn(&self.within, &self.args, &self.environment, &self.folder.path().join("log"));
        self.answers().await;
    }

    /// Sends it a signal, by its name.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// Asks it to end, and waits until it has.
    pub async fn stop(&mut self) {
        self.signal("TERM");
        let until = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < until, "it goes on:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        assert!(status.success(), "{}", self.log());
    }

    pub async fn request(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.url())).send().await.unwrap()
    }

    pub async fn ask(&self, path: &str) -> (StatusCode, Value) {
        let response = self.request(path).await;
        let status = response.status();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path}: {status} {text}")))
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.ask(path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }

    pub async fn text(&self, path: &str) -> String {
        let response = self.request(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.text().await.unwrap()
    }

    pub async fn post(&self, kind: &str, body: String) -> (StatusCode, Value) {
        self.send("/api/v1/events", kind, body).await
    }

    pub async fn send(&self, path: &str, kind: &str, body: String) -> (StatusCode, Value) {
        let url = format!("{}{path}", self.url());
        let response = self.client.post(url).header("content-type", kind).body(body).send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    /// Asks until the answer is as expected: the board shows a commit a moment after it is acknowledged.
    pub async fn until(&self, path: &str, expected: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let answer = self.get(path).await;
            if expected(&answer) {
                return answer;
            }
            assert!(Instant::now() < until, "{path}: {answer}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
