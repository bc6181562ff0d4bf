//! A file's bytes as text: unpacked where they are packed (gzip), without a byte order mark, and decoded where a mark or
//! `--encoding` says what they are. Bytes of no told encoding go on as they are.

use encoding_rs::Encoding;
use encoding_rs_io::DecodeReaderBytesBuilder;
use flate2::read::MultiGzDecoder;
use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

/// As much of a file as shows its shape.
const LOOK: u64 = 64 << 10;
const BUFFER: usize = 1 << 16;
/// What a packed file begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A file opened, and how far it is read: in bytes as they lie on the disk.
pub(crate) struct Opened {
    pub text: Box<dyn BufRead>,
    pub read: Rc<Cell<u64>>,
}

struct Counted<R> {
    input: R,
    read: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.input.read(buffer)?;
        self.read.set(self.read.get() + n as u64);
        Ok(n)
    }
}

/// Opens a file; `encoding` where it is told.
///
/// # Errors
/// If it can't be read.
pub(super) fn open(path: &Path, encoding: Option<&'static Encoding>) -> io::Result<Opened> {
    opened(File::open(path)?, encoding)
}

/// What a file, or whatever else has bytes, holds as text.
///
/// # Errors
/// If it can't be read.
pub(crate) fn opened(input: impl Read + 'static, encoding: Option<&'static Encoding>) -> io::Result<Opened> {
    let read = Rc::new(Cell::new(0));
    let mut counted = BufReader::with_capacity(BUFFER, Counted { input, read: Rc::clone(&read) });
    let packed = counted.fill_buf()?.starts_with(&GZIP);
    let bytes: Box<dyn Read> = if packed { Box::new(MultiGzDecoder::new(counted)) } else { Box::new(counted) };
    // A mark goes before what is told; UTF-8 passes as it is, so that a row which is none can be told apart.
    let told = encoding.filter(|encoding| *encoding != encoding_rs::UTF_8);
    let decoded = DecodeReaderBytesBuilder::new()
        .encoding(told)
        .utf8_passthru(told.is_none())
        .strip_bom(true)
        .bom_override(true)
        .build(bytes);
    Ok(Opened { text: Box::new(BufReader::with_capacity(BUFFER, decoded)), read })
}

/// What a file begins with, as much as shows its shape.
///
/// # Errors
/// If it can't be read.
pub fn begins(path: &Path, encoding: Option<&'static Encoding>) -> io::Result<Vec<u8>> {
    let mut begins = Vec::new();
    open(path, encoding)?.text.take(LOOK).read_to_end(&mut begins)?;
    Ok(begins)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn text(bytes: &[u8], encoding: Option<&'static Encoding>) -> Vec<u8> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        begins(file.path(), encoding).unwrap()
    }

    #[test]
    fn packed_marked_and_encoded_bytes_are_the_same_text() {
        let pack = |bytes: &[u8]| {
            let mut gz = GzEncoder::new(Vec::new(), Compression::default());
            gz.write_all(bytes).unwrap();
            gz.finish().unwrap()
        };
        let utf16: Vec<u8> = "\u{feff}Zoë;1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let told = Some(encoding_rs::WINDOWS_1252);
        let several = [pack("Zoë".as_bytes()), pack(b";1\n")].concat();
        for (bytes, encoding) in [
            ("Zoë;1\n".as_bytes(), None),
            ("\u{feff}Zoë;1\n".as_bytes(), None),
            (b"Zo\xeb;1\n", told),
            (&utf16, None),
            // A mark is surer than what is told.
            (&utf16, told),
            (&several, None),
        ] {
            assert_eq!(text(bytes, encoding), "Zoë;1\n".as_bytes(), "{bytes:?}");
        }
        // Not told, it passes as it is.
        assert_eq!(text(b"Zo\xeb;1\n", None), b"Zo\xeb;1\n");
        assert_eq!(text(b"", None), b"");
    }

    #[test]
    fn a_packed_file_that_is_cut_off_is_an_error() {
        let mut gz = GzEncoder::new(Vec::new(), Compression::none());
        gz.write_all(&[b'x'; 1_000]).unwrap();
        let whole = gz.finish().unwrap();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&whole[..500]).unwrap();
        assert!(begins(file.path(), None).is_err());
    }
}
