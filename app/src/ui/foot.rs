//! The foot of every page: which build this is, where its source is (AGPL-3.0, § 13), and the way out for who has signed in
//! with a key.
//!
//! Rendered by the server alone, behind the app. It works without scripts.

use super::about::About;
use super::pages::{DOCS, LICENCES};
use leptos::prelude::*;

/// Where the form of the way out goes.
pub const SIGN_OUT: &str = "/sign-out";

/// Who reads this page in a session of the browser; provided by the server as a context where it is so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The name of the key that the session was begun with.
    pub key: String,
}

pub fn foot() -> AnyView {
    let build = use_context::<About>().map(|about| format!("Ringside {}", about.version));
    let way_out = use_context::<SignedIn>().map(|signed_in| {
        view! {
            <form method="post" action=SIGN_OUT>
                {format!("Signed in with the key “{}” ", signed_in.key)}
                <button>"Sign out"</button>
            </form>
        }
    });
    view! {
        <footer class="foot">
            {build.map(|build| view! { <span>{build}</span> })}
            <a href=LICENCES.path>"Source and licences"</a>
            <a href=DOCS.path>"Documentation"</a>
            {way_out}
        </footer>
    }
    .into_any()
}
