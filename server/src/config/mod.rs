//! What this server was told: flags before the environment before the file before defaults.
//!
//! Owns every key, its default and what is wrong with its value; `cli` has the flags and alone reads the environment,
//! `file` the TOML. A [`Config`] has been checked as a whole. Secrets are kept as digests (`access::keys`) or hidden from logs.

pub mod cli;
pub mod file;
pub mod in_force;
pub mod open;
pub mod reference;

use crate::access::hosts::Hosts;
use crate::access::keys::{Alike, Key, Keys, Scope};
use crate::access::limits::WrongLimit;
use crate::access::proxies::Proxies;
use crate::access::{Doors, Reading, Transport};
use crate::audit::entry::Changed;
use crate::board::{BoardConfig, Hears};
use crate::control::config::ControlTable;
use crate::ingest::StoreConfig;
use crate::kit::mask::Veil;
use crate::kit::secret::Secret;
use crate::source::{Site, SourceConfigs, SourceError};
use crate::store::any::Database;
use crate::store::postgres::PostgresAddress;
use crate::telemetry::LogFormat;
use app::domain::{ComponentId, Country, RouteId, Span, TrunkId};
use chrono_tz::Tz;
use cli::Settings;
use file::{File, FileError, KeyTable};
use open::Open;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};

const DEFAULT_LISTEN: &str = "127.0.0.1:8080";
const DEFAULT_DATABASE: &str = "sqlite:ringside.db";
/// Made-up calls must not end up among real ones by accident.
const DEMO_DATABASE: &str = "sqlite:ringside-demo.db";
/// kpis.md: calls are kept this long on SQLite, and for 13 months on PostgreSQL.
const SQLITE_CALLS_DAYS: u32 = 90;
const POSTGRES_CALLS_DAYS: u32 = 396;
/// Shorter secrets are taken, with a warning.
const GOOD_SECRET_BYTES: usize = 16;

/// Who may reach the listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    ThisMachine,
    /// Asked for by name: `--open`.
    OtherMachines,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trunk {
    /// The route whose channels and state are this trunk's; its own name where absent.
    pub route: Option<RouteId>,
    /// Channels that the carrier allows at once, where samples don't say.
    pub capacity: Option<u32>,
}

#[derive(Debug, Clone)]
pub struct Config {
    pub listen: Vec<SocketAddr>,
    pub reach: Reach,
    pub doors: Doors,
    pub database: Database,
    pub zone: Tz,
    /// The zone, where one was told rather than left at its default.
    pub told_zone: Option<Tz>,
    /// Of numbers that sources report without a country code.
    pub country: Option<Country>,
    pub keys: Keys,
    pub calls_days: u32,
    /// Where the audit log's head is noted.
    pub audit_head: Option<PathBuf>,
    pub trunks: BTreeMap<TrunkId, Trunk>,
    /// Where a component's own dashboard is.
    pub links: BTreeMap<ComponentId, String>,
    /// Which dialers are asked to pause and resume campaigns.
    pub control: ControlTable,
    /// What there is to listen to, beside the API.
    pub sources: SourceConfigs,
    pub log: String,
    pub log_format: LogFormat,
    /// Said once logging is up.
    pub warnings: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read the configuration {}: {error}", .path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    #[error(transparent)]
    File(#[from] FileError),
    #[error("the environment's {name} is unknown{hint}")]
    Variable { name: String, hint: String },
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("`{key}`: {why}")]
    Setting { key: String, why: String },
    #[error("`listen`: {0} can be reached from other machines; start with --open (or `open = true`) if that is meant")]
    NotOpen(SocketAddr),
    #[error(
        "`open`: who comes from another machine needs a key to read, and none is configured; set RINGSIDE_READ_KEY, or a \
         key with scopes = [\"read\"] under [ingest]; or say open = \"anonymous\" if whoever comes may read every page"
    )]
    NoReadingKey,
    #[error(
        "`listen`: {0} can be reached from other machines, and no key for sending events is configured; \
         set RINGSIDE_INGEST_KEY, or a key under [ingest]"
    )]
    NoKey(SocketAddr),
}

fn setting(key: impl Into<String>, why: impl Into<String>) -> ConfigError {
    ConfigError::Setting { key: key.into(), why: why.into() }
}

impl Config {
    /// Reads the environment's secrets and the file, and checks the whole.
    ///
    /// # Errors
    /// The first thing that is wrong, with its key.
    pub fn load(settings: Settings) -> Result<Self, ConfigError> {
        Self::load_with(settings, DEFAULT_DATABASE)
    }

    /// The same for a demo, which has a database of its own unless told otherwise.
    ///
    /// # Errors
    /// The first thing that is wrong, with its key.
    pub fn load_demo(settings: Settings) -> Result<Self, ConfigError> {
        Self::load_with(settings, DEMO_DATABASE)
    }

    fn load_with(mut settings: Settings, default_database: &str) -> Result<Self, ConfigError> {
        cli::check_names(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()))?;
        settings.ingest_key = cli::ingest_key()?;
        settings.control_key = cli::secret("RINGSIDE_CONTROL_KEY")?;
        settings.read_key = cli::secret("RINGSIDE_READ_KEY")?;
        settings.vicidial_password = cli::secret("RINGSIDE_VICIDIAL_PASSWORD")?;
        settings.database_password = cli::secret("RINGSIDE_DATABASE_PASSWORD")?;
        let file = match &settings.config {
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| ConfigError::Unreadable { path: path.clone(), error })?;
                file::read(path, &text)?
            }
            None => File::default(),
        };
        let told = settings.database.is_some() || file.database.is_some();
        if !told {
            settings.database = Some(default_database.to_owned());
        }
        Self::checked(settings, file)
    }

    /// Puts flags and file together.
    ///
    /// # Errors
    /// The first value that can't be, with its key.
    pub fn checked(settings: Settings, file: File) -> Result<Self, ConfigError> {
        let listen = addresses(settings.listen.or(file.listen).as_deref().unwrap_or(DEFAULT_LISTEN))?;
        let open = settings.open.or(file.open).unwrap_or_default();
        let (reach, reading) = match open {
            Open::No => (Reach::ThisMachine, Reading::Free),
            Open::Keyed => (Reach::OtherMachines, Reading::Keyed),
            Open::Anonymous => (Reach::OtherMachines, Reading::Free),
        };
        let mut warnings = Vec::new();
        let environment = [settings.ingest_key, settings.control_key, settings.read_key];
        let keys = all_keys(environment, &file.ingest.keys, &mut warnings)?;
        if let Some(beyond) = listen.iter().find(|address| !address.ip().is_loopback()) {
            if reach == Reach::ThisMachine {
                return Err(ConfigError::NotOpen(*beyond));
            }
            if !keys.any(Scope::Ingest) {
                return Err(ConfigError::NoKey(*beyond));
            }
        }
        if reading == Reading::Keyed && !keys.iter().any(|key| key.role().may(Scope::Read)) {
            return Err(ConfigError::NoReadingKey);
        }
        let transport = if file.hsts == Some(true) { Transport::TlsAlone } else { Transport::AsItComes };
        let doors = Doors {
            reading,
            hosts: Hosts::new(&settings.hosts.or(file.hosts).unwrap_or_default()).map_err(|e| setting("hosts", e))?,
            proxies: Proxies::new(&file.trusted_proxies).map_err(|e| setting("trusted_proxies", e))?,
            limits: file.limits.checked().map_err(|WrongLimit { name, why }| setting(format!("limits.{name}"), why))?,
            transport,
        };
        let country = settings
            .country
            .or(file.country)
            .map(|c| Country::new(&c).map_err(|e| setting("country", format!("`{c}` is {e}"))))
            .transpose()?;
        let password = match (settings.database_password, file.database_password_file) {
            (Some(password), _) => Some(password),
            (None, Some(path)) => Some(secret_in(&path)?),
            (None, None) => None,
        };
        let url = settings.database.or(file.database);
        let database = database(url.as_deref().unwrap_or(DEFAULT_DATABASE), password.as_deref())?;
        let audit_head = file.audit_head_file.or_else(|| match &database {
            Database::Sqlite(path) => {
                let mut beside = path.as_os_str().to_owned();
                beside.push(".audit-head");
                Some(beside.into())
            }
            Database::Postgres(_) => None,
        });
        let calls_days = file.retention.calls_days.unwrap_or(match &database {
            Database::Sqlite(_) => SQLITE_CALLS_DAYS,
            Database::Postgres(_) => POSTGRES_CALLS_DAYS,
        });
        let mut tables = file.source;
        if let Some(worker) = file.worker {
            warnings.push("`[worker]` is its name of old: write `[[source.worker]]`".to_owned());
            tables.worker.tables.push(worker);
        }
        let sources = tables.checked(Site { country }, &mut warnings)?;
        let told_zone = settings.zone.or(file.zone).as_deref().map(zone).transpose()?;
        Ok(Self {
            listen,
            reach,
            doors,
            database,
            zone: told_zone.unwrap_or(Tz::UTC),
            told_zone,
            country,
            keys,
            calls_days: match calls_days {
                0 => return Err(setting("retention.calls_days", "must be at least 1")),
                days => days,
            },
            audit_head,
            trunks: trunks(file.trunks)?,
            links: links(file.links)?,
            control: control(file.control, settings.vicidial_password),
            sources,
            log: settings.log.or(file.log.filter).unwrap_or_else(|| "info".to_owned()),
            log_format: settings.log_format.or(file.log.format).unwrap_or_default(),
            warnings,
        })
    }
}

impl Config {
    /// What is in force of it, for the audit log: the keys, by name and a mark of their secrets, and a mark of the rest. It
    /// tells that something was changed, and no secret.
    #[must_use]
    pub fn in_force(&self) -> [(Changed, String); 2] {
        let key = |key: &Key| {
            let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.word()).collect();
            let mark = key.seal("in force").map_or_else(String::new, |seal| mark(&seal, 2));
            format!("{} ({}) {mark}", key.name, scopes.join(" "))
        };
        let keys: Vec<String> = self.keys.iter().map(key).collect();
        let rest = Sha256::digest(format!("{self:?}").as_bytes());
        let listen: Vec<String> = self.listen.iter().map(ToString::to_string).collect();
        let configuration = format!("{}, listening at {}, {}", self.database, listen.join(" "), mark(&rest, 8));
        [(Changed::Keys, keys.join(", ")), (Changed::Configuration, configuration)]
    }

    /// For how long calls are kept.
    #[must_use]
    pub fn keep_calls(&self) -> Span {
        Span::days(i64::from(self.calls_days))
    }

    /// What ingest is told of it.
    #[must_use]
    pub fn store(&self) -> StoreConfig {
        StoreConfig { database: self.database.clone(), zone: self.zone, keep_calls: self.keep_calls() }
    }

    /// What the board is told of it.
    #[must_use]
    pub fn board(&self, veil: Veil, hears: Hears) -> BoardConfig {
        let route = |(id, trunk): (&TrunkId, &Trunk)| Some((id.clone(), trunk.route.clone()?));
        let capacity = |(id, trunk): (&TrunkId, &Trunk)| Some((id.clone(), trunk.capacity?));
        BoardConfig {
            zone: self.zone,
            trunk_routes: self.trunks.iter().filter_map(route).collect(),
            capacities: self.trunks.iter().filter_map(capacity).collect(),
            links: self.links.iter().map(|(component, link)| (component.clone(), link.into())).collect(),
            veil,
            hears,
        }
    }
}

/// The first bytes of a digest, as they are written.
fn mark(digest: &[u8], bytes: usize) -> String {
    digest.iter().take(bytes).map(|byte| format!("{byte:02x}")).collect()
}

fn addresses(listen: &str) -> Result<Vec<SocketAddr>, ConfigError> {
    let found: Vec<SocketAddr> = listen
        .to_socket_addrs()
        .map_err(|e| setting("listen", format!("`{listen}` is no address (like 127.0.0.1:8080): {e}")))?
        .collect();
    if found.is_empty() { Err(setting("listen", format!("`{listen}` names no address"))) } else { Ok(found) }
}

fn database(url: &str, password: Option<&str>) -> Result<Database, ConfigError> {
    match url.split_once(':') {
        Some(("sqlite", path)) if !path.is_empty() => {
            Ok(Database::Sqlite(PathBuf::from(path.strip_prefix("//").unwrap_or(path))))
        }
        Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => {
            let address = PostgresAddress::new(url, password).map_err(|why| setting("database", why))?;
            Ok(Database::Postgres(address))
        }
        // Not quoted: there may be a password in it.
        _ => Err(setting(
            "database",
            "must be `sqlite:PATH` (like sqlite:ringside.db) or `postgres://USER@HOST/DATABASE`",
        )),
    }
}

fn zone(name: &str) -> Result<Tz, ConfigError> {
    name.parse().map_err(|_| {
        let known: Vec<&str> = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).collect();
        let hint = crate::kit::nearest::nearest(name, &known)
            .map(|near| format!("; did you mean `{near}`?"))
            .unwrap_or_default();
        setting("zone", format!("`{name}` is not a zone of the IANA list (like America/New_York){hint}"))
    })
}

fn all_keys(
    environment: [Option<String>; 3],
    tables: &[KeyTable],
    warnings: &mut Vec<String>,
) -> Result<Keys, ConfigError> {
    let mut keys = Keys::default();
    let mut add = |place: String, name: &str, secret: &str, scopes: Vec<Scope>| {
        if secret.is_empty() || !secret.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(setting(place, "a secret has at least one character, all of them visible ASCII"));
        }
        if secret.len() < GOOD_SECRET_BYTES {
            warnings.push(format!("{place}: shorter than {GOOD_SECRET_BYTES} characters: easy to guess"));
        }
        if !is_plain(name) {
            return Err(setting(place, "a key's name has 1 to 64 letters, digits or other visible characters"));
        }
        let key = Key::new(name, secret, scopes);
        match keys.like(&key) {
            None => keys.add(key),
            Some(Alike::Name) => return Err(setting(place, format!("another key is named `{name}` already"))),
            Some(Alike::Secret) => {
                return Err(setting(
                    place,
                    "another key has the same secret: nobody could tell which of them was used",
                ));
            }
        }
        Ok(())
    };
    let [ingest, control, read] = environment;
    if let Some(secret) = ingest {
        add("RINGSIDE_INGEST_KEY".to_owned(), "environment", &secret, vec![Scope::Ingest])?;
    }
    if let Some(secret) = control {
        add("RINGSIDE_CONTROL_KEY".to_owned(), "control", &secret, vec![Scope::Control])?;
    }
    if let Some(secret) = read {
        add("RINGSIDE_READ_KEY".to_owned(), "read", &secret, vec![Scope::Read])?;
    }
    for (i, table) in tables.iter().enumerate() {
        let place = format!("ingest.keys[{i}]");
        let secret = match (&table.secret, &table.secret_file) {
            (Some(secret), None) => secret.clone(),
            (None, Some(path)) => secret_in(path)?,
            (None, None) => return Err(setting(place, "set `secret` or `secret_file`")),
            (Some(_), Some(_)) => return Err(setting(place, "both `secret` and `secret_file` are set; keep one")),
        };
        let scopes = table.scopes.clone().unwrap_or_else(|| vec![Scope::Ingest]);
        add(place, &table.name, &secret, scopes)?;
    }
    Ok(keys)
}

/// A name that a line of the log and a table can bear.
fn is_plain(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.chars().all(|c| !c.is_control()) && name.trim() == name
}

/// The secret that a file holds alone.
fn secret_in(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path)
        .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
        .map_err(|error| ConfigError::Unreadable { path: path.to_owned(), error })
}

/// The environment's password goes to where the file names none.
fn control(mut table: ControlTable, password: Option<String>) -> ControlTable {
    for vicidial in &mut table.vicidial {
        if vicidial.password.is_none() && vicidial.password_file.is_none() {
            vicidial.password = password.clone().map(Secret::new);
        }
    }
    table
}

fn trunks(tables: BTreeMap<String, file::TrunkTable>) -> Result<BTreeMap<TrunkId, Trunk>, ConfigError> {
    tables
        .into_iter()
        .map(|(name, table)| {
            let wrong = |e: app::domain::ids::IdError| setting(format!("trunks.{name}"), e.to_string());
            let id = TrunkId::new(&name).map_err(wrong)?;
            let route = table.route.map(|r| RouteId::new(&r).map_err(wrong)).transpose()?;
            if table.capacity == Some(0) {
                return Err(setting(format!("trunks.{name}.capacity"), "must be at least 1"));
            }
            Ok((id, Trunk { route, capacity: table.capacity }))
        })
        .collect()
}

fn links(links: BTreeMap<String, String>) -> Result<BTreeMap<ComponentId, String>, ConfigError> {
    links
        .into_iter()
        .map(|(component, link)| {
            let key = format!("links.{component}");
            // A link ends up in a page: nothing but addresses of the web.
            if !(link.starts_with("https://") || link.starts_with("http://")) {
                return Err(setting(key, "must begin with https:// or http://"));
            }
            let component = ComponentId::new(&component).map_err(|e| setting(key, e.to_string()))?;
            Ok((component, link))
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn with(settings: Settings, text: &str) -> Result<Config, String> {
        let file = file::read(Path::new("r.toml"), text).map_err(|e| e.to_string())?;
        Config::checked(settings, file).map_err(|e| e.to_string())
    }

    #[test]
    fn nothing_said_is_this_machine_only() {
        let config = with(Settings::default(), "").unwrap();
        assert_eq!(config.listen, ["127.0.0.1:8080".parse().unwrap()]);
        assert_eq!(config.database, Database::Sqlite("ringside.db".into()));
        assert_eq!((config.zone, config.reach), (Tz::UTC, Reach::ThisMachine));
        assert!(config.keys.is_empty());
    }

    #[test]
    fn beyond_this_machine_needs_to_be_open_and_a_key() {
        let listen = Settings { listen: Some("0.0.0.0:8080".to_owned()), ..Settings::default() };
        assert!(with(listen, "").unwrap_err().contains("--open"));
        let listen =
            || Settings { listen: Some("0.0.0.0:8080".to_owned()), open: Some(Open::Keyed), ..Settings::default() };
        assert!(with(listen(), "").unwrap_err().contains("RINGSIDE_INGEST_KEY"));
        let controls = Settings { control_key: Some("a-long-enough-secret".to_owned()), ..listen() };
        assert!(with(controls, "").unwrap_err().contains("RINGSIDE_INGEST_KEY"), "it sends no events");
        let keyed = || Settings { ingest_key: Some("a-long-enough-secret".to_owned()), ..listen() };
        assert!(with(keyed(), "").unwrap_err().contains("RINGSIDE_READ_KEY"), "nobody could read");
        let config = with(Settings { read_key: Some("another-long-secret".to_owned()), ..keyed() }, "").unwrap();
        assert!(config.keys.find("a-long-enough-secret").is_some() && config.warnings.is_empty());
        assert_eq!(config.doors.reading, Reading::Keyed);
        let anybody = with(Settings { open: Some(Open::Anonymous), ..keyed() }, "").unwrap();
        assert_eq!((anybody.doors.reading, anybody.reach), (Reading::Free, Reach::OtherMachines));
    }

    #[test]
    fn whoever_may_pause_may_read_and_open_says_for_whom() {
        let controls = || Settings { control_key: Some("a-long-enough-secret".to_owned()), ..Settings::default() };
        assert_eq!(with(controls(), "open = true").unwrap().doors.reading, Reading::Keyed);
        assert_eq!(with(controls(), "open = \"anonymous\"").unwrap().doors.reading, Reading::Free);
        assert_eq!(with(controls(), "open = false").unwrap().doors.reading, Reading::Free);
        assert!(with(controls(), "open = \"nobody\"").unwrap_err().contains("`nobody` is none of"));
        assert!(with(Settings::default(), "open = true").unwrap_err().contains("RINGSIDE_READ_KEY"));
    }

    #[test]
    fn flags_go_before_the_file() {
        let flags = Settings { zone: Some("Europe/Berlin".to_owned()), ..Settings::default() };
        assert_eq!(with(flags, "zone = \"UTC\"").unwrap().zone, Tz::Europe__Berlin);
    }

    #[test]
    fn each_wrong_value_names_its_key() {
        for (text, words) in [
            (
                "zone = \"Europe/Berln\"",
                "`zone`: `Europe/Berln` is not a zone of the IANA list (like America/New_York); did you mean `Europe/Berlin`?",
            ),
            (
                "database = \"mysql://x:secret@y\"",
                "`database`: must be `sqlite:PATH` (like sqlite:ringside.db) or `postgres://",
            ),
            ("database = \"postgres://x:secret@y:z\"", "`database`: is no address like postgres://user@host"),
            ("country = \"Germany\"", "`country`: `Germany` is not an ISO"),
            ("listen = \"nowhere\"", "`listen`: `nowhere` is no address"),
            ("[retention]\ncalls_days = 0", "`retention.calls_days`: must be at least 1"),
            ("[links]\nm = \"javascript:x\"", "`links.m`: must begin with https://"),
            ("[worker]\nurl = \"nowhere\"", "`source.worker.url`: must be an address"),
            ("[[source.worker]]\nurl = \"nowhere\"", "`source.worker.url`: must be an address"),
            ("[trunks.t]\ncapacity = 0", "`trunks.t.capacity`: must be at least 1"),
            ("[[ingest.keys]]\nname = \"a\"", "`ingest.keys[0]`: set `secret` or `secret_file`"),
            ("[[ingest.keys]]\nname = \"a\"\nsecret = \"a b\"", "`ingest.keys[0]`: a secret has"),
            ("[[ingest.keys]]\nname = \"a\\nb\"\nsecret = \"ab\"", "`ingest.keys[0]`: a key's name has"),
            (
                "[[ingest.keys]]\nname = \"a\"\nsecret = \"one\"\n[[ingest.keys]]\nname = \"a\"\nsecret = \"two\"",
                "`ingest.keys[1]`: another key is named `a` already",
            ),
            (
                "[[ingest.keys]]\nname = \"a\"\nsecret = \"one\"\n[[ingest.keys]]\nname = \"b\"\nsecret = \"one\"",
                "`ingest.keys[1]`: another key has the same secret",
            ),
            ("hosts = [\"http://x\"]", "`hosts`: `http://x` is no name"),
            ("trusted_proxies = [\"x\"]", "`trusted_proxies`: `x` is no address or network"),
            ("[limits]\nanswers = 0", "`limits.answers`: must be at least 1"),
        ] {
            let error = with(Settings::default(), text).unwrap_err();
            assert!(error.starts_with(words), "{text}: {error}");
        }
    }

    const PBX: &str = "address = \"pbx:5038\"\nuser = \"u\"\nsecret = \"tulip\"\nroutes = { a = \"A\" }\n";

    #[test]
    fn several_sources_of_a_kind_are_told_apart_by_name() {
        let two = format!("[[source.asterisk]]\n{PBX}realm = \"east\"\n[[source.asterisk]]\n{PBX}");
        let config = with(Settings::default(), &two).unwrap();
        let realms: Vec<&str> = config.sources.asterisk.iter().map(|pbx| pbx.realm.as_str()).collect();
        assert_eq!((realms.as_slice(), config.warnings.len()), (&["east", "asterisk"][..], 0));
        let alike = with(Settings::default(), &two.replace("realm = \"east\"\n", "")).unwrap_err();
        assert!(
            alike.starts_with("[[source.asterisk]] no. 2: another one has the realm `asterisk` already"),
            "{alike}"
        );
        let wrong = with(
            Settings::default(),
            &format!("[[source.asterisk]]\n{PBX}[[source.asterisk]]\n{PBX}secret_file = \"f\"\n"),
        );
        assert!(wrong.unwrap_err().starts_with("[[source.asterisk]] no. 2: source.asterisk: both `secret`"));
        let workers =
            "[[source.worker]]\nurl = \"http://a/\"\n[[source.worker]]\nurl = \"http://b/\"\ncomponent = \"b\"\n";
        assert_eq!(with(Settings::default(), workers).unwrap().sources.worker.len(), 2);
    }

    #[test]
    fn the_forms_of_old_are_taken_and_say_what_to_write_now() {
        let old = format!("[worker]\nurl = \"http://a/\"\n[source.asterisk]\n{PBX}");
        let config = with(Settings::default(), &old).unwrap();
        assert_eq!((config.sources.asterisk.len(), config.sources.worker.len()), (1, 1));
        let warnings = config.warnings.join("\n");
        assert!(
            warnings.contains("write `[[source.worker]]`") && warnings.contains("write `[[source.asterisk]]`"),
            "{warnings}"
        );
        let new = format!("[[source.worker]]\nurl = \"http://a/\"\n[[source.asterisk]]\n{PBX}");
        let config = with(Settings::default(), &new).unwrap();
        assert_eq!((config.sources.asterisk.len(), config.sources.worker.len()), (1, 1));
        assert_eq!(config.warnings, Vec::<String>::new());
    }

    #[test]
    fn a_weak_secret_is_taken_with_a_warning_that_does_not_tell_it() {
        let config = with(Settings::default(), "[[ingest.keys]]\nname = \"a\"\nsecret = \"weak\"").unwrap();
        assert!(config.warnings[0].contains("ingest.keys[0]") && !config.warnings[0].contains("weak"));
        assert!(!format!("{config:?}").contains("weak\""));
    }
}
