//! What is read out: changes of state, summed up, at most one each ten seconds (ux.md U52). Figures are never read out.

use super::figure::{Text, text};
use crate::kpi::Band;
use crate::ui::feed::Feed;
use crate::ui::pace::Freshness;
use leptos::prelude::*;

const EVERY_MS: i64 = 10_000;

/// `said`: what is out of band, by name, or how things stand where nothing is.
#[component]
pub fn Announcer(said: Text) -> impl IntoView {
    let feed = expect_context::<Feed>();
    let read_out = RwSignal::new((i64::MIN, String::new()));
    let known = StoredValue::new(String::new());
    Effect::new(move |_| {
        let Some(now) = feed.pulse.with(|pulse| pulse.now) else { return };
        let news = news(feed, &said());
        let (at, _) = read_out.get_untracked();
        // What the page says at first is read with the page.
        let is_first = known.with_value(String::is_empty);
        if known.with_value(|known| *known == news) || now.millis().saturating_sub(at) < EVERY_MS {
            return;
        }
        known.set_value(news.clone());
        if !is_first {
            read_out.set((now.millis(), news));
        }
    });
    view! {
        <div class="hidden-label" aria-live="polite" role="status">
            {text(move || read_out.with(|(_, text)| text.clone()))}
        </div>
    }
}

/// The names of what is out of band; where nothing is, how the whole stands.
pub fn names_or<'a>(subjects: impl Iterator<Item = &'a str>, band: Band) -> String {
    let named = subjects.collect::<Vec<_>>().join(", ");
    match band {
        _ if !named.is_empty() => named,
        Band::None => "Nothing is heard yet".to_owned(),
        Band::TooFew | Band::NoBaseline => "Too few calls to judge".to_owned(),
        Band::Unjudged => "Not all is judged".to_owned(),
        Band::Ok | Band::Warn | Band::Critical => "All is well".to_owned(),
    }
}

/// The state without its figures: what is out of band, and whether the page is current.
fn news(feed: Feed, said: &str) -> String {
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
    format!("{fresh}{said}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_read_out_as_well_that_is_not_judged_or_not_heard() {
        let none = || std::iter::empty();
        assert_eq!(names_or(none(), Band::Ok), "All is well");
        assert_eq!(names_or(none(), Band::TooFew), "Too few calls to judge");
        assert_eq!(names_or(none(), Band::None), "Nothing is heard yet");
        assert_eq!(names_or(["Route a is failing", "b"].into_iter(), Band::Critical), "Route a is failing, b");
    }
}
