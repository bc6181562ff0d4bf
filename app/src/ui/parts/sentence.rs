//! How things stand, in words, above everything else: worst first, each clause a link to its row.

use super::clock;
use super::figure::{anchor, still_shape, text, tone};
use crate::kpi::{Band, KpiId, format};
use crate::ui::feed::Feed;
use crate::ui::pace::{Freshness, Link};
use crate::ui::store::Live;
use crate::view::live::{Clause, Status};
use leptos::prelude::*;
use smol_str::SmolStr;

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
        (
            Freshness::Painted
            | Freshness::Live
            | Freshness::NoData
            | Freshness::Paused
            | Freshness::Silent
            | Freshness::Past,
            _,
        ) => String::new(),
    }
}

fn clause(clause: &Clause) -> AnyView {
    let band = clause.band;
    let id = anchor(clause.panel.word(), &clause.key);
    // A link to another page is followed as any other.
    let (href, goes_to) = match &clause.href {
        Some(href) => (href.clone(), None),
        None => (format!("#{id}"), Some(id)),
    };
    view! {
        <a class=format!("clause {}", tone(band)) href=href data-goto=goes_to data-in=clause.panel.word()>
            {still_shape(band)} <b>{clause.subject.clone()}</b>
            <span>{joined(&clause.text)}</span>
        </a>
    }
    .into_any()
}

/// The figures after the subject, behind a colon: "Route beta is failing: 41 % of 312 calls".
pub fn joined(text: &str) -> String {
    let joint = if text.is_empty() || text.starts_with([':', ',', '.', ' ']) { "" } else { ": " };
    format::kept(format!("{joint}{}. ", text.trim_end_matches(['.', ' '])))
}

/// What is left to say: the clauses left out, or that all is well and since when.
fn rest(live: Live) -> String {
    live.status.with(|status| {
        let near = |at| live.feed.top.with(|top| clock::hm_near(at, top.as_of, &top.site));
        let since = status.since.map(|at| format!(" since {}", near(at)));
        let since = since.unwrap_or_default();
        let (paused, differ) = (beside(status), differ(&status.differing));
        match (status.band, status.clauses.len(), status.more) {
            // Of a floor that is not heard nothing else can be said.
            (_, _, _) if status.silent_since.is_some() => String::new(),
            (_, 1.., 0) => format!("{paused}{}{differ}.", beside_what_is_out(status.rest)),
            (_, 1.., more) => format!("{} more out of band. {paused}", format::count(i64::from(more))),
            (Band::None, 0, _) => "No calls heard yet.".to_owned(),
            (Band::TooFew | Band::NoBaseline, 0, _) => format!("Too few calls to judge{since}."),
            (Band::Unjudged, 0, _) => {
                format!("{paused}Why calls fail is not told, so that not all is judged{since}{differ}.")
            }
            (Band::Ok | Band::Warn | Band::Critical, 0, _) => format!("{paused}All is well{since}{differ}."),
        }
    })
}

/// What is said after the clauses, where these are all: that the rest is well only where some of it was judged.
pub fn beside_what_is_out(rest: Band) -> &'static str {
    match rest {
        Band::Ok | Band::Warn | Band::Critical => "All else is well",
        Band::None | Band::TooFew | Band::NoBaseline | Band::Unjudged => "Nothing else is judged",
    }
}

/// What is no problem, but not "all is well" either.
fn beside(status: &Status) -> String {
    match status.paused {
        0 => String::new(),
        1 => "1 campaign is paused. ".to_owned(),
        n => format!("{} campaigns are paused. ", format::count(i64::from(n))),
    }
}

/// Figures of today that are named; the rest is counted.
const NAMED: usize = 3;

/// "; today’s AHT and connect rate are out of range against the week before".
fn differ(kpis: &[SmolStr]) -> String {
    let name = |kpi: &SmolStr| {
        let known = KpiId::from_id(kpi).map(|kpi| kpi.get().label.to_lowercase());
        known.unwrap_or_else(|| kpi.to_string())
    };
    let named: Vec<String> = kpis.iter().take(NAMED).map(name).collect();
    let verb = if kpis.len() == 1 { "is" } else { "are" };
    let which = match (named.as_slice(), kpis.len().saturating_sub(NAMED)) {
        ([], _) => return String::new(),
        ([one], _) => one.clone(),
        ([first @ .., last], 0) => format!("{} and {last}", first.join(", ")),
        (all, more) => {
            format!("{} and {} more", all.join(", "), format::count(i64::try_from(more).unwrap_or(i64::MAX)))
        }
    };
    format!("; today’s {which} {verb} out of range against the week before")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_else_is_well_only_where_something_else_is_judged() {
        assert_eq!(beside_what_is_out(Band::Ok), "All else is well");
        for rest in [Band::TooFew, Band::NoBaseline, Band::None] {
            assert_eq!(beside_what_is_out(rest), "Nothing else is judged");
        }
    }

    #[test]
    fn what_differs_of_today_is_named() {
        let said = |kpis: &[&str]| differ(&kpis.iter().map(SmolStr::new).collect::<Vec<_>>());
        let end = "out of range against the week before";
        assert_eq!(said(&[]), "");
        assert_eq!(said(&["aht"]), format!("; today’s average handle time is {end}"));
        assert_eq!(said(&["aht", "connect_rate"]), format!("; today’s average handle time and connect rate are {end}"));
        let many = ["aht", "connect_rate", "pdd", "error_rate", "asa"];
        let named = "average handle time, connect rate, post-dial delay and 2 more";
        assert_eq!(said(&many), format!("; today’s {named} are {end}"));
    }
}
