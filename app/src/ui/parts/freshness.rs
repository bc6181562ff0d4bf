//! The time at the site, and how old what the page shows is: always there, in the header.

use super::clock;
use super::figure::text;
use crate::kpi::format;
use crate::ui::feed::Feed;
use crate::ui::pace::{Freshness, Link, Renewal};
use leptos::prelude::*;

/// An event stream that brings nothing new for this long is worth a word: the sources may be silent.
const QUIET_MS: i64 = 60_000;

#[component]
pub fn SiteTime() -> impl IntoView {
    let feed = expect_context::<Feed>();
    let known = move || feed.freshness() != Freshness::NoData;
    let day = text(move || match known() {
        true => feed.with_site(|site| format!("{} · {}", clock::place(site), clock::day(feed.now(), site))),
        false => String::new(),
    });
    let time = text(move || if known() { feed.with_site(|site| clock::hms(feed.now(), site)) } else { String::new() });
    view! {
        <span class="site-time">
            <span class="site-day">{day}</span>
            <time>{time}</time>
        </span>
    }
}

#[component]
pub fn Age() -> impl IntoView {
    let feed = expect_context::<Feed>();
    let is_lost = move || feed.pulse.with(|pulse| pulse.link) == Link::Lost;
    let word = move || match (feed.renewal(), feed.freshness()) {
        // Figures that were asked for are no live ones.
        (Renewal::Asked { .. }, Freshness::Live) => "Updated",
        (Renewal::Asked { .. } | Renewal::Streamed, freshness) => freshness.word(),
    };
    let age = text(move || match feed.freshness() {
        Freshness::Live | Freshness::Late | Freshness::Stale if feed.renewal() != Renewal::Streamed => {
            let age = feed.age_ms().map_or_else(String::new, |ms| format!("{} ago", format::whole_age(ms)));
            if is_lost() { format!("{age}, connection lost, trying again") } else { age }
        }
        Freshness::NoData if is_lost() && feed.renewal() != Renewal::Streamed => {
            "connection lost, trying again".to_owned()
        }
        Freshness::Painted => feed.with_site(|site| clock::hms(feed.as_of(), site)),
        Freshness::Live | Freshness::Late | Freshness::Stale | Freshness::Paused => {
            feed.age_ms().map_or_else(String::new, format::age)
        }
        Freshness::NoData | Freshness::Silent | Freshness::Past => String::new(),
    });
    let silence = text(move || {
        let newest = feed.top.with(|top| top.newest_event);
        let silence = newest.map_or(0, |newest| feed.now().since(newest).as_millis());
        match feed.freshness() {
            // Of a day or of many, which end before now, it says nothing.
            _ if feed.renewal() != Renewal::Streamed => String::new(),
            Freshness::Live if silence > QUIET_MS => format!("no event for {}", format::age(silence)),
            Freshness::Silent => format!("no event for {}", format::age(silence)),
            Freshness::Live
            | Freshness::Painted
            | Freshness::Late
            | Freshness::Stale
            | Freshness::NoData
            | Freshness::Paused
            | Freshness::Past => String::new(),
        }
    });
    view! {
        <span class="age" data-fresh=text(move || feed.freshness().name().to_owned())>
            <i class="dot"></i>
            <b>{text(move || word().to_owned())}</b>
            <span class="age-text">{age}</span>
            <span class="silence">{silence}</span>
        </span>
    }
}
