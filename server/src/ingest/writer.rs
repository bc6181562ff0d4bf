//! The one task that owns ingest: takes what has queued up, merges it, commits it with the sums in one transaction,
//! answers all of it, then hands what changed to the live state.
//!
//! Everything it holds in memory is as committed; where a commit fails, all of that is dropped and read anew. Between
//! groups it judges calls that time alone has altered, judges again what a late setting concerns, and clears away.

use super::ahead::{Found, Gathered};
use super::book::{Book, Noted};
use super::calls::{Group, Heard, Held};
use super::clearing::CLEAR_EVERY;
use super::components::{self, Components};
use super::counters::IngestCounters;
use super::days::Days;
use super::fold::Unfolded;
use super::hearing::Hearing;
use super::lead::{Leading, Standing};
use super::making::InHand;
use super::names::Names;
use super::past::Filing;
use super::periods::Periods;
use super::samples::Samples;
use super::{Batch, Receipt, Refusal, Rejection, people};
use crate::clock::Clock;
use crate::kit::mask::Veil;
use crate::law::change::Change;
use crate::law::span::Stretch;
use crate::law::sums::SumChanges;
use crate::store::StoreError;
use crate::store::write::{Asked, Due, Reach, Rejudgement, Retention, WriteStore, Written};
use app::domain::{CallName, Data, Event, Moment, Span};
use chrono_tz::Tz;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, watch};

/// Events of one commit at most: a few hundred milliseconds of work, enough that the sums of 5,000 DIDs are shared.
const GROUP: usize = 20_000;
/// Calls and agents judged by the clock in one commit at most.
const DUE_AT_ONCE: usize = 2_000;
/// When a client whose events could not be made durable should try again.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// How often the clock is looked at.
const CLOCK_EVERY: Duration = Duration::from_secs(1);
/// How often reading anew is tried after a failure that nothing else has ended.
const RECOVER_EVERY: Duration = Duration::from_secs(1);

/// What reaches the writer beside batches.
#[derive(Debug)]
pub(super) enum Command {
    Batch(Batch),
    /// Judge all that is due by the clock, and all that is to be judged again; answer when it is committed.
    Settle(oneshot::Sender<()>),
    /// Take sums in whose calls are not kept.
    File(Filing),
}

pub(super) struct Writer<S> {
    pub(super) store: S,
    pub(super) clock: Clock,
    pub(super) zone: Tz,
    pub(super) retention: Retention,
    pub(super) counters: Arc<IngestCounters>,
    pub(super) changes: mpsc::Sender<Change>,
    pub(super) held: Held,
    pub(super) sums: SumChanges,
    pub(super) book: Book,
    pub(super) names: Names,
    pub(super) veil: Veil,
    pub(super) due: BTreeSet<(Moment, Due)>,
    pub(super) periods: Periods,
    pub(super) components: Components,
    pub(super) days: Days,
    pub(super) unfolded: Unfolded,
    pub(super) rejudge: VecDeque<Rejudgement>,
    /// A commit failed and what is in memory can't be trusted.
    pub(super) distrusted: bool,
    pub(super) lead: Leading,
}

impl<S: WriteStore> Writer<S> {
    pub(super) fn new(
        store: S,
        clock: Clock,
        zone: Tz,
        retention: Retention,
        counters: Arc<IngestCounters>,
        changes: mpsc::Sender<Change>,
        veil: Veil,
    ) -> (Self, watch::Receiver<Standing>) {
        let (lead, standing) = Leading::new();
        let writer = Self {
            store,
            clock,
            zone,
            retention,
            counters,
            changes,
            held: Held::new(),
            sums: SumChanges::default(),
            book: Book::default(),
            names: Names::default(),
            veil,
            due: BTreeSet::new(),
            periods: Periods::new(zone),
            components: Components::default(),
            days: Days::new(zone),
            unfolded: Unfolded::default(),
            rejudge: VecDeque::new(),
            distrusted: false,
            lead,
        };
        (writer, standing)
    }

    /// Serves until nothing more can come.
    pub(super) async fn run(mut self, mut queue: mpsc::UnboundedReceiver<Gathered>) {
        let mut next_clear = Instant::now() + CLEAR_EVERY;
        loop {
            let wait = self.until_work(next_clear);
            let mut gathered = tokio::select! {
                biased;
                gathered = queue.recv() => match gathered {
                    Some(gathered) => gathered,
                    None => break,
                },
                () = tokio::time::sleep(wait) => Gathered::default(),
            };
            while gathered.events < GROUP
                && let Ok(more) = queue.try_recv()
            {
                gathered.join(more);
            }
            let Gathered { batches, settle, filings, found, events: _ } = gathered;
            let leads = self.attend().await;
            self.mind_the_clock().await;
            if !leads {
                self.turn_away(batches);
                continue;
            }
            if batches.is_empty() {
                self.look_after_it().await;
            }
            self.serve(batches, found).await;
            self.take_in(filings).await;
            self.by_the_clock().await;
            if let Some(job) = self.rejudge.pop_front() {
                self.rejudge(job).await;
            }
            if self.book.search.is_wanted() {
                self.search().await;
            }
            self.fold_in_time().await;
            if !settle.is_empty() {
                while !self.rejudge.is_empty() && !self.distrusted {
                    if let Some(job) = self.rejudge.pop_front() {
                        self.rejudge(job).await;
                    }
                }
                while self.book.search.is_wanted() && !self.distrusted {
                    self.search().await;
                }
                self.fold_now().await;
                self.by_the_clock().await;
                for done in settle {
                    // Who asked may have gone.
                    let _ = done.send(());
                }
            }
            if until(next_clear).is_zero() {
                next_clear = Instant::now() + self.clear().await;
            }
        }
        if self.attend().await {
            self.fold_now().await;
        }
        self.store.end().await;
    }

    /// How long there is nothing to do unless something comes.
    fn until_work(&self, next_clear: Instant) -> Duration {
        let lead = self.lead.wait(self.store.is_followed()).unwrap_or(CLOCK_EVERY);
        if !self.lead.ours {
            return lead;
        }
        let timed = self.until_due().min(until(next_clear)).min(self.unfolded.wait().unwrap_or(CLEAR_EVERY)).min(lead);
        let idle = self.rejudge.is_empty() && !self.book.search.is_wanted();
        if idle || self.distrusted { timed } else { Duration::ZERO }
    }

    async fn serve(&mut self, mut batches: Vec<Batch>, found: Vec<Found>) {
        if batches.is_empty() {
            return;
        }
        let heard: u64 = batches.iter().map(|batch| batch.items.len() as u64).sum();
        match self.commit(&mut batches, found, Vec::new()).await {
            Ok((receipts, change)) => {
                for (batch, receipt) in batches.into_iter().zip(receipts) {
                    drop(batch.answer.send(Ok(receipt)));
                }
                self.tell(change).await;
            }
            Err(error) => {
                self.counters.refused_not_durable.add(heard);
                let (why, retry_after) = (error.to_string(), AFTER_FAILURE);
                let refusal = match error {
                    StoreError::Lost(_) => Refusal::Lost { why, retry_after },
                    _ => Refusal::NotDurable { why, retry_after },
                };
                batches.into_iter().for_each(|batch| drop(batch.answer.send(Err(refusal.clone()))));
            }
        }
    }

    /// Commits what time alone has altered, and turns the periods that are over.
    async fn by_the_clock(&mut self) {
        loop {
            let now = self.clock.now();
            let mut due = Vec::new();
            while due.len() < DUE_AT_ONCE && self.due.first().is_some_and(|(at, _)| *at <= now) {
                due.extend(self.due.pop_first().map(|(_, due)| due));
            }
            self.periods.turn(now);
            let turned = self.periods.next_turn().is_some_and(|turn| turn <= now);
            let nothing = due.is_empty() && !turned && !self.distrusted && !self.periods.is_stale();
            if nothing || self.commit_and_tell(due).await.is_err() {
                return;
            }
            if self.due.first().is_none_or(|(at, _)| *at > now) {
                return;
            }
        }
    }

    async fn commit_and_tell(&mut self, due: Vec<Due>) -> Result<(), StoreError> {
        let (_, change) = self.commit(&mut [], Vec::new(), due).await?;
        self.tell(change).await;
        Ok(())
    }

    pub(super) async fn tell(&self, change: Change) {
        // The live state is waited for rather than that anything is lost; without one (it stopped) there is nobody to tell.
        drop(self.changes.send(change).await);
    }

    /// One group, one transaction. On failure nothing of it is kept, in memory neither.
    async fn commit(
        &mut self,
        batches: &mut [Batch],
        found: Vec<Found>,
        due: Vec<Due>,
    ) -> Result<(Vec<Receipt>, Change), StoreError> {
        let began = Instant::now();
        let done = self.try_commit(batches, found, due).await;
        match &done {
            Ok(_) => self.counters.committed(began.elapsed()),
            Err(error) => {
                self.counters.failed_commits.add(1);
                self.unwritten(error).await;
            }
        }
        self.counters.cached_calls.set(self.held.len() as u64);
        self.counters.journal_bytes.set(self.unfolded.bytes());
        self.counters.waiting_due.set(self.due.len() as u64);
        done
    }

    async fn try_commit(
        &mut self,
        batches: &mut [Batch],
        found: Vec<Found>,
        due: Vec<Due>,
    ) -> Result<(Vec<Receipt>, Change), StoreError> {
        if self.distrusted {
            self.recover_in_time().await?;
            if !self.lead.ours {
                return Err(StoreError::LedElsewhere);
            }
        }
        let now = self.clock.now();
        self.book.is_now(now);
        let mut change = Change::default();
        let mut receipts: Vec<Receipt> = batches.iter().map(|_| Receipt::default()).collect();
        let mut hearing = Hearing::default();
        for (at, batch) in batches.iter_mut().enumerate() {
            hearing.sort(at, batch, &mut self.names);
        }
        for (at, too_many) in hearing.too_many.drain(..) {
            self.reject(at, too_many.into(), &mut receipts);
        }
        let due_calls: Vec<CallName> = hearing.due(due);

        let mut group = Group::default();
        let about_now = Reach::Anywhere(Stretch { from: now, to: now });
        let due = due_calls.iter().map(|name| (Asked { name, reach: about_now }, None));
        let asked = hearing.words.iter().map(|(_, word)| (word.asked(), word.sought)).chain(due);
        group.find(asked, &self.held, found, &mut self.store).await?;
        // Settings before calls: what is told in one group is in force for all of it.
        let mut samples = Samples::default();
        let mut beats = components::Beats::of(hearing.components.drain(..));
        self.note_others(&hearing.others, &mut samples, &mut beats, &mut receipts, &mut change).await?;
        components::count(beats, now, &mut self.components, &mut self.store, &mut self.sums, &mut self.due).await?;
        for ((batch, place), word) in hearing.words {
            let at = word.at;
            match group.hear(word, &mut self.sums) {
                Heard::New => note(&mut receipts[batch], &mut change, at),
                Heard::Known => receipts[batch].duplicate += 1,
                Heard::Rejected(why) => self.reject((batch, place), why, &mut receipts),
            }
        }
        self.counters.moments_let_go.add(group.let_go);
        for (name, call, number) in group.corrected() {
            self.book.persons.corrected(name, call, number, &self.counters);
        }
        due_calls.iter().for_each(|name| group.touch(name, &mut self.sums));
        hearing.people.agents().for_each(|agent| self.book.persons.name(agent.as_str(), &self.counters));
        hearing.people.campaigns().for_each(|campaign| self.book.hear_campaign(campaign));
        let people = people::hear(hearing.people, now, &mut self.store, &mut self.sums, &mut self.due).await?;
        for (word, (batch, at)) in hearing.people_words.iter().enumerate() {
            if people.known.contains(&word) {
                receipts[*batch].duplicate += 1;
            } else {
                note(&mut receipts[*batch], &mut change, *at);
            }
        }
        change.agents = people.now;
        self.finish(group, now, people.writes, samples, &mut change, None).await?;
        self.counters.accepted.add(receipts.iter().map(|receipt| receipt.accepted).sum());
        self.counters.duplicate.add(receipts.iter().map(|receipt| receipt.duplicate).sum());
        Ok((receipts, change))
    }

    /// Judges and writes and, once that is durable, tells.
    pub(super) async fn finish(
        &mut self,
        mut group: Group,
        now: Moment,
        agents: Vec<crate::store::write::AgentWrite>,
        samples: Samples,
        change: &mut Change,
        progress: Option<&mut Rejudgement>,
    ) -> Result<(), StoreError> {
        let (samples, costs) = samples.writes();
        let mut resettled = std::mem::take(&mut self.book.resettled);
        let done = progress.as_ref().filter(|job| job.after >= job.to).and_then(|job| job.id);
        let (mut calls, gauges) = group.changed();
        let mut making = InHand {
            now,
            followed: self.store.is_followed(),
            book: &mut self.book,
            sums: &mut self.sums,
            due: &mut self.due,
            days: &mut self.days,
            components: &mut self.components,
            counters: &self.counters,
            gauges,
            lost: 0,
            agents,
            samples,
            costs,
            rejudged: resettled.iter_mut().chain(progress.filter(|_| done.is_none())).collect(),
            rejudged_wholly: done,
            journalled: 0,
            change: &mut *change,
        };
        let written = self.store.commit(&mut calls, &mut making).await?;
        let (lost, journalled) = (making.lost, making.journalled);
        drop(calls);
        if written == Written::Something {
            self.written().await;
        }
        self.lead.told = self.store.last();
        self.rejudge.extend(resettled);
        self.counters.lost_calls.add(lost);
        self.unfolded.add(journalled);
        change.facts = self.sums.take();
        group.committed(&self.held);
        let restarted = std::mem::take(&mut self.book.restarted);
        restarted.into_iter().for_each(|campaign| self.periods.forget(campaign));
        self.periods.see(&change.facts);
        if self.periods.are_many_stale() {
            // As at the first calls of a floor: what each of them would read of the journal is read once.
            self.fold_now().await;
        }
        // What is durable is told whatever comes; a period that can't be read now is read again with the next commit.
        let read = self.periods.read_some(now, &self.book, &mut self.store).await;
        if let Some(error) = read.tell(change) {
            tracing::warn!(%error, "the sums of a period could not be read");
        }
        Ok(())
    }

    async fn note_others(
        &mut self,
        others: &[((usize, usize), Box<Event>)],
        samples: &mut Samples,
        beats: &mut components::Beats,
        receipts: &mut [Receipt],
        change: &mut Change,
    ) -> Result<(), StoreError> {
        for ((batch, place), event) in others {
            let (at, source, names, store) = (event.time, &event.source, &mut self.names, &mut self.store);
            if let Some(name) = event.data.subject() {
                self.book.persons.name(name, &self.counters);
            }
            let noted = match &event.data {
                Data::CampaignUpdated(body) => self.book.campaign_told(body, at, &self.counters),
                Data::RouteUpdated(body) => self.book.route_told(body, at, &self.counters),
                Data::DidUpdated(body) => self.book.did_told(body, at, &mut self.sums, &self.counters),
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
                | Data::AgentState(_) => continue,
            };
            match noted {
                // What a month costs, somebody tells who is no part of the floor: it is no sign that the floor lives.
                Noted::New if matches!(event.data, Data::CostUpdated(_)) => receipts[*batch].accepted += 1,
                Noted::New => note(&mut receipts[*batch], change, at),
                Noted::Known => receipts[*batch].duplicate += 1,
                Noted::NoRoom(too_many) => self.reject((*batch, *place), too_many.into(), receipts),
            }
        }
        Ok(())
    }

    fn reject(&self, (batch, place): (usize, usize), why: Rejection, receipts: &mut [Receipt]) {
        self.counters.rejected(&why);
        receipts[batch].rejected.push((place, why));
    }

    fn until_due(&self) -> Duration {
        let now = self.clock.now();
        // Sums of a period that could not be read are not asked for again at once.
        if self.distrusted || self.periods.is_stale() || self.lead.is_failing() {
            return RECOVER_EVERY;
        }
        let due = self.due.first().map(|(at, _)| *at);
        let next = due.into_iter().chain(self.periods.next_turn()).min();
        next.map_or(CLEAR_EVERY, |at| {
            let wait = at.since(now).max(if at <= now { Span::ZERO } else { Span::millis(1) });
            Duration::from_millis(u64::try_from(wait.as_millis()).unwrap_or_default())
        })
    }
}

fn until(then: Instant) -> Duration {
    then.saturating_duration_since(Instant::now())
}

fn note(receipt: &mut Receipt, change: &mut Change, at: Moment) {
    receipt.accepted += 1;
    change.events += 1;
    change.newest_event = change.newest_event.max(Some(at));
}
