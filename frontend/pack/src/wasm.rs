//! From Rust to what a browser runs: cargo, then wasm-bindgen as a library.
//!
//! The library's version is pinned beside the one the WASM was compiled with, so they cannot drift apart, and nobody
//! has to install a tool.

use crate::script;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

pub const PROFILE: &str = "wasm-release";
const TARGET: &str = "wasm32-unknown-unknown";
/// A target folder of its own: cargo locks a folder for a whole build, and the server's build should not have to wait.
const TARGET_DIR: &str = "target/front";

/// The stem of the app's files.
pub const NAME: &str = "app";
const PACKAGE: &str = "frontend";

/// The app's JS glue and WASM, ready for `import`.
pub struct Prepared {
    pub js: String,
    pub wasm: Vec<u8>,
}

/// Compiles the app, and names the file. Cargo sees for itself when there is nothing to do.
pub fn compile(root: &Path) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let done = Command::new(cargo)
        .args(["build", "-p", PACKAGE])
        .args(["--target", TARGET, "--profile", PROFILE, "--target-dir", TARGET_DIR])
        .current_dir(root)
        .status()
        .context("starting cargo")?;
    if !done.success() {
        bail!("the WASM did not compile (is the target there? rustup target add {TARGET})");
    }
    Ok(root.join(TARGET_DIR).join(TARGET).join(PROFILE).join(format!("{PACKAGE}.wasm")))
}

/// Runs wasm-bindgen for `<script type="module">`, without TypeScript and without names: names alone are 80 KB.
pub fn prepare(compiled: &Path) -> Result<Prepared> {
    let out = compiled.with_file_name("prepared");
    if out.exists() {
        std::fs::remove_dir_all(&out).with_context(|| format!("emptying {}", out.display()))?;
    }
    Bindgen::new()
        .input_path(compiled)
        .out_name(NAME)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(&out)
        .context("wasm-bindgen")?;
    // A crate may bring JS files of its own; none of ours does, and the site would miss them in silence.
    if out.join("snippets").exists() {
        bail!("a crate brought JS snippets ({}): the site does not serve them yet", out.join("snippets").display());
    }
    let js = std::fs::read_to_string(out.join(format!("{NAME}.js"))).context("reading the JS")?;
    let wasm = std::fs::read(out.join(format!("{NAME}_bg.wasm"))).context("reading the WASM")?;
    Ok(Prepared { js: script::without_comments(&js), wasm })
}
