//! Counts that any thread may raise, each with the name that it has on `/metrics`.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// One count. Its order among other memory means nothing: it is read for a scrape.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Relaxed);
    }

    /// Adds one; what it was before.
    pub fn enter(&self) -> u64 {
        self.0.fetch_add(1, Relaxed)
    }

    /// Takes one away.
    pub fn leave(&self) {
        self.0.fetch_sub(1, Relaxed);
    }

    pub fn set(&self, n: u64) {
        self.0.store(n, Relaxed);
    }

    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// A struct of [`Count`]s, and their readings for a scrape.
///
/// A `counter` only ever grows, a `gauge` is what is so now. What follows `by` are counters of one name, told apart by a
/// label; what follows `also` is no plain count, and its reading is for its owner to give.
macro_rules! counters {
    (
        $(#[$doc:meta])*
        $vis:vis struct $Name:ident {
            $($field:ident: $kind:ident $metric:literal, $help:expr;)*
        }
        $(by $label:literal: $family:literal, $family_help:literal {
            $($(#[$case_doc:meta])* $case:ident: $value:literal;)*
        })*
        $(also {
            $($(#[$other_doc:meta])* $other:ident: $type:ty;)*
        })?
    ) => {
        $(#[$doc])*
        #[derive(Debug, Default)]
        $vis struct $Name {
            $(#[doc = $help] pub $field: $crate::telemetry::Count,)*
            $($($(#[$case_doc])* pub $case: $crate::telemetry::Count,)*)*
            $($($(#[$other_doc])* pub $other: $type,)*)?
        }

        impl $Name {
            /// All plain counts, for a scrape.
            #[must_use]
            pub fn readings(&self) -> Vec<$crate::telemetry::Reading> {
                vec![
                    $($crate::telemetry::Reading::$kind($metric, $help, self.$field.get()),)*
                    $($crate::telemetry::Reading {
                        name: $family,
                        help: $family_help,
                        value: $crate::telemetry::Value::CounterBy($label, vec![$(($value, self.$case.get())),*]),
                    },)*
                ]
            }
        }
    };
}
pub(crate) use counters;
