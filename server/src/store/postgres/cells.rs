//! How PostgreSQL's driver takes and gives the values of columns: rows of a binary `COPY`, and rows in binary.
//!
//! PostgreSQL keeps no zero character in text, and ids may hold one: it stands there as U+0001 and `0`, U+0001 itself as
//! U+0001 and `1`. Every text goes through [`clean`] on its way in and [`plain`] on its way out.

use crate::store::StoreError;
use crate::store::cells::{Columns, Sink, Source, unreadable};
use sqlx::postgres::{PgRow, PgValueRef, Postgres};
use sqlx::{Column, Decode, Row, ValueRef};
use std::borrow::Cow;

const MARK: char = '\u{1}';

/// A text as PostgreSQL can keep it.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(['\0', MARK]) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 4);
    for c in text.chars() {
        match c {
            '\0' => out.extend([MARK, '0']),
            MARK => out.extend([MARK, '1']),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// A text as it was before [`clean`].
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(MARK) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == MARK) {
            (_, true) => out.push(if chars.next() == Some('0') { '\0' } else { MARK }),
            (c, false) => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Rows as a binary `COPY` takes them.
///
/// # Source
/// PostgreSQL documentation, `COPY`, "Binary Format".
#[derive(Debug)]
pub(super) struct CopyRows {
    bytes: Vec<u8>,
    width: i16,
}

impl CopyRows {
    pub(super) fn new(width: usize, rows: usize) -> Self {
        let mut bytes = Vec::with_capacity(32 + rows * width * 12);
        bytes.extend_from_slice(b"PGCOPY\n\xff\r\n\0");
        // Neither flags nor an extension of the header.
        bytes.extend_from_slice(&[0; 8]);
        Self { bytes, width: i16::try_from(width).unwrap_or_default() }
    }

    /// Begins the next row; its values follow.
    pub(super) fn row(&mut self) -> &mut Self {
        self.bytes.extend_from_slice(&self.width.to_be_bytes());
        self
    }

    /// The bytes so far, to be sent; what follows goes on from there.
    pub(super) fn take(&mut self) -> Vec<u8> {
        let room = self.bytes.capacity();
        std::mem::replace(&mut self.bytes, Vec::with_capacity(room))
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.bytes.extend_from_slice(&(-1i16).to_be_bytes());
        self.bytes
    }

    fn field(&mut self, bytes: &[u8]) {
        // Lines and bodies are bounded far below 2 GiB.
        self.bytes.extend_from_slice(&i32::try_from(bytes.len()).unwrap_or(i32::MAX).to_be_bytes());
        self.bytes.extend_from_slice(bytes);
    }
}

impl Sink for CopyRows {
    fn integer(&mut self, n: i64) {
        self.field(&n.to_be_bytes());
    }

    fn truth(&mut self, is: bool) {
        self.field(&[u8::from(is)]);
    }

    fn text(&mut self, text: &str) {
        self.field(clean(text).as_bytes());
    }

    fn blob(&mut self, bytes: Vec<u8>) {
        self.field(&bytes);
    }

    fn null(&mut self) {
        self.bytes.extend_from_slice(&(-1i32).to_be_bytes());
    }
}

impl Source for PgValueRef<'_> {
    fn integer(self) -> Option<i64> {
        <i64 as Decode<Postgres>>::decode(self).ok()
    }

    fn truth(self) -> Option<bool> {
        <bool as Decode<Postgres>>::decode(self).ok()
    }

    fn text<'a>(self) -> Option<Cow<'a, str>>
    where
        Self: 'a,
    {
        <&str as Decode<Postgres>>::decode(self).ok().map(plain)
    }
}

impl Columns for PgRow {
    fn cell(&self, at: usize) -> Result<Option<impl Source + '_>, StoreError> {
        let cell = self.try_get_raw(at)?;
        Ok((!cell.is_null()).then_some(cell))
    }

    fn blob(&self, at: usize) -> Result<&[u8], StoreError> {
        <&[u8] as Decode<Postgres>>::decode(self.try_get_raw(at)?).map_err(|_| unreadable(self, at))
    }

    fn name(&self, at: usize) -> &str {
        self.try_column(at).map_or("?", |column| column.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_comes_back_and_none_keeps_a_zero(text in "[a\0\u{1}01ß]{0,12}") {
            prop_assert!(!clean(&text).contains('\0'));
            prop_assert_eq!(plain(&clean(&text)).into_owned(), text.clone());
        }
    }
}
