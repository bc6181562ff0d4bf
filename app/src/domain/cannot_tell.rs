//! What the source of a call can't know of it (contract.md, `cannot_tell`).
//!
//! What nobody could have told is no data, neither a bad figure nor a good one: the law asks here before it reads anything
//! into a silence. A source says the whole list each time. Of several lists what they share counts, whichever was told last:
//! what one source can tell of a call is told. So a list once said is only ever shortened; a source that learns late what it
//! missed says its list then, and none before.

use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

macro_rules! matters {
    ($($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        /// Something about a call that not every source can see.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Matter { $($(#[$doc])* $variant),+ }

        impl Matter {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word of the contract.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

matters! {
    /// Whether an agent came on the line: an unbridged live answer is then judged neither abandoned nor handled.
    Agent = "agent",
    /// Whether it rang: then there is no post-dial delay.
    Progress = "progress",
    /// Whether it waited in a queue.
    Queue = "queue",
    /// Whether a person answered or a machine.
    AnsweredBy = "answered_by",
}

/// A set of [`Matter`]s; in JSON a list of their words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct CannotTell(u8);

impl CannotTell {
    /// Nothing is hidden from the source.
    pub const NOTHING: Self = Self(0);
    pub const AGENT: Self = Self::of(Matter::Agent);
    pub const PROGRESS: Self = Self::of(Matter::Progress);
    pub const QUEUE: Self = Self::of(Matter::Queue);
    pub const ANSWERED_BY: Self = Self::of(Matter::AnsweredBy);

    #[must_use]
    pub const fn of(matter: Matter) -> Self {
        Self(1 << matter as u8)
    }

    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    #[must_use]
    pub const fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    #[must_use]
    pub const fn has(self, matter: Matter) -> bool {
        self.0 & Self::of(matter).0 != 0
    }

    pub fn matters(self) -> impl Iterator<Item = Matter> {
        Matter::ALL.iter().copied().filter(move |matter| self.has(*matter))
    }

    /// As the store keeps it.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Bits that this version doesn't know are left out.
    #[must_use]
    pub fn from_bits(bits: u8) -> Self {
        Matter::ALL.iter().map(|matter| Self::of(*matter)).fold(Self::NOTHING, |all, one| Self(all.0 | (one.0 & bits)))
    }
}

impl Serialize for CannotTell {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut words = to.serialize_seq(None)?;
        for matter in self.matters() {
            words.serialize_element(matter.word())?;
        }
        words.end()
    }
}

impl<'de> Deserialize<'de> for CannotTell {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Words;
        impl<'de> Visitor<'de> for Words {
            type Value = CannotTell;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of agent, progress, queue, answered_by")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut words: A) -> Result<CannotTell, A::Error> {
                let mut all = CannotTell::NOTHING;
                while let Some(word) = words.next_element::<smol_str::SmolStr>()? {
                    let matter = Matter::from_word(&word)
                        .ok_or_else(|| A::Error::custom("not one of agent, progress, queue, answered_by"))?;
                    all = all.and(CannotTell::of(matter));
                }
                Ok(all)
            }
        }
        from.deserialize_seq(Words)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_written_and_kept_whatever_its_order() {
        let read: CannotTell = serde_json::from_str(r#"["queue","agent","queue"]"#).unwrap();
        assert_eq!(read, CannotTell::AGENT.and(CannotTell::QUEUE));
        assert_eq!(serde_json::to_string(&read).unwrap(), r#"["agent","queue"]"#);
        assert_eq!(CannotTell::from_bits(read.bits()), read);
        assert_eq!(CannotTell::from_bits(0xff).matters().count(), Matter::ALL.len());
        assert!(!read.has(Matter::Progress) && read.has(Matter::Agent));
    }

    #[test]
    fn a_word_that_is_none_is_named_with_those_that_are() {
        let error = serde_json::from_str::<CannotTell>(r#"["agents"]"#).unwrap_err().to_string();
        assert!(error.starts_with("not one of agent, progress, queue, answered_by"), "{error}");
    }
}
