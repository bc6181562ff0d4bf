//! Pause and resume (S47): the button, what it says of the request's way to the dialer, and the ten seconds to undo it.
//!
//! The page never guesses. What it shows comes from the frames, or, while a request from here is under way, from the
//! answers to it (`ask.rs`), whichever is newer; so it holds at slow cadences too, and where the reader holds the page.

use crate::domain::Moment;
use crate::domain::control::{Action, Control, Phase};
use crate::domain::outcome::CampaignStatus;
use crate::kpi::{Band, format};
use crate::ui::cells::Cell;
use crate::ui::feed::Feed;
use crate::ui::parts::clock;
use crate::ui::parts::figure::{shape, text, tone};
use crate::view::live::Site;
use crate::view::monitor::{CampaignCard, PausedWhy};
use leptos::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;

/// What was asked from this page of a campaign's dialer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Shown until the page's frame is as new as this.
    pub as_of: Moment,
    /// `None`: nothing is known of it but what the frame says.
    pub badge: Option<Cell>,
    pub switch: Cell,
}

/// By campaign: at most one each, so this is bounded by the cards.
#[derive(Debug, Clone, Copy)]
pub struct Asks(pub RwSignal<HashMap<String, Ask>>);

impl Asks {
    #[allow(clippy::new_without_default, reason = "it makes a signal: that is to be seen where it is done")]
    #[must_use]
    pub fn new() -> Self {
        Self(RwSignal::new(HashMap::new()))
    }

    /// What the page knows from asking, where that is newer than its frame.
    fn newer<T>(self, key: &str, feed: Feed, read: impl FnOnce(&Ask) -> T) -> Option<T> {
        self.0.with(|asks| {
            let ask = asks.get(key)?;
            (ask.as_of > feed.as_of()).then(|| read(ask))
        })
    }

    fn switch(self, key: &str, of_frame: RwSignal<Cell>, feed: Feed) -> Cell {
        self.newer(key, feed, |ask| ask.switch.clone()).unwrap_or_else(|| of_frame.get())
    }
}

/// How a campaign and the newest request for it stand, as a cell: `text` is what the button does, `under` what is said of
/// the request, `since` until when it may be undone, `heat` whether it is still on its way.
/// Where no dialer can be asked, it offers nothing; nor where the schedule blocks it, which no request would lift: the line
/// beside says so.
pub fn cell(card: &CampaignCard, site: &Site) -> Cell {
    let control =
        card.control.clone().map(|control| Control { draining: control.draining.map(|n| n.min(up(card))), ..control });
    let cell = of(card.status, control.as_ref(), site);
    let is_blocked = card.paused.as_ref().is_some_and(|paused| paused.why == PausedWhy::Schedule);
    if card.hears && !(is_blocked && cell.heat != ON_ITS_WAY) {
        cell
    } else {
        Cell { text: Default::default(), ..cell }
    }
}

/// Its calls that are up, as its card says: those that drain are among them, and are counted apart.
fn up(card: &CampaignCard) -> u64 {
    card.active.max(0).unsigned_abs()
}

/// A request that is on its way: the button waits.
pub const ON_ITS_WAY: u8 = 1;

pub fn of(status: Option<CampaignStatus>, control: Option<&Control>, site: &Site) -> Cell {
    let offers = match status {
        Some(CampaignStatus::Paused) => Action::Resume.word(),
        Some(CampaignStatus::Active) | None => Action::Pause.word(),
        Some(CampaignStatus::Ended) => "",
    };
    let Some(control) = control else { return Cell::of(offers) };
    let (band, said) = said(control, site);
    Cell {
        since: control.undo_until,
        heat: if control.phase.is_open() { ON_ITS_WAY } else { 0 },
        link: Some(control.action.opposite().word().to_owned()),
        ..Cell::of(if control.phase.is_open() { control.action.word() } else { offers }).under(said).under_band(band)
    }
}

/// The request and how far it has come, in words. Only the dialer's word makes it so.
fn said(control: &Control, site: &Site) -> (Band, String) {
    let at = |moment| clock::hms(moment, site);
    let (by, asked) = (&control.by, at(control.asked_at));
    let why = control.why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    let (verb, done) = match control.action {
        Action::Pause => ("Pause", "Paused"),
        Action::Resume => ("Resume", "Resumed"),
    };
    let draining = match control.draining {
        Some(1) => " · 1 call draining".to_owned(),
        Some(n) if n > 1 => format!(" · {} calls draining", format::count(i64::try_from(n).unwrap_or(i64::MAX))),
        Some(_) | None => String::new(),
    };
    match control.phase {
        Phase::Requested => (Band::None, format!("{verb} requested {asked} by {by}; waiting for the dialer")),
        Phase::Confirmed => {
            let confirmed = control.confirmed_at.map_or(asked, at);
            (Band::None, format!("{done} by {by}; the dialer confirmed {confirmed}{draining}"))
        }
        Phase::Done => {
            let confirmed = control.confirmed_at.map_or(asked, at);
            (Band::None, format!("{done} by {by}; the dialer confirmed {confirmed}"))
        }
        Phase::Refused => (Band::Critical, format!("{verb} refused{why}. All is as before")),
        Phase::TimedOut => {
            (Band::Warn, format!("{verb} not confirmed in time{why}. The state shown is the dialer’s last word"))
        }
        Phase::Unknown => (
            Band::Warn,
            format!("{verb} requested {asked} by {by}; the server restarted since, waiting for the dialer"),
        ),
    }
}

/// What is said of the request, else why the campaign rests; with the way back while there is one.
pub fn line(key: &str, switch: RwSignal<Cell>, rest: RwSignal<Cell>, feed: Feed, asks: Asks) -> AnyView {
    let key: Arc<str> = key.into();
    let of = {
        let key = key.clone();
        move || asks.switch(&key, switch, feed)
    };
    let now: Arc<dyn Fn() -> Cell + Send + Sync> = Arc::new(of);
    let band = now.clone();
    let class = {
        let now = now.clone();
        text(move || match (now().under.is_empty(), rest.with(|rest| rest.text.is_empty())) {
            (true, true) => "hidden".to_owned(),
            (true, false) => "asked".to_owned(),
            (false, _) => format!("asked {}", tone(now().under_band)),
        })
    };
    let words = {
        let now = now.clone();
        text(move || match now().under {
            said if said.is_empty() => rest.with(|rest| rest.text.clone()),
            said => said,
        })
    };
    let left = {
        let now = now.clone();
        move || now().since.map_or(0, |until| (until.since(feed.now()).as_millis() + 999) / 1_000)
    };
    let undo_class = {
        let left = left.clone();
        text(move || if left() > 0 { "undo".to_owned() } else { "hidden".to_owned() })
    };
    let undo = text(move || now().link.unwrap_or_default());
    view! {
        <p class=class role="status">
            {shape(Arc::new(move || band().under_band))} <span>{words}</span> " "
            <button type="button" class=undo_class data-do=undo>
                {text(move || format!("Undo {} s", left()))}
            </button>
        </p>
    }
    .into_any()
}

/// The switch. Its red is an outline round a dark word, unlike that of alarms; it asks nothing back.
pub fn button(key: &str, switch: RwSignal<Cell>, feed: Feed, asks: Asks) -> AnyView {
    let key: Arc<str> = key.into();
    let now: Arc<dyn Fn() -> Cell + Send + Sync> = Arc::new(move || asks.switch(&key, switch, feed));
    let (does, waits) = (now.clone(), now.clone());
    let class = text(move || match now().text.as_str() {
        "" => "hidden".to_owned(),
        action => format!("switch needs-js {action}"),
    });
    let busy = text(move || if waits().heat == ON_ITS_WAY { "true".to_owned() } else { "false".to_owned() });
    let (what, words) = (does.clone(), does);
    view! {
        <button type="button" class=class aria-disabled=busy data-do=text(move || what().text)>
            <i aria-hidden="true"></i>
            <span>
                {text(move || match (words().text.as_str(), words().heat) {
                    ("pause", ON_ITS_WAY) => "Pausing…".to_owned(),
                    ("resume", ON_ITS_WAY) => "Resuming…".to_owned(),
                    ("resume", _) => "Resume".to_owned(),
                    (_, _) => "Pause".to_owned(),
                })}
            </span>
        </button>
    }
    .into_any()
}

/// Active or paused, by the newest word.
pub fn status(key: &str, badge: RwSignal<Cell>, feed: Feed, asks: Asks) -> AnyView {
    let key: Arc<str> = key.into();
    let now: Arc<dyn Fn() -> Cell + Send + Sync> =
        Arc::new(move || asks.newer(&key, feed, |ask| ask.badge.clone()).flatten().unwrap_or_else(|| badge.get()));
    let words = now.clone();
    let class = text(move || format!("badge {}", tone(now().band)));
    view! { <span class=class>{text(move || words().text)}</span> }.into_any()
}
