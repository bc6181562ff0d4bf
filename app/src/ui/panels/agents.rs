//! Panel 6 (S27): what are agents doing? Heads by state now, and the on-call share of the last hour.

use super::as_shown;
use crate::chart::{Labels, StackedData};
use crate::kpi::{KpiId, format};
use crate::ui::cells::{Cell, Line, Shown};
use crate::ui::parts::chart::{Sketch, drawing};
use crate::ui::parts::figure::name_of;
use crate::ui::parts::panel::{Head, bars, panel};
use crate::ui::parts::rows::{Column, Look};
use crate::ui::store::Live;
use crate::view::live::AgentsRow;
use crate::view::{PanelId, Table};
use leptos::prelude::*;

const HEAD: Head = Head {
    id: PanelId::Agents,
    question: "What are agents doing?",
    window: "now · 60 min",
    figure: "on_call_share",
    footnote: "On-call share of logged-in time; 80 to 90 % is productive",
    nothing: "No agent has logged in",
};
const COLUMNS: &[Column] = &[
    Column::new("Campaign", "", Look::Name),
    Column::new("In", "agents", Look::Figure),
    Column::new("On-call share", "on_call_share", Look::Figure),
];

pub fn show(rows: &Table<AgentsRow>) -> Shown {
    Shown { lines: rows.rows.iter().map(line).collect(), notes: Vec::new(), more: rows.more }
}

fn line(row: &AgentsRow) -> Line {
    let heads = row.ready + row.on_call + row.wrap_up + row.on_break;
    let share = format::percent(row.on_call_share(), 0, KpiId::OnCallShare.get().bands());
    let cells = vec![
        Cell::of(name_of(&row.name, row.campaign.as_str())).band(row.band).under(breaks(row)),
        Cell::of(format::count(heads)).under(format!("{} ready", format::count(row.ready))),
        Cell::of(share).band(row.band).under(format!("{} on call", format::count(row.on_call))),
    ];
    Line { key: row.campaign.to_string(), cells }
}

/// Why those on a break are, as far as it was told: "break: Lunch 2, Training 1".
fn breaks(row: &AgentsRow) -> String {
    if row.breaks.is_empty() {
        return String::new();
    }
    let why: Vec<String> = row.breaks.iter().map(|(reason, n)| format!("{reason} {}", format::count(*n))).collect();
    format!("break: {}", why.join(", "))
}

pub fn view(live: Live) -> AnyView {
    let here = live.panel(PanelId::Agents);
    let data = move || {
        let (keys, count) = (here.keys(), here.count());
        live.with_shown(|frame| {
            let rows = frame.panels.agents.as_ref().map_or(&[][..], |table| &table.rows);
            Sketch::Stacked(StackedData::of(&as_shown(rows, &keys, count), Labels::None))
        })
    };
    let legend = view! {
        <span class="states">
            <i class="s1"></i>
            "on call"
            <i class="s2"></i>
            "ready"
            <i class="s4"></i>
            "wrap-up"
            <i class="s5"></i>
            "break"
        </span>
    }
    .into_any();
    let body = bars(here, PanelId::Agents, COLUMNS, legend, drawing(data, (150, 320)));
    panel(live, HEAD, body, ().into_any())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::CampaignId;
    use crate::kpi::Band;

    #[test]
    fn a_row_says_why_agents_are_on_a_break() {
        let row = AgentsRow {
            campaign: CampaignId::trusted("spring"),
            name: "Spring".into(),
            ready: 3,
            on_call: 2,
            wrap_up: 0,
            on_break: 4,
            breaks: vec![("Lunch".into(), 2), ("Training".into(), 1)],
            on_call_s: 10,
            logged_in_s: 20,
            band: Band::Warn,
            since: None,
        };
        assert_eq!(line(&row).cells[0].under, "break: Lunch 2, Training 1");
        assert_eq!(line(&AgentsRow { breaks: Vec::new(), ..row }).cells[0].under, "");
    }
}
