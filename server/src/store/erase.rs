//! Forgetting a person's number: what is put in its place, and what goes with it. The same in every database, each of which
//! finds and writes its rows (`rows`), and sees to it that no copy of what they held stays behind.
//!
//! The number goes from wherever it stands, in any spelling: calls and their names, agents, settings, samples, the keys of
//! sums. What takes its place is made of the text itself, so that what was one name stays one, and sums stay right. The
//! audit log is a chain that nobody changes: entries that hold the number are counted.

mod rows;
mod words;

use super::StoreError;
use super::write::{CallBefore, CallWrite, RowId, StoredCall};
use app::domain::{CallName, Number};
use rows::Column;
pub(super) use rows::{BlockRow, Erasable, Renames, TABLES, TextRow, TextTable, by_sql};
use words::{Eraser, Touched};
pub(super) use words::{KEY, fresh_key, read_key};
pub use words::{Key, pseudonym};

/// Calls looked at at a time.
const SLICE: usize = 2_000;

/// What erasing a number did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Erased {
    /// Calls that held it.
    pub calls: u64,
    /// Of those, the ones whose own id held it: they have another one now.
    pub renamed: u64,
    /// Other rows: of agents, settings, samples, sums.
    pub rows: u64,
    /// Entries of the audit log that hold it, and stay.
    pub audited: u64,
}

/// What was changed, and is to be written anew.
#[derive(Debug, Default)]
pub(super) struct Changed {
    pub(super) calls: Vec<RowId>,
    pub(super) tables: Vec<&'static str>,
}

/// Whether a number is one that stands for another.
#[must_use]
pub fn is_pseudonym(number: &Number) -> bool {
    number.reveal().starts_with("+0")
}

/// Puts pseudonyms in the place of a person's number, and clears what was there out of the files.
///
/// # Errors
/// If the store can't be read or written. What was erased before stays so, and the next time with this number ends the work.
pub(super) async fn erase(store: &mut impl Erasable, number: &Number) -> Result<Erased, StoreError> {
    let key = key(store).await?;
    let eraser = Eraser::of(&key, number);
    let unfinished = format!("erasing {}", pseudonym(&key, number).reveal());
    let begun = store.note(&unfinished).await?.is_some();
    if !begun {
        store.keep_note(&unfinished, "").await?;
    }
    let (mut erased, mut changed) = (Erased::default(), Changed::default());
    calls(store, &eraser, &mut erased, &mut changed).await?;
    texts(store, &eraser, &mut erased, &mut changed).await?;
    sums(store, &eraser, &mut erased, &mut changed).await?;
    store.forget_person(number).await?;
    erased.audited = store.audited(&|text| eraser.tells(text)).await?;
    if begun || !changed.calls.is_empty() || !changed.tables.is_empty() {
        store.write_anew(&changed).await?;
    }
    store.drop_note(&unfinished).await?;
    Ok(erased)
}

async fn calls(
    store: &mut impl Erasable,
    eraser: &Eraser<'_>,
    erased: &mut Erased,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    let mut after = RowId::FIRST;
    loop {
        let mut found = store.calls_after(after, SLICE).await?;
        let Some(last) = found.last().and_then(|(_, kept)| kept.id) else { return Ok(()) };
        after = last;
        let mut renamed = Vec::new();
        let mut touched: Vec<&mut (CallName, StoredCall)> = Vec::new();
        for call in &mut found {
            match eraser.call(&mut call.0, &mut call.1.call) {
                Touched::Not => continue,
                Touched::Fields => {}
                Touched::Name => renamed.extend(call.1.id),
            }
            changed.calls.extend(call.1.id);
            touched.push(call);
        }
        erased.calls += touched.len() as u64;
        erased.renamed += renamed.len() as u64;
        let mut writes: Vec<CallWrite<'_>> =
            touched.into_iter().map(|(name, kept)| CallWrite { name, kept, before: CallBefore::default() }).collect();
        if !writes.is_empty() {
            store.write_calls(&mut writes, &renamed).await?;
        }
    }
}

async fn texts(
    store: &mut impl Erasable,
    eraser: &Eraser<'_>,
    erased: &mut Erased,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    for table in TABLES {
        // What stands in JSON is escaped there: only its texts can be looked at.
        let without = |column: &Column, text: &String| match column {
            Column::Text(_) => eraser.text(text),
            Column::Json(_) => eraser.json(text),
        };
        let columns = |row: &TextRow| table.columns.iter().zip(row.texts.clone());
        let tells = |row: &TextRow| {
            columns(row).any(|(column, text)| text.is_some_and(|text| without(column, &text).is_some()))
        };
        for row in store.texts_of(table, &tells).await? {
            let new = columns(&row).map(|(column, text)| text.map(|text| without(column, &text).unwrap_or(text)));
            let new: Vec<Option<String>> = new.collect();
            store.put_texts(table, &row, new).await?;
            erased.rows += 1;
            changed.tables.push(table.name);
        }
    }
    changed.tables.dedup();
    Ok(())
}

async fn sums(
    store: &mut impl Erasable,
    eraser: &Eraser<'_>,
    erased: &mut Erased,
    changed: &mut Changed,
) -> Result<(), StoreError> {
    let blocks = store.blocks(&mut |campaign, bytes| eraser.block(campaign, bytes)).await?;
    if !blocks.is_empty() {
        changed.tables.push("rollups");
    }
    erased.rows += blocks.len() as u64;
    for block in blocks {
        store.put_block(block).await?;
    }
    for (id, entry) in store.entries().await? {
        if let Some(new) = eraser.entry(&entry)? {
            store.put_entry(id, new).await?;
            erased.rows += 1;
        }
    }
    Ok(())
}

/// The store's own key, made when it is first needed.
async fn key(store: &mut impl Erasable) -> Result<Key, StoreError> {
    if let Some(text) = store.note(KEY).await? {
        return read_key(&text);
    }
    let text = fresh_key()?;
    store.keep_note(KEY, &text).await?;
    read_key(&text)
}
