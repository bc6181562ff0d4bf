//! The wire of the Asterisk Manager Interface: bytes to messages, actions to bytes.
//!
//! A connection starts with one banner line; then come messages, lines of `Key: Value` ended by an empty line. Keys
//! differ in case between versions and may repeat. Lines may end in a bare newline, and text need not be UTF-8 (names
//! of callers): it is read lossily. A message longer than [`MAX_MESSAGE_BYTES`] is passed over, not buffered.
//! What a message means is not known here: see `follow`.

use bytes::{Buf, BytesMut};
use smol_str::SmolStr;
use std::io;
use tokio_util::codec::{Decoder, Encoder};

/// Longest message taken; keeps one connection's buffer bounded. The longest real ones have a few kilobytes.
pub const MAX_MESSAGE_BYTES: usize = 1 << 20;

const BANNER: &[u8] = b"Asterisk Call Manager";

/// One thing read from the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// The greeting, with the version of the interface.
    Banner(String),
    Message(Message),
    /// A message over the limit was passed over.
    TooLong,
}

/// A response or an event: fields in their order, a key as often as it came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    fields: Vec<(SmolStr, SmolStr)>,
}

/// How keys end whose values are not shown: names of callers, and what dialplans put into variables and arguments.
const PRIVATE: [&str; 6] =
    ["CallerIDName", "ConnectedLineName", "ChanVariable", "Variable", "AppData", "ApplicationData"];

impl Message {
    /// Reads the lines of one message; lines without a colon are dropped.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let field = |line: &str| {
            let (key, value) = line.split_once(':')?;
            Some((SmolStr::new(key.trim()), SmolStr::new(value.strip_prefix(' ').unwrap_or(value))))
        };
        Self { fields: text.lines().filter_map(field).collect() }
    }

    /// All of it, a line each, as somebody may see who looks for a mistake in it: without what may name a person or say
    /// something of one.
    #[must_use]
    pub fn shown(&self) -> String {
        let private = |key: &str| {
            PRIVATE.iter().any(|end| {
                key.len() >= end.len()
                    && key.is_char_boundary(key.len() - end.len())
                    && key[key.len() - end.len()..].eq_ignore_ascii_case(end)
            })
        };
        let mut text = String::new();
        for (key, value) in &self.fields {
            text.push_str(key);
            text.push_str(": ");
            text.push_str(if private(key) { "…" } else { value });
            text.push('\n');
        }
        text
    }

    /// The first value of a key, as it stands.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.fields.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, value)| value.as_str())
    }

    /// The first value of a key unless it is empty or the literal that stands for "unknown".
    #[must_use]
    pub fn known(&self, key: &str) -> Option<&str> {
        self.get(key).filter(|v| !v.is_empty() && *v != "<unknown>")
    }

    /// Every value of a key, in order.
    pub fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| v.as_str())
    }

    /// The value of a channel variable, where the PBX sends it (`channelvars` in its manager.conf); `key` is
    /// `ChanVariable` or `DestChanVariable`. An empty value is none.
    #[must_use]
    pub fn variable<'a>(&'a self, key: &'a str, name: &str) -> Option<&'a str> {
        self.all(key)
            .filter_map(|pair| pair.split_once('='))
            .find_map(|(n, v)| (n.eq_ignore_ascii_case(name) && !v.is_empty()).then_some(v))
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

/// An action to send. Line ends in values would start new fields, so they are taken out.
#[derive(Debug, Clone)]
pub struct Action(String);

impl Action {
    #[must_use]
    pub fn new(name: &str, action_id: &str) -> Self {
        Self(String::new()).with("Action", name).with("ActionID", action_id)
    }

    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.0.push_str(key);
        self.0.push_str(": ");
        self.0.extend(value.chars().filter(|c| !matches!(c, '\r' | '\n' | '\0')));
        self.0.push_str("\r\n");
        self
    }
}

#[derive(Debug, Default)]
enum Reading {
    #[default]
    Greeting,
    Messages,
    /// In a message that is over the limit: everything up to its empty line is dropped.
    PassingOver,
}

#[derive(Debug, Default)]
pub struct AmiCodec {
    reading: Reading,
    /// Bytes at the front of the buffer in which no empty line begins.
    scanned: usize,
}

impl AmiCodec {
    /// Where the message at the front ends: its length, and that including the empty line. Remembers how far it
    /// looked, so that a long message that comes in pieces is not searched from its start each time.
    fn message_end(&mut self, buffer: &[u8]) -> Option<(usize, usize)> {
        let mut line = self.scanned;
        while let Some(length) = buffer[line..].iter().position(|b| *b == b'\n') {
            let next = line + length + 1;
            if matches!(&buffer[line..next], b"\n" | b"\r\n") {
                self.scanned = 0;
                return Some((line, next));
            }
            line = next;
        }
        self.scanned = line;
        None
    }

    fn greeting(&mut self, buffer: &mut BytesMut) -> Option<Frame> {
        let unlike = buffer.iter().zip(BANNER).any(|(a, b)| a != b);
        if unlike {
            // A proxy that swallowed the greeting; the messages may still be good.
            self.reading = Reading::Messages;
            return None;
        }
        let end = buffer.iter().position(|b| *b == b'\n')?;
        let line = buffer.split_to(end + 1);
        self.reading = Reading::Messages;
        Some(Frame::Banner(String::from_utf8_lossy(&line).trim_end().to_owned()))
    }
}

impl Decoder for AmiCodec {
    type Item = Frame;
    type Error = io::Error;

    fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<Frame>, io::Error> {
        if matches!(self.reading, Reading::Greeting) {
            match self.greeting(buffer) {
                Some(banner) => return Ok(Some(banner)),
                None if matches!(self.reading, Reading::Greeting) && buffer.len() <= MAX_MESSAGE_BYTES => {
                    return Ok(None);
                }
                None => self.reading = Reading::Messages,
            }
        }
        loop {
            let Some((end, past)) = self.message_end(buffer) else {
                if buffer.len() > MAX_MESSAGE_BYTES {
                    self.reading = Reading::PassingOver;
                }
                if matches!(self.reading, Reading::PassingOver) {
                    // All but the line that is still coming in; of that, too, only its newline matters.
                    let done =
                        if buffer.len() - self.scanned > MAX_MESSAGE_BYTES { buffer.len() - 1 } else { self.scanned };
                    buffer.advance(done);
                    self.scanned = 0;
                }
                return Ok(None);
            };
            let message = buffer.split_to(past);
            let over = matches!(self.reading, Reading::PassingOver) || end > MAX_MESSAGE_BYTES;
            self.reading = Reading::Messages;
            if over {
                return Ok(Some(Frame::TooLong));
            }
            let message = Message::read(&String::from_utf8_lossy(&message[..end]));
            if !message.is_empty() {
                return Ok(Some(Frame::Message(message)));
            }
        }
    }

    /// A connection that broke in the middle of a message: the rest of it never comes.
    fn decode_eof(&mut self, buffer: &mut BytesMut) -> Result<Option<Frame>, io::Error> {
        let frame = self.decode(buffer)?;
        if frame.is_none() {
            buffer.clear();
        }
        Ok(frame)
    }
}

impl Encoder<Action> for AmiCodec {
    type Error = io::Error;

    fn encode(&mut self, action: Action, buffer: &mut BytesMut) -> Result<(), io::Error> {
        buffer.extend_from_slice(action.0.as_bytes());
        buffer.extend_from_slice(b"\r\n");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn read_all(codec: &mut AmiCodec, buffer: &mut BytesMut) -> Vec<Frame> {
        std::iter::from_fn(|| codec.decode(buffer).unwrap()).collect()
    }

    fn read(bytes: &[u8]) -> Vec<Frame> {
        read_all(&mut AmiCodec::default(), &mut BytesMut::from(bytes))
    }

    fn message(text: &str) -> Frame {
        Frame::Message(Message::read(text))
    }

    #[test]
    fn a_connection_starts_with_a_banner_that_no_empty_line_ends() {
        let frames = read(b"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\nActionID: 1\r\n\r\nEvent: Fu");
        assert_eq!(
            frames,
            [Frame::Banner("Asterisk Call Manager/11.0.0".into()), message("Response: Success\nActionID: 1")]
        );
    }

    #[test]
    fn keys_repeat_ignore_case_and_values_keep_their_colons() {
        let m = Message::read("ChanVariable: A=\nChanVariable: B=x: y\nUniqueID: 1.2\nEmpty:\nCallerIDNum: <unknown>");
        assert_eq!(m.variable("ChanVariable", "b"), Some("x: y"));
        assert_eq!(m.variable("ChanVariable", "A"), None);
        assert_eq!(m.get("Uniqueid"), Some("1.2"));
        assert_eq!((m.get("Empty"), m.known("Empty"), m.known("CallerIDNum")), (Some(""), None, None));
    }

    #[test]
    fn bare_newlines_and_text_that_is_not_utf8_are_read() {
        assert_eq!(
            read(b"Event: A\nName: J\xfcrgen\n\nEvent: B\r\n\r\n"),
            [message("Event: A\nName: J\u{fffd}rgen"), message("Event: B")]
        );
    }

    #[test]
    fn a_message_over_the_limit_is_passed_over_and_the_next_is_read() {
        let mut bytes = b"Asterisk Call Manager/11.0.0\r\n".to_vec();
        bytes.extend(std::iter::repeat_n(b"Noise: noise\r\n", 100_000).flatten());
        bytes.extend_from_slice(b"\r\nEvent: B\r\n\r\n");
        let (mut codec, mut buffer, mut frames, mut largest) = (AmiCodec::default(), BytesMut::new(), vec![], 0);
        for piece in bytes.chunks(8_192) {
            buffer.extend_from_slice(piece);
            largest = largest.max(buffer.len());
            frames.extend(read_all(&mut codec, &mut buffer));
        }
        assert_eq!(frames[1..], [Frame::TooLong, message("Event: B")]);
        assert!(largest <= MAX_MESSAGE_BYTES + 8_192, "{largest}");
    }

    #[test]
    fn a_value_cannot_start_a_field_of_its_own() {
        let mut buffer = BytesMut::new();
        AmiCodec::default()
            .encode(Action::new("Login", "1").with("Secret", "a\r\nAction: Originate"), &mut buffer)
            .unwrap();
        assert_eq!(&buffer[..], b"Action: Login\r\nActionID: 1\r\nSecret: aAction: Originate\r\n\r\n");
    }

    #[test]
    fn every_message_of_the_recordings_is_read() {
        for (recording, messages) in super::super::fixtures::ALL {
            let frames = read(recording.as_bytes());
            assert_eq!(frames.len(), messages);
            assert!(frames.iter().all(|f| !matches!(f, Frame::TooLong)));
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_in_arbitrary_pieces_never_panic_and_read_as_if_whole(
            bytes in prop::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b':'), Just(b' '), any::<u8>()], 0..400),
            cuts in prop::collection::vec(1usize..40, 1..20),
        ) {
            let (mut codec, mut buffer, mut frames) = (AmiCodec::default(), BytesMut::new(), vec![]);
            let mut rest = &bytes[..];
            for cut in cuts.iter().cycle() {
                if rest.is_empty() { break; }
                let (piece, after) = rest.split_at((*cut).min(rest.len()));
                buffer.extend_from_slice(piece);
                frames.extend(read_all(&mut codec, &mut buffer));
                rest = after;
            }
            prop_assert_eq!(frames, read(&bytes));
        }
    }
}
