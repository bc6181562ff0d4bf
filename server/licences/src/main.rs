//! `make licences` writes `server/licences/kept/`: the notices of all that the binary is made of, and a list of it (CycloneDX).
//! With `--check` it writes nothing: it fails where what is kept is old, a dependency is banned, is there in several versions, or
//! is used by no source. Either way it fails where a licence is not one of those that go with ours.
//! With `--advisories` it fails where weaknesses are known of what it is made of.

mod advisories;
mod allowed;
mod doubles;
mod graph;
mod notices;
mod sbom;
mod unused;

use anyhow::{Context, bail};
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The one thing to say is said on standard error.
            eprintln!("licences: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let told = |what: &str| std::env::args().any(|argument| argument == what);
    if told("--advisories") {
        writeln!(std::io::stdout(), "{}", advisories::check()?)?;
        return Ok(());
    }
    let check = told("--check");
    let packages = graph::packages()?;
    allowed::all(&packages)?;
    if check {
        doubles::banned(&packages)?;
        doubles::doubles(&packages)?;
        unused::check()?;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("kept");
    for (name, text) in [("notices.txt", notices::text(&packages)?), ("sbom.cdx.json", sbom::text(&packages)?)] {
        let path = folder.join(name);
        if !check {
            std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        } else if std::fs::read_to_string(&path).ok().as_deref() != Some(text.as_str()) {
            bail!(
                "server/licences/kept/{name} is not of the present Cargo.lock: run `make licences`, and look at what changed"
            );
        }
    }
    Ok(())
}
