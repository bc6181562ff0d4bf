//! What is read out: changes of state, summed up, at most one each ten seconds (ux.md U52). Figures are never read out.

use super::figure::text;
use crate::ui::pace::Freshness;
use crate::ui::store::{Live, Top};
use leptos::prelude::*;

const EVERY_MS: i64 = 10_000;

#[component]
pub fn Announcer() -> impl IntoView {
    let live = expect_context::<Live>();
    let said = RwSignal::new((i64::MIN, String::new()));
    let known = StoredValue::new(String::new());
    Effect::new(move |_| {
        let Some(now) = live.pulse.with(|pulse| pulse.now) else { return };
        let news = news(live);
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
fn news(live: Live) -> String {
    let fresh = match live.freshness() {
        Freshness::Stale => "Figures are stale. ",
        Freshness::Late | Freshness::Painted | Freshness::Live | Freshness::NoData | Freshness::Paused => "",
    };
    live.top.with(|Top { status, .. }| {
        let subjects: Vec<&str> = status.clauses.iter().map(|clause| clause.subject.as_str()).collect();
        match subjects.as_slice() {
            [] => format!("{fresh}All is well."),
            some => format!("{fresh}{}.", some.join(", ")),
        }
    })
}
