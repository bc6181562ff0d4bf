//! Proof, rebuilding and carrying over, on a day of a simulated floor that came shuffled and one tenth of it twice.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use crate::floor::Floor;
use crate::floor::place::{Field, Kind, Look, Place, on_every_store, until_led};
use crate::frames::{Frames, assert_same, frames};
use app::domain::{Call, CallName, CampaignScope, Data, Dimension, Event, Fact, Moment, Number, Span};
use server::board::{Board, BoardConfig};
use server::law::blocks::Block;
use server::law::grain::Grain;
use server::source::simulator::{FloorPlan, World};
use server::store::any::{self, Database};
use server::store::read::{Reader, SumQuery};
use server::store::sqlite::InTheWay;
use server::store::tally::{encode_block, read_block};
use server::store::write::{Retention, WriteStore};
use server::tools::rebuild::{self, Rebuilt};
use server::tools::verify::{Verdict, verify};
use std::time::Duration;

const BEGIN: &str = "2026-11-20T00:00:00Z";

fn moment(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

/// What a floor tells in so many hours; of samples, which are many, those of the last hour.
fn told(hours: i64) -> Vec<Event> {
    let begin = moment(BEGIN);
    let mut world = World::new(7, FloorPlan::scaled(0.1), begin);
    let end = begin + Span::hours(hours);
    let mut events = world.advance(end);
    events.retain(|event| {
        event.time >= end - Span::hours(1)
            || !matches!(
                event.data,
                Data::ChannelsSample(_) | Data::TrunkStatus(_) | Data::HealthSample(_) | Data::MetricSample(_)
            )
    });
    events
}

/// One call in eight: a day is a day, and a debug build slow.
fn thinned(mut events: Vec<Event>) -> Vec<Event> {
    let one_in_eight = |name: CallName| name.call_id.as_str().bytes().map(u32::from).sum::<u32>() % 8 == 0;
    events.retain(|event| Call::told_by(event).is_none_or(|(name, _)| one_in_eight(name)));
    events
}

/// Shuffles; the same each time for the same seed.
fn shuffle(events: &mut [Event], seed: u64) {
    let mut random = 0x9e37_79b9_7f4a_7c15u64 + seed;
    for at in (1..events.len()).rev() {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        events.swap(at, (random >> 33) as usize % (at + 1));
    }
}

fn database(floor: &Floor) -> Database {
    floor.place.database()
}

/// The folder of a floor that is kept in SQLite.
fn folder(floor: &Floor) -> std::path::PathBuf {
    match database(floor) {
        Database::Sqlite(path) => path.parent().unwrap().to_owned(),
        Database::Postgres(_) => unreachable!("it is kept in SQLite"),
    }
}

async fn sqlite_at(path: &std::path::Path) -> sqlx::sqlite::SqliteConnection {
    sqlx::ConnectOptions::connect(&sqlx::sqlite::SqliteConnectOptions::new().filename(path)).await.unwrap()
}

async fn proof(floor: &Floor) -> Verdict {
    let mut store = any::audit(&database(floor)).await.unwrap();
    verify(&mut store, || floor.clock.now(), 10, &mut |_, _| {}).await.unwrap()
}

async fn made_anew(floor: &Floor, zone: Option<chrono_tz::Tz>) -> Rebuilt {
    let mut store = rebuild::open(&database(floor)).await.unwrap();
    rebuild::rebuild(&mut store, zone, floor.clock.now(), &mut |_, _| {}).await.unwrap()
}

on_every_store! {
    a_changed_count_is_named_and_mended
    the_rotation_of_numbers_and_components_time_are_proved_and_mended
    what_lies_before_the_calls_is_carried_over_and_another_zone_loses_nothing
    nobody_rebuilds_what_a_server_uses_and_nothing_is_made_where_nothing_was
    a_persons_number_is_erased_everywhere_and_no_sum_changes
}

/// A day shuffled in an order of its own, a tenth of it twice: proved, and its frames at midnight by a board that heard of
/// each commit, and by one that began then; and in the next afternoon.
async fn shuffled_day(place: Place) -> [Frames; 3] {
    let mut events = thinned(told(24));
    let again: Vec<Event> = events.iter().step_by(10).cloned().collect();
    events.extend(again);
    shuffle(&mut events, place.kind as u64);
    let mut floor = Floor::open(place, "2026-11-21T00:00:00Z").await;
    let mut board = Board::new(BoardConfig { zone: floor.zone, ..BoardConfig::default() }, floor.clock.now());
    board.apply(&floor.initial);
    for part in events.chunks(5_000) {
        assert_eq!(floor.submit(part.to_vec()).await.rejected, []);
    }
    // While the server runs, with some of the sums still in the journal.
    let verdict = proof(&floor).await;
    assert_eq!((verdict.different, verdict.differences), (0, vec![]));
    assert!(verdict.counted.calls > 5_000 && verdict.counted.agents > 5, "{:?}", verdict.counted);
    floor.changes().await.iter().for_each(|change| board.apply(change));
    let days = [moment(BEGIN), moment(BEGIN) + Span::days(1)];
    let heard = frames(&mut floor, Some(board), &days).await;
    floor.restart().await;
    let begun = frames(&mut floor, None, &days).await;
    floor.wait(Span::hours(13)).await;
    let verdict = proof(&floor).await;
    assert_eq!((verdict.different, verdict.from), (0, None));
    let total = floor.sum(Dimension::Total, Grain::SiteDay, "").await;
    assert!(total[Fact::AgentReadyMs] > 0 && total[Fact::AnsweredLive] > 0);
    floor.restart().await;
    [heard, begun, frames(&mut floor, None, &days).await]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shuffled_day_with_repetitions_is_proved_and_looks_the_same_in_every_store() {
    let mut days = Vec::new();
    for kind in Kind::ALL {
        if let Some(place) = Place::make(kind).await {
            // Each on a thread of its own: what one makes ready must not keep another's database waiting.
            let runtime = tokio::runtime::Handle::current();
            let day = move || runtime.block_on(async move { (kind, shuffled_day(place).await) });
            days.push(tokio::task::spawn_blocking(day));
        }
    }
    let days: Vec<_> = futures_util::future::try_join_all(days).await.unwrap();
    let (_, [heard, begun, later]) = &days[0];
    assert!(heard.len() > 10 && heard["live"].len() > 2_000, "{:?}", heard.keys());
    for (kind, [also_heard, also_begun, also_later]) in &days[1..] {
        assert_same(also_heard, heard, &format!("{kind:?} at midnight"));
        assert_same(also_begun, begun, &format!("{kind:?} after a restart"));
        assert_same(also_later, later, &format!("{kind:?} in the afternoon"));
    }
}

/// A floor at rest: four hours of it ingested, and everything judged.
async fn floor_at_rest(place: Place) -> Floor {
    let mut floor = Floor::open(place, "2026-11-20T04:00:00Z").await;
    for part in told(4).chunks(5_000) {
        floor.submit(part.to_vec()).await;
    }
    floor.wait(Span::hours(20)).await;
    floor
}

/// Everything that a reader sees of the sums of site days and hours.
async fn all_sums(floor: &mut Floor, grain: Grain) -> Vec<(Dimension, String, Vec<i64>)> {
    let mut all = Vec::new();
    for dimension in Dimension::ALL {
        let (from, to) = (Moment::from_secs(0), Moment::from_secs(4_000_000_000));
        let query = SumQuery { dimension: *dimension, key: None, scope: CampaignScope::All, from, to, grain };
        for (key, facts) in floor.reader().sums(&query).await.unwrap() {
            all.push((*dimension, key.to_string(), Fact::ALL.iter().map(|fact| facts[*fact]).collect()));
        }
    }
    all
}

async fn a_changed_count_is_named_and_mended(place: Place) {
    let mut floor = floor_at_rest(place).await;
    let before = all_sums(&mut floor, Grain::SiteDay).await;
    let mut db = floor.database().await;
    let row = db.rows("select bucket, campaign, block from rollups where grain = 1 and dimension = 2 limit 1").await;
    let (bucket, campaign) = (row[0][0].number(), row[0][1].text());
    let mut block = Block::new();
    read_block(row[0][2].bytes(), |key, tally| drop(block.insert(key.into(), tally))).unwrap();
    let (key, tally) = block.iter_mut().next().unwrap();
    let key = key.clone();
    let right = tally.get(Fact::Attempts);
    tally.add(Fact::Attempts, 7);
    let hex: String = encode_block(&block).iter().map(|byte| format!("{byte:02x}")).collect();
    let bytes = match &db {
        Look::Sqlite(_) => format!("x'{hex}'"),
        Look::Postgres(_) => format!("'\\x{hex}'::bytea"),
    };
    let at = format!("grain = 1 and dimension = 2 and bucket = {bucket} and campaign = '{campaign}'");
    db.run(&format!("update rollups set block = {bytes} where {at}")).await;
    db.run("delete from rollups where grain = 2 and dimension = 1").await;
    let verdict = proof(&floor).await;
    let found: Vec<String> = verdict.differences.iter().map(ToString::to_string).collect();
    let at = Moment::from_secs(bucket).to_rfc3339();
    let named = format!(
        "hour from {at}, route `{key}`, campaign `{campaign}`: attempts is {}, the recount says {right}",
        right + 7
    );
    assert!(found.contains(&named), "{named}: {found:?}");
    assert!(verdict.different > 10 && found.len() == 10, "the deleted day, and no more than asked for: {verdict:?}");
    floor.stop().await;
    let rebuilt = made_anew(&floor, None).await;
    assert_eq!((rebuilt.from, rebuilt.zones), (None, (chrono_tz::UTC, chrono_tz::UTC)));
    assert_eq!(proof(&floor).await.different, 0);
    floor.restart().await;
    assert_eq!(all_sums(&mut floor, Grain::SiteDay).await, before);
    assert_eq!(proof(&floor).await.different, 0);
}

async fn the_rotation_of_numbers_and_components_time_are_proved_and_mended(place: Place) {
    let begin = moment(BEGIN);
    let mut floor = Floor::open_at(place, begin + Span::hours(4), chrono_tz::UTC).await;
    let at = |minutes: i64| (begin + Span::minutes(minutes)).to_rfc3339();
    let told = |minutes, kind, data| crate::floor::event(&format!("{kind}-{minutes}"), &at(minutes), kind, data);
    let health = |minutes: i64, status| {
        let data = serde_json::json!({ "component": "db", "kind": "database", "status": status });
        told(minutes, "health.sample", data)
    };
    let did = |minutes: i64, status| {
        let data = serde_json::json!({ "did": "+12025550142", "status": status });
        told(minutes, "did.updated", data)
    };
    let mut events: Vec<Event> = (0..60).map(|n| health(2 * n, if n == 20 { "offline" } else { "healthy" })).collect();
    events.extend([did(10, "active"), did(50, "retired"), did(90, "active")]);
    shuffle(&mut events, 3);
    for part in events.chunks(7) {
        floor.submit(part.to_vec()).await;
    }
    floor.wait(Span::hours(20)).await;
    assert_eq!(proof(&floor).await.differences, []);
    let before = all_sums(&mut floor, Grain::Hour).await;

    floor.stop().await;
    let mut db = floor.database().await;
    for dimension in [Dimension::Did, Dimension::Component] {
        db.run(&format!("delete from rollups where grain = 1 and dimension = {}", dimension as i64)).await;
    }
    let verdict = proof(&floor).await;
    let found = |fact| verdict.differences.iter().filter(|d| d.counter.fact() == Some(fact)).map(|d| d.recounted).sum();
    let of_numbers: [i64; 2] = [Fact::DidsProvisioned, Fact::DidsRetired].map(found);
    assert_eq!(of_numbers, [2, 1], "{:?}", verdict.differences);
    let (observed, up): (i64, i64) = (found(Fact::ComponentObservedMs), found(Fact::ComponentUpMs));
    assert!(up > 0 && up < observed, "{:?}", verdict.differences);
    made_anew(&floor, None).await;
    assert_eq!(proof(&floor).await.differences, []);
    floor.restart().await;
    assert_eq!(all_sums(&mut floor, Grain::Hour).await, before);
}

async fn what_lies_before_the_calls_is_carried_over_and_another_zone_loses_nothing(place: Place) {
    // The longest of all: what is PostgreSQL's is tried where there are chunks, too.
    if place.kind == Kind::Postgres {
        return;
    }
    // Sixty days, two calls an hour, agents among them.
    let begin = moment(BEGIN);
    let mut floor = Floor::open_at(place, begin + Span::days(60), chrono_tz::America::New_York).await;
    let mut events = Vec::new();
    for hour in 0..60 * 24 {
        for minute in [10, 40] {
            let at = begin + Span::hours(hour) + Span::minutes(minute);
            events.push(crate::floor::record(&format!("c-{hour}-{minute}"), &at.to_rfc3339()));
        }
        let state = ["ready", "on_call", "break", "offline"][hour as usize % 4];
        let at = (begin + Span::hours(hour) + Span::minutes(7)).to_rfc3339();
        let data = serde_json::json!({ "agent": "ann", "campaign": "spring", "state": state });
        events.push(crate::floor::event(&format!("a-{hour}"), &at, "agent.state", data));
    }
    shuffle(&mut events, 0);
    for part in events.chunks(1_000) {
        assert_eq!(floor.submit(part.to_vec()).await.rejected, []);
    }
    floor.wait(Span::minutes(1)).await;
    floor.stop().await;
    let (mut writer, _reader) = any::open(&floor.place.database(), chrono_tz::America::New_York).await.unwrap();
    until_led(&mut writer).await;
    let keep = Retention { calls: Span::days(20) };
    while writer.clear(floor.clock.now(), keep).await.unwrap() == server::store::write::Cleared::MoreToDo {}
    drop(writer);
    let verdict = proof(&floor).await;
    assert_eq!((verdict.different, verdict.from), (0, Some(floor.clock.now() - Span::days(19))));
    // Chunks go whole: what one holds stays until the last of it may go.
    let most = if floor.place.kind == Kind::Timescale { 1_058 } else { 962 };
    assert!((900..=most).contains(&verdict.counted.calls), "{:?}", verdict.counted);

    floor.restart().await;
    let (days, hours) = (all_sums(&mut floor, Grain::SiteDay).await, all_sums(&mut floor, Grain::Hour).await);
    assert!(days.iter().any(|(dimension, _, facts)| *dimension == Dimension::Total && facts[0] == 2_880), "{days:?}");
    floor.stop().await;
    for zone in [chrono_tz::America::New_York, chrono_tz::Asia::Kathmandu, chrono_tz::Pacific::Auckland, chrono_tz::UTC]
    {
        let rebuilt = made_anew(&floor, Some(zone)).await;
        assert!(rebuilt.from.is_some_and(|from| from >= floor.clock.now() - Span::days(19)));
        assert_eq!(proof(&floor).await.different, 0, "{zone}");
        let mut other = Floor::again(&floor, zone).await;
        assert_eq!(all_sums(&mut other, Grain::SiteDay).await, days, "{zone}");
        assert_eq!(all_sums(&mut other, Grain::Hour).await, hours, "{zone}");
        other.stop().await;
    }
}

async fn nobody_rebuilds_what_a_server_uses_and_nothing_is_made_where_nothing_was(place: Place) {
    let mut floor = Floor::open(place, BEGIN).await;
    let refused = rebuild::open(&database(&floor)).await.unwrap_err().to_string();
    assert!(refused.contains("another ringside writes to"), "{refused}");
    floor.stop().await;
    if floor.place.kind != Kind::Sqlite {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let none = Database::Sqlite(folder.path().join("none.db"));
    assert!(any::audit(&none).await.unwrap_err().to_string().contains("none.db"));
    assert!(rebuild::open(&none).await.unwrap_err().to_string().contains("there is no database at"));
    assert!(!folder.path().join("none.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_made_beside_a_server_and_put_back_only_where_it_may() {
    let mut floor = Floor::open(Place::sqlite(), "2026-11-21T12:00:00Z").await;
    floor.submit((0..50).map(|n| crate::floor::record(&format!("c-{n}"), "2026-11-21T10:00:00Z")).collect()).await;
    let (database, copy) = (database(&floor), folder(&floor).join("copy.db"));
    let copied = any::backup(&database, &copy).await.unwrap();
    assert_eq!((copied.calls, copied.bytes), (50, std::fs::metadata(&copy).unwrap().len()));
    let again = any::backup(&database, &copy).await.unwrap_err().to_string();
    assert!(
        again.contains("copy.db is in the way") && !again.contains("--overwrite"),
        "backup has no such option: {again}"
    );
    floor.submit(vec![crate::floor::record("later", "2026-11-21T11:00:00Z")]).await;
    let in_use = any::restore(&copy, &database, InTheWay::MayGo).await.unwrap_err().to_string();
    assert!(in_use.contains("another ringside writes to"), "{in_use}");
    floor.stop().await;
    let stays = any::restore(&copy, &database, InTheWay::Stays).await.unwrap_err().to_string();
    assert!(stays.contains("floor.db is in the way") && stays.contains("--overwrite"), "{stays}");
    assert_eq!(proof(&floor).await.counted.calls, 51, "untouched");
    assert_eq!(any::restore(&copy, &database, InTheWay::MayGo).await.unwrap().calls, 50);
    floor.restart().await;
    let verdict = proof(&floor).await;
    assert_eq!((verdict.counted.calls, verdict.different), (50, 0));
    // To a place where nothing was.
    let elsewhere = Database::Sqlite(folder(&floor).join("new").join("floor.db"));
    assert_eq!(any::restore(&copy, &elsewhere, InTheWay::Stays).await.unwrap().calls, 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_torn_or_none_of_ours_or_newer_is_not_put_back() {
    let mut floor = Floor::open(Place::sqlite(), "2026-11-21T12:00:00Z").await;
    floor.submit((0..2_000).map(|n| crate::floor::record(&format!("c-{n}"), "2026-11-21T10:00:00Z")).collect()).await;
    let (database, copy) = (database(&floor), folder(&floor).join("copy.db"));
    any::backup(&database, &copy).await.unwrap();
    floor.stop().await;
    let whole = std::fs::read(&copy).unwrap();
    let mut torn = whole.clone();
    let middle = torn.len() / 2;
    torn[middle..middle + 8_192].fill(0xff);
    std::fs::write(&copy, torn).unwrap();
    let refused = any::restore(&copy, &database, InTheWay::MayGo).await.unwrap_err().to_string();
    assert!(refused.contains("can't read") || refused.contains("database"), "{refused}");
    std::fs::write(&copy, b"").unwrap();
    let refused = any::restore(&copy, &database, InTheWay::MayGo).await.unwrap_err().to_string();
    assert!(refused.contains("none of ringside's tables"), "{refused}");
    std::fs::write(&copy, whole).unwrap();
    let mut db = sqlite_at(&copy).await;
    sqlx::query("update _sqlx_migrations set version = 999 where version = 1").execute(&mut db).await.unwrap();
    drop(db);
    let refused = any::restore(&copy, &database, InTheWay::MayGo).await.unwrap_err().to_string();
    assert!(refused.contains("version 999, newer"), "{refused}");
    assert_eq!(proof(&floor).await.counted.calls, 2_000, "what was there is as it was");
}

/// What a source tells in which a person's number stands, beside its calls.
fn told_of(person: &str) -> Vec<Event> {
    let digits = person.trim_start_matches('+');
    let national = &digits[2..];
    let parts = [&national[..3], &national[3..6], &national[6..]];
    let (spaced, lines, html) =
        (parts.join(" "), format!("{}\t{}\n{}", parts[0], parts[1], parts[2]), parts.join("&nbsp;"));
    let event = |n: usize, kind: &str, data: serde_json::Value| {
        crate::floor::event(&format!("told-{n}"), "2026-11-21T10:01:00Z", kind, data)
    };
    let all = [
        (
            "agent.state",
            serde_json::json!({ "agent": format!("SIP/{digits}"), "campaign": "spring", "state": "ready" }),
        ),
        ("agent.state", serde_json::json!({ "agent": "ann", "state": "break", "reason": format!("calls {spaced}") })),
        (
            "campaign.updated",
            serde_json::json!({ "campaign": format!("list-{national}"), "name": format!("Back to {spaced}") }),
        ),
        ("route.updated", serde_json::json!({ "route": format!("r/{person}"), "carrier": spaced })),
        ("did.updated", serde_json::json!({ "did": person, "status": "active", "pool": format!("pool {lines}") })),
        (
            "trunk.status",
            serde_json::json!({ "trunk": "north", "status": "degraded", "detail": format!("no way to {person}") }),
        ),
        (
            "health.sample",
            serde_json::json!({ "component": format!("m-{digits}"), "kind": "other", "status": "healthy" }),
        ),
        (
            "call.record",
            serde_json::json!({ "call_id": format!("{digits}-1"), "direction": "outbound", "from": "+12025550142",
            "to": person, "campaign": format!("list-{national}"), "agent": format!("SIP/{digits}"), "queue": format!("q_{national}"),
            "route": format!("r/{person}"), "started_at": "2026-11-21T10:00:00Z", "answered_at": "2026-11-21T10:00:10Z",
            "bridged_at": "2026-11-21T10:00:11Z", "by": "human", "ended_at": "2026-11-21T10:00:40Z" }),
        ),
        (
            "call.record",
            serde_json::json!({ "call_id": format!("{national}-1"), "direction": "outbound", "from": "+12025550142",
            "to": "+442079460018", "disposition": format!("asked for {spaced}"), "metadata": { "k": html },
            "started_at": "2026-11-21T10:00:00Z", "ended_at": "2026-11-21T10:00:40Z" }),
        ),
    ];
    all.into_iter().enumerate().map(|(n, (kind, data))| event(n, kind, data)).collect()
}

async fn a_persons_number_is_erased_everywhere_and_no_sum_changes(place: Place) {
    let mut floor = Floor::open(place, "2026-11-21T12:00:00Z").await;
    let person = "+34911234567";
    let mut events: Vec<Event> =
        (0..30).map(|n| crate::floor::record(&format!("c-{n}"), "2026-11-21T10:00:00Z")).collect();
    let more = serde_json::json!({ "call_id": "c-3", "recording_url": "https://r.example/34911234567.wav",
        "metadata": { "note": "call 911 23 45 67 back" }, "disposition": "sold" });
    events.push(crate::floor::event("u", "2026-11-21T10:01:00Z", "call.updated", more));
    let again = serde_json::json!({ "call_id": "c-4", "recording_url": "https://r.example/again/34911234567.wav" });
    events.push(crate::floor::event("v", "2026-11-21T10:01:00Z", "call.updated", again));
    let other =
        serde_json::json!({ "call_id": "other", "direction": "inbound", "from": "+442079460018", "to": person });
    events.push(crate::floor::event("o", "2026-11-21T10:02:00Z", "call.started", other));
    events.extend(told_of(person));
    let receipt = floor.submit(events).await;
    assert_eq!(receipt.rejected, []);
    floor.wait(Span::hours(5)).await;
    let before = all_sums(&mut floor, Grain::Hour).await;
    let (store, number) = (database(&floor), Number::new(person).unwrap());
    assert!(any::erase(&store, &number).await.unwrap_err().to_string().contains("another ringside"));
    floor.stop().await;
    let spelled = ["911234567", "911 23 45 67", "911 234 567", r"911\t234\n567", "911&nbsp;234&nbsp;567"];
    for there in spelled {
        assert!(holds(&mut floor, there).await, "else the look below proves nothing: {there}");
    }
    let onlooker = onlooker(&mut floor).await;
    let erased = any::erase(&store, &number).await.unwrap();
    onlooker.await.unwrap();
    assert_eq!((erased.calls, erased.renamed, erased.audited), (33, 2, 0));
    let again = any::erase(&store, &number).await.unwrap();
    assert_eq!((again.calls, again.rows), (0, 0), "once is enough");
    let mut db = floor.database().await;
    let told =
        "select count(*), count(distinct to_number) from calls where direction = 'outbound' and to_number like '+0%'";
    assert_eq!(db.rows(told).await, [[Field::Number(31), Field::Number(1)]], "one pseudonym for all");
    let texts = "select recording_url, metadata, disposition from calls where call_id = 'c-3'";
    assert_eq!(db.rows(texts).await, [[Field::Null, Field::Null, Field::Text("sold".to_owned())]]);
    assert_eq!(db.number("select count(*) from calls").await, 33);
    drop(db);
    floor.restart().await;
    // The same figures, of names that the number stood in under other names.
    let figures = |sums: Vec<(Dimension, String, Vec<i64>)>| {
        let named = |key: String| {
            if key.contains(spelled[0]) || key.contains('0') && key.len() > 14 { "*".to_owned() } else { key }
        };
        let mut all: Vec<_> = sums.into_iter().map(|(by, key, facts)| (by as usize, named(key), facts)).collect();
        all.sort();
        all
    };
    assert_eq!(figures(all_sums(&mut floor, Grain::Hour).await), figures(before));
    assert_eq!(proof(&floor).await.different, 0);
    for gone in spelled.into_iter().chain(["34911234567.wav"]) {
        assert!(!holds(&mut floor, gone).await, "{gone} is left in unused parts");
    }
    if let mut db @ Look::Postgres(_) = floor.database().await {
        for column in ["rest", "entries"] {
            let told = format!("select count(*) from journal where position('911234567'::bytea in {column}) > 0");
            assert_eq!(db.number(&told).await, 0, "what commits told of calls");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_still_reads_is_cleared_the_next_time() {
    let mut floor = Floor::open(Place::sqlite(), "2026-11-21T12:00:00Z").await;
    floor.submit(vec![crate::floor::record("c-1", "2026-11-21T10:00:00Z")]).await;
    floor.stop().await;
    let (store, number) = (database(&floor), Number::new("+34911234567").unwrap());
    let mut reader = floor.database().await;
    reader.run("begin").await;
    assert_eq!(reader.number("select count(*) from calls").await, 1);
    let refused = any::erase(&store, &number).await.unwrap_err().to_string();
    assert!(refused.contains("erase the same number again"), "{refused}");
    assert!(holds(&mut floor, "+34911234567").await, "that is why");
    drop(reader);
    assert_eq!(any::erase(&store, &number).await.unwrap().calls, 0, "nothing is left to replace");
    assert!(!holds(&mut floor, "+34911234567").await);
}

/// How long the onlooker looks.
const LOOKS_FOR: Duration = Duration::from_secs(1);

/// Somebody who looks at PostgreSQL's calls for a while, as they are before the erasure, and whose look lets the planner take
/// samples of them.
async fn onlooker(floor: &mut Floor) -> tokio::task::JoinHandle<()> {
    let mut db = floor.database().await;
    if matches!(db, Look::Postgres(_)) {
        db.run("analyze calls").await;
        let samples = "select count(*) from pg_stats where histogram_bounds::text like '%34911234567.wav%'";
        assert_ne!(db.number(samples).await, 0, "the planner has samples of what is to go");
        db.run("begin isolation level repeatable read").await;
        db.number("select count(*) from calls").await;
    }
    tokio::spawn(async move {
        tokio::time::sleep(LOOKS_FOR).await;
        drop(db);
    })
}

/// Whether a text stands anywhere in the database's files.
async fn holds(floor: &mut Floor, text: &str) -> bool {
    match floor.database().await {
        Look::Sqlite(_) => {
            let files = ["floor.db", "floor.db-wal"].map(|name| std::fs::read(folder(floor).join(name)));
            let mut bytes = files.into_iter().filter_map(Result::ok);
            bytes.any(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
        }
        mut db @ Look::Postgres(_) => {
            db.run("checkpoint").await;
            let files = format!(
                "select relname::text from pg_class where relkind in ('r', 't') and relpersistence = 'p' \
                 and position(convert_to('{text}', 'UTF8') in pg_read_binary_file(pg_relation_filepath(oid))) > 0"
            );
            let found = db.rows(&files).await;
            println!("{text} is in {found:?}");
            !found.is_empty()
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_filed_days_from_its_moments_is_recounted_too() {
    let mut floor = Floor::open(Place::sqlite(), "2026-11-21T12:00:00Z").await;
    // First heard of by a word without a moment, which is where it stays filed; it took place days before and after.
    for (call, told, began) in [
        ("early", "2026-11-11T09:00:00Z", "2026-11-19T10:00:00Z"),
        ("late", "2026-11-20T09:00:00Z", "2026-11-10T10:00:00Z"),
    ] {
        let word = serde_json::json!({ "call_id": call, "disposition": "sold" });
        floor.submit(vec![crate::floor::event(call, told, "call.updated", word)]).await;
        floor.submit(vec![crate::floor::record(call, began)]).await;
    }
    floor
        .submit(
            (0..20)
                .map(|n| crate::floor::record(&format!("c-{n}"), &format!("2026-11-{:02}T10:00:00Z", 10 + n % 10)))
                .collect(),
        )
        .await;
    let verdict = proof(&floor).await;
    assert_eq!((verdict.different, verdict.counted.calls), (0, 22), "{:?}", verdict.differences);
    let filed =
        floor.reader().calls(&server::store::read::CallQuery { limit: 100, ..Default::default() }).await.unwrap();
    let far =
        filed.iter().filter(|filed| (filed.filed_at - filed.call.start().unwrap()).as_secs().abs() > 86_400).count();
    assert_eq!(far, 2);
    floor.stop().await;
    made_anew(&floor, None).await;
    assert_eq!(proof(&floor).await.different, 0);
}
