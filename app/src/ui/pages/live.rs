//! `/live`: is the floor healthy now? The panels and what stands above them.

use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn LivePage() -> impl IntoView {
    view! {
        <Title text="Live" />
        <h1 class="hidden-label">"Live view"</h1>
        <p class="sentence">"No calls yet."</p>
    }
}
