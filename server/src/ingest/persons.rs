//! Whose numbers stand in names: learned from calls, whether the name or the number was told first.
//!
//! A call that has both in itself tells it for sure. Of a name and a number of two calls, a name that holds the whole number,
//! with or without its country code, is taken to be that person's; for that the latest of both are remembered.

use super::counters::IngestCounters;
use super::country;
use super::generation_cache::GenerationCache;
use crate::kit::mask::{self, Veil};
use app::domain::mask::{Numbers, candidates, may_hold};
use app::domain::{Call, CallName, ListId, Number, RoomId};
use foldhash::fast::RandomState;
use std::collections::{BTreeSet, HashSet};

/// Persons listed at most, as names are.
const MOST: usize = super::directory::NAMES;
/// Ways to write a number, and numbers in names, remembered in each of two generations.
const REMEMBERED: usize = 100_000;

#[derive(Debug)]
pub(super) struct Persons {
    listed: HashSet<Number, RandomState>,
    changed: BTreeSet<Number>,
    /// The persons' numbers of the latest calls, by the digits of each way to write them; with all their digits.
    numbers: GenerationCache<u64, u64, RandomState>,
    /// The numbers that stand in the latest names.
    names: GenerationCache<u64, (), RandomState>,
    /// Knows them before anybody can read what names them.
    veil: Veil,
}

impl Default for Persons {
    fn default() -> Self {
        Self::of(Vec::new(), Veil::default())
    }
}

impl Persons {
    pub(super) fn of(listed: Vec<Number>, veil: Veil) -> Self {
        veil.persons(&listed);
        let (numbers, names) = (GenerationCache::of(REMEMBERED), GenerationCache::of(REMEMBERED));
        Self { listed: listed.into_iter().collect(), changed: BTreeSet::new(), numbers, names, veil }
    }

    /// Takes over what another server has listed.
    pub(super) fn take_over(&mut self, persons: &[Number]) {
        self.listed.extend(persons.iter().cloned());
        self.veil.persons(persons);
    }

    pub(super) fn all(&self) -> Vec<Number> {
        self.listed.iter().cloned().collect()
    }

    /// Those listed since the last time.
    pub(super) fn take_changes(&mut self) -> Vec<Number> {
        std::mem::take(&mut self.changed).into_iter().collect()
    }

    /// Hears the names and the numbers of a call.
    pub(super) fn seen(&mut self, name: &CallName, call: &Call, counters: &IngestCounters) {
        for person in mask::named(name, call) {
            self.list(person, counters);
        }
        for person in mask::ends(call) {
            self.number(person, counters);
        }
        let others = [call.list.get().map(ListId::as_str), call.room.get().map(RoomId::as_str)];
        for name in mask::names(call).chain(others.into_iter().flatten()) {
            self.name(name, counters);
        }
    }

    /// Hears that a call's number was told, and another one is known now: its ids may still hold it.
    pub(super) fn corrected(&mut self, name: &CallName, call: &Call, number: &Number, counters: &IngestCounters) {
        let known = Numbers::of([number]);
        if mask::ids(name, call).any(|id| known.stand_in(id)) {
            self.list(number.clone(), counters);
        }
        self.number(number, counters);
    }

    /// Hears a name under which something is shown.
    pub(super) fn name(&mut self, name: &str, counters: &IngestCounters) {
        if !may_hold(name) {
            return;
        }
        for digits in candidates(name) {
            if let Some(number) = self.numbers.get(&digits) {
                self.list(Number::trusted(format!("+{number}")), counters);
            }
            self.names.put(digits, ());
        }
    }

    fn number(&mut self, number: &Number, counters: &IngestCounters) {
        let digits = number.reveal().trim_start_matches('+');
        let Ok(whole) = digits.parse::<u64>() else { return };
        if self.numbers.has(&whole) {
            return;
        }
        let national = country::national(number).and_then(|national| national.parse().ok());
        for written in [Some(whole), national].into_iter().flatten() {
            if self.names.has(&written) {
                self.list(number.clone(), counters);
            }
            self.numbers.put(written, whole);
        }
    }

    fn list(&mut self, person: Number, counters: &IngestCounters) {
        if self.listed.contains(&person) {
            return;
        }
        if self.listed.len() >= MOST {
            counters.names_unlisted.add(1);
            return;
        }
        self.veil.persons([&person]);
        self.changed.insert(person.clone());
        self.listed.insert(person);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::domain::outcome::Direction;
    use app::domain::{AgentId, CallId, LastWrite, Moment, RealmId};

    const PERSON: &str = "+12025550187";

    fn call(to: &str, agent: &str) -> (CallName, Call) {
        let at = Moment::from_secs(1);
        let call = Call {
            direction: LastWrite::at(Direction::Outbound, at),
            from: LastWrite::at(Number::trusted("+18005550199"), at),
            to: LastWrite::at(Number::trusted(to), at),
            agent: LastWrite::at(AgentId::trusted(agent), at),
            ..Call::default()
        };
        (CallName { realm: RealmId::trusted("r"), call_id: CallId::trusted("2025550187-1") }, call)
    }

    #[test]
    fn a_name_is_a_persons_whether_it_or_the_call_with_the_number_was_first() {
        let counters = IngestCounters::default();
        let told = [call("+442079460018", "SIP/2025550187-0000001f"), call(PERSON, "ann")];
        for order in [[0, 1], [1, 0]] {
            let mut persons = Persons::default();
            for at in order {
                persons.seen(&told[at].0, &told[at].1, &counters);
            }
            assert_eq!(persons.take_changes(), [Number::trusted(PERSON)], "{order:?}");
        }
        let mut persons = Persons::default();
        persons.name("agent 8005550199", &counters);
        persons.name("list 202555018", &counters);
        persons.seen(&told[1].0, &told[1].1, &counters);
        assert_eq!(persons.take_changes(), [], "neither the floor's own nor a piece of one");
    }

    #[test]
    fn a_number_that_was_corrected_is_still_in_the_calls_ids() {
        let (counters, mut persons) = (IngestCounters::default(), Persons::default());
        let (name, call) = call("+442079460018", "ann");
        persons.corrected(&name, &call, &Number::trusted("+442079460019"), &counters);
        assert_eq!(persons.take_changes(), []);
        persons.corrected(&name, &call, &Number::trusted(PERSON), &counters);
        assert_eq!(persons.take_changes(), [Number::trusted(PERSON)]);
    }
}
