//! Names of things: one newtype each, so that a route is never taken for a campaign.
//!
//! Ids are strings of 1 to 255 bytes (contract.md, "Types and their data"). The empty id is a key of
//! figures only ("none": calls that name no campaign, route or country) and never comes in by an event.

use serde::{Deserialize, Deserializer, Serialize};
use smol_str::SmolStr;
use std::fmt;

/// Longest id accepted, in bytes (contract.md): a SIP Call-ID may be long.
pub const MAX_ID_BYTES: usize = 255;

/// Why a string is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error("empty: an id has 1 to {MAX_ID_BYTES} bytes")]
    Empty,
    #[error("{0} bytes long: an id has 1 to {MAX_ID_BYTES} bytes")]
    TooLong(usize),
}

pub(crate) fn checked(text: &str) -> Result<SmolStr, IdError> {
    match text.len() {
        0 => Err(IdError::Empty),
        n if n > MAX_ID_BYTES => Err(IdError::TooLong(n)),
        _ => Ok(SmolStr::new(text)),
    }
}

/// Reads a value of its text without a copy in between: a record has a score of them.
pub(super) fn read_text<'de, D: Deserializer<'de>, T, E: fmt::Display>(
    from: D,
    read: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, D::Error> {
    struct Text<R>(R);
    impl<T, E: fmt::Display, R: FnOnce(&str) -> Result<T, E>> serde::de::Visitor<'_> for Text<R> {
        type Value = T;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }
        fn visit_str<F: serde::de::Error>(self, text: &str) -> Result<T, F> {
            (self.0)(text).map_err(F::custom)
        }
    }
    from.deserialize_str(Text(read))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
        #[serde(transparent)]
        pub struct $name(SmolStr);

        impl $name {
            /// # Errors
            /// If `text` is empty or longer than [`MAX_ID_BYTES`].
            pub fn new(text: &str) -> Result<Self, IdError> {
                checked(text).map(Self)
            }

            /// The key of calls that name none.
            #[must_use]
            pub const fn none() -> Self {
                Self(SmolStr::new_static(""))
            }

            /// Takes what the store or a frame holds, which was checked at the door.
            #[must_use]
            pub fn trusted(text: impl Into<SmolStr>) -> Self {
                Self(text.into())
            }

            /// Reads the key of a figure, which is empty for calls that name none; for `#[serde(deserialize_with)]`.
            ///
            /// # Errors
            /// If there is no string of at most [`MAX_ID_BYTES`].
            pub fn of_a_key<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                read_text(from, |text| if text.is_empty() { Ok(Self::none()) } else { Self::new(text) })
            }

            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            #[must_use]
            pub fn to_smol(&self) -> SmolStr {
                self.0.clone()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                read_text(from, Self::new)
            }
        }
    )*};
}

ids! {
    /// A CloudEvents `id`: unique within its `source`.
    EventId
    /// A CloudEvents `source`: who told.
    SourceId
    /// The name space of call ids: a configured group of sources, by default the source itself.
    RealmId
    /// A call's id within its realm: the SIP Call-ID or the dialer's own.
    CallId
    CampaignId
    /// The carrier path that a call left by.
    RouteId
    /// A group of channels with one capacity; a route's id unless configuration maps it.
    TrunkId
    AgentId
    QueueId
    ListId
    RoomId
    /// A part of the infrastructure that tells of its health.
    ComponentId
}
