//! Reads frames and deltas in the browser, with little code.
//!
//! What serde writes for a struct's members by name is two to five kilobytes for each struct, and every viewer downloads
//! it. This reads the text into a tree once (`tree.rs`) and hands each struct its members in the order in which it
//! declares them, which takes a fifth. Absent members are as serde has them: their default, or an error that names the struct.

use super::tree::{self, Tree};
use serde::de::value::StringDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, Expected, SeqAccess, Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;
use std::fmt::Display;

/// Why a text is not what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WireError(Box<str>);

impl WireError {
    pub(super) fn of(text: &str) -> Self {
        Self(text.into())
    }
}

/// Serde's own words would bring along how to print any value, fractions included.
impl serde::de::Error for WireError {
    fn custom<T: Display>(what: T) -> Self {
        Self(what.to_string().into())
    }

    fn invalid_type(_: Unexpected, _: &dyn Expected) -> Self {
        Self::of("a value of another type")
    }

    fn invalid_value(_: Unexpected, _: &dyn Expected) -> Self {
        Self::of("a value that cannot be")
    }

    fn invalid_length(known: usize, expected: &dyn Expected) -> Self {
        Self::custom(format!("{expected}: member {known} is missing"))
    }

    fn unknown_variant(word: &str, _: &'static [&'static str]) -> Self {
        Self::of(word)
    }

    fn unknown_field(name: &str, _: &'static [&'static str]) -> Self {
        Self::of(name)
    }

    fn missing_field(name: &'static str) -> Self {
        Self::of(name)
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::of(name)
    }
}

/// # Errors
/// If `text` is not JSON, or not a `T`.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, WireError> {
    T::deserialize(Reader(tree::read(text)?))
}

struct Reader(Tree);

/// Elements of a list, or members of a struct in its own order; `None` is a member that is not there.
struct Elements<I>(I);

impl<'de, I: Iterator<Item = Option<Tree>>> SeqAccess<'de> for Elements<I> {
    type Error = WireError;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, WireError> {
        match self.0.next() {
            Some(Some(value)) => seed.deserialize(Reader(value)).map(Some),
            Some(None) | None => Ok(None),
        }
    }
}

impl<'de> Deserializer<'de> for Reader {
    type Error = WireError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        match self.0 {
            Tree::Null => visitor.visit_unit(),
            Tree::Truth(yes) => visitor.visit_bool(yes),
            Tree::Whole(whole) => visitor.visit_i64(whole),
            Tree::Text(text) => visitor.visit_string(text),
            Tree::List(values) => visitor.visit_seq(Elements(values.into_iter().map(Some))),
            Tree::Members(_) => Err(WireError::of("members where none are expected")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        if matches!(self.0, Tree::Null) { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, WireError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, WireError> {
        let Tree::Members(mut members) = self.0 else {
            return Err(WireError::custom(format!("{name}: not an object")));
        };
        let mut take = move |field: &str| {
            let at = members.iter().position(|(name, _)| name == field)?;
            Some(std::mem::replace(&mut members[at].1, Tree::Null))
        };
        visitor.visit_seq(Elements(fields.iter().map(|field| take(field))))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, WireError> {
        match self.0 {
            Tree::Text(word) => visitor.visit_enum(StringDeserializer::<WireError>::new(word)),
            Tree::Null | Tree::Truth(_) | Tree::Whole(_) | Tree::List(_) | Tree::Members(_) => {
                Err(WireError::custom(format!("{name}: not a word")))
            }
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}
