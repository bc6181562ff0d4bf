//! The base of a source that sends packets (UDP): each is read for itself, and nobody is answered.
//!
//! Owns the socket: a packet's length, who may send, the counts of what was turned away or lost; and the beat at which what
//! was gathered is handed on. What stands in a packet, and what is gathered of it, is the source's own. Who sends can't be
//! told to wait: while a batch is being handed on packets are read all the same, and what they say goes with the next.

use super::feed::{Counted, Feed, GivenUp, State, Target};
use crate::kit::networks::Networks;
use crate::telemetry::{Reading, counters};
use app::domain::{Event, Moment};
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// A packet has at most this many bytes: one of a jumbo frame; what is longer is sent by mistake.
pub const LONGEST: usize = 9_000;
/// Beats without a packet after which a source is away.
const SILENT_BEATS: u32 = 6;
/// Packets read at a time: then it is another's turn.
const BURST: usize = 256;

counters! {
    /// What became of packets.
    pub struct Counters {
        overflowed: counter "ringside_datagrams_overflowed", "Packets lost before they were read, because the system held too many (Linux tells)";
    }
    by "outcome": "ringside_datagrams", "Packets of a source, by what became of them" {
        read: "read";
        foreign: "foreign";
        too_long: "too_long";
        not_text: "not_text";
    }
}

/// What a source that sends packets does.
pub trait Datagrams: Send {
    /// Takes in a packet's text; says of each part that can't be read why.
    fn packet(&mut self, text: &str, wrong: &mut dyn FnMut(&str));

    /// What was gathered since this was asked last.
    fn gathered(&mut self, now: Moment) -> Vec<Event>;
}

/// A socket, and who may send to it.
#[derive(Debug)]
pub struct PacketSocket {
    socket: UdpSocket,
    /// None: whoever is on this machine.
    from: Networks,
    counters: Arc<Counters>,
}

impl PacketSocket {
    /// # Errors
    /// If it can't listen there.
    pub fn bind(listen: SocketAddr, from: Networks) -> std::io::Result<Self> {
        let socket = std::net::UdpSocket::bind(listen)?;
        socket.set_nonblocking(true)?;
        Ok(Self { socket: UdpSocket::from_std(socket)?, from, counters: Arc::default() })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Its figures, for a feed.
    #[must_use]
    pub fn readings(&self) -> super::feed::Readings {
        let counters = Arc::clone(&self.counters);
        Box::new(move |_: Counted| -> Vec<Reading> { counters.readings() })
    }

    fn may_send(&self, who: IpAddr) -> bool {
        if self.from.is_empty() { who.to_canonical().is_loopback() } else { self.from.hold(who) }
    }
}

type HandingOn = Pin<Box<dyn Future<Output = Result<(), GivenUp>> + Send>>;

/// Reads until the feed stops, and hands on what was gathered every so often.
pub async fn run<T: Target + Clone + 'static>(
    packets: PacketSocket,
    mut source: impl Datagrams,
    every: Duration,
    feed: Feed<T>,
) {
    let mut beats = interval_at(Instant::now() + every, every);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let stop = feed.stop().clone();
    let mut heard = Heard { quiet_beats: 0, shown: false };
    let mut handing_on: Option<HandingOn> = None;
    let ended = loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => break None,
            done = async { if let Some(on) = &mut handing_on { on.await } else { std::future::pending().await } } => {
                handing_on = None;
                if let Err(gone) = done {
                    break Some(gone.to_string());
                }
            }
            _ = beats.tick() => {
                heard.beat(every, &feed);
                packets.counters.overflowed.set(overflowed(packets.address().ok()));
                if handing_on.is_none() {
                    let events = source.gathered(feed.clock().now());
                    if !events.is_empty() {
                        let feed = feed.clone();
                        handing_on = Some(Box::pin(async move { feed.hand_on_once(&events, every).await }));
                    }
                }
            }
            ready = packets.socket.readable() => match ready {
                Ok(()) => read_burst(&packets, &mut source, &mut heard, &feed),
                Err(error) => break Some(error.to_string()),
            },
        }
    };
    // What was gathered is of the last seconds, and a server that stops takes nothing any more.
    feed.is(State::Ended(ended));
}

/// Reads what has come, so much at most.
fn read_burst<T>(packets: &PacketSocket, source: &mut impl Datagrams, heard: &mut Heard, feed: &Feed<T>) {
    // One byte more, to tell what is too long from what is just as long as it may be.
    let mut packet = [0; LONGEST + 1];
    for _ in 0..BURST {
        match packets.socket.try_recv_from(&mut packet) {
            Ok((length, who)) => take(packets, source, heard, feed, (&packet[..length], who)),
            // Nothing more; or an answer of the network to what we never sent.
            Err(_) => return,
        }
    }
}

fn take<T>(
    packets: &PacketSocket,
    source: &mut impl Datagrams,
    heard: &mut Heard,
    feed: &Feed<T>,
    (packet, who): (&[u8], SocketAddr),
) {
    let counters = &packets.counters;
    if !packets.may_send(who.ip()) {
        counters.foreign.add(1);
        feed.refused("a packet came from an address that is not under `from`");
        return;
    }
    heard.quiet_beats = 0;
    if packet.len() > LONGEST {
        counters.too_long.add(1);
        feed.unreadable(&format!("a packet is longer than {LONGEST} bytes"), &String::from_utf8_lossy(packet));
        return;
    }
    let Ok(text) = std::str::from_utf8(packet) else {
        counters.not_text.add(1);
        feed.unreadable("a packet is no text", &String::from_utf8_lossy(packet));
        return;
    };
    counters.read.add(1);
    // Of each beat the first: packets come by thousands.
    if !std::mem::replace(&mut heard.shown, true) {
        feed.heard_payload(text);
        feed.is(State::Well);
    }
    source.packet(text, &mut |why| feed.unreadable(why, text));
}

/// Whether somebody is there.
#[derive(Debug)]
struct Heard {
    quiet_beats: u32,
    /// Whether a packet of this beat is among the last payloads.
    shown: bool,
}

impl Heard {
    fn beat<T>(&mut self, every: Duration, feed: &Feed<T>) {
        self.shown = false;
        if self.quiet_beats == SILENT_BEATS {
            feed.is(State::Away(format!("no packet for {} s", (every * SILENT_BEATS).as_secs())));
        }
        self.quiet_beats = self.quiet_beats.saturating_add(1);
    }
}

/// Packets that the system threw away because nobody read them in time; none where it does not say.
fn overflowed(address: Option<SocketAddr>) -> u64 {
    let Some(address) = address else { return 0 };
    let table = if address.is_ipv4() { "/proc/net/udp" } else { "/proc/net/udp6" };
    std::fs::read_to_string(table).map_or(0, |table| drops(&table, address.port()))
}

/// The last column of the sockets of a port, of a table as Linux has it.
fn drops(table: &str, port: u16) -> u64 {
    let ends = format!(":{port:04X}");
    let of_port = |line: &&str| line.split_whitespace().nth(1).is_some_and(|local| local.ends_with(&ends));
    table.lines().filter(of_port).filter_map(|line| line.split_whitespace().last()?.parse::<u64>().ok()).sum()
}

#[cfg(test)]
mod tests;
