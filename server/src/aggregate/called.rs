//! How campaigns and routes are called in every frame: as they were told to be, else by their id.

use app::domain::event::Text;
use app::domain::{Campaign, CampaignId, Route, RouteId, Told};
use smol_str::SmolStr;

#[must_use]
pub fn campaign(id: &CampaignId, told: Option<&Campaign>) -> SmolStr {
    if id.as_str().is_empty() {
        return SmolStr::new_static("no campaign");
    }
    told.and_then(|campaign| text(&campaign.name)).unwrap_or_else(|| id.to_smol())
}

#[must_use]
pub fn route(id: &RouteId, told: Option<&Route>) -> SmolStr {
    if id.as_str().is_empty() {
        return SmolStr::new_static("no route");
    }
    told.and_then(|route| text(&route.name)).unwrap_or_else(|| id.to_smol())
}

/// Whose a route is, where that was told.
#[must_use]
pub fn carrier(told: Option<&Route>) -> Option<SmolStr> {
    told.and_then(|route| text(&route.carrier))
}

fn text(told: &Told<Text>) -> Option<SmolStr> {
    told.get().map(|text| SmolStr::new(text.as_str()))
}
