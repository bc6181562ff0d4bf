//! How the domain's values stand in columns, whatever the database: words and ids as text, numbers as integers, moments as
//! microseconds. A database's folder says how its driver takes and gives these ([`Sink`], [`Columns`]).

use super::StoreError;
use app::domain::event::{Metadata, Q850, SipCode, Text};
use app::domain::outcome::{AgentStatus, AnsweredBy, CostKind, Direction, HungUpBy, Mode, Outcome, TransferKind};
use app::domain::{AgentId, CampaignId, CannotTell, Country, ListId, Moment, Number, QueueId, RoomId, RouteId};
use smol_str::SmolStr;
use std::borrow::Cow;

/// A value of one column.
pub(super) trait Cell: Sized {
    fn put(&self, to: &mut impl Sink);
    /// `None` where the column holds something else.
    fn from_cell(cell: impl Source) -> Option<Self>;
}

/// Takes the values of a row, in the order of its columns.
pub(super) trait Sink: Sized {
    fn integer(&mut self, n: i64);
    fn truth(&mut self, is: bool);
    fn text(&mut self, text: &str);
    fn blob(&mut self, bytes: Vec<u8>);
    fn null(&mut self);

    fn optional<T: Cell>(&mut self, value: Option<&T>) {
        match value {
            Some(value) => value.put(self),
            None => self.null(),
        }
    }
}

/// A value that is not null, as the driver gives it; `None` where it is of another kind.
pub(super) trait Source {
    fn integer(self) -> Option<i64>;
    fn truth(self) -> Option<bool>;
    fn text<'a>(self) -> Option<Cow<'a, str>>
    where
        Self: 'a;
}

/// A row as the driver gives it.
pub(super) trait Columns {
    /// The value of a column; `None` where it is null.
    fn cell(&self, at: usize) -> Result<Option<impl Source + '_>, StoreError>;
    fn blob(&self, at: usize) -> Result<&[u8], StoreError>;
    fn name(&self, at: usize) -> &str;
}

macro_rules! cells {
    (ids: $($id:ty),*; words: $($word:ty),*; numbers: $($n:ty),*) => {
        $(impl Cell for $id {
            fn put(&self, to: &mut impl Sink) { to.text(self.as_str()); }
            fn from_cell(cell: impl Source) -> Option<Self> { cell.text().map(|t| Self::trusted(SmolStr::new(t))) }
        })*
        $(impl Cell for $word {
            fn put(&self, to: &mut impl Sink) { to.text(self.word()); }
            fn from_cell(cell: impl Source) -> Option<Self> { cell.text().and_then(|t| Self::from_word(&t)) }
        })*
        $(impl Cell for $n {
            fn put(&self, to: &mut impl Sink) { to.integer(i64::try_from(*self).unwrap_or(i64::MAX)); }
            fn from_cell(cell: impl Source) -> Option<Self> { cell.integer().and_then(|n| n.try_into().ok()) }
        })*
    };
}
cells! {
    ids: CampaignId, RouteId, ListId, RoomId, QueueId, AgentId;
    words: Direction, Mode, AnsweredBy, TransferKind, Outcome, HungUpBy, AgentStatus, CostKind;
    numbers: u32, u64, i64
}

impl Cell for Moment {
    fn put(&self, to: &mut impl Sink) {
        to.integer(self.micros());
    }
    fn from_cell(cell: impl Source) -> Option<Self> {
        cell.integer().map(Self::from_micros)
    }
}
impl Cell for bool {
    fn put(&self, to: &mut impl Sink) {
        to.truth(*self);
    }
    fn from_cell(cell: impl Source) -> Option<Self> {
        cell.truth()
    }
}
impl Cell for Number {
    fn put(&self, to: &mut impl Sink) {
        to.text(self.reveal());
    }
    fn from_cell(cell: impl Source) -> Option<Self> {
        cell.text().map(|t| Self::trusted(SmolStr::new(t)))
    }
}
impl Cell for Country {
    fn put(&self, to: &mut impl Sink) {
        to.text(self.as_str());
    }
    fn from_cell(cell: impl Source) -> Option<Self> {
        cell.text().and_then(|t| Self::new(&t).ok())
    }
}
impl Cell for Text {
    fn put(&self, to: &mut impl Sink) {
        to.text(self.as_str());
    }
    fn from_cell(cell: impl Source) -> Option<Self> {
        cell.text().map(|t| Self::clipped(&t))
    }
}
impl Cell for SmolStr {
    fn put(&self, to: &mut impl Sink) {
        to.text(self);
    }
    fn from_cell(cell: impl Source) -> Option<Self> {
        cell.text().map(Self::new)
    }
}
impl Cell for String {
    fn put(&self, to: &mut impl Sink) {
        to.text(self);
    }
    fn from_cell(cell: impl Source) -> Option<Self> {
        cell.text().map(Cow::into_owned)
    }
}
impl Cell for SipCode {
    fn put(&self, to: &mut impl Sink) {
        to.integer(i64::from(*self.get()));
    }
    fn from_cell(cell: impl Source) -> Option<Self> {
        cell.integer().and_then(|n| n.try_into().ok()).and_then(|n| Self::new(n).ok())
    }
}
impl Cell for Q850 {
    fn put(&self, to: &mut impl Sink) {
        to.integer(i64::from(*self.get()));
    }
    fn from_cell(cell: impl Source) -> Option<Self> {
        cell.integer().and_then(|n| n.try_into().ok()).and_then(|n| Self::new(n).ok())
    }
}
impl Cell for CannotTell {
    fn put(&self, to: &mut impl Sink) {
        to.integer(i64::from(self.bits()));
    }
    fn from_cell(cell: impl Source) -> Option<Self> {
        cell.integer().and_then(|n| n.try_into().ok()).map(Self::from_bits)
    }
}
impl Cell for Metadata {
    fn put(&self, to: &mut impl Sink) {
        // Strings by name always make JSON.
        to.text(&serde_json::to_string(self).unwrap_or_default());
    }
    fn from_cell(cell: impl Source) -> Option<Self> {
        cell.text().and_then(|t| serde_json::from_str(&t).ok())
    }
}

/// Reads a column by position.
pub(super) fn get<T: Cell>(row: &impl Columns, at: usize) -> Result<T, StoreError> {
    get_optional(row, at)?.ok_or_else(|| unreadable(row, at))
}

/// Reads a column that may be null.
pub(super) fn get_optional<T: Cell>(row: &impl Columns, at: usize) -> Result<Option<T>, StoreError> {
    match row.cell(at)? {
        None => Ok(None),
        Some(cell) => T::from_cell(cell).map(Some).ok_or_else(|| unreadable(row, at)),
    }
}

pub(super) fn unreadable(row: &impl Columns, at: usize) -> StoreError {
    StoreError::Unreadable(format!("column {}", row.name(at)))
}
