//! `/trend`: what goes the wrong way, slowly? Days and weeks of the whole floor, of campaigns, routes and countries, what
//! it costs, and what will be out of band if it goes on; `?days=` 7, 30 or 90, `?role=` orders the panels.
//!
//! Only the server renders it (see `ui/still`). Bands, counts and fits are the frame's; nothing is judged here.

mod costs;
mod days;
pub mod drawn;
pub mod leading;
mod lists;
mod sentence;

pub use costs::{ADDRESS as COSTS, CostForm, Key};

use crate::domain::Moment;
use crate::ui::address::Address;
use crate::ui::parts::controls::label;
use crate::ui::still::{self, Dated, Shown, with_parameter};
use crate::view::trend::TrendFrame;
use crate::view::{PanelOrder, TrendPanel};
use leptos::prelude::*;

/// Spans of days there are.
pub const SPANS: [u32; 3] = [7, 30, 90];
const KEPT: [&str; 2] = ["days", "role"];
const PATH: &str = "/trend";

/// What stands in the page, and of when it is.
pub fn page(address: &Address) -> (AnyView, Dated) {
    match use_context::<Shown<TrendFrame>>() {
        Some(Shown { frame: Ok(frame), now }) => {
            let dated = Dated { as_of: Some(frame.as_of), now, site: Some(frame.site.clone()) };
            (body(&frame, address), dated)
        }
        Some(Shown { frame: Err(why), now }) => (without_figures(&why), Dated { as_of: None, now, site: None }),
        None => {
            let dated = Dated { as_of: None, now: Moment::default(), site: None };
            (without_figures("This server keeps no history."), dated)
        }
    }
}

fn without_figures(why: &str) -> AnyView {
    view! {
        {still::trouble(why)}
        <p class="plain-link"><a href="/trend">"Show the last 30 days"</a></p>
    }
    .into_any()
}

fn body(frame: &TrendFrame, address: &Address) -> AnyView {
    let order = address.parameter("role").and_then(PanelOrder::from_word).unwrap_or_default();
    let panel = |id: &TrendPanel| {
        if *id == TrendPanel::Leading { leading::view(frame) } else { drawn::view(*id, frame) }
    };
    view! {
        <h1 class="hidden-label">"Trend view"</h1>
        <div class="still">
            {sentence::view(frame)}
            <div class="which">
                {choices(frame, address, order)}
                <p>{said(frame)}</p>
            </div>
            <div class="panels-still">
                {TrendPanel::of(order).iter().map(panel).collect_view()} {costs::view(frame, address)} {lists::carriers(frame)}
                {lists::aht(frame)} {lists::campaigns(frame)} {days::view(frame)}
            </div>
        </div>
    }
    .into_any()
}

fn choices(frame: &TrendFrame, address: &Address, order: PanelOrder) -> AnyView {
    let days = SPANS.iter().map(|days| {
        let current = (frame.span.days == *days).then_some("true");
        let href = with_parameter(PATH, address, &KEPT, "days", &days.to_string());
        view! { <a href=href aria-current=current>{format!("{days} days")}</a> }
    });
    let orders = PanelOrder::ALL.iter().map(|each| {
        let current = (*each == order).then_some("true");
        let word = if *each == PanelOrder::All { "" } else { each.word() };
        view! { <a href=with_parameter(PATH, address, &KEPT, "role", word) aria-current=current>{label(*each)}</a> }
    });
    view! {
        <nav class="pick" aria-label="How many days">{days.collect_view()}</nav>
        <nav class="pick" aria-label="Order the panels for">{orders.collect_view()}</nav>
    }
    .into_any()
}

fn said(frame: &TrendFrame) -> String {
    use crate::ui::still::dates;
    let rows = &frame.days.rows;
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return String::new() };
    let revised = rows.iter().filter(|day| day.revised_at.is_some()).count();
    let revised = match revised {
        0 => String::new(),
        1 => " · 1 day revised by late events".to_owned(),
        n => format!(" · {n} days revised by late events"),
    };
    format!(
        "{} to {}, today {} · days of {}{revised}",
        dates::day(&first.date),
        dates::day(&last.date),
        sentence::counted(frame),
        frame.site.zone
    )
}

/// A file of one of the frame's tables.
fn csv(frame: &TrendFrame, table: &str) -> String {
    format!("/api/v1/views/trend?days={}&table={table}&format=csv", frame.span.days)
}

/// `1,234.50 EUR`; below 1 with four digits.
pub fn money(amount: &crate::view::trend::Money) -> String {
    let digits = if amount.micros.abs() < 1_000_000 { 4 } else { 2 };
    let unit = 10_i128.pow(6 - digits);
    let rounded = (i128::from(amount.micros).abs() + unit / 2) / unit;
    let scale = 10_i128.pow(digits);
    let sign = if amount.micros < 0 { "−" } else { "" };
    let whole = crate::kpi::format::count(i64::try_from(rounded / scale).unwrap_or(i64::MAX));
    format!("{sign}{whole}.{:0width$} {}", rounded % scale, amount.currency, width = digits as usize)
}
