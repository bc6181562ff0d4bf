//! A row per route, worst first.

use super::Day;
use crate::kpi::catalog::KpiId;
use crate::kpi::{Ratio, format};
use crate::ui::parts::dates;
use crate::ui::parts::digits::{self, Change, handle_time};
use crate::ui::parts::figure::{name_of, text};
use crate::ui::parts::framed::{Files, Head, panel};
use crate::ui::parts::listed::{Cell, Listed, Row, Rows, columns, listed};
use crate::ui::parts::told::Told;
use crate::view::Keyed;
use crate::view::daily::{DailyFrame, RouteDay};
use leptos::prelude::*;
use std::sync::Arc;

const COLUMNS: [&str; 10] =
    ["Route", "Calls", "Answer rate", "4xx", "5xx", "6xx", "Time-out", "Its fault", "PDD", "ACD"];

pub fn view(day: Day) -> AnyView {
    let head = Head {
        id: "routes",
        question: "How does each route do?",
        window: text(move || day.with(|frame| format!("against {}", dates::day(&frame.day.before_date)))),
        footnote: text(|| {
            "Its fault: without busy, no answer, wrong number, declined · PDD: seconds to ringback · ACD: mean call"
                .to_owned()
        }),
        files: Files::of(super::csv(day, "routes")),
    };
    let rows = Memo::new(move |_| {
        day.with(|frame| Rows {
            rows: frame.routes.rows.iter().map(|row| line(row, frame)).collect(),
            more: frame.routes.more,
        })
    });
    let nothing = Arc::new(move || day.with(|frame| super::day::nothing(frame, "No route has carried a call")));
    panel(
        head,
        "listed",
        listed(Listed { panel: "routes", label: "Routes", columns: columns(&COLUMNS), rows, nothing }),
    )
}

fn line(row: &RouteDay, frame: &DailyFrame) -> Row {
    let r = Ratio::new;
    let name = name_of(&row.name, row.route.as_str());
    let change = |kpi, now, before| Change::of(kpi, now, before).map_or_else(String::new, |change| change.short());
    let share = |part: i64| Cell::of(format::percent(r(part, row.resolved), 1, None));
    let answer = r(row.answered, row.resolved);
    let faults = r(row.route_faults, row.resolved);
    let pdd = r(row.pdd_ms, row.progressed);
    let cells = vec![
        calls(row, change(KpiId::CallsPerMinute, r(row.attempts, 1), r(row.before_attempts, 1))),
        Cell::of(digits::value(KpiId::AnswerRate, answer)).band(row.answer_band).under(change(
            KpiId::AnswerRate,
            answer,
            row.before_answer,
        )),
        share(row.sip_4xx),
        share(row.sip_5xx),
        share(row.sip_6xx),
        share(row.timeouts),
        Cell::of(digits::value(KpiId::RouteFaultRate, faults)).band(row.faults_band).under(change(
            KpiId::RouteFaultRate,
            faults,
            row.before_faults,
        )),
        Cell::of(digits::value(KpiId::Pdd, pdd)).band(row.pdd_band).under(change(KpiId::Pdd, pdd, row.before_pdd)),
        Cell::of(handle_time(r(row.connected_ms, row.connected))),
    ];
    Row { key: row.key(), band: row.band, cells, told: told(row, &name, frame), name }
}

/// Its calls; beneath, where many were not heard of again, how many: silence leaves no other trace on a day.
fn calls(row: &RouteDay, change: String) -> Cell {
    let cell = Cell::of(format::count(row.attempts));
    match row.unheard_band.is_out() {
        true => cell.band(row.unheard_band).under(format!("{} unheard", format::count(row.unheard))),
        false => cell.under(change),
    }
}

fn told(row: &RouteDay, name: &str, frame: &DailyFrame) -> Told {
    let n = format::count;
    let of = |part: i64| format!("{} of {}", n(part), n(row.resolved));
    let day = dates::day(&frame.day.before_date);
    let before = |ratio: Ratio| format!("{} of {}", n(ratio.part), n(ratio.whole));
    let pair = |label: &str, value: String| (label.to_owned(), value);
    let pairs = vec![
        pair("Attempts", format!("{} ({day}: {})", n(row.attempts), n(row.before_attempts))),
        pair("Not heard of again", n(row.unheard)),
        pair("Answered of resolved", format!("{} ({day}: {})", of(row.answered), before(row.before_answer))),
        pair("4xx, 5xx, 6xx, time-outs", [row.sip_4xx, row.sip_5xx, row.sip_6xx, row.timeouts].map(n).join(", ")),
        pair("Its fault, of resolved", format!("{} ({day}: {})", of(row.route_faults), before(row.before_faults))),
        pair(
            "Calls that reached ringback",
            format!("{} after {} in all", n(row.progressed), format::duration(row.pdd_ms / 1_000)),
        ),
        pair("Answered, and over", format!("{} for {}", n(row.connected), format::duration(row.connected_ms / 1_000))),
    ];
    let carrier = row.carrier.as_ref().map_or_else(String::new, |carrier| format!(" of {carrier}"));
    let subject = format!("Route{carrier}");
    let notes = format::without_a_code(row.unjudged_faults, row.resolved, row.faults_band).into_iter().collect();
    Told { title: name.to_owned(), subject, pairs, notes, band: row.band, ..Told::default() }
}
