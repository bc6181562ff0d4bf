//! `/licences`: under which terms Ringside and what it is made of are given on, and where its source is (AGPL-3.0, § 13).
//!
//! Only the server renders it; whether it has its source with it is the server's to say, by a context ([`Carried`]).

use leptos::prelude::*;

const FONTS: &str = include_str!("../../../../style/fonts/inter-LICENSE.txt");

/// What this server can give on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    pub version: String,
    /// Where the source of this very build is; nothing in a build that is not a release.
    pub source: Option<&'static str>,
}

pub fn page() -> AnyView {
    let carried = use_context::<Carried>()
        .unwrap_or_else(|| Carried { version: env!("CARGO_PKG_VERSION").to_owned(), source: None });
    let source = match carried.source {
        Some(address) => view! {
            <p>"The whole source of this build: " <a href=address download>"ringside-source.tar.gz"</a></p>
        }
        .into_any(),
        None => view! {
            <p>"This is a debug build, made beside its source. A release build carries its source and gives it here."</p>
        }
        .into_any(),
    };
    view! {
        <h1 class="sentence">"Licences and source"</h1>
        <div class="docs">
            <section aria-labelledby="own-title">
                <h2 id="own-title">"Ringside"</h2>
                <p>
                    {format!("Version {}. ", carried.version)}
                    "Free software under the " <a href="/licences/agpl.txt">"GNU Affero General Public License, version 3"</a>
                    ", without any warranty. Whoever uses it over a network may have its source."
                </p>
                {source}
            </section>
            <section aria-labelledby="others-title">
                <h2 id="others-title">"What it is made of"</h2>
                <p>
                    <a href="/licences/notices.txt">"Notices of all packages"</a> " and "
                    <a href="/licences/sbom.cdx.json">"the list of them"</a> " (a software bill of materials, CycloneDX)."
                </p>
            </section>
            <section aria-labelledby="fonts-title">
                <h2 id="fonts-title">"Font"</h2>
                <p>"Figures and words are set in Inter, under the SIL Open Font License:"</p>
                <div class="code"><pre tabindex="0" role="region" aria-label="Licence of the font">{FONTS}</pre></div>
            </section>
        </div>
    }
    .into_any()
}
