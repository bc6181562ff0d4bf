//! `/monitor`: how do the campaigns stand? Four figures of the floor, and a card for each campaign that dials or rests.

use crate::kpi::format;
use crate::ui::feed::{Feed, Tense};
use crate::ui::kept::First;
use crate::ui::monitor::ask::{Asking as Asks, KeyDialog};
use crate::ui::monitor::sentence::Said;
use crate::ui::monitor::store::Monitor;
use crate::ui::monitor::{card, explained, sentence, totals};
use crate::ui::pace::Renewal;
use crate::ui::parts::announce::{Announcer, names_or};
use crate::ui::parts::each::each;
use crate::ui::parts::explain::{Asking, Explain};
use crate::ui::parts::figure::text;
use crate::ui::reach::Deed;
use crate::ui::{reach, stream};
use leptos::prelude::*;

/// The way to what can be wrong and what to do.
pub(super) fn help() -> AnyView {
    view! { <p class="help"><a href=super::TROUBLESHOOTING.path>"What can be wrong with a campaign, and what to do"</a></p> }.into_any()
}

pub fn page() -> AnyView {
    let feed = expect_context::<Feed>();
    expect_context::<First>().begin(Tense::Present, Renewal::Streamed);
    let monitor = Monitor::of_this_page(feed);
    let asking = Asking(RwSignal::new(None));
    let asks = Asks::new(feed);
    Effect::new(move |_| {
        stream::follow(feed, "monitor".to_owned(), Box::new(move |brings, text| monitor.take(brings, text)));
    });
    let act = move |deed: Deed| asks.press(&deed.key, &deed.what);
    let nothing =
        text(move || if monitor.cards.lines.with(Vec::is_empty) { "plain".to_owned() } else { "hidden".to_owned() });
    let more = text(move || match monitor.cards.more.get() {
        0 => String::new(),
        n => format::counted(i64::from(n), "more campaign is not shown.", "more campaigns are not shown."),
    });
    let said = text(move || {
        monitor.said.with(|Said { status, .. }| {
            names_or(status.clauses.iter().map(|clause| clause.subject.as_str()), status.band)
        })
    });
    view! {
        <h1 class="hidden-label">"Monitor"</h1>
        <div
            class="monitor"
            data-fresh=text(move || feed.freshness().name().to_owned())
            on:click=move |event| reach::on_click(&event, asking, &act)
            on:pointermove=move |event| monitor.point_at(&reach::panel_at(&event))
            on:pointerleave=move |_| monitor.point_at("")
            on:focusin=move |event| monitor.point_at(&reach::panel_at(&event))
        >
            {totals::warning_view(monitor.warning)}
            {sentence::view(monitor.said, feed)}
            {totals::view(monitor.totals)}
            <ul class="camps" aria-label="Campaigns" data-panel=card::PANEL>
                {each(move || monitor.cards.lines.get(), move |line| card::view(line, feed, asks.asks))}
            </ul>
            <p class=nothing>"No campaign is active or paused."</p>
            <p class="more">{more}</p>
            {help()}
        </div>
        <Explain asking explain=Box::new(move |asked| monitor.with_shown(|frame| explained::of_monitor(frame, asked))) />
        <KeyDialog asking=asks />
        <Announcer said />
    }
    .into_any()
}
