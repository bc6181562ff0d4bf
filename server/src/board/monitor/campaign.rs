//! One campaign's frame (S46–S51).

use super::Gathered;
use crate::board::calls::since;
use crate::board::{Board, pick};
use crate::law::contribute::of_disposition;
use app::domain::outcome::{CampaignStatus, Disposition};
use app::domain::{CampaignId, Dimension, Fact, Span, Window};
use app::kpi::KpiId;
use app::kpi::eta::{eta, paced_over};
use app::view::Table;
use app::view::live::Hearing;
use app::view::monitor::CampaignCard;
use app::view::monitor_campaign::{CallRow, CampaignFrame, DispositionRow, Eta, Figures, Progress};

impl Board {
    /// The frame of a campaign that is known, whatever its status; `None` of one that nobody has told of.
    #[must_use]
    pub fn monitor_of(&self, id: &CampaignId, gathered: &Gathered) -> Option<CampaignFrame> {
        if !self.knows(id) {
            return None;
        }
        let card = self.card(id, gathered);
        let run = |fact| self.own.run(id).map_or(0, |run| pick(&run.tally, fact));
        let calls = |disposition| of_disposition(run, disposition);
        let dispositions = Disposition::ALL.iter().map(|d| DispositionRow { disposition: *d, calls: calls(*d) });
        Some(CampaignFrame {
            as_of: self.now,
            newest_event: self.newest_event(),
            site: self.site(),
            hearing: Hearing { silent_since: self.presence().silent_since(self.now) },
            worker: gathered.worker.clone(),
            progress: self.progress(id, &card),
            figures: Figures {
                attempts_1m: self.last_minute(Dimension::Campaign, Some(id), Some(id.as_str())),
                attempts_5m: self.five(id, Fact::Attempts),
                answer: KpiId::AnswerRate.ratio(run),
                duration: KpiId::AverageCallDuration.ratio(run),
                ended: run(Fact::Ended),
                lost: run(Fact::Lost),
                abandoned: run(Fact::Abandoned),
            },
            queues: self.queues(id),
            calls: self.call_rows(id, card.active),
            dispositions: Table { rows: dispositions.collect(), more: 0 },
            card,
        })
    }

    fn progress(&self, id: &CampaignId, card: &CampaignCard) -> Progress {
        let done_15m = self.done_lately(id);
        let dials = !rests(card.status) && self.presence().is_now();
        let left = card.pending.filter(|pending| *pending > 0 && dials);
        let paced_over = self.paced_over(id);
        let eta = left.and_then(|pending| eta(pending, done_15m, paced_over, self.now));
        Progress {
            from: self.own.run(id).map(|run| run.from),
            done_15m,
            paced_over_s: paced_over.as_secs(),
            eta: eta.map(|e| Eta { at: e.at, earliest: e.earliest, latest: e.latest, grain_s: e.grain.as_secs() }),
        }
    }

    /// Over how long a campaign's pace is taken.
    pub(in crate::board) fn paced_over(&self, id: &CampaignId) -> Span {
        paced_over(self.own.run(id).map(|run| run.from), self.now)
    }

    /// Destinations done in the last 15 minutes.
    pub(in crate::board) fn done_lately(&self, id: &CampaignId) -> i64 {
        let sums = self.windows.sums(Dimension::Campaign, Window::Minutes15, Some(id));
        sums.values().map(|facts| facts[Fact::DestinationsCompleted] + facts[Fact::DestinationsFailed]).sum()
    }

    fn call_rows(&self, id: &CampaignId, active: i64) -> Table<CallRow> {
        let rows = self.calls.rows(id, &self.config.veil);
        let all = active + self.gauges.over(id, since(self.now));
        let shown = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        Table { rows, more: u32::try_from((all - shown).max(0)).unwrap_or(u32::MAX) }
    }
}

/// Whether a campaign is told to rest: then nothing is foreseen.
pub(in crate::board) const fn rests(status: Option<CampaignStatus>) -> bool {
    match status {
        Some(CampaignStatus::Paused | CampaignStatus::Ended) => true,
        Some(CampaignStatus::Active) | None => false,
    }
}
