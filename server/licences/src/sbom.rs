//! The software bill of materials: CycloneDX 1.5, the same for the same Cargo.lock.

use crate::graph::Package;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// # Errors
/// If it can't be written as JSON.
pub fn text(packages: &BTreeSet<Package>) -> anyhow::Result<String> {
    let components: Vec<Value> = packages.iter().map(component).collect();
    let bom = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": {
            "type": "application",
            "bom-ref": "ringside",
            "name": "ringside",
            "version": env!("CARGO_PKG_VERSION"),
            "licenses": [{ "license": { "id": "AGPL-3.0-only" } }],
        } },
        "components": components,
    });
    Ok(serde_json::to_string_pretty(&bom)? + "\n")
}

fn component(package: &Package) -> Value {
    let purl = format!("pkg:cargo/{}@{}", package.name, package.version);
    let mut component = json!({
        "type": "library",
        "bom-ref": purl,
        "name": package.name,
        "version": package.version,
        "purl": purl,
        "licenses": [{ "expression": package.licence.replace(" / ", " OR ").replace('/', " OR ") }],
    });
    if let Some(checksum) = &package.checksum {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    }
    if !package.repository.is_empty() {
        component["externalReferences"] = json!([{ "type": "vcs", "url": package.repository }]);
    }
    component
}
