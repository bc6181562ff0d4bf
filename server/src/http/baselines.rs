//! What some bands compare with, read at most once in five minutes however many ask.

use super::Api;
use super::error::ApiError;
use crate::board::baseline::Baselines;
use crate::figures::baselines::read;
use crate::store::read::Reader;
use app::domain::{Moment, Span};
use std::sync::Arc;
use tokio::sync::Mutex;

/// As long as the live view keeps its own (kpis.md, `did_answer_rate`).
const FRESH: Span = Span::minutes(5);

/// When it was read, and what.
type Dated = (Moment, Arc<Baselines>);

/// The last reading, shared by all requests. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct KeptBaselines(Arc<Mutex<Option<Dated>>>);

impl KeptBaselines {
    /// The baselines of about now. Who comes while they are being read waits for that one reading.
    ///
    /// # Errors
    /// If the store can't be read.
    pub async fn get<R: Reader>(&self, api: &Api<R>, now: Moment) -> Result<Arc<Baselines>, ApiError> {
        let mut kept = self.0.lock().await;
        if let Some((at, baselines)) = &*kept
            && now.since(*at) < FRESH
            && *at <= now
        {
            return Ok(baselines.clone());
        }
        let baselines = Arc::new(read(&api.reader, api.zone, now).await?);
        *kept = Some((now, baselines.clone()));
        Ok(baselines)
    }
}
