//! Who is in which room: what one webhook alone does not tell.
//!
//! A call is told whole by the webhook of its end. Memory serves where that is lost, and for callers: whether one was answered
//! is seen by whether somebody else was in the room. It is lost with the server, bounded, and the oldest goes first.

use app::domain::{CallId, Moment, Span};
use smol_str::SmolStr;
use std::collections::{HashMap, VecDeque};

/// Participants remembered, with their rooms: a day of a large floor, some megabytes.
const MOST: usize = 50_000;
/// A room is over, and its call's end may still be on its way: LiveKit drops what it could not send for half a minute.
const END_WITHIN: Span = Span::secs(60);

/// A call in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub call_id: CallId,
    pub started: Moment,
    /// Its end was told.
    pub is_over: bool,
    /// When it was last seen unanswered, until it was seen answered.
    pub unanswered: Option<Moment>,
    /// Since when nobody sees it any more in its room.
    missing: Option<Moment>,
}

/// A call whose room is over, or that is in it no more, and whose own end never came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    pub participant: SmolStr,
    pub call_id: CallId,
    /// No later than this.
    pub at: Moment,
}

#[derive(Debug, Default)]
struct Room {
    calls: Vec<SmolStr>,
    /// Somebody with whom a caller may have spoken.
    has_somebody: bool,
    /// It is over since, and is looked at then.
    over: Option<(Moment, Moment)>,
}

#[derive(Debug, Default)]
pub struct Rooms {
    by_participant: HashMap<SmolStr, (Seen, SmolStr)>,
    by_room: HashMap<SmolStr, Room>,
    /// Rooms and participants in the order in which they came; each once.
    order: VecDeque<SmolStr>,
    most: usize,
}

impl Rooms {
    pub fn new() -> Self {
        Self { most: MOST, ..Self::default() }
    }

    fn room(&mut self, room: &str) -> &mut Room {
        if !self.by_room.contains_key(room) {
            self.order.push_back(room.into());
        }
        self.by_room.entry(room.into()).or_default()
    }

    /// Forgets the oldest beyond the bound.
    fn bound(&mut self) {
        while self.order.len() > self.most {
            let Some(oldest) = self.order.pop_front() else { return };
            self.by_room.remove(&oldest);
            self.by_participant.remove(&oldest);
        }
    }

    /// Somebody who is no call came in.
    pub fn somebody(&mut self, room: &str) {
        self.room(room).has_somebody = true;
        self.bound();
    }

    pub fn had_somebody(&self, room: &str) -> bool {
        self.by_room.get(room).is_some_and(|known| known.has_somebody || known.calls.len() > 1)
    }

    /// A call came in, under the name that it was first seen with.
    pub fn call(&mut self, room: &str, participant: &str, call_id: CallId, started: Moment) -> Seen {
        if let Some((seen, _)) = self.by_participant.get(participant) {
            return seen.clone();
        }
        let seen = Seen { call_id, started, is_over: false, unanswered: None, missing: None };
        self.room(room).calls.push(participant.into());
        self.by_participant.insert(participant.into(), (seen.clone(), room.into()));
        self.order.push_back(participant.into());
        self.bound();
        seen
    }

    /// Its own end was told.
    pub fn ended(&mut self, participant: &str) {
        if let Some((seen, _)) = self.by_participant.get_mut(participant) {
            seen.is_over = true;
        }
    }

    /// A call as it was last told of.
    pub fn seen(&self, participant: &str) -> Option<&Seen> {
        self.by_participant.get(participant).map(|(seen, _)| seen)
    }

    /// It is there, and not answered.
    pub fn rings(&mut self, participant: &str, now: Moment) {
        if let Some((seen, _)) = self.by_participant.get_mut(participant) {
            seen.unanswered = Some(now);
        }
    }

    /// It is there, and answered: when it was last seen not to be, where that is not long ago; told once.
    pub fn speaks(&mut self, participant: &str) -> Option<Moment> {
        self.by_participant.get_mut(participant).and_then(|(seen, _)| seen.unanswered.take())
    }

    /// Whether a call of a room goes on, as far as is known.
    pub fn has_open_call(&self, room: &str) -> bool {
        let calls = self.by_room.get(room).map(|room| room.calls.as_slice()).unwrap_or_default();
        calls.iter().any(|participant| self.seen(participant).is_some_and(|seen| !seen.is_over))
    }

    /// Who is in which room now: of those rooms that were looked into, and of those that there are no more, who is known and
    /// not in them is missing since.
    pub fn compare(&mut self, now: Moment, is_there: impl Fn(&str, &str) -> Option<bool>) {
        for (participant, (seen, room)) in self.by_participant.iter_mut().filter(|(_, (seen, _))| !seen.is_over) {
            match is_there(room, participant) {
                Some(true) => seen.missing = None,
                Some(false) => {
                    seen.missing.get_or_insert(now);
                }
                // Not looked into.
                None => {}
            }
        }
    }

    /// A room is over, since no later than `at`: who is left in it has a minute to tell of their own end.
    pub fn over(&mut self, room: &str, at: Moment, now: Moment) {
        if let Some(room) = self.by_room.get_mut(room) {
            room.over.get_or_insert((at, now + END_WITHIN));
        }
    }

    /// Those whose end never came. Each is told once.
    pub fn left_over(&mut self, now: Moment) -> Vec<Left> {
        let mut all = Vec::new();
        for room in self.by_room.values_mut() {
            let Some((at, _)) = room.over.filter(|(_, due)| *due <= now) else { continue };
            for participant in std::mem::take(&mut room.calls) {
                let Some((seen, _)) = self.by_participant.get_mut(&participant).filter(|(seen, _)| !seen.is_over)
                else {
                    continue;
                };
                seen.is_over = true;
                all.push(Left { at: at.max(seen.started), call_id: seen.call_id.clone(), participant });
            }
        }
        for (participant, (seen, _)) in self.by_participant.iter_mut().filter(|(_, (seen, _))| !seen.is_over) {
            if let Some(at) = seen.missing.filter(|since| *since + END_WITHIN <= now) {
                seen.is_over = true;
                all.push(Left {
                    at: at.max(seen.started),
                    call_id: seen.call_id.clone(),
                    participant: participant.clone(),
                });
            }
        }
        all.sort_by(|one, other| one.participant.cmp(&other.participant));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Moment = Moment::from_secs(1_000);

    fn call(rooms: &mut Rooms, room: &str, participant: &str, id: &str) -> Seen {
        rooms.call(room, participant, CallId::trusted(id), START)
    }

    #[test]
    fn who_is_left_in_a_room_that_is_over_is_told_once_after_a_minute() {
        let mut rooms = Rooms::new();
        call(&mut rooms, "r", "p1", "a");
        call(&mut rooms, "r", "p2", "b");
        call(&mut rooms, "other", "p3", "c");
        rooms.ended("p1");
        let now = START + Span::secs(30);
        rooms.over("r", START + Span::secs(20), now);
        assert_eq!(rooms.left_over(now + Span::secs(59)), []);
        let left = Left { participant: "p2".into(), call_id: CallId::trusted("b"), at: START + Span::secs(20) };
        assert_eq!(rooms.left_over(now + Span::secs(60)), [left]);
        assert_eq!(rooms.left_over(now + Span::secs(600)), []);
        // Told again afterwards, by a server that did not hear that we had it.
        call(&mut rooms, "r", "p2", "b");
        rooms.over("r", START + Span::secs(20), now + Span::secs(600));
        assert_eq!(rooms.left_over(now + Span::secs(6_000)), []);
    }

    #[test]
    fn a_call_keeps_the_name_that_it_was_first_seen_with() {
        let mut rooms = Rooms::new();
        call(&mut rooms, "r", "p1", "PA_1");
        assert_eq!(call(&mut rooms, "r", "p1", "later@host").call_id.as_str(), "PA_1");
        assert!(!rooms.had_somebody("r") && !rooms.had_somebody("unheard of"));
        call(&mut rooms, "r", "p2", "b");
        assert!(rooms.had_somebody("r"), "two calls speak with each other");
        rooms.somebody("s");
        assert!(rooms.had_somebody("s"));
    }

    #[test]
    fn who_is_not_in_the_room_any_more_has_a_minute_to_say_so() {
        let mut rooms = Rooms::new();
        call(&mut rooms, "r", "p1", "a");
        call(&mut rooms, "r", "p2", "b");
        let there =
            |names: &'static [&'static str]| move |_: &str, participant: &str| Some(names.contains(&participant));
        rooms.compare(START + Span::secs(10), there(&["p1", "p2"]));
        rooms.compare(START + Span::secs(15), there(&["p1"]));
        rooms.compare(START + Span::secs(20), |_, _| None);
        assert_eq!(rooms.left_over(START + Span::secs(74)), []);
        let left = Left { participant: "p2".into(), call_id: CallId::trusted("b"), at: START + Span::secs(15) };
        assert_eq!(rooms.left_over(START + Span::secs(75)), [left]);
        assert!(rooms.has_open_call("r"));
        rooms.compare(START + Span::secs(80), there(&[]));
        rooms.compare(START + Span::secs(90), there(&["p1"]));
        assert_eq!(rooms.left_over(START + Span::secs(600)), [], "it was there again");
        rooms.ended("p1");
        assert!(!rooms.has_open_call("r"));
    }

    #[test]
    fn an_answer_is_seen_once_by_who_saw_it_ring() {
        let mut rooms = Rooms::new();
        call(&mut rooms, "r", "p1", "a");
        assert_eq!(rooms.speaks("p1"), None, "nobody saw it ring");
        rooms.rings("p1", START);
        assert_eq!((rooms.speaks("p1"), rooms.speaks("p1")), (Some(START), None));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut rooms = Rooms { most: 4, ..Rooms::default() };
        for n in 0..100 {
            call(&mut rooms, &format!("r{n}"), &format!("p{n}"), "a");
        }
        assert_eq!((rooms.order.len(), rooms.by_room.len(), rooms.by_participant.len()), (4, 2, 2));
    }
}
