//! Which column holds a field, and what its values mean: `FIELD=COLUMN`, `FIELD=COLUMN:VALUE=WORD,VALUE=WORD`.

use super::columns::{fields, plain};
use std::collections::BTreeMap;

/// Where a field is, and what is meant by what stands there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapped {
    pub column: String,
    /// What stands there, without case, and the contract's word for it; empty where it says nothing.
    pub values: Vec<(String, String)>,
}

impl Mapped {
    /// The contract's word for what stands there, where it has one of its own.
    #[must_use]
    pub fn word<'a>(&'a self, text: &'a str) -> &'a str {
        let known = self.values.iter().find(|(value, _)| value.eq_ignore_ascii_case(text));
        known.map_or(text, |(_, word)| word.as_str())
    }
}

/// Fields and their columns, as told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping(BTreeMap<&'static str, Mapped>);

impl Mapping {
    /// Reads what the command line says.
    ///
    /// # Errors
    /// Says which is wrong, and why.
    pub fn read(texts: &[String]) -> Result<Self, String> {
        let mut mapping = Self::default();
        for text in texts {
            let (field, told) = text
                .split_once('=')
                .ok_or_else(|| format!("`{text}`: must be FIELD=COLUMN or FIELD=COLUMN:VALUE=WORD,VALUE=WORD"))?;
            let mut mapped = Mapped { column: told.trim().to_owned(), values: Vec::new() };
            if let Some((column, values)) = told.split_once(':').filter(|(_, values)| values.contains('=')) {
                mapped.column = column.trim().to_owned();
                for value in values.split(',') {
                    let (value, word) =
                        value.split_once('=').ok_or_else(|| format!("`{text}`: `{value}` must be VALUE=WORD"))?;
                    mapped.values.push((value.trim().to_owned(), word.trim().to_owned()));
                }
            }
            mapping.insert(field, mapped)?;
        }
        Ok(mapping)
    }

    /// # Errors
    /// If there is no such field.
    pub fn insert(&mut self, field: &str, mapped: Mapped) -> Result<(), String> {
        let known: Vec<_> = fields().collect();
        let Some(field) = known.iter().find(|known| **known == field.trim()) else {
            let hint = crate::kit::nearest::nearest(field, &known);
            let hint = hint.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return Err(format!("`{field}` is no field of a call.record{hint}"));
        };
        self.0.insert(field, mapped);
        Ok(())
    }

    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Mapped> {
        self.0.get(field)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is told here goes before what `kept` says.
    #[must_use]
    pub fn over(mut self, kept: Self) -> Self {
        for (field, mapped) in kept.0 {
            self.0.entry(field).or_insert(mapped);
        }
        self
    }
}

/// The place of a column in a header, without case and signs.
///
/// # Errors
/// Names the column that there is not, and those that there are.
pub fn place(header: &csv::StringRecord, column: &str, field: &str) -> Result<usize, String> {
    let exact = header.iter().position(|name| name.trim() == column);
    exact.or_else(|| header.iter().position(|name| plain(name) == plain(column))).ok_or_else(|| {
        let names: Vec<&str> = header.iter().map(str::trim).collect();
        let hint = crate::kit::nearest::did_you_mean(column, &names);
        format!("the file has no column `{column}` for `{field}`{hint}")
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(texts: &[&str]) -> Result<Mapping, String> {
        Mapping::read(&texts.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn a_field_has_a_column_and_its_values_words() {
        let mapping = read(&["outcome=disposition:ANSWERED=answered,NO ANSWER=no_answer,X=", "to=dst"]).unwrap();
        let outcome = mapping.get("outcome").unwrap();
        assert_eq!(outcome.column, "disposition");
        assert_eq!(
            ["answered", "No Answer", "x", "BUSY"].map(|text| outcome.word(text)),
            ["answered", "no_answer", "", "BUSY"]
        );
        assert_eq!(mapping.get("to").unwrap().column, "dst");
        let kept = read(&["to=other", "from=src"]).unwrap();
        let over = mapping.over(kept);
        assert_eq!(["to", "from"].map(|field| over.get(field).unwrap().column.as_str()), ["dst", "src"]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert!(read(&["outcome"]).unwrap_err().contains("must be FIELD=COLUMN"));
        assert!(read(&["campain=C"]).unwrap_err().contains("did you mean `campaign`?"));
        assert!(read(&["outcome=d:A=answered,B"]).unwrap_err().contains("`B` must be VALUE=WORD"));
        let header = csv::StringRecord::from(vec!["Call ID", "calldate"]);
        assert_eq!(place(&header, "call_id", "call_id"), Ok(0));
        assert!(place(&header, "caldate", "started_at").unwrap_err().contains("did you mean `calldate`?"));
    }
}
