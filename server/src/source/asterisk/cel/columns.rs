//! Which column of a row is what: those of the sample configuration, as told by `--columns`, or as a header names them.

use crate::kit::nearest::nearest;
use csv::StringRecord;
use std::borrow::Cow;

/// Columns of the sample configuration.
pub const SAMPLE: [&str; 20] = [
    "eventtype",
    "eventtime",
    "cidname",
    "cidnum",
    "cidani",
    "cidrdnis",
    "ciddnid",
    "exten",
    "context",
    "channame",
    "appname",
    "appdata",
    "amaflags",
    "acctcode",
    "uniqueid",
    "linkedid",
    "peer",
    "userfield",
    "usereventname",
    "extra",
];
/// What else a table has; and what is passed over.
const FURTHER: [&str; 5] = ["id", "tenantid", "peeraccount", "literal", ""];
const NEEDED: [&str; 4] = ["eventtype", "eventtime", "channame", "uniqueid"];

/// The names of columns, in order.
#[derive(Debug, Clone)]
pub struct Columns(Vec<Cow<'static, str>>);

impl Columns {
    /// As told: `EventType,EventTime,…`.
    ///
    /// # Errors
    /// Names the word that is no column, or the column that is missing.
    pub fn told(text: &str) -> Result<Self, String> {
        let mut names = Vec::new();
        for word in text.split(',') {
            let name = plain(word);
            if !SAMPLE.contains(&name.as_str()) && !FURTHER.contains(&name.as_str()) {
                let hint = nearest(&name, &SAMPLE).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                let known = SAMPLE.join(", ");
                return Err(format!(
                    "--columns: `{}` is no column of the log{hint} There are {known}; nothing between two commas passes a column over",
                    word.trim()
                ));
            }
            names.push(Cow::Owned(name));
        }
        let missing = NEEDED.iter().find(|needed| !names.iter().any(|name| name == *needed));
        missing.map_or(Ok(Self(names)), |needed| Err(format!("--columns names no `{needed}`")))
    }

    /// As a header names them.
    pub fn header(row: &StringRecord) -> Option<Self> {
        let names: Vec<Cow<'static, str>> = row.iter().map(|name| Cow::Owned(plain(name))).collect();
        NEEDED.iter().all(|needed| names.iter().any(|name| name == needed)).then_some(Self(names))
    }

    /// The sample's, which has a literal after the event's name in some versions.
    pub fn sample(row: &StringRecord) -> Option<Self> {
        let names = SAMPLE.iter().copied().map(Cow::Borrowed);
        match row.len().checked_sub(SAMPLE.len())? {
            0 => Some(Self(names.collect())),
            1 => {
                let (first, rest) = SAMPLE.split_at(1);
                let all = first.iter().chain(&["literal"]).chain(rest);
                Some(Self(all.copied().map(Cow::Borrowed).collect()))
            }
            _ => None,
        }
    }

    pub fn get<'r>(&self, row: &'r StringRecord, name: &str) -> &'r str {
        let at = self.0.iter().position(|known| known == name);
        at.and_then(|at| row.get(at)).unwrap_or_default().trim()
    }
}

/// A column's name without case and signs, by the sample's word.
fn plain(name: &str) -> String {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    match plain.as_str() {
        "accountcode" => "acctcode".to_owned(),
        "channelname" | "channel" => "channame".to_owned(),
        "userdeftype" => "usereventname".to_owned(),
        "eventextra" => "extra".to_owned(),
        _ => plain,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_no_column_is_named() {
        let wrong = |text| Columns::told(text).unwrap_err();
        assert_eq!(wrong("EventType,EventTime,ChanName"), "--columns names no `uniqueid`");
        let misspelt = wrong("EventType,EventTime,ChanName,UniqueID,linkdid");
        assert!(
            misspelt.starts_with("--columns: `linkdid` is no column of the log; did you mean `linkedid`?"),
            "{misspelt}"
        );
        assert!(Columns::told("EventType,,EventTime,ChanName,UniqueID,cid_num,accountcode").is_ok());
    }

    #[test]
    fn the_table_of_freepbx_is_known_by_its_header() {
        let header =
            StringRecord::from(vec!["id", "eventtype", "eventtime", "cid_num", "channame", "uniqueid", "linkedid"]);
        let columns = Columns::header(&header).unwrap();
        let row = StringRecord::from(vec!["1", "ANSWER", "t", "1042", "PJSIP/a-1", "1.1", "1.1"]);
        assert_eq!((columns.get(&row, "cidnum"), columns.get(&row, "peer")), ("1042", ""));
    }
}
