//! What the app weighs: its script and WASM as sent with brotli, loaded once for all pages.

use std::fs;
use std::path::PathBuf;

/// What the site's own budget allows (`frontend/pack`).
const AIM_KB: f64 = 512.0;

#[allow(clippy::cast_precision_loss)]
pub fn run() -> Result<(), String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/site/manifest.json");
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}; `make site` packs it", path.display()))?;
    let manifest: serde_json::Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let of = |ending: &str| -> f64 {
        let files = manifest["files"].as_array().into_iter().flatten();
        let is = |name: &str| name.ends_with(ending);
        let wanted = files.filter(|f| f["name"].as_str().is_some_and(is));
        wanted.filter_map(|f| f["brotli"].as_u64()).sum::<u64>() as f64 / 1_000.0
    };
    let (js, wasm) = (of(".js"), of(".wasm"));
    println!("the app: {:.1} KB brotli of WASM and JS ({wasm:.1} + {js:.1}; aim {AIM_KB} or less)", js + wasm);
    Ok(())
}
