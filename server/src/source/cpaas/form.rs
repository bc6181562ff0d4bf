//! Fields as a form sends them: `application/x-www-form-urlencoded`.

use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;

/// Fields by their names, in byte order; one that is there several times has several values, in the order in which they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form(pub BTreeMap<String, Vec<String>>);

impl Form {
    /// Reads whatever text there is: what is no escape stays as it is.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let plain = |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
        let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for field in text.split('&').filter(|field| !field.is_empty()) {
            let (name, value) = field.split_once('=').unwrap_or((field, ""));
            fields.entry(plain(name)).or_default().push(plain(value));
        }
        Self(fields)
    }

    /// The first value of a field; an empty one is none.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.first().map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The fields of these names again, in a form, and the others' names without what they hold.
    #[must_use]
    pub fn shown(&self, names: &[&str]) -> String {
        let one = |(name, values): (&String, &Vec<String>)| {
            let value = if names.contains(&name.as_str()) { values.join(",") } else { "…".to_owned() };
            format!("{name}={value}")
        };
        self.0.iter().map(one).collect::<Vec<_>>().join("&")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_browsers_write_them() {
        let form = Form::read("To=%2B1202&Name=A+B&Empty=&Twice=b&Twice=a&%zz=%&&Alone");
        assert_eq!((form.get("To"), form.get("Name"), form.get("Empty")), (Some("+1202"), Some("A B"), None));
        assert_eq!(form.0["Twice"], ["b", "a"]);
        assert_eq!((form.get("%zz"), form.get("Alone"), form.0.len()), (Some("%"), None, 6));
        assert_eq!(Form::read(""), Form::default());
        assert_eq!(form.shown(&["To"]), "%zz=…&Alone=…&Empty=…&Name=…&To=+1202&Twice=…");
    }
}
