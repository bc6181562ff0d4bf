//! One webhook of LiveKit, as far as a call needs it; and the same with what tells of persons taken out, to be shown.
//!
//! # Source
//! `livekit/protocol`: protobufs/livekit_webhook.proto, livekit_models.proto, livekit/attrs.go.

use super::protojson::{Message, Word, is_name};
use app::domain::Moment;
use app::domain::parse::FieldError;
use serde_json::Value;

/// What is told of; how each is counted stands beside the counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    RoomStarted,
    RoomFinished,
    Joined,
    Left,
    /// It left before it was there.
    Aborted,
    /// Of tracks, recordings, streams that come in, and agents' jobs: none is a call's.
    Track,
    Egress,
    Ingress,
    AgentJob,
    Unknown,
}

impl Kind {
    fn of(word: Option<&str>) -> Self {
        match word {
            Some("room_started") => Self::RoomStarted,
            Some("room_finished") => Self::RoomFinished,
            Some("participant_joined") => Self::Joined,
            Some("participant_left") => Self::Left,
            Some("participant_connection_aborted") => Self::Aborted,
            Some("track_published" | "track_unpublished") => Self::Track,
            Some("egress_started" | "egress_updated" | "egress_ended") => Self::Egress,
            Some("ingress_started" | "ingress_ended") => Self::Ingress,
            Some("agent_job_started" | "agent_job_ended") => Self::AgentJob,
            Some(_) | None => Self::Unknown,
        }
    }
}

/// Who takes part in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A telephone call.
    Call,
    /// Somebody, or an agent's program, with whom a caller may speak.
    Somebody,
    /// A recorder, a stream.
    Machine,
}

/// Their names by their numbers.
const KINDS: [&str; 9] = ["STANDARD", "INGRESS", "EGRESS", "SIP", "AGENT", "", "", "CONNECTOR", "BRIDGE"];

/// Why somebody left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    ClientInitiated,
    UserUnavailable,
    UserRejected,
    /// The room was deleted or closed, or the participant taken out of it.
    ByUs,
    /// It goes on under another connection.
    Moved,
    /// A server, a connection, a trunk or a medium failed.
    Broken,
    Unknown,
}

const REASONS: [&str; 17] = [
    "UNKNOWN_REASON",
    "CLIENT_INITIATED",
    "DUPLICATE_IDENTITY",
    "SERVER_SHUTDOWN",
    "PARTICIPANT_REMOVED",
    "ROOM_DELETED",
    "STATE_MISMATCH",
    "JOIN_FAILURE",
    "MIGRATION",
    "SIGNAL_CLOSE",
    "ROOM_CLOSED",
    "USER_UNAVAILABLE",
    "USER_REJECTED",
    "SIP_TRUNK_FAILURE",
    "CONNECTION_TIMEOUT",
    "MEDIA_FAILURE",
    "AGENT_ERROR",
];

impl Reason {
    fn of(word: Option<Word>) -> Self {
        let Some(Word::Known(name)) = word else { return Self::Unknown };
        match name {
            "CLIENT_INITIATED" => Self::ClientInitiated,
            "USER_UNAVAILABLE" => Self::UserUnavailable,
            "USER_REJECTED" => Self::UserRejected,
            "ROOM_DELETED" | "ROOM_CLOSED" | "PARTICIPANT_REMOVED" => Self::ByUs,
            "MIGRATION" | "DUPLICATE_IDENTITY" => Self::Moved,
            "SERVER_SHUTDOWN" | "STATE_MISMATCH" | "JOIN_FAILURE" | "SIGNAL_CLOSE" | "SIP_TRUNK_FAILURE"
            | "CONNECTION_TIMEOUT" | "MEDIA_FAILURE" | "AGENT_ERROR" => Self::Broken,
            _ => Self::Unknown,
        }
    }
}

/// How far a call had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Dialing,
    Ringing,
    /// Answered, and it speaks or digits are dialled to a menu.
    Active,
    Hangup,
    Unknown,
}

/// A participant; what it is called, and who it says that it is, is not read.
#[derive(Debug, Clone, Copy)]
pub struct Participant<'v> {
    pub sid: Option<&'v str>,
    pub role: Role,
    pub joined_at: Option<Moment>,
    pub reason: Reason,
    message: Message<'v>,
}

impl<'v> Participant<'v> {
    /// # Errors
    /// The first field that is what it can't be.
    pub fn read(message: Message<'v>) -> Result<Self, FieldError> {
        message.is_texts("attributes")?;
        let kind = message.word("kind", &KINDS)?;
        let role = match kind {
            Some(Word::Known("SIP")) => Role::Call,
            Some(Word::Known("INGRESS" | "EGRESS" | "BRIDGE")) => Role::Machine,
            // A plain one is what the zero stands for, which is left out.
            Some(Word::Known(_) | Word::Unknown) | None => Role::Somebody,
        };
        let role = if message.entry("attributes", "sip.callID").is_some() { Role::Call } else { role };
        let millis = message.integer("joinedAtMs")?.and_then(|ms| ms.checked_mul(1_000)).map(Moment::from_micros);
        let seconds = message.integer("joinedAt")?.and_then(Moment::try_from_secs);
        let reason = Reason::of(message.word("disconnectReason", &REASONS)?);
        Ok(Self { sid: message.text("sid")?, role, joined_at: millis.or(seconds), reason, message })
    }

    pub fn attribute(&self, name: &str) -> Option<&'v str> {
        self.message.entry("attributes", name)
    }

    pub fn status(&self) -> Status {
        match self.attribute("sip.callStatus") {
            Some("dialing") => Status::Dialing,
            Some("ringing") => Status::Ringing,
            Some("active" | "automation") => Status::Active,
            Some("hangup") => Status::Hangup,
            Some(_) | None => Status::Unknown,
        }
    }
}

/// A webhook.
#[derive(Debug, Clone, Copy)]
pub struct Webhook<'v> {
    pub kind: Kind,
    pub id: Option<&'v str>,
    pub created_at: Option<Moment>,
    /// The room's session.
    pub room: Option<&'v str>,
    /// Who is left in the room.
    pub others: i64,
    /// How long a room is kept, in seconds, after the last has left it.
    pub departure_s: i64,
    pub participant: Participant<'v>,
    /// Fields that this version knows nothing of.
    pub unknown: u64,
}

const FIELDS: [&str; 10] =
    ["event", "room", "participant", "egressInfo", "ingressInfo", "track", "job", "id", "createdAt", "numDropped"];
const ROOM: [&str; 14] = [
    "sid",
    "name",
    "emptyTimeout",
    "departureTimeout",
    "maxParticipants",
    "creationTime",
    "creationTimeMs",
    "turnPassword",
    "enabledCodecs",
    "metadata",
    "numParticipants",
    "numPublishers",
    "activeRecording",
    "version",
];
const PARTICIPANT: [&str; 19] = [
    "sid",
    "identity",
    "state",
    "tracks",
    "metadata",
    "joinedAt",
    "joinedAtMs",
    "name",
    "version",
    "permission",
    "region",
    "isPublisher",
    "kind",
    "kindDetails",
    "attributes",
    "disconnectReason",
    "dataTracks",
    "clientProtocol",
    "capabilities",
];

impl<'v> Webhook<'v> {
    /// # Errors
    /// The first field that is what it can't be.
    pub fn read(value: &'v Value) -> Result<Self, FieldError> {
        let event = Message::whole(value)?;
        let (room, participant) = (event.message("room")?, event.message("participant")?);
        Ok(Self {
            kind: Kind::of(event.text("event")?),
            id: event.text("id")?,
            created_at: event.integer("createdAt")?.and_then(Moment::try_from_secs),
            room: room.text("sid")?,
            others: room.integer("numParticipants")?.unwrap_or(0),
            departure_s: room.integer("departureTimeout")?.unwrap_or(0),
            unknown: event.unknown(&FIELDS) + room.unknown(&ROOM) + participant.unknown(&PARTICIPANT),
            participant: Participant::read(participant)?,
        })
    }
}

/// Fields that are shown as they are; what others hold somebody may have put there: names, notes, secrets.
const SHOWN: [&str; 18] = [
    "event",
    "id",
    "createdAt",
    "numDropped",
    "sid",
    "state",
    "kind",
    "joinedAt",
    "joinedAtMs",
    "disconnectReason",
    "creationTime",
    "creationTimeMs",
    "emptyTimeout",
    "departureTimeout",
    "numParticipants",
    "numPublishers",
    "region",
    "identity",
];
/// What stands in their place.
const HIDDEN: &str = "…";

/// The whole as it may be shown once numbers are hidden: what LiveKit itself says, not what was given to it to keep.
pub fn shown(value: &Value) -> String {
    let mut value = value.clone();
    show(&mut value, &|name| SHOWN.iter().any(|shown| is_name(name, shown)));
    value.to_string()
}

/// Hides what is not to be shown of a message, but for the messages in it that are looked at.
fn show(value: &mut Value, is_shown: &dyn Fn(&str) -> bool) {
    let Some(fields) = value.as_object_mut() else { return };
    for (name, value) in fields {
        if value.is_object() && ["room", "participant"].iter().any(|part| is_name(name, part)) {
            show(value, is_shown);
        } else if value.is_object() && is_name(name, "attributes") {
            show(value, &|name| name.starts_with("sip.") && !name.starts_with("sip.h."));
        } else if value.is_object() || value.is_array() || !is_shown(name) {
            *value = Value::String(HIDDEN.to_owned());
        }
    }
}
