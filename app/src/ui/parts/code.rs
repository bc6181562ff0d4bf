//! A text to copy: a command, a file, an event. A button beside it copies it where scripts run (`boot/copy.js`).

use leptos::prelude::*;

/// `id` names it on its page; `name` says what it is to who can't see it.
pub fn code(id: String, name: &str, text: String) -> AnyView {
    let (label, of) = (format!("Copy: {name}"), id.clone());
    view! {
        <div class="code">
            <pre id=of tabindex="0" aria-label=name.to_owned() role="region">{text}</pre>
            <button type="button" class="needs-js" data-copy=id aria-label=label>"Copy"</button>
        </div>
    }
    .into_any()
}

/// Words in which names stand between backticks.
pub fn worded(words: &str) -> AnyView {
    let piece = |(place, piece): (usize, &str)| match place % 2 {
        0 => piece.to_owned().into_any(),
        _ => view! { <code>{piece.to_owned()}</code> }.into_any(),
    };
    words.split('`').enumerate().map(piece).collect_view().into_any()
}
