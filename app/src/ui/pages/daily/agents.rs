//! A row per agent: calls handled, and where the time went.

use crate::kpi::catalog::KpiId;
use crate::kpi::{Ratio, format};
use crate::ui::parts::clock;
use crate::ui::still::explain::Told;
use crate::ui::still::figures::{self, handle_time};
use crate::ui::still::panel::{Files, Head, nothing, panel};
use crate::ui::still::table::{Cell, Row, table};
use crate::view::Keyed;
use crate::view::daily::{AgentDay, DailyFrame, DayState};
use leptos::prelude::*;

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

pub fn view(frame: &DailyFrame) -> AnyView {
    let window = match frame.day.state {
        DayState::Running => format!("so far, to {}", clock::hm(frame.day.agents_until, &frame.site)),
        DayState::Over => "the whole day".to_owned(),
    };
    let head = Head {
        id: "agents",
        question: "What did agents do?",
        window,
        footnote: format!(
            "Time as h:mm:ss · on-call share of logged-in time: {}",
            KpiId::OnCallShare.get().bands_in_words
        ),
        files: Files::of(super::csv(frame, "agents")),
    };
    let body = if frame.agents.rows.is_empty() {
        nothing("No agent was logged in")
    } else {
        let rows = frame.agents.rows.iter().map(line).collect();
        table("agents", "Agents", &COLUMNS, rows, frame.agents.more)
    };
    panel(head, "listed", body)
}

fn line(row: &AgentDay) -> Row {
    let time = |ms: i64| Cell::of(format::duration(ms / 1_000));
    let handle = row.talk_ms.saturating_add(row.hold_ms).saturating_add(row.wrap_ms);
    let cells = vec![
        // What is judged stands where a phone shows it.
        Cell::of(figures::value(KpiId::OnCallShare, row.on_call_share())).band(row.band),
        Cell::of(format::count(row.handled)),
        Cell::of(handle_time(Ratio::new(handle, row.handled))),
        Cell::of(figures::value(KpiId::TransferRate, Ratio::new(row.transferred, row.connected))),
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
