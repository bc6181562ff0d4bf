//! What became of the calls (S51): the ring, and a table of counts and shares beside it. All seven, 0 listed as 0.

use super::cells::{cells, plain};
use super::store::Campaign;
use crate::chart::RingData;
use crate::kpi::{Ratio, format};
use crate::ui::cells::{Cell, Line, LiveLine, Shown};
use crate::ui::parts::chart::{Sketch, drawing};
use crate::ui::parts::each::each;
use crate::ui::parts::figure::text;
use crate::ui::parts::rows::{Column, Look, figure};
use crate::view::monitor_campaign::{CampaignFrame, DispositionRow};
use leptos::prelude::*;

cells! {
    /// An outcome, in the order of [`line`].
    OutcomeCells { name, calls, share }
}

pub const PANEL: &str = "became";

const CALLS: Column = Column::new("Calls", "disposition", Look::Figure);
const SHARE: Column = Column::new("Share", "disposition", Look::Figure);

/// How many ended; of those that were abandoned, and those that nothing more was heard of.
const LOST: usize = 0;

pub fn show(frame: &CampaignFrame) -> Shown {
    let figures = &frame.figures;
    let mut said = vec![format!("{} ended", format::calls(figures.ended))];
    let among = [(figures.abandoned, "abandoned"), (figures.machines, "by a machine")];
    let among: Vec<String> =
        among.iter().filter(|(n, _)| *n > 0).map(|(n, words)| format!("{} {words}", format::count(*n))).collect();
    if !among.is_empty() {
        // These are counted as they are answered: more than have ended unserved.
        said.push(format!("of all answered, also with an agent or still up: {}", among.join(", ")));
    }
    if figures.lost > 0 {
        said.push(format!("{} lost track of", format::count(figures.lost)));
    }
    let lost = said.join(" · ");
    Shown {
        lines: frame.dispositions.rows.iter().map(|row| line(row, figures.ended)).collect(),
        notes: vec![Cell::of(lost)],
        more: 0,
    }
}

fn line(row: &DispositionRow, ended: i64) -> Line {
    let name = row.disposition.said();
    let mut title = name.to_owned();
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let share = format::percent(Ratio::new(row.calls, ended), 1, None);
    let key = row.disposition.word().to_owned();
    Line { key, cells: vec![Cell::of(title), Cell::of(format::count(row.calls)), Cell::of(share)] }
}

pub fn view(campaign: Campaign) -> AnyView {
    let here = campaign.became;
    let ring =
        move || campaign.with_shown(|frame| Sketch::Ring(RingData::of(&frame.dispositions, frame.figures.ended)));
    view! {
        <section class="panel became" aria-labelledby="became-title" tabindex="-1" data-panel=PANEL>
            <header>
                <h2 id="became-title">"What became of the calls"</h2>
                <em>"this campaign"</em>
            </header>
            <div class="body">
                <div class="chart-ring">{drawing(ring, (240, 240))}</div>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Outcome"</th>
                            <th scope="col">"Calls"</th>
                            <th scope="col">"Share"</th>
                        </tr>
                    </thead>
                    <tbody>
                        {each(move || here.lines.get(), row)}
                    </tbody>
                </table>
            </div>
            <footer>{text(move || here.notes[LOST].with(|note| note.text.clone()))}</footer>
        </section>
    }
    .into_any()
}

fn row(line: LiveLine) -> AnyView {
    let key = line.key.clone();
    let Some(cells) = OutcomeCells::of(line) else { return ().into_any() };
    let class = format!("swatch {key}");
    view! {
        <tr data-key=key>
            <th scope="row">
                <i class=class aria-hidden="true"></i>
                {plain(cells.name)}
            </th>
            <td>{figure(&CALLS, cells.calls)}</td>
            <td class="quiet">{figure(&SHARE, cells.share)}</td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::monitor_campaign::Figures;

    /// Under "answered, no agent" lie machines and people who were dropped: how many of each there were is said, and that some
    /// of them lie elsewhere, so that nobody adds them up to it.
    #[test]
    fn machines_are_told_apart_from_people_who_were_dropped() {
        let nothing = crate::ui::monitor::store::no_campaign();
        let said = |abandoned, machines| {
            let figures = Figures { ended: 900, abandoned, machines, ..nothing.figures.clone() };
            show(&CampaignFrame { figures, ..nothing.clone() }).notes[LOST].text.clone()
        };
        assert_eq!(said(0, 0), "900 calls ended");
        let both = "900 calls ended · of all answered, also with an agent or still up: 20 abandoned, 139 by a machine";
        assert_eq!(said(20, 139), both);
        let machines = "900 calls ended · of all answered, also with an agent or still up: 139 by a machine";
        assert_eq!(said(0, 139), machines);
    }
}
