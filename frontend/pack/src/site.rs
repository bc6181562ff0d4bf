//! Writes the site: names that hold a hash of their content, and beside each file its `.br` and `.gz`.
//!
//! The manifest is written last, so that whoever watches it finds the files it speaks of. Files of earlier builds are
//! removed: the server embeds the folder as it is.

use crate::style::Sheet;
use crate::wasm::{self, Prepared};
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::io::Write as _;
use std::path::Path;

/// Ten hexadecimal digits: a clash between two builds a browser still knows is one in a million million.
const HASH_DIGITS: usize = 10;
const MANIFEST: &str = "manifest.json";

#[derive(Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// Digest of everything the site was made from.
    pub made_from: String,
    pub files: Vec<File>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct File {
    pub name: String,
    pub bytes: usize,
    pub brotli: usize,
    pub gzip: usize,
}

impl Manifest {
    /// JS and WASM in brotli: style and font are not counted, they do not hold up the page.
    pub fn code_brotli(&self) -> usize {
        let is_code = |file: &&File| file.name.ends_with(".js") || file.name.ends_with(".wasm");
        self.files.iter().filter(is_code).map(|file| file.brotli).sum()
    }
}

/// A running SHA-256.
#[derive(Default)]
pub struct Digest(Sha256);

impl Digest {
    /// Adds a part and its length, so that parts cannot run into each other.
    pub fn add(&mut self, part: &[u8]) {
        self.0.update((part.len() as u64).to_le_bytes());
        self.0.update(part);
    }

    pub fn hex(self) -> String {
        self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The manifest of the site as it lies there, if it was made from the same and is whole.
pub fn unchanged(out: &Path, made_from: &str) -> Option<Manifest> {
    let manifest: Manifest = serde_json::from_slice(&std::fs::read(out.join(MANIFEST)).ok()?).ok()?;
    let whole = manifest.files.iter().all(|file| out.join("pkg").join(&file.name).exists());
    (whole && manifest.made_from == made_from).then_some(manifest)
}

/// Writes everything anew.
pub fn write(out: &Path, made_from: String, sheet: Sheet, program: &Prepared) -> Result<Manifest> {
    let pkg = out.join("pkg");
    if pkg.exists() {
        std::fs::remove_dir_all(&pkg).with_context(|| format!("emptying {}", pkg.display()))?;
    }
    std::fs::create_dir_all(&pkg).with_context(|| format!("making {}", pkg.display()))?;

    let mut files = Vec::new();
    let mut css = sheet.css;
    for font in &sheet.fonts {
        let stem = Path::new(&font.named).file_stem().context("a font without a name")?.to_string_lossy().into_owned();
        let file = add(&pkg, &stem, "woff2", &font.bytes)?;
        // Sheet and fonts lie in one folder: a bare name is the whole address.
        css = css.replace(&font.named, &file.name);
        files.push(file);
    }
    files.push(add(&pkg, "ringside", "css", css.as_bytes())?);
    files.push(add(&pkg, wasm::NAME, "js", program.js.as_bytes())?);
    files.push(add(&pkg, wasm::NAME, "wasm", &program.wasm)?);

    let manifest = Manifest { made_from, files };
    let text = serde_json::to_vec_pretty(&manifest).context("writing the manifest")?;
    std::fs::write(out.join(MANIFEST), text).context("writing the manifest")?;
    Ok(manifest)
}

/// One file under its hashed name, with its compressed forms beside it. A form that saves less than a fiftieth (a font is
/// compressed already) is not kept.
fn add(pkg: &Path, stem: &str, kind: &str, bytes: &[u8]) -> Result<File> {
    let mut digest = Digest::default();
    digest.add(bytes);
    let hash: String = digest.hex().chars().take(HASH_DIGITS).collect();
    let name = format!("{stem}.{hash}.{kind}");
    let put = |name: &str, bytes: &[u8]| {
        std::fs::write(pkg.join(name), bytes).with_context(|| format!("writing {}", pkg.join(name).display()))
    };
    put(&name, bytes)?;
    let (brotli, gzip) = (in_brotli(bytes)?, in_gzip(bytes)?);
    let pays = |packed: &[u8]| packed.len() * 50 < bytes.len() * 49;
    if pays(&brotli) {
        put(&format!("{name}.br"), &brotli)?;
    }
    if pays(&gzip) {
        put(&format!("{name}.gz"), &gzip)?;
    }
    let sent = |packed: &[u8]| if pays(packed) { packed.len() } else { bytes.len() };
    Ok(File { bytes: bytes.len(), brotli: sent(&brotli), gzip: sent(&gzip), name })
}

fn in_brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut packed = Vec::new();
    let params =
        brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: bytes.len(), ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut packed, &params).context("brotli")?;
    Ok(packed)
}

fn in_gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(bytes).context("gzip")?;
    packed.finish().context("gzip")
}
