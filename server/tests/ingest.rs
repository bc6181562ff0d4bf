//! The write path as a whole: events in by `Ingest`, calls and sums out of a real SQLite file.
#![allow(clippy::unwrap_used)]

mod floor;

use app::domain::{Dimension, Fact, Moment, Span};
use floor::{Floor, record};
use server::ingest::Rejection;
use server::store::read::{CallQuery, Grain, Reader};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_kept_with_its_sums_and_told_to_the_live_state() {
    let mut floor = Floor::open("2026-11-21T12:00:00Z").await;
    let receipt = floor.submit(vec![record("c1", "2026-11-21T11:58:00Z"), record("c2", "2026-11-21T11:59:00Z")]).await;
    assert_eq!((receipt.accepted, receipt.duplicate), (2, 0));
    let receipt = floor.submit(vec![record("c1", "2026-11-21T11:58:00Z")]).await;
    assert_eq!((receipt.accepted, receipt.duplicate), (0, 1));

    let total = floor.sum(Dimension::Total, Grain::SiteDay, "").await;
    assert_eq!((total[Fact::Attempts], total[Fact::Answered], total[Fact::Ended]), (2, 2, 2));
    let spain = floor.sum(Dimension::Country, Grain::Hour, "ES").await;
    assert_eq!(spain[Fact::Attempts], 2);
    let page = floor.reader().calls(&CallQuery { limit: 10, ..CallQuery::default() }).await.unwrap();
    let names: Vec<_> = page.iter().map(|filed| filed.name.call_id.as_str()).collect();
    assert_eq!(names, ["c2", "c1"]);

    let told: i64 = floor
        .changes()
        .iter()
        .flat_map(|change| &change.facts)
        .filter(|fact| fact.of.dimension == Dimension::Total)
        .map(|fact| fact.tally.get(Fact::Attempts))
        .sum();
    assert_eq!(told, 2);
    floor.assert_sums_equal_recount().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_far_from_now_or_from_its_call_is_named() {
    let mut floor = Floor::open("2026-11-21T12:00:00Z").await;
    let receipt = floor
        .submit(vec![
            record("late", "2026-07-21T11:58:00Z"),
            record("c", "2026-11-21T11:58:00Z"),
            record("early", "2026-11-21T12:06:00Z"),
            record("c", "2026-11-19T11:58:00Z"),
        ])
        .await;
    assert_eq!(receipt.accepted, 1);
    let why: Vec<_> = receipt.rejected.iter().map(|(at, why)| (*at, why.clone())).collect();
    assert_eq!(
        why,
        [(0, Rejection::TooOld(90)), (2, Rejection::Future(360)), (3, Rejection::FarFromCall("started_at"))]
    );
    floor.clock.advance(Span::minutes(1));
    assert!(floor.clock.now() > Moment::parse("2026-11-21T12:00:00Z").unwrap());
    floor.assert_sums_equal_recount().await;
}
