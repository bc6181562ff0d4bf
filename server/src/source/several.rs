//! The tables of one kind of source in the file: `[[source.<kind>]]`, as many as there are, or the single table of old,
//! `[source.<kind>]`.

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::marker::PhantomData;

/// How they stand in the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Written {
    #[default]
    AsList,
    /// As one could write it when there was one only.
    AsOne,
}

#[derive(Debug, Clone)]
pub struct Several<T> {
    pub tables: Vec<T>,
    pub written: Written,
}

impl<T> Default for Several<T> {
    fn default() -> Self {
        Self { tables: Vec::new(), written: Written::default() }
    }
}

/// By hand, because the errors of an untagged enum do not name the key that is wrong.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Several<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct OneOrList<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrList<T> {
            type Value = Several<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table, or several")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Several<T>, A::Error> {
                let table = T::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Several { tables: vec![table], written: Written::AsOne })
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Several<T>, A::Error> {
                let mut tables = Vec::new();
                while let Some(table) = list.next_element()? {
                    tables.push(table);
                }
                Ok(Several { tables, written: Written::AsList })
            }
        }
        from.deserialize_any(OneOrList(PhantomData))
    }
}
