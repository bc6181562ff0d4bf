//! The machines behind the floor, as their watchers tell.

use super::whole;
use crate::board::floor::Floor;
use app::domain::outcome::Health;
use app::kpi::Band;
use app::view::live::ComponentRow;
use smol_str::SmolStr;

pub(super) fn component_rows(floor: &Floor) -> Vec<ComponentRow> {
    floor
        .samples
        .components(floor.told_to())
        .into_iter()
        .map(|c| {
            let body = &c.sample.body;
            let told = body.link.as_ref().map(|l| SmolStr::new(l.as_str()));
            let metric = |name: &str| floor.samples.metric_of(&body.component, name);
            let share = |name: &str| metric(name).map(|v| whole(v * 10_000.0));
            ComponentRow {
                component: body.component.clone(),
                kind: body.kind,
                status: c.status,
                heard: c.heard,
                at: c.sample.at,
                latency_us: body.latency_ms.filter(|ms| ms.is_finite()).map(|ms| whole(ms * 1_000.0)),
                detail: body.detail.as_ref().map(|d| SmolStr::new(d.as_str())),
                link: told.filter(is_web_link).or_else(|| floor.config.links.get(&body.component).cloned()),
                cpu: share("cpu"),
                memory: share("memory"),
                disk: share("disk"),
                net_in: metric("net_in").map(whole),
                net_out: metric("net_out").map(whole),
                load_band: Band::None,
                band: severity(c.status),
                since: None,
            }
        })
        .collect()
}

pub(in crate::board) const fn severity(health: Health) -> Band {
    match health {
        Health::Healthy => Band::Ok,
        Health::Degraded => Band::Warn,
        Health::Offline => Band::Critical,
    }
}

/// Only what a browser opens as a page may become a link.
fn is_web_link(link: &SmolStr) -> bool {
    link.starts_with("https://") || link.starts_with("http://")
}
