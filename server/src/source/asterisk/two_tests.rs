//! Two PBXs at once, as the file has them, into a real store: what they tell stays apart, whatever they name alike.
#![allow(clippy::unwrap_used)]

use super::session::tests::{accept, list, until};
use crate::clock::Clock;
use crate::ingest::{Opened, StoreConfig, open};
use crate::source::feed::{Feeds, WayIn};
use crate::source::{Needs, Site, SourceTables};
use crate::store::any::Database;
use crate::store::read::Reader;
use crate::telemetry::Metrics;
use app::domain::{RealmId, Span};
use std::time::Duration;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// Lets a PBX in that has nothing up, and tells of a call, `Uniqueid` 1 at each.
async fn dials(listener: &TcpListener, at: i64, number: &str) -> BufReader<TcpStream> {
    let mut pbx = accept(listener).await;
    let asked = until(&mut pbx, "CoreShowChannels").await;
    let nothing = list(asked.get("ActionID").unwrap(), &[]);
    let begun = format!(
        "Event: DialBegin\r\nTimestamp: {at}.0\r\nDestChannel: PJSIP/a-1\r\nDestUniqueid: 1\r\nDestLinkedid: 1\r\n\
         DestConnectedLineNum: 12025550199\r\nDestCallerIDName: Ada Lovelace\r\nDialString: {number}@a\r\n\r\n"
    );
    pbx.write_all((nothing + &begun).as_bytes()).await.unwrap();
    pbx
}

#[tokio::test]
async fn the_calls_and_counters_of_two_pbxs_stay_apart() {
    let (east, west) =
        (TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let table = |listener: &TcpListener, realm: &str| {
        format!(
            "[[asterisk]]\naddress = \"{}\"\nuser = \"u\"\nsecret = \"tulip\"\nrealm = \"{realm}\"\ncountry = \"US\"\n\
             routes = {{ a = \"a\" }}\n",
            listener.local_addr().unwrap()
        )
    };
    let text = table(&east, "east") + &table(&west, "west");
    let tables: SourceTables = toml::from_str(&text).unwrap();
    let config = tables.checked(Site { country: None }, &mut Vec::new()).unwrap();

    let folder = tempfile::tempdir().unwrap();
    let (clock, stop) = (Clock::system(), CancellationToken::new());
    let database = Database::Sqlite(folder.path().join("r.db"));
    let store = StoreConfig { database, zone: chrono_tz::Tz::UTC, keep_calls: Span::days(90) };
    let Opened { ingest, reader, mut changes, .. } = open(store, clock.clone(), stop.clone()).await.unwrap();
    tokio::spawn(async move { while changes.recv().await.is_some() {} });
    let (feeds, metrics) = (Feeds::default(), Metrics::default());
    let listed = feeds.clone();
    metrics.watch(move || listed.readings());
    let way_in = WayIn { feeds: feeds.clone(), ingest, clock: clock.clone(), stop: stop.clone() };
    let needs = Needs { way_in, hooks: Default::default(), store: reader.clone(), zone: chrono_tz::Tz::UTC };
    let running = config.start(&needs).unwrap();

    let at = clock.now().secs();
    let _east = dials(&east, at, "12025550187").await;
    let west_line = dials(&west, at, "12025550188").await;
    let realms = ["east", "west"].map(RealmId::trusted);
    let both_up = async {
        loop {
            let up = [reader.up(&realms[0]).await.unwrap(), reader.up(&realms[1]).await.unwrap()];
            if up.iter().all(|calls| !calls.is_empty()) {
                return up;
            }
            tokio::task::yield_now().await;
        }
    };
    let up = tokio::time::timeout(Duration::from_secs(60), both_up).await.unwrap();
    let told = up.map(|calls| {
        let to = calls[0].call.to.get().unwrap().reveal().to_owned();
        (calls.len(), calls[0].name.realm.to_string(), calls[0].name.call_id.to_string(), to)
    });
    let call = |realm: &str, to: &str| (1, realm.to_owned(), "1".to_owned(), to.to_owned());
    assert_eq!(told, [call("east", "+12025550187"), call("west", "+12025550188")]);

    // One of them goes away; the other is not touched by it.
    drop((west_line, west));
    let away = async {
        loop {
            let rows = feeds.rows();
            if rows[1].state == "away" {
                return rows;
            }
            tokio::task::yield_now().await;
        }
    };
    let rows = tokio::time::timeout(Duration::from_secs(60), away).await.unwrap();
    assert_eq!(
        [&rows[0], &rows[1]].map(|row| (row.kind, row.name.as_str())),
        [("asterisk", "asterisk/east"), ("asterisk", "asterisk/west")]
    );
    assert_eq!((rows[0].state, rows[0].why.as_deref(), rows[1].why.is_some()), ("well", None, true));
    assert!(rows.iter().all(|row| row.accepted > 0 && row.rejected == 0 && row.last_heard.is_some()), "{rows:?}");
    let text = metrics.render().unwrap();
    for name in ["ringside_asterisk_connections_total", "ringside_source_events_accepted_total"] {
        for realm in ["east", "west"] {
            let line = format!("{name}{{source=\"asterisk/{realm}\"}} ");
            assert_eq!(text.matches(&line).count(), 1, "{line} in {text}");
        }
    }
    let payloads = format!("{:?}", feeds.payloads("asterisk/east").unwrap());
    assert!(payloads.contains("DialBegin") && !payloads.contains("5550187") && !payloads.contains("Ada"), "{payloads}");
    stop.cancel();
    for task in running {
        task.await.unwrap();
    }
}
