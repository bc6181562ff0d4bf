//! One line of the queues' log: `time|call|queue|agent|event|…`, up to five texts more by the event.

use super::super::names;
use app::domain::event::Text;
use app::domain::mask::partly_masked;
use app::domain::outcome::{HungUpBy, TransferKind};
use app::domain::{AgentId, CallId, QueueId};
use csv::StringRecord;
use smol_str::SmolStr;
use std::borrow::Cow;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// A caller entered the queue, and showed a number.
    Entered {
        caller: SmolStr,
    },
    /// The number that was called, where the dialplan logs it.
    Called {
        number: SmolStr,
    },
    Connected,
    GaveUp,
    /// Nobody was there for the caller, or he chose to go; whereto the log does not tell.
    Left,
    Over(HungUpBy),
    Transferred {
        kind: TransferKind,
        target: SmolStr,
    },
    LoggedIn,
    LoggedOff,
    Paused {
        reason: SmolStr,
    },
    Unpaused,
    /// Something that tells neither of a call's course nor of an agent's state.
    Other,
}

/// A line taken apart.
#[derive(Debug, Clone)]
pub struct Entry {
    pub call: Option<CallId>,
    pub queue: Option<QueueId>,
    pub agent: Option<AgentId>,
    pub happened: Happened,
}

/// Words that stand where there is no call, queue or agent.
const NONE: [&str; 6] = ["", "NONE", "MANAGER", "CLI", "REALTIME", "QUEUELOG"];

/// Why a line tells nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown(pub String);

/// Where a line's texts stand: as in the file, or as the header of a table says.
#[derive(Debug, Clone)]
pub struct Columns(Vec<Cow<'static, str>>);

const FILE: [&str; 10] = ["time", "callid", "queuename", "agent", "event", "data1", "data2", "data3", "data4", "data5"];

impl Columns {
    pub fn of_the_file() -> Self {
        Self(FILE.map(Cow::Borrowed).to_vec())
    }

    /// As the table `queue_log` is exported.
    pub fn header(row: &StringRecord) -> Option<Self> {
        let plain = |name: &str| {
            let plain: String =
                name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
            Cow::Owned(if plain == "queue" { "queuename".to_owned() } else { plain })
        };
        let names: Vec<Cow<'static, str>> = row.iter().map(plain).collect();
        FILE[..5].iter().all(|needed| names.iter().any(|name| name == needed)).then_some(Self(names))
    }

    pub fn get<'r>(&self, row: &'r StringRecord, name: &str) -> &'r str {
        let at = self.0.iter().position(|known| known == name);
        at.and_then(|at| row.get(at)).unwrap_or_default().trim()
    }
}

/// Whether a row looks like a line of the log, or like a header of its table.
#[must_use]
pub fn is_one(row: &StringRecord) -> bool {
    let time = |text: &str| (9..=17).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_uppercase());
    let line = (5..=12).contains(&row.len()) && row.get(0).is_some_and(time) && row.get(4).is_some_and(word);
    line || Columns::header(row).is_some()
}

impl Entry {
    /// # Errors
    /// If the event's word is none that is known.
    pub fn read(columns: &Columns, row: &StringRecord) -> Result<Self, Unknown> {
        let get = |name| columns.get(row, name);
        let text = |name| SmolStr::new(get(name));
        let word = get("event");
        let happened = match word {
            "ENTERQUEUE" => Happened::Entered { caller: text("data2") },
            "DID" => Happened::Called { number: text("data1") },
            "CONNECT" => Happened::Connected,
            "ABANDON" => Happened::GaveUp,
            "EXITWITHTIMEOUT" | "EXITWITHKEY" | "EXITEMPTY" => Happened::Left,
            "COMPLETECALLER" => Happened::Over(HungUpBy::Person),
            "COMPLETEAGENT" => Happened::Over(HungUpBy::Agent),
            "TRANSFER" | "BLINDTRANSFER" => Happened::Transferred { kind: TransferKind::Blind, target: text("data1") },
            "ATTENDEDTRANSFER" => Happened::Transferred { kind: TransferKind::Warm, target: SmolStr::default() },
            "ADDMEMBER" | "AGENTLOGIN" | "AGENTCALLBACKLOGIN" => Happened::LoggedIn,
            "REMOVEMEMBER" | "AGENTLOGOFF" | "AGENTCALLBACKLOGOFF" => Happened::LoggedOff,
            "PAUSE" | "PAUSEALL" => Happened::Paused { reason: text("data1") },
            "UNPAUSE" | "UNPAUSEALL" => Happened::Unpaused,
            word if !word.is_empty() && word.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') => Happened::Other,
            word => return Err(Unknown(word.to_owned())),
        };
        let some = |text: &'_ str| (!NONE.contains(&text)).then(|| text.to_owned());
        Ok(Self {
            call: some(get("callid")).and_then(|id| CallId::new(&id).ok()),
            queue: some(get("queuename")).and_then(|id| QueueId::new(&id).ok()),
            agent: some(get("agent")).and_then(|name| agent(&name)),
            happened,
        })
    }
}

/// Who an agent is: the member's name, or who sits at its device. What may be a person's number in it is masked.
fn agent(name: &str) -> Option<AgentId> {
    AgentId::new(&partly_masked(names::sitting_at(name))).ok()
}

/// Whom a call was passed on to, as it is told.
pub fn target(text: &str) -> Text {
    Text::clipped(text)
}
