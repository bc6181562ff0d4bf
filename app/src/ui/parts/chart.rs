//! A drawing on a page: SVG at first paint, a canvas once the page is awake; the same function draws both.
//!
//! Owns when to draw: when the data changed, the box or the light did, and never while nobody can see it. The box is
//! the panel's business: the chart fills it. What is along a line of time answers for each of its moments where the page
//! has a [`super::crosshair`], and of several lines each can be shown alone. Use it so:
//!
//! ```ignore
//! let area = move || Sketch::Area(AreaData::of(&panel.get(), &site.get(), Labels::Inside));
//! view! { <div class="channels-area">{drawing(area, (430, 180))}</div> }
//! ```

use super::crosshair;
use crate::chart::{
    AreaData, BarsData, CourseData, Drawing, GaugeData, Ink, LinesData, RingData, Scales, SparkData, StackedData,
    StripData,
};
use leptos::html;
use leptos::prelude::*;

/// Any drawing of a page. One type for all of them: each type of signal and view costs every browser its download.
#[derive(Debug, Clone, PartialEq)]
pub enum Sketch {
    Gauge(GaugeData),
    Area(AreaData),
    Spark(SparkData),
    Bars(BarsData),
    Stacked(StackedData),
    Lines(LinesData),
    Ring(RingData),
    Course(CourseData),
    Strip(StripData),
}

macro_rules! of_each {
    ($sketch:expr, $drawing:ident => $what:expr) => {
        match $sketch {
            Sketch::Gauge($drawing) => $what,
            Sketch::Area($drawing) => $what,
            Sketch::Spark($drawing) => $what,
            Sketch::Bars($drawing) => $what,
            Sketch::Stacked($drawing) => $what,
            Sketch::Lines($drawing) => $what,
            Sketch::Ring($drawing) => $what,
            Sketch::Course($drawing) => $what,
            Sketch::Strip($drawing) => $what,
        }
    };
}

impl Sketch {
    fn is_along_time(&self) -> bool {
        of_each!(self, drawing => along_time(drawing))
    }

    fn is_by_name(&self) -> bool {
        of_each!(self, drawing => by_name(drawing))
    }

    fn scales(&self, size: (f64, f64)) -> Option<Scales> {
        of_each!(self, drawing => drawing.scales(size))
    }

    fn names(&self) -> Vec<(String, Ink)> {
        of_each!(self, drawing => drawing.names())
    }

    fn alone(&self, name: &str) -> Self {
        match self {
            Self::Gauge(drawing) => Self::Gauge(drawing.alone(name)),
            Self::Area(drawing) => Self::Area(drawing.alone(name)),
            Self::Spark(drawing) => Self::Spark(drawing.alone(name)),
            Self::Bars(drawing) => Self::Bars(drawing.alone(name)),
            Self::Stacked(drawing) => Self::Stacked(drawing.alone(name)),
            Self::Lines(drawing) => Self::Lines(drawing.alone(name)),
            Self::Ring(drawing) => Self::Ring(drawing.alone(name)),
            Self::Course(drawing) => Self::Course(drawing.alone(name)),
            Self::Strip(drawing) => Self::Strip(drawing.alone(name)),
        }
    }
}

fn along_time<D: Drawing>(_: &D) -> bool {
    D::ALONG_TIME
}

fn by_name<D: Drawing>(_: &D) -> bool {
    D::BY_NAME
}

/// `data` is what is drawn, anew whenever it changes. `size` is what the box is likely to have, in CSS pixels: the first
/// paint is drawn for it and fitted into whatever the box has.
pub fn drawing(data: impl Fn() -> Sketch + Send + Sync + 'static, size: (u32, u32)) -> AnyView {
    chart(Box::new(data), &|sketch| first_paint(sketch, size))
}

/// The same with a first paint for each of several sizes of the box, by the class that the style shows it by.
pub fn drawing_of_widths(data: impl Fn() -> Sketch + Send + Sync + 'static, sizes: &[(&str, (u32, u32))]) -> AnyView {
    let of = |sketch: &Sketch, (class, size): &(&str, (u32, u32))| {
        format!("<div class=\"{class}\">{}</div>", first_paint(sketch, *size))
    };
    chart(Box::new(data), &|sketch| match cfg!(feature = "hydrate") {
        true => String::new(),
        false => sizes.iter().map(|each| of(sketch, each)).collect(),
    })
}

fn chart(data: Box<dyn Fn() -> Sketch + Send + Sync>, first: &dyn Fn(&Sketch) -> String) -> AnyView {
    let whole = Memo::new(move |_| data());
    let (is_along_time, is_by_name) = whole.with_untracked(|sketch| (sketch.is_along_time(), sketch.is_by_name()));
    let alone = RwSignal::new(None::<String>);
    let data = if is_by_name {
        let of_it = move |sketch: &Sketch| alone.with(|name| name.as_ref().map(|name| sketch.alone(name)));
        Memo::new(move |_| whole.with(|sketch| of_it(sketch).unwrap_or_else(|| sketch.clone())))
    } else {
        whole
    };
    let canvas = NodeRef::<html::Canvas>::new();
    // What the box has; nothing before the browser has said it.
    let room = RwSignal::new((0, 0));
    #[cfg(feature = "hydrate")]
    browser::keep_drawn(
        canvas,
        room,
        std::rc::Rc::new(move |target| data.with(|sketch| of_each!(sketch, drawing => target.draw(drawing)))),
    );
    let summary = move || data.with(|sketch| of_each!(sketch, drawing => drawing.summary()));
    let drawn = place(canvas, Box::new(summary), data.with_untracked(first));
    if !is_along_time {
        return drawn;
    }
    let answers = Memo::new(move |_| {
        let (width, height) = room.get();
        let size = (f64::from(width), f64::from(height));
        (width > 0 && height > 0).then(|| data.with(|sketch| sketch.scales(size))).flatten()
    });
    let listed =
        move || whole.with(|sketch| sketch.names().into_iter().map(|(name, ink)| (name, ink.token())).collect());
    view! {
        <div class="chart-answers">
            {is_by_name.then(|| crosshair::names(listed, alone))}
            <div class="chart-room">{drawn} {crosshair::over(answers)}</div>
        </div>
    }
    .into_any()
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
fn first_paint(sketch: &Sketch, size: (u32, u32)) -> String {
    use crate::chart::svg::in_page;
    // A drawing never fails on its data; without it the place stays empty until the canvas is there.
    of_each!(sketch, drawing => in_page(drawing, size)).unwrap_or_default()
}

#[cfg(not(all(feature = "ssr", not(feature = "hydrate"))))]
fn first_paint(_sketch: &Sketch, _size: (u32, u32)) -> String {
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

    pub(super) fn keep_drawn(canvas: NodeRef<html::Canvas>, size: RwSignal<(u32, u32)>, draw: Draw) {
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
