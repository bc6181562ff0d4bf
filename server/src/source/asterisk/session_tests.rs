//! The connection as it goes over the wire: it breaks and comes back, and is read on when ingest is slow.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

#[derive(Clone)]
struct Told(mpsc::UnboundedSender<Event>);

impl Sink for Told {
    async fn submit(&mut self, events: Vec<Event>) -> Submitted {
        for event in events {
            if self.0.send(event).is_err() {
                return Submitted::Closed;
            }
        }
        Submitted::Taken
    }
}

/// The next action's fields, by name.
async fn action(pbx: &mut BufReader<TcpStream>) -> Message {
    let mut text = String::new();
    while !text.ends_with("\r\n\r\n") {
        assert_ne!(pbx.read_line(&mut text).await.unwrap(), 0, "closed after {text}");
    }
    Message::read(&text)
}

async fn until(pbx: &mut BufReader<TcpStream>, name: &str) -> Message {
    loop {
        let action = action(pbx).await;
        if action.get("Action") == Some(name) {
            return action;
        }
    }
}

async fn accept(listener: &TcpListener) -> BufReader<TcpStream> {
    let mut pbx = BufReader::new(listener.accept().await.unwrap().0);
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

/// A PBX that loses its connection while two calls are up, of which one ends meanwhile. (The real one is in
/// `end2end/asterisk`; this shows what happens on the wire.)
#[tokio::test]
async fn after_a_break_it_comes_back_and_asks_what_is_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = serde_json::from_value(serde_json::json!({
        "address": listener.local_addr().unwrap().to_string(), "user": "u", "secret": "tulip", "country": "US", "routes": { "a": "a" },
    }));
    let (tell, mut told) = mpsc::unbounded_channel();
    let (counters, stop) = (Arc::<Counters>::default(), CancellationToken::new());
    let session = tokio::spawn(run(
        config.unwrap(),
        Told(tell),
        counters.clone(),
        Clock::by_hand(Moment::from_secs(1_000)),
        stop.clone(),
    ));

    let mut pbx = accept(&listener).await;
    for (id, time) in [("1", 900), ("2", 901)] {
        let begun = format!(
            "Event: DialBegin\r\nTimestamp: {time}.0\r\nDestChannel: PJSIP/a-{id}\r\nDestUniqueid: {id}\r\nDestLinkedid: {id}\r\n\
             DestConnectedLineNum: 12025550199\r\nDialString: 1202555010{id}@a\r\n\r\n"
        );
        pbx.write_all(begun.as_bytes()).await.unwrap();
    }
    let mut calls = Vec::new();
    while calls.len() < 2 {
        calls.extend(Some(told.recv().await.unwrap()).filter(|e| matches!(e.data, Data::CallStarted(_))));
    }
    drop(pbx);

    let mut pbx = accept(&listener).await;
    let list = until(&mut pbx, "CoreShowChannels").await;
    let id = list.get("ActionID").unwrap();
    let answer = format!(
        "Response: Success\r\nActionID: {id}\r\nEventList: start\r\n\r\nEvent: CoreShowChannel\r\nActionID: {id}\r\nChannel: PJSIP/a-2\r\n\
         ChannelState: 0\r\nUniqueid: 2\r\nLinkedid: 2\r\nDuration: 00:01:39\r\n\r\n\
         Event: CoreShowChannelsComplete\r\nActionID: {id}\r\nEventList: Complete\r\nListItems: 1\r\n\r\n"
    );
    pbx.write_all(answer.as_bytes()).await.unwrap();
    let ended = loop {
        match told.recv().await.unwrap().data {
            Data::CallEnded(ended) => break ended,
            Data::CallStarted(again) => panic!("told twice: {again:?}"),
            _ => {}
        }
    };
    assert_eq!((ended.call_id.as_str(), ended.sip_code, ended.outcome), ("1", None, None));
    assert_eq!((counters.connections.get(), counters.calls_ended_unseen.get()), (2, 1));
    stop.cancel();
    until(&mut pbx, "Logoff").await;
    session.await.unwrap().unwrap();
}

/// Takes nothing until it is told to.
struct Gate(tokio::sync::watch::Receiver<bool>);

impl Sink for Gate {
    async fn submit(&mut self, _: Vec<Event>) -> Submitted {
        match self.0.wait_for(|open| *open).await {
            Ok(_) => Submitted::Taken,
            Err(_) => Submitted::Closed,
        }
    }
}

#[tokio::test]
async fn when_ingest_is_slow_the_socket_is_read_on_and_the_state_asked_for_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = serde_json::from_value(serde_json::json!({
        "address": listener.local_addr().unwrap().to_string(), "user": "u", "secret": "tulip", "routes": { "a": "a" },
    }));
    let (open, gate) = tokio::sync::watch::channel(true);
    let (counters, stop) = (Arc::<Counters>::default(), CancellationToken::new());
    tokio::spawn(run(
        config.unwrap(),
        Gate(gate),
        counters.clone(),
        Clock::by_hand(Moment::from_secs(1_000)),
        stop.clone(),
    ));
    let mut pbx = accept(&listener).await;
    let first = until(&mut pbx, "CoreShowChannels").await;
    open.send(false).unwrap();
    let noise = "Event: ContactStatus\r\nEndpointName: a\r\nContactStatus: Reachable\r\nURI: x\r\n\r\n"
        .repeat(BUFFERED_MESSAGES + 4_000);
    // All of it is taken although nothing of it can be handed on.
    timeout(Duration::from_secs(20), pbx.write_all(noise.as_bytes())).await.unwrap().unwrap();
    while counters.messages_dropped.get() == 0 {
        tokio::task::yield_now().await;
    }
    open.send(true).unwrap();
    let second = until(&mut pbx, "CoreShowChannels").await;
    assert_ne!(first.get("ActionID"), second.get("ActionID"));
    stop.cancel();
}
