//! `GET /api/v1/replay` and `/api/v1/replay/stream`: the live view as it was, once or as it went on.
//!
//! A replay is its viewer's own: each stream holds a board, a seat (`seats::MAX_REPLAYS`), and ends with its viewer. An
//! event's id is the moment it shows, so that a viewer who comes back goes on where it left off. It catches up with the
//! present at most.

pub mod parked;
pub mod seats;

use super::error::{ApiError, TRY_AGAIN};
use super::query::{self, Params};
use super::stream::StreamError;
use crate::access::clients::{Clients, Kind};
use crate::access::proxies::Client;
use crate::board::BoardConfig;
use crate::clock::Clock;
use crate::figures::replay::Replay;
use crate::kit::lane::Lane;
use crate::live::topic::Cadence;
use crate::store::StoreError;
use crate::store::past::Past;
use crate::store::read::Dids;
use app::domain::{CampaignId, Moment, Span};
use app::kpi::format;
use app::view::live::LiveFrame;
use app::view::{Frame, PanelId};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Extension, Query, Request, State};
use axum::http::{HeaderMap, HeaderName, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use chrono::{LocalResult, NaiveDate, NaiveDateTime, TimeZone};
use chrono_tz::Tz;
use serde::Serialize;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

use parked::Parked;
use seats::{Busy, Replays, Seat};

/// The fastest a replay goes: an hour in a minute.
pub const FASTEST: u32 = 60;
/// A replay is looked at from at least this far back: nearer is the live view.
const NEAREST: Span = Span::secs(10);
const FRAME_PARAMETERS: &[&str] = &["at", "panel", "campaign"];
const STREAM_PARAMETERS: &[&str] = &["view", "at", "speed", "every", "panel", "campaign", "last_event_id"];
/// A line at least this often keeps proxies from closing the stream (contract.md: each 15 s).
const LINE: Duration = Duration::from_secs(10);
/// What goes faster than it went is shown at least this often, or its steps would skip what is to be seen.
const FAST_BEAT: Span = Span::secs(1);

/// What replays are made with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ReplayApi<P> {
    pub store: P,
    pub board: BoardConfig,
    pub clock: Clock,
    /// Calls are kept for this long; before that there is nothing to show.
    pub keep_calls: Span,
    pub replays: Replays,
    /// Those of first paints, whose streams are still to come.
    pub parked: Parked<P>,
    pub clients: Arc<Clients>,
    /// Where boards of the past are made and go on.
    pub lane: Lane,
    pub stopping: CancellationToken,
}

/// The routes of replays.
pub fn replay_router<P: Past>(api: ReplayApi<P>) -> Router {
    Router::new()
        .route("/api/v1/replay", get(one::<P>))
        .route("/api/v1/replay/stream", get(stream::<P>))
        .with_state(api)
}

/// Sends who asks the live view's addresses for a past moment (`at=`) to the replay's.
pub async fn divert(request: Request, next: Next) -> Response {
    let to = match request.uri().path() {
        "/api/v1/stream" => "/api/v1/replay/stream",
        "/api/v1/views/live" => "/api/v1/replay",
        _ => return next.run(request).await,
    };
    let query = request.uri().query().unwrap_or_default();
    if query.split('&').any(|pair| pair.starts_with("at=")) {
        return Redirect::temporary(&format!("{to}?{query}")).into_response();
    }
    next.run(request).await
}

impl<P: Past> ReplayApi<P> {
    /// The frame of a page that asks for a past moment, as JSON; `at` as it stands in the page's address. The page's
    /// stream will go on with the same replay.
    ///
    /// # Errors
    /// See [`Self::moment`] and [`Self::open`].
    pub async fn page(&self, at: &str, client: Client) -> Result<Vec<u8>, ApiError> {
        let wrong = |why: String| ApiError::Query { parameter: "at", why };
        let address: Uri = format!("/?at={at}").parse().map_err(|_| wrong("is no part of an address".to_owned()))?;
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&address).map_err(|e| wrong(e.body_text()))?;
        let at = pairs.first().map_or("", |(_, at)| at.as_str());
        let at = self.moment(at)?;
        let (replay, seat) = self.open(at, client).await?;
        if replay.frame().newest_event.is_none() {
            return Err(ApiError::NotFound(NOTHING_RECORDED.to_owned()));
        }
        let frame = encode(replay.frame());
        self.parked.leave(at, replay, seat);
        Ok(frame)
    }

    /// A past moment in RFC 3339, or as the site's clock shows it.
    ///
    /// # Errors
    /// If it can't be read, does not lie in the past, or nothing is kept of it any more.
    pub fn moment(&self, text: &str) -> Result<Moment, ApiError> {
        let wrong = |why: String| ApiError::Query { parameter: "at", why };
        let at = query::moment("at", text)
            .ok()
            .or_else(|| at_the_site(text, self.board.zone))
            .ok_or_else(|| wrong(format!("`{}` is no moment: write 2026-11-20T14:32:00, or with an offset", text)))?;
        let now = self.clock.now();
        if at > now - NEAREST {
            return Err(wrong("this moment is not past: see the live view".to_owned()));
        }
        if at < now - self.keep_calls {
            let days = self.keep_calls.as_secs() / Span::days(1).as_secs();
            let kept = format::counted(days, "day", "days");
            return Err(wrong(format!("calls are kept for {kept}, and this moment is before that")));
        }
        Ok(at)
    }

    /// The view as it was, on a seat of its own; that of a first paint, where one waits.
    ///
    /// # Errors
    /// If there are too many replays, of all or of this client, or the store can't be read.
    pub async fn open(&self, at: Moment, client: Client) -> Result<(Replay<P>, Seat), ApiError> {
        if let Some(waiting) = self.parked.take(at) {
            return Ok(waiting);
        }
        let held = self.clients.take(client, Kind::Replay).or_else(|reached| {
            // What this client looked at before, and did not come for.
            self.parked.give_up_one_of(client);
            self.clients.take(client, Kind::Replay).map_err(|_| reached)
        })?;
        if self.replays.is_full() {
            self.parked.give_up_one();
        }
        let seat = self.replays.take(held).map_err(|Busy| ApiError::Busy(BUSY))?;
        let replay = Replay::open(self.store.clone(), self.board.clone(), at).await?;
        match replay.calls_not_kept() {
            Some(counted) => {
                Err(ApiError::NotFound(not_kept(counted, at.to_utc().with_timezone(&self.board.zone).date_naive())))
            }
            None => Ok((replay, seat)),
        }
    }

    /// Whether anybody has told of a campaign until today. One that came later than the moment shown has a frame with
    /// nothing in it; one that never came is a slip of the pen.
    async fn knows(&self, campaign: &CampaignId) -> Result<bool, StoreError> {
        let settings = self.store.settings(Dids::Without).await?;
        let told = settings.campaigns.iter().any(|(id, _)| id == campaign);
        Ok(told || self.store.first_call(campaign).await?.is_some())
    }
}

const NOTHING_RECORDED: &str = "nothing is recorded of it: no call, no agent and no sample of this moment or of the two hours before; the first may have come later";

/// Of days whose calls were never kept, as of a demo's past.
fn not_kept(counted: i64, day: NaiveDate) -> String {
    let calls = format::counted(counted, "call", "calls");
    format!("its calls are not kept, only their sums ({calls} in the hours around it): see its day, /daily?date={day}")
}

const BUSY: &str = "as many moments of the past are being looked at as may be; try again when one of them is closed";

/// `2026-11-20T14:32:00` (or without the seconds) on the site's clock. Of a time that comes twice it is the first, of one
/// that clocks skip there is none.
fn at_the_site(text: &str, zone: Tz) -> Option<Moment> {
    let local =
        ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"].iter().find_map(|f| NaiveDateTime::parse_from_str(text, f).ok())?;
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(Moment::from_micros(at.timestamp_micros())),
        LocalResult::None => None,
    }
}

/// What of the view is asked for.
#[derive(Debug, Clone)]
struct Narrow {
    panel: Option<PanelId>,
    campaign: Option<CampaignId>,
}

impl Narrow {
    async fn read<P: Past>(api: &ReplayApi<P>, params: &Params) -> Result<Self, ApiError> {
        let panels = || PanelId::ALL.iter().map(|p| p.word()).collect();
        let narrow = Self { panel: params.word("panel", PanelId::from_word, panels)?, campaign: params.campaign()? };
        match &narrow.campaign {
            Some(campaign) if !api.knows(campaign).await? => Err(StreamError::NoCampaign(campaign.to_string()).into()),
            Some(_) | None => Ok(narrow),
        }
    }

    fn of<P: Past>(&self, replay: &Replay<P>) -> LiveFrame {
        let whole = match &self.campaign {
            None => replay.frame().clone(),
            Some(campaign) => replay.of_campaign(campaign),
        };
        match self.panel {
            None => whole,
            Some(panel) => whole.narrowed(panel),
        }
    }
}

fn at_of<P: Past>(api: &ReplayApi<P>, params: &Params) -> Result<Moment, ApiError> {
    let missing = || ApiError::Query { parameter: "at", why: "is missing: which moment?".to_owned() };
    api.moment(params.get("at").ok_or_else(missing)?)
}

async fn one<P: Past>(
    State(api): State<ReplayApi<P>>,
    Extension(client): Extension<Client>,
    params: Params,
) -> Result<Response, ApiError> {
    let params = params.only(FRAME_PARAMETERS)?;
    let narrow = Narrow::read(&api, &params).await?;
    let (replay, _seat) = api.open(at_of(&api, &params)?, client).await?;
    let json = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((json, encode(&narrow.of(&replay))).into_response())
}

async fn stream<P: Past>(
    State(api): State<ReplayApi<P>>,
    Extension(client): Extension<Client>,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let params = params.only(STREAM_PARAMETERS)?;
    if params.get("view").is_some_and(|view| view != "live") {
        return Err(ApiError::Query { parameter: "view", why: "only the live view can be replayed".to_owned() });
    }
    let narrow = Narrow::read(&api, &params).await?;
    let cadences = || Cadence::ALL.iter().map(|c| c.word()).collect();
    let every = params.word("every", Cadence::from_word, cadences)?.unwrap_or(Cadence::S1);
    let speed = speed_of(&params)?;
    let left_off = headers.get("last-event-id").and_then(|id| id.to_str().ok()).or(params.get("last_event_id"));
    let at = match left_off {
        Some(id) => api.moment(id)?,
        None => at_of(&api, &params)?,
    };
    let lane = api.lane.clone();
    let opens = api.clone();
    let (replay, seat) = lane.run(async move { opens.open(at, client).await }).await?;
    let body = Body::from_stream(lane.stream(events(api, replay, seat, narrow, every, speed)));
    let kind = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-cache, no-transform"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((kind, body).into_response())
}

fn speed_of(params: &Params) -> Result<u32, ApiError> {
    let Some(text) = params.get("speed") else { return Ok(1) };
    text.parse().ok().filter(|speed| *speed <= FASTEST).ok_or_else(|| ApiError::Query {
        parameter: "speed",
        why: format!("`{}` is not a number from 0 (it stands still) to {FASTEST}", text),
    })
}

fn events<P: Past>(
    api: ReplayApi<P>,
    replay: Replay<P>,
    seat: Seat,
    narrow: Narrow,
    every: Cadence,
    speed: u32,
) -> impl futures_util::Stream<Item = Result<Bytes, Infallible>> {
    async_stream::stream! {
        let mut shown = narrow.of(&replay);
        yield Ok(Bytes::from_static(b"retry: 1000\n\n"));
        yield Ok(event(replay.now(), "snapshot", &shown));
        let at = replay.now();
        // What stands still needs neither board nor seat: others may look meanwhile, however long it stands.
        let mut moving = (speed > 0).then_some((replay, seat));
        let beat = if speed > 1 { every.span().min(FAST_BEAT) } else { every.span() };
        let step = Span::millis(beat.as_millis() * i64::from(speed));
        let mut pace = Pace::of(Duration::from_millis(beat.as_millis().unsigned_abs()));
        loop {
            tokio::select! {
                () = api.stopping.cancelled() => break,
                () = tokio::time::sleep(pace.wait()) => {}
            }
            match pace.waited() {
                Due::Line => {
                    yield Ok(Bytes::from_static(b": still here\n\n"));
                    continue;
                }
                Due::Beat => {}
            }
            let Some((replay, _seat)) = &mut moving else {
                yield Ok(event(at, "delta", &shown.delta(&shown)));
                continue;
            };
            let to = (replay.now() + step).min(api.clock.now() - NEAREST);
            if let Err(error) = replay.step(to).await {
                tracing::warn!(%error, "a replay could not go on");
                pace.left = TRY_AGAIN;
                continue;
            }
            let frame = narrow.of(replay);
            yield Ok(event(replay.now(), "delta", &shown.delta(&frame)));
            shown = frame;
        }
        yield Ok(Bytes::from_static(b"event: bye\ndata: {}\n\n"));
    }
}

/// When a stream says something: at each beat, and between slow ones a line.
#[derive(Debug)]
struct Pace {
    beat: Duration,
    /// Until the next beat.
    left: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    Line,
    Beat,
}

impl Pace {
    const fn of(beat: Duration) -> Self {
        Self { beat, left: beat }
    }

    fn wait(&self) -> Duration {
        self.left.min(LINE)
    }

    /// What is due once that has passed.
    fn waited(&mut self) -> Due {
        self.left = self.left.saturating_sub(LINE);
        if self.left.is_zero() {
            self.left = self.beat;
            Due::Beat
        } else {
            Due::Line
        }
    }
}

fn event(at: Moment, name: &str, what: &impl Serialize) -> Bytes {
    let mut event = format!("id: {}\nevent: {name}\ndata: ", at.to_rfc3339()).into_bytes();
    event.extend_from_slice(&encode(what));
    event.extend_from_slice(b"\n\n");
    Bytes::from(event)
}

/// Frames are plain structs with string keys: encoding them can't fail.
fn encode(what: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(what).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn slow_beats_have_a_line_between_at_least_each_fifteen_seconds() {
        for every in Cadence::ALL {
            let beat = Duration::from_millis(every.span().as_millis().unsigned_abs());
            let (mut pace, mut passed) = (Pace::of(beat), Duration::ZERO);
            for _ in 0..20 {
                assert!(pace.wait() <= Duration::from_secs(15), "{every:?}");
                passed += pace.wait();
                let is_beat = passed.as_millis().is_multiple_of(beat.as_millis());
                assert_eq!(pace.waited() == Due::Beat, is_beat, "{every:?} after {passed:?}");
            }
        }
    }

    #[test]
    fn a_moment_on_the_sites_clock_is_the_first_of_two_and_none_where_clocks_skip() {
        let zone = Tz::Europe__Paris;
        let at = |text| at_the_site(text, zone).map(Moment::to_rfc3339);
        assert_eq!(at("2026-11-20T14:32:00").unwrap(), "2026-11-20T13:32:00Z");
        assert_eq!(at("2026-11-20T14:32").unwrap(), "2026-11-20T13:32:00Z");
        assert_eq!(at("2026-10-25T02:30:00").unwrap(), "2026-10-25T00:30:00Z");
        assert_eq!(at("2026-03-29T02:30:00"), None);
        assert_eq!(at("yesterday"), None);
    }
}
