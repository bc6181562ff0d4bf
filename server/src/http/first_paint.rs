//! The figures of a page's first paint: the frame that its stream would begin with.

use super::error::ApiError;
use super::pages::{Found, PageRequest};
use super::query::{self, campaign_of};
use super::replay::ReplayApi;
use crate::figures::history::{DEFAULT_TREND_DAYS, History};
use crate::kit::mask::safe;
use crate::live::LiveHandle;
use crate::live::topic::View;
use crate::store::past::Past;
use crate::store::read::Reader;
use app::domain::CampaignScope;
use app::ui::pages::{Page, PageId, Place};
use app::view::Frame;
use app::view::panel::MAX_ROWS;
use axum::http::StatusCode;
use std::time::Duration;

/// A page of the past is waited for no longer: then it says so itself, within the time that any answer has.
const PUT_TOGETHER: Duration = Duration::from_secs(20);

/// The frame of the page at that address, as of the last tick.
pub async fn find<P: Past, R: Reader>(
    live: LiveHandle,
    replays: ReplayApi<P>,
    history: History<R>,
    wanted: PageRequest,
) -> Found {
    let PageRequest { address, client, audience } = wanted;
    if let (Place::Page(Page { id: PageId::Live, .. }), Some(at)) = (Place::of(&address), address.parameter("at")) {
        if audience.scope != CampaignScope::All {
            return Found::Refused(
                StatusCode::NOT_FOUND,
                "A moment of the past is of the whole floor, and your key may see some campaigns only.".into(),
            );
        }
        return match tokio::time::timeout(PUT_TOGETHER, replays.page(at, client)).await {
            Ok(Ok(frame)) => text(frame),
            // What can't be had now can be had later: that it does not exist would be false.
            Ok(Err(why)) if is_for_now(why.status()) => Found::Late(safe(&why.to_string()).into()),
            Ok(Err(why)) => Found::Refused(StatusCode::NOT_FOUND, safe(&why.to_string()).into()),
            Err(_) => Found::Late("It takes long to put together.".into()),
        };
    }
    let view = match Place::of(&address) {
        Place::Page(page) => match page.id {
            PageId::Live => View::LIVE,
            PageId::Monitor => View::Monitor,
            PageId::Daily => return day(&history, None).await,
            PageId::Trend => return days(&history, None).await,
            // They are rendered elsewhere, whole (`still`).
            PageId::Troubleshooting | PageId::Docs | PageId::Licences => return Found::NoFrame,
        },
        Place::Day(date) => return day(&history, Some(&date)).await,
        Place::Days(number) => return days(&history, Some(&number)).await,
        Place::Campaign(id) => match campaign_of(&id, live.veil()) {
            Ok(id) => View::Campaign(id),
            Err(_) => return Found::Nothing,
        },
        Place::Nothing => return Found::NoFrame,
    };
    // A campaign that nobody knows has no frame; every other view has one, or will.
    let missing = match &view {
        View::Campaign(_) => Found::Nothing,
        View::Live { .. } | View::Monitor | View::Daily | View::Trend { .. } => Found::NoFrame,
    };
    match live.view(view, audience).await {
        Ok(Ok(frame)) => text(frame.json()),
        Ok(Err(_)) => missing,
        // The page says so by itself when its stream does not begin.
        Err(crate::live::Stopped) => Found::NoFrame,
    }
}

/// The day of that date as its viewers have it; the running one where none is named.
async fn day<R: Reader>(history: &History<R>, date: Option<&str>) -> Found {
    let found = match date.map(query::date).transpose() {
        Ok(date) => history.day(date).await.map_err(ApiError::from),
        Err(why) => Err(why),
    };
    report(found.map(|frame| (*frame).clone().cut(MAX_ROWS)))
}

/// So many days as their viewers have them; as many as are usual where no number is named.
async fn days<R: Reader>(history: &History<R>, number: Option<&str>) -> Found {
    let found = match number.map_or(Ok(DEFAULT_TREND_DAYS), query::days) {
        Ok(number) => history.trend(number).await.map_err(ApiError::from),
        Err(why) => Err(why),
    };
    report(found.map(|frame| (*frame).clone().cut(MAX_ROWS)))
}

fn report(found: Result<impl Frame, ApiError>) -> Found {
    match found {
        // Plain structs with string keys: encoding can't fail.
        Ok(frame) => text(serde_json::to_vec(&frame).unwrap_or_default()),
        Err(ApiError::Query { why, .. }) => Found::Refused(StatusCode::BAD_REQUEST, safe(&why).into()),
        Err(error) => {
            tracing::warn!(%error, "a page has no figures");
            Found::Late("The figures can’t be read just now.".into())
        }
    }
}

/// Whether the same may be answered otherwise in a moment.
fn is_for_now(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}

/// A frame is JSON, so it is text.
fn text(json: Vec<u8>) -> Found {
    String::from_utf8(json).map_or(Found::NoFrame, |text| Found::Frame(text.into()))
}
