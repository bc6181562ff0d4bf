//! Which picture: of which panel, as what, how large, in which light.

use crate::figures::history::DEFAULT_TREND_DAYS;
use crate::http::error::ApiError;
use crate::http::query::{date, days};
use app::chart::Light;
use app::view::{DailyPanel, PanelId, TrendPanel};
use chrono::NaiveDate;
use std::ops::RangeInclusive;

/// Narrower or lower than this a panel can't be read; larger than this no screen shows it.
pub const WIDTHS: RangeInclusive<u32> = 240..=2000;
pub const HEIGHTS: RangeInclusive<u32> = 160..=1200;
pub const DEFAULT_SIZE: (u32, u32) = (640, 400);
/// Pixels to a CSS pixel, for dense displays.
pub const SCALES: RangeInclusive<u32> = 1..=3;
/// Of a PNG: a full screen. While it is drawn each takes 27 bytes, so this is 57 MB.
const MOST_PIXELS: u32 = 1920 * 1100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Svg,
    Png,
}

impl Format {
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Svg => "image/svg+xml",
            Self::Png => "image/png",
        }
    }
}

/// A panel of one of the views.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Panel {
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
        let trend = || TrendPanel::from_word(word).map(|panel| Self::Trend(panel, DEFAULT_TREND_DAYS));
        live().or_else(daily).or_else(trend)
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Live(panel) => panel.word(),
            Self::Daily(panel, _) => panel.word(),
            Self::Trend(panel, _) => panel.word(),
        }
    }
}

/// The panels that there are pictures of.
#[must_use]
pub fn panels() -> Vec<&'static str> {
    let live = PanelId::ALL.iter().map(|panel| panel.word());
    let past = DailyPanel::ALL.iter().map(|panel| panel.word()).chain(TrendPanel::ALL.iter().map(|p| p.word()));
    live.chain(past).collect()
}

/// One picture, as it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PictureRequest {
    pub(super) panel: Panel,
    pub(super) format: Format,
    pub(super) light: Light,
    pub(super) size: (u32, u32),
    pub(super) scale: u32,
}

impl PictureRequest {
    /// # Errors
    /// Names what is not there, or can't be.
    pub(crate) fn read(file: &str, query: &[(String, String)]) -> Result<Self, ApiError> {
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

fn named(file: &str) -> Result<(Panel, Format), ApiError> {
    let missing =
        || ApiError::NotFound(format!("there are pictures (.svg and .png) of these panels: {}", panels().join(", ")));
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
