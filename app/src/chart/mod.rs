//! Drawings: one file each, generic over plotters' backend, so that the browser's canvas, the first paint's SVG and the
//! pictures of `/panel/…` come from the same function.
//!
//! Owns shapes, never figures: data comes ready from the frames of [`crate::view`] by small pure functions (`of`), and
//! colours come from [`theme`], which a test keeps equal to `style/tokens.css`. Drawings use plotters' elements, not
//! its chart builder: that measures text, which in a browser costs a reflow. Nothing here reads a clock.
//!
//! Each drawing along a line of time also tells its [`scales`], so that one overlay can answer for all of them.
//!
//! To show a drawing on a page use [`crate::ui::parts::chart`].

#[cfg(all(feature = "ssr", not(feature = "hydrate")))]
pub mod bitmap;
#[cfg(feature = "hydrate")]
pub mod canvas;
#[cfg(all(feature = "ssr", not(feature = "hydrate")))]
pub mod svg;

pub mod area;
pub mod bars;
pub mod course;
pub mod deeds;
pub mod gauge;
pub mod lines;
mod pen;
pub mod picture;
pub mod ring;
pub mod rows;
pub mod scales;
pub mod series;
pub mod spark;
pub mod stacked;
pub mod strip;
pub mod table;
pub mod theme;
pub mod tiles;

pub use area::AreaData;
pub use bars::BarsData;
pub use course::CourseData;
pub use deeds::Deed;
pub use gauge::GaugeData;
pub use lines::LinesData;
pub use picture::Picture;
pub use ring::RingData;
pub use scales::Scales;
pub use spark::SparkData;
pub use stacked::StackedData;
pub use strip::StripData;
pub use table::TableData;
pub use theme::{Ink, Light, Medium, Theme};
pub use tiles::TilesData;

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind};
use plotters::prelude::DrawingBackend;

/// What one drawing shows, and how.
pub trait Drawing: Clone + PartialEq + Send + Sync + 'static {
    /// How its first paint, drawn before the box's size is known, is fitted into the box.
    const FIT: Fit;
    /// Whether it is along a line of time, and so tells its scales.
    const ALONG_TIME: bool = false;
    /// Whether it has series that can be shown alone.
    const BY_NAME: bool = false;

    /// # Errors
    /// If the backend fails; data never is a reason.
    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, theme: &Theme) -> Result<(), ChartError>;

    /// The picture in words, for those who do not see it: "rising, now 172 of 200, 86 %".
    fn summary(&self) -> String;

    /// What stands where in a box of that width and height; nothing of a drawing that has no line of time.
    fn scales(&self, _size: (f64, f64)) -> Option<Scales> {
        None
    }

    /// The series that can be shown alone, by the alphabet.
    fn names(&self) -> Vec<(String, Ink)> {
        Vec::new()
    }

    /// With that series only; as it is where there is none of that name.
    #[must_use]
    fn alone(&self, _name: &str) -> Self {
        self.clone()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// Bars and lines without text follow the box, so that they stand beside their HTML cells.
    Stretch,
    /// What holds text keeps its proportions.
    Keep,
}

/// Whether names and values are part of the picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Labels {
    /// The picture stands alone.
    #[default]
    Inside,
    /// HTML cells stand beside it.
    None,
}

/// Why a picture was not drawn.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    #[error("the picture could not be drawn: {0}")]
    Backend(String),
    #[error("the picture's font could not be read")]
    Font,
}

impl<E: std::error::Error + Send + Sync> From<DrawingAreaErrorKind<E>> for ChartError {
    fn from(error: DrawingAreaErrorKind<E>) -> Self {
        Self::Backend(error.to_string())
    }
}

#[cfg(all(test, feature = "ssr", not(feature = "hydrate")))]
mod tests;
