//! What the binary must not be made of: packages that are banned, and packages in several versions, each of which is compiled
//! and loaded beside the others.

use crate::graph::Package;
use anyhow::bail;
use std::collections::{BTreeMap, BTreeSet};

/// Never used, and why.
const BANNED: [(&str, &str); 5] = [
    ("aws-lc-rs", "TLS is rustls on ring, which needs a C compiler only"),
    ("minijinja", "templates of six names are read by control/adapter/template.rs"),
    ("native-tls", "TLS is rustls on ring, the same everywhere"),
    ("openssl", "TLS is rustls on ring, the same everywhere"),
    ("openssl-sys", "TLS is rustls on ring, the same everywhere"),
];

/// In two versions or three since others want so, and who holds the older one back.
const KNOWN: [(&str, &str); 17] = [
    ("base64", "sqlx and server_fn"),
    ("block-buffer", "sqlx, by sha2 0.10"),
    ("convert_case", "config, by leptos"),
    ("cpufeatures", "sqlx, by sha2 0.10"),
    ("crypto-common", "sqlx, by sha2 0.10"),
    ("digest", "sqlx, by sha2 0.10"),
    ("embedded-io", "postcard, by phonenumber"),
    ("getrandom", "ring"),
    ("hashbrown", "sqlx and leptos"),
    ("miniz_oxide", "flate2 and png"),
    ("rand", "sqlx and leptos"),
    ("rand_core", "sqlx and leptos"),
    ("regex-syntax", "phonenumber, by regex-cache"),
    ("sha2", "sqlx"),
    ("syn", "leptos' macros"),
    ("thiserror", "gloo-net, by leptos"),
    ("thiserror-impl", "gloo-net, by leptos"),
];

/// # Errors
/// Names what is banned, and why.
pub fn banned(packages: &BTreeSet<Package>) -> anyhow::Result<()> {
    let names: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let found: Vec<String> =
        BANNED.iter().filter(|(name, _)| names.contains(name)).map(|(name, why)| format!("{name} ({why})")).collect();
    if found.is_empty() { Ok(()) } else { bail!("what the binary must not be made of: {}", found.join("; ")) }
}

/// # Errors
/// Names what has come to be in several versions, and what no longer is.
pub fn doubles(packages: &BTreeSet<Package>) -> anyhow::Result<()> {
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in packages {
        versions.entry(&package.name).or_default().push(&package.version);
    }
    versions.retain(|_, of| of.len() > 1);
    let known: BTreeSet<&str> = KNOWN.iter().map(|(name, _)| *name).collect();
    let new = versions.iter().filter(|(name, _)| !known.contains(*name));
    let mut wrong: Vec<String> =
        new.map(|(name, of)| format!("{name} is there in versions {}", of.join(" and "))).collect();
    let gone = known.iter().filter(|name| !versions.contains_key(*name));
    wrong.extend(gone.map(|name| format!("{name} is there once: take it off the list")));
    if wrong.is_empty() {
        return Ok(());
    }
    bail!("{}. `cargo tree -d` says who wants what; the list is in server/licences/src/doubles.rs", wrong.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn packages(named: &[(&str, &str)]) -> BTreeSet<Package> {
        let package = |(name, version): &(&str, &str)| Package {
            name: (*name).to_owned(),
            version: (*version).to_owned(),
            licence: "MIT".to_owned(),
            repository: String::new(),
            folder: PathBuf::new(),
            checksum: None,
        };
        named.iter().map(package).collect()
    }

    fn known() -> Vec<(&'static str, &'static str)> {
        KNOWN.iter().flat_map(|(name, _)| [(*name, "1.0.0"), (*name, "2.0.0")]).collect()
    }

    fn said(result: anyhow::Result<()>) -> String {
        result.map_or_else(|error| error.to_string(), |()| "nothing".to_owned())
    }

    #[test]
    fn a_banned_package_is_named_with_its_reason() {
        assert_eq!(said(banned(&packages(&[("serde", "1.0.0")]))), "nothing");
        let found = said(banned(&packages(&[("serde", "1.0.0"), ("openssl-sys", "0.9.0")])));
        assert!(found.contains("openssl-sys (TLS is rustls"), "{found}");
    }

    #[test]
    fn new_doubles_are_named_and_so_are_old_ones_that_went() {
        let mut all = known();
        assert_eq!(said(doubles(&packages(&all))), "nothing");
        all.extend([("bytes", "1.0.0"), ("bytes", "2.0.0")]);
        let found = said(doubles(&packages(&all)));
        assert!(found.starts_with("bytes is there in versions 1.0.0 and 2.0.0."), "{found}");
        let found = said(doubles(&packages(&known()[1..])));
        assert!(found.starts_with("base64 is there once"), "{found}");
    }
}
