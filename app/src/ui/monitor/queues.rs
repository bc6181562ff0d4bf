//! A campaign's queues: who entered them in the last hour, who gave up, how long it took. And where its figures by list are.

use super::cells::{cells, plain};
use crate::kpi::{KpiId, format};
use crate::ui::cells::{Cell, Line, LiveLine, LivePanel, Shown};
use crate::ui::parts::each::each;
use crate::ui::parts::figure::{name_of, text};
use crate::view::monitor_campaign::{CampaignFrame, QueueRow};
use leptos::prelude::*;

cells! {
    /// A queue, in the order of [`line`].
    QueueCells { name, waiting, queued, gave_up, wait, asa }
}

pub const PANEL: &str = "queues";

pub fn show(frame: &CampaignFrame) -> Shown {
    Shown { lines: frame.queues.rows.iter().map(line).collect(), notes: Vec::new(), more: frame.queues.more }
}

fn line(row: &QueueRow) -> Line {
    let seconds = |kpi: Option<KpiId>, ratio| format::seconds_judged(ratio, 1, kpi.and_then(|kpi| kpi.get().bands()));
    let share = format::percent(row.abandoned, 1, KpiId::QueueAbandonRate.get().bands());
    let gave_up = match row.abandoned.whole {
        0 => format::NO_DATA.to_owned(),
        // Of whom no source can tell is in neither: the share is of fewer than stand beside it.
        whole if whole < row.queued => {
            format!("{} of {} · {share}", format::count(row.abandoned.part), format::count(whole))
        }
        _ => format!("{} · {share}", format::count(row.abandoned.part)),
    };
    let cells = vec![
        Cell::of(name_of(row.queue.as_str(), row.queue.as_str())),
        Cell::of(format::count(row.waiting)),
        Cell::of(format::count(row.queued)),
        Cell::of(gave_up),
        Cell::of(seconds(None, row.wait)),
        Cell::of(seconds(Some(KpiId::Asa), row.asa)),
    ];
    Line { key: row.queue.to_string(), cells }
}

pub fn view(queues: LivePanel) -> AnyView {
    let class =
        text(move || if queues.lines.with(Vec::is_empty) { "hidden".to_owned() } else { "panel queues".to_owned() });
    let more = text(move || match queues.more.get() {
        0 => String::new(),
        n => format::counted(i64::from(n), "more queue is not shown.", "more queues are not shown."),
    });
    view! {
        <section class=class aria-labelledby="queues-title" tabindex="-1" data-panel=PANEL>
            <header>
                <h2 id="queues-title">"How do its queues do?"</h2>
                <em>"last 60 minutes"</em>
            </header>
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Queue"</th>
                        <th scope="col">"Waiting"</th>
                        <th scope="col">"Queued"</th>
                        <th scope="col">"Hung up"</th>
                        <th scope="col">"Wait"</th>
                        <th scope="col">"ASA"</th>
                    </tr>
                </thead>
                <tbody>{each(move || queues.lines.get(), row)}</tbody>
            </table>
            <footer>{more} " Hung up: of those of whom a source can tell. Wait: in the queue, to an agent or to hanging up, of those of whom that is known. ASA, average speed of answer: ringing and queue, of those answered."</footer>
        </section>
        <p class="help">"Figures by list: lists are told by each call, in the calls of the API, "<code>"/api/v1/calls?campaign="</code>"."</p>
    }
    .into_any()
}

fn row(line: LiveLine) -> AnyView {
    let key = line.key.clone();
    let Some(cells) = QueueCells::of(line) else { return ().into_any() };
    view! {
        <tr data-key=key>
            <th scope="row">{plain(cells.name)}</th>
            <td>{plain(cells.waiting)}</td>
            <td>{plain(cells.queued)}</td>
            <td>{plain(cells.gave_up)}</td>
            <td>{plain(cells.wait)}</td>
            <td>{plain(cells.asa)}</td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::QueueId;
    use crate::kpi::Ratio;

    #[test]
    fn a_queue_reads_as_its_callers_fared() {
        let row = QueueRow {
            queue: QueueId::trusted("sales"),
            waiting: 2,
            queued: 40,
            abandoned: Ratio::new(3, 40),
            wait: Ratio::new(40 * 15_500, 40),
            asa: Ratio::new(0, 0),
        };
        let texts = |row: &QueueRow| line(row).cells.into_iter().map(|cell| cell.text).collect::<Vec<_>>();
        assert_eq!(texts(&row), ["sales", "2", "40", "3 · 7.5 %", "15.5 s", "—"]);
        let unseen = QueueRow { queued: 22, abandoned: Ratio::new(8, 20), ..row.clone() };
        assert_eq!(texts(&unseen)[2..4], ["22", "8 of 20 · 40.0 %"]);
        let waits = QueueRow { queued: 0, abandoned: Ratio::default(), wait: Ratio::default(), ..row };
        assert_eq!(texts(&waits)[2..], ["0", "—", "—", "—"]);
    }
}
