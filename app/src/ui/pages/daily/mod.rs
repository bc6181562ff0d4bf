//! `/daily`: how does the day go? A sentence, the day's KPIs against the same day of the week before, the day in
//! 5-minute steps, and a row per campaign, route and agent; `?date=` shows any past day.
//!
//! A report (`ui/report.rs`): another day is the same page with other figures. Bands and counts are the frame's; nothing is
//! judged here.

mod agents;
mod campaigns;
mod cards;
pub mod course;
mod day;
mod routes;
mod sentence;

use super::without_figures;
use crate::ui::app::Here;
use crate::ui::feed::Feed;
use crate::ui::links::Ways;
use crate::ui::parts::figure::text;
use crate::ui::report::{Begun, Report};
use crate::view::daily::DailyFrame;
use leptos::prelude::*;

type Day = Report<DailyFrame>;

pub fn page() -> AnyView {
    let Begun { report: day, refused, .. } = Day::of_this_page();
    let (feed, ways) = (expect_context::<Feed>(), expect_context::<Ways>());
    let here = expect_context::<Here>();
    let has_figures = Memo::new(move |_| day.has_figures());
    (move || match has_figures.get() {
        true => body(day, feed, ways),
        false => without_figures(&refused, here, super::DAILY, "Show today"),
    })
    .into_any()
}

fn body(day: Day, feed: Feed, ways: Ways) -> AnyView {
    view! {
        <h1 class="hidden-label">"Daily view"</h1>
        <div class="report" data-fresh=text(move || feed.freshness().name().to_owned())>
            {sentence::view(day)}
            {day::view(day, ways)}
            {cards::view(day)}
            <div class="report-panels">
                {course::views(day)}
                {campaigns::view(day)}
                {routes::view(day)}
                {agents::view(day)}
            </div>
        </div>
    }
    .into_any()
}

/// A file of one of the frame's tables.
fn csv(day: Day, table: &'static str) -> impl Fn() -> String + Send + Sync + 'static {
    move || day.with(|frame| format!("/api/v1/views/daily?date={}&table={table}&format=csv", frame.day.date))
}
