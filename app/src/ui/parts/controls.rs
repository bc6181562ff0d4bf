//! The reader's choices: how often a page repaints, and for whom the live view's panels are ordered.

use super::figure::text;
use crate::kpi::format;
use crate::ui::address::Address;
use crate::ui::app::Here;
use crate::ui::feed::Feed;
use crate::ui::pace::{Cadence, Renewal};
use crate::ui::pages::{HOME, Page, PageId, Place};
use crate::ui::remember::Remembered;
use crate::view::PanelOrder;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// Repaint cadence and "Refresh now" (S40). The choice is kept in this browser.
#[component]
pub fn RefreshChoice() -> impl IntoView {
    let feed = expect_context::<Feed>();
    Effect::new(move |_| {
        if let Some(name) = Remembered::RefreshEvery.get() {
            feed.set_cadence(Cadence::from_name(&name));
        }
    });
    let choose = move |name: String| {
        let chosen = Cadence::from_name(&name);
        Remembered::RefreshEvery.set(chosen.name());
        feed.set_cadence(chosen);
    };
    let now = move || match feed.pulse.with(|pulse| pulse.waiting) {
        0 => "Refresh now".to_owned(),
        1 => "1 update waiting · Refresh now".to_owned(),
        n => format!("{} updates waiting · Refresh now", format::count(i64::from(n))),
    };
    let class = text(move || match feed.pulse.with(|pulse| pulse.waiting) {
        0 => "refresh-now needs-js".to_owned(),
        _ => "refresh-now needs-js waiting".to_owned(),
    });
    let count = text(move || match feed.pulse.with(|pulse| pulse.waiting) {
        0 => String::new(),
        n => format::count(i64::from(n)),
    });
    // Of figures that are asked for every few minutes nobody chooses the pace.
    let options = move || {
        let option = |each: &'static Cadence| {
            let is_chosen = move || feed.pulse.with(|pulse| pulse.cadence == *each);
            view! { <option value=each.name() selected=is_chosen>{each.label()}</option> }
        };
        Cadence::ALL.iter().map(option).collect_view()
    };
    let paces = move || match feed.renewal() {
        Renewal::Streamed => Some(view! {
            <label class="choice needs-js refresh">
                <span class="hidden-label">"Repaint"</span>
                <select
                    aria-keyshortcuts="Space"
                    prop:value=move || feed.pulse.with(|pulse| pulse.cadence).name()
                    on:change=move |event| choose(event_target_value(&event))
                >
                    {options()}
                </select>
            </label>
        }),
        Renewal::Asked { .. } => None,
    };
    view! {
        {paces}
        <button
            type="button"
            class=class
            title=text(now)
            aria-label=text(now)
            aria-keyshortcuts="r"
            on:click=move |_| feed.refresh()
        >
            <i aria-hidden="true"></i>
            <span class="count">{count}</span>
        </button>
    }
}

/// For whom the live view's panels are ordered: the role in its address (`?role=`), so that a screen can be started with it
/// and the first paint knows it. On other pages it is kept.
#[derive(Debug, Clone, Copy)]
pub struct Ordered(pub Memo<PanelOrder>);

impl Ordered {
    pub fn of(here: Here) -> Self {
        Self(Memo::new(move |before: Option<&PanelOrder>| match here.place.get() {
            Place::Page(Page { id: PageId::Live, .. }) => {
                let word = |address: &Address| address.parameter("role").and_then(PanelOrder::from_word);
                here.address.with(word).unwrap_or_default()
            }
            Place::Page(_) | Place::Campaign(_) | Place::Day(_) | Place::Days(_) | Place::Nothing => {
                before.copied().unwrap_or_default()
            }
        }))
    }

    /// The live view's address, with the role.
    #[must_use]
    pub fn home(self) -> String {
        of_home(self.0.get())
    }
}

fn of_home(order: PanelOrder) -> String {
    if order == PanelOrder::All { HOME.to_owned() } else { format!("{HOME}?role={}", order.word()) }
}

pub fn label(order: PanelOrder) -> &'static str {
    match order {
        PanelOrder::All => "All roles",
        PanelOrder::Network => "Network",
        PanelOrder::Campaign => "Campaign",
        PanelOrder::Manager => "Manager",
    }
}

#[component]
pub fn RoleChoice(ordered: Ordered) -> impl IntoView {
    let Ordered(order) = ordered;
    let navigate = use_navigate();
    let choose = move |word: String| {
        let chosen = of_home(PanelOrder::from_word(&word).unwrap_or_default());
        navigate(&chosen, NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
    };
    view! {
        <label class="choice needs-js role">
            <span class="hidden-label">"Order the panels for"</span>
            <select prop:value=move || order.get().word() on:change=move |event| choose(event_target_value(&event))>
                {PanelOrder::ALL.iter().map(|each| { let each = *each; view! { <option value=each.word() selected=move || order.get() == each>{label(each)}</option> } }).collect_view()}
            </select>
        </label>
    }
}
