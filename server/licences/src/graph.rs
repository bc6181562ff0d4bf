//! The packages that end up in the binary, asked of cargo: the server's on Linux, and the browser's app.

use anyhow::{Context, bail};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

/// What is built, and for which platform.
pub const BUILT: [(&str, &[&str]); 2] =
    [("x86_64-unknown-linux-gnu", &["server"]), ("wasm32-unknown-unknown", &["frontend"])];

/// A package of a registry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    pub name: String,
    pub version: String,
    /// An SPDX expression, in old spellings too.
    pub licence: String,
    pub repository: String,
    pub folder: PathBuf,
    /// SHA-256 of the package, as Cargo.lock has it.
    pub checksum: Option<String>,
}

/// By name and version; our own are left out.
///
/// # Errors
/// If cargo can't say.
pub fn packages() -> anyhow::Result<BTreeSet<Package>> {
    let checksums = checksums()?;
    let mut all = BTreeSet::new();
    for (platform, roots) in BUILT {
        let metadata = metadata(platform)?;
        let known: BTreeMap<&str, &Value> = list(&metadata["packages"]).iter().map(|p| (text(&p["id"]), p)).collect();
        let nodes: BTreeMap<&str, &Value> =
            list(&metadata["resolve"]["nodes"]).iter().map(|node| (text(&node["id"]), node)).collect();
        let is_root = |package: &&&Value| roots.contains(&text(&package["name"]));
        let mut open: Vec<&str> = known.values().filter(is_root).map(|package| text(&package["id"])).collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            let needed = |dependency: &&Value| list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"].is_null());
            let dependencies = nodes.get(id).map(|node| list(&node["deps"])).unwrap_or_default();
            open.extend(dependencies.iter().filter(needed).map(|dependency| text(&dependency["pkg"])));
        }
        let foreign = seen.iter().filter_map(|id| known.get(id)).filter(|package| !package["source"].is_null());
        all.extend(foreign.map(|package| of(package, &checksums)));
    }
    if all.is_empty() { bail!("cargo names no package: are the roots called otherwise?") } else { Ok(all) }
}

fn of(package: &Value, checksums: &BTreeMap<(String, String), String>) -> Package {
    let (name, version) = (text(&package["name"]).to_owned(), text(&package["version"]).to_owned());
    let mut folder = PathBuf::from(text(&package["manifest_path"]));
    folder.pop();
    let checksum = checksums.get(&(name.clone(), version.clone())).cloned();
    let (licence, repository) = (text(&package["license"]).to_owned(), text(&package["repository"]).to_owned());
    Package { name, version, licence, repository, folder, checksum }
}

/// What cargo knows of all packages that are for a platform.
///
/// # Errors
/// If cargo can't say.
pub fn metadata(platform: &str) -> anyhow::Result<Value> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let asked = ["metadata", "--format-version", "1", "--locked", "--filter-platform", platform];
    let output = Command::new(cargo).args(asked).output().context("cannot run cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    }
    serde_json::from_slice(&output.stdout).context("cargo metadata says no JSON")
}

/// Cargo.lock is regular enough to be read by lines: `name`, `version`, …, `checksum` of each package.
fn checksums() -> anyhow::Result<BTreeMap<(String, String), String>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock");
    let lock = std::fs::read_to_string(path).context("cannot read Cargo.lock")?;
    let value = |package: &str, key: &str| {
        let line = package.lines().find_map(|line| line.strip_prefix(key)?.trim().strip_prefix('='))?;
        Some(line.trim().trim_matches('"').to_owned())
    };
    let packages = lock.split("[[package]]").skip(1);
    Ok(packages.filter_map(|p| Some(((value(p, "name")?, value(p, "version")?), value(p, "checksum")?))).collect())
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
