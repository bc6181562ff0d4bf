//! A past moment instead of the present: which, how fast it goes on, and the ways to other moments and back.
//!
//! Everything is a link or a form of the page's own address (`/live?at=…&speed=…`): it works without scripts, can be
//! shared, and costs a browser next to nothing.

use super::clock;
use super::figure::text;
use crate::domain::{Moment, Span};
use crate::ui::address::Address;
use crate::ui::feed::{Feed, Tense};
use crate::ui::pages::HOME;
use leptos::prelude::*;

/// How fast a replay may be asked to go; 0 stands still.
const SPEEDS: [(u32, &str); 4] = [(0, "Pause"), (1, "1×"), (10, "10×"), (60, "60×")];
/// The steps to other moments.
const STEPS: [(i64, &str); 4] = [(-600, "−10 min"), (-60, "−1 min"), (60, "+1 min"), (600, "+10 min")];
const DAY_S: i64 = 86_400;
/// A look back begins so long ago.
const BACK: Span = Span::minutes(5);

/// What the address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// As it stands in the address.
    at: String,
    speed: u32,
}

impl Past {
    /// `None` on a page that shows the present.
    pub fn of(address: &Address) -> Option<Self> {
        let at = address.parameter("at").filter(|at| !at.is_empty())?.to_owned();
        let speed = address.parameter("speed").and_then(|speed| speed.parse().ok()).unwrap_or(1);
        Some(Self { at, speed })
    }

    /// What the stream is asked for.
    pub fn stream(&self) -> String {
        format!("live&at={}&speed={}", self.at, self.speed)
    }
}

impl Tense {
    pub fn of(address: &Address) -> Self {
        if Past::of(address).is_some() { Self::Past } else { Self::Present }
    }
}

fn link(at: Moment, speed: u32) -> String {
    format!("{HOME}?at={}&speed={speed}", at.floor(Span::secs(1)).to_rfc3339())
}

/// The way from the present into the past.
#[component]
pub fn LookBack() -> impl IntoView {
    let feed = expect_context::<Feed>();
    let href = text(move || link(feed.as_of() - BACK, 1));
    view! { <a class="look-back" href=href title="See the last minutes again, or any moment whose calls are kept">"Replay"</a> }
}

/// Says that the page shows the past, and leads through it.
#[component]
pub fn PastBar(feed: Feed, past: Past) -> impl IntoView {
    let speed = past.speed;
    let shown = text(move || {
        feed.with_site(|site| format!("{}, {}", clock::day(feed.as_of(), site), clock::hms(feed.as_of(), site)))
    });
    let steps = STEPS.map(|(secs, label)| {
        let href = text(move || link(feed.as_of() + Span::secs(secs), speed));
        let key = match secs {
            -600 => Some("["),
            600 => Some("]"),
            _ => None,
        };
        view! { <a href=href aria-keyshortcuts=key>{label}</a> }
    });
    // The space bar lets it stand still, and go on.
    let other = u32::from(speed == 0);
    let speeds = SPEEDS.map(|(each, label)| {
        let href = text(move || link(feed.as_of(), each));
        let key = (each == other).then_some("Space");
        view! { <a href=href aria-current=(each == speed).then_some("true") aria-keyshortcuts=key>{label}</a> }
    });
    let second = move || feed.with_site(|site| clock::second_of_day(feed.as_of(), site));
    let go = move |value: String| {
        let second = value.parse().unwrap_or_else(|_| second());
        let at = feed.with_site(|site| clock::on_the_day(feed.as_of(), second, site));
        leave_for(&format!("{HOME}?at={at}&speed={speed}"));
    };
    view! {
        <section class="past" aria-label="Replay">
            <strong>"Replay"</strong>
            <time>{shown}</time>
            <span class="quiet">"as it was then, values as known today"</span>
            <span class="ways">{steps.into_iter().collect_view()}</span>
            <span class="ways" role="group" aria-label="Speed">{speeds.into_iter().collect_view()}</span>
            <input
                class="needs-js"
                type="range"
                min="0"
                max=DAY_S - 1
                step="60"
                aria-label="Moment of the day"
                prop:value=move || second().to_string()
                on:change=move |event| go(event_target_value(&event))
            />
            <a class="back" href=HOME>"Back to live"</a>
        </section>
    }
}

#[cfg(feature = "hydrate")]
fn leave_for(address: &str) {
    // Refused only where a page may not be left at all.
    let _ = window().location().set_href(address);
}

#[cfg(not(feature = "hydrate"))]
fn leave_for(_: &str) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_which_moment_and_how_fast() {
        let past = |address| Past::of(&Address::of(address));
        assert_eq!(past("/live"), None);
        assert_eq!(past("/live?at="), None);
        let two = past("/live?at=2026-11-20T14%3A32&speed=10").map(|past| past.stream());
        assert_eq!(two.as_deref(), Some("live&at=2026-11-20T14%3A32&speed=10"));
        assert_eq!(past("/live?at=x").map(|past| past.speed), Some(1));
    }
}
