//! One group of what has queued up, made one commit: merged into its calls, agents, settings and samples, with a receipt for
//! each batch.

use super::acknowledgements::Receipts;
use super::components;
use super::directory::NoteOutcome;
use super::events_by_kind::EventsByKind;
use super::ledger::{CommitBatch, Committed, Ledger};
use super::mirror::Mirror;
use super::prefetch::Prefetched;
use super::samples::Samples;
use super::working_set::{MergeOutcome, WorkingSet};
use super::{Batch, Receipt, agent_reports};
use crate::law::change::Change;
use crate::law::span::Stretch;
use crate::store::StoreError;
use crate::store::write::{CallLookup, Due, FilingHint, WriteStore};
use app::domain::{CallName, Data, Event, Moment};

/// Commits a group of batches, and what is due by the clock. On failure nothing of it is kept, in memory neither.
///
/// `prefetched`: calls that were looked up ahead.
pub(super) async fn commit<S: WriteStore>(
    ledger: &mut Ledger<S>,
    now: Moment,
    batches: &mut [Batch],
    prefetched: Vec<Prefetched>,
    due: Vec<Due>,
) -> Result<(Vec<Receipt>, Committed), StoreError> {
    let Ledger { store, mirror, counters, .. } = &mut *ledger;
    mirror.directory.is_now(now);
    let mut receipts = Receipts::of(batches);
    let mut events = EventsByKind::default();
    for (at, batch) in batches.iter_mut().enumerate() {
        events.sort(at, batch, &mut mirror.names);
    }
    for (at, too_many) in events.too_many.drain(..) {
        receipts.reject(at, too_many.into(), counters);
    }
    let due_calls: Vec<CallName> = events.due(due);

    let mut calls = WorkingSet::default();
    let about_now = FilingHint::Anywhere(Stretch { from: now, to: now });
    let due = due_calls.iter().map(|name| (CallLookup { name, reach: about_now }, None));
    let asked = events.call_updates.iter().map(|(_, update)| (update.asked(), update.sought)).chain(due);
    calls.find(asked, &mirror.calls, prefetched, store).await?;
    // Settings before calls: what is told in one group is in force for all of it.
    let mut samples = Samples::default();
    let mut beats = components::Beats::of(events.components.drain(..));
    for (at, event) in &events.others {
        let noted = note_other(event, &mut samples, &mut beats, ledger).await?;
        let Some(noted) = noted else { continue };
        match noted {
            // What a month costs, somebody tells who is no part of the floor: it is no sign that the floor lives.
            NoteOutcome::New if matches!(event.data, Data::CostUpdated(_)) => receipts.accept_silently(at.0),
            NoteOutcome::New => receipts.accept(at.0, event.time),
            NoteOutcome::Known => receipts.duplicate(at.0),
            NoteOutcome::NoRoom(too_many) => receipts.reject(*at, too_many.into(), &ledger.counters),
        }
    }
    let Ledger { store, mirror: Mirror { directory, sums, due, components, .. }, counters, .. } = &mut *ledger;
    components::count(beats, now, components, store, sums, due).await?;
    for (at, update) in events.call_updates {
        let told_at = update.at;
        match calls.merge(update, sums) {
            MergeOutcome::New => receipts.accept(at.0, told_at),
            MergeOutcome::Known => receipts.duplicate(at.0),
            MergeOutcome::Rejected(why) => receipts.reject(at, why, counters),
        }
    }
    counters.moments_let_go.add(calls.let_go);
    for (name, call, number) in calls.corrected() {
        directory.persons.corrected(name, call, number, counters);
    }
    due_calls.iter().for_each(|name| calls.touch(name, sums));
    events.agents.agents().for_each(|agent| directory.persons.name(agent.as_str(), counters));
    events.agents.campaigns().for_each(|campaign| directory.hear_campaign(campaign));
    let agents = agent_reports::merge(events.agents, now, store, sums, due).await?;
    for (event, (batch, at)) in events.agent_events.iter().enumerate() {
        if agents.known.contains(&event) {
            receipts.duplicate(*batch);
        } else {
            receipts.accept(*batch, *at);
        }
    }
    let mut change = Change { agents: agents.now, ..Change::default() };
    receipts.tell(&mut change);
    let batch = CommitBatch { calls, agents: agents.writes, samples, change, rejudged: None };
    let committed = ledger.commit(now, batch).await?;
    Ok((receipts.durable(&ledger.counters), committed))
}

/// Takes note of an event that is of no call and no agent; `None` for those.
async fn note_other<S: WriteStore>(
    event: &Event,
    samples: &mut Samples,
    beats: &mut components::Beats,
    ledger: &mut Ledger<S>,
) -> Result<Option<NoteOutcome>, StoreError> {
    let Ledger { store, mirror: Mirror { directory, sums, names, .. }, counters, .. } = ledger;
    let (at, source) = (event.time, &event.source);
    if let Some(name) = event.data.subject() {
        directory.persons.name(name, counters);
    }
    let noted = match &event.data {
        Data::CampaignUpdated(body) => directory.campaign_told(body, at, counters),
        Data::RouteUpdated(body) => directory.route_told(body, at, counters),
        Data::DidUpdated(body) => directory.did_told(body, at, sums, counters),
        Data::ChannelsSample(body) => samples.note(body, at, source, names, store).await?,
        Data::TrunkStatus(body) => samples.note(body, at, source, names, store).await?,
        Data::HealthSample(body) => {
            let noted = samples.note(body, at, source, names, store).await?;
            if noted == NoteOutcome::New {
                beats.add(body, at, source);
            }
            noted
        }
        Data::MetricSample(body) => samples.note(body, at, source, names, store).await?,
        Data::CostUpdated(body) => samples.cost(body, at, store).await?,
        Data::CallStarted(_)
        | Data::CallProgress(_)
        | Data::CallAnswered(_)
        | Data::CallGreeted(_)
        | Data::CallQueued(_)
        | Data::CallBridged(_)
        | Data::CallTransferred(_)
        | Data::CallEnded(_)
        | Data::CallUpdated(_)
        | Data::CallRecord(_)
        | Data::AgentState(_) => return Ok(None),
    };
    Ok(Some(noted))
}
