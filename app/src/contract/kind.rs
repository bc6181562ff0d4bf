//! What a field of an event holds, as JSON and in words.

use crate::domain::cannot_tell::{CannotTell, Matter};
use crate::domain::event::{
    AbandonLimit, Amount, Currency, MAX_METADATA, MAX_TEXT_BYTES, Metadata, MetricName, Month, Q850, SipCode, Text,
};
use crate::domain::ids::{
    AgentId, CallId, CampaignId, ComponentId, ListId, MAX_ID_BYTES, QueueId, RealmId, RoomId, RouteId, TrunkId,
};
use crate::domain::outcome::{
    AgentStatus, AnsweredBy, CampaignStatus, ComponentKind, CostKind, DidStatus, Direction, Health, HungUpBy, Mode,
    Outcome, RouteStatus, TransferKind, TrunkHealth,
};
use crate::domain::phone::{Country, Number, Party};
use crate::domain::time::Moment;
use serde_json::{Value, json};

/// How an E.164 number is written once it has been read.
const E164: &str = r"^\+[1-9][0-9]{1,14}$";

/// What a value may be.
#[derive(Debug, Clone, PartialEq)]
pub struct Kind {
    /// "whole number, 100 to 699".
    pub words: String,
    /// JSON Schema, 2020-12.
    pub schema: Value,
}

impl Kind {
    fn new(words: impl Into<String>, schema: Value) -> Self {
        Self { words: words.into(), schema }
    }
}

/// A field of an event's `data`.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    pub name: &'static str,
    pub kind: Kind,
    /// Without it the event is rejected.
    pub required: bool,
}

impl Field {
    #[must_use]
    pub fn must<T: Described>(name: &'static str) -> Self {
        Self { name, kind: T::kind(), required: true }
    }

    #[must_use]
    pub fn may<T: Described>(name: &'static str) -> Self {
        Self { name, kind: T::kind(), required: false }
    }
}

/// A type that says what it takes.
pub trait Described {
    fn kind() -> Kind;
}

macro_rules! described {
    ($($type:ty: $kind:expr;)*) => {$(
        impl Described for $type {
            fn kind() -> Kind { $kind }
        }
    )*};
}

macro_rules! ids {
    ($($type:ty)*) => {$(
        impl Described for $type {
            fn kind() -> Kind {
                let schema = json!({ "type": "string", "minLength": 1, "maxLength": MAX_ID_BYTES });
                Kind::new(format!("id, 1 to {MAX_ID_BYTES} bytes"), schema)
            }
        }
    )*};
}

macro_rules! words {
    ($($type:ty)*) => {$(
        impl Described for $type {
            fn kind() -> Kind {
                let words: Vec<&str> = <$type>::ALL.iter().map(|each| each.word()).collect();
                Kind::new(words.join(", "), json!({ "type": "string", "enum": words }))
            }
        }
    )*};
}

ids! { AgentId CallId CampaignId ComponentId ListId QueueId RealmId RoomId RouteId TrunkId }
words! {
    AgentStatus AnsweredBy CampaignStatus ComponentKind CostKind DidStatus Direction Health HungUpBy Mode Outcome
    RouteStatus TransferKind TrunkHealth
}

described! {
    bool: Kind::new("true or false", json!({ "type": "boolean" }));
    u32: whole(u64::from(u32::MAX));
    u64: whole(u64::MAX);
    f64: Kind::new("number", json!({ "type": "number" }));
    Moment: Kind::new("moment, RFC 3339 with an offset", json!({ "type": "string", "format": "date-time" }));
    Text: Kind::new(
        format!("text, at most {MAX_TEXT_BYTES} bytes"),
        json!({ "type": "string", "maxLength": MAX_TEXT_BYTES })
    );
    Metadata: Kind::new(
        format!("texts by name, at most {MAX_METADATA}"),
        json!({ "type": "object", "maxProperties": MAX_METADATA, "additionalProperties": { "type": "string" } })
    );
    SipCode: Kind::new("whole number, 100 to 699", json!({ "type": "integer", "minimum": 100, "maximum": 699 }));
    Q850: Kind::new("whole number, 0 to 127", json!({ "type": "integer", "minimum": 0, "maximum": 127 }));
    MetricName: Kind::new("name, 1 to 64 bytes", json!({ "type": "string", "minLength": 1, "maxLength": 64 }));
    Month: Kind::new("month, like 2026-11", json!({ "type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$" }));
    Amount: Kind::new(
        "decimal number as text, not negative, like \"1250.00\"",
        json!({ "type": "string", "pattern": r"^[0-9]{1,15}(\.[0-9]{1,15})?$" })
    );
    Currency: Kind::new("ISO 4217, like USD", json!({ "type": "string", "pattern": "^[A-Z]{3}$" }));
    Country: Kind::new("ISO 3166-1 alpha-2, like US", json!({ "type": "string", "pattern": "^[A-Z]{2}$" }));
    Number: Kind::new("E.164 number with +", json!({ "type": "string", "pattern": E164 }));
    AbandonLimit: Kind::new(
        "share between 0 and 1, like 0.03",
        json!({ "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1 })
    );
    Party: Kind::new(
        "E.164 number with +, or \"anonymous\" or \"unknown\"",
        json!({ "type": "string", "description": "E.164 with +, also with spaces, dots, hyphens and brackets; or anonymous, or unknown" })
    );
    CannotTell: {
        let words: Vec<&str> = Matter::ALL.iter().map(|matter| matter.word()).collect();
        let each = json!({ "type": "string", "enum": words });
        Kind::new(format!("list of {}", words.join(", ")), json!({ "type": "array", "items": each }))
    };
}

fn whole(most: u64) -> Kind {
    Kind::new("whole number, not negative", json!({ "type": "integer", "minimum": 0, "maximum": most }))
}
