//! What goes the wrong way, in words: what will be out of band soonest, and what has been out over these days.

use super::{Days, leading};
use crate::domain::Span;
use crate::kpi::catalog::KpiId;
use crate::kpi::{Band, Ratio, format};
use crate::ui::parts::clock;
use crate::ui::parts::figure::{anchor, name_of, still_shape, tone};
use crate::ui::parts::sentence::beside_what_is_out;
use crate::ui::parts::{dates, digits};
use crate::view::trend::{TrendDay, TrendFrame};
use crate::view::{Keyed, TrendPanel};
use leptos::prelude::*;

const MOST: usize = 4;

struct Clause {
    band: Band,
    goes_to: String,
    subject: String,
    text: String,
}

fn clauses(frame: &TrendFrame) -> Vec<Clause> {
    let routes = frame.routes.rows.iter().filter(|row| row.band.is_out()).map(|row| Clause {
        band: row.band,
        goes_to: anchor("route-weeks", &row.key()),
        subject: format!("Route {}", name_of(&row.name, row.route.as_str())),
        text: format!(
            "{} of resolved its fault",
            digits::value(KpiId::RouteFaultRate, Ratio::new(row.part, row.whole))
        ),
    });
    let campaigns = frame.abandon.rows.iter().filter(|row| row.band.is_out()).map(|row| Clause {
        band: row.band,
        goes_to: anchor("abandon-rows", &row.key()),
        subject: name_of(&row.name, row.campaign.as_str()),
        text: format!("abandoned {}", digits::value(KpiId::AbandonRate, Ratio::new(row.part, row.whole))),
    });
    let coming = frame.leading.rows.iter().map(|row| Clause {
        // What is to come is not yet so: a warning, whatever it comes to.
        band: Band::Warn,
        goes_to: TrendPanel::Leading.word().to_owned(),
        subject: leading::subject(row),
        text: format!("out of band by {} if it goes on", dates::day(&row.on)),
    });
    let whole = [
        (KpiId::AbandonRate, TrendPanel::Attempts, (|day| day.abandon_band) as fn(&TrendDay) -> Band),
        (KpiId::ErrorRate, TrendPanel::Errors, |day| day.error_band),
    ];
    let floor = whole.into_iter().filter_map(|(kpi, panel, band)| {
        let out: Vec<Band> = frame.days.rows.iter().map(band).filter(|band| band.is_out()).collect();
        let text = format!("out of band on {} of {} days", out.len(), frame.span.days);
        let goes_to = panel.word().to_owned();
        Some(Clause { band: out.into_iter().max()?, goes_to, subject: kpi.get().label.to_owned(), text })
    });
    let mut all: Vec<Clause> = floor.chain(campaigns).chain(routes).chain(coming).collect();
    all.sort_by_key(|clause| std::cmp::Reverse(clause.band));
    all
}

/// What of these days is judged.
fn judged(frame: &TrendFrame) -> impl Iterator<Item = Band> {
    let days = frame.days.rows.iter().flat_map(|day| [day.abandon_band, day.error_band]);
    let parts = frame.routes.rows.iter().map(|row| row.band).chain(frame.abandon.rows.iter().map(|row| row.band));
    days.chain(parts).filter(|band| band.is_judged())
}

pub fn view(days: Days) -> AnyView {
    (move || days.with(|frame| Some(said(frame)))).into_any()
}

fn said(frame: &TrendFrame) -> AnyView {
    let all = clauses(frame);
    let more = all.len().saturating_sub(MOST);
    let days = frame.span.days;
    let calls: i64 = frame.days.rows.iter().map(|day| day.attempts.saturating_add(day.inbound)).sum();
    // Of what has come since nothing is said here: the live page knows it.
    let reach = format!(" up to {}", clock::hm(frame.span.until, &frame.site));
    let rest = match (all.len(), more) {
        (0, _) if calls == 0 => format!("No calls in these {days} days, {}.", counted(frame)),
        (0, _) if judged(frame).next().is_none() => {
            format!("{} in {days} days: too few to judge them by.", format::calls(calls))
        }
        (0, _) => format!("All is well over {days} days{reach}, and nothing is on its way out of band."),
        (_, 0) => {
            let rest = judged(frame).find(|band| *band == Band::Ok).unwrap_or_default();
            format!("{}{reach}.", beside_what_is_out(rest))
        }
        (_, more) => format!("{} more.", format::count(i64::try_from(more).unwrap_or(i64::MAX))),
    };
    let said = all.into_iter().take(MOST).map(|clause| {
        view! {
            <a class=format!("clause {}", tone(clause.band)) href=format!("#{}", clause.goes_to)>
                {still_shape(clause.band)} <b>{clause.subject}</b>
                <span>{format!(": {}. ", clause.text)}</span>
            </a>
        }
    });
    view! { <p class="sentence">{said.collect_view()} <span class="rest">{rest}</span></p> }.into_any()
}

/// "counted to 11:30, next at 11:35": calls of since then are on the live page alone.
pub fn counted(frame: &TrendFrame) -> String {
    let at = |moment| clock::hm(moment, &frame.site);
    format!("counted to {}, next at {}", at(frame.span.until), at(frame.span.until + Span::minutes(5)))
}
