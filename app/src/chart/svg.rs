//! A drawing as SVG: inside a page, where the style colours it, or as a file of its own.

use super::theme::{Ink, Light, Medium, Theme};
use super::{ChartError, Drawing, Fit};
use plotters::backend::SVGBackend;
use plotters::drawing::IntoDrawingArea;

/// For a page: as large as the box around it, in the colours of the page.
///
/// `size` in CSS pixels is what the box is likely to have.
///
/// # Errors
/// If the drawing fails.
pub fn in_page<D: Drawing>(drawing: &D, size: (u32, u32)) -> Result<String, ChartError> {
    let theme = Theme::new(Light::OfThePage, Medium::Svg);
    let body = coloured(body(drawing, size, &theme)?);
    let (width, height) = in_units(size, &theme);
    let fit = match D::FIT {
        Fit::Stretch => "none",
        Fit::Keep => "xMidYMid meet",
    };
    Ok(format!("<svg viewBox=\"0 0 {width} {height}\" preserveAspectRatio=\"{fit}\" aria-hidden=\"true\">{body}</svg>"))
}

/// As a file: `title` is read out in its place.
///
/// # Errors
/// If the drawing fails.
pub fn alone<D: Drawing>(drawing: &D, size: (u32, u32), light: Light, title: &str) -> Result<String, ChartError> {
    let theme = Theme::new(light, Medium::Svg);
    let body = body(drawing, size, &theme)?;
    let (width, height) = in_units(size, &theme);
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\"><title>{title}</title>\n{body}</svg>\n",
        size.0, size.1
    ))
}

fn in_units((width, height): (u32, u32), theme: &Theme) -> (u32, u32) {
    (width.saturating_mul(theme.units), height.saturating_mul(theme.units))
}

/// What is between the tags that plotters puts around it.
fn body<D: Drawing>(drawing: &D, size: (u32, u32), theme: &Theme) -> Result<String, ChartError> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, in_units(size, theme)).into_drawing_area();
        drawing.draw(&area, theme)?;
        area.present()?;
    }
    let inside = text.split_once('>').map_or("", |(_, rest)| rest);
    let inside = inside.rsplit_once("</svg>").map_or(inside, |(body, _)| body);
    // Attributes only: within text plotters writes quotes as entities.
    Ok(inside.replace(" opacity=\"1\"", "").replace("font-weight=\"bold\"", "font-weight=\"600\"").trim().to_owned())
}

/// Colour codes become the names of their tokens.
fn coloured(mut body: String) -> String {
    for ink in Ink::ALL {
        let code = format!("=\"#{:06X}\"", ink.code());
        if body.contains(&code) {
            body = body.replace(&code, &format!("=\"var({})\"", ink.token()));
        }
    }
    body
}
