//! How the campaigns stand, in words: how many dial and rest, then what is wrong, each clause a link to its campaign.

use crate::domain::outcome::CampaignStatus;
use crate::kpi::{Band, format};
use crate::ui::address;
use crate::ui::feed::Feed;
use crate::ui::pace::Freshness;
use crate::ui::parts::figure::{still_shape, text, tone};
use crate::ui::parts::sentence::{apology, joined};
use crate::view::monitor::{CampaignCard, MonitorClause, MonitorFrame, MonitorStatus};
use leptos::prelude::*;

/// What the sentence is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    pub status: MonitorStatus,
    pub lead: String,
    /// Those that are active or paused.
    pub campaigns: i64,
}

impl Said {
    pub fn of(frame: &MonitorFrame) -> Self {
        let campaigns = frame.totals.active_campaigns + frame.totals.paused_campaigns;
        Self { status: frame.status.clone(), lead: lead(frame), campaigns }
    }
}

/// "5 campaigns dialing, 2 taking calls, 1 paused."; while no worker dials, or where there are more of them than cards, those
/// that are not paused are active, and no more is said of them.
fn lead(frame: &MonitorFrame) -> String {
    if frame.status.silent_since.is_some() {
        return String::new();
    }
    let totals = &frame.totals;
    let tells_ways = frame.worker.warning.is_none() && frame.cards.more == 0;
    let takes = |card: &&CampaignCard| tells_ways && !card.dials && card.status != Some(CampaignStatus::Paused);
    let taking = i64::try_from(frame.cards.rows.iter().filter(takes).count()).unwrap_or(0);
    let do_what = if tells_ways { "dialing" } else { "active" };
    let first = match totals.active_campaigns - taking {
        0 if taking > 0 => None,
        0 => Some(format!("No campaign is {do_what}")),
        n => Some(format!("{} {do_what}", format::counted(n, "campaign", "campaigns"))),
    };
    let second = match (taking, &first) {
        (0, _) => None,
        (n, None) => Some(format!("{} taking calls", format::counted(n, "campaign", "campaigns"))),
        (n, Some(_)) => Some(format!("{} taking calls", format::count(n))),
    };
    let third = (totals.paused_campaigns > 0).then(|| format!("{} paused", format::count(totals.paused_campaigns)));
    format!("{}. ", [first, second, third].into_iter().flatten().collect::<Vec<_>>().join(", "))
}

pub fn view(said: RwSignal<Said>, feed: Feed) -> AnyView {
    let clauses = move || said.with(|said| said.status.clauses.iter().map(clause).collect_view());
    view! {
        <p class="sentence">
            <span class="apology">{text(move || apology(feed))}</span>
            <span>{text(move || if feed.freshness() == Freshness::NoData { String::new() } else { said.with(|said| said.lead.clone()) })}</span>
            {clauses}
            <span class="rest">{text(move || said.with(rest))}</span>
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
fn rest(said: &Said) -> String {
    let status = &said.status;
    match (status.clauses.len(), status.more, status.band) {
        (1.., 0, _) => String::new(),
        (1.., more, _) => format!("{} more need a look.", format::count(i64::from(more))),
        (0, _, Band::None) if said.campaigns > 0 => "No calls yet to judge by.".to_owned(),
        (0, _, Band::None) => "Nothing has been told of any campaign yet.".to_owned(),
        (0, _, Band::TooFew | Band::NoBaseline) => "Too few calls to judge.".to_owned(),
        (0, _, Band::Unjudged) => "Why calls fail is not told, so that not all is judged.".to_owned(),
        (0, _, Band::Ok | Band::Warn | Band::Critical) => "Nothing is wrong with any.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One part of a sentence must not deny what the other has just said.
    #[test]
    fn of_campaigns_without_calls_it_is_not_said_that_nothing_was_told() {
        let said = |campaigns| rest(&Said { status: MonitorStatus::default(), lead: String::new(), campaigns });
        assert_eq!(said(0), "Nothing has been told of any campaign yet.");
        assert_eq!(said(1), "No calls yet to judge by.");
    }
}
