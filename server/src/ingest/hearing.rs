//! The events of a group, told apart by what they are of.

use super::item::{Item, Word};
use super::names::{Names, TooManyNames};
use super::{Batch, people};
use crate::store::write::Due;
use app::domain::{CallName, ComponentId, Event, Moment};

/// The events of a group, sorted by what they tell of; each with its batch and its place in it.
#[derive(Debug, Default)]
pub(super) struct Hearing {
    pub(super) words: Vec<((usize, usize), Word)>,
    pub(super) others: Vec<((usize, usize), Box<Event>)>,
    pub(super) people: people::Words,
    pub(super) people_words: Vec<(usize, Moment)>,
    /// Words of agents for whom there is no room.
    pub(super) too_many: Vec<((usize, usize), TooManyNames)>,
    /// Components whose time is to be counted on.
    pub(super) components: Vec<ComponentId>,
}

impl Hearing {
    pub(super) fn sort(&mut self, batch_at: usize, batch: &mut Batch, names: &mut Names) {
        for (place, item) in std::mem::take(&mut batch.items).into_iter().enumerate() {
            match item {
                Item::Call(word) => self.words.push(((batch_at, place), word)),
                Item::Agent(at, body) => match names.agent(&body, at) {
                    Ok(()) => {
                        self.people.add(self.people_words.len(), &body, at);
                        self.people_words.push((batch_at, at));
                    }
                    Err(too_many) => self.too_many.push(((batch_at, place), too_many)),
                },
                Item::Other(event) => self.others.push(((batch_at, place), event)),
            }
        }
    }

    /// Sorts what is due by the clock: agents to their words, and the names of calls.
    pub(super) fn due(&mut self, due: Vec<Due>) -> Vec<CallName> {
        let mut calls = Vec::new();
        for due in due {
            match due {
                Due::Call(name) => calls.push(name),
                Due::Agent(agent) => self.people.touch(agent),
                Due::Component(component) => self.components.push(component),
            }
        }
        calls
    }
}
