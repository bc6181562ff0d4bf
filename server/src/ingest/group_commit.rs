//! One group of what has queued up, made one commit: merged into its calls, agents, settings and samples, with a receipt for
//! each batch.

use super::acknowledgements::Receipts;
use super::ahead::Found;
use super::book::Noted;
use super::components;
use super::hearing::Hearing;
use super::ledger::{CommitBatch, Committed, Ledger};
use super::mirror::Mirror;
use super::samples::Samples;
use super::working_set::{Heard, WorkingSet};
use super::{Batch, Receipt, people};
use crate::law::change::Change;
use crate::law::span::Stretch;
use crate::store::StoreError;
use crate::store::write::{Asked, Due, Reach, WriteStore};
use app::domain::{CallName, Data, Event, Moment};

/// Commits a group of batches, and what is due by the clock. On failure nothing of it is kept, in memory neither.
///
/// `found`: calls that were looked up ahead.
pub(super) async fn commit<S: WriteStore>(
    ledger: &mut Ledger<S>,
    now: Moment,
    batches: &mut [Batch],
    found: Vec<Found>,
    due: Vec<Due>,
) -> Result<(Vec<Receipt>, Committed), StoreError> {
    let Ledger { store, mirror, counters, .. } = &mut *ledger;
    mirror.book.is_now(now);
    let mut receipts = Receipts::of(batches);
    let mut hearing = Hearing::default();
    for (at, batch) in batches.iter_mut().enumerate() {
        hearing.sort(at, batch, &mut mirror.names);
    }
    for (at, too_many) in hearing.too_many.drain(..) {
        receipts.reject(at, too_many.into(), counters);
    }
    let due_calls: Vec<CallName> = hearing.due(due);

    let mut calls = WorkingSet::default();
    let about_now = Reach::Anywhere(Stretch { from: now, to: now });
    let due = due_calls.iter().map(|name| (Asked { name, reach: about_now }, None));
    let asked = hearing.words.iter().map(|(_, word)| (word.asked(), word.sought)).chain(due);
    calls.find(asked, &mirror.calls, found, store).await?;
    // Settings before calls: what is told in one group is in force for all of it.
    let mut samples = Samples::default();
    let mut beats = components::Beats::of(hearing.components.drain(..));
    for (at, event) in &hearing.others {
        let noted = note_other(event, &mut samples, &mut beats, ledger).await?;
        let Some(noted) = noted else { continue };
        match noted {
            // What a month costs, somebody tells who is no part of the floor: it is no sign that the floor lives.
            Noted::New if matches!(event.data, Data::CostUpdated(_)) => receipts.accept_silently(at.0),
            Noted::New => receipts.accept(at.0, event.time),
            Noted::Known => receipts.duplicate(at.0),
            Noted::NoRoom(too_many) => receipts.reject(*at, too_many.into(), &ledger.counters),
        }
    }
    let Ledger { store, mirror: Mirror { book, sums, due, components, .. }, counters, .. } = &mut *ledger;
    components::count(beats, now, components, store, sums, due).await?;
    for (at, word) in hearing.words {
        let told_at = word.at;
        match calls.hear(word, sums) {
            Heard::New => receipts.accept(at.0, told_at),
            Heard::Known => receipts.duplicate(at.0),
            Heard::Rejected(why) => receipts.reject(at, why, counters),
        }
    }
    counters.moments_let_go.add(calls.let_go);
    for (name, call, number) in calls.corrected() {
        book.persons.corrected(name, call, number, counters);
    }
    due_calls.iter().for_each(|name| calls.touch(name, sums));
    hearing.people.agents().for_each(|agent| book.persons.name(agent.as_str(), counters));
    hearing.people.campaigns().for_each(|campaign| book.hear_campaign(campaign));
    let people = people::hear(hearing.people, now, store, sums, due).await?;
    for (word, (batch, at)) in hearing.people_words.iter().enumerate() {
        if people.known.contains(&word) {
            receipts.duplicate(*batch);
        } else {
            receipts.accept(*batch, *at);
        }
    }
    let mut change = Change { agents: people.now, ..Change::default() };
    receipts.tell(&mut change);
    let batch = CommitBatch { calls, agents: people.writes, samples, change, rejudged: None };
    let committed = ledger.commit(now, batch).await?;
    Ok((receipts.durable(&ledger.counters), committed))
}

/// Takes note of an event that is of no call and no agent; `None` for those.
async fn note_other<S: WriteStore>(
    event: &Event,
    samples: &mut Samples,
    beats: &mut components::Beats,
    ledger: &mut Ledger<S>,
) -> Result<Option<Noted>, StoreError> {
    let Ledger { store, mirror: Mirror { book, sums, names, .. }, counters, .. } = ledger;
    let (at, source) = (event.time, &event.source);
    if let Some(name) = event.data.subject() {
        book.persons.name(name, counters);
    }
    let noted = match &event.data {
        Data::CampaignUpdated(body) => book.campaign_told(body, at, counters),
        Data::RouteUpdated(body) => book.route_told(body, at, counters),
        Data::DidUpdated(body) => book.did_told(body, at, sums, counters),
        Data::ChannelsSample(body) => samples.note(body, at, source, names, store).await?,
        Data::TrunkStatus(body) => samples.note(body, at, source, names, store).await?,
        Data::HealthSample(body) => {
            let noted = samples.note(body, at, source, names, store).await?;
            if noted == Noted::New {
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
