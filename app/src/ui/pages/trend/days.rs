//! Every day of the whole floor as figures, the newest first; each leads to its daily view.

use super::{Days, money};
use crate::kpi::catalog::KpiId;
use crate::kpi::{Ratio, format};
use crate::ui::parts::clock;
use crate::ui::parts::dates;
use crate::ui::parts::digits::{self, handle_time};
use crate::ui::parts::each::each_key;
use crate::ui::parts::figure::{still_shape, text, tone};
use crate::ui::parts::framed::{Files, Head, panel};
use crate::view::daily::DayState;
use crate::view::trend::{Money, TrendDay, TrendFrame};
use leptos::prelude::*;

const COLUMNS: [&str; 12] = [
    "Day",
    "Calls",
    "Connect rate",
    "Abandon rate",
    "Error rate",
    "AHT",
    "Right party",
    "New numbers",
    "Retired",
    "Uptime",
    "Cost of a contact",
    "Cost of a minute",
];

pub fn view(days: Days) -> AnyView {
    let head = Head {
        id: "days",
        question: "Day by day",
        window: text(move || days.with(|frame| format!("{} days", frame.span.days))),
        footnote: text(|| {
            "A day leads to its daily view · revised: late events changed it after it was over; a day that was first filed afterwards, by an import, is not · cost: the day’s share of its month’s, over the day’s contacts or minutes".to_owned()
        }),
        files: Files::of(super::csv(days, "days")),
    };
    let dates =
        move || days.with(|frame| frame.days.rows.iter().rev().map(|day| day.date.to_string()).collect::<Vec<_>>());
    let rows = each_key(dates, move |date| {
        let of =
            move |frame: &TrendFrame| frame.days.rows.iter().find(|day| day.date == date).map(|day| line(day, frame));
        (move || days.with(&of)).into_any()
    });
    let body = view! {
        <div class="rows" role="region" aria-label="Day by day: figures" tabindex="0">
            <table>
                <thead>
                    <tr>{COLUMNS.map(|title| view! { <th scope="col">{title}</th> }).collect_view()}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    };
    panel(head, "listed", body.into_any())
}

fn line(day: &TrendDay, frame: &TrendFrame) -> AnyView {
    let r = Ratio::new;
    let state = match (day.state, day.revised_at) {
        (DayState::Running, _) => "so far".to_owned(),
        (DayState::Over, Some(at)) => format!("revised {}", clock::hm_near(at, frame.as_of, &frame.site)),
        (DayState::Over, None) => String::new(),
    };
    let judged = |band: crate::kpi::Band, text: String| {
        let shape = band.is_out().then(|| still_shape(band));
        let tone = if band.is_out() { tone(band) } else { "" };
        view! { <td class=tone>{shape} {text}</td> }
    };
    let cost = |money_: &Option<Money>| money_.as_ref().map_or_else(|| format::NO_DATA.to_owned(), money);
    let uptime = super::drawn::uptime_of(r(day.up_ms, day.observed_ms));
    view! {
        <tr id=format!("day-{}", day.date) class="row">
            <th scope="row">
                <a href=format!("/daily?date={}", day.date)>{dates::day(&day.date)}</a>
                <small>{state}</small>
            </th>
            <td>{format::count(day.attempts)}</td>
            <td>{digits::value(KpiId::ConnectRate, r(day.answered_live, day.resolved))}</td>
            {judged(day.abandon_band, digits::value(KpiId::AbandonRate, r(day.abandoned, day.judged_live)))}
            {judged(day.error_band, digits::value(KpiId::ErrorRate, r(day.errors, day.resolved)))}
            <td>{handle_time(r(day.handle_ms, day.handled))}</td>
            <td>{format::count(day.right_party)}</td>
            <td>{format::count(day.dids_provisioned)}</td>
            <td>{format::count(day.dids_retired)}</td>
            <td>{uptime}</td>
            <td>{cost(&day.cost_per_rpc)}</td>
            <td>{cost(&day.cost_per_minute)}</td>
        </tr>
    }
    .into_any()
}
