//! Which licences may go with AGPL-3.0-only.

use crate::graph::Package;
use anyhow::{Context, bail};
use spdx::{Expression, ParseMode};
use std::collections::BTreeSet;

/// Permissive ones, and public domain.
const GOOD: [&str; 12] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// # Errors
/// Names the packages whose licence is none of these.
pub fn all(packages: &BTreeSet<Package>) -> anyhow::Result<()> {
    let mut wrong = Vec::new();
    for package in packages {
        let Package { name, version, licence, .. } = package;
        if !is_good(licence).with_context(|| format!("{name} {version}"))? {
            wrong.push(format!("{name} {version}: {licence}"));
        }
    }
    if wrong.is_empty() { Ok(()) } else { bail!("not among the licences that go with ours: {}", wrong.join("; ")) }
}

fn is_good(licence: &str) -> anyhow::Result<bool> {
    let expression =
        Expression::parse_mode(licence, ParseMode::LAX).map_err(|e| anyhow::anyhow!("`{licence}`: {}", e.reason))?;
    Ok(expression.evaluate(|asked| asked.license.id().is_some_and(|id| GOOD.contains(&id.name))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_choice_one_is_enough_and_of_a_sum_all_are_needed() {
        let good = |licence: &str| is_good(licence).ok();
        assert_eq!(good("MIT OR GPL-2.0-only"), Some(true));
        assert_eq!(good("MIT/Apache-2.0"), Some(true));
        assert_eq!(good("MIT AND GPL-2.0-only"), Some(false));
        assert_eq!(good("(MIT OR Apache-2.0) AND Unicode-3.0"), Some(true));
        assert_eq!(good("SSPL-1.0"), Some(false));
        assert_eq!(good("nonsense"), None);
    }
}
