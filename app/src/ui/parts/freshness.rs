//! The time at the site, and how old what the page shows is: always there, in the header.

use super::clock;
use super::figure::text;
use crate::kpi::format;
use crate::ui::pace::Freshness;
use crate::ui::store::Live;
use leptos::prelude::*;

/// An event stream that brings nothing new for this long is worth a word: the sources may be silent.
const QUIET_MS: i64 = 60_000;

#[component]
pub fn SiteTime() -> impl IntoView {
    let live = expect_context::<Live>();
    let known = move || live.freshness() != Freshness::NoData;
    let day = text(move || match known() {
        true => live.with_site(|site| format!("{} · {}", clock::place(site), clock::day(live.now(), site))),
        false => String::new(),
    });
    let time = text(move || if known() { live.with_site(|site| clock::hms(live.now(), site)) } else { String::new() });
    view! {
        <span class="site-time">
            <span class="site-day">{day}</span>
            <time>{time}</time>
        </span>
    }
}

#[component]
pub fn Age() -> impl IntoView {
    let live = expect_context::<Live>();
    let age = text(move || match live.freshness() {
        Freshness::Painted => live.with_site(|site| clock::hms(live.as_of(), site)),
        Freshness::Live | Freshness::Late | Freshness::Stale | Freshness::Paused => {
            live.age_ms().map_or_else(String::new, format::age)
        }
        Freshness::NoData => String::new(),
    });
    let silence = text(move || {
        let newest = live.top.with(|top| top.newest_event);
        let silence = newest.map_or(0, |newest| live.now().since(newest).as_millis());
        if silence > QUIET_MS && live.freshness() == Freshness::Live {
            format!("no event for {}", format::age(silence))
        } else {
            String::new()
        }
    });
    view! {
        <span class="age" data-fresh=text(move || live.freshness().name().to_owned())>
            <i class="dot"></i>
            <b>{text(move || live.freshness().word().to_owned())}</b>
            <span class="age-text">{age}</span>
            <span class="silence">{silence}</span>
        </span>
    }
}
