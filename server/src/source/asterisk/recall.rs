//! What is known of the PBX from before, when its state is asked for: the calls that were up, and when it was last heard.
//!
//! After a start that is all there is to tell calls that went on from those that ended meanwhile.

use crate::clock::Clock;
use crate::law::samples::{SampleKey, SampleKind};
use crate::law::span::Stretch;
use crate::store::StoreError;
use crate::store::any::Store;
use crate::store::past::Past;
use crate::store::read::{FiledCall, Reader};
use app::domain::event::HealthSample;
use app::domain::outcome::Health;
use app::domain::{Moment, RealmId, SourceId};
use std::future::Future;

/// Where what was told before is kept.
pub trait Memory: Send {
    /// Calls of the PBX's realm that have not ended.
    fn up(&self) -> impl Future<Output = Result<Vec<FiledCall>, StoreError>> + Send;
    /// When anything of the PBX was last told.
    fn heard(&self) -> impl Future<Output = Result<Option<Moment>, StoreError>> + Send;
}

#[derive(Debug)]
pub struct InStore {
    pub store: Store,
    pub realm: RealmId,
    pub source: SourceId,
    pub clock: Clock,
}

impl Memory for InStore {
    async fn up(&self) -> Result<Vec<FiledCall>, StoreError> {
        self.store.up(&self.realm).await
    }

    async fn heard(&self) -> Result<Option<Moment>, StoreError> {
        let now = self.clock.now();
        let samples = self.store.samples_during(Stretch { from: now, to: now }).await?;
        let told = samples.iter().filter(|(key, body)| key.source == self.source && is_heard(key, body));
        let up = self.up().await?;
        Ok(told.map(|(key, _)| key.at).chain(up.iter().filter_map(|filed| filed.call.newest())).max())
    }
}

/// Whether the PBX was there when a sample was taken: that it is not is told too.
fn is_heard(key: &SampleKey, body: &str) -> bool {
    match key.kind {
        SampleKind::Channels | SampleKind::Trunk | SampleKind::Metric => true,
        SampleKind::Health => {
            serde_json::from_str::<HealthSample>(body).is_ok_and(|sample| sample.status != Health::Offline)
        }
    }
}
