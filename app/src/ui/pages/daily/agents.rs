//! A row per agent: calls handled, and where the time went.

use super::Day;
use crate::kpi::catalog::KpiId;
use crate::kpi::{Ratio, format};
use crate::ui::parts::clock;
use crate::ui::parts::digits::{self, handle_time};
use crate::ui::parts::figure::text;
use crate::ui::parts::framed::{Files, Head, panel};
use crate::ui::parts::listed::{Cell, Listed, Row, Rows, columns, listed};
use crate::ui::parts::told::Told;
use crate::view::Keyed;
use crate::view::daily::{AgentDay, DailyFrame, DayState};
use leptos::prelude::*;
use std::sync::Arc;

const COLUMNS: [&str; 10] = [
    "Agent",
    "On-call share",
    "Handled",
    "AHT",
    "Transfer rate",
    "Right party",
    "On call",
    "Ready",
    "Wrap-up",
    "Break",
];

pub fn view(day: Day) -> AnyView {
    let head = Head {
        id: "agents",
        question: "What did agents do?",
        window: text(move || day.with(window)),
        footnote: text(|| {
            format!("Time as h:mm:ss · on-call share of logged-in time: {}", KpiId::OnCallShare.get().bands_in_words)
        }),
        files: Files::of(super::csv(day, "agents")),
    };
    let rows = Memo::new(move |_| {
        day.with(|frame| Rows { rows: frame.agents.rows.iter().map(line).collect(), more: frame.agents.more })
    });
    let nothing = Arc::new(move || "No agent was logged in".to_owned());
    panel(
        head,
        "listed",
        listed(Listed { panel: "agents", label: "Agents", columns: columns(&COLUMNS), rows, nothing }),
    )
}

fn window(frame: &DailyFrame) -> String {
    match frame.day.state {
        DayState::Running => format!("so far, to {}", clock::hm(frame.day.agents_until, &frame.site)),
        DayState::Over => "the whole day".to_owned(),
    }
}

fn line(row: &AgentDay) -> Row {
    let time = |ms: i64| Cell::of(format::duration(ms / 1_000));
    let handle = row.talk_ms.saturating_add(row.hold_ms).saturating_add(row.wrap_ms);
    let cells = vec![
        // What is judged stands where a phone shows it.
        Cell::of(digits::value(KpiId::OnCallShare, row.on_call_share())).band(row.band),
        Cell::of(format::count(row.handled)),
        Cell::of(handle_time(Ratio::new(handle, row.handled))),
        Cell::of(digits::value(KpiId::TransferRate, Ratio::new(row.transferred, row.connected))),
        Cell::of(format::count(row.right_party)),
        time(row.on_call_ms),
        time(row.ready_ms),
        time(row.wrap_up_ms),
        time(row.break_ms),
    ];
    Row { key: row.key(), name: row.agent.to_string(), band: row.band, cells, told: told(row) }
}

fn told(row: &AgentDay) -> Told {
    let time = |ms: i64| format::duration(ms / 1_000);
    let pair = |label: &str, value: String| (label.to_owned(), value);
    let pairs = vec![
        pair("Handled", format::count(row.handled)),
        pair("Talk, hold, wrap-up of calls", [row.talk_ms, row.hold_ms, row.wrap_ms].map(time).join(", ")),
        pair(
            "Transferred of the agent’s, answered and over",
            format!("{} of {}", format::count(row.transferred), format::count(row.connected)),
        ),
        pair("On call of logged in", format!("{} of {}", time(row.on_call_ms), time(row.on_call_share().whole))),
    ];
    Told { title: row.agent.to_string(), subject: "Agent".to_owned(), pairs, band: row.band, ..Told::default() }
}
