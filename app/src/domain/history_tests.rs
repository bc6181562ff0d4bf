use super::*;
use crate::domain::outcome::{CampaignStatus, Mode};
use CampaignStatus::{Active, Ended, Paused};
use proptest::prelude::*;

fn told(words: &[(i64, CampaignStatus)]) -> History<CampaignStatus> {
    let mut history = History::default();
    words.iter().for_each(|(secs, status)| history.tell(Moment::from_secs(*secs), *status));
    history
}

#[test]
fn in_force_is_the_latest_not_after_else_the_earliest_known() {
    let mut modes = History::default();
    modes.tell(Moment::from_secs(20), Mode::Preview);
    modes.tell(Moment::from_secs(10), Mode::Predictive);
    assert_eq!(modes.in_force(Moment::from_secs(5)), Some(&Mode::Predictive));
    assert_eq!(modes.in_force(Moment::from_secs(20)), Some(&Mode::Preview));
    assert_eq!(modes.in_force(Moment::from_secs(19)), Some(&Mode::Predictive));
}

#[test]
fn a_status_told_again_goes_on_since_it_was_told_first() {
    let since = |words: &[(i64, CampaignStatus)]| told(words).latest_since().map(Moment::secs);
    assert_eq!(since(&[]), None);
    assert_eq!(since(&[(10, Active), (20, Paused), (30, Paused)]), Some(20));
    assert_eq!(since(&[(30, Paused), (20, Paused), (25, Active)]), Some(30), "a late word between the two");
}

#[test]
fn a_word_between_repetitions_is_in_force_for_its_minute_whenever_it_comes() {
    let repeated = || (0..100).map(|n| (n * 10, Paused));
    let mut in_order: Vec<_> = repeated().chain([(545, Active)]).collect();
    let late = told(&in_order);
    in_order.sort_by_key(|(at, _)| *at);
    assert_eq!(told(&in_order), late);
    let changes: Vec<_> = late.iter().map(|(at, status)| (at.secs(), *status)).collect();
    assert_eq!(changes, [(0, Paused), (545, Active), (600, Paused)]);
    // What lasts counts from and to the very words.
    let lasting: Vec<_> = (0..60).map(|n| (n * 10, if (17..45).contains(&n) { Active } else { Paused })).collect();
    let changes: Vec<_> = told(&lasting).iter().map(|(at, status)| (at.secs(), *status)).collect();
    assert_eq!(changes, [(0, Paused), (170, Active), (450, Paused)]);
}

#[test]
fn a_dialer_that_repeats_itself_for_weeks_makes_nothing_forgotten() {
    let mut history = told(&[(0, Active), (5_000, Paused)]);
    for n in 0..200_000 {
        history.tell(Moment::from_secs(6_000 + n * 10), Paused);
    }
    assert_eq!(history.latest_since(), Some(Moment::from_secs(5_000)));
    assert_eq!(history.in_force(Moment::from_secs(4_999)), Some(&Active));
    assert_eq!(history.len(), 3);
    let late = 6_000 + 100_000 * 10 + 5;
    history.tell(Moment::from_secs(late), Active);
    assert_eq!(history.in_force(Moment::from_secs(late)), Some(&Active));
    assert_eq!(history.in_force(Moment::from_secs(late + 60)), Some(&Paused));
}

#[test]
fn more_than_a_thousand_changes_are_the_same_in_any_order() {
    let words: Vec<_> = (0..1_500).map(|n| (n * 4_000, if n % 2 == 0 { Active } else { Paused })).collect();
    let in_order = told(&words);
    let (odd, even): (Vec<_>, Vec<_>) = words.iter().rev().partition(|(at, _)| at % 8_000 == 0);
    assert_eq!(told(&[odd, even].concat()), in_order);
    assert_eq!(in_order.iter().count(), 1_500);
}

#[test]
fn only_more_changes_than_are_kept_are_forgotten() {
    let turn = |n: i64| if n % 2 == 0 { Active } else { Paused };
    let limit = i64::try_from(MAX_HISTORY).unwrap_or(i64::MAX);
    // Two words a change, so that there is something to leave out first.
    let mut history = History::default();
    for n in 0..limit {
        history.tell(Moment::from_secs(n * 4_000), turn(n));
        history.tell(Moment::from_secs(n * 4_000 + 2_000), turn(n));
    }
    assert_eq!(history.len(), MAX_HISTORY);
    assert_eq!(history.known_from(), Some(Moment::from_secs(0)));
    history.tell(Moment::from_secs(limit * 4_000), turn(limit));
    assert_eq!(history.known_from(), Some(Moment::from_secs(4_000)), "the oldest change had to go");
}

#[test]
fn it_is_read_as_it_was_written_and_as_earlier_versions_wrote_it() {
    let history = told(&[(10, Active), (20, Active), (500, Paused), (900, Active)]);
    let text = serde_json::to_string(&history).unwrap_or_default();
    assert_eq!(text, r#"[["active",[10000000,10000000,880000000,0]],["paused",[500000000,0]]]"#);
    assert_eq!(serde_json::from_str::<History<CampaignStatus>>(&text).ok(), Some(history));
    let words = r#"{"10000000":"active","500000000":"paused"}"#;
    let read = serde_json::from_str::<History<CampaignStatus>>(words).ok();
    assert_eq!(read, Some(told(&[(10, Active), (500, Paused)])));
}

/// When each value counts as told, by the definition alone: at its first and its last word of those without a minute
/// between them, and at the begin of each minute between these two.
fn counts_at(words: &[(i64, CampaignStatus)], status: CampaignStatus) -> BTreeSet<i64> {
    let said: BTreeSet<i64> = words.iter().filter(|(_, told)| *told == status).map(|(at, _)| *at).collect();
    let in_minute = |minute: i64| said.iter().any(|at| at.div_euclid(60) == minute);
    let mut counts = BTreeSet::new();
    for at in &said {
        let minute = at.div_euclid(60);
        let of_minute: Vec<i64> = said.iter().copied().filter(|other| other.div_euclid(60) == minute).collect();
        let (goes_on, will_go_on) = (in_minute(minute - 1), in_minute(minute + 1));
        counts.insert(if goes_on { minute * 60 } else { of_minute[0] });
        counts.extend(of_minute.last().filter(|_| !will_go_on));
    }
    counts
}

proptest! {
    /// Whatever the order and however often, against the definition.
    #[test]
    fn no_order_makes_a_difference(
        words in prop::collection::vec((1..90i64, 0..4usize), 1..80).prop_map(|words| {
            let mut at = 0;
            let status = |which: usize| [Paused, Ended].get(which).copied().unwrap_or(Active);
            words.into_iter().map(|(gap, which)| { at += gap; (at, status(which)) }).collect::<Vec<_>>()
        }).prop_flat_map(|words| (Just(words.clone()), Just([words.clone(), words].concat()).prop_shuffle())),
    ) {
        let (in_order, shuffled) = words;
        let history = told(&in_order);
        prop_assert_eq!(&history, &told(&shuffled));
        let (mut one, half) = (told(&shuffled[..in_order.len()]), told(&shuffled[in_order.len()..]));
        one.merge(&half);
        prop_assert_eq!(&one, &history);
        let written = serde_json::to_string(&history).unwrap_or_default();
        prop_assert_eq!(serde_json::from_str::<History<CampaignStatus>>(&written).ok(), Some(history.clone()));
        let counts = [Active, Ended, Paused].map(|status| (status, counts_at(&in_order, status)));
        for at in in_order[0].0..in_order[in_order.len() - 1].0 + 70 {
            let latest = |of: &BTreeSet<i64>| of.range(..=at).next_back().copied();
            let expected = counts.iter().filter(|(_, of)| latest(of).is_some()).max_by_key(|(_, of)| latest(of));
            prop_assert_eq!(history.in_force(Moment::from_secs(at)), expected.map(|(status, _)| status), "at {}", at);
        }
    }
}
