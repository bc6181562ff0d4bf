//! A drawing on a canvas of the page.
//!
//! plotters' canvas draws; this gives it the finer units of our drawings and puts words where the other media put them.

use super::theme::{Light, Medium, Theme};
use super::{ChartError, Drawing};
use plotters::drawing::IntoDrawingArea;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle,
};
use plotters_canvas::CanvasBackend;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// A canvas that is ready to be drawn on.
#[derive(Debug)]
pub struct Target {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    size: (u32, u32),
    theme: Theme,
}

impl Target {
    /// Empties a canvas that stands `size` CSS pixels large on a screen of `density` pixels to each.
    ///
    /// # Errors
    /// If the browser gives no context to draw with.
    pub fn prepared(
        canvas: &HtmlCanvasElement,
        (width, height): (u32, u32),
        density: f64,
        light: Light,
    ) -> Result<Self, ChartError> {
        let theme = Theme::new(light, Medium::Canvas);
        let pixels = |length: u32| (f64::from(length) * density).round() as u32;
        // Setting the size drops the canvas's memory, even when nothing changes.
        if (canvas.width(), canvas.height()) != (pixels(width), pixels(height)) {
            canvas.set_width(pixels(width));
            canvas.set_height(pixels(height));
        }
        let context = canvas.get_context("2d").ok().flatten().ok_or_else(missing)?;
        let context: CanvasRenderingContext2d = context.dyn_into().map_err(|_| missing())?;
        let to_units = density / f64::from(theme.units);
        context.set_transform(to_units, 0.0, 0.0, to_units, 0.0, 0.0).map_err(|_| missing())?;
        let size = (width * theme.units, height * theme.units);
        context.clear_rect(0.0, 0.0, f64::from(size.0), f64::from(size.1));
        Ok(Self { canvas: canvas.clone(), context, size, theme })
    }

    /// # Errors
    /// If the drawing fails.
    pub fn draw<D: Drawing>(&self, drawing: &D) -> Result<(), ChartError> {
        let inner = CanvasBackend::with_canvas_object(self.canvas.clone()).ok_or_else(missing)?;
        let fine = FineCanvas { inner, context: self.context.clone(), size: self.size };
        drawing.draw(&fine.into_drawing_area(), &self.theme)
    }
}

fn missing() -> ChartError {
    ChartError::Backend("the canvas has no 2d context".to_owned())
}

/// plotters' canvas with our units and our way of placing words.
struct FineCanvas {
    inner: CanvasBackend,
    context: CanvasRenderingContext2d,
    size: (u32, u32),
}

type CanvasError = <CanvasBackend as DrawingBackend>::ErrorType;
type Outcome = Result<(), DrawingErrorKind<CanvasError>>;

impl DrawingBackend for FineCanvas {
    type ErrorType = CanvasError;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Outcome {
        self.inner.ensure_prepared()
    }

    fn present(&mut self) -> Outcome {
        self.inner.present()
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Outcome {
        self.inner.draw_pixel(point, color)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Outcome {
        self.inner.draw_line(from, to, style)
    }

    fn draw_rect<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S, fill: bool) -> Outcome {
        self.inner.draw_rect(from, to, style, fill)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Outcome {
        self.inner.draw_path(path, style)
    }

    fn draw_circle<S: BackendStyle>(&mut self, at: BackendCoord, radius: u32, style: &S, fill: bool) -> Outcome {
        self.inner.draw_circle(at, radius, style, fill)
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Outcome {
        self.inner.fill_polygon(path, style)
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, (x, y): BackendCoord) -> Outcome {
        /// Half the height of Inter's digits, in ems: words stand with it around their place.
        const HALF_DIGIT: f64 = 0.364;
        let weight = match style.style() {
            FontStyle::Bold => 600,
            FontStyle::Normal | FontStyle::Oblique | FontStyle::Italic => 400,
        };
        let side = match style.anchor().h_pos {
            HPos::Left => "left",
            HPos::Center => "center",
            HPos::Right => "right",
        };
        let drop = match style.anchor().v_pos {
            VPos::Top => 2.0 * HALF_DIGIT,
            VPos::Center => HALF_DIGIT,
            VPos::Bottom => 0.0,
        };
        let (r, g, b) = style.color().rgb;
        let context = &self.context;
        context.set_fill_style_str(&format!("rgb({r},{g},{b})"));
        context.set_text_align(side);
        context.set_text_baseline("alphabetic");
        context.set_font(&format!("{weight} {}px {}", style.size() as u32, style.family().as_str()));
        // It fails for no text; were it to, a missing word is no reason to drop the picture.
        let _ = context.fill_text(text, f64::from(x), f64::from(y) + style.size() * drop);
        Ok(())
    }
}
