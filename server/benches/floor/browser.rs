//! What only a real browser can tell; each is a script of `end2end/bench/`, which starts a server of its own.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// From an event's acceptance to the changed number.
pub fn pixel() -> Result<(), String> {
    script("bench/pixel.mjs")
}

/// How busy the monitor keeps its page, and whether its memory stays flat.
pub fn monitor() -> Result<(), String> {
    script("bench/monitor.mjs")
}

fn script(path: &str) -> Result<(), String> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../end2end");
    let prepared = Command::new("./prepare.sh").current_dir(&here).stdout(Stdio::null()).status();
    if !prepared.is_ok_and(|s| s.success()) {
        return Err("Node and Chromium are not here".to_owned());
    }
    let status = Command::new("node")
        .arg(path)
        .env("RINGSIDE_BINARY", crate::process::binary())
        .current_dir(&here)
        .status()
        .map_err(|e| e.to_string())?;
    if status.success() { Ok(()) } else { Err(format!("{path} failed")) }
}
