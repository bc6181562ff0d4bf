//! Those who call in: how a campaign answers them, by the hour, and its queues.
//!
//! A campaign takes calls where it has inbound ones since it began, or in the last hour; it dials where it has outbound ones,
//! or was told of a mode or of destinations. Both may be so.

use crate::board::floor::Floor;
use crate::board::judgements::{Figure, Judgements};
use crate::board::pick;
use app::domain::{Campaign, CampaignId, Dimension, Fact, QueueId, Window};
use app::kpi::catalog::Unit;
use app::kpi::diagnosis::CallersEvidence;
use app::kpi::{Band, KpiId, Ratio, format};
use app::view::Table;
use app::view::monitor::Inbound;
use app::view::monitor_campaign::{MAX_QUEUES, QueueRow};
use std::collections::BTreeSet;

/// What callers are judged by.
const CALLERS: [KpiId; 3] = [KpiId::InboundAnswerRate, KpiId::QueueAbandonRate, KpiId::Asa];

/// Judges what campaigns' callers meet, by what was said before.
pub(super) fn judge_callers(floor: &Floor, judgements: &mut Judgements) {
    for (campaign, held) in floor.windows.each(Dimension::Campaign, Window::Minutes60, None) {
        if campaign.is_empty() || held.get(Fact::Inbound) + held.get(Fact::Queued) == 0 {
            continue;
        }
        for kpi in CALLERS {
            let (entry, ratio) = (kpi.get(), kpi.ratio(|fact| held.get(fact)));
            if let Some(bands) = entry.bands() {
                judgements.see_surely(Figure::Callers, &judged(kpi, campaign), bands, ratio, floor.now);
            }
        }
    }
}

/// Reads how callers fare, and what is said of it.
#[derive(Clone, Copy)]
pub(super) struct Callers<'a> {
    pub floor: &'a Floor,
    pub judgements: &'a Judgements,
}

impl Callers<'_> {
    /// What is said of one of the rates of a campaign's callers.
    fn callers_band(&self, kpi: KpiId, id: &CampaignId) -> Band {
        if !self.floor.presence().is_now() || self.callers_rate(kpi, id).whole <= 0 {
            return Band::None;
        }
        self.judgements.said(Figure::Callers, &judged(kpi, id.as_str())).unwrap_or_default()
    }

    fn callers_rate(&self, kpi: KpiId, id: &CampaignId) -> Ratio {
        kpi.ratio(|fact| self.floor.hour(id, fact))
    }

    /// The bands of all of them: where one changes, the card does.
    pub(super) fn callers_bands(&self, id: &CampaignId) -> [Band; 3] {
        CALLERS.map(|kpi| self.callers_band(kpi, id))
    }

    /// A fact since the campaign began, or of the last hour, whichever is told.
    fn ever(&self, id: &CampaignId, fact: Fact) -> i64 {
        self.floor.own.run(id).map_or(0, |run| pick(&run.tally, fact)).max(self.floor.hour(id, fact))
    }

    /// Whether it calls out, or was told how to.
    pub(super) fn dials_out(&self, id: &CampaignId, told: &Campaign) -> bool {
        let was_told = !told.modes.is_empty() || told.destinations.value().is_some_and(|n| n > 0);
        was_told || self.ever(id, Fact::Attempts) > 0 || !self.takes_calls(id)
    }

    fn takes_calls(&self, id: &CampaignId) -> bool {
        self.ever(id, Fact::Inbound) > 0 || (self.ever(id, Fact::Attempts) == 0 && self.ever(id, Fact::Queued) > 0)
    }

    /// How its callers fare; `None` of a campaign that takes no calls.
    pub(super) fn inbound(&self, id: &CampaignId) -> Option<Inbound> {
        if !self.takes_calls(id) {
            return None;
        }
        let (waiting, first) = self.floor.gauges.waiting(Some(id), None);
        let [answered_band, queue_band, asa_band] = self.callers_bands(id);
        let [answered, queue_abandoned, asa] = CALLERS.map(|kpi| self.callers_rate(kpi, id));
        Some(Inbound { waiting, first, answered, answered_band, queue_abandoned, queue_band, asa, asa_band })
    }

    /// What of it is out of its band.
    pub(super) fn callers_out(&self, id: &CampaignId) -> Vec<CallersEvidence> {
        let out = |(kpi, band): (KpiId, Band)| {
            let (entry, ratio) = (kpi.get(), self.callers_rate(kpi, id));
            let said = if entry.unit == Unit::Share {
                format::percent_said(ratio, 1, entry.bands(), band)
            } else {
                format::seconds_said(ratio, 1, entry.bands(), band)
            };
            let value = format!("{} of {}{}", said.value, format::count(ratio.whole), said.waits);
            CallersEvidence { label: entry.label, value, band }
        };
        let all = CALLERS.into_iter().zip(self.callers_bands(id)).filter(|(_, band)| band.is_out());
        let mut out: Vec<CallersEvidence> = all.map(out).collect();
        out.sort_by_key(|callers| std::cmp::Reverse(callers.band));
        out
    }

    /// Its queues.
    pub(super) fn queues(&self, id: &CampaignId) -> Table<QueueRow> {
        let waits = self.floor.gauges.queues_of(id);
        let heard = self.floor.windows.each(Dimension::Queue, Window::Minutes60, Some(id));
        let names: BTreeSet<QueueId> =
            heard.map(|(queue, _)| QueueId::trusted(queue.clone())).chain(waits.cloned()).collect();
        let row = |queue: QueueId| {
            let held = self.floor.windows.one(Dimension::Queue, Window::Minutes60, Some(id), queue.as_str());
            let fact = |fact| held.as_ref().map_or(0, |held| held.get(fact));
            QueueRow {
                waiting: self.floor.gauges.waiting(Some(id), Some(queue.as_str())).0,
                queued: fact(Fact::Queued),
                abandoned: KpiId::QueueAbandonRate.ratio(fact),
                wait: Ratio::new(fact(Fact::WaitMs), fact(Fact::Waited)),
                asa: KpiId::Asa.ratio(fact),
                queue: QueueId::trusted(self.floor.config.veil.id(queue.as_str())),
            }
        };
        let mut rows: Vec<QueueRow> = names.into_iter().map(row).filter(|row| row.queued + row.waiting > 0).collect();
        rows.sort_by(|a, b| (b.queued + b.waiting).cmp(&(a.queued + a.waiting)).then_with(|| a.queue.cmp(&b.queue)));
        let mut table = Table::of(rows);
        table.cut(MAX_QUEUES);
        table
    }
}

/// A KPI has no slash in its id.
fn judged(kpi: KpiId, campaign: &str) -> String {
    format!("{}/{campaign}", kpi.get().id)
}
