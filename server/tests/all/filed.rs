//! Sums of a past whose calls are not kept: they stand before the calls, are proved by none, and survive a rebuild.
#![allow(clippy::unwrap_used)]

use crate::floor::place::{Place, on_every_store};
use crate::floor::{Floor, record};
use app::domain::{CampaignId, Dimension, Fact, Moment, Span, Tally};
use server::law::change::{FactChange, SumKey};
use server::law::grain::Grain;
use server::store::any;
use server::tools::{rebuild, verify};

on_every_store! {
    what_was_filed_as_sums_stands_beside_calls_and_is_carried_over
}

fn calls(n: i64, bucket: Moment) -> Vec<FactChange> {
    let mut tally = Tally::default();
    tally.add(Fact::Attempts, n);
    let of = |dimension, key: &str| SumKey { campaign: CampaignId::trusted("solar"), dimension, key: key.into() };
    [of(Dimension::Total, ""), of(Dimension::Campaign, "solar")]
        .map(|of| FactChange { bucket, of, tally: tally.clone() })
        .into()
}

async fn attempts(floor: &mut Floor, grain: Grain) -> [i64; 2] {
    let [total, campaign] = [(Dimension::Total, ""), (Dimension::Campaign, "solar")];
    [
        floor.sum(total.0, grain, total.1).await[Fact::Attempts],
        floor.sum(campaign.0, grain, campaign.1).await[Fact::Attempts],
    ]
}

async fn proof(floor: &Floor) -> verify::Verdict {
    let mut store = any::audit(&floor.place.database()).await.unwrap();
    verify::verify(&mut store, || floor.clock.now(), 10, &mut |_, _| {}).await.unwrap()
}

async fn what_was_filed_as_sums_stands_beside_calls_and_is_carried_over(place: Place) {
    let mut floor = Floor::open(place, "2026-11-20T12:00:00Z").await;
    let kept_from = floor.clock.now();
    let ingest = floor.ingest();
    for (n, days) in [(500, 3), (70, 1)] {
        ingest.file_sums(kept_from, calls(n, kept_from - Span::days(days))).await.unwrap();
    }
    let told = floor.changes().await;
    assert_eq!(told.iter().flat_map(|change| &change.facts).count(), 4, "the live state is told, for its periods");
    floor.wait(Span::days(3)).await;
    let receipt = floor.submit(vec![record("a", "2026-11-20T12:10:00Z"), record("b", "2026-11-23T11:00:00Z")]).await;
    assert_eq!((receipt.accepted, receipt.rejected), (2, vec![]));
    floor.wait(Span::minutes(1)).await;
    for grain in [Grain::Hour, Grain::SiteDay] {
        assert_eq!(attempts(&mut floor, grain).await[0], 572);
    }
    assert_eq!(attempts(&mut floor, Grain::SiteDay).await[1], 570);
    let verdict = proof(&floor).await;
    assert!(verdict.is_sound(), "{:?}", verdict.differences);
    assert_eq!(verdict.from, Some(kept_from + Span::days(1)));
    floor.stop().await;
    let mut store = rebuild::open(&floor.place.database()).await.unwrap();
    rebuild::rebuild(&mut store, None, floor.clock.now(), &mut |_, _| {}).await.unwrap();
    drop(store);
    floor.restart().await;
    assert_eq!(attempts(&mut floor, Grain::SiteDay).await, [572, 570]);
    assert!(proof(&floor).await.is_sound());
}
