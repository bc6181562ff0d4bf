//! The connection as it goes over the wire: it breaks and comes back, and is read on when ingest is slow.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::source::feed::{Identity, NotTaken, Rejections, Taken};
use crate::store::StoreError;
use crate::store::read::FiledCall;
use app::domain::outcome::Direction;
use app::domain::{Call, CallId, CallName, LastWrite as Field, RealmId, RouteId};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

#[derive(Clone)]
struct LastWrite(mpsc::UnboundedSender<Event>);

impl Target for LastWrite {
    async fn offer(&self, events: &[Event]) -> Result<Taken, NotTaken> {
        for event in events {
            self.0.send(event.clone()).map_err(|_| NotTaken::Stopping)?;
        }
        Ok(Taken { accepted: events.len() as u64, ..Taken::default() })
    }
}

/// What was told before.
#[derive(Default)]
struct Before(Vec<FiledCall>, Option<Moment>);

impl Memory for Before {
    async fn up(&self) -> Result<Vec<FiledCall>, StoreError> {
        Ok(self.0.clone())
    }

    async fn heard(&self) -> Result<Option<Moment>, StoreError> {
        Ok(self.1)
    }
}

struct Running {
    session: JoinHandle<Result<(), ConfigError>>,
    counters: Arc<Counters>,
    stop: CancellationToken,
}

/// Follows a PBX that listens here.
fn follow<T: Target + Clone + 'static>(listener: &TcpListener, target: T, memory: Before) -> Running {
    let config = serde_json::from_value(serde_json::json!({
        "address": listener.local_addr().unwrap().to_string(), "user": "u", "secret": "tulip", "country": "US", "routes": { "a": "a" },
    }));
    let (counters, stop) = (Arc::<Counters>::default(), CancellationToken::new());
    let clock = Clock::by_hand(Moment::from_secs(1_000));
    let identity = Identity { kind: "asterisk", name: "asterisk/pbx".into() };
    let feed = Feed::unlisted(identity, target, clock, stop.clone(), Rejections::Logged);
    let world = World { feed, memory, counters: counters.clone(), zone: Tz::UTC };
    Running { session: tokio::spawn(run(config.unwrap(), world)), counters, stop }
}

/// A test fails, rather than wait for ever, where nothing comes for so long.
const PATIENCE: Duration = Duration::from_secs(20);

async fn soon<T>(what: &str, coming: impl Future<Output = T>) -> T {
    timeout(PATIENCE, coming).await.unwrap_or_else(|_| panic!("{what}: nothing for {PATIENCE:?}"))
}

/// The next event that is told.
async fn next(told: &mut mpsc::UnboundedReceiver<Event>) -> Event {
    soon("an event", told.recv()).await.unwrap()
}

/// The session's end.
async fn over(session: JoinHandle<Result<(), ConfigError>>) {
    soon("the end", session).await.unwrap().unwrap();
}

/// The next action's fields, by name.
async fn action(pbx: &mut BufReader<TcpStream>) -> Message {
    let mut text = String::new();
    while !text.ends_with("\r\n\r\n") {
        let read = soon("an action", pbx.read_line(&mut text)).await.unwrap();
        assert_ne!(read, 0, "closed after {text}");
    }
    Message::read(&text)
}

pub(in super::super) async fn until(pbx: &mut BufReader<TcpStream>, name: &str) -> Message {
    let named = async {
        loop {
            let action = action(pbx).await;
            if action.get("Action") == Some(name) {
                return action;
            }
        }
    };
    soon(name, named).await
}

/// The first of each of these actions, in whichever order they come.
async fn until_each<const N: usize>(pbx: &mut BufReader<TcpStream>, names: [&str; N]) -> [Message; N] {
    let mut found = names.map(|_| None);
    let each = async {
        while found.iter().any(Option::is_none) {
            let action = action(pbx).await;
            if let Some(place) = names.iter().position(|name| action.get("Action") == Some(*name)) {
                found[place].get_or_insert(action);
            }
        }
    };
    soon(&names.join(", "), each).await;
    found.map(Option::unwrap)
}

pub(in super::super) async fn accept(listener: &TcpListener) -> BufReader<TcpStream> {
    let mut pbx = BufReader::new(soon("a connection", listener.accept()).await.unwrap().0);
    pbx.write_all(b"Asterisk Call Manager/11.0.0\r\n").await.unwrap();
    until(&mut pbx, "Challenge").await;
    pbx.write_all(b"Response: Success\r\nActionID: challenge\r\nChallenge: 131244112\r\n\r\n").await.unwrap();
    let login = until(&mut pbx, "Login").await;
    // md5("131244112" + "tulip"), lower-case hex.
    assert_eq!(login.get("Key"), Some("a5df01271bee8a41097dee89fc74e4c6"));
    assert_eq!(login.get("Secret"), None);
    pbx.write_all(b"Response: Success\r\nActionID: login\r\n\r\nEvent: FullyBooted\r\n\r\n").await.unwrap();
    pbx
}

/// What a PBX answers that has these channels up, `CoreShowChannel` without its first lines.
pub(in super::super) fn list(id: &str, channels: &[&str]) -> String {
    let each = channels.iter().map(|channel| format!("Event: CoreShowChannel\r\nActionID: {id}\r\n{channel}\r\n\r\n"));
    format!(
        "Response: Success\r\nActionID: {id}\r\nEventList: start\r\n\r\n{}Event: CoreShowChannelsComplete\r\nActionID: {id}\r\n\
         EventList: Complete\r\nListItems: {}\r\n\r\n",
        each.collect::<String>(),
        channels.len()
    )
}

/// A connection that breaks at once resets the wait that failures had drawn out.
#[tokio::test]
async fn a_connection_that_breaks_as_soon_as_it_is_let_in_does_not_draw_out_the_wait() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (tell, _told) = mpsc::unbounded_channel();
    let Running { session, counters, stop } = follow(&listener, LastWrite(tell), Before::default());
    // The first that is let in was refused three times before: the next wait would be four to eight seconds.
    for _ in 0..3 {
        drop(soon("a connection", listener.accept()).await.unwrap());
    }
    drop(accept(&listener).await);
    let since = Instant::now();
    let mut pbx = accept(&listener).await;
    assert!(since.elapsed() < Duration::from_millis(3_500), "{:?}", since.elapsed());
    until(&mut pbx, "CoreShowChannels").await;
    assert_eq!(counters.connections.get(), 2);
    stop.cancel();
    over(session).await;
}

/// A PBX that loses its connection while two calls are up, of which one ends meanwhile. (The real one is in
/// `end2end/asterisk`; this shows what happens on the wire.)
#[tokio::test]
async fn after_a_break_it_comes_back_and_asks_what_is_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (tell, mut told) = mpsc::unbounded_channel();
    let Running { session, counters, stop } = follow(&listener, LastWrite(tell), Before::default());

    let mut pbx = accept(&listener).await;
    for (id, time) in [("1", 900), ("2", 901)] {
        let begun = format!(
            "Event: DialBegin\r\nTimestamp: {time}.0\r\nDestChannel: PJSIP/a-{id}\r\nDestUniqueid: {id}\r\nDestLinkedid: {id}\r\n\
             DestConnectedLineNum: 12025550199\r\nDialString: 1202555010{id}@a\r\n\r\n"
        );
        pbx.write_all(begun.as_bytes()).await.unwrap();
    }
    let mut calls = Vec::new();
    let two = async {
        while calls.len() < 2 {
            calls.extend(Some(next(&mut told).await).filter(|e| matches!(e.data, Data::CallStarted(_))));
        }
    };
    soon("two calls", two).await;
    drop(pbx);

    let mut pbx = accept(&listener).await;
    let asked = until(&mut pbx, "CoreShowChannels").await;
    let id = asked.get("ActionID").unwrap();
    let up = "Channel: PJSIP/a-2\r\nChannelState: 0\r\nUniqueid: 2\r\nLinkedid: 2\r\nDuration: 00:01:39";
    let answer = list(id, &[up]);
    pbx.write_all(answer.as_bytes()).await.unwrap();
    let ends = async {
        loop {
            match next(&mut told).await.data {
                Data::CallEnded(ended) => break ended,
                Data::CallStarted(again) => panic!("told twice: {again:?}"),
                _ => {}
            }
        }
    };
    let ended = soon("the end of a call", ends).await;
    assert_eq!((ended.call_id.as_str(), ended.sip_code, ended.outcome), ("1", None, None));
    assert_eq!((counters.connections.get(), counters.calls_ended_unseen.get()), (2, 1));
    stop.cancel();
    until(&mut pbx, "Logoff").await;
    over(session).await;
}

fn filed(id: &str, call: Call) -> FiledCall {
    let name = CallName { realm: RealmId::trusted("asterisk"), call_id: CallId::trusted(id) };
    FiledCall { name, filed_at: Moment::from_secs(900), call }
}

/// A call of the route `a` that was answered at second 905.
fn answered(direction: Direction, route: &str) -> Call {
    let at = Moment::from_secs(905);
    let (direction, route) = (Field::at(direction, at), Field::at(RouteId::trusted(route), at));
    Call { started_at: Some(Moment::from_secs(900)), answered_at: Some(at), direction, route, ..Call::default() }
}

#[tokio::test]
async fn after_a_start_calls_that_ended_meanwhile_end_and_the_others_go_on_as_they_were() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (tell, mut told) = mpsc::unbounded_channel();
    let before = vec![
        filed("1", answered(Direction::Outbound, "a")),
        filed("2", answered(Direction::Inbound, "a")),
        // Somebody else's, who tells of his calls by himself.
        filed("9", answered(Direction::Outbound, "another")),
    ];
    let Running { session, stop, .. } =
        follow(&listener, LastWrite(tell), Before(before, Some(Moment::from_secs(930))));
    let mut pbx = accept(&listener).await;
    let asked = until_each(&mut pbx, ["CoreShowChannels", "Ping"]).await;
    let id = asked[0].get("ActionID").unwrap();
    let up = "Channel: PJSIP/a-2\r\nChannelState: 6\r\nUniqueid: 2\r\nLinkedid: 2\r\nDuration: 00:01:40";
    let unknown = "Channel: PJSIP/a-3\r\nChannelState: 6\r\nUniqueid: 3\r\nLinkedid: 3\r\nDuration: 00:00:20";
    pbx.write_all(list(id, &[up, unknown]).as_bytes()).await.unwrap();
    pbx.write_all(b"Response: Success\r\nActionID: ping\r\nPing: Pong\r\n\r\n").await.unwrap();
    let mut calls = Vec::new();
    let sample = async {
        loop {
            let event = next(&mut told).await;
            match event.data {
                Data::CallEnded(ended) => calls.push(format!("{} ended {}", ended.call_id, event.time.secs())),
                Data::CallUpdated(update) => calls.push(format!("{} {:?}", update.call_id, update.direction)),
                Data::CallAnswered(answered) => calls.push(format!("{} answered", answered.call_id)),
                Data::HealthSample(sample) => break sample.detail.unwrap(),
                _ => {}
            }
        }
    };
    let said = soon("a health sample", sample).await;
    // Of the one that is new nobody knows who called whom.
    assert_eq!(calls, ["3 None", "3 answered", "1 ended 930"]);
    assert_eq!(said.as_str(), "away 00:15–00:16: calls of that time are not known; import the CDRs");
    stop.cancel();
    until(&mut pbx, "Logoff").await;
    over(session).await;
}

/// Takes nothing until it is told to.
#[derive(Clone)]
struct Gate(tokio::sync::watch::Receiver<bool>);

impl Target for Gate {
    async fn offer(&self, _: &[Event]) -> Result<Taken, NotTaken> {
        match self.0.clone().wait_for(|open| *open).await {
            Ok(_) => Ok(Taken::default()),
            Err(_) => Err(NotTaken::Stopping),
        }
    }
}

#[tokio::test]
async fn when_ingest_is_slow_the_socket_is_read_on_and_the_state_asked_for_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (open, gate) = tokio::sync::watch::channel(true);
    let Running { counters, stop, .. } = follow(&listener, Gate(gate), Before::default());
    let mut pbx = accept(&listener).await;
    let first = until(&mut pbx, "CoreShowChannels").await;
    open.send(false).unwrap();
    let noise = "Event: ContactStatus\r\nEndpointName: a\r\nContactStatus: Reachable\r\nURI: x\r\n\r\n"
        .repeat(BUFFERED_MESSAGES + 4_000);
    // All of it is taken although nothing of it can be handed on.
    soon("room", pbx.write_all(noise.as_bytes())).await.unwrap();
    soon("a dropped message", async {
        while counters.messages_dropped.get() == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    open.send(true).unwrap();
    let second = until(&mut pbx, "CoreShowChannels").await;
    assert_ne!(first.get("ActionID"), second.get("ActionID"));
    stop.cancel();
}
