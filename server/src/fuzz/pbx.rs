//! What a PBX says as it goes on.

use crate::source::asterisk::AsteriskConfig;
use crate::source::asterisk::codec::{AmiCodec, Frame};
use crate::source::asterisk::counters::Counters;
use crate::source::asterisk::fixtures;
use crate::source::asterisk::follow::Follow;
use app::domain::{Moment, Span};
use bytes::BytesMut;
use std::sync::Arc;
use tokio_util::codec::Decoder;

pub const RECORDINGS: &[&[u8]] = &[
    fixtures::SAMPLE_ANSWERED.as_bytes(),
    fixtures::SAMPLE_FAILED.as_bytes(),
    fixtures::SAMPLE_QUEUE_TRUNK_LIST.as_bytes(),
    fixtures::DIALLED_AGENT.as_bytes(),
    fixtures::LOCAL_HALVES.as_bytes(),
];

/// A piece of the stream as it arrives.
const PIECE: usize = 700;

fn config() -> AsteriskConfig {
    let json = serde_json::json!({
        "address": "127.0.0.1:5038", "user": "ringside", "secret": "s", "realm": "pbx", "country": "US",
        "routes": { "answer": "a", "busy": "b", "congested": { "route": "c", "capacity": 30 }, "carrier-a": "a", "DAHDI/i1/*": "pri" },
        "queues": { "sales": "spring" },
    });
    serde_json::from_value(json).unwrap_or_else(|error| unreachable!("{error}"))
}

pub fn ami(bytes: &[u8]) {
    let mut follow = Follow::new(Arc::new(config()), Arc::<Counters>::default());
    let (mut codec, mut buffer) = (AmiCodec::default(), BytesMut::new());
    let mut now = Moment::from_secs(1_795_300_000);
    for piece in bytes.chunks(PIECE) {
        buffer.extend_from_slice(piece);
        while let Ok(Some(frame)) = codec.decode(&mut buffer) {
            if let Frame::Message(message) = frame {
                drop(follow.message(&message, now));
            }
        }
        now = now + Span::secs(30);
        drop(follow.tick(now));
    }
    drop(codec.decode_eof(&mut buffer));
}
