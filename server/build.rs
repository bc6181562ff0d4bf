//! Says of which commit a release is made, and embeds that commit's source, which its users may have (AGPL-3.0, § 13).
//!
//! Embeds the migrations, so that one who adds a file need name it nowhere.
//!
//! Embeds the site into the binary: whatever `make site` left in `target/site/pkg`. When it left nothing, the server
//! still builds; its pages are then readable, without style or scripts.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

fn main() -> Result<(), Box<dyn Error>> {
    source()?;
    migrations()?;
    let site = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("../target/site");
    let manifest = site.join("manifest.json");
    if !manifest.exists() {
        // Cargo would run this script anew on every build for a file that is missing. So make one, dated long ago: the
        // site's real manifest is newer in any case.
        fs::create_dir_all(&site)?;
        let file = fs::File::create(&manifest)?;
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000))?;
    }
    println!("cargo::rerun-if-changed={}", manifest.display());

    let mut code = String::from("pub(super) static FILES: &[EmbeddedFile] = &[\n");
    for name in names(&site.join("pkg"))? {
        let path = site.join("pkg").join(&name).canonicalize()?;
        let packed = |suffix: &str| {
            let path = format!("{}.{suffix}", path.display());
            if Path::new(&path).exists() { format!("Some(include_bytes!({path:?}))") } else { "None".to_owned() }
        };
        writeln!(
            code,
            "    EmbeddedFile {{ name: {name:?}, plain: include_bytes!({path:?}), brotli: {}, gzip: {} }},",
            packed("br"),
            packed("gz")
        )?;
    }
    code.push_str("];\n");
    fs::write(Path::new(&std::env::var("OUT_DIR")?).join("site.rs"), code)?;
    Ok(())
}

/// The files of `migrations/`: of each its version, what it is called, and its text, in order.
fn migrations() -> Result<(), Box<dyn Error>> {
    let mut code = String::new();
    for (name, folder) in [("SQLITE", "sqlite"), ("TIMESCALE", "timescale")] {
        let folder =
            Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("../migrations").join(folder).canonicalize()?;
        println!("cargo::rerun-if-changed={}", folder.display());
        writeln!(code, "pub(super) static {name}: &[Embedded] = &[")?;
        for file in names(&folder)?.into_iter().filter(|name| name.ends_with(".sql")) {
            let called = file.strip_suffix(".sql").and_then(|stem| stem.split_once('_'));
            let (version, words) = called.ok_or_else(|| format!("{file}: not called like 001_first_words.sql"))?;
            let version: i64 = version.parse().map_err(|_| format!("{file}: does not begin with a number"))?;
            let (words, path) = (words.replace('_', " "), folder.join(&file));
            writeln!(code, "    Embedded {{ version: {version}, words: {words:?}, sql: include_str!({path:?}) }},")?;
        }
        code.push_str("];\n");
    }
    Ok(fs::write(Path::new(&std::env::var("OUT_DIR")?).join("migrations.rs"), code)?)
}

/// Of a release; any other build would have to be made anew after each commit.
fn source() -> Result<(), Box<dyn Error>> {
    let archive = Path::new(&std::env::var("OUT_DIR")?).join("source.tar.gz");
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).current_dir("..").output().ok()?;
        output.status.success().then_some(output.stdout)
    };
    let is_release = std::env::var("PROFILE")? == "release";
    if !is_release {
        println!("cargo::rustc-env=RINGSIDE_COMMIT=debug build");
        fs::write(archive, b"")?;
        return Ok(());
    }
    let Some(head) = git(&["rev-parse", "--short=12", "HEAD"]) else {
        // As of the archive that a release gives: whoever builds that gives its source on as well.
        println!("cargo::rustc-env=RINGSIDE_COMMIT=no commit known");
        return Ok(fs::write(archive, without_git()?)?);
    };
    // HEAD names the branch, whose file moves with each commit; packed away it is the log that does.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        let log = Path::new("..").join(String::from_utf8_lossy(&log).trim());
        println!("cargo::rerun-if-changed={}", log.display());
    }
    let head = String::from_utf8_lossy(&head).trim().to_owned();
    // What was changed since, as a commit of its own that no branch has; nothing where nothing was.
    let since = git(&["stash", "create"]).map(|hash| String::from_utf8_lossy(&hash).trim().to_owned());
    let since = since.filter(|hash| !hash.is_empty());
    println!("cargo::rustc-env=RINGSIDE_COMMIT=commit {head}{}", since.as_ref().map_or("", |_| ", changed since"));
    let of = since.unwrap_or_else(|| "HEAD".to_owned());
    let packed = git(&["archive", "--format=tar.gz", "--prefix=ringside/", &of]);
    fs::write(archive, packed.filter(|bytes| !bytes.is_empty()).ok_or("git archive gave no source")?)?;
    Ok(())
}

/// The tree as it lies here, without what is made of it.
fn without_git() -> Result<Vec<u8>, Box<dyn Error>> {
    let made = ["target", "node_modules", "test-results"].map(|name| format!("--exclude={name}"));
    let tar = Command::new("tar").arg("-cz").args(made).args(["-C", "..", "."]).output()?;
    if !tar.status.success() {
        return Err(format!("tar: {}", String::from_utf8_lossy(&tar.stderr)).into());
    }
    Ok(tar.stdout)
}

/// The files of a folder, of the site's without their compressed forms, in order.
fn names(folder: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut names = Vec::new();
    if folder.exists() {
        for entry in fs::read_dir(folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if !name.ends_with(".br") && !name.ends_with(".gz") {
                names.push(name);
            }
        }
    }
    names.sort();
    Ok(names)
}
