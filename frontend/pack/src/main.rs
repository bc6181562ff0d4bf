//! Makes the site a browser loads: compiles the WASM, prepares it for the web, joins the style, compresses all of it.
//!
//! Reads `frontend` (through cargo) and `style/`; writes `target/site/pkg/*`, each with its `.br` and `.gz`, and last
//! `target/site/manifest.json`, which the server's build watches. Does nothing when nothing changed. Fails when the app
//! outgrows its budget.
#![allow(clippy::print_stdout, reason = "a command line tool: what it does is said on standard output")]

mod script;
mod site;
mod style;
mod wasm;

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// JS and WASM of the whole app, brotli-compressed: some 500 KB, and never 800. It is loaded once for all pages, and kept until
/// the next release.
const BUDGET: usize = 600 * 1024;

fn main() -> Result<()> {
    let root = workspace_root()?;
    let begun = Instant::now();
    println!("site: compiling the WASM (cargo, {})", wasm::PROFILE);
    let compiled = wasm::compile(&root)?;
    let sheet = style::join(&root.join("style"))?;
    let made_from = made_from(&compiled, &sheet)?;

    let out = root.join("target/site");
    let manifest = match site::unchanged(&out, &made_from) {
        Some(manifest) => {
            println!("site: up to date");
            manifest
        }
        None => {
            println!("site: preparing it for the web, compressing");
            site::write(&out, made_from, sheet, &wasm::prepare(&compiled)?)?
        }
    };
    report(&manifest, begun)
}

fn report(manifest: &site::Manifest, begun: Instant) -> Result<()> {
    for file in &manifest.files {
        println!("site: {:<32} {:>9} bytes, {:>8} in brotli", file.name, file.bytes, file.brotli);
    }
    let bytes = manifest.code_brotli();
    println!("site: the app is {bytes} bytes of JS and WASM in brotli; the budget is {BUDGET}");
    if bytes > BUDGET {
        bail!("JS and WASM are {} bytes over their budget", bytes - BUDGET);
    }
    println!("site: made in {:.1} s", begun.elapsed().as_secs_f32());
    Ok(())
}

fn workspace_root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().nth(2).context("the pack crate is not inside its workspace")?;
    Ok(root.to_path_buf())
}

/// A digest of everything the site is made from, this program included: another build of it may write other files.
fn made_from(compiled: &Path, sheet: &style::Sheet) -> Result<String> {
    let mut digest = site::Digest::default();
    digest.add(&std::fs::read(compiled).with_context(|| format!("reading {}", compiled.display()))?);
    digest.add(sheet.css.as_bytes());
    for font in &sheet.fonts {
        digest.add(&font.bytes);
    }
    let program = std::env::current_exe().and_then(|path| path.metadata()).context("looking at this program")?;
    let written = program.modified()?.duration_since(std::time::UNIX_EPOCH)?.as_nanos();
    digest.add(format!("{} {written}", program.len()).as_bytes());
    Ok(digest.hex())
}
