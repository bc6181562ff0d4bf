//! A drawing on a page: SVG at first paint, a canvas once the page is awake; the same function draws both.
//!
//! Owns when to draw: when the data changed, the box or the light did, and never while nobody can see it. The box is
//! the panel's business: the chart fills it. Use it so:
//!
//! ```ignore
//! let area = Memo::new(move |_| AreaData::of(&panel.get(), &site.get(), Labels::Inside));
//! view! { <div class="channels-area"><Chart data=area size=(430, 180) /></div> }
//! ```

use crate::chart::Drawing;
use leptos::html;
use leptos::prelude::*;

/// `data` is what is drawn, anew whenever it changes. `size` is what the box is likely to have,
/// in CSS pixels: the first paint is drawn for it and fitted into whatever the box has.
#[component]
pub fn Chart<D: Drawing>(data: Memo<D>, size: (u32, u32)) -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    #[cfg(feature = "hydrate")]
    browser::keep_drawn(canvas, data);
    view! {
        <div class="chart" role="img" aria-label=move || data.with(D::summary)>
            <div class="chart-first" inner_html=first_paint(data, size)></div>
            <canvas node_ref=canvas></canvas>
        </div>
    }
}

/// The server draws it; hydration leaves what it finds as it is.
#[cfg(all(feature = "ssr", not(feature = "hydrate")))]
fn first_paint<D: Drawing>(data: Memo<D>, size: (u32, u32)) -> String {
    // A drawing never fails on its data; without it the place stays empty until the canvas is there.
    data.with_untracked(|drawing| crate::chart::svg::in_page(drawing, size).unwrap_or_default())
}

#[cfg(not(all(feature = "ssr", not(feature = "hydrate"))))]
fn first_paint<D: Drawing>(_data: Memo<D>, _size: (u32, u32)) -> String {
    String::new()
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::super::screen::{Screen, SizeWatch};
    use crate::chart::{Drawing, canvas as on_canvas};
    use leptos::html;
    use leptos::prelude::*;
    use web_sys::HtmlCanvasElement;

    pub(super) fn keep_drawn<D: Drawing>(canvas: NodeRef<html::Canvas>, data: Memo<D>) {
        let size = RwSignal::new((0, 0));
        // Dropped, and with it the browser's observer, when the chart leaves the page.
        let watch = StoredValue::new_local(None);
        Effect::new(move |_| {
            if let Some(canvas) = canvas.get() {
                // The observer's last call may come after the chart has gone: then nobody wants the size.
                watch.set_value(SizeWatch::of(&canvas, move |now| {
                    let _ = size.try_set(now);
                }));
            }
        });
        let screen = Screen::shared();
        Effect::new(move |drawn: Option<bool>| {
            let seen = screen.now();
            let drawn = drawn.unwrap_or(false);
            let (Some(canvas), size) = (canvas.get(), size.get()) else { return drawn };
            // Asked before the data: what is hidden does not even follow it.
            if !seen.is_visible() || size.0 == 0 || size.1 == 0 {
                return drawn;
            }
            match data.with(|drawing| on_canvas::redraw(&canvas, drawing, size, seen.density(), seen.light)) {
                Ok(()) if drawn => true,
                Ok(()) => {
                    take_over(&canvas);
                    true
                }
                Err(error) => {
                    leptos::logging::warn!("{error}");
                    drawn
                }
            }
        });
    }

    /// The canvas is there: the first paint is hidden, and its elements go.
    fn take_over(canvas: &HtmlCanvasElement) {
        if let Some(chart) = canvas.parent_element() {
            // Setting an attribute of a valid name does not fail.
            let _ = chart.set_attribute("data-drawn", "");
        }
        if let Some(first) = canvas.previous_element_sibling() {
            first.set_inner_html("");
        }
    }
}
