//! Order and pages of row lists.

use serde::Serialize;
use std::cmp::Ordering;

/// What can be sorted by, as `order` names it.
pub const ORDERS: [&str; 6] = ["key", "-key", "value", "-value", "denominator", "-denominator"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Key,
    Value,
    Denominator,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Up,
    Down,
}

/// How rows are listed and which of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub field: Field,
    pub way: Way,
    pub limit: usize,
    /// Rows before this page.
    pub skip: usize,
}

/// One page, and where the next begins.
#[derive(Debug, Serialize)]
pub struct Listed<T> {
    pub rows: Vec<T>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl Page {
    /// Sorts by what `order` named, ties by key, rows without a value last; and cuts the page out.
    pub fn cut<T>(
        &self,
        mut rows: Vec<T>,
        key: impl Fn(&T) -> &str,
        number: impl Fn(&T, Field) -> Option<f64>,
    ) -> Listed<T> {
        let turn = |order: Ordering| match self.way {
            Way::Up => order,
            Way::Down => order.reverse(),
        };
        rows.sort_by(|a, b| match self.field {
            Field::Key => turn(key(a).cmp(key(b))),
            Field::Value | Field::Denominator => {
                let order = match (number(a, self.field), number(b, self.field)) {
                    (Some(a), Some(b)) => turn(a.total_cmp(&b)),
                    (Some(_), None) => Ordering::Less,
                    (None, Some(_)) => Ordering::Greater,
                    (None, None) => Ordering::Equal,
                };
                order.then_with(|| key(a).cmp(key(b)))
            }
        });
        let end = self.skip.saturating_add(self.limit);
        let next_cursor = (rows.len() > end).then(|| end.to_string());
        Listed { rows: rows.into_iter().skip(self.skip).take(self.limit).collect(), next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_and_rows_without_a_value_come_last() {
        let rows = [("a", Some(1.0)), ("b", None), ("c", Some(3.0)), ("d", Some(1.0))];
        let mut page = Page { field: Field::Value, way: Way::Down, limit: 2, skip: 0 };
        let mut seen = Vec::new();
        loop {
            let listed = page.cut(rows.to_vec(), |r| r.0, |r, _| r.1);
            seen.extend(listed.rows.iter().map(|r| r.0));
            let Some(next) = listed.next_cursor.and_then(|c| c.parse().ok()) else { break };
            page.skip = next;
        }
        assert_eq!(seen, ["c", "a", "d", "b"]);
    }
}
