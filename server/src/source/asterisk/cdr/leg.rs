//! One record: a channel, the party it was connected to, and how that ended.

use super::layout::Layout;
use crate::source::file::Wrong;
use crate::source::file::times::Times;
use app::domain::outcome::Outcome;
use app::domain::{Moment, Span};
use csv::StringRecord;
use smol_str::SmolStr;

/// How a leg ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Answered,
    Not(Outcome),
}

impl Ending {
    pub fn read(text: &str) -> Option<Self> {
        let word: String = text.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_uppercase()).collect();
        Some(match word.as_str() {
            "ANSWERED" => Self::Answered,
            "NOANSWER" => Self::Not(Outcome::NoAnswer),
            "BUSY" => Self::Not(Outcome::Busy),
            "FAILED" => Self::Not(Outcome::Failed),
            "CONGESTION" => Self::Not(Outcome::Congestion),
            "CANCEL" => Self::Not(Outcome::Cancelled),
            _ => return None,
        })
    }
}

/// What a channel did last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum App {
    Queue,
    Dial,
    /// The other side of a `Dial` or an `Originate`: "(Outgoing Line)".
    Outgoing,
    /// Several meet, and who they are can't be seen.
    Conference,
    /// It met a channel that was there already, and dialled nobody: parked, ringing, or listened to.
    Joining,
    /// A program of the house, which may connect with whomever it likes.
    Program,
    /// A machine of the house speaks or listens, or nobody does.
    Announcement,
    /// The channel was hung up by the dialplan.
    HangUp,
    Other,
}

/// Applications in which the far end has nobody of the house on the line.
const ANNOUNCEMENTS: [&str; 24] = [
    "playback",
    "background",
    "wait",
    "waitexten",
    "musiconhold",
    "voicemail",
    "voicemailmain",
    "amd",
    "echo",
    "read",
    "readexten",
    "congestion",
    "busy",
    "playtones",
    "saydigits",
    "sayalpha",
    "saynumber",
    "answer",
    "controlplayback",
    "noop",
    "directory",
    "record",
    "receivefax",
    "sendfax",
];

/// Applications that put a channel together with one that is up, or rings, already.
const JOINING: [&str; 10] = [
    "bridge",
    "parkedcall",
    "park",
    "parkandannounce",
    "pickup",
    "pickupchan",
    "chanspy",
    "extenspy",
    "bridgewait",
    "dahdibarge",
];

/// Applications that hand a channel to a program, or to channels that are dialled without a word in its record.
const PROGRAMS: [&str; 11] = [
    "agi",
    "deadagi",
    "eagi",
    "fastagi",
    "asyncagi",
    "externalivr",
    "stasis",
    "page",
    "followme",
    "agentlogin",
    "originate",
];

impl App {
    fn read(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "queue" => Self::Queue,
            "dial" => Self::Dial,
            "appdial" | "appdial2" => Self::Outgoing,
            "confbridge" | "meetme" | "konference" | "conference" => Self::Conference,
            "hangup" => Self::HangUp,
            name if JOINING.contains(&name) => Self::Joining,
            name if PROGRAMS.contains(&name) => Self::Program,
            name if ANNOUNCEMENTS.contains(&name) => Self::Announcement,
            _ => Self::Other,
        }
    }
}

impl App {
    /// Whether a channel can have been with somebody of the house though its record names no party.
    pub const fn meets_unseen(self) -> bool {
        match self {
            Self::Conference | Self::Joining | Self::Program => true,
            Self::Queue | Self::Dial | Self::Outgoing | Self::Announcement | Self::HangUp | Self::Other => false,
        }
    }

    /// Whether the party of a record can have been dialled by its channel; else both came there by themselves.
    pub const fn dials(self) -> bool {
        match self {
            Self::Conference | Self::Joining => false,
            Self::Queue
            | Self::Dial
            | Self::Outgoing
            | Self::Program
            | Self::Announcement
            | Self::HangUp
            | Self::Other => true,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Leg {
    /// The channel's own id, and that of the call it belongs to, where the file tells them.
    pub id: SmolStr,
    pub linked: SmolStr,
    pub channel: SmolStr,
    pub party: SmolStr,
    pub app: App,
    pub data: SmolStr,
    pub src: SmolStr,
    pub dst: SmolStr,
    pub context: SmolStr,
    pub account: SmolStr,
    /// The number that was called from outside, where the file tells it.
    pub did: SmolStr,
    /// The number that was shown outside, where the file tells it.
    pub shown: SmolStr,
    pub start: Moment,
    pub end: Moment,
    /// When the channel was answered, where the leg was.
    pub answered: Option<Moment>,
    pub ending: Ending,
}

impl Leg {
    /// # Errors
    /// Names the column that is wrong.
    pub fn read(layout: &Layout, row: &StringRecord, times: &mut Times) -> Result<Self, Wrong> {
        let get = |name| layout.get(row, name);
        let text = |name| SmolStr::new(get(name));
        times.identified(get("uniqueid"));
        let ending = Ending::read(get("disposition")).ok_or_else(|| {
            Wrong::new("disposition", format!("`{}` is unknown", crate::kit::mask::quoted(get("disposition"))))
        })?;
        let took = secs("duration", get("duration"))?;
        let (start, end) = times.span(("start", get("start")), ("end", get("end")), took)?;
        let start = start.ok_or_else(|| Wrong::new("start", "missing"))?;
        let end = end.unwrap_or_else(|| start + took.unwrap_or(Span::ZERO));
        let answered = match ending {
            Ending::Answered => {
                let talked = secs("billsec", get("billsec"))?.unwrap_or(Span::ZERO);
                let readings = times.readings("answer", get("answer"))?;
                Some(times.settle(get("answer"), readings, Some(end - talked)).unwrap_or(end - talked))
            }
            Ending::Not(_) => None,
        };
        Ok(Self {
            id: text("uniqueid"),
            linked: text("linkedid"),
            channel: text("channel"),
            party: text("dstchannel"),
            app: App::read(get("lastapp")),
            data: text("lastdata"),
            src: text("src"),
            dst: text("dst"),
            context: text("dcontext"),
            account: text("accountcode"),
            did: text("did"),
            shown: text("outboundcnum"),
            start,
            end,
            answered,
            ending,
        })
    }

    /// When the two were connected: a channel that was answered before its party was dialled tells no better moment.
    pub fn connected(&self) -> Option<Moment> {
        self.answered.map(|at| at.max(self.start))
    }

    pub fn talk(&self) -> Span {
        self.connected().map_or(Span::ZERO, |at| self.end.since(at))
    }
}

/// Whole seconds; a fraction that some write is no more exact.
fn secs(field: &str, text: &str) -> Result<Option<Span>, Wrong> {
    if text.is_empty() {
        return Ok(None);
    }
    let whole = text.split('.').next().unwrap_or(text);
    whole.parse().map(|secs| Some(Span::secs(secs))).map_err(|_| Wrong::new(field, "not a whole number of seconds"))
}
