//! `--advisories`: whether weaknesses are known of what Cargo.lock names, by RustSec's database.
//!
//! The database is looked for where `RINGSIDE_ADVISORIES` says, then where cargo-audit keeps it, then fetched into
//! `target/`. Where it can't be had nothing was checked: that is said, and is no failure.

use anyhow::{Context, bail};
use rustsec::{Database, Lockfile, Vulnerability};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const FROM: &str = "https://github.com/RustSec/advisory-db";
/// How long the database may take to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// What was found out, in a line.
///
/// # Errors
/// If a weakness is known, or the database, once it is there, can't be read.
pub fn check() -> anyhow::Result<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = match found(&root) {
        Ok(folder) => folder,
        Err(why) => return Ok(format!("not checked: {why:#}")),
    };
    let database = Database::open(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let lockfile = Lockfile::load(root.join("Cargo.lock"))?;
    let known = database.vulnerabilities(&lockfile);
    if !known.is_empty() {
        bail!("weaknesses are known:\n{}", known.iter().map(line).collect::<Vec<_>>().join("\n"));
    }
    let (packages, advisories) = (lockfile.packages.len(), database.iter().count());
    Ok(format!("{packages} packages against {advisories} advisories: no weakness is known"))
}

fn line(found: &Vulnerability) -> String {
    let (package, advisory) = (&found.package, &found.advisory);
    format!("{} {}: {}, {}", package.name, package.version, advisory.id, advisory.title)
}

/// Where the database is.
fn found(root: &Path) -> anyhow::Result<PathBuf> {
    if let Some(told) = std::env::var_os("RINGSIDE_ADVISORIES") {
        return there(PathBuf::from(told)).context("RINGSIDE_ADVISORIES names no advisory database");
    }
    let kept = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo/advisory-db"));
    if let Some(kept) = kept.and_then(there) {
        return Ok(kept);
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let own = target.join("advisory-db");
    match there(own.clone()) {
        // An old one is better than none.
        Some(own) => drop(git(&["-C", &own.to_string_lossy(), "pull", "--quiet", "--depth=1"])),
        None => git(&["clone", "--quiet", "--depth=1", FROM, &own.to_string_lossy()])?,
    }
    there(own).with_context(|| format!("{FROM} has no advisories"))
}

fn there(folder: PathBuf) -> Option<PathBuf> {
    folder.join("crates").is_dir().then_some(folder)
}

fn git(arguments: &[&str]) -> anyhow::Result<()> {
    let mut git = Command::new("git");
    git.args(arguments)
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut fetching = git.spawn().context("git is not to be had")?;
    let until = Instant::now() + PATIENCE;
    loop {
        match fetching.try_wait()? {
            Some(status) if status.success() => return Ok(()),
            Some(_) => bail!("{FROM} can't be fetched from here (RINGSIDE_ADVISORIES may name a copy of it)"),
            None if Instant::now() > until => {
                fetching.kill()?;
                fetching.wait()?;
                bail!("{FROM} did not come within {} s", PATIENCE.as_secs());
            }
            None => std::thread::sleep(Duration::from_millis(100)),
        }
    }
}
