//! `/trend`: what goes the wrong way, slowly? Days and weeks of the whole floor, of campaigns, routes and countries, what
//! it costs, and what will be out of band if it goes on; `?days=` 7, 30 or 90, `?role=` orders the panels.
//!
//! A report (`ui/report.rs`): another span is the same page with other figures. Bands, counts and fits are the frame's; nothing is judged here.

mod costs;
mod days;
pub mod drawn;
pub mod leading;
mod lists;
mod sentence;

pub use costs::{ADDRESS as COSTS, CostForm, Key};

use super::{TREND, without_figures};
use crate::ui::address::Address;
use crate::ui::app::Here;
use crate::ui::feed::Feed;
use crate::ui::parts::controls::label;
use crate::ui::parts::dates;
use crate::ui::parts::figure::text;
use crate::ui::report::{Begun, Report};
use crate::view::trend::TrendFrame;
use crate::view::{PanelOrder, TrendPanel};
use leptos::prelude::*;

/// Spans of days there are.
pub const SPANS: [u32; 3] = [7, 30, 90];
const KEPT: [&str; 2] = ["days", "role"];

type Days = Report<TrendFrame>;

pub fn page() -> AnyView {
    let Begun { report: days, arrival, refused } = Days::of_this_page();
    let (feed, here) = (expect_context::<Feed>(), expect_context::<Here>());
    let form = costs::Told::of_this_page(here, arrival);
    let has_figures = Memo::new(move |_| days.has_figures());
    (move || match has_figures.get() {
        true => body(days, feed, here, form),
        false => without_figures(&refused, here, TREND, "Show the last 30 days"),
    })
    .into_any()
}

fn body(days: Days, feed: Feed, here: Here, form: costs::Told) -> AnyView {
    let word = |address: &Address| address.parameter("role").and_then(PanelOrder::from_word);
    let order = Memo::new(move |_| here.address.with(word).unwrap_or_default());
    let panel = move |id: &TrendPanel| {
        if *id == TrendPanel::Leading { leading::view(days) } else { drawn::view(*id, days) }
    };
    view! {
        <h1 class="hidden-label">"Trend view"</h1>
        <div class="report" data-fresh=text(move || feed.freshness().name().to_owned())>
            {sentence::view(days)}
            <div class="which">
                {move || choices(days, here, order.get())}
                <p>{text(move || days.with(said))}</p>
            </div>
            <div class="report-panels">
                {move || TrendPanel::of(order.get()).iter().map(panel).collect_view()} {costs::view(days, here, form)}
                {lists::carriers(days)} {lists::aht(days)} {lists::campaigns(days)} {days::view(days)}
            </div>
        </div>
    }
    .into_any()
}

fn choices(days: Days, here: Here, order: PanelOrder) -> AnyView {
    let with =
        move |name: &str, value: &str| here.address.with(|address| with_parameter(TREND, address, &KEPT, name, value));
    let spans = SPANS.iter().map(move |span| {
        let current = move || days.with(|frame| (frame.span.days == *span).then_some("true"));
        let href = move || with("days", &span.to_string());
        view! { <a href=href aria-current=current>{format!("{span} days")}</a> }
    });
    let orders = PanelOrder::ALL.iter().map(move |each| {
        let current = (*each == order).then_some("true");
        let word = if *each == PanelOrder::All { "" } else { each.word() };
        view! { <a href=move || with("role", word) aria-current=current>{label(*each)}</a> }
    });
    view! {
        <nav class="pick" aria-label="How many days">{spans.collect_view()}</nav>
        <nav class="pick" aria-label="Order the panels for">{orders.collect_view()}</nav>
    }
    .into_any()
}

/// The address of a page with one parameter changed, or none where it is empty; those to `keep` stay.
fn with_parameter(path: &str, address: &Address, keep: &[&str], name: &str, value: &str) -> String {
    let kept = keep.iter().filter(|key| **key != name).filter_map(|key| Some((*key, address.parameter(key)?)));
    let all: Vec<String> =
        kept.chain((!value.is_empty()).then_some((name, value))).map(|(key, value)| format!("{key}={value}")).collect();
    if all.is_empty() { path.to_owned() } else { format!("{path}?{}", all.join("&")) }
}

fn said(frame: &TrendFrame) -> String {
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
fn csv(days: Days, table: &'static str) -> impl Fn() -> String + Send + Sync + 'static {
    move || days.with(|frame| format!("/api/v1/views/trend?days={}&table={table}&format=csv", frame.span.days))
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
