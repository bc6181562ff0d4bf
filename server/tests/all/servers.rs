//! Several servers on one database, and a database that goes away: real processes, a real database.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::panic)]

use crate::floor::place::{Kind, Place};
use crate::process::Server;
use app::domain::{Moment, Span};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const BATCH: &str = "application/cloudevents-batch+json";
/// Within this a server that stands by takes over, and all is well after a database is back.
const WELL_WITHIN: Duration = Duration::from_secs(10);

fn now() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Moment::from_micros(i64::try_from(since.as_micros()).unwrap())
}

/// So many whole calls of just now, by names that begin with `name`.
fn calls(name: &str, count: usize) -> String {
    let at = |secs: i64| (now() - Span::secs(60 - secs)).to_rfc3339();
    let call = |n: usize| {
        json!({ "specversion": "1.0", "id": format!("{name}-{n}"), "source": "dialer", "type": "call.record", "time": at(30),
            "data": { "call_id": format!("{name}-{n}"), "direction": "outbound", "campaign": "spring", "route": "north",
                "from": "+12025550142", "to": "+34911234567", "by": "human", "agent": "ann", "started_at": at(0),
                "progress_at": at(2), "answered_at": at(6), "bridged_at": at(7), "ended_at": at(30) } })
    };
    Value::Array((0..count).map(call).collect()).to_string()
}

/// The facts of the last hour by a dimension, from the live state.
async fn facts(server: &Server, by: &str) -> Value {
    server.get(&format!("/api/v1/facts?by={by}&window=60m")).await["rows"].clone()
}

fn attempts(rows: &Value) -> i64 {
    rows[0]["facts"]["attempts"].as_i64().unwrap_or(0)
}

async fn until_attempts(server: &Server, count: i64) {
    server.until("/api/v1/facts?by=total&window=60m", |answer| attempts(&answer["rows"]) == count).await;
}

async fn on(place: &Place) -> Server {
    Server::start(&["--database", &place.address()], &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_leads_the_other_follows_and_takes_over_when_the_first_is_killed() {
    let Some(place) = Place::make(Kind::Timescale).await else { return };
    let mut first = on(&place).await;
    let ready = first.get("/readyz").await;
    assert_eq!(ready["role"], "leading");
    assert!(ready["store"]["kind"].as_str().unwrap().starts_with("timescaledb 2."), "{ready}");
    assert_eq!(first.post(BATCH, calls("before", 20)).await.0, StatusCode::OK);
    let second = on(&place).await;
    assert_eq!(second.get("/readyz").await["role"], "standing by");
    until_attempts(&second, 20).await;
    let (status, problem) = second.post(BATCH, calls("refused", 1)).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(problem["detail"].as_str().unwrap().contains("another one leads"), "{problem}");

    // What the leader commits, the other shows.
    for part in 0..5 {
        assert_eq!(first.post(BATCH, calls(&format!("first-{part}"), 20)).await.0, StatusCode::OK);
    }
    until_attempts(&second, 120).await;
    for by in ["total", "campaign", "route", "country", "did", "agent"] {
        assert_eq!(facts(&second, by).await, facts(&first, by).await, "{by}");
    }

    first.kill();
    let killed = Instant::now();
    second.until("/readyz", |ready| ready["role"] == "leading").await;
    let took = killed.elapsed();
    println!("taken over in {took:?}");
    assert!(took < WELL_WITHIN, "{took:?}");
    // What the first had not folded into the sums yet the second folds, though nothing comes.
    let mut look = place.look().await;
    let unfolded = "select count(*) from journal where id > (select folded from journal_mark) and entries <> ''";
    while look.number(unfolded).await > 0 {
        assert!(killed.elapsed() < took + WELL_WITHIN, "the journal is left as it was");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    // What the first had acknowledged is known to the second, and goes on there.
    let (_, again) = second.post(BATCH, calls("first-4", 0)).await;
    assert_eq!(again["accepted"], 0);
    assert_eq!(second.post(BATCH, calls("second", 20)).await.0, StatusCode::OK);
    until_attempts(&second, 140).await;
    first.up().await;
    assert_eq!(first.get("/readyz").await["role"], "standing by");
    until_attempts(&first, 140).await;
    assert_eq!(facts(&first, "did").await, facts(&second, "did").await);
    assert_eq!(place.look().await.number("select count(*) from calls").await, 140);
}

/// As while servers are replaced one by one: what the leader tells of its commits is in bytes of another version. Who follows
/// reads the tables instead, and shows the same.
#[tokio::test(flavor = "multi_thread")]
async fn who_follows_a_leader_of_another_version_shows_the_same() {
    let Some(place) = Place::make(Kind::Timescale).await else { return };
    let first = on(&place).await;
    let second = on(&place).await;
    assert_eq!(second.get("/readyz").await["role"], "standing by");
    let mut look = place.look().await;
    look.run(
        "create function of_another_version() returns trigger language plpgsql as $$ begin
            if length(new.rest) > 0 then new.rest := set_byte(new.rest, 0, 3); end if;
            return new;
        end $$",
    )
    .await;
    look.run("create trigger another before insert on journal for each row execute function of_another_version()")
        .await;
    for part in 0..3 {
        assert_eq!(first.post(BATCH, calls(&format!("other-{part}"), 20)).await.0, StatusCode::OK);
        until_attempts(&second, 20 * (part + 1)).await;
    }
    for by in ["total", "campaign", "route", "did", "agent"] {
        assert_eq!(facts(&second, by).await, facts(&first, by).await, "{by}");
    }
}

/// Hangs one that leads, under load, until the other has taken over; then lets it go on, as one that follows.
async fn hang(place: &Place, leader: &Server, other: &Server) -> i64 {
    let load = Arc::new(Load::default());
    let url = format!("{}/api/v1/events", leader.url());
    let name = leader.url().replace(|c: char| !c.is_ascii_digit(), "");
    let senders: Vec<_> =
        (0..SENDERS).map(|n| tokio::spawn(load.clone().send(url.clone(), format!("{name}-{n}")))).collect();
    load.goes_on(200, Duration::from_secs(30)).await;
    leader.signal("STOP");
    let hung = Instant::now();
    other.until("/readyz", |ready| ready["role"] == "leading").await;
    let took = hung.elapsed();
    println!("taken over in {took:?}");
    assert!(took < WELL_WITHIN, "{took:?}");
    let (status, answer) = other.post(BATCH, calls(&format!("after-{name}"), 20)).await;
    assert_eq!((status, &answer["accepted"]), (StatusCode::OK, &json!(20)), "{answer}");

    let all = "select count(*), max(id) from calls";
    let mut look = place.look().await;
    let before = look.rows(all).await;
    leader.signal("CONT");
    let woken = Instant::now();
    while leader.ask("/readyz").await.1["role"] != "standing by" {
        assert!(woken.elapsed() < WELL_WITHIN, "it does not see that another one leads:\n{}", leader.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    load.stop.store(true, Ordering::Relaxed);
    for sender in senders {
        sender.await.unwrap();
    }
    assert_eq!(load.count(&load.others), 0);
    assert_eq!(look.rows(all).await, before, "what it was about to write is not written");
    i64::try_from(load.count(&load.acknowledged)).unwrap() + 20
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_hangs_is_replaced_and_writes_nothing_more_when_it_wakes() {
    for kind in [Kind::Timescale, Kind::Postgres] {
        let Some(place) = Place::make(kind).await else { return };
        let first = on(&place).await;
        let second = on(&place).await;
        let acknowledged = hang(&place, &first, &second).await + hang(&place, &second, &first).await;
        // Each call once; at most a batch of each sender's was kept and not acknowledged.
        let kept = place.look().await.number("select count(*) from calls").await;
        let most = acknowledged + 2 * 10 * SENDERS as i64;
        assert!((acknowledged..=most).contains(&kept), "{acknowledged} acknowledged, {kept} kept");
        until_attempts(&first, kept).await;
        until_attempts(&second, kept).await;
        let mut store = server::store::any::audit(&place.database()).await.unwrap();
        let verdict = server::tools::verify::verify(&mut store, now, 10, &mut |_, _| {}).await.unwrap();
        assert!(verdict.is_sound(), "{verdict:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_start_at_once_make_the_tables_once_and_one_of_them_leads() {
    let Some(place) = Place::make(Kind::Postgres).await else { return };
    // As it was before the first start.
    place.look().await.run("drop schema public cascade").await;
    place.look().await.run("create schema public").await;
    let (first, second, third) = tokio::join!(on(&place), on(&place), on(&place));
    let mut roles = Vec::new();
    for server in [&first, &second, &third] {
        let ready = server.get("/readyz").await;
        assert!(ready["store"]["kind"].as_str().unwrap().starts_with("postgresql "), "{ready}");
        roles.push(ready["role"].as_str().unwrap().to_owned());
    }
    roles.sort();
    assert_eq!(roles, ["leading", "standing by", "standing by"]);
}

/// A cluster of its own, which a test may stop.
struct Cluster {
    bed: String,
    name: String,
    address: String,
    _turn: MutexGuard<'static, ()>,
}

impl Cluster {
    /// `None` where there is no bed.
    fn up(purpose: &str) -> Option<Self> {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let bed = std::env::var("RINGSIDE_TEST_BED").ok()?;
        // Else two would find the same port free, or one take the other's while that is stopped.
        let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let port = String::from_utf8(Command::new(&bed).arg("port").output().unwrap().stdout).unwrap();
        let name = format!("{purpose}-{}", std::process::id());
        let address = format!("postgres://ringside@127.0.0.1:{}/postgres", port.trim());
        let cluster = Self { bed, name, address, _turn: turn };
        cluster.run(&["up", &cluster.name, port.trim()]);
        Some(cluster)
    }

    fn say(&self, what: &str) -> String {
        let said = Command::new(&self.bed).arg(what).output().unwrap().stdout;
        String::from_utf8(said).unwrap().trim().to_owned()
    }

    fn run(&self, args: &[&str]) {
        assert!(Command::new(&self.bed).args(args).status().unwrap().success(), "{args:?}");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(Command::new(&self.bed).args(["down", &self.name]).status());
    }
}

/// So many send at a time.
const SENDERS: usize = 4;

/// Sends batch after batch until told to stop, each until it is acknowledged; ten calls a batch.
#[derive(Default)]
struct Load {
    stop: AtomicBool,
    acknowledged: AtomicU64,
    refused: AtomicU64,
    others: AtomicU64,
}

impl Load {
    async fn send(self: Arc<Self>, url: String, sender: String) {
        let client = crate::process::client();
        for batch in 0.. {
            let body = calls(&format!("load-{sender}-{batch}"), 10);
            loop {
                if self.stop.load(Ordering::Relaxed) {
                    return;
                }
                let sent = client.post(&url).header("content-type", BATCH).body(body.clone()).send().await;
                // A server that wakes closes what lay idle meanwhile, also where something is on its way just then.
                let Ok(sent) = sent else { continue };
                match sent.status() {
                    StatusCode::OK => {
                        self.acknowledged.fetch_add(10, Ordering::Relaxed);
                        break;
                    }
                    StatusCode::SERVICE_UNAVAILABLE if sent.headers().contains_key("retry-after") => {
                        self.refused.fetch_add(1, Ordering::Relaxed);
                        // A client that comes again sooner than it was asked to.
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                    other => {
                        println!("{other}: {}", sent.text().await.unwrap_or_default());
                        self.others.fetch_add(1, Ordering::Relaxed);
                    }
                }
            }
        }
    }

    fn count(&self, of: &AtomicU64) -> u64 {
        of.load(Ordering::Relaxed)
    }

    /// Waits until so many more calls are acknowledged; how long that took.
    async fn goes_on(&self, by: u64, within: Duration) -> Duration {
        let (began, from) = (Instant::now(), self.count(&self.acknowledged));
        while self.count(&self.acknowledged) < from + by {
            assert!(began.elapsed() < within, "{} acknowledged in {within:?}", self.count(&self.acknowledged) - from);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        began.elapsed()
    }
}

/// `RINGSIDE_TEST_OUTAGE` says for how many seconds the database stays away: 60 in the issue, few here.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_away_under_load_costs_nothing_that_was_acknowledged() {
    let Some(cluster) = Cluster::up("away") else { return };
    let outage = std::env::var("RINGSIDE_TEST_OUTAGE").ok().and_then(|secs| secs.parse().ok()).unwrap_or(4);
    let server = Server::start(&["--database", &cluster.address], &[]).await;
    let load = Arc::new(Load::default());
    let url = format!("{}/api/v1/events", server.url());
    let senders: Vec<_> = (0..SENDERS).map(|n| tokio::spawn(load.clone().send(url.clone(), n.to_string()))).collect();
    load.goes_on(200, Duration::from_secs(30)).await;

    cluster.run(&["kill", &cluster.name]);
    let began = Instant::now();
    let until = |path: &'static str, what: fn(StatusCode, &Value) -> bool| {
        let server = &server;
        async move {
            let began = Instant::now();
            loop {
                let (status, answer) = server.ask(path).await;
                if what(status, &answer) {
                    return answer;
                }
                assert!(began.elapsed() < WELL_WITHIN, "{path}: {status} {answer}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    };
    until("/readyz", |status, ready| status == StatusCode::SERVICE_UNAVAILABLE && ready["role"] == "away").await;
    // The live view goes on, and says why nothing new comes.
    let told = until("/api/v1/views/live", |_, frame| frame.to_string().contains("The database does not answer")).await;
    let as_of = told["as_of"].clone();
    server.until("/api/v1/views/live", |frame| frame["as_of"] != as_of).await;
    let refused = load.count(&load.refused);
    while began.elapsed() < Duration::from_secs(outage) || load.count(&load.refused) < refused + 3 {
        assert!(began.elapsed() < Duration::from_secs(outage + 20), "nothing is refused");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let acknowledged = load.count(&load.acknowledged);

    cluster.run(&["start", &cluster.name]);
    let back = Instant::now();
    load.goes_on(50, WELL_WITHIN).await;
    until("/readyz", |status, ready| status == StatusCode::OK && ready["role"] == "leading").await;
    until("/api/v1/views/live", |_, frame| !frame.to_string().contains("The database does not answer")).await;
    println!(
        "away for {:?}: {acknowledged} calls acknowledged before, {} requests refused; well {:?} after it was back",
        began.elapsed() - back.elapsed(),
        load.count(&load.refused),
        back.elapsed()
    );
    assert!(back.elapsed() < WELL_WITHIN);
    load.goes_on(100, Duration::from_secs(30)).await;
    load.stop.store(true, Ordering::Relaxed);
    for sender in senders {
        sender.await.unwrap();
    }
    assert_eq!(load.count(&load.others), 0);
    // Each call once, in the store and in the live state; at most a batch of each was sent and not acknowledged.
    let kept = crate::floor::place::look(&cluster.address).await.number("select count(*) from calls").await;
    let acknowledged = i64::try_from(load.count(&load.acknowledged)).unwrap();
    let most = acknowledged + 10 * SENDERS as i64;
    assert!((acknowledged..=most).contains(&kept), "{acknowledged} acknowledged, {kept} kept");
    until_attempts(&server, kept).await;
    let path = "/api/v1/facts?by=total&window=24h";
    server.until(path, |answer| attempts(&answer["rows"]) == kept).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_with_a_password_that_is_told_nowhere() {
    let Some(cluster) = Cluster::up("tls") else { return };
    let authority = cluster.say("authority");
    let mut admin = crate::floor::place::look(&cluster.address).await;
    admin.run("create database floor owner keyed").await;
    let base = cluster.address.replace("ringside@127.0.0.1", "keyed@localhost").replace("/postgres", "/floor");
    let secret = "right horse";
    for mode in ["require".to_owned(), format!("verify-full&sslrootcert={authority}")] {
        let url = format!("{base}?sslmode={mode}");
        let server = Server::start(&[], &[("RINGSIDE_DATABASE", &url), ("RINGSIDE_DATABASE_PASSWORD", secret)]).await;
        assert_eq!(server.get("/readyz").await["role"], "leading");
        let ssl =
            "select count(*) from pg_stat_activity join pg_stat_ssl using (pid) where usename = 'keyed' and not ssl";
        assert_eq!(admin.number(ssl).await, 0, "every connection is by TLS");
        let log = server.log();
        assert!(log.contains("postgresql 1") && log.contains("keyed@localhost"), "{log}");
        assert!(!log.contains("horse"), "{log}");
    }
    // An authority that did not sign the server, and a wrong password: said without the secret.
    let stranger = format!("{base}?sslmode=verify-full");
    let environment = [("RINGSIDE_DATABASE", stranger.as_str()), ("RINGSIDE_DATABASE_PASSWORD", secret)];
    let said = crate::process::refused(&["--listen", "127.0.0.1:0"], &environment);
    assert!(said.contains("certificate") && !said.contains("horse"), "{said}");
    let url = base.replace("keyed@", "keyed:wr0ng-pony@");
    let said = crate::process::refused(&["--listen", "127.0.0.1:0"], &[("RINGSIDE_DATABASE", &url)]);
    assert!(said.contains("password") && !said.contains("pony"), "{said}");
}
