//! `/troubleshooting`: what can be wrong with a campaign, what to check, what to do; and which campaigns have it now (S53).
//!
//! Only the server renders it (see `ui/still`). The table is the catalogue's ([`crate::kpi::problems`]), in the order in
//! which problems are looked for; what has one now is said by the monitor's frame.

mod sources;

pub use sources::{ListedSource, Payloads, Said, Sources};

use crate::kpi::format;
use crate::kpi::problems::{PROBLEMS, Problem};
use crate::ui::address;
use crate::ui::parts::figure::{name_of, still_shape, tone};
use crate::ui::still::{Dated, Shown};
use crate::view::Table;
use crate::view::monitor::{CampaignCard, MonitorFrame};
use leptos::prelude::*;

/// Campaigns that are named beside a problem; the rest is counted.
const NAMED: usize = 20;

/// What a page shows of itself, not of a campaign.
struct Hint {
    symptom: &'static str,
    check: &'static str,
    next: &'static str,
}

const OF_THE_PAGE: [Hint; 4] = [
    Hint {
        symptom: "Figures do not move",
        check: "Repaint, at the top: by hand it waits; and the age beside it",
        next: "Refresh now, or choose a cadence. Where the age grows, the server or the network is gone; the page tries again by itself.",
    },
    Hint {
        symptom: "A campaign is missing",
        check: "Whether it has ended: cards are of those that are active or paused",
        next: "Look it up on the day’s page; one that was never told of appears with its first call.",
    },
    Hint {
        symptom: "A pause was refused, or not confirmed in time",
        check: "The line under the campaign’s name: the dialer’s own words, or that it was silent",
        next: "All is as before until the dialer says otherwise. Pause it in the dialer, and look at the address under [[control.http]].",
    },
    Hint {
        symptom: "A figure shows —",
        check: "The figure’s explanation: what it is made of was never told",
        next: "Let the dialer tell it with campaign.updated: destinations, cac_limit, rate_limited.",
    },
];

/// What the server has lately not taken; provided as a context.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rejected {
    /// The last ones, newest first.
    pub last: Vec<NotTaken>,
    /// The last fields that were ignored, newest first.
    pub ignored: Vec<NotTaken>,
    /// The last senders that were turned away for want of a key, newest first.
    pub senders: Vec<RefusedSender>,
}

/// A sender that was turned away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedSender {
    /// `09:32:08 EST`, the last time.
    pub when: String,
    pub times: u64,
    /// Its network; nobody's for who reads this without a key.
    pub from: Option<String>,
    /// What it showed, in words.
    pub showed: String,
}

/// Why so many were not taken at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotTaken {
    /// `09:32:08 EST`: by the site’s clock.
    pub when: String,
    pub times: u64,
    /// What they are: one, and several.
    pub of: (&'static str, &'static str),
    /// Persons' numbers masked.
    pub why: String,
}

/// Of what comes in: the word that its row is found by.
const OF_WHAT_COMES: [(&str, &str, Hint); 4] = [
    (
        "rejected",
        "Events are rejected",
        Hint {
            symptom: "What a sender tells is not taken, and in no figure",
            check: "The last reasons, below; the answer to each request names every event and why",
            next: "Mend the sender, and send them again: sending twice changes nothing. All events and fields are under /docs.",
        },
    ),
    (
        "keys",
        "Keys are refused",
        Hint {
            symptom: "A sender sends, and nothing of it is heard: it is answered 401, 403 or 429",
            check: "From where and with what, below; the server’s log names the address, where a wrong key was shown",
            next: "Give the sender a key of scope ingest, as Authorization: Bearer KEY: that of RINGSIDE_INGEST_KEY, or one under [[ingest.keys]]. It may send again what was refused.",
        },
    ),
    (
        "misspelt",
        "Fields are ignored",
        Hint {
            symptom: "A call is there, and what was told of it is not: no agent, no list, no disposition",
            check: "The last fields that were ignored, below; warnings in the answer to each request",
            next: "Mend the field’s name, and tell it of these calls by call.updated. A field of your own belongs into metadata.",
        },
    ),
    (
        "undirected",
        "Calls tell no direction",
        Hint {
            symptom: "Calls come in, and no figure moves",
            check: "Whether call.started or call.record has direction; of an Asterisk, whether its [source.asterisk.routes] name its trunks",
            next: "Let the sender tell direction, inbound or outbound, also afterwards by call.updated: the calls count from then on, at their times.",
        },
    ),
];

/// What stands in the page, and of when it is. Without a frame the table is there all the same.
pub fn page() -> (AnyView, Dated) {
    match use_context::<Shown<MonitorFrame>>() {
        Some(Shown { frame: Ok(frame), now }) => {
            let dated = Dated { as_of: Some(frame.as_of), now, site: Some(frame.site.clone()) };
            (body(&frame.cards), dated)
        }
        Some(Shown { frame: Err(_), now }) => (body(&Table::default()), Dated { as_of: None, now, site: None }),
        None => (body(&Table::default()), Dated { as_of: None, now: crate::domain::Moment::default(), site: None }),
    }
}

fn body(cards: &Table<CampaignCard>) -> AnyView {
    let rows = PROBLEMS.iter().map(|problem| row(problem, &cards.rows)).collect_view();
    // Cards are the worst first: those that are not here have a problem only where all of these have one.
    let beyond = (cards.more > 0).then(|| {
        let (shown, more) = (cards.rows.len(), i64::from(cards.more));
        let shown = format::count(i64::try_from(shown).unwrap_or(i64::MAX));
        format!(" · of the {shown} campaigns that stand worst; {} more are not looked at here", format::count(more))
    });
    let hints = OF_THE_PAGE.iter().map(|hint| {
        view! {
            <tr>
                <th scope="row">{hint.symptom}</th>
                <td data-label="Check">{hint.check}</td>
                <td data-label="What to do">{hint.next}</td>
            </tr>
        }
    });
    let comes = OF_WHAT_COMES.iter().map(|(word, title, hint)| {
        view! {
            <tr id=*word tabindex="-1">
                <th scope="row">{*title}</th>
                <td data-label="Symptom">{hint.symptom}</td>
                <td data-label="Check">{hint.check}</td>
                <td data-label="What to do">{hint.next}</td>
            </tr>
        }
    });
    view! {
        <h1 class="sentence">"What can be wrong with a campaign, and what to do"</h1>
        <div class="still troubles">
            <section class="panel" aria-labelledby="intake-title">
                <header>
                    <h2 id="intake-title">"What comes in"</h2>
                </header>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Problem"</th>
                            <th scope="col">"Symptom"</th>
                            <th scope="col">"Check"</th>
                            <th scope="col">"What to do"</th>
                        </tr>
                    </thead>
                    <tbody>{comes.collect_view()}</tbody>
                </table>
                {not_taken()}
            </section>
            {sources::section()}
            <section class="panel" aria-labelledby="problems-title">
                <header>
                    <h2 id="problems-title">"Campaigns"</h2>
                    <em>"Looked for in this order: of several, a card names the first" {beyond}</em>
                </header>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Problem"</th>
                            <th scope="col">"Symptom"</th>
                            <th scope="col">"Check"</th>
                            <th scope="col">"What to do"</th>
                            <th scope="col">"Named when"</th>
                            <th scope="col">"Now"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </section>
            <section class="panel" aria-labelledby="page-title">
                <header>
                    <h2 id="page-title">"The monitor itself"</h2>
                </header>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Symptom"</th>
                            <th scope="col">"Check"</th>
                            <th scope="col">"What to do"</th>
                        </tr>
                    </thead>
                    <tbody>{hints.collect_view()}</tbody>
                </table>
            </section>
            <p class="plain-link"><a href=super::MONITOR>"To the monitor"</a></p>
        </div>
    }
    .into_any()
}

/// What was not taken, where there was any since the server started: events and whole bodies, and fields that were ignored.
fn not_taken() -> AnyView {
    let Rejected { last, ignored, senders } = use_context::<Rejected>().unwrap_or_default();
    let rejected = listed("The last that were not taken, newest first", last);
    let ignored = listed("The last fields that were ignored, newest first", ignored);
    let none = (rejected.is_none() && ignored.is_none()).then(|| {
        view! { <p class="quiet">"No event was rejected and no field was ignored since this server started."</p> }
    });
    view! { {rejected} {refused(senders)} {ignored} {none} }.into_any()
}

/// `None` where nobody was refused.
fn refused(senders: Vec<RefusedSender>) -> Option<AnyView> {
    if senders.is_empty() {
        return None;
    }
    let rows = senders.into_iter().map(|one| {
        let times = format::counted(i64::try_from(one.times).unwrap_or(i64::MAX), "time", "times");
        let from = one.from.unwrap_or_else(|| "told to who has a key".to_owned());
        view! {
            <tr>
                <th scope="row">{one.when}</th>
                <td data-label="How often">{times}</td>
                <td data-label="From">{from}</td>
                <td data-label="Asked">{one.showed}</td>
            </tr>
        }
    });
    let table = view! {
        <table id="refused-senders">
            <caption>"The last senders that were refused, newest first"</caption>
            <thead>
                <tr>
                    <th scope="col">"When last"</th>
                    <th scope="col">"How often"</th>
                    <th scope="col">"From"</th>
                    <th scope="col">"Asked"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    };
    Some(table.into_any())
}

/// `None` where there is none.
fn listed(caption: &'static str, last: Vec<NotTaken>) -> Option<AnyView> {
    if last.is_empty() {
        return None;
    }
    let rows = last.into_iter().map(|one| {
        let events = format::counted(i64::try_from(one.times).unwrap_or(i64::MAX), one.of.0, one.of.1);
        view! {
            <tr>
                <th scope="row">{one.when}</th>
                <td data-label="How many">{events}</td>
                <td data-label="Why">{one.why}</td>
            </tr>
        }
    });
    view! {
        <table>
            <caption>{caption}</caption>
            <thead>
                <tr>
                    <th scope="col">"When last"</th>
                    <th scope="col">"How many"</th>
                    <th scope="col">"Why"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
    .into()
}

fn row(problem: &Problem, cards: &[CampaignCard]) -> AnyView {
    let has = |card: &&CampaignCard| card.diagnosis.as_ref().is_some_and(|chip| chip.problem == problem.word);
    let mut now: Vec<AnyView> = cards.iter().filter(has).take(NAMED).map(of_campaign).collect();
    let more = cards.iter().filter(has).count().saturating_sub(NAMED);
    if more > 0 {
        let more = format::count(i64::try_from(more).unwrap_or(i64::MAX));
        now.push(view! { <span class="quiet">{format!("and {more} more")}</span> }.into_any());
    }
    let now = if now.is_empty() { view! { <span class="quiet">"none"</span> }.into_any() } else { now.into_any() };
    view! {
        <tr id=problem.word tabindex="-1">
            <th scope="row">{problem.title}</th>
            <td data-label="Symptom">{problem.symptom}</td>
            <td data-label="Check">{problem.check}</td>
            <td data-label="What to do">{problem.next}</td>
            <td data-label="Named when" class="quiet">{problem.told}</td>
            <td data-label="Now" class="now">{now}</td>
        </tr>
    }
    .into_any()
}

fn of_campaign(card: &CampaignCard) -> AnyView {
    let band = card.diagnosis.as_ref().map_or(card.band, |chip| chip.band);
    let (name, link) = (name_of(&card.name, card.campaign.as_str()), address::of_campaign(card.campaign.as_str()));
    view! { <a href=link class=tone(band)>{still_shape(band)} {name}</a> }.into_any()
}
