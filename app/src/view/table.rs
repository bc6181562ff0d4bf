//! Rows with keys, and the patch that turns one list of them into another.

use super::delta::Diff;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// A row's name within its table; unique there.
pub trait Keyed {
    fn key(&self) -> String;
}

/// Says of rows what their key is.
#[macro_export]
macro_rules! keyed {
    ($($row:ident: |$r:ident| $key:expr;)*) => {$(
        impl $crate::view::table::Keyed for $row {
            fn key(&self) -> String { let $r = self; $key }
        }
    )*};
}

/// Rows in the order they are shown, and how many more there are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(from = "Wire<R>", bound(deserialize = "R: Deserialize<'de>"))]
#[cfg_attr(feature = "ssr", schemars(!from, rename = "{R}Table"))]
pub struct Table<R> {
    /// In the order they are shown.
    pub rows: Vec<R>,
    /// Rows that were left out.
    pub more: u32,
}

impl<R> Default for Table<R> {
    fn default() -> Self {
        Self { rows: Vec::new(), more: 0 }
    }
}

impl<R> Table<R> {
    /// All of these rows.
    #[must_use]
    pub const fn of(rows: Vec<R>) -> Self {
        Self { rows, more: 0 }
    }

    /// Leaves out all but the first `rows`, and counts what goes.
    pub fn cut(&mut self, rows: usize) {
        let gone = self.rows.len().saturating_sub(rows);
        self.rows.truncate(rows);
        self.more = self.more.saturating_add(u32::try_from(gone).unwrap_or(u32::MAX));
    }
}

/// What changed in a [`Table`]: rows that are new or changed, keys that are gone, and the order where putting new rows
/// at the end does not give it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(from = "Wire<R>", bound(deserialize = "R: Deserialize<'de>"))]
#[cfg_attr(feature = "ssr", schemars(!from, rename = "{R}TablePatch"))]
pub struct TablePatch<R> {
    /// Rows that are new or changed, whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<R>,
    /// Keys of rows that are no longer there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<String>,
    /// All keys in their new order, where that does not follow by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<Vec<String>>,
    /// Rows that were left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more: Option<u32>,
}

/// A table or a patch as it is read. One for both: browsers download a reader for each type of row, but once.
#[derive(Deserialize)]
#[serde(bound(deserialize = "R: Deserialize<'de>"))]
struct Wire<R> {
    #[serde(default = "Vec::new")]
    rows: Vec<R>,
    #[serde(default)]
    gone: Vec<String>,
    #[serde(default)]
    order: Option<Vec<String>>,
    #[serde(default)]
    more: Option<u32>,
}

impl<R> From<Wire<R>> for Table<R> {
    fn from(wire: Wire<R>) -> Self {
        Self { rows: wire.rows, more: wire.more.unwrap_or(0) }
    }
}

impl<R> From<Wire<R>> for TablePatch<R> {
    fn from(wire: Wire<R>) -> Self {
        Self { rows: wire.rows, gone: wire.gone, order: wire.order, more: wire.more }
    }
}

/// Where a row of the patched table comes from.
#[derive(Debug, Clone, Copy)]
enum Origin {
    Old(usize),
    New(usize),
}

/// Which rows a patched table has, in order, by their keys alone. Not generic: browsers download it once.
fn plan(old: &[String], new: &[String], gone: &[String], order: Option<&[String]>) -> Vec<Origin> {
    let gone: HashSet<&str> = gone.iter().map(String::as_str).collect();
    let changed: HashMap<&str, usize> = new.iter().enumerate().map(|(i, k)| (k.as_str(), i)).collect();
    let known: HashSet<&str> = old.iter().map(String::as_str).filter(|k| !gone.contains(k)).collect();
    let stay = old.iter().enumerate().filter(|(_, k)| known.contains(k.as_str())).map(|(i, k)| {
        match changed.get(k.as_str()) {
            Some(at) => (k, Origin::New(*at)),
            None => (k, Origin::Old(i)),
        }
    });
    let come = new.iter().enumerate().filter(|(_, k)| !known.contains(k.as_str())).map(|(i, k)| (k, Origin::New(i)));
    let mut rows: Vec<(&String, Origin)> = stay.chain(come).collect();
    if let Some(order) = order {
        let rank: HashMap<&str, usize> = order.iter().enumerate().map(|(i, k)| (k.as_str(), i)).collect();
        rows.sort_by_key(|(key, _)| rank.get(key.as_str()).copied().unwrap_or(usize::MAX));
    }
    rows.into_iter().map(|(_, from)| from).collect()
}

impl<R: Keyed + Clone + PartialEq> Diff for Table<R> {
    type Delta = TablePatch<R>;

    fn diff(&self, new: &Self) -> Option<TablePatch<R>> {
        if self == new {
            return None;
        }
        let old_keys: Vec<String> = self.rows.iter().map(Keyed::key).collect();
        let new_keys: Vec<String> = new.rows.iter().map(Keyed::key).collect();
        let old: HashMap<&str, &R> = old_keys.iter().map(String::as_str).zip(&self.rows).collect();
        let kept: HashSet<&str> = new_keys.iter().map(String::as_str).collect();
        let rows =
            new_keys.iter().zip(&new.rows).filter(|(k, r)| old.get(k.as_str()) != Some(r)).map(|(_, r)| r.clone());
        let gone: Vec<String> = old_keys.iter().filter(|k| !kept.contains(k.as_str())).cloned().collect();
        let by_itself = old_keys
            .iter()
            .filter(|k| kept.contains(k.as_str()))
            .chain(new_keys.iter().filter(|k| !old.contains_key(k.as_str())));
        let order = if by_itself.eq(&new_keys) { None } else { Some(new_keys.clone()) };
        Some(TablePatch { rows: rows.collect(), gone, order, more: (self.more != new.more).then_some(new.more) })
    }

    fn apply(&mut self, patch: TablePatch<R>) {
        let keys = |rows: &[R]| rows.iter().map(Keyed::key).collect::<Vec<String>>();
        let plan = plan(&keys(&self.rows), &keys(&patch.rows), &patch.gone, patch.order.as_deref());
        let mut old: Vec<Option<R>> = self.rows.drain(..).map(Some).collect();
        let mut new: Vec<Option<R>> = patch.rows.into_iter().map(Some).collect();
        for origin in plan {
            let row = match origin {
                Origin::Old(at) => old.get_mut(at).and_then(Option::take),
                Origin::New(at) => new.get_mut(at).and_then(Option::take),
            };
            self.rows.extend(row);
        }
        if let Some(more) = patch.more {
            self.more = more;
        }
    }
}
