//! A clock that is set back: the live state goes on at the time that it shows, with the figures of that time.
#![allow(clippy::unwrap_used)]

use crate::floor::place::{Place, on_every_store};
use app::domain::{CampaignScope, Dimension, Fact, Moment, Span, Window};
use server::board::BoardConfig;
use server::clock::Clock;
use server::ingest::{Ingest, StoreConfig, WriterStatus, open};
use server::live::{Hears, LiveHandle, start};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const NOON: &str = "2026-11-20T12:00:00Z";

on_every_store! {
    the_live_state_goes_back_with_the_clock_and_loses_nothing
    a_clock_that_jumps_and_comes_back_heals_by_itself
}

struct Site {
    clock: Clock,
    ingest: Ingest,
    live: LiveHandle,
    stop: CancellationToken,
    writer: tokio::task::JoinHandle<()>,
}

async fn site(place: &Place, clock: &Clock) -> Site {
    let (clock, stop) = (clock.clone(), CancellationToken::new());
    let config = StoreConfig { database: place.database(), zone: chrono_tz::UTC, keep_calls: Span::days(90) };
    let mut opened = open(config, clock.clone(), stop.clone()).await.unwrap();
    opened.status.wait_for(|status| *status == WriterStatus::Leading).await.unwrap();
    let hears = Hears::only(opened.changes);
    let (live, _) = start(BoardConfig::default(), clock.clone(), &opened.initial, hears, stop.clone());
    Site { clock, ingest: opened.ingest, live, stop, writer: opened.writer }
}

impl Site {
    async fn attempts(&self, window: Window) -> i64 {
        let sums = self.live.sums(Dimension::Total, window, CampaignScope::All, None).await.unwrap().unwrap();
        sums.rows.iter().map(|(_, facts)| facts[Fact::Attempts]).sum()
    }

    /// Waits for what the live state is to show as of a time.
    async fn until(&self, as_of: Moment, attempts: [i64; 2]) {
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            let seen = [self.attempts(Window::Minutes5).await, self.attempts(Window::Minutes60).await];
            if (self.live.beat().as_of, seen) == (as_of, attempts) {
                return;
            }
            assert!(Instant::now() < until, "{seen:?} as of {}", self.live.beat().as_of.to_rfc3339());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits for what the live state shows to be of a time.
    async fn is_as_of(&self, as_of: Moment) {
        let until = Instant::now() + Duration::from_secs(10);
        while self.live.beat().as_of != as_of {
            assert!(Instant::now() < until, "{} still", self.live.beat().as_of.to_rfc3339());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn end(self) {
        self.stop.cancel();
        self.writer.await.unwrap();
    }
}

async fn the_live_state_goes_back_with_the_clock_and_loses_nothing(place: Place) {
    let noon = Moment::parse(NOON).unwrap();
    let clock = Clock::by_hand(noon);
    let at = |name: &str, secs: i64| crate::floor::record(name, &(noon + Span::secs(secs)).to_rfc3339());
    let floor = site(&place, &clock).await;
    // Forty minutes ago, eleven and one.
    floor.ingest.submit(vec![at("a", -2_400), at("b", -660), at("c", -60)]).await.unwrap();
    floor.until(noon, [1, 3]).await;

    // It was ten minutes fast.
    let back = noon - Span::minutes(10);
    floor.clock.set(back);
    floor.until(back, [1, 2]).await;
    floor.ingest.submit(vec![at("d", -605)]).await.unwrap();
    floor.until(back, [2, 3]).await;
    floor.clock.advance(Span::secs(1));
    floor.until(back + Span::secs(1), [2, 3]).await;

    // What was dated ahead counts when its time comes.
    floor.clock.set(noon + Span::secs(30));
    floor.until(noon + Span::secs(30), [1, 4]).await;
    // A little is waited for.
    floor.clock.set(noon + Span::secs(29));
    floor.clock.set(noon + Span::secs(31));
    floor.until(noon + Span::secs(31), [1, 4]).await;
    floor.end().await;
    let again = site(&place, &clock).await;
    again.until(noon + Span::secs(31), [1, 4]).await;
    again.end().await;
}

async fn a_clock_that_jumps_and_comes_back_heals_by_itself(place: Place) {
    let noon = Moment::parse(NOON).unwrap();
    let clock = Clock::by_hand(noon);
    let at = |name: &str, secs: i64| crate::floor::record(name, &(noon + Span::secs(secs)).to_rfc3339());
    let floor = site(&place, &clock).await;
    floor.ingest.submit(vec![at("a", -2_400), at("b", -660), at("c", -60)]).await.unwrap();
    floor.until(noon, [1, 3]).await;
    for (n, jump) in [Span::hours(-1), Span::days(2), Span::days(-2)].into_iter().enumerate() {
        floor.clock.set(noon + jump);
        floor.is_as_of(noon + jump).await;
        if jump > Span::ZERO {
            let status = floor.live.live().await.unwrap().status.clone();
            assert!(status.silent_since.is_some(), "nothing was heard for two days: {status:?}");
        }
        floor.clock.set(noon);
        floor.is_as_of(noon).await;
        floor.ingest.submit(vec![at(&format!("d-{n}"), -3_000)]).await.unwrap();
        floor.until(noon, [1, 4 + i64::try_from(n).unwrap()]).await;
        let status = floor.live.live().await.unwrap().status.clone();
        assert_eq!((status.silent_since, status.clauses.len()), (None, 0), "{jump:?}: {status:?}");
    }
    floor.end().await;
}
