//! `/panel/{panel}.svg` and `/panel/{panel}.png`: a panel of the live, the daily or the trend view as a picture, for mails,
//! chats and walls.
//!
//! Owns what may be asked for, how many pictures are drawn at once and how long those of the live view are kept: until the
//! board's next tick. What a picture shows is [`app::chart::picture`]'s, the figures are the frame's, in which far-end numbers never
//! occur.

use super::error::ApiError;
use crate::history::{History, TREND_DAYS};
use crate::store::read::Reader;
use crate::telemetry::{Metrics, Reading, Value};
use app::chart::{ChartError, Drawing, Light, Picture, bitmap, svg};
use app::domain::Moment;
use app::ui::FloorKind;
use app::ui::still::picture;
use app::view::daily::DailyFrame;
use app::view::live::LiveFrame;
use app::view::trend::TrendFrame;
use app::view::{DailyPanel, PanelId, TrendPanel};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use chrono::NaiveDate;
use futures_util::future::BoxFuture;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// Narrower or lower than this a panel can't be read; larger than this no screen shows it.
const WIDTHS: RangeInclusive<u32> = 240..=2000;
const HEIGHTS: RangeInclusive<u32> = 160..=1200;
const DEFAULT_SIZE: (u32, u32) = (640, 400);
/// Pixels to a CSS pixel, for dense displays.
const SCALES: RangeInclusive<u32> = 1..=3;
/// Of a PNG: a full screen. While it is drawn each takes 27 bytes, so this is 57 MB.
const MOST_PIXELS: u32 = 1920 * 1100;
/// Pictures drawn at once. One keeps memory and the processor for the calls; it takes milliseconds.
const DRAWN_AT_ONCE: usize = 1;
/// Requests that may wait for their picture: each holds a connection. More are told to come again.
const MOST_WAITING: usize = 32;
/// Pictures of one tick that are kept, and their bytes.
const MOST_KEPT: usize = 48;
const MOST_KEPT_BYTES: usize = 8 * 1024 * 1024;

/// Where the current frame comes from.
pub trait FrameSource: Send + Sync + 'static {
    fn frame(&self) -> Arc<LiveFrame>;
}

impl<F: Fn() -> Arc<LiveFrame> + Send + Sync + 'static> FrameSource for F {
    fn frame(&self) -> Arc<LiveFrame> {
        self()
    }
}

/// Where the frames of days come from.
pub trait PastSource: Send + Sync + 'static {
    fn day(&self, date: Option<NaiveDate>) -> BoxFuture<'static, Result<Arc<DailyFrame>, ApiError>>;
    fn days(&self, days: u32) -> BoxFuture<'static, Result<Arc<TrendFrame>, ApiError>>;
}

impl<R: Reader> PastSource for History<R> {
    fn day(&self, date: Option<NaiveDate>) -> BoxFuture<'static, Result<Arc<DailyFrame>, ApiError>> {
        let history = self.clone();
        Box::pin(async move { Ok(Self::day(&history, date).await?) })
    }

    fn days(&self, days: u32) -> BoxFuture<'static, Result<Arc<TrendFrame>, ApiError>> {
        let history = self.clone();
        Box::pin(async move { Ok(history.trend(days).await?) })
    }
}

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
    kept: Arc<Mutex<Kept>>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    drawn: AtomicU64,
    reused: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
}

impl Counts {
    fn readings(&self) -> Vec<Reading> {
        let counter = |name, help, count: &AtomicU64| Reading {
            name,
            help,
            value: Value::Counter(count.load(Ordering::Relaxed)),
        };
        vec![
            counter("ringside_pictures_drawn", "Pictures of panels drawn", &self.drawn),
            counter("ringside_pictures_reused", "Pictures answered with one of the same tick", &self.reused),
            counter("ringside_pictures_refused", "Pictures refused because too many waited", &self.refused),
            counter("ringside_pictures_failed", "Pictures that could not be drawn", &self.failed),
        ]
    }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Svg,
    Png,
}

impl Format {
    const fn content_type(self) -> &'static str {
        match self {
            Self::Svg => "image/svg+xml",
            Self::Png => "image/png",
        }
    }
}

/// A panel of one of the views.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Panel {
    Live(PanelId),
    /// Of that day, or of today.
    Daily(DailyPanel, Option<NaiveDate>),
    /// Over so many days.
    Trend(TrendPanel, u32),
}

impl Panel {
    fn from_word(word: &str) -> Option<Self> {
        let live = || PanelId::from_word(word).map(Self::Live);
        let daily = || DailyPanel::from_word(word).map(|panel| Self::Daily(panel, None));
        let trend = || TrendPanel::from_word(word).map(|panel| Self::Trend(panel, DEFAULT_DAYS));
        live().or_else(daily).or_else(trend)
    }

    fn words() -> String {
        let live = PanelId::ALL.iter().map(|panel| panel.word());
        let past = DailyPanel::ALL.iter().map(|panel| panel.word()).chain(TrendPanel::ALL.iter().map(|p| p.word()));
        live.chain(past).collect::<Vec<_>>().join(", ")
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Live(panel) => panel.word(),
            Self::Daily(panel, _) => panel.word(),
            Self::Trend(panel, _) => panel.word(),
        }
    }
}

/// Days of the trend where none are asked for (S04).
const DEFAULT_DAYS: u32 = 30;

/// One picture, as it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wanted {
    panel: Panel,
    format: Format,
    light: Light,
    size: (u32, u32),
    scale: u32,
}

impl Wanted {
    fn read(file: &str, query: &[(String, String)]) -> Result<Self, ApiError> {
        let (panel, format) = named(file)?;
        let mut wanted = Self { panel, format, light: Light::Dark, size: DEFAULT_SIZE, scale: 1 };
        for (name, value) in query {
            match name.as_str() {
                "theme" => wanted.light = light(value)?,
                "width" => wanted.size.0 = number("width", value, &WIDTHS)?,
                "height" => wanted.size.1 = number("height", value, &HEIGHTS)?,
                "scale" => wanted.scale = number("scale", value, &SCALES)?,
                other => match (&mut wanted.panel, other) {
                    (Panel::Daily(_, day), "date") => *day = Some(date(value)?),
                    (Panel::Trend(_, span), "days") => *span = days(value)?,
                    (Panel::Live(_) | Panel::Daily(..) | Panel::Trend(..), _) => {
                        return Err(ApiError::NoMeaning(format!(
                            "`{other}` is no parameter of this picture; there are theme, width, height and scale, and \
                             the day’s `date` or the trend’s `days`"
                        )));
                    }
                },
            }
        }
        let pixels = wanted.size.0 * wanted.size.1 * wanted.scale * wanted.scale;
        match wanted.format {
            Format::Png if pixels > MOST_PIXELS => Err(ApiError::Query {
                parameter: "scale",
                why: format!("width × height × scale² is {pixels} pixels; at most {MOST_PIXELS} are drawn"),
            }),
            Format::Png | Format::Svg => Ok(wanted),
        }
    }
}

fn date(value: &str) -> Result<NaiveDate, ApiError> {
    let why = || format!("`{value}` is no date (like 2026-11-21)");
    value.parse().map_err(|_| ApiError::Query { parameter: "date", why: why() })
}

fn days(value: &str) -> Result<u32, ApiError> {
    let known = value.parse().ok().filter(|days| TREND_DAYS.contains(days));
    known.ok_or_else(|| ApiError::Query { parameter: "days", why: format!("`{value}` is none; there are 7, 30, 90") })
}

fn named(file: &str) -> Result<(Panel, Format), ApiError> {
    let missing =
        || ApiError::NotFound(format!("there are pictures (.svg and .png) of these panels: {}", Panel::words()));
    let (panel, ending) = file.rsplit_once('.').ok_or_else(missing)?;
    let format = match ending {
        "svg" => Format::Svg,
        "png" => Format::Png,
        _ => return Err(missing()),
    };
    Ok((Panel::from_word(panel).ok_or_else(missing)?, format))
}

fn light(value: &str) -> Result<Light, ApiError> {
    match value {
        "dark" => Ok(Light::Dark),
        "light" => Ok(Light::Light),
        other => Err(ApiError::Query { parameter: "theme", why: format!("`{other}` is neither dark nor light") }),
    }
}

fn number(parameter: &'static str, value: &str, range: &RangeInclusive<u32>) -> Result<u32, ApiError> {
    let number = value.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| ApiError::Query {
        parameter,
        why: format!("`{value}` is no whole number from {} to {}", range.start(), range.end()),
    })
}

/// The pictures of one tick.
#[derive(Debug, Default)]
struct Kept {
    as_of: Moment,
    pictures: Vec<(Wanted, Bytes)>,
    bytes: usize,
}

impl Kept {
    fn get(&self, as_of: Moment, wanted: &Wanted) -> Option<Bytes> {
        let mut of_this_tick = self.pictures.iter().filter(|_| self.as_of == as_of);
        of_this_tick.find(|(kept, _)| kept == wanted).map(|(_, picture)| picture.clone())
    }

    /// Pictures of an older tick go; where there is no room the new one is not kept.
    fn put(&mut self, as_of: Moment, wanted: Wanted, picture: &Bytes) {
        if as_of > self.as_of {
            *self = Self { as_of, ..Self::default() };
        }
        let fits = self.pictures.len() < MOST_KEPT && self.bytes + picture.len() <= MOST_KEPT_BYTES;
        if self.as_of == as_of && fits {
            self.bytes += picture.len();
            self.pictures.push((wanted, picture.clone()));
        }
    }
}

impl Pictures {
    fn kept(&self, as_of: Moment, wanted: &Wanted) -> Option<Bytes> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(as_of, wanted);
        if kept.is_some() {
            count(&self.counts.reused);
        }
        kept
    }

    /// `tick` is that of the live view's pictures: they are kept until the next.
    async fn get(&self, tick: Option<Moment>, wanted: Wanted, make: Make) -> Result<Bytes, ApiError> {
        let kept = || tick.and_then(|tick| self.kept(tick, &wanted));
        if let Some(picture) = kept() {
            return Ok(picture);
        }
        let Ok(_place) = self.waiting.try_acquire() else {
            count(&self.counts.refused);
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
                count(&self.counts.drawn);
                if let Some(tick) = tick {
                    self.kept.lock().unwrap_or_else(PoisonError::into_inner).put(tick, wanted, &picture);
                }
                Ok(picture)
            }
            Ok(Err(error)) => {
                count(&self.counts.failed);
                tracing::error!(%error, panel = wanted.panel.word(), "a picture could not be drawn");
                Err(failed())
            }
            Err(error) => {
                count(&self.counts.failed);
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

fn draw(picture: &Picture, wanted: Wanted) -> Result<Bytes, PictureError> {
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
    let wanted = Wanted::read(&file, &query)?;
    // What is drawn, as of when, and whether that is the live view's tick.
    let (make, as_of, tick): (Make, Moment, Option<Moment>) = match wanted.panel {
        Panel::Live(panel) => {
            let frame = pictures.source.frame();
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
    use app::kpi::Band;
    use app::view::Table;
    use app::view::live::{Panels, Site, Status};
    use axum::body::{Body, to_bytes};
    use axum::http::{HeaderName, Request};
    use tower::ServiceExt;

    fn frame(at: i64) -> Arc<LiveFrame> {
        Arc::new(LiveFrame {
            as_of: Moment::from_secs(at),
            newest_event: None,
            site: Site { zone: "UTC".into(), utc_offset_s: 0 },
            status: Status { band: Band::None, since: None, clauses: vec![], more: 0 },
            strip: Table::default(),
            panels: Panels::default(),
        })
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
        panel_router(|| frame(1), NoPast, FloorKind::Real, metrics)
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

    #[test]
    fn pictures_of_an_older_tick_go_and_room_is_bounded() {
        let wanted = |width| Wanted::read("pdd.svg", &[("width".to_owned(), format!("{width}"))]).unwrap();
        let (mut kept, at) = (Kept::default(), Moment::from_secs);
        for width in 300..400 {
            kept.put(at(1), wanted(width), &Bytes::from_static(b"x"));
        }
        assert_eq!((kept.pictures.len(), kept.get(at(1), &wanted(300)).is_some()), (MOST_KEPT, true));
        kept.put(at(2), wanted(300), &Bytes::from_static(b"y"));
        assert_eq!((kept.pictures.len(), kept.bytes, kept.get(at(1), &wanted(300))), (1, 1, None));
        kept.put(at(1), wanted(301), &Bytes::from_static(b"z"));
        assert_eq!(kept.pictures.len(), 1, "a late one of an older tick is not kept");
    }
}
