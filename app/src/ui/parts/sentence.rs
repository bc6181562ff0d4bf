//! How things stand, in words, above everything else: worst first, each clause a link to its row.

use super::clock;
use super::figure::{anchor, still_shape, text, tone};
use crate::kpi::{Band, format};
use crate::ui::feed::Feed;
use crate::ui::pace::{Freshness, Link};
use crate::ui::store::Live;
use crate::view::live::Clause;
use leptos::prelude::*;

#[component]
pub fn Sentence() -> impl IntoView {
    let live = expect_context::<Live>();
    let clauses = move || live.status.with(|status| status.clauses.iter().map(clause).collect_view());
    view! {
        <p class="sentence">
            <span class="apology">{text(move || apology(live.feed))}</span>
            {clauses}
            <span class="rest">{text(move || rest(live))}</span>
        </p>
    }
}

/// Said first where what follows is not how things stand now.
pub fn apology(feed: Feed) -> String {
    let age = || feed.age_ms().map_or_else(String::new, format::age);
    match (feed.freshness(), feed.pulse.with(|pulse| pulse.link)) {
        (Freshness::Stale, Link::Lost) => format!("Last update {} ago: connection lost, trying again. ", age()),
        (Freshness::Stale, _) => format!("Last update {} ago: nothing has come since. ", age()),
        (Freshness::Late, _) => format!("Last update {} ago. ", age()),
        (Freshness::NoData, Link::Lost) => "Connection lost, trying again. ".to_owned(),
        (Freshness::Painted | Freshness::Live | Freshness::NoData | Freshness::Paused | Freshness::Past, _) => {
            String::new()
        }
    }
}

fn clause(clause: &Clause) -> AnyView {
    let band = clause.band;
    let id = anchor(clause.panel.word(), &clause.key);
    view! {
        <a class=format!("clause {}", tone(band)) href=format!("#{id}") data-goto=id data-in=clause.panel.word() rel="external">
            {still_shape(band)} <b>{clause.subject.clone()}</b>
            <span>{joined(&clause.text)}</span>
        </a>
    }
    .into_any()
}

/// The figures after the subject, behind a colon: "Route beta is failing: 41 % of 312 calls".
pub fn joined(text: &str) -> String {
    let joint = if text.is_empty() || text.starts_with([':', ',', '.', ' ']) { "" } else { ": " };
    format!("{joint}{}. ", text.trim_end_matches(['.', ' ']))
}

/// What is left to say: the clauses left out, or that all is well and since when.
fn rest(live: Live) -> String {
    live.status.with(|status| {
        let near = |at| live.feed.top.with(|top| clock::hm_near(at, top.as_of, &top.site));
        let since = status.since.map(|at| format!(" since {}", near(at)));
        let since = since.unwrap_or_default();
        match (status.band, status.clauses.len(), status.more) {
            (_, 1.., 0) => "All else is well.".to_owned(),
            (_, 1.., more) => format!("{} more out of band.", format::count(i64::from(more))),
            (Band::None, 0, _) => "No calls heard yet.".to_owned(),
            (Band::TooFew | Band::NoBaseline, 0, _) => format!("Too few calls to judge{since}."),
            (Band::Ok | Band::Warn | Band::Critical, 0, _) => format!("All is well{since}."),
        }
    })
}
