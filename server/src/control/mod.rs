//! Pause and resume, out to the dialer.
//!
//! `machine` says what follows from what for a `request`, and is pure; `task` is the one task that owns a machine for each campaign,
//! writes every step into the audit log before it acts on it, asks the dialer by an `adapter`, and listens for its word.
//! What it knows is told as [`Controls`] to whoever watches: the frames of the monitor, and the API.
//!
//! It does not own the campaign's status, which is the dialer's word and comes in by `campaign.updated`.

pub mod adapter;
pub mod chain;
pub mod config;
pub mod exports;
pub mod machine;
mod memory;
pub mod noted;
pub mod request;
mod task;

use crate::clock::Clock;
use crate::live::LiveHandle;
use crate::store::StoreError;
use crate::store::audit_log::AuditLog;
use crate::telemetry::{Metrics, counters};
use adapter::Dialers;
use app::domain::control::{Action, Control, Controls};
use app::domain::outcome::CampaignStatus;
use app::domain::{CampaignId, Moment};
use machine::AskOutcome;
use smol_str::SmolStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Requests that wait for the task; each takes one commit of the audit log.
const REQUESTS: usize = 256;

/// What somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlOrder {
    pub campaign: CampaignId,
    pub action: Action,
    /// A key's name, or `loopback`.
    pub who: SmolStr,
    /// The address that the request came from.
    pub from: SmolStr,
    /// What the client names its request by: sent again, it is the same request.
    pub idempotency_key: Option<SmolStr>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlReceipt {
    pub as_of: Moment,
    /// The request that stands for it, as the audit log knows it.
    pub request: Option<SmolStr>,
    pub result: Outcome,
    /// How the newest request for the campaign stands.
    pub control: Option<Control>,
    /// What the dialer last said of the campaign.
    pub status: Option<CampaignStatus>,
}

/// What asking led to, as the API tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A request of its own, on its way to the dialer or next in line.
    Requested,
    /// The same is under way or done.
    Same,
    /// The dialer says that it is so already.
    Already,
    /// This very request came before, by its idempotency key.
    Replayed,
}

impl From<AskOutcome> for Outcome {
    fn from(asked: AskOutcome) -> Self {
        match asked {
            AskOutcome::Requested => Self::Requested,
            AskOutcome::Same => Self::Same,
            AskOutcome::Already => Self::Already,
        }
    }
}

/// Why nothing was asked of the dialer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    #[error("no campaign `{0}` is known here")]
    NoCampaign(CampaignId),
    #[error("the dialer says that the campaign has ended")]
    Ended,
    #[error(
        "no dialer is configured to be asked for this campaign; see `[[control.http]]` and `[[control.vicidial]]` in the configuration"
    )]
    NoDialer,
    #[error("this Idempotency-Key came before with another campaign or action")]
    KeyReused,
    #[error("too many requests; try again in {} s", .0.as_secs().max(1))]
    TooMany(Duration),
    /// Without it nothing is asked.
    #[error("the audit log can't be written: nothing was asked of the dialer")]
    NoAudit(#[source] StoreError),
    #[error("the server is stopping")]
    Stopping,
}

counters! {
    /// What is counted of control.
    pub struct ControlCounters {
        requests: counter "ringside_control_requests", "Requests to pause or resume a campaign";
        repeated: counter "ringside_control_repeated", "Asked for again, or for what was so already";
        orders: counter "ringside_control_orders", "Requests that went out to a dialer";
        confirmed: counter "ringside_control_confirmed", "Requests that the dialer confirmed";
        refused: counter "ringside_control_refused", "Requests that the dialer refused, or that did not reach it";
        timed_out: counter "ringside_control_timed_out", "Requests on which no word came in time";
        limited: counter "ringside_control_limited", "Refused because somebody asked too often";
        unwritten: gauge "ringside_control_unwritten", "Steps not yet in the audit log because it can't be written";
    }
}

/// A request on its way to the task.
struct Ask {
    wanted: ControlOrder,
    reply: oneshot::Sender<Result<ControlReceipt, AskError>>,
}

/// The way to it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ControlHandle {
    to: mpsc::Sender<Ask>,
    /// The newest request of each campaign, however long ago.
    last: watch::Receiver<Arc<Controls>>,
    dialers: Dialers,
    audit: Arc<dyn AuditLog>,
}

impl ControlHandle {
    /// Asks the dialer for something, or finds that there is nothing to ask. What is told is in the audit log by then.
    ///
    /// # Errors
    /// If nothing was asked.
    pub async fn ask(&self, wanted: ControlOrder) -> Result<ControlReceipt, AskError> {
        let (reply, answer) = oneshot::channel();
        self.to.send(Ask { wanted, reply }).await.map_err(|_| AskError::Stopping)?;
        answer.await.map_err(|_| AskError::Stopping)?
    }

    /// The newest request of a campaign, however long ago.
    #[must_use]
    pub fn last(&self, campaign: &CampaignId) -> Option<Control> {
        self.last.borrow().get(campaign).cloned()
    }

    /// By what a campaign's dialer is asked, if by anything.
    #[must_use]
    pub fn adapter(&self, campaign: &CampaignId) -> Option<&'static str> {
        self.dialers.of(campaign).map(|adapter| adapter.name())
    }

    #[must_use]
    pub const fn audit(&self) -> &Arc<dyn AuditLog> {
        &self.audit
    }
}

/// Where the task tells what cards show. The other end goes to the live state.
#[must_use]
pub fn channel() -> (watch::Sender<Arc<Controls>>, watch::Receiver<Arc<Controls>>) {
    watch::channel(Arc::default())
}

/// What control is started with.
#[derive(Debug)]
pub struct Parts {
    pub dialers: Dialers,
    pub audit: Arc<dyn AuditLog>,
    pub live: LiveHandle,
    pub clock: Clock,
    pub told: watch::Sender<Arc<Controls>>,
}

/// Reads from the audit log what was under way, and starts the task.
///
/// # Errors
/// If the audit log can't be read.
pub async fn start(
    parts: Parts,
    metrics: &Metrics,
    stop: CancellationToken,
) -> Result<(ControlHandle, JoinHandle<()>), StoreError> {
    let counters = Arc::new(ControlCounters::default());
    metrics.watch({
        let counters = counters.clone();
        move || counters.readings()
    });
    let (to, asks) = mpsc::channel(REQUESTS);
    let (last_told, last) = watch::channel(Arc::default());
    let handle = ControlHandle { to, last, dialers: parts.dialers.clone(), audit: parts.audit.clone() };
    let task = task::Task::new(parts, last_told, counters).await?;
    Ok((handle, tokio::spawn(task.run(asks, stop))))
}
