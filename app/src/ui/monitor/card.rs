//! A campaign's card (S43–S45): who it is and how it stands, its five figures, how far it has come, its switch. The whole
//! card leads to the campaign's page.

use super::cells::{cells, metric, plain};
use super::figures::cps_of;
use super::{progress, switch};
use crate::domain::outcome::CampaignStatus;
use crate::kpi::{Band, KpiId, format};
use crate::ui::address;
use crate::ui::cells::{Cell, Line, LiveLine};
use crate::ui::feed::Feed;
use crate::ui::pages::MONITOR;
use crate::ui::parts::clock;
use crate::ui::parts::figure::{anchor, name_of, text, tone};
use crate::ui::parts::rows::{Column, Look};
use crate::view::live::{Hearing, Site};
use crate::view::monitor::{CampaignCard, Chip, Inbound, Paused, PausedWhy};
use leptos::prelude::*;

cells! {
    /// What a card says, in the order in which [`line`] gives it.
    CardCells { name, badge, rest, to, chip, next, destinations, active, completed, failed, pending, done, tried, rate, bar, switch, ways, waiting, inbound, gave_up, asa }
}

pub const PANEL: &str = "cards";

const DESTINATIONS: Column = Column::new("Destinations", "destinations", Look::Figure);
const ACTIVE: Column = Column::new("Active calls", "cac_utilisation", Look::Figure);
const COMPLETED: Column = Column::new("Completed", "completed", Look::Figure);
const FAILED: Column = Column::new("Given up", "failed", Look::Figure);
const PENDING: Column = Column::new("Pending", "pending", Look::Figure).class("quiet");
const WAITING: Column = Column::new("Callers waiting", "callers_waiting", Look::Figure);
const INBOUND: Column = Column::new("Inbound answer rate", "inbound_answer_rate", Look::Figure);
const GAVE_UP: Column = Column::new("Queue abandonment", "queue_abandon_rate", Look::Figure);
const ASA: Column = Column::new("ASA", "asa", Look::Figure);
const DONE: Column = Column::new("", "progress", Look::Figure);
const TRIED: Column = Column::new("", "list_penetration", Look::Figure);
const RATE: Column = Column::new("", "rate_limited", Look::State);
/// What is wrong with a campaign, as the figure that explains it.
pub const DIAGNOSIS: &str = "diagnosis";
const AILS: Column = Column::new("", DIAGNOSIS, Look::Figure).class("ails");

/// In the order of `CardCells`.
pub fn line(card: &CampaignCard, site: &Site, hearing: &Hearing) -> Line {
    let (figures, next) = chip(card.diagnosis.as_ref());
    // The diagnosis has said since when and why.
    let is_silent = hearing.silent_since.is_some();
    let now = |cell: Cell| if is_silent { Cell::of(format::NO_DATA) } else { cell };
    let says_why = card.diagnosis.as_ref().is_some_and(|chip| chip.problem == "schedule");
    let cells = vec![
        Cell {
            link: Some(address::of_campaign(card.campaign.as_str())),
            ..Cell::of(name_of(&card.name, card.campaign.as_str()))
        }
        .band(card.band),
        Cell { band: if is_silent { Band::None } else { badge(card.status).band }, ..badge(card.status) },
        Cell::of(card.paused.as_ref().filter(|_| !says_why).map_or_else(String::new, |paused| rests(paused, site))),
        Cell::of(card.destination.as_ref().map_or_else(String::new, |to| format!("to {to}"))),
        figures,
        next,
        now(Cell::of(told(card.destinations))),
        now(Cell::of(active(card)).band(card.cac_band)),
        now(Cell::of(format::count(card.completed))),
        now(Cell::of(format::count(card.failed))),
        now(Cell::of(told(card.pending))),
        now(Cell::of(progress::done(card, 0))),
        now(Cell::of(tried(card))),
        now(rate(card)),
        Cell::of(progress::lengths(card)),
        switch::cell(card, site),
        Cell::of(ways(card)),
    ];
    let cells = cells.into_iter().chain(of_callers(card.inbound.as_ref()).map(now)).collect();
    Line { key: card.campaign.to_string(), cells }
}

/// Which way its calls go: the class by which the style shows the figures of one, of the other, or of both.
fn ways(card: &CampaignCard) -> &'static str {
    match (card.dials, &card.inbound) {
        (false, Some(_)) => "inbound",
        (true, Some(_)) => "both-ways",
        (true | false, None) => "",
    }
}

/// Callers waiting, inbound answered, queue abandonment, average speed of answer.
pub fn of_callers(inbound: Option<&Inbound>) -> [Cell; 4] {
    let Some(inbound) = inbound else { return std::array::from_fn(|_| Cell::default()) };
    let share =
        |kpi: KpiId, ratio, band| Cell::of(format::percent_said(ratio, 1, kpi.get().bands(), band).value).band(band);
    let asa = format::seconds_said(inbound.asa, 1, KpiId::Asa.get().bands(), inbound.asa_band);
    [
        Cell::of(format::count(inbound.waiting)),
        share(KpiId::InboundAnswerRate, inbound.answered, inbound.answered_band),
        share(KpiId::QueueAbandonRate, inbound.queue_abandoned, inbound.queue_band),
        Cell::of(asa.value).band(inbound.asa_band),
    ]
}

/// A count that the dialer may never have told.
pub fn told(count: Option<i64>) -> String {
    count.map_or_else(|| format::NO_DATA.to_owned(), format::count)
}

/// `3/10`, or the calls alone where no limit is known.
fn active(card: &CampaignCard) -> String {
    match card.cac_limit {
        Some(limit) => format!("{}/{}", format::count(card.active), format::count(limit)),
        None => format::count(card.active),
    }
}

pub fn badge(status: Option<CampaignStatus>) -> Cell {
    match status {
        Some(CampaignStatus::Active) => Cell::of("Active").band(Band::Ok),
        Some(CampaignStatus::Paused) => Cell::of("Paused").band(Band::Warn),
        Some(CampaignStatus::Ended) => Cell::of("Ended"),
        None => Cell::of("State not told"),
    }
}

/// Why a campaign rests, since when and by whom.
pub fn rests(paused: &Paused, site: &Site) -> String {
    let since = paused.since.map_or_else(String::new, |at| format!(" since {}", clock::hm(at, site)));
    let by = paused.by.as_ref().map_or_else(String::new, |by| format!(" by {by}"));
    let reason = paused.reason.as_ref().filter(|reason| !reason.is_empty());
    let why = match (paused.why, reason) {
        (PausedWhy::Schedule, _) => ": the dialer’s schedule blocks it".to_owned(),
        (PausedWhy::Operator, _) if !by.is_empty() => String::new(),
        (PausedWhy::Operator, None) => " by an operator".to_owned(),
        (PausedWhy::Operator | PausedWhy::Other | PausedWhy::Unknown, Some(reason)) => format!(": {reason}"),
        (PausedWhy::Other | PausedWhy::Unknown, None) => String::new(),
    };
    format!("Paused{since}{by}{why}")
}

/// The diagnosis with its figures, and the next step.
fn chip(chip: Option<&Chip>) -> (Cell, Cell) {
    let Some(chip) = chip else { return (Cell::default(), Cell::default()) };
    let figures: Vec<String> = chip.figures.iter().map(|figure| format!("{} {}", figure.label, figure.value)).collect();
    let said = Cell::of(chip.title.to_string()).band(chip.band).under(figures.join(" · "));
    (said, Cell::of(chip.next.to_string()))
}

fn tried(card: &CampaignCard) -> String {
    let share = card.penetration();
    if share.whole <= 0 {
        return "tried: not told".to_owned();
    }
    let an_hour = card.first_attempts_hour.map_or_else(String::new, |n| format!(", {} an hour", format::count(n)));
    format!("{} tried{an_hour}", format::percent(share, 0, None))
}

/// Whether the dialer holds calls back.
/// Where whether it is held back was never told, how fast it may dial at most is what is known of its rate.
pub fn rate(card: &CampaignCard) -> Cell {
    match (card.rate_limited, card.cps_limit_milli) {
        (Some(false), _) => Cell::of("rate OK").band(Band::Ok),
        (Some(true), _) => Cell::of("rate limited").band(Band::Warn),
        (None, Some(cps)) => Cell::of(format!("at most {} calls a second", cps_of(cps))),
        (None, None) => Cell::of("rate not told"),
    }
}

pub fn view(line: LiveLine, feed: Feed, asks: switch::Asks) -> AnyView {
    let key = line.key.clone();
    let Some(cells) = CardCells::of(line) else { return ().into_any() };
    let id = anchor(PANEL, &key);
    let class = text(move || {
        format!("camp {} {}", cells.ways.with(|ways| ways.text.clone()), tone(cells.name.with(|cell| cell.band)))
    });
    let link = cells.name.with_untracked(|cell| cell.link.clone());
    view! {
        <li id=id class=class data-key=key.clone() tabindex="-1">
            <div class="who">
                <h2>
                    <a href=link>{plain(cells.name)}</a>
                    " "
                    {switch::status(&key, cells.badge, feed, asks)}
                </h2>
                <p class="to">{plain(cells.to)}</p>
                {diagnosis(cells.chip, cells.next)}
                {switch::line(&key, cells.switch, cells.rest, feed, asks)}
            </div>
            {metric(&DESTINATIONS, "out", cells.destinations)}
            {metric(&ACTIVE, "active", cells.active)}
            {metric(&COMPLETED, "out good", cells.completed)}
            {metric(&FAILED, "out bad", cells.failed)}
            {metric(&PENDING, "out", cells.pending)}
            {metric(&WAITING, "in first", cells.waiting)}
            {metric(&INBOUND, "in", cells.inbound)}
            {metric(&GAVE_UP, "in", cells.gave_up)}
            {metric(&ASA, "in", cells.asa)}
            <div class="pr">
                <p class="two">
                    <span>
                        {crate::ui::parts::rows::figure(&DONE, cells.done)} " · "
                        {crate::ui::parts::rows::figure(&TRIED, cells.tried)}
                    </span>
                    {crate::ui::parts::rows::figure(&RATE, cells.rate)}
                </p>
                {progress::bar(cells.bar)}
            </div>
            {switch::button(&key, cells.switch, feed, asks)}
        </li>
    }
    .into_any()
}

/// The head of a campaign's page: the way back, its name, how it stands, its switch.
pub fn head(line: LiveLine, feed: Feed, asks: switch::Asks) -> AnyView {
    let key = line.key.clone();
    let Some(cells) = CardCells::of(line) else { return ().into_any() };
    view! {
        <div class="head" data-key=key.clone()>
            <a class="back" href=MONITOR>"Monitor"</a>
            <h1>{plain(cells.name)}</h1>
            {switch::status(&key, cells.badge, feed, asks)}
            <span class="to">{plain(cells.to)}</span>
            <span class="spacer"></span>
            <button type="button" class="needs-js" data-do="refresh">"Refresh"</button>
            {switch::button(&key, cells.switch, feed, asks)}
            <div class="beneath">
                {diagnosis(cells.chip, cells.next)}
                {switch::line(&key, cells.switch, cells.rest, feed, asks)}
            </div>
        </div>
    }
    .into_any()
}

/// What is wrong, the figures that say so, and what to do. Always in the page, so that a change moves no other row.
pub fn diagnosis(chip: RwSignal<Cell>, next: RwSignal<Cell>) -> AnyView {
    let class = text(move || {
        let band = chip.with(|cell| cell.band);
        if band == Band::None { "hidden".to_owned() } else { format!("diagnosis {}", tone(band)) }
    });
    view! {
        <p class=class>
            {crate::ui::parts::rows::figure(&AILS, chip)} " "
            <span>{text(move || chip.with(|cell| cell.under.clone()))}</span> " "
            <span class="next">{plain(next)}</span>
        </p>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CampaignId, Moment};
    use crate::kpi::Ratio;

    fn card() -> CampaignCard {
        CampaignCard {
            campaign: CampaignId::trusted("solar west/1"),
            name: "Solar West".into(),
            status: Some(CampaignStatus::Active),
            paused: None,
            destination: Some("Sales floor A".into()),
            destinations: Some(18_000),
            active: 3,
            cac_limit: Some(10),
            cac_band: Band::Ok,
            completed: 6_120,
            failed: 1_410,
            pending: Some(10_470),
            rate_limited: Some(true),
            cps_limit_milli: Some(2_500),
            first_attempts: Some(11_160),
            first_attempts_hour: Some(1_140),
            connect: Ratio::default(),
            abandon: Ratio::default(),
            abandon_band: Band::None,
            diagnosis: None,
            control: None,
            dials: true,
            inbound: None,
            hears: true,
            band: Band::Ok,
            since: None,
        }
    }

    #[test]
    fn a_card_reads_as_its_campaign_stands() {
        let site = Site { zone: "UTC".into(), utc_offset_s: 0 };
        let texts = |card: &CampaignCard| -> Vec<String> {
            line(card, &site, &Hearing::default()).cells.into_iter().map(|cell| cell.text).collect()
        };
        let said = texts(&card());
        assert_eq!(said[..2], ["Solar West", "Active"]);
        assert_eq!(said[3], "to Sales floor A");
        assert_eq!(
            said[6..=13],
            [
                "18,000",
                "3/10",
                "6,120",
                "1,410",
                "10,470",
                "42 % of the list done",
                "62 % tried, 1,140 an hour",
                "rate limited"
            ]
        );
        assert_eq!(
            line(&card(), &site, &Hearing::default()).cells[0].link.as_deref(),
            Some("/monitor/solar%20west%2F1")
        );
        let silent = Hearing { silent_since: Some(crate::domain::Moment::from_secs(1)) };
        let unheard: Vec<String> = line(&card(), &site, &silent).cells.into_iter().map(|cell| cell.text).collect();
        assert!(unheard[6..=13].iter().all(|text| text == "—"), "{unheard:?}");
        let untold = CampaignCard { destinations: None, pending: None, cac_limit: None, rate_limited: None, ..card() };
        let untold = CampaignCard { cps_limit_milli: None, ..untold };
        let said = texts(&untold);
        assert_eq!([6, 7, 10, 11].map(|at| said[at].as_str()), ["—", "3", "—", "done: not told"]);
        assert_eq!((said[12].as_str(), said[13].as_str()), ("tried: not told", "rate not told"));
    }

    /// Whether calls are held back, and how fast they may be set off, are told apart: the one says nothing of the other.
    #[test]
    fn how_fast_it_may_dial_is_said_where_that_alone_was_told() {
        let site = Site { zone: "UTC".into(), utc_offset_s: 0 };
        let said = |rate_limited, cps_limit_milli| {
            let card = CampaignCard { rate_limited, cps_limit_milli, ..card() };
            line(&card, &site, &Hearing::default()).cells[13].text.clone()
        };
        assert_eq!(said(None, Some(1_500)), "at most 1.5 calls a second");
        assert_eq!(said(None, None), "rate not told");
        assert_eq!(said(Some(false), Some(1_500)), "rate OK");
    }

    /// Of one campaign two figures of the same calls must agree, whenever either came in.
    #[test]
    fn no_more_calls_drain_than_are_up() {
        use crate::domain::control::{Action, Control, Phase};
        let site = Site { zone: "UTC".into(), utc_offset_s: 0 };
        let control = Control {
            request: "r".into(),
            action: Action::Pause,
            phase: Phase::Confirmed,
            by: "lead-1".into(),
            asked_at: Moment::from_secs(60),
            confirmed_at: Some(Moment::from_secs(61)),
            draining: Some(2),
            undo_until: None,
            why: None,
        };
        let said = |active| {
            let (status, control) = (Some(CampaignStatus::Paused), Some(control.clone()));
            switch::cell(&CampaignCard { status, control, active, ..card() }, &site).under
        };
        let confirmed = "Paused by lead-1; the dialer confirmed 00:01:01";
        assert_eq!(said(3), format!("{confirmed} · 2 calls draining"));
        assert_eq!(said(1), format!("{confirmed} · 1 call draining"));
        assert_eq!(said(0), confirmed);
    }

    #[test]
    fn who_takes_calls_has_the_figures_of_callers() {
        let site = Site { zone: "UTC".into(), utc_offset_s: 0 };
        let texts = |card: &CampaignCard| -> Vec<String> {
            line(card, &site, &Hearing::default()).cells.into_iter().skip(16).map(|cell| cell.text).collect()
        };
        assert_eq!(texts(&card()), ["", "", "", "", ""], "one that dials alone has none");
        let inbound = Inbound {
            waiting: 3,
            answered: Ratio::new(192, 200),
            queue_abandoned: Ratio::new(11, 100),
            queue_band: Band::Critical,
            asa: Ratio::new(192 * 12_340, 192),
            ..Inbound::default()
        };
        let both = CampaignCard { inbound: Some(inbound), ..card() };
        assert_eq!(texts(&both), ["both-ways", "3", "96.0 %", "11.0 %", "12.3 s"]);
        assert_eq!(texts(&CampaignCard { dials: false, ..both })[0], "inbound");
    }

    #[test]
    fn what_the_schedule_blocks_is_not_offered_to_be_resumed() {
        let site = Site { zone: "UTC".into(), utc_offset_s: 0 };
        let offers = |why| {
            let paused = Some(Paused { since: None, why, reason: None, by: None });
            let card =
                CampaignCard { status: Some(CampaignStatus::Paused), paused, control: None, hears: true, ..card() };
            switch::cell(&card, &site).text
        };
        assert_eq!((offers(PausedWhy::Operator).as_str(), offers(PausedWhy::Schedule).as_str()), ("resume", ""));
    }

    #[test]
    fn a_paused_campaign_says_since_when_by_whom_and_whether_the_schedule_blocks_it() {
        let site = Site { zone: "Asia/Manila".into(), utc_offset_s: 8 * 3600 };
        let since = Moment::parse("2026-11-21T06:31:00Z").ok();
        let said = |why, reason: Option<&str>, by: Option<&str>| {
            rests(&Paused { since, why, reason: reason.map(Into::into), by: by.map(Into::into) }, &site)
        };
        assert_eq!(said(PausedWhy::Operator, Some("operator"), Some("lead-1")), "Paused since 14:31 by lead-1");
        assert_eq!(said(PausedWhy::Operator, None, None), "Paused since 14:31 by an operator");
        assert_eq!(
            said(PausedWhy::Schedule, Some("schedule"), None),
            "Paused since 14:31: the dialer’s schedule blocks it"
        );
        assert_eq!(said(PausedWhy::Other, Some("list empty"), None), "Paused since 14:31: list empty");
        assert_eq!(said(PausedWhy::Unknown, None, None), "Paused since 14:31");
    }
}
