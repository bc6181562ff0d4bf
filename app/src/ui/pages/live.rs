//! `/live`: is the floor healthy now? The sentence, the strip, and the eight panels in the order of one's role.
//!
//! Figures come from the store (first paint) and the stream into it. One listener at the page's root serves all rows:
//! explanations, links of the sentence, full screen; panels have none of their own.

use crate::ui::app::Here;
use crate::ui::feed::{Feed, Tense};
use crate::ui::kept::{Arrival, First, Refused};
use crate::ui::pace::Renewal;
use crate::ui::parts::announce::{Announcer, names_or};
use crate::ui::parts::controls::Ordered;
use crate::ui::parts::crosshair::Crosshair;
use crate::ui::parts::explain::{Asking, Explain};
use crate::ui::parts::explained::explain;
use crate::ui::parts::figure::text;
use crate::ui::parts::past::{Past, PastBar};
use crate::ui::parts::sentence::Sentence;
use crate::ui::parts::strip::Strip;
use crate::ui::reach::Deed;
use crate::ui::store::Live;
use crate::ui::{links, panels, reach, stream};
use crate::view::PanelId;
use leptos::prelude::*;

pub fn page() -> AnyView {
    let (feed, Ordered(order)) = (expect_context::<Feed>(), expect_context::<Ordered>());
    let address = expect_context::<Here>().address.get_untracked();
    let past = Past::of(&address);
    let arrival = expect_context::<First>().begin(Tense::of(&address), Renewal::Streamed);
    if past.is_some() {
        // The server puts a past moment together: who comes back to one loads its document.
        if arrival == Arrival::InApp {
            links::load_anew();
            return ().into_any();
        }
        let Refused(why) = expect_context();
        if !why.is_empty() {
            return no_such_moment(&why);
        }
    }
    let live = Live::of_this_page(feed);
    provide_context(live);
    Crosshair::of_this_page();
    let asking = Asking(RwSignal::new(None));
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
    let bar = past.map(|past| view! { <PastBar feed past /> });
    view! {
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
    .into_any()
}

/// What is at the address of a moment that can't be shown again: not past, too old, or none at all.
fn no_such_moment(why: &str) -> AnyView {
    view! {
        <section class="plain">
            <h1>"This moment can’t be shown"</h1>
            <p>{why.to_owned()} " " <a href=super::HOME>"See the live view"</a> "."</p>
        </section>
    }
    .into_any()
}
