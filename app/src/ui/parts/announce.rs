//! What is read out: changes of state, summed up, at most one each ten seconds (ux.md U52). Figures are never read out.

use super::figure::{Text, text};
use crate::ui::feed::Feed;
use crate::ui::pace::Freshness;
use leptos::prelude::*;

const EVERY_MS: i64 = 10_000;

/// `subjects`: what is out of band, by name.
#[component]
pub fn Announcer(subjects: Text) -> impl IntoView {
    let feed = expect_context::<Feed>();
    let said = RwSignal::new((i64::MIN, String::new()));
    let known = StoredValue::new(String::new());
    Effect::new(move |_| {
        let Some(now) = feed.pulse.with(|pulse| pulse.now) else { return };
        let news = news(feed, &subjects());
        let (at, _) = said.get_untracked();
        // What the page says at first is read with the page.
        let is_first = known.with_value(String::is_empty);
        if known.with_value(|known| *known == news) || now.millis().saturating_sub(at) < EVERY_MS {
            return;
        }
        known.set_value(news.clone());
        if !is_first {
            said.set((now.millis(), news));
        }
    });
    view! {
        <div class="hidden-label" aria-live="polite" role="status">
            {text(move || said.with(|(_, text)| text.clone()))}
        </div>
    }
}

/// The state without its figures: what is out of band, and whether the page is current.
fn news(feed: Feed, subjects: &str) -> String {
    let fresh = match feed.freshness() {
        Freshness::Stale => "Figures are stale. ",
        Freshness::Late
        | Freshness::Painted
        | Freshness::Live
        | Freshness::NoData
        | Freshness::Paused
        | Freshness::Silent
        | Freshness::Past => "",
    };
    if subjects.is_empty() { format!("{fresh}All is well.") } else { format!("{fresh}{subjects}.") }
}
