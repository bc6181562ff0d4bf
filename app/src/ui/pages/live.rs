//! `/live`: is the floor healthy now? The sentence, the strip, and the eight panels in the order of one's role.
//!
//! Figures come from the store (first paint) and the stream into it. One listener at the page's root serves all rows:
//! explanations, links of the sentence, full screen; panels have none of their own.

use super::PageView;
use crate::ui::address::Address;
use crate::ui::feed::Feed;
use crate::ui::kept::Refused;
use crate::ui::parts::announce::{Announcer, names_or};
use crate::ui::parts::controls::{Ordered, RoleChoice};
use crate::ui::parts::explain::{Asking, Explain};
use crate::ui::parts::explained::explain;
use crate::ui::parts::figure::text;
use crate::ui::parts::past::{LookBack, Past, PastBar};
use crate::ui::parts::sentence::Sentence;
use crate::ui::parts::strip::Strip;
use crate::ui::reach::Deed;
use crate::ui::store::Live;
use crate::ui::{panels, reach, stream};
use crate::view::PanelId;
use leptos::prelude::*;

pub fn page(address: &Address, feed: Feed) -> PageView {
    let live = Live::of_this_page(feed);
    provide_context(live);
    let ordered = Ordered::of(address);
    let Ordered(order) = ordered;
    let asking = Asking(RwSignal::new(None));
    let past = Past::of(address);
    if let Some(why) = past.as_ref().and_then(|_| Refused::of_this_page()) {
        return no_such_moment(&why);
    }
    let asked = past.as_ref().map_or_else(|| "live".to_owned(), Past::stream);
    Effect::new(move |_| {
        stream::follow(feed, asked.clone(), Box::new(move |brings, text| live.take(brings, text)));
    });
    let act = move |deed: Deed| {
        if let (Some(id), "rows") = (PanelId::from_word(&deed.panel), deed.what.as_str()) {
            live.panel(id).toggle();
        }
    };
    let point_at = move |panel: &str| live.point_at(PanelId::from_word(panel));
    let said = text(move || {
        live.status.with(|status| names_or(status.clauses.iter().map(|clause| clause.subject.as_str()), status.band))
    });
    let bar = past.clone().map(|past| view! { <PastBar feed past /> });
    let look_back = past.is_none().then(|| view! { <LookBack feed /> });
    let main = view! {
        {bar}
        <h1 class="hidden-label">"Live view"</h1>
        <div
            class="live"
            data-fresh=text(move || feed.freshness().name().to_owned())
            on:click=move |event| reach::on_click(&event, asking, &act)
            on:pointermove=move |event| point_at(&reach::panel_at(&event))
            on:pointerleave=move |_| point_at("")
            on:focusin=move |event| point_at(&reach::panel_at(&event))
        >
            <Sentence />
            <Strip />
            <div class="panels">
                {move || order.get().panels().iter().map(|id| panels::view(*id, live)).collect_view()}
            </div>
        </div>
        <Explain asking explain=Box::new(move |asked| live.with_shown(|frame| explain(frame, asked))) />
        <Announcer said />
    }
    .into_any();
    PageView { tools: view! { {look_back} <RoleChoice ordered /> }.into_any(), main }
}

/// What is at the address of a moment that can't be shown again: not past, too old, or none at all.
fn no_such_moment(why: &str) -> PageView {
    let main = view! {
        <section class="plain">
            <h1>"This moment can’t be shown"</h1>
            <p>{why.to_owned()} " " <a href=super::HOME>"See the live view"</a> "."</p>
        </section>
    }
    .into_any();
    PageView { tools: ().into_any(), main }
}
