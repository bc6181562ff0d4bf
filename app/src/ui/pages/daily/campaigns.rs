//! A row per campaign, worst first.

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
use crate::view::daily::{CampaignDay, DailyFrame};
use leptos::prelude::*;
use std::sync::Arc;

const COLUMNS: [&str; 10] = [
    "Campaign",
    "Calls",
    "Connect rate",
    "Abandon rate",
    "Error rate",
    "AHT",
    "Transfer rate",
    "Right party",
    "Inbound answer rate",
    "Queue abandonment",
];

pub fn view(day: Day) -> AnyView {
    let head = Head {
        id: "campaigns",
        question: "How does each campaign do?",
        window: text(move || day.with(|frame| format!("against {}", dates::day(&frame.day.before_date)))),
        footnote: text(|| "Out of band first, then by calls · a name explains its row".to_owned()),
        files: Files::of(super::csv(day, "campaigns")),
    };
    let rows = Memo::new(move |_| {
        day.with(|frame| Rows {
            rows: frame.campaigns.rows.iter().map(|row| line(row, frame)).collect(),
            more: frame.campaigns.more,
        })
    });
    let nothing = Arc::new(move || day.with(|frame| super::day::nothing(frame, "No campaign has called")));
    panel(
        head,
        "listed",
        listed(Listed { panel: "campaigns", label: "Campaigns", columns: columns(&COLUMNS), rows, nothing }),
    )
}

fn line(row: &CampaignDay, frame: &DailyFrame) -> Row {
    let r = Ratio::new;
    let name = name_of(&row.name, row.campaign.as_str());
    let change = |kpi, now, before| Change::of(kpi, now, before).map_or_else(String::new, |change| change.short());
    let connect = r(row.answered_live, row.resolved);
    let abandon = r(row.abandoned, row.judged_live);
    let aht = r(row.handle_ms, row.handled);
    let volume = change(KpiId::CallsPerMinute, r(row.attempts, 1), r(row.before_attempts, 1));
    let value = digits::value;
    let cells = vec![
        Cell::of(format::count(row.attempts)).under(volume),
        Cell::of(value(KpiId::ConnectRate, connect)).band(row.connect_band).under(change(
            KpiId::ConnectRate,
            connect,
            row.before_connect,
        )),
        Cell::of(value(KpiId::AbandonRate, abandon)).band(row.abandon_band).under(change(
            KpiId::AbandonRate,
            abandon,
            row.before_abandon,
        )),
        Cell::of(value(KpiId::ErrorRate, r(row.errors, row.resolved))).band(row.error_band),
        Cell::of(handle_time(aht)).band(row.aht_band).under(change(KpiId::Aht, aht, row.before_aht)),
        Cell::of(value(KpiId::TransferRate, r(row.transferred, row.connected))),
        Cell::of(format::count(row.right_party)),
        Cell::of(value(KpiId::InboundAnswerRate, r(row.inbound_answered, row.judged_inbound))).band(row.inbound_band),
        Cell::of(value(KpiId::QueueAbandonRate, r(row.queue_abandoned, row.judged_queued))).band(row.queue_band),
    ];
    Row { key: row.key(), band: row.band, cells, told: told(row, &name, frame), name }
}

fn told(row: &CampaignDay, name: &str, frame: &DailyFrame) -> Told {
    let n = format::count;
    let of = |part: i64, whole: i64| format!("{} of {}", n(part), n(whole));
    let before = |ratio: Ratio| format!("{} of {}", n(ratio.part), n(ratio.whole));
    let day = dates::day(&frame.day.before_date);
    let pair = |label: &str, value: String| (label.to_owned(), value);
    let mut came_in = of(row.inbound_answered, row.judged_inbound);
    if row.inbound > row.judged_inbound {
        came_in.push_str(&format!("; {} more wait, or no source can tell", n(row.inbound - row.judged_inbound)));
    }
    let mut hung_up = of(row.queue_abandoned, row.judged_queued);
    if row.queued > row.judged_queued {
        hung_up.push_str(&format!("; of {} more no source can tell", n(row.queued - row.judged_queued)));
    }
    let pairs = vec![
        pair("Attempts", format!("{} ({day}: {})", n(row.attempts), n(row.before_attempts))),
        pair(
            "Answered live, of resolved",
            format!("{} ({day}: {})", of(row.answered_live, row.resolved), before(row.before_connect)),
        ),
        pair("Answered by anyone, of resolved", of(row.answered, row.resolved)),
        pair(
            "Abandoned of judged live",
            format!("{} ({day}: {})", of(row.abandoned, row.judged_live), before(row.before_abandon)),
        ),
        pair("Failed or congested, of resolved", of(row.errors, row.resolved)),
        pair(
            "Talk, hold and wrap-up",
            format!("{} over {} handled", format::duration(row.handle_ms / 1_000), n(row.handled)),
        ),
        pair("Transferred of answered, and over", of(row.transferred, row.connected)),
        pair("Inbound answered, of judged", came_in),
        pair("Hung up in the queue, of judged", hung_up),
    ];
    Told { title: name.to_owned(), subject: "Campaign".to_owned(), pairs, band: row.band, ..Told::default() }
}
