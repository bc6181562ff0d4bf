//! The frame of a panel on a page that only the server renders: its question, its window, its menu of files, its body,
//! its footnote.

use crate::kpi::format::kept;
use leptos::prelude::*;

/// What a panel says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// Its name in addresses.
    pub id: &'static str,
    pub question: &'static str,
    pub window: String,
    pub footnote: String,
    pub files: Files,
}

/// Where the files of a panel are; empty where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files {
    pub csv: String,
    /// Without its ending: `/panel/volume`, and what follows that: `?date=…`.
    pub picture: Option<(String, String)>,
}

impl Files {
    /// Its figures alone.
    pub fn of(csv: String) -> Self {
        Self { csv, picture: None }
    }
}

pub fn panel(head: Head, class: &'static str, body: AnyView) -> AnyView {
    let Head { id, question, window, footnote, files } = head;
    let title_id = format!("{id}-title");
    let labelled_by = title_id.clone();
    let menu = (!files.csv.is_empty()).then(|| menu(format!("Menu of “{question}”"), files));
    view! {
        <section class=format!("panel {class}") id=id tabindex="-1" aria-labelledby=labelled_by>
            <header>
                <h2 id=title_id>{question}</h2>
                <em>{kept(window)}</em>
                {menu}
            </header>
            <div class="body">{body}</div>
            {(!footnote.is_empty()).then(|| view! { <footer>{kept(footnote)}</footer> })}
        </section>
    }
    .into_any()
}

/// What the scripts do needs them; files are links (`boot/panels.js` reads them from here).
fn menu(label: String, files: Files) -> AnyView {
    let picture = files.picture.map(|(path, query)| {
        let of = |ending: &str| format!("{path}.{ending}{query}");
        view! {
            <button type="button" class="needs-js" data-show="embed">"Embed"</button>
            <a data-svg download href=of("svg")>"Picture (SVG)"</a>
            <a download href=of("png")>"Picture (PNG)"</a>
        }
    });
    view! {
        <details class="menu">
            <summary aria-label=label></summary>
            <div>
                <button type="button" class="needs-js" data-show="full">"Full screen"</button>
                <button type="button" class="needs-js" data-show="table">"Table"</button>
                <a data-csv href=files.csv>"Figures (CSV)"</a>
                {picture}
            </div>
        </details>
    }
    .into_any()
}

/// Said where there is nothing to show.
pub fn nothing(words: impl Into<String>) -> AnyView {
    view! { <p class="nothing-here">{words.into()}</p> }.into_any()
}
