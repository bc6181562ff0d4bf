//! One campaign's frame (S46–S51).

use super::{CardMaker, Cards, Gathered};
use crate::board::calls::since;
use crate::board::floor::Floor;
use crate::board::pick;
use crate::law::contribute::of_disposition;
use app::domain::outcome::{CampaignStatus, Disposition};
use app::domain::{CampaignId, Dimension, Fact};
use app::kpi::KpiId;
use app::kpi::eta::eta;
use app::view::Table;
use app::view::live::Hearing;
use app::view::monitor::CampaignCard;
use app::view::monitor_campaign::{CallRow, CampaignFrame, DispositionRow, Eta, Figures, Progress};

/// The frame of a campaign that is known, whatever its status; `None` of one that nobody has told of.
pub(in crate::board) fn campaign_frame(
    cards: CardMaker<'_>,
    kept: &Cards,
    id: &CampaignId,
    gathered: &Gathered,
) -> Option<CampaignFrame> {
    let floor = cards.floor;
    if !floor.knows(id) {
        return None;
    }
    let card = cards.card(id, gathered, kept);
    let run = |fact| floor.own.run(id).map_or(0, |run| pick(&run.tally, fact));
    let calls = |disposition| of_disposition(run, disposition);
    let dispositions = Disposition::ALL.iter().map(|d| DispositionRow { disposition: *d, calls: calls(*d) });
    Some(CampaignFrame {
        as_of: floor.now,
        newest_event: floor.newest_event(),
        site: floor.site(),
        hearing: Hearing { silent_since: floor.presence().silent_since(floor.now) },
        worker: gathered.worker.clone(),
        progress: progress(floor, id, &card),
        figures: Figures {
            attempts_1m: floor.last_minute(Dimension::Campaign, Some(id), Some(id.as_str())),
            attempts_5m: floor.five(id, Fact::Attempts),
            answer: KpiId::AnswerRate.ratio(run),
            duration: KpiId::AverageCallDuration.ratio(run),
            ended: run(Fact::Ended),
            lost: run(Fact::Lost),
            abandoned: run(Fact::Abandoned),
            machines: run(Fact::AnsweredMachine),
        },
        queues: cards.callers().queues(id),
        calls: call_rows(floor, id, card.active),
        dispositions: Table { rows: dispositions.collect(), more: 0 },
        card,
    })
}

fn progress(floor: &Floor, id: &CampaignId, card: &CampaignCard) -> Progress {
    let done_15m = floor.done_lately(id);
    let dials = !rests(card.status) && floor.presence().is_now();
    let left = card.pending.filter(|pending| *pending > 0 && dials);
    let paced_over = floor.paced_over(id);
    let eta = left.and_then(|pending| eta(pending, done_15m, paced_over, floor.now));
    Progress {
        from: floor.own.run(id).map(|run| run.from),
        done_15m,
        paced_over_s: paced_over.as_secs(),
        eta: eta.map(|e| Eta { at: e.at, earliest: e.earliest, latest: e.latest, grain_s: e.grain.as_secs() }),
    }
}

fn call_rows(floor: &Floor, id: &CampaignId, active: i64) -> Table<CallRow> {
    let rows = floor.calls.rows(id, &floor.config.veil);
    let all = active + floor.gauges.over(id, since(floor.now));
    let shown = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    Table { rows, more: u32::try_from((all - shown).max(0)).unwrap_or(u32::MAX) }
}

/// Whether a campaign is told to rest: then nothing is foreseen.
pub(in crate::board) const fn rests(status: Option<CampaignStatus>) -> bool {
    match status {
        Some(CampaignStatus::Paused | CampaignStatus::Ended) => true,
        Some(CampaignStatus::Active) | None => false,
    }
}
