//! How far a campaign has come: the bar of a card, and the drill-down's card with the time to its end (S45, S48).

use super::card::told;
use super::cells::{cells, plain};
use crate::domain::Span;
use crate::domain::outcome::CampaignStatus;
use crate::kpi::format;
use crate::ui::cells::{Cell, Line, LiveLine};
use crate::ui::parts::clock;
use crate::ui::parts::figure::text;
use crate::ui::parts::rows::{Column, Look, figure};
use crate::view::monitor::CampaignCard;
use crate::view::monitor_campaign::CampaignFrame;
use leptos::prelude::*;

const DONE: Column = Column::new("", "progress", Look::Figure);
const ETA: Column = Column::new("", "eta", Look::Figure);

cells! {
    /// What the progress card says, in the order of [`lines`].
    ProgressCells { done, completed, failed, pending, eta, why, bar }
}

/// How much of its list is done, whatever came of it.
pub fn done(card: &CampaignCard, decimals: u32) -> String {
    match card.progress() {
        share if share.whole <= 0 => "done: not told".to_owned(),
        share => format!("{} of the list done", format::percent(share, decimals, None)),
    }
}

/// How long the two parts of the bar are, as the style reads it.
pub fn lengths(card: &CampaignCard) -> String {
    let Some(all) = card.destinations.filter(|all| *all > 0) else { return String::new() };
    let share = |part: i64| {
        let hundredths = part.clamp(0, all).saturating_mul(10_000) / all;
        format!("{}.{:02}%", hundredths / 100, hundredths % 100)
    };
    // Dialers that reach more numbers than they told of would draw beyond the end.
    let completed = card.completed.clamp(0, all);
    format!("--done:{};--failed:{}", share(completed), share(card.failed.clamp(0, all - completed)))
}

/// Its text stands beside it: the bar itself is not read out.
pub fn bar(lengths: RwSignal<Cell>) -> AnyView {
    view! {
        <div class="prog" style=plain(lengths) aria-hidden="true">
            <i class="done"></i>
            <i class="failed"></i>
        </div>
    }
    .into_any()
}

pub fn lines(frame: &CampaignFrame) -> Vec<Line> {
    let card = &frame.card;
    // Who only takes calls has no list to get to the end of.
    if !card.dials {
        return Vec::new();
    }
    let (eta, why) = eta(frame);
    let cells = vec![
        Cell::of(done(card, 1)),
        Cell::of(format!("{} completed", format::counted(card.completed, "destination", "destinations"))),
        Cell::of(format!("{} given up", format::count(card.failed))),
        Cell::of(format!("{} pending", told(card.pending))),
        Cell::of(eta),
        Cell::of(why),
        Cell::of(lengths(card)),
    ];
    vec![Line { key: "progress".to_owned(), cells }]
}

/// When it is done, and at what pace; "—" and why where nobody can tell.
fn eta(frame: &CampaignFrame) -> (String, String) {
    let none = |why: &str| (format::NO_DATA.to_owned(), why.to_owned());
    // Its pace is that of the minutes before.
    if frame.card.diagnosis.as_ref().is_some_and(|chip| chip.problem == "worker") {
        return none("the dialer worker is offline");
    }
    if frame.hearing.silent_since.is_some() {
        return none("nothing is heard");
    }
    if let Some(eta) = &frame.progress.eta {
        let at = |moment| clock::near(moment, Span::secs(eta.grain_s), frame.as_of, &frame.site);
        let latest = eta.latest.map_or_else(|| "no end in sight".to_owned(), at);
        let pace = format::per_minute(frame.progress.pace());
        return (at(eta.at), format!("{} to {latest}, at {pace} a minute", at(eta.earliest)));
    }
    match (frame.card.status, frame.card.pending) {
        (_, Some(0)) => none("all destinations are done"),
        (Some(CampaignStatus::Paused), _) => none("paused"),
        (Some(CampaignStatus::Ended), _) => none("ended"),
        (_, None) => none("destinations not told"),
        (Some(CampaignStatus::Active) | None, Some(_)) => none("at rest: none was done in 15 minutes"),
    }
}

pub fn view(line: LiveLine) -> AnyView {
    let Some(cells) = ProgressCells::of(line) else { return ().into_any() };
    view! {
        <section class="card progress" data-panel="progress" data-key="progress" aria-label="Progress">
            {bar(cells.bar)}
            <p class="two">
                <span>
                    <b>{figure(&DONE, cells.done)}</b>
                    " · "
                    <span class="good">{plain(cells.completed)}</span>
                    " · "
                    <span class="bad">{plain(cells.failed)}</span>
                    " · "
                    {plain(cells.pending)}
                </span>
                <span class="eta">
                    "ETA "
                    {figure(&ETA, cells.eta)}
                    " "
                    <small>{text(move || cells.why.with(|why| format!("({})", why.text)))}</small>
                </span>
            </p>
        </section>
    }
    .into_any()
}
