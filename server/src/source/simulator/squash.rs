//! Folds a stretch of events so that each call begun in it is told at once: what a floor that catches up with the
//! clock sends instead of every single step. The merge of both is the same call.

use app::domain::event::{CallEnded, CallRecord, CallStarted, CallUpdated};
use app::domain::{CallId, Data, Event};
use std::collections::HashMap;

/// The events in fewer: those of a call whose start is among them become one `call.record`, in the place of the last of
/// them. What is told of other calls, and of other things, stays as it is.
#[must_use]
pub fn squash(events: Vec<Event>) -> Vec<Event> {
    let mut records: HashMap<CallId, (CallRecord, usize)> = HashMap::new();
    let mut rest = Vec::new();
    for (place, event) in events.into_iter().enumerate() {
        if let Data::CallStarted(body) = event.data {
            records.insert(body.call_id.clone(), (begin(&body, event.time), place));
            // The envelope of the record: its id and source; time and place are the last event's.
            let data = Data::CallProgress(app::domain::event::CallProgress::only(body.call_id));
            rest.push((place, Event { data, ..event }, Part::Record));
            continue;
        }
        let begun = event.data.call().and_then(|(id, _)| records.get_mut(id));
        match begun {
            Some((record, last)) => {
                fold(record, &event);
                *last = place;
            }
            None => rest.push((place, event, Part::Itself)),
        }
    }
    let mut out: Vec<(usize, Event)> = Vec::with_capacity(rest.len());
    for (place, mut event, part) in rest {
        if part == Part::Record {
            let Some((record, last)) = event.data.call().and_then(|(id, _)| records.remove(id)) else {
                continue;
            };
            event.time = last_moment(&record).unwrap_or(event.time);
            event.data = Data::CallRecord(record);
            out.push((last, event));
        } else {
            out.push((place, event));
        }
    }
    out.sort_by_key(|(place, _)| *place);
    out.into_iter().map(|(_, event)| event).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Stands where a call's record will.
    Record,
    Itself,
}

fn last_moment(record: &CallRecord) -> Option<app::domain::Moment> {
    let moments = [
        record.progress_at,
        record.answered_at,
        record.greeted_at,
        record.queued_at,
        record.bridged_at,
        record.transferred_at,
        record.ended_at,
    ];
    moments.into_iter().flatten().max()
}

fn begin(body: &CallStarted, at: app::domain::Moment) -> CallRecord {
    let b = body.clone();
    CallRecord {
        realm: b.realm,
        cannot_tell: b.cannot_tell,
        direction: Some(b.direction),
        campaign: b.campaign,
        mode: b.mode,
        route: b.route,
        from: b.from,
        to: b.to,
        country: b.country,
        list: b.list,
        attempt: b.attempt,
        room: b.room,
        right_party: b.right_party,
        wrap_ms: b.wrap_ms,
        hold_ms: b.hold_ms,
        recording_url: b.recording_url,
        ..CallRecord::only(b.call_id, at)
    }
}

/// Takes in what the simulator tells of a call that is under way.
fn fold(record: &mut CallRecord, event: &Event) {
    let at = Some(event.time);
    match &event.data {
        Data::CallProgress(_) => record.progress_at = at,
        Data::CallAnswered(b) => (record.answered_at, record.by) = (at, b.by),
        Data::CallGreeted(_) => record.greeted_at = at,
        Data::CallQueued(b) => (record.queued_at, record.queue) = (at, b.queue.clone()),
        Data::CallBridged(b) => (record.bridged_at, record.agent) = (at, Some(b.agent.clone())),
        Data::CallTransferred(b) => {
            record.transferred_at = at;
            (record.transfer_kind, record.transfer_target) = (Some(b.kind), Some(b.target.clone()));
        }
        Data::CallEnded(b) => end(record, b, event.time),
        Data::CallUpdated(b) => update(record, b),
        Data::CallStarted(_)
        | Data::CallRecord(_)
        | Data::AgentState(_)
        | Data::ChannelsSample(_)
        | Data::TrunkStatus(_)
        | Data::HealthSample(_)
        | Data::MetricSample(_)
        | Data::CampaignUpdated(_)
        | Data::DidUpdated(_)
        | Data::RouteUpdated(_)
        | Data::CostUpdated(_) => {}
    }
}

fn end(record: &mut CallRecord, body: &CallEnded, at: app::domain::Moment) {
    let b = body.clone();
    record.ended_at = Some(at);
    (record.outcome, record.hung_up_by, record.r#final) = (b.outcome, b.hung_up_by, b.r#final);
    (record.sip_code, record.sip_reason, record.q850, record.hold_ms) = (b.sip_code, b.sip_reason, b.q850, b.hold_ms);
}

fn update(record: &mut CallRecord, body: &CallUpdated) {
    let b = body.clone();
    (record.wrap_ms, record.right_party, record.disposition) = (b.wrap_ms, b.right_party, b.disposition);
}
