//! Samples and costs: kept as they came, no sums.

use super::directory::NoteOutcome;
use super::names::NameLimits;
use crate::law::samples::{SampleKey, SampleKind};
use crate::store::StoreError;
use crate::store::write::{Cost, WriteStore};
use app::domain::event::{ChannelsSample, CostUpdated, HealthSample, MetricSample, TrunkStatus};
use app::domain::{Moment, SourceId};
use serde::Serialize;
use smol_str::SmolStr;
use std::collections::HashMap;

/// The samples and costs of one commit.
#[derive(Debug, Default)]
pub(super) struct Samples {
    bodies: HashMap<SampleKey, String>,
    costs: HashMap<(SmolStr, &'static str), Cost>,
}

/// What a sample is of.
pub(super) trait Sampled: Serialize {
    const KIND: SampleKind;
    fn name(&self) -> SmolStr;
    fn part(&self) -> SmolStr {
        SmolStr::default()
    }
}

impl Sampled for ChannelsSample {
    const KIND: SampleKind = SampleKind::Channels;
    fn name(&self) -> SmolStr {
        self.trunk.to_smol()
    }
}
impl Sampled for TrunkStatus {
    const KIND: SampleKind = SampleKind::Trunk;
    fn name(&self) -> SmolStr {
        self.trunk.to_smol()
    }
}
impl Sampled for HealthSample {
    const KIND: SampleKind = SampleKind::Health;
    fn name(&self) -> SmolStr {
        self.component.to_smol()
    }
}
impl Sampled for MetricSample {
    const KIND: SampleKind = SampleKind::Metric;
    fn name(&self) -> SmolStr {
        self.component.to_smol()
    }
    fn part(&self) -> SmolStr {
        self.name.get().clone()
    }
}

impl Samples {
    /// Keeps a sample. Two of one instant that differ: the greater stands, so that order does not matter.
    pub(super) async fn note(
        &mut self,
        body: &impl Sampled,
        at: Moment,
        source: &SourceId,
        names: &mut NameLimits,
        store: &mut impl WriteStore,
    ) -> Result<NoteOutcome, StoreError> {
        let key = SampleKey { kind: kind_of(body), name: body.name(), part: body.part(), source: source.clone(), at };
        if let Err(too_many) = names.sample(&key) {
            return Ok(NoteOutcome::NoRoom(too_many));
        }
        let json = serde_json::to_string(body).map_err(|e| StoreError::Unreadable(e.to_string()))?;
        let known = match self.bodies.get(&key) {
            Some(known) => Some(known.clone()),
            None => store.sample(&key).await?,
        };
        if known.is_some_and(|known| known >= json) {
            return Ok(NoteOutcome::Known);
        }
        self.bodies.insert(key, json);
        Ok(NoteOutcome::New)
    }

    pub(super) async fn cost(
        &mut self,
        body: &CostUpdated,
        at: Moment,
        store: &mut impl WriteStore,
    ) -> Result<NoteOutcome, StoreError> {
        let key = (body.month.get().clone(), body.kind.word());
        let cost = Cost {
            month: key.0.clone(),
            kind: body.kind,
            amount: body.amount.get().clone(),
            currency: body.currency.get().clone(),
            told_at: at,
        };
        let rank = |cost: &Cost| (cost.told_at, cost.amount.clone(), cost.currency.clone());
        let known = match self.costs.get(&key) {
            Some(known) => Some(known.clone()),
            None => store.cost(&key.0, body.kind).await?,
        };
        if known.is_some_and(|known| rank(&known) >= rank(&cost)) {
            return Ok(NoteOutcome::Known);
        }
        self.costs.insert(key, cost);
        Ok(NoteOutcome::New)
    }

    pub(super) fn writes(self) -> (Vec<(SampleKey, String)>, Vec<Cost>) {
        (self.bodies.into_iter().collect(), self.costs.into_values().collect())
    }
}

const fn kind_of<S: Sampled>(_: &S) -> SampleKind {
    S::KIND
}
