//! Samples of trunks and components as they are kept, and as the live state is told of them.

use super::change::{Change, Sample};
use app::domain::{Moment, SourceId};
use smol_str::SmolStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SampleKind {
    Channels,
    Trunk,
    Health,
    Metric,
}

impl SampleKind {
    pub const ALL: [Self; 4] = [Self::Channels, Self::Trunk, Self::Health, Self::Metric];

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Channels => "channels",
            Self::Trunk => "trunk",
            Self::Health => "health",
            Self::Metric => "metric",
        }
    }
}

/// Which sample: one of its kind, name and source at one instant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SampleKey {
    pub kind: SampleKind,
    /// The trunk or the component.
    pub name: SmolStr,
    /// The metric's name, else empty.
    pub part: SmolStr,
    pub source: SourceId,
    pub at: Moment,
}

/// A sample that is kept and can't be read.
#[derive(Debug, thiserror::Error)]
#[error("a sample: {0}")]
pub struct Unreadable(#[from] serde_json::Error);

/// Tells the live state of samples as they are kept.
///
/// # Errors
/// If one can't be read.
pub(crate) fn tell(change: &mut Change, samples: &[(SampleKey, String)]) -> Result<(), Unreadable> {
    for (SampleKey { kind, source, at, .. }, json) in samples {
        let (source, at) = (source.clone(), *at);
        match kind {
            SampleKind::Channels => {
                change.channels.push(Sample { at, source, body: serde_json::from_str(json)? });
            }
            SampleKind::Trunk => {
                change.trunks.push(Sample { at, source, body: serde_json::from_str(json)? });
            }
            SampleKind::Health => {
                change.health.push(Sample { at, source, body: serde_json::from_str(json)? });
            }
            SampleKind::Metric => {
                change.metrics.push(Sample { at, source, body: serde_json::from_str(json)? });
            }
        }
    }
    Ok(())
}
