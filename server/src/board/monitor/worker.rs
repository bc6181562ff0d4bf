//! The dialer's workers (S52): whether campaigns can go on.

use super::Area;
use crate::board::count;
use crate::board::floor::Floor;
use crate::board::memory::Memory;
use crate::board::rows::severity;
use crate::board::samples::Component;
use app::domain::ComponentId;
use app::domain::outcome::{ComponentKind, Health};
use app::kpi::{Band, format};
use app::view::monitor::WorkerHealth;
use smol_str::{SmolStr, format_smolstr};

/// Every worker that ever told of itself, or was polled.
pub(super) fn workers(floor: &Floor) -> Vec<Component<'_>> {
    let mut all = floor.samples.components(floor.told_to());
    all.retain(|component| component.sample.body.kind == ComponentKind::DialerWorker);
    all
}

/// The worst of the workers.
pub(super) fn worst_of(all: &[Component<'_>], floor: &Floor, seen: &Memory<Area>) -> WorkerHealth {
    let veil = &floor.config.veil;
    let is_now = floor.presence().is_now();
    let offline = all.iter().filter(|worker| worker.status == Health::Offline).count();
    let worst = all.iter().rev().max_by_key(|worker| severity(worker.status));
    let band = worst.filter(|_| is_now).map_or(Band::None, |worker| severity(worker.status));
    let body = worst.map(|worker| &worker.sample.body);
    WorkerHealth {
        status: worst.map(|worker| worker.status),
        heard: worst.map(|worker| worker.heard),
        component: body.map(|b| ComponentId::trusted(veil.id(b.component.as_str()))),
        at: worst.and_then(|worker| worker.answered),
        latency_us: body.and_then(|b| b.latency_ms).filter(|ms| ms.is_finite()).map(micros),
        detail: body.and_then(|b| b.detail.as_ref()).map(|d| veil.text(d.as_str())),
        workers: count(all.len()),
        offline: count(offline),
        band,
        since: seen.since(Area::Worker, "", band),
        warning: warning(offline, all.len()).filter(|_| is_now),
    }
}

#[allow(clippy::cast_possible_truncation)] // saturates, by the language
fn micros(ms: f64) -> i64 {
    (ms * 1_000.0).round() as i64
}

fn warning(offline: usize, workers: usize) -> Option<SmolStr> {
    match offline {
        0 => None,
        _ if workers == 1 => Some("The dialer worker is offline: campaigns do not progress until it is back.".into()),
        n if n == workers => {
            Some("All dialer workers are offline: campaigns do not progress until one is back.".into())
        }
        n => {
            let [n, workers] = [n, workers].map(|n| format::count(count(n)));
            Some(format_smolstr!("{n} of {workers} dialer workers are offline: their campaigns do not progress."))
        }
    }
}
