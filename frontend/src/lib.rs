//! The socket: wakes the page the server rendered. Everything it shows is in `app`.
//!
//! This is the live view's program; `monitor/` is the monitor's. Each page is a document of its own, so each loads only
//! what it needs, and one page's growth costs the others nothing.
#![recursion_limit = "512"]

use app::ui::pages;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by the page's start script, after the WASM is loaded.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(|| app::ui::body(pages::for_live));
}
