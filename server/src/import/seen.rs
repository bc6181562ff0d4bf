//! The endpoints whose channels an Asterisk's file names: for whoever has not said yet which of them are carriers.

use super::bytes::open;
use super::tally::Counts;
use crate::source::asterisk::endpoints_of_channels;
use csv::ReaderBuilder;
use encoding_rs::Encoding;
use smol_str::SmolStr;
use std::io;
use std::path::Path;

/// Rows that are looked at: carriers show in the first.
const ROWS: usize = 100_000;

/// The endpoints, those that are no telephone's first, the most frequent before the others; how many channels each has.
///
/// # Errors
/// If the file can't be read.
pub fn endpoints_in(
    path: &Path,
    encoding: Option<&'static Encoding>,
    delimiter: u8,
) -> io::Result<Vec<(SmolStr, u64)>> {
    let text = open(path, encoding)?.text;
    let mut rows = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text);
    let (mut outside, mut telephones) = (Counts::<SmolStr>::default(), Counts::default());
    for row in rows.byte_records().take(ROWS).map_while(Result::ok) {
        let fields = row.iter().filter_map(|field| std::str::from_utf8(field).ok());
        for (endpoint, is_telephone) in endpoints_of_channels(fields) {
            let counts = if is_telephone { &mut telephones } else { &mut outside };
            counts.add(&endpoint, 1);
        }
    }
    let all = outside.by_number().chain(telephones.by_number());
    Ok(all.map(|(name, count)| (name.clone(), count)).collect())
}
