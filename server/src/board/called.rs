//! How campaigns and routes are called in every frame: as they were told to be, else by their id; never by a person's number.

use crate::kit::mask::Veil;
use app::domain::event::Text;
use app::domain::{Campaign, CampaignId, LastWrite, Route, RouteId};
use smol_str::SmolStr;

#[must_use]
pub fn campaign(id: &CampaignId, told: Option<&Campaign>, veil: &Veil) -> SmolStr {
    if id.as_str().is_empty() {
        return SmolStr::new_static("no campaign");
    }
    told.and_then(|campaign| title(&campaign.name, id.as_str(), veil)).unwrap_or_else(|| veil.id(id.as_str()))
}

#[must_use]
pub fn route(id: &RouteId, told: Option<&Route>, veil: &Veil) -> SmolStr {
    if id.as_str().is_empty() {
        return SmolStr::new_static("no route");
    }
    told.and_then(|route| title(&route.name, id.as_str(), veil)).unwrap_or_else(|| veil.id(id.as_str()))
}

/// Whose a route is, where that was told.
#[must_use]
pub fn carrier(told: Option<&Route>, veil: &Veil) -> Option<SmolStr> {
    told.and_then(|route| title(&route.carrier, "", veil))
}

fn title(told: &LastWrite<Text>, id: &str, veil: &Veil) -> Option<SmolStr> {
    told.get().map(|text| veil.title(text.as_str(), id))
}
