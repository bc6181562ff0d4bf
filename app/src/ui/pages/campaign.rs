//! `/monitor/{campaign}`: one campaign from near: how far it has come, its six figures, its calls, what became of them.

use super::Place;
use crate::ui::address;
use crate::ui::app::Here;
use crate::ui::feed::{Feed, Tense};
use crate::ui::kept::{Arrival, First};
use crate::ui::monitor::ask::{Asking as Asks, KeyDialog};
use crate::ui::monitor::store::Campaign;
use crate::ui::monitor::{became, calls, card, explained, figures, progress, queues, totals};
use crate::ui::pace::{Received, Renewal};
use crate::ui::parts::announce::Announcer;
use crate::ui::parts::each::each;
use crate::ui::parts::explain::{Asking, Explain};
use crate::ui::parts::figure::text;
use crate::ui::parts::sentence::apology;
use crate::ui::reach::Deed;
use crate::ui::{reach, stream, title};
use leptos::prelude::*;

/// The campaign of the address: another one is another page.
pub fn page() -> AnyView {
    let here = expect_context::<Here>();
    let id = Memo::new(move |before: Option<&String>| match here.place.get() {
        Place::Campaign(id) => id,
        // The reader leaves for another page: this one stays as it is until that has come.
        Place::Page(_) | Place::Day(_) | Place::Days(_) | Place::Nothing => before.cloned().unwrap_or_default(),
    });
    (move || of(&id.get())).into_any()
}

fn of(id: &str) -> AnyView {
    let feed = expect_context::<Feed>();
    let arrival = expect_context::<First>().begin(Tense::Present, Renewal::Streamed);
    let campaign = Campaign::of_this_page(feed);
    if arrival == Arrival::Document && feed.top.with_untracked(|top| top.received) == Received::Nothing {
        return unknown();
    }
    title::of_campaign(expect_context::<Here>(), id.to_owned(), move || {
        campaign.with_shown(|frame| frame.card.name.to_string())
    });
    let asking = Asking(RwSignal::new(None));
    let asks = Asks::new(feed);
    let view_name = format!("monitor&campaign={}", address::encoded(id));
    Effect::new(move |_| {
        stream::follow(feed, view_name.clone(), Box::new(move |brings, text| campaign.take(brings, text)));
    });
    let act = move |deed: Deed| match deed.what.as_str() {
        "refresh" => feed.refresh(),
        action => asks.press(&deed.key, action),
    };
    view! {
        <div
            class="monitor campaign"
            data-fresh=text(move || feed.freshness().name().to_owned())
            on:click=move |event| reach::on_click(&event, asking, &act)
        >
            {totals::warning_view(campaign.warning)}
            <p class="sentence slim"><span class="apology">{text(move || apology(feed))}</span></p>
            {each(move || campaign.card.lines.get(), move |line| card::head(line, feed, asks.asks))}
            {each(move || campaign.progress.lines.get(), progress::view)}
            {figures::view(campaign.figures)}
            <div class="side">
                {calls::view(campaign.calls, feed)}
                {became::view(campaign)}
            </div>
            {queues::view(campaign.queues)}
            {super::monitor::help()}
        </div>
        <Explain asking explain=Box::new(move |asked| campaign.with_shown(|frame| explained::of_campaign(frame, asked))) />
        <KeyDialog asking=asks />
        <Announcer said=text(move || campaign.warning.with(|warning| warned(&warning.text))) />
    }
    .into_any()
}

/// What is read out: of the dialer's worker alone, for whether the campaign is well its card says.
fn warned(warning: &str) -> String {
    if warning.is_empty() { "No warning of the dialer’s worker".to_owned() } else { warning.to_owned() }
}

/// What is at the address of a campaign that nobody knows. The server answers 404 with it. Its id is not told back: anything
/// may stand in an address.
fn unknown() -> AnyView {
    let said = "No campaign of this id is known. It may have another id, or nothing has been told of it yet.";
    view! {
        <section class="plain">
            <h1>"There is no such campaign"</h1>
            <p>{said} " " <a href=super::MONITOR>"See all campaigns"</a> "."</p>
        </section>
    }
    .into_any()
}
