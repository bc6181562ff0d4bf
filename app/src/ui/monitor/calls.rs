//! The calls of the last five minutes (S50): number, status, and a duration that runs by the server's clock.

use super::card::rests;
use super::cells::{cells, plain};
use crate::domain::Moment;
use crate::domain::outcome::CampaignStatus;
use crate::kpi::{Band, format};
use crate::ui::cells::{Cell, Line, LiveLine, Shown};
use crate::ui::feed::Feed;
use crate::ui::parts::each::each;
use crate::ui::parts::figure::{text, tone};
use crate::view::Keyed;
use crate::view::monitor_campaign::{CallRow, CallState, CampaignFrame};
use leptos::prelude::*;

cells! {
    /// A call, in the order of [`line`].
    CallCells { number, status, duration }
}

/// Notes beside the rows: what is said above them, and where there are none.
const ABOVE: usize = 0;
const NOTHING: usize = 1;

pub fn show(frame: &CampaignFrame) -> Shown {
    Shown {
        lines: frame.calls.rows.iter().map(line).collect(),
        notes: vec![above(frame), nothing(frame)],
        more: frame.calls.more,
    }
}

fn line(call: &CallRow) -> Line {
    let number = call.number.as_ref().map_or_else(|| "number not told".to_owned(), ToString::to_string);
    let duration = match call.ended {
        Some(ended) => Cell::of(format::duration(ended.since(call.started).as_secs())),
        None => Cell { since: Some(call.started), ..Cell::default() },
    };
    Line { key: call.key(), cells: vec![Cell::of(number), status(call), duration] }
}

fn status(call: &CallRow) -> Cell {
    let (stands, band) = match (call.state, call.became, &call.queue) {
        (CallState::Dialing, _, _) => ("dialing".to_owned(), Band::None),
        (CallState::Ringing, _, _) => ("ringing".to_owned(), Band::None),
        (CallState::Answered, _, _) => ("answered · waiting".to_owned(), Band::Ok),
        (CallState::Queued, _, None) => ("answered · in a queue".to_owned(), Band::Ok),
        (CallState::Queued, _, Some(queue)) => (format!("answered · in queue {queue}"), Band::Ok),
        (CallState::Connected, _, _) => ("answered".to_owned(), Band::Ok),
        (CallState::Ended, Some(became), _) => (format!("ended · {}", became.said()), Band::None),
        (CallState::Ended, None, _) => ("ended".to_owned(), Band::None),
    };
    let queue = call.queue.as_ref().filter(|_| call.state != CallState::Queued);
    let beside = [
        call.disposition_told.as_ref().map(|told| format!("“{told}”")),
        call.agent.as_ref().map(|agent| format!("agent {agent}")),
        queue.map(|queue| format!("queue {queue}")),
        call.list.as_ref().map(|list| format!("list {list}")),
    ];
    let said: Vec<String> = std::iter::once(stands).chain(beside.into_iter().flatten()).collect();
    Cell::of(said.join(" · ")).band(band)
}

/// Of a campaign that rests: that it does, and how many calls go on to their end.
fn above(frame: &CampaignFrame) -> Cell {
    let Some(paused) = frame.card.paused.as_ref().filter(|_| frame.card.status == Some(CampaignStatus::Paused)) else {
        return Cell::default();
    };
    let going_on = match frame.card.active {
        0 => String::new(),
        1 => ". 1 call goes on to its end".to_owned(),
        n => format!(". {} calls go on to their end", format::count(n)),
    };
    Cell::of(format!("{}{going_on}", rests(paused, &frame.site)))
}

fn nothing(frame: &CampaignFrame) -> Cell {
    Cell::of(match frame.card.status {
        Some(CampaignStatus::Paused) => "Paused: no calls in the last 5 minutes",
        Some(CampaignStatus::Ended) => "Ended: no calls in the last 5 minutes",
        Some(CampaignStatus::Active) | None => "No calls in the last 5 minutes",
    })
}

pub fn view(calls: crate::ui::cells::LivePanel, feed: Feed) -> AnyView {
    let shown = text(move || {
        let (shown, more) = (calls.lines.with(Vec::len) as i64, i64::from(calls.more.get()));
        if more > 0 {
            format!("{} shown of {}", format::count(shown), format::count(shown + more))
        } else {
            format::count(shown)
        }
    });
    let above = calls.notes[ABOVE];
    let above_class =
        text(move || if above.with(|note| note.text.is_empty()) { "hidden".to_owned() } else { "above".to_owned() });
    let nothing =
        text(move || if calls.lines.with(Vec::is_empty) { "nothing".to_owned() } else { "hidden".to_owned() });
    view! {
        <section class="panel calls" aria-labelledby="calls-title" tabindex="-1">
            <header>
                <h2 id="calls-title">"Calls of the last 5 minutes"</h2>
                <em>{shown}</em>
            </header>
            <p class=above_class>{plain(above)}</p>
            <div class="body" tabindex="0" role="region" aria-label="Calls">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Number"</th>
                            <th scope="col" class="status">"Status"</th>
                            <th scope="col">"Duration"</th>
                        </tr>
                    </thead>
                    <tbody>
                        {each(move || calls.lines.get(), move |line| row(line, feed))}
                    </tbody>
                </table>
                <p class=nothing>{plain(calls.notes[NOTHING])}</p>
            </div>
            <footer>"Far-end numbers are masked"</footer>
        </section>
    }
    .into_any()
}

fn row(line: LiveLine, feed: Feed) -> AnyView {
    let Some(cells) = CallCells::of(line) else { return ().into_any() };
    let class = text(move || format!("status {}", tone(cells.status.with(|cell| cell.band))));
    view! {
        <tr>
            <th scope="row" class="number">{plain(cells.number)}</th>
            <td class=class>{plain(cells.status)}</td>
            <td>{text(move || cells.duration.with(|cell| runs(cell, feed)))}</td>
        </tr>
    }
    .into_any()
}

/// A duration that has ended as it is; one that runs, by the server's clock, never negative.
fn runs(cell: &Cell, feed: Feed) -> String {
    match cell.since {
        Some(since) => lasting(since, feed.now()),
        None => cell.text.clone(),
    }
}

fn lasting(since: Moment, now: Moment) -> String {
    format::duration(now.since(since).as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::outcome::Disposition;
    use crate::domain::{AgentId, CallId, ListId, QueueId, RealmId, Span};

    #[test]
    fn a_duration_is_never_negative() {
        let at = Moment::from_secs(100);
        assert_eq!(lasting(at, at - Span::secs(5)), "0:00");
        assert_eq!(lasting(at, at + Span::secs(65)), "1:05");
    }

    #[test]
    fn a_call_reads_as_it_stands() {
        let at = Moment::from_secs(100);
        let call = CallRow {
            realm: RealmId::trusted("r"),
            call_id: CallId::trusted("c"),
            number: Some("+44 •••• ••18 02".into()),
            state: CallState::Ended,
            became: Some(Disposition::NoAnswer),
            agent: None,
            list: None,
            queue: None,
            disposition_told: None,
            started: at,
            answered: None,
            ended: Some(at + Span::secs(31)),
        };
        let texts = |call: &CallRow| line(call).cells.into_iter().map(|cell| cell.text).collect::<Vec<_>>();
        assert_eq!(texts(&call), ["+44 •••• ••18 02", "ended · no answer", "0:31"]);
        let told = CallRow {
            became: Some(Disposition::Completed),
            agent: Some(AgentId::trusted("ann")),
            list: Some(ListId::trusted("spring-1")),
            queue: Some(QueueId::trusted("sales")),
            disposition_told: Some("SALE".into()),
            ..call.clone()
        };
        assert_eq!(texts(&told)[1], "ended · completed · “SALE” · agent ann · queue sales · list spring-1");
        let waits = CallRow {
            state: CallState::Queued,
            ended: None,
            became: None,
            agent: None,
            list: None,
            disposition_told: None,
            ..told
        };
        assert_eq!(texts(&waits)[1], "answered · in queue sales");
        let running = CallRow { state: CallState::Ringing, ended: None, became: None, ..call };
        assert_eq!(line(&running).cells[2].since, Some(at));
    }
}
