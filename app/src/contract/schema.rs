//! JSON Schemas of what crosses the network as a text of its own form; all other types derive theirs.

use crate::domain::{
    AgentId, CallId, CampaignId, ComponentId, Country, ListId, Moment, QueueId, RealmId, RouteId, TrunkId,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

macro_rules! texts {
    ($($($name:ident),+: $schema:tt;)*) => {$($(
        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )+)*};
}

texts! {
    Moment: { "type": "string", "format": "date-time" };
    Country: { "type": "string", "minLength": 2, "maxLength": 2 };
    AgentId, CallId, CampaignId, ComponentId, ListId, QueueId, RealmId, RouteId, TrunkId: { "type": "string" };
}
