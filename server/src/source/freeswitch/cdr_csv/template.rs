//! The template by which rows are written, `"${uuid}","${start_stamp}",…`: which variable stands in which column, and what
//! stands between them.

use csv::StringRecord;

/// The variables of the default configuration's template, in order.
const EXAMPLE: [&str; 15] = [
    "caller_id_name",
    "caller_id_number",
    "destination_number",
    "context",
    "start_stamp",
    "answer_stamp",
    "end_stamp",
    "duration",
    "billsec",
    "hangup_cause",
    "uuid",
    "bleg_uuid",
    "accountcode",
    "read_codec",
    "write_codec",
];
/// The kinds of a moment's variable, the most exact first.
const STAMPS: [&str; 3] = ["uepoch", "epoch", "stamp"];

#[derive(Debug, Clone)]
pub struct Template {
    variables: Vec<String>,
    /// What stands before the first variable, between two, and after the last.
    between: Vec<String>,
}

impl Template {
    /// As it stands in the configuration; the default one where none is told.
    ///
    /// # Errors
    /// Names the variable that is missing.
    pub fn read(text: Option<&str>) -> Result<Self, String> {
        let template = text.map_or_else(Self::example, Self::taken_apart);
        if !template.has("uuid") {
            return Err("the template has no ${uuid}, which names the call".to_owned());
        }
        if !template.tells("start") {
            return Err("the template has no ${start_uepoch}, ${start_epoch} or ${start_stamp}".to_owned());
        }
        Ok(template)
    }

    fn example() -> Self {
        let mut between = vec!["\",\"".to_owned(); EXAMPLE.len() + 1];
        (between[0], between[EXAMPLE.len()]) = ("\"".to_owned(), "\"".to_owned());
        Self { variables: EXAMPLE.map(str::to_owned).to_vec(), between }
    }

    fn taken_apart(text: &str) -> Self {
        let (mut variables, mut between) = (Vec::new(), Vec::new());
        let mut rest = text.trim();
        while let Some((before, (name, after))) =
            rest.split_once("${").and_then(|(before, tail)| Some((before, tail.split_once('}')?)))
        {
            between.push(before.to_owned());
            variables.push(name.to_owned());
            rest = after;
        }
        between.push(rest.to_owned());
        Self { variables, between }
    }

    pub fn len(&self) -> usize {
        self.variables.len()
    }

    pub fn has(&self, variable: &str) -> bool {
        self.variables.iter().any(|name| name == variable)
    }

    /// Whether it has a moment, in whatever kind of variable.
    pub fn tells(&self, moment: &str) -> bool {
        STAMPS.iter().any(|kind| self.has(&format!("{moment}_{kind}")))
    }

    /// Whether it tells by which gateway a leg went.
    pub fn names_gateways(&self) -> bool {
        self.has("sip_gateway_name") || self.has("sip_gateway")
    }

    /// A variable's value; a template may have a space before its quotes, which a reader of CSV then takes for the text's.
    pub fn get<'r>(&self, row: &'r StringRecord, variable: &str) -> &'r str {
        let at = self.variables.iter().position(|name| name == variable);
        let text = at.and_then(|at| row.get(at)).unwrap_or_default().trim();
        let text = text.strip_prefix('"').map_or(text, |text| text.strip_suffix('"').unwrap_or(text)).trim();
        if text == "_undef_" { "" } else { text }
    }

    /// Of a moment the most exact variable there is; "0" is never.
    pub fn stamp<'r>(&self, row: &'r StringRecord, of: &str) -> &'r str {
        self.stamped(row, of).map(|(_, text)| text).unwrap_or_default()
    }

    /// The same with the variable's name; `None` where none tells it.
    pub fn stamped<'r>(&self, row: &'r StringRecord, of: &str) -> Option<(String, &'r str)> {
        let mut told = STAMPS.iter().map(|kind| format!("{of}_{kind}")).map(|name| {
            let text = self.get(row, &name);
            (name, text)
        });
        told.find(|(_, text)| !text.is_empty() && *text != "0")
    }

    /// A line as the template wrote it: names may hold quotes, which it does not escape. `None` where it can be read in more
    /// than one way, or in none.
    pub fn take_apart(&self, line: &str) -> Option<StringRecord> {
        let mut rest = line.trim_end_matches(['\r', '\n']).strip_prefix(self.between.first()?.as_str())?;
        let mut row = StringRecord::new();
        for (at, after) in self.between.iter().enumerate().skip(1) {
            let last = at == self.variables.len();
            let (value, tail) =
                if last { (rest.strip_suffix(after.as_str())?, "") } else { rest.split_once(after.as_str())? };
            if last && self.between.get(1).is_some_and(|between| at > 1 && value.contains(between.as_str())) {
                return None;
            }
            row.push_field(value);
            rest = tail;
        }
        Some(row)
    }
}

/// Whether a row looks like one of the default template: a uuid and a cause where they belong.
#[must_use]
pub fn is_one(row: &StringRecord) -> bool {
    let uuid = |text: &str| text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let cause = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_' || b.is_ascii_digit())
    };
    is_header(row) || row.len() == EXAMPLE.len() && row.get(10).is_some_and(uuid) && row.get(9).is_some_and(cause)
}

/// Whether a row names variables as a header does: a table's columns, or a file that was exported from one.
#[must_use]
pub fn is_header(row: &StringRecord) -> bool {
    let has = |name: &str| row.iter().any(|column| column.trim() == name);
    has("uuid") && ["start_stamp", "start_epoch", "start_uepoch"].into_iter().any(has)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn quotes_in_a_name_are_read_where_the_template_allows_it() {
        let template = Template::read(Some(r#""${caller_id_name}","${start_stamp}", "${uuid}""#)).unwrap();
        let row = template.take_apart("\"Ann \"Q\", Lee\",\"2026-11-21 01:00:00\", \"u-1\"\r\n").unwrap();
        assert_eq!(row, StringRecord::from(vec!["Ann \"Q\", Lee", "2026-11-21 01:00:00", "u-1"]));
        assert_eq!(template.take_apart(r#""Ann","x","y", "2026-11-21 01:00:00","u-1""#), None);
        assert_eq!(template.take_apart(r#""Ann","2026-11-21 01:00:00""#), None);
        assert_eq!(template.take_apart("\u{feff}"), None);
    }

    #[test]
    fn what_is_missing_is_named() {
        assert!(Template::read(Some("${uuid}")).unwrap_err().contains("start_uepoch"));
        assert!(Template::read(Some("${start_stamp}")).unwrap_err().contains("${uuid}"));
        let template = Template::read(Some("${uuid},${start_stamp},${bridge_channel}")).unwrap();
        assert!(!template.tells("bridge") && template.tells("start"));
    }
}
