//! Reads what the present is compared with, every few minutes, off the live path.

use crate::board::baseline::{Baselines, same_hours};
use crate::clock::Clock;
use crate::law::grain::Grain;
use crate::law::span::Stretch;
use crate::live::LiveHandle;
use crate::store::StoreError;
use crate::store::read::{OpenStates, Reader, SumQuery, by_key};
use app::domain::{CampaignId, Country, Dimension, Facts, Moment, Span};
use app::kpi::{KpiId, Ratio};
use chrono_tz::Tz;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Between two readings (kpis.md, `did_answer_rate`).
const EVERY: Duration = Duration::from_secs(300);
/// The first readings come sooner: an import or a demo may be filling the past.
const FIRST: [Duration; 5] = [
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(15),
    Duration::from_secs(30),
    Duration::from_secs(60),
];

/// Reads baselines until stopped. A reading that fails is told once and tried again at the next turn; the old one stays.
pub async fn keep_fresh<R: Reader>(reader: R, zone: Tz, live: LiveHandle, clock: Clock, stop: CancellationToken) {
    let mut waits = FIRST.into_iter().chain(std::iter::repeat(EVERY));
    loop {
        match read(&reader, zone, clock.now()).await {
            Ok(baselines) => {
                if live.compare_with(baselines).await.is_err() {
                    return;
                }
            }
            Err(error) => tracing::warn!(%error, "baselines could not be read; the old ones stay"),
        }
        let wait = waits.next().unwrap_or(EVERY);
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Baselines as of `now`.
///
/// # Errors
/// If the store can't be read.
pub async fn read<R: Reader>(reader: &R, zone: Tz, now: Moment) -> Result<Baselines, StoreError> {
    let mut by_campaign: HashMap<SmolStr, Facts> = HashMap::new();
    let mut dids: HashMap<SmolStr, Ratio> = HashMap::new();
    let five = Span::minutes(5);
    let (from, to) = ((now - Span::minutes(120)).floor(five), (now - Span::minutes(60)).floor(five));
    let before = SumQuery::all(Dimension::Country, Stretch { from, to }, Grain::Minutes5);
    let hours = same_hours(zone, now).into_iter().flat_map(|(from, to)| {
        [Dimension::Campaign, Dimension::Did].map(|of| SumQuery::all(of, Stretch { from, to }, Grain::Hour))
    });
    let queries: Vec<SumQuery> = std::iter::once(before).chain(hours).collect();
    let read = reader.all_series(&queries, OpenStates::LeftOut).await?;
    let mut read = queries.iter().zip(read.into_iter().map(by_key));
    let before = read.next().map(|(_, sums)| sums).unwrap_or_default();
    for (query, sums) in read {
        for (key, facts) in sums {
            if query.dimension == Dimension::Did {
                *dids.entry(key).or_default() += KpiId::DidAnswerRate.ratio(|fact| facts[fact]);
            } else {
                *by_campaign.entry(key).or_default() += &facts;
            }
        }
    }
    let ratio = |kpi: KpiId| {
        let ratio = |(key, f): (&SmolStr, &Facts)| (CampaignId::trusted(key.clone()), kpi.ratio(|fact| f[fact]));
        by_campaign.iter().map(ratio).collect()
    };
    Ok(Baselines {
        connect: ratio(KpiId::ConnectRate),
        abandon: ratio(KpiId::AbandonRate),
        dids,
        pdd: before
            .into_iter()
            .filter_map(|(key, f)| Some((Country::new(&key).ok()?, KpiId::Pdd.ratio(|fact| f[fact]))))
            .collect(),
    })
}
