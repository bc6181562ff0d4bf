//! The frame of a panel on a page that only the server renders: its question, its window, its menu of files, its body,
//! its footnote.

use leptos::prelude::*;

/// What a panel says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// Its name in addresses.
    pub id: &'static str,
    pub question: &'static str,
    pub window: String,
    pub footnote: String,
    /// Files of it: what they are called, and where.
    pub files: Vec<(&'static str, String)>,
}

pub fn panel(head: Head, class: &'static str, body: AnyView) -> AnyView {
    let Head { id, question, window, footnote, files } = head;
    let title_id = format!("{id}-title");
    let labelled_by = title_id.clone();
    let label = format!("Files of “{question}”");
    let file = |(name, address): (&'static str, String)| view! { <a href=address>{name}</a> };
    let menu = (!files.is_empty()).then(|| {
        view! {
            <details class="menu">
                <summary aria-label=label></summary>
                <div>{files.into_iter().map(file).collect_view()}</div>
            </details>
        }
    });
    view! {
        <section class=format!("panel {class}") id=id tabindex="-1" aria-labelledby=labelled_by>
            <header>
                <h2 id=title_id>{question}</h2>
                <em>{window}</em>
                {menu}
            </header>
            <div class="body">{body}</div>
            {(!footnote.is_empty()).then(|| view! { <footer>{footnote}</footer> })}
        </section>
    }
    .into_any()
}

/// Said where there is nothing to show.
pub fn nothing(words: &'static str) -> AnyView {
    view! { <p class="nothing-here">{words}</p> }.into_any()
}
