//! The board's names and texts as they are shown: what sources wrote goes through the veil here, once a row.
//!
//! How campaigns and routes are called is veiled where it is looked up (`called`), and what else rows of campaigns, routes and
//! numbers show where they are made: most of those are kept from tick to tick.

use super::rows::Rows;
use crate::kit::mask::Veil;
use crate::law::change::Change;
use app::domain::{CampaignId, ComponentId, TrunkId};
use app::view::monitor::CampaignCard;
use smol_str::SmolStr;

/// What a commit tells of whose numbers are whose; and whether it told of any, which may veil what was shown before.
pub(super) fn learn(veil: &Veil, change: &Change) -> bool {
    let mut own = change.dids.iter().filter(|(_, did)| did.status.get().is_some()).map(|(number, _)| number).peekable();
    let told = !change.persons.is_empty() || own.peek().is_some();
    veil.persons(&change.persons);
    veil.own(own);
    told
}

macro_rules! veil_ids {
    ($veil:expr, $($id:ident of $rows:expr => $type:ident),* $(,)?) => {
        $(for row in &mut $rows { row.$id = $type::trusted($veil.id(row.$id.as_str())); })*
    };
}

pub(super) fn rows(veil: &Veil, rows: &mut Rows) {
    veil_ids!(veil, campaign of rows.agents => CampaignId, component of rows.infra => ComponentId, trunk of rows.trunks => TrunkId);
    for (reason, _) in rows.agents.iter_mut().flat_map(|row| &mut row.breaks) {
        *reason = veil.text(reason);
    }
    for row in &mut rows.infra {
        text(veil, &mut row.detail);
        text(veil, &mut row.link);
    }
}

pub(super) fn card(veil: &Veil, card: &mut CampaignCard) {
    card.campaign = CampaignId::trusted(veil.id(card.campaign.as_str()));
    card.destination = card.destination.take().map(|label| veil.title(&label, card.campaign.as_str()));
    if let Some(paused) = &mut card.paused {
        text(veil, &mut paused.reason);
    }
    if let Some(control) = &mut card.control {
        text(veil, &mut control.why);
    }
}

/// Free text.
pub(super) fn text(veil: &Veil, text: &mut Option<SmolStr>) {
    *text = text.take().map(|text| veil.text(&text));
}
