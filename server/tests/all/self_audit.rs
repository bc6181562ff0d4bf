//! The audit that goes on beside a server: what is right is never called wrong, and what is wrong is found and shown.
#![allow(clippy::unwrap_used)]

use crate::floor::Floor;
use crate::floor::place::{Look, Place, on_every_store};
use app::domain::{Fact, Moment, Span};
use app::kpi::Band;
use server::board::{Audited, Board, BoardConfig};
use server::law::blocks::Block;
use server::store::tally::{encode_block, read_block};
use server::tools::rebuild;
use server::tools::self_audit::{AuditCounters, SelfAudit};
use std::sync::Arc;

const NOON: &str = "2026-11-20T12:00:00Z";
/// Enough to come upon each hour of a day of one campaign.
const TURNS: u64 = 200;

on_every_store! {
    sums_of_an_earlier_law_are_warned_of_until_they_are_made_anew
    calls_that_stand_in_several_rows_are_warned_of_at_the_start
    a_call_without_a_campaign_is_recounted_too
    a_changed_sum_is_found_and_one_that_is_mended_is_forgotten
}

/// Puts another block in the place of the hours' of a dimension; returns what was there.
async fn change(db: &mut Look, dimension: i64, alter: impl Fn(&mut Block)) -> Vec<(i64, Vec<u8>)> {
    let at = format!("grain = 1 and dimension = {dimension} and campaign = 'spring'");
    let rows = db.rows(&format!("select bucket, block from rollups where {at} order by bucket limit 1")).await;
    let mut before = Vec::new();
    for row in rows {
        let mut block = Block::new();
        read_block(row[1].bytes(), |key, tally| drop(block.insert(key.into(), tally))).unwrap();
        alter(&mut block);
        put(db, dimension, row[0].number(), &encode_block(&block)).await;
        before.push((row[0].number(), row[1].bytes().to_vec()));
    }
    before
}

async fn put(db: &mut Look, dimension: i64, bucket: i64, bytes: &[u8]) {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let block = match db {
        Look::Sqlite(_) => format!("x'{hex}'"),
        Look::Postgres(_) => format!("'\\x{hex}'::bytea"),
    };
    let at = format!("grain = 1 and dimension = {dimension} and campaign = 'spring' and bucket = {bucket}");
    db.run(&format!("update rollups set block = {block} where {at}")).await;
}

async fn a_changed_sum_is_found_and_one_that_is_mended_is_forgotten(place: Place) {
    let noon = Moment::parse(NOON).unwrap();
    let mut floor = Floor::open(place, NOON).await;
    // One every seven minutes for a day, some hours of them told late and out of order; and one that lasted for hours.
    let mut events: Vec<_> = (1..200i64)
        .map(|n| crate::floor::record(&format!("c-{n}"), &(noon - Span::minutes(7 * n * 37 % 1_430 + 1)).to_rfc3339()))
        .collect();
    let ended = serde_json::json!({ "call_id": "c-9", "outcome": "completed" });
    let start = noon - Span::minutes(7 * 9 * 37 % 1_430 + 1);
    events.push(crate::floor::event("long", &(start + Span::hours(5)).min(noon).to_rfc3339(), "call.ended", ended));
    floor.submit(events).await;
    floor.wait(Span::minutes(5)).await;

    let counters = Arc::<AuditCounters>::default();
    let mut audit = SelfAudit::new(floor.place.database(), floor.clock.clone(), Arc::clone(&counters));
    for lot in 0..TURNS {
        audit.turn(lot.wrapping_mul(0x9e37_79b9_7f4a_7c15)).await.unwrap();
    }
    assert_eq!((counters.audited.get(), counters.mismatches.get()), (TURNS, 0));

    let mut db = floor.database().await;
    let before = change(&mut db, 2, |block| block.values_mut().for_each(|tally| tally.add(Fact::Attempts, 1))).await;
    for lot in 0..TURNS {
        audit.turn(lot.wrapping_mul(0x9e37_79b9_7f4a_7c15)).await.unwrap();
    }
    assert_eq!(counters.mismatches.get(), 1, "an hour of route `north`");

    for (bucket, block) in before {
        put(&mut db, 2, bucket, &block).await;
    }
    for lot in 0..4 {
        audit.turn(lot).await.unwrap();
    }
    assert_eq!(counters.mismatches.get(), 0, "one that differed is looked at again");
    assert_eq!(counters.too_large.get() + counters.failed.get(), 0);
}

#[test]
fn a_mismatch_is_critical_on_the_live_page() {
    let noon = Moment::parse(NOON).unwrap();
    let mut board = Board::new(BoardConfig::default(), noon);
    assert_eq!(board.tick(noon).status.clauses, []);
    board.audited(Audited { differ: 2, is_of_earlier_law: true });
    let frame = board.tick(noon + Span::secs(1));
    let clause = &frame.status.clauses[0];
    assert_eq!((clause.band, clause.subject.as_str()), (Band::Critical, "Figures are not proved"));
    assert!(clause.text.contains("2 hours of campaigns"), "{}", clause.text);
    board.audited(Audited::default());
    assert_eq!(board.tick(noon + Span::secs(2)).status.clauses, []);
}

async fn sums_of_an_earlier_law_are_warned_of_until_they_are_made_anew(place: Place) {
    let noon = Moment::parse(NOON).unwrap();
    let mut floor = Floor::open(place, NOON).await;
    floor.submit(vec![crate::floor::record("c", "2026-11-20T11:30:00Z")]).await;
    floor.stop().await;
    let looked = |floor: &Floor| {
        let counters = Arc::<AuditCounters>::default();
        let audit = SelfAudit::new(floor.place.database(), floor.clock.clone(), Arc::clone(&counters));
        async move {
            audit.look_around(1_000).await.unwrap();
            counters.earlier_law.get().copied()
        }
    };
    assert_eq!(looked(&floor).await, Some(false), "a new database counts by today's law");
    // As a version left it that noted no edition.
    let mut db = floor.database().await;
    db.run("delete from meta where name = 'law'").await;
    assert_eq!(looked(&floor).await, Some(true));
    floor.restart().await;
    floor.stop().await;
    assert_eq!(looked(&floor).await, Some(true), "opening it makes nothing anew");
    let mut store = rebuild::open(&floor.place.database()).await.unwrap();
    rebuild::rebuild(&mut store, None, noon, &mut |_, _| {}).await.unwrap();
    drop(store);
    assert_eq!(looked(&floor).await, Some(false));
}

#[test]
fn sums_of_an_earlier_law_are_a_problem_and_no_critical_one() {
    let noon = Moment::parse(NOON).unwrap();
    let mut board = Board::new(BoardConfig::default(), noon);
    board.audited(Audited { differ: 0, is_of_earlier_law: true });
    let frame = board.tick(noon + Span::secs(1));
    let clause = &frame.status.clauses[0];
    assert_eq!((clause.band, clause.subject.as_str()), (Band::Warn, "Figures of the past are by an earlier law"));
}

async fn calls_that_stand_in_several_rows_are_warned_of_at_the_start(place: Place) {
    let mut floor = Floor::open(place, NOON).await;
    let noon = Moment::parse(NOON).unwrap();
    floor
        .submit(
            (1..40).map(|n| crate::floor::record(&format!("c-{n}"), &(noon - Span::minutes(n)).to_rfc3339())).collect(),
        )
        .await;
    let looked = |floor: &Floor| {
        let counters = Arc::<AuditCounters>::default();
        let audit = SelfAudit::new(floor.place.database(), floor.clock.clone(), Arc::clone(&counters));
        async move {
            audit.look_around(1_000).await.unwrap();
            counters.doubled.get().copied()
        }
    };
    assert_eq!(looked(&floor).await, Some(0));
    // As an older version left one of a coarse clock.
    let mut db = floor.database().await;
    let again = "insert into calls (id, name_hash, realm, call_id, started_at, stamps, judged_at) \
         select id + 1, name_hash, realm, call_id, started_at, started_at_stamps, judged_at from calls where call_id = 'c-7'";
    let again = match &db {
        Look::Sqlite(_) => again.replace("started_at_stamps", "x''"),
        Look::Postgres(_) => again.replace("started_at_stamps", "''::bytea"),
    };
    db.run(&again).await;
    assert_eq!(looked(&floor).await, Some(1));
    floor.stop().await;
}

async fn a_call_without_a_campaign_is_recounted_too(place: Place) {
    let mut floor = Floor::open(place, NOON).await;
    let data = serde_json::json!({ "call_id": "c", "direction": "inbound", "from": "anonymous" });
    floor.submit(vec![crate::floor::event("s", "2026-11-20T11:30:00Z", "call.started", data)]).await;
    floor
        .submit(vec![crate::floor::event(
            "e",
            "2026-11-20T11:31:00Z",
            "call.ended",
            serde_json::json!({ "call_id": "c" }),
        )])
        .await;
    floor.wait(Span::minutes(5)).await;
    let counters = Arc::<AuditCounters>::default();
    let mut audit = SelfAudit::new(floor.place.database(), floor.clock.clone(), Arc::clone(&counters));
    for lot in 0..24u64 {
        audit.turn(lot << 32).await.unwrap();
    }
    assert!(counters.audited.get() >= 12);
    assert_eq!(counters.mismatches.get(), 0);
    let mut db = floor.database().await;
    db.run("update calls set direction = 'outbound'").await;
    for lot in 0..24u64 {
        audit.turn(lot << 32).await.unwrap();
    }
    assert_eq!(counters.mismatches.get(), 1);
    floor.stop().await;
}

/// Tells each turn to whoever waits.
struct Turns(std::sync::mpsc::Sender<u64>);

impl server::tools::self_audit::Hears for Turns {
    async fn audited(&self, found: Audited) -> bool {
        self.0.send(found.differ).is_ok()
    }
}

#[test]
fn the_audit_outlasts_the_runtime_it_was_started_from_and_ends_when_told_to() {
    let patience = std::time::Duration::from_secs(30);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (tell, turns) = std::sync::mpsc::channel();
    let stop = tokio_util::sync::CancellationToken::new();
    let token = stop.clone();
    runtime.block_on(async {
        let mut floor = Floor::open(Place::sqlite(), NOON).await;
        floor.submit(vec![crate::floor::record("c", "2026-11-20T11:30:00Z")]).await;
        floor.stop().await;
        let audit = SelfAudit::new(floor.place.database(), floor.clock.clone(), Arc::default());
        audit.every(std::time::Duration::from_millis(1)).start(Turns(tell), token);
        // The place goes with the floor.
        std::mem::forget(floor);
    });
    turns.recv_timeout(patience).unwrap();
    runtime.shutdown_background();
    // Those that had begun before and one at least that had not.
    for _ in 0..20 {
        turns.recv_timeout(patience).unwrap();
    }
    stop.cancel();
    while turns.recv_timeout(patience).is_ok() {}
    assert_eq!(turns.try_recv(), Err(std::sync::mpsc::TryRecvError::Disconnected));
}

/// The audit's first look goes on beside the server, and is cut short with it.
#[tokio::test]
async fn a_server_that_is_told_to_end_ends_well_and_says_before_what_the_audit_knows() {
    let mut server = crate::process::Server::start(&[], &[]).await;
    let ready = server.until("/readyz", |ready| !ready["figures"]["calls_in_several_rows"].is_null()).await;
    let figures = &ready["figures"];
    assert_eq!((&figures["state"], &figures["mismatches"]), (&"not_audited".into(), &0.into()));
    assert_eq!((ready["status"].as_str(), figures["calls_in_several_rows"].as_u64()), (Some("ready"), Some(0)));
    server.stop().await;
    server.up().await;
    // At once, while it may be looking.
    server.stop().await;
    assert!(!server.log().contains("panicked"), "{}", server.log());
}
