//! Which problem explains which, and their order.

use super::Problem;
use app::view::problems::ProblemCause;
use smol_str::SmolStr;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Puts each problem under the one that it follows from, where that is as bad, and the rest in order: the worst first, of
/// those the deepest cause, of those what hits most calls and agents.
pub(super) fn in_order(all: Vec<Problem>) -> Vec<Problem> {
    let mut named: BTreeMap<(ProblemCause, SmolStr), usize> = BTreeMap::new();
    for (at, problem) in all.iter().enumerate() {
        named.entry((problem.cause, problem.id.clone())).or_insert(at);
    }
    // A cause is deeper than what follows from it, so that no two can explain one another.
    let parent = |at: usize| {
        let problem = &all[at];
        let causes = problem.follows_from.iter().filter(|(cause, _)| *cause < problem.cause);
        let known = causes.filter_map(|cause| named.get(cause).copied());
        known.filter(|cause| all[*cause].band >= problem.band).min()
    };
    let root = |at: usize| {
        let mut top = at;
        while let Some(above) = parent(top) {
            top = above;
        }
        top
    };
    let roots: Vec<usize> = (0..all.len()).map(root).collect();
    let mut under: BTreeMap<usize, Vec<Problem>> = BTreeMap::new();
    let mut tops = Vec::new();
    for (at, (problem, root)) in all.into_iter().zip(roots).enumerate() {
        if root == at {
            tops.push((at, problem));
        } else {
            under.entry(root).or_default().push(problem);
        }
    }
    let rank = |p: &Problem| (Reverse(p.band), place(p.cause), Reverse(p.hit.calls + p.hit.agents), p.id.clone());
    let mut tops: Vec<Problem> = tops
        .into_iter()
        .map(|(at, mut problem)| {
            let mut explained = under.remove(&at).unwrap_or_default();
            explained.sort_by_cached_key(rank);
            problem.explains.extend(explained);
            problem
        })
        .collect();
    tops.sort_by_cached_key(rank);
    tops
}

/// Where a problem stands among those that are as bad: the deepest cause first. People who are dropped are a matter of law: a
/// campaign goes before a number, though a number may explain what a campaign does.
const fn place(cause: ProblemCause) -> u8 {
    match cause {
        ProblemCause::Database => 0,
        ProblemCause::Silence => 1,
        ProblemCause::Figures => 2,
        ProblemCause::Rejected => 3,
        ProblemCause::Misspelt => 4,
        ProblemCause::Undirected => 5,
        ProblemCause::Component => 6,
        ProblemCause::Route => 7,
        ProblemCause::Trunk => 8,
        ProblemCause::Campaign => 9,
        ProblemCause::Number => 10,
        ProblemCause::Country => 11,
        ProblemCause::Floor => 12,
        ProblemCause::Today => 13,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Hit;
    use super::*;
    use app::kpi::Band;
    use app::view::{PanelId, Place};

    fn problem(cause: ProblemCause, id: &str, band: Band, calls: i64, from: &[(ProblemCause, &str)]) -> Problem {
        let place = Place::Panel(PanelId::Routes, String::new());
        let causes = from.iter().map(|(cause, id)| (*cause, SmolStr::new(id)));
        let hit = Hit { calls, ..Hit::default() };
        Problem::new(cause, id, band, place, id, String::new()).hits(hit).follows_from(causes)
    }

    #[test]
    fn what_a_cause_explains_stands_under_it_and_the_rest_by_cause_and_whom_it_hits() {
        use ProblemCause::{Campaign, Component, Number, Route};
        let listed = in_order(vec![
            problem(Number, "n", Band::Critical, 500, &[]),
            problem(Campaign, "small", Band::Critical, 5, &[]),
            problem(Campaign, "large", Band::Critical, 50, &[]),
            problem(Campaign, "b", Band::Critical, 90, &[(Route, "beta")]),
            problem(Route, "beta", Band::Critical, 10, &[]),
            problem(Component, "db", Band::Warn, 0, &[]),
            problem(Campaign, "c", Band::Critical, 1, &[(Component, "db")]),
        ]);
        let ids: Vec<&str> = listed.iter().map(|p| p.id.as_str()).collect();
        assert_eq!(ids, ["beta", "large", "small", "c", "n", "db"], "a yellow cause explains nothing red");
        assert_eq!(listed[0].explains.iter().map(|p| p.id.as_str()).collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn what_follows_from_what_follows_stands_under_the_first() {
        use ProblemCause::{Campaign, Component, Route};
        let listed = in_order(vec![
            problem(Campaign, "c", Band::Warn, 1, &[(Route, "r"), (Campaign, "c")]),
            problem(Route, "r", Band::Critical, 1, &[(Component, "worker")]),
            problem(Component, "worker", Band::Critical, 1, &[]),
        ]);
        assert_eq!((listed.len(), listed[0].id.as_str(), listed[0].explains.len()), (1, "worker", 2));
    }
}
