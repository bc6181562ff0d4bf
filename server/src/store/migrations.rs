//! The migrations, as `build.rs` embeds the files of `migrations/`. A database notes of each that it has had its version and
//! the SHA-384 of its text, and is refused where that is another: a file that was released is never altered.

use sqlx::SqlStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// One file: `006_cannot_tell.sql` is the version 6, called `cannot tell`.
#[derive(Debug)]
pub(super) struct Embedded {
    version: i64,
    words: &'static str,
    sql: &'static str,
}

pub(super) fn sqlite() -> Migrator {
    migrator(SQLITE)
}

pub(super) fn timescale() -> Migrator {
    migrator(TIMESCALE)
}

/// The version of the last.
pub(super) fn newest(of: &[Embedded]) -> i64 {
    of.iter().map(|migration| migration.version).max().unwrap_or_default()
}

fn migrator(of: &[Embedded]) -> Migrator {
    // Each in a transaction of its own, unless its first line says otherwise.
    let made = |m: &Embedded| {
        let without_transaction = m.sql.starts_with("-- no-transaction");
        let sql = SqlStr::from_static(m.sql);
        Migration::new(m.version, m.words.into(), MigrationType::Simple, sql, without_transaction)
    };
    Migrator::with_migrations(of.iter().map(made).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As databases out there have noted them; one line a file. A new file adds its line, and none is ever altered.
    const RELEASED: &str = include_str!("migrations.released");

    #[test]
    fn each_migration_is_the_one_that_databases_have_noted() {
        let lines = |kind: &str, of: &Migrator| -> Vec<String> {
            let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
            of.iter().map(|m| format!("{kind} {} {}: {}", m.version, m.description, hex(&m.checksum))).collect()
        };
        let mut known = lines("sqlite", &sqlite());
        known.extend(lines("timescale", &timescale()));
        assert_eq!(known.join("\n"), RELEASED.trim_end());
    }

    #[test]
    fn the_newest_is_the_last() {
        assert_eq!(newest(SQLITE), SQLITE.last().map_or(0, |last| last.version));
        assert_eq!(newest(TIMESCALE), newest(SQLITE));
        assert_eq!(newest(&[]), 0);
    }
}
