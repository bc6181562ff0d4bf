//! The socket of the monitor's pages: wakes what the server rendered. Everything they show is in `app`.
#![recursion_limit = "512"]

use app::ui::pages;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by the page's start script, after the WASM is loaded.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(|| app::ui::body(pages::for_monitor));
}
