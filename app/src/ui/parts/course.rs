//! Drawings of reports: at first paint SVG in three widths, of which the style shows the one that fits; then a canvas.

use super::chart::{Sketch, drawing_of_widths};
use leptos::prelude::*;

/// Widths in CSS pixels, each with its class; the style changes between them at 380 and 500 px.
const WIDTHS: [(&str, u32); 3] = [("wide", 590), ("middle", 430), ("narrow", 334)];

/// How much of a panel a drawing takes: the style has the heights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    Whole,
    /// One of two, one over the other.
    Half,
}

impl Share {
    const fn height(self) -> u32 {
        match self {
            Self::Whole => 232,
            Self::Half => 114,
        }
    }
}

pub fn course(data: impl Fn() -> Sketch + Send + Sync + 'static, share: Share) -> AnyView {
    let class = match share {
        Share::Whole => "course",
        Share::Half => "course half",
    };
    let sizes = WIDTHS.map(|(class, width)| (class, (width, share.height())));
    view! { <div class=class>{drawing_of_widths(data, &sizes)}</div> }.into_any()
}
