//! The figures of a page's first paint: the frame that its stream would begin with.

use super::pages::Found;
use crate::live::LiveHandle;
use crate::live::topic::View;
use app::ui::address::Address;
use app::ui::pages::{PageId, Place};

/// The frame of the page at that address, as of the last tick.
pub async fn find(live: LiveHandle, address: Address) -> Found {
    let view = match Place::of(&address) {
        Place::Page(page) => match page.id {
            PageId::Live => View::LIVE,
        },
        Place::Nothing => return Found::NoFrame,
    };
    match live.view(view).await {
        // A frame is JSON, so it is text.
        Ok(Some(frame)) => String::from_utf8(frame.json()).map_or(Found::NoFrame, |text| Found::Frame(text.into())),
        Ok(None) => Found::NoFrame,
        // The page says so by itself when its stream does not begin.
        Err(crate::live::Stopped) => Found::NoFrame,
    }
}
