//! History: the daily and the trend view's frames, made of rollups, each at most once in five minutes for all who look.
//!
//! Owns the cache of both, and the task that hands the running day's frames to the live state's viewers. Reads the store's
//! sums by five minutes, hour and day, never a call; computing is off the live path. `daily` and `trend` make the frames,
//! `cost` divides months' amounts.

use super::{daily, trend};
use crate::clock::Clock;
use crate::law::span::{date_of, days_from};
use crate::live::topic::View;
use crate::live::{LiveHandle, Stopped};
use crate::store::StoreError;
use crate::store::audit_log::AuditLog;
use crate::store::read::Reader;
use app::domain::{Moment, Span};
use app::view::daily::DailyFrame;
use app::view::live::Site;
use app::view::panel::MAX_ROWS;
use app::view::trend::TrendFrame;
use chrono::{NaiveDate, Offset, TimeZone};
use chrono_tz::Tz;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// A frame stands until the next of these begins (S03).
pub const EVERY: Span = Span::minutes(5);
/// How many days the trend view may show.
pub const TREND_DAYS: [u32; 3] = [7, 30, 90];
/// Days of it where none are asked for (S04).
pub const DEFAULT_TREND_DAYS: u32 = 30;
/// Past days of which the frame is kept: what a meeting turns back and forth between.
const KEPT_DAYS: usize = 32;
/// The first frames come sooner: an import or a demo may be filling the past.
const FIRST: [Duration; 4] =
    [Duration::from_secs(2), Duration::from_secs(15), Duration::from_secs(45), Duration::from_secs(60)];
/// So long after a step of five minutes begins its frames are made: what was under way is in by then.
const AFTER: Span = Span::secs(3);

/// Why there is no frame.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    #[error("{0} has not begun at the site")]
    NotBegun(NaiveDate),
    #[error("the site never had a {0}")]
    NoSuchDay(NaiveDate),
    #[error("`{0}` days: there are 7, 30 and 90")]
    Days(u32),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// A number of days that the trend view may show, as it was written.
#[must_use]
pub fn trend_days(text: &str) -> Option<u32> {
    text.parse().ok().filter(|days| TREND_DAYS.contains(days))
}

/// The frames by what was asked for; each is made by one while the others wait.
type FrameCache<K, F> = Arc<Mutex<HashMap<K, Arc<Mutex<Option<Arc<F>>>>>>>;

/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct History<R> {
    pub(crate) reader: R,
    pub(crate) zone: Tz,
    pub(crate) live: LiveHandle,
    pub(crate) clock: Clock,
    /// Whose pauses and resumes the day's charts mark.
    pub(super) audit: Option<Arc<dyn AuditLog>>,
    days: FrameCache<NaiveDate, DailyFrame>,
    trends: FrameCache<u32, TrendFrame>,
}

/// Whether a frame that is there will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Demand {
    Fresh,
    New,
}

impl<R: Reader> History<R> {
    #[must_use]
    pub fn new(reader: R, zone: Tz, live: LiveHandle, clock: Clock) -> Self {
        Self { reader, zone, live, clock, audit: None, days: FrameCache::default(), trends: FrameCache::default() }
    }

    /// With the marks of that log.
    #[must_use]
    pub fn with_marks(self, audit: Arc<dyn AuditLog>) -> Self {
        Self { audit: Some(audit), ..self }
    }

    /// The whole frame of a site day: every row.
    ///
    /// # Errors
    /// If the day is none, or has not begun, or the store can't be read.
    pub async fn day(&self, date: Option<NaiveDate>) -> Result<Arc<DailyFrame>, HistoryError> {
        self.daily(date, Demand::Fresh).await
    }

    /// The whole frame of the last days: every row.
    ///
    /// # Errors
    /// If there is no such number of days, or the store can't be read.
    pub async fn trend(&self, days: u32) -> Result<Arc<TrendFrame>, HistoryError> {
        self.trended(days, Demand::Fresh).await
    }

    async fn daily(&self, date: Option<NaiveDate>, want: Demand) -> Result<Arc<DailyFrame>, HistoryError> {
        let now = self.clock.now();
        let date = date.unwrap_or_else(|| date_of(self.zone, now));
        let day = days_from(self.zone, date, 1);
        if day.from > now {
            return Err(HistoryError::NotBegun(date));
        }
        if day.from >= day.to {
            return Err(HistoryError::NoSuchDay(date));
        }
        let place = place(&self.days, date, KEPT_DAYS).await;
        let mut place = place.lock().await;
        if let (Some(frame), Demand::Fresh) = (&*place, want)
            && frame.as_of.floor(EVERY) == now.floor(EVERY)
        {
            return Ok(frame.clone());
        }
        let frame = Arc::new(daily::frame(self, date, now).await?);
        *place = Some(frame.clone());
        Ok(frame)
    }

    async fn trended(&self, days: u32, want: Demand) -> Result<Arc<TrendFrame>, HistoryError> {
        if !TREND_DAYS.contains(&days) {
            return Err(HistoryError::Days(days));
        }
        let now = self.clock.now();
        let place = place(&self.trends, days, TREND_DAYS.len()).await;
        let mut place = place.lock().await;
        if let (Some(frame), Demand::Fresh) = (&*place, want)
            && frame.as_of.floor(EVERY) == now.floor(EVERY)
        {
            return Ok(frame.clone());
        }
        let frame = Arc::new(trend::frame(self, days, now).await?);
        *place = Some(frame.clone());
        Ok(frame)
    }

    /// Makes the frames that show costs anew: who asks next, and who looks, has them with what was just told.
    pub async fn costs_were_told(&self) {
        self.trends.lock().await.clear();
        if let Err(error) = self.hand_in_trends().await {
            tracing::warn!(%error, "the trend view could not be made anew with a cost that was told");
        }
    }

    /// Where the floor is, as of an instant.
    pub(crate) fn site(&self, at: Moment) -> Site {
        let offset = self.zone.offset_from_utc_datetime(&at.to_utc().naive_utc());
        Site { zone: self.zone.name().to_owned(), utc_offset_s: offset.fix().local_minus_utc() }
    }

    /// Makes the frames of the running day and hands them to the live state's viewers, every five minutes until stopped.
    pub async fn keep_fresh(self, stop: CancellationToken) {
        let mut first = FIRST.into_iter();
        loop {
            match self.hand_in().await {
                Ok(()) => {}
                Err(HistoryError::Stopped(_)) => return,
                Err(error) => {
                    tracing::warn!(%error, "the daily and the trend view could not be made anew; the old ones stay");
                }
            }
            let now = self.clock.now();
            let turn = (now.floor(EVERY) + EVERY + AFTER) - now;
            let turn = Duration::from_millis(u64::try_from(turn.as_millis()).unwrap_or_default());
            let wait = first.next().map_or(turn, |soon| soon.min(turn));
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    async fn hand_in(&self) -> Result<(), HistoryError> {
        let day = self.daily(None, Demand::New).await?;
        self.live.hand_in(View::Daily, DailyFrame::clone(&day).cut(MAX_ROWS)).await?;
        self.hand_in_trends().await
    }

    async fn hand_in_trends(&self) -> Result<(), HistoryError> {
        for days in TREND_DAYS {
            let trend = self.trended(days, Demand::New).await?;
            self.live.hand_in(View::Trend { days }, TrendFrame::clone(&trend).cut(MAX_ROWS)).await?;
        }
        Ok(())
    }
}

/// The place of a frame. When there are too many, those that nobody waits for go.
async fn place<K: Eq + Hash, F>(kept: &FrameCache<K, F>, key: K, most: usize) -> Arc<Mutex<Option<Arc<F>>>> {
    let mut kept = kept.lock().await;
    if kept.len() >= most && !kept.contains_key(&key) {
        kept.retain(|_, place| Arc::strong_count(place) > 1);
    }
    kept.entry(key).or_default().clone()
}
