//! Asks the server to pause or resume, and follows the request until the dialer has had its word.
//!
//! One request bears one idempotency key, however often it has to be sent. Where the server wants a key of its own (scope
//! `control`) it is typed once and kept as long as the tab. The only place of the pages that sends anything.

use super::switch::Asks;
use crate::domain::control::Action;
use crate::kpi::Band;
use crate::ui::feed::Feed;
use leptos::html::{Dialog, Input};
use leptos::prelude::*;

/// What is to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    pub campaign: String,
    pub action: Action,
    /// Says that it is the same request, if it has to be sent again.
    pub id: String,
}

/// What asking needs.
#[derive(Debug, Clone, Copy)]
pub struct Asking {
    pub feed: Feed,
    pub asks: Asks,
    /// Waits for a key to be typed.
    pub wish: RwSignal<Option<Wish>>,
}

/// Why a request came to nothing, or may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It was not done: what the server said of that.
    Refused(String),
    /// Whether it was heard is not known, as no answer could be had.
    Unanswered(&'static str),
}

impl Failure {
    /// In words; nothing is denied that nobody knows.
    #[must_use]
    pub fn said(&self, action: Action) -> (Band, String) {
        let (not, verb) = match action {
            Action::Pause => ("Not paused", "Pause"),
            Action::Resume => ("Not resumed", "Resume"),
        };
        match self {
            Self::Refused(why) => (Band::Critical, format!("{not}: {why}")),
            Self::Unanswered(why) => {
                (Band::Warn, format!("{verb} not confirmed: {why}. Whether the request was heard is not known"))
            }
        }
    }
}

impl Asking {
    #[must_use]
    pub fn new(feed: Feed) -> Self {
        Self { feed, asks: Asks::new(), wish: RwSignal::new(None) }
    }

    /// A press on a switch, or on its way back. Nothing is asked twice while it is under way.
    pub fn press(self, campaign: &str, action: &str) {
        let action = match action {
            "pause" => Action::Pause,
            "resume" => Action::Resume,
            _ => return,
        };
        browser::ask(self, Wish { campaign: campaign.to_owned(), action, id: browser::new_id() });
    }

    /// Nothing is shown but what the frame says.
    fn forget(self, wish: &Wish) {
        self.asks.0.update(|asks| {
            asks.remove(&wish.campaign);
        });
    }
}

/// Asks for the key that the server wants.
#[component]
pub fn KeyDialog(asking: Asking) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    let field = NodeRef::<Input>::new();
    Effect::new(move |_| {
        if asking.wish.with(Option::is_some) {
            browser::open(dialog);
        }
    });
    // Pressed, or Enter in the field: the browser closes the dialog by itself.
    let given = move |_| {
        if let Some(wish) = asking.wish.try_update(Option::take).flatten() {
            browser::keep_key(&browser::typed(field));
            browser::ask(asking, wish);
        }
    };
    let closed = move |_| {
        if let Some(wish) = asking.wish.try_update(Option::take).flatten() {
            asking.forget(&wish);
        }
    };
    view! {
        <dialog class="explain key" node_ref=dialog aria-labelledby="key-title" on:close=closed>
            <div>
                <h2 id="key-title">"A key is needed"</h2>
                <p class="subject">"Pausing and resuming wants a key with the scope control. It is kept as long as this tab."</p>
                <form method="dialog" on:submit=given>
                    <label>
                        "Key"
                        <input node_ref=field type="password" autocomplete="off" required=true />
                    </label>
                    <p class="buttons">
                        <button type="button" on:click=move |_| browser::close(dialog)>"Cancel"</button>
                        <button type="submit" class="main">"Use this key"</button>
                    </p>
                </form>
            </div>
        </dialog>
    }
}

#[cfg(not(feature = "hydrate"))]
mod browser {
    use super::{Asking, Dialog, Input, NodeRef, Wish};

    pub(super) fn ask(_asking: Asking, _wish: Wish) {}
    pub(super) fn new_id() -> String {
        String::new()
    }
    pub(super) fn open(_dialog: NodeRef<Dialog>) {}
    pub(super) fn close(_dialog: NodeRef<Dialog>) {}
    pub(super) fn typed(_field: NodeRef<Input>) -> String {
        String::new()
    }
    pub(super) fn keep_key(_key: &str) {}
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::super::meanwhile::Standing;
    use super::{Asking, Dialog, Failure, Input, NodeRef, Wish};
    use crate::domain::Span;
    use crate::ui::remember::Remembered;
    use crate::ui::{address, http};
    use crate::view::wire;
    use gloo_net::http::Method;
    use leptos::prelude::*;
    use leptos::task::spawn_local;
    use serde::Deserialize;
    use std::time::Duration;

    /// A problem, as the server tells it (RFC 9457).
    #[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
    struct Problem {
        #[serde(default)]
        title: Option<String>,
        #[serde(default)]
        detail: Option<String>,
    }

    /// Between two looks at a request that is on its way.
    const LOOK_EVERY: Duration = Duration::from_secs(1);
    /// A network that is gone for a moment is tried again; the server knows it is the same request.
    const TRIES: u32 = 4;
    /// No request is followed for longer: the server gives up long before.
    const LOOKS: u32 = 180;

    /// 128 bits by chance, in hexadecimal digits.
    pub(super) fn new_id() -> String {
        let word = || (js_sys::Math::random() * f64::from(u32::MAX)) as u32;
        format!("{:08x}{:08x}{:08x}{:08x}", word(), word(), word(), word())
    }

    pub(super) fn ask(asking: Asking, wish: Wish) {
        if !asking.is_under_way(&wish) {
            asking.goes(&wish);
            send(asking, wish, TRIES);
        }
    }

    fn send(asking: Asking, wish: Wish, tries: u32) {
        spawn_local(async move {
            let path = format!("{}/{}", address::of_campaign_api(&wish.campaign), wish.action.word());
            match fetch(&path, Method::POST, &wish.id).await {
                Some((200..=299, text)) => match wire::read::<Standing>(&text) {
                    Ok(standing) => {
                        asking.stands(&wish.campaign, &standing);
                        look(asking, wish.campaign, LOOKS);
                    }
                    Err(_) => asking.fails(&wish, &Failure::Unanswered("the server’s answer could not be read")),
                },
                Some((401, _)) => {
                    keep_key("");
                    asking.forget(&wish);
                    asking.wish.set(Some(wish));
                }
                Some((status, text)) => {
                    // A key that may not is not tried again: the next press asks for another.
                    if status == 403 {
                        keep_key("");
                    }
                    asking.fails(&wish, &failure(status, &text));
                }
                None if tries > 1 => set_timeout(move || send(asking, wish, tries - 1), LOOK_EVERY),
                None => asking.fails(&wish, &Failure::Unanswered("the server could not be reached")),
            }
        });
    }

    /// What the server said of its refusal. What stands before it and can't reach it says so by one of these.
    fn failure(status: u16, text: &str) -> Failure {
        let problem = wire::read::<Problem>(text).ok();
        let said = problem.and_then(|problem| problem.detail.or(problem.title));
        match (said, status) {
            (None, 502 | 504) => Failure::Unanswered("the server could not be reached"),
            (said, _) => Failure::Refused(said.unwrap_or_else(|| format!("the server answered {status}"))),
        }
    }

    /// Looks again until the dialer has had its word and nothing can be undone any more.
    fn look(asking: Asking, campaign: String, looks: u32) {
        set_timeout(
            move || {
                spawn_local(async move {
                    let path = format!("{}/control", address::of_campaign_api(&campaign));
                    let standing = match fetch(&path, Method::GET, "").await {
                        Some((200, text)) => wire::read::<Standing>(&text).ok(),
                        Some(_) | None => None,
                    };
                    let goes_on = match &standing {
                        Some(standing) => {
                            asking.stands(&campaign, standing);
                            standing.control.as_ref().is_some_and(|control| {
                                let undo =
                                    control.undo_until.is_some_and(|until| until > standing.as_of - Span::secs(1));
                                control.phase.is_open() || undo
                            })
                        }
                        None => true,
                    };
                    if goes_on && looks > 0 {
                        look(asking, campaign, looks - 1);
                    }
                });
            },
            LOOK_EVERY,
        );
    }

    /// Status and text of an answer; `None` where none came.
    async fn fetch(path: &str, method: Method, id: &str) -> Option<(u16, String)> {
        let key = Remembered::ControlKey.get().filter(|key| !key.is_empty()).map(|key| format!("Bearer {key}"));
        let headers = [("Idempotency-Key", (!id.is_empty()).then_some(id)), ("Authorization", key.as_deref())];
        let headers: Vec<(&str, &str)> = headers.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        http::send(method, path, &headers).await.map(|answer| (answer.status, answer.text))
    }

    pub(super) fn keep_key(key: &str) {
        Remembered::ControlKey.set(key);
    }

    pub(super) fn typed(field: NodeRef<Input>) -> String {
        let text = field.get_untracked().map_or_else(String::new, |field| {
            let text = field.value();
            field.set_value("");
            text
        });
        text.trim().to_owned()
    }

    pub(super) fn open(dialog: NodeRef<Dialog>) {
        if let Some(dialog) = dialog.get_untracked()
            && !dialog.open()
        {
            // It is in the page and not open: then this does not fail.
            let _ = dialog.show_modal();
        }
    }

    pub(super) fn close(dialog: NodeRef<Dialog>) {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_knows_is_not_denied() {
        let lost = Failure::Unanswered("the server could not be reached").said(Action::Pause);
        let words = "Pause not confirmed: the server could not be reached. Whether the request was heard is not known";
        assert_eq!(lost, (Band::Warn, words.to_owned()));
        let refused = Failure::Refused("no dialer can be asked".to_owned()).said(Action::Resume);
        assert_eq!(refused, (Band::Critical, "Not resumed: no dialer can be asked".to_owned()));
    }
}
