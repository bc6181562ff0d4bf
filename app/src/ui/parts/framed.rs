//! The frame of a panel of a report: its question, its window, its menu of files, its body, its footnote.

use super::figure::Text;
use leptos::prelude::*;
use std::sync::Arc;

/// What a panel says of itself.
pub struct Head {
    /// Its name in addresses.
    pub id: &'static str,
    pub question: &'static str,
    pub window: Text,
    pub footnote: Text,
    pub files: Files,
}

/// Where a file is, by its ending.
pub type FileAt = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// Where the files of a panel are.
pub struct Files {
    pub csv: Text,
    pub picture: Option<FileAt>,
}

impl Files {
    /// Its figures alone.
    pub fn of(csv: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self { csv: Box::new(csv), picture: None }
    }

    /// With its picture: `/panel/volume`, and what follows the ending: `?date=…`.
    #[must_use]
    pub fn picture(mut self, panel: &'static str, query: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.picture = Some(Arc::new(move |ending| format!("/panel/{panel}.{ending}{}", query())));
        self
    }
}

pub fn panel(head: Head, class: &'static str, body: AnyView) -> AnyView {
    let Head { id, question, window, footnote, files } = head;
    let title_id = format!("{id}-title");
    let labelled_by = title_id.clone();
    view! {
        <section class=format!("panel {class}") id=id tabindex="-1" aria-labelledby=labelled_by>
            <header>
                <h2 id=title_id>{question}</h2>
                <em>{window}</em>
                {menu(format!("Menu of “{question}”"), files)}
            </header>
            <div class="body">{body}</div>
            <footer>{footnote}</footer>
        </section>
    }
    .into_any()
}

/// What the scripts do needs them; files are links (`boot/panels.js` reads them from here).
fn menu(label: String, files: Files) -> AnyView {
    let picture = files.picture.map(|at| {
        let of = |ending: &'static str| {
            let at = at.clone();
            move || at(ending)
        };
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
pub fn nothing(words: Text) -> AnyView {
    view! { <p class="nothing-here">{words}</p> }.into_any()
}
