//! The read path: figures by key and over time, frames of the past, what the present is compared with. Questions in, typed
//! answers out; it knows nothing of HTTP.
//!
//! Reads the store's sums, and asks the live state for what is of now. `sums` finds facts of any window, `kpi` makes
//! figures of them, `series` points over time, `page` orders rows and cuts them. `history` keeps the frames of the daily and
//! the trend view, which `daily` and `trend` make; `replay` is the live view of a past moment; `baselines` is what figures
//! are compared with; `cost` divides months' amounts.

pub mod baselines;
pub mod cost;
pub mod daily;
pub mod history;
pub mod kpi;
mod leading;
mod marks;
pub mod names;
pub mod page;
/// The same board on a past moment.
pub mod replay;
pub mod series;
pub mod sums;
pub mod trend;

use crate::live::{LiveHandle, Stopped};
use crate::store::StoreError;
use crate::store::read::Reader;
use app::domain::Dimension;
use app::kpi::KpiId;
use chrono_tz::Tz;

/// What figures are read of. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Figures<R> {
    pub(crate) reader: R,
    pub(crate) live: LiveHandle,
    /// The site's, by which days begin.
    pub(crate) zone: Tz,
}

impl<R: Reader> Figures<R> {
    #[must_use]
    pub fn new(reader: R, live: LiveHandle, zone: Tz) -> Self {
        Self { reader, live, zone }
    }
}

/// Why there is no figure.
#[derive(Debug, thiserror::Error)]
pub enum FiguresError {
    /// The combination has no meaning, or is too much at once.
    #[error("{0}")]
    NoMeaning(String),
    #[error("is not before `to`")]
    NotBefore,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

impl FiguresError {
    fn not_by(kpi: KpiId, by: Dimension) -> Self {
        let kpi = kpi.get();
        let there: Vec<&str> = kpi.dimensions.iter().map(|d| d.word()).collect();
        Self::NoMeaning(format!("`{}` has no meaning by {}; it is there by {}", kpi.id, by.word(), there.join(", ")))
    }
}
