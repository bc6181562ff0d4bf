//! How the domain's values stand in columns: words and ids as text, numbers as integers, moments as microseconds.

use crate::store::StoreError;
use app::domain::event::{Metadata, Q850, SipCode, Text};
use app::domain::outcome::{AgentStatus, AnsweredBy, CostKind, Direction, HungUpBy, Mode, Outcome, TransferKind};
use app::domain::{AgentId, CampaignId, Country, ListId, Moment, Number, QueueId, RoomId, RouteId};
use smol_str::SmolStr;
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteRow, SqliteValueRef};
use sqlx::{Arguments, Decode, Row, ValueRef};
use std::sync::Arc;

/// A value of one column.
pub(super) trait Cell: Sized {
    fn put(&self, to: &mut Values);
    /// `None` where the column holds something else.
    fn from_cell(cell: SqliteValueRef<'_>) -> Option<Self>;
}

/// The values of a statement, in the order of its marks.
#[derive(Debug, Default)]
pub(super) struct Values {
    arguments: SqliteArguments,
    /// Encoding integers, texts and bytes can't fail; were it to, the statement would miss a value and fail itself.
    failed: bool,
}

impl Values {
    pub(super) fn with_room(values: usize) -> Self {
        let mut arguments = SqliteArguments::default();
        arguments.reserve(values, 0);
        Self { arguments, failed: false }
    }

    pub(super) fn integer(&mut self, n: i64) {
        self.failed |= self.arguments.add(n).is_err();
    }

    pub(super) fn text(&mut self, text: &str) {
        self.failed |= self.arguments.add(Arc::<str>::from(text)).is_err();
    }

    pub(super) fn blob(&mut self, bytes: Vec<u8>) {
        self.failed |= self.arguments.add(bytes).is_err();
    }

    pub(super) fn null(&mut self) {
        self.failed |= self.arguments.add(None::<i64>).is_err();
    }

    pub(super) fn optional<T: Cell>(&mut self, value: Option<&T>) {
        match value {
            Some(value) => value.put(self),
            None => self.null(),
        }
    }

    pub(super) fn finish(self) -> Result<SqliteArguments, StoreError> {
        if self.failed {
            return Err(StoreError::Unreadable("a value that can't be written".to_owned()));
        }
        Ok(self.arguments)
    }
}

fn text_of<'a>(cell: SqliteValueRef<'a>) -> Option<&'a str> {
    <&str as Decode<Sqlite>>::decode(cell).ok()
}

fn integer_of(cell: SqliteValueRef<'_>) -> Option<i64> {
    <i64 as Decode<Sqlite>>::decode(cell).ok()
}

macro_rules! cells {
    (ids: $($id:ty),*; words: $($word:ty),*; numbers: $($n:ty),*) => {
        $(impl Cell for $id {
            fn put(&self, to: &mut Values) { to.text(self.as_str()); }
            fn from_cell(cell: SqliteValueRef<'_>) -> Option<Self> { text_of(cell).map(|t| Self::trusted(SmolStr::new(t))) }
        })*
        $(impl Cell for $word {
            fn put(&self, to: &mut Values) { to.text(self.word()); }
            fn from_cell(cell: SqliteValueRef<'_>) -> Option<Self> { text_of(cell).and_then(Self::from_word) }
        })*
        $(impl Cell for $n {
            fn put(&self, to: &mut Values) { to.integer(i64::try_from(*self).unwrap_or(i64::MAX)); }
            fn from_cell(cell: SqliteValueRef<'_>) -> Option<Self> { integer_of(cell).and_then(|n| n.try_into().ok()) }
        })*
    };
}
cells! {
    ids: CampaignId, RouteId, ListId, RoomId, QueueId, AgentId;
    words: Direction, Mode, AnsweredBy, TransferKind, Outcome, HungUpBy, AgentStatus, CostKind;
    numbers: u32, u64, i64
}

impl Cell for Moment {
    fn put(&self, to: &mut Values) {
        to.integer(self.micros());
    }
    fn from_cell(cell: SqliteValueRef<'_>) -> Option<Self> {
        integer_of(cell).map(Self::from_micros)
    }
}
impl Cell for bool {
    fn put(&self, to: &mut Values) {
        to.integer(i64::from(*self));
    }
    fn from_cell(cell: SqliteValueRef<'_>) -> Option<Self> {
        integer_of(cell).map(|n| n != 0)
    }
}
impl Cell for Number {
    fn put(&self, to: &mut Values) {
        to.text(self.reveal());
    }
    fn from_cell(cell: SqliteValueRef<'_>) -> Option<Self> {
        text_of(cell).map(|t| Self::trusted(SmolStr::new(t)))
    }
}
impl Cell for Country {
    fn put(&self, to: &mut Values) {
        to.text(self.as_str());
    }
    fn from_cell(cell: SqliteValueRef<'_>) -> Option<Self> {
        text_of(cell).and_then(|t| Self::new(t).ok())
    }
}
impl Cell for Text {
    fn put(&self, to: &mut Values) {
        to.text(self.as_str());
    }
    fn from_cell(cell: SqliteValueRef<'_>) -> Option<Self> {
        text_of(cell).map(Self::clipped)
    }
}
impl Cell for SmolStr {
    fn put(&self, to: &mut Values) {
        to.text(self);
    }
    fn from_cell(cell: SqliteValueRef<'_>) -> Option<Self> {
        text_of(cell).map(Self::new)
    }
}
impl Cell for String {
    fn put(&self, to: &mut Values) {
        to.text(self);
    }
    fn from_cell(cell: SqliteValueRef<'_>) -> Option<Self> {
        text_of(cell).map(Self::from)
    }
}
impl Cell for SipCode {
    fn put(&self, to: &mut Values) {
        to.integer(i64::from(*self.get()));
    }
    fn from_cell(cell: SqliteValueRef<'_>) -> Option<Self> {
        integer_of(cell).and_then(|n| n.try_into().ok()).and_then(|n| Self::new(n).ok())
    }
}
impl Cell for Q850 {
    fn put(&self, to: &mut Values) {
        to.integer(i64::from(*self.get()));
    }
    fn from_cell(cell: SqliteValueRef<'_>) -> Option<Self> {
        integer_of(cell).and_then(|n| n.try_into().ok()).and_then(|n| Self::new(n).ok())
    }
}
impl Cell for Metadata {
    fn put(&self, to: &mut Values) {
        // Strings by name always make JSON.
        to.text(&serde_json::to_string(self).unwrap_or_default());
    }
    fn from_cell(cell: SqliteValueRef<'_>) -> Option<Self> {
        text_of(cell).and_then(|t| serde_json::from_str(t).ok())
    }
}

/// Reads a column by position.
pub(super) fn get<T: Cell>(row: &SqliteRow, at: usize) -> Result<T, StoreError> {
    get_optional(row, at)?.ok_or_else(|| unreadable(row, at))
}

/// Reads a column that may be null.
pub(super) fn get_optional<T: Cell>(row: &SqliteRow, at: usize) -> Result<Option<T>, StoreError> {
    let cell = row.try_get_raw(at)?;
    if cell.is_null() {
        return Ok(None);
    }
    T::from_cell(cell).map(Some).ok_or_else(|| unreadable(row, at))
}

/// Reads the bytes of a column.
pub(super) fn get_bytes(row: &SqliteRow, at: usize) -> Result<&[u8], StoreError> {
    <&[u8] as Decode<Sqlite>>::decode(row.try_get_raw(at)?).map_err(|_| unreadable(row, at))
}

fn unreadable(row: &SqliteRow, at: usize) -> StoreError {
    use sqlx::Column;
    let name = row.try_column(at).map_or("?", |column| column.name());
    StoreError::Unreadable(format!("column {name}"))
}
