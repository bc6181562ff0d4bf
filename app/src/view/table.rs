//! Rows with keys, and the patch that turns one list of them into another.

use super::delta::Diff;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// A row's name within its table; unique there.
pub trait Keyed {
    fn key(&self) -> String;
}

/// Rows in the order they are shown, and how many more there are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Table<R> {
    pub rows: Vec<R>,
    /// Rows that were left out.
    pub more: u32,
}

impl<R> Default for Table<R> {
    fn default() -> Self {
        Self { rows: Vec::new(), more: 0 }
    }
}

/// What changed in a [`Table`]: rows that are new or changed, keys that are gone, and the order where putting new rows
/// at the end does not give it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(bound(deserialize = "R: Deserialize<'de>"))]
pub struct TablePatch<R> {
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<R>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<u32>,
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
        if !patch.gone.is_empty() {
            let gone: HashSet<String> = patch.gone.into_iter().collect();
            self.rows.retain(|r| !gone.contains(&r.key()));
        }
        if !patch.rows.is_empty() {
            let place: HashMap<String, usize> = self.rows.iter().enumerate().map(|(i, r)| (r.key(), i)).collect();
            for row in patch.rows {
                match place.get(&row.key()) {
                    Some(i) => self.rows[*i] = row,
                    None => self.rows.push(row),
                }
            }
        }
        if let Some(order) = patch.order {
            let rank: HashMap<String, usize> = order.into_iter().enumerate().map(|(i, k)| (k, i)).collect();
            self.rows.sort_by_key(|r| rank.get(&r.key()).copied().unwrap_or(usize::MAX));
        }
        if let Some(more) = patch.more {
            self.more = more;
        }
    }
}
