//! What rows are called that have no id.

use super::fields::PHONES;
use app::domain::Number;
use app::domain::mask::{Known, Rule, masked};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};

/// Rows of one name are told apart within so many: they are of one second, and files go by time.
const NEAR: usize = 65_536;

/// What rows are called.
#[derive(Debug)]
pub(super) enum Names {
    /// As their column says.
    Told,
    /// By what they tell; how often of late the same was told.
    ByWords { lately: HashMap<String, u32>, order: VecDeque<String> },
}

impl Names {
    /// The id of a row that tells this; `None` where a column says it. The same row of the same file has the same one each
    /// time. Nobody finds a person's number by trying all there are: no more of it goes in than every page shows.
    pub(super) fn next(&mut self, data: &Map<String, Value>) -> Option<String> {
        let Self::ByWords { lately, order } = self else { return None };
        let mut digest = Sha256::new();
        for (field, value) in data {
            let text = value.as_str().map_or_else(|| value.to_string().into(), Cow::Borrowed);
            let told = if PHONES.contains(&field.as_str()) {
                Number::trusted(text.as_ref()).masked()
            } else {
                masked(&text, Rule::Text, Known::default()).into_owned()
            };
            digest.update(format!("{field}\0{told}\0"));
        }
        let id = digest.finalize().iter().take(10).fold("row-".to_owned(), |id, byte| format!("{id}{byte:02x}"));
        if !lately.contains_key(&id) {
            if order.len() == NEAR
                && let Some(oldest) = order.pop_front()
            {
                lately.remove(&oldest);
            }
            order.push_back(id.clone());
        }
        let times = lately.entry(id.clone()).or_default();
        *times += 1;
        Some(if *times == 1 { id } else { format!("{id}-{times}") })
    }
}
