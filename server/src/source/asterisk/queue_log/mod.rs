//! The log that Asterisk's queues write (`/var/log/asterisk/queue_log`), for `ringside import`; and of what
//! happened while the PBX was not followed (`missed`).
//!
//! It knows what call detail records don't: when a caller entered a queue, gave up or was taken, by whom; when agents logged
//! in, took a break and why. A call is named by its channel's id, as when the PBX is followed, so that the log adds to what
//! is known. It knows neither ringing nor numbers called, and rarely which way a call went: a call of which nothing else is
//! known has no direction until it is told (`--set direction=inbound`). Times are whole seconds.

mod entry;
mod members;
pub(super) mod missed;
#[cfg(test)]
mod tests;

pub use entry::is_one;
pub use members::Meaning;

use crate::kit::mask::quoted;
use crate::source::file::defaults::Defaults;
use crate::source::file::times::Times;
use crate::source::file::{Fate, Origin, Translate, Wrong};
use crate::source::numbers;
use app::domain::event::{CallBridged, CallEnded, CallQueued, CallRecord, CallTransferred, CallUpdated};
use app::domain::outcome::{Direction, HungUpBy, Outcome};
use app::domain::{CallId, CannotTell, Country, Data, Event, EventId, Moment};
use csv::StringRecord;
use entry::{Columns, Entry, Happened};
use members::Members;

/// What the log can't know of a call.
const NEVER_TOLD: CannotTell = CannotTell::PROGRESS.and(CannotTell::ANSWERED_BY);

/// Makes events of the lines.
#[derive(Debug)]
pub struct QueueLog {
    origin: Origin,
    country: Option<Country>,
    defaults: Defaults,
    columns: Columns,
    members: Members,
    reads: Reads,
}

/// What is read for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reads {
    /// All that is known: a call that leaves its queue is over, as far as can be told.
    AFile,
    /// Beside what the PBX tells itself, which knows where a call went on.
    AGap,
}

impl QueueLog {
    #[must_use]
    pub fn new(origin: Origin, country: Option<Country>, meaning: Meaning, defaults: Defaults) -> Self {
        let (columns, members) = (Columns::of_the_file(), Members::new(meaning));
        Self { origin, country, defaults, columns, members, reads: Reads::AFile }
    }

    /// For what happened while the PBX was not followed.
    fn of_a_gap(self) -> Self {
        Self { reads: Reads::AGap, ..self }
    }

    fn event(&self, data: Data, about: &str, at: Moment) -> Event {
        let mut id = format!("queue-log/{}/{}/{about}", data.type_name(), at.micros());
        while id.len() > app::domain::ids::MAX_ID_BYTES {
            id.pop();
        }
        Event { id: EventId::trusted(id), source: self.origin.source.clone(), time: at, data }
    }

    /// What no line of it tells, of a call whose way out of the queue one does; beside the PBX itself, that is for it to say.
    const fn seen(&self) -> Option<CannotTell> {
        match self.reads {
            Reads::AFile => Some(NEVER_TOLD),
            Reads::AGap => None,
        }
    }

    /// What a line tells of a call.
    fn of_call(&self, call_id: &CallId, entry: &Entry, at: Moment) -> Vec<Data> {
        let realm = || Some(self.origin.realm.clone());
        let ended = |by, outcome| {
            let only = CallEnded::only(call_id.clone());
            let cannot_tell = self.seen();
            Data::CallEnded(CallEnded { realm: realm(), hung_up_by: by, outcome, cannot_tell, ..only })
        };
        match &entry.happened {
            Happened::Entered { caller } => {
                let queued = CallQueued::only(call_id.clone());
                let queue = entry.queue.clone();
                // How he leaves it is not known yet, and may never be; a list is only ever shortened.
                let yet = match self.reads {
                    Reads::AFile => NEVER_TOLD.and(CannotTell::QUEUE),
                    Reads::AGap => NEVER_TOLD,
                };
                let queued = Data::CallQueued(CallQueued { realm: realm(), queue, cannot_tell: Some(yet), ..queued });
                let known = CallRecord {
                    campaign: self.members.campaign(entry.queue.as_ref()).cloned(),
                    from: numbers::read(caller, None, self.country).party(),
                    ..CallRecord::only(call_id.clone(), at)
                };
                vec![queued, self.updated(known)]
            }
            Happened::Called { number } => {
                let to = numbers::read(number, None, self.country).party();
                let direction = Some(Direction::Inbound);
                vec![self.updated(CallRecord { to, direction, ..CallRecord::only(call_id.clone(), at) })]
            }
            Happened::Connected => entry
                .agent
                .iter()
                .map(|agent| {
                    let bridged = CallBridged::only(call_id.clone(), agent.clone());
                    Data::CallBridged(CallBridged { realm: realm(), cannot_tell: self.seen(), ..bridged })
                })
                .collect(),
            Happened::GaveUp => vec![ended(Some(HungUpBy::Person), Some(self.gave_up()))],
            Happened::Left if self.reads == Reads::AFile => {
                let left =
                    CallEnded { realm: realm(), outcome: Some(Outcome::NoAnswer), ..CallEnded::only(call_id.clone()) };
                vec![Data::CallEnded(left)]
            }
            Happened::Over(by) => vec![ended(Some(*by), None)],
            Happened::Transferred { kind, target } => {
                let transferred = CallTransferred::only(call_id.clone(), *kind, entry::target(target));
                vec![Data::CallTransferred(CallTransferred { realm: realm(), ..transferred }), ended(None, None)]
            }
            Happened::Left
            | Happened::LoggedIn
            | Happened::LoggedOff
            | Happened::Paused { .. }
            | Happened::Unpaused
            | Happened::Other => Vec::new(),
        }
    }

    /// What became of a caller who hung up in a queue: nobody had answered him; whom the dialer called had answered.
    fn gave_up(&self) -> Outcome {
        if self.defaults.direction() == Some(Direction::Outbound) { Outcome::Abandoned } else { Outcome::Cancelled }
    }

    /// What is known of a call beside its moments, with what was told for all of them.
    fn updated(&self, mut known: CallRecord) -> Data {
        self.defaults.fill(&mut known);
        let only = CallUpdated::only(known.call_id);
        Data::CallUpdated(CallUpdated {
            realm: Some(self.origin.realm.clone()),
            campaign: known.campaign,
            mode: known.mode,
            route: known.route,
            direction: known.direction,
            from: known.from,
            to: known.to,
            ..only
        })
    }
}

impl Translate for QueueLog {
    fn row(&mut self, row: &StringRecord, times: &mut Times) -> Result<Fate, Wrong> {
        if let Some(header) = Columns::header(row) {
            self.columns = header;
            return Ok(Fate::Header);
        }
        let entry = Entry::read(&self.columns, row)
            .map_err(|unknown| Wrong::new("event", format!("`{}` is unknown", quoted(&unknown.0))))?;
        if entry.happened == Happened::Other {
            return Ok(Fate::Other("an event of a queue that tells of no call's course and no agent's state"));
        }
        let id = entry.call.as_ref().map_or("", |id| id.as_str());
        times.identified(id);
        let at = times.after("time", self.columns.get(row, "time"), None)?;
        let at = at.ok_or_else(|| Wrong::new("time", "missing"))?;
        let mut events = Vec::new();
        if let Some(call_id) = &entry.call {
            let told = self.of_call(call_id, &entry, at);
            events.extend(told.into_iter().map(|data| self.event(data, call_id.as_str(), at)));
        }
        if let Some(state) = self.members.hear(&entry) {
            let agent = state.agent.to_string();
            events.push(self.event(Data::AgentState(state), &agent, at));
        }
        Ok(Fate::Told(events))
    }

    fn caveat(&self) -> Option<&'static str> {
        Some(
            "The queues' log tells no direction unless the dialplan logs the number called (DID): calls that nothing else is \
             known of count as `undirected`; say --set direction=inbound (or outbound). Who left a queue without being taken \
             (by a time-out or a key) ends there, for where he went on is not in it: he did not hang up in the queue, and how \
             long he waited is no data.",
        )
    }
}
