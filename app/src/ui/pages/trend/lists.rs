//! The tables behind the weekly and the campaigns' panels.

use super::Days;
use crate::kpi::catalog::KpiId;
use crate::kpi::{Band, Ratio, format};
use crate::ui::parts::dates;
use crate::ui::parts::digits::{self, handle_time};
use crate::ui::parts::figure::{name_of, text};
use crate::ui::parts::framed::{Files, Head, panel};
use crate::ui::parts::listed::{Cell, Columns, Listed, Row, Rows, listed};
use crate::ui::parts::told::Told;
use crate::view::Keyed;
use crate::view::trend::{AbandonTrend, AhtTrend, RouteTrend, TrendFrame};
use leptos::prelude::*;
use std::sync::Arc;

fn all(counts: &[i64]) -> i64 {
    counts.iter().fold(0, |sum, n| sum.saturating_add(*n))
}

fn weeks(frame: &TrendFrame) -> String {
    format!("{} weeks, the last so far", frame.weeks.rows.len())
}

/// These, and a column for each week.
fn by_week(days: Days, first: &'static [&'static str]) -> Columns {
    Arc::new(move || {
        let weeks = days.with(|frame| frame.weeks.rows.iter().map(|week| dates::week(&week.week)).collect::<Vec<_>>());
        first.iter().map(|title| (*title).to_owned()).chain(weeks).collect()
    })
}

/// T5 as figures: errors by class over all weeks, the route's fault week by week.
pub fn carriers(days: Days) -> AnyView {
    let head = Head {
        id: "route-weeks",
        question: "Carrier errors by route and week",
        window: text(move || days.with(weeks)),
        footnote: text(|| {
            "By class over all weeks; its fault by week: without busy, no answer, wrong number, declined".to_owned()
        }),
        files: Files::of(super::csv(days, "routes")),
    };
    let rows = Memo::new(move |_| {
        days.with(|frame| Rows { rows: frame.routes.rows.iter().map(carrier).collect(), more: frame.routes.more })
    });
    panel(
        head,
        "listed",
        listed(Listed {
            panel: "route-weeks",
            label: "Routes by week",
            columns: by_week(days, &["Route", "Resolved", "4xx", "5xx", "6xx", "Time-out", "Its fault"]),
            rows,
            nothing: Arc::new(|| "No route has carried a call".to_owned()),
        }),
    )
}

fn carrier(row: &RouteTrend) -> Row {
    let share = |parts: &[i64]| Cell::of(format::percent(Ratio::new(all(parts), row.whole), 1, None));
    let fault = |ratio: Ratio| digits::value(KpiId::RouteFaultRate, ratio);
    let mut cells = vec![
        Cell::of(format::count(row.whole)),
        share(&row.sip_4xx),
        share(&row.sip_5xx),
        share(&row.sip_6xx),
        share(&row.timeouts),
        Cell::of(fault(Ratio::new(row.part, row.whole))).band(row.band),
    ];
    let weeks = row.route_faults.iter().zip(&row.resolved).enumerate();
    cells.extend(weeks.map(|(week, (part, whole))| {
        Cell::of(fault(Ratio::new(*part, *whole))).band(row.bands.get(week).copied().unwrap_or_default())
    }));
    let name = name_of(&row.name, row.route.as_str());
    let n = |counts: &[i64]| format::count(all(counts));
    let pairs = vec![
        ("Its fault, of resolved".to_owned(), format!("{} of {}", format::count(row.part), format::count(row.whole))),
        (
            "4xx, 5xx, 6xx, time-outs".to_owned(),
            [&row.sip_4xx, &row.sip_5xx, &row.sip_6xx, &row.timeouts].map(|c| n(c)).join(", "),
        ),
        ("Judged".to_owned(), KpiId::RouteFaultRate.get().bands_in_words.to_owned()),
    ];
    let carrier = row.carrier.as_ref().map_or_else(String::new, |carrier| format!(" of {carrier}"));
    let notes = format::without_a_code(all(&row.unjudged_faults), row.whole, row.band).into_iter().collect();
    let told = Told { title: name.clone(), subject: format!("Route{carrier}"), pairs, notes, ..Told::default() };
    Row { key: row.key(), name, band: row.band, cells, told }
}

/// T3 as figures.
pub fn aht(days: Days) -> AnyView {
    let head = Head {
        id: "aht-weeks",
        question: "Average handle time by campaign and week",
        window: text(move || days.with(weeks)),
        footnote: text(|| "Talk, hold and wrap-up of handled calls, m:ss".to_owned()),
        files: Files::of(super::csv(days, "aht")),
    };
    let rows = Memo::new(move |_| {
        days.with(|frame| Rows { rows: frame.aht.rows.iter().map(handled).collect(), more: frame.aht.more })
    });
    panel(
        head,
        "listed broad",
        listed(Listed {
            panel: "aht-weeks",
            label: "Handle time by week",
            columns: by_week(days, &["Campaign", "Handled", "All weeks"]),
            rows,
            nothing: Arc::new(|| "No call was handled in these weeks".to_owned()),
        }),
    )
}

fn handled(row: &AhtTrend) -> Row {
    let mut cells = vec![Cell::of(format::count(row.whole)), Cell::of(handle_time(Ratio::new(row.part, row.whole)))];
    let weeks = row.handle_ms.iter().zip(&row.handled);
    cells.extend(weeks.map(|(ms, calls)| Cell::of(handle_time(Ratio::new(*ms, *calls)))));
    let name = name_of(&row.name, row.campaign.as_str());
    let time = format::duration(row.part / 1_000);
    let pairs = vec![("Talk, hold and wrap-up".to_owned(), format!("{time} over {} calls", format::count(row.whole)))];
    let told = Told { title: name.clone(), subject: "Campaign".to_owned(), pairs, ..Told::default() };
    Row { key: row.key(), name, band: Band::None, cells, told }
}

/// T2 as figures, over all days.
pub fn campaigns(days: Days) -> AnyView {
    let head = Head {
        id: "abandon-rows",
        question: "Abandon rate by campaign",
        window: text(move || days.with(|frame| format!("{} days", frame.span.days))),
        footnote: text(|| format!("Judged, as each whole day: {}", KpiId::AbandonRate.get().bands_in_words)),
        files: Files::of(super::csv(days, "abandon")),
    };
    let rows = Memo::new(move |_| {
        days.with(|frame| Rows { rows: frame.abandon.rows.iter().map(abandoned).collect(), more: frame.abandon.more })
    });
    panel(
        head,
        "listed one",
        listed(Listed {
            panel: "abandon-rows",
            label: "Abandon rate by campaign",
            columns: Arc::new(abandoned_columns),
            rows,
            nothing: Arc::new(|| "No campaign has called in these days".to_owned()),
        }),
    )
}

fn abandoned_columns() -> Vec<String> {
    let from = KpiId::AbandonRate.get().bands().and_then(|bands| bands.warn.first());
    let from = from.map_or_else(String::new, |edge| format::percent(Ratio::new(edge.part, edge.whole), 1, None));
    // A day is judged as a whole: an hour of it may have been worse.
    let columns = ["Campaign", "Judged live", "Abandoned", "Abandon rate"].map(str::to_owned);
    columns.into_iter().chain([format!("Days of {from} or more, of those judged")]).collect()
}

fn abandoned(row: &AbandonTrend) -> Row {
    let rate = digits::value(KpiId::AbandonRate, Ratio::new(row.part, row.whole));
    let days =
        |is: fn(Band) -> bool| i64::try_from(row.bands.iter().filter(|band| is(**band)).count()).unwrap_or(i64::MAX);
    // A day of too few answers was neither over nor under the limit.
    let out = match days(Band::is_judged) {
        0 => Cell::of(format::too_few(None)).band(Band::TooFew),
        judged => Cell::of(format!("{} of {}", format::count(days(Band::is_out)), format::count(judged))),
    };
    let cells =
        vec![Cell::of(format::count(row.whole)), Cell::of(format::count(row.part)), Cell::of(rate).band(row.band), out];
    let name = name_of(&row.name, row.campaign.as_str());
    let pairs = digits::counts(KpiId::AbandonRate, Ratio::new(row.part, row.whole));
    let told = Told { title: name.clone(), subject: "Abandon rate".to_owned(), pairs, ..Told::default() };
    Row { key: row.key(), name, band: row.band, cells, told }
}
