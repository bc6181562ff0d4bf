//! How the campaigns stand, in words: how many dial and rest, then what is wrong, each clause a link to its campaign.

use crate::kpi::{Band, format};
use crate::ui::address;
use crate::ui::feed::Feed;
use crate::ui::pace::Freshness;
use crate::ui::parts::figure::{still_shape, text, tone};
use crate::ui::parts::sentence::{apology, joined};
use crate::view::monitor::{MonitorClause, MonitorFrame, MonitorStatus};
use leptos::prelude::*;

/// What the sentence is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    pub status: MonitorStatus,
    pub lead: String,
}

impl Said {
    pub fn of(frame: &MonitorFrame) -> Self {
        Self { status: frame.status.clone(), lead: lead(frame) }
    }
}

/// "5 campaigns dialing, 1 paused."; while no worker dials they are active, and no more.
fn lead(frame: &MonitorFrame) -> String {
    if frame.status.silent_since.is_some() {
        return String::new();
    }
    let totals = &frame.totals;
    let do_what = if frame.worker.warning.is_some() { "active" } else { "dialing" };
    let dialing = match totals.active_campaigns {
        0 => format!("No campaign is {do_what}"),
        1 => format!("1 campaign {do_what}"),
        n => format!("{} campaigns {do_what}", format::count(n)),
    };
    match totals.paused_campaigns {
        0 => format!("{dialing}. "),
        n => format!("{dialing}, {} paused. ", format::count(n)),
    }
}

pub fn view(said: RwSignal<Said>, feed: Feed) -> AnyView {
    let clauses = move || said.with(|said| said.status.clauses.iter().map(clause).collect_view());
    view! {
        <p class="sentence">
            <span class="apology">{text(move || apology(feed))}</span>
            <span>{text(move || if feed.freshness() == Freshness::NoData { String::new() } else { said.with(|said| said.lead.clone()) })}</span>
            {clauses}
            <span class="rest">{text(move || said.with(|said| rest(&said.status)))}</span>
        </p>
    }
    .into_any()
}

fn clause(clause: &MonitorClause) -> AnyView {
    let band = clause.band;
    let words = view! {
        {still_shape(band)}
        <b>{clause.subject.clone()}</b>
        <span>{joined(&clause.text)}</span>
    };
    let class = format!("clause {}", tone(band));
    let campaign = clause.campaign.as_ref().map(|campaign| address::of_campaign(campaign.as_str()));
    match campaign.or_else(|| clause.href.clone()) {
        Some(href) => view! { <a class=class href=href>{words}</a> }.into_any(),
        None => view! { <span class=class>{words}</span> }.into_any(),
    }
}

/// What is left to say.
fn rest(status: &MonitorStatus) -> String {
    match (status.clauses.len(), status.more, status.band) {
        (1.., 0, _) => String::new(),
        (1.., more, _) => format!("{} more need a look.", format::count(i64::from(more))),
        (0, _, Band::None) => "Nothing has been told of any campaign yet.".to_owned(),
        (0, _, _) => "Nothing is wrong with any.".to_owned(),
    }
}
