//! The channel event log as Asterisk writes it to a CSV, for `ringside import`.
//!
//! One row an event of a channel (its columns by `columns`); those of one call are gathered in a `thread` until its last
//! channel has ended, and then tell of it (`story`): a carrier's channel is a call, named as when the PBX is followed. So
//! the moment at which an agent came on the line is known. Rows may stand the other way round (tables are exported so); a
//! channel that was not seen to start tells nothing.

mod columns;
mod story;
#[cfg(test)]
mod tests;
mod thread;

use super::house::Names;
use super::names::{ChannelName, is_a_device};
use crate::kit::mask::quoted;
use crate::source::file::defaults::Defaults;
use crate::source::file::event;
use crate::source::file::times::Times;
use crate::source::file::{Fate, Origin, Together, Translate, Wrong};
use crate::source::joined::{Joined, Taken};
use crate::source::lately::Lately;
use crate::source::own::OwnNumbers;
use app::domain::Event;
use columns::{Columns, SAMPLE};
use csv::StringRecord;
use smol_str::SmolStr;
use std::sync::Arc;
use story::{Bridges, Story};
use thread::{Company, Kind, Thread};

/// Calls gathered at once; a log that never ends any must not fill memory.
const MOST_CALLS: usize = 20_000;
/// Channels of calls that are over, remembered for the rows that still come.
const MOST_GONE: usize = 20_000;
/// Channels of one call.
const MOST_CHANNELS: usize = 1_000;

/// Why an event is of no call of ours, unless others of its call are.
const NO_CARRIERS: &str = "an event of a channel that is no carrier's";

/// Events that tell nothing of a call.
const OTHERS: [&str; 16] = [
    "APP_END",
    "PARK_START",
    "PARK_END",
    "USER_DEFINED",
    "PICKUP",
    "FORWARD",
    "LINKEDID_END",
    "LOCAL_OPTIMIZE",
    "LOCAL_OPTIMIZE_BEGIN",
    "STREAM_BEGIN",
    "STREAM_END",
    "DTMF",
    "BRIDGE_END",
    "BRIDGE_UPDATE",
    "CONF_ENTER",
    "CONF_EXIT",
];

fn is_an_event(word: &str) -> bool {
    Kind::read(word).is_some() || OTHERS.contains(&word)
}

/// Whether a row looks like one of the log, or like a header of it.
#[must_use]
pub fn is_one(row: &StringRecord) -> bool {
    Columns::header(row).is_some() || (Columns::sample(row).is_some() && row.get(0).is_some_and(is_an_event))
}

/// Whether a row came before its call was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    InTime,
    Late,
    /// Its call is over, and was none of ours.
    LateOfNone,
}

/// Makes calls of the events of channels.
#[derive(Debug)]
pub struct Log {
    origin: Origin,
    names: Names,
    defaults: Defaults,
    /// Columns as told or as the file's header names them; those of the sample where neither does.
    columns: Option<Arc<Columns>>,
    own: OwnNumbers,
    threads: Joined<Thread>,
    /// Channels of calls that were told, and of those that are over and were none of ours: what a row says of one after its
    /// end.
    gone: Lately<SmolStr>,
    gone_untold: Lately<SmolStr>,
    bridges: Bridges,
    ready: Vec<Event>,
    together: Vec<Together>,
}

impl Log {
    /// `columns` names them in order, where they are not those of the sample configuration.
    ///
    /// # Errors
    /// Names the word that is no column, or the column that is missing.
    pub fn new(origin: Origin, names: Names, defaults: Defaults, columns: Option<&str>) -> Result<Self, String> {
        let columns = columns.map(Columns::told).transpose()?.map(Arc::new);
        let own = OwnNumbers::new(names.dids.clone());
        let (gone, gone_untold) = (Lately::new(MOST_GONE), Lately::new(MOST_GONE));
        let (threads, ready, together) = (Joined::default(), Vec::new(), Vec::new());
        let bridges = Bridges::Untold;
        Ok(Self { origin, names, defaults, columns, own, threads, gone, gone_untold, bridges, ready, together })
    }

    fn tell(&mut self, Taken { thing: thread, rows }: &Taken<Thread>) {
        let calls = Story { thread, names: &self.names, own: &mut self.own, bridges: self.bridges }.calls();
        self.together.push(Together { rows: rows.clone(), calls: calls.len() });
        let gone = if calls.is_empty() { &mut self.gone_untold } else { &mut self.gone };
        thread.channels.iter().for_each(|channel| gone.add(channel.id.clone()));
        self.ready.extend(calls.into_iter().map(|record| {
            let time = record.ended_at.unwrap_or(record.started_at);
            event(&self.origin, "cel", &self.defaults, record, time)
        }));
    }

    fn columns(&self, row: &StringRecord) -> Result<Arc<Columns>, Wrong> {
        let columns = self.columns.clone().or_else(|| Columns::sample(row).map(Arc::new));
        columns.ok_or_else(|| {
            let (fewest, most) = (SAMPLE.len(), SAMPLE.len() + 1);
            Wrong::new("", format!("{} columns; the log has {fewest}, or {most} with the sample's literal", row.len()))
        })
    }

    /// The names by which a row's call is found.
    fn names_of(columns: &Columns, row: &StringRecord) -> Vec<SmolStr> {
        let get = |name| columns.get(row, name);
        let linked = get("linkedid");
        let mut names: Vec<&str> = vec![linked, get("uniqueid")];
        if linked.is_empty() {
            names.push(get("channame"));
            names.extend(get("peer").split(',').map(str::trim));
        }
        names.into_iter().filter(|name| !name.is_empty()).map(SmolStr::new).collect()
    }

    fn hear(&mut self, kind: Kind, columns: &Columns, row: &StringRecord, times: &mut Times) -> Result<Heard, Wrong> {
        let id = columns.get(row, "uniqueid");
        if id.is_empty() {
            return Err(Wrong::new("uniqueid", "missing"));
        }
        times.identified(id);
        let at = times.after("eventtime", columns.get(row, "eventtime"), None)?;
        let at = at.ok_or_else(|| Wrong::new("eventtime", "missing"))?;
        if self.threads.find(id).is_none() {
            if self.gone.has(id) {
                return Ok(Heard::Late);
            }
            if self.gone_untold.has(id) {
                return Ok(Heard::LateOfNone);
            }
        }
        let place = self.threads.join(times.row(), &Self::names_of(columns, row), |_| true, Thread::absorb);
        let Some(thread) = self.threads.get_mut(place) else { return Ok(Heard::InTime) };
        if thread.hear(kind, columns, row, at) == Company::Named {
            self.bridges = Bridges::Told;
        }
        let over = thread.is_over() || thread.channels.len() > MOST_CHANNELS;
        let ended = if over { self.threads.take(place) } else { None };
        let crowded = || if self.threads.len() > MOST_CALLS { self.threads.take_first() } else { None };
        if let Some(thread) = ended.or_else(crowded) {
            self.tell(&thread);
        }
        Ok(Heard::InTime)
    }
}

impl Translate for Log {
    fn row(&mut self, row: &StringRecord, times: &mut Times) -> Result<Fate, Wrong> {
        if let Some(header) = Columns::header(row) {
            self.columns = Some(Arc::new(header));
            return Ok(Fate::Header);
        }
        let columns = self.columns(row)?;
        let (word, channel) = (columns.get(row, "eventtype"), columns.get(row, "channame"));
        let Some(kind) = Kind::read(word) else {
            let known = is_an_event(word) || channel.contains('/');
            return if known {
                Ok(Fate::Other("an event that tells nothing of a call"))
            } else {
                Err(Wrong::new("eventtype", format!("`{}` is unknown", quoted(word))))
            };
        };
        if !ChannelName::read(channel).is_some_and(|name| is_a_device(&name) || super::house::is_local(channel)) {
            return Ok(Fate::Other("an event of a channel that Asterisk has for itself"));
        }
        match self.hear(kind, &columns, row, times)? {
            Heard::Late => return Ok(Fate::Other("an event of a call that is over, and told")),
            Heard::LateOfNone => return Ok(Fate::Other("an event of a call that is over, and none of ours")),
            Heard::InTime => {}
        }
        let ready = std::mem::take(&mut self.ready);
        Ok(if self.names.carrier(channel).is_some() || !ready.is_empty() {
            Fate::Told(ready)
        } else {
            Fate::Held(NO_CARRIERS)
        })
    }

    fn end(&mut self) -> Vec<Event> {
        while let Some(thread) = self.threads.take_first() {
            self.tell(&thread);
        }
        std::mem::take(&mut self.ready)
    }

    fn together(&mut self) -> Option<Vec<Together>> {
        // Not before the events that they are of.
        Some(if self.ready.is_empty() { std::mem::take(&mut self.together) } else { Vec::new() })
    }

    fn caveat(&self) -> Option<&'static str> {
        Some(
            "The channel event log tells no ringing, so there is no post-dial delay of these calls. A carrier's channel that \
             came by itself, into a context that is no --inbound-context and no --outbound-context (the dialer's), has no \
             direction and counts as `undirected`: name the contexts, or --set direction=outbound.",
        )
    }
}
