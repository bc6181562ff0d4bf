//! A byte stream cut into lines, of which none may be longer than a limit.

use bytes::{Buf, Bytes, BytesMut};

/// A line went over the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong;

/// Holds what has come of the line that is not over yet.
#[derive(Debug)]
pub struct Lines {
    open: BytesMut,
    limit: usize,
}

impl Lines {
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { open: BytesMut::new(), limit }
    }

    /// Takes the next piece of the stream, and hands each whole line to `take`, without its end.
    ///
    /// # Errors
    /// If a line is longer than the limit; lines before it have been handed over.
    pub fn push(&mut self, mut piece: Bytes, mut take: impl FnMut(&[u8])) -> Result<(), TooLong> {
        while let Some(end) = memchr::memchr(b'\n', &piece) {
            let line = piece.split_to(end);
            piece.advance(1);
            if self.open.len() + line.len() > self.limit {
                return Err(TooLong);
            }
            if self.open.is_empty() {
                take(trimmed(&line));
            } else {
                self.open.extend_from_slice(&line);
                take(trimmed(&self.open));
                self.open.clear();
            }
        }
        if self.open.len() + piece.len() > self.limit {
            return Err(TooLong);
        }
        self.open.extend_from_slice(&piece);
        Ok(())
    }

    /// The stream is over: what is left is a line, too.
    pub fn finish(&mut self, take: impl FnOnce(&[u8])) {
        let last = self.open.split();
        if !last.is_empty() {
            take(trimmed(&last));
        }
    }
}

/// Without the carriage return of a CRLF.
fn trimmed(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn cut(pieces: &[&str], limit: usize) -> Result<Vec<String>, TooLong> {
        let mut lines = Lines::new(limit);
        let mut found = Vec::new();
        for piece in pieces {
            lines.push(Bytes::copy_from_slice(piece.as_bytes()), |l| {
                found.push(String::from_utf8_lossy(l).into_owned());
            })?;
        }
        lines.finish(|l| found.push(String::from_utf8_lossy(l).into_owned()));
        Ok(found)
    }

    #[test]
    fn lines_do_not_depend_on_how_the_stream_is_cut() {
        let text = "one\r\ntwo\n\nthree";
        let whole = cut(&[text], 10).unwrap();
        assert_eq!(whole, ["one", "two", "", "three"]);
        for at in 0..text.len() {
            let (a, b) = text.split_at(at);
            assert_eq!(cut(&[a, b], 10).unwrap(), whole, "cut at {at}");
        }
    }

    #[test]
    fn a_line_at_the_limit_is_taken_and_one_byte_more_is_not() {
        assert!(cut(&["12345678\n"], 8).is_ok());
        assert_eq!(cut(&["12345678", "9\n"], 8), Err(TooLong));
        assert_eq!(cut(&["123456789"], 8), Err(TooLong), "before its end has come");
    }
}
