//! Which names there is room for: of agents, and of what tells samples. Each is known until what it told is cleared away.
//!
//! A source that makes names up (a call's id for an agent, a container's for a component) must fill neither memory nor the
//! store's small tables: what goes over a bound is rejected by name. Campaigns, routes and numbers are the directory's.

use crate::law::samples::{SampleKey, SampleKind};
use crate::store::keeping;
use crate::store::write::{KnownNames, Retention};
use app::domain::event::AgentState;
use app::domain::{AgentId, Moment, SourceId};
use foldhash::fast::RandomState;
use smol_str::SmolStr;
use std::collections::HashMap;

/// Agents; a floor has hundreds, and a year's comings and goings.
const AGENTS: usize = 50_000;
/// Components by their sources; a floor has dozens, and some get a new name with each start.
const COMPONENTS: usize = 50_000;
/// Trunks by their sources; a floor has dozens.
const TRUNKS: usize = 5_000;
/// Figures of components by their sources.
const METRICS: usize = 100_000;

/// There is no room for another name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("data.{field}: too many names: {most} are known, and this is another; names are forgotten with what they told")]
pub struct TooManyNames {
    /// Which field of the event has the name.
    pub field: &'static str,
    pub most: usize,
}

/// Who tells which samples.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Series {
    kind: SampleKind,
    name: SmolStr,
    part: SmolStr,
    source: SourceId,
}

impl Series {
    fn of(key: &SampleKey) -> Self {
        Self { kind: key.kind, name: key.name.clone(), part: key.part.clone(), source: key.source.clone() }
    }
}

const fn bound(kind: SampleKind) -> TooManyNames {
    match kind {
        SampleKind::Channels | SampleKind::Trunk => TooManyNames { field: "trunk", most: TRUNKS },
        SampleKind::Health => TooManyNames { field: "component", most: COMPONENTS },
        SampleKind::Metric => TooManyNames { field: "name", most: METRICS },
    }
}

/// The names that are known, each with the latest instant that it told of.
#[derive(Debug, Default)]
pub(super) struct NameLimits {
    series: HashMap<Series, Moment, RandomState>,
    /// Series by kind.
    counts: [usize; SampleKind::ALL.len()],
    agents: HashMap<AgentId, Moment, RandomState>,
}

impl NameLimits {
    pub(super) fn of(known: KnownNames) -> Self {
        let mut names = Self { agents: known.agents.into_iter().collect(), ..Self::default() };
        for key in &known.series {
            names.put(Series::of(key), key.at);
        }
        names
    }

    fn put(&mut self, series: Series, at: Moment) {
        let kind = series.kind;
        if self.series.insert(series, at).is_none() {
            self.counts[kind as usize] += 1;
        }
    }

    /// Hears who tells a sample.
    pub(super) fn sample(&mut self, key: &SampleKey) -> Result<(), TooManyNames> {
        let series = Series::of(key);
        if let Some(heard) = self.series.get_mut(&series) {
            *heard = key.at.max(*heard);
            return Ok(());
        }
        let bound = bound(key.kind);
        if self.counts[key.kind as usize] >= bound.most {
            return Err(bound);
        }
        self.put(series, key.at);
        Ok(())
    }

    /// Hears of whom a state is told.
    pub(super) fn agent(&mut self, body: &AgentState, at: Moment) -> Result<(), TooManyNames> {
        if let Some(heard) = self.agents.get_mut(&body.agent) {
            *heard = at.max(*heard);
            return Ok(());
        }
        if self.agents.len() >= AGENTS {
            return Err(TooManyNames { field: "agent", most: AGENTS });
        }
        self.agents.insert(body.agent.clone(), at);
        Ok(())
    }

    /// Forgets those of whom nothing is kept any more.
    pub(super) fn forget(&mut self, now: Moment, retention: Retention) {
        self.agents.retain(|_, heard| *heard >= now - retention.calls);
        self.series.retain(|series, heard| *heard >= now - keeping::samples(series.kind));
        self.counts = SampleKind::ALL.map(|kind| self.series.keys().filter(|series| series.kind == kind).count());
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use app::domain::Span;

    const NOW: Moment = Moment::from_secs(1_000_000_000);
    const RETENTION: Retention = Retention { calls: Span::days(90) };

    fn beat(n: usize, kind: SampleKind, at: Moment) -> SampleKey {
        SampleKey {
            kind,
            name: SmolStr::from(format!("box-{n}")),
            part: SmolStr::default(),
            source: SourceId::trusted("watch"),
            at,
        }
    }

    #[test]
    fn what_is_beyond_a_bound_is_named_and_has_room_when_the_others_are_forgotten() {
        let mut names = NameLimits::default();
        assert!((0..COMPONENTS).all(|n| names.sample(&beat(n, SampleKind::Health, NOW)).is_ok()));
        let another = beat(COMPONENTS, SampleKind::Health, NOW);
        let refused = names.sample(&another).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "data.component: too many names: 50000 are known, and this is another; names are forgotten with what they told"
        );
        assert_eq!(names.sample(&beat(0, SampleKind::Health, NOW + Span::days(9))), Ok(()), "known already");
        assert_eq!(names.sample(&beat(0, SampleKind::Trunk, NOW)), Ok(()), "of another kind");
        names.forget(NOW + Span::days(36), RETENTION);
        assert_eq!(
            (names.sample(&another), names.counts),
            (Ok(()), [0, 0, 2, 0]),
            "one that was heard again, and this"
        );
    }

    #[test]
    fn agents_are_forgotten_with_the_calls() {
        let mut names = NameLimits::default();
        let state = |n: usize| AgentState {
            agent: AgentId::trusted(format!("agent-{n}")),
            campaign: None,
            state: app::domain::outcome::AgentStatus::Ready,
            reason: None,
        };
        assert!((0..AGENTS).all(|n| names.agent(&state(n), NOW).is_ok()));
        assert_eq!(names.agent(&state(AGENTS), NOW), Err(TooManyNames { field: "agent", most: AGENTS }));
        names.forget(NOW + Span::days(91), RETENTION);
        assert_eq!(names.agent(&state(AGENTS), NOW + Span::days(91)), Ok(()));
    }
}
