//! `/live`: is the floor healthy now? The sentence, the strip, and the eight panels in the order of one's role.
//!
//! Figures come from the store (first paint) and the stream into it. One listener at the page's root serves all rows:
//! explanations, links of the sentence, full screen; panels have none of their own.

use crate::ui::parts::announce::Announcer;
use crate::ui::parts::controls::Ordered;
use crate::ui::parts::explain::{Asking, Explain};
use crate::ui::parts::figure::text;
use crate::ui::parts::sentence::Sentence;
use crate::ui::parts::strip::Strip;
use crate::ui::store::Live;
use crate::ui::{panels, reach, stream};
use leptos::prelude::*;

#[component]
pub fn LivePage() -> impl IntoView {
    let live = expect_context::<Live>();
    let asking = Asking(RwSignal::new(None));
    provide_context(asking);
    let Ordered(role) = expect_context();
    Effect::new(move |_| stream::follow(live));
    reach::on_keys(live);
    view! {
        <h1 class="hidden-label">"Live view"</h1>
        <div
            class="live"
            data-fresh=text(move || live.freshness().name().to_owned())
            on:click=move |event| reach::on_click(&event, live, asking)
            on:pointermove=move |event| reach::on_pointer(&event, live)
            on:pointerleave=move |_| live.point_at(None)
            on:focusin=move |event| reach::on_focus(&event, live)
        >
            <Sentence />
            <Strip />
            <div class="panels">
                {move || role.get().panels().iter().map(|id| panels::view(*id, live)).collect_view()}
            </div>
        </div>
        <Explain />
        <Announcer />
    }
}
