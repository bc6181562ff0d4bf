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

/// `data` is what is drawn, anew whenever it changes. `size` is what the box is likely to have, in CSS pixels: the first
/// paint is drawn for it and fitted into whatever the box has.
#[component]
pub fn Chart<D: Drawing>(data: Memo<D>, size: (u32, u32)) -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    #[cfg(feature = "hydrate")]
    browser::keep_drawn(canvas, std::rc::Rc::new(move |target| data.with(|drawing| target.draw(drawing))));
    place(canvas, Box::new(move || data.with(D::summary)), first_paint(data, size))
}

/// The elements, once for all kinds of drawings: each copy would cost every viewer its bytes.
fn place(canvas: NodeRef<html::Canvas>, summary: Box<dyn Fn() -> String + Send>, first: String) -> AnyView {
    view! {
        <div class="chart" role="img" aria-label=summary>
            <div class="chart-first" inner_html=first></div>
            <canvas node_ref=canvas></canvas>
        </div>
    }
    .into_any()
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
    use crate::chart::ChartError;
    use crate::chart::canvas::Target;
    use leptos::html;
    use leptos::prelude::*;
    use std::rc::Rc;
    use web_sys::HtmlCanvasElement;

    /// Draws whatever it is on a canvas, and follows its data.
    pub(super) type Draw = Rc<dyn Fn(&Target) -> Result<(), ChartError>>;

    pub(super) fn keep_drawn(canvas: NodeRef<html::Canvas>, draw: Draw) {
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
            match Target::prepared(&canvas, size, seen.density(), seen.light).and_then(|target| draw(&target)) {
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
