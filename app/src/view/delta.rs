//! Diff and apply, side by side: `apply(old, diff(old, new)) == new`, byte for byte once encoded.

/// A value that can tell what changed in it, and take that in.
pub trait Diff: Sized {
    type Delta;

    /// `None` where nothing changed.
    fn diff(&self, new: &Self) -> Option<Self::Delta>;
    fn apply(&mut self, delta: Self::Delta);
}

/// Small values that are sent whole where anything in them changed.
#[macro_export]
macro_rules! sent_whole {
    ($($type:ty),* $(,)?) => {$(
        impl $crate::view::delta::Diff for $type {
            type Delta = Self;
            fn diff(&self, new: &Self) -> Option<Self> {
                (self != new).then(|| new.clone())
            }
            fn apply(&mut self, delta: Self) {
                *self = delta;
            }
        }
    )*};
}

/// A struct of such values, with the delta's struct beside it.
#[macro_export]
macro_rules! diffed {
    ($(#[$doc:meta])* $name:ident / $delta:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
        pub struct $name { $($(#[$fdoc])* pub $field: $type),* }

        /// What changed; absent members did not.
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
        pub struct $delta {
            $(#[serde(default, skip_serializing_if = "Option::is_none")]
            pub $field: Option<<$type as $crate::view::delta::Diff>::Delta>),*
        }

        impl $crate::view::delta::Diff for $name {
            type Delta = $delta;

            fn diff(&self, new: &Self) -> Option<$delta> {
                let delta = $delta { $($field: self.$field.diff(&new.$field)),* };
                let changed = $(delta.$field.is_some())||*;
                changed.then_some(delta)
            }

            fn apply(&mut self, delta: $delta) {
                $(if let Some(change) = delta.$field { self.$field.apply(change); })*
            }
        }
    };
}
