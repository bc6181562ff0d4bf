//! Where the database is and who asks, with the password kept out of every text.

use crate::kit::nearest::did_you_mean;
use sqlx::postgres::PgConnectOptions;
use std::fmt;

/// What the address may say after its `?`. The driver leaves out what it does not know: a misspelt `sslmode` would be none.
const PARAMETERS: [&str; 18] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
    "statement-cache-capacity",
];

/// The address of a PostgreSQL database. Shows itself without its password.
#[derive(Clone)]
pub struct PostgresAddress {
    pub(in crate::store) options: Box<PgConnectOptions>,
    shown: String,
}

impl PostgresAddress {
    /// Reads `postgres://user@host:port/database?sslmode=…`; a password given beside goes before one in the address.
    ///
    /// # Errors
    /// Why it can't be read, without quoting it: there may be a password in it.
    pub fn new(url: &str, password: Option<&str>) -> Result<Self, String> {
        let mut options: PgConnectOptions =
            url.parse().map_err(|_| "is no address like postgres://user@host:5432/database?sslmode=verify-full")?;
        check_parameters(url)?;
        if let Some(password) = password {
            options = options.password(password);
        }
        Ok(Self { options: Box::new(options.application_name("ringside")), shown: shown(url) })
    }
}

/// # Errors
/// Names the first parameter that is unknown, and the one that was probably meant.
fn check_parameters(url: &str) -> Result<(), String> {
    let query = url.split_once('?').map_or("", |(_, rest)| rest.split('#').next().unwrap_or_default());
    for name in query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split('=').next().unwrap_or_default())
    {
        if PARAMETERS.contains(&name) || (name.starts_with("options[") && name.ends_with(']')) {
            continue;
        }
        // What is no name at all may be a piece of a password.
        let is_a_name = name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b == b'_');
        let quoted = if is_a_name { format!("`{name}` ") } else { String::new() };
        return Err(format!("has a parameter {quoted}that is unknown{}", did_you_mean(name, &PARAMETERS)));
    }
    Ok(())
}

/// The address without its password, and without the parameters that may hold one.
pub(in crate::store) fn shown(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    // A password may hold an unescaped @: only what follows the last one is the host.
    let host = authority.rsplit('@').next().unwrap_or_default();
    let user = authority.strip_suffix(host).unwrap_or_default().trim_end_matches('@');
    let user = user.split(':').next().unwrap_or_default();
    let at = if user.is_empty() { "" } else { "@" };
    format!("{scheme}://{user}{at}{host}/{path}")
}

impl fmt::Display for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.shown, f)
    }
}

impl PartialEq for PostgresAddress {
    fn eq(&self, other: &Self) -> bool {
        self.shown == other.shown
    }
}
impl Eq for PostgresAddress {}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_would_be_left_out_is_an_error() {
        let new = |parameters: &str| PostgresAddress::new(&format!("postgres://db/floor?{parameters}"), None);
        assert_eq!(
            new("sslmod=verify-full").unwrap_err(),
            "has a parameter `sslmod` that is unknown; did you mean `sslmode`?"
        );
        assert!(new("sslmode=verify-fulll").is_err());
        assert!(new("sslmode=verify-full&sslrootcert=/ca.pem&options[statement_timeout]=5s").is_ok());
    }

    #[test]
    fn a_password_is_never_shown() {
        for (url, expected) in [
            ("postgres://ann:s3cr3t@db:5433/floor?sslmode=require", "postgres://ann@db:5433/floor"),
            ("postgresql://db/floor?password=s3cr3t&user=ann", "postgresql://db/floor"),
            ("postgres://ann:s3cr3t@db", "postgres://ann@db/"),
            ("postgres://ann:s3cr%40t@db/floor", "postgres://ann@db/floor"),
        ] {
            let address = PostgresAddress::new(url, Some("s3cr3t")).unwrap();
            assert_eq!(address.to_string(), expected);
            assert!(!format!("{address:?}").contains("s3cr"));
        }
        let wrong = PostgresAddress::new("postgres://ann@db/floor?S3cr3t", None).unwrap_err();
        assert!(wrong.contains("unknown") && !wrong.contains("S3cr3t"), "{wrong}");
        let wrong = PostgresAddress::new("postgres://ann:s3cr3t@db:port/floor", None).unwrap_err();
        assert!(!wrong.contains("s3cr3t"), "{wrong}");
    }
}
