//! What `ringside demo` adds to a server: a simulated floor as one more source, and the routes that switch its scenarios.

use crate::control::noted::NotedLog;
use crate::http::scenarios::demo_router;
use crate::source::feed::WayIn;
use crate::source::simulator::DialSwitches;
use crate::source::simulator::drive::{Hands, Opening, demo};
use crate::store::audit_log::AuditLog;
use crate::store::read::Reader;
use anyhow::Context;
use axum::Router;
use tokio::task::JoinHandle;

/// Starts the floor, which its dialers' switches pause and resume; what was done about its past goes into the audit log.
///
/// # Errors
/// If the store can't be read, or the audit log not written.
pub async fn start(
    way_in: WayIn,
    opening: Opening,
    dialers: DialSwitches,
    store: &impl Reader,
    audit: &NotedLog,
) -> anyhow::Result<(JoinHandle<()>, Router)> {
    let hands = Hands { dialers, ..Hands::default() };
    let routes = demo_router(hands.scenarios.clone(), hands.telling.clone());
    let now = way_in.clock.now();
    let opening = opening.going_on(store, now).await.context("cannot read the store")?;
    let marks = opening.marks(way_in.clock.now());
    if !marks.is_empty() {
        audit.append(&marks).await.context("cannot write the past into the audit log")?;
    }
    Ok((tokio::spawn(demo(way_in, opening, hands)), routes))
}
