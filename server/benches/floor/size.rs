//! What the first page weighs: the packed script and WASM as sent with brotli.

use std::fs;
use std::path::PathBuf;

/// The aim of the issue.
const AIM_KB: f64 = 250.0;

#[allow(clippy::cast_precision_loss)]
pub fn run() -> Result<(), String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/site/manifest.json");
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}; `make site` packs it", path.display()))?;
    let manifest: serde_json::Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let of = |ending: &str| -> f64 {
        let files = manifest["files"].as_array().into_iter().flatten();
        let wanted = files.filter(|f| f["name"].as_str().is_some_and(|n| n.ends_with(ending)));
        wanted.filter_map(|f| f["brotli"].as_u64()).sum::<u64>() as f64 / 1_000.0
    };
    let (js, wasm) = (of(".js"), of(".wasm"));
    println!("first page: {:.1} KB brotli of WASM and JS ({wasm:.1} + {js:.1}; aim {AIM_KB} or less)", js + wasm);
    Ok(())
}
