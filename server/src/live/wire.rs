//! An event as it goes out: encoded once, and packed once for all viewers who take it packed.
//!
//! Each event is packed by itself: it refers to nothing before it, and ends at a byte's border. So the same bytes go into
//! every viewer's stream, whenever it began. Such a stream never has gzip's trailer; like one that is cut off, it just ends.
//!
//! # Source
//! RFC 1951 (deflate), RFC 1952 (gzip), RFC 9110, 8.4 (content codings).

use bytes::Bytes;
use flate2::{Compress, Compression, FlushCompress};
use std::cell::RefCell;
use std::sync::{Arc, OnceLock};

/// Past this a packed event hardly gets smaller: a delta of 8 KB is then a fifth or less, in some 50 µs.
const LEVEL: Compression = Compression::new(4);
/// What a packer has left over when all of an event is out.
const ROOM: usize = 64;

/// How a viewer takes its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    Plain,
    Gzip,
}

impl Coding {
    /// What a stream begins with: of gzip its header, without name and time.
    #[must_use]
    pub fn head(self) -> &'static [u8] {
        match self {
            Self::Plain => &[],
            Self::Gzip => &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255],
        }
    }
}

/// A copy shares the bytes.
#[derive(Debug, Clone)]
pub struct Wire(Arc<Event>);

#[derive(Debug)]
struct Event {
    plain: Bytes,
    packed: OnceLock<Bytes>,
}

impl From<Vec<u8>> for Wire {
    fn from(plain: Vec<u8>) -> Self {
        Self(Arc::new(Event { plain: plain.into(), packed: OnceLock::new() }))
    }
}

impl Wire {
    /// Its text.
    #[must_use]
    pub fn plain(&self) -> &Bytes {
        &self.0.plain
    }

    /// What a viewer's stream takes.
    #[must_use]
    pub fn coded(&self, coding: Coding) -> Bytes {
        match coding {
            Coding::Plain => self.0.plain.clone(),
            Coding::Gzip => self.0.packed.get_or_init(|| pack(&self.0.plain)).clone(),
        }
    }
}

/// A part of a deflate stream that stands for itself.
fn pack(plain: &[u8]) -> Bytes {
    thread_local! {
        // Some hundred KB, which are not made anew for each event.
        static PACKER: RefCell<Compress> = RefCell::new(Compress::new(LEVEL, false));
    }
    PACKER.with_borrow_mut(|packer| {
        packer.reset();
        let mut packed = Vec::with_capacity(plain.len() / 2 + ROOM);
        let mut rest = plain;
        loop {
            let before = packer.total_in();
            // It fails only where a stream is used wrongly; a part that was cut short ends the viewer's stream, which comes back.
            let went_well = packer.compress_vec(rest, &mut packed, FlushCompress::Full).is_ok();
            rest = &rest[usize::try_from(packer.total_in() - before).unwrap_or(rest.len())..];
            if !went_well || packed.len() < packed.capacity() {
                return packed.into();
            }
            packed.reserve(plain.len() / 2 + ROOM);
        }
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use proptest::prelude::*;
    use std::io::Read;

    /// As much as a client can read by now.
    fn read(stream: &[u8]) -> Vec<u8> {
        let (mut text, mut part, mut decoder) = (Vec::new(), [0; 4_096], GzDecoder::new(stream));
        // At the end a trailer is missed.
        while let Ok(n @ 1..) = decoder.read(&mut part) {
            text.extend_from_slice(&part[..n]);
        }
        text
    }

    /// Events of up to 20 KB, some that pack well and some that don't.
    fn events() -> impl Strategy<Value = Vec<Wire>> {
        let event = (prop::collection::vec(any::<u8>(), 0..200), 0usize..100);
        prop::collection::vec(event.prop_map(|(part, times)| part.repeat(times).into()), 1..6)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_viewer_that_joins_anywhere_reads_each_event_when_it_comes(events in events(), joins in 0usize..6) {
            let (mut stream, mut text) = (Coding::Gzip.head().to_vec(), Vec::new());
            for event in events.iter().skip(joins) {
                stream.extend_from_slice(&event.coded(Coding::Gzip));
                text.extend_from_slice(&event.coded(Coding::Plain));
                prop_assert!(read(&stream) == text);
            }
        }
    }

    #[test]
    fn it_is_packed_once_and_much_smaller() {
        let event = Wire::from(r#"{"campaign":"spring","calls":1},"#.repeat(300).into_bytes());
        let packed = event.coded(Coding::Gzip);
        assert_eq!(packed.as_ptr(), event.clone().coded(Coding::Gzip).as_ptr());
        assert!(packed.len() * 20 < event.plain().len(), "{}", packed.len());
    }
}
