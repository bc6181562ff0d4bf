//! A frame: all that a page of its name shows, at one instant; and what changes from one to the next.

use crate::domain::Moment;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// `apply(old, old.delta(new)) == new`, byte for byte once encoded.
pub trait Frame: Clone + PartialEq + Serialize + DeserializeOwned {
    /// What to send to a viewer that has the frame before; nothing but the times where nothing changed.
    type Delta: Serialize + DeserializeOwned;

    /// Server time of the tick that it was made at.
    fn as_of(&self) -> Moment;
    fn delta(&self, new: &Self) -> Self::Delta;
    fn apply(&mut self, delta: Self::Delta);
}

/// A frame's struct and its delta's. `as_of` and `newest_event` go with every delta, the other members where they
/// changed; each is a [`Diff`](super::Diff).
#[macro_export]
macro_rules! framed {
    ($(#[$doc:meta])* $name:ident / $delta:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
        pub struct $name {
            /// Server time of the board's tick.
            pub as_of: $crate::domain::Moment,
            /// The newest event time that is reflected.
            pub newest_event: Option<$crate::domain::Moment>,
            $($(#[$fdoc])* pub $field: $type),*
        }

        /// What changed since the frame before; absent members did not.
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
        pub struct $delta {
            pub as_of: $crate::domain::Moment,
            pub newest_event: Option<$crate::domain::Moment>,
            $(#[serde(default, skip_serializing_if = "Option::is_none")]
            pub $field: Option<<$type as $crate::view::delta::Diff>::Delta>),*
        }

        impl $crate::view::frame::Frame for $name {
            type Delta = $delta;

            fn as_of(&self) -> $crate::domain::Moment {
                self.as_of
            }

            fn delta(&self, new: &Self) -> $delta {
                use $crate::view::delta::Diff as _;
                $delta {
                    as_of: new.as_of,
                    newest_event: new.newest_event,
                    $($field: self.$field.diff(&new.$field)),*
                }
            }

            fn apply(&mut self, delta: $delta) {
                use $crate::view::delta::Diff as _;
                self.as_of = delta.as_of;
                self.newest_event = delta.newest_event;
                $(if let Some(change) = delta.$field { self.$field.apply(change); })*
            }
        }
    };
}
