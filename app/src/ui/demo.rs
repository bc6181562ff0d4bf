//! What the DEMO badge opens: the scenarios, to be switched on and off; and a word while the made-up past is being told.
//!
//! Rendered by the server alone, behind every page of a demo (`help.rs`); what the switches are and how they stand is the
//! demo's own API, asked by `boot/demo.js`.

use leptos::nonce::use_nonce;
use leptos::prelude::*;

const DEMO_JS: &str = include_str!("boot/demo.js");
/// The menu, as its script names it.
const MENU: &str = "demo-menu";

pub fn menu() -> AnyView {
    view! {
        <div id=MENU class="demo-menu" popover="auto" role="dialog" aria-labelledby="demo-title">
            <h2 id="demo-title">"A made-up floor"</h2>
            <p class="quiet">"Nobody works here. Switch on what can go wrong, and see who notices:"</p>
            <ul id="demo-scenarios"><li class="quiet">"Reading the scenarios"</li></ul>
        </div>
        <p id="demo-past" class="demo-past" role="status" hidden></p>
        <script nonce=use_nonce()>{DEMO_JS}</script>
    }
    .into_any()
}
