//! The panels of the live view: a file each, a question each. A panel has two halves: `show`, a pure function from the
//! frame to texts, and `view`, what stands in the page. It decides nothing: bands and counts come from the server.

mod abandon;
mod agents;
mod channels;
mod connect;
mod dids;
mod infra;
mod pdd;
mod routes;

pub use infra::kind;

use super::cells::Shown;
use super::store::Live;
use crate::view::live::LiveFrame;
use crate::view::{Keyed, PanelId};
use leptos::prelude::*;
use std::collections::HashMap;

/// What that panel says of a frame; nothing where the frame has none.
pub fn show(id: PanelId, frame: &LiveFrame) -> Shown {
    let shown = match id {
        PanelId::Channels => frame.panels.channels.as_ref().map(|panel| channels::show(panel, frame)),
        PanelId::Routes => frame.panels.routes.as_ref().map(|rows| routes::show(rows, frame)),
        PanelId::Abandon => frame.panels.abandon.as_ref().map(|rows| abandon::show(rows, frame)),
        PanelId::Connect => frame.panels.connect.as_ref().map(connect::show),
        PanelId::Dids => frame.panels.dids.as_ref().map(dids::show),
        PanelId::Agents => frame.panels.agents.as_ref().map(agents::show),
        PanelId::Pdd => frame.panels.pdd.as_ref().map(pdd::show),
        PanelId::Infra => frame.panels.infra.as_ref().map(|rows| infra::show(rows, frame)),
    };
    let shown = shown.unwrap_or_default();
    if frame.status.silent_since.is_some() { shown.without_figures() } else { shown }
}

/// The panel of that name.
pub fn view(id: PanelId, live: Live) -> AnyView {
    match id {
        PanelId::Channels => channels::view(live),
        PanelId::Routes => routes::view(live),
        PanelId::Abandon => abandon::view(live),
        PanelId::Connect => connect::view(live),
        PanelId::Dids => dids::view(live),
        PanelId::Agents => agents::view(live),
        PanelId::Pdd => pdd::view(live),
        PanelId::Infra => infra::view(live),
    }
}

/// The frame's rows in the order in which the page shows them, as many as it shows: for the drawing beside them.
fn as_shown<R: Keyed + Clone>(rows: &[R], keys: &[String], count: usize) -> Vec<R> {
    let by_key: HashMap<String, &R> = rows.iter().map(|row| (row.key(), row)).collect();
    keys.iter().take(count).filter_map(|key| by_key.get(key).map(|row| (*row).clone())).collect()
}
