//! `/panel/{panel}.svg` and `/panel/{panel}.png`: a panel of the live, the daily or the trend view as a picture, for mails,
//! chats and walls.
//!
//! Owns the route, and how many pictures are drawn at once; `wanted` reads what is asked for, `frames` says where the figures
//! come from, and `kept` keeps those of the live view until the board's next tick. What a picture shows is
//! [`app::chart::picture`]'s, the figures are the frame's, in which far-end numbers never occur.

mod frames;
mod kept;
pub(crate) mod wanted;

use crate::http::error::ApiError;
use crate::telemetry::{Metrics, counters};
use app::chart::{ChartError, Drawing, Picture, bitmap, svg};
use app::domain::Moment;
use app::ui::FloorKind;
use app::ui::still::picture;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
pub use frames::{FrameSource, PastSource};
use kept::PictureCache;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;
pub use wanted::{DEFAULT_SIZE, HEIGHTS, SCALES, WIDTHS, panels};
use wanted::{Format, Panel, PictureRequest};

/// Pictures drawn at once. One keeps memory and the processor for the calls; it takes milliseconds.
const DRAWN_AT_ONCE: usize = 1;
/// Requests that may wait for their picture: each holds a connection. More are told to come again.
const MOST_WAITING: usize = 32;

/// Pictures of all panels of the frames of `source` and `past`; those of a demo say so.
pub fn panel_router<S>(
    source: impl FrameSource,
    past: impl PastSource,
    floor: FloorKind,
    metrics: &Metrics,
) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let counts = Arc::new(Counts::default());
    let counted = counts.clone();
    metrics.watch(move || counted.readings());
    let pictures = Pictures {
        source: Arc::new(source),
        past: Arc::new(past),
        floor,
        drawing: Arc::new(Semaphore::new(DRAWN_AT_ONCE)),
        waiting: Arc::new(Semaphore::new(MOST_WAITING)),
        kept: Arc::default(),
        counts,
    };
    Router::new().route("/panel/{file}", get(answer)).with_state(pictures)
}

#[derive(Clone)]
struct Pictures {
    source: Arc<dyn FrameSource>,
    past: Arc<dyn PastSource>,
    floor: FloorKind,
    drawing: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    kept: Arc<Mutex<PictureCache>>,
    counts: Arc<Counts>,
}

counters! {
    /// What is counted of pictures.
    struct Counts {
        drawn: counter "ringside_pictures_drawn", "Pictures of panels drawn";
        reused: counter "ringside_pictures_reused", "Pictures answered with one of the same tick";
        refused: counter "ringside_pictures_refused", "Pictures refused because too many waited";
        failed: counter "ringside_pictures_failed", "Pictures that could not be drawn";
    }
}

impl Pictures {
    fn kept(&self, as_of: Moment, wanted: &PictureRequest) -> Option<Bytes> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(as_of, wanted);
        if kept.is_some() {
            self.counts.reused.add(1);
        }
        kept
    }

    /// `tick` is that of the live view's pictures: they are kept until the next.
    async fn get(&self, tick: Option<Moment>, wanted: PictureRequest, make: Make) -> Result<Bytes, ApiError> {
        let kept = || tick.and_then(|tick| self.kept(tick, &wanted));
        if let Some(picture) = kept() {
            return Ok(picture);
        }
        let Ok(_place) = self.waiting.try_acquire() else {
            self.counts.refused.add(1);
            return Err(ApiError::Busy("too many pictures are waited for"));
        };
        let failed = || ApiError::Busy("the picture could not be drawn");
        // Goes with the drawing: a viewer who leaves does not let two be drawn at once.
        let turn = self.drawing.clone().acquire_owned().await.map_err(|_| failed())?;
        // Somebody before us may have wanted the same.
        if let Some(picture) = kept() {
            return Ok(picture);
        }
        let floor = self.floor;
        let drawing = tokio::task::spawn_blocking(move || {
            let picture = draw(&make(floor), wanted);
            drop(turn);
            picture
        });
        match drawing.await {
            Ok(Ok(picture)) => {
                self.counts.drawn.add(1);
                if let Some(tick) = tick {
                    self.kept.lock().unwrap_or_else(PoisonError::into_inner).put(tick, wanted, &picture);
                }
                Ok(picture)
            }
            Ok(Err(error)) => {
                self.counts.failed.add(1);
                tracing::error!(%error, panel = wanted.panel.word(), "a picture could not be drawn");
                Err(failed())
            }
            Err(error) => {
                self.counts.failed.add(1);
                tracing::error!(%error, panel = wanted.panel.word(), "drawing a picture broke off");
                Err(failed())
            }
        }
    }
}

/// Makes what is drawn of a frame.
type Make = Box<dyn FnOnce(FloorKind) -> Picture + Send>;

/// Why a picture failed.
#[derive(Debug, thiserror::Error)]
enum PictureError {
    #[error(transparent)]
    Chart(#[from] ChartError),
    #[error("the PNG could not be written: {0}")]
    Png(#[from] png::EncodingError),
}

fn draw(picture: &Picture, wanted: PictureRequest) -> Result<Bytes, PictureError> {
    match wanted.format {
        Format::Svg => Ok(svg::alone(picture, wanted.size, wanted.light, &picture.summary())?.into()),
        Format::Png => {
            let pixels = bitmap::pixels(picture, wanted.size, wanted.scale, wanted.light)?;
            Ok(encoded(&pixels, &picture.summary())?.into())
        }
    }
}

fn encoded(pixels: &bitmap::Pixels, description: &str) -> Result<Vec<u8>, png::EncodingError> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, pixels.width, pixels.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.add_itxt_chunk("Description".to_owned(), description.to_owned())?;
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels.rgb)?;
    writer.finish()?;
    Ok(out)
}

async fn answer(
    State(pictures): State<Pictures>,
    Path(file): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let wanted = PictureRequest::read(&file, &query)?;
    // What is drawn, as of when, and whether that is the live view's tick.
    let (make, as_of, tick): (Make, Moment, Option<Moment>) = match wanted.panel {
        Panel::Live(panel) => {
            let frame = pictures.source.frame().await?;
            let as_of = frame.as_of;
            (Box::new(move |floor| Picture::of(&frame, panel, floor)), as_of, Some(as_of))
        }
        Panel::Daily(panel, date) => {
            let frame = pictures.past.day(date).await?;
            let as_of = frame.as_of;
            (Box::new(move |floor| picture::of_day(&frame, panel, floor)), as_of, None)
        }
        Panel::Trend(panel, days) => {
            let frame = pictures.past.days(days).await?;
            let as_of = frame.as_of;
            (Box::new(move |floor| picture::of_days(&frame, panel, floor)), as_of, None)
        }
    };
    // An address shows one thing as of one instant.
    let tag = format!("\"{}\"", as_of.micros());
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let always = [(CACHE_CONTROL, "no-cache".to_owned()), (ETAG, tag.clone())];
    if known.is_some_and(|known| known.split(',').any(|each| each.trim().trim_start_matches("W/") == tag)) {
        return Ok((StatusCode::NOT_MODIFIED, always).into_response());
    }
    let body = pictures.get(tick, wanted, make).await?;
    let name = format!("inline; filename=\"ringside-{file}\"");
    let kind = wanted.format.content_type().to_owned();
    Ok((always, [(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, name)], body).into_response())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use app::view::daily::DailyFrame;
    use app::view::live::LiveFrame;
    use app::view::live::{Panels, Site, Status};
    use app::view::trend::TrendFrame;
    use app::view::{PanelId, Table};
    use axum::body::{Body, to_bytes};
    use axum::http::{HeaderName, Request};
    use chrono::NaiveDate;
    use futures_util::future::BoxFuture;
    use tower::ServiceExt;

    fn frame(at: i64) -> Arc<LiveFrame> {
        Arc::new(LiveFrame {
            as_of: Moment::from_secs(at),
            newest_event: None,
            site: Site { zone: "UTC".into(), utc_offset_s: 0 },
            status: Status::default(),
            strip: Table::default(),
            panels: Panels::default(),
        })
    }

    /// A live view that stands still.
    struct Still;

    impl FrameSource for Still {
        fn frame(&self) -> BoxFuture<'static, Result<Arc<LiveFrame>, ApiError>> {
            Box::pin(async { Ok(frame(1)) })
        }
    }

    /// A server without history.
    struct NoPast;

    impl PastSource for NoPast {
        fn day(&self, _date: Option<NaiveDate>) -> BoxFuture<'static, Result<Arc<DailyFrame>, ApiError>> {
            Box::pin(async { Err(ApiError::Busy("no history")) })
        }

        fn days(&self, _days: u32) -> BoxFuture<'static, Result<Arc<TrendFrame>, ApiError>> {
            Box::pin(async { Err(ApiError::Busy("no history")) })
        }
    }

    fn router(metrics: &Metrics) -> Router {
        panel_router(Still, NoPast, FloorKind::Real, metrics)
    }

    async fn ask(router: &Router, uri: &str, headers: &[(HeaderName, &str)]) -> (StatusCode, HeaderMap, Bytes) {
        let mut request = Request::get(uri);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (head, body) = response.into_parts();
        (head.status, head.headers, to_bytes(body, 1 << 24).await.unwrap())
    }

    #[tokio::test]
    async fn every_panel_has_both_pictures_also_without_data() {
        let router = router(&Metrics::default());
        for panel in PanelId::ALL {
            let (status, headers, body) = ask(&router, &format!("/panel/{}.svg?theme=light", panel.word()), &[]).await;
            let text = String::from_utf8(body.to_vec()).unwrap();
            assert_eq!((status, &headers[CONTENT_TYPE]), (StatusCode::OK, &"image/svg+xml".parse().unwrap()));
            assert!(text.contains("1970-01-01 00:00:01 UTC") && text.contains("No "), "{text}");

            let (status, _, body) = ask(&router, &format!("/panel/{}.png?width=300&scale=2", panel.word()), &[]).await;
            let decoded = png::Decoder::new(std::io::Cursor::new(body)).read_info().unwrap();
            assert_eq!((status, decoded.info().size()), (StatusCode::OK, (600, 800)));
        }
    }

    #[tokio::test]
    async fn what_is_asked_wrongly_is_named() {
        let router = router(&Metrics::default());
        for (uri, status, said) in [
            ("/panel/channels.gif", 404, "channels, routes"),
            ("/panel/nothing.svg", 404, "channels, routes"),
            ("/panel/channels.svg?theme=sepia", 400, "sepia"),
            ("/panel/channels.svg?width=239", 400, "240 to 2000"),
            ("/panel/channels.svg?height=tall", 400, "160 to 1200"),
            ("/panel/channels.png?scale=3&width=1920", 400, "pixels"),
            ("/panel/channels.svg?size=3", 400, "`size`"),
            ("/panel/channels.svg?date=2026-11-21", 400, "`date`"),
            ("/panel/volume.svg?date=yesterday", 400, "2026-11-21"),
            ("/panel/errors.svg?days=8", 400, "7, 30, 90"),
        ] {
            let (found, _, body) = ask(&router, uri, &[]).await;
            let body = String::from_utf8(body.to_vec()).unwrap();
            assert!(found.as_u16() == status && body.contains(said), "{uri}: {found} {body}");
        }
    }

    #[tokio::test]
    async fn a_picture_is_drawn_once_a_tick() {
        let metrics = Metrics::default();
        let router = router(&metrics);
        let (_, headers, first) = ask(&router, "/panel/pdd.png", &[]).await;
        let (_, _, second) = ask(&router, "/panel/pdd.png?theme=dark&width=640", &[]).await;
        assert_eq!(first, second);
        let tag = headers[ETAG].to_str().unwrap().to_owned();
        let (status, _, body) = ask(&router, "/panel/pdd.png", &[(IF_NONE_MATCH, &tag)]).await;
        assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0));
        let text = metrics.render().unwrap();
        assert!(text.contains("ringside_pictures_drawn_total 1") && text.contains("ringside_pictures_reused_total 1"));
    }
}
