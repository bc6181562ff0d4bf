//! Which build this is: the version, and in a release the commit it was made of.

/// As `--version` prints it: `0.1.0 (commit 0123456789ab)`.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("RINGSIDE_COMMIT"), ")");
