//! `/daily`: how does the day go? A sentence, the day's KPIs against the same day of the week before, the day in
//! 5-minute steps, and a row per campaign, route and agent; `?date=` shows any past day.
//!
//! Only the server renders it (see `ui/still`). Bands and counts are the frame's; nothing is judged here.

mod agents;
mod campaigns;
mod cards;
pub mod course;
mod day;
mod routes;
mod sentence;

use crate::domain::Moment;
use crate::ui::still::{self, Dated, Shown};
use crate::view::daily::{DailyFrame, DayState};
use leptos::prelude::*;

/// What stands in the page, and of when it is.
pub fn page() -> (AnyView, Dated) {
    match use_context::<Shown<DailyFrame>>() {
        Some(Shown { frame: Ok(frame), now }) => (body(&frame, now), dated(&frame, now)),
        Some(Shown { frame: Err(why), now }) => (without_figures(&why), Dated { as_of: None, now, site: None }),
        None => {
            let dated = Dated { as_of: None, now: Moment::default(), site: None };
            (without_figures("This server keeps no history."), dated)
        }
    }
}

/// Figures of a day that is over change only where late events come: they are as new as the answer.
fn dated(frame: &DailyFrame, now: Moment) -> Dated {
    let as_of = match frame.day.state {
        DayState::Running => frame.as_of,
        DayState::Over => now,
    };
    Dated { as_of: Some(as_of), now, site: Some(frame.site.clone()) }
}

fn without_figures(why: &str) -> AnyView {
    view! {
        {still::trouble(why)}
        <p class="plain-link"><a href="/daily">"Show today"</a></p>
    }
    .into_any()
}

fn body(frame: &DailyFrame, now: Moment) -> AnyView {
    view! {
        <h1 class="hidden-label">"Daily view"</h1>
        <div class="still">
            {sentence::view(frame)}
            {day::view(frame, now)}
            {cards::view(frame)}
            <div class="panels-still">
                {course::views(frame)}
                {campaigns::view(frame)}
                {routes::view(frame)}
                {agents::view(frame)}
            </div>
        </div>
    }
    .into_any()
}

/// A file of one of the frame's tables.
fn csv(frame: &DailyFrame, table: &str) -> String {
    format!("/api/v1/views/daily?date={}&table={table}&format=csv", frame.day.date)
}
