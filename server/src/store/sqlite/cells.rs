//! How SQLite's driver takes and gives the values of columns; truths are its integers 0 and 1.

use crate::store::StoreError;
use crate::store::cells::{Columns, Sink, Source, unreadable};
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteRow, SqliteValueRef};
use sqlx::{Arguments, Column, Decode, Row, ValueRef};
use std::borrow::Cow;
use std::sync::Arc;

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

    pub(super) fn finish(self) -> Result<SqliteArguments, StoreError> {
        if self.failed {
            return Err(StoreError::Unreadable("a value that can't be written".to_owned()));
        }
        Ok(self.arguments)
    }
}

impl Sink for Values {
    fn integer(&mut self, n: i64) {
        self.failed |= self.arguments.add(n).is_err();
    }

    fn truth(&mut self, is: bool) {
        self.integer(i64::from(is));
    }

    fn text(&mut self, text: &str) {
        self.failed |= self.arguments.add(Arc::<str>::from(text)).is_err();
    }

    fn blob(&mut self, bytes: Vec<u8>) {
        self.failed |= self.arguments.add(bytes).is_err();
    }

    fn null(&mut self) {
        self.failed |= self.arguments.add(None::<i64>).is_err();
    }
}

impl Source for SqliteValueRef<'_> {
    fn integer(self) -> Option<i64> {
        <i64 as Decode<Sqlite>>::decode(self).ok()
    }

    fn truth(self) -> Option<bool> {
        self.integer().map(|n| n != 0)
    }

    fn text<'a>(self) -> Option<Cow<'a, str>>
    where
        Self: 'a,
    {
        <&str as Decode<Sqlite>>::decode(self).ok().map(Cow::Borrowed)
    }
}

impl Columns for SqliteRow {
    fn cell(&self, at: usize) -> Result<Option<impl Source + '_>, StoreError> {
        let cell = self.try_get_raw(at)?;
        Ok((!cell.is_null()).then_some(cell))
    }

    fn blob(&self, at: usize) -> Result<&[u8], StoreError> {
        <&[u8] as Decode<Sqlite>>::decode(self.try_get_raw(at)?).map_err(|_| unreadable(self, at))
    }

    fn name(&self, at: usize) -> &str {
        self.try_column(at).map_or("?", |column| column.name())
    }
}
