//! A half ring, filled by the share in use, with the threshold's mark: how near the limit are we?

use super::pen::{Pen, Side, Words};
use super::theme::{Ink, Theme};
use super::{ChartError, Drawing, Fit, Labels};
use crate::kpi::band::Band;
use crate::kpi::catalog::KpiId;
use crate::kpi::format::{count, percent};
use crate::kpi::value::Ratio;
use crate::view::live::ChannelsHead;
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::prelude::DrawingBackend;

#[derive(Debug, Clone, PartialEq)]
pub struct GaugeData {
    pub value: i64,
    /// The limit; without it the ring stays empty.
    pub of: Option<i64>,
    /// Where the bands begin, as shares of the limit.
    pub marks: Vec<f64>,
    pub band: Band,
    pub labels: Labels,
}

impl GaugeData {
    /// Channels in use of those provisioned.
    #[must_use]
    pub fn of(head: &ChannelsHead, labels: Labels) -> Self {
        let bands = KpiId::ChannelUtilisation.get().bands();
        let marks = bands.into_iter().flat_map(|bands| bands.edges()).map(|edge| edge.value()).collect();
        Self { value: head.active, of: head.capacity, marks, band: head.band, labels }
    }

    fn share(&self) -> Option<f64> {
        Ratio::new(self.value, self.of?).value()
    }
}

impl Drawing for GaugeData {
    const FIT: Fit = Fit::Keep;

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, theme: &Theme) -> Result<(), ChartError> {
        draw(area, self, theme)
    }

    fn summary(&self) -> String {
        let value = count(self.value);
        match self.of {
            Some(of) => {
                let share = percent(Ratio::new(self.value, of), 0, KpiId::ChannelUtilisation.get().bands());
                format!("{value} of {}, {share}", count(of))
            }
            None => format!("{value}, the limit is not known"),
        }
    }
}

/// # Errors
/// If the backend fails.
pub fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    data: &GaugeData,
    theme: &Theme,
) -> Result<(), ChartError> {
    let pen = Pen::new(area, theme);
    let whole = pen.whole();
    // The mark stands out of the ring by this much.
    let edge = 4.0_f64.min(whole.width / 8.0);
    let outer = (whole.width / 2.0 - edge).min(whole.height - edge).max(0.5);
    let ring = (outer * 0.85, outer);
    let centre = (whole.width / 2.0, (whole.height + outer - edge).min(whole.height * 2.0) / 2.0 + edge / 2.0);
    pen.arc(centre, ring, (0.0, 1.0), Ink::Grid)?;
    if let Some(share) = data.share() {
        let ink = match data.band {
            Band::None | Band::TooFew | Band::NoBaseline | Band::Ok | Band::Unjudged => Ink::Series1,
            Band::Warn => Ink::WarnFill,
            Band::Critical => Ink::CritFill,
        };
        pen.arc(centre, ring, (0.0, share.clamp(0.0, 1.0)), ink)?;
        for mark in &data.marks {
            let half = 1.0 / (std::f64::consts::PI * outer);
            pen.arc(centre, (ring.0 - edge, ring.1 + edge), (mark - half, mark + half), Ink::Text)?;
        }
    }
    match data.labels {
        Labels::None => Ok(()),
        Labels::Inside => {
            let size = (outer * 0.44).min(44.0);
            pen.words(
                &count(data.value),
                (centre.0, centre.1 - size * 0.42),
                Words::new(size, Ink::Text).firm().side(Side::Centre),
            )
        }
    }
}
