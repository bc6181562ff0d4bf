//! Where the frames come from that pictures are made of: the live state, and history.

use crate::figures::history::History;
use crate::http::error::ApiError;
use crate::live::LiveHandle;
use crate::store::read::Reader;
use app::view::daily::DailyFrame;
use app::view::live::LiveFrame;
use app::view::trend::TrendFrame;
use chrono::NaiveDate;
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// Where the current frame comes from.
pub trait FrameSource: Send + Sync + 'static {
    fn frame(&self) -> BoxFuture<'static, Result<Arc<LiveFrame>, ApiError>>;
}

impl FrameSource for LiveHandle {
    fn frame(&self) -> BoxFuture<'static, Result<Arc<LiveFrame>, ApiError>> {
        let live = self.clone();
        Box::pin(async move { Ok(live.live().await?) })
    }
}

/// Where the frames of days come from.
pub trait PastSource: Send + Sync + 'static {
    fn day(&self, date: Option<NaiveDate>) -> BoxFuture<'static, Result<Arc<DailyFrame>, ApiError>>;
    fn days(&self, days: u32) -> BoxFuture<'static, Result<Arc<TrendFrame>, ApiError>>;
}

impl<R: Reader> PastSource for History<R> {
    fn day(&self, date: Option<NaiveDate>) -> BoxFuture<'static, Result<Arc<DailyFrame>, ApiError>> {
        let history = self.clone();
        Box::pin(async move { Ok(Self::day(&history, date).await?) })
    }

    fn days(&self, days: u32) -> BoxFuture<'static, Result<Arc<TrendFrame>, ApiError>> {
        let history = self.clone();
        Box::pin(async move { Ok(history.trend(days).await?) })
    }
}
