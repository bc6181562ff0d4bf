//! Explains the figure one points at (N02): the dialog, and the one listener that opens it.
//!
//! A figure's button names it (`data-f`), its row (`data-key`) and panel (`data-panel`) stand around it. What is said comes
//! from the catalogue and the row (`explained.rs`); the dialog follows the row while it is open.

use super::clock;
use super::explained::{Asked, Explanation};
use super::figure::{still_shape, text, tone, word};
use crate::kpi::format;
use crate::ui::feed::Feed;
use leptos::html::Dialog;
use leptos::prelude::*;

/// What the reader asked about: set by the page's one listener.
#[derive(Debug, Clone, Copy)]
pub struct Asking(pub RwSignal<Option<Asked>>);

/// What the page's frame says of a figure; nothing of one that is not there (any more).
pub type Explaining = Box<dyn Fn(&Asked) -> Option<Explanation> + Send + Sync>;

#[component]
pub fn Explain(asking: Asking, explain: Explaining) -> impl IntoView {
    let feed = expect_context::<Feed>();
    let Asking(asked) = asking;
    let dialog = NodeRef::<Dialog>::new();
    let said = Memo::new(move |_| asked.with(|asked| asked.as_ref().and_then(&explain)));
    // Opening it as modal gives the Esc key, the backdrop, and the focus back to the figure when it closes.
    Effect::new(move |_| {
        if said.with(Option::is_some) {
            open(dialog);
        }
    });
    let close = move |_| shut(dialog);
    let on_click = move |event: leptos::ev::MouseEvent| {
        if is_backdrop(&event) {
            shut(dialog);
        }
    };
    view! {
        <dialog class="explain" node_ref=dialog aria-labelledby="explain-title" on:click=on_click on:close=move |_| asked.set(None)>
            <div>
                {move || said.get().map(|said| content(said, feed))}
                <button type="button" class="close" on:click=close>"Close"</button>
            </div>
        </dialog>
    }
}

fn content(said: Explanation, feed: Feed) -> AnyView {
    let band = said.band;
    let still = |words: String| text(move || words.clone());
    // A figure says how it comes about; a diagnosis does not, and leaves that out.
    let stated = |label: &str, words: String| (!words.is_empty()).then(|| (label.to_owned(), still(words)));
    let mut pairs: Vec<_> = stated("How", said.formula).into_iter().collect();
    pairs.extend(said.parts.into_iter().map(|(label, value)| (label, still(value))));
    pairs.extend(stated("Over", said.window));
    pairs.extend(said.interval.map(|interval| ("95 % interval".to_owned(), still(interval))));
    pairs.extend(said.bands.map(|bands| ("Judged".to_owned(), still(bands))));
    pairs.extend(stated("From", said.source));
    pairs.push(("As of".to_owned(), text(move || as_of(feed))));
    pairs.push(("Newest event".to_owned(), text(move || newest(feed))));
    let pairs =
        pairs.into_iter().map(|(label, value)| view! { <div><dt>{label}</dt><dd>{value}</dd></div> }).collect_view();
    let notes = said.notes.into_iter().map(|note| view! { <p class="note">{format::kept(note)}</p> }).collect_view();
    let since =
        said.since.map(|at| feed.top.with(|top| format!(" since {}", clock::hm_near(at, top.as_of, &top.site))));
    let state = format!("{}{}", word(band), since.unwrap_or_default());
    view! {
        <h2 id="explain-title">{said.title}</h2>
        <p class="subject">{said.subject}</p>
        <p class=format!("value {}", tone(band))>{still_shape(band)} {format::kept(said.value)} <small>{format::kept(state)}</small></p>
        <dl>
            {pairs}
        </dl>
        {notes}
        {said.more.map(|address| view! { <p class="note"><a href=address>"All problems, and what to do"</a></p> })}
    }
    .into_any()
}

fn as_of(feed: Feed) -> String {
    let age = feed.age_ms().map(|ms| format!(", {} ago", format::age(ms))).unwrap_or_default();
    feed.top.with(|top| format!("{}{age} ({})", clock::hms(top.as_of, &top.site), top.site.zone))
}

fn newest(feed: Feed) -> String {
    feed.top.with(|top| match top.newest_event {
        Some(at) => {
            let age = format::age(feed.now().since(at).as_millis());
            format!("{}, {age} ago", clock::hms(at, &top.site))
        }
        None => "none yet".to_owned(),
    })
}

#[cfg(feature = "hydrate")]
fn open(dialog: NodeRef<Dialog>) {
    if let Some(dialog) = dialog.get_untracked()
        && !dialog.open()
    {
        // It is in the page and not open: then this does not fail.
        let _ = dialog.show_modal();
    }
}

#[cfg(feature = "hydrate")]
fn shut(dialog: NodeRef<Dialog>) {
    if let Some(dialog) = dialog.get_untracked() {
        dialog.close();
    }
}

#[cfg(feature = "hydrate")]
fn is_backdrop(event: &leptos::ev::MouseEvent) -> bool {
    use wasm_bindgen::JsCast;
    event.target().and_then(|target| target.dyn_into::<web_sys::HtmlDialogElement>().ok()).is_some()
}

#[cfg(not(feature = "hydrate"))]
fn open(_dialog: NodeRef<Dialog>) {}

#[cfg(not(feature = "hydrate"))]
fn shut(_dialog: NodeRef<Dialog>) {}

#[cfg(not(feature = "hydrate"))]
fn is_backdrop(_event: &leptos::ev::MouseEvent) -> bool {
    false
}
