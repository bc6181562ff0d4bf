//! Agent time: from what was told of an agent to the time it spent in each state.
//!
//! Pure. What is told are instants (`agent.state`); an interval runs from one to the next, and twelve hours unheard end
//! it. Closed intervals are contributions to the sums, the open one is the live state's (told by `AgentNow`). A late
//! event re-splits: the writer takes the difference of [`closed`] before and after, as for calls.

use super::change::{AgentNow, LIVE_GRAIN, SumKey};
use super::span::Stretch;
use app::domain::outcome::AgentStatus;
use app::domain::{AgentId, CampaignId, Dimension, Fact, Moment, Span};
use smol_str::SmolStr;

/// What memory holds by the ten seconds or the minute, and somewhat more.
pub(crate) const FINE_REACH: Span = Span::hours(2);

/// An agent unheard for this long is offline.
pub const UNHEARD: Span = Span::hours(12);
/// Grain of the parts that no window in memory holds any more; the finest that the store keeps.
const OLD_GRAIN: Span = Span::minutes(5);
/// Grain of the agent's own sums in memory.
const MINUTE: Span = Span::minutes(1);

/// One `agent.state`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentReport {
    pub at: Moment,
    /// Empty where the event named none.
    pub campaign: CampaignId,
    pub state: AgentStatus,
    pub reason: Option<SmolStr>,
}

/// Of two told for one instant the greater stands, so that order does not matter. Which of two states was meant to last: who
/// becomes ready and is given a call in the same instant is on it.
fn rank(said: &AgentReport) -> (u8, &str, Option<&str>) {
    let state = match said.state {
        AgentStatus::WrapUp => 0,
        AgentStatus::Ready => 1,
        AgentStatus::Break => 2,
        AgentStatus::OnCall => 3,
        AgentStatus::Offline => 4,
    };
    (state, said.campaign.as_str(), said.reason.as_deref())
}

/// Whether what was told changed what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Novelty {
    New,
    Known,
}

/// Puts `said` where it belongs among what is known, oldest first.
pub fn tell(known: &mut Vec<AgentReport>, said: AgentReport) -> Novelty {
    match known.binary_search_by_key(&said.at, |k| k.at) {
        Ok(i) if rank(&known[i]) >= rank(&said) => return Novelty::Known,
        Ok(i) => known[i] = said,
        Err(i) => known.insert(i, said),
    }
    Novelty::New
}

/// Time spent in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateInterval {
    pub campaign: CampaignId,
    pub state: AgentStatus,
    pub during: Stretch,
}

/// The closed intervals of an agent as judged at `at`.
#[must_use]
pub fn closed(known: &[AgentReport], at: Moment) -> Vec<StateInterval> {
    let ends = known.iter().skip(1).map(|next| Some(next.at)).chain([None]);
    known
        .iter()
        .zip(ends)
        .filter_map(|(said, next)| {
            let unheard = said.at + UNHEARD;
            let to = match next {
                Some(next) => next.min(unheard),
                None if at >= unheard => unheard,
                None => return None,
            };
            let during = Stretch { from: said.at, to };
            fact(said.state).map(|_| StateInterval { campaign: said.campaign.clone(), state: said.state, during })
        })
        .collect()
}

/// The interval that an agent's last word has opened, up to `now`: what [`closed`], as judged at `judged`, leaves out.
#[must_use]
pub fn open(last: &AgentReport, judged: Moment, now: Moment) -> Option<StateInterval> {
    let unheard = last.at + UNHEARD;
    let during = Stretch { from: last.at, to: now.min(unheard) };
    let is_open = judged < unheard && fact(last.state).is_some() && during.from < during.to;
    is_open.then(|| StateInterval { campaign: last.campaign.clone(), state: last.state, during })
}

/// Whose sum of a dimension an agent's time joins; `None` where the dimension has no agents' time.
#[must_use]
pub fn key_in(dimension: Dimension, agent: &AgentId, campaign: &CampaignId) -> Option<SmolStr> {
    match dimension {
        Dimension::Total => Some(SmolStr::default()),
        Dimension::Campaign => Some(campaign.to_smol()),
        Dimension::Agent => Some(agent.to_smol()),
        Dimension::Route
        | Dimension::Country
        | Dimension::Did
        | Dimension::Queue
        | Dimension::SipCode
        | Dimension::Component => None,
    }
}

/// What the agent is doing as judged at `at`.
#[must_use]
pub fn now(agent: &AgentId, known: &[AgentReport], at: Moment) -> Option<AgentNow> {
    let last = known.last()?;
    let unheard = last.at + UNHEARD;
    let (state, since, reason) =
        if at >= unheard { (AgentStatus::Offline, unheard, None) } else { (last.state, last.at, last.reason.clone()) };
    Some(AgentNow { agent: agent.clone(), campaign: last.campaign.clone(), state, since, reason })
}

/// The instant at which time alone will end the open interval.
#[must_use]
pub fn next_change(known: &[AgentReport], judged: Moment) -> Option<Moment> {
    let last = known.last()?;
    let unheard = last.at + UNHEARD;
    (fact(last.state).is_some() && judged < unheard).then_some(unheard)
}

/// The fact that an agent's time in a state adds to; offline time is none.
pub(crate) const fn fact(state: AgentStatus) -> Option<Fact> {
    match state {
        AgentStatus::Ready => Some(Fact::AgentReadyMs),
        AgentStatus::OnCall => Some(Fact::AgentOnCallMs),
        AgentStatus::WrapUp => Some(Fact::AgentWrapUpMs),
        AgentStatus::Break => Some(Fact::AgentBreakMs),
        AgentStatus::Offline => None,
    }
}

/// Milliseconds of one interval in one bucket of one sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    pub bucket: Moment,
    pub of: SumKey,
    pub fact: Fact,
    pub ms: i64,
}

/// Splits an interval at bucket edges, for the total, its campaign and the agent. What lies before `fine_from` is in no
/// window in memory and is split no finer than the store keeps it.
#[must_use]
pub fn shares(agent: &AgentId, spent: &StateInterval, fine_from: Moment) -> Vec<Share> {
    let Some(fact) = fact(spent.state) else { return Vec::new() };
    let keys = [
        (Dimension::Total, SmolStr::default(), LIVE_GRAIN),
        (Dimension::Campaign, spent.campaign.to_smol(), LIVE_GRAIN),
        (Dimension::Agent, agent.to_smol(), MINUTE),
    ];
    let mut shares = Vec::new();
    for (dimension, key, grain) in keys {
        let of = SumKey { campaign: spent.campaign.clone(), dimension, key };
        let parts = by_bucket(spent.during, grain, fine_from);
        shares.extend(parts.map(|(bucket, ms)| Share { bucket, of: of.clone(), fact, ms }));
    }
    shares
}

/// The shares of those intervals that reach into what memory holds.
pub(crate) fn shares_since<'a>(
    agent: &'a AgentId,
    spent: &'a [StateInterval],
    since: Moment,
) -> impl Iterator<Item = Share> + 'a {
    let reaching = spent.iter().filter(move |spent| spent.during.to > since);
    reaching.flat_map(move |spent| shares(agent, spent, since - FINE_REACH)).filter(move |share| share.bucket >= since)
}

/// Milliseconds of a stretch by bucket of `grain`; what lies before `fine_from` no finer than the store keeps it.
pub(super) fn by_bucket(during: Stretch, grain: Span, fine_from: Moment) -> impl Iterator<Item = (Moment, i64)> {
    let turn = fine_from.floor(OLD_GRAIN);
    let Stretch { from, to } = during;
    split(Stretch { from, to: to.min(turn) }, OLD_GRAIN).chain(split(Stretch { from: from.max(turn), to }, grain))
}

/// Whole milliseconds by bucket; they add up to those of the whole, wherever it is cut.
fn split(during: Stretch, grain: Span) -> impl Iterator<Item = (Moment, i64)> {
    let mut from = during.from;
    std::iter::from_fn(move || {
        if from >= during.to {
            return None;
        }
        let bucket = from.floor(grain);
        let to = during.to.min(bucket + grain);
        let ms = to.millis() - from.millis();
        from = to;
        Some((bucket, ms))
    })
    .filter(|(_, ms)| *ms != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(secs: i64, state: AgentStatus) -> AgentReport {
        AgentReport { at: Moment::from_secs(secs), campaign: CampaignId::trusted("c"), state, reason: None }
    }

    fn ms(known: &[AgentReport], judged: i64) -> Vec<(AgentStatus, i64)> {
        let spent = closed(known, Moment::from_secs(judged));
        spent.iter().map(|s| (s.state, (s.during.to - s.during.from).as_millis())).collect()
    }

    #[test]
    fn an_interval_runs_to_the_next_word_and_the_last_is_open() {
        let mut known = vec![said(0, AgentStatus::Ready)];
        assert_eq!(ms(&known, 60), []);
        assert_eq!(tell(&mut known, said(60, AgentStatus::OnCall)), Novelty::New);
        assert_eq!(ms(&known, 60), [(AgentStatus::Ready, 60_000)]);
        assert_eq!(tell(&mut known, said(20, AgentStatus::Break)), Novelty::New, "late");
        assert_eq!(ms(&known, 60), [(AgentStatus::Ready, 20_000), (AgentStatus::Break, 40_000)]);
        let open =
            |judged, now| open(&known[2], Moment::from_secs(judged), Moment::from_secs(now)).map(|s| s.during.to);
        assert_eq!(open(60, 90), Some(Moment::from_secs(90)));
        let twelve = 60 + 12 * 3_600;
        assert_eq!(open(60, twelve + 9), Some(Moment::from_secs(twelve)), "the clock has not judged it yet");
        assert_eq!((open(twelve, twelve + 9), open(60, 60)), (None, None), "it is counted as over, or begins only now");
        assert_eq!(tell(&mut known, said(20, AgentStatus::Break)), Novelty::Known);
    }

    #[test]
    fn who_becomes_ready_and_is_given_a_call_in_one_instant_is_on_it() {
        use AgentStatus::{Break, Offline, OnCall, Ready, WrapUp};
        for (one, other, stands) in
            [(Ready, OnCall, OnCall), (WrapUp, Ready, Ready), (Ready, Break, Break), (Break, Offline, Offline)]
        {
            for told in [[one, other], [other, one]] {
                let mut known = Vec::new();
                for state in told {
                    tell(&mut known, said(0, state));
                }
                assert_eq!(known, [said(0, stands)]);
            }
        }
    }

    #[test]
    fn twelve_hours_unheard_is_offline() {
        let known = vec![said(0, AgentStatus::Ready)];
        let twelve = 12 * 3_600;
        assert_eq!(next_change(&known, Moment::from_secs(5)), Some(Moment::from_secs(twelve)));
        assert_eq!(ms(&known, twelve - 1), []);
        assert_eq!(ms(&known, twelve), [(AgentStatus::Ready, twelve * 1_000)]);
        let now = now(&AgentId::trusted("a"), &known, Moment::from_secs(twelve));
        assert_eq!(now.map(|n| (n.state, n.since)), Some((AgentStatus::Offline, Moment::from_secs(twelve))));
        assert_eq!(next_change(&known, Moment::from_secs(twelve)), None);
        // Heard again the next day: the gap counts no more than twelve hours.
        let known = vec![said(0, AgentStatus::Ready), said(2 * twelve, AgentStatus::Ready)];
        assert_eq!(ms(&known, 2 * twelve), [(AgentStatus::Ready, twelve * 1_000)]);
    }

    proptest! {
        #[test]
        fn shares_add_up_to_the_interval(from in 0..10_000_000i64, length in 0..9_000_000_000i64, fine in 0..20_000_000i64) {
            let during = Stretch { from: Moment::from_micros(from), to: Moment::from_micros(from + length) };
            let spent = StateInterval { campaign: CampaignId::trusted("c"), state: AgentStatus::Ready, during };
            let shares = shares(&AgentId::trusted("a"), &spent, Moment::from_micros(fine));
            for dimension in [Dimension::Total, Dimension::Campaign, Dimension::Agent] {
                let sum: i64 = shares.iter().filter(|s| s.of.dimension == dimension).map(|s| s.ms).sum();
                prop_assert_eq!(sum, during.to.millis() - during.from.millis());
            }
        }

        #[test]
        fn order_does_not_matter(mut told in prop::collection::vec((0..20i64, 0..5usize), 0..12)) {
            let learn = |told: &[(i64, usize)]| {
                let mut known = Vec::new();
                for (at, state) in told {
                    tell(&mut known, said(*at, AgentStatus::ALL[*state]));
                }
                known
            };
            let forward = learn(&told);
            told.reverse();
            prop_assert_eq!(forward, learn(&told));
        }
    }
}
