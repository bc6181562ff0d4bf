//! Panel 1 (S21): are we running out of channels? A gauge against what is provisioned, and the last 15 minutes.

use crate::chart::{AreaData, GaugeData, Labels};
use crate::kpi::{Band, KpiId, Ratio, format};
use crate::ui::cells::{Cell, Line, Shown};
use crate::ui::parts::chart::{Sketch, drawing};
use crate::ui::parts::clock;
use crate::ui::parts::figure::{name_of, text};
use crate::ui::parts::panel::{Head, panel, rows_of};
use crate::ui::parts::rows::{Column, Look, Shape, figure};
use crate::ui::store::Live;
use crate::view::PanelId;
use crate::view::live::{ChannelSource, ChannelsHead, ChannelsPanel, LiveFrame, TrunkRow};
use leptos::prelude::*;

const HEAD: Head = Head {
    id: PanelId::Channels,
    question: "Are we running out of channels?",
    window: "15 min",
    figure: "channel_utilisation",
    footnote: "Red above 85 % of capacity for 30 s",
    nothing: "",
};
const ACTIVE: Column = Column::new("", "active_calls", Look::Figure).class("big");
const SHARE: Column = Column::new("", "channel_utilisation", Look::Figure);
const TRUNK: &[Column] = &[Column::new("Trunk", "trunk", Look::Name), Column::new("", "trunk", Look::Figure)];

/// Trunks named beside the gauge, the fullest first; the rest is in the frame.
const TRUNKS: usize = 2;

/// The notes of this panel, in their order.
const ACTIVE_AT: usize = 0;
const SHARE_AT: usize = 1;
const CAPACITY_AT: usize = 2;
const PEAK_AT: usize = 3;

pub fn show(panel: &ChannelsPanel, frame: &LiveFrame) -> Shown {
    let head = &panel.head;
    let bands = KpiId::ChannelUtilisation.get().bands();
    let share =
        head.capacity.map_or(format::NO_DATA.to_owned(), |of| format::percent(Ratio::new(head.active, of), 0, bands));
    let peak = head
        .peak_at
        .map_or_else(String::new, |at| format!("peak {} at {}", format::count(head.peak), clock::hm(at, &frame.site)));
    let hidden = panel.trunks.rows.len().saturating_sub(TRUNKS);
    Shown {
        lines: panel.trunks.rows.iter().take(TRUNKS).map(trunk).collect(),
        notes: vec![
            Cell::of(format::count(head.active)).band(Band::None),
            Cell::of(share).band(head.band),
            Cell::of(of_what(head)),
            Cell::of(peak),
        ],
        more: panel.trunks.more.saturating_add(u32::try_from(hidden).unwrap_or(u32::MAX)),
    }
}

fn of_what(head: &ChannelsHead) -> String {
    match (head.capacity, head.source) {
        (Some(of), _) => format!("of {} channels", format::count(of)),
        (None, ChannelSource::Samples) => "no trunk tells its limit".to_owned(),
        (None, ChannelSource::Calls) => "calls that are up".to_owned(),
    }
}

fn trunk(row: &TrunkRow) -> Line {
    let bands = KpiId::ChannelUtilisation.get().bands();
    let share = match row.capacity {
        Some(of) => format::percent(Ratio::new(row.active, of), 0, bands),
        None => format::count(row.active),
    };
    let name = name_of(row.trunk.as_str(), "");
    Line { key: row.trunk.to_string(), cells: vec![Cell::of(name).band(row.band), Cell::of(share).band(row.band)] }
}

pub fn view(live: Live) -> AnyView {
    let here = live.panel(PanelId::Channels);
    let gauge = move || live.with_shown(|frame| Sketch::Gauge(GaugeData::of(&head_of(frame), Labels::None)));
    let area = move || {
        live.with_shown(|frame| {
            let empty = nothing();
            let panel = frame.panels.channels.as_ref().unwrap_or(&empty);
            Sketch::Area(AreaData::of(panel, &frame.site, Labels::Inside))
        })
    };
    let words = |at: usize| {
        let words = text(move || here.notes[at].with(|note| note.text.clone()));
        view! { <p class="quiet">{words}</p> }.into_any()
    };
    let body = view! {
        <div class="gauge-row">
            <div class="gauge">
                <div class="chart-gauge">{drawing(gauge, (210, 112))}</div>
                {figure(&ACTIVE, here.notes[ACTIVE_AT])}
            </div>
            <div class="beside">
                <div class="share">{figure(&SHARE, here.notes[SHARE_AT])}</div>
                {words(CAPACITY_AT)}
                {words(PEAK_AT)}
                <ul class="trunks">{rows_of(here, PanelId::Channels, Shape::Bars, TRUNK)}</ul>
            </div>
        </div>
        <div class="chart-area">{drawing(area, (406, 190))}</div>
    }
    .into_any();
    panel(live, HEAD, body, ().into_any())
}

fn head_of(frame: &LiveFrame) -> ChannelsHead {
    frame.panels.channels.as_ref().map_or_else(|| nothing().head, |panel| panel.head.clone())
}

fn nothing() -> ChannelsPanel {
    let head = ChannelsHead {
        active: 0,
        capacity: None,
        band: Band::None,
        since: None,
        source: ChannelSource::Calls,
        peak: 0,
        peak_at: None,
    };
    ChannelsPanel { head, trunks: crate::view::Table::default(), points: crate::view::Table::default() }
}
