//! Rows that are read alike in every database: samples, costs, settings, what agents said, components, days.

use super::StoreError;
use super::cells::{Columns, get, get_optional};
use super::settings_text::AsText;
use super::write::{Cost, DayMark, Due, KnownComponent, Rejudgement, RowId};
use crate::law::agents::AgentReport;
use crate::law::components::Beat;
use crate::law::samples::{SampleKey, SampleKind};
use app::domain::event::HealthSample;
use app::domain::{AgentId, CallId, CallName, ComponentId, Moment, RealmId, SourceId};
use smol_str::SmolStr;

/// A note of the store with this before a number says that names hold it.
pub(super) const NAMED_PERSON: &str = "named person ";

/// Of: kind, name, part, source, at.
pub(super) fn sample_key(row: &impl Columns) -> Result<SampleKey, StoreError> {
    let word: SmolStr = get(row, 0)?;
    let kind = SampleKind::ALL
        .into_iter()
        .find(|kind| kind.word() == word)
        .ok_or_else(|| StoreError::Unreadable(format!("a sample of kind {word}")))?;
    let source = SourceId::trusted(get::<SmolStr>(row, 3)?);
    Ok(SampleKey { kind, name: get(row, 1)?, part: get(row, 2)?, source, at: get(row, 4)? })
}

/// Of: kind, name, part, source, at, body.
pub(super) fn sample(row: &impl Columns) -> Result<(SampleKey, String), StoreError> {
    Ok((sample_key(row)?, get(row, 5)?))
}

/// Of: month, kind, amount, currency, `told_at`.
pub(super) fn cost(row: &impl Columns) -> Result<Cost, StoreError> {
    let (month, kind, amount) = (get(row, 0)?, get(row, 1)?, get(row, 2)?);
    Ok(Cost { month, kind, amount, currency: get(row, 3)?, told_at: get(row, 4)? })
}

/// Of: name, settings.
pub(super) fn setting<I, T: AsText>(row: &impl Columns, id: impl Fn(SmolStr) -> I) -> Result<(I, T), StoreError> {
    Ok((id(get(row, 0)?), T::from_json(&get::<String>(row, 1)?)?))
}

/// Of: id, campaign, `after_id`, `to_id`.
pub(super) fn rejudgement(row: &impl Columns) -> Result<Rejudgement, StoreError> {
    let (after, to) = (RowId(get(row, 2)?), RowId(get(row, 3)?));
    Ok(Rejudgement { id: Some(get(row, 0)?), campaign: get(row, 1)?, after, to })
}

/// Of: due, realm or agent, `call_id` or null.
pub(super) fn due(row: &impl Columns) -> Result<(Moment, Due), StoreError> {
    let (at, first, call_id) = (get(row, 0)?, get::<SmolStr>(row, 1)?, get_optional::<SmolStr>(row, 2)?);
    let due = match call_id {
        Some(call_id) => Due::Call(CallName { realm: RealmId::trusted(first), call_id: CallId::trusted(call_id) }),
        None => Due::Agent(AgentId::trusted(first)),
    };
    Ok((at, due))
}

/// Of, from the column `first` on: at, campaign, state, reason.
pub(super) fn said(row: &impl Columns, first: usize) -> Result<AgentReport, StoreError> {
    Ok(AgentReport {
        at: get(row, first)?,
        campaign: get(row, first + 1)?,
        state: get(row, first + 2)?,
        reason: get_optional(row, first + 3)?,
    })
}

/// Of: at, campaign, state, reason, agent; in the order of agents.
pub(super) fn said_by_agent<R: Columns>(rows: &[R]) -> Result<Vec<(AgentId, Vec<AgentReport>)>, StoreError> {
    let mut all: Vec<(AgentId, Vec<AgentReport>)> = Vec::new();
    for row in rows {
        let (agent, said): (AgentId, _) = (get(row, 4)?, said(row, 0)?);
        match all.last_mut().filter(|(last, _)| *last == agent) {
            Some((_, words)) => words.push(said),
            None => all.push((agent, vec![said])),
        }
    }
    Ok(all)
}

/// Of: source, at, body of a health sample.
pub(super) fn beat(row: &impl Columns) -> Result<Beat, StoreError> {
    let body: String = get(row, 2)?;
    let body: HealthSample =
        serde_json::from_str(&body).map_err(|e| StoreError::Unreadable(format!("a health sample: {e}")))?;
    Ok(Beat { source: SourceId::trusted(get::<SmolStr>(row, 0)?), at: get(row, 1)?, status: body.status })
}

/// Of: component, `counted_to`, the moment of its latest sample or null.
pub(super) fn component(row: &impl Columns) -> Result<KnownComponent, StoreError> {
    let counted_to: Moment = get(row, 1)?;
    let heard_at = get_optional(row, 2)?.unwrap_or(counted_to);
    Ok(KnownComponent { component: ComponentId::trusted(get::<SmolStr>(row, 0)?), counted_to, heard_at })
}

/// Of: day, `first_at`, `revised_at` or null.
pub(super) fn day(row: &impl Columns) -> Result<DayMark, StoreError> {
    Ok(DayMark { day: get(row, 0)?, first_at: get(row, 1)?, revised_at: get_optional(row, 2)? })
}
