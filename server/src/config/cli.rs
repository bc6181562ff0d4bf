//! The command line, and the same by `RINGSIDE_…` in the environment. Nothing else reads the environment.

use super::ConfigError;
use super::open::Open;
use crate::import::Format;
use crate::kit::nearest::did_you_mean;
use crate::source::file::times::Fold;
use crate::source::file::times::shapes::Dates;
use crate::telemetry::LogFormat;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Every variable that is read.
const VARIABLES: &[&str] = &[
    "RINGSIDE_CONFIG",
    "RINGSIDE_CONTROL_KEY",
    "RINGSIDE_CONTROL_KEY_FILE",
    "RINGSIDE_COUNTRY",
    "RINGSIDE_DATABASE",
    "RINGSIDE_DATABASE_PASSWORD",
    "RINGSIDE_DATABASE_PASSWORD_FILE",
    "RINGSIDE_HOSTS",
    "RINGSIDE_IMPORT_PASSWORD",
    "RINGSIDE_IMPORT_PASSWORD_FILE",
    "RINGSIDE_INGEST_KEY",
    "RINGSIDE_INGEST_KEY_FILE",
    "RINGSIDE_LISTEN",
    "RINGSIDE_LOG",
    "RINGSIDE_LOG_FORMAT",
    "RINGSIDE_OPEN",
    "RINGSIDE_READ_KEY",
    "RINGSIDE_READ_KEY_FILE",
    "RINGSIDE_VICIDIAL_PASSWORD",
    "RINGSIDE_VICIDIAL_PASSWORD_FILE",
    "RINGSIDE_ZONE",
];
/// Set for the tests in a browser, which hand their environment on to the server that they start.
const TESTS_OWN: &[&str] = &[
    "RINGSIDE_BINARY",
    "RINGSIDE_CHROMIUM",
    "RINGSIDE_TEST_BED",
    "RINGSIDE_TEST_MARIADB",
    "RINGSIDE_TEST_PORT",
    "RINGSIDE_TEST_TIMESCALE",
    "RINGSIDE_TEST_POSTGRES",
];

/// The live dashboard of outbound call floors: takes the events of a dialer or PBX, and shows what goes wrong while it does.
#[derive(Debug, Parser)]
#[command(name = "ringside", version = crate::version::VERSION, arg_required_else_help = true, after_long_help = super::reference::listed())]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Take events in and show the floor.
    Serve(Settings),
    /// Serve a made-up floor: every page says DEMO.
    Demo(DemoArgs),
    /// Send a made-up floor to a server, as any dialer would: by its API.
    Simulate(SimulateArgs),
    /// Read calls of the past from files; what is there already changes nothing.
    Import(Box<ImportArgs>),
    /// Prove that the sums kept are those of the calls kept; ends with 2 and names the differences where they are not.
    Verify(VerifyArgs),
    /// Make the sums anew from the calls, and take a changed site zone. No server may be using the database.
    Rebuild(StoreArgs),
    /// Copy the database to a file, also while a server uses it, and check the copy.
    Backup(BackupArgs),
    /// Put a backup in the database's place, once it is checked. No server may be using it.
    Restore(RestoreArgs),
    /// Put a pseudonym in the place of a person's number wherever it stands. No server may be using the database.
    Erase(EraseArgs),
    /// Read the configuration, say what is wrong with it, and print what is in force (without secrets).
    Check(Settings),
}

/// Which database a command works on.
#[derive(Debug, Default, Args)]
pub struct StoreArgs {
    /// The configuration file, in TOML.
    #[arg(long, value_name = "FILE", env = "RINGSIDE_CONFIG")]
    pub config: Option<PathBuf>,
    /// The database [default: sqlite:ringside.db].
    #[arg(long, value_name = "sqlite:PATH", env = "RINGSIDE_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
    /// The site's time zone, by which days begin [default: the one that the database was made for].
    #[arg(long, value_name = "ZONE", env = "RINGSIDE_ZONE")]
    pub zone: Option<String>,
}

impl From<StoreArgs> for Settings {
    fn from(args: StoreArgs) -> Self {
        Self { config: args.config, database: args.database, zone: args.zone, ..Self::default() }
    }
}

#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Of the past that is made at the first start, so many days call by call: for replays, and for `verify`. It takes a
    /// minute or so each.
    #[arg(long, value_name = "DAYS", default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..=7))]
    pub calls_days: i64,
    #[command(flatten)]
    pub settings: Settings,
}

/// A key for --to, if one is needed, comes from RINGSIDE_INGEST_KEY.
#[derive(Debug, Args)]
pub struct ImportArgs {
    #[arg(value_name = "FILE", required_unless_present = "from", conflicts_with = "from")]
    pub files: Vec<PathBuf>,
    /// Read a table of a database instead: mysql://user@host/database, postgres://…; its password comes from
    /// RINGSIDE_IMPORT_PASSWORD, or the file that RINGSIDE_IMPORT_PASSWORD_FILE names.
    #[arg(long, value_name = "URL", requires = "table")]
    pub from: Option<String>,
    /// The table, with --from: `cdr` or `cel` of a FreePBX or Issabel, or one that --map explains.
    #[arg(long, value_name = "NAME", requires = "from")]
    pub table: Option<String>,
    /// With --from: only rows from then on, as the table writes times.
    #[arg(long, value_name = "TIME", requires = "from")]
    pub since: Option<String>,
    #[command(flatten)]
    pub store: StoreArgs,
    /// Send to a running server instead of into the database.
    #[arg(long, value_name = "URL", conflicts_with = "database")]
    pub to: Option<String>,
    /// What kind of files they are [default: recognised by the first row; with --map, and of no other kind, `csv`].
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// Whose calls they are: the realm of their ids. A live source's own name where both use the same ids.
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// By which zone's clock the files were written, where their times bear no offset.
    #[arg(long, value_name = "ZONE")]
    pub file_zone: Option<String>,
    /// Which reading of a time that the clock showed twice is taken, where the record itself doesn't tell.
    #[arg(long, value_name = "READING", default_value = "earlier")]
    pub fold: Fold,
    /// Which comes first in dates whose year comes last (30.11.2026, 11/30/2026).
    #[arg(long, value_name = "ORDER")]
    pub dates: Option<Dates>,
    /// The country of numbers without a country code.
    #[arg(long, value_name = "US", env = "RINGSIDE_COUNTRY")]
    pub country: Option<String>,
    /// Asterisk: an endpoint that is a carrier, and its route; beside those of [[source.asterisk]]. May be repeated.
    #[arg(long, value_name = "ENDPOINT=ROUTE")]
    pub carrier: Vec<String>,
    /// Asterisk, FreeSWITCH: a number of the floor's own, like +12025550142 or, with * for any digits, +1202555*. Without, only
    /// those that people call are. May be repeated.
    #[arg(long, value_name = "NUMBER")]
    pub did: Vec<String>,
    /// Asterisk, FreeSWITCH: a dialplan's context at which calls from outside arrive, or are led to. May be repeated.
    #[arg(long, value_name = "CONTEXT")]
    pub inbound_context: Vec<String>,
    /// Asterisk, FreeSWITCH: a context of the calls that the dialer makes itself, without a telephone. May be repeated.
    #[arg(long, value_name = "CONTEXT")]
    pub outbound_context: Vec<String>,
    /// Asterisk's event log: its columns in order, where they are not those of the sample configuration.
    #[arg(long, value_name = "NAME,NAME,…")]
    pub columns: Option<String>,
    /// FreeSWITCH: the template as it stands in cdr_csv.conf.xml, where it is not `example`.
    #[arg(long, value_name = "TEMPLATE")]
    pub template: Option<String>,
    /// CSV: which column holds a field of a call.record (or `duration`, `billsec`, `wrap`, `hold`, in seconds), where it is not named like it, and what its
    /// values mean, where they are not the contract's words. May be repeated.
    #[arg(long, value_name = "FIELD=COLUMN[:VALUE=WORD,…]")]
    pub map: Vec<String>,
    /// Such a mapping, and other options of the file, kept in a TOML file; what is told beside it goes before.
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// What parts a CSV's columns: a sign, or `tab` [default: found out].
    #[arg(long, value_name = "SIGN")]
    pub delimiter: Option<String>,
    /// How texts are encoded [default: UTF-8, and Latin-1 (windows-1252) where a row is none; UTF-16 by its mark].
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// A campaign, mode, route or direction for calls that tell none. May be repeated.
    #[arg(long, value_name = "FIELD=VALUE")]
    pub set: Vec<String>,
    /// List all rejected rows there: file, line, field, reason, text.
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// List there what became of each row, and why: file, line, fate, words.
    #[arg(long, value_name = "FILE")]
    pub explain: Option<PathBuf>,
}

impl ImportArgs {
    /// The part of it that is configuration.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let StoreArgs { config, database, zone } = &self.store;
        let country = self.country.clone();
        Settings {
            config: config.clone(),
            database: database.clone(),
            zone: zone.clone(),
            country,
            ..Settings::default()
        }
    }
}

#[derive(Debug, Args)]
pub struct BackupArgs {
    /// Where the copy goes; there must be nothing.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub store: StoreArgs,
}

#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The backup.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub store: StoreArgs,
    /// What the database holds now may go.
    #[arg(long)]
    pub overwrite: bool,
}

#[derive(Debug, Args)]
pub struct EraseArgs {
    /// The person's number, with + and country code.
    #[arg(long, value_name = "NUMBER")]
    pub number: String,
    #[command(flatten)]
    pub store: StoreArgs,
}

#[derive(Debug, Args)]
pub struct VerifyArgs {
    #[command(flatten)]
    pub store: StoreArgs,
    /// Differences named at most; the others are counted.
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    pub most: usize,
    /// Where they are not, make each call one row and the sums anew, as `rebuild` does, and prove it again. No server may be
    /// using the database.
    #[arg(long)]
    pub repair: bool,
}

/// The key, if one is needed, comes from RINGSIDE_INGEST_KEY.
#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// The server's address.
    #[arg(long, value_name = "URL")]
    pub to: String,
    /// The same seed makes the same calls.
    #[arg(long, value_name = "NUMBER", default_value_t = 2026)]
    pub seed: u64,
    /// How many times seven calls a second.
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    pub times: f64,
    /// How much of the floor's past is sent first, as fast as it is taken: 65 fills the live view's hour.
    #[arg(long, value_name = "MINUTES", default_value_t = 5, value_parser = clap::value_parser!(i64).range(0..=120))]
    pub lead: i64,
}

/// What can be set on the command line; each goes before the environment, and that before the file.
#[derive(Debug, Default, Args)]
pub struct Settings {
    /// The configuration file, in TOML.
    #[arg(long, value_name = "FILE", env = "RINGSIDE_CONFIG")]
    pub config: Option<PathBuf>,
    /// Where to listen [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDRESS:PORT", env = "RINGSIDE_LISTEN")]
    pub listen: Option<String>,
    /// Where everything is kept [default: sqlite:ringside.db; of a demo sqlite:ringside-demo.db].
    #[arg(long, value_name = "sqlite:PATH|postgres://…", env = "RINGSIDE_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
    /// Let other machines reach the address: needed to listen beyond this one. To read they need a key of scope `read`; with
    /// --open=anonymous, whoever reaches it may read every page.
    #[arg(long, value_name = "anonymous", env = "RINGSIDE_OPEN", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub open: Option<Open>,
    /// Names by which browsers may ask for this server, beside localhost and addresses in figures.
    #[arg(long, value_name = "NAME,NAME,…", env = "RINGSIDE_HOSTS", value_delimiter = ',')]
    pub hosts: Option<Vec<String>>,
    /// The site's time zone, by which days begin [default: UTC].
    #[arg(long, value_name = "ZONE", env = "RINGSIDE_ZONE")]
    pub zone: Option<String>,
    /// The country of numbers that sources report without a country code.
    #[arg(long, value_name = "US", env = "RINGSIDE_COUNTRY")]
    pub country: Option<String>,
    /// What to log: `info`, or by part: `info,server::http=debug`.
    #[arg(long, value_name = "FILTER", env = "RINGSIDE_LOG")]
    pub log: Option<String>,
    /// How to log.
    #[arg(long, value_name = "FORMAT", env = "RINGSIDE_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,
    /// A key for sending events; in the environment only, where other people don't see it.
    #[arg(skip)]
    pub ingest_key: Option<String>,
    /// A key for pausing and resuming campaigns; the same.
    #[arg(skip)]
    pub control_key: Option<String>,
    /// A key for reading; the same.
    #[arg(skip)]
    pub read_key: Option<String>,
    /// The password of VICIdial's user, where the file names none; the same.
    #[arg(skip)]
    pub vicidial_password: Option<String>,
    /// The password to the database; likewise.
    #[arg(skip)]
    pub database_password: Option<String>,
}

/// The ingest key from the environment, or from the file that the environment names.
///
/// # Errors
/// If both are set, or the file can't be read.
pub fn ingest_key() -> Result<Option<String>, ConfigError> {
    secret("RINGSIDE_INGEST_KEY")
}

/// The password to the database that is imported from, if one is needed.
///
/// # Errors
/// If both are set, or the file can't be read.
pub fn import_password() -> Result<Option<String>, ConfigError> {
    secret("RINGSIDE_IMPORT_PASSWORD")
}

/// A secret from the environment, or from the file that `…_FILE` names.
///
/// # Errors
/// If both are set, or the file can't be read.
pub(super) fn secret(name: &str) -> Result<Option<String>, ConfigError> {
    let read = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    match (read(name), read(&format!("{name}_FILE"))) {
        (Some(_), Some(_)) => {
            Err(ConfigError::Setting { key: name.to_owned(), why: format!("{name}_FILE is set, too; keep one") })
        }
        (Some(secret), None) => Ok(Some(secret)),
        (None, Some(path)) => super::secret_in(&PathBuf::from(path)).map(Some),
        (None, None) => Ok(None),
    }
}

/// # Errors
/// If a variable looks like ours and is not.
pub(super) fn check_names(names: impl Iterator<Item = String>) -> Result<(), ConfigError> {
    for name in names.filter(|name| name.starts_with("RINGSIDE_")) {
        if !VARIABLES.contains(&name.as_str()) && !TESTS_OWN.contains(&name.as_str()) {
            let hint = did_you_mean(&name, VARIABLES);
            return Err(ConfigError::Variable { name, hint });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn help_begins_with_what_it_is_for() {
        let about = Cli::command().get_about().map(ToString::to_string).unwrap_or_default();
        assert!(about.starts_with("The live dashboard of outbound call floors"), "{about}");
    }

    #[test]
    fn every_variable_of_the_command_line_is_known() {
        let serve = Cli::command();
        for command in serve.get_subcommands() {
            for name in command.get_arguments().filter_map(|a| a.get_env()) {
                assert!(VARIABLES.iter().any(|v| *v == name), "{name:?}");
            }
        }
    }

    #[test]
    fn help_shows_no_address_that_may_hold_a_password() {
        let ringside = Cli::command();
        let all = ringside.get_subcommands().flat_map(clap::Command::get_arguments);
        let mut addresses = all.filter(|argument| argument.get_env().is_some_and(|name| name == "RINGSIDE_DATABASE"));
        assert!(addresses.all(clap::Arg::is_hide_env_values_set));
    }

    #[test]
    fn a_misspelt_variable_is_an_error() {
        let names = |name: &str| std::iter::once(name.to_owned());
        assert!(check_names(names("RINGSIDE_LISTEN")).is_ok());
        assert!(check_names(names("PATH")).is_ok());
        let error = check_names(names("RINGSIDE_LISTNE")).map_err(|e| e.to_string());
        assert_eq!(
            error,
            Err("the environment's RINGSIDE_LISTNE is unknown; did you mean `RINGSIDE_LISTEN`?".to_owned())
        );
    }
}
