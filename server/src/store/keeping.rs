//! How long what is kept (kpis.md), the same in every database.

use crate::law::grain::Grain;
use crate::law::samples::SampleKind;
use app::domain::{Dimension, Span};

/// Sums by grain and dimension; those of site days are kept for ever.
pub(super) const ROLLUPS: [(Grain, &[Dimension], Span); 3] = [
    (
        Grain::Minutes5,
        &[Dimension::Total, Dimension::Campaign, Dimension::Route, Dimension::Country, Dimension::Queue],
        Span::days(14),
    ),
    (Grain::Hour, &[Dimension::Did, Dimension::Agent, Dimension::SipCode, Dimension::Component], Span::days(35)),
    (
        Grain::Hour,
        &[Dimension::Total, Dimension::Campaign, Dimension::Route, Dimension::Country, Dimension::Queue],
        Span::days(396),
    ),
];

/// Samples by kind: uptime is told over 30 days, the others feed charts of a week.
pub(super) const SAMPLES: [(&str, Span); 4] =
    [("health", Span::days(35)), ("trunk", Span::days(35)), ("channels", Span::days(8)), ("metric", Span::days(8))];

/// How long samples of a kind are kept.
pub(crate) fn samples(kind: SampleKind) -> Span {
    let kept = SAMPLES.iter().find(|(word, _)| *word == kind.word());
    kept.map_or(Span::ZERO, |(_, kept)| *kept)
}
