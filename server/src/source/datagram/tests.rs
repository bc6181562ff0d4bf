//! Packets of a real socket: which are read, which are counted, and what goes on while a batch waits.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::clock::Clock;
use crate::source::feed::{Identity, NotTaken, Rejections, Taken};
use app::domain::event::{HealthSample, Text};
use app::domain::outcome::{ComponentKind, Health};
use app::domain::{ComponentId, Data, EventId, SourceId};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Tells of each batch, and takes it when it is let.
#[derive(Clone)]
struct Slow {
    offered: mpsc::UnboundedSender<usize>,
    let_go: Arc<tokio::sync::Semaphore>,
}

impl Target for Slow {
    async fn offer(&self, events: &[Event]) -> Result<Taken, NotTaken> {
        let _ = self.offered.send(events.len());
        self.let_go.acquire().await.unwrap().forget();
        Ok(Taken { accepted: events.len() as u64, ..Taken::default() })
    }
}

/// An event for each packet; what is `bad` is wrong.
#[derive(Default)]
struct Each(Vec<String>);

impl Datagrams for Each {
    fn packet(&mut self, text: &str, wrong: &mut dyn FnMut(&str)) {
        if text == "bad" { wrong("it is bad") } else { self.0.push(text.to_owned()) }
    }

    fn gathered(&mut self, now: Moment) -> Vec<Event> {
        let event = |text: String| {
            let body = HealthSample {
                component: ComponentId::trusted("c"),
                kind: ComponentKind::DialerWorker,
                status: Health::Healthy,
                latency_ms: None,
                detail: None::<Text>,
                link: None,
            };
            let (id, source) = (EventId::trusted(text), SourceId::trusted("s"));
            Event { id, source, time: now, data: Data::HealthSample(body) }
        };
        self.0.drain(..).map(event).collect()
    }
}

fn feed<T>(target: T, stop: &CancellationToken) -> Feed<T> {
    let identity = Identity { kind: "statsd", name: "statsd/a".into() };
    let clock = Clock::by_hand(Moment::from_secs(1_000));
    Feed::unlisted(identity, target, clock, stop.clone(), Rejections::Logged)
}

async fn from(address: &str) -> UdpSocket {
    UdpSocket::bind(format!("{address}:0")).await.unwrap()
}

#[tokio::test]
async fn each_packet_is_read_or_counted_and_none_waits_for_a_batch() {
    let (offered, mut offers) = mpsc::unbounded_channel();
    let slow = Slow { offered, let_go: Arc::new(tokio::sync::Semaphore::new(0)) };
    let stop = CancellationToken::new();
    let feed = feed(slow.clone(), &stop);
    let packets =
        PacketSocket::bind("127.0.0.1:0".parse().unwrap(), Networks::new(&["127.0.0.2".to_owned()]).unwrap()).unwrap();
    let (address, counters) = (packets.address().unwrap(), packets.counters.clone());
    let running = tokio::spawn(run(packets, Each::default(), Duration::from_millis(20), feed.clone()));

    // On this machine they come in the order in which they were sent.
    from("127.0.0.3").await.send_to(b"of a stranger", address).await.unwrap();
    let sender = from("127.0.0.2").await;
    for packet in [&[b'x'; LONGEST + 1][..], b"\xff\xfe", b"bad", b"good"] {
        sender.send_to(packet, address).await.unwrap();
    }
    assert_eq!(offers.recv().await, Some(1));
    let row = feed.row();
    assert_eq!((row.state, row.refused, row.rejected), ("well", 1, 3));
    let why: Vec<&str> = row.last_rejections.iter().map(|one| one.why.as_str()).collect();
    assert_eq!(why, ["it is bad", "a packet is no text", "a packet is longer than 9000 bytes"]);
    assert!(row.last_refusal.unwrap().why.contains("not under `from`"));
    let counted = [&counters.read, &counters.foreign, &counters.too_long, &counters.not_text].map(|count| count.get());
    assert_eq!(counted, [2, 1, 1, 1]);

    // The first batch is still held up: what comes meanwhile is read, and goes with the next.
    for packet in [b"one", b"two"] {
        sender.send_to(packet, address).await.unwrap();
    }
    while counters.read.get() < 4 {
        tokio::task::yield_now().await;
    }
    slow.let_go.add_permits(2);
    assert_eq!(offers.recv().await, Some(2));
    stop.cancel();
    running.await.unwrap();
    assert_eq!((feed.row().state, feed.row().dropped), ("ended", 0));
}

#[tokio::test]
async fn without_a_list_of_senders_only_this_machine_may_send() {
    let packets = PacketSocket::bind("127.0.0.1:0".parse().unwrap(), Networks::default()).unwrap();
    assert!(packets.may_send([127, 0, 0, 1].into()) && !packets.may_send([10, 0, 0, 1].into()));
}

#[test]
fn who_says_nothing_for_some_beats_is_away() {
    let feed = feed((), &CancellationToken::new());
    let mut heard = Heard { quiet_beats: 0, shown: true };
    feed.is(State::Well);
    (0..SILENT_BEATS).for_each(|_| heard.beat(Duration::from_secs(10), &feed));
    assert_eq!(feed.row().state, "well");
    heard.beat(Duration::from_secs(10), &feed);
    assert_eq!((feed.row().state, feed.row().why.as_deref()), ("away", Some("no packet for 60 s")));
}

#[test]
fn what_the_system_lost_is_read_from_its_table() {
    let table = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n\
                 2217: 0100007F:1FBD 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 41718 2 0000000000000000 17\n\
                 2218: 0100007F:1FBE 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 41719 2 0000000000000000 5\n";
    assert_eq!((drops(table, 8125), drops(table, 8126), drops(table, 53)), (17, 5, 0));
}
