//! From Rust to what a browser runs: cargo, then wasm-bindgen as a library.
//!
//! The library's version is pinned beside the one the WASM was compiled with, so they cannot drift apart, and nobody
//! has to install a tool.

use crate::{script, snip};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

pub const PROFILE: &str = "wasm-release";
const TARGET: &str = "wasm32-unknown-unknown";
/// A target folder of its own: cargo locks a folder for a whole build, and the server's build should not have to wait.
const TARGET_DIR: &str = "target/front";

/// What a browser runs on some of the pages: a crate of its own.
#[derive(Debug, Clone, Copy)]
pub struct Program {
    /// The stem of its files, by which pages know it (`Program` in `app`).
    pub name: &'static str,
    package: &'static str,
    /// What cargo names the file.
    file: &'static str,
}

pub const PROGRAMS: [Program; 2] = [
    Program { name: "live", package: "frontend", file: "frontend.wasm" },
    Program { name: "monitor", package: "frontend-monitor", file: "frontend_monitor.wasm" },
];

/// A program's JS glue and WASM, ready for `import`.
pub struct Prepared {
    pub name: &'static str,
    pub js: String,
    pub wasm: Vec<u8>,
}

/// Compiles the programs, side by side, and names the folder they lie in. Cargo sees for itself when there is nothing to do.
pub fn compile(root: &Path) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let packages = PROGRAMS.iter().flat_map(|program| ["-p", program.package]);
    let done = Command::new(cargo)
        .arg("build")
        .args(packages)
        .args(["--target", TARGET, "--profile", PROFILE, "--target-dir", TARGET_DIR])
        .current_dir(root)
        .status()
        .context("starting cargo")?;
    if !done.success() {
        bail!("the WASM did not compile (is the target there? rustup target add {TARGET})");
    }
    Ok(root.join(TARGET_DIR).join(TARGET).join(PROFILE))
}

impl Program {
    /// What the compiler made of it, in that folder.
    pub fn compiled(self, folder: &Path) -> PathBuf {
        folder.join(self.file)
    }
}

/// Runs wasm-bindgen for `<script type="module">`, without TypeScript and without names: names alone are 80 KB.
pub fn prepare(program: Program, folder: &Path) -> Result<Prepared> {
    let compiled = program.compiled(folder);
    let out = folder.join("prepared").join(program.name);
    if out.exists() {
        std::fs::remove_dir_all(&out).with_context(|| format!("emptying {}", out.display()))?;
    }
    let mut module = walrus::ModuleConfig::new()
        .generate_dwarf(false)
        .generate_name_section(false)
        .generate_producers_section(false)
        .parse(&std::fs::read(&compiled).with_context(|| format!("reading {}", compiled.display()))?)
        .with_context(|| format!("parsing {}", compiled.display()))?;
    snip::never_called(&mut module)?;
    Bindgen::new()
        .input_module(program.name, module)
        .out_name(program.name)
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
    let js = std::fs::read_to_string(out.join(format!("{}.js", program.name))).context("reading the JS")?;
    let wasm = std::fs::read(out.join(format!("{}_bg.wasm", program.name))).context("reading the WASM")?;
    Ok(Prepared { name: program.name, js: script::without_comments(&js), wasm })
}
