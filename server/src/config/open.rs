//! `open`: whether strangers may reach the listener, and what they then need to read.

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use std::fmt;
use std::str::FromStr;

/// What `--open` or `open = …` says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Open {
    /// Only this machine reaches the listener.
    #[default]
    No,
    /// Others do, and read with a key.
    Keyed,
    /// Others do, and whoever does may read.
    Anonymous,
}

const WORDS: &str = "`true`, `false` or `anonymous`";

impl FromStr for Open {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "y" | "t" | "on" | "1" | "keyed" => Ok(Self::Keyed),
            "false" | "no" | "n" | "f" | "off" | "0" => Ok(Self::No),
            "anonymous" => Ok(Self::Anonymous),
            _ => Err(format!("`{text}` is none of {WORDS}")),
        }
    }
}

impl<'de> Deserialize<'de> for Open {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Told;
        impl Visitor<'_> for Told {
            type Value = Open;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(WORDS)
            }

            fn visit_bool<E: Error>(self, told: bool) -> Result<Open, E> {
                Ok(if told { Open::Keyed } else { Open::No })
            }

            fn visit_str<E: Error>(self, told: &str) -> Result<Open, E> {
                told.parse().map_err(E::custom)
            }
        }
        from.deserialize_any(Told)
    }
}
