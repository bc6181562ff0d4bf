//! Campaigns, routes and DIDs as kept: of each field its value and when it was told, as one JSON text a row.

use super::StoreError;
use app::domain::{Campaign, Did, LastWrite, Moment, Route};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

type Object = Map<String, Value>;

fn put<T: Serialize>(object: &mut Object, name: &str, told: &LastWrite<T>) -> Result<(), StoreError> {
    if let Some(stamped) = &told.0 {
        let value = serde_json::to_value((&stamped.value, stamped.at.micros())).map_err(unreadable)?;
        object.insert(name.to_owned(), value);
    }
    Ok(())
}

fn take<T: DeserializeOwned>(object: &mut Object, name: &str) -> Result<LastWrite<T>, StoreError> {
    let Some(value) = object.remove(name) else { return Ok(LastWrite::default()) };
    let (value, at): (T, i64) = serde_json::from_value(value).map_err(unreadable)?;
    Ok(LastWrite::at(value, Moment::from_micros(at)))
}

fn unreadable(e: serde_json::Error) -> StoreError {
    StoreError::Unreadable(format!("settings: {e}"))
}

/// Something told about in `*.updated`.
pub(super) trait AsText: Sized {
    fn write(&self, to: &mut Object) -> Result<(), StoreError>;
    fn read(from: &mut Object) -> Result<Self, StoreError>;

    fn to_json(&self) -> Result<String, StoreError> {
        let mut object = Object::new();
        self.write(&mut object)?;
        serde_json::to_string(&object).map_err(unreadable)
    }

    fn from_json(json: &str) -> Result<Self, StoreError> {
        Self::read(&mut serde_json::from_str(json).map_err(unreadable)?)
    }
}

macro_rules! kept {
    ($name:ident: $($field:ident),*; history $($past:ident),*) => {
        impl AsText for $name {
            fn write(&self, to: &mut Object) -> Result<(), StoreError> {
                $(put(to, stringify!($field), &self.$field)?;)*
                $(to.insert(stringify!($past).to_owned(), serde_json::to_value(&self.$past).map_err(unreadable)?);)*
                Ok(())
            }
            fn read(from: &mut Object) -> Result<Self, StoreError> {
                Ok(Self {
                    $($field: take(from, stringify!($field))?,)*
                    $($past: from.remove(stringify!($past)).map_or_else(|| Ok(Default::default()), serde_json::from_value)
                        .map_err(unreadable)?,)*
                })
            }
        }
    };
}
kept!(Campaign: name, status, reason, destination, destinations, cac_limit, cps_limit, rate_limited, started_at, limit;
    history modes, max_attempts, statuses, limits);
kept!(Route: name, carrier, status; history statuses);
kept!(Did: status, pool; history statuses, seen);
