//! What the monitor's pages know: their frames, and signals for everything they say.

use super::sentence::Said;
use super::{became, calls, card, figures, progress, queues, totals};
use crate::domain::{CampaignId, Moment};
use crate::kpi::{Band, Ratio};
use crate::ui::cells::{Cell, Line, LivePanel, Order, Shown};
use crate::ui::feed::Feed;
use crate::ui::kept::{Brings, Kept};
use crate::view::Table;
use crate::view::live::{Hearing, Site};
use crate::view::monitor::{CampaignCard, MonitorFrame, MonitorStatus, Totals, WorkerHealth};
use crate::view::monitor_campaign::{CampaignFrame, Figures, Progress};
use crate::view::wire::WireError;
use leptos::prelude::*;

/// A pointer left lying on a wall screen must not freeze the order for ever.
const POINTING_LASTS_MS: i64 = 60_000;

/// `/monitor`.
#[derive(Debug, Clone, Copy)]
pub struct Monitor {
    pub feed: Feed,
    pub said: RwSignal<Said>,
    pub warning: RwSignal<Cell>,
    pub totals: LivePanel,
    pub cards: LivePanel,
    kept: Kept<MonitorFrame>,
    /// Since when someone's pointer or focus is in the cards (server time, ms).
    pointed: StoredValue<Option<i64>>,
}

impl Monitor {
    pub fn of_this_page(feed: Feed) -> Self {
        let kept = Kept::of_this_page(feed, no_campaigns);
        let monitor = kept.with_untracked(|frame| Self {
            feed,
            said: RwSignal::new(Said::of(frame)),
            warning: RwSignal::new(totals::warning(&frame.worker)),
            totals: LivePanel::whole(figures_of(totals::lines(frame), frame.status.silent_since)),
            cards: LivePanel::whole(cards(frame)),
            kept,
            pointed: StoredValue::new(None),
        });
        feed.on_release(move |why| kept.release(why, &|frame| monitor.paint(frame)));
        monitor
    }

    /// Takes in an event of the stream; answers with the server time of the newest frame.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn take(self, brings: Brings, text: &str) -> Result<Moment, WireError> {
        self.kept.take(brings, text, &|frame| self.paint(frame))
    }

    pub fn with_shown<T>(self, read: impl FnOnce(&MonitorFrame) -> T) -> T {
        self.kept.with(read)
    }

    /// Cards stay where they are while someone points at them (ux.md U02).
    pub fn point_at(self, panel: &str) {
        let now = self.feed.top.with_untracked(|top| top.as_of.millis());
        self.pointed.set_value((panel == card::PANEL).then_some(now));
    }

    fn paint(self, frame: &MonitorFrame) {
        let now = frame.as_of.millis();
        // The server lets cards change places at most every ten seconds.
        let pointed = self.pointed.get_value().is_some_and(|since| now - since < POINTING_LASTS_MS);
        self.cards.show(cards(frame), if pointed { Order::Kept } else { Order::Free });
        self.totals.show(figures_of(totals::lines(frame), frame.status.silent_since), Order::Free);
        set_if_changed(self.warning, totals::warning(&frame.worker));
        set_if_changed(self.said, Said::of(frame));
    }
}

/// `/monitor/{campaign}`.
#[derive(Debug, Clone, Copy)]
pub struct Campaign {
    pub feed: Feed,
    pub warning: RwSignal<Cell>,
    /// One line: the campaign's card.
    pub card: LivePanel,
    pub progress: LivePanel,
    pub figures: LivePanel,
    pub calls: LivePanel,
    pub queues: LivePanel,
    pub became: LivePanel,
    kept: Kept<CampaignFrame>,
}

impl Campaign {
    pub fn of_this_page(feed: Feed) -> Self {
        let kept = Kept::of_this_page(feed, no_campaign);
        let campaign = kept.with_untracked(|frame| Self {
            feed,
            warning: RwSignal::new(totals::warning(&frame.worker)),
            card: LivePanel::whole(head(frame)),
            progress: LivePanel::whole(whole(progress::lines(frame))),
            figures: LivePanel::whole(figures_of(figures::lines(frame), frame.hearing.silent_since)),
            calls: LivePanel::whole(calls::show(frame)),
            queues: LivePanel::whole(queues::show(frame)),
            became: LivePanel::whole(became::show(frame)),
            kept,
        });
        feed.on_release(move |why| kept.release(why, &|frame| campaign.paint(frame)));
        campaign
    }

    /// Takes in an event of the stream; answers with the server time of the newest frame.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn take(self, brings: Brings, text: &str) -> Result<Moment, WireError> {
        self.kept.take(brings, text, &|frame| self.paint(frame))
    }

    pub fn with_shown<T>(self, read: impl FnOnce(&CampaignFrame) -> T) -> T {
        self.kept.with(read)
    }

    fn paint(self, frame: &CampaignFrame) {
        self.card.show(head(frame), Order::Free);
        self.progress.show(whole(progress::lines(frame)), Order::Free);
        self.figures.show(figures_of(figures::lines(frame), frame.hearing.silent_since), Order::Free);
        self.calls.show(calls::show(frame), Order::Free);
        self.queues.show(queues::show(frame), Order::Free);
        self.became.show(became::show(frame), Order::Free);
        set_if_changed(self.warning, totals::warning(&frame.worker));
    }
}

fn cards(frame: &MonitorFrame) -> Shown {
    let hearing = Hearing { silent_since: frame.status.silent_since };
    let lines = frame.cards.rows.iter().map(|card| card::line(card, &frame.site, &hearing)).collect();
    Shown { lines, more: frame.cards.more, ..Shown::default() }
}

fn whole(lines: Vec<Line>) -> Shown {
    Shown { lines, ..Shown::default() }
}

/// Cards with a figure each.
fn figures_of(lines: Vec<Line>, silent_since: Option<Moment>) -> Shown {
    let shown = whole(lines);
    if silent_since.is_some() { shown.without_figures() } else { shown }
}

fn head(frame: &CampaignFrame) -> Shown {
    whole(vec![card::line(&frame.card, &frame.site, &frame.hearing)])
}

fn set_if_changed<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, now: T) {
    if signal.with_untracked(|before| *before != now) {
        signal.set(now);
    }
}

/// Before anything was received.
fn no_campaigns() -> MonitorFrame {
    MonitorFrame {
        as_of: Moment::default(),
        newest_event: None,
        site: Site::default(),
        status: MonitorStatus::default(),
        totals: Totals {
            active_campaigns: 0,
            paused_campaigns: 0,
            active_calls: 0,
            active_elsewhere: 0,
            cac: Ratio::default(),
            cac_band: Band::None,
        },
        worker: WorkerHealth::default(),
        cards: Table::default(),
    }
}

pub(super) fn no_campaign() -> CampaignFrame {
    CampaignFrame {
        as_of: Moment::default(),
        newest_event: None,
        site: Site::default(),
        hearing: Hearing::default(),
        worker: WorkerHealth::default(),
        card: CampaignCard {
            campaign: CampaignId::none(),
            name: "".into(),
            status: None,
            paused: None,
            destination: None,
            destinations: None,
            active: 0,
            cac_limit: None,
            cac_band: Band::None,
            completed: 0,
            failed: 0,
            pending: None,
            rate_limited: None,
            cps_limit_milli: None,
            first_attempts: None,
            first_attempts_hour: None,
            connect: Ratio::default(),
            abandon: Ratio::default(),
            abandon_band: Band::None,
            diagnosis: None,
            control: None,
            dials: true,
            inbound: None,
            hears: true,
            band: Band::None,
            since: None,
        },
        progress: Progress { from: None, done_15m: 0, paced_over_s: 900, eta: None },
        figures: Figures {
            attempts_1m: 0,
            attempts_5m: 0,
            answer: Ratio::default(),
            duration: Ratio::default(),
            ended: 0,
            lost: 0,
            abandoned: 0,
            machines: 0,
        },
        calls: Table::default(),
        queues: Table::default(),
        dispositions: Table::default(),
    }
}
