//! Drawings of pages that only the server renders: SVG in three widths, of which the style shows the one that fits.

use crate::chart::{CourseData, Drawing, StripData, svg};
use leptos::prelude::*;

/// Widths in CSS pixels, each with its class; the style changes between them at 380 and 500 px.
const WIDTHS: [(&str, u32); 3] = [("wide", 590), ("middle", 430), ("narrow", 334)];
/// All of a panel, and as one of two.
const WHOLE: u32 = 232;
const HALF: u32 = 114;

pub fn course(data: &CourseData) -> AnyView {
    drawing(data, WHOLE)
}

/// One over the other.
pub fn courses(all: &[CourseData]) -> AnyView {
    let height = if all.len() > 1 { HALF } else { WHOLE };
    all.iter().map(|data| drawing(data, height)).collect_view().into_any()
}

pub fn strips(data: &StripData) -> AnyView {
    drawing(data, WHOLE)
}

fn drawing<D: Drawing>(data: &D, height: u32) -> AnyView {
    // A drawing never fails on its data; without one the words for it are still there.
    let drawn = |(class, width)| {
        let picture = svg::in_page(data, (width, height)).unwrap_or_default();
        view! { <div class=class inner_html=picture></div> }
    };
    view! {
        <div class="course" role="img" aria-label=data.summary()>
            {WIDTHS.map(drawn).collect_view()}
        </div>
    }
    .into_any()
}
