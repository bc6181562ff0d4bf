//! The configuration file as TOML, and what is wrong in it: which key, where, and which one was probably meant.

use super::open::Open;
use crate::access::keys::Scope;
use crate::access::limits::Limits;
use crate::control::config::ControlTable;
use crate::source::SourceTables;
use crate::source::worker::WorkerTable;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// Everything a file may hold. Absent keys are absent: defaults are `super::Config`'s.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub listen: Option<String>,
    pub database: Option<String>,
    /// A file that holds the password to the database alone.
    pub database_password_file: Option<PathBuf>,
    /// Whether other machines reach the listener: `true` (to read they need a key), or `"anonymous"`.
    pub open: Option<Open>,
    /// Names by which browsers may ask for this server, beside localhost and addresses in figures.
    pub hosts: Option<Vec<String>>,
    /// Addresses and networks of proxies that are believed about who asked them.
    #[serde(default)]
    pub trusted_proxies: Vec<String>,
    /// Where the audit log's head is noted, apart from the database; beside it where that is a file and nothing is told.
    pub audit_head_file: Option<PathBuf>,
    /// How much one client may have.
    #[serde(default)]
    pub limits: Limits,
    /// Browsers are to come by TLS alone.
    pub hsts: Option<bool>,
    pub zone: Option<String>,
    pub country: Option<String>,
    #[serde(default)]
    pub log: LogTable,
    #[serde(default)]
    pub ingest: IngestTable,
    #[serde(default)]
    pub control: ControlTable,
    #[serde(default)]
    pub retention: RetentionTable,
    /// By trunk: whose channels they are, and how many.
    #[serde(default)]
    pub trunks: BTreeMap<String, TrunkTable>,
    /// By component: where its own dashboard is.
    #[serde(default)]
    pub links: BTreeMap<String, String>,
    #[serde(default)]
    pub source: SourceTables,
    /// The place of old of `[[source.worker]]`.
    pub worker: Option<WorkerTable>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogTable {
    pub filter: Option<String>,
    pub format: Option<crate::telemetry::LogFormat>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IngestTable {
    #[serde(default)]
    pub keys: Vec<KeyTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyTable {
    pub name: String,
    pub secret: Option<String>,
    pub secret_file: Option<PathBuf>,
    pub scopes: Option<Vec<Scope>>,
}

impl fmt::Debug for KeyTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyTable").field("name", &self.name).field("scopes", &self.scopes).finish_non_exhaustive()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionTable {
    pub calls_days: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrunkTable {
    pub route: Option<String>,
    pub capacity: Option<u32>,
}

/// Something wrong in the file: where, and what.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}:{column}: {what}", .file.display())]
pub struct FileError {
    pub file: PathBuf,
    pub line: usize,
    pub column: usize,
    pub what: String,
}

/// Reads the text of the file at `path`.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn read(path: &Path, text: &str) -> Result<File, FileError> {
    let fail = |error: &toml::de::Error, key: &str| {
        let (line, column) = error.span().map_or((1, 1), |span| position(text, span.start));
        FileError { file: path.to_owned(), line, column, what: explain(error.message(), key) }
    };
    let reader = toml::Deserializer::parse(text).map_err(|e| fail(&e, ""))?;
    serde_path_to_error::deserialize::<_, File>(reader).map_err(|e| {
        let key = e.path().to_string();
        fail(e.inner(), if key == "." { "" } else { &key })
    })
}

/// Line and column, from 1.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// The reader's message in our words: unknown keys with the nearest known one, wrong types with their key.
fn explain(message: &str, key: &str) -> String {
    if let Some((unknown, rest)) = message.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`')) {
        // "…, expected one of `a`, `b`" or "…, expected `a`": every second piece between backticks is a key.
        let known: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
        let within = key.strip_suffix(unknown).unwrap_or(key).trim_end_matches('.');
        let place = if within.is_empty() { String::new() } else { format!(" in `{within}`") };
        return format!("unknown key `{unknown}`{place}{}", crate::kit::nearest::did_you_mean(unknown, &known));
    }
    if key.ends_with("secret") || key.ends_with("password") {
        // The reader quotes the value that it did not like.
        return format!("`{key}`: must be a string");
    }
    let message = app::domain::said::in_words(message);
    if key.is_empty() { message } else { format!("`{key}`: {message}") }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        read(Path::new("r.toml"), text).unwrap_err().to_string()
    }

    #[test]
    fn an_unknown_key_names_the_nearest_and_its_place() {
        assert_eq!(
            error("zone = \"UTC\"\nlistne = \"x\"\n"),
            "r.toml:2:1: unknown key `listne`; did you mean `listen`?"
        );
        assert_eq!(
            error("[[ingest.keys]]\nname = \"a\"\n  secrt = \"b\"\n"),
            "r.toml:3:3: unknown key `secrt` in `ingest.keys[0]`; did you mean `secret`?"
        );
        assert_eq!(
            error("[retention]\nxyz = 1\n"),
            "r.toml:2:1: unknown key `xyz` in `retention`; the only key here is `calls_days`"
        );
    }

    #[test]
    fn a_wrong_type_names_its_key_and_its_place() {
        assert_eq!(
            error("[retention]\ncalls_days = \"ninety\"\n"),
            "r.toml:2:14: `retention.calls_days`: must be a whole number, not negative; it is the text \"ninety\""
        );
        assert_eq!(
            error("[[ingest.keys]]\nname = \"a\"\nsecret = 1234\n"),
            "r.toml:3:10: `ingest.keys[0].secret`: must be a string"
        );
        assert!(error("listen = \n").starts_with("r.toml:1:"));
    }

    #[test]
    fn a_sources_wrong_key_is_named_with_its_place() {
        let text = "[source.asterisk]\naddress = \"pbx:5038\"\nuser = \"u\"\nreelm = \"r\"\n";
        assert_eq!(error(text), "r.toml:4:1: unknown key `reelm` in `source.asterisk`; did you mean `realm`?");
        let text = "[[source.asterisk]]\naddress = \"pbx:5038\"\nuser = \"u\"\nroutes = {}\n[[source.asterisk]]\nreelm = \"r\"\n";
        assert_eq!(error(text), "r.toml:6:1: unknown key `reelm` in `source.asterisk[1]`; did you mean `realm`?");
        let text = "[[source.wroker]]\nurl = \"http://w/\"\n";
        assert_eq!(error(text), "r.toml:1:10: unknown key `wroker` in `source`; did you mean `worker`?");
        let text =
            "[source.asterisk]\naddress = \"pbx:5038\"\nuser = \"u\"\n[source.asterisk.routes]\na = { rout = \"A\" }\n";
        assert!(
            error(text).contains("unknown key `rout`") && error(text).contains("did you mean `route`?"),
            "{}",
            error(text)
        );
    }

    #[test]
    fn a_whole_file_is_read() {
        let file = read(
            Path::new("r.toml"),
            r#"
            listen = "127.0.0.1:9000"
            [[ingest.keys]]
            name = "dialer"
            secret = "s3cr3t-s3cr3t-s3cr3t"
            scopes = ["ingest"]
            [trunks.eu-1]
            route = "eu"
            capacity = 60
            [links]
            media-1 = "https://grafana.example/d/1"
            "#,
        )
        .unwrap();
        assert_eq!(file.trunks["eu-1"].capacity, Some(60));
        assert!(!format!("{file:?}").contains("s3cr3t"));
    }
}
