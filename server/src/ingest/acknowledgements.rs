//! What is answered to who brought events: a receipt for each batch once it is durable, or why nothing of it was taken.

use super::counters::IngestCounters;
use super::{Batch, Receipt, Refusal, Rejection};
use crate::law::change::Change;
use crate::store::StoreError;
use app::domain::Moment;
use std::time::Duration;

/// When a client whose events could not be made durable should try again.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// An event's place: its batch in the group, and its place in that.
pub(super) type EventPlace = (usize, usize);

/// The receipts of a group's batches in the making, and what the live state is told of them.
#[derive(Debug)]
pub(super) struct Receipts {
    receipts: Vec<Receipt>,
    events: u64,
    newest_event: Option<Moment>,
}

impl Receipts {
    pub(super) fn of(batches: &[Batch]) -> Self {
        let receipts = batches.iter().map(|_| Receipt::default()).collect();
        Self { receipts, events: 0, newest_event: None }
    }

    /// An event of the floor was taken, of this time.
    pub(super) fn accept(&mut self, batch: usize, at: Moment) {
        self.accept_silently(batch);
        self.events += 1;
        self.newest_event = self.newest_event.max(Some(at));
    }

    /// One was taken that is no sign that the floor lives.
    pub(super) fn accept_silently(&mut self, batch: usize) {
        self.receipts[batch].accepted += 1;
    }

    /// A good event that changed nothing.
    pub(super) fn duplicate(&mut self, batch: usize) {
        self.receipts[batch].duplicate += 1;
    }

    pub(super) fn reject(&mut self, (batch, place): EventPlace, why: Rejection, counters: &IngestCounters) {
        counters.rejected(&why);
        self.receipts[batch].rejected.push((place, why));
    }

    /// Tells the live state how much came in, and how new it is.
    pub(super) fn tell(&self, change: &mut Change) {
        (change.events, change.newest_event) = (self.events, self.newest_event);
    }

    /// All is durable: counted, and ready to be sent.
    pub(super) fn durable(self, counters: &IngestCounters) -> Vec<Receipt> {
        counters.accepted.add(self.receipts.iter().map(|receipt| receipt.accepted).sum());
        counters.duplicate.add(self.receipts.iter().map(|receipt| receipt.duplicate).sum());
        self.receipts
    }
}

/// Answers each batch with its receipt. Who asked may have gone.
pub(super) fn acknowledge(batches: Vec<Batch>, receipts: Vec<Receipt>) {
    for (batch, receipt) in batches.into_iter().zip(receipts) {
        drop(batch.answer.send(Ok(receipt)));
    }
}

/// Answers all batches that nothing of them was taken.
pub(super) fn refuse(batches: Vec<Batch>, refusal: &Refusal) {
    batches.into_iter().for_each(|batch| drop(batch.answer.send(Err(refusal.clone()))));
}

/// What who brought events is told of a commit that failed.
pub(super) fn not_durable(error: &StoreError) -> Refusal {
    let (why, retry_after) = (error.to_string(), AFTER_FAILURE);
    if matches!(error, StoreError::Lost(_)) {
        Refusal::Lost { why, retry_after }
    } else {
        Refusal::NotDurable { why, retry_after }
    }
}
