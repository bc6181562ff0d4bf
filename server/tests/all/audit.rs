//! The audit log in every kind of store: appended only, and whoever changes it is found out.
#![allow(clippy::unwrap_used)]

use crate::floor::Floor;
use crate::floor::place::{Look, Place, on_every_store};
use app::domain::control::Action;
use app::domain::outcome::CampaignStatus;
use app::domain::{CampaignId, Moment};
use server::audit::entry::{Draft, Step};
use server::audit::seal::Head;
use server::control::chain::{AuditError, verify};
use server::control::noted::NotedLog;
use server::store::any::audit_log;
use server::store::audit_log::{AuditLog, AuditQuery};
use std::sync::Arc;

fn draft(n: i64, campaign: &str, step: Step) -> Draft {
    Draft {
        at: Moment::from_secs(1_795_000_000 + n),
        step,
        request: format!("r{n}").into(),
        campaign: CampaignId::trusted(campaign),
        action: Some(Action::Pause),
        who: "ops".into(),
        from: "::1".into(),
        asked_at: Moment::from_secs(1_795_000_000),
        before: Some(CampaignStatus::Active),
        after: None,
        why: None,
        idempotency_key: Some("k".into()),
        what: None,
    }
}

async fn log(floor: &Floor, entries: i64) -> Arc<dyn AuditLog> {
    let log = audit_log(&floor.place.database());
    for n in 0..entries {
        let campaign = if n % 2 == 0 { "spring" } else { "autumn" };
        let step = if n % 3 == 0 { Step::Asked } else { Step::Confirmed };
        log.append(&[draft(n, campaign, step)]).await.unwrap();
    }
    log
}

async fn numbers(log: &dyn AuditLog, query: AuditQuery) -> Vec<u64> {
    log.page(&query).await.unwrap().iter().map(|sealed| sealed.entry().unwrap().n).collect()
}

on_every_store! {
    entries_are_found_as_they_were_written
    the_database_refuses_to_change_or_drop_an_entry
    who_gets_around_that_is_found_out
    an_end_that_was_cut_off_is_seen_by_whoever_noted_the_head
    a_change_at_the_end_is_noticed_by_the_next_entry_and_by_the_next_start
    it_is_written_beside_a_writer_that_commits_all_the_time
}

/// As somebody who may do everything in the database: the triggers taken off.
async fn unguarded(floor: &Floor) -> Look {
    let mut db = floor.database().await;
    let table = match db {
        Look::Sqlite(_) => "",
        Look::Postgres(_) => " on audit",
    };
    for trigger in ["audit_is_not_changed", "audit_is_not_cut"] {
        // PostgreSQL guards against both by one.
        db.run(&format!("drop trigger if exists {trigger}{table}")).await;
    }
    db
}

async fn entries_are_found_as_they_were_written(place: Place) {
    let floor = Floor::open(place, "2026-11-21T12:00:00Z").await;
    let log = log(&floor, 10).await;
    let all = || AuditQuery { limit: 100, ..AuditQuery::default() };
    assert_eq!(numbers(&*log, all()).await, (1..=10).rev().collect::<Vec<_>>());
    assert_eq!(numbers(&*log, AuditQuery { limit: 3, before: Some(8), ..all() }).await, [7, 6, 5]);
    assert_eq!(numbers(&*log, AuditQuery { limit: 3, after: Some(8), ..all() }).await, [9, 10]);
    let spring = AuditQuery { campaign: Some(CampaignId::trusted("spring")), step: Some(Step::Confirmed), ..all() };
    assert_eq!(numbers(&*log, spring).await, [9, 5, 3]);
    let at = |n: i64| Some(Moment::from_secs(1_795_000_000 + n));
    assert_eq!(numbers(&*log, AuditQuery { from: at(2), to: at(4), ..all() }).await, [4, 3]);
    let page = log.page(&AuditQuery { limit: 1, ..all() }).await.unwrap();
    assert_eq!(page[0].entry().unwrap().draft, draft(9, "autumn", Step::Asked));
    assert_eq!(log.campaigns().await.unwrap(), [CampaignId::trusted("autumn"), CampaignId::trusted("spring")]);
    let head = verify(&*log, &Head::default()).await.unwrap();
    assert_eq!((head.entries, &head), (10, &log.head().await.unwrap()));
}

async fn the_database_refuses_to_change_or_drop_an_entry(place: Place) {
    let floor = Floor::open(place, "2026-11-21T12:00:00Z").await;
    log(&floor, 3).await;
    let mut db = floor.database().await;
    for sql in ["update audit set entry = '{}' where n = 2", "delete from audit where n = 3", "delete from audit"] {
        let refused = db.try_run(sql).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
    assert!(db.try_run("insert into audit select * from audit where n = 1").await.is_err());
    if let Look::Postgres(_) = db {
        assert!(db.try_run("truncate audit").await.unwrap_err().to_string().contains("append-only"));
    }
}

async fn who_gets_around_that_is_found_out(place: Place) {
    let floor = Floor::open(place, "2026-11-21T12:00:00Z").await;
    let log = log(&floor, 10).await;
    let mut db = unguarded(&floor).await;
    db.run("create table as_it_was as select * from audit").await;
    for (sql, n) in [
        ("update audit set entry = replace(entry, 'ops', 'eve') where n = 4", 4),
        ("update audit set hash = replace(hash, substr(hash, 1, 1), '-') where n = 10", 10),
        ("delete from audit where n = 6", 6),
        ("update audit set n = n + 100 where n > 8", 9),
    ] {
        db.run(sql).await;
        match verify(&*log, &Head::default()).await.unwrap_err() {
            AuditError::Broken { n: at, .. } => assert_eq!(at, n, "{sql}"),
            other => unreachable!("{other}"),
        }
        db.run("delete from audit").await;
        db.run("insert into audit select * from as_it_was order by n").await;
        assert_eq!(verify(&*log, &Head::default()).await.unwrap().entries, 10);
    }
}

async fn an_end_that_was_cut_off_is_seen_by_whoever_noted_the_head(place: Place) {
    let floor = Floor::open(place, "2026-11-21T12:00:00Z").await;
    let log = log(&floor, 10).await;
    let noted: Head = log.head().await.unwrap();
    unguarded(&floor).await.run("delete from audit where n = 10").await;
    assert!(verify(&*log, &Head::default()).await.is_ok(), "what is left is a chain");
    let cut = verify(&*log, &noted).await.unwrap_err();
    assert!(matches!(cut, AuditError::CutOff { noted: 10, found: 9 }), "{cut}");
}

/// The last entry taken away or written anew with a hash that fits: a chain by itself, and not the one that was noted.
async fn a_change_at_the_end_is_noticed_by_the_next_entry_and_by_the_next_start(place: Place) {
    let notes = tempfile::TempDir::new().unwrap();
    let file = notes.path().join("audit-head");
    let floor = Floor::open(place, "2026-11-21T12:00:00Z").await;
    for forged in [false, true] {
        let plain = audit_log(&floor.place.database());
        let noted = NotedLog::open(plain.clone(), Some(&file)).unwrap();
        for n in 0..3 {
            noted.append(&[draft(n, "spring", Step::Asked)]).await.unwrap();
        }
        assert!(noted.recount().await.is_ok() && noted.broken().is_none());
        let mut db = unguarded(&floor).await;
        db.run("delete from audit where n = 3").await;
        if forged {
            plain.append(&[draft(9, "autumn", Step::Asked)]).await.unwrap();
        }
        let restarted = NotedLog::open(plain, Some(&file)).unwrap();
        assert!(restarted.recount().await.is_err(), "by the file");
        noted.append(&[draft(4, "spring", Step::Asked)]).await.unwrap();
        assert!(noted.broken().is_some(), "by the next entry");
        db.run("delete from audit").await;
        std::fs::remove_file(&file).unwrap();
    }
}

async fn it_is_written_beside_a_writer_that_commits_all_the_time(place: Place) {
    let mut floor = Floor::open(place, "2026-11-21T12:00:00Z").await;
    let log = log(&floor, 0).await;
    let ingest = floor.ingest();
    let storm = tokio::spawn(async move {
        for i in 0..200 {
            let record = crate::floor::record(&format!("c{i}"), "2026-11-21T11:59:00Z");
            assert_eq!(ingest.submit(vec![record]).await.unwrap().accepted, 1);
        }
    });
    for n in 0..200 {
        log.append(&[draft(n, "spring", Step::Asked)]).await.unwrap();
    }
    storm.await.unwrap();
    assert_eq!(verify(&*log, &Head::default()).await.unwrap().entries, 200);
}
