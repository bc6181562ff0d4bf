//! Sums over several campaigns are those of their parts, whatever was heard.
#![allow(clippy::unwrap_used)]

use super::{Board, BoardConfig};
use crate::law::change::{AgentNow, Change, FactChange, LIVE_GRAIN, SumKey};
use crate::law::span::Stretch;
use app::domain::outcome::AgentStatus;
use app::domain::{AgentId, CampaignId, CampaignScope, Dimension, Fact, Facts, Moment, Span, Tally, Window};
use app::kpi::KpiId;
use proptest::prelude::*;
use smol_str::SmolStr;
use std::collections::BTreeMap;

const NOW: Moment = Moment::from_secs(1_700_000_000);
/// The last of them is that of calls that name none.
const CAMPAIGNS: [&str; 4] = ["spring", "autumn", "a,b", ""];

fn campaign(n: usize) -> CampaignId {
    CampaignId::trusted(CAMPAIGNS[n])
}

fn facts() -> impl Strategy<Value = Vec<FactChange>> {
    let one = (0..CAMPAIGNS.len(), 0..Dimension::ALL.len(), "[ab]", 0..4_000_i64, 0..Fact::ALL.len(), -3..60_i64);
    let change = |(of, dimension, key, ago, fact, n): (usize, usize, String, i64, usize, i64)| {
        let mut tally = Tally::default();
        tally.add(Fact::ALL[fact], n);
        let of = SumKey { campaign: campaign(of), dimension: Dimension::ALL[dimension], key: key.into() };
        FactChange { bucket: (NOW - Span::secs(ago)).floor(LIVE_GRAIN), of, tally }
    };
    prop::collection::vec(one.prop_map(change), 0..60)
}

/// Whose states nothing has ended yet.
fn agents() -> impl Strategy<Value = Vec<AgentNow>> {
    let one = (0..CAMPAIGNS.len(), 0..6_usize, 1..4_000_i64);
    let agent = |(of, agent, ago): (usize, usize, i64)| AgentNow {
        agent: AgentId::trusted(format!("agent-{agent}")),
        campaign: campaign(of),
        state: AgentStatus::Ready,
        since: NOW - Span::secs(ago),
        reason: None,
    };
    prop::collection::vec(one.prop_map(agent), 0..6)
}

/// By key, those that are not zero.
fn added(rows: impl IntoIterator<Item = (SmolStr, Facts)>) -> BTreeMap<SmolStr, Facts> {
    let mut sums = BTreeMap::<SmolStr, Facts>::new();
    rows.into_iter().for_each(|(key, facts)| *sums.entry(key).or_default() += &facts);
    sums.retain(|_, facts| !facts.is_zero());
    sums
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn sums_over_a_set_are_the_sums_of_its_parts(
        facts in facts(),
        agents in agents(),
        asked in prop::collection::btree_set(0..CAMPAIGNS.len(), 0..=CAMPAIGNS.len()),
    ) {
        let mut board = Board::new(BoardConfig::default(), NOW - Span::hours(2));
        board.apply(&Change { facts, agents, ..Change::default() });
        board.advance(NOW);
        let set: CampaignScope = asked.iter().map(|n| campaign(*n)).collect();
        let parts = || asked.iter().map(|n| CampaignScope::one(campaign(*n)));
        for dimension in Dimension::ALL {
            for window in [Window::Minutes5, Window::Minutes15, Window::Minutes60] {
                let over = |scope: &CampaignScope| board.sums().over(*dimension, window, scope, None).unwrap().rows;
                let whole = added(over(&set));
                prop_assert_eq!(&whole, &added(parts().flat_map(|part| over(&part))), "{} {}", dimension.word(), window.word());
                for (key, facts) in &whole {
                    let one = board.sums().over(*dimension, window, &set, Some(key)).unwrap().rows;
                    prop_assert_eq!(added(one), BTreeMap::from([(key.clone(), facts.clone())]));
                }
                for kpi in KpiId::ALL {
                    let ratio = |rows: Vec<(SmolStr, Facts)>| {
                        let ratios = rows.iter().map(|(_, facts)| kpi.ratio(|fact| facts[fact]));
                        ratios.fold((0, 0), |(part, whole), ratio| (part + ratio.part, whole + ratio.whole))
                    };
                    let (part, whole) = parts().map(|part| ratio(over(&part))).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
                    prop_assert_eq!(ratio(over(&set)), (part, whole), "{}", kpi.get().id);
                }
            }
            let during = Stretch { from: NOW - Span::hours(1), to: NOW };
            let buckets = |scope: &CampaignScope| {
                let mut by = BTreeMap::<(Moment, SmolStr), Facts>::new();
                for (at, key, tally) in board.sums().buckets(*dimension, scope, None, during) {
                    *by.entry((at, key)).or_default() += &tally;
                }
                by.retain(|_, facts| !facts.is_zero());
                by
            };
            let mut expected = BTreeMap::<(Moment, SmolStr), Facts>::new();
            for (at, facts) in parts().flat_map(|part| buckets(&part)) {
                *expected.entry(at).or_default() += &facts;
            }
            expected.retain(|_, facts| !facts.is_zero());
            prop_assert_eq!(buckets(&set), expected, "{}", dimension.word());
        }
    }
}
