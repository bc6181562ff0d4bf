//! What parts the columns of a CSV, told by what it begins with.

use csv::{ReaderBuilder, StringRecord};

/// What columns are parted by, the likeliest first.
const DELIMITERS: [u8; 4] = *b",;\t|";
/// Rows that show it.
const ROWS: usize = 20;

/// A CSV's delimiter, and its first row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    pub delimiter: u8,
    pub first: StringRecord,
}

impl Shape {
    /// Of what a file begins with; the delimiter that makes most rows alike where none is told.
    #[must_use]
    pub fn of(begins: &[u8], delimiter: Option<u8>) -> Self {
        let shapes = delimiter.map_or(DELIMITERS.to_vec(), |told| vec![told]);
        let mut best: Option<((usize, usize), Self)> = None;
        for delimiter in shapes {
            let rows = rows(begins, delimiter);
            let first = rows.first().cloned().unwrap_or_default();
            let columns = first.len();
            let alike = if columns > 1 { rows.iter().filter(|row| row.len() == columns).count() } else { 0 };
            if best.as_ref().is_none_or(|(most, _)| (alike, columns) > *most) {
                best = Some(((alike, columns), Self { delimiter, first }));
            }
        }
        best.map_or_else(|| Self { delimiter: b',', first: StringRecord::new() }, |(_, shape)| shape)
    }
}

fn rows(begins: &[u8], delimiter: u8) -> Vec<StringRecord> {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(begins);
    reader.byte_records().take(ROWS).map_while(Result::ok).map(StringRecord::from_byte_record_lossy).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> (char, usize) {
        let shape = Shape::of(text.as_bytes(), None);
        (char::from(shape.delimiter), shape.first.len())
    }

    #[test]
    fn the_delimiter_is_the_one_that_makes_rows_alike() {
        assert_eq!(shape("a,b,c\n1,2,3\n"), (',', 3));
        assert_eq!(shape("a;b;c\n1;2,5;3\n4;1,7;x, y\n"), (';', 3));
        assert_eq!(shape("a\tb\n1,5\t2\n"), ('\t', 2));
        assert_eq!(shape("a|b\n1|2\n"), ('|', 2));
        // Asterisk's names of channels hold semicolons.
        assert_eq!(
            shape("\"\",\"x\",\"Local/9@d-1;2\",\"SIP/c1-4\"\n\"\",\"y\",\"SIP/40-1\",\"Local/8@d-2;1\"\n"),
            (',', 4)
        );
        assert_eq!(shape("one\ntwo\n"), (',', 1));
        assert_eq!(shape(""), (',', 0));
        assert_eq!(Shape::of(b"a,b;c", Some(b';')).first.len(), 2);
    }
}
