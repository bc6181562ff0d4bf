//! Dependencies that a package of ours declares and none of its sources names: compiled for nothing.

use crate::graph::{BUILT, list, metadata, text};
use anyhow::{Context, bail};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// # Errors
/// Names them; or says what can't be read.
pub fn check() -> anyhow::Result<()> {
    // A platform's list leaves out what only another needs.
    let metadata = BUILT.iter().map(|(platform, _)| metadata(platform)).collect::<anyhow::Result<Vec<_>>>()?;
    let all = || metadata.iter().flat_map(|of| list(&of["packages"]));
    // What a package's library is called in sources: not always as the package is.
    let libraries: BTreeMap<&str, &str> =
        all().filter_map(|package| Some((text(&package["name"]), library(package)?))).collect();
    // Members are on every platform's list, whole.
    let members: BTreeMap<&str, &Value> =
        all().filter(|package| package["source"].is_null()).map(|package| (text(&package["name"]), package)).collect();
    let mut unused = Vec::new();
    for package in members.into_values() {
        let folder = Path::new(text(&package["manifest_path"])).parent().context("a manifest without a folder")?;
        let mut sources = String::new();
        read(folder, &mut sources)?;
        for dependency in list(&package["dependencies"]) {
            let name = text(&dependency["name"]);
            let called = dependency["rename"].as_str().or_else(|| libraries.get(name).copied()).unwrap_or(name);
            if !names(&sources, &called.replace('-', "_")) {
                unused.push(format!("{} needs no {name}", text(&package["name"])));
            }
        }
    }
    if unused.is_empty() {
        Ok(())
    } else {
        bail!("{}: no source names it; take it out of Cargo.toml", unused.join("; "))
    }
}

fn library(package: &Value) -> Option<&str> {
    let is_library = |kind: &Value| matches!(text(kind), "lib" | "rlib" | "cdylib" | "proc-macro");
    let target = list(&package["targets"]).iter().find(|target| list(&target["kind"]).iter().any(is_library))?;
    Some(text(&target["name"]))
}

/// All sources of one package; a folder with a manifest of its own is another's.
fn read(folder: &Path, sources: &mut String) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            if !path.join("Cargo.toml").exists() && !path.ends_with("target") {
                read(&path, sources)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            sources.push_str(&text);
            sources.push('\n');
        }
    }
    Ok(())
}

/// Whether code names `word`, a word of its own; comments don't count.
fn names(sources: &str, word: &str) -> bool {
    let part_of_word = |c: char| c == '_' || c.is_alphanumeric();
    let code = sources.lines().map(|line| line.split_once("//").map_or(line, |(code, _)| code));
    code.into_iter().any(|line| line.split(|c| !part_of_word(c)).any(|found| found == word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_counts_in_code_alone_and_as_a_whole() {
        for (source, named) in [
            ("use serde::Deserialize;", true),
            ("#[derive(serde::Serialize)]", true),
            ("use serde_json::Value;", false),
            ("// serde reads it", false),
            ("let x = 1; // serde", false),
            ("", false),
        ] {
            assert_eq!(names(source, "serde"), named, "{source}");
        }
    }

    #[test]
    fn a_library_may_be_called_otherwise_than_its_package() {
        let package = serde_json::json!({"name": "md-5", "targets": [
            {"kind": ["test"], "name": "mod"}, {"kind": ["lib"], "name": "md5"}]});
        assert_eq!(library(&package), Some("md5"));
    }
}
