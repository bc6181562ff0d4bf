//! What the first page weighs: the packed script and WASM as sent with brotli; each page has a program of its own.

use std::fs;
use std::path::PathBuf;

/// The aim of the issue, for the first page.
const AIM_KB: f64 = 250.0;

#[allow(clippy::cast_precision_loss)]
pub fn run() -> Result<(), String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/site/manifest.json");
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}; `make site` packs it", path.display()))?;
    let manifest: serde_json::Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let of = |program: &str, ending: &str| -> f64 {
        let files = manifest["files"].as_array().into_iter().flatten();
        let is = |name: &str| name.starts_with(program) && name.ends_with(ending);
        let wanted = files.filter(|f| f["name"].as_str().is_some_and(is));
        wanted.filter_map(|f| f["brotli"].as_u64()).sum::<u64>() as f64 / 1_000.0
    };
    for (page, program, aim) in
        [("first page", "live.", format!("; aim {AIM_KB} or less")), ("monitor", "monitor.", String::new())]
    {
        let (js, wasm) = (of(program, ".js"), of(program, ".wasm"));
        println!("{page}: {:.1} KB brotli of WASM and JS ({wasm:.1} + {js:.1}{aim})", js + wasm);
    }
    Ok(())
}
