//! Which column of a record is what: as in `Master.csv`, as in the sample `cdr_custom`, or as a header names them.

use csv::StringRecord;
use std::borrow::Cow;

/// Columns of `Master.csv` that are always there.
const FEWEST: usize = 16;
/// With its three options (unique ids, the user's field, the newer columns).
const MOST: usize = 21;
const MASTER: [&str; FEWEST] = [
    "accountcode",
    "src",
    "dst",
    "dcontext",
    "clid",
    "channel",
    "dstchannel",
    "lastapp",
    "lastdata",
    "start",
    "answer",
    "end",
    "duration",
    "billsec",
    "disposition",
    "amaflags",
];
const NEWER: [&str; 3] = ["peeraccount", "linkedid", "sequence"];
/// Columns of the sample `cdr_custom.conf`; the last is younger than the others.
const CUSTOM: [&str; 19] = [
    "clid",
    "src",
    "dst",
    "dcontext",
    "channel",
    "dstchannel",
    "lastapp",
    "lastdata",
    "start",
    "answer",
    "end",
    "duration",
    "billsec",
    "disposition",
    "amaflags",
    "accountcode",
    "uniqueid",
    "userfield",
    "sequence",
];
/// Columns by which a header is known.
const NEEDED: [&str; 4] = ["start", "channel", "dstchannel", "disposition"];

/// The names of columns, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout(Vec<Cow<'static, str>>);

impl Layout {
    /// What a header names: the table `cdr` of FreePBX, or any other with Asterisk's names.
    pub fn header(row: &StringRecord) -> Option<Self> {
        let names: Vec<Cow<'static, str>> = row.iter().map(|name| Cow::Owned(plain(name))).collect();
        NEEDED.iter().all(|needed| names.iter().any(|name| name == needed)).then_some(Self(names))
    }

    /// What a row without a header is, by the place of its disposition and how many columns there are.
    pub fn of(row: &StringRecord) -> Option<Self> {
        let has = |at| row.get(at).is_some_and(|text| super::leg::Ending::read(text).is_some());
        if (FEWEST..=MOST).contains(&row.len()) && has(14) {
            return Some(Self::master(row));
        }
        let custom = (CUSTOM.len() - 1..=CUSTOM.len()).contains(&row.len()) && has(13);
        custom.then(|| Self(CUSTOM[..row.len()].iter().copied().map(Cow::Borrowed).collect()))
    }

    /// `Master.csv` by its number of columns; what is wrong in a row of it is found out later.
    fn master(row: &StringRecord) -> Self {
        let optional: &[&str] = match row.len().saturating_sub(FEWEST) {
            1 | 4 if row.get(FEWEST).is_some_and(is_an_id) => &["uniqueid"],
            1 | 4 => &["userfield"],
            2 | 5 => &["uniqueid", "userfield"],
            _ => &[],
        };
        let newer: &[&str] = if row.len() >= FEWEST + NEWER.len() { &NEWER } else { &[] };
        Self(MASTER.iter().chain(optional).chain(newer).copied().map(Cow::Borrowed).collect())
    }

    /// The same for any row that has as many columns as a record may have.
    ///
    /// # Errors
    /// Says how many there are.
    pub fn without_header(row: &StringRecord) -> Result<Self, String> {
        match Self::of(row) {
            Some(layout) => Ok(layout),
            None if (FEWEST..=MOST).contains(&row.len()) => Ok(Self::master(row)),
            None => Err(format!("{} columns; a record has {FEWEST} to {MOST}", row.len())),
        }
    }

    pub fn get<'r>(&self, row: &'r StringRecord, name: &str) -> &'r str {
        let at = self.0.iter().position(|known| known == name);
        at.and_then(|at| row.get(at)).unwrap_or_default().trim()
    }
}

/// A column's name without case and signs; what people call the start is one.
fn plain(name: &str) -> String {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    if plain == "calldate" { "start".to_owned() } else { plain }
}

/// A channel's own id: `1795219200.62`, with the system's name before it where it has one.
fn is_an_id(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.rsplit_once('.')
        .is_some_and(|(whole, part)| digits(part) && whole.bytes().last().is_some_and(|b| b.is_ascii_digit()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn row(columns: usize, disposition: usize, id: usize) -> StringRecord {
        let text = |at| match at {
            _ if at == disposition => "ANSWERED",
            _ if at == id => "pbx-1795219200.62",
            _ => "x",
        };
        (0..columns).map(text).collect::<Vec<_>>().into()
    }

    #[test]
    fn the_optional_columns_of_master_are_told_by_number_and_shape() {
        for (columns, id) in [(16, 99), (17, 16), (17, 99), (18, 16), (19, 99), (20, 16), (20, 99), (21, 16)] {
            let row = row(columns, 14, id);
            let layout = Layout::of(&row).unwrap();
            assert_eq!(layout.0.len(), columns);
            assert_eq!(layout.get(&row, "uniqueid"), if id == 16 { "pbx-1795219200.62" } else { "" });
        }
        assert_eq!(Layout::of(&row(15, 14, 99)), None);
    }

    #[test]
    fn the_sample_of_cdr_custom_and_headers_in_any_case_are_known() {
        let custom = row(18, 13, 16);
        assert_eq!(Layout::of(&custom).unwrap().get(&custom, "uniqueid"), "pbx-1795219200.62");
        let header =
            StringRecord::from(vec!["CallDate", "channel", "DstChannel", "disposition", "outbound_cnum", "linkedid"]);
        let layout = Layout::header(&header).unwrap();
        let row = StringRecord::from(vec!["d", "c", "p", "ANSWERED", "n", "l"]);
        assert_eq!((layout.get(&row, "start"), layout.get(&row, "outboundcnum")), ("d", "n"));
        assert_eq!(Layout::header(&row), None);
    }
}
