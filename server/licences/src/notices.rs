//! The licences of all packages, each text once, with whose it is.

use crate::graph::Package;
use anyhow::Context;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// How files that hold a licence begin.
const NAMES: [&str; 6] = ["license", "licence", "copying", "copyright", "notice", "unlicense"];
/// So deep within a package: what it brings along from elsewhere has a file of its own there.
const DEPTH: u32 = 2;
/// Where a choice includes this, it is taken: its texts are short.
const CHOSEN: &str = "mit";

/// # Errors
/// If a file can't be read.
pub fn text(packages: &BTreeSet<Package>) -> anyhow::Result<String> {
    let mut by_text: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut without = Vec::new();
    for package in packages {
        let name = format!("{} {}", package.name, package.version);
        let files = files(package)?;
        if files.is_empty() {
            without.push(format!("{name} ({}), {}", package.licence, package.repository));
        }
        for file in files {
            let text = String::from_utf8_lossy(&std::fs::read(&file).with_context(|| file.display().to_string())?)
                .into_owned();
            by_text.entry(plain(&text)).or_default().insert(name.clone());
        }
    }
    let mut out = String::from(
        "What Ringside's binary is made of beside its own code, and under which terms.\n\
         Where a package leaves the choice, the MIT licence was taken if it is one of them.\n",
    );
    let mut blocks: Vec<(BTreeSet<String>, String)> = by_text.into_iter().map(|(text, names)| (names, text)).collect();
    blocks.sort();
    for (names, text) in blocks {
        // A string never fails to take more.
        let _ = write!(out, "\n{}\n{}\n\n{text}\n", "=".repeat(78), join(&names));
    }
    if !without.is_empty() {
        let _ = write!(
            out,
            "\n{}\nPackages that name their licence but bring no text of it:\n\n{}\n",
            "=".repeat(78),
            without.join("\n")
        );
    }
    Ok(out)
}

fn join(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// Lines without blanks at their ends: copies of a text differ in little else.
fn plain(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

fn files(package: &Package) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    look(&package.folder, DEPTH, &mut found)?;
    found.sort();
    let chosen = |path: &PathBuf| name_of(path).contains(CHOSEN);
    if package.licence.to_lowercase().contains(CHOSEN) && !package.licence.contains("AND") && found.iter().any(chosen) {
        found.retain(|path| chosen(path) || path.parent() != Some(&package.folder));
    }
    Ok(found)
}

fn look(folder: &Path, depth: u32, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            if depth > 1 {
                look(&path, depth - 1, found)?;
            }
        } else if NAMES.iter().any(|name| name_of(&path).starts_with(name)) && !name_of(&path).ends_with(".rs") {
            found.push(path);
        }
    }
    Ok(())
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default()
}
